package vn.loalang.emergency;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.Refusal;
import vn.loalang.audio.Recording;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;
import vn.loalang.delivery.Pins;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Limits;

/** Keeps the pins of all boxes equal to what sirens and messages need, so that an alert needs no audio store. */
@Component
class PinnedSounds {
    private static final Pattern OURS = Pattern.compile("siren-[0-9]+|m[0-9]+-[0-9]+");

    private final Pins pins;
    private final Recordings recordings;
    private final Sirens sirens;

    PinnedSounds(Pins pins, Recordings recordings, Sirens sirens) {
        this.pins = pins;
        this.recordings = recordings;
        this.sirens = sirens;
    }

    /** Name of a siren's pin. */
    static String name(SirenId id) {
        return "siren-" + id.value();
    }

    /** Name of the pin of a message's words in the language at this place. */
    static String name(MessageId id, int position) {
        return "m" + id.value() + "-" + position;
    }

    /**
     * Pins what is needed now and takes away what is not; in the caller's transaction.
     *
     * @param words recordings of all messages in use, by the name of their pin
     * @throws Refusal when these are more than boxes keep
     */
    @Transactional
    void settle(Map<String, RecordingId> words) {
        var wanted = new LinkedHashMap<String, Recording>();
        for (var siren : sirens.all()) {
            sirens.recording(siren.id())
                    .flatMap(recordings::find)
                    .ifPresent(sound -> wanted.put(name(siren.id()), sound));
        }
        words.forEach((name, id) -> recordings.find(id).ifPresent(sound -> wanted.put(name, sound)));
        var there = pins.all();
        var others = there.keySet().stream()
                .filter(name -> !OURS.matcher(name).matches())
                .count();
        // A siren that is still to be rendered will want its pin too.
        var unrendered = sirens.silent().size();
        if (others + unrendered + wanted.size() > Limits.PINS) {
            throw new Refusal("", "emergency.refused.pins", Limits.PINS, others + unrendered + wanted.size());
        }
        for (var name : List.copyOf(there.keySet())) {
            if (OURS.matcher(name).matches() && !wanted.containsKey(name)) {
                pins.remove(name);
            }
        }
        wanted.forEach((name, sound) -> {
            var now = there.get(name);
            if (now == null
                    || !now.h().equals(Hash.parseHex(sound.canonicalHash().hex()))) {
                pins.put(name, sound);
            }
        });
    }

    /** Whether boxes are told to keep a sound of this name. */
    boolean has(String name) {
        return pins.all().containsKey(name);
    }

    /** How many pins there are, others' included. */
    int count() {
        return pins.all().size();
    }
}
