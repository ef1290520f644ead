package vn.loalang.emergency;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;
import vn.loalang.audio.RecordingId;
import vn.loalang.protocol.Step;

/** The sirens that messages begin with. */
@Component
public class Sirens {
    /** Identity of a siren that is not stored yet. */
    public static final SirenId NEW = new SirenId(0);

    private static final String COLUMNS = "id, name, blasts, on_seconds, gap_seconds, repeats, tone ";

    private final JdbcClient jdbc;
    private final Clock clock;
    private final ApplicationEventPublisher events;

    Sirens(JdbcClient jdbc, Clock clock, ApplicationEventPublisher events) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.events = events;
    }

    /** Published in the transaction that changed a siren. */
    record Changed() {}

    /** All that have not been removed, in order of their making. */
    public List<Siren> all() {
        return jdbc.sql("select " + COLUMNS + "from emergency_siren where archived_at is null order by id")
                .query(Sirens::siren)
                .list();
    }

    /** This siren, removed ones included. */
    public Optional<Siren> find(SirenId id) {
        return jdbc.sql("select " + COLUMNS + "from emergency_siren where id = :id")
                .param("id", id.value())
                .query(Sirens::siren)
                .optional();
    }

    /** These sirens, removed ones included, by their identity; those that do not exist are left out. */
    Map<SirenId, Siren> find(Set<SirenId> ids) {
        return ids.isEmpty()
                ? Map.of()
                : jdbc
                        .sql("select " + COLUMNS + "from emergency_siren where id in (:ids)")
                        .param("ids", ids.stream().map(SirenId::value).toList())
                        .query(Sirens::siren)
                        .list()
                        .stream()
                        .collect(Collectors.toMap(Siren::id, it -> it));
    }

    /** Its rendered sound, if it has been rendered. */
    public Optional<RecordingId> recording(SirenId id) {
        return jdbc.sql("select recording_id from emergency_siren where id = :id and recording_id is not null")
                .param("id", id.value())
                .query((row, number) -> new RecordingId(row.getLong(1)))
                .optional();
    }

    /** Those whose sound is still to be rendered. */
    List<Siren> silent() {
        return jdbc.sql("select " + COLUMNS
                        + "from emergency_siren where archived_at is null and recording_id is null order by id")
                .query(Sirens::siren)
                .list();
    }

    /** Gives a siren its rendered sound; whether it still is what was rendered. */
    boolean rendered(Siren siren, RecordingId sound) {
        return params(jdbc.sql("""
                                update emergency_siren set recording_id = :sound where id = :id and archived_at is null
                                  and name = :name and blasts = :blasts and on_seconds = :on and gap_seconds = :gap
                                  and repeats = :repeats and tone = :tone"""), siren)
                        .param("id", siren.id().value())
                        .param("sound", sound.value())
                        .update()
                > 0;
    }

    /** Whether there has never been any. */
    boolean none() {
        return jdbc.sql("select count(*) from emergency_siren")
                        .query(Long.class)
                        .single()
                == 0;
    }

    /**
     * Stores a siren, a new one when its identity is {@link #NEW}, and returns it as stored. Its sound follows within seconds; until
     * then controllers make the tone themselves.
     *
     * @throws Refusal when it has been removed, messages repeat it more often than it may sound now, or boxes can keep no more
     */
    @Transactional
    public Siren save(Siren siren) {
        checkRepeats(siren);
        if (siren.id().equals(NEW)) {
            var key = new GeneratedKeyHolder();
            params(jdbc.sql("""
                    insert into emergency_siren (name, blasts, on_seconds, gap_seconds, repeats, tone)
                    values (:name, :blasts, :on, :gap, :repeats, :tone)"""), siren).update(key, "id");
            events.publishEvent(new Changed());
            return find(new SirenId(Objects.requireNonNull(key.getKey()).longValue()))
                    .orElseThrow();
        }
        var changed =
                params(jdbc.sql("""
                        update emergency_siren set name = :name,
                          recording_id = case when blasts = :blasts and on_seconds = :on and gap_seconds = :gap and tone = :tone
                            then recording_id end,
                          blasts = :blasts, on_seconds = :on, gap_seconds = :gap, repeats = :repeats, tone = :tone
                        where id = :id and archived_at is null"""), siren).param("id", siren.id().value()).update();
        if (changed == 0) {
            throw new Refusal("", "emergency.refused.sirenGone");
        }
        events.publishEvent(new Changed());
        return siren;
    }

    /**
     * Refuses a siren that may sound less often than messages repeat it.
     *
     * @throws Refusal naming these messages
     */
    void checkRepeats(Siren siren) {
        var tooOften = jdbc.sql("""
                        select name from emergency_message where siren_id = :id and archived_at is null
                        and repetitions > :repeats order by name""")
                .param("id", siren.id().value())
                .param("repeats", siren.repeats())
                .query(String.class)
                .list();
        if (!tooOften.isEmpty()) {
            throw new Refusal("repeats", "emergency.refused.repeatsUsed", String.join(", ", tooOften));
        }
    }

    /**
     * Takes a siren out of the list, and with it what areas have in its place.
     *
     * @throws Refusal when a message still begins with it
     */
    @Transactional
    public void remove(SirenId id) {
        var users = jdbc.sql(
                        "select name from emergency_message where siren_id = :id and archived_at is null order by name")
                .param("id", id.value())
                .query(String.class)
                .list();
        if (!users.isEmpty()) {
            throw new Refusal("", "emergency.refused.sirenUsed", String.join(", ", users));
        }
        jdbc.sql("update emergency_siren set archived_at = :now where id = :id and archived_at is null")
                .param("now", SqlTime.of(clock.instant()))
                .param("id", id.value())
                .update();
        jdbc.sql("delete from emergency_area_siren where siren_id = :id")
                .param("id", id.value())
                .update();
        events.publishEvent(new Changed());
    }

    private static JdbcClient.StatementSpec params(JdbcClient.StatementSpec sql, Siren siren) {
        return sql.param("name", siren.name())
                .param("blasts", siren.blasts())
                .param("on", siren.on().toSeconds())
                .param("gap", siren.gap().toSeconds())
                .param("repeats", siren.repeats())
                .param("tone", siren.tone().name());
    }

    static Siren siren(ResultSet row, int number) throws SQLException {
        return new Siren(
                new SirenId(row.getLong("id")),
                row.getString("name"),
                row.getInt("blasts"),
                Duration.ofSeconds(row.getInt("on_seconds")),
                Duration.ofSeconds(row.getInt("gap_seconds")),
                row.getInt("repeats"),
                Step.Pattern.valueOf(row.getString("tone")));
    }
}
