package vn.loalang.fleet;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.SqlTime;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.ErrorCode;
import vn.loalang.protocol.Fault;
import vn.loalang.web.LiveUpdates;
import vn.loalang.web.Topic;

/**
 * What boxes say about themselves: that they are there, how they are, what ails them. Written by the delivery, which
 * hears them. Boxes that nobody registered are ignored. Late and repeated news change nothing.
 */
@Component
public class PresenceBook {
    private static final int LONGEST_TELEMETRY = 4000;
    private static final int LONGEST_LABEL = 60;

    /** In this session, unless it is an earlier one or the news is older than what was heard; see {@link #back}. */
    private static final String BACK = """
            update fleet_unit set online = true, presence_since = ?, last_heard = ?
            where id = ? and online = false and session_number <= ? and (last_heard is null or last_heard <= ?)""";

    /** What open pages watch for news of poles and boxes. */
    static final Topic FLEET = new Topic("fleet");

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final FleetSettings settings;
    private final LiveUpdates live;

    PresenceBook(JdbcClient jdbc, JdbcTemplate batches, FleetSettings settings, LiveUpdates live) {
        this.jdbc = jdbc;
        this.batches = batches;
        this.settings = settings;
        this.live = live;
    }

    /**
     * What a box says of itself when it has connected.
     *
     * @param sn number of this session; smaller than the last one means an old message, which is ignored
     * @param boot how often it has been started
     */
    public record Greeted(DeviceId unit, long sn, long boot, String firmware, String hardware, Instant at) {}

    /** Boxes have connected and said hello, each once. */
    @Transactional
    public void hello(Collection<Greeted> greeted) {
        if (greeted.isEmpty()) {
            return;
        }
        // In one order everywhere, so that nobody waits for somebody who waits for him.
        var all = greeted.stream().sorted(Comparator.comparing(Greeted::unit)).toList();
        var back = batches.batchUpdate(
                BACK,
                all.stream()
                        .map(each -> back(each.unit(), each.sn(), each.at()))
                        .toList());
        batches.batchUpdate(
                """
                update fleet_unit set last_heard = greatest(coalesce(last_heard, ?), ?), session_number = ?, boot = ?,
                  firmware = ?, hardware = ?
                where id = ? and session_number <= ?""",
                all.stream()
                        .map(each -> new Object[] {
                            SqlTime.of(each.at()),
                            SqlTime.of(each.at()),
                            each.sn(),
                            each.boot(),
                            cut(each.firmware(), LONGEST_LABEL),
                            cut(each.hardware(), LONGEST_LABEL),
                            each.unit().value(),
                            each.sn()
                        })
                        .toList());
        tell(Arrays.stream(back).anyMatch(count -> count != 0));
    }

    /** Anything at all came from the box in session {@code sn}: a ping, an event, {@code st} "on". */
    @Transactional
    public void heard(DeviceId unit, long sn, Instant at) {
        tell(cameBack(unit, sn, at));
    }

    /** Anything at all came from the box, which did not say in which session. */
    @Transactional
    public void heard(DeviceId unit, Instant at) {
        tell(cameBack(unit, Long.MAX_VALUE, at));
    }

    /**
     * Something came from each of these boxes, which did not say in which session.
     *
     * @param heard when last
     */
    @Transactional
    public void heard(Map<DeviceId, Instant> heard) {
        if (heard.isEmpty()) {
            return;
        }
        // In one order everywhere, so that nobody waits for somebody who waits for him.
        var all = heard.entrySet().stream().sorted(Map.Entry.comparingByKey()).toList();
        var there = batches.batchUpdate(
                "update fleet_unit set last_heard = greatest(last_heard, ?) where id = ? and online = true",
                all.stream()
                        .map(each -> new Object[] {
                            SqlTime.of(each.getValue()), each.getKey().value()
                        })
                        .toList());
        var back = new ArrayList<Object[]>();
        for (var i = 0; i < there.length; i++) {
            if (there[i] == 0) {
                var at = SqlTime.of(all.get(i).getValue());
                back.add(new Object[] {at, at, all.get(i).getKey().value(), at, at});
            }
        }
        if (!back.isEmpty()) {
            var changed = batches.batchUpdate("""
                    update fleet_unit set online = true, presence_since = ?, last_heard = ?
                    where id = ? and online = false and (last_heard is null or last_heard <= ?)
                      and (presence_since is null or presence_since <= ?)""", back);
            tell(Arrays.stream(changed).anyMatch(count -> count != 0));
        }
    }

    /** The broker says the box of session {@code sn} is gone; ignored if a later session has said hello. */
    @Transactional
    public void left(DeviceId unit, long sn, Instant at) {
        tell(jdbc.sql("""
                                update fleet_unit set online = false, presence_since = :at
                                where id = :unit and online = true and session_number <= :sn""")
                        .param("at", SqlTime.of(at))
                        .param("unit", unit.value())
                        .param("sn", sn)
                        .update()
                > 0);
    }

    /** The box has measured itself; the newest measurement is kept. */
    @Transactional
    public void telemetry(DeviceId unit, String json, Instant at) {
        if (json.length() > LONGEST_TELEMETRY) {
            return;
        }
        var cameBack = cameBack(unit, Long.MAX_VALUE, at);
        jdbc.sql("""
                        update fleet_unit set telemetry = :json, telemetry_at = :at
                        where id = :unit and (telemetry_at is null or telemetry_at <= :at)""")
                .param("json", json)
                .param("at", SqlTime.of(at))
                .param("unit", unit.value())
                .update();
        tell(cameBack);
    }

    /** A lasting trouble has begun or ended; what is known already is not noted twice. */
    @Transactional
    public void fault(DeviceId unit, Fault fault, boolean set, Instant at) {
        var key = unit.value() + " " + fault.name();
        var rows = set
                ? jdbc.sql("""
                                insert into fleet_fault (unit_id, fault, set_at, open_fault)
                                select u.id, :fault, :at, :key from fleet_unit u left join fleet_fault f on f.open_fault = :key
                                  where u.id = :unit and f.id is null""")
                        .param("fault", fault.name())
                        .param("at", SqlTime.of(at))
                        .param("key", key)
                        .param("unit", unit.value())
                        .update()
                : jdbc.sql("update fleet_fault set cleared_at = :at, open_fault = null where open_fault = :key")
                        .param("at", SqlTime.of(at))
                        .param("key", key)
                        .update();
        tell(rows > 0);
    }

    /**
     * The box refused documents.
     *
     * @param document kind of the refused documents, {@code plan}; empty if it could not tell
     * @param count how many more, at least 1
     */
    @Transactional
    public void refused(DeviceId unit, ErrorCode code, String document, long count, Instant at) {
        var kind = cut(document, 10);
        var counted = jdbc.sql("""
                        update fleet_refusal set refused = refused + :count, last_at = :at
                        where unit_id = :unit and code = :code and document = :document""")
                .param("count", count)
                .param("at", SqlTime.of(at))
                .param("unit", unit.value())
                .param("code", code.name())
                .param("document", kind)
                .update();
        if (counted == 0) {
            counted = jdbc.sql("""
                            insert into fleet_refusal (unit_id, code, document, refused, last_at)
                            select u.id, :code, :document, :count, :at from fleet_unit u where u.id = :unit""")
                    .param("count", count)
                    .param("at", SqlTime.of(at))
                    .param("unit", unit.value())
                    .param("code", code.name())
                    .param("document", kind)
                    .update();
        }
        tell(counted > 0);
    }

    /**
     * Counts boxes as gone that have been silent for 2.5 times the keepalive; they are gone since they were last heard.
     *
     * @return how many were found
     */
    @Transactional
    public int sweepSilent(Instant now) {
        var gone = jdbc.sql("""
                        update fleet_unit set online = false, presence_since = last_heard
                        where online = true and last_heard < :limit""")
                .param("limit", SqlTime.of(now.minus(settings.silence())))
                .update();
        tell(gone > 0);
        return gone;
    }

    private static Object[] back(DeviceId unit, long sn, Instant at) {
        var moment = SqlTime.of(at);
        return new Object[] {moment, moment, unit.value(), sn, moment};
    }

    private boolean cameBack(DeviceId unit, long sn, Instant at) {
        var back = batches.update(BACK, back(unit, sn, at));
        if (back == 0) {
            jdbc.sql("""
                            update fleet_unit set last_heard = :at
                            where id = :unit and online = true and session_number <= :sn and last_heard < :at""")
                    .param("at", SqlTime.of(at))
                    .param("unit", unit.value())
                    .param("sn", sn)
                    .update();
        }
        return back > 0;
    }

    private void tell(boolean news) {
        if (news) {
            live.changed(FLEET);
        }
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest);
    }
}
