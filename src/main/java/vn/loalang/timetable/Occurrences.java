package vn.loalang.timetable;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.fleet.ControllerId;
import vn.loalang.programme.ProgrammeVersionId;

/** Which occurrences have been handed to the broadcasts, and what was said of them last. */
@Repository
class Occurrences {
    private final JdbcClient jdbc;

    Occurrences(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** An occurrence that is ordered and not cancelled. */
    record Ordered(
            SlotId slot,
            Instant start,
            Instant end,
            BroadcastId broadcast,
            ProgrammeVersionId programme,
            int volume,
            Duration lateness,
            Set<ControllerId> controllers) {}

    /** Those ordered that end after a moment. */
    List<Ordered> endingAfter(StationId station, Instant moment) {
        return jdbc.sql("""
                        select o.slot_id, o.starts_at, o.ends_at, o.broadcast_id, o.programme_version_id, o.volume, o.lateness_s,
                          o.controllers
                        from timetable_occurrence o join timetable_slot s on s.id = o.slot_id
                        where s.station_id = :station and o.state = 'PLANNED' and o.ends_at > :moment order by o.starts_at, o.slot_id""")
                .param("station", station.value())
                .param("moment", SqlTime.of(moment))
                .query((row, number) -> new Ordered(
                        new SlotId(row.getLong("slot_id")),
                        SqlTime.get(row, "starts_at"),
                        SqlTime.get(row, "ends_at"),
                        new BroadcastId(row.getLong("broadcast_id")),
                        new ProgrammeVersionId(row.getLong("programme_version_id")),
                        row.getInt("volume"),
                        Duration.ofSeconds(row.getLong("lateness_s")),
                        parse(row.getString("controllers"))))
                .list();
    }

    /** Keeps what was ordered, in place of anything kept for the same slot and start. */
    void keep(Ordered ordered) {
        var changed = write("""
                update timetable_occurrence set ends_at = :end, broadcast_id = :broadcast, state = 'PLANNED',
                  programme_version_id = :programme, volume = :volume, lateness_s = :lateness, controllers = :controllers
                where slot_id = :slot and starts_at = :start""", ordered);
        if (changed == 0) {
            write("""
                    insert into timetable_occurrence (slot_id, starts_at, ends_at, broadcast_id, state, programme_version_id, volume,
                      lateness_s, controllers)
                    values (:slot, :start, :end, :broadcast, 'PLANNED', :programme, :volume, :lateness, :controllers)""", ordered);
        }
    }

    private int write(String sql, Ordered ordered) {
        return jdbc.sql(sql)
                .param("end", SqlTime.of(ordered.end()))
                .param("broadcast", ordered.broadcast().value())
                .param("programme", ordered.programme().value())
                .param("volume", ordered.volume())
                .param("lateness", ordered.lateness().toSeconds())
                .param("controllers", text(ordered.controllers()))
                .param("slot", ordered.slot().value())
                .param("start", SqlTime.of(ordered.start()))
                .update();
    }

    void cancelled(Ordered ordered) {
        jdbc.sql("""
                        update timetable_occurrence set state = 'CANCELLED'
                        where slot_id = :slot and starts_at = :start and state = 'PLANNED'""")
                .param("slot", ordered.slot().value())
                .param("start", SqlTime.of(ordered.start()))
                .update();
    }

    private static String text(Set<ControllerId> controllers) {
        return controllers.stream()
                .sorted()
                .map(pole -> Long.toString(pole.value()))
                .collect(Collectors.joining(","));
    }

    private static Set<ControllerId> parse(String text) {
        return text.isEmpty()
                ? Set.of()
                : Arrays.stream(text.split(",", -1))
                        .map(pole -> new ControllerId(Long.parseLong(pole)))
                        .collect(Collectors.toUnmodifiableSet());
    }
}
