package vn.loalang.emergency;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.audio.RecordingId;

/**
 * A siren as an area has it for itself: it sounds like this there and everywhere below, down to areas that have their own.
 *
 * @param area whose it is
 * @param path of this area
 * @param areaName full name of this area
 * @param siren what sounds; identity and name are those of the siren in whose place it sounds
 * @param sound its rendered sound, null while it is being made: until then boxes there sound what sounds above
 */
public record AreaSiren(
        AreaId area,
        AreaPath path,
        String areaName,
        Siren siren,
        @Nullable RecordingId sound) {

    /** Of these the one that counts at this place: that of the nearest area at or above it; empty when none is. */
    static Optional<AreaSiren> nearest(Collection<AreaSiren> these, AreaPath place) {
        return these.stream().filter(it -> it.path().covers(place)).max(Comparator.comparingInt(it -> it.path()
                .depth()));
    }
}
