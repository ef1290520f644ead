package vn.loalang.delivery;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.AuditLog;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;
import vn.loalang.delivery.rules.StagedRollout;
import vn.loalang.delivery.rules.StagedRollout.Course;
import vn.loalang.delivery.rules.StagedRollout.Step;
import vn.loalang.delivery.rules.StagedRollout.Tally;
import vn.loalang.delivery.rules.UpdateState;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.ControllerUnit;
import vn.loalang.fleet.Fleet;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Firmware;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.QuietWindow;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Topics;
import vn.loalang.protocol.Use;
import vn.loalang.web.LiveUpdates;
import vn.loalang.web.Topic;

/**
 * Brings a firmware image to many boxes in stages and halts by itself when 2 % of those tried have failed [FW-6]. The key for
 * firmware is in the safe: a rollout begins as a list of unsigned documents, one for each box, that somebody signs elsewhere
 * ({@code loalang sign-firmware}) and brings back. From then on everything is a row with a moment when it is due.
 */
@Component
class Rollouts {
    /** What open pages watch. */
    static final Topic ROLLOUTS = new Topic("rollouts");

    /** First line of the list to be signed; each further line is one document. */
    static final String UNSIGNED = "loalang-firmware 1";

    /** First line of the signed list; each further line is one message in Base64. */
    static final String SIGNED = "loalang-firmware-signed 1";

    private static final Logger log = LoggerFactory.getLogger(Rollouts.class);
    /** How long boxes that are away may come back and still take it. */
    private static final Duration LIFE = Duration.ofDays(60);
    /** A trial is over after ten minutes; whoever says this later that it runs the new version has kept it. */
    private static final Duration LONGER_THAN_A_TRIAL = Duration.ofMinutes(20);

    private static final Duration HEARTBEAT = Duration.ofSeconds(10);
    private static final int OFFERED_AT_ONCE = 200;
    private static final int LONGEST_WHY = 64;

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final KeyStore keys;
    private final Topics topics;
    private final Documents documents;
    private final Firmwares firmwares;
    private final Fleet fleet;
    private final Areas areas;
    private final Post post;
    private final Durability durability;
    private final AuditLog audit;
    private final LiveUpdates live;
    private final Bell bell = new Bell();

    Rollouts(
            JdbcClient jdbc,
            JdbcTemplate batches,
            TransactionTemplate transaction,
            Clock clock,
            KeyStore keys,
            Topics topics,
            Documents documents,
            Firmwares firmwares,
            Fleet fleet,
            Areas areas,
            Post post,
            Durability durability,
            AuditLog audit,
            LiveUpdates live) {
        this.jdbc = jdbc;
        this.batches = batches;
        this.transaction = transaction;
        this.clock = clock;
        this.keys = keys;
        this.topics = topics;
        this.documents = documents;
        this.firmwares = firmwares;
        this.fleet = fleet;
        this.areas = areas;
        this.post = post;
        this.durability = durability;
        this.audit = audit;
        this.live = live;
    }

    /** Where a rollout stands. */
    enum State {
        /** Waits for its signed documents. */
        UNSIGNED("warn", "warn"),
        RUNNING("live", "live"),
        /** Nobody gets a document until somebody has looked. */
        HALTED("bad", "bad"),
        COMPLETED("ok", "ok"),
        WITHDRAWN("off", "off");

        private final String tone;
        private final String icon;

        State(String tone, String icon) {
            this.tone = tone;
            this.icon = icon;
        }

        /** Its colour's class. */
        public String tone() {
            return tone;
        }

        /** Its symbol's name. */
        public String icon() {
            return icon;
        }

        /** Whether it may still change. */
        public boolean open() {
            return this == UNSIGNED || this == RUNNING || this == HALTED;
        }
    }

    /** Why a rollout is halted. */
    enum Halt {
        FAILURES,
        /** The key that signed it is listed no more. */
        KEY,
        PERSON
    }

    /**
     * What somebody asks for.
     *
     * @param area boxes on poles in it and below
     * @param window local time in which boxes may install; empty for any
     */
    record Wanted(Hash image, AreaPath area, Course course, Optional<QuietWindow> window) {}

    /**
     * A rollout.
     *
     * @param stage index of the stage under way
     * @param stageSince when it began; null before the first
     * @param kid that signed it; null before
     * @param halted why; null unless halted
     * @param accepted failures that a person has looked at
     */
    record Rollout(
            long id,
            Firmwares.Image image,
            State state,
            AreaPath area,
            Course course,
            int stage,
            @Nullable Instant stageSince,
            Optional<QuietWindow> window,
            Instant issuedAt,
            Instant expiresAt,
            @Nullable Kid kid,
            @Nullable Halt halted,
            int accepted,
            String by,
            Instant createdAt) {
        /** When the next stage may begin; null before the first, and after the last. */
        public @Nullable Instant nextStageFrom() {
            var since = stageSince;
            return since == null || lastStage() ? null : since.plus(course.watch());
        }

        /** Whether all boxes have their turn. */
        public boolean lastStage() {
            return stage + 1 >= course.percents().size();
        }
    }

    /** How far a box has come. */
    record Line(ControllerId pole, DeviceId unit, int turn, UpdateState state, String why, Instant at) {}

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

    /** Its boxes, what went wrong first, then what is under way, then those that wait, then those that are done. */
    List<Line> lines(long id, int most) {
        return jdbc.sql("""
                        select controller_id, unit_id, turn, state, why, changed_at from delivery_rollout_unit
                        where rollout_id = :id
                        order by case when state in ('FAILED', 'ROLLED_BACK') then 0 when state = 'WAITING' then 2
                          when state in ('CONFIRMED', 'SKIPPED') then 3 else 1 end, turn limit :most""")
                .param("id", id)
                .param("most", most)
                .query((row, number) -> new Line(
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
                .sorted(Comparator.comparing((DeviceId unit) -> !online.contains(unit))
                        .thenComparing(unit ->
                                Hash.of(Link.utf8(unit.value() + image.hash())).hex()))
                .toList();
    }

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
    long create(Wanted wanted, String by) {
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
            audit.record("delivery.rolloutCreated", title(image), "#" + id + ": " + units.size());
            live.changed(ROLLOUTS);
            durability.confirm();
            return id;
        }));
    }

    private long insert(Wanted wanted, String by, Instant now) {
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
                .param("from", window.map(each -> clockTime(each.from())).orElse(null))
                .param("until", window.map(each -> clockTime(each.to())).orElse(null))
                .param("now", SqlTime.of(now))
                .param("expires", SqlTime.of(now.plus(LIFE)))
                .param("by", by)
                .update(generated, "id");
        return Objects.requireNonNull(generated.getKey()).longValue();
    }

    /** The documents to be signed, as a text for {@code loalang sign-firmware}. */
    byte[] request(Rollout rollout) {
        var text = new StringBuilder(UNSIGNED).append('\n');
        expected(rollout).values().forEach(document -> text.append(
                        new String(document.payload(), StandardCharsets.UTF_8))
                .append('\n'));
        return Link.utf8(text.toString());
    }

    private Map<DeviceId, Firmware> expected(Rollout rollout) {
        var documentsOf = new java.util.LinkedHashMap<DeviceId, Firmware>();
        jdbc.sql("select unit_id, seq from delivery_rollout_unit where rollout_id = :id order by turn")
                .param("id", rollout.id())
                .query(row -> {
                    var unit = new DeviceId(row.getString("unit_id"));
                    documentsOf.put(unit, document(rollout, unit, row.getLong("seq")));
                });
        return documentsOf;
    }

    private Firmware document(Rollout rollout, DeviceId unit, long seq) {
        var image = rollout.image();
        return new Firmware(
                new Head(
                        keys.sys(),
                        Scope.of(unit),
                        seq,
                        rollout.issuedAt().toEpochMilli(),
                        rollout.expiresAt().toEpochMilli()),
                image.model(),
                image.version(),
                image.sec(),
                image.bytes(),
                image.hash(),
                rollout.window());
    }

    /**
     * Takes the signed documents in and begins with the first stage. Every box's must be there, word for word as it was asked
     * for, under one key that the roots have listed for firmware of the whole deployment.
     *
     * @throws Refusal when anything differs
     */
    void start(long id, byte[] file) {
        transaction.executeWithoutResult(status -> {
            var rollout = locked(id);
            var messages = signed(file, expected(rollout));
            var kid = messages.kid();
            var now = clock.instant();
            move(rollout, State.RUNNING, Set.of(State.UNSIGNED));
            batches.batchUpdate(
                    "update delivery_rollout_unit set message = ? where rollout_id = ? and unit_id = ?",
                    messages.of().entrySet().stream()
                            .map(each -> new Object[] {
                                each.getValue(), id, each.getKey().value()
                            })
                            .toList());
            jdbc.sql("update delivery_rollout set kid = :kid, stage_since = :now, due_at = :now where id = :id")
                    .param("kid", kid.value())
                    .param("now", SqlTime.of(now))
                    .param("id", id)
                    .update();
            audit.record("delivery.rolloutStarted", title(rollout.image()), "#" + id + " " + kid);
            changed();
        });
    }

    private record Messages(Kid kid, Map<DeviceId, byte[]> of) {}

    private Messages signed(byte[] file, Map<DeviceId, Firmware> expected) {
        var lines = new String(file, StandardCharsets.UTF_8).lines().toList();
        if (lines.isEmpty() || !lines.get(0).equals(SIGNED)) {
            throw new Refusal("signed", "delivery.refused.rolloutFile");
        }
        var messages = new HashMap<DeviceId, byte[]>();
        var kids = new HashSet<Kid>();
        for (var line : lines.subList(1, lines.size())) {
            try {
                var message = Base64.getDecoder().decode(line);
                var envelope = Envelope.parse(message);
                var document = Document.decode(envelope.payload().toArray());
                if (!(document instanceof Firmware firmware)
                        || !(firmware.head().to() instanceof Scope.Device device)
                        || !firmware.equals(expected.get(device.id()))) {
                    throw new Refusal("signed", "delivery.refused.rolloutOther");
                }
                kids.add(signer(envelope, firmware).kid());
                messages.put(device.id(), message);
            } catch (vn.loalang.protocol.Refusal | IllegalArgumentException unreadable) {
                var refusal = new Refusal("signed", "delivery.refused.rolloutFile");
                refusal.initCause(unreadable);
                throw refusal;
            }
        }
        if (!messages.keySet().equals(expected.keySet()) || kids.size() != 1) {
            throw new Refusal("signed", "delivery.refused.rolloutMissing", messages.size(), expected.size());
        }
        return new Messages(kids.iterator().next(), messages);
    }

    private KeyEntry signer(Envelope envelope, Firmware document) {
        return keys.listed().keys().stream()
                .filter(Rollouts::signsFirmware)
                .filter(key -> envelope.lines().size() == 1
                        && envelope.lines().get(0).header().equals(Envelope.header(key.kid()))
                        && key.nbf() <= document.head().iat()
                        && document.head().iat() <= key.exp()
                        && envelope.isSignedBy(0, key.x()))
                .findFirst()
                .orElseThrow(() -> new Refusal("signed", "delivery.refused.rolloutKey"));
    }

    private static boolean signsFirmware(KeyEntry key) {
        return key.use().contains(Use.FW) && key.area().equals(vn.loalang.protocol.AreaPath.ROOT);
    }

    /**
     * Goes on after a halt, with the failures so far accepted; or begins the next stage without waiting any longer.
     *
     * @throws Refusal when there is nothing to go on with
     */
    void goOn(long id) {
        transaction.executeWithoutResult(status -> {
            var rollout = locked(id);
            var now = clock.instant();
            if (rollout.state() == State.HALTED) {
                move(rollout, State.RUNNING, Set.of(State.HALTED));
                jdbc.sql("""
                                update delivery_rollout set halted_why = null, due_at = :now, accepted =
                                  (select count(*) from delivery_rollout_unit u
                                    where u.rollout_id = :id and u.state in ('FAILED', 'ROLLED_BACK'))
                                where id = :id""").param("now", SqlTime.of(now)).param("id", id).update();
                audit.record("delivery.rolloutResumed", title(rollout.image()), "#" + id);
            } else if (rollout.state() == State.RUNNING && !rollout.lastStage()) {
                advance(rollout, rollout.stage() + 1, now);
                audit.record(
                        "delivery.rolloutHastened", title(rollout.image()), "#" + id + " " + (rollout.stage() + 2));
            } else {
                throw new Refusal("", "delivery.refused.rolloutState");
            }
            changed();
        });
    }

    /**
     * Halts until somebody goes on.
     *
     * @throws Refusal unless it runs
     */
    void pause(long id) {
        var topicsLeft = Objects.requireNonNull(transaction.execute(status -> {
            var rollout = locked(id);
            audit.record("delivery.rolloutPaused", title(rollout.image()), "#" + id);
            return halt(rollout, Halt.PERSON);
        }));
        empty(topicsLeft);
    }

    /**
     * Ends it: nobody gets the document any more, and who has it and has not the whole image gets no more of that. Boxes that
     * have the image already will install it.
     *
     * @throws Refusal when it has ended
     */
    void withdraw(long id) {
        var left = Objects.requireNonNull(transaction.execute(status -> {
            var rollout = locked(id);
            move(rollout, State.WITHDRAWN, Set.of(State.UNSIGNED, State.RUNNING, State.HALTED));
            ended(id);
            var topicsLeft = takeBack(id, Set.of(UpdateState.OFFERED, UpdateState.RECEIVED, UpdateState.DOWNLOADING));
            skip(id, List.of("WAITING", "OFFERED"), "withdrawn", clock.instant());
            audit.record("delivery.rolloutWithdrawn", title(rollout.image()), "#" + id);
            changed();
            return topicsLeft;
        }));
        empty(left);
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
                .query(Rollouts::mine)
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

    private static final String MINE = """
            select u.rollout_id, u.unit_id, u.seq, u.changed_at, f.version from delivery_rollout_unit u
            join delivery_rollout r on r.id = u.rollout_id join delivery_firmware f on f.hash = r.hash\s""";

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
                .query(Rollouts::mine)
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
            changed();
        }
    }

    /** Works until interrupted. */
    void work() throws InterruptedException {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                lookAtDue();
            } catch (RuntimeException failed) {
                log.error("A firmware rollout could not be looked at; trying again", failed);
            }
            bell.await(HEARTBEAT);
        }
    }

    /** Does what is due in every rollout. */
    void lookAtDue() {
        var due = jdbc.sql("select id from delivery_rollout where state = 'RUNNING' and due_at <= :now order by id")
                .param("now", SqlTime.of(clock.instant()))
                .query(Long.class)
                .list();
        for (var id : due) {
            var more = true;
            while (more) {
                var looked = Objects.requireNonNull(transaction.execute(status -> look(id)));
                empty(looked.taken());
                more = looked.more();
            }
        }
        if (!due.isEmpty()) {
            post.ring();
        }
    }

    /**
     * What a look has led to.
     *
     * @param more whether there is more to do at once
     * @param taken topics from which the broker must drop what it keeps
     */
    private record Looked(boolean more, List<String> taken) {}

    private Looked look(long id) {
        var now = clock.instant();
        var rollout = locked(id);
        if (rollout.state() != State.RUNNING) {
            return new Looked(false, List.of());
        }
        if (!now.isBefore(rollout.expiresAt())) {
            skip(
                    id,
                    Arrays.stream(UpdateState.values())
                            .filter(state -> !state.ended())
                            .map(Enum::name)
                            .toList(),
                    "expired",
                    now);
        }
        var kid = Objects.requireNonNull(rollout.kid());
        if (keys.listed().keys().stream().noneMatch(key -> key.kid().equals(kid) && signsFirmware(key))) {
            return new Looked(false, halt(rollout, Halt.KEY));
        }
        var tally = Tally.of(counts(id));
        var since = Objects.requireNonNull(rollout.stageSince());
        var step = StagedRollout.next(rollout.course(), rollout.stage(), since, rollout.accepted(), tally, now);
        if (step instanceof Step.Halt) {
            log.warn(
                    "The rollout {} of {} is halted: {} of {} boxes failed",
                    id,
                    title(rollout.image()),
                    tally.failed(),
                    tally.begun());
            audit.record(
                    "delivery.rolloutHalted",
                    title(rollout.image()),
                    "#" + id + ": " + tally.failed() + "/" + tally.begun());
            return new Looked(false, halt(rollout, Halt.FAILURES));
        } else if (step instanceof Step.Offer offer) {
            offer(rollout, Math.min(OFFERED_AT_ONCE, offer.upTo() - tally.offered()), now);
            return new Looked(true, List.of());
        } else if (step instanceof Step.Advance advance) {
            advance(rollout, advance.stage(), now);
            return new Looked(true, List.of());
        } else if (step instanceof Step.Complete) {
            move(rollout, State.COMPLETED, Set.of(State.RUNNING));
            ended(id);
            audit.record("delivery.rolloutCompleted", title(rollout.image()), "#" + id + ": " + tally.confirmed());
            changed();
            return new Looked(false, List.of());
        }
        var due = step instanceof Step.WaitUntil wait && wait.at().isBefore(rollout.expiresAt())
                ? wait.at()
                : rollout.expiresAt();
        jdbc.sql("update delivery_rollout set due_at = :due where id = :id")
                .param("due", SqlTime.of(due))
                .param("id", id)
                .update();
        return new Looked(false, List.of());
    }

    private void offer(Rollout rollout, int most, Instant now) {
        var id = rollout.id();
        var next = jdbc.sql("""
                        select unit_id, controller_id, seq, message from delivery_rollout_unit
                        where rollout_id = :id and state = 'WAITING' order by turn limit :most""")
                .param("id", id)
                .param("most", most)
                .query((row, number) -> new Offered(
                        new DeviceId(row.getString("unit_id")),
                        new ControllerId(row.getLong("controller_id")),
                        row.getLong("seq"),
                        Bytes.of(Objects.requireNonNull(row.getBytes("message")))))
                .list();
        var hanging = fleet.controllersOf(next.stream().map(Offered::unit).toList());
        for (var each : next) {
            var scope = Scope.of(each.unit());
            var gone = !hanging.containsKey(each.unit());
            // A newer document than the one we have signed stands in the row.
            var overtaken = documents.mark(scope, Row.FW) > each.seq();
            var state = gone || overtaken ? UpdateState.SKIPPED : UpdateState.OFFERED;
            var moved = jdbc.sql("""
                            update delivery_rollout_unit set state = :state, why = :why, changed_at = :now
                            where rollout_id = :id and unit_id = :unit and state = 'WAITING'
                              and exists (select 1 from delivery_rollout r where r.id = :id and r.state = 'RUNNING')""")
                    .param("state", state.name())
                    .param("why", gone ? "gone" : overtaken ? "newer" : "")
                    .param("now", SqlTime.of(now))
                    .param("id", id)
                    .param("unit", each.unit().value())
                    .update();
            if (moved > 0 && state == UpdateState.OFFERED) {
                documents.issue(
                        new Documents.Fresh(
                                scope,
                                Row.FW,
                                topics.fw(each.unit()),
                                each.unit(),
                                each.pole(),
                                each.seq(),
                                rollout.issuedAt(),
                                Hash.of(each.message().toArray()).hex(),
                                "",
                                List.of(rollout.image().hash()),
                                each.message(),
                                rollout.expiresAt()),
                        Documents.ROUTINE);
            }
        }
        changed();
    }

    private record Offered(DeviceId unit, ControllerId pole, long seq, Bytes message) {}

    private void advance(Rollout rollout, int stage, Instant now) {
        var moved = jdbc.sql("""
                        update delivery_rollout set stage = :next, stage_since = :now, due_at = :now
                        where id = :id and stage = :stage and state = 'RUNNING'""")
                .param("next", stage)
                .param("now", SqlTime.of(now))
                .param("id", rollout.id())
                .param("stage", rollout.stage())
                .update();
        if (moved == 0) {
            throw new Refusal("", "delivery.refused.rolloutState");
        }
        changed();
    }

    /** Halts, and takes the documents back that nobody has taken over; they go out again when it goes on. */
    private List<String> halt(Rollout rollout, Halt why) {
        move(rollout, State.HALTED, Set.of(State.RUNNING));
        jdbc.sql("update delivery_rollout set halted_why = :why, due_at = null where id = :id")
                .param("why", why.name())
                .param("id", rollout.id())
                .update();
        var taken = takeBack(rollout.id(), Set.of(UpdateState.OFFERED));
        jdbc.sql("update delivery_rollout_unit set state = 'WAITING', changed_at = :now "
                        + "where rollout_id = :id and state = 'OFFERED'")
                .param("now", SqlTime.of(clock.instant()))
                .param("id", rollout.id())
                .update();
        changed();
        return taken;
    }

    private List<String> takeBack(long id, Set<UpdateState> states) {
        return jdbc
                .sql("select unit_id, seq from delivery_rollout_unit where rollout_id = :id and state in (:states)")
                .param("id", id)
                .param("states", UpdateState.names(states))
                .query((row, number) -> Map.entry(new DeviceId(row.getString("unit_id")), row.getLong("seq")))
                .list()
                .stream()
                .flatMap(each -> documents.takeBack(each.getKey(), Row.FW, each.getValue()).stream())
                .toList();
    }

    private void skip(long id, Collection<String> from, String why, Instant now) {
        jdbc.sql("""
                        update delivery_rollout_unit set state = 'SKIPPED', why = :why, changed_at = :now
                        where rollout_id = :id and state in (:from)""")
                .param("why", why)
                .param("now", SqlTime.of(now))
                .param("id", id)
                .param("from", from)
                .update();
    }

    private void ended(long id) {
        jdbc.sql("update delivery_rollout set ended_at = :now, due_at = null, halted_why = null where id = :id")
                .param("now", SqlTime.of(clock.instant()))
                .param("id", id)
                .update();
    }

    /** The rollout, which nobody else changes until the transaction ends. */
    private Rollout locked(long id) {
        var unused = jdbc.sql("select id from delivery_rollout where id = :id for update")
                .param("id", id)
                .query(Long.class)
                .optional();
        return find(id).orElseThrow(() -> new Refusal("", "delivery.refused.rolloutGone"));
    }

    private void move(Rollout rollout, State to, Set<State> from) {
        var moved = jdbc.sql("update delivery_rollout set state = :to where id = :id and state in (:from)")
                .param("to", to.name())
                .param("id", rollout.id())
                .param("from", from.stream().map(Enum::name).toList())
                .update();
        if (moved == 0) {
            throw new Refusal("", "delivery.refused.rolloutState");
        }
    }

    /** In a transaction: pages are told and the worker looks when it has committed and is on the disk. */
    private void changed() {
        live.changed(ROLLOUTS);
        durability.confirm();
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                bell.ring();
            }
        });
    }

    private void empty(List<String> kept) {
        kept.forEach(topic -> {
            var unused = post.document(topic, new byte[0]).whenComplete((done, failure) -> {
                if (failure != null) {
                    log.info("{} may stay at the broker; a box that takes it over says so", topic, failure);
                }
            });
        });
    }

    private static String title(Firmwares.Image image) {
        return image.model() + " " + image.version();
    }

    private static String clockTime(int minutes) {
        return String.format(java.util.Locale.ROOT, "%02d:%02d", minutes / 60, minutes % 60);
    }

    private static final String SELECT = """
            select r.*, f.model, f.version, f.sec, f.bytes, f.uploaded_by, f.uploaded_at from delivery_rollout r
            join delivery_firmware f on f.hash = r.hash\s""";

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
                State.valueOf(row.getString("state")),
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
                halted == null ? null : Halt.valueOf(halted),
                row.getInt("accepted"),
                row.getString("created_by"),
                SqlTime.get(row, "created_at"));
    }
}
