package vn.loalang.broadcast;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Oid;

/**
 * What one controller shall sound and when: the matter of a plan item.
 *
 * @param duration whole seconds
 * @param priority number on the wire, {@link Priority#wireNumber}
 * @param volume percent, 1 to 100
 * @param lateness after its start by this much it must no longer begin; 0 to an hour, whole seconds
 * @param assets its sounds in order
 */
public record TimelineEntry(
        Oid oid, Instant start, Duration duration, int priority, int volume, Duration lateness, List<Asset> assets) {
    public TimelineEntry {
        assets = List.copyOf(assets);
    }

    /**
     * One sound in canonical form.
     *
     * @param bytes its size
     */
    public record Asset(Hash hash, long bytes) {}
}
