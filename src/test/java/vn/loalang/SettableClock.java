package vn.loalang;

import java.time.Instant;

/** A clock that stands still until a test moves it. */
public final class SettableClock extends TestClock {
    private volatile Instant now;

    public SettableClock(Instant now) {
        this.now = now;
    }

    public void set(Instant moment) {
        now = moment;
    }

    @Override
    public Instant instant() {
        return now;
    }
}
