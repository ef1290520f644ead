package vn.loalang.protocol;

import static vn.loalang.protocol.OrderVectors.TO_COMMUNE;
import static vn.loalang.protocol.Vectors.DAY;
import static vn.loalang.protocol.Vectors.EPOCH;
import static vn.loalang.protocol.Vectors.ME;
import static vn.loalang.protocol.Vectors.T0;
import static vn.loalang.protocol.Vectors.T1;
import static vn.loalang.protocol.Vectors.head;
import static vn.loalang.protocol.Vectors.signed;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/** Freshness as a matrix (§6): each type of document, in each state of the session, at each quality of the clock, at each bound. */
final class FreshnessVectors {
    private static final long HORIZON = 400 * DAY;
    private static final long AHEAD = 600_000;
    /** {@code iat} of the keys that outlast the horizon, and so the floor. */
    private static final long FLOOR = T0 - DAY + 500;

    private static final List<String> YEARS = List.of("fresh-keys.gb1", "hello.json");
    private static final List<Quality> WELCOMED = List.of(Quality.C, Quality.T);

    /**
     * A type of document.
     *
     * @param lasts ms from {@code iat} to {@code exp}; 0 where that is not evaluated
     * @param row whether it has a mark
     * @param make the message of that {@code iat}
     */
    private record Kind(long lasts, boolean row, LongFunction<byte[]> make) {}

    private final Vectors vectors;
    private final Map<String, Kind> kinds = new LinkedHashMap<>();
    private final List<Json> clocks = new ArrayList<>();

    FreshnessVectors(Vectors vectors) {
        this.vectors = vectors;
        kinds.put("site", new Kind(DAY, true, iat -> lasting("s1", Vectors.siteOf(iat, areas()), iat + DAY)));
        kinds.put("cfg", new Kind(DAY, true, iat -> lasting("p1", Vectors.cfgOf(iat), iat + DAY)));
        kinds.put("plan", new Kind(DAY, true, iat -> signed("p1", plan(iat))));
        kinds.put("ses", new Kind(DAY, true, iat -> signed("p1", Ses.of(head(ME, iat, iat + DAY), List.of()))));
        kinds.put("fw", new Kind(DAY, true, iat -> lasting("f1", OrderVectors.firmwareOf(iat), iat + DAY)));
        kinds.put("now", new Kind(7_200_000, true, iat -> signed("x1", order(iat))));
        kinds.put("cmd", new Kind(60_000, false, iat -> signed("p1", command(iat))));
        kinds.put("man", new Kind(0, false, iat -> signed("p1", OrderVectors.manifestOf(ME, iat))));
    }

    private static List<AreaPath> areas() {
        return List.of(OrderVectors.PROVINCE, Vectors.COMMUNE);
    }

    private static byte[] lasting(String kid, Document document, long exp) {
        return Vectors.edited(kid, document, json -> json.replaceFirst("\"exp\":[0-9]+", "\"exp\":" + exp));
    }

    private static Plan plan(long iat) {
        return new Plan(head(ME, iat, iat + DAY), iat - DAY / 2, iat + DAY, List.of(), List.of());
    }

    private static Now order(long iat) {
        return OrderVectors.now(
                "x1",
                TO_COMMUNE,
                iat,
                OrderVectors.entry("f1", 85, iat + 3_000, new Step.Tone(Step.Pattern.WAIL, 1, 5, 0)));
    }

    private static Cmd command(long iat) {
        return new Cmd(head(ME, iat, iat + 60_000), new Cid("c-fresh"), new Op.Measure());
    }

    private static byte[] jack(long iat, JournalId jid) {
        return signed("p1", new Jack(head(ME, iat, iat + 60_000), new JournalAck(jid, 1040, false)));
    }

    /** The vectors; returns the text of {@code clock.json}. */
    byte[] all() {
        keysOfYears();
        kinds.forEach(this::welcomed);
        kinds.forEach(this::notWelcomed);
        acknowledgements();
        welcomes();
        clocks();
        return Cases.text(clocks);
    }

    private void put(String name, Quality q, byte[] bytes, String expect, List<String> after, long t, String note) {
        vectors.at(
                "fresh-" + name + "-" + q.name().toLowerCase(java.util.Locale.ROOT) + ".gb1",
                bytes,
                expect,
                after,
                t,
                q,
                note);
    }

    /** The last moment inside a bound, and one ms beyond it. */
    private void edge(
            String name,
            Kind kind,
            Quality q,
            long iat,
            long beyond,
            String code,
            List<String> after,
            long t,
            String note) {
        put(name, q, kind.make().apply(iat), "accept", after, t, note);
        put(name + "-beyond", q, kind.make().apply(beyond), code, after, t, note + ", one ms beyond");
    }

    private void keysOfYears() {
        long nbf = T0 - 10 * DAY;
        long exp = T0 + 3650 * DAY;
        List<KeyEntry> keys = List.of(
                KeyEntry.online(new Kid("p1"), TestKeys.key("p1").publicKey(), nbf, exp),
                KeyEntry.site(new Kid("s1"), TestKeys.key("s1").publicKey(), nbf, exp),
                KeyEntry.firmware(new Kid("f1"), TestKeys.key("f1").publicKey(), nbf, exp));
        vectors.put(
                "fresh-keys.gb1",
                signed("r1", "r2", Keys.of(head(Scope.ALL, FLOOR, exp), keys, Quorum.DEFAULT)),
                "accept",
                List.of(),
                "keys that outlast the horizon of the floor");
        vectors.put(
                "fresh-welcome.gb1",
                signed("p1", Vectors.welcomeOf(FLOOR + HORIZON - 120_000, Vectors.NONCE)),
                "accept",
                YEARS,
                "a session shortly before the horizon");
    }

    private void welcomed(String typ, Kind kind) {
        List<String> absent = new ArrayList<>(List.of("keys.gb1", "hello.json", "welcome-empty.gb1"));
        if (!typ.equals("site")) {
            absent.add("site-fresh.gb1");
        }
        List<String> horizon = new ArrayList<>(YEARS);
        horizon.add("fresh-welcome.gb1");
        if (kind.row()) {
            vectors.put(
                    "fresh-" + typ + "-first.gb1",
                    kind.make().apply(T1 + 10),
                    "accept",
                    Vectors.after(),
                    "[ENV-5] sets the mark");
        }
        for (Quality q : WELCOMED) {
            edge(typ + "-ahead", kind, q, T1 + AHEAD, T1 + AHEAD + 1, "E_FUTURE", Vectors.after(), T1, "[TIM-3]");
            if (kind.lasts() > 0) {
                put(typ + "-at-exp", q, kind.make().apply(T1), "accept", Vectors.after(), T1 + kind.lasts(), "exp");
                put(
                        typ + "-after-exp",
                        q,
                        kind.make().apply(T1),
                        "E_STALE",
                        Vectors.after(),
                        T1 + kind.lasts() + 1,
                        "one ms after exp");
            }
            if (kind.row()) {
                List<String> first = Vectors.after("fresh-" + typ + "-first.gb1");
                put(typ + "-below", q, kind.make().apply(T1 + 9), "E_OLD", first, T1, "below the mark");
                put(typ + "-above", q, kind.make().apply(T1 + 11), "accept", first, T1, "above the mark");
                if (!typ.equals("site")) {
                    edge(typ + "-absent", kind, q, T1 - AHEAD, T1 - AHEAD - 1, "E_STALE", absent, T1, "[SES-2b]");
                }
            }
            if (!typ.equals("now")) {
                long most = FLOOR + HORIZON;
                edge(typ + "-horizon", kind, q, most, most + 1, "E_FUTURE", horizon, most - 60_000, "[TIM-2]");
            }
        }
        if (typ.equals("site")) {
            for (Quality q : WELCOMED) {
                edge(typ + "-absent", kind, q, T1 - AHEAD, T1 - AHEAD - 1, "E_STALE", absent, T1, "[SES-2b]");
            }
        }
    }

    private void notWelcomed(String typ, Kind kind) {
        List<String> asking = Vectors.after(":reconnect", ":hello");
        for (Quality q : Quality.values()) {
            long t = q == Quality.U ? 60_000 : T1;
            byte[] document = kind.make().apply(T1);
            put(typ + "-asking", q, document, "dropped", asking, t, "[SES-1b]");
            String late = typ.equals("now") && q != Quality.U ? "accept" : "dropped";
            put(
                    typ + "-open",
                    q,
                    document,
                    late,
                    Vectors.after(":reconnect", ":60s"),
                    t,
                    typ.equals("now") ? "[SES-3b]" : "[SES-1b]");
        }
    }

    private void acknowledgements() {
        Kind kind = new Kind(0, false, iat -> jack(iat, EPOCH));
        for (Quality q : WELCOMED) {
            edge("jack-ahead", kind, q, T1 + AHEAD, T1 + AHEAD + 1, "E_FUTURE", Vectors.after(), T1, "[TIM-3]");
        }
        for (Quality q : Quality.values()) {
            long t = q == Quality.U ? 60_000 : T1;
            long most = FLOOR + HORIZON;
            edge("jack-horizon", kind, q, most, most + 1, "E_FUTURE", YEARS, t, "[TIM-2] before a welcome");
            put(
                    "jack-epoch",
                    q,
                    jack(T1, new JournalId("00000000")),
                    "E_STALE",
                    YEARS,
                    t,
                    "[ENV-9] of another journal, before a welcome");
        }
    }

    private void welcomes() {
        Kind kind = new Kind(0, false, iat -> signed("p1", Vectors.welcomeOf(iat, Vectors.NONCE)));
        for (Quality q : Quality.values()) {
            long t = q == Quality.U ? 60_000 : T1;
            long most = FLOOR + HORIZON;
            edge("welcome-horizon", kind, q, most, most + 1, "E_FUTURE", YEARS, t, "[SES-5b]");
            edge("welcome-floor", kind, q, FLOOR - DAY, FLOOR - DAY - 1, "E_STALE", YEARS, t, "[SES-5b]");
        }
    }

    // ---- clock.json ----

    private void clock(String name, long reads, Quality q) {
        clocks.add(Json.object()
                .put("name", name)
                .put("floor", T0)
                .put("clock", reads)
                .put("q", q.name())
                .build());
    }

    private void clocks() {
        clock("1939", -978_307_200_000L, Quality.U);
        clock("1970", 0, Quality.U);
        clock("the day before", T0 - DAY, Quality.U);
        clock("below", T0 - 1, Quality.U);
        clock("floor", T0, Quality.C);
        clock("a month", T0 + 30 * DAY, Quality.C);
        clock("horizon", T0 + HORIZON, Quality.C);
        clock("beyond", T0 + HORIZON + 1, Quality.U);
        clock("2080", 3_471_292_800_000L, Quality.U);
    }
}
