package vn.loalang.delivery;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.AuditLog;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;
import vn.loalang.delivery.rules.StagedRollout.Course;
import vn.loalang.delivery.rules.UpdateState;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.ControllerUnit;
import vn.loalang.fleet.Fleet;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Firmware;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.QuietWindow;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.web.LiveUpdates;
import vn.loalang.web.Topic;

/**
 * Firmware images on their way to many boxes [FW-6]: what there is, and how a rollout is made. It is signed elsewhere
 * ({@link RolloutSigning}), moved on by {@link RolloutProgress}, and boxes tell how far they are in {@link RolloutReports}.
 */
@Component
class Rollouts {
    /** What open pages watch. */
    static final Topic ROLLOUTS = new Topic("rollouts");

    /** How long boxes that are away may come back and still take it. */
    private static final Duration LIFE = Duration.ofDays(60);

    private static final String SELECT = """
            select r.*, f.model, f.version, f.sec, f.bytes, f.uploaded_by, f.uploaded_at from delivery_rollout r
            join delivery_firmware f on f.hash = r.hash\s""";

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Documents documents;
    private final Firmwares firmwares;
    private final Fleet fleet;
    private final Areas areas;
    private final Durability durability;
    private final AuditLog audit;
    private final LiveUpdates live;
    private final Bell bell = new Bell();

    Rollouts(
            JdbcClient jdbc,
            JdbcTemplate batches,
            TransactionTemplate transaction,
            Clock clock,
            Documents documents,
            Firmwares firmwares,
            Fleet fleet,
            Areas areas,
            Durability durability,
            AuditLog audit,
            LiveUpdates live) {
        this.jdbc = jdbc;
        this.batches = batches;
        this.transaction = transaction;
        this.clock = clock;
        this.documents = documents;
        this.firmwares = firmwares;
        this.fleet = fleet;
        this.areas = areas;
        this.durability = durability;
        this.audit = audit;
        this.live = live;
    }

    /** Every rollout, newest first. */
    List<Rollout> all() {
        return jdbc.sql(SELECT + "order by r.id desc").query(Rollouts::rollout).list();
    }

    /** The rollout with this number. */
    Optional<Rollout> find(long id) {
        return jdbc.sql(SELECT + "where r.id = :id")
                .param("id", id)
                .query(Rollouts::rollout)
                .optional();
    }

    /** How many boxes are in which state. */
    Map<UpdateState, Integer> counts(long id) {
        var counts = new EnumMap<UpdateState, Integer>(UpdateState.class);
        jdbc.sql("select state, count(*) as boxes from delivery_rollout_unit where rollout_id = :id group by state")
                .param("id", id)
                .query(row -> {
                    counts.put(UpdateState.valueOf(row.getString("state")), row.getInt("boxes"));
                });
        return counts;
    }

    /** As {@link #counts(long)}, of every rollout by its number. */
    Map<Long, Map<UpdateState, Integer>> counts() {
        var counts = new HashMap<Long, Map<UpdateState, Integer>>();
        jdbc.sql("select rollout_id, state, count(*) as boxes from delivery_rollout_unit group by rollout_id, state")
                .query(row -> {
                    counts.computeIfAbsent(row.getLong("rollout_id"), id -> new EnumMap<>(UpdateState.class))
                            .put(UpdateState.valueOf(row.getString("state")), row.getInt("boxes"));
                });
        return counts;
    }

    /** Its boxes, what went wrong first, then what is under way, then those that wait, then those that are done. */
    List<Rollout.Line> lines(long id, int most) {
        return jdbc.sql("""
                        select controller_id, unit_id, turn, state, why, changed_at from delivery_rollout_unit
                        where rollout_id = :id
                        order by case when state in ('FAILED', 'ROLLED_BACK') then 0 when state = 'WAITING' then 2
                          when state in ('CONFIRMED', 'SKIPPED') then 3 else 1 end, turn limit :most""")
                .param("id", id)
                .param("most", most)
                .query((row, number) -> new Rollout.Line(
                        new ControllerId(row.getLong("controller_id")),
                        new DeviceId(row.getString("unit_id")),
                        row.getInt("turn"),
                        UpdateState.valueOf(row.getString("state")),
                        row.getString("why"),
                        SqlTime.get(row, "changed_at")))
                .list();
    }

    /**
     * Boxes that would get this image now: they hang in the area, are of its model, have the profile, run another version, and
     * no other rollout is about them. Those connected come first, so that the first stage does not wait for boxes that are off.
     */
    List<DeviceId> eligible(Firmwares.Image image, AreaPath area) {
        var able = new HashSet<>(jdbc.sql("""
                        select u.unit_id from delivery_unit u where ' ' || u.profiles || ' ' like '% fw %'
                          and not exists (select 1 from delivery_rollout_unit o join delivery_rollout r on r.id = o.rollout_id
                            where o.unit_id = u.unit_id and r.state in ('UNSIGNED', 'RUNNING', 'HALTED')
                              and o.state not in ('CONFIRMED', 'ROLLED_BACK', 'FAILED', 'SKIPPED'))""").query(String.class).list());
        var poles = poles(area);
        var units = fleet.units().stream()
                .filter(unit -> able.contains(unit.id().value()))
                .filter(unit -> Firmware.fits(image.model(), unit.hardware()))
                .filter(unit -> !unit.firmware().equals(image.version()))
                .map(ControllerUnit::id)
                .toList();
        var hanging = fleet.controllersOf(units);
        var online = fleet.online();
        return units.stream()
                .filter(unit -> poles.contains(hanging.get(unit)))
                // By a hash, so that the first ones are neither neighbours nor always the same.
                .map(unit -> new Candidate(
                        unit,
                        !online.contains(unit),
                        Hash.of(Link.utf8(unit.value() + image.hash())).hex()))
                .sorted(Comparator.comparing(Candidate::away).thenComparing(Candidate::lot))
                .map(Candidate::unit)
                .toList();
    }

    private record Candidate(DeviceId unit, boolean away, String lot) {}

    private Set<ControllerId> poles(AreaPath area) {
        var roots = area.equals(AreaPath.ROOT)
                ? areas.children(AreaPath.ROOT)
                : areas.find(area).stream().toList();
        return fleet.standingIn(roots.stream().map(Area::id).map(AreaId::new).toList());
    }

    /**
     * Chooses the boxes and numbers their documents; nothing leaves before they are signed.
     *
     * @param by name of whoever asks
     * @throws Refusal when the image is unknown or no box would get it
     */
    long create(Rollout.Wanted wanted, String by) {
        var image =
                firmwares.find(wanted.image()).orElseThrow(() -> new Refusal("image", "delivery.refused.firmwareGone"));
        return Objects.requireNonNull(transaction.execute(status -> {
            var units = eligible(image, wanted.area());
            if (units.isEmpty()) {
                throw new Refusal("image", "delivery.refused.rolloutEmpty");
            }
            // Documents speak of milliseconds.
            var now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
            var id = insert(wanted, by, now);
            var poles = fleet.controllersOf(units);
            var rows = new ArrayList<Object[]>();
            for (var unit : units) {
                rows.add(new Object[] {
                    id,
                    unit.value(),
                    Objects.requireNonNull(poles.get(unit)).value(),
                    rows.size(),
                    documents.nextSeq(Scope.of(unit), Row.FW, now),
                    SqlTime.of(now)
                });
            }
            batches.batchUpdate("""
                    insert into delivery_rollout_unit (rollout_id, unit_id, controller_id, turn, seq, state, why, changed_at)
                    values (?, ?, ?, ?, ?, 'WAITING', '', ?)""", rows);
            audit.record("delivery.rolloutCreated", image.title(), "#" + id + ": " + units.size());
            live.changed(ROLLOUTS);
            durability.confirm();
            return id;
        }));
    }

    private long insert(Rollout.Wanted wanted, String by, Instant now) {
        var generated = new org.springframework.jdbc.support.GeneratedKeyHolder();
        var window = wanted.window();
        jdbc.sql("""
                        insert into delivery_rollout (hash, state, area_path, stages, stage, watch_minutes, share, install_from,
                          install_until, issued_at, expires_at, accepted, created_by, created_at)
                        values (:hash, 'UNSIGNED', :area, :stages, 0, :watch, :share, :from, :until, :now, :expires, 0, :by,
                          :now)""")
                .param("hash", wanted.image().hex())
                .param("area", wanted.area().value())
                .param(
                        "stages",
                        wanted.course().percents().stream().map(String::valueOf).collect(Collectors.joining(" ")))
                .param("watch", wanted.course().watch().toMinutes())
                .param("share", wanted.course().share())
                .param("from", window.map(QuietWindow::fromText).orElse(null))
                .param("until", window.map(QuietWindow::toText).orElse(null))
                .param("now", SqlTime.of(now))
                .param("expires", SqlTime.of(now.plus(LIFE)))
                .param("by", by)
                .update(generated, "id");
        return Objects.requireNonNull(generated.getKey()).longValue();
    }

    /** The rollout, which nobody else changes until the transaction ends. */
    Rollout locked(long id) {
        var unused = jdbc.sql("select id from delivery_rollout where id = :id for update")
                .param("id", id)
                .query(Long.class)
                .optional();
        return find(id).orElseThrow(() -> new Refusal("", "delivery.refused.rolloutGone"));
    }

    /** In a transaction: pages are told and the worker looks when it has committed and is on the disk. */
    void changed() {
        live.changed(ROLLOUTS);
        durability.confirm();
        AfterCommit.run(() -> bell.ring());
    }

    /** Waits until something has changed, at most this long. */
    void await(Duration longest) throws InterruptedException {
        bell.await(longest);
    }

    private static Rollout rollout(ResultSet row, int number) throws SQLException {
        var from = row.getString("install_from");
        var until = row.getString("install_until");
        var kid = row.getString("kid");
        var halted = row.getString("halted_why");
        return new Rollout(
                row.getLong("id"),
                new Firmwares.Image(
                        Hash.parseHex(row.getString("hash")),
                        row.getString("model"),
                        row.getString("version"),
                        row.getLong("sec"),
                        row.getLong("bytes"),
                        row.getString("uploaded_by"),
                        SqlTime.get(row, "uploaded_at"),
                        true),
                Rollout.State.valueOf(row.getString("state")),
                new AreaPath(row.getString("area_path")),
                new Course(
                        Arrays.stream(row.getString("stages").split(" ", -1))
                                .map(Integer::valueOf)
                                .toList(),
                        Duration.ofMinutes(row.getLong("watch_minutes")),
                        row.getInt("share")),
                row.getInt("stage"),
                SqlTime.getNullable(row, "stage_since"),
                from == null || until == null ? Optional.empty() : Optional.of(QuietWindow.parse(from, until)),
                SqlTime.get(row, "issued_at"),
                SqlTime.get(row, "expires_at"),
                kid == null ? null : new Kid(kid),
                halted == null ? null : Rollout.Halt.valueOf(halted),
                row.getInt("accepted"),
                row.getString("created_by"),
                SqlTime.get(row, "created_at"));
    }
}
