package vn.loalang.protocol;

import static vn.loalang.protocol.Vectors.DAY;
import static vn.loalang.protocol.Vectors.ME;
import static vn.loalang.protocol.Vectors.T0;
import static vn.loalang.protocol.Vectors.T1;
import static vn.loalang.protocol.Vectors.head;
import static vn.loalang.protocol.Vectors.signed;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a device sounds over a stretch of time: documents, a clock and a few events in, a timeline out. */
final class Scenarios {
    private static final Asset LONG = Vectors.asset(0);
    private static final Asset SHORT = Asset.mp3(Hash.of("short".getBytes(StandardCharsets.US_ASCII)), 144_000);
    /** 22:00 in Vietnam, inside the quiet hours of site.gb1. */
    private static final long NIGHT = T0 - 7 * 3_600_000L;
    /** One minute before these begin. */
    private static final long EVENING = NIGHT - 31 * 60_000L;

    private final Vectors vectors;
    private final List<Json> all = new ArrayList<>();

    private Scenarios(Vectors vectors) {
        this.vectors = vectors;
    }

    /** {@code scenarios.json}; the documents become vectors of their own. */
    static byte[] generate(Vectors vectors) {
        Scenarios scenarios = new Scenarios(vectors);
        scenarios.write();
        StringBuilder out = new StringBuilder("[\n");
        for (int i = 0; i < scenarios.all.size(); i++) {
            scenarios.all.get(i).write(out);
            out.append(i + 1 < scenarios.all.size() ? ",\n" : "\n");
        }
        return out.append("]\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Json take(long at, String file) {
        return Json.object().put("at", at).put("take", file).build();
    }

    private static Json act(long at, String what) {
        return Json.object().put("at", at).put("do", what).build();
    }

    private static Json sound(String id, long from, long to, long pos) {
        return Json.object()
                .put("id", id)
                .put("from", from)
                .put("to", to)
                .put("pos", pos)
                .build();
    }

    private void scenario(
            String name, String note, long start, List<Json> steps, long end, List<Json> sounds, String... events) {
        List<Json> taken = new ArrayList<>();
        taken.add(take(0, "keys.gb1"));
        if (!name.startsWith("no-site")) {
            taken.add(take(0, "site.gb1"));
        }
        taken.addAll(steps);
        all.add(Json.object()
                .put("name", name)
                .put("note", note)
                .put("start", start)
                .put(
                        "ready",
                        Json.array(List.of(
                                Json.object()
                                        .put("h", LONG.h().b64u())
                                        .put("sz", LONG.sz())
                                        .build(),
                                Json.object()
                                        .put("h", SHORT.h().b64u())
                                        .put("sz", SHORT.sz())
                                        .build())))
                .put("steps", Json.array(taken))
                .put("end", end)
                .put("sounds", Json.array(sounds))
                .put("events", Json.strings(List.of(events)))
                .build());
    }

    private String plan(String name, long start, Plan.Item... items) {
        return plan(name, start, List.of(LONG, SHORT), items);
    }

    private String plan(String name, long start, List<Asset> assets, Plan.Item... items) {
        String file = "run-" + name + ".gb1";
        Plan plan = new Plan(head(ME, start - 1000, start + DAY), start - DAY / 2, start + DAY, assets, List.of(items));
        vectors.put(
                file,
                signed("p1", plan),
                "accept",
                Vectors.after(":hello", "welcome-any.gb1"),
                "document of a scenario");
        return file;
    }

    private static Plan.Item item(String oid, long at, int dur, int pri, int asset) {
        return new Plan.Item(new Oid(oid), at, dur, pri, 70, 300, new Plan.Play.Recordings(List.of(asset)));
    }

    private String now(String name, long iat, Entry... entries) {
        return now(name, OrderVectors.TO_COMMUNE, iat, entries);
    }

    private String now(String name, Scope to, long iat, Entry... entries) {
        String file = "run-" + name + ".gb1";
        vectors.at(
                file,
                signed("x1", OrderVectors.now("x1", to, iat, entries)),
                "accept",
                Vectors.after(":hello", "welcome-any.gb1"),
                iat,
                "document of a scenario");
        return file;
    }

    private static Entry order(
            String sid, OrderStatus st, long beg, int max, int rep, int gap, List<DeviceId> not, Step step) {
        return new Entry(
                new Sid(sid), st, 85, beg, beg + 1_800_000, max, rep, gap, 100, not, new Entry.Steps(List.of(step)));
    }

    private static Entry order(String sid, long beg, int rep, int gap, int seconds) {
        return order(
                sid,
                OrderStatus.ACTUAL,
                beg,
                600,
                rep,
                gap,
                List.of(),
                new Step.Tone(Step.Pattern.WAIL, 1, seconds, 0));
    }

    private static Entry steady(String sid, long beg, int rep, int gap, int seconds) {
        return order(
                sid,
                OrderStatus.ACTUAL,
                beg,
                600,
                rep,
                gap,
                List.of(),
                new Step.Tone(Step.Pattern.STEADY, 1, seconds, 0));
    }

    /** Twelve minutes of tone: more than {@code smax} allows. */
    private static Entry endless(String sid, long beg) {
        return order(
                sid, OrderStatus.ACTUAL, beg, 3_600, 1, 0, List.of(), new Step.Tone(Step.Pattern.STEADY, 12, 60, 0));
    }

    private static Entry until(Entry entry, long until) {
        return entry.between(entry.beg(), until);
    }

    /** Ordered for this box by a key of the whole deployment, which takes two. */
    private String nowByTwo(String name, long iat, Entry... entries) {
        String file = "run-" + name + ".gb1";
        vectors.at(
                file,
                signed("e1", "e2", OrderVectors.now("e1", ME, iat, entries)),
                "accept",
                Vectors.after(":hello", "welcome-any.gb1"),
                iat,
                "document of a scenario");
        return file;
    }

    private String site(String name, List<QuietWindow> quiet, int smax) {
        String file = "run-site-" + name + ".gb1";
        Site usual = Vectors.standardSite();
        Site site =
                new Site(head(ME, T1, T1 + DAY), usual.areas(), usual.pins(), 420, quiet, 80, 0, smax, true, List.of());
        vectors.put(
                file,
                signed("s1", site),
                "accept",
                Vectors.after(":hello", "welcome-any.gb1"),
                "document of a scenario");
        return file;
    }

    private void write() {
        long s = T1;
        scenario(
                "plan-on-time",
                "[POS-1] ends with dur",
                s,
                List.of(take(0, plan("on-time", s, item("o1", s + 60_000, 60, 20, 0)))),
                200_000,
                List.of(sound("o1", 60_000, 120_000, 0)),
                "o1 started",
                "o1 completed");
        scenario(
                "plan-audio-ends",
                "[POS-1] ends with the audio",
                s,
                List.of(take(0, plan("audio-ends", s, item("o1", s + 60_000, 60, 20, 1)))),
                200_000,
                List.of(sound("o1", 60_000, 84_000, 0)),
                "o1 started",
                "o1 completed");
        scenario(
                "plan-join",
                "[POS-1] joins where its neighbours are",
                s,
                List.of(take(0, plan("join", s, item("o1", s - 100_000, 600, 20, 0)))),
                600_000,
                List.of(sound("o1", 0, 500_000, 100_000)),
                "o1 started",
                "o1 completed");
        scenario(
                "plan-little-left",
                "[POS-1] less than 30 s are not worth joining",
                s,
                List.of(take(0, plan("little-left", s, item("o1", s - 75_000, 100, 20, 0)))),
                100_000,
                List.of(),
                "o1 missed power_off");
        scenario(
                "plan-too-late",
                "[POS-1] later than late",
                s,
                List.of(take(0, plan("too-late", s, item("o1", s - 301_000, 590, 20, 0)))),
                400_000,
                List.of(),
                "o1 missed power_off");
        scenario(
                "plan-preempted",
                "§8 line 6; [POS-1] rejoins at T-at",
                s,
                List.of(take(
                        0,
                        plan("preempted", s, item("o1", s + 10_000, 300, 20, 0), item("o2", s + 60_000, 30, 40, 0)))),
                400_000,
                List.of(
                        sound("o1", 10_000, 60_000, 0),
                        sound("o2", 60_000, 90_000, 0),
                        sound("o1", 90_000, 310_000, 80_000)),
                "o1 started",
                "o1 interrupted preempted",
                "o2 started",
                "o2 completed",
                "o1 started",
                "o1 completed");
        scenario(
                "plan-equal",
                "§8 line 7: an equal does not pre-empt",
                s,
                List.of(take(
                        0, plan("equal", s, item("o1", s + 10_000, 100, 20, 0), item("o2", s + 60_000, 120, 20, 0)))),
                300_000,
                List.of(sound("o1", 10_000, 110_000, 0), sound("o2", 110_000, 180_000, 50_000)),
                "o1 started",
                "o1 completed",
                "o2 started",
                "o2 completed");
        scenario(
                "plan-tie",
                "§8 line 9: the same start, the smaller id",
                s,
                List.of(take(0, plan("tie", s, item("b", s + 10_000, 60, 20, 0), item("a", s + 10_000, 60, 20, 0)))),
                100_000,
                List.of(sound("a", 10_000, 70_000, 0)),
                "a started",
                "b missed preempted",
                "a completed");
        scenario(
                "plan-input",
                "[SIT-3] an input that site.in does not name",
                s,
                List.of(take(
                        0,
                        plan(
                                "input",
                                s,
                                new Plan.Item(new Oid("o1"), s + 10_000, 60, 40, 70, 300, new Plan.Play.Input("line")),
                                item("o2", s + 20_000, 60, 20, 0)))),
                100_000,
                List.of(sound("o2", 20_000, 80_000, 0)),
                "o1 failed line",
                "o2 started",
                "o2 completed");
        Asset foreign = new Asset(Hash.of("foreign".getBytes(StandardCharsets.US_ASCII)), 1_000, "no-such");
        scenario(
                "plan-codec",
                "[DOC-4] one sound in a codec that the device lacks; the rest of the plan counts",
                s,
                List.of(take(
                        0,
                        plan(
                                "codec",
                                s,
                                List.of(LONG, foreign),
                                item("o1", s + 10_000, 60, 40, 1),
                                item("o2", s + 20_000, 60, 20, 0)))),
                100_000,
                List.of(sound("o2", 20_000, 80_000, 0)),
                "o1 failed codec",
                "o2 started",
                "o2 completed");
        scenario(
                "order-codec",
                "[DOC-4] [NOW-1] an emergency in a codec that the device lacks is the tone",
                s,
                List.of(take(
                        0,
                        now(
                                "order-codec",
                                s,
                                order(
                                        "e9",
                                        OrderStatus.ACTUAL,
                                        s + 10_000,
                                        600,
                                        1,
                                        0,
                                        List.of(),
                                        new Step.Sound(foreign, Optional.empty()))))),
                60_000,
                List.of(sound("e9#1", 10_000, 20_000, 0)),
                "e9#1 started",
                "e9#1 completed");
        String programme = plan("programme", s, item("o1", s + 10_000, 300, 20, 0));
        scenario(
                "order-preempts",
                "[NOW-6] and the plan goes on where it would be",
                s,
                List.of(take(0, programme), take(20_000, now("alarm", s + 20_000, order("e1", s + 60_000, 1, 0, 20)))),
                400_000,
                List.of(
                        sound("o1", 10_000, 60_000, 0),
                        sound("e1#1", 60_000, 80_000, 0),
                        sound("o1", 80_000, 310_000, 70_000)),
                "o1 started",
                "o1 interrupted preempted",
                "e1#1 started",
                "e1#1 completed",
                "o1 started",
                "o1 completed");
        scenario(
                "order-repeats",
                "gap holds the channel against lower priority",
                s,
                List.of(take(0, programme), take(0, now("repeats", s, order("e2", s + 60_000, 3, 10, 5)))),
                320_000,
                List.of(
                        sound("o1", 10_000, 60_000, 0),
                        sound("e2#1", 60_000, 65_000, 0),
                        sound("e2#2", 75_000, 80_000, 0),
                        sound("e2#3", 90_000, 95_000, 0),
                        sound("o1", 95_000, 310_000, 85_000)),
                "o1 started",
                "o1 interrupted preempted",
                "e2#1 started",
                "e2#1 completed",
                "e2#2 started",
                "e2#2 completed",
                "e2#3 started",
                "e2#3 completed",
                "o1 started",
                "o1 completed");
        scenario(
                "order-max",
                "max ends it",
                s,
                List.of(take(
                        0,
                        now(
                                "max",
                                s,
                                order(
                                        "e3",
                                        OrderStatus.ACTUAL,
                                        s + 10_000,
                                        12,
                                        3,
                                        0,
                                        List.of(),
                                        new Step.Tone(Step.Pattern.YELP, 1, 10, 0))))),
                60_000,
                List.of(sound("e3#1", 10_000, 20_000, 0), sound("e3#2", 20_000, 22_000, 0)),
                "e3#1 started",
                "e3#1 completed",
                "e3#2 started",
                "e3#2 interrupted ceiling");
        scenario(
                "order-until",
                "until ends it",
                s,
                List.of(take(
                        0,
                        now(
                                "until",
                                s,
                                new Entry(
                                        new Sid("e10"),
                                        OrderStatus.ACTUAL,
                                        85,
                                        s + 10_000,
                                        s + 25_000,
                                        600,
                                        2,
                                        0,
                                        100,
                                        List.of(),
                                        new Entry.Steps(List.of(new Step.Tone(Step.Pattern.YELP, 1, 40, 0))))))),
                60_000,
                List.of(sound("e10#1", 10_000, 25_000, 0)),
                "e10#1 started",
                "e10#1 interrupted ceiling");
        Entry wide = order("e11", s + 5_000, 3, 5, 30);
        scenario(
                "order-over-here",
                "[NOW-5] a narrower row says with a higher pri that its time is over, and elsewhere it goes on: the wide row issued"
                        + " again changes nothing",
                s,
                List.of(
                        take(0, now("over-wide", s, wide)),
                        take(
                                20_000,
                                now(
                                        "over-here",
                                        ME,
                                        s + 20_000,
                                        wide.withPri(86).between(s + 5_000, s + 20_000))),
                        take(30_000, now("over-wide-again", s + 30_000, wide, order("e12", s + 40_000, 1, 0, 5)))),
                90_000,
                List.of(sound("e11#1", 5_000, 20_000, 0), sound("e12#1", 40_000, 45_000, 0)),
                "e11#1 started",
                "e11#1 interrupted ceiling",
                "e12#1 started",
                "e12#1 completed");
        scenario(
                "order-at-once",
                "[NOW-6] beg has passed",
                s,
                List.of(take(0, now("at-once", s, order("e4", s - 60_000, 1, 0, 10)))),
                30_000,
                List.of(sound("e4#1", 0, 10_000, 0)),
                "e4#1 started",
                "e4#1 completed");
        vectors.at(
                "run-clear.gb1",
                signed("x1", OrderVectors.clear("x1", OrderVectors.TO_COMMUNE, s + 70_000, "*")),
                "accept",
                Vectors.after(":hello", "welcome-any.gb1"),
                s + 70_000,
                "document of a scenario");
        scenario(
                "order-cleared",
                "[NOW-4] within a second",
                s,
                List.of(take(0, now("cleared", s, order("e5", s + 60_000, 3, 10, 60))), take(70_000, "run-clear.gb1")),
                200_000,
                List.of(sound("e5#1", 60_000, 70_000, 0)),
                "e5#1 started",
                "e5#1 interrupted cleared");
        scenario(
                "order-stopped",
                "[PRI-2] a person ends it for good",
                s,
                List.of(take(0, "run-cleared.gb1"), act(70_000, "stop")),
                300_000,
                List.of(sound("e5#1", 60_000, 70_000, 0)),
                "e5#1 started",
                "e5#1 interrupted local_stop");
        scenario(
                "order-exercise",
                "[NOW-7] the chime before and after",
                s,
                List.of(take(
                        0,
                        now(
                                "exercise",
                                s,
                                order(
                                        "e6",
                                        OrderStatus.EXERCISE,
                                        s + 10_000,
                                        600,
                                        1,
                                        0,
                                        List.of(),
                                        new Step.Tone(Step.Pattern.WAIL, 1, 5, 0))))),
                60_000,
                List.of(sound("e6#1", 10_000, 20_760, 0)),
                "e6#1 started",
                "e6#1 completed");
        scenario(
                "order-not-here",
                "not names this device",
                s,
                List.of(take(
                        0,
                        now(
                                "not",
                                s,
                                order(
                                        "e7",
                                        OrderStatus.ACTUAL,
                                        s + 10_000,
                                        600,
                                        1,
                                        0,
                                        List.of(Vectors.ID),
                                        new Step.Tone(Step.Pattern.WAIL, 1, 5, 0))))),
                60_000,
                List.of());
        scenario(
                "order-asset-missing",
                "[NOW-1] a steady tone of 10 s stands in",
                s,
                List.of(take(
                        0,
                        now(
                                "missing",
                                s,
                                order(
                                        "e8",
                                        OrderStatus.ACTUAL,
                                        s + 10_000,
                                        600,
                                        1,
                                        0,
                                        List.of(),
                                        new Step.Sound(Vectors.asset(77), Optional.empty()))))),
                60_000,
                List.of(sound("e8#1", 10_000, 20_000, 0)),
                "e8#1 started",
                "e8#1 completed");
        scenario(
                "orders-alternate",
                "§8 line 8",
                s,
                List.of(take(
                        0, now("alternate", s, order("a1", s + 10_000, 2, 0, 10), order("b1", s + 10_000, 2, 0, 10)))),
                80_000,
                List.of(
                        sound("a1#1", 10_000, 20_000, 0),
                        sound("b1#1", 20_000, 30_000, 0),
                        sound("a1#2", 30_000, 40_000, 0),
                        sound("b1#2", 40_000, 50_000, 0)),
                "a1#1 started",
                "a1#1 completed",
                "b1#1 started",
                "b1#1 completed",
                "a1#2 started",
                "a1#2 completed",
                "b1#2 started",
                "b1#2 completed");
        scenario(
                "quiet-plan",
                "§8 line 5",
                NIGHT,
                List.of(take(0, plan("quiet", NIGHT, item("o1", NIGHT + 10_000, 60, 20, 0)))),
                120_000,
                List.of(),
                "o1 missed quiet");
        scenario(
                "quiet-actual",
                "§8 line 5: a real emergency sounds at night",
                NIGHT,
                List.of(take(0, now("quiet-actual", NIGHT, order("e9", NIGHT + 10_000, 1, 0, 10)))),
                60_000,
                List.of(sound("e9#1", 10_000, 20_000, 0)),
                "e9#1 started",
                "e9#1 completed");
        scenario(
                "siren-switch",
                "a local siren goes before the plan",
                s,
                List.of(take(0, programme), act(30_000, "siren on"), act(40_000, "siren off")),
                330_000,
                List.of(
                        sound("o1", 10_000, 30_000, 0),
                        sound("siren", 30_000, 40_000, 0),
                        sound("o1", 40_000, 310_000, 30_000)),
                "o1 started",
                "o1 interrupted preempted",
                "o1 started",
                "o1 completed");
        scenario(
                "amplifier",
                "§8 line 1",
                s,
                List.of(take(0, programme), act(30_000, "amp fault")),
                50_000,
                List.of(sound("o1", 10_000, 30_000, 0)),
                "o1 started",
                "o1 interrupted fault");
        scenario("no-site-plan", "[SIT-1]", s, List.of(take(0, programme)), 100_000, List.of());
        quiet(s);
        atTheBox(s, programme);
        ceilings(s);
        powerCuts(s, programme);
    }

    // ---- line 5 ----

    private void quiet(long s) {
        scenario(
                "no-site-order",
                "[SIT-1] without settings an actual emergency to the device by keys of the whole deployment sounds, and a drill does"
                        + " not",
                s,
                List.of(take(
                        0,
                        nowByTwo(
                                "no-site",
                                s,
                                order("s1", s + 10_000, 1, 0, 10),
                                until(
                                        order(
                                                "s2",
                                                OrderStatus.EXERCISE,
                                                s + 15_000,
                                                600,
                                                1,
                                                0,
                                                List.of(),
                                                new Step.Tone(Step.Pattern.WAIL, 1, 5, 0)),
                                        s + 40_000)))),
                60_000,
                List.of(sound("s1#1", 10_000, 20_000, 0)),
                "s1#1 started",
                "s1#1 completed",
                "s2#1 missed quiet");
        Entry drill = order(
                "q1",
                OrderStatus.EXERCISE,
                NIGHT + 10_000,
                600,
                1,
                0,
                List.of(),
                new Step.Tone(Step.Pattern.WAIL, 1, 5, 0));
        scenario(
                "quiet-drill",
                "§8 line 5 [NOW-7] [NOW-12]: a drill of any priority keeps to the quiet hours",
                NIGHT,
                List.of(take(0, now("quiet-drill", NIGHT, until(drill, NIGHT + 60_000)))),
                90_000,
                List.of(),
                "q1#1 missed quiet");
        scenario(
                "quiet-begins",
                "§8 line 5: what runs gives way to the quiet hours; emergency and microphone do not",
                EVENING,
                List.of(
                        take(0, plan("quiet-begins", EVENING, item("o1", EVENING + 10_000, 300, 20, 0))),
                        take(0, now("quiet-begins-now", EVENING, order("q2", EVENING + 70_000, 1, 0, 10))),
                        act(90_000, "mic on"),
                        act(100_000, "mic off")),
                350_000,
                List.of(
                        sound("o1", 10_000, 60_000, 0),
                        sound("q2#1", 70_000, 80_000, 0),
                        sound("mic", 90_000, 100_000, 0)),
                "o1 started",
                "o1 interrupted quiet",
                "q2#1 started",
                "q2#1 completed");
        scenario(
                "quiet-ends",
                "§8 line 5, second diagram: an item that quiet hours interrupted joins again at T-at",
                s,
                List.of(
                        take(0, site("quiet-minute", List.of(QuietWindow.parse("06:41", "06:42")), 3_600)),
                        take(0, plan("quiet-ends", s, item("o1", s + 10_000, 300, 20, 0)))),
                350_000,
                List.of(sound("o1", 10_000, 60_000, 0), sound("o1", 120_000, 310_000, 110_000)),
                "o1 started",
                "o1 interrupted quiet",
                "o1 started",
                "o1 completed");
    }

    // ---- lines 1 and 2: the box itself, and who stands at it ----

    private void atTheBox(long s, String programme) {
        scenario(
                "amplifier-before",
                "[DEC-8] what would have begun is failed/amp",
                s,
                List.of(
                        take(0, plan("amplifier", s, item("o1", s + 10_000, 60, 20, 0))),
                        take(0, now("amplifier-now", s, until(order("b1", s + 20_000, 1, 0, 10), s + 90_000))),
                        act(5_000, "amp fault"),
                        act(100_000, "amp ok")),
                120_000,
                List.of(),
                "o1 failed amp",
                "b1#1 failed amp");
        scenario(
                "microphone",
                "[LOC-1] pri 70: over the programme, under an emergency, after which it goes on; its own switch ends it",
                s,
                List.of(
                        take(0, programme),
                        take(0, now("microphone", s, order("b2", s + 100_000, 1, 0, 20))),
                        act(30_000, "mic on"),
                        act(60_000, "mic off"),
                        act(90_000, "mic on"),
                        act(150_000, "mic off")),
                330_000,
                List.of(
                        sound("o1", 10_000, 30_000, 0),
                        sound("mic", 30_000, 60_000, 0),
                        sound("o1", 60_000, 90_000, 50_000),
                        sound("mic", 90_000, 100_000, 0),
                        sound("b2#1", 100_000, 120_000, 0),
                        sound("mic", 120_000, 150_000, 0),
                        sound("o1", 150_000, 310_000, 140_000)),
                "o1 started",
                "o1 interrupted preempted",
                "o1 started",
                "o1 interrupted preempted",
                "b2#1 started",
                "b2#1 completed",
                "o1 started",
                "o1 completed");
        scenario(
                "local-unstoppable",
                "[LOC-1] [PRI-2] STOP does not end what a person makes sound at the box",
                s,
                List.of(
                        act(10_000, "siren on"),
                        act(20_000, "stop"),
                        act(30_000, "siren off"),
                        act(40_000, "mic on"),
                        act(50_000, "stop"),
                        act(60_000, "mic off")),
                80_000,
                List.of(sound("siren", 10_000, 30_000, 0), sound("mic", 40_000, 60_000, 0)));
        String two = plan("two", s, item("o1", s + 10_000, 300, 20, 0), item("o2", s + 400_000, 60, 20, 0));
        scenario(
                "stop-twice",
                "[PRI-2b] §8 line 1: the second STOP mutes remote sound for 15 min, an emergency too; the microphone speaks",
                s,
                List.of(
                        take(0, two),
                        act(30_000, "stop"),
                        act(60_000, "stop"),
                        take(500_000, now("muted", s + 500_000, order("b3", s + 510_000, 1, 0, 20))),
                        act(600_000, "mic on"),
                        act(610_000, "mic off")),
                1_000_000,
                List.of(
                        sound("o1", 10_000, 30_000, 0),
                        sound("mic", 600_000, 610_000, 0),
                        sound("b3#1", 960_000, 980_000, 0)),
                "o1 started",
                "o1 interrupted local_stop",
                "o2 missed muted",
                "b3#1 started",
                "b3#1 completed");
        scenario(
                "stop-apart",
                "[PRI-2b] a STOP more than 10 min after the first mutes nothing",
                s,
                List.of(
                        take(
                                0,
                                plan(
                                        "apart",
                                        s,
                                        item("o1", s + 10_000, 300, 20, 0),
                                        item("o2", s + 640_000, 60, 20, 0))),
                        act(30_000, "stop"),
                        act(631_000, "stop")),
                720_000,
                List.of(sound("o1", 10_000, 30_000, 0), sound("o2", 640_000, 700_000, 0)),
                "o1 started",
                "o1 interrupted local_stop",
                "o2 started",
                "o2 completed");
        scenario(
                "stop-power-cut",
                "[PRI-2c] over a power cut what STOP ended stays ended, and the mute does not",
                s,
                List.of(
                        take(0, two),
                        act(30_000, "stop"),
                        act(60_000, "stop"),
                        act(70_000, "power off"),
                        act(80_000, "power on")),
                480_000,
                List.of(sound("o1", 10_000, 30_000, 0), sound("o2", 400_000, 460_000, 0)),
                "o1 started",
                "o1 interrupted local_stop",
                "o2 started",
                "o2 completed");
        scenario(
                "clock-unknown",
                "[DEC-6] §8 line 2: at T0 local sources alone; once the time is known, an entry begins at once [NOW-6] and an item"
                        + " joins [POS-1c]",
                s,
                List.of(
                        take(
                                0,
                                plan(
                                        "clock",
                                        s,
                                        item("o1", s + 10_000, 300, 20, 0),
                                        item("o2", s + 20_000, 30, 40, 0))),
                        take(0, now("clock-now", s, order("b4", s + 20_000, 1, 0, 10))),
                        act(5_000, "power off"),
                        act(6_000, "clock lost"),
                        act(7_000, "power on"),
                        act(30_000, "siren on"),
                        act(40_000, "siren off"),
                        act(45_000, "mic on"),
                        act(55_000, "mic off"),
                        act(60_000, "clock right")),
                330_000,
                List.of(
                        sound("siren", 30_000, 40_000, 0),
                        sound("mic", 45_000, 55_000, 0),
                        sound("b4#1", 60_000, 70_000, 0),
                        sound("o1", 70_000, 310_000, 60_000)),
                "o2 missed clock",
                "b4#1 started",
                "b4#1 completed",
                "o1 started",
                "o1 completed");
    }

    // ---- smax ----

    private void ceilings(long s) {
        scenario(
                "ceiling",
                "[PRI-3] 600 s for one key, twice that for all; the siren button asks for none [LOC-1]",
                s,
                List.of(
                        take(0, site("smax", List.of(), 600)),
                        take(0, now("ceiling", s, endless("c1", s + 10_000))),
                        take(700_000, now("ceiling-again", s + 700_000, order("c2", s + 710_000, 1, 0, 10))),
                        take(800_000, nowByTwo("ceiling-other", s + 800_000, endless("c3", s + 800_000))),
                        act(1_500_000, "siren on"),
                        act(1_510_000, "siren off")),
                1_550_000,
                List.of(
                        sound("c1#1", 10_000, 610_000, 0),
                        sound("c3#1", 800_000, 1_400_000, 0),
                        sound("siren", 1_500_000, 1_510_000, 0)),
                "c1#1 started",
                "c1#1 interrupted ceiling",
                "c3#1 started",
                "c3#1 interrupted ceiling");
        scenario(
                "ceiling-power-cut",
                "[PRI-3b] a power cut gives no sound back but what the last minute held",
                s,
                List.of(
                        take(0, "run-site-smax.gb1"),
                        take(0, now("ceiling-cut", s, endless("c4", s))),
                        act(620_000, "power off"),
                        act(630_000, "power on"),
                        take(640_000, now("ceiling-cut-again", s + 640_000, order("c5", s + 640_000, 1, 0, 10)))),
                700_000,
                List.of(sound("c4#1", 0, 600_000, 0)),
                "c4#1 started",
                "c4#1 interrupted ceiling");
    }

    // ---- power cuts ----

    private void powerCuts(long s, String programme) {
        scenario(
                "power-cut-item",
                "[POS-1d] it joins again after two power cuts, and not after the third",
                s,
                List.of(
                        take(0, programme),
                        act(60_000, "power off"),
                        act(70_000, "power on"),
                        act(100_000, "power off"),
                        act(110_000, "power on"),
                        act(140_000, "power off"),
                        act(150_000, "power on")),
                330_000,
                List.of(
                        sound("o1", 10_000, 60_000, 0),
                        sound("o1", 70_000, 100_000, 60_000),
                        sound("o1", 110_000, 140_000, 100_000)),
                "o1 started",
                "o1 interrupted power_loss",
                "o1 started",
                "o1 interrupted power_loss",
                "o1 started",
                "o1 interrupted power_loss");
        scenario(
                "power-cut-order",
                "[NOW-8b] a repetition that was cut is used up; the next one follows",
                s,
                List.of(
                        take(0, now("cut-order", s, steady("p1", s + 10_000, 4, 5, 20))),
                        act(20_000, "power off"),
                        act(30_000, "power on"),
                        act(60_000, "power off"),
                        act(70_000, "power on")),
                120_000,
                List.of(
                        sound("p1#1", 10_000, 20_000, 0),
                        sound("p1#2", 30_000, 50_000, 0),
                        sound("p1#3", 55_000, 60_000, 0),
                        sound("p1#4", 70_000, 90_000, 0)),
                "p1#1 started",
                "p1#1 interrupted power_loss",
                "p1#2 started",
                "p1#2 completed",
                "p1#3 started",
                "p1#3 interrupted power_loss",
                "p1#4 started",
                "p1#4 completed");
        scenario(
                "power-cut-last",
                "[NOW-8c] the last repetition of an entry of which none was completed comes again, twice at most",
                s,
                List.of(
                        take(0, now("cut-last", s, steady("p2", s + 10_000, 1, 0, 20))),
                        act(20_000, "power off"),
                        act(30_000, "power on"),
                        act(40_000, "power off"),
                        act(50_000, "power on"),
                        act(60_000, "power off"),
                        act(70_000, "power on")),
                120_000,
                List.of(
                        sound("p2#1", 10_000, 20_000, 0),
                        sound("p2#1", 30_000, 40_000, 0),
                        sound("p2#1", 50_000, 60_000, 0)),
                "p2#1 started",
                "p2#1 interrupted power_loss",
                "p2#1 started",
                "p2#1 interrupted power_loss",
                "p2#1 started",
                "p2#1 interrupted power_loss");
        scenario(
                "power-cut-after",
                "[NOW-8c] one was completed: the last one that was cut does not come again",
                s,
                List.of(
                        take(0, now("cut-after", s, steady("p3", s + 10_000, 2, 0, 20))),
                        act(40_000, "power off"),
                        act(50_000, "power on")),
                100_000,
                List.of(sound("p3#1", 10_000, 30_000, 0), sound("p3#2", 30_000, 40_000, 0)),
                "p3#1 started",
                "p3#1 completed",
                "p3#2 started",
                "p3#2 interrupted power_loss");
    }
}
