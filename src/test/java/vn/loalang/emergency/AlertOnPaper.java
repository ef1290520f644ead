package vn.loalang.emergency;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import vn.loalang.access.SignedIn;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.broadcast.OrderPlan;
import vn.loalang.broadcast.Origin;
import vn.loalang.broadcast.Priority;
import vn.loalang.broadcast.Status;
import vn.loalang.fleet.ControllerId;

/** An alert that was aired, as it stands in the database, without anything having been signed or sent. */
record AlertOnPaper(AlertId id, BroadcastId broadcast) {
    static AlertOnPaper aired(
            JdbcClient jdbc,
            Broadcasts broadcasts,
            Areas areas,
            Stations stations,
            SignedIn by,
            Status status,
            AreaPath village,
            Instant at,
            Set<ControllerId> poles) {
        var station = stations.main().id();
        var broadcast = broadcasts.arm(new OrderPlan(
                new StationId(station),
                Priority.EMERGENCY,
                Authority.COMMUNE,
                Origin.EMERGENCY,
                status,
                "Cảnh báo lũ",
                List.of(),
                1,
                Duration.ofSeconds(10),
                Duration.ofMinutes(10),
                100,
                poles,
                Map.of()));
        broadcasts.release(broadcast, at, at.plusSeconds(600));
        broadcasts.settle(broadcast, at, at.plusSeconds(600));
        jdbc.sql("""
                        insert into emergency_alert (station_id, broadcast_id, press, kind, status, state, message_id, title, said,
                          repetitions, sound_ms, life_seconds, place, controllers, online, authority, wide, armed_by,
                          armed_by_name, armed_at, fires_at, aired_at, ends_at)
                        values (:station, :broadcast, :press, 'ALERT', :status, 'AIRED', 1, 'Cảnh báo lũ',
                          'Nước lên nhanh, bà con lên nơi cao ngay.', 1, 10000, 600, 'thôn Đằng Xá', :poles, 1, 'COMMUNE', false,
                          :by, :name, :armed, :at, :at, :until)""")
                .param("station", station)
                .param("broadcast", broadcast.value())
                .param("press", broadcast.toString())
                .param("status", status.name())
                .param("poles", poles.size())
                .param("by", by.personId())
                .param("name", by.name())
                .param("armed", SqlTime.of(at.minusSeconds(8)))
                .param("at", SqlTime.of(at))
                .param("until", SqlTime.of(at.plusSeconds(600)))
                .update();
        var id = jdbc.sql("select id from emergency_alert where broadcast_id = :broadcast")
                .param("broadcast", broadcast.value())
                .query(Long.class)
                .single();
        jdbc.sql(
                        "insert into emergency_alert_village (alert_id, area_id, controllers, online) values (:id, :area, :poles, 1)")
                .param("id", id)
                .param("area", areas.find(village).orElseThrow().id())
                .param("poles", poles.size())
                .update();
        return new AlertOnPaper(new AlertId(id), broadcast);
    }
}
