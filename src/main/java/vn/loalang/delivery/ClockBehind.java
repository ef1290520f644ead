package vn.loalang.delivery;

import java.time.Instant;
import vn.loalang.area.Refusal;

/**
 * The server's clock stands more than 25 h before the last document it signed, so no device would believe a new one
 * [SRV-5]. Work waits until the clock is right again, or, if it was wrong before, until the roots have signed a recovery.
 */
final class ClockBehind extends Refusal {
    private static final long serialVersionUID = 1L;

    private final String report;

    ClockBehind(Instant now, long lastSeq) {
        super("", "delivery.refused.clockBehind");
        this.report = "The clock says " + now + ", more than 25 h before the last document ("
                + Instant.ofEpochMilli(lastSeq)
                + "); nothing is signed until it is right, or until the roots have signed a recovery, see docs/custody.md";
    }

    @Override
    public String getMessage() {
        return report;
    }
}
