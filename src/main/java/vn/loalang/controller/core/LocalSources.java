package vn.loalang.controller.core;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Event.Interruption;
import vn.loalang.protocol.Event.LocalAct;
import vn.loalang.protocol.PlayId;
import vn.loalang.sound.Siren;

/**
 * What a person at the box makes sound: the siren switch and the microphone, and the short beep by which a technician far away
 * tests the line. Siren and microphone ask for no clock, no plan and no quiet hours: somebody stands there.
 */
final class LocalSources implements Source.Family {
    private static final int SIREN_PRIORITY = 85;
    private static final int MICROPHONE_PRIORITY = 70;
    private static final int BEEP_PRIORITY = 10;
    /** Ordered, in percent: the beep, as remote sound, stays within {@code vmax} all the same [PRI-1]. */
    private static final int LOUD = 100;
    /** A siren switch that is stuck ends some time. */
    private static final Sound.Tone WAIL = new Sound.Tone(Siren.Pattern.WAIL, 1, 3_600_000, 0);

    private final TrustedTime time;
    private final Journal journal;
    private final Surroundings surroundings;
    private final Local siren = new Local("siren", SIREN_PRIORITY, true);
    private final Local microphone = new Local("mic", MICROPHONE_PRIORITY, true);
    private final Local beep = new Local("beep", BEEP_PRIORITY, false);

    LocalSources(TrustedTime time, Journal journal, Surroundings surroundings) {
        this.time = time;
        this.journal = journal;
        this.surroundings = surroundings;
    }

    /** The siren switch. */
    void siren(boolean on) {
        if (on && siren.sound.isEmpty()) journal.add(new Event.Local(LocalAct.SIREN));
        siren.turn(on ? Optional.of(WAIL) : Optional.empty());
    }

    /** The microphone's talk key. */
    void microphone(boolean on) {
        if (on && microphone.sound.isEmpty()) journal.add(new Event.Local(LocalAct.MIC));
        microphone.turn(on ? Optional.of(new Sound.Microphone()) : Optional.empty());
    }

    /** One test beep, as loud as routine sound may be. */
    void beep(int seconds) {
        beep.turn(Optional.of(new Sound.Tone(Siren.Pattern.STEADY, 1, seconds * 1000L, 0)));
    }

    @Override
    public Stream<? extends Source> sources() {
        return Stream.of(siren, microphone, beep);
    }

    @Override
    public void cut(PlayId play, long heardMs) {
        // Local sound leaves no record that could be cut.
    }

    @Override
    public void judge() {
        // Nothing local is ever missed.
    }

    @Override
    public OptionalLong nextChange() {
        return OptionalLong.empty();
    }

    private final class Local implements Source {
        private final String name;
        private final int priority;
        /** Lasts until it is switched off, and comes again if it was pre-empted. */
        private final boolean held;

        private Optional<Sound> sound = Optional.empty();
        private long since;
        private int starts;

        Local(String name, int priority, boolean held) {
            this.name = name;
            this.priority = priority;
            this.held = held;
        }

        void turn(Optional<Sound> to) {
            if (sound.isEmpty()) since = time.stamp();
            sound = to;
        }

        @Override
        public Optional<Decision.Candidate> candidate() {
            return sound.map(s -> Decision.Candidate.local(name, priority, since));
        }

        @Override
        public Optional<Interruption> revoked() {
            return sound.isEmpty() ? Optional.of(Interruption.STOPPED) : Optional.empty();
        }

        @Override
        public Turn begin() {
            var what = sound.orElseThrow();
            return new Turn(
                    name,
                    Optional.empty(),
                    ++starts,
                    List.of(what),
                    0,
                    what.millis(),
                    level(),
                    time.stamp(),
                    0,
                    false,
                    false,
                    0);
        }

        @Override
        public long limit(Turn turn, long elapsedMs) {
            return turn.limitMs();
        }

        @Override
        public Volume.Level level() {
            return surroundings.volume().of(LOUD, held ? SIREN_PRIORITY : priority, true);
        }

        @Override
        public void reached(Turn turn, long ms, long delta) {
            // Local sound is nobody's order: nothing counts it.
        }

        @Override
        public Optional<Event> completed(Turn turn, long ms) {
            sound = Optional.empty();
            return Optional.empty();
        }

        @Override
        public void interrupted(Turn turn, Interruption why) {
            if (!held) sound = Optional.empty();
        }

        @Override
        public void failed(Turn turn) {
            sound = Optional.empty();
        }

        @Override
        public void passedOver(Hindrance why) {
            if (!held) sound = Optional.empty();
        }

        @Override
        public void stop() {
            // Its own switch ends it.
        }
    }
}
