package vn.loalang.broadcast;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How far one broadcast has come on one controller. The database repeats {@link #mayBecome} as {@code state in (…)}. */
public enum PlaybackState {
    /** Wanted; nothing has left the server yet. */
    PLANNED,
    /** The plan that holds it was published. */
    SENT,
    /** The controller has applied a plan that holds it. */
    RECEIVED,
    /** The controller has the sound, too. */
    PREPARED,
    /** The controller says it is sounding. */
    STARTED,
    /** The controller says it has come to its end; the seconds heard tell whether there was a gap. */
    COMPLETED,
    /** Broken off; the controller may join in again. */
    INTERRUPTED,
    /** Not one second sounded. */
    MISSED,
    /** It could not sound, for a technical reason. */
    FAILED,
    /** Taken back before it sounded. */
    CANCELLED,
    /** It is over and the controller has said nothing of how it ended; late reports may still tell. */
    UNKNOWN;

    private static final Map<PlaybackState, List<String>> PREDECESSORS = predecessorsOfEach();

    /** Whether a playback in this state moves on when it hears of {@code next}; nothing moves to where it is. */
    public boolean mayBecome(PlaybackState next) {
        return switch (this) {
            case PLANNED -> next != PLANNED; // a report may overtake our own SENT
            case SENT -> next != SENT && PLANNED.mayBecome(next);
            case RECEIVED -> next != RECEIVED && SENT.mayBecome(next);
            case PREPARED -> next != PREPARED && RECEIVED.mayBecome(next);
            case STARTED -> next == COMPLETED || next == INTERRUPTED || next == FAILED || next == UNKNOWN;
            case INTERRUPTED -> next == STARTED || next == COMPLETED || next == FAILED; // it may join in again
            case UNKNOWN -> next == COMPLETED || next == INTERRUPTED || next == MISSED || next == FAILED;
            // A clock that was set right may bring the time of a missed one again, and then it sounds after all.
            case MISSED -> next == STARTED || next == COMPLETED || next == INTERRUPTED || next == FAILED;
            case COMPLETED, FAILED, CANCELLED -> false;
        };
    }

    /** Whether the outcome is settled, as far as it ever will be without late reports. */
    public boolean terminal() {
        return switch (this) {
            case PLANNED, SENT, RECEIVED, PREPARED, STARTED -> false;
            case COMPLETED, INTERRUPTED, MISSED, FAILED, CANCELLED, UNKNOWN -> true;
        };
    }

    /**
     * Whether the controller still needs this broadcast in its plan: it may sound, or sound again, or a clock that is set right
     * may bring its time again. Nor is UNKNOWN dropped: a controller that was off the whole time can only report as missed what
     * its plan tells it of.
     */
    public boolean staysInPlan() {
        return switch (this) {
            case PLANNED, SENT, RECEIVED, PREPARED, STARTED, INTERRUPTED, MISSED, UNKNOWN -> true;
            case COMPLETED, FAILED, CANCELLED -> false;
        };
    }

    /** Names of the states that move on to this one, for {@code state in (…)}. */
    List<String> predecessors() {
        return PREDECESSORS.getOrDefault(this, List.of());
    }

    private static Map<PlaybackState, List<String>> predecessorsOfEach() {
        var predecessors = new EnumMap<PlaybackState, List<String>>(PlaybackState.class);
        for (var next : values()) {
            predecessors.put(
                    next,
                    Arrays.stream(values())
                            .filter(state -> state.mayBecome(next))
                            .map(Enum::name)
                            .toList());
        }
        return Collections.unmodifiableMap(predecessors);
    }
}
