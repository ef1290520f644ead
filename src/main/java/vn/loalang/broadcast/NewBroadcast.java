package vn.loalang.broadcast;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.Authority;
import vn.loalang.area.StationId;
import vn.loalang.audio.RecordingId;
import vn.loalang.fleet.ControllerId;
import vn.loalang.programme.ProgrammeVersionId;

/**
 * An order to sound, as its author wants it. It lasts as long as its recordings, rounded up to a whole second.
 *
 * @param slotId the slot it comes from, null for other origins
 * @param slotRevision revision of the slot it was expanded from, null for other origins
 * @param title what people call it, 1 to 200 characters
 * @param programmeVersionId what it says; null where no programme stands behind it
 * @param recordings its sounds in order, 1 to 16
 * @param start when it shall begin
 * @param latestStart after this moment it must no longer begin; at most an hour after the start
 * @param volume percent, 1 to 100
 */
public record NewBroadcast(
        StationId station,
        Priority priority,
        Authority authority,
        Origin origin,
        Status status,
        @Nullable Long slotId,
        @Nullable Long slotRevision,
        String title,
        @Nullable ProgrammeVersionId programmeVersionId,
        List<RecordingId> recordings,
        Instant start,
        Instant latestStart,
        int volume,
        Set<ControllerId> controllers) {
    static final int LONGEST_TITLE = 200;
    static final int MOST_RECORDINGS = 16;
    static final Duration MOST_LATENESS = Duration.ofHours(1);

    public NewBroadcast {
        recordings = List.copyOf(recordings);
        controllers = Set.copyOf(controllers);
        if (title.isBlank() || title.length() > LONGEST_TITLE) {
            throw new IllegalArgumentException("title must have 1 to " + LONGEST_TITLE + " characters");
        }
        if (recordings.isEmpty() || recordings.size() > MOST_RECORDINGS) {
            throw new IllegalArgumentException(
                    "recordings: " + recordings.size() + ", allowed are 1 to " + MOST_RECORDINGS);
        }
        checkVolume(volume);
        checkLatestStart(start, latestStart);
    }

    static void checkVolume(int volume) {
        if (volume < 1 || volume > 100) {
            throw new IllegalArgumentException("volume is " + volume + ", allowed are 1 to 100");
        }
    }

    static void checkLatestStart(Instant start, Instant latestStart) {
        if (latestStart.isBefore(start) || latestStart.isAfter(start.plus(MOST_LATENESS))) {
            throw new IllegalArgumentException(
                    "latestStart is " + latestStart + ", allowed are " + start + " to an hour later");
        }
    }
}
