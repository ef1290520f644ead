package vn.loalang.audio;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.StationId;

/**
 * One sound.
 *
 * @param id identity
 * @param stationId whose it is
 * @param title as people know it
 * @param language BCP 47 tag
 * @param originalHash of the file as it was uploaded
 * @param originalName its name, cleaned, for people only
 * @param canonicalHash of the file that controllers fetch
 * @param canonicalBytes its size
 * @param duration true length on the air, from the frames of the canonical file
 * @param loudness LUFS of the canonical file, null when nothing can be heard
 * @param warnings what is not as it should be
 * @param uploadedBy name of the person
 * @param uploadedAt when
 * @param archivedAt since when it is out of the list, null while it is in
 * @param version raised by every change
 */
public record Recording(
        RecordingId id,
        StationId stationId,
        String title,
        String language,
        ContentHash originalHash,
        String originalName,
        ContentHash canonicalHash,
        long canonicalBytes,
        Duration duration,
        @Nullable Double loudness,
        Set<RecordingWarning> warnings,
        String uploadedBy,
        Instant uploadedAt,
        @Nullable Instant archivedAt,
        int version) {
    public Recording {
        warnings = Set.copyOf(warnings);
    }
}
