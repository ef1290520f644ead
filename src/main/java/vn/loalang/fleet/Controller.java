package vn.loalang.fleet;

import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.AreaId;
import vn.loalang.area.StationId;

/**
 * A pole with loudspeakers: what slots and playbacks aim at.
 *
 * @param latitude degrees north, −90 to 90; null when nobody has measured it, as is the longitude then
 * @param longitude degrees east, −180 to 180
 * @param volumeLimit percent, 10 to 100; the box never plays louder
 * @param tags free words for choosing poles
 * @param archivedAt since when the pole is out of use; null while it is used
 */
public record Controller(
        ControllerId id,
        StationId stationId,
        AreaId areaId,
        String name,
        @Nullable Double latitude,
        @Nullable Double longitude,
        int volumeLimit,
        Set<String> tags,
        @Nullable Instant archivedAt) {
    public Controller {
        tags = Set.copyOf(tags);
    }

    /** Whether it is in use. */
    public boolean active() {
        return archivedAt == null;
    }

    /** The tags in one line, in order. */
    public String tagLine() {
        return String.join(", ", new TreeSet<>(tags));
    }
}
