package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;
import static vn.loalang.conformance.Bench.number;
import static vn.loalang.conformance.Bench.text;

import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.Use;

/** Emergencies: what starts them, what they sound like, what ends them. */
final class CoreEmergency {
    private final Bench b;

    CoreEmergency(Bench bench) {
        b = bench;
    }

    private static Json.Obj steady(int seconds) {
        return Authority.tone("steady", 1, seconds, 0);
    }

    @Proves({"NOW-6", "DEC-1", "PRI-1"})
    void anEmergencySoundsAtOnceAndAtItsOwnVolume() {
        var sid = b.name("s");
        int from = b.mark();
        var started = b.emergency(
                b.auth.entry(sid, 85, Authority.tone("steady", 2, 1, 1)).build());
        check(number(started.event().details(), "pos") == 0, "It did not begin at 0.");
        var done = b.play(from, 8, "completed", sid + "#1");
        check(
                number(done.event().details(), "vol") == 100,
                "vol is " + done.event().details() + "; vmax must not bind.");
        var heard = b.capture().whole(sid + "#1").audible();
        check(heard.size() == 2, "Two blasts were ordered, " + heard.size() + " heard.");
        for (var blast : heard) {
            check(Math.abs(blast[1] - blast[0] - 1_000) < 150, "A blast of " + (blast[1] - blast[0]) + " ms.");
        }
        check(Math.abs(heard.get(1)[0] - heard.get(0)[1] - 1_000) < 150, "The pause is wrong.");
    }

    @Proves({"NOW-1b", "NOW-1"})
    void tonesDifferByTheirSweep() {
        var sid = b.name("s");
        int from = b.mark();
        var unused = b.emergency(
                b.auth.entry(sid, 85, steady(1), Authority.tone("wail", 1, 8, 0), Authority.tone("yelp", 1, 1, 0))
                        .build());
        b.play(from, 16, "completed", sid + "#1");
        var sound = b.capture().whole(sid + "#1");
        check(Math.abs(sound.millis() - 10_000) < 500, "The tones last " + sound.millis() + " ms.");
        double steady1 = sound.pitch(150, 400);
        double steady2 = sound.pitch(550, 800);
        check(Math.abs(steady1 - steady2) < 20, "Steady wanders: " + steady1 + ", " + steady2);
        double low = sound.pitch(1_100, 1_500);
        double high = sound.pitch(4_800, 5_200);
        check(high > low * 1.5, "Wail does not rise: " + low + ", " + high);
    }

    @Proves(
            value = {"DEC-2", "POS-1c", "NOW-4e"},
            seconds = 45)
    void itPreemptsTheProgrammeWhichRejoinsAfterTheAllClear() {
        var oid = b.name("a");
        var sid = b.name("s");
        int from = b.mark();
        long at = b.clock() + 1_000;
        b.plan(List.of(Audio.of("long", 60)), Authority.item(oid, at, 60, 30, 0));
        b.play(from, 8, "started", oid);
        AssetServer.pause(500);
        b.emergency(b.auth.entry(sid, 85, steady(20)).build());
        b.play(from, 3, "interrupted", oid, "preempted");
        AssetServer.pause(1_000);
        long cleared = b.clock();
        int after = b.mark();
        b.allClear();
        var ended = b.play(from, 3, "interrupted", sid + "#1", "cleared");
        check(ended.t() - cleared < 1_300, "It ended " + (ended.t() - cleared) + " ms after the all-clear.");
        var again = b.play(after, 5, "started", oid);
        long pos = number(again.event().details(), "pos");
        check(
                Math.abs(again.t() - at - pos) < 500,
                "It rejoined at " + pos + ", the timeline was at " + (again.t() - at));
        var sound = b.capture().whole(sid + "#1");
        check(
                sound.end() - cleared < 1_600,
                "It was heard until " + (sound.end() - cleared) + " ms after the all-clear.");
    }

    @Proves({"NOW-3"})
    void aWrongEntryIsSkippedAndTheOthersSound() {
        var good = b.name("s");
        int from = b.mark();
        var draft = b.auth.now(
                Bench.commune(),
                b.auth.x1,
                b.auth.entry(b.name("s"), 86, steady(1)).build(),
                b.auth.entry(good, 85, steady(1)).build(),
                b.auth.entry(b.name("s"), 85, steady(1)).put("vol", 5).build());
        b.state(draft, b.auth.x1);
        var skipped = b.event(from, 10, "doc", "skipped", d -> true);
        check(
                skipped.event().details().get("i") instanceof Json.Arr indexes
                        && indexes.items().equals(List.<Json>of(Json.of(0), Json.of(2))),
                "Skipped were " + skipped.event().details());
        b.play(from, 8, "completed", good + "#1");
    }

    @Proves({"NOW-3b", "NOW-2"})
    void aDocumentWithoutAnyValidEntryIsRefused() {
        var far = b.auth.entry(b.name("s"), 85, steady(1))
                .put("beg", b.clock() + 700_000)
                .build();
        b.refuses(
                "E_SEM",
                b.auth.now(
                                Bench.commune(),
                                b.auth.x1,
                                b.auth.entry(b.name("s"), 79, steady(1)).build())
                        .by(b.auth.x1),
                b.auth.now(Bench.commune(), b.auth.x1, far).by(b.auth.x1),
                b.auth.now(
                                Bench.commune(),
                                b.auth.x1,
                                b.auth.entry(b.name("s"), 85, steady(1))
                                        .put("max", 3601)
                                        .build())
                        .by(b.auth.x1));
        var late = b.auth.now(
                Bench.commune(),
                b.auth.x1,
                b.auth.entry(b.name("s"), 85, steady(1)).build());
        b.refuses(
                "E_SEM",
                late.put("exp", late.number("iat") + 25 * Authority.HOUR).by(b.auth.x1));
        var brief = b.auth.now(
                Bench.commune(),
                b.auth.x1,
                b.auth.entry(b.name("s"), 85, steady(1)).build());
        b.refuses("E_SEM", brief.put("exp", brief.number("iat") + 1_000).by(b.auth.x1));
    }

    @Proves({"NOW-1"})
    void aMissingRecordingDoesNotDelayAnEmergency() {
        var sid = b.name("s");
        int from = b.mark();
        var unused = b.emergency(
                b.auth.entry(sid, 85, Authority.sound(Audio.of("never", 4).asset(), "no-such-pin"))
                        .put("max", 4)
                        .build());
        AssetServer.pause(2_500);
        var sound = b.capture().whole(sid + "#1");
        check(sound.level(500, 2_000) > 500, "It is silent instead of sounding steady.");
        check(b.played(from, "failed", sid + "#1").isEmpty(), "It failed.");
        b.allClear();
    }

    @Proves({"NOW-1b"})
    void anUnknownStepSoundsSteady() {
        var sid = b.name("s");
        int from = b.mark();
        var unused = b.emergency(
                b.auth.entry(sid, 85, Json.object().put("hologram", 1).build())
                        .put("max", 4)
                        .build());
        AssetServer.pause(2_500);
        check(b.capture().whole(sid + "#1").level(500, 2_000) > 500, "It is silent instead of sounding steady.");
        check(b.played(from, "failed", sid + "#1").isEmpty(), "It failed.");
        b.allClear();
    }

    @Proves(
            value = {"NOW-10", "DEC-3"},
            seconds = 40)
    void repetitionsKeepTheChannelInTheirGap() {
        var sid = b.name("s");
        var oid = b.name("a");
        int from = b.mark();
        var unused = b.emergency(
                b.auth.entry(sid, 85, steady(1)).put("rep", 2).put("gap", 4).build());
        b.plan(List.of(Audio.of("short", 6)), Authority.item(oid, b.clock() + 500, 6, 59, 0));
        var first = b.play(from, 8, "completed", sid + "#1");
        var second = b.play(from, 10, "started", sid + "#2");
        long gap = second.t() - first.t();
        check(Math.abs(gap - 4_000) < 700, "The gap was " + gap + " ms.");
        check(b.played(from, "started", oid).isEmpty(), "The programme sounded in the gap.");
        b.play(from, 8, "completed", sid + "#2");
    }

    @Proves({"NOW-8", "TIM-6"})
    void anEmergencyEndsAtItsMaximum() {
        var sid = b.name("s");
        int from = b.mark();
        var unused = b.emergency(
                b.auth.entry(sid, 85, steady(20)).put("max", 2).put("rep", 5).build());
        var ended = b.play(from, 8, "interrupted", sid + "#1", "ceiling");
        long ms = number(ended.event().details(), "ms");
        check(Math.abs(ms - 2_000) < 500, "It sounded " + ms + " ms.");
        b.never("a further repetition", 2, () -> b.played(from, "started", sid + "#2")
                .isPresent());
    }

    @Proves({"DEC-1"})
    void aBoxNamedInNotStaysSilent() {
        var sid = b.name("s");
        int from = b.mark();
        var draft = b.auth.now(
                Bench.commune(),
                b.auth.x1,
                b.auth.entry(sid, 85, steady(1))
                        .put("not", Json.strings(List.of(b.id().value())))
                        .build());
        b.apply(draft, b.auth.x1);
        b.never("an entry that names this box in not", 2.5, () -> b.played(from, "started", sid + "#1")
                .isPresent());
    }

    @Proves({"KEY-4"})
    void aProvincialKeyAloneMovesNoCommune() {
        b.refuses(
                "E_POL",
                b.auth.now(
                                Bench.commune(),
                                b.auth.e1,
                                b.auth.entry(b.name("s"), 90, steady(1)).build())
                        .by(b.auth.e1),
                b.auth.now(
                                Bench.province(),
                                b.auth.e1,
                                b.auth.entry(b.name("s"), 90, steady(1)).build())
                        .by(b.auth.e1),
                b.auth.now(
                                b.self(),
                                b.auth.e1,
                                b.auth.entry(b.name("s"), 90, steady(1)).build())
                        .by(b.auth.e1),
                b.auth.now(
                                Bench.province(),
                                b.auth.e1,
                                b.auth.entry(b.name("s"), 90, steady(1)).build())
                        .by(b.auth.e1, b.auth.e1),
                b.auth.now(
                                Bench.province(),
                                b.auth.x1,
                                b.auth.entry(b.name("s"), 85, steady(1)).build())
                        .by(b.auth.x1));
    }

    @Proves({"KEY-4", "ENV-6"})
    void twoOfficersMoveTheProvinceAndTheirLinesCannotBeSwapped() {
        var sid = b.name("s");
        int from = b.mark();
        var draft = b.auth.now(
                Bench.province(), b.auth.e1, b.auth.entry(sid, 90, steady(1)).build());
        b.refuses("E_DST", draft.by(b.auth.e2, b.auth.e1));
        b.refuses("E_POL", draft.by(b.auth.e1));
        b.refuses("E_SIG", draft.by(b.auth.e1, Authority.key("e2", new SecureRandom())));
        b.state(draft, b.auth.e1, b.auth.e2);
        b.play(from, 8, "completed", sid + "#1");
    }

    @Proves({"KEY-8"})
    void anEmergencyByAKeyThatComesLaterIsKept() {
        var fresh = Authority.key("x5", new SecureRandom());
        var sid = b.name("s");
        int from = b.mark();
        b.send(b.auth.now(
                        Bench.commune(), fresh, b.auth.entry(sid, 85, steady(1)).build())
                .by(fresh));
        AssetServer.pause(300);
        b.apply(
                b.auth.head("keys", Bench.commune())
                        .put("keys", Json.array(List.of(b.auth.entry(fresh, Set.of(Use.NOW), Authority.COMMUNE, 85)))),
                b.auth.k1);
        b.play(from, 8, "started", sid + "#1");
    }

    @Proves({"NOW-5b"})
    void anUpdateWithoutTheEntryStopsIt() {
        var sid = b.name("s");
        int from = b.mark();
        var unused = b.emergency(b.auth.entry(sid, 85, steady(20)).build());
        b.apply(
                b.auth.now(
                        Bench.commune(),
                        b.auth.x1,
                        b.auth.entry(b.name("s"), 80, steady(1)).build()),
                b.auth.x1);
        b.play(from, 5, "interrupted", sid + "#1", "stopped");
    }

    @Proves({"DEC-1"})
    void aHigherEmergencyPreemptsALowerOne() {
        var low = b.name("s");
        var high = b.name("s");
        int from = b.mark();
        var unused = b.emergency(b.auth.entry(low, 81, steady(8)).build());
        b.state(
                b.auth.now(
                        Bench.commune(),
                        b.auth.w1,
                        b.auth.entry(high, 82, steady(1)).build()),
                b.auth.w1);
        b.play(from, 5, "started", high + "#1");
        b.play(from, 3, "interrupted", low + "#1", "preempted");
        var done = b.play(from, 5, "completed", high + "#1");
        // Under the same number, from its beginning.
        b.play(b.journal().indexOf(done), 5, "started", low + "#1");
        b.allClear();
    }

    @Proves(
            value = {"DEC-4"},
            seconds = 40)
    void twoOfEqualRankAlternate() {
        var one = b.name("s");
        var two = b.name("s");
        int from = b.mark();
        b.state(
                b.auth.now(
                        Bench.commune(),
                        b.auth.x1,
                        b.auth.entry(one, 82, steady(1)).put("rep", 2).build(),
                        b.auth.entry(two, 82, steady(1)).put("rep", 2).build()),
                b.auth.x1);
        b.play(from, 12, "completed", one + "#2");
        b.play(from, 5, "completed", two + "#2");
        var order = b.journal().stream()
                .skip(from)
                .filter(e ->
                        e.event().kind().equals("play") && e.event().state().equals("started"))
                .map(e -> text(e.event().details(), "oid"))
                .toList();
        check(
                order.size() == 4
                        && !order.get(0).split("#")[0].equals(order.get(1).split("#")[0]),
                "Order was " + order);
    }

    @Proves(
            value = {"NOW-7", "SIT-2"},
            seconds = 40)
    void aDrillIsAnnouncedBeforeAndAfterByTheBoxItself() {
        var sid = b.name("s");
        int from = b.mark();
        var unused = b.emergency(
                b.auth.entry(sid, 85, steady(2)).put("st", "exercise").build());
        b.play(from, 20, "completed", sid + "#1");
        var sound = b.capture().whole(sid + "#1");
        check(sound.millis() > 3_500, "No chime around the drill: " + sound.millis() + " ms.");
        check(
                sound.level(0, 700) > 100 && sound.level(sound.millis() - 2_000, sound.millis()) > 50,
                "No chime was heard.");
    }

    @Proves(
            value = {"NOW-7"},
            seconds = 50)
    void aDrillSpeaksThePinnedWords() {
        var words = Audio.of("exercise", 2);
        b.assets.offer(words);
        int from = b.mark();
        b.site(b.auth.site(b.id())
                .put(
                        "pins",
                        Json.object()
                                .put("exercise", Authority.asset(words.asset()))
                                .build()));
        b.awaitReady(from, words.asset());
        var sid = b.name("s");
        var unused =
                b.emergency(b.auth.entry(sid, 85, steady(1)).put("st", "test").build());
        b.play(from, 20, "completed", sid + "#1");
        var sound = b.capture().whole(sid + "#1");
        check(Math.abs(sound.millis() - 5_000) < 500, "Words, a second of tone, words: " + sound.millis() + " ms.");
        int last = (int) Math.max(0, sound.samples().length - 1_600L * sound.rate() / 1000);
        check(
                words.find(sound.samples(), 200 * sound.rate() / 1000, 200, 400).correlation() > 0.85,
                "No words before.");
        check(words.find(sound.samples(), last, 400, 500).correlation() > 0.85, "No words after.");
    }

    @Proves(
            value = {"DEC-5", "NOW-7"},
            seconds = 40)
    void quietHoursBindADrillButNotTheRealThing() {
        b.site(b.auth.site(b.id()).put("quiet", CorePlan.quietNow(b.clock(), -60, 60)));
        var drill = b.name("s");
        var real = b.name("s");
        int from = b.mark();
        b.state(
                b.auth.now(
                        Bench.commune(),
                        b.auth.x1,
                        b.auth.entry(drill, 85, steady(1)).put("st", "exercise").build(),
                        b.auth.entry(real, 84, steady(1)).build()),
                b.auth.x1);
        b.play(from, 8, "completed", real + "#1");
        check(b.played(from, "started", drill + "#1").isEmpty(), "A drill woke the village.");
    }
}
