package vn.loalang.audio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.DoubleConsumer;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.EmptyResultDataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.AuditLog;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.SearchKey;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.sound.CanonicalMp3;
import vn.loalang.sound.Mastering;
import vn.loalang.sound.SoundException;
import vn.loalang.web.LiveUpdates;
import vn.loalang.web.Topic;

/** All sounds of this server. They are archived, never deleted: reports and plans go on naming them. */
@Component
public class Recordings {
    /** Longest recording. */
    public static final Duration LONGEST = Duration.ofHours(4);

    static final Topic TOPIC = Topic.of("library");
    static final int LONGEST_TITLE = 200;

    private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}");
    private static final int LONGEST_KEY = 500;
    private static final double QUIET_BY = 1.5;
    private static final String COLUMNS = """
            id, station_id, title, language, original_hash, original_name, canonical_hash, canonical_bytes, duration_ms,
            loudness_lufs, warnings, uploaded_by, uploaded_at, archived_at, version""";

    private final JdbcClient jdbc;
    private final Clock clock;
    private final AudioStore store;
    private final AuditLog audit;
    private final Durability durability;
    private final LiveUpdates live;
    private final TransactionTemplate transaction;
    /** Two recordings of the same content share their files: one must not take back what the other has just found. */
    private final Object storing = new Object();

    Recordings(
            JdbcClient jdbc,
            Clock clock,
            AudioStore store,
            AuditLog audit,
            Durability durability,
            LiveUpdates live,
            TransactionTemplate transaction) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.store = store;
        this.audit = audit;
        this.durability = durability;
        this.live = live;
        this.transaction = transaction;
    }

    /** The recording with this identity, archived ones included. */
    public Optional<Recording> find(RecordingId id) {
        return jdbc.sql("select " + COLUMNS + " from audio_recording where id = :id")
                .param("id", id.value())
                .query(Recordings::recording)
                .optional();
    }

    /** These recordings, archived ones included, by their identity; those that do not exist are left out. */
    public Map<RecordingId, Recording> find(Set<RecordingId> ids) {
        return ids.isEmpty()
                ? Map.of()
                : jdbc
                        .sql("select " + COLUMNS + " from audio_recording where id in (:ids)")
                        .param("ids", ids.stream().map(RecordingId::value).toList())
                        .query(Recordings::recording)
                        .list()
                        .stream()
                        .collect(Collectors.toMap(Recording::id, it -> it));
    }

    /** The station's recordings that are not archived, newest first. */
    public List<Recording> list(StationId station) {
        return search(station, "", false, Integer.MAX_VALUE, 0);
    }

    /**
     * Recordings whose title or file name holds the typed text, accents ignored, newest first.
     *
     * @param archived those that were archived instead of those that were not
     * @param limit most to return
     * @param offset how many to pass over
     */
    public List<Recording> search(StationId station, String typed, boolean archived, int limit, int offset) {
        return jdbc.sql("select " + COLUMNS + """
                         from audio_recording where station_id = :station and search_key like :pattern escape '\\'
                        and (archived_at is not null) = :archived order by uploaded_at desc, id desc limit :limit offset :offset""")
                .param("station", station.value())
                .param("pattern", SearchKey.pattern(typed))
                .param("archived", archived)
                .param("limit", limit)
                .param("offset", offset)
                .query(Recordings::recording)
                .list();
    }

    /** How many {@link #search} would find without a limit. */
    public int count(StationId station, String typed, boolean archived) {
        return jdbc.sql("""
                        select count(*) from audio_recording where station_id = :station and search_key like :pattern escape '\\'
                        and (archived_at is not null) = :archived""")
                .param("station", station.value())
                .param("pattern", SearchKey.pattern(typed))
                .param("archived", archived)
                .query(Integer.class)
                .single();
    }

    /** The shape of its wave: {@link Mastering#PEAKS} bytes, 0 … 255; empty when there is no such recording. */
    public byte[] peaks(RecordingId id) {
        try {
            return jdbc.sql("select peaks from audio_recording where id = :id")
                    .param("id", id.value())
                    .query(byte[].class)
                    .single();
        } catch (EmptyResultDataAccessException e) {
            return new byte[0];
        }
    }

    /**
     * Takes in a file of this machine, which stays where it is; for the demo and for tools. Takes about a second per four minutes
     * of sound.
     *
     * @param file MP3 or WAV
     * @param title 1 to 200 characters
     * @param language BCP 47 tag
     * @throws SoundException when it is not sound that we read, or longer than {@link #LONGEST}
     * @throws Refusal when title or language is malformed
     * @throws IOException when reading or storing fails
     */
    public Recording add(StationId station, Path file, String title, String language) throws IOException {
        return add(station, file, title, language, "-", Mastering.Target.PROGRAMME);
    }

    /**
     * As {@link #add(StationId, Path, String, String)}, with the name of the person whose recording it is.
     *
     * @throws SoundException when it is not sound that we read, or longer than {@link #LONGEST}
     * @throws Refusal when title or language is malformed
     * @throws IOException when reading or storing fails
     */
    public Recording add(StationId station, Path file, String title, String language, String personName)
            throws IOException {
        return add(station, file, title, language, personName, Mastering.Target.PROGRAMME);
    }

    /**
     * As {@link #add(StationId, Path, String, String)}, but as loud as alarms are, and out of the library from the beginning: nobody
     * plans an alarm by mistake.
     */
    public Recording addAlarm(StationId station, Path file, String title) throws IOException {
        var recording = add(station, file, title, "zxx", "-", Mastering.Target.ALARM);
        archive(recording.id());
        return find(recording.id()).orElseThrow();
    }

    private Recording add(
            StationId station, Path file, String title, String language, String personName, Mastering.Target loudness)
            throws IOException {
        var copy = store.work(UUID.randomUUID() + ".original");
        try {
            Files.copy(file, copy);
            return add(
                    new Wanted(
                            station, FileNames.clean(file.getFileName().toString()), title, language, personName, null),
                    copy,
                    loudness,
                    part -> {},
                    id -> {});
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /**
     * What is to be taken in.
     *
     * @param fileName clean name of the file
     */
    record Wanted(
            StationId station,
            String fileName,
            String title,
            String language,
            String personName,
            @Nullable Long personId) {}

    /**
     * Masters a file and stores all of it or nothing; on success the file has moved into the store.
     *
     * @param inTransaction called with the new identity in the transaction that stores the recording
     */
    Recording add(Wanted wanted, Path file, DoubleConsumer progress, LongConsumer inTransaction) throws IOException {
        return add(wanted, file, Mastering.Target.PROGRAMME, progress, inTransaction);
    }

    private Recording add(
            Wanted wanted, Path file, Mastering.Target loudness, DoubleConsumer progress, LongConsumer inTransaction)
            throws IOException {
        var title = cleanTitle(wanted.title());
        var language = cleanLanguage(wanted.language());
        var name = UUID.randomUUID().toString();
        var made = store.work(name + ".canonical");
        var originalBytes = Files.size(file);
        var result = new Mastering(loudness, LONGEST, progress).master(file, made, store.work(name + ".spool"));
        synchronized (storing) {
            return store(wanted, title, language, file, originalBytes, made, result, inTransaction);
        }
    }

    private Recording store(
            Wanted wanted,
            String title,
            String language,
            Path file,
            long originalBytes,
            Path made,
            Mastering.Result result,
            LongConsumer inTransaction)
            throws IOException {
        ContentHash originalHash;
        ContentHash canonicalHash;
        boolean newCanonical;
        boolean newOriginal;
        try {
            originalHash = hash(file);
            canonicalHash = hash(made);
            newCanonical = store.keepCanonical(made, canonicalHash);
            newOriginal = store.keepOriginal(file, originalHash);
        } finally {
            Files.deleteIfExists(made);
        }
        boolean stored = false;
        try {
            var id = transaction.execute(status -> {
                var key = insert(wanted, title, language, originalHash, originalBytes, canonicalHash, result);
                inTransaction.accept(key);
                audit.record("audio.recordingAdded", title, wanted.fileName() + " – " + wanted.personName());
                live.changed(TOPIC);
                return key;
            });
            // From here on the files belong to a recording, even if the sync should fail.
            stored = true;
            durability.confirm();
            return find(new RecordingId(id)).orElseThrow();
        } finally {
            if (!stored) {
                if (newCanonical) {
                    store.forgetCanonical(canonicalHash);
                }
                if (newOriginal) {
                    store.forgetOriginal(originalHash);
                }
            }
        }
    }

    private long insert(
            Wanted wanted,
            String title,
            String language,
            ContentHash originalHash,
            long originalBytes,
            ContentHash canonicalHash,
            Mastering.Result result) {
        var key = new GeneratedKeyHolder();
        jdbc.sql("""
                        insert into audio_recording (station_id, title, search_key, language, original_hash, original_bytes,
                          original_name, canonical_hash, canonical_bytes, duration_ms, loudness_lufs, peaks, warnings, uploaded_by,
                          uploaded_by_id, uploaded_at)
                        values (:station, :title, :searchKey, :language, :originalHash, :originalBytes, :originalName,
                          :canonicalHash, :canonicalBytes, :duration, :loudness, :peaks, :warnings, :person, :personId, :now)""")
                .param("station", wanted.station().value())
                .param("title", title)
                .param("searchKey", searchKey(title, wanted.fileName()))
                .param("language", language)
                .param("originalHash", originalHash.hex())
                .param("originalBytes", originalBytes)
                .param("originalName", wanted.fileName())
                .param("canonicalHash", canonicalHash.hex())
                .param("canonicalBytes", result.frames() * CanonicalMp3.FRAME_BYTES)
                .param("duration", result.duration().toMillis())
                .param("loudness", result.silent() ? null : result.lufs())
                .param("peaks", result.peaks())
                .param(
                        "warnings",
                        warnings(result).stream().map(Enum::name).sorted().collect(Collectors.joining(",")))
                .param("person", wanted.personName())
                .param("personId", wanted.personId())
                .param("now", SqlTime.of(clock.instant()))
                .update(key, "id");
        return Objects.requireNonNull(key.getKey()).longValue();
    }

    /**
     * Gives a recording another title.
     *
     * @param version of the recording as the person saw it
     * @throws Refusal when the title is blank or too long, the recording is gone, or somebody changed it meanwhile
     */
    @Transactional
    public void rename(RecordingId id, String title, int version) {
        var clean = cleanTitle(title);
        var before = find(id).orElseThrow(() -> new Refusal("", "audio.refused.missing"));
        var changed = jdbc.sql("""
                        update audio_recording set title = :title, search_key = :searchKey, version = version + 1
                        where id = :id and version = :version""")
                .param("title", clean)
                .param("searchKey", searchKey(clean, before.originalName()))
                .param("id", id.value())
                .param("version", version)
                .update();
        if (changed == 0) {
            throw new Refusal("", "audio.refused.changedMeanwhile", before.title());
        }
        audit.record("audio.recordingRenamed", clean, before.title());
        live.changed(TOPIC);
        durability.confirm();
    }

    /**
     * Takes a recording out of the list; what is already planned goes on playing it. Does nothing when it is archived already.
     *
     * @throws Refusal when it is gone
     */
    @Transactional
    public void archive(RecordingId id) {
        var before = find(id).orElseThrow(() -> new Refusal("", "audio.refused.missing"));
        var changed = jdbc.sql("""
                        update audio_recording set archived_at = :now, version = version + 1
                        where id = :id and archived_at is null""")
                .param("now", SqlTime.of(clock.instant()))
                .param("id", id.value())
                .update();
        if (changed == 1) {
            audit.record("audio.recordingArchived", before.title(), "");
            live.changed(TOPIC);
            durability.confirm();
        }
    }

    /**
     * Puts an archived recording back into the list. Does nothing when it is there.
     *
     * @throws Refusal when it is gone
     */
    @Transactional
    public void restore(RecordingId id) {
        var before = find(id).orElseThrow(() -> new Refusal("", "audio.refused.missing"));
        var changed = jdbc.sql("""
                        update audio_recording set archived_at = null, version = version + 1
                        where id = :id and archived_at is not null""").param("id", id.value()).update();
        if (changed == 1) {
            audit.record("audio.recordingRestored", before.title(), "");
            live.changed(TOPIC);
            durability.confirm();
        }
    }

    static String cleanTitle(String title) {
        var clean = title.strip();
        if (clean.isEmpty() || clean.length() > LONGEST_TITLE) {
            throw new Refusal("title", "audio.refused.title", LONGEST_TITLE);
        }
        return clean;
    }

    static String cleanLanguage(String language) {
        if (!LANGUAGE.matcher(language).matches()) {
            throw new Refusal("language", "audio.refused.language");
        }
        return language;
    }

    private static Set<RecordingWarning> warnings(Mastering.Result result) {
        var warnings = EnumSet.noneOf(RecordingWarning.class);
        if (result.source().truncated()) {
            warnings.add(RecordingWarning.TRUNCATED);
        }
        if (result.source().damaged() || result.damagedFrames() > 0) {
            warnings.add(RecordingWarning.DAMAGED);
        }
        if (result.silent()) {
            warnings.add(RecordingWarning.SILENT);
        } else if (result.lufs() < Mastering.Target.PROGRAMME.lufs() - QUIET_BY) {
            warnings.add(RecordingWarning.QUIET);
        }
        return warnings;
    }

    private static String searchKey(String title, String fileName) {
        var key = SearchKey.of(title + " " + fileName);
        return key.length() <= LONGEST_KEY ? key : key.substring(0, LONGEST_KEY);
    }

    /** Reads a file to its end. */
    static ContentHash hash(Path file) throws IOException {
        var digest = ContentHash.sha256();
        try (var in = new DigestInputStream(Files.newInputStream(file), digest)) {
            byte[] buffer = new byte[1 << 16];
            while (in.read(buffer) >= 0) {
                // reading is all it takes
            }
        }
        return ContentHash.of(digest.digest());
    }

    private static Recording recording(ResultSet row, int number) throws SQLException {
        var loudness = row.getDouble("loudness_lufs");
        var silent = row.wasNull();
        var warnings = row.getString("warnings");
        return new Recording(
                new RecordingId(row.getLong("id")),
                new StationId(row.getLong("station_id")),
                row.getString("title"),
                row.getString("language"),
                new ContentHash(row.getString("original_hash")),
                row.getString("original_name"),
                new ContentHash(row.getString("canonical_hash")),
                row.getLong("canonical_bytes"),
                Duration.ofMillis(row.getLong("duration_ms")),
                silent ? null : loudness,
                warnings.isEmpty()
                        ? Set.of()
                        : Arrays.stream(warnings.split(","))
                                .map(RecordingWarning::valueOf)
                                .collect(Collectors.toSet()),
                row.getString("uploaded_by"),
                SqlTime.get(row, "uploaded_at"),
                SqlTime.getNullable(row, "archived_at"),
                row.getInt("version"));
    }
}
