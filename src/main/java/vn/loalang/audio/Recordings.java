package vn.loalang.audio;

import java.util.Optional;
import org.springframework.stereotype.Component;

/** The recordings of this server; until the library has landed there are none. */
@Component
public class Recordings {
    Recordings() {}

    /** The recording with this id. */
    public Optional<Recording> find(RecordingId id) {
        return Optional.empty();
    }
}
