package vn.loalang.protocol;

import static vn.loalang.protocol.Vectors.COMMUNE;
import static vn.loalang.protocol.Vectors.DAY;
import static vn.loalang.protocol.Vectors.ME;
import static vn.loalang.protocol.Vectors.NONCE;
import static vn.loalang.protocol.Vectors.T0;
import static vn.loalang.protocol.Vectors.T1;
import static vn.loalang.protocol.Vectors.after;
import static vn.loalang.protocol.Vectors.edited;
import static vn.loalang.protocol.Vectors.head;
import static vn.loalang.protocol.Vectors.signed;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The vectors of emergencies, sessions, commands, blocks, firmware and of what comes by hand. */
final class OrderVectors {
    static final AreaPath PROVINCE = new AreaPath("37");
    static final Scope TO_COMMUNE = Scope.of(COMMUNE);
    static final Scope TO_PROVINCE = Scope.of(PROVINCE);
    private static final long HOUR = 3_600_000;
    private static final int PLAN_DAYS_BY_HAND = 35;

    private final Vectors vectors;

    OrderVectors(Vectors vectors) {
        this.vectors = vectors;
    }

    void all() {
        orders();
        entryTables();
        clears();
        withoutWelcome();
        keysAndOrders();
        sessions();
        commands();
        blocks();
        firmware();
        byHand();
    }

    static Entry entry(String sid, int pri, long beg, Step... steps) {
        return new Entry(
                new Sid(sid),
                OrderStatus.ACTUAL,
                pri,
                beg,
                beg + 1_800_000,
                900,
                3,
                10,
                100,
                List.of(),
                new Entry.Steps(List.of(steps)));
    }

    private static Entry siren(String sid, int pri, long iat) {
        return entry(
                sid,
                pri,
                iat + 3000,
                new Step.Tone(Step.Pattern.WAIL, 3, 20, 10),
                new Step.Sound(Vectors.asset(0), Optional.of("flood-vi")));
    }

    static Now now(String by, Scope to, long iat, Entry... act) {
        return Now.of(head(to, iat, iat + 2 * HOUR), new Kid(by), List.of(act));
    }

    static Now clear(String by, Scope to, long iat, String... clr) {
        return new Now(head(to, iat, iat + 7 * DAY), new Kid(by), List.of(), List.of(clr), List.of());
    }

    private static final long NOW = T1 + 456;

    private void put(String file, byte[] bytes, String expect, List<String> after, String note) {
        vectors.put(file, bytes, expect, after, note);
    }

    private void orders() {
        put(
                "now.gb1",
                signed("x1", now("x1", TO_COMMUNE, NOW, siren("e1-01", 85, NOW))),
                "accept",
                after(),
                "[NOW-2] commune key, one signature");
        vectors.sids("e1-01");
        put(
                "now-device.gb1",
                signed("x1", now("x1", ME, NOW + 1, siren("e1-02", 85, NOW))),
                "accept",
                after(),
                "[KEY-3] one device of the key's area");
        byte[] wide = now("e1", TO_PROVINCE, NOW + 2, siren("e1-03", 95, NOW)).payload();
        put("now-wide.gb1", lines(wide, "e1", "e2"), "accept", after(), "[KEY-4] two signatures");
        vectors.sids("e1-03");
        put("now-wide-one.gb1", lines(wide, "e1"), "E_POL", after(), "[KEY-4] second signature stripped");
        put(
                "now-wide-swap.gb1",
                lines(wide, "e2", "e1"),
                "E_DST",
                after(),
                "[ENV-6] lines swapped: by is not the first kid");
        put("now-wide-same.gb1", lines(wide, "e1", "e1"), "E_POL", after(), "[KEY-4] one key twice");
        put(
                "now-wide-forged.gb1",
                replaceSignature(lines(wide, "e1", "e2")),
                "E_SIG",
                after(),
                "[ENV-2] the second signature is of other bytes");
        put(
                "now-province-alone.gb1",
                signed("e3", now("e3", TO_COMMUNE, NOW + 3, siren("e1-04", 85, NOW))),
                "E_POL",
                after(),
                "[KEY-4] enumeration of communes by one provincial key");
        put(
                "now-national-device.gb1",
                signed("e1", now("e1", ME, NOW + 4, siren("e1-05", 85, NOW))),
                "E_POL",
                after(),
                "[KEY-4] one national key for one device");
        put(
                "now-without-site.gb1",
                signed("e1", "e2", now("e1", ME, NOW + 5, siren("e1-06", 95, NOW))),
                "accept",
                List.of("keys.gb1", "hello.json", "welcome.gb1"),
                "[SIT-1] keys of the whole deployment reach a device without site");
        put(
                "now-commune-without-site.gb1",
                signed("x1", now("x1", ME, NOW + 6, siren("e1-07", 85, NOW))),
                "E_POL",
                List.of("keys.gb1", "hello.json", "welcome.gb1"),
                "[KEY-3] without site a commune's key covers nothing");
        put(
                "now-over-province.gb1",
                signed("x1", "x2", now("x1", TO_PROVINCE, NOW + 7, siren("e1-08", 82, NOW))),
                "E_POL",
                after(),
                "[KEY-3] communes have no right over the province");
        put(
                "now-by-p1.gb1",
                signed("p1", now("p1", TO_COMMUNE, NOW + 8, siren("e1-09", 85, NOW))),
                "E_POL",
                after(),
                "an online key orders no emergency");
        put(
                "now-no-by.gb1",
                edited(
                        "x1",
                        now("x1", TO_COMMUNE, NOW + 9, siren("e1-10", 85, NOW)),
                        json -> json.replace("\"by\":\"x1\",", "")),
                "E_DST",
                after(),
                "[ENV-6]");
        put(
                "now-by-number.gb1",
                edited(
                        "x1",
                        now("x1", TO_COMMUNE, NOW + 9, siren("e1-10", 85, NOW)),
                        json -> json.replace("\"by\":\"x1\"", "\"by\":1")),
                "E_DST",
                after(),
                "[ENV-6]");
        put(
                "now-to-all.gb1",
                edited(
                        "e1",
                        now("e1", TO_PROVINCE, NOW + 10, siren("e1-11", 85, NOW)),
                        json -> json.replace("\"to\":\"a/37\"", "\"to\":\"*\"")),
                "E_DST",
                after(),
                "[CON-6] now is for an area or a device");
        put(
                "now-other-area.gb1",
                signed("e1", "e2", now("e1", Scope.of(new AreaPath("38")), NOW + 11, siren("e1-12", 85, NOW))),
                "E_DST",
                after(),
                "[CON-6]");
        put(
                "now-old.gb1",
                signed("x1", now("x1", TO_COMMUNE, NOW - 1, siren("e1-13", 85, NOW))),
                "E_OLD",
                after("now.gb1"),
                "[ENV-7] below the mark of its row");
        put(
                "now-fork.gb1",
                signed("x1", now("x1", TO_COMMUNE, NOW, siren("e1-14", 85, NOW))),
                "E_FORK",
                after("now.gb1"),
                "[ENV-7]");
        put(
                "now-again.gb1",
                vectors.bytesOf("now.gb1"),
                "duplicate",
                after("now.gb1"),
                "[ENV-7] same bytes a second time");
        put(
                "now-other-row.gb1",
                signed("x2", now("x2", TO_COMMUNE, NOW - 1, siren("e1-15", 82, NOW))),
                "accept",
                after("now.gb1"),
                "[ENV-6] each key has its own row and mark");
        vectors.sids("e1-01", "e1-15");
        put(
                "now-same-sid.gb1",
                signed("x2", now("x2", TO_COMMUNE, NOW + 12, siren("e1-01", 82, NOW))),
                "accept",
                after("now.gb1"),
                "[NOW-5] the same sid in two rows: the higher pri wins whole");
        vectors.sids("e1-01");
        put(
                "now-replaced.gb1",
                signed("x1", now("x1", TO_COMMUNE, NOW + 13, siren("e1-16", 85, NOW))),
                "accept",
                after("now.gb1"),
                "what the new document does not list is over");
        vectors.sids("e1-16");
        Welcome later = new Welcome(
                head(ME, T1 - 1000, T1 + 59_000),
                NONCE,
                77_824,
                Map.of(Row.now(TO_COMMUNE, new Kid("x1")), NOW + 1),
                new JournalAck(Vectors.EPOCH, 1040, false));
        put(
                "welcome-now.gb1",
                signed("p1", later),
                "accept",
                List.of("keys.gb1", "hello.json"),
                "[SES-2] vec names an emergency row");
        List<String> known = List.of("keys.gb1", "hello.json", "welcome-now.gb1", "site-fresh.gb1");
        put(
                "site-fresh.gb1",
                signed("s1", Vectors.siteOf(T1 - 2000, List.of(PROVINCE, COMMUNE))),
                "accept",
                List.of("keys.gb1", "hello.json", "welcome-now.gb1"),
                "");
        put("now-below-vec.gb1", vectors.bytesOf("now.gb1"), "E_OLD", known, "[SES-2] the welcome knows a newer one");
        put(
                "now-absent-from-vec.gb1",
                signed("x1", now("x1", TO_COMMUNE, T1 - 601_001, siren("e1-17", 85, T1 - 601_001))),
                "E_STALE",
                after(),
                "[SES-2] an unknown row, issued more than 600 s before the welcome");
        put(
                "now-just-in-vec.gb1",
                signed("x1", now("x1", TO_COMMUNE, T1 - 601_000, siren("e1-18", 85, T1 - 601_000))),
                "accept",
                after(),
                "[SES-2] just so");
        put(
                "now-future.gb1",
                signed("x1", now("x1", TO_COMMUNE, T1 + 600_001, siren("e1-19", 85, T1 + 600_001))),
                "E_FUTURE",
                after(),
                "[TIM-3]");
        vectors.at(
                "now-expired.gb1",
                signed("x1", now("x1", TO_COMMUNE, NOW + 14, siren("e1-20", 85, NOW))),
                "E_STALE",
                after(),
                NOW + 14 + 2 * HOUR + 1,
                "[ENV-7] exp has passed");
    }

    private void sem(String name, UnaryOperator<String> edit, String note) {
        put(
                "sem-now-" + name + ".gb1",
                edited("x1", now("x1", TO_COMMUNE, NOW + 20, siren("e2-01", 85, NOW + 20)), edit),
                "E_SEM",
                after(),
                note);
    }

    private static UnaryOperator<String> change(String from, String to) {
        return json -> json.replace(from, to);
    }

    private void entryTables() {
        long iat = NOW + 20;
        long beg = iat + 3000;
        sem(
                "bomb",
                json -> json.replace("\"beg\":" + beg, "\"beg\":" + (beg + 30 * DAY))
                        .replace("\"until\":" + (beg + 1_800_000), "\"until\":" + (beg + 30 * DAY + 60_000)),
                "[NOW-3] every entry invalid: beg out of bounds");
        sem("pri-79", change("\"pri\":85", "\"pri\":79"), "");
        sem("pri-100", change("\"pri\":85", "\"pri\":100"), "");
        sem("above-key", change("\"pri\":85", "\"pri\":90"), "[NOW-3] pri above that of the key");
        sem("beg-early", change("\"beg\":" + beg, "\"beg\":" + (iat - 600_001)), "");
        sem("until-at-beg", change("\"until\":" + (beg + 1_800_000), "\"until\":" + beg), "");
        sem(
                "until-late",
                json -> json.replace("\"until\":" + (beg + 1_800_000), "\"until\":" + (beg + 6 * HOUR + 1))
                        .replace("\"exp\":" + (iat + 2 * HOUR), "\"exp\":" + (iat + DAY)),
                "more than 6 h after beg");
        sem("exp-late", change("\"exp\":" + (iat + 2 * HOUR), "\"exp\":" + (iat + DAY + 1)), "[NOW-2]");
        sem("exp-before-until", change("\"exp\":" + (iat + 2 * HOUR), "\"exp\":" + (beg + 1_799_999)), "[NOW-2]");
        sem("max-0", change("\"max\":900", "\"max\":0"), "");
        sem("max-3601", change("\"max\":900", "\"max\":3601"), "");
        sem("rep-0", change("\"rep\":3", "\"rep\":0"), "");
        sem("rep-21", change("\"rep\":3", "\"rep\":21"), "");
        sem("gap-121", change("\"gap\":10", "\"gap\":121"), "");
        sem("vol-9", change("\"vol\":100", "\"vol\":9"), "");
        sem("st", change("\"actual\"", "\"real\""), "");
        sem("sid-upper", change("\"e2-01\"", "\"E2-01\""), "");
        sem("sid-25", change("\"e2-01\"", "\"" + "a".repeat(25) + "\""), "");
        sem("not-a-device", change("\"play\":", "\"not\":[\"x\"],\"play\":"), "");
        sem("not-33", change("\"play\":", "\"not\":[" + repeat("\"AAAAAAAAAAAAAAAA\"", 33) + "],\"play\":"), "");
        sem("no-step", json -> json.replaceFirst("\"play\":\\[.*\\]\\}\\]", "\"play\":[]}]"), "");
        sem(
                "nine-steps",
                json -> json.replaceFirst("\"play\":\\[", "\"play\":[" + repeat("{\"pin\":\"p\"}", 7) + ","),
                "");
        sem("no-play", json -> json.replaceFirst(",\"play\":\\[.*\\]\\}\\]", "}]"), "");
        sem("tone-n-21", change("\"n\":3", "\"n\":21"), "");
        sem("tone-on-0", change("\"on\":20", "\"on\":0"), "");
        sem("tone-off-61", change("\"off\":10", "\"off\":61"), "");
        sem("step-number", json -> json.replaceFirst("\"play\":\\[", "\"play\":[1,"), "");
        sem("pin-name", change("\"alt\":\"flood-vi\"", "\"alt\":\"Flood\""), "");
        sem("act-missing", json -> json.replaceFirst(",\"act\":.*", "}"), "");
        sem("act-object", json -> json.replaceFirst("\"act\":.*", "\"act\":{}}"), "");
        sem("clr-17", change("\"act\"", "\"clr\":[" + repeat("\"a\"", 17) + "],\"act\""), "");
        sem("clr-name", change("\"act\"", "\"clr\":[\"**\"],\"act\""), "");
        sem("seq", change("\"seq\":" + iat, "\"seq\":9007199254740991"), "[ENV-5]");
        List<Entry> many = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            many.add(siren("e3-" + i, 85, iat));
        }
        put(
                "now-16-entries.gb1",
                signed("x1", now("x1", TO_COMMUNE, iat + 1, many.toArray(Entry[]::new))),
                "accept",
                after(),
                "");
        put(
                "sem-now-17-entries.gb1",
                edited(
                        "x1",
                        now("x1", TO_COMMUNE, iat + 2, many.toArray(Entry[]::new)),
                        json -> json.replace("\"act\":[", "\"act\":[{\"sid\":\"x\"},")),
                "E_SEM",
                after(),
                "[NOW-3] too many is wrong as a whole");
        put(
                "now-mixed.gb1",
                edited(
                        "x1",
                        now(
                                "x1",
                                TO_COMMUNE,
                                iat + 3,
                                siren("no-until", 85, iat),
                                siren("too-high", 88, iat),
                                siren("good", 85, iat),
                                siren("twice", 84, iat)),
                        json -> json.replaceFirst("\"until\":[0-9]+,", "")
                                .replace("\"pri\":88", "\"pri\":95")
                                .replace("\"twice\"", "\"good\"")),
                "accept",
                after(),
                "[NOW-3] no until, pri above the key, good, a sid a second time");
        vectors.sids("good");
        vectors.skipped(0, 1, 3);
        Entry edges = new Entry(
                new Sid("a".repeat(24)),
                OrderStatus.EXERCISE,
                80,
                iat + 600_004,
                iat + 600_004 + 6 * HOUR,
                3600,
                20,
                120,
                10,
                List.of(Vectors.ID),
                new Entry.Steps(List.of(new Step.Pin("a"))));
        put(
                "now-edges.gb1",
                signed("x1", Now.of(head(TO_COMMUNE, iat + 4, iat + 4 + DAY), new Kid("x1"), List.of(edges))),
                "accept",
                after(),
                "every value at its edge");
        put(
                "now-defaults.gb1",
                edited("x1", now("x1", TO_COMMUNE, iat + 5, siren("e2-02", 85, iat)), json -> json.replace(
                                "\"max\":900,\"rep\":3,\"gap\":10,\"vol\":100,", "")
                        .replace(",\"n\":3,\"on\":20,\"off\":10", "")
                        .replace(",\"alt\":\"flood-vi\"", "")),
                "accept",
                after(),
                "");
        put(
                "now-unknown-step.gb1",
                edited("x1", now("x1", TO_COMMUNE, iat + 6, siren("e2-03", 85, iat)), json -> json.replace(
                                "\"wail\"", "\"howl\"")
                        .replaceFirst("\"play\":\\[", "\"play\":[{\"speech\":\"...\"},")),
                "accept",
                after(),
                "[NOW-1] unknown steps sound as tone steady");
        put(
                "now-exercise.gb1",
                signed("x1", now("x1", TO_COMMUNE, iat + 7, exercise("e2-04", OrderStatus.EXERCISE, iat))),
                "accept",
                after(),
                "[NOW-7]");
        put(
                "now-live.gb1",
                signed(
                        "x1",
                        now("x1", TO_COMMUNE, iat + 8, live("e2-05", 85, iat, Optional.of(new Step.Pin("siren"))))),
                "accept",
                after(),
                "");
    }

    private static Entry exercise(String sid, OrderStatus st, long iat) {
        Entry real = siren(sid, 85, iat);
        return new Entry(
                real.sid(),
                st,
                real.pri(),
                real.beg(),
                real.until(),
                real.max(),
                real.rep(),
                real.gap(),
                real.vol(),
                real.not(),
                real.content());
    }

    private static Entry live(String sid, int pri, long iat, Optional<Step> alt) {
        return new Entry(
                new Sid(sid),
                OrderStatus.ACTUAL,
                pri,
                iat + 3000,
                iat + 1_203_000,
                1200,
                1,
                0,
                80,
                List.of(),
                new Entry.Live(TestKeys.live().publicKey(), Asset.MP3, 480, 3000, alt));
    }

    private void clears() {
        List<String> two = after("now.gb1", "now-wide.gb1");
        put(
                "clear.gb1",
                signed("x1", clear("x1", TO_COMMUNE, NOW + 900, "*")),
                "accept",
                two,
                "[NOW-4] ends what its area ordered; the province's order goes on");
        vectors.sids("e1-03");
        put(
                "clear-by-one.gb1",
                signed("e1", clear("e1", TO_PROVINCE, NOW + 901, "*")),
                "accept",
                two,
                "[KEY-4] an all-clear needs one signature; it reaches what is narrower");
        vectors.sids();
        put(
                "clear-weak.gb1",
                signed("x5", clear("x5", TO_COMMUNE, NOW + 902, "*")),
                "accept",
                two,
                "[NOW-4] rank 84 does not end priority 85");
        vectors.sids("e1-01", "e1-03");
        put(
                "clear-by-leader.gb1",
                signed("x2", clear("x2", TO_COMMUNE, NOW + 903, "*")),
                "accept",
                two,
                "[NOW-4] cpri above pri: may stop what he may not start");
        vectors.sids("e1-03");
        put(
                "clear-one.gb1",
                signed("x2", clear("x2", TO_COMMUNE, NOW + 904, "e1-01")),
                "accept",
                after("now.gb1"),
                "[NOW-4] one sid");
        vectors.sids();
        put(
                "clear-other.gb1",
                signed("x2", clear("x2", TO_COMMUNE, NOW + 905, "e9-99")),
                "accept",
                after("now.gb1"),
                "[NOW-4] another sid");
        vectors.sids("e1-01");
        put(
                "clear-device.gb1",
                signed("x2", clear("x2", ME, NOW + 906, "*")),
                "accept",
                after("now.gb1", "now-device.gb1"),
                "[NOW-4] a device's scope is narrower than its area's");
        vectors.sids("e1-01");
        put(
                "clear-nothing.gb1",
                signed("x2", clear("x2", TO_COMMUNE, NOW + 907)),
                "accept",
                after("now.gb1"),
                "[NOW-4] without clr only the key's own state is empty");
        vectors.sids("e1-01");
        put(
                "now-before-clear.gb1",
                signed("x2", now("x2", TO_COMMUNE, NOW + 899, siren("e4-01", 82, NOW))),
                "accept",
                after("clear.gb1"),
                "[NOW-4] an older order arrives after the clear: it does not sound");
        vectors.sids();
        put(
                "now-after-clear.gb1",
                signed("x2", now("x2", TO_COMMUNE, NOW + 901, siren("e4-02", 82, NOW))),
                "accept",
                after("clear.gb1"),
                "[NOW-4] a newer one does");
        vectors.sids("e4-02");
        put(
                "now-at-clear.gb1",
                signed("x2", now("x2", TO_COMMUNE, NOW + 900, siren("e4-03", 82, NOW))),
                "accept",
                after("clear.gb1"),
                "[NOW-4] iat equal to that of the clear: ended");
        vectors.sids();
        put(
                "now-does-not-revive.gb1",
                signed("x1", now("x1", TO_COMMUNE, NOW + 910, siren("e4-04", 85, NOW))),
                "accept",
                after("now-other-row.gb1", "clear.gb1"),
                "[NOW-4] a later document of the clearing key does not revive what it cleared");
        vectors.sids("e4-04");
        put(
                "clear-with-orders.gb1",
                signed(
                        "x1",
                        new Now(
                                head(TO_COMMUNE, NOW + 911, NOW + 911 + HOUR),
                                new Kid("x1"),
                                List.of(siren("e4-05", 85, NOW)),
                                List.of("*"),
                                List.of())),
                "accept",
                after("now-other-row.gb1"),
                "[NOW-4] one document clears and orders; its own orders count as cleared too");
        vectors.sids();
        put(
                "clear-early.gb1",
                signed("x1", clear("x1", TO_COMMUNE, T1 + 700_000, "*")),
                "accept",
                after("now.gb1"),
                "[TIM-4] signed 700 s ahead: acts, mark, floor and clear are capped at T+600 s");
        vectors.sids();
        vectors.floor(T1 + 600_000);
        vectors.mark("now@a/37.14329@x1", T1 + 600_000);
        put(
                "now-after-early-clear.gb1",
                signed("x1", now("x1", TO_COMMUNE, T1 + 600_001, siren("e4-06", 85, T1))),
                "E_FUTURE",
                after("now.gb1", "clear-early.gb1"),
                "");
        vectors.at(
                "now-after-early-clear-later.gb1",
                signed("x1", now("x1", TO_COMMUNE, T1 + 650_000, siren("e4-07", 85, T1 + 650_000))),
                "accept",
                after("now.gb1", "clear-early.gb1"),
                T1 + 650_000,
                "[TIM-4] the capped mark does not lock the key out");
        vectors.sids("e4-07");
        vectors.at(
                "clear-early-again.gb1",
                vectors.bytesOf("clear-early.gb1"),
                "duplicate",
                after("now.gb1", "clear-early.gb1", "now-after-early-clear-later.gb1"),
                T1 + 700_000,
                "[ENV-7] a stored clear makes its message a duplicate");
        put(
                "clear-in-two-years.gb1",
                signed("e9", clear("e9", TO_COMMUNE, T1 + 730 * DAY, "*")),
                "accept",
                after("now.gb1"),
                "[TIM-4] beyond floor+400 d: acts all the same");
        vectors.sids();
        vectors.mark("now@a/37.14329@e9", T1 + 600_000);
        vectors.at(
                "clear-expired.gb1",
                signed("x1", clear("x1", TO_COMMUNE, NOW + 920, "*")),
                "accept",
                after("now.gb1"),
                NOW + 8 * DAY,
                "[TIM-4] never too late either: mark only");
        vectors.sids();
        put(
                "clear-absent-from-vec.gb1",
                signed("x2", clear("x2", TO_COMMUNE, T0, "*")),
                "accept",
                after(),
                "mark only: vec does not bind an all-clear");
        put(
                "clear-old.gb1",
                signed("x1", clear("x1", TO_COMMUNE, NOW - 1, "*")),
                "E_OLD",
                after("now.gb1"),
                "the mark binds it");
        put(
                "sem-clear-exp.gb1",
                edited(
                        "x1",
                        clear("x1", TO_COMMUNE, NOW + 930, "*"),
                        json -> json.replace("\"exp\":" + (NOW + 930 + 7 * DAY), "\"exp\":" + (NOW + 931 + 7 * DAY))),
                "E_SEM",
                after(),
                "[NOW-2] exp of an all-clear is at most 7 d after iat");
    }

    private static List<String> lonely(String... more) {
        List<String> files = new ArrayList<>(after("cfg.gb1"));
        files.add(":reconnect");
        files.add(":60s");
        files.addAll(Arrays.asList(more));
        return files;
    }

    private void withoutWelcome() {
        List<String> early = new ArrayList<>(after());
        early.add(":reconnect");
        byte[] order = signed("x1", now("x1", TO_COMMUNE, T1 + 10_000, siren("e5-01", 85, T1 + 10_000)));
        put("open-now.gb1", order, "accept", lonely(), "[SES-3] no welcome for 60 s");
        vectors.sids("e5-01");
        put("open-too-soon.gb1", order, "dropped", early, "[SES-1] before the 60 s are over");
        put(
                "open-clear-too-soon.gb1",
                signed("x1", clear("x1", TO_COMMUNE, T1 + 10_000, "*")),
                "dropped",
                early,
                "[SES-1]");
        vectors.at("open-edge.gb1", order, "accept", lonely(), T1 + 10_000 - 120_000, "[SES-3] iat - 120 s = T");
        vectors.at("open-ahead.gb1", order, "E_FUTURE", lonely(), T1 + 10_000 - 120_001, "[SES-3] iat - 120 s > T");
        vectors.at("open-expired.gb1", order, "E_STALE", lonely(), T1 + 10_001 + 2 * HOUR, "[SES-3] T > exp");
        List<String> floor = lonely("keys-later.gb1");
        put(
                "keys-later.gb1",
                signed(
                        "r1",
                        "r2",
                        Keys.of(head(Scope.ALL, T1 + 5000, T0 + 365 * DAY), Vectors.keyEntries(), Quorum.DEFAULT)),
                "accept",
                lonely(),
                "keys need no welcome; they move the floor");
        put(
                "open-floor.gb1",
                signed("x1", now("x1", TO_COMMUNE, T1 + 5000 - 600_000, siren("e5-03", 85, T1))),
                "accept",
                floor,
                "[SES-3] iat = floor - 600 s");
        put(
                "open-stale.gb1",
                signed("x1", now("x1", TO_COMMUNE, T1 + 5000 - 600_001, siren("e5-04", 85, T1))),
                "E_STALE",
                floor,
                "[SES-3] iat < floor - 600 s");
        vectors.quality("open-no-clock.gb1", order, "dropped", lonely(), Quality.U, "[SES-3] at T0 only an all-clear");
        vectors.quality("open-coarse.gb1", order, "accept", lonely(), Quality.C, "[SES-3] T1 is enough");
        byte[] allClear = signed("x1", clear("x1", TO_COMMUNE, T1 + 11_000, "*"));
        vectors.quality(
                "open-clear-no-clock.gb1", allClear, "accept", lonely(), Quality.U, "[SES-3] an all-clear always");
        Site open = Vectors.siteOf(T1 - 500, List.of(PROVINCE, COMMUNE));
        put(
                "site-closed.gb1",
                signed(
                        "s1",
                        new Site(
                                open.head(),
                                open.areas(),
                                open.pins(),
                                open.tz(),
                                open.quiet(),
                                open.vmax(),
                                open.gain(),
                                open.smax(),
                                false,
                                open.in())),
                "accept",
                after(),
                "fail_open false");
        List<String> closed = new ArrayList<>(after("site-closed.gb1"));
        closed.addAll(List.of(":reconnect", ":60s"));
        put("open-closed.gb1", order, "dropped", closed, "[SES-3] site.fail_open is false");
        put("open-clear-closed.gb1", allClear, "accept", closed, "[SES-3] an all-clear always");
        Map<String, byte[]> others = new LinkedHashMap<>();
        others.put("site", signed("s1", Vectors.siteOf(T1 + 2, List.of(PROVINCE, COMMUNE))));
        others.put("cfg", signed("p1", Vectors.cfgOf(T1 + 2)));
        others.put("plan", signed("p1", Vectors.planOf(T1 + 2)));
        others.put("fw", signed("f1", firmwareOf(T1 + 2)));
        others.put("ses", signed("p1", Ses.of(head(TO_COMMUNE, T1 + 2, T1 + DAY), List.of())));
        others.put("cmd", signed("p1", new Cmd(head(ME, T1 + 2, T1 + 60_000), new Cid("c-1"), new Op.Measure())));
        others.put("man", signed("p1", manifestOf(TO_COMMUNE, T1 + 2)));
        others.forEach(
                (name, bytes) -> put("open-" + name + ".gb1", bytes, "dropped", lonely(), "[SES-1] needs a welcome"));
        put(
                "open-late-welcome.gb1",
                signed("p1", Vectors.welcomeOf(T1, Vectors.NONCE_2)),
                "accept",
                lonely(":hello"),
                "[SES-1] a welcome after all");
    }

    private void keysAndOrders() {
        List<KeyEntry> withoutX1 = Vectors.keyEntries().stream()
                .filter(key -> !key.kid().value().equals("x1"))
                .toList();
        put(
                "keys-without-x1.gb1",
                signed(
                        "r1",
                        "r2",
                        new Keys(
                                head(Scope.ALL, NOW + 1, T0 + 365 * DAY),
                                withoutX1,
                                Quorum.DEFAULT,
                                List.of(),
                                null,
                                null)),
                "accept",
                after("now.gb1"),
                "[KEY-6] removing a key drops no document");
        vectors.sids("e1-01");
        byte[] bad = signed(
                "r1",
                "r2",
                new Keys(
                        head(Scope.ALL, NOW + 1000, T0 + 365 * DAY),
                        withoutX1,
                        Quorum.DEFAULT,
                        List.of(new Kid("x1")),
                        null,
                        null));
        put("keys-bad-x1.gb1", bad, "accept", after("now.gb1"), "[KEY-6] what a compromised key ordered is dropped");
        vectors.sids();
        put(
                "keys-bad-clear.gb1",
                bad,
                "accept",
                after("now-other-row.gb1", "clear.gb1"),
                "[KEY-6] its clears are dropped with it");
        vectors.sids("e1-15");
        put(
                "keys-rst-now.gb1",
                signed(
                        "r1",
                        "r2",
                        new Keys(
                                head(Scope.ALL, T1, T0 + 365 * DAY),
                                Vectors.keyEntries(),
                                Quorum.DEFAULT,
                                List.of(),
                                null,
                                new Keys.Rst(1, T1))),
                "accept",
                after("now.gb1", "now-wide.gb1", "clear.gb1"),
                "[TIM-5] orders, marks and clears above the recovery go");
        vectors.sids();
        vectors.mark("now@a/37.14329@x1", T1);
        vectors.floor(T1);
        put(
                "keys-area-shadow.gb1",
                signed(
                        "k1",
                        "k2",
                        Vectors.areaKeys(
                                T0 + 10,
                                new KeyEntry(
                                        new Kid("x1"),
                                        TestKeys.key("x9").publicKey(),
                                        java.util.Set.of(Use.NOW),
                                        COMMUNE,
                                        89,
                                        T0 - DAY,
                                        T0 + 365 * DAY,
                                        89))),
                "accept",
                after(),
                "[KEY-7] lists a kid that the deployment has");
        put(
                "now-by-shadow.gb1",
                Envelope.compose(
                        List.of(new SigningKey(new Kid("x1"), TestKeys.key("x9").seed())),
                        now("x1", TO_COMMUNE, NOW + 30, siren("e6-01", 85, NOW))),
                "E_SIG",
                after("keys-area-shadow.gb1"),
                "[KEY-7] the deployment's key counts");
        put(
                "now-by-x9.gb1",
                signed("x9", now("x9", TO_COMMUNE, NOW + 31, siren("e6-02", 85, NOW))),
                "accept",
                after("keys-area.gb1"),
                "a delegated key");
        put(
                "now-by-x9-unknown.gb1",
                vectors.bytesOf("now-by-x9.gb1"),
                "E_KID",
                after(),
                "[KEY-8] its keys document has not come yet: kept 60 s and tried again");
        put(
                "keys-one-now.gb1",
                signed(
                        "r1",
                        "r2",
                        Keys.of(head(Scope.ALL, T1, T0 + 365 * DAY), Vectors.keyEntries(), new Quorum(1, 1))),
                "accept",
                after(),
                "quorum switched off");
        put(
                "now-wide-no-quorum.gb1",
                lines(now("e1", TO_PROVINCE, NOW + 32, siren("e6-03", 95, NOW)).payload(), "e1"),
                "accept",
                after("keys-one-now.gb1"),
                "[KEY-4] n = 1");
        put(
                "site-other-area.gb1",
                signed("s1", Vectors.siteOf(T1, List.of(new AreaPath("37.14330")))),
                "accept",
                after("now.gb1"),
                "[CON-6] orders of an area the device has left are over");
        vectors.sids();
    }

    private void sessions() {
        long iat = T1 + 1000;
        Ses session = Ses.of(head(TO_COMMUNE, iat, iat + DAY), List.of(live("l1-01", 62, iat, Optional.empty())));
        put("ses.gb1", signed("p1", session), "accept", after(), "live voice");
        vectors.sids("l1-01");
        put(
                "ses-device.gb1",
                signed(
                        "p1",
                        Ses.of(
                                head(ME, iat + 1, iat + DAY),
                                List.of(live(
                                        "l1-02", 62, iat, Optional.of(new Step.Tone(Step.Pattern.STEADY, 1, 5, 0)))))),
                "accept",
                after(),
                "");
        put(
                "ses-steps.gb1",
                signed(
                        "p1",
                        Ses.of(
                                head(TO_COMMUNE, iat + 2, iat + DAY),
                                List.of(entry(
                                        "l1-03",
                                        55,
                                        iat + 86_400_000L,
                                        new Step.Sound(Vectors.asset(0), Optional.empty()))))),
                "accept",
                after(),
                "beg a day ahead, recordings");
        put(
                "ses-empty.gb1",
                signed("p1", Ses.of(head(TO_COMMUNE, iat + 3, iat + DAY), List.of())),
                "accept",
                after("ses.gb1"),
                "every session is over");
        vectors.sids();
        put("ses-by-x1.gb1", signed("x1", session), "E_POL", after(), "");
        put(
                "ses-to-all.gb1",
                edited("p1", session, change("\"to\":\"a/37.14329\"", "\"to\":\"*\"")),
                "E_DST",
                after(),
                "");
        put(
                "ses-clear.gb1",
                signed("x1", clear("x1", TO_COMMUNE, iat + 10, "*")),
                "accept",
                after("ses.gb1"),
                "[NOW-4] a clear ends sessions too");
        vectors.sids();
        Map<String, UnaryOperator<String>> edits = new LinkedHashMap<>();
        edits.put("pri-70", change("\"pri\":62", "\"pri\":70"));
        edits.put("pri-19", change("\"pri\":62", "\"pri\":19"));
        edits.put("live-ms-239", change("\"ms\":480", "\"ms\":239"));
        edits.put("live-ms-1001", change("\"ms\":480", "\"ms\":1001"));
        edits.put("live-jit-999", change("\"jit\":3000", "\"jit\":999"));
        edits.put("live-no-pk", json -> json.replaceFirst("\"pk\":\"[^\"]*\",", ""));
        edits.put("live-no-codec", change("\"c\":\"mp3\",", ""));
        edits.put("beg-25h", json -> json.replace("\"beg\":" + (iat + 3000), "\"beg\":" + (iat + DAY + 1))
                .replace("\"until\":" + (iat + 1_203_000), "\"until\":" + (iat + DAY + 1_000_000)));
        edits.forEach(
                (name, edit) -> put("sem-ses-" + name + ".gb1", edited("p1", session, edit), "E_SEM", after(), ""));
        put(
                "live-0.bin",
                LiveFrame.sign(TestKeys.live(), new Sid("l1-01"), false, 0, iat + 3000, pseudo(144 * 20))
                        .encode(),
                "read",
                List.of(),
                "20 frames, 480 ms, of session l1-01");
        put(
                "live-last.bin",
                LiveFrame.sign(TestKeys.live(), new Sid("l1-01"), true, 1, iat + 3480, new byte[0])
                        .encode(),
                "read",
                List.of(),
                "nothing follows");
    }

    private void commands() {
        Map<String, Op> ops = new LinkedHashMap<>();
        ops.put("reboot", new Op.Reboot());
        ops.put("tone", new Op.Tone(3));
        ops.put("identify", new Op.Identify(60));
        ops.put("measure", new Op.Measure());
        ops.put("report-state", new Op.Report(Op.Report.What.STATE, Optional.empty()));
        ops.put("report-log", new Op.Report(Op.Report.What.LOG, Optional.empty()));
        ops.put("report-doc", new Op.Report(Op.Report.What.DOC, Optional.of(Row.now(TO_COMMUNE, new Kid("x1")))));
        ops.put("unknown", new Op.Unknown("dance"));
        ops.forEach((name, op) -> put(
                "cmd-" + name + ".gb1",
                signed("p1", command("c-" + name, op)),
                "accept",
                after(),
                name.equals("unknown") ? "answered unsupported; [TIM-1] moves the floor" : ""));
        vectors.floor(T1 + 1_000);
        Cmd tone = command("c-2", new Op.Tone(2));
        put("cmd-by-s1.gb1", signed("s1", tone), "E_POL", after(), "");
        put("cmd-to-area.gb1", edited("p1", tone, json -> json.replace(ME.wire(), "a/37")), "E_DST", after(), "");
        vectors.at("cmd-late.gb1", signed("p1", tone), "E_STALE", after(), T1 + 121_001, "exp has passed");
        vectors.at("cmd-early.gb1", signed("p1", tone), "E_FUTURE", after(), T1 - 599_001, "[TIM-3]");
        Map<String, UnaryOperator<String>> edits = new LinkedHashMap<>();
        edits.put("exp-121s", change("\"exp\":" + (T1 + 121_000), "\"exp\":" + (T1 + 121_001)));
        edits.put("tone-4", change("\"s\":2", "\"s\":4"));
        edits.put("tone-0", change("\"s\":2", "\"s\":0"));
        edits.put("no-cid", change("\"cid\":\"c-2\",", ""));
        edits.put("cid-17", change("\"cid\":\"c-2\"", "\"cid\":\"" + "c".repeat(17) + "\""));
        edits.put("no-op", change("\"op\":\"tone\",", ""));
        edits.put("no-arg", change(",\"arg\":{\"s\":2}", ""));
        edits.put(
                "report-no-row",
                change("\"op\":\"tone\",\"arg\":{\"s\":2}", "\"op\":\"report\",\"arg\":{\"what\":\"doc\"}"));
        edits.put(
                "report-what",
                change("\"op\":\"tone\",\"arg\":{\"s\":2}", "\"op\":\"report\",\"arg\":{\"what\":\"secrets\"}"));
        edits.forEach((name, edit) -> put("sem-cmd-" + name + ".gb1", edited("p1", tone, edit), "E_SEM", after(), ""));
        Cid cid = new Cid("c-report-doc");
        put(
                "rep-doc-none.json",
                new Report(cid, new Report.Absent(Row.PLAN)).encode(),
                "read",
                List.of(),
                "no document in that row; one that is there travels as its very bytes");
        put(
                "rep-log.json",
                new Report(new Cid("c-report-log"), new Report.Log(List.of("Welcomed.", "Đã nhận kế hoạch."))).encode(),
                "read",
                List.of(),
                "");
        put(
                "rep-state.json",
                new Report(
                                new Cid("c-report-state"),
                                new Report.State(
                                        new DeviceTime(T1, Quality.T),
                                        Map.of(Row.PLAN, T0 + 123),
                                        List.of(PlayId.of(new Sid("e1-01"), 1)),
                                        List.of(Fault.NET_WEAK),
                                        Map.of("store", "ok")))
                        .encode(),
                "read",
                List.of(),
                "");
    }

    private static Cmd command(String cid, Op op) {
        return new Cmd(head(ME, T1 + 1000, T1 + 121_000), new Cid(cid), op);
    }

    /** Bytes anyone can make again: byte i is (31·i + 7) mod 256. */
    static byte[] pseudo(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (31 * i + 7);
        }
        return bytes;
    }

    /** 70 blocks of 512 bytes, the last one of 100; segments of 16 blocks. */
    static final byte[] BLOCKS = pseudo(69 * 512 + 100);

    static Manifest manifestOf(Scope to, long iat) {
        List<Hash> segments = new ArrayList<>();
        for (int from = 0; from < BLOCKS.length; from += 16 * 512) {
            segments.add(Hash.of(Arrays.copyOfRange(BLOCKS, from, Math.min(BLOCKS.length, from + 16 * 512))));
        }
        return new Manifest(head(to, iat, iat + DAY), Asset.mp3(Hash.of(BLOCKS), BLOCKS.length), 512, 16, segments);
    }

    private void blocks() {
        put(
                "man.gb1",
                signed("p1", manifestOf(TO_COMMUNE, T0)),
                "accept",
                after(),
                "70 blocks of 512 bytes, byte i = (31*i+7) mod 256; in 5 segments");
        vectors.floor(T0);
        put("man-device.gb1", signed("p1", manifestOf(ME, T0 + 1)), "accept", after(), "");
        vectors.at(
                "man-expired.gb1",
                signed("p1", manifestOf(ME, T0 + 2)),
                "accept",
                after(),
                T0 + 3 * DAY,
                "exp is not evaluated");
        put("man-by-x1.gb1", signed("x1", manifestOf(TO_COMMUNE, T1)), "E_POL", after(), "");
        Manifest manifest = manifestOf(TO_COMMUNE, T0 + 3);
        Map<String, UnaryOperator<String>> edits = new LinkedHashMap<>();
        edits.put("blk-511", change("\"blk\":512", "\"blk\":511"));
        edits.put("blk-16385", change("\"blk\":512", "\"blk\":16385"));
        edits.put("segn-0", change("\"segn\":16", "\"segn\":0"));
        edits.put("segn-65", change("\"segn\":16", "\"segn\":65"));
        edits.put("seg-missing", json -> json.replaceFirst("\"seg\":\\[\"[^\"]*\",", "\"seg\":["));
        edits.put(
                "seg-more",
                json -> json.replace(
                        "\"seg\":[", "\"seg\":[\"" + Hash.of(new byte[0]).b64u() + "\","));
        edits.put("sz-0", change("\"sz\":" + BLOCKS.length, "\"sz\":0"));
        edits.forEach(
                (name, edit) -> put("sem-man-" + name + ".gb1", edited("p1", manifest, edit), "E_SEM", after(), ""));
        Hash hash = Hash.of(BLOCKS);
        put(
                "block-first.bin",
                BlockFrame.of(hash, 0, Arrays.copyOf(BLOCKS, 512)).encode(),
                "read",
                List.of(),
                "block 0 of man.gb1");
        put(
                "block-last.bin",
                BlockFrame.of(hash, 69, Arrays.copyOfRange(BLOCKS, 69 * 512, BLOCKS.length))
                        .encode(),
                "read",
                List.of(),
                "block 69 of man.gb1, 100 bytes");
        put("block-end.bin", BlockFrame.end(hash).encode(), "read", List.of(), "the fan-out has sent everything once");
        put(
                "need.json",
                new Need(hash, 512, List.of(new Need.Range(0, 3), new Need.Range(5, 5), new Need.Range(67, 69)))
                        .encode(),
                "read",
                List.of(),
                "");
    }

    static Firmware firmwareOf(long iat) {
        byte[] image = "GB1 test firmware".getBytes(StandardCharsets.US_ASCII);
        return new Firmware(
                head(ME, iat, iat + 30 * DAY),
                "loalang-ref-1",
                "0.2.0",
                4,
                image.length,
                Hash.of(image),
                Optional.of(QuietWindow.parse("00:30", "04:00")));
    }

    private void firmware() {
        put(
                "fw.gb1",
                signed("f1", firmwareOf(T0)),
                "E_STALE",
                after(),
                "a row the welcome does not name, issued long before it");
        put("fw-fresh.gb1", signed("f1", firmwareOf(T1)), "accept", after(), "");
        put("fw-older.gb1", signed("f1", firmwareOf(T1 - 1)), "E_OLD", after("fw-fresh.gb1"), "");
        put("fw-by-p1.gb1", signed("p1", firmwareOf(T1)), "E_POL", after(), "");
        put(
                "fw-to-area.gb1",
                edited("f1", firmwareOf(T1), json -> json.replace(ME.wire(), "a/37")),
                "E_DST",
                after(),
                "");
        put("sem-fw-no-sec.gb1", edited("f1", firmwareOf(T1), change("\"sec\":4,", "")), "E_SEM", after(), "");
        put("sem-fw-win.gb1", edited("f1", firmwareOf(T1), change("\"00:30\"", "\"0:30\"")), "E_SEM", after(), "");
        put(
                "fw-any-time.gb1",
                edited("f1", firmwareOf(T1 + 1), json -> json.replaceFirst(",\"win\":\\[[^]]*\\]", "")),
                "accept",
                after(),
                "");
    }

    private void byHand() {
        byte[] plan = signed(
                "p1",
                new Plan(
                        head(ME, T1, T1 + PLAN_DAYS_BY_HAND * DAY),
                        T1,
                        T1 + PLAN_DAYS_BY_HAND * DAY,
                        List.of(Vectors.asset(0)),
                        List.of()));
        List<String> village = List.of("keys.gb1");
        vectors.hand(
                "hand-bundle.gb1",
                signed(
                        "p1",
                        new Bundle(
                                head(ME, T1, T1 + 35 * DAY),
                                List.of(Bundle.File.document("plan", plan), Bundle.File.asset(Vectors.asset(0))))),
                "accept",
                village,
                "[USB-1]");
        vectors.hand(
                "hand-bundle-all.gb1",
                signed("p1", new Bundle(head(Scope.ALL, T1, T1 + 35 * DAY), List.of())),
                "accept",
                village,
                "one stick for every box");
        vectors.hand("hand-plan-35d.gb1", plan, "accept", village, "[USB-1] 35 d by hand");
        put("sem-plan-35d.gb1", plan, "E_SEM", after(), "not in a session");
        vectors.hand("hand-keys.gb1", vectors.bytesOf("keys.gb1"), "accept", List.of(), "");
        vectors.hand("hand-site.gb1", vectors.bytesOf("site.gb1"), "accept", village, "");
        vectors.hand(
                "hand-now-test.gb1",
                signed("x1", now("x1", TO_COMMUNE, NOW + 40, exercise("e7-01", OrderStatus.TEST, NOW))),
                "accept",
                List.of("keys.gb1", "hello.json", "welcome.gb1", "site.gb1", ":reconnect"),
                "[USB-1]");
        vectors.hand(
                "hand-now-actual.gb1",
                signed("x1", now("x1", TO_COMMUNE, NOW + 41, exercise("e7-02", OrderStatus.ACTUAL, NOW))),
                "E_POL",
                List.of("keys.gb1", "hello.json", "welcome.gb1", "site.gb1", ":reconnect"),
                "[USB-1] no real emergency by hand");
        vectors.hand(
                "hand-welcome.gb1",
                vectors.bytesOf("welcome.gb1"),
                "E_DST",
                List.of("keys.gb1", "hello.json"),
                "[USB-1]");
        vectors.hand("hand-cmd.gb1", signed("p1", command("c-9", new Op.Reboot())), "E_DST", village, "[USB-1]");
        vectors.hand(
                "hand-expired.gb1",
                signed("p1", new Cfg(head(ME, T0, T1 - 1), 60, 300, List.of(), List.of(), 0, 0)),
                "E_STALE",
                village,
                "[USB-1] T > exp");
        vectors.handWithoutClock("hand-no-clock.gb1", plan, "dropped", village, "[USB-1] needs T1");
        vectors.handWithoutClock(
                "hand-keys-no-clock.gb1", vectors.bytesOf("keys.gb1"), "dropped", List.of(), "keys need T1, too");
    }

    private static String repeat(String item, int times) {
        return String.join(",", java.util.Collections.nCopies(times, item));
    }

    private static byte[] lines(byte[] payload, String... kids) {
        return Envelope.compose(Arrays.stream(kids).map(TestKeys::key).toList(), payload);
    }

    /** The second line's signature taken from another message. */
    private static byte[] replaceSignature(byte[] message) {
        String text = new String(message, StandardCharsets.UTF_8);
        String[] lines = text.split("\n", 3);
        String other =
                new String(lines("{}".getBytes(StandardCharsets.UTF_8), "e2"), StandardCharsets.UTF_8).split("\n")[0];
        return (lines[0] + "\n" + other + "\n" + lines[2]).getBytes(StandardCharsets.UTF_8);
    }
}
