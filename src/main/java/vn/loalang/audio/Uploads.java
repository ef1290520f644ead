package vn.loalang.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.AuditLog;
import vn.loalang.access.SignedIn;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;

/**
 * Files on their way in, chunk by chunk. A chunk that was confirmed is on the disk, so a sender whose line broke, or whose server was
 * restarted, asks where to go on. An upload that is not finished within a day is dropped.
 */
@Component
class Uploads {
    /** Largest file. */
    static final long MOST_BYTES = 300_000_000;
    /** Largest chunk. */
    static final int MOST_CHUNK_BYTES = 1 << 20;

    private static final int LOCKS = 16;
    private static final int MOST_AT_ONCE = 20;
    private static final Duration KEPT = Duration.ofHours(24);
    private static final Pattern HEX_HASH = Pattern.compile("[0-9a-fA-F]{64}");
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7E]{1,100}");
    private static final String COLUMNS = """
            id, station_id, person_id, person_name, file_name, title, language, declared_bytes, declared_hash, received_bytes,
            state, problem, problem_argument, recording_id, expires_at""";

    private final JdbcClient jdbc;
    private final Clock clock;
    private final AudioStore store;
    private final AuditLog audit;
    private final Durability durability;
    private final TransactionTemplate transaction;
    private final Ingest ingest;
    private final SecureRandom random = new SecureRandom();
    private final Object[] locks = Stream.generate(Object::new).limit(LOCKS).toArray();

    Uploads(
            JdbcClient jdbc,
            Clock clock,
            AudioStore store,
            AuditLog audit,
            Durability durability,
            TransactionTemplate transaction,
            Ingest ingest) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.store = store;
        this.audit = audit;
        this.durability = durability;
        this.transaction = transaction;
        this.ingest = ingest;
    }

    /** A chunk that does not begin where the last one ended. */
    static final class Gap extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final long offset;

        Gap(long offset) {
            super("the next chunk begins at " + offset);
            this.offset = offset;
        }

        /** Where the next chunk has to begin. */
        long offset() {
            return offset;
        }
    }

    /**
     * What somebody wants to send.
     *
     * @param fileName as the browser says it, of any shape
     * @param bytes size of the file
     * @param sha256 its content in 64 hexadecimal digits, null if unknown
     * @param title null to take it from the file name
     * @param language BCP 47 tag, null for Vietnamese
     * @param idempotencyKey null if none; the same key gives the same upload again
     */
    record Wish(
            String fileName,
            long bytes,
            @Nullable String sha256,
            @Nullable String title,
            @Nullable String language,
            @Nullable String idempotencyKey) {}

    /**
     * Begins an upload; nothing has to be sent to learn that it would be refused.
     *
     * @throws Refusal when the file is empty or too large, a field malformed, or too many uploads are under way
     */
    Upload begin(StationId station, SignedIn person, Wish wish) {
        dropExpired();
        var name = FileNames.clean(wish.fileName());
        if (wish.bytes() <= 0) {
            throw new Refusal("size", "audio.refused.empty", name);
        }
        if (wish.bytes() > MOST_BYTES) {
            throw new Refusal("size", "audio.refused.tooLarge", megabytes(wish.bytes()), megabytes(MOST_BYTES));
        }
        var sha256 = wish.sha256();
        if (sha256 != null && !HEX_HASH.matcher(sha256).matches()) {
            throw new Refusal("sha256", "audio.refused.hash");
        }
        var key = wish.idempotencyKey();
        if (key != null && !KEY.matcher(key).matches()) {
            throw new Refusal("Idempotency-Key", "audio.refused.key");
        }
        var title = Recordings.cleanTitle(wish.title() == null ? FileNames.title(name) : wish.title());
        var language = Recordings.cleanLanguage(wish.language() == null ? "vi" : wish.language());
        if (key != null) {
            var known = byKey(person, key);
            if (known.isPresent()) {
                return known.get();
            }
        }
        if (receiving(person) >= MOST_AT_ONCE) {
            throw new Refusal("", "audio.refused.tooMany", MOST_AT_ONCE);
        }
        var id = newId();
        var now = clock.instant();
        try {
            jdbc.sql("""
                            insert into audio_upload (id, station_id, person_id, person_name, idempotency_key, file_name, title, language,
                              declared_bytes, declared_hash, received_bytes, state, begun_at, expires_at)
                            values (:id, :station, :person, :personName, :key, :name, :title, :language, :bytes, :hash, 0, 'RECEIVING',
                              :now, :expires)""")
                    .param("id", id)
                    .param("station", station.value())
                    .param("person", person.personId())
                    .param("personName", person.name())
                    .param("key", key)
                    .param("name", name)
                    .param("title", title)
                    .param("language", language)
                    .param("bytes", wish.bytes())
                    .param("hash", sha256 == null ? null : sha256.toLowerCase(Locale.ROOT))
                    .param("now", SqlTime.of(now))
                    .param("expires", SqlTime.of(now.plus(KEPT)))
                    .update();
        } catch (DuplicateKeyException e) {
            // The same request arrived twice at once.
            return byKey(person, String.valueOf(key)).orElseThrow(() -> e);
        }
        durability.confirm();
        return find(id).orElseThrow();
    }

    /** The upload, if it is this person's. */
    Optional<Upload> find(SignedIn person, String id) {
        return find(id).filter(upload -> upload.personId() == person.personId());
    }

    /** This person's uploads that are neither done nor failed, oldest first. */
    List<Upload> unfinished(SignedIn person) {
        return jdbc.sql("select " + COLUMNS + """
                         from audio_upload where person_id = :person and state in ('RECEIVING', 'PROCESSING')
                        and expires_at > :now order by begun_at, id""")
                .param("person", person.personId())
                .param("now", SqlTime.of(clock.instant()))
                .query(Uploads::upload)
                .list();
    }

    /**
     * Takes a chunk. What is there already is passed over, so a chunk may be sent again.
     *
     * @param offset where it begins in the file
     * @throws Gap when it begins behind what is there
     * @throws Refusal when it reaches over the declared end
     * @throws IOException when it cannot be written; nothing counts as received then
     */
    Upload receive(Upload known, long offset, byte[] chunk) throws IOException {
        synchronized (lock(known)) {
            var upload = find(known.id()).orElseThrow(() -> new Refusal("", "audio.refused.uploadGone"));
            if (offset < 0 || offset + chunk.length > upload.declaredBytes()) {
                throw new Refusal("offset", "audio.refused.beyondEnd", upload.declaredBytes());
            }
            if (offset > upload.receivedBytes()) {
                throw new Gap(upload.receivedBytes());
            }
            var passOver = (int) Math.min(chunk.length, upload.receivedBytes() - offset);
            if (passOver == chunk.length || upload.state() != Upload.State.RECEIVING) {
                return upload;
            }
            append(store.upload(upload.id()), upload.receivedBytes(), chunk, passOver);
            jdbc.sql("""
                            update audio_upload set received_bytes = :received
                            where id = :id and state = 'RECEIVING' and received_bytes = :before""")
                    .param("received", offset + chunk.length)
                    .param("id", upload.id())
                    .param("before", upload.receivedBytes())
                    .update();
            durability.confirm();
            return find(upload.id()).orElseThrow();
        }
    }

    /**
     * Hands a file that has arrived whole over to be made into a recording; once, however often it is called.
     *
     * @throws Refusal when part of it is missing
     */
    Upload finish(Upload known) {
        synchronized (lock(known)) {
            var upload = find(known.id()).orElseThrow(() -> new Refusal("", "audio.refused.uploadGone"));
            if (upload.state() != Upload.State.RECEIVING) {
                return upload;
            }
            if (upload.receivedBytes() < upload.declaredBytes()) {
                throw new Refusal(
                        "",
                        "audio.refused.incomplete",
                        upload.receivedBytes(),
                        upload.declaredBytes(),
                        upload.fileName());
            }
            transaction.executeWithoutResult(status -> {
                jdbc.sql("update audio_upload set state = 'PROCESSING' where id = :id and state = 'RECEIVING'")
                        .param("id", upload.id())
                        .update();
                audit.record("audio.uploaded", upload.title(), upload.fileName());
                durability.confirm();
            });
        }
        ingest.take(known.id());
        return find(known.id()).orElseThrow();
    }

    /** Drops an upload and what arrived of it; one that is being made into a recording goes on. */
    void cancel(Upload known) throws IOException {
        synchronized (lock(known)) {
            var gone = jdbc.sql("delete from audio_upload where id = :id and state <> 'PROCESSING'")
                    .param("id", known.id())
                    .update();
            if (gone == 1) {
                Files.deleteIfExists(store.upload(known.id()));
            }
        }
    }

    /** How much of making it into a recording is done, 0 to 100. */
    int progress(Upload upload) {
        return ingest.progress(upload.id());
    }

    private Object lock(Upload upload) {
        return locks[Math.floorMod(upload.id().hashCode(), LOCKS)];
    }

    private void dropExpired() {
        jdbc.sql("delete from audio_upload where expires_at < :now and state <> 'PROCESSING'")
                .param("now", SqlTime.of(clock.instant()))
                .update();
        // Files first, rows second: a file comes after its row, so one that begins meanwhile is not taken for a
        // leftover.
        var files = store.uploads();
        if (!files.isEmpty()) {
            files.removeAll(jdbc.sql("select id from audio_upload where state in ('RECEIVING', 'PROCESSING')")
                    .query(String.class)
                    .set());
            files.forEach(store::dropUpload);
        }
    }

    private Optional<Upload> find(String id) {
        return jdbc.sql("select " + COLUMNS + " from audio_upload where id = :id and expires_at > :now")
                .param("id", id)
                .param("now", SqlTime.of(clock.instant()))
                .query(Uploads::upload)
                .optional();
    }

    private Optional<Upload> byKey(SignedIn person, String key) {
        return jdbc.sql("select " + COLUMNS + " from audio_upload where person_id = :person and idempotency_key = :key")
                .param("person", person.personId())
                .param("key", key)
                .query(Uploads::upload)
                .optional();
    }

    private int receiving(SignedIn person) {
        return jdbc.sql("select count(*) from audio_upload where person_id = :person and state = 'RECEIVING'")
                .param("person", person.personId())
                .query(Integer.class)
                .single();
    }

    private String newId() {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static void append(Path file, long at, byte[] chunk, int from) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (channel.size() < at) {
                throw new IOException("What arrived of an upload is gone");
            }
            // A crash may have left bytes that were never confirmed.
            channel.truncate(at);
            channel.position(at);
            var rest = ByteBuffer.wrap(chunk, from, chunk.length - from);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(false);
        }
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, bytes % 1_000_000 == 0 ? "%.0f" : "%.1f", bytes / 1e6);
    }

    static Upload upload(ResultSet row, int number) throws SQLException {
        var hash = row.getString("declared_hash");
        var problem = row.getString("problem");
        var recording = row.getLong("recording_id");
        var noRecording = row.wasNull();
        return new Upload(
                row.getString("id"),
                new StationId(row.getLong("station_id")),
                row.getLong("person_id"),
                row.getString("person_name"),
                row.getString("file_name"),
                row.getString("title"),
                row.getString("language"),
                row.getLong("declared_bytes"),
                hash == null ? null : ContentHash.of(HexFormat.of().parseHex(hash)),
                row.getLong("received_bytes"),
                Upload.State.valueOf(row.getString("state")),
                problem == null ? null : UploadProblem.valueOf(problem),
                row.getString("problem_argument"),
                noRecording ? null : new RecordingId(recording),
                SqlTime.get(row, "expires_at"));
    }
}
