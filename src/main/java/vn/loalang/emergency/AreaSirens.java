package vn.loalang.emergency;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Refusal;
import vn.loalang.audio.RecordingId;

/** The sirens that areas have for themselves, in place of those of the same name that sound elsewhere. */
@Component
public class AreaSirens {
    private static final String SELECT = """
            select s.id, s.name, o.blasts, o.on_seconds, o.gap_seconds, o.repeats, o.tone, o.recording_id, o.area_id, a.path,
              a.full_name
            from emergency_area_siren o join emergency_siren s on s.id = o.siren_id join area_area a on a.id = o.area_id
            where s.archived_at is null and a.archived_at is null
            """;

    private final JdbcClient jdbc;
    private final Sirens sirens;
    private final ApplicationEventPublisher events;

    AreaSirens(JdbcClient jdbc, Sirens sirens, ApplicationEventPublisher events) {
        this.jdbc = jdbc;
        this.sirens = sirens;
        this.events = events;
    }

    /** All of them, siren by siren, areas in tree order. */
    public List<AreaSiren> all() {
        return jdbc.sql(SELECT + "order by s.id, a.path").query(AreaSirens::one).list();
    }

    /** Those in place of this siren, in tree order. */
    public List<AreaSiren> of(SirenId siren) {
        return jdbc.sql(SELECT + "and s.id = :siren order by a.path")
                .param("siren", siren.value())
                .query(AreaSirens::one)
                .list();
    }

    /**
     * Has this siren sound like that in this area and below from now on. Its sound follows within seconds; until then boxes there
     * sound what sounds above.
     *
     * @param siren the pattern, with the identity of the siren in whose place it sounds; its name is not used
     * @throws Refusal when that siren has been removed, or messages repeat it more often than this one may sound
     */
    @Transactional
    public void save(AreaId area, Siren siren) {
        if (sirens.all().stream().noneMatch(it -> it.id().equals(siren.id()))) {
            throw new Refusal("", "emergency.refused.sirenGone");
        }
        sirens.checkRepeats(siren);
        var changed = params(jdbc.sql("""
                        update emergency_area_siren set
                          recording_id = case when blasts = :blasts and on_seconds = :on and gap_seconds = :gap and tone = :tone
                            then recording_id end,
                          blasts = :blasts, on_seconds = :on, gap_seconds = :gap, repeats = :repeats, tone = :tone
                        where siren_id = :siren and area_id = :area"""), area, siren).update();
        if (changed == 0) {
            params(jdbc.sql("""
                            insert into emergency_area_siren (siren_id, area_id, blasts, on_seconds, gap_seconds, repeats, tone)
                            values (:siren, :area, :blasts, :on, :gap, :repeats, :tone)"""), area, siren).update();
        }
        events.publishEvent(new Sirens.Changed());
    }

    /** Lets this siren sound in this area as it does above; whether it had its own. */
    @Transactional
    public boolean remove(AreaId area, SirenId siren) {
        var removed = jdbc.sql("delete from emergency_area_siren where siren_id = :siren and area_id = :area")
                        .param("siren", siren.value())
                        .param("area", area.value())
                        .update()
                > 0;
        if (removed) {
            events.publishEvent(new Sirens.Changed());
        }
        return removed;
    }

    /** Those whose sound is still to be rendered. */
    List<AreaSiren> silent() {
        return all().stream().filter(it -> it.sound() == null).toList();
    }

    /** Gives one its rendered sound; whether it still is what was rendered. */
    boolean rendered(AreaSiren rendered, RecordingId sound) {
        return params(jdbc.sql("""
                                update emergency_area_siren set recording_id = :sound where siren_id = :siren and area_id = :area
                                  and blasts = :blasts and on_seconds = :on and gap_seconds = :gap and repeats = :repeats
                                  and tone = :tone"""), rendered.area(), rendered.siren())
                        .param("sound", sound.value())
                        .update()
                > 0;
    }

    private static JdbcClient.StatementSpec params(JdbcClient.StatementSpec sql, AreaId area, Siren siren) {
        return sql.param("siren", siren.id().value())
                .param("area", area.value())
                .param("blasts", siren.blasts())
                .param("on", siren.on().toSeconds())
                .param("gap", siren.gap().toSeconds())
                .param("repeats", siren.repeats())
                .param("tone", siren.tone().name());
    }

    private static AreaSiren one(ResultSet row, int number) throws SQLException {
        var siren = Sirens.siren(row, number);
        var recording = row.getLong("recording_id");
        var sound = row.wasNull() ? null : new RecordingId(recording);
        return new AreaSiren(
                new AreaId(row.getLong("area_id")),
                new AreaPath(row.getString("path")),
                row.getString("full_name"),
                siren,
                sound);
    }
}
