package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;
import static vn.loalang.conformance.Bench.number;
import static vn.loalang.conformance.Bench.text;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import vn.loalang.protocol.Json;

/** The programme: on time, at the right place, by priority, and silent when it must be. */
final class CorePlan {
    /** A start may be off by this on a busy machine; POS-2 asks for 150 ms. */
    private static final long ON_TIME_MS = 250;

    private final Bench b;

    CorePlan(Bench bench) {
        b = bench;
    }

    private static Audio brief() {
        return Audio.of("short", 6);
    }

    private static Audio lasting() {
        return Audio.of("long", 60);
    }

    /** A quiet window around now. */
    static Json quietNow(long now, int fromMinutes, int toMinutes) {
        var local = Instant.ofEpochMilli(now).atOffset(ZoneOffset.ofHours(7));
        return Json.array(List.of(Json.strings(List.of(
                String.format(Locale.ROOT, "%tR", local.plusMinutes(fromMinutes)),
                String.format(Locale.ROOT, "%tR", local.plusMinutes(toMinutes))))));
    }

    static void fits(Capture.Sound sound, Audio audio, long toleranceMs) {
        check(sound.millis() > 500, "Only " + sound.millis() + " ms of " + sound.oid() + " were captured.");
        // Past the fade-in, if there is one.
        var fit = audio.find(sound.samples(), 300 * sound.rate() / 1000, sound.offset() + 300, 2_000);
        check(fit.correlation() > 0.8, sound.oid() + " does not sound like its recording: " + fit);
        check(
                Math.abs(fit.offsetMs() - 300 - sound.offset()) <= toleranceMs,
                sound.oid() + " was at " + (fit.offsetMs() - 300) + " ms of its recording, the index says "
                        + sound.offset());
    }

    @Proves({"POS-1b", "POS-2", "DEC-1", "ACK-7"})
    void anItemSoundsOnTimeAndWhole() {
        var oid = b.name("a");
        int from = b.mark();
        long at = b.clock() + 3_000;
        b.plan(List.of(brief()), Authority.item(oid, at, 10, 30, 0));
        var started = b.play(from, 8, "started", oid);
        check(number(started.event().details(), "pos") == 0, "It did not begin at 0.");
        long err = number(started.event().details(), "err");
        check(Math.abs(err) <= ON_TIME_MS, "It began " + err + " ms off.");
        var completed = b.play(from, 12, "completed", oid);
        long ms = number(completed.event().details(), "ms");
        check(Math.abs(ms - brief().millis()) < 300, ms + " ms of " + brief().millis() + " are reported.");
        var sound = b.capture().whole(oid);
        check(Math.abs(sound.first() - at) <= ON_TIME_MS, "First sample " + (sound.first() - at) + " ms off.");
        fits(sound, brief(), 60);
        check(Math.abs(sound.millis() - brief().millis()) < 300, sound.millis() + " ms were heard.");
    }

    @Proves({"POS-1c", "POS-1e"})
    void aLateItemJoinsAtThePositionOfTheTimeline() {
        var oid = b.name("a");
        int from = b.mark();
        long at = b.clock() - 15_000;
        b.plan(List.of(lasting()), Authority.item(oid, at, 60, 30, 0));
        var started = b.play(from, 10, "started", oid);
        long pos = number(started.event().details(), "pos");
        check(Math.abs(started.t() - at - pos) < 500, "At " + (started.t() - at) + " ms it joined at " + pos);
        AssetServer.pause(2_500);
        var sound = b.capture().whole(oid);
        fits(sound, lasting(), 60);
        check(Math.abs(sound.first() - at - sound.offset()) < 300, "The sound is not where the timeline is.");
    }

    @Proves({"POS-1c"})
    void anItemTooLateIsMissed() {
        var late = b.name("a");
        var over = b.name("b");
        int from = b.mark();
        long now = b.clock();
        b.plan(
                List.of(lasting()),
                item(late, now - 20_000, 60, 10),
                // 25 s left: too little to join.
                item(over, now - 35_000, 60, 300));
        b.play(from, 10, "missed", late, "late");
        b.never("an item that came too late", 2, () -> b.played(from, "started", over)
                .isPresent());
    }

    private static Json.Obj item(String oid, long at, int dur, int late) {
        return Json.object()
                .putAll(Authority.item(oid, at, dur, 30, 0))
                .put("late", late)
                .build();
    }

    @Proves(
            value = {"DEC-1", "DEC-2", "POS-1c", "POS-1f", "ACK-10"},
            seconds = 40)
    void aHigherPriorityPreemptsAndTheLowerRejoinsWhereTheTimelineIs() {
        var low = b.name("a");
        var high = b.name("b");
        int from = b.mark();
        long at = b.clock() + 2_500;
        b.plan(
                List.of(lasting(), brief()),
                Authority.item(low, at, 60, 30, 0),
                Authority.item(high, at + 4_000, 6, 50, 1));
        var unused = b.play(from, 8, "started", low);
        b.play(from, 10, "interrupted", low, "preempted");
        var won = b.play(from, 3, "started", high);
        check(won.t() - at - 4_000 < 1_000, "The higher one began only after " + (won.t() - at - 4_000) + " ms.");
        var done = b.play(from, 10, "completed", high);
        int after = b.journal().indexOf(done);
        var again = b.play(after, 5, "started", low);
        long pos = number(again.event().details(), "pos");
        check(
                Math.abs(again.t() - at - pos) < 500,
                "It rejoined at " + pos + " when the timeline was at " + (again.t() - at));
        AssetServer.pause(2_500);
        var sounds = b.capture().of(low);
        check(sounds.size() == 2, sounds.size() + " stretches of the lower one were heard.");
        fits(sounds.get(1), lasting(), 60);
        check(sounds.get(0).end() <= b.capture().whole(high).first() + 400, "Both sounded at once.");
    }

    @Proves({"DEC-1"})
    void anEqualPriorityWaits() {
        var first = b.name("a");
        var second = b.name("b");
        int from = b.mark();
        long at = b.clock() + 2_000;
        b.plan(List.of(brief()), Authority.item(first, at, 6, 30, 0), Authority.item(second, at + 1_000, 6, 30, 0));
        var unused = b.play(from, 12, "completed", first);
        check(b.played(from, "interrupted", first).isEmpty(), "An equal priority pre-empted.");
    }

    @Proves({"DEC-5"})
    void quietHoursSilenceTheProgramme() {
        b.site(b.auth.site(b.id()).put("quiet", Json.array(List.of(pair(quietNow(b.clock(), -60, 60))))));
        var oid = b.name("a");
        int from = b.mark();
        b.plan(List.of(brief()), Authority.item(oid, b.clock() + 1_000, 6, 59, 0));
        b.play(from, 10, "missed", oid, "quiet");
        check(b.capture().of(oid).isEmpty(), "It sounded all the same.");
    }

    private static Json pair(Json window) {
        return window instanceof Json.Arr array ? array.items().get(0) : window;
    }

    @Proves({"DEC-5"})
    void quietHoursEndWhatSounds() {
        var oid = b.name("a");
        int from = b.mark();
        b.plan(List.of(lasting()), Authority.item(oid, b.clock() + 1_000, 60, 30, 0));
        var unused = b.play(from, 8, "started", oid);
        b.site(b.auth.site(b.id()).put("quiet", quietNow(b.clock(), -60, 60)));
        b.play(from, 5, "interrupted", oid, "quiet");
    }

    @Proves(
            value = {"SIT-1"},
            fresh = true)
    void withoutSafetySettingsNoPlanSounds() {
        b.start();
        b.awaitWelcome(0);
        b.fence();
        var oid = b.name("a");
        int from = b.mark();
        b.plan(List.of(brief()), Authority.item(oid, b.clock() + 1_500, 6, 30, 0));
        b.never("a plan without site", 4, () -> b.played(from, "started", oid).isPresent());
    }

    @Proves({"PLN-1b"})
    void anItemThatVanishedFromThePlanEnds() {
        var oid = b.name("a");
        int from = b.mark();
        b.plan(List.of(lasting()), Authority.item(oid, b.clock() + 1_000, 60, 30, 0));
        var unused = b.play(from, 8, "started", oid);
        b.plan(List.of());
        b.play(from, 5, "interrupted", oid, "cancelled");
    }

    @Proves({"PLN-1b", "POS-1"})
    void anItemInANewPlanGoesOnAndTakesOverItsLength() {
        var oid = b.name("a");
        int from = b.mark();
        long at = b.clock() + 1_000;
        b.plan(List.of(lasting()), Authority.item(oid, at, 60, 30, 0));
        var unused = b.play(from, 8, "started", oid);
        b.plan(List.of(lasting()), Authority.item(oid, at, 6, 30, 0));
        var done = b.play(from, 10, "completed", oid);
        long ms = number(done.event().details(), "ms");
        check(Math.abs(ms - 6_000) < 700, "It sounded " + ms + " ms instead of 6 s.");
        check(b.played(from, "interrupted", oid).isEmpty(), "It was interrupted by the new plan.");
    }

    @Proves({"PRI-1"})
    void routineSoundIsNoLouderThanTheSiteAllows() {
        var oid = b.name("a");
        int from = b.mark();
        var loud = Json.object()
                .putAll(Authority.item(oid, b.clock() + 1_500, 6, 30, 0))
                .put("vol", 100)
                .build();
        b.plan(List.of(brief()), loud);
        var done = b.play(from, 14, "completed", oid);
        check(
                number(done.event().details(), "vol") == 80,
                "The volume was " + number(done.event().details(), "vol"));
    }

    @Proves({"AST-1e", "AST-4b", "DEC-1"})
    void aRecordingWithOtherBytesNeverSounds() {
        var audio = Audio.of("forged", 6);
        b.assets.offer(audio);
        var oid = b.name("a");
        int from = b.mark();
        b.apply(b.cfg().put("http", Json.strings(List.of(b.assets.base(b.id(), AssetServer.Manner.WRONG)))), b.auth.p1);
        b.apply(
                b.auth.plan(b.id(), List.of(audio.asset()), Authority.item(oid, b.clock() + 2_000, 6, 30, 0)),
                b.auth.p1);
        var unused = b.event(from, 15, "asset", "failed", d -> text(d, "h")
                .equals(audio.asset().h().b64u()));
        b.play(from, 15, "missed", oid, "asset");
        check(b.capture().of(oid).isEmpty(), "Forged bytes sounded.");
    }

    @Proves(
            value = {"AST-1", "AST-1b"},
            seconds = 60)
    void aTransferGoesOnWhereItWasCutAndFollowsTwoRedirects() {
        var audio = Audio.of("cut", 12);
        b.assets.offer(audio);
        int from = b.mark();
        b.apply(b.cfg().put("http", Json.strings(List.of(b.assets.base(b.id(), AssetServer.Manner.CUT)))), b.auth.p1);
        b.apply(
                b.auth.plan(
                        b.id(), List.of(audio.asset()), Authority.item(b.name("a"), b.clock() + 3_600_000, 6, 30, 0)),
                b.auth.p1);
        b.awaitTrue("a first request", 15, () -> !of(audio).isEmpty());
        b.apply(
                b.cfg().put("http", Json.strings(List.of(b.assets.base(b.id(), AssetServer.Manner.REDIRECT)))),
                b.auth.p1);
        b.awaitReady(from, audio.asset());
        var honest = of(audio).stream()
                .filter(r -> r.manner() == AssetServer.Manner.HONEST)
                .toList();
        check(!honest.isEmpty(), "The redirect was not followed.");
        check(
                honest.get(0).range().startsWith("bytes=")
                        && !honest.get(0).range().startsWith("bytes=0-"),
                "It began from the start: " + honest.get(0).range());
    }

    private List<AssetServer.Request> of(Audio audio) {
        return b.assets.requests(b.id()).stream()
                .filter(r -> r.hash().equals(audio.asset().h().b64u()))
                .toList();
    }
}
