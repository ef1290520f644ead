package vn.loalang;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.springframework.context.annotation.Primary;

/** The real clock, as far off as a test sets it; a server that is to go by it imports it. */
@Primary
public final class ShiftedClock extends TestClock {
    private volatile Duration shift = Duration.ZERO;

    /** So far off the real time from now on. */
    public void shift(Duration by) {
        shift = by;
    }

    /** So much farther ahead than it is. */
    public void forward(Duration by) {
        shift = shift.plus(by);
    }

    @Override
    public Instant instant() {
        return Clock.systemUTC().instant().plus(shift);
    }
}
