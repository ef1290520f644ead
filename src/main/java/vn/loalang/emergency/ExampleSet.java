package vn.loalang.emergency;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Samples;
import vn.loalang.protocol.Step;

/**
 * Sirens and messages to begin with, put once into a database that has never had any: the patterns that Huế has published, and
 * messages in Vietnamese and English with a machine's voice. People put their own in their place.
 */
@Component
class ExampleSet {
    private static final Logger log = LoggerFactory.getLogger(ExampleSet.class);

    /** The words, {@code flood.name=Lũ}: kept beside the code, since they are data that people change, not labels of pages. */
    private static final String WORDS = "emergency/examples.properties";

    private final Sirens sirens;
    private final Messages messages;
    private final SuppliedSounds supplied;
    private final boolean wanted;

    ExampleSet(Sirens sirens, Messages messages, SuppliedSounds supplied, EmergencySettings settings) {
        this.sirens = sirens;
        this.messages = messages;
        this.supplied = supplied;
        this.wanted = settings.examples() && supplied.wanted();
    }

    /** A message of the set; its words stand under its key. */
    private record Example(
            String key,
            Kind kind,
            @Nullable DisasterRiskLevel risk,
            @Nullable CivilDefenceLevel defence,
            @Nullable String siren,
            int repetitions) {}

    private static final List<Example> EXAMPLES = List.of(
            new Example("flood", Kind.ALERT, DisasterRiskLevel.LEVEL_3, null, "flood3", 3),
            new Example("storm", Kind.ALERT, DisasterRiskLevel.LEVEL_3, null, "storm", 3),
            new Example("fire", Kind.ALERT, null, CivilDefenceLevel.LEVEL_1, "urgent", 3),
            new Example("evacuate", Kind.ALERT, DisasterRiskLevel.LEVEL_4, null, "flood2", 2),
            new Example("dyke", Kind.ALERT, DisasterRiskLevel.LEVEL_4, null, "flood3", 3),
            new Example("correction", Kind.CORRECTION, null, null, null, 2),
            new Example("clear", Kind.ALL_CLEAR, null, null, "clear", 1));

    /** Puts the set in if nobody ever had sirens or messages; whether it did. */
    boolean seed() {
        if (!wanted || !sirens.none() || !messages.none()) {
            return false;
        }
        try {
            var words = words();
            var sounds = sounds(words);
            supplied.keep("emergency.examplesAdded", text(words, "title"), () -> put(words, sounds));
            return true;
        } catch (IOException | RuntimeException e) {
            log.error("The example set of sirens and messages could not be stored; people can make their own", e);
            return false;
        }
    }

    private void put(Properties words, Map<String, RecordingId> sounds) {
        var made = new LinkedHashMap<String, SirenId>();
        siren(made, words, "storm", 3, 20, 10, 3, Step.Pattern.WAIL);
        siren(made, words, "flood2", 2, 10, 10, 2, Step.Pattern.WAIL);
        siren(made, words, "flood3", 5, 30, 5, 3, Step.Pattern.WAIL);
        siren(made, words, "urgent", 3, 8, 4, 5, Step.Pattern.YELP);
        siren(made, words, "clear", 1, 20, 0, 2, Step.Pattern.STEADY);
        for (var example : EXAMPLES) {
            messages.save(message(example, words, made, sounds));
        }
    }

    private void siren(
            Map<String, SirenId> made,
            Properties words,
            String key,
            int blasts,
            int on,
            int gap,
            int repeats,
            Step.Pattern tone) {
        var stored = sirens.save(new Siren(
                Sirens.NEW,
                text(words, "siren." + key),
                blasts,
                Duration.ofSeconds(on),
                Duration.ofSeconds(gap),
                repeats,
                tone));
        made.put(key, stored.id());
    }

    private static ReadyMessage message(
            Example example, Properties words, Map<String, SirenId> sirens, Map<String, RecordingId> sounds) {
        var fields = new HashMap<Bulletin.Field, String>();
        for (var field : Bulletin.Field.values()) {
            fields.put(field, words.getProperty(example.key() + "." + field.name(), ""));
        }
        var spoken = new ArrayList<Spoken>();
        for (var language : List.of("vi", "en")) {
            var text = words.getProperty(example.key() + ".text." + language);
            if (text != null) {
                spoken.add(new Spoken(language, text, sounds.get(example.key() + "-" + language)));
            }
        }
        return new ReadyMessage(
                ReadyMessage.NEW,
                example.kind(),
                text(words, example.key() + ".name"),
                Bulletin.of(fields),
                example.risk(),
                example.defence(),
                spoken,
                example.siren() == null ? null : sirens.get(example.siren()),
                example.repetitions(),
                Duration.ofSeconds(3),
                100,
                Duration.ofHours(1),
                null,
                0);
    }

    /** Recordings of the machine's voice that comes with the program, by message and language. */
    private Map<String, RecordingId> sounds(Properties words) throws IOException {
        var sounds = new HashMap<String, RecordingId>();
        for (var example : EXAMPLES) {
            for (var language : List.of("vi", "en")) {
                var key = example.key() + "-" + language;
                var name = "alert-" + key + ".mp3";
                if (Samples.exists(name)) {
                    var title = text(words, example.key() + ".name") + " (" + language + ")";
                    sounds.put(key, supplied.programme(name, title, language).id());
                }
            }
        }
        return sounds;
    }

    private static String text(Properties words, String key) {
        return Objects.requireNonNull(words.getProperty(key), key);
    }

    private static Properties words() throws IOException {
        var words = new Properties();
        try (var in =
                new java.io.InputStreamReader(new ClassPathResource(WORDS).getInputStream(), StandardCharsets.UTF_8)) {
            words.load(in);
        }
        return words;
    }
}
