package vn.loalang.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.SystemId;

/**
 * One controller under test, its deployment, its server, its broker connection through the proxy, its audio server and its
 * loudspeaker. The server's routine (welcome, journal acknowledgements) runs by itself unless a test takes it over.
 */
final class Bench implements AutoCloseable {
    static final String PASSWORD = "kit-secret-kit-secret-kit";
    /** Login of a box that is claimed before its id is known. */
    private static final String ANYBODY = "unknown";

    private static final String PIN = "314159";
    private static final long LOOK_MS = 20;
    /** Documents are sent no faster than a device must verify them: 12 signatures a second leave room for its jacks. */
    private static final long PACE_NANOS = 80_000_000;
    /** Refusals judged by one fence. */
    private static final int BATCH = 8;

    final Authority auth;
    final FaultProxy proxy;
    final AssetServer assets;
    final Box box;
    private final Settings settings;
    private final Optional<KitTls> tls;
    private final Uplink uplink;
    private final ReentrantLock lock = new ReentrantLock();
    private final java.util.concurrent.locks.Condition news = lock.newCondition();
    private final List<Hello> hellos = new ArrayList<>();
    private final List<Heard> heard = new ArrayList<>();
    private final List<JournalEntry> journal = new ArrayList<>();
    private final Map<String, TreeSet<Long>> stored = new HashMap<>();
    private final Map<String, Long> base = new HashMap<>();
    private final Map<String, Long> vec = new TreeMap<>();
    private final Set<String> dirty = new HashSet<>();
    private final Map<String, SigningKey> owners = new HashMap<>();
    private final List<String> troubles = new ArrayList<>();
    private final List<String> measures = new ArrayList<>();
    private boolean answersHellos = true;
    private boolean acknowledges = true;
    private UnaryOperator<Draft> welcomeEdit = UnaryOperator.identity();
    private @Nullable DeviceId id;
    private volatile String user = ANYBODY;
    private int welcomes;
    private int names;
    private long budgetNanos;

    /** A message from the box other than hello and ev. */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record Heard(String kind, byte[] message, long atNanos) {}

    Bench(Settings settings, Optional<KitTls> tls, Uplink uplink, Path home, String run)
            throws IOException, MqttException {
        this.settings = settings;
        this.tls = tls;
        this.uplink = uplink;
        this.auth = new Authority(new SystemId("kit" + run), settings.clock()::millis);
        this.box = new Box(settings, home);
        this.proxy = new FaultProxy(settings.broker(), tls, settings.seed(), this::enrol);
        this.assets = new AssetServer(() -> user, PASSWORD, proxy::carryDown);
        uplink.listen(auth.sys, this::received);
    }

    // ---- starting ----

    /** Claims and starts the box; returns once its hello came. */
    void start() {
        start(0);
    }

    void start(long rtcOffsetMs) {
        try {
            var label = settings.label();
            if (id == null && label.isPresent()) id = label.get().apply(box.data());
            if (id == null) learn();
            else writeClaim(id);
        } catch (IOException e) {
            throw Verdict.fail("The claim file cannot be written: " + e.getMessage());
        }
        publish("keys", auth.keys().by(auth.r1, auth.r2), true);
        box.start(rtcOffsetMs, PIN);
    }

    /** Starts the box and gives it keys, safety settings and settings: the state most tests begin from. */
    void open() {
        start();
        awaitWelcome(0);
        site(auth.site(id()));
        fence();
        dirty.clear();
    }

    /** Who the box is, from its first CONNECT; it keeps the claim for whoever has the PIN, since another would need its button. */
    private void learn() throws IOException {
        writeClaim(null);
        box.start(0, PIN);
        var first = await("a first CONNECT of the box", 40, () -> proxy.connects().stream()
                .findFirst());
        box.kill();
        id = new DeviceId(first.clientId());
    }

    private void writeClaim(@Nullable DeviceId unit) throws IOException {
        if (unit != null) user = unit.value();
        var file = new ClaimFile(
                auth.sys,
                unit,
                auth.now() - Authority.DAY,
                auth.roots(),
                tls.map(KitTls::authority).stream().toList(),
                List.of(new ClaimFile.Broker("127.0.0.1", proxy.port())),
                new ClaimFile.Credential.Password(user, PASSWORD),
                null,
                unit == null ? PIN : null);
        Files.write(box.claim(), file.encode());
    }

    private void enrol(String clientId) {
        if (id != null && clientId.equals(id.value())) settings.enrol().accept(id, PASSWORD);
    }

    /** Cuts the power, waits and restores it; returns once the box was welcomed again. */
    void powerCycle() {
        int before = welcomes();
        box.kill();
        box.start(0, PIN);
        awaitWelcome(before);
    }

    /** Restores the power with a clock that is wrong by so much. */
    void restart(long rtcOffsetMs) {
        box.start(rtcOffsetMs, PIN);
    }

    DeviceId id() {
        return Objects.requireNonNull(id, "started");
    }

    Scope self() {
        return Scope.of(id());
    }

    static Scope commune() {
        return Scope.of(Authority.COMMUNE);
    }

    static Scope province() {
        return Scope.of(Authority.PROVINCE);
    }

    // ---- what the box sends ----

    private void received(String name, byte[] message) {
        lock.lock();
        try {
            if (id == null || !name.startsWith(id + "/")) return;
            var kind = name.substring(name.indexOf('/') + 1);
            try {
                if (kind.equals("hello")) hello(Hello.decode(message));
                else if (kind.equals("ev")) events(Events.decode(message));
                heard.add(new Heard(kind, message, System.nanoTime()));
            } catch (Refusal wrong) {
                troubles.add(kind + " is wrong: " + wrong.getMessage() + " in " + Uplink.text(message));
            }
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void hello(Hello hello) {
        hellos.add(hello);
        base.putIfAbsent(hello.j().jid().value(), hello.j().lo() - 1);
        if (answersHellos) welcome(hello);
    }

    private void events(Events events) {
        var numbers = stored.computeIfAbsent(events.jid().value(), jid -> new TreeSet<>());
        for (var entry : events.entries()) {
            if (numbers.add(entry.n())) journal.add(entry);
            if (entry.event().kind().equals("gap")) {
                var d = entry.event().details();
                for (long n = number(d, "lo"); n <= number(d, "hi"); n++) numbers.add(n);
            }
        }
        if (acknowledges) jack(events.jid().value(), upto(events.jid().value()));
    }

    /** Highest number such that everything up to it is stored. */
    private long upto(String jid) {
        long upto = base.getOrDefault(jid, 0L);
        var numbers = stored.getOrDefault(jid, new TreeSet<>());
        while (numbers.contains(upto + 1)) upto++;
        return upto;
    }

    /** Sends the welcome to a hello. */
    void welcome(Hello hello) {
        var draft = welcomeTo(hello);
        publish("d/" + id() + "/rsp", welcomeEdit.apply(draft).by(auth.p1), false);
        welcomes++;
    }

    Draft welcomeTo(Hello hello) {
        var rows = Json.object();
        vec.forEach(rows::put);
        var jid = hello.j().jid().value();
        return auth.head("welcome", self())
                .put("bn", hello.bn().b64u())
                .put("sn", hello.sn())
                .put("vec", rows.build())
                .put(
                        "jack",
                        Json.object().put("jid", jid).put("upto", upto(jid)).build());
    }

    void jack(String jid, long upto) {
        locked(() -> budgetNanos += PACE_NANOS);
        publish("d/" + id() + "/rsp", jackDraft(jid, upto).by(auth.p1), false);
    }

    Draft jackDraft(String jid, long upto) {
        return auth.head("jack", self()).put("jid", jid).put("upto", upto);
    }

    /** Whether the server welcomes and acknowledges by itself. */
    void routine(boolean helloAnswers, boolean acknowledgements) {
        lock.lock();
        try {
            answersHellos = helloAnswers;
            acknowledges = acknowledgements;
        } finally {
            lock.unlock();
        }
    }

    /** Spoils the welcomes from now on. */
    void welcomes(UnaryOperator<Draft> edit) {
        lock.lock();
        try {
            welcomeEdit = edit;
        } finally {
            lock.unlock();
        }
    }

    // ---- looking ----

    private <T> T locked(Supplier<T> look) {
        lock.lock();
        try {
            return look.get();
        } finally {
            lock.unlock();
        }
    }

    /** Writes a measured value down for the report of a test that passes. */
    void measured(String what) {
        locked(() -> measures.add(what));
    }

    /** What was measured since this was last asked. */
    String measures() {
        return locked(() -> {
            var text = String.join("; ", measures);
            measures.clear();
            return text;
        });
    }

    List<Hello> hellos() {
        return locked(() -> List.copyOf(hellos));
    }

    int welcomes() {
        return locked(() -> welcomes);
    }

    List<JournalEntry> journal() {
        return locked(() -> List.copyOf(journal));
    }

    List<Heard> heard(String kind) {
        return locked(() -> heard.stream().filter(h -> h.kind().equals(kind)).toList());
    }

    Map<String, Long> vec() {
        return locked(() -> Map.copyOf(vec));
    }

    /** Rows the next welcome names; for tests that leave one out or put one in. */
    void vec(String row, @Nullable Long seq) {
        locked(() -> seq == null ? vec.remove(row) : vec.put(row, seq));
    }

    /** How much of the journal has come; hand it to the waits that follow. */
    int mark() {
        return locked(journal::size);
    }

    /** Waits until something can be seen. */
    <T> T await(String what, double seconds, Supplier<Optional<T>> look) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        lock.lock();
        try {
            while (true) {
                var seen = look.get();
                if (seen.isPresent()) return seen.get();
                if (!troubles.isEmpty()) throw Verdict.fail(String.join("; ", troubles));
                if (System.nanoTime() > end) {
                    throw Verdict.fail("Waited " + seconds + " s in vain for " + what + "; "
                            + (box.isAlive() ? "" : "the controller is not running; ") + "last of the journal: "
                            + tail());
                }
                var unused = news.await(LOOK_MS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Verdict.fail("The deadline passed while waiting for " + what + "; last of the journal: " + tail());
        } finally {
            lock.unlock();
        }
    }

    void awaitTrue(String what, double seconds, java.util.function.BooleanSupplier look) {
        var unused = await(what, seconds, () -> look.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    /** Looks on for a while and fails as soon as something can be seen that must not be. */
    void never(String what, double seconds, java.util.function.BooleanSupplier look) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() < end) {
            if (look.getAsBoolean()) throw Verdict.fail("Must not happen, but did: " + what + "; journal: " + tail());
            AssetServer.pause(50);
        }
    }

    private String tail() {
        return locked(() -> journal.subList(Math.max(0, journal.size() - 6), journal.size()).stream()
                .map(e -> e.event().kind() + "/" + e.event().state() + " "
                        + e.event().details())
                .toList()
                .toString());
    }

    void awaitWelcome(int before) {
        awaitTrue("a hello of the box", 40, () -> welcomes() > before);
        awaitTrue("its subscriptions after the welcome", 10, () -> subscribed("/plan") || subscribed("/site"));
    }

    /** Whether the newest connection subscribed a filter that ends so. */
    boolean subscribed(String suffix) {
        int newest =
                proxy.log().stream().mapToInt(FaultProxy.Seen::connection).max().orElse(0);
        return proxy.log().stream()
                .filter(s -> s.connection() == newest && s.up() && s.packet().type() == Mqtt.SUBSCRIBE)
                .anyMatch(s -> s.packet().filters().stream().anyMatch(f -> f.endsWith(suffix)));
    }

    /** The first such event after {@code from}. */
    Optional<JournalEntry> find(int from, String kind, String state, Predicate<Json.Obj> details) {
        var all = journal();
        return all.subList(Math.min(from, all.size()), all.size()).stream()
                .filter(e -> e.event().kind().equals(kind) && e.event().state().equals(state))
                .filter(e -> details.test(e.event().details()))
                .findFirst();
    }

    JournalEntry event(int from, double seconds, String kind, String state, Predicate<Json.Obj> details) {
        return await(kind + "/" + state, seconds, () -> find(from, kind, state, details));
    }

    /** Waits for a play event of an item or repetition. */
    JournalEntry play(int from, double seconds, String state, String oid) {
        return await(
                "play/" + state + " of " + oid,
                seconds,
                () -> find(from, "play", state, d -> oid.equals(text(d, "oid"))));
    }

    /** Waits for a play event that gives a reason. */
    JournalEntry play(int from, double seconds, String state, String oid, String why) {
        var entry = play(from, seconds, state, oid);
        check(
                why.equals(text(entry.event().details(), "why")),
                state + " of " + oid + " must be because of " + why + ", not "
                        + text(entry.event().details(), "why"));
        return entry;
    }

    Optional<JournalEntry> played(int from, String state, String oid) {
        return find(from, "play", state, d -> oid.equals(text(d, "oid")));
    }

    static String text(Json.Obj object, String name) {
        return object.get(name) instanceof Json.Str text ? text.value() : "";
    }

    static long number(Json.Obj object, String name) {
        return object.get(name) instanceof Json.Int number ? number.value() : -1;
    }

    static void check(boolean holds, String otherwise) {
        if (!holds) throw Verdict.fail(otherwise);
    }

    // ---- what the server sends ----

    void publish(String tail, byte[] message, boolean retained) {
        uplink.publish("gb1/" + auth.sys + "/" + tail, message, 1, retained);
    }

    /** A binary frame, which may be lost. */
    void frame(String tail, byte[] message) {
        uplink.publish("gb1/" + auth.sys + "/" + tail, message, 0, false);
    }

    /** Sends to the box alone, in order, no faster than it verifies. */
    void send(byte[] message) {
        pace(1);
        publish("d/" + id() + "/rsp", message, false);
    }

    /** Waits until the box can be expected to verify so many more signatures. */
    private void pace(int signatures) {
        long wait = locked(() -> {
            long now = System.nanoTime();
            // Up to a quarter of a second's worth may be used at once.
            budgetNanos = Math.max(budgetNanos, now - 250_000_000L) + signatures * PACE_NANOS;
            return budgetNanos - now;
        });
        if (wait > 0) AssetServer.pause(TimeUnit.NANOSECONDS.toMillis(wait) + 1);
    }

    /** Sends without any pacing. */
    void flood(Collection<byte[]> messages) {
        for (var message : messages) publish("d/" + id() + "/rsp", message, false);
    }

    String row(Draft draft) {
        var typ = draft.text("typ");
        var to = draft.text("to");
        return switch (typ) {
            case "now" -> "now@" + to + "@" + draft.text("by");
            case "ses" -> "ses@" + to;
            case "keys" -> to.equals("*") ? "keys" : "keys@" + to;
            default -> typ;
        };
    }

    private static String topic(Draft draft) {
        var to = draft.text("to");
        return switch (draft.text("typ")) {
            case "keys" -> to.equals("*") ? "keys" : to + "/keys";
            case "now" -> to + "/now/" + draft.text("by");
            default -> to + "/" + draft.text("typ");
        };
    }

    /** Signs a state that comes to the box some other way; it is the current one from now on. */
    byte[] carried(Draft draft, SigningKey... keys) {
        locked(() -> {
            dirty.add(row(draft));
            owners.put(row(draft), keys[0]);
            return vec.put(row(draft), draft.number("seq"));
        });
        return draft.by(keys);
    }

    /** Publishes a state, retained, as the server does; it is the current one from now on. */
    byte[] state(Draft draft, SigningKey... keys) {
        var message = carried(draft, keys);
        pace(keys.length);
        publish(topic(draft), message, true);
        return message;
    }

    /** Publishes a state and waits until the box has it. */
    byte[] apply(Draft draft, SigningKey... keys) {
        int from = mark();
        var message = state(draft, keys);
        applied(from, draft);
        return message;
    }

    void applied(int from, Draft draft) {
        var row = row(draft);
        long seq = draft.number("seq");
        var unused = await(
                "doc/applied of " + row + " " + seq,
                10,
                () -> find(from, "doc", "applied", d -> row.equals(text(d, "row")) && number(d, "seq") == seq));
    }

    void site(Draft draft) {
        apply(draft, auth.s1);
    }

    Draft cfg() {
        return auth.cfg(id(), assets.base(id(), AssetServer.Manner.HONEST));
    }

    /** A harmless document behind what was sent before: when it is applied, all of that has been judged. */
    void fence() {
        int from = mark();
        var draft = cfg();
        var message = draft.by(auth.p1);
        locked(() -> vec.put("cfg", draft.number("seq")));
        send(message);
        publish(topic(draft), message, true);
        applied(from, draft);
    }

    /** Expects that messages have no effect and, if this code was not told within the hour, are reported under it. */
    void refuses(String code, byte[]... messages) {
        for (int at = 0; at < messages.length; at += BATCH) {
            refuses(code, Arrays.asList(messages).subList(at, Math.min(messages.length, at + BATCH)));
        }
    }

    private void refuses(String code, List<byte[]> messages) {
        int from = mark();
        boolean told = journal().stream().anyMatch(e -> isReport(e, code));
        var texts = messages.stream().map(Uplink::text).toList();
        messages.forEach(this::send);
        fence();
        var all = journal();
        var after = all.subList(from, all.size());
        for (var entry : after) {
            var event = entry.event();
            check(
                    !event.kind().equals("doc")
                            || !event.state().equals("applied")
                            || (text(event.details(), "row").equals("cfg") && isCurrentCfg(event.details())),
                    "Must be refused as " + code + " but was applied: " + event.details() + " after " + texts);
            check(
                    told || !event.kind().equals("sec") || event.state().equals(code),
                    "Must be refused as " + code + ", not " + event.state() + ": " + texts);
        }
        check(
                told || after.stream().anyMatch(e -> isReport(e, code)),
                "No sec report of " + code + " for " + texts + "; journal: " + tail());
    }

    private static boolean isReport(JournalEntry entry, String code) {
        return entry.event().kind().equals("sec") && entry.event().state().equals(code);
    }

    private boolean isCurrentCfg(Json.Obj details) {
        return Objects.equals(vec().get("cfg"), number(details, "seq"));
    }

    /** Expects that a message has no effect and is not reported. */
    void ignores(byte[] message) {
        int from = mark();
        send(message);
        fence();
        var all = journal();
        for (var entry : all.subList(from, all.size())) {
            check(
                    !entry.event().kind().equals("sec")
                            && (!entry.event().kind().equals("doc")
                                    || isCurrentCfg(entry.event().details())),
                    "Must have no effect, but: " + entry.event().kind() + "/"
                            + entry.event().state() + " " + entry.event().details());
        }
    }

    // ---- sound ----

    /** A name nobody has used before in this deployment. */
    String name(String stem) {
        return locked(() -> stem + "-" + ++names);
    }

    /** Offers recordings, plans them and waits until the box has plan and recordings. */
    void plan(List<Audio> audios, Json... items) {
        int from = mark();
        for (var audio : audios) assets.offer(audio);
        var draft = auth.plan(id(), audios.stream().map(Audio::asset).toList(), items);
        apply(draft, auth.p1);
        for (var audio : audios) awaitReady(from, audio.asset());
    }

    /** Waits for {@code asset/ready}, now or earlier. */
    void awaitReady(int from, Asset asset) {
        var unused = await(
                "asset/ready " + asset.h(),
                20,
                () -> find(0, "asset", "ready", d -> asset.h().b64u().equals(text(d, "h"))));
    }

    /** Starts an emergency of the commune by {@code x1} and waits until it sounds. */
    JournalEntry emergency(Json.Obj entry) {
        int from = mark();
        state(auth.now(commune(), auth.x1, entry), auth.x1);
        return play(from, 8, "started", text(entry, "sid") + "#1");
    }

    void allClear() {
        apply(auth.clear(commune(), auth.x1), auth.x1);
    }

    Capture capture() {
        if (!box.isCaptured()) throw Verdict.notObservable("The controller's command takes no {wav}.");
        return new Capture(box.wav());
    }

    /** The server's clock. */
    long clock() {
        return auth.now();
    }

    void needs(String profile) {
        boolean has = hellos().stream().anyMatch(h -> h.prof().contains(profile));
        if (!has) throw Verdict.notSupported("hello.prof does not name " + profile + ".");
    }

    // ---- ending ----

    /** Brings deployment and proxy back to where the next test may begin. */
    void tidy() {
        proxy.faults(FaultProxy.Faults.NONE);
        routine(true, true);
        welcomes(UnaryOperator.identity());
        var rows = locked(() -> {
            var copy = new TreeSet<>(dirty);
            dirty.clear();
            return copy;
        });
        for (var row : rows) {
            var parts = row.split("@", -1);
            switch (parts[0]) {
                case "now" -> {
                    var owner = Objects.requireNonNull(owners.get(row));
                    apply(auth.clear(Scope.parse(parts[1]), owner), owner);
                }
                case "ses" -> apply(auth.head("ses", Scope.parse(parts[1])).put("act", Json.array(List.of())), auth.p1);
                case "plan" -> apply(auth.plan(id(), List.of()), auth.p1);
                case "site" -> site(auth.site(id()));
                case "keys" -> apply(auth.keys(), auth.r1, auth.r2);
                default -> fence();
            }
        }
        locked(() -> {
            dirty.clear();
            return true;
        });
    }

    @Override
    public void close() {
        uplink.forget(auth.sys);
        box.close();
        proxy.close();
        assets.close();
    }

    /** A name for a deployment of this run. */
    static String fresh() {
        var random = new SecureRandom();
        var text = new StringBuilder();
        for (int i = 0; i < 6; i++) text.append((char) ('a' + random.nextInt(26)));
        return text.toString();
    }
}
