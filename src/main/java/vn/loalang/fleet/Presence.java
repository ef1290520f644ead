package vn.loalang.fleet;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether the box on a pole is there.
 *
 * @param since when this state began; for a box that fell silent, the moment it was last heard; null if never seen
 * @param lastHeard when anything last came from it; null if never
 */
public record Presence(
        State state, @Nullable Instant since, @Nullable Instant lastHeard) {
    /** A pole without a box, or whose box never said anything. */
    public static final Presence NEVER = new Presence(State.NEVER_SEEN, null, null);

    /** What a pole's box can be. */
    public enum State {
        ONLINE,
        OFFLINE,
        NEVER_SEEN
    }

    /** Whether the box is connected now. */
    public boolean online() {
        return state == State.ONLINE;
    }
}
