package vn.loalang.emergency;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.AreaId;
import vn.loalang.area.Refusal;
import vn.loalang.audio.Recording;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;
import vn.loalang.delivery.Pins;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Limits;

/** Keeps the pins of all boxes equal to what sirens and messages need, so that an alert needs no audio store. */
@Component
class PinnedSounds {
    private static final Pattern OURS = Pattern.compile("siren-[0-9]+|m[0-9]+-[0-9]+");

    private final Pins pins;
    private final Recordings recordings;
    private final Sirens sirens;
    private final AreaSirens areaSirens;

    PinnedSounds(Pins pins, Recordings recordings, Sirens sirens, AreaSirens areaSirens) {
        this.pins = pins;
        this.recordings = recordings;
        this.sirens = sirens;
        this.areaSirens = areaSirens;
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
     * @param words asked for the recordings of all messages in use, by the name of their pin
     * @throws Refusal when these are more than boxes keep
     */
    @Transactional
    void settle(Supplier<Map<String, RecordingId>> words) {
        // First what is there: what somebody else commits after this line may be wanted but is not taken for unwanted.
        var there = pins.all();
        var inAreas = pins.inAreas();
        var wanted = new LinkedHashMap<String, Recording>();
        for (var siren : sirens.all()) {
            sirens.recording(siren.id())
                    .flatMap(recordings::find)
                    .ifPresent(sound -> wanted.put(name(siren.id()), sound));
        }
        words.get().forEach((name, id) -> recordings.find(id).ifPresent(sound -> wanted.put(name, sound)));
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
            if (!isThis(there.get(name), sound)) {
                pins.put(name, sound);
            }
        });
        settleAreas(inAreas);
    }

    /** The names are those of the sirens, so no box has to keep more sounds than before. */
    private void settleAreas(Map<AreaId, Map<String, Asset>> there) {
        var own = areaSirens.all();
        var sounds = recordings.find(
                own.stream().map(AreaSiren::sound).filter(Objects::nonNull).collect(Collectors.toSet()));
        var wanted = new LinkedHashMap<AreaId, Map<String, Recording>>();
        for (var one : own) {
            var sound = one.sound() == null ? null : sounds.get(one.sound());
            if (sound != null) {
                wanted.computeIfAbsent(one.area(), area -> new HashMap<>())
                        .put(name(one.siren().id()), sound);
            }
        }
        there.forEach((area, names) -> names.keySet().stream()
                .filter(name -> OURS.matcher(name).matches()
                        && !wanted.getOrDefault(area, Map.of()).containsKey(name))
                .forEach(name -> pins.remove(area, name)));
        wanted.forEach((area, names) -> names.forEach((name, sound) -> {
            if (!isThis(there.getOrDefault(area, Map.of()).get(name), sound)) {
                pins.put(area, name, sound);
            }
        }));
    }

    private static boolean isThis(@Nullable Asset pinned, Recording sound) {
        return pinned != null
                && pinned.h().equals(Hash.parseHex(sound.canonicalHash().hex()));
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
