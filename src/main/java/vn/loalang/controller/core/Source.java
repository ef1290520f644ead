package vn.loalang.controller.core;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.PlayId;

/** One thing that may sound, and the keeper of what has become of it. The {@link Player} sounds at most one at a time. */
interface Source {
    /** A family of sources that share documents and memory. */
    interface Family {
        /** Everything of this family that may be asked whether it would sound now. */
        Stream<? extends Source> sources();

        /**
         * The power failed while this sounded.
         *
         * @param heardMs of it, every stretch together
         */
        void cut(PlayId play, long heardMs);

        /** Writes down what has become impossible, and forgets what is over; before every decision. */
        void judge();

        /** Uptime at which one of them begins or ends to be a candidate, as far as known now. */
        OptionalLong nextChange();
    }

    /**
     * A stretch of sound from its start to its end.
     *
     * @param name for files and people: {@code oid}, {@code sid#rep}, or a word for local sound
     * @param play what the journal calls it; local sound has no play events
     * @param start which start of this it is, from 1
     * @param content in order
     * @param offsetMs position in the content to begin at
     * @param limitMs sound at most this long
     * @param level how loud
     * @param plannedAt Unix ms at which position 0 was planned
     * @param errorMs how late it begins; negative while its moment is still to come
     * @param joining the position must keep up with time
     * @param continued the journal has its start already
     * @param heardBefore sound of the same {@code play} in earlier stretches, ms
     */
    record Turn(
            String name,
            Optional<PlayId> play,
            int start,
            List<Sound> content,
            long offsetMs,
            long limitMs,
            Volume.Level level,
            long plannedAt,
            long errorMs,
            boolean joining,
            boolean continued,
            long heardBefore) {
        Turn limited(long ms) {
            return new Turn(
                    name,
                    play,
                    start,
                    content,
                    offsetMs,
                    ms,
                    level,
                    plannedAt,
                    errorMs,
                    joining,
                    continued,
                    heardBefore);
        }

        /** How long its first sample has to wait for its moment. */
        long inMs() {
            return Math.max(0, -errorMs);
        }

        long contentMs() {
            return content.stream().mapToLong(Sound::millis).sum();
        }
    }

    /** How it stands in the decision now; empty when it is not its time or it is used up. */
    Optional<Decision.Candidate> candidate();

    /** How it will stand in the decision when its moment has come, if that is at most so far away; without effect. */
    default Optional<Decision.Candidate> imminent(long leadMs) {
        return Optional.empty();
    }

    /** Whether it can be made ready ahead of its moment. */
    default boolean canWait() {
        return false;
    }

    /** It was made ready and gave way before its moment: as if it had never begun. */
    default void takenBack() {}

    /** Why it cannot go on although it sounds, if so. */
    Optional<Event.Interruption> revoked();

    /** Takes the channel; from here on, until it is completed, interrupted or failed, what it sounds counts. */
    Turn begin();

    /**
     * While it sounds, and something may have changed about it.
     *
     * @param elapsedMs since this turn began
     * @return longest sound of this turn from its beginning, ms
     */
    long limit(Turn turn, long elapsedMs);

    /** While it sounds: how loud, now. */
    Volume.Level level();

    /** Another piece of it has left the loudspeaker: {@code ms} of this turn so far, {@code delta} of them new. */
    void reached(Turn turn, long ms, long delta);

    /**
     * The sound ended by itself.
     *
     * @param ms of this turn
     * @return what the journal is to say; empty when the same goes on in another turn
     */
    Optional<Event> completed(Turn turn, long ms);

    /** It was broken off; when that was for somebody more important it may come again. */
    void interrupted(Turn turn, Event.Interruption why);

    /** It could not be made. */
    void failed(Turn turn);

    /** It was its time, yet something kept it silent. */
    void passedOver(Hindrance why);

    /** A person held STOP: it never sounds again. */
    void stop();

    /** What keeps a candidate silent. */
    enum Hindrance {
        QUIET(Event.Miss.QUIET),
        MUTED(Event.Miss.MUTED),
        PREEMPTED(Event.Miss.PREEMPTED),
        ASSET(Event.Miss.ASSET),
        CLOCK(Event.Miss.CLOCK),
        /** Told as a failure where there is a word for it, otherwise as lateness. */
        AMPLIFIER(Event.Miss.LATE);

        private final Event.Miss miss;

        Hindrance(Event.Miss miss) {
            this.miss = miss;
        }

        /** How the journal calls it. */
        Event.Miss miss() {
            return miss;
        }
    }
}
