package vn.loalang.programme;

import java.time.Duration;
import java.util.List;
import vn.loalang.audio.RecordingId;

/**
 * What one version of a programme sounds like.
 *
 * @param title what people call it
 * @param recordings what plays, in order, one recording per item
 * @param duration true length of all of them together
 */
public record ProgrammeContents(String title, List<RecordingId> recordings, Duration duration) {
    public ProgrammeContents {
        recordings = List.copyOf(recordings);
    }
}
