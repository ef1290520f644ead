package vn.loalang.emergency;

import java.nio.file.Files;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;
import vn.loalang.audio.AudioStore;
import vn.loalang.audio.Recording;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Step;

/** The messages that are ready to be aired. */
@Component
public class Messages {
    private static final String SELECT = """
            select m.id, m.kind, m.name, m.incident, m.said_time, m.place, m.intensity, m.said_level, m.danger, m.said_area,
              m.forecast, m.response, m.risk, m.defence, m.siren_id, m.repetitions, m.gap_seconds, m.volume, m.life_seconds,
              m.archived_at, m.version, s.position, s.language, s.words, s.recording_id
            from emergency_message m left join emergency_spoken s on s.message_id = m.id
            """;

    private final JdbcClient jdbc;
    private final Clock clock;
    private final Sirens sirens;
    private final AreaSirens areaSirens;
    private final Recordings recordings;
    private final PinnedSounds pins;
    private final Durability durability;
    private final AudioStore store;

    Messages(
            JdbcClient jdbc,
            Clock clock,
            Sirens sirens,
            AreaSirens areaSirens,
            Recordings recordings,
            PinnedSounds pins,
            Durability durability,
            AudioStore store) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.sirens = sirens;
        this.areaSirens = areaSirens;
        this.recordings = recordings;
        this.pins = pins;
        this.durability = durability;
        this.store = store;
    }

    /** All that are not archived: alerts, corrections, all-clears, each by age. */
    public List<ReadyMessage> all() {
        return list(jdbc.sql(SELECT + """
                where m.archived_at is null
                order by case m.kind when 'ALERT' then 0 when 'CORRECTION' then 1 else 2 end, m.id, s.position"""));
    }

    /** Those of one kind that are not archived, by age. */
    public List<ReadyMessage> all(Kind kind) {
        return list(jdbc.sql(SELECT + "where m.archived_at is null and m.kind = :kind order by m.id, s.position")
                .param("kind", kind.name()));
    }

    /** Those that are archived, the last first. */
    public List<ReadyMessage> archived() {
        return list(jdbc.sql(SELECT + "where m.archived_at is not null order by m.archived_at desc, m.id, s.position"));
    }

    /** This message, archived ones included. */
    public Optional<ReadyMessage> find(MessageId id) {
        return list(jdbc.sql(SELECT + "where m.id = :id order by s.position").param("id", id.value())).stream()
                .findFirst();
    }

    /**
     * Stores a message, a new one when its identity is {@link ReadyMessage#NEW}, and returns it as stored.
     *
     * @throws Refusal when it is gone, somebody changed it meanwhile, its siren is gone, or it repeats its siren too often, or boxes can keep
     *     no more sounds
     */
    @Transactional
    public ReadyMessage save(ReadyMessage message) {
        check(message);
        long id;
        if (message.id().equals(ReadyMessage.NEW)) {
            var key = new GeneratedKeyHolder();
            params(jdbc.sql("""
                    insert into emergency_message (kind, name, incident, said_time, place, intensity, said_level, danger, said_area,
                      forecast, response, risk, defence, siren_id, repetitions, gap_seconds, volume, life_seconds)
                    values (:kind, :name, :incident, :time, :place, :intensity, :level, :danger, :area, :forecast, :response, :risk,
                      :defence, :siren, :repetitions, :gap, :volume, :life)"""), message).update(key, "id");
            id = Objects.requireNonNull(key.getKey()).longValue();
        } else {
            id = message.id().value();
            var changed = params(jdbc.sql("""
                            update emergency_message set kind = :kind, name = :name, incident = :incident, said_time = :time,
                              place = :place, intensity = :intensity, said_level = :level, danger = :danger, said_area = :area,
                              forecast = :forecast, response = :response, risk = :risk, defence = :defence, siren_id = :siren,
                              repetitions = :repetitions, gap_seconds = :gap, volume = :volume, life_seconds = :life,
                              version = version + 1
                            where id = :id and version = :version"""), message)
                    .param("id", id)
                    .param("version", message.version())
                    .update();
            if (changed == 0) {
                throw new Refusal("", "emergency.refused.changedMeanwhile", message.name());
            }
            jdbc.sql("delete from emergency_spoken where message_id = :id")
                    .param("id", id)
                    .update();
        }
        speak(id, message.spoken());
        settle();
        durability.confirm();
        return find(new MessageId(id)).orElseThrow();
    }

    /** Takes a message out of the list. Does nothing when it is out already. */
    @Transactional
    public void archive(MessageId id) {
        jdbc.sql("""
                        update emergency_message set archived_at = :now, version = version + 1
                        where id = :id and archived_at is null""")
                .param("now", SqlTime.of(clock.instant()))
                .param("id", id.value())
                .update();
        settle();
        durability.confirm();
    }

    /**
     * Puts an archived message back into the list.
     *
     * @throws Refusal when boxes can keep no more sounds, or its siren is gone meanwhile
     */
    @Transactional
    public void restore(MessageId id) {
        jdbc.sql("""
                        update emergency_message set archived_at = null, version = version + 1
                        where id = :id and archived_at is not null""").param("id", id.value()).update();
        find(id).ifPresent(this::check);
        settle();
        durability.confirm();
    }

    /** Whether there has never been any. */
    boolean none() {
        return jdbc.sql("select count(*) from emergency_message")
                        .query(Long.class)
                        .single()
                == 0;
    }

    @EventListener
    void on(Sirens.Changed change) {
        settle();
    }

    /** Makes the pins of all boxes what messages and sirens need now; in the caller's transaction if there is one. */
    void settle() {
        pins.settle(this::words);
    }

    private Map<String, RecordingId> words() {
        var words = new LinkedHashMap<String, RecordingId>();
        for (var message : all()) {
            for (int i = 0; i < message.spoken().size(); i++) {
                var recording = message.spoken().get(i).recording();
                if (recording != null) {
                    words.put(PinnedSounds.name(message.id(), i), recording);
                }
            }
        }
        return words;
    }

    /**
     * What one repetition of the message sounds, by pins and built-in tones: the document that says so is tiny, and needs no audio
     * store. A siren whose sound is not pinned is made by the controllers themselves. A message that would sound nothing sounds a
     * steady tone.
     */
    public List<Step> steps(ReadyMessage message) {
        var steps = new ArrayList<Step>();
        var siren = siren(message);
        siren.ifPresent(it ->
                steps.add(pins.has(PinnedSounds.name(it.id())) ? new Step.Pin(PinnedSounds.name(it.id())) : it.step()));
        for (int i = 0; i < message.spoken().size(); i++) {
            var id = message.spoken().get(i).recording();
            if (id == null) {
                continue;
            }
            var pin = PinnedSounds.name(message.id(), i);
            if (pins.has(pin)) {
                steps.add(new Step.Pin(pin));
            } else {
                recordings
                        .find(id)
                        .ifPresent(sound -> steps.add(new Step.Sound(
                                Asset.mp3(Hash.parseHex(sound.canonicalHash().hex()), sound.canonicalBytes()),
                                Optional.empty())));
            }
        }
        return steps.isEmpty() ? List.of(Step.Tone.STEADY) : List.copyOf(steps);
    }

    /** The recordings that one repetition sounds, in order. */
    public List<RecordingId> recordings(ReadyMessage message) {
        return sounds(message).stream().map(Recording::id).toList();
    }

    /** How long one repetition sounds. */
    public Duration length(ReadyMessage message) {
        return Objects.requireNonNull(lengths(List.of(message)).get(message.id()));
    }

    /** What now sounds in some areas in place of the message's siren. */
    List<AreaSiren> ownSirens(ReadyMessage message) {
        var siren = message.siren();
        // While the siren has no sound boxes are told its tone, everywhere the same.
        return siren == null || !pins.has(PinnedSounds.name(siren))
                ? List.of()
                : areaSirens.of(siren).stream().filter(it -> it.sound() != null).toList();
    }

    /** How long one repetition of each of these sounds. */
    Map<MessageId, Duration> lengths(List<ReadyMessage> these) {
        var known = sirens.find(
                these.stream().map(ReadyMessage::siren).filter(Objects::nonNull).collect(Collectors.toSet()));
        var sounds = recordings.find(these.stream()
                .flatMap(message -> message.spoken().stream())
                .map(Spoken::recording)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet()));
        var lengths = new HashMap<MessageId, Duration>();
        for (var message : these) {
            var siren = message.siren() == null ? null : known.get(message.siren());
            var length = siren == null ? Duration.ZERO : siren.length();
            for (var spoken : message.spoken()) {
                var sound = spoken.recording() == null ? null : sounds.get(spoken.recording());
                length = sound == null ? length : length.plus(sound.duration());
            }
            lengths.put(message.id(), length.isZero() ? Duration.ofMillis(Step.Tone.STEADY.millis()) : length);
        }
        return lengths;
    }

    /**
     * Titles of the sounds of a message whose files cannot be read any more. Boxes that keep them sound them all the same; others
     * cannot fetch them and sound a steady tone instead.
     *
     * @param heard the sounds of its siren where it is heard
     */
    List<String> unreadable(ReadyMessage message, Collection<RecordingId> heard) {
        return Stream.concat(heard.stream().flatMap(it -> recordings.find(it).stream()), sounds(message).stream())
                .filter(sound -> store.canonical(sound.canonicalHash())
                        .filter(Files::isReadable)
                        .isEmpty())
                .map(Recording::title)
                .distinct()
                .toList();
    }

    private Optional<Siren> siren(ReadyMessage message) {
        var id = message.siren();
        return id == null ? Optional.empty() : sirens.find(id);
    }

    private List<Recording> sounds(ReadyMessage message) {
        return message.spoken().stream()
                .map(Spoken::recording)
                .filter(Objects::nonNull)
                .flatMap(id -> recordings.find(id).stream())
                .toList();
    }

    private void check(ReadyMessage message) {
        if (message.siren() != null) {
            var siren = siren(message)
                    .filter(it -> sirens.all().contains(it))
                    .orElseThrow(() -> new Refusal("siren", "emergency.refused.sirenGone"));
            if (message.repetitions() > siren.repeats()) {
                throw new Refusal("repetitions", "emergency.refused.sirenRepeats", siren.name(), siren.repeats());
            }
            areaSirens.of(siren.id()).stream()
                    .filter(own -> message.repetitions() > own.siren().repeats())
                    .findFirst()
                    .ifPresent(own -> {
                        throw new Refusal(
                                "repetitions",
                                "emergency.refused.areaSirenRepeats",
                                siren.name(),
                                own.siren().repeats(),
                                own.areaName());
                    });
        }
    }

    private void speak(long message, List<Spoken> spoken) {
        for (int i = 0; i < spoken.size(); i++) {
            var recording = spoken.get(i).recording();
            jdbc.sql("""
                            insert into emergency_spoken (message_id, position, language, words, recording_id)
                            values (:message, :position, :language, :words, :recording)""")
                    .param("message", message)
                    .param("position", i)
                    .param("language", spoken.get(i).language())
                    .param("words", spoken.get(i).text())
                    .param("recording", recording == null ? null : recording.value())
                    .update();
        }
    }

    /** Reads rows of {@link #SELECT}: a message stands in as many as it has languages. */
    private static List<ReadyMessage> list(JdbcClient.StatementSpec sql) {
        var bare = new LinkedHashMap<MessageId, ReadyMessage>();
        var words = new HashMap<MessageId, List<Spoken>>();
        sql.query((ResultSet row) -> {
            var id = new MessageId(row.getLong("id"));
            if (!bare.containsKey(id)) {
                bare.put(id, message(row));
            }
            if (nullable(row, "position") != null) {
                words.computeIfAbsent(id, missing -> new ArrayList<>()).add(spoken(row));
            }
        });
        return bare.values().stream()
                .map(message -> message.saying(words.getOrDefault(message.id(), List.of())))
                .toList();
    }

    private static JdbcClient.StatementSpec params(JdbcClient.StatementSpec sql, ReadyMessage message) {
        var bulletin = message.bulletin();
        var risk = message.risk();
        var defence = message.defence();
        var siren = message.siren();
        return sql.param("kind", message.kind().name())
                .param("name", message.name())
                .param("incident", bulletin.incident())
                .param("time", bulletin.time())
                .param("place", bulletin.place())
                .param("intensity", bulletin.intensity())
                .param("level", bulletin.level())
                .param("danger", bulletin.danger())
                .param("area", bulletin.area())
                .param("forecast", bulletin.forecast())
                .param("response", bulletin.response())
                .param("risk", risk == null ? null : risk.name())
                .param("defence", defence == null ? null : defence.name())
                .param("siren", siren == null ? null : siren.value())
                .param("repetitions", message.repetitions())
                .param("gap", message.gap().toSeconds())
                .param("volume", message.volume())
                .param("life", message.life().toSeconds());
    }

    /** The message of a row, without its words. */
    private static ReadyMessage message(ResultSet row) throws SQLException {
        var risk = row.getString("risk");
        var defence = row.getString("defence");
        return new ReadyMessage(
                new MessageId(row.getLong("id")),
                Kind.valueOf(row.getString("kind")),
                row.getString("name"),
                new Bulletin(
                        row.getString("incident"),
                        row.getString("said_time"),
                        row.getString("place"),
                        row.getString("intensity"),
                        row.getString("said_level"),
                        row.getString("danger"),
                        row.getString("said_area"),
                        row.getString("forecast"),
                        row.getString("response")),
                risk == null ? null : DisasterRiskLevel.valueOf(risk),
                defence == null ? null : CivilDefenceLevel.valueOf(defence),
                List.of(),
                nullable(row, "siren_id") == null ? null : new SirenId(row.getLong("siren_id")),
                row.getInt("repetitions"),
                Duration.ofSeconds(row.getInt("gap_seconds")),
                row.getInt("volume"),
                Duration.ofSeconds(row.getInt("life_seconds")),
                SqlTime.getNullable(row, "archived_at"),
                row.getInt("version"));
    }

    private static Spoken spoken(ResultSet row) throws SQLException {
        var recording = nullable(row, "recording_id");
        return new Spoken(
                row.getString("language"),
                row.getString("words"),
                recording == null ? null : new RecordingId(recording));
    }

    private static @Nullable Long nullable(ResultSet row, String column) throws SQLException {
        var value = row.getLong(column);
        return row.wasNull() ? null : value;
    }
}
