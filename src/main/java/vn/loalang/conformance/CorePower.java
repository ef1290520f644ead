package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;
import static vn.loalang.conformance.Bench.number;

import java.util.List;

/** Power cuts, cut links and wrong clocks. */
final class CorePower {
    private final Bench b;

    CorePower(Bench bench) {
        b = bench;
    }

    private static Audio lasting() {
        return Audio.of("long", 60);
    }

    @Proves(
            value = {"POS-1c", "POS-1f", "ACK-2", "ACK-3"},
            seconds = 40)
    void aPowerCutIsToldAndTheItemRejoins() {
        var oid = b.name("a");
        int from = b.mark();
        long at = b.clock() + 1_500;
        b.plan(List.of(lasting()), Authority.item(oid, at, 60, 30, 0));
        var unused = b.play(from, 8, "started", oid);
        AssetServer.pause(2_500);
        b.powerCycle();
        var cut = b.play(from, 10, "interrupted", oid, "power_loss");
        var again = b.play(b.journal().indexOf(cut), 10, "started", oid);
        long pos = number(again.event().details(), "pos");
        check(
                Math.abs(again.t() - at - pos) < 500,
                "It rejoined at " + pos + " when the timeline was at " + (again.t() - at));
        AssetServer.pause(2_500);
        var sounds = b.capture().of(oid);
        check(sounds.size() == 2, sounds.size() + " stretches were heard.");
        check(
                sounds.get(1).offset() >= sounds.get(0).millis(),
                "What was heard already sounded again: from " + sounds.get(1).offset());
        CorePlan.fits(sounds.get(1), lasting(), 60);
    }

    @Proves(
            value = {"POS-1d"},
            seconds = 60)
    void itRejoinsTwiceAtMost() {
        var oid = b.name("a");
        int from = b.mark();
        b.plan(List.of(Audio.of("longer", 90)), Authority.item(oid, b.clock() + 1_000, 90, 30, 0));
        var unused = b.play(from, 8, "started", oid);
        for (int i = 0; i < 2; i++) {
            int mark = b.mark();
            b.powerCycle();
            var again = b.play(mark, 12, "started", oid);
            check(number(again.event().details(), "pos") > 0, "It began again from the start.");
        }
        int mark = b.mark();
        b.powerCycle();
        b.play(mark, 12, "interrupted", oid, "power_loss");
        b.never("a third rejoining", 3, () -> b.played(mark, "started", oid).isPresent());
    }

    @Proves(
            value = {"NOW-8b"},
            seconds = 60)
    void anEmergencyGoesOnWithTheNextRepetitionAfterAPowerCut() {
        var sid = b.name("s");
        int from = b.mark();
        var started = b.emergency(b.auth.entry(sid, 85, Authority.tone("steady", 1, 8, 0))
                .put("rep", 3)
                .build());
        check(started.n() > 0, "No number.");
        AssetServer.pause(1_500);
        b.powerCycle();
        b.play(from, 10, "interrupted", sid + "#1", "power_loss");
        var unused = b.play(from, 10, "started", sid + "#2");
    }

    @Proves(
            value = {"NOW-8"},
            seconds = 40)
    void aLostLinkStopsNothing() {
        var sid = b.name("s");
        int from = b.mark();
        var unused = b.emergency(
                b.auth.entry(sid, 85, Authority.tone("steady", 1, 4, 0)).build());
        b.proxy.faults(FaultProxy.Faults.refusing());
        b.proxy.cut();
        AssetServer.pause(5_000);
        b.proxy.faults(FaultProxy.Faults.NONE);
        var done = b.play(from, 20, "completed", sid + "#1");
        check(
                number(done.event().details(), "ms") > 3_500,
                "Only " + number(done.event().details(), "ms") + " ms.");
    }

    @Proves(
            value = {"ENV-7c", "ACK-2"},
            seconds = 60)
    void aCutAtAnyWriteLosesNothing() {
        for (var suffix : List.of("/ev", "/hello", "/st")) {
            var plan = b.auth.plan(b.id(), List.of());
            int before = b.welcomes();
            b.proxy.cutAt(seen -> seen.up() && seen.publishes(suffix));
            if (!suffix.equals("/ev")) b.proxy.cut();
            var message = b.state(plan, b.auth.p1);
            b.awaitTrue(
                    "a welcome after a cut at " + suffix, 20, () -> b.welcomes() > before && !b.proxy.isCutPending());
            b.awaitTrue("its subscriptions", 10, () -> b.subscribed("/plan"));
            b.send(message);
            b.applied(0, plan);
        }
    }

    @Proves(
            value = {"DEC-6", "TIM-7"},
            fresh = true,
            seconds = 60)
    void aBoxThatWakesIn1970LearnsTheTimeFromTheWelcome() {
        wakesAt(-b.clock() + 10_000_000_000L);
    }

    @Proves(
            value = {"TIM-2", "TIM-1b"},
            fresh = true,
            seconds = 60)
    void aBoxThatWakesIn2080LearnsTheTimeFromTheWelcome() {
        wakesAt(54L * 365 * Authority.DAY);
    }

    private void wakesAt(long offset) {
        b.start(offset);
        b.routine(false, true);
        b.awaitTrue("a hello", 30, () -> !b.hellos().isEmpty());
        var first = b.hellos().get(0);
        check(first.clk().q() == vn.loalang.protocol.Quality.U, "An impossible clock is reported as " + first.clk());
        b.routine(true, true);
        b.welcome(first);
        b.awaitTrue("its subscriptions", 10, () -> b.subscribed("/plan"));
        b.site(b.auth.site(b.id()));
        b.fence();
        var oid = b.name("a");
        int from = b.mark();
        long at = b.clock() + 2_000;
        b.plan(List.of(Audio.of("short", 6)), Authority.item(oid, at, 6, 30, 0));
        var started = b.play(from, 8, "started", oid);
        check(Math.abs(started.t() - at) < 500, "It began " + (started.t() - at) + " ms off.");
    }

    @Proves(
            value = {"BOOT-1", "BOOT-1b", "BOOT-1c", "BOOT-1d", "BOOT-1e"},
            fresh = true,
            seconds = 90)
    void aBootLoopSetsThePlanAsideAndThenTheSettings() {
        b.open();
        b.apply(b.auth.plan(b.id(), List.of()), b.auth.p1);
        int from = b.mark();
        // Never up long enough to prove itself.
        for (int i = 0; i < 3; i++) reset();
        if (!isSetAside(from, "plan")) {
            throw Verdict.notObservable("This reset does not count on this hardware, so no boot loop can be made.");
        }
        b.event(from, 5, "fault", "set", d -> Bench.text(d, "f").equals("BOOT_LOOP"));
        check(!isSetAside(from, "site"), "Already the third start set the safety settings aside.");
        int mark = b.mark();
        var newer = b.auth.plan(b.id(), List.of());
        b.apply(newer, b.auth.p1);
        b.box.hook().say("SIREN on");
        b.event(mark, 10, "local", "siren", d -> true);
        b.box.hook().say("SIREN off");
        for (int i = 0; i < 3; i++) reset();
        check(isSetAside(mark, "site") && isSetAside(mark, "cfg"), "The sixth start kept the settings in force.");
    }

    private void reset() {
        int before = b.welcomes();
        b.box.hook().say("RESET");
        b.awaitWelcome(before);
        b.fence();
    }

    private boolean isSetAside(int from, String row) {
        return b.find(from, "doc", "setaside", d -> Bench.text(d, "row").equals(row))
                .isPresent();
    }
}
