package vn.loalang.fleet;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.GeoPoint;
import vn.loalang.protocol.DeviceId;

/**
 * A pole in use as those see it who choose poles by place.
 *
 * @param area where it stands
 * @param village full name of that area
 * @param place where exactly, null when nobody has measured it
 * @param unit the box that hangs there, null if none
 * @param online whether the box is connected
 */
public record Standing(
        ControllerId id,
        String name,
        AreaId area,
        AreaPath path,
        String village,
        @Nullable GeoPoint place,
        @Nullable DeviceId unit,
        boolean online,
        Set<String> tags) {
    public Standing {
        tags = Set.copyOf(tags);
    }
}
