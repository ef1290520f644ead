package vn.loalang.fleet;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.AreaId;
import vn.loalang.area.StationId;

/**
 * What a person says about a pole. Ranges are checked by {@link Fleet}, which refuses in words.
 *
 * @param latitude degrees north, −90 to 90; null if unknown, as is the longitude then
 * @param longitude degrees east, −180 to 180
 * @param volumeLimit percent, 10 to 100
 */
public record NewController(
        StationId stationId,
        AreaId areaId,
        String name,
        @Nullable Double latitude,
        @Nullable Double longitude,
        int volumeLimit,
        Set<String> tags) {
    /** The volume limit of a pole of which nobody said anything. */
    public static final int DEFAULT_VOLUME_LIMIT = 80;

    public NewController {
        tags = Set.copyOf(tags);
    }
}
