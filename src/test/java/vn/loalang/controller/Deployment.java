package vn.loalang.controller;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Cfg;
import vn.loalang.protocol.Cid;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.Cmd;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Jack;
import vn.loalang.protocol.JournalAck;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.Op;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.Plan;
import vn.loalang.protocol.QuietWindow;
import vn.loalang.protocol.Quorum;
import vn.loalang.protocol.RootKey;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Ses;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.Step;
import vn.loalang.protocol.SystemId;
import vn.loalang.protocol.Use;
import vn.loalang.protocol.Welcome;
import vn.loalang.sound.CanonicalEncoder;

/** A deployment for tests: keys from fixed seeds, and the documents a server would sign with them for one device. */
public final class Deployment {
    /** When it was claimed, Unix ms: 2026-11-21 00:00 at UTC+7. */
    public static final long CLAIMED = 1_795_194_000_000L;

    private static final SystemId SYS = new SystemId("vn37");
    private static final AreaPath AREA = new AreaPath("37.14329");
    private static final long DAY = 86_400_000;

    private final DeviceId id;
    private final long claimedAt;
    private final SigningKey r1 = key("r1");
    private final SigningKey r2 = key("r2");
    private final SigningKey r3 = key("r3");
    private final SigningKey online = key("p1");
    private final SigningKey safety = key("s1");
    private final SigningKey chair = key("x1");
    private final SigningKey officer = key("x2");
    private final SigningKey national = key("e1");
    private final SigningKey second = key("e2");
    private final Map<Row, Long> current = new LinkedHashMap<>();
    private Map<String, Asset> pins = Map.of();
    private int smax = 3600;
    private List<String> inputs = List.of();

    public Deployment(DeviceId id, long claimedAt) {
        this.id = id;
        this.claimedAt = claimedAt;
    }

    /** A device from a fixed seed. */
    public static Deployment ofADevice() {
        return new Deployment(DeviceId.of(key("d1").publicKey()), CLAIMED);
    }

    public DeviceId id() {
        return id;
    }

    public ClaimFile claim(String host, int port) {
        return new ClaimFile(
                SYS,
                id,
                claimedAt,
                List.of(r1, r2, r3).stream()
                        .map(k -> new RootKey(k.kid(), k.publicKey()))
                        .toList(),
                List.of(),
                List.of(new ClaimFile.Broker(host, port)),
                new ClaimFile.Credential.Password(id.value(), "a secret of the test"),
                null,
                null);
    }

    public ClaimFile claim() {
        return claim("127.0.0.1", 1883);
    }

    public Bytes keys() {
        var document = Keys.of(
                new Head(SYS, Scope.ALL, claimedAt, claimedAt, claimedAt + 3_650 * DAY),
                List.of(
                        entry(
                                online,
                                Set.of(Use.CFG, Use.PLAN, Use.SES, Use.MAN, Use.CMD, Use.WELCOME, Use.JACK, Use.BUNDLE),
                                69),
                        entry(safety, Set.of(Use.SITE), 0),
                        entry(national, Set.of(Use.NOW), 99),
                        entry(second, Set.of(Use.NOW), 99),
                        local(chair, 89),
                        local(officer, 99)),
                Quorum.DEFAULT);
        current.put(Row.KEYS, claimedAt);
        return Bytes.of(Envelope.compose(List.of(r1, r2), document));
    }

    /** Safety settings with these quiet hours ({@code 21:30}, {@code 04:45}, …). */
    public Bytes site(long iat, String... quiet) {
        var windows = new java.util.ArrayList<QuietWindow>();
        for (int i = 0; i < quiet.length; i += 2) windows.add(QuietWindow.parse(quiet[i], quiet[i + 1]));
        var head = head(Row.SITE, iat, iat + 400 * DAY);
        return signed(safety, new Site(head, List.of(AREA), pins, 420, windows, 80, 0, smax, true, inputs));
    }

    /** The next {@code site} has these pins. */
    public Deployment pins(Map<String, Asset> named) {
        pins = named;
        return this;
    }

    /** The next {@code site} lets plans name these inputs. */
    public Deployment inputs(String... named) {
        inputs = List.of(named);
        return this;
    }

    /** An item that relays a local input. */
    public static Plan.Item relay(String oid, long at, int seconds, int priority, int late, String input) {
        return new Plan.Item(new Oid(oid), at, seconds, priority, 70, late, new Plan.Play.Input(input));
    }

    /** The next {@code site} allows a key so many seconds of loud sound in six hours. */
    public Deployment smax(int seconds) {
        smax = seconds;
        return this;
    }

    /** Emergencies of the commune's chair (priority up to 89). */
    public Bytes orders(long iat, Entry... act) {
        return signed(
                chair,
                new Now(
                        area(Row.now(Scope.of(AREA), chair.kid()), iat),
                        chair.kid(),
                        List.of(act),
                        List.of(),
                        List.of()));
    }

    /** Emergencies of the province's officer (priority up to 99). */
    public Bytes higherOrders(long iat, Entry... act) {
        return signed(
                officer,
                new Now(
                        area(Row.now(Scope.of(AREA), officer.kid()), iat),
                        officer.kid(),
                        List.of(act),
                        List.of(),
                        List.of()));
    }

    /** Emergencies for the device alone, by a key of the whole country, two signatures. */
    public Bytes deviceOrders(long iat, Entry... act) {
        var row = Row.now(Scope.of(id), national.kid());
        var document = new Now(head(row, iat, iat + DAY), national.kid(), List.of(act), List.of(), List.of());
        return Bytes.of(Envelope.compose(List.of(national, second), document));
    }

    /** The chair's all-clear button. */
    public Bytes allClear(long iat) {
        return signed(chair, Now.allClear(area(Row.now(Scope.of(AREA), chair.kid()), iat), chair.kid()));
    }

    /** Live sessions and relays, by the online key. */
    public Bytes sessions(long iat, Entry... act) {
        return signed(online, Ses.of(area(Row.ses(Scope.of(AREA)), iat), List.of(act)));
    }

    /** Sessions for the device alone. */
    public Bytes sessionsOfTheDevice(long iat, Entry... act) {
        return signed(online, Ses.of(new Head(SYS, Scope.of(id), iat, iat, iat + 3_600_000), List.of(act)));
    }

    /** A command to the device. */
    public Bytes command(long iat, String cid, Op op) {
        return signed(online, new Cmd(new Head(SYS, Scope.of(id), iat, iat, iat + 60_000), new Cid(cid), op));
    }

    /** An order with so many repetitions and seconds between them. */
    public static Entry order(
            String sid, int priority, long beg, int seconds, int repetitions, int gap, Step... steps) {
        return new Entry(
                new Sid(sid),
                OrderStatus.ACTUAL,
                priority,
                beg,
                beg + seconds * 1000L,
                600,
                repetitions,
                gap,
                100,
                List.of(),
                new Entry.Steps(List.of(steps)));
    }

    private Head area(Row row, long iat) {
        current.put(row, iat);
        return new Head(SYS, Scope.of(AREA), iat, iat, iat + DAY);
    }

    public Bytes cfg(long iat, String... bases) {
        return signed(online, Cfg.withDefaults(head(Row.CFG, iat, iat + 400 * DAY), List.of(bases)));
    }

    /** A plan of 48 hours from {@code iat − 12 h}. */
    public Bytes plan(long iat, List<Asset> assets, Plan.Item... items) {
        var from = iat - DAY / 2;
        return signed(
                online,
                new Plan(head(Row.PLAN, iat, from + 2 * DAY), from, from + 2 * DAY, assets, Arrays.asList(items)));
    }

    public static Plan.Item item(String oid, long at, int seconds, int priority, int late, int... assets) {
        return new Plan.Item(
                new Oid(oid),
                at,
                seconds,
                priority,
                70,
                late,
                new Plan.Play.Recordings(Arrays.stream(assets).boxed().toList()));
    }

    /** The answer to a hello: everything issued so far is current, nothing is stored yet of the journal. */
    public Bytes welcome(Hello hello, long iat, long upto) {
        var head = new Head(SYS, Scope.of(id), iat, iat, iat + 60_000);
        return signed(
                online,
                new Welcome(
                        head,
                        hello.bn(),
                        hello.sn(),
                        current,
                        new JournalAck(hello.j().jid(), upto, false)));
    }

    public Bytes jack(JournalId jid, long upto, long iat) {
        return signed(
                online,
                new Jack(new Head(SYS, Scope.of(id), iat, iat, iat + 60_000), new JournalAck(jid, upto, false)));
    }

    /** Signs with the online key whatever is right for it. */
    public Bytes signed(SigningKey key, Document document) {
        return Bytes.of(Envelope.compose(List.of(key), document));
    }

    /** The key of the safety settings, for forgeries. */
    public SigningKey onlineKey() {
        return online;
    }

    public Head head(Row row, long iat, long exp) {
        current.put(row, iat);
        return new Head(SYS, Scope.of(id), iat, iat, exp);
    }

    /** Canonical audio that resembles nothing but itself, so that correlation finds every position in it. */
    public static byte[] audio(int seconds, long seed) {
        try {
            var random = new Random(seed);
            var out = new ByteArrayOutputStream();
            var encoder = new CanonicalEncoder(out);
            var pcm = new short[24_000];
            double phase = 0;
            double pitch = 440;
            for (int s = 0; s < seconds; s++) {
                for (int i = 0; i < pcm.length; i++) {
                    if (i % 2_400 == 0) pitch = 400 + random.nextInt(2_400);
                    phase += 2 * Math.PI * pitch / 24_000;
                    pcm[i] = (short) (9_000 * Math.sin(phase));
                }
                encoder.write(pcm, 0, s == seconds - 1 ? pcm.length - 1_200 : pcm.length);
            }
            encoder.finish();
            return out.toByteArray();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public static Asset asset(byte[] audio) {
        return Asset.mp3(Hash.of(audio), audio.length);
    }

    /** An asset that exists by name only, for tests in virtual time. */
    public static Asset asset(String name, int seconds) {
        return Asset.mp3(Hash.of(name.getBytes(StandardCharsets.UTF_8)), seconds * 6_000L);
    }

    private KeyEntry local(SigningKey key, int priority) {
        return new KeyEntry(
                key.kid(),
                key.publicKey(),
                Set.of(Use.NOW),
                AREA,
                priority,
                claimedAt - DAY,
                claimedAt + 3_650 * DAY,
                priority);
    }

    private KeyEntry entry(SigningKey key, Set<Use> use, int priority) {
        return new KeyEntry(
                key.kid(),
                key.publicKey(),
                use,
                AreaPath.ROOT,
                priority,
                claimedAt - DAY,
                claimedAt + 3_650 * DAY,
                priority);
    }

    private static SigningKey key(String kid) {
        return new SigningKey(
                new Kid(kid),
                Arrays.copyOf(
                        Hash.of(kid.getBytes(StandardCharsets.UTF_8)).value().toArray(), 32));
    }
}
