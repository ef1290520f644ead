package vn.loalang.programme;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.SqlTime;
import vn.loalang.audio.Recording;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;

/** Programmes and their versions. A version never changes once made. */
@Component
public class Programmes {
    private final JdbcClient jdbc;
    private final Recordings recordings;
    private final Clock clock;

    Programmes(JdbcClient jdbc, Recordings recordings, Clock clock) {
        this.jdbc = jdbc;
        this.recordings = recordings;
        this.clock = clock;
    }

    /**
     * The programme that is just this recording; made the first time it is asked for.
     *
     * @throws IllegalArgumentException when there is no such recording
     */
    @Transactional
    public ProgrammeVersionId singleItem(RecordingId id) {
        return existing(id)
                .orElseGet(() -> make(
                        recordings.find(id).orElseThrow(() -> new IllegalArgumentException("No recording " + id))));
    }

    /**
     * What the version sounds like. A programme that is a single recording carries the recording's present title.
     *
     * @throws IllegalArgumentException when there is no such version
     */
    public ProgrammeContents contents(ProgrammeVersionId version) {
        var ids = jdbc.sql("""
                        select v.recording_id from programme_item i
                        join programme_variant v on v.item_id = i.id
                        where i.version_id = :version
                          and v.id = (select min(first.id) from programme_variant first where first.item_id = i.id)
                        order by i.ordinal""")
                .param("version", version.value())
                .query((row, number) -> new RecordingId(row.getLong(1)))
                .list();
        if (ids.isEmpty()) {
            throw new IllegalArgumentException("No programme " + version);
        }
        var found = ids.stream().map(this::recording).toList();
        return new ProgrammeContents(
                title(version, found),
                ids,
                found.stream().map(Recording::duration).reduce(Duration.ZERO, Duration::plus));
    }

    private String title(ProgrammeVersionId version, List<Recording> found) {
        var programme = jdbc.sql("""
                        select p.title, p.only_recording_id from programme_programme p
                        join programme_version v on v.programme_id = p.id where v.id = :version""")
                .param("version", version.value())
                .query((row, number) -> row.getObject("only_recording_id") == null
                        ? row.getString("title")
                        : found.get(0).title())
                .single();
        return Objects.requireNonNull(programme);
    }

    private Recording recording(RecordingId id) {
        return recordings
                .find(id)
                .orElseThrow(() -> new IllegalStateException("A programme names " + id + ", which is gone"));
    }

    private Optional<ProgrammeVersionId> existing(RecordingId id) {
        return jdbc.sql("""
                        select max(v.id) from programme_version v join programme_programme p on p.id = v.programme_id
                        where p.only_recording_id = :recording having max(v.id) is not null""")
                .param("recording", id.value())
                .query((row, number) -> new ProgrammeVersionId(row.getLong(1)))
                .optional();
    }

    private ProgrammeVersionId make(Recording recording) {
        var now = SqlTime.of(clock.instant());
        var made = jdbc.sql("""
                        insert into programme_programme (station_id, title, only_recording_id, created_at)
                        values (:station, :title, :recording, :now) on conflict do nothing""")
                .param("station", recording.stationId().value())
                .param("title", recording.title())
                .param("recording", recording.id().value())
                .param("now", now)
                .update();
        if (made == 0) {
            // Somebody else was faster and has committed: theirs is as good.
            return existing(recording.id()).orElseThrow();
        }
        var programme = jdbc.sql("select id from programme_programme where only_recording_id = :recording")
                .param("recording", recording.id().value())
                .query(Long.class)
                .single();
        var version = key(jdbc.sql(
                        "insert into programme_version (programme_id, number, created_at) values (:programme, 1, :now)")
                .param("programme", programme)
                .param("now", now));
        var item = key(jdbc.sql("insert into programme_item (version_id, ordinal, title) values (:version, 1, :title)")
                .param("version", version)
                .param("title", recording.title()));
        jdbc.sql(
                        "insert into programme_variant (item_id, language, recording_id) values (:item, :language, :recording)")
                .param("item", item)
                .param("language", recording.language())
                .param("recording", recording.id().value())
                .update();
        return new ProgrammeVersionId(version);
    }

    private static long key(JdbcClient.StatementSpec insert) {
        var key = new GeneratedKeyHolder();
        insert.update(key, "id");
        return Objects.requireNonNull(key.getKey()).longValue();
    }
}
