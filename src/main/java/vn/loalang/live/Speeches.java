package vn.loalang.live;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.access.SignedIn;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.audio.RecordingId;
import vn.loalang.broadcast.BroadcastId;

/** What was said live, as it is stored. Callers bring the transaction. */
@Component
class Speeches {
    private final JdbcClient jdbc;

    Speeches(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * One speech.
     *
     * @param places where it was heard, in words
     * @param ended null while it lasts
     * @param recording null until it is in the library
     * @param unrecorded whether it never will be
     */
    record Stored(
            BroadcastId id,
            StationId station,
            long personId,
            String personName,
            String title,
            String places,
            Instant began,
            @Nullable Instant ended,
            @Nullable Ending ending,
            @Nullable RecordingId recording,
            boolean unrecorded) {}

    void add(BroadcastId id, StationId station, SignedIn person, String title, String places, Instant began) {
        jdbc.sql("""
                        insert into live_speech (broadcast_id, station_id, person_id, person_name, title, places, began_at)
                        values (:id, :station, :person, :name, :title, :places, :began)""")
                .param("id", id.value())
                .param("station", station.value())
                .param("person", person.personId())
                .param("name", person.name())
                .param("title", title)
                .param("places", places.length() <= 2000 ? places : places.substring(0, 2000))
                .param("began", SqlTime.of(began))
                .update();
    }

    Optional<Stored> find(BroadcastId id) {
        return jdbc.sql("select * from live_speech where broadcast_id = :id")
                .param("id", id.value())
                .query(Speeches::stored)
                .optional();
    }

    /** Ends it, once. */
    void end(BroadcastId id, Ending ending, Instant at) {
        jdbc.sql(
                        "update live_speech set ended_at = :at, ending = :ending where broadcast_id = :id and ended_at is null")
                .param("at", SqlTime.of(at))
                .param("ending", ending.name())
                .param("id", id.value())
                .update();
    }

    /** Those that have no end. */
    List<Stored> open() {
        return jdbc.sql("select * from live_speech where ended_at is null order by began_at")
                .query(Speeches::stored)
                .list();
    }

    /** Those that are over and not in the library yet. */
    List<Stored> unkept() {
        return jdbc.sql("""
                        select * from live_speech
                        where ended_at is not null and recording_id is null and unrecorded = false order by began_at""").query(Speeches::stored).list();
    }

    void kept(BroadcastId id, RecordingId recording) {
        jdbc.sql("update live_speech set recording_id = :recording where broadcast_id = :id and recording_id is null")
                .param("recording", recording.value())
                .param("id", id.value())
                .update();
    }

    void unrecorded(BroadcastId id) {
        jdbc.sql("update live_speech set unrecorded = true where broadcast_id = :id and recording_id is null")
                .param("id", id.value())
                .update();
    }

    private static Stored stored(ResultSet row, int number) throws SQLException {
        var ending = row.getString("ending");
        var recording = row.getObject("recording_id", Long.class);
        return new Stored(
                new BroadcastId(row.getLong("broadcast_id")),
                new StationId(row.getLong("station_id")),
                row.getLong("person_id"),
                row.getString("person_name"),
                row.getString("title"),
                row.getString("places"),
                SqlTime.get(row, "began_at"),
                SqlTime.getNullable(row, "ended_at"),
                ending == null ? null : Ending.valueOf(ending),
                recording == null ? null : new RecordingId(recording),
                row.getBoolean("unrecorded"));
    }
}
