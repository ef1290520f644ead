package vn.loalang.audio;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import vn.loalang.access.Access;
import vn.loalang.area.Refusal;

/** Resumable upload in chunks: begin, send, ask where to go on, finish. */
@RestController
@RequestMapping("/api/v1/uploads")
class UploadEndpoint {
    private final Uploads uploads;
    private final LibraryAccess library;
    private final Access access;
    private final MessageSource messages;

    UploadEndpoint(Uploads uploads, LibraryAccess library, Access access, MessageSource messages) {
        this.uploads = uploads;
        this.library = library;
        this.access = access;
        this.messages = messages;
    }

    /**
     * What to send.
     *
     * @param name of the file
     * @param size in bytes
     * @param sha256 hexadecimal, optional
     * @param title optional
     * @param language BCP 47 tag, optional
     */
    record Beginning(
            @Nullable String name,
            @Nullable Long size,
            @Nullable String sha256,
            @Nullable String title,
            @Nullable String language) {}

    /**
     * Where an upload stands.
     *
     * @param offset where the next chunk begins
     * @param chunkBytes largest chunk
     * @param progress of making it into a recording, 0 to 100
     * @param recording what became of it
     * @param problem why it failed
     */
    record View(
            String id,
            String name,
            String title,
            Upload.State state,
            long size,
            long offset,
            int chunkBytes,
            int progress,
            Instant expiresAt,
            @Nullable Long recording,
            @Nullable Problem problem) {}

    /**
     * Why it failed.
     *
     * @param code stable, for programs
     * @param detail a sentence in the reader's language
     */
    record Problem(String code, String detail) {}

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    View begin(
            @RequestBody Beginning body,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String idempotencyKey,
            Locale locale) {
        var station = library.station();
        library.requireWrite(station);
        var size = body.size();
        if (size == null) {
            throw new Refusal("size", "audio.refused.size");
        }
        var name = body.name() == null ? "" : body.name();
        var wish = new Uploads.Wish(name, size, body.sha256(), body.title(), body.language(), idempotencyKey);
        return view(uploads.begin(station, access.me(), wish), locale);
    }

    @GetMapping
    List<View> unfinished(Locale locale) {
        return uploads.unfinished(access.me()).stream()
                .map(upload -> view(upload, locale))
                .toList();
    }

    @GetMapping("/{id}")
    View look(@PathVariable String id, Locale locale) {
        return view(mine(id), locale);
    }

    @PutMapping("/{id}")
    View receive(@PathVariable String id, @RequestParam long offset, HttpServletRequest request, Locale locale)
            throws IOException {
        var upload = mine(id);
        library.requireWrite(upload.stationId());
        if (request.getContentLengthLong() > Uploads.MOST_CHUNK_BYTES) {
            throw new Refusal("", "audio.refused.chunk", Uploads.MOST_CHUNK_BYTES);
        }
        // Read whole before anything is written: a line that breaks inside a chunk changes nothing.
        var chunk = request.getInputStream().readNBytes(Uploads.MOST_CHUNK_BYTES + 1);
        if (chunk.length > Uploads.MOST_CHUNK_BYTES) {
            throw new Refusal("", "audio.refused.chunk", Uploads.MOST_CHUNK_BYTES);
        }
        return view(uploads.receive(upload, offset, chunk), locale);
    }

    @PostMapping("/{id}/finish")
    @ResponseStatus(HttpStatus.ACCEPTED)
    View finish(@PathVariable String id, Locale locale) {
        var upload = mine(id);
        library.requireWrite(upload.stationId());
        return view(uploads.finish(upload), locale);
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void cancel(@PathVariable String id) throws IOException {
        uploads.cancel(mine(id));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> on(Uploads.Gap gap, Locale locale) {
        var problem = ProblemDetail.forStatusAndDetail(
                HttpStatus.CONFLICT, messages.getMessage("audio.refused.gap", new Object[] {gap.offset()}, locale));
        problem.setProperty("code", "audio.refused.gap");
        problem.setProperty("offset", gap.offset());
        return ResponseEntity.status(HttpStatus.CONFLICT)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }

    private Upload mine(String id) {
        return uploads.find(access.me(), id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    private View view(Upload upload, Locale locale) {
        var problem = upload.problem();
        return new View(
                upload.id(),
                upload.fileName(),
                upload.title(),
                upload.state(),
                upload.declaredBytes(),
                upload.receivedBytes(),
                Uploads.MOST_CHUNK_BYTES,
                upload.state() == Upload.State.DONE ? 100 : uploads.progress(upload),
                upload.expiresAt(),
                upload.done().map(RecordingId::value).orElse(null),
                problem == null ? null : new Problem(problem.messageKey(), sentence(upload, problem, locale)));
    }

    private String sentence(Upload upload, UploadProblem problem, Locale locale) {
        var argument = upload.problemArgument();
        var first =
                switch (problem) {
                    case OTHER_FORMAT -> argument;
                    case TOO_LONG -> Recordings.LONGEST.toHours();
                    case EMPTY,
                            UNKNOWN_FORMAT,
                            NOT_LAYER_3,
                            FREE_FORMAT,
                            MIXED_RATE,
                            BROKEN_HEADER,
                            UNSUPPORTED_CODING,
                            NO_SOUND,
                            HASH_DIFFERS,
                            INTERNAL -> upload.fileName();
                };
        return messages.getMessage(problem.messageKey(), new Object[] {first}, locale);
    }
}
