package vn.loalang.audio;

import java.time.Duration;
import vn.loalang.area.StationId;

/**
 * One sound.
 *
 * @param language BCP 47 tag
 * @param canonicalHash of the file that controllers fetch
 * @param canonicalBytes its size
 * @param duration true length, from its frames
 */
public record Recording(
        RecordingId id,
        StationId stationId,
        String title,
        String language,
        ContentHash canonicalHash,
        long canonicalBytes,
        Duration duration) {}
