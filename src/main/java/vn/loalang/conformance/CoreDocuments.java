package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;
import static vn.loalang.conformance.Bench.number;
import static vn.loalang.conformance.Bench.text;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Use;

/** What is accepted and what is refused, under which code. */
final class CoreDocuments {
    private final Bench b;

    CoreDocuments(Bench bench) {
        b = bench;
    }

    private byte[] good() {
        return b.cfg().by(b.auth.p1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String chars(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Proves({"ENV-7", "ENV-2"})
    void whatIsNotAnEnvelopeIsRefusedAsSuch() {
        var good = chars(good());
        b.refuses(
                "E_FMT",
                bytes("hello"),
                bytes(good.replaceFirst("\n", "\r\n")),
                bytes(good.replaceFirst("\n", "\n\n")),
                bytes(good.substring(good.indexOf('\n') + 1)),
                bytes(good.substring(0, good.indexOf('\n') + 1)));
        var line = good.substring(0, good.indexOf('\n') + 1);
        b.refuses(
                "E_FMT",
                bytes(line + line + good),
                bytes(good.replaceFirst("\\.\\.", ".")),
                b.cfg().put("pad", "x".repeat(16_400)).by(b.auth.p1));
    }

    @Proves({"ENV-2", "ENV-3"})
    void aChangedByteBreaksTheSignature() {
        var good = chars(good());
        b.refuses("E_SIG", bytes(good + "\n"), bytes(good.replace("\"trim\":0", "\"trim\":1")), malleable(good()));
        // The right kid, another key.
        var forged = b.auth.cfg(b.id()).by(Authority.key("p1", new SecureRandom()));
        b.refuses("E_SIG", forged);
    }

    /** The same signature with S + L, which sloppy verifiers accept. */
    private static byte[] malleable(byte[] message) {
        var text = chars(message);
        int dots = text.indexOf("..");
        int end = text.indexOf('\n');
        var sig = java.util.Base64.getUrlDecoder().decode(text.substring(dots + 2, end));
        var order = new java.math.BigInteger(
                "7237005577332262213973186563042994240857116359379907606001950938285454250989");
        var reversed = new byte[33];
        for (int i = 0; i < 32; i++) reversed[32 - i] = sig[32 + i];
        var sum = new java.math.BigInteger(reversed).add(order).toByteArray();
        for (int i = 0; i < 32; i++) sig[32 + i] = i < sum.length ? sum[sum.length - 1 - i] : 0;
        return bytes(text.substring(0, dots + 2)
                + java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(sig)
                + text.substring(end));
    }

    @Proves({"ENV-1"})
    void aKeyNobodyListedIsUnknownAndHeadersAreComparedByteByByte() {
        b.refuses("E_KID", b.cfg().by(b.auth.stranger));
        // Valid JSON, other order of members: not the constant.
        var payload = b.cfg().payload();
        var header = java.util.Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"typ\":\"gb1\",\"alg\":\"Ed25519\",\"b64\":false,\"crit\":[\"b64\"],\"kid\":\"p1\"}"
                        .getBytes(StandardCharsets.US_ASCII));
        var sig = b.auth.p1.sign((header + "." + payload).getBytes(StandardCharsets.UTF_8));
        b.refuses(
                "E_KID",
                bytes(header + ".."
                        + java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(sig) + "\n" + payload));
    }

    @Proves(
            value = {"ENV-4"},
            seconds = 60)
    void onlyStrictJsonIsRead() {
        // Of a row that no fence moves, so that nothing but its form is against it.
        var good = b.auth.plan(b.id(), List.of()).payload();
        var inside = good.substring(0, good.length() - 1);
        var bad = List.of(
                inside + ",\"items\":[]}",
                inside + ",\"x\":1.0}",
                inside + ",\"x\":1e3}",
                inside + ",\"x\":-0}",
                inside + ",\"x\":9007199254740992}",
                inside + ",\"x\":\"\\u0000\"}",
                inside + ",\"x\":\"\\ud800\"}",
                inside + ",\"x\":[[[[[[[[1]]]]]]]]}",
                inside + ",}",
                inside + ",\"x\":01}",
                inside + ",\"x\":NaN}",
                inside + "}}",
                inside + ",\"x\":'a'}");
        b.refuses(
                "E_JSON", bad.stream().map(text -> Draft.sign(text, b.auth.p1)).toArray(byte[][]::new));
        var fine = b.cfg();
        int from = b.mark();
        b.send(Draft.sign(fine.payload().replaceFirst("\\{", "{ \"unknown\" : [null, true, \"ạ\"],\n "), b.auth.p1));
        b.applied(from, fine);
    }

    @Proves({"CON-6", "ENV-7"})
    void whatIsForSomebodyElseIsRefused() {
        b.refuses(
                "E_DST",
                b.cfg().put("v", 2).by(b.auth.p1),
                b.cfg().put("typ", "party").by(b.auth.p1),
                b.cfg().put("sys", "elsewhere").by(b.auth.p1),
                b.cfg().put("to", "d/AAAAAAAAAAAAAAAA").by(b.auth.p1),
                b.cfg().put("to", "a/37.14329").by(b.auth.p1),
                b.auth.now(Scope.of(Authority.OTHER), b.auth.x1).by(b.auth.x1),
                b.cfg().put("v", Json.of(true)).by(b.auth.p1));
    }

    @Proves({"CON-6"})
    void theTopicOnlyRoutes() {
        int from = b.mark();
        var cfg = b.cfg();
        b.vec("cfg", cfg.number("seq"));
        b.publish("d/" + b.id() + "/plan", cfg.by(b.auth.p1), false);
        b.applied(from, cfg);
    }

    @Proves({"KEY-1", "ENV-7"})
    void aKeyDoesOnlyWhatItMay() {
        b.refuses(
                "E_POL",
                b.auth.site(b.id()).by(b.auth.p1),
                b.cfg().by(b.auth.s1),
                b.auth.plan(b.id(), List.of()).by(b.auth.x1),
                b.auth.keys().by(b.auth.r1),
                b.auth.keys().by(b.auth.r1, b.auth.r1),
                b.auth.keys().by(b.auth.p1, b.auth.s1),
                b.auth.keys().by(b.auth.r1, b.auth.p1),
                b.cfg().by(b.auth.r1));
    }

    @Proves({"KEY-5"})
    void aKeyThatWasNotValidWhenItSignedIsRefused() {
        var t = b.clock();
        var old = Json.object()
                .putAll(b.auth.entry(b.auth.stranger, Set.of(Use.CFG), AreaPath.ROOT, 0))
                .put("nbf", t - 20 * Authority.DAY)
                .put("exp", t - 10 * Authority.DAY)
                .build();
        b.apply(withKey(b.auth.keys(), old), b.auth.r1, b.auth.r2);
        b.refuses("E_POL", b.cfg().by(b.auth.stranger));
    }

    private static Draft withKey(Draft keys, Json.Obj entry) {
        var all = new ArrayList<Json>(keys.json().get("keys") instanceof Json.Arr list ? list.items() : List.of());
        all.add(entry);
        return keys.put("keys", Json.array(all));
    }

    @Proves({"ENV-5"})
    void seqIsBoundToIat() {
        var draft = b.cfg();
        long iat = draft.number("iat");
        b.refuses(
                "E_SEM",
                draft.put("seq", iat - 1).by(b.auth.p1),
                b.cfg().put("seq", iat + 90_000_000 + 10_000).by(b.auth.p1),
                b.cfg().put("seq", (1L << 53) - 1).by(b.auth.p1));
    }

    @Proves({"ENV-7"})
    void anOlderDocumentIsRefused() {
        var older = b.cfg().by(b.auth.p1);
        b.fence();
        b.refuses("E_OLD", older);
    }

    @Proves({"ENV-7"})
    void aForkIsRefusedAndTheFirstOneKept() {
        var one = b.auth.plan(b.id(), List.of());
        b.apply(one, b.auth.p1);
        b.refuses("E_FORK", one.put("note", "another").by(b.auth.p1));
    }

    @Proves({"ENV-7"})
    void whatHasExpiredIsStale() {
        var draft = b.cfg();
        b.refuses("E_STALE", draft.put("exp", draft.number("iat") - 1_000).by(b.auth.p1));
    }

    @Proves({"TIM-3"})
    void whatComesFromTheFutureIsRefused() {
        var draft = b.cfg();
        long ahead = draft.number("iat") + 700_000;
        b.refuses("E_FUTURE", draft.put("iat", ahead).put("seq", ahead).by(b.auth.p1));
        var later = b.auth.head("cfg", b.self());
        long decades = later.number("iat") + 50 * 365 * Authority.DAY;
        b.refuses(
                "E_FUTURE",
                later.put("iat", decades)
                        .put("seq", decades)
                        .put("exp", decades + 1)
                        .by(b.auth.p1));
    }

    @Proves({"TIM-2"})
    void aDocumentBeyondFourHundredDaysRaisesTheFaultOfTheClock() {
        int from = b.mark();
        var draft = b.cfg();
        long ahead = draft.number("iat") + 500 * Authority.DAY;
        b.send(draft.put("iat", ahead).put("seq", ahead).put("exp", ahead + 1).by(b.auth.p1));
        var unused = b.event(from, 5, "fault", "set", d -> text(d, "f").equals("CLK_BAD"));
        check(b.find(from, "doc", "applied", d -> number(d, "seq") == ahead).isEmpty(), "It was applied.");
    }

    @Proves({"ENV-4", "ENV-7"})
    void whatMustBeUnderstoodAndIsNotIsRefused() {
        b.refuses(
                "E_CRIT",
                b.cfg()
                        .put("crit", Json.strings(List.of("sparkle")))
                        .put("sparkle", 1)
                        .by(b.auth.p1));
    }

    @Proves(
            value = {"ENV-7", "PLN-1"},
            seconds = 60)
    void aFieldOutsideItsRangeIsRefusedBeforeAnythingIsKept() {
        b.refuses(
                "E_SEM",
                b.cfg().put("ka", 29).by(b.auth.p1),
                b.cfg().put("tel_s", "60").by(b.auth.p1),
                b.cfg().put("trim", 1).by(b.auth.p1),
                b.auth.plan(b.id(), List.of()).without("items").by(b.auth.p1));
        var t = b.clock();
        var audio = Audio.of("short", 6).asset();
        for (var item : List.of(
                Authority.item("a", t, 6, 60, 0),
                Authority.item("a", t, 6, 9, 0),
                Authority.item("a", t, 0, 30, 0),
                Authority.item("a", t, 6, 30, 1),
                Authority.item("A", t, 6, 30, 0),
                Authority.item("a", t - 2 * Authority.HOUR, 6, 30, 0))) {
            b.refuses("E_SEM", b.auth.plan(b.id(), List.of(audio), item).by(b.auth.p1));
        }
        var twice = Authority.item("a", t, 6, 30, 0);
        b.refuses(
                "E_SEM",
                b.auth.plan(b.id(), List.of(audio), twice, twice).by(b.auth.p1),
                b.auth.site(b.id()).put("vmax", 9).by(b.auth.s1),
                b.auth.site(b.id()).put("smax", 599).by(b.auth.s1),
                b.auth.site(b.id()).without("areas").by(b.auth.s1));
    }

    @Proves({"ENV-7"})
    void theSameDocumentFiveTimesHasOneEffect() {
        int from = b.mark();
        var draft = b.auth.plan(b.id(), List.of());
        var message = b.apply(draft, b.auth.p1);
        for (int i = 0; i < 4; i++) b.send(message);
        b.fence();
        long applied = b.journal().subList(from, b.mark()).stream()
                .filter(e -> e.event().kind().equals("doc"))
                .filter(e -> text(e.event().details(), "row").equals("plan"))
                .count();
        check(applied == 1, "It was applied " + applied + " times.");
        check(
                b.journal().subList(from, b.mark()).stream()
                        .noneMatch(e -> e.event().kind().equals("sec")),
                "A repetition was reported as an attack.");
    }

    @Proves({"CON-5"})
    void anEmptyMessageMeansNothing() {
        b.publish("d/" + b.id() + "/plan", new byte[0], false);
        b.publish("d/" + b.id() + "/site", new byte[0], true);
        b.ignores(new byte[0]);
    }

    @Proves({"KEY-3", "KEY-4", "KEY-7"})
    void anAreaDelegatesOnlyWithinItself() {
        var child = Authority.key("x7", new SecureRandom());
        var keys = b.auth.head("keys", Bench.commune())
                .put("keys", Json.array(List.of(b.auth.entry(child, Set.of(Use.NOW), Authority.COMMUNE, 80))));
        b.apply(keys, b.auth.k1);
        b.refuses(
                "E_POL",
                b.auth.head("keys", Bench.commune())
                        .put("keys", Json.array(List.of(b.auth.entry(child, Set.of(Use.NOW), Authority.PROVINCE, 80))))
                        .by(b.auth.k1),
                b.auth.head("keys", Bench.commune())
                        .put(
                                "keys",
                                Json.array(List.of(Json.object()
                                        .putAll(b.auth.entry(child, Set.of(Use.NOW), Authority.COMMUNE, 90))
                                        .put("cpri", 80)
                                        .build())))
                        .by(b.auth.k1),
                b.auth.head("keys", Bench.commune())
                        .put("keys", Json.array(List.of(b.auth.entry(child, Set.of(Use.PLAN), Authority.COMMUNE, 50))))
                        .by(b.auth.k1),
                b.auth.head("keys", Bench.commune())
                        .put("keys", Json.array(List.of()))
                        .put("bad", Json.strings(List.of("x1")))
                        .by(b.auth.k1),
                b.auth.head("keys", Bench.province())
                        .put("keys", Json.array(List.of()))
                        .by(b.auth.k1));
    }

    @Proves({"KEY-6"})
    void aCompromisedKeyTakesItsDocumentsWithIt() {
        b.apply(b.auth.plan(b.id(), List.of()), b.auth.p1);
        var other = Authority.key("p2", new SecureRandom());
        var online = Set.of(Use.CFG, Use.PLAN, Use.SES, Use.MAN, Use.CMD, Use.WELCOME, Use.JACK);
        b.apply(withKey(b.auth.keys(), b.auth.entry(other, online, AreaPath.ROOT, 69)), b.auth.r1, b.auth.r2);
        var plan = b.auth.plan(b.id(), List.of());
        b.apply(plan, other);
        b.apply(b.auth.keys().put("bad", Json.strings(List.of("p2"))), b.auth.r1, b.auth.r2);
        b.refuses("E_KID", b.auth.plan(b.id(), List.of()).by(other));
    }

    @Proves(
            value = {"TIM-5"},
            fresh = true)
    void aRecoveryLowersPoisonedMarks() {
        b.open();
        // Somebody poisoned the row with a seq as far ahead as ENV-5 lets him.
        var poison = b.auth.plan(b.id(), List.of());
        poison.put("seq", poison.number("iat") + 89_000_000);
        int from = b.mark();
        b.send(poison.by(b.auth.p1));
        b.applied(from, poison);
        b.refuses("E_OLD", b.auth.plan(b.id(), List.of()).by(b.auth.p1));
        var keys = b.auth.keys();
        keys.put(
                "rst",
                Json.object().put("n", 1).put("t", keys.number("iat") - 1_000).build());
        b.apply(keys, b.auth.r1, b.auth.r2);
        // The mark is down, and the poisonous document is gone: only then may the row be used again.
        b.vec("cfg", null);
        b.vec("site", null);
        int before = b.welcomes();
        b.proxy.cut();
        b.awaitWelcome(before);
        b.site(b.auth.site(b.id()));
        b.apply(b.auth.plan(b.id(), List.of()), b.auth.p1);
        b.fence();
    }

    @Proves({"SES-2"})
    void whatTheWelcomeKnowsNewerIsNotTaken() {
        var draft = b.auth.plan(b.id(), List.of());
        var newer = draft.number("seq") + 5;
        b.vec("plan", newer);
        int before = b.welcomes();
        b.proxy.cut();
        b.awaitWelcome(before);
        b.refuses("E_OLD", draft.by(b.auth.p1));
    }

    @Proves({"SES-2"})
    void aRowTheWelcomeDoesNotKnowMustBeFresh() {
        b.vec("plan", null);
        int before = b.welcomes();
        b.proxy.cut();
        b.awaitWelcome(before);
        // Above the mark by its seq, which may run ahead of an old iat.
        var draft = b.auth.plan(b.id(), List.of());
        long iat = draft.number("iat") - 700_000;
        b.refuses("E_STALE", draft.put("iat", iat).by(b.auth.p1));
    }

    @Proves(
            value = {"ENV-7"},
            seconds = 40)
    void aFloodDrownsNothing() {
        var bad = new ArrayList<byte[]>();
        for (int i = 0; i < 2_000; i++) bad.add(bytes("x" + i));
        b.flood(bad);
        int from = b.mark();
        var draft = b.auth.plan(b.id(), List.of());
        var message = b.state(draft, b.auth.p1);
        // What a flood swept away the server sends again; here every two seconds.
        for (int i = 0;
                i < 3
                        && b.find(from, "doc", "applied", d -> number(d, "seq") == draft.number("seq"))
                                .isEmpty();
                i++) {
            AssetServer.pause(2_000);
            b.send(message);
        }
        b.applied(from, draft);
        long told = b.journal().stream()
                .filter(e -> e.event().kind().equals("sec") && e.event().state().equals("E_FMT"))
                .count();
        check(told <= 2, "The flood filled the journal with " + told + " reports.");
    }

    @Proves({"ENV-8"})
    void storedDocumentsOutliveAPowerCut() {
        var plan = b.auth.plan(b.id(), List.of());
        b.apply(plan, b.auth.p1);
        b.powerCycle();
        var hello = b.hellos().get(b.hellos().size() - 1);
        long mark = hello.hwm().entrySet().stream()
                .filter(e -> e.getKey().wire().equals("plan"))
                .mapToLong(java.util.Map.Entry::getValue)
                .findFirst()
                .orElse(-1);
        check(mark == plan.number("seq"), "hello.hwm names plan " + mark + " instead of " + plan.number("seq"));
    }

    @Proves({"CON-2"})
    void anotherDevicesIdIsNotOurs() {
        var other = new DeviceId("AAAAAAAAAAAAAAAA");
        var cfg = b.auth.cfg(other).by(b.auth.p1);
        b.refuses("E_DST", cfg);
        check(b.id().value().matches("[A-Z2-7]{16}"), "The id is not base32.");
        var connect = b.proxy.connects().get(0);
        check(connect.clientId().equals(b.id().value()), "clientId is not the id.");
        check(connect.user().equals(b.id().value()), "The user name is not the id.");
    }
}
