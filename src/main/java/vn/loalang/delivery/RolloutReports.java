package vn.loalang.delivery;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.area.SqlTime;
import vn.loalang.delivery.rules.UpdateState;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Row;

/** What boxes tell of the firmware they take over, fetch, try and keep; every report is part of its batch's transaction. */
@Component
class RolloutReports {
    /** A trial is over after ten minutes; whoever says this later that it runs the new version has kept it. */
    private static final Duration LONGER_THAN_A_TRIAL = Duration.ofMinutes(20);

    private static final int LONGEST_WHY = 64;

    private static final String MINE = """
            select u.rollout_id, u.unit_id, u.seq, u.changed_at, f.version from delivery_rollout_unit u
            join delivery_rollout r on r.id = u.rollout_id join delivery_firmware f on f.hash = r.hash\s""";

    private final JdbcClient jdbc;
    private final Clock clock;
    private final Rollouts rollouts;

    RolloutReports(JdbcClient jdbc, Clock clock, Rollouts rollouts) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.rollouts = rollouts;
    }

    /** A box has taken a document of its row {@code fw} over. */
    void received(DeviceId unit, long seq, Instant at) {
        mine(unit, null).stream()
                .filter(each -> each.seq() == seq)
                .forEach(each -> reach(each, UpdateState.RECEIVED, "", at));
    }

    /** A box's journal tells how far it has come. */
    void reached(DeviceId unit, Event.FirmwareChange change, Instant at) {
        var why = Objects.requireNonNullElse(change.why(), "");
        mine(unit, change.ver()).stream()
                .findFirst()
                .ifPresent(each -> reach(
                        each,
                        UpdateState.of(change.reached()),
                        why.length() <= LONGEST_WHY ? why : why.substring(0, LONGEST_WHY),
                        at));
    }

    /** Boxes have said hello; what their journals lost shows in what they run and in the documents they have seen. */
    void greeted(Map<DeviceId, Hello> hellos, Instant at) {
        if (hellos.isEmpty()) {
            return;
        }
        var concerned = jdbc.sql(MINE + """
                        where u.unit_id in (:units) and r.state in ('RUNNING', 'HALTED')
                          and u.state not in ('CONFIRMED', 'ROLLED_BACK', 'FAILED')""")
                .param("units", hellos.keySet().stream().map(DeviceId::value).toList())
                .query(RolloutReports::mine)
                .list();
        for (var each : concerned) {
            var hello = Objects.requireNonNull(hellos.get(each.unit()));
            if (hello.hwm().getOrDefault(Row.FW, 0L) == each.seq()) {
                reach(each, UpdateState.RECEIVED, "", at);
            }
            if (hello.fw().equals(each.version())
                    && each.at().plus(LONGER_THAN_A_TRIAL).isBefore(at)) {
                reach(each, UpdateState.CONFIRMED, "hello", at);
            }
        }
    }

    /** A box's place in a rollout whose document it may have. */
    private record Mine(long rollout, DeviceId unit, long seq, String version, Instant at) {}

    private static Mine mine(ResultSet row, int number) throws SQLException {
        return new Mine(
                row.getLong("rollout_id"),
                new DeviceId(row.getString("unit_id")),
                row.getLong("seq"),
                row.getString("version"),
                SqlTime.get(row, "changed_at"));
    }

    /** Newest first. */
    private List<Mine> mine(DeviceId unit, @Nullable String version) {
        return jdbc.sql(MINE + """
                        where u.unit_id = :unit and r.state <> 'UNSIGNED' and (cast(:version as varchar) is null or f.version = :version)
                        order by u.seq desc""")
                .param("unit", unit.value())
                .param("version", version)
                .query(RolloutReports::mine)
                .list();
    }

    private void reach(Mine mine, UpdateState state, String why, Instant at) {
        // The rollout's row first, as the worker does, or the two might wait for each other.
        jdbc.sql("update delivery_rollout set due_at = :now where id = :id and state = 'RUNNING'")
                .param("now", SqlTime.of(clock.instant()))
                .param("id", mine.rollout())
                .update();
        var moved = jdbc.sql("""
                        update delivery_rollout_unit set state = :state, why = :why, changed_at = :at
                        where rollout_id = :id and unit_id = :unit and state in (:from)""")
                .param("state", state.name())
                .param("why", why)
                .param("at", SqlTime.of(at))
                .param("id", mine.rollout())
                .param("unit", mine.unit().value())
                .param("from", UpdateState.names(state.from()))
                .update();
        if (moved > 0) {
            rollouts.changed();
        }
    }
}
