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

    /**
     * That somebody ended what somebody else said.
     *
     * @param places where, in words
     * @param everywhere whether that was all of it
     * @param reason empty where none is asked
     */
    record Stop(String by, String places, boolean everywhere, Instant at, String reason) {
        /** Name of the sentence that says so. */
        public String key() {
            return "live.stopped." + (everywhere ? reason.isEmpty() ? "ended" : "whole" : "part");
        }
    }

    void add(BroadcastId id, StationId station, SignedIn person, String title, String places, Instant began) {
        jdbc.sql("""
                        insert into live_speech (broadcast_id, station_id, person_id, person_name, title, places, began_at)
                        values (:id, :station, :person, :name, :title, :places, :began)""")
                .param("id", id.value())
                .param("station", station.value())
                .param("person", person.personId())
                .param("name", person.name())
                .param("title", title)
                .param("places", fitting(places))
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

    void stopped(BroadcastId id, Stop stop) {
        jdbc.sql("""
                        insert into live_stop (broadcast_id, by_name, places, everywhere, stopped_at, reason)
                        values (:id, :by, :places, :everywhere, :at, :reason)""")
                .param("id", id.value())
                .param("by", stop.by())
                .param("places", fitting(stop.places()))
                .param("everywhere", stop.everywhere())
                .param("at", SqlTime.of(stop.at()))
                .param("reason", stop.reason())
                .update();
    }

    /** Who ended it where, in this order. */
    List<Stop> stops(BroadcastId id) {
        return jdbc.sql("select * from live_stop where broadcast_id = :id order by id")
                .param("id", id.value())
                .query((row, number) -> new Stop(
                        row.getString("by_name"),
                        row.getString("places"),
                        row.getBoolean("everywhere"),
                        SqlTime.get(row, "stopped_at"),
                        row.getString("reason")))
                .list();
    }

    private static String fitting(String places) {
        return places.length() <= 2000 ? places : places.substring(0, 2000);
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
