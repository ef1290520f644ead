package vn.loalang.audio;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import vn.loalang.area.Refusal;

/** Recordings for programs, and their sound for the page. */
@RestController
@RequestMapping("/api/v1/recordings")
class RecordingEndpoint {
    private static final MediaType MP3 = MediaType.valueOf("audio/mpeg");
    private static final int MOST_PER_PAGE = 200;

    private final Recordings recordings;
    private final AudioStore store;
    private final LibraryAccess library;

    RecordingEndpoint(Recordings recordings, AudioStore store, LibraryAccess library) {
        this.recordings = recordings;
        this.store = store;
        this.library = library;
    }

    /** One page of recordings and how many there are in all. */
    record Page(int total, List<View> recordings) {}

    /**
     * One recording.
     *
     * @param sha256 of the canonical file, hexadecimal
     * @param bytes of the canonical file
     * @param loudness LUFS, null when nothing can be heard
     */
    record View(
            long id,
            String title,
            String language,
            long durationMillis,
            String sha256,
            long bytes,
            @Nullable Double loudness,
            Set<RecordingWarning> warnings,
            String uploadedBy,
            Instant uploadedAt,
            @Nullable Instant archivedAt,
            int version) {
        static View of(Recording recording) {
            return new View(
                    recording.id().value(),
                    recording.title(),
                    recording.language(),
                    recording.duration().toMillis(),
                    recording.canonicalHash().hex(),
                    recording.canonicalBytes(),
                    recording.loudness(),
                    recording.warnings(),
                    recording.uploadedBy(),
                    recording.uploadedAt(),
                    recording.archivedAt(),
                    recording.version());
        }
    }

    /** A new title for the version that the sender saw. */
    record Renaming(@Nullable String title, @Nullable Integer version) {}

    @GetMapping
    Page list(
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "false") boolean archived,
            @RequestParam(defaultValue = "50") int limit,
            @RequestParam(defaultValue = "0") int offset) {
        if (limit < 1 || limit > MOST_PER_PAGE) {
            throw new Refusal("limit", "audio.refused.limit", MOST_PER_PAGE);
        }
        if (offset < 0) {
            throw new Refusal("offset", "audio.refused.offset");
        }
        var station = library.station();
        library.requireRead(station);
        return new Page(
                recordings.count(station, q, archived),
                recordings.search(station, q, archived, limit, offset).stream()
                        .map(View::of)
                        .toList());
    }

    @GetMapping("/{id}")
    View look(@PathVariable long id) {
        return View.of(readable(id));
    }

    @PatchMapping("/{id}")
    View rename(@PathVariable long id, @RequestBody Renaming body) {
        var recording = writable(id);
        var title = body.title();
        var version = body.version();
        if (title == null || version == null) {
            throw new Refusal(title == null ? "title" : "version", "audio.refused.renaming");
        }
        recordings.rename(recording.id(), title, version);
        return look(id);
    }

    @PostMapping("/{id}/archive")
    View archive(@PathVariable long id) {
        recordings.archive(writable(id).id());
        return look(id);
    }

    @PostMapping("/{id}/restore")
    View restore(@PathVariable long id) {
        recordings.restore(writable(id).id());
        return look(id);
    }

    /** The canonical file, whole or in parts. */
    @GetMapping("/{id}/audio")
    ResponseEntity<Resource> audio(@PathVariable long id) {
        var recording = readable(id);
        var file = store.canonical(recording.canonicalHash())
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        return ResponseEntity.ok()
                .contentType(MP3)
                .eTag(recording.canonicalHash().hex())
                .cacheControl(CacheControl.maxAge(Duration.ofDays(1)).cachePrivate())
                .body(new FileSystemResource(file));
    }

    private Recording readable(long id) {
        var recording = recordings
                .find(new RecordingId(id))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        library.requireRead(recording.stationId());
        return recording;
    }

    private Recording writable(long id) {
        var recording = readable(id);
        library.requireWrite(recording.stationId());
        return recording;
    }
}
