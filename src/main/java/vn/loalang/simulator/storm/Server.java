package vn.loalang.simulator.storm;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import vn.loalang.broadcast.Evidence;
import vn.loalang.broadcast.Outcome;
import vn.loalang.broadcast.PlaybackFacts;
import vn.loalang.broadcast.PlaybackState;
import vn.loalang.delivery.PlanDraft;
import vn.loalang.delivery.rules.Greeting;
import vn.loalang.delivery.rules.Issue;
import vn.loalang.delivery.rules.JournalRules;
import vn.loalang.delivery.rules.PlayReport;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.BlockFrame;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Cfg;
import vn.loalang.protocol.Cid;
import vn.loalang.protocol.Cmd;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.Firmware;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Jack;
import vn.loalang.protocol.JournalAck;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.LiveFrame;
import vn.loalang.protocol.Need;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.Op;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.Plan;
import vn.loalang.protocol.QuietWindow;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Ses;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.Topic;
import vn.loalang.protocol.Topics;
import vn.loalang.protocol.Welcome;

/**
 * The server: the decisions of the real one around tables in memory. A batch of messages is committed and synced at one moment;
 * what stands in the process alone is gone with a crash.
 */
final class Server {
    private static final Duration SETTINGS_LIFE = Duration.ofDays(300);
    private static final Duration REISSUE_AFTER = Duration.ofHours(5);
    private static final Duration ANSWER_LIFE = Duration.ofMinutes(1);
    private static final long LINGER_MS = 10;
    private static final Duration SESSION_LIFE = Duration.ofHours(6);
    /** 30 frames of a chunk, held back for three seconds. */
    private static final int CHUNK_MS = 720;

    private static final int HOLD_MS = 3_000;
    private static final long BLOCK_MS = 500;
    private static final long SWEEP_MS = 3_600_000;
    private static final long UNKNOWN_AFTER_MS = 24 * 3_600_000L;
    private static final List<Long> RESEND_MS = List.of(5_000L, 15_000L, 60_000L);
    private static final List<Row> OWN_ROWS = List.of(Row.SITE, Row.CFG, Row.PLAN);
    private static final List<String> BASES = List.of("https://server/gb1/a/");

    private final World world;
    private final Broker broker;
    private final Auditor auditor;
    private final Keyring keys;
    private final Notary notary;
    private final Library library;
    private final RandomGenerator random;
    private final Topics topics = new Topics(Keyring.SYS);
    private final Map<DeviceId, Pole> poles = new LinkedHashMap<>();
    private final Map<Pole, Long> controllers = new LinkedHashMap<>();
    private final List<QuietWindow> quiet;
    private final List<Arrived> inbox = new ArrayList<>();
    private Tables tables = new Tables();
    private boolean up;
    private boolean connected;
    private boolean batchDue;
    private long life;
    private long upSince;
    private long commands;
    private int firmwares;

    /** What the roots have signed last, which outlives the database. */
    private Tables.@Nullable Issued newestKeys;

    private record Arrived(DeviceId unit, Topic.Kind kind, Bytes payload, Instant at) {}

    /** What is owed to boxes after the commit. */
    private static final class Owed {
        final Map<DeviceId, Hello> welcomes = new LinkedHashMap<>();
        final Map<DeviceId, JournalAck> jacks = new LinkedHashMap<>();
    }

    Server(
            World world,
            Broker broker,
            Auditor auditor,
            Keyring keys,
            Notary notary,
            Library library,
            List<QuietWindow> quiet) {
        this.world = world;
        this.broker = broker;
        this.auditor = auditor;
        this.keys = keys;
        this.notary = notary;
        this.library = library;
        this.quiet = List.copyOf(quiet);
        this.random = world.random("server");
    }

    void hang(Pole pole) {
        poles.put(pole.profile().id(), pole);
        controllers.put(pole, (long) poles.size());
        tables.due.add(pole.profile().id());
    }

    Collection<Pole> poles() {
        return poles.values();
    }

    Tables tables() {
        return tables;
    }

    boolean isUp() {
        return up;
    }

    /** Since when it has been up with a connection to the broker; {@code Long.MAX_VALUE} when it is not. */
    long wellSince() {
        return up && connected ? upSince : Long.MAX_VALUE;
    }

    // Life

    void start() {
        up = true;
        life++;
        world.tell("server", () -> "starts");
        var ceremony = newestKeys;
        if (ceremony == null) {
            issueKeys();
        } else if (!ceremony.equals(tables.current.get(ceremony.key()))) {
            // The holders of the roots bring what they signed last to a database that does not know it.
            tables.marks.merge(ceremony.key(), ceremony.seq(), Math::max);
            tables.current.put(ceremony.key(), ceremony);
        }
        brokerThere();
        sweepLater(life);
    }

    /** {@code kill -9}. */
    void crash() {
        up = false;
        connected = false;
        batchDue = false;
        life++;
        inbox.clear();
        world.tell("server", () -> "crashes");
        world.mark("server", 2);
    }

    /** An older backup takes the place of the database; only while the server is down. */
    void restore(Tables backup) {
        tables = backup;
        world.tell("server", () -> "database restored");
        auditor.restored(tables);
    }

    void brokerGone() {
        connected = false;
    }

    void brokerThere() {
        if (!up) return;
        var mine = life;
        world.in(100 + random.nextInt(4000), () -> {
            if (life != mine || !broker.isUp() || connected) return;
            connected = true;
            upSince = world.now();
            // The broker may have forgotten everything: the database is the truth [SRV-1].
            tables.outbox.addAll(tables.current.keySet());
            compileDue();
            carry();
        });
    }

    private void sweepLater(long mine) {
        world.in(60_000 + random.nextInt(60_000), () -> sweep(mine));
    }

    private void sweep(long mine) {
        if (life != mine) return;
        tables.due.addAll(poles.keySet());
        tables.orders.values().forEach(order -> {
            if (order.end().toEpochMilli() + UNKNOWN_AFTER_MS < world.now()) {
                facts(order.oid()).replaceAll((pole, facts) -> facts.moved(PlaybackState.UNKNOWN));
            }
        });
        compileDue();
        poles.values().forEach(this::announce);
        carry();
        world.in(SWEEP_MS, () -> sweep(mine));
    }

    // Orders

    /** Plans a broadcast; confirmed at once, because the tables are what is synced. */
    void plan(Tables.Order order) {
        tables.orders.put(order.oid(), order);
        var facts = new LinkedHashMap<DeviceId, PlaybackFacts>();
        order.targets().forEach(target -> facts.put(target, PlaybackFacts.PLANNED));
        tables.playbacks.put(order.oid(), facts);
        changed(order);
    }

    void cancel(Oid oid) {
        var order = tables.orders.get(oid);
        if (order == null) return;
        tables.orders.put(oid, order.cancel());
        facts(oid).replaceAll((pole, facts) -> facts.moved(PlaybackState.CANCELLED));
        changed(order);
    }

    private void changed(Tables.Order order) {
        tables.due.addAll(order.targets());
        var mine = life;
        world.in(5 + random.nextInt(50), () -> {
            if (life != mine) return;
            compileDue();
            carry();
        });
    }

    private Map<DeviceId, PlaybackFacts> facts(Oid oid) {
        return tables.playbacks.getOrDefault(oid, Map.of());
    }

    // Emergencies

    /** What the scope's order says now, by the first officer. */
    List<Entry> ordered(Scope to) {
        return tables.current(to, Row.now(to, keys.officer1.kid()))
                .map(issued -> issued.document() instanceof Now now ? now.act() : List.<Entry>of())
                .orElse(List.of());
    }

    /** Orders, replaces or, with nothing left, clears; signed, stored and published, and repeated to who does not answer. */
    boolean order(Scope to, List<Entry> act, List<String> clr) {
        var row = Row.now(to, keys.officer1.kid());
        var now = world.instant();
        var seq = nextSeq(to, row, now);
        if (seq < 0 || !up) return false;
        var life = act.isEmpty() ? Duration.ofDays(7) : Duration.ofHours(12);
        var head = new Head(
                Keyring.SYS, to, seq, now.toEpochMilli(), now.plus(life).toEpochMilli());
        var document = new Now(head, keys.officer1.kid(), act, clr, List.of());
        var signers = act.isEmpty() ? List.of(keys.officer1) : keys.officers();
        var issued = store(to, row, topics.of(document).orElseThrow(), seq, "", document, compose(signers, document));
        auditor.ordered(to, document, poles.values());
        carry();
        var mine = this.life;
        RESEND_MS.forEach(ms -> world.in(ms, () -> {
            if (this.life == mine) resend(issued);
        }));
        return true;
    }

    /** The same bytes to every connected device that has not applied them [SRV-3] [SES-4]. */
    private void resend(Tables.Issued issued) {
        if (!issued.equals(tables.current.get(issued.key()))) return;
        for (var pole : poles.values()) {
            var id = pole.profile().id();
            var reached = isOwn(pole, issued.to());
            if (reached && broker.isConnected(pole) && !tables.ready.contains(applied(id, issued))) {
                answer(id, issued.body());
            }
        }
    }

    private static boolean isOwn(Pole pole, Scope to) {
        return to instanceof Scope.Area area
                ? pole.areas().contains(area.area())
                : to instanceof Scope.Device device
                        && device.id().equals(pole.profile().id());
    }

    private static String applied(DeviceId id, Tables.Issued issued) {
        return id + " applied " + issued.row() + " " + issued.seq();
    }

    // Keys

    private void issueKeys() {
        var seq = nextSeq(Scope.ALL, Row.KEYS, world.instant());
        if (seq < 0) return;
        var document = keys.keys(seq, world.now());
        newestKeys =
                store(Scope.ALL, Row.KEYS, topics.keys(), seq, "keys", document, compose(keys.twoRoots(), document));
        world.tell("server", () -> "keys, bad " + document.bad());
        carry();
    }

    /** Another key of the scheduler's own, and everything is signed anew. */
    boolean rotateOnline() {
        if (!up || !keys.rotateOnline()) return false;
        issueKeys();
        for (var issued : List.copyOf(tables.current.values())) {
            var row = issued.row();
            if (row.equals(Row.CFG) || row.equals(Row.PLAN)) {
                tables.current.put(issued.key(), issued.doubted());
            } else if (issued.document() instanceof Ses ses) {
                sessions(issued.to(), ses.act());
            }
        }
        tables.due.addAll(poles.keySet());
        compileDue();
        carry();
        return true;
    }

    void retireOnline() {
        keys.retireOnline();
        issueKeys();
    }

    void revokeCommune() {
        if (!up) return;
        keys.revokeCommune();
        issueKeys();
    }

    // Sessions

    private List<Entry> sessions(Scope to) {
        return tables.current(to, Row.ses(to))
                .map(issued -> issued.document() instanceof Ses ses ? ses.act() : List.<Entry>of())
                .orElse(List.of());
    }

    void session(Scope to, Entry entry) {
        var act = new ArrayList<>(sessions(to).stream()
                .filter(other -> other.until() > world.now())
                .limit(3)
                .toList());
        act.add(entry);
        sessions(to, act);
    }

    void endSession(Scope to, Sid sid) {
        if (!up) return;
        var act = sessions(to).stream()
                .filter(other -> !other.sid().equals(sid) && other.until() > world.now())
                .toList();
        sessions(to, act);
    }

    private void sessions(Scope to, List<Entry> act) {
        var now = world.instant();
        var seq = nextSeq(to, Row.ses(to), now);
        if (seq < 0 || !up) return;
        var head = new Head(
                Keyring.SYS, to, seq, now.toEpochMilli(), now.plus(SESSION_LIFE).toEpochMilli());
        var document = Ses.of(head, act);
        auditor.possible(
                to, Hash.of(document.payload()), head.iat(), keys.online().kid(), act, poles.values());
        store(to, Row.ses(to), topics.ses(to), seq, "", document, compose(List.of(keys.online()), document));
        carry();
    }

    /** Somebody speaks into a microphone; the chunks go out as they come, each for a moment a little later. */
    void speak(Scope to, Sid sid, int pri, int vol, long beg, long end) {
        var own = Keyring.key("v1", random);
        var live = new Entry.Live(own.publicKey(), Asset.MP3, CHUNK_MS, HOLD_MS, Optional.empty());
        session(to, new Entry(sid, OrderStatus.ACTUAL, pri, beg, end + HOLD_MS, 3600, 1, 0, vol, List.of(), live));
        world.at(beg, () -> chunk(to, sid, own, 0, beg, end));
    }

    private void chunk(Scope to, Sid sid, SigningKey own, long n, long beg, long end) {
        if (!up) return;
        var last = world.now() + CHUNK_MS >= end;
        var sound = new byte[CHUNK_MS / Limits.FRAME_MS * Limits.FRAME_BYTES];
        random.nextBytes(sound);
        auditor.spoken(sid, Bytes.of(sound));
        var frame =
                LiveFrame.sign(message -> notary.sign(own, message), sid, last, n, beg + n * CHUNK_MS + HOLD_MS, sound);
        if (connected) broker.publishDown(topics.live(to, sid), Bytes.of(frame.encode()), false);
        if (!last) world.in(CHUNK_MS, () -> chunk(to, sid, own, n + 1, beg, end));
    }

    /** Sessions that stand now, for who would like to speak in them. */
    List<Sid> standingSessions() {
        return tables.current.values().stream()
                .filter(issued -> issued.document() instanceof Ses)
                .flatMap(issued -> ((Ses) issued.document()).act().stream())
                .filter(entry -> entry.until() > world.now())
                .map(Entry::sid)
                .toList();
    }

    // Commands and firmware

    /** The same bytes until the box has told its result. */
    void command(Pole pole) {
        if (!up) return;
        var id = pole.profile().id();
        var number = commands++;
        var op =
                switch (random.nextInt(6)) {
                    case 0 -> new Op.Reboot();
                    case 1 -> new Op.Tone(1 + (int) (number % 3));
                    default -> new Op.Identify(1 + (int) (number % 60));
                };
        var now = world.now();
        var head = new Head(Keyring.SYS, Scope.of(id), now, now, now + Limits.COMMAND_LIFE_MS);
        // Numbers start anew with an older database; a cid never does.
        var cid = new Cid("c" + Long.toString(now, 36));
        auditor.commanded(pole, op, head.exp());
        var message = compose(List.of(keys.online()), new Cmd(head, cid, op));
        answer(id, message);
        var mine = life;
        RESEND_MS.forEach(ms -> world.in(ms, () -> {
            if (life == mine && broker.isConnected(pole) && !tables.ready.contains(id + " did " + cid)) {
                answer(id, message);
            }
        }));
    }

    void firmware(Pole pole) {
        var id = pole.profile().id();
        var seq = nextSeq(Scope.of(id), Row.FW, world.instant());
        if (!up || seq < 0) return;
        var image = new byte[32];
        random.nextBytes(image);
        firmwares++;
        var now = world.now();
        var document = new Firmware(
                new Head(Keyring.SYS, Scope.of(id), seq, now, now + SETTINGS_LIFE.toMillis()),
                "loalang-pc",
                "0.2." + firmwares,
                firmwares,
                50_000 + random.nextInt(300_000),
                Hash.ofDigest(image),
                Optional.empty());
        auditor.firmware(pole, document);
        store(Scope.of(id), Row.FW, topics.fw(id), seq, "", document, compose(List.of(keys.firmware), document));
        carry();
    }

    // Blocks

    /** Says how the recordings are cut that the plan of a pole names and the web server has not got. */
    private void announce(Pole pole) {
        var to = Scope.of(pole.profile().id());
        if (tables.current(to, Row.PLAN).isEmpty()) return;
        for (var hash : library.all()) {
            if (!tables.ready.contains(pole.profile().id() + " " + hash)) manifest(to, hash);
        }
    }

    private void manifest(Scope to, Hash hash) {
        if (!up || !connected) return;
        var now = world.now();
        var head = new Head(Keyring.SYS, to, now, now, now + SETTINGS_LIFE.toMillis());
        var message = compose(List.of(keys.online()), library.manifest(head, hash));
        broker.publishDown(topics.man(to, hash), message, true);
    }

    /** A box asks; what it gets is mixed up, partly lost and partly doubled on the way. */
    private void needed(DeviceId unit, Need need) {
        var wanted = new ArrayList<Long>();
        for (var range : need.miss()) {
            for (var n = range.lo(); n <= range.hi() && wanted.size() < Limits.NEED_WINDOW; n++) wanted.add(n);
        }
        sendBlocks(Scope.of(unit), need.a(), wanted);
    }

    /** To everybody in an area at once, wanted or not. */
    void fanOut(AreaPath area, Hash hash) {
        if (!up || !connected) return;
        var to = Scope.of(area);
        world.tell("server", () -> "sends " + hash + " to all of " + area);
        manifest(to, hash);
        var all = new ArrayList<Long>();
        for (long n = 0; n < library.blocks(hash); n++) all.add(n);
        var ms = sendBlocks(to, hash, all);
        var mine = life;
        world.in(ms, () -> {
            if (life == mine && connected) {
                broker.publishDown(topics.blk(to), Bytes.of(BlockFrame.end(hash).encode()), false);
            }
        });
    }

    private long sendBlocks(Scope to, Hash hash, List<Long> wanted) {
        var mixed = new ArrayList<Long>();
        for (var n : wanted) {
            var luck = random.nextInt(100);
            for (int copies = luck < 10 ? 0 : luck < 20 ? 2 : 1; copies > 0; copies--) {
                mixed.add(random.nextInt(mixed.size() + 1), n);
            }
        }
        var mine = life;
        var ms = 0L;
        for (var n : mixed) {
            ms += BLOCK_MS;
            var block = library.block(hash, n);
            if (block.isEmpty()) continue;
            var frame = Bytes.of(BlockFrame.of(hash, n, block.get()).encode());
            world.in(ms, () -> {
                if (life == mine && connected) broker.publishDown(topics.blk(to), frame, false);
            });
        }
        return ms + BLOCK_MS;
    }

    // Documents

    private void compileDue() {
        if (!up) return;
        for (var id : List.copyOf(tables.due)) {
            tables.due.remove(id);
            var pole = poles.get(id);
            if (pole != null) compile(pole);
        }
    }

    private void compile(Pole pole) {
        var id = pole.profile().id();
        var now = world.instant();
        issueIfNews(id, Row.SITE, keys.site, "site", SETTINGS_LIFE.dividedBy(2), (head, seq) -> site(pole, head));
        issueIfNews(
                id,
                Row.CFG,
                keys.online(),
                "cfg",
                SETTINGS_LIFE.dividedBy(2),
                (head, seq) -> new Cfg(head, 60, 3600, List.of(), BASES, 0, 0));
        var draft = PlanDraft.of(timeline(id, now), now);
        var held = tables.current(Scope.of(id), Row.PLAN);
        if (held.isPresent()
                && Issue.upToDate(
                        held.get().contentHash(), held.get().issuedAt(), draft.contentHash(), REISSUE_AFTER, now)) {
            return;
        }
        var seq = nextSeq(Scope.of(id), Row.PLAN, now);
        if (seq < 0) return;
        var fits = draft;
        var plan = plan(id, fits, seq, now);
        var message = compose(List.of(keys.online()), plan);
        while (!fits.items().isEmpty() && message.size() > Limits.DEVICE_MESSAGE) {
            fits = fits.withoutLast();
            plan = plan(id, fits, seq, now);
            message = compose(List.of(keys.online()), plan);
        }
        var issued = store(Scope.of(id), Row.PLAN, topics.plan(id), seq, draft.contentHash(), plan, message);
        tables.plans.put(id + " " + seq, issued);
        announce(pole);
        auditor.planned(pole, plan);
    }

    private Site site(Pole pole, Head head) {
        return new Site(head, pole.areas(), Map.of(), 420, quiet, 80, 0, 3600, true, List.of());
    }

    private static Plan plan(DeviceId id, PlanDraft draft, long seq, Instant now) {
        return draft.plan(new Head(Keyring.SYS, Scope.of(id), seq, now.toEpochMilli(), draft.till()));
    }

    private List<vn.loalang.broadcast.TimelineEntry> timeline(DeviceId id, Instant now) {
        var from = now.minus(PlanDraft.BACK);
        var till = now.plusMillis(Limits.PLAN_SPAN_MS);
        return tables.orders.values().stream()
                .filter(order -> !order.cancelled()
                        && order.end().isAfter(from)
                        && order.start().isBefore(till))
                .filter(order -> {
                    var facts = facts(order.oid()).get(id);
                    return facts != null && facts.state().staysInPlan();
                })
                .map(Tables.Order::entry)
                .toList();
    }

    private void issueIfNews(
            DeviceId id,
            Row row,
            SigningKey signer,
            String says,
            Duration reissueAfter,
            BiFunction<Head, Long, Document> composer) {
        var now = world.instant();
        var to = Scope.of(id);
        var held = tables.current(to, row);
        if (held.isPresent()
                && Issue.upToDate(held.get().contentHash(), held.get().issuedAt(), says, reissueAfter, now)) {
            return;
        }
        var seq = nextSeq(to, row, now);
        if (seq < 0) return;
        var iat = now.toEpochMilli();
        var document = composer.apply(new Head(Keyring.SYS, to, seq, iat, iat + SETTINGS_LIFE.toMillis()), seq);
        store(to, row, topics.of(document).orElseThrow(), seq, says, document, compose(List.of(signer), document));
    }

    private long nextSeq(Scope to, Row row, Instant now) {
        var key = Tables.key(to, row);
        var next = Issue.nextSeq(tables.marks.getOrDefault(key, 0L), now);
        if (next.isEmpty()) return -1;
        tables.marks.put(key, next.getAsLong());
        return next.getAsLong();
    }

    private Tables.Issued store(
            Scope to, Row row, String topic, long seq, String says, Document document, Bytes message) {
        var issued = new Tables.Issued(to, row, topic, seq, world.instant(), says, document, message);
        tables.current.put(issued.key(), issued);
        tables.outbox.add(issued.key());
        return issued;
    }

    private Bytes compose(List<SigningKey> signers, Document document) {
        return notary.compose(signers, document);
    }

    /** Publishes what waits; what an interruption leaves is published once more, which changes nothing. */
    private void carry() {
        if (!up || !connected) return;
        var mine = life;
        for (var key : List.copyOf(tables.outbox)) {
            world.in(1 + random.nextInt(200), () -> {
                var issued = tables.current.get(key);
                if (life != mine || !connected || issued == null || !tables.outbox.remove(key)) return;
                broker.publishDown(issued.topic(), issued.body(), true);
                if (issued.document() instanceof Plan plan) {
                    plan.items()
                            .forEach(item -> move(
                                    item.oid(),
                                    ((Scope.Device) issued.to()).id(),
                                    facts -> facts.moved(PlaybackState.SENT)));
                }
            });
        }
    }

    private void move(Oid oid, DeviceId id, java.util.function.UnaryOperator<PlaybackFacts> step) {
        var facts = tables.playbacks.get(oid);
        if (facts != null) facts.computeIfPresent(id, (pole, before) -> step.apply(before));
    }

    // Evidence

    void arrived(String topic, Bytes payload) {
        if (!up || !connected) return;
        var parsed = topics.parse(topic);
        if (parsed.isEmpty() || !(parsed.get().scope() instanceof Scope.Device device)) return;
        inbox.add(new Arrived(device.id(), parsed.get().kind(), payload, world.instant()));
        if (batchDue) return;
        batchDue = true;
        var mine = life;
        // Lingering, the transaction and its sync; a crash before the end leaves nothing of it and answers nothing.
        world.in(LINGER_MS + 1 + random.nextInt(30), () -> {
            if (life != mine) return;
            batchDue = false;
            answer(takeBatch());
        });
    }

    private Owed takeBatch() {
        var owed = new Owed();
        for (var message : List.copyOf(inbox)) {
            try {
                take(message, owed);
            } catch (Refusal bad) {
                world.tell("server", () -> "refuses " + message.kind() + " of " + message.unit());
            }
        }
        inbox.clear();
        return owed;
    }

    private void take(Arrived message, Owed owed) {
        if (message.kind() == Topic.Kind.HELLO) {
            hello(message.unit(), Hello.decode(message.payload().toArray()), owed);
        } else if (message.kind() == Topic.Kind.NEED) {
            needed(message.unit(), Need.decode(message.payload().toArray()));
        } else if (message.kind() == Topic.Kind.EV) {
            events(message, Events.decode(message.payload().toArray()), owed);
        }
    }

    private void hello(DeviceId unit, Hello hello, Owed owed) {
        if (!poles.containsKey(unit)) return;
        var opening = JournalRules.opened(tables.unit(unit), hello);
        var jid = hello.j().jid();
        var upto = contiguous(unit, jid.value(), opening.base());
        tables.units.put(unit, new JournalRules.State(hello.boot(), jid.value(), upto, opening.renew()));
        for (var row : OWN_ROWS) {
            var key = Tables.key(Scope.of(unit), row);
            var seen = hello.hwm().getOrDefault(row, 0L);
            if (seen > tables.marks.getOrDefault(key, 0L)) {
                tables.marks.put(key, seen);
                tables.current.computeIfPresent(key, (same, issued) -> issued.doubted());
                tables.due.add(unit);
            }
        }
        owed.welcomes.put(unit, hello);
        owed.jacks.put(unit, new JournalAck(jid, upto, opening.renew()));
    }

    private void events(Arrived message, Events events, Owed owed) {
        var unit = message.unit();
        if (!poles.containsKey(unit)) return;
        var jid = events.jid().value();
        var journal = tables.journal(unit, jid);
        for (var entry : events.entries()) {
            var fingerprint = JournalRules.fingerprint(entry);
            var known = journal.get(entry.n());
            if (known == null) {
                tables.store(unit, jid, entry.n(), new Tables.Entry(fingerprint, JournalRules.lost(entry)));
                note(message, entry);
            } else if (JournalRules.lost(entry) != null) {
                journal.put(entry.n(), new Tables.Entry(known.fingerprint(), JournalRules.lost(entry)));
            } else if (JournalRules.contradicts(known.fingerprint(), entry)) {
                var state = tables.unit(unit);
                if (jid.equals(state.jid())) {
                    tables.units.put(unit, new JournalRules.State(state.boot(), jid, state.upto(), true));
                }
            }
        }
        var state = tables.unit(unit);
        if (!jid.equals(state.jid())) return;
        var upto = contiguous(unit, jid, state.upto());
        tables.units.put(unit, new JournalRules.State(state.boot(), jid, upto, state.renew()));
        owed.jacks.put(unit, new JournalAck(events.jid(), upto, state.renew()));
    }

    private long contiguous(DeviceId unit, String jid, long base) {
        var spans = new ArrayList<JournalRules.Span>();
        var journal = tables.journal(unit, jid);
        journal.tailMap(base, false).keySet().forEach(n -> spans.add(new JournalRules.Span(n, n)));
        // Few own up to a loss; they may speak of what comes after them.
        tables.losses(unit, jid).stream().filter(lost -> lost.hi() > base).forEach(spans::add);
        return JournalRules.contiguous(base, spans);
    }

    private void note(Arrived message, JournalEntry entry) {
        var unit = message.unit();
        var event = entry.event();
        var report = PlayReport.of(event);
        if (report.isPresent()) {
            report.get()
                    .id()
                    .oid()
                    .ifPresent(oid -> record(message, entry, oid, report.get().outcome()));
        } else if (event instanceof Event.DocumentChange change && change.fate() == Event.DocumentFate.APPLIED) {
            tables.ready.add(unit + " applied " + change.row() + " " + change.seq());
            var plan = tables.plans.get(unit + " " + change.seq());
            if (change.row().equals(Row.PLAN) && plan != null && plan.document() instanceof Plan items) {
                items.items().forEach(item -> record(message, entry, item.oid(), new Outcome.Received()));
            }
        } else if (event instanceof Event.Command done) {
            tables.ready.add(unit + " did " + done.cid());
        } else if (event instanceof Event.AssetReady asset) {
            ready(message, entry, asset.h());
        }
    }

    private void ready(Arrived message, JournalEntry entry, Hash hash) {
        tables.ready.add(message.unit() + " " + hash);
        var plan = tables.current(Scope.of(message.unit()), Row.PLAN);
        if (plan.isEmpty() || !(plan.get().document() instanceof Plan items)) return;
        for (var item : items.items()) {
            var whole = items.assetsOf(item).stream()
                    .allMatch(asset -> tables.ready.contains(message.unit() + " " + asset.h()));
            if (whole) record(message, entry, item.oid(), new Outcome.Prepared());
        }
    }

    private void record(Arrived message, JournalEntry entry, Oid oid, Outcome outcome) {
        var pole = poles.get(message.unit());
        if (pole == null || !facts(oid).containsKey(message.unit())) return;
        var evidence = new Evidence(
                new ControllerId(controllers.getOrDefault(pole, 0L)),
                message.unit(),
                oid,
                Instant.ofEpochMilli(entry.t()),
                entry.q(),
                entry.n(),
                message.at(),
                outcome);
        if (!tables.reports.add(oid + " " + PlaybackFacts.fingerprint(evidence))) return;
        move(oid, message.unit(), facts -> facts.after(outcome, entry.n()));
        auditor.shown(pole, oid, facts(oid).get(message.unit()));
    }

    // Answers

    private void answer(Owed owed) {
        owed.welcomes.forEach((unit, hello) -> {
            var greeting = Greeting.of(live(unit), hello.hwm());
            greeting.before().forEach(document -> answer(unit, document));
            var jack = owed.jacks.getOrDefault(unit, new JournalAck(hello.j().jid(), 0, false));
            answer(unit, new Welcome(head(unit), hello.bn(), hello.sn(), greeting.vec(), jack));
            greeting.after().forEach(document -> answer(unit, document));
        });
        owed.jacks.forEach((unit, jack) -> {
            if (!owed.welcomes.containsKey(unit)) answer(unit, new Jack(head(unit), jack));
        });
        compileDue();
        carry();
    }

    /** The live documents of every scope of a box. */
    private List<Greeting.Current> live(DeviceId unit) {
        var pole = poles.get(unit);
        if (pole == null) return List.of();
        var live = new ArrayList<Greeting.Current>();
        for (var issued : tables.current.values()) {
            if (!(issued.to() instanceof Scope.All) && !isOwn(pole, issued.to())) continue;
            if (issued.row().equals(Row.KEYS) || issued.document().head().exp() > world.now()) {
                live.add(new Greeting.Current(issued.row(), issued.seq(), issued.body()));
            }
        }
        return live;
    }

    private void answer(DeviceId unit, Document document) {
        answer(unit, compose(List.of(keys.online()), document));
    }

    private void answer(DeviceId unit, Bytes message) {
        var mine = life;
        world.in(2, () -> {
            if (life == mine && connected) broker.publishDown(topics.rsp(unit), message, false);
        });
    }

    private Head head(DeviceId unit) {
        var now = world.now();
        return new Head(Keyring.SYS, Scope.of(unit), now, now, now + ANSWER_LIFE.toMillis());
    }
}
