package vn.loalang.controller.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.Step;
import vn.loalang.sound.Siren;

/**
 * Turns the steps of an order into what this box can sound this very moment: an emergency never waits for a download (NOW-1),
 * and what is not here is replaced by the pin named beside it, or by a steady tone.
 */
final class Repertoire {
    private final Surroundings surroundings;
    private final Predicate<Hash> ready;
    private final LiveStreams streams;

    Repertoire(Surroundings surroundings, Predicate<Hash> ready, LiveStreams streams) {
        this.surroundings = surroundings;
        this.ready = ready;
        this.streams = streams;
    }

    /** Whether there is anything to begin with now: live sound is there when its chunks are. */
    boolean canBegin(Entry entry) {
        return streams.takes(entry) ? streams.isDue(entry.sid()) : !steps(entry).isEmpty();
    }

    /** Whether live sound has stopped coming (LIV-1). */
    boolean isLost(Entry entry) {
        return streams.takes(entry) && !streams.flows(entry.sid()) && !streams.isOver(entry.sid());
    }

    /** Whether live sound that ended has come to its own end. */
    boolean hasSounded(Entry entry) {
        return streams.takes(entry) && streams.hasSounded(entry.sid());
    }

    /**
     * A piece and where it belongs.
     *
     * @param step index of its step; −1 for the announcement before, the number of steps for the one after
     */
    record Piece(int step, Sound sound) {}

    /** The steps that an entry plays on a device that takes no live chunks; an emergency is never silent (PRO-6). */
    static List<Step> steps(Entry entry) {
        if (entry.content() instanceof Entry.Steps list) return list.steps();
        var alt = ((Entry.Live) entry.content()).alt();
        return (entry.pri() >= Limits.EMERGENCY_PRI ? alt.or(() -> Optional.of(Step.Tone.STEADY)) : alt)
                .stream().toList();
    }

    /**
     * One repetition.
     *
     * @param from step to begin with; 0 is the whole, with its announcement
     * @param plain recordings failed before: tones instead
     */
    List<Piece> repetition(Entry entry, int from, boolean plain) {
        var steps = steps(entry);
        var pieces = new ArrayList<Piece>();
        var exercise = entry.st() != OrderStatus.ACTUAL;
        if (streams.takes(entry)) {
            if (exercise) pieces.add(new Piece(-1, announcement(plain)));
            pieces.add(new Piece(0, new Sound.Live(entry.sid())));
            return pieces;
        }
        if (exercise && from == 0) pieces.add(new Piece(-1, announcement(plain)));
        for (int i = from; i < steps.size(); i++) pieces.add(new Piece(i, sound(steps.get(i), plain)));
        if (exercise) pieces.add(new Piece(steps.size(), announcement(plain)));
        return pieces;
    }

    private Sound sound(Step step, boolean plain) {
        if (step instanceof Step.Tone tone) {
            return new Sound.Tone(pattern(tone.pattern()), tone.n(), tone.on() * 1000L, tone.off() * 1000L);
        }
        if (plain) return Sound.Tone.IN_PLACE;
        if (step instanceof Step.Pin pin) return pin(pin.name()).orElse(Sound.Tone.IN_PLACE);
        if (step instanceof Step.Sound sound) {
            return Stream.concat(recording(sound.asset()), sound.alt().stream().flatMap(name -> pin(name).stream()))
                    .findFirst()
                    .orElse(Sound.Tone.IN_PLACE);
        }
        return Sound.Tone.IN_PLACE;
    }

    private Sound announcement(boolean plain) {
        return plain ? new Sound.Chime() : pin(Site.EXERCISE_PIN).orElse(new Sound.Chime());
    }

    private Optional<Sound> pin(String name) {
        var site = surroundings.site();
        return Stream.ofNullable(site == null ? null : site.pins().get(name))
                .flatMap(this::recording)
                .findFirst();
    }

    private Stream<Sound> recording(Asset asset) {
        var ref = AssetRef.of(asset);
        return ref.isUsable() && ready.test(ref.hash()) ? Stream.of(new Sound.Recording(ref)) : Stream.empty();
    }

    private static Siren.Pattern pattern(Step.Pattern pattern) {
        return switch (pattern) {
            case WAIL -> Siren.Pattern.WAIL;
            case YELP -> Siren.Pattern.YELP;
            case STEADY -> Siren.Pattern.STEADY;
        };
    }
}
