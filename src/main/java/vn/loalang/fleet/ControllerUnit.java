package vn.loalang.fleet;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.DeviceId;

/**
 * A box: what hangs on a pole, speaks GB1 and may be replaced.
 *
 * @param firmware as the last hello said; empty before the first
 * @param sessionNumber {@code sn} of the last hello; 0 before the first
 * @param lastHeard when anything last came from it; null if never
 */
public record ControllerUnit(
        DeviceId id,
        String model,
        String hardware,
        String firmware,
        Instant registeredAt,
        long sessionNumber,
        @Nullable Instant lastHeard) {}
