package vn.loalang.delivery;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPolicyChanged;
import vn.loalang.area.Areas;
import vn.loalang.area.QuietHours;
import vn.loalang.area.SqlTime;
import vn.loalang.area.Stations;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.broadcast.Playbacks;
import vn.loalang.broadcast.TimelinesChanged;
import vn.loalang.delivery.rules.Issue;
import vn.loalang.fleet.Controller;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.FleetChanged;
import vn.loalang.fleet.FleetSettings;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Cfg;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.QuietWindow;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.SystemId;
import vn.loalang.protocol.Topics;

/**
 * Turns what the other modules want into the documents of each box. What changes is noted in the same transaction as the
 * change ({@code delivery_due}); the documents follow after the commit, each pole in a transaction of its own. A document
 * that would say the same is not issued again, unless it grows old.
 */
@Component
class Compiler {
    private static final Logger log = LoggerFactory.getLogger(Compiler.class);
    /** Life of settings; they are issued anew at half of it. */
    static final Duration SETTINGS_LIFE = Duration.ofDays(300);

    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMinutes(1);
    private static final int LOOKED_AT_AT_ONCE = 20;
    private static final Duration SOON = Duration.ofHours(1);
    private static final Duration KEEP_REPLACED = Duration.ofDays(7);

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final TransactionTemplate transaction;
    private final Insistence insistence;
    private final Clock clock;
    private final Documents documents;
    private final Credentials credentials;
    private final Fleet fleet;
    private final FleetSettings fleetSettings;
    private final Areas areas;
    private final Stations stations;
    private final Broadcasts broadcasts;
    private final Playbacks playbacks;
    private final KeyStore keys;
    private final DeliverySettings settings;
    private final AssetBases bases;
    private final Post post;
    private final Pins pins;
    private final UnsignedSettings unsigned;
    private final Rush rush;
    private final ClockCheck clockCheck;
    private final Bell bell = new Bell();
    private final Map<ControllerId, Instant> notBefore = new ConcurrentHashMap<>();

    Compiler(
            JdbcClient jdbc,
            JdbcTemplate batches,
            TransactionTemplate transaction,
            Insistence insistence,
            Clock clock,
            Documents documents,
            Credentials credentials,
            Fleet fleet,
            FleetSettings fleetSettings,
            Areas areas,
            Stations stations,
            Broadcasts broadcasts,
            Playbacks playbacks,
            KeyStore keys,
            DeliverySettings settings,
            AssetBases bases,
            Post post,
            Pins pins,
            UnsignedSettings unsigned,
            Rush rush,
            ClockCheck clockCheck) {
        this.jdbc = jdbc;
        this.batches = batches;
        this.transaction = transaction;
        this.insistence = insistence;
        this.clock = clock;
        this.documents = documents;
        this.credentials = credentials;
        this.fleet = fleet;
        this.fleetSettings = fleetSettings;
        this.areas = areas;
        this.stations = stations;
        this.broadcasts = broadcasts;
        this.playbacks = playbacks;
        this.keys = keys;
        this.settings = settings;
        this.bases = bases;
        this.post = post;
        this.pins = pins;
        this.unsigned = unsigned;
        this.rush = rush;
        this.clockCheck = clockCheck;
    }

    @EventListener
    void on(TimelinesChanged change) {
        due(change.controllers());
    }

    @EventListener
    void on(FleetChanged change) {
        due(change.controllers());
    }

    /** Quiet hours bind in the box as well, so the new ones travel at once. */
    @EventListener
    void on(AreaPolicyChanged change) {
        due(fleet.standingIn(areas.find(change.area()).map(Area::id).map(AreaId::new).stream()
                .toList()));
    }

    /** Notes in the current transaction that these poles' documents must be looked at after it. */
    void due(Collection<ControllerId> controllers) {
        var now = SqlTime.of(clock.instant());
        batches.batchUpdate(
                "insert into delivery_due (controller_id, due_at) values (?, ?)",
                controllers.stream()
                        .map(controller -> new Object[] {controller.value(), now})
                        .toList());
        AfterCommit.run(bell::ring);
    }

    /** Works until interrupted: what is due at once, everything now and then. */
    void work() throws InterruptedException {
        var swept = Instant.EPOCH;
        while (Worker.goesOn()) {
            try {
                var now = clock.instant();
                // A clock that was set back must not stop the sweeping.
                var rested = now.isBefore(swept) || Duration.between(swept, now).compareTo(settings.sweepEvery()) >= 0;
                if (bases.known() && rested) {
                    swept = now;
                    sweep(now);
                }
                if (bases.known()) {
                    compileDue();
                }
            } catch (RuntimeException failed) {
                log.error("Documents could not be compiled; trying again", failed);
            }
            bell.await(Duration.ofSeconds(5));
        }
    }

    /** Looks at everything that is due, once; under a clock that is wrong it stays due. */
    void compileDue() {
        if (clockCheck.state() == ClockCheck.State.WRONG) {
            return;
        }
        var todo = jdbc.sql("select controller_id, max(id) as upto, min(id) as first from delivery_due "
                        + "group by controller_id order by first")
                .query((row, number) -> Map.entry(new ControllerId(row.getLong(1)), row.getLong(2)))
                .list();
        for (var from = 0; from < todo.size(); from += LOOKED_AT_AT_ONCE) {
            if (from > 0) {
                post.ring();
                rush.giveWay();
            }
            var some = todo.subList(from, Math.min(todo.size(), from + LOOKED_AT_AT_ONCE)).stream()
                    .filter(entry -> !paused(entry.getKey()))
                    .toList();
            try {
                look(some);
            } catch (RuntimeException failed) {
                // One must not keep the others waiting.
                log.debug("{} poles could not be looked at together; one by one", some.size(), failed);
                some.forEach(this::lookAlone);
            }
        }
        post.ring();
    }

    private boolean paused(ControllerId controller) {
        var pause = notBefore.get(controller);
        return pause != null && clock.instant().isBefore(pause);
    }

    /** Compiles what is due for these poles in one transaction: each costs a commit. */
    private void look(List<Map.Entry<ControllerId, Long>> some) {
        insistence.until(() -> {
            for (var entry : some) {
                // Deleted first: a change that commits after this line stays due, one that committed before it is
                // seen by the compilation, whatever number its note was given.
                jdbc.sql("delete from delivery_due where controller_id = :controller and id <= :upto")
                        .param("controller", entry.getKey().value())
                        .param("upto", entry.getValue())
                        .update();
                compile(entry.getKey());
            }
            return some;
        });
        some.forEach(entry -> notBefore.remove(entry.getKey()));
    }

    private void lookAlone(Map.Entry<ControllerId, Long> entry) {
        var controller = entry.getKey();
        try {
            look(List.of(entry));
        } catch (ClockBehind wrong) {
            log.error("{}", wrong.getMessage());
            notBefore.put(controller, clock.instant().plus(PAUSE_AFTER_FAILURE));
        } catch (RuntimeException failed) {
            log.error(
                    "The documents of controller {} could not be compiled; trying again in a minute",
                    controller,
                    failed);
            notBefore.put(controller, clock.instant().plus(PAUSE_AFTER_FAILURE));
        }
    }

    /** Marks every pole with a box as due and forgets what is no longer needed. */
    void sweep(Instant now) {
        transaction.executeWithoutResult(status -> {
            documents.forgetBefore(now.minus(KEEP_REPLACED));
            due(fleet.equipped());
        });
    }

    private void compile(ControllerId id) {
        var now = clock.instant();
        var unit = fleet.unitOf(id);
        for (var former : formerUnits(id, unit)) {
            unhang(former, now);
        }
        if (unit.isEmpty()) {
            return;
        }
        var controller = fleet.find(id)
                .orElseThrow(() -> new IllegalStateException("controller " + id + " has a box and is unknown"));
        var device = unit.get();
        var scopes = scopes(controller);
        hang(device, id, scopes);
        site(device, controller, scopes, now);
        cfg(device, id, now);
        plan(device, id, now);
    }

    private void site(DeviceId device, Controller controller, List<AreaPath> scopes, Instant now) {
        var station = stations.all().stream()
                .filter(each -> each.id() == controller.stationId().value())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("controller " + controller.id() + " has no station"));
        var zone = station.zone();
        var offset = zone.getRules().getOffset(now).getTotalSeconds() / 60;
        var area = areas.find(controller.areaId().value())
                .orElseThrow(() -> new IllegalStateException("controller " + controller.id() + " stands nowhere"));
        var limit = Math.max(10, Math.min(100, controller.volumeLimit()));
        var draft = new SiteDraft(scopes, pins.at(area.path()), offset, quiet(area), limit);
        var signer = keys.site();
        if (signer.isEmpty()) {
            unsigned.want(device, draft);
            return;
        }
        issueIfNews(
                device,
                controller.id(),
                Row.SITE,
                signer.get(),
                draft.contentHash(),
                Pins.hashes(draft.pins()),
                SETTINGS_LIFE.dividedBy(2),
                now,
                (seq, iat) -> draft.site(head(device, seq, iat, SETTINGS_LIFE)));
    }

    private void cfg(DeviceId device, ControllerId controller, Instant now) {
        var http = bases.list();
        var keepalive = (int) fleetSettings.keepalive().toSeconds();
        var telemetry = (int) fleetSettings.telemetryEvery().toSeconds();
        issueIfNews(
                device,
                controller,
                Row.CFG,
                keys.online(),
                Hash.of(Link.utf8("cfg " + http + keepalive + " " + telemetry)).hex(),
                List.of(),
                SETTINGS_LIFE.dividedBy(2),
                now,
                (seq, iat) ->
                        new Cfg(head(device, seq, iat, SETTINGS_LIFE), keepalive, telemetry, List.of(), http, 0, 0));
    }

    private void plan(DeviceId device, ControllerId controller, Instant now) {
        var timeline = broadcasts.timeline(
                controller, now.minus(PlanDraft.BACK), now.plus(Duration.ofMillis(Limits.PLAN_SPAN_MS)));
        issuePlan(device, controller, PlanDraft.of(timeline, now), now);
    }

    private void issuePlan(DeviceId device, @Nullable ControllerId controller, PlanDraft compiled, Instant now) {
        var longest = longestMessage(device);
        var draft = compiled;
        while (!draft.items().isEmpty()
                && signed(keys.online(), plan(device, draft, now.toEpochMilli(), now))
                                .size()
                        > longest) {
            draft = draft.withoutLast();
        }
        var fits = draft;
        if (upToDate(device, Row.PLAN, draft.contentHash(), settings.reissueAfter(), now)) {
            return;
        }
        var seq = documents.nextSeq(Scope.of(device), Row.PLAN, now);
        var plan = plan(device, fits, seq, now);
        var soon = plan.items().stream()
                .anyMatch(item -> item.at() < now.plus(SOON).toEpochMilli());
        documents.issue(
                new Documents.Fresh(
                        Scope.of(device),
                        Row.PLAN,
                        topics().plan(device),
                        device,
                        controller,
                        seq,
                        now,
                        fits.contentHash(),
                        PlanItems.line(plan),
                        plan.assets().stream().map(asset -> asset.h()).toList(),
                        signed(keys.online(), plan)),
                soon ? Documents.SOON : Documents.ROUTINE);
    }

    private vn.loalang.protocol.Plan plan(DeviceId device, PlanDraft draft, long seq, Instant now) {
        return draft.plan(new Head(sys(), Scope.of(device), seq, now.toEpochMilli(), draft.till()));
    }

    private void issueIfNews(
            DeviceId device,
            ControllerId controller,
            Row row,
            SigningKey signer,
            String contentHash,
            List<Hash> assets,
            Duration reissueAfter,
            Instant now,
            Composer composer) {
        if (upToDate(device, row, contentHash, reissueAfter, now)) {
            return;
        }
        var seq = documents.nextSeq(Scope.of(device), row, now);
        var document = composer.compose(seq, now.toEpochMilli());
        documents.issue(
                new Documents.Fresh(
                        Scope.of(device),
                        row,
                        topics().of(document).orElseThrow(),
                        device,
                        controller,
                        seq,
                        now,
                        contentHash,
                        "",
                        assets,
                        signed(signer, document)),
                Documents.SOON);
    }

    /** Whether the current document says this, and is neither too old nor from a future that the clock has left. */
    private boolean upToDate(DeviceId device, Row row, String contentHash, Duration reissueAfter, Instant now) {
        return documents
                .current(Scope.of(device), row)
                .filter(current ->
                        Issue.upToDate(current.contentHash(), current.issuedAt(), contentHash, reissueAfter, now))
                .isPresent();
    }

    @FunctionalInterface
    private interface Composer {
        Document compose(long seq, long iat);
    }

    private Head head(DeviceId device, long seq, long iat, Duration life) {
        return new Head(sys(), Scope.of(device), seq, iat, iat + life.toMillis());
    }

    private Bytes signed(SigningKey signer, Document document) {
        return Bytes.of(Envelope.compose(List.of(signer), document));
    }

    private int longestMessage(DeviceId device) {
        var packet = jdbc.sql("select packet from delivery_unit where unit_id = :unit and packet is not null")
                .param("unit", device.value())
                .query(Integer.class)
                .optional()
                .orElse(Limits.MIN_PACKET);
        return Math.min(Limits.DEVICE_MESSAGE, packet);
    }

    /** The pole's area and those above it, deepest first, at most six [KEY-3]. */
    private List<AreaPath> scopes(Controller controller) {
        var scopes = new ArrayList<AreaPath>();
        areas.find(controller.areaId().value()).ifPresent(area -> {
            for (var path = area.path(); path.depth() > 0 && scopes.size() < Limits.AREAS; path = path.parent()) {
                scopes.add(new AreaPath(path.value()));
            }
        });
        return scopes;
    }

    private List<QuietWindow> quiet(Area area) {
        var hours = areas.quietHours(area.path());
        return hours.off() ? List.of() : List.of(window(hours));
    }

    private static QuietWindow window(QuietHours hours) {
        return new QuietWindow(hours.from().toSecondOfDay() / 60, hours.to().toSecondOfDay() / 60);
    }

    private void hang(DeviceId device, ControllerId controller, List<AreaPath> scopes) {
        if (credentials.hang(device, controller, scopes)) {
            playbacks.anotherBox(controller, device, clock.instant());
        }
    }

    /** A box that hangs nowhere keeps silent: an empty plan, and no area listens to it. */
    private void unhang(DeviceId device, Instant now) {
        jdbc.sql("update delivery_unit set controller_id = null, areas = '' where unit_id = :unit")
                .param("unit", device.value())
                .update();
        credentials.inForceAfterCommit(device);
        issuePlan(device, null, PlanDraft.of(List.of(), now), now);
    }

    private Set<DeviceId> formerUnits(ControllerId controller, Optional<DeviceId> unit) {
        return Set.copyOf(jdbc
                .sql("""
                        select unit_id from delivery_unit where controller_id = :controller and unit_id <> :unit""")
                .param("controller", controller.value())
                .param("unit", unit.map(DeviceId::value).orElse(""))
                .query((row, number) -> new DeviceId(row.getString(1)))
                .list()
                .stream()
                .filter(former -> fleet.controllerOf(former).isEmpty())
                .toList());
    }

    private SystemId sys() {
        return keys.sys();
    }

    private Topics topics() {
        return new Topics(keys.sys());
    }
}
