package vn.loalang.protocol;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes the conformance vectors of {@code firmware-protocol/vectors}: the same bytes at every run. Each names what a
 * device knows already ({@code after}), its clock, and what must become of the message.
 */
final class Vectors {
    static final long DAY = 86_400_000L;
    /** 2026-01-05T05:00:00 in Vietnam: begin of the plan. */
    static final long T0 = 1_767_564_000_000L;
    /** The device's clock in most vectors: 100 minutes later. */
    static final long T1 = T0 + 6_000_000;

    static final SystemId SYS = new SystemId("xa14");
    static final DeviceId ID = DeviceId.of(TestKeys.device().publicKey());
    static final Scope ME = Scope.of(ID);
    static final AreaPath COMMUNE = new AreaPath("37.14329");
    static final JournalId EPOCH = new JournalId("5a0c33e1");
    static final Nonce NONCE = Nonce.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    static final Nonce NONCE_2 = Nonce.of(new byte[] {2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    private static final long YEAR = T0 + 365 * DAY;

    /**
     * @param file its name
     * @param bytes the message
     * @param expect {@code accept}, {@code duplicate}, {@code dropped}, an {@code E_} code, or {@code read} for what the
     *     server reads
     * @param after files the device took before, in this order; a name with a colon is something that happened to it
     * @param t its clock, Unix ms
     * @param q quality of the clock
     * @param hand whether it comes by hand
     * @param note what it shows; rule tags in brackets
     * @param skipped entries that were left out
     * @param state what the device knows afterwards: {@code sids} in force, {@code floor}, {@code marks}
     */
    record Vector(
            String file,
            byte[] bytes,
            String expect,
            List<String> after,
            long t,
            Quality q,
            boolean hand,
            String note,
            List<Integer> skipped,
            Map<String, Json> state) {
        Json.Obj json() {
            Json.Obj.Builder expected = Json.object();
            state.forEach(expected::put);
            return Json.object()
                    .put("file", file)
                    .put("bytes", bytes.length)
                    .put("sha256", Hash.of(bytes).hex())
                    .put("expect", expect)
                    .put("after", Json.strings(after))
                    .put("t", t)
                    .put("q", q.name())
                    .putIf("hand", hand ? Json.of(true) : null)
                    .putIf("skipped", skipped.isEmpty() ? null : Json.integers(skipped))
                    .putIf("state", state.isEmpty() ? null : expected.build())
                    .put("rules", Json.strings(rules()))
                    .put("note", note)
                    .build();
        }

        /** Rules it shows: those of its note and those of {@code rules.txt}. */
        List<String> rules() {
            Stream<String> noted = RULE.matcher(note).results().map(match -> match.group(1));
            return Stream.concat(noted, Rules.shownBy(file)).distinct().toList();
        }
    }

    private static final Pattern RULE = Pattern.compile("\\[(" + Rules.TAG + ")]");

    private final Map<String, Vector> all = new LinkedHashMap<>();

    private static byte[] scenarios = new byte[0];
    private static Map<String, byte[]> cases = Map.of();

    /** {@code blocks.json}, {@code recovery.json}, {@code bootloop.json} and {@code frames.json}. */
    static Map<String, byte[]> cases() {
        return cases;
    }

    /** {@code scenarios.json}. */
    static byte[] scenarios() {
        return scenarios;
    }

    static Map<String, Vector> generate() {
        Vectors vectors = new Vectors();
        vectors.core();
        vectors.keys();
        vectors.upward();
        vectors.malformed();
        vectors.wrongDestination();
        vectors.withoutRight();
        vectors.marksAndFreshness();
        vectors.tables();
        new OrderVectors(vectors).all();
        vectors.put(
                "welcome-any.gb1",
                signed(
                        "p1",
                        new Welcome(
                                head(ME, T0 - DAY + 2000, T0 - DAY + 62_000),
                                NONCE_2,
                                77_824,
                                Map.of(),
                                new JournalAck(EPOCH, 0, false))),
                "accept",
                after(":hello"),
                "a welcome that knows no row");
        scenarios = Scenarios.generate(vectors);
        cases = Cases.generate(vectors);
        vectors.put(
                "usb-journal.gb1",
                new JournalFile(SYS, ID, new Events(EPOCH, everyEvent())).sign(TestKeys.device()),
                "read",
                List.of(),
                "[USB-2] signed by the device's own key, which gives its id");
        new UpwardVectors(vectors).all();
        cases.put("frames.json", FrameVectors.generate(vectors));
        cases.put("clock.json", new FreshnessVectors(vectors).all());
        return vectors.all;
    }

    // What a welcomed device of the commune has taken.
    private static final List<String> WELCOMED = List.of("keys.gb1", "hello.json", "welcome.gb1", "site.gb1");

    void put(String file, byte[] bytes, String expect, List<String> after, String note) {
        put(file, bytes, expect, after, T1, note);
    }

    private void put(String file, byte[] bytes, String expect, List<String> after, long t, String note) {
        put(new Vector(file, bytes, expect, after, t, Quality.T, false, note, List.of(), Map.of()));
    }

    private void put(Vector vector) {
        if (all.put(vector.file(), vector) != null) {
            throw new IllegalStateException("two vectors are called " + vector.file());
        }
        newest = vector;
    }

    private Vector newest = new Vector("", new byte[0], "", List.of(), 0, Quality.T, false, "", List.of(), Map.of());

    /** At another reading of the clock. */
    void at(String file, byte[] bytes, String expect, List<String> after, long t, String note) {
        put(file, bytes, expect, after, t, note);
    }

    /** With a clock of that quality; at U it reads 60 s since boot. */
    void quality(String file, byte[] bytes, String expect, List<String> after, Quality q, String note) {
        long t = q == Quality.U ? 60_000 : T1;
        put(new Vector(file, bytes, expect, after, t, q, false, note, List.of(), Map.of()));
    }

    /** At another reading of a clock of that quality. */
    void at(String file, byte[] bytes, String expect, List<String> after, long t, Quality q, String note) {
        put(new Vector(file, bytes, expect, after, t, q, false, note, List.of(), Map.of()));
    }

    /** By hand. */
    void hand(String file, byte[] bytes, String expect, List<String> after, String note) {
        put(new Vector(file, bytes, expect, after, T1, Quality.C, true, note, List.of(), Map.of()));
    }

    /** By hand, to a device that does not know the time. */
    void handWithoutClock(String file, byte[] bytes, String expect, List<String> after, String note) {
        put(new Vector(file, bytes, expect, after, 60_000, Quality.U, true, note, List.of(), Map.of()));
    }

    byte[] bytesOf(String file) {
        return java.util.Objects.requireNonNull(all.get(file), file).bytes();
    }

    /** The newest vector leaves these entries out. */
    void skipped(Integer... indexes) {
        remember(List.of(indexes), newest.state());
    }

    /** After the newest vector these orders and sessions are in force. */
    void sids(String... sids) {
        expect("sids", Json.strings(List.of(sids)));
    }

    /** After the newest vector the floor is there. */
    void floor(long floor) {
        expect("floor", Json.of(floor));
    }

    /** After the newest vector the mark of a row is there. */
    void mark(String row, long seq) {
        expect("marks", Json.object().put(row, seq).build());
    }

    private void expect(String name, Json value) {
        Map<String, Json> state = new LinkedHashMap<>(newest.state());
        state.put(name, value);
        remember(newest.skipped(), state);
    }

    private void remember(List<Integer> skipped, Map<String, Json> state) {
        Vector v = newest;
        newest = new Vector(
                v.file(), v.bytes(), v.expect(), v.after(), v.t(), v.q(), v.hand(), v.note(), skipped, state);
        all.put(v.file(), newest);
    }

    static List<String> after(String... more) {
        List<String> files = new ArrayList<>(WELCOMED);
        files.addAll(List.of(more));
        return files;
    }

    static byte[] signed(String kid, Document document) {
        return Envelope.compose(List.of(TestKeys.key(kid)), document);
    }

    static byte[] signed(String first, String second, Document document) {
        return Envelope.compose(List.of(TestKeys.key(first), TestKeys.key(second)), document);
    }

    private static byte[] raw(String kid, String payload) {
        return Envelope.compose(List.of(TestKeys.key(kid)), payload.getBytes(StandardCharsets.UTF_8));
    }

    /** A document that no constructor would make: the text of a right one, edited, signed all the same. */
    static byte[] edited(String kid, Document document, UnaryOperator<String> edit) {
        String text = new String(document.payload(), StandardCharsets.UTF_8);
        String changed = edit.apply(text);
        if (changed.equals(text)) {
            throw new IllegalStateException("nothing to edit in " + text);
        }
        return raw(kid, changed);
    }

    static Head head(Scope to, long iat, long exp) {
        return new Head(SYS, to, iat, iat, exp);
    }

    static KeyEntry online(String kid) {
        return KeyEntry.online(new Kid(kid), TestKeys.key(kid).publicKey(), T0 - DAY, YEAR);
    }

    static List<KeyEntry> keyEntries() {
        PublicKey p2 = TestKeys.key("p2").publicKey();
        return List.of(
                online("p1"),
                KeyEntry.site(new Kid("s1"), TestKeys.key("s1").publicKey(), T0 - DAY, YEAR),
                KeyEntry.emergency(new Kid("e1"), TestKeys.key("e1").publicKey(), AreaPath.ROOT, 99, T0 - DAY, YEAR),
                new KeyEntry(new Kid("p2"), p2, Set.of(Use.PLAN), COMMUNE, 39, T0 - DAY, T1, 39),
                new KeyEntry(
                        new Kid("p3"),
                        TestKeys.key("p3").publicKey(),
                        Set.of(Use.PLAN, Use.CFG),
                        new AreaPath("38"),
                        69,
                        T0 - DAY,
                        YEAR,
                        69),
                communeKey("e2", AreaPath.ROOT, 99),
                communeKey("e3", new AreaPath("37"), 95),
                communeKey("x1", COMMUNE, 89),
                ranked("x2", 82, 89),
                ranked("x5", 89, 84),
                communeKeyOfYears("e9"),
                akeys("k1", new AreaPath("37")),
                akeys("k2", new AreaPath("37")),
                KeyEntry.firmware(new Kid("f1"), TestKeys.key("f1").publicKey(), T0 - DAY, YEAR));
    }

    private static KeyEntry ranked(String kid, int pri, int cpri) {
        KeyEntry key = communeKey(kid, COMMUNE, pri);
        return new KeyEntry(key.kid(), key.x(), key.use(), key.area(), pri, key.nbf(), key.exp(), cpri);
    }

    private static KeyEntry communeKeyOfYears(String kid) {
        return KeyEntry.emergency(new Kid(kid), TestKeys.key(kid).publicKey(), COMMUNE, 89, T0 - DAY, T0 + 3650 * DAY);
    }

    private static KeyEntry akeys(String kid, AreaPath area) {
        return new KeyEntry(
                new Kid(kid), TestKeys.key(kid).publicKey(), Set.of(Use.AKEYS), area, 89, T0 - DAY, YEAR, 89);
    }

    static Keys keySet() {
        return Keys.of(head(Scope.ALL, T0 - DAY, YEAR), keyEntries(), Quorum.DEFAULT);
    }

    static Asset asset(int i) {
        return Asset.mp3(Hash.of(("GB1 test asset " + i).getBytes(StandardCharsets.UTF_8)), 3_600_000L + 144L * i);
    }

    static Site siteOf(long iat, List<AreaPath> areas) {
        return new Site(
                head(ME, iat, YEAR),
                areas,
                Map.of("exercise", asset(90)),
                420,
                List.of(QuietWindow.parse("21:30", "05:00")),
                80,
                0,
                3600,
                true,
                List.of("fm"));
    }

    static Site standardSite() {
        return siteOf(T0 - DAY + 1000, List.of(new AreaPath("37"), COMMUNE));
    }

    static Cfg cfgOf(long iat) {
        return new Cfg(
                head(ME, iat, YEAR),
                60,
                300,
                List.of("ntp.example.vn"),
                List.of("https://loa.example.vn/gb1/a/"),
                102_400,
                0);
    }

    static Plan.Item item(String oid, long at, int pri, Integer... steps) {
        return new Plan.Item(new Oid(oid), at, 900, pri, 70, 300, new Plan.Play.Recordings(List.of(steps)));
    }

    static Plan planOf(long iat, Plan.Item... items) {
        return new Plan(head(ME, iat, T0 + 2 * DAY), T0, T0 + 2 * DAY, List.of(asset(0), asset(1)), List.of(items));
    }

    static Plan standardPlan() {
        return planOf(T0 + 123, item("7f3a91", T0 + 3_600_000, 40, 1, 0), item("7f3a92", T0 + 7_200_000, 20, 0));
    }

    static Welcome welcomeOf(long iat, Nonce nonce) {
        Map<Row, Long> vec = new LinkedHashMap<>();
        vec.put(Row.KEYS, T0 - DAY);
        vec.put(Row.SITE, T0 - DAY + 1000);
        vec.put(Row.CFG, T0 - DAY + 2000);
        vec.put(Row.PLAN, T0 + 123);
        return new Welcome(head(ME, iat, iat + 60_000), nonce, 77_824, vec, new JournalAck(EPOCH, 1040, false));
    }

    static Hello hello() {
        Map<Row, Long> hwm = new LinkedHashMap<>();
        hwm.put(Row.KEYS, T0 - DAY);
        hwm.put(Row.SITE, T0 - DAY + 1000);
        return new Hello(
                NONCE,
                77_824,
                19,
                Hello.Why.POWER,
                "0.1.0",
                "loalang-ref-1",
                List.of(1),
                List.of(),
                List.of(),
                new Hello.Capabilities(List.of("mp3"), 16_384, 7_800_000, Hello.Proof.NONE, true),
                new DeviceTime(T1 - 3000, Quality.C),
                T0 - DAY,
                hwm,
                new Hello.Journal(EPOCH, 1033, 1040));
    }

    static ClaimFile claim() {
        return new ClaimFile(
                SYS,
                ID,
                T0 - 2 * DAY,
                TestKeys.roots("r1", "r2", "r3"),
                List.of("-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----\n"),
                List.of(new ClaimFile.Broker("loa.example.vn", 8883)),
                new ClaimFile.Credential.Password(
                        ID.value(), TestKeys.root("r4").x().b64u()),
                "m3-world",
                null);
    }

    private void core() {
        put(
                "claim.gbf",
                claim().encode(),
                "read",
                List.of(),
                "pins r1 r2 r3; the device of every vector starts with it");
        put("keys.gb1", signed("r1", "r2", keySet()), "accept", List.of(), "two roots");
        put("hello.json", hello().encode(), "read", List.of("keys.gb1"), "its bn is what the welcome answers");
        put(
                "welcome.gb1",
                signed("p1", welcomeOf(T1 - 1000, NONCE)),
                "accept",
                List.of("keys.gb1", "hello.json"),
                "opens the session");
        put(
                "site.gb1",
                signed("s1", standardSite()),
                "accept",
                List.of("keys.gb1", "hello.json", "welcome.gb1"),
                "areas 37 and 37.14329, quiet 21:30-05:00");
        put("cfg.gb1", signed("p1", cfgOf(T0 - DAY + 2000)), "accept", after(), "");
        put("plan.gb1", signed("p1", standardPlan()), "accept", after(), "two items, two assets");
        put(
                "plan-local-input.gb1",
                signed(
                        "p1",
                        planOf(
                                T0 + 200,
                                new Plan.Item(
                                        new Oid("relay"), T0 + 60_000, 1800, 10, 70, 300, new Plan.Play.Input("fm")))),
                "accept",
                after(),
                "relays a local input");
        put("plan-empty.gb1", signed("p1", planOf(T0 + 201)), "accept", after(), "nothing is planned");
        put("plan-largest.gb1", signed("p1", largestPlan()), "accept", after(), "64 items of 48 assets");
        put(
                "plan-by-commune-key.gb1",
                signed("p2", planOf(T0 + 202, item("a1", T0 + 3_600_000, 39, 0))),
                "accept",
                after(),
                "p2 covers the commune only, up to pri 39");
        put(
                "plan-twice-signed.gb1",
                signed("p1", "p2", planOf(T0 + 203, item("a2", T0, 20, 0))),
                "accept",
                after(),
                "");
        put(
                "plan-unknown-member.gb1",
                edited("p1", planOf(T0 + 204), text -> text.replace("\"items\"", "\"later\":{\"x\":[null]},\"items\"")),
                "accept",
                after(),
                "members nobody knows are ignored");
        put(
                "plan-defaults.gb1",
                edited(
                        "p1",
                        planOf(T0 + 205, item("a3", T0, 20, 0)),
                        text -> text.replace("\"vol\":70,\"late\":300,", "")),
                "accept",
                after(),
                "vol and late are left to their defaults");
        put(
                "jack.gb1",
                signed("p1", new Jack(head(ME, T1 + 100_000, T1 + 160_000), new JournalAck(EPOCH, 1042, false))),
                "accept",
                after(),
                "");
        put("again.gb1", all.get("plan.gb1").bytes(), "duplicate", after("plan.gb1"), "same bytes a second time");
        put(
                "before-welcome.gb1",
                all.get("plan.gb1").bytes(),
                "dropped",
                List.of("keys.gb1", "hello.json"),
                "SES-1: only keys, welcome and jack before the welcome");
    }

    static Plan largestPlan() {
        List<Asset> assets = new ArrayList<>();
        for (int i = 0; i < Limits.PLAN_ASSETS; i++) {
            assets.add(asset(i));
        }
        List<Plan.Item> items = new ArrayList<>();
        for (int i = 0; i < Limits.PLAN_ITEMS; i++) {
            items.add(new Plan.Item(
                    new Oid("0123456789a" + (100 + i)),
                    T0 + i * 2_400_000L,
                    900,
                    20,
                    70,
                    300,
                    new Plan.Play.Recordings(List.of(i % 48, (i + 1) % 48))));
        }
        return new Plan(head(ME, T0 + 300, T0 + 2 * DAY), T0, T0 + 2 * DAY, assets, items);
    }

    private static Keys withExtras(long iat, List<Kid> bad, List<RootKey> roots, Keys.Rst rst) {
        return new Keys(head(Scope.ALL, iat, YEAR), keyEntries(), Quorum.DEFAULT, bad, roots, rst);
    }

    static Keys areaKeys(long iat, KeyEntry... entries) {
        return new Keys(head(Scope.of(COMMUNE), iat, YEAR), List.of(entries), null, List.of(), null, null);
    }

    static KeyEntry communeKey(String kid, AreaPath area, int pri) {
        return KeyEntry.emergency(new Kid(kid), TestKeys.key(kid).publicKey(), area, pri, T0 - DAY, YEAR);
    }

    private void keys() {
        put(
                "keys-roots.gb1",
                signed("r1", "r3", withExtras(T1 + DAY, List.of(), TestKeys.roots("r2", "r3", "r4"), null)),
                "accept",
                after(),
                "two of the old roots replace r1 by r4; no clock is against it");
        put(
                "keys-by-new-roots.gb1",
                signed("r2", "r4", withExtras(T1 + DAY + 1, List.of(), null, null)),
                "accept",
                after("keys-roots.gb1"),
                "the new set signs");
        put(
                "keys-by-old-root.gb1",
                signed("r1", "r2", withExtras(T1 + DAY + 2, List.of(), null, null)),
                "E_KID",
                after("keys-roots.gb1"),
                "r1 is no root any more");
        put(
                "keys-by-new-roots-too-early.gb1",
                signed("r3", "r4", withExtras(T1 + DAY, List.of(), TestKeys.roots("r2", "r3", "r4"), null)),
                "E_KID",
                after(),
                "a new root cannot introduce itself");
        put(
                "keys-area.gb1",
                signed("k1", "k2", areaKeys(T0, communeKey("x9", COMMUNE, 89))),
                "accept",
                after(),
                "two delegated signers, because their area has depth 1");
        put(
                "cfg-poison.gb1",
                signed("p1", cfgOf(T1 + 500_000)),
                "accept",
                after(),
                "a thief's last act: as new as TIM-3 allows");
        put(
                "keys-rst.gb1",
                signed("r1", "r2", withExtras(T0, List.of(), null, new Keys.Rst(1, T0))),
                "accept",
                after("cfg-poison.gb1"),
                "lowers the mark of cfg and drops the poisoned document");
        put(
                "cfg-after-rst.gb1",
                signed("p1", cfgOf(T0 + 1)),
                "accept",
                after("cfg-poison.gb1", "keys-rst.gb1"),
                "older than the poison, above the recovery");
        put(
                "keys-rst-again.gb1",
                signed("r1", "r2", withExtras(T0 - 1, List.of(), null, new Keys.Rst(1, T0 - 1))),
                "E_OLD",
                after("keys-rst.gb1"),
                "a recovery works once per n");
        put(
                "keys-one-root.gb1",
                signed("r1", withExtras(T0, List.of(), null, null)),
                "E_POL",
                after(),
                "one root of three");
        put(
                "keys-root-twice.gb1",
                signed("r1", "r1", withExtras(T0, List.of(), null, null)),
                "E_POL",
                after(),
                "one root twice");
        put(
                "keys-root-and-online.gb1",
                signed("r1", "p1", withExtras(T0, List.of(), null, null)),
                "E_POL",
                after(),
                "the second is no root");
        put(
                "keys-area-one.gb1",
                signed("k1", areaKeys(T0 + 1, communeKey("x9", COMMUNE, 89))),
                "E_POL",
                after(),
                "quorum of a wide key");
        put(
                "keys-area-beyond.gb1",
                signed("k1", "k2", areaKeys(T0 + 2, communeKey("x9", new AreaPath("37"), 89))),
                "E_POL",
                after(),
                "a right over more than the document's area");
        put(
                "keys-area-too-high.gb1",
                signed("k1", "k2", areaKeys(T0 + 3, communeKey("x9", COMMUNE, 90))),
                "E_POL",
                after(),
                "pri above that of the delegating keys");
        put(
                "keys-area-online.gb1",
                signed("k1", "k2", areaKeys(T0 + 4, online("p9"))),
                "E_POL",
                after(),
                "online rights cannot be delegated");
        put(
                "keys-area-bad.gb1",
                Envelope.compose(
                        List.of(TestKeys.key("k1"), TestKeys.key("k2")),
                        new String(areaKeys(T0 + 5).payload(), StandardCharsets.UTF_8)
                                .replace("\"keys\":[]", "\"keys\":[],\"bad\":[\"p1\"]")
                                .getBytes(StandardCharsets.UTF_8)),
                "E_POL",
                after(),
                "bad belongs to deployment keys");
        put(
                "keys-bad.gb1",
                signed(
                        "r1",
                        "r2",
                        new Keys(
                                head(Scope.ALL, T0, YEAR),
                                List.of(online("p4"), keyEntries().get(1)),
                                Quorum.DEFAULT,
                                List.of(new Kid("p1")),
                                null,
                                null)),
                "accept",
                after("plan.gb1"),
                "p1 was stolen: its plan is dropped at once");
        put(
                "plan-by-bad-key.gb1",
                signed("p1", planOf(T0 + 400)),
                "E_KID",
                after("plan.gb1", "keys-bad.gb1"),
                "a key that is gone");
        put(
                "plan-by-new-key.gb1",
                signed("p4", planOf(T0 + 401)),
                "accept",
                after("plan.gb1", "keys-bad.gb1"),
                "its successor");
    }

    private void upward() {
        put("st-on.json", new Presence(true, 77_824).encode(), "read", List.of(), "");
        put("st-off.json", new Presence(false, 77_824).encode(), "read", List.of(), "the will");
        PlayId oid = PlayId.of(new Oid("7f3a91"));
        put(
                "ev.json",
                new Events(
                                EPOCH,
                                List.of(
                                        JournalEntry.at(1041, T0 + 3_600_041, Quality.T, new Event.Started(oid, 41, 0)),
                                        JournalEntry.at(
                                                1042,
                                                T0 + 4_200_050,
                                                Quality.T,
                                                new Event.Completed(oid, 600_009, Hello.Proof.NONE, 56))))
                        .encode(),
                "read",
                List.of(),
                "");
        put("ev-all.json", new Events(EPOCH, everyEvent()).encode(), "read", List.of(), "every kind and state of §11");
        put(
                "ev-unknown.json",
                ("{\"v\":1,\"typ\":\"ev\",\"jid\":\"5a0c33e1\",\"e\":[{\"n\":1,\"t\":5,\"q\":\"C\",\"k\":\"later\","
                                + "\"s\":\"done\",\"d\":{\"x\":1}}]}")
                        .getBytes(StandardCharsets.UTF_8),
                "read",
                List.of(),
                "an unknown kind is stored and acknowledged all the same");
        put(
                "tel.json",
                new Telemetry(
                                T1,
                                Quality.T,
                                86_211,
                                new Telemetry.Power("mains", 12_840.0),
                                new Telemetry.Network("lte", -108.5, 1480.0, 212.0),
                                new Telemetry.Amplifier(false, 41.0),
                                List.of(new Telemetry.Line(7.9, "ok")),
                                new Telemetry.Storage(5_210_000, 3),
                                new Telemetry.ClockState(-11.25, 38.0),
                                List.of(Fault.NET_WEAK))
                        .encode(),
                "read",
                List.of(),
                "fractions are allowed here alone");
        put(
                "claim-any.gbf",
                new ClaimFile(
                                SYS,
                                null,
                                T0 - 2 * DAY,
                                TestKeys.roots("r1", "r2", "r3"),
                                List.of(),
                                List.of(new ClaimFile.Broker("192.168.1.10", 8883)),
                                new ClaimFile.Credential.Certificate("-----BEGIN CERTIFICATE-----\n..."),
                                null,
                                "048213")
                        .encode(),
                "read",
                List.of(),
                "for the box whose printed PIN matches");
    }

    static List<JournalEntry> everyEvent() {
        PlayId oid = PlayId.of(new Oid("7f3a91"));
        Hash h = asset(0).h();
        List<Event> events = new ArrayList<>();
        events.add(new Event.Started(oid, -12, 96_000));
        events.add(new Event.Completed(new PlayId("e260105-01#2"), 90_000, Hello.Proof.AMP, 100));
        for (Event.Interruption why : Event.Interruption.values()) {
            events.add(new Event.Interrupted(oid, 1234, Hello.Proof.DAC, why));
        }
        for (Event.Miss why : Event.Miss.values()) {
            events.add(new Event.Missed(oid, why));
        }
        for (Event.Failure why : Event.Failure.values()) {
            events.add(new Event.Failed(oid, why));
        }
        for (Event.DocumentFate fate : Event.DocumentFate.values()) {
            events.add(new Event.DocumentChange(fate, Row.PLAN, T0 + 123));
        }
        events.add(new Event.DocumentSkipped(
                Row.now(Scope.of(COMMUNE), new Kid("x1")), T1, List.of(0, 1), ErrorCode.E_SEM));
        events.add(new Event.AssetReady(h));
        events.add(new Event.AssetFailed(h, "hash"));
        for (Event.CommandResult result : Event.CommandResult.values()) {
            events.add(
                    new Event.Command(result, "c-17", "tone", result == Event.CommandResult.REFUSED ? "quiet" : null));
        }
        for (Fault fault : Fault.values()) {
            events.add(new Event.FaultChange(true, fault));
        }
        events.add(new Event.FaultChange(false, Fault.CLK_BAD));
        events.add(new Event.Security(ErrorCode.E_SIG, 17, null));
        events.add(new Event.Security(ErrorCode.E_OLD, 1, "plan"));
        for (Event.LocalAct act : Event.LocalAct.values()) {
            events.add(new Event.Local(act));
        }
        events.add(new Event.ClockStep(T1 - 5000, T1));
        events.add(new Event.ClockQuality(T1, T1 + 3));
        // Of an epoch that began with seven entries lost; below, the first entry takes number 1.
        int own = events.size() + 2;
        events.add(new Event.Gap(own, own, 7));
        List<JournalEntry> entries = new ArrayList<>();
        entries.add(new JournalEntry(1, 4321, Quality.U, 19L, new Event.Local(Event.LocalAct.CLAIM)));
        for (Event event : events) {
            entries.add(JournalEntry.at(entries.size() + 1, T1 + entries.size(), Quality.T, event));
        }
        return entries;
    }

    private void malformed() {
        byte[] plan = all.get("plan.gb1").bytes();
        String text = new String(plan, StandardCharsets.UTF_8);
        put("fmt-crlf.gb1", bytes(text.replace("\n", "\r\n")), "E_FMT", after(), "");
        put("fmt-no-line.gb1", bytes(text.substring(text.indexOf('\n') + 1)), "E_FMT", after(), "a payload alone");
        put("fmt-blank-line.gb1", bytes(text.replace("\n", "\n\n")), "E_FMT", after(), "");
        put("fmt-bom.gb1", bytes("\uFEFF" + text), "E_FMT", after(), "");
        put("fmt-no-payload.gb1", bytes(text.substring(0, text.indexOf('\n') + 1)), "E_FMT", after(), "");
        put("fmt-empty.gb1", new byte[0], "E_FMT", after(), "an empty payload clears a retained topic");
        put(
                "fmt-three-lines.gb1",
                bytes(text.substring(0, text.indexOf('\n') + 1).repeat(2) + text),
                "E_FMT",
                after(),
                "");
        put("fmt-padded.gb1", bytes(text.replaceFirst("\n", "=\n")), "E_FMT", after(), "padding in the signature");
        int last = text.indexOf('\n') - 1;
        char stray = (char) (text.charAt(last) + 1);
        put(
                "fmt-stray-bits.gb1",
                bytes(text.substring(0, last) + stray + text.substring(last + 1)),
                "E_FMT",
                after(),
                "the last character of the signature carries unused bits");
        put(
                "fmt-too-long.gb1",
                edited(
                        "p1",
                        planOf(T0 + 500),
                        json -> json.replace(
                                "\"items\"", "\"pad\":\"" + "x".repeat(Limits.DEVICE_MESSAGE) + "\",\"items\"")),
                "E_FMT",
                after(),
                "longer than 16,384 bytes");
        put(
                "fmt-keys-too-long.gb1",
                Envelope.compose(
                        List.of(TestKeys.key("r1"), TestKeys.key("r2")),
                        bytes(new String(withExtras(T0, List.of(), null, null).payload(), StandardCharsets.UTF_8)
                                .replace("\"quorum\"", "\"pad\":\"" + "x".repeat(8000) + "\",\"quorum\""))),
                "E_FMT",
                after(),
                "longer than 8,000 bytes on keys");
        put("kid-unknown.gb1", signed("zz", standardPlan()), "E_KID", after(), "");
        String header = text.substring(0, text.indexOf(".."));
        String spaced = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(bytes(
                        "{\"alg\": \"Ed25519\",\"b64\":false,\"crit\":[\"b64\"],\"kid\":\"p1\",\"typ\":\"gb1\"}"));
        put(
                "kid-other-header.gb1",
                bytes(text.replace(header, spaced)),
                "E_KID",
                after(),
                "headers are compared as bytes");
        put("sig-trailing-lf.gb1", bytes(text + "\n"), "E_SIG", after(), "one byte added by an editor or a bridge");
        put("sig-changed-byte.gb1", bytes(text.replace("\"pri\":40", "\"pri\":41")), "E_SIG", after(), "");
        put("sig-s-plus-l.gb1", withSPlusL(text), "E_SIG", after(), "S not below the group order");
        put(
                "sig-other-key.gb1",
                bytes(text.replace(header, Envelope.header(new Kid("p3")))),
                "E_SIG",
                after(),
                "another kid over the same signature");
        Map<String, String> values = new LinkedHashMap<>();
        values.put("float", "1.0");
        values.put("exp", "1e3");
        values.put("minus0", "-0");
        values.put("2p53", "9007199254740992");
        values.put("leading-zero", "01");
        values.put("plus", "+1");
        values.put("hex", "0x10");
        values.put("nan", "NaN");
        values.put("surrogate", "\"\\ud800\"");
        values.put("surrogates-swapped", "\"\\udc00\\ud800\"");
        values.put("nul", "\"\\u0000\"");
        values.put("control", "\"\u0001\"");
        values.put("escape", "\"\\x\"");
        values.put("dup-nested", "{\"a\":1,\"a\":1}");
        values.put("dup-escaped", "{\"a\":1,\"\\u0061\":1}");
        values.put("deep", "[".repeat(8) + "1" + "]".repeat(8));
        values.put("trailing-comma", "[1,]");
        values.put("comment", "1/**/");
        values.put("single-quotes", "'a'");
        values.forEach((name, value) -> put(
                "json-" + name + ".gb1",
                edited("p1", standardPlan(), json -> json.replace("\"items\"", "\"q\":" + value + ",\"items\"")),
                "E_JSON",
                after(),
                name.equals("deep") ? "nine levels" : ""));
        put(
                "json-dup.gb1",
                edited(
                        "p1",
                        standardPlan(),
                        json -> json.replace("\"typ\":\"plan\"", "\"typ\":\"plan\",\"typ\":\"plan\"")),
                "E_JSON",
                after(),
                "");
        put(
                "json-tail.gb1",
                edited("p1", standardPlan(), json -> json + " {}"),
                "E_JSON",
                after(),
                "something after the object");
        byte[] payload = standardPlan().payload();
        byte[] latin = Arrays.copyOf(payload, payload.length);
        latin[indexOf(latin, "7f3a91")] = (byte) 0xe9;
        put("json-not-utf8.gb1", Envelope.compose(List.of(TestKeys.key("p1")), latin), "E_JSON", after(), "");
    }

    private static int indexOf(byte[] bytes, String word) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(word);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] withSPlusL(String text) {
        int from = text.indexOf("..") + 2;
        int to = text.indexOf('\n');
        byte[] signature = Base64.getUrlDecoder().decode(text.substring(from, to));
        byte[] bigEndian = new byte[32];
        for (int i = 0; i < 32; i++) {
            bigEndian[i] = signature[63 - i];
        }
        BigInteger order = BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
        byte[] sum = new BigInteger(1, bigEndian).add(order).toByteArray();
        for (int i = 0; i < 32; i++) {
            signature[32 + i] = i < sum.length ? sum[sum.length - 1 - i] : 0;
        }
        return bytes(text.substring(0, from)
                + Base64.getUrlEncoder().withoutPadding().encodeToString(signature)
                + text.substring(to));
    }

    private void wrongDestination() {
        Map<String, UnaryOperator<String>> edits = new LinkedHashMap<>();
        edits.put("v2", json -> json.replace("{\"v\":1", "{\"v\":2"));
        edits.put("v-true", json -> json.replace("{\"v\":1", "{\"v\":true"));
        edits.put("no-typ", json -> json.replace("\"typ\":\"plan\",", ""));
        edits.put("unknown-typ", json -> json.replace("\"typ\":\"plan\"", "\"typ\":\"song\""));
        edits.put("bundle", json -> json.replace("\"typ\":\"plan\"", "\"typ\":\"bundle\""));
        edits.put("other-sys", json -> json.replace("\"sys\":\"xa14\"", "\"sys\":\"xa15\""));
        edits.put("no-to", json -> json.replace("\"to\":\"" + ME.wire() + "\",", ""));
        edits.put("other-device", json -> json.replace(ME.wire(), "d/AAAAAAAAAAAAAAAA"));
        edits.put("other-area", json -> json.replace(ME.wire(), "a/38"));
        edits.put("plan-to-area", json -> json.replace(ME.wire(), "a/37.14329"));
        edits.put("plan-to-all", json -> json.replace(ME.wire(), "*"));
        edits.forEach(
                (name, edit) -> put("dst-" + name + ".gb1", edited("p1", standardPlan(), edit), "E_DST", after(), ""));
    }

    private void withoutRight() {
        put(
                "pol-site-by-p1.gb1",
                signed("p1", siteOf(T1, List.of())),
                "E_POL",
                after(),
                "an online key may not sign site");
        put("pol-plan-by-s1.gb1", signed("s1", planOf(T0 + 600)), "E_POL", after(), "");
        put("pol-plan-by-root.gb1", signed("r1", planOf(T0 + 601)), "E_POL", after(), "roots sign keys alone");
        put("pol-welcome-by-p2.gb1", signed("p2", welcomeOf(T1, NONCE)), "E_POL", after(), "p2 may sign plans alone");
        put("pol-plan-by-p3.gb1", signed("p3", planOf(T0 + 602)), "E_POL", after(), "p3 is of area 38");
        put(
                "pol-plan-second-line.gb1",
                signed("p1", "p3", planOf(T0 + 603)),
                "E_POL",
                after(),
                "every line's key needs the right");
        put(
                "pol-plan-too-high.gb1",
                signed("p2", planOf(T0 + 604, item("b1", T0, 40, 0))),
                "E_POL",
                after(),
                "pri above that of the key");
        put(
                "pol-key-expired.gb1",
                signed("p2", planOf(T1 + 1, item("b2", T0, 20, 0))),
                "E_POL",
                after(),
                "p2 ends at T1, by the document's iat");
        put(
                "pol-key-not-yet.gb1",
                signed("p1", new Cfg(head(ME, T0 - DAY - 1, YEAR), 60, 300, List.of(), List.of(), 0, 0)),
                "E_POL",
                after(),
                "issued before the key began");
        put(
                "pol-plan-without-site.gb1",
                signed("p2", planOf(T0 + 605)),
                "E_POL",
                List.of("keys.gb1", "hello.json", "welcome.gb1"),
                "without site only keys of the whole deployment reach a device");
    }

    private void marksAndFreshness() {
        put("plan-newer.gb1", signed("p1", planOf(T0 + 700)), "accept", after("plan.gb1"), "replaces the plan whole");
        put("old-plan.gb1", signed("p1", planOf(T0 + 699)), "E_OLD", after("plan-newer.gb1"), "below the mark");
        put("old-replay.gb1", all.get("plan.gb1").bytes(), "E_OLD", after("plan-newer.gb1"), "a replayed plan");
        put("old-vec.gb1", signed("p1", planOf(T0 + 122)), "E_OLD", after(), "below the welcome's vec");
        put(
                "fork.gb1",
                signed("p1", planOf(T0 + 700, item("c1", T0, 20, 0))),
                "E_FORK",
                after("plan-newer.gb1"),
                "same seq, other bytes");
        put("stale-exp.gb1", all.get("plan.gb1").bytes(), "E_STALE", after(), T0 + 2 * DAY + 1, "one ms after exp");
        put("at-exp.gb1", signed("p1", planOf(T0 + 701)), "accept", after(), T0 + 2 * DAY, "exp is the last moment");
        put(
                "future-iat.gb1",
                signed("p1", cfgOf(T1 + 600_001)),
                "E_FUTURE",
                after(),
                "more than 600 s ahead of the clock");
        put("ahead-iat.gb1", signed("p1", cfgOf(T1 + 600_000)), "accept", after(), "just so");
        put(
                "future-2080.gb1",
                signed("p1", new Jack(head(ME, YEAR - 1, YEAR), new JournalAck(EPOCH, 1042, false))),
                "E_FUTURE",
                after(),
                "the server's clock jumped a year");
        put(
                "stale-epoch.gb1",
                signed("p1", new Jack(head(ME, T1, T1 + 60_000), new JournalAck(new JournalId("00000000"), 9, false))),
                "E_STALE",
                after(),
                "jack of another journal");
        Welcome other = welcomeOf(T1, Nonce.of(new byte[16]));
        put(
                "stale-nonce.gb1",
                signed("p1", other),
                "E_STALE",
                List.of("keys.gb1", "hello.json"),
                "answers no hello of ours");
        put(
                "stale-welcome-again.gb1",
                signed("p1", welcomeOf(T1, NONCE)),
                "E_STALE",
                List.of("keys.gb1", "hello.json", "welcome.gb1"),
                "a nonce is answered once");
        put(
                "stale-welcome.gb1",
                signed("p1", welcomeOf(T0 - DAY, NONCE)),
                "E_STALE",
                List.of("keys.gb1", "hello.json", "keys-roots.gb1"),
                "more than 24 h below the floor; CLK_BAD");
        put(
                "suspect-welcome.gb1",
                signed("p1", welcomeOf(T1 + DAY - 600_001, NONCE)),
                "accept",
                List.of("keys.gb1", "hello.json", "keys-roots.gb1"),
                "more than 600 s below the floor; CLK_BAD");
        put(
                "absent-from-vec.gb1",
                signed("p1", new Cfg(head(ME, T0, YEAR), 60, 300, List.of(), List.of(), 0, 0)),
                "E_STALE",
                List.of("keys.gb1", "hello.json", "welcome-empty.gb1"),
                "a row the welcome does not name, issued long before it");
        put(
                "welcome-empty.gb1",
                signed(
                        "p1",
                        new Welcome(
                                head(ME, T1, T1 + 60_000), NONCE, 77_824, Map.of(), new JournalAck(EPOCH, 0, false))),
                "accept",
                List.of("keys.gb1", "hello.json"),
                "vec without rows");
        put(
                "crit.gb1",
                edited("p1", cfgOf(T0), json -> json.replace("\"ka\"", "\"crit\":[\"curfew\"],\"ka\"")),
                "E_CRIT",
                after(),
                "");
        put(
                "crit-empty.gb1",
                edited("p1", cfgOf(T0), json -> json.replace("\"ka\"", "\"crit\":[],\"ka\"")),
                "accept",
                after(),
                "");
    }

    private void tables() {
        sem("seq-beyond", cfgOf(T0), json -> json.replace("\"seq\":" + T0, "\"seq\":" + (T0 + 90_000_001)));
        sem("seq-below-iat", cfgOf(T0 + 10), json -> json.replace("\"seq\":" + (T0 + 10), "\"seq\":" + (T0 + 9)));
        sem("seq-2p53", cfgOf(T0), json -> json.replace("\"seq\":" + T0, "\"seq\":9007199254740991"));
        sem("no-exp", cfgOf(T0), json -> json.replace("\"exp\":" + YEAR + ",", ""));
        sem("cfg-ka", cfgOf(T0), json -> json.replace("\"ka\":60", "\"ka\":29"));
        sem("cfg-http", cfgOf(T0), json -> json.replace("https://loa", "ftp://loa"));
        sem("cfg-trim", cfgOf(T0), json -> json.replace("\"trim\":0", "\"trim\":1"));
        Plan plan = planOf(T0 + 800, item("d1", T0, 20, 0));
        sem("plan-pri-60", plan, json -> json.replace("\"pri\":20", "\"pri\":60"));
        sem("plan-vol-0", plan, json -> json.replace("\"vol\":70", "\"vol\":0"));
        sem("plan-late-true", plan, json -> json.replace("\"late\":300", "\"late\":true"));
        sem("plan-dur-0", plan, json -> json.replace("\"dur\":900", "\"dur\":0"));
        sem("plan-oid", plan, json -> json.replace("\"oid\":\"d1\"", "\"oid\":\"D1\""));
        sem("plan-no-asset", plan, json -> json.replace("\"play\":[0]", "\"play\":[2]"));
        sem("plan-no-step", plan, json -> json.replace("\"play\":[0]", "\"play\":[]"));
        sem("plan-mixed-steps", plan, json -> json.replace("\"play\":[0]", "\"play\":[0,{\"in\":\"fm\"}]"));
        sem("plan-unknown-input", plan, json -> json.replace("\"play\":[0]", "\"play\":[{\"in\":\"tape\"}]"));
        sem("plan-before-from", plan, json -> json.replace("\"at\":" + T0, "\"at\":" + (T0 - 1)));
        sem("plan-49h", plan, json -> json.replace("\"till\":" + (T0 + 2 * DAY), "\"till\":" + (T0 + 2 * DAY + 1)));
        sem(
                "plan-exp-after-till",
                plan,
                json -> json.replace("\"exp\":" + (T0 + 2 * DAY), "\"exp\":" + (T0 + 2 * DAY + 1)));
        sem("plan-no-till", plan, json -> json.replace("\"till\":" + (T0 + 2 * DAY) + ",", ""));
        sem(
                "plan-oid-twice",
                planOf(T0 + 801, item("d1", T0, 20, 0), item("d2", T0, 20, 0)),
                json -> json.replace("\"d2\"", "\"d1\""));
        sem("plan-short-hash", plan, json -> json.replace(asset(0).h().b64u(), "AAAA"));
        sem(
                "plan-65-items",
                largestPlan(),
                json -> json.replace(
                        "\"items\":[",
                        "\"items\":[" + "{\"oid\":\"d1\",\"at\":" + T0 + ",\"dur\":1,\"pri\":20,\"play\":[0]},"));
        semSite("site-vmax", json -> json.replace("\"vmax\":80", "\"vmax\":101"));
        semSite(
                "site-seven-areas",
                json -> json.replace(
                        "\"areas\":[\"37\",\"37.14329\"]", "\"areas\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\"]"));
        semSite("site-empty-area", json -> json.replace("\"37\",", "\"\","));
        semSite("site-quiet", json -> json.replace("21:30", "24:30"));
        semSite("site-no-areas", json -> json.replace("\"areas\":[\"37\",\"37.14329\"],", ""));
        semKeys(
                "keys-small-order",
                json -> json.replace(
                        TestKeys.key("e1").publicKey().b64u(), "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        semKeys("keys-kid-twice", json -> json.replace("\"kid\":\"e1\"", "\"kid\":\"p1\""));
        semKeys("keys-root-listed", json -> json.replace("\"kid\":\"e1\"", "\"kid\":\"r9\""));
        semKeys("keys-online-too-high", json -> json.replaceFirst("\"pri\":69", "\"pri\":70"));
        semKeys("keys-quorum-3", json -> json.replace("\"n\":2", "\"n\":3"));
        semKeys(
                "keys-two-roots",
                json -> json.replace(
                        "\"quorum\"",
                        "\"roots\":[" + TestKeys.root("r1").json() + ","
                                + TestKeys.root("r2").json() + "],\"quorum\""));
    }

    private void sem(String name, Document document, UnaryOperator<String> edit) {
        put("sem-" + name + ".gb1", edited("p1", document, edit), "E_SEM", after(), "");
    }

    private void semSite(String name, UnaryOperator<String> edit) {
        Site site = siteOf(T0, List.of(new AreaPath("37"), COMMUNE));
        put("sem-" + name + ".gb1", edited("s1", site, edit), "E_SEM", after(), "");
    }

    private void semKeys(String name, UnaryOperator<String> edit) {
        String text = new String(withExtras(T0, List.of(), null, null).payload(), StandardCharsets.UTF_8);
        String changed = edit.apply(text);
        if (changed.equals(text)) {
            throw new IllegalStateException("nothing to edit for " + name);
        }
        put(
                "sem-" + name + ".gb1",
                Envelope.compose(List.of(TestKeys.key("r1"), TestKeys.key("r2")), bytes(changed)),
                "E_SEM",
                after(),
                "");
    }

    private static final List<String> KIDS = List.of(
            "r1", "r2", "r3", "r4", "p1", "p2", "p3", "p4", "p9", "s1", "e1", "e2", "e3", "e9", "x1", "x2", "x5", "x9",
            "k1", "k2", "f1");

    /** {@code index.json}: one vector a line. */
    static byte[] index(Map<String, Vector> vectors) {
        StringBuilder out = new StringBuilder("[\n");
        int left = vectors.size();
        for (Vector vector : vectors.values()) {
            vector.json().write(out);
            out.append(--left > 0 ? ",\n" : "\n");
        }
        return bytes(out.append("]\n").toString());
    }

    /** {@code testkeys.json}: every seed is the SHA-256 of the phrase. */
    static byte[] testKeys() {
        StringBuilder out = new StringBuilder(
                "{\n\"sys\":\"" + SYS + "\",\n\"id\":\"" + ID + "\",\n\"jid\":\"" + EPOCH + "\",\n\"T0\":" + T0
                        + ",\n\"T1\":" + T1 + ",\n\"roots_pinned\":[\"r1\",\"r2\",\"r3\"],\n\"keys\":{\n");
        for (String kid : KIDS) {
            line(out, kid, TestKeys.phrase(kid), TestKeys.key(kid)).append(",\n");
        }
        line(out, "live", TestKeys.LIVE, TestKeys.live()).append(",\n");
        line(out, "device", "GB1 test device 1", TestKeys.device()).append("\n}\n}\n");
        return bytes(out.toString());
    }

    private static StringBuilder line(StringBuilder out, String name, String phrase, SigningKey key) {
        out.append('"').append(name).append("\":");
        Json.object()
                .put("seed_sha256_of", phrase)
                .put("pub", key.publicKey().b64u())
                .build()
                .write(out);
        return out;
    }
}
