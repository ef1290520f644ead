package vn.loalang.protocol;

/**
 * A reading of a device's clock.
 *
 * @param t Unix ms, or ms since boot at quality U
 * @param q how far it is trusted
 */
public record DeviceTime(long t, Quality q) {
    public DeviceTime {
        Refusal.inRange("t", t, 0, Limits.MAX_INTEGER);
    }

    /** Whether {@code t} is a time of day at all: T1 or T2. */
    public boolean isKnown() {
        return q != Quality.U;
    }
}
