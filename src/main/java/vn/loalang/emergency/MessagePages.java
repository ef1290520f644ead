package vn.loalang.emergency;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import vn.loalang.access.Access;
import vn.loalang.access.Deeds;
import vn.loalang.access.Role;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Refusal;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.audio.Recording;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;

/** Quản trị: the ready-made messages. */
@Controller
class MessagePages {
    private static final int MOST_CHOICES = 200;

    private final Messages messages;
    private final Sirens sirens;
    private final Recordings recordings;
    private final PinnedSounds pins;
    private final Audiences audiences;
    private final Stations stations;
    private final Access access;
    private final Deeds deeds;

    MessagePages(
            Messages messages,
            Sirens sirens,
            Recordings recordings,
            PinnedSounds pins,
            Audiences audiences,
            Stations stations,
            Access access,
            Deeds deeds) {
        this.messages = messages;
        this.sirens = sirens;
        this.recordings = recordings;
        this.pins = pins;
        this.audiences = audiences;
        this.stations = stations;
        this.access = access;
        this.deeds = deeds;
    }

    /**
     * A message in the list.
     *
     * @param siren name of its siren, null for none
     * @param length how long one repetition sounds
     * @param missing languages that people want and would not hear
     */
    record Line(ReadyMessage message, @Nullable String siren, Duration length, List<WantedLanguages.Missing> missing) {}

    /** One language as somebody typed it. */
    record Words(String language, String text, String recording) {
        boolean empty() {
            return text.isBlank() && recording.isBlank();
        }
    }

    /** What somebody typed. */
    record Form(
            long id,
            int version,
            String kind,
            String name,
            Map<String, String> fields,
            String risk,
            String defence,
            String siren,
            String repetitions,
            String pause,
            String volume,
            String life,
            List<Words> words) {
        /** The languages in which there are words, each with whether there is a sound, too. */
        Map<String, Boolean> said() {
            return words.stream()
                    .collect(Collectors.toMap(
                            it -> it.language().strip(), it -> !it.recording().isBlank(), Boolean::logicalOr));
        }
    }

    @GetMapping("/admin/emergency-messages")
    String list(Model model, @RequestParam(defaultValue = "false") boolean archived) {
        administrator();
        var names = sirens.all().stream().collect(Collectors.toMap(Siren::id, Siren::name));
        var shown = archived ? messages.archived() : messages.all();
        var lengths = messages.lengths(shown);
        var wanted = audiences.read().wanted();
        var lines = new ArrayList<Line>();
        for (var message : shown) {
            lines.add(new Line(
                    message,
                    message.siren() == null ? null : names.get(message.siren()),
                    Objects.requireNonNull(lengths.get(message.id())),
                    wanted.missing(message.said())));
        }
        model.addAttribute("lines", lines);
        model.addAttribute("archived", archived);
        model.addAttribute("kinds", Kind.values());
        model.addAttribute("pinned", pins.count());
        model.addAttribute("mostPinned", vn.loalang.protocol.Limits.PINS);
        return "emergency/messages";
    }

    @GetMapping("/admin/emergency-messages/new")
    String fresh(Model model, @RequestParam(defaultValue = "ALERT") Kind kind) {
        administrator();
        return form(
                model,
                new Form(
                        0,
                        0,
                        kind.name(),
                        "",
                        Map.of(),
                        "",
                        "",
                        "",
                        kind == Kind.ALERT ? "3" : "2",
                        "3",
                        "100",
                        "60",
                        List.of()));
    }

    @GetMapping("/admin/emergency-messages/{id}")
    String one(Model model, @PathVariable long id) {
        administrator();
        return form(model, typed(find(id)));
    }

    @PostMapping("/admin/emergency-messages/save")
    String save(Model model, @RequestParam MultiValueMap<String, String> sent) {
        administrator();
        var typed = typed(sent);
        try {
            var message = message(typed);
            deeds.run(
                    "emergency.messageSaved",
                    message.name(),
                    message.spoken().stream().map(Spoken::language).collect(Collectors.joining(", ")),
                    () -> messages.save(message));
            return "redirect:/admin/emergency-messages";
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            return form(model, typed);
        }
    }

    @PostMapping("/admin/emergency-messages/{id}/archive")
    String archive(@PathVariable long id) {
        administrator();
        var message = find(id);
        deeds.run("emergency.messageArchived", message.name(), "", () -> messages.archive(message.id()));
        return "redirect:/admin/emergency-messages";
    }

    @PostMapping("/admin/emergency-messages/{id}/restore")
    String restore(Model model, @PathVariable long id) {
        administrator();
        var message = find(id);
        try {
            deeds.run("emergency.messageRestored", message.name(), "", () -> messages.restore(message.id()));
            return "redirect:/admin/emergency-messages";
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            return list(model, true);
        }
    }

    private ReadyMessage find(long id) {
        return messages.find(new MessageId(id)).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    private String form(Model model, Form typed) {
        var rows = new ArrayList<>(typed.words());
        if (rows.size() < ReadyMessage.MOST_LANGUAGES) {
            rows.add(new Words(rows.isEmpty() ? "vi" : "", "", ""));
        }
        model.addAttribute("form", typed);
        model.addAttribute("rows", rows);
        model.addAttribute("missing", audiences.read().wanted().missing(typed.said()));
        model.addAttribute("fields", Bulletin.Field.values());
        model.addAttribute("kinds", Kind.values());
        model.addAttribute("risks", DisasterRiskLevel.values());
        model.addAttribute("defences", CivilDefenceLevel.values());
        model.addAttribute("sirens", sirens.all());
        model.addAttribute("recordings", choices(rows));
        return "emergency/message";
    }

    /** The newest recordings of the library, and those that the message has already. */
    private Map<Long, String> choices(List<Words> rows) {
        var choices = new LinkedHashMap<Long, String>();
        for (var row : rows) {
            if (row.recording().matches("[0-9]{1,18}")) {
                recordings
                        .find(new RecordingId(Long.parseLong(row.recording())))
                        .ifPresent(it -> choices.put(it.id().value(), it.title()));
            }
        }
        var station = new StationId(stations.main().id());
        for (Recording recording : recordings.search(station, "", false, MOST_CHOICES, 0)) {
            choices.putIfAbsent(recording.id().value(), recording.title());
        }
        return choices;
    }

    private static Form typed(ReadyMessage message) {
        var fields = new LinkedHashMap<String, String>();
        for (var field : Bulletin.Field.values()) {
            fields.put(field.name(), message.bulletin().get(field));
        }
        var risk = message.risk();
        var defence = message.defence();
        var siren = message.siren();
        var words = new ArrayList<Words>();
        for (var spoken : message.spoken()) {
            var recording = spoken.recording();
            words.add(new Words(
                    spoken.language(), spoken.text(), recording == null ? "" : Long.toString(recording.value())));
        }
        return new Form(
                message.id().value(),
                message.version(),
                message.kind().name(),
                message.name(),
                fields,
                risk == null ? "" : risk.name(),
                defence == null ? "" : defence.name(),
                siren == null ? "" : Long.toString(siren.value()),
                Integer.toString(message.repetitions()),
                Long.toString(message.gap().toSeconds()),
                Integer.toString(message.volume()),
                Long.toString(message.life().toMinutes()),
                words);
    }

    private static Form typed(MultiValueMap<String, String> sent) {
        var fields = new LinkedHashMap<String, String>();
        for (var field : Bulletin.Field.values()) {
            fields.put(field.name(), first(sent, field.name()));
        }
        var words = new ArrayList<Words>();
        var languages = sent.getOrDefault("language", List.of());
        var texts = sent.getOrDefault("text", List.of());
        var sounds = sent.getOrDefault("recording", List.of());
        for (int i = 0; i < Math.min(languages.size(), 2 * ReadyMessage.MOST_LANGUAGES); i++) {
            var row = new Words(
                    languages.get(i), i < texts.size() ? texts.get(i) : "", i < sounds.size() ? sounds.get(i) : "");
            if (!row.empty()) {
                words.add(row);
            }
        }
        return new Form(
                key(first(sent, "id")),
                (int) key(first(sent, "version")),
                first(sent, "kind"),
                first(sent, "name"),
                fields,
                first(sent, "risk"),
                first(sent, "defence"),
                first(sent, "siren"),
                first(sent, "repetitions"),
                first(sent, "pause"),
                first(sent, "volume"),
                first(sent, "life"),
                words);
    }

    private static ReadyMessage message(Form typed) {
        var fields = new EnumMap<Bulletin.Field, String>(Bulletin.Field.class);
        for (var field : Bulletin.Field.values()) {
            fields.put(field, typed.fields().getOrDefault(field.name(), ""));
        }
        var bulletin = Bulletin.of(fields);
        var spoken = new ArrayList<Spoken>();
        for (var row : typed.words()) {
            spoken.add(new Spoken(
                    row.language(),
                    row.text(),
                    row.recording().isBlank() ? null : new RecordingId(key(row.recording()))));
        }
        return new ReadyMessage(
                new MessageId(typed.id()),
                one(Kind.values(), typed.kind(), "kind"),
                typed.name(),
                bulletin,
                typed.risk().isEmpty() ? null : one(DisasterRiskLevel.values(), typed.risk(), "risk"),
                typed.defence().isEmpty() ? null : one(CivilDefenceLevel.values(), typed.defence(), "defence"),
                spoken,
                typed.siren().isEmpty() ? null : new SirenId(key(typed.siren())),
                SirenPages.number(typed.repetitions(), "repetitions", 1, 20),
                Duration.ofSeconds(SirenPages.number(typed.pause(), "pause", 0, 120)),
                SirenPages.number(typed.volume(), "volume", 10, 100),
                Duration.ofMinutes(SirenPages.number(typed.life(), "life", 1, 360)),
                null,
                typed.version());
    }

    private static <E extends Enum<E>> E one(E[] values, String name, String field) {
        for (var value : values) {
            if (value.name().equals(name)) {
                return value;
            }
        }
        throw new Refusal(field, "emergency.refused.choice");
    }

    private static String first(MultiValueMap<String, String> sent, String name) {
        var value = sent.getFirst(name);
        return value == null ? "" : value;
    }

    private static long key(String typed) {
        if (typed.isEmpty()) {
            return 0;
        }
        if (!typed.matches("[0-9]{1,18}")) {
            throw new ResponseStatusException(HttpStatus.BAD_REQUEST);
        }
        return Long.parseLong(typed);
    }

    private void administrator() {
        access.require(Role.ADMINISTRATOR, AreaPath.ROOT);
    }
}
