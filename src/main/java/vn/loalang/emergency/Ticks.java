package vn.loalang.emergency;

import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.SqlTime;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.fleet.ControllerId;
import vn.loalang.web.LiveUpdates;
import vn.loalang.web.Topic;

/**
 * What people did about silent poles. A tick is somebody's word, kept apart from what poles report and never counted as
 * sound.
 */
@Component
public class Ticks {
    /** What open pages watch for news of emergencies. */
    static final Topic EMERGENCY = new Topic("emergency");

    private final JdbcClient jdbc;
    private final Clock clock;
    private final LiveUpdates live;

    Ticks(JdbcClient jdbc, Clock clock, LiveUpdates live) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.live = live;
    }

    /** What was done. */
    public enum Kind {
        /** Somebody there was called. */
        CALLED,
        /** Somebody there says that it was heard, from another pole or from a hand loudspeaker. */
        HEARD
    }

    /** One tick: who set it, and when. */
    public record Tick(String person, Instant at) {}

    /** Sets a tick; the first one stays. */
    @Transactional
    public void set(BroadcastId broadcast, ControllerId pole, Kind kind, String person) {
        var set = jdbc.sql("""
                        insert into emergency_tick (broadcast_id, controller_id, kind, person_name, ticked_at)
                        values (:broadcast, :pole, :kind, :person, :now) on conflict do nothing""")
                .param("broadcast", broadcast.value())
                .param("pole", pole.value())
                .param("kind", kind.name())
                .param("person", person)
                .param("now", SqlTime.of(clock.instant()))
                .update();
        if (set > 0) {
            live.changed(EMERGENCY);
        }
    }

    /** Takes a tick back. */
    @Transactional
    public void clear(BroadcastId broadcast, ControllerId pole, Kind kind) {
        var cleared = jdbc.sql("""
                        delete from emergency_tick where broadcast_id = :broadcast and controller_id = :pole and kind = :kind""")
                .param("broadcast", broadcast.value())
                .param("pole", pole.value())
                .param("kind", kind.name())
                .update();
        if (cleared > 0) {
            live.changed(EMERGENCY);
        }
    }

    /** The ticks of this kind by pole. */
    public Map<ControllerId, Tick> of(BroadcastId broadcast, Kind kind) {
        var ticks = new HashMap<ControllerId, Tick>();
        jdbc.sql("""
                        select controller_id, person_name, ticked_at from emergency_tick
                        where broadcast_id = :broadcast and kind = :kind""")
                .param("broadcast", broadcast.value())
                .param("kind", kind.name())
                .query((java.sql.ResultSet row) -> {
                    ticks.put(
                            new ControllerId(row.getLong("controller_id")),
                            new Tick(row.getString("person_name"), SqlTime.get(row, "ticked_at")));
                });
        return ticks;
    }
}
