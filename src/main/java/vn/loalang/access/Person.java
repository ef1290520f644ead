package vn.loalang.access;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who may sign in.
 *
 * @param id surrogate key
 * @param login name to sign in with, lower case, never changed
 * @param name as others see it
 * @param mustChange whether the password was given by somebody else and has to be replaced first
 * @param disabledAt since when signing in is refused, null while it is allowed
 */
public record Person(
        long id,
        String login,
        String name,
        boolean mustChange,
        @Nullable Instant disabledAt) {
    /** Whether signing in is allowed. */
    public boolean active() {
        return disabledAt == null;
    }
}
