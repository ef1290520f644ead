package vn.loalang.audio;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.StationId;

/**
 * A file on its way in.
 *
 * @param id random, known to whoever began it
 * @param fileName clean
 * @param declaredHash what the sender says its content is, null if it does not
 * @param receivedBytes on disk for certain, the next chunk begins here
 * @param problem why it failed, null unless it did
 * @param problemArgument what the sentence about it names, or empty
 * @param recording what became of it, null until it is done
 */
record Upload(
        String id,
        StationId stationId,
        long personId,
        String personName,
        String fileName,
        String title,
        String language,
        long declaredBytes,
        @Nullable ContentHash declaredHash,
        long receivedBytes,
        State state,
        @Nullable UploadProblem problem,
        String problemArgument,
        @Nullable RecordingId recording,
        Instant expiresAt) {

    /** Where it stands. */
    enum State {
        /** Chunks arrive. */
        RECEIVING,
        /** All of it is here and being made into a recording. */
        PROCESSING,
        /** It is a recording. */
        DONE,
        /** It could not become one. */
        FAILED
    }

    /** What became of it. */
    Optional<RecordingId> done() {
        return Optional.ofNullable(recording);
    }
}
