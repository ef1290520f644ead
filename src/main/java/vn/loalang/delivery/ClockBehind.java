package vn.loalang.delivery;

import java.time.Instant;

/**
 * The server's clock stands more than 25 h before the last document it signed, so no device would believe a new one
 * [SRV-5]. Work waits until the clock is right again.
 */
final class ClockBehind extends RuntimeException {
    ClockBehind(Instant now, long lastSeq) {
        super("The clock says " + now + ", more than 25 h before the last document (" + Instant.ofEpochMilli(lastSeq)
                + "); nothing is signed until it is right");
    }
}
