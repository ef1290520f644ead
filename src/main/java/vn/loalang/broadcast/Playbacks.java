package vn.loalang.broadcast;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.SqlTime;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.DeviceId;
import vn.loalang.web.LiveUpdates;
import vn.loalang.web.Topic;

/**
 * Outcomes of broadcasts, from reports alone. Reports may come late, twice and in any order: the same set of reports
 * always ends in the same state. What was heard is never forgotten, whatever the state.
 */
@Component
public class Playbacks {
    /** What open pages watch for news of broadcasts and their outcomes. */
    static final Topic PLAYBACKS = new Topic("playbacks");

    private static final Logger log = LoggerFactory.getLogger(Playbacks.class);

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final BroadcastSettings settings;
    private final LiveUpdates live;

    Playbacks(JdbcClient jdbc, JdbcTemplate batches, BroadcastSettings settings, LiveUpdates live) {
        this.jdbc = jdbc;
        this.batches = batches;
        this.settings = settings;
        this.live = live;
    }

    /**
     * Takes reports in: each is kept once and moves its playback on if the state allows. Reports about broadcasts that this
     * server never planned for that controller are logged and passed over.
     */
    @Transactional
    public void record(List<Evidence> reports) {
        var news = new ArrayList<Report>();
        for (var report : reports) {
            var broadcast = BroadcastId.of(report.oid());
            if (broadcast.isEmpty()) {
                log.warn(
                        "Controller {} reports {} which is no oid of ours; passed over",
                        report.controller(),
                        report.oid());
            } else {
                news.add(new Report(broadcast.get(), report));
            }
        }
        var fresh = keep(news);
        move(fresh);
        if (!fresh.isEmpty()) {
            live.changed(PLAYBACKS);
        }
    }

    /**
     * Marks as unknown what should have ended by now and of which no end was reported. Late reports still tell.
     *
     * @return how many were marked
     */
    @Transactional
    public int sweepUnknown(Instant now) {
        var limit = SqlTime.of(now.minus(settings.unknownAfter()));
        // Between repetitions an emergency's time may run out: then the last repetition's own end was its end.
        var done = jdbc.sql("""
                        update broadcast_playback p set state = 'COMPLETED', ended_at = p.ends_at
                        where p.state = 'STARTED' and p.ends_at < :limit
                          and exists (select 1 from broadcast_playback_event e
                            where e.broadcast_id = p.broadcast_id and e.controller_id = p.controller_id and e.repetition > 0
                              and e.kind = 'COMPLETED' and e.journal_number > p.sounding_number)""").param("limit", limit).update();
        var marked = done
                + jdbc.sql("""
                        update broadcast_playback p set state = 'UNKNOWN'
                        where p.state in (:before) and p.ends_at < :limit
                          and not exists (select 1 from broadcast_broadcast b where b.id = p.broadcast_id
                            and (b.armed = true or b.settled = false))""")
                        .param("before", PlaybackState.UNKNOWN.predecessors())
                        .param("limit", limit)
                        .update();
        if (marked > 0) {
            live.changed(PLAYBACKS);
        }
        return marked;
    }

    /**
     * Another box hangs on the pole: what the former one had received and prepared is not on the new one. Nothing that has begun
     * is touched.
     *
     * @param from playbacks that end later are meant
     */
    @Transactional
    public void anotherBox(ControllerId controller, DeviceId unit, Instant from) {
        var changed = jdbc.sql("""
                        update broadcast_playback p set state = 'PLANNED', received_at = null, prepared_at = null
                        where p.controller_id = :controller and p.ends_at > :from and p.state in ('RECEIVED', 'PREPARED')
                          and not exists (select 1 from broadcast_playback_event e
                            where e.broadcast_id = p.broadcast_id and e.controller_id = p.controller_id and e.kind = p.state
                              and e.unit_id = :unit)""")
                .param("controller", controller.value())
                .param("from", SqlTime.of(from))
                .param("unit", unit.value())
                .update();
        if (changed > 0) {
            live.changed(PLAYBACKS);
        }
    }

    /** Stores the reports that are not stored yet, and returns them. */
    private List<Report> keep(List<Report> reports) {
        var unique = new LinkedHashMap<List<Object>, Report>();
        for (var report : reports) {
            unique.putIfAbsent(
                    List.of(report.broadcast(), report.evidence().controller(), report.fingerprint()), report);
        }
        var candidates = List.copyOf(unique.values());
        var stored =
                batches.batchUpdate("""
                insert into broadcast_playback_event (broadcast_id, controller_id, unit_id, kind, device_time, quality,
                  journal_number, received_at, reason, error_ms, position_ms, heard_ms, proof, volume, repetition,
                  fingerprint)
                select p.broadcast_id, p.controller_id, cast(? as varchar), cast(? as varchar),
                  cast(? as timestamp with time zone), cast(? as varchar), cast(? as bigint),
                  cast(? as timestamp with time zone), cast(? as varchar), cast(? as bigint), cast(? as bigint),
                  cast(? as bigint), cast(? as varchar), cast(? as integer), cast(? as integer), cast(? as varchar) from broadcast_playback p
                where p.broadcast_id = ? and p.controller_id = ? and not exists (
                  select 1 from broadcast_playback_event e
                  where e.broadcast_id = p.broadcast_id and e.controller_id = p.controller_id and e.fingerprint = ?)""", candidates.stream().map(Report::row).toList());
        var fresh = new ArrayList<Report>();
        for (int i = 0; i < stored.length; i++) {
            if (stored[i] != 0) {
                fresh.add(candidates.get(i));
            }
        }
        return fresh;
    }

    /** Since the outcome does not depend on the order of reports, they go to the database kind by kind. */
    private void move(List<Report> reports) {
        var byState = new EnumMap<PlaybackState, List<Report>>(PlaybackState.class);
        for (var report : reports) {
            byState.computeIfAbsent(report.state(), state -> new ArrayList<>()).add(report);
        }
        byState.forEach((state, some) -> {
            switch (state) {
                case SENT -> update(ADVANCE, some, Playbacks::advance);
                case RECEIVED -> update(RECEIVED, some, Playbacks::stamp);
                case PREPARED -> update(PREPARED, some, Playbacks::stamp);
                case STARTED -> update(START, some, Playbacks::start);
                case INTERRUPTED -> {
                    update(INTERRUPT, some, Playbacks::interrupt);
                    heard(some);
                }
                case COMPLETED -> {
                    update(END, some, Playbacks::end);
                    heard(some);
                }
                case MISSED -> {
                    update(END, some, Playbacks::end);
                    heard(some);
                }
                case FAILED -> {
                    // The next repetition may sound after all, so one that failed settles nothing for good.
                    var once =
                            some.stream().filter(report -> !report.repeated()).toList();
                    var again = some.stream().filter(Report::repeated).toList();
                    update(END, once, Playbacks::end);
                    update(INTERRUPT, again, Playbacks::interrupt);
                    heard(some);
                }
                case PLANNED, CANCELLED, UNKNOWN -> throw new IllegalStateException("no report leads to " + state);
            }
        });
    }

    /** What was heard: of the whole, or of one repetition, whose sum is the whole. */
    private void heard(List<Report> reports) {
        var once = reports.stream().filter(report -> !report.repeated()).toList();
        update(HEARD, once, Playbacks::heard);
        var repeated = reports.stream().filter(Report::repeated).toList();
        if (repeated.isEmpty()) {
            return;
        }
        batches.batchUpdate(
                ADD_REPETITION,
                repeated.stream()
                        .map(report -> new Object[] {
                            report.evidence().repetition(),
                            report.broadcastId(),
                            report.controllerId(),
                            report.evidence().repetition()
                        })
                        .toList());
        batches.batchUpdate(
                HEAR_REPETITION,
                repeated.stream()
                        .map(report -> new Object[] {
                            report.evidence().outcome().heardMs(),
                            report.broadcastId(),
                            report.controllerId(),
                            report.evidence().repetition()
                        })
                        .toList());
        update(HEARD, repeated, Playbacks::heard);
        batches.batchUpdate(
                SUM_REPETITIONS,
                repeated.stream()
                        .map(report -> new Object[] {
                            report.broadcastId(), report.controllerId(), report.broadcastId(), report.controllerId()
                        })
                        .toList());
    }

    private void update(String sql, List<Report> reports, Function<Report, Object[]> arguments) {
        if (reports.isEmpty()) {
            return;
        }
        var guarded = sql.replace("{before}", quoted(reports.get(0).state().predecessors()));
        batches.batchUpdate(guarded, reports.stream().map(arguments).toList());
    }

    private static String quoted(List<String> states) {
        return states.stream().map(state -> "'" + state + "'").collect(Collectors.joining(", "));
    }

    private static Object[] advance(Report report) {
        return new Object[] {report.state().name(), report.broadcastId(), report.controllerId()};
    }

    private static Object[] stamp(Report report) {
        var at = SqlTime.of(report.at());
        return new Object[] {report.state().name(), at, at, at, report.broadcastId(), report.controllerId()};
    }

    private static Object[] start(Report report) {
        var number = report.evidence().number();
        return new Object[] {
            number,
            number,
            number,
            report.unitId(),
            number,
            SqlTime.of(report.at()),
            number,
            report.errorMs(),
            number,
            number,
            number,
            report.broadcastId(),
            report.controllerId()
        };
    }

    private static Object[] interrupt(Report report) {
        return new Object[] {
            report.reason(),
            SqlTime.of(report.at()),
            report.evidence().number(),
            report.broadcastId(),
            report.controllerId(),
            report.evidence().number()
        };
    }

    private static Object[] end(Report report) {
        return new Object[] {
            report.state().name(),
            report.state().name(),
            report.reason(),
            SqlTime.of(report.at()),
            report.volume(),
            report.broadcastId(),
            report.controllerId(),
            report.state().name(),
            report.state().name(),
            report.evidence().repetition()
        };
    }

    private static Object[] heard(Report report) {
        var number = report.proof() == null ? -1 : report.evidence().number();
        return new Object[] {
            report.unitId(),
            report.repeated() ? 0 : report.evidence().outcome().heardMs(),
            number,
            report.proof(),
            number,
            report.state() == PlaybackState.INTERRUPTED ? number : 0,
            report.broadcastId(),
            report.controllerId()
        };
    }

    private static final String ADVANCE = """
            update broadcast_playback set state = ?
            where broadcast_id = ? and controller_id = ? and state in ({before})""";

    /** A plan that comes after the end tells the controller what it missed; nobody shall read that it was there in time. */
    private static final String RECEIVED = """
            update broadcast_playback set state = case when state in ({before}) then ? else state end,
              received_at = case when ends_at > ? and (received_at is null or received_at > ?) then ? else received_at end
            where broadcast_id = ? and controller_id = ?""";

    private static final String PREPARED = """
            update broadcast_playback set state = case when state in ({before}) then ? else state end,
              prepared_at = case when ends_at > ? and (prepared_at is null or prepared_at > ?) then ? else prepared_at end
            where broadcast_id = ? and controller_id = ?""";

    /** Of two starts the later one counts for the state, the earlier one for when it began. */
    private static final String START = """
            update broadcast_playback set
              state = case when state in ({before}) and coalesce(sounding_number, -1) < ? then 'STARTED' else state end,
              reason = case when state in ({before}) and coalesce(sounding_number, -1) < ? then null else reason end,
              ended_at = case when state in ({before}) and coalesce(sounding_number, -1) < ? then null else ended_at end,
              unit_id = coalesce(cast(? as varchar), unit_id),
              started_at = case when coalesce(first_start_number, 9223372036854775807) > ? then ? else started_at end,
              start_error_ms = case when coalesce(first_start_number, 9223372036854775807) > ? then ? else start_error_ms end,
              first_start_number = case when coalesce(first_start_number, 9223372036854775807) > ? then ? else first_start_number end,
              sounding_number = greatest(coalesce(sounding_number, 0), ?)
            where broadcast_id = ? and controller_id = ?""";

    /**
     * A newer interruption replaces an older one, which is no change of state and so not in the state's own guard. A controller
     * cannot know that an order whose time was over was ended by a person.
     */
    private static final String INTERRUPT = """
            update broadcast_playback set state = 'INTERRUPTED',
              reason = case when silenced_at is null then ? else 'SILENCED' end, ended_at = ?, sounding_number = ?
            where broadcast_id = ? and controller_id = ? and state in ({before}, 'INTERRUPTED')
              and coalesce(sounding_number, -1) < ?""";

    /** What has begun to sound was not missed, whenever the report of either arrives. */
    private static final String END = """
            update broadcast_playback set state = ?,
              reason = case when silenced_at is not null and ? = 'MISSED' then 'SILENCED' else ? end, ended_at = ?, volume = ?
            where broadcast_id = ? and controller_id = ? and state in ({before})
              and (? <> 'MISSED' or first_start_number is null)
              and (? <> 'COMPLETED' or ? in (0, (select b.repetitions from broadcast_broadcast b where b.id = broadcast_id)))""";

    private static final String ADD_REPETITION = """
            insert into broadcast_repetition (broadcast_id, controller_id, repetition, heard_ms)
            select p.broadcast_id, p.controller_id, cast(? as integer), 0 from broadcast_playback p
            where p.broadcast_id = ? and p.controller_id = ? and not exists (select 1 from broadcast_repetition r
              where r.broadcast_id = p.broadcast_id and r.controller_id = p.controller_id and r.repetition = ?)""";

    private static final String HEAR_REPETITION = """
            update broadcast_repetition set heard_ms = greatest(heard_ms, ?)
            where broadcast_id = ? and controller_id = ? and repetition = ?""";

    private static final String SUM_REPETITIONS = """
            update broadcast_playback set heard_ms = (select sum(r.heard_ms) from broadcast_repetition r
              where r.broadcast_id = ? and r.controller_id = ?)
            where broadcast_id = ? and controller_id = ?""";

    private static final String HEARD = """
            update broadcast_playback set unit_id = coalesce(cast(? as varchar), unit_id),
              heard_ms = greatest(heard_ms, ?),
              proof = case when coalesce(heard_number, -1) < ? then coalesce(cast(? as varchar), proof) else proof end,
              heard_number = greatest(coalesce(heard_number, -1), ?),
              sounding_number = greatest(coalesce(sounding_number, 0), ?)
            where broadcast_id = ? and controller_id = ?""";

    /** A report with the broadcast it is about, and its parts as columns. */
    private record Report(BroadcastId broadcast, Evidence evidence) {
        PlaybackState state() {
            return evidence.outcome().state();
        }

        long broadcastId() {
            return broadcast.value();
        }

        long controllerId() {
            return evidence.controller().value();
        }

        @Nullable
        String unitId() {
            var unit = evidence.unit();
            return unit == null ? null : unit.value();
        }

        boolean repeated() {
            return evidence.repetition() > 0;
        }

        /** When it happened; the moment we heard of it where the box did not know the time. */
        Instant at() {
            return PlaybackFacts.at(evidence);
        }

        @Nullable
        String reason() {
            return evidence.outcome().reason().map(Enum::name).orElse(null);
        }

        @Nullable
        String proof() {
            return evidence.outcome().proof().map(Enum::name).orElse(null);
        }

        @Nullable
        Long errorMs() {
            return evidence.outcome() instanceof Outcome.Started started ? started.errorMs() : null;
        }

        @Nullable
        Long positionMs() {
            return evidence.outcome() instanceof Outcome.Started started ? started.positionMs() : null;
        }

        @Nullable
        Integer volume() {
            return evidence.outcome() instanceof Outcome.Completed completed ? completed.volume() : null;
        }

        @Nullable
        Long heardMs() {
            return evidence.outcome().proof().isPresent() ? evidence.outcome().heardMs() : null;
        }

        String fingerprint() {
            return PlaybackFacts.fingerprint(evidence);
        }

        Object[] row() {
            return new Object[] {
                unitId(),
                state().name(),
                SqlTime.of(evidence.deviceTime()),
                evidence.quality().name(),
                evidence.number(),
                SqlTime.of(evidence.receivedAt()),
                reason(),
                errorMs(),
                positionMs(),
                heardMs(),
                proof(),
                volume(),
                evidence.repetition(),
                fingerprint(),
                broadcastId(),
                controllerId(),
                fingerprint()
            };
        }
    }
}
