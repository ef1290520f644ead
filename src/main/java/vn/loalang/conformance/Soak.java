package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;
import static vn.loalang.conformance.Bench.text;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import vn.loalang.protocol.Hash;

/** What takes long: dead links, days without a server, trials nobody welcomes. */
final class Soak {
    private static final long MINUTE = 60_000;
    /** Longest pause between two attempts to connect (CON-4), with a little for the attempt itself. */
    private static final int BACK_OFF_SECONDS = 500;

    private final Bench b;

    Soak(Bench bench) {
        b = bench;
    }

    @Proves(
            value = {"CON-3", "CON-4", "NOW-8"},
            profile = "soak",
            fresh = true,
            seconds = 1_300)
    void tenMinutesOfADeadLinkStopNothing() {
        b.open();
        var audio = Audio.of("short", 6);
        var early = b.name("a");
        var late = b.name("a");
        int from = b.mark();
        long at = b.clock();
        b.plan(
                List.of(audio),
                Authority.item(early, at + 4 * MINUTE, 6, 30, 0),
                Authority.item(late, at + 9 * MINUTE, 6, 30, 0));
        int attempts = b.proxy.attempts();
        b.proxy.faults(FaultProxy.Faults.silence());
        while (b.clock() < at + 10 * MINUTE) AssetServer.pause(1_000);
        check(b.proxy.attempts() > attempts, "It never noticed that its link was dead.");
        b.measured(b.proxy.attempts() - attempts + " attempts to connect in ten minutes of silence");
        for (var oid : List.of(early, late)) {
            var sounds = b.capture().of(oid);
            check(sounds.size() == 1, oid + " sounded " + sounds.size() + " times.");
            long due = at + (oid.equals(early) ? 4 : 9) * MINUTE;
            check(
                    Math.abs(sounds.get(0).first() - due) < 500,
                    oid + " began " + (sounds.get(0).first() - due) + " ms off its time.");
        }
        int before = b.welcomes();
        long start = System.nanoTime();
        b.proxy.faults(FaultProxy.Faults.NONE);
        // What was opened in the silence stays dead, as behind a modem that forgot it.
        b.proxy.cut();
        b.awaitTrue("a hello after the silence", BACK_OFF_SECONDS, () -> b.welcomes() > before);
        b.measured("welcomed " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) + " s after its end");
        b.play(from, 20, "completed", early);
        b.play(from, 20, "completed", late);
    }

    @Proves(
            value = {"PLN-1", "TIM-7", "ACK-2"},
            profile = "soak",
            fresh = true,
            seconds = 180)
    void twoDaysWithoutAServerAreFilledFromThePlan() {
        b.open();
        var audio = Audio.of("short", 6);
        var hours = List.of(1, 24, 46);
        var oids = hours.stream().map(hour -> b.name("a")).toList();
        int from = b.mark();
        b.assets.offer(audio);
        long now = b.clock();
        var draft = b.auth.plan(
                b.id(),
                List.of(audio.asset()),
                Authority.item(oids.get(0), now + hours.get(0) * Authority.HOUR, 6, 30, 0),
                Authority.item(oids.get(1), now + hours.get(1) * Authority.HOUR, 6, 30, 0),
                Authority.item(oids.get(2), now + hours.get(2) * Authority.HOUR, 6, 30, 0));
        long start = draft.number("from");
        b.apply(draft.put("till", start + 2 * Authority.DAY).put("exp", start + 2 * Authority.DAY), b.auth.p1);
        b.awaitReady(from, audio.asset());
        b.proxy.faults(FaultProxy.Faults.refusing());
        b.box.kill();
        b.restart(0);
        // Time passes by its own clock, which nobody corrects.
        for (int i = 0; i < oids.size(); i++) {
            var oid = oids.get(i);
            long ahead = now + hours.get(i) * Authority.HOUR - b.clock() - 4_000;
            until("the hook port", 20, () -> {
                b.box.hook().say("CLOCK " + ahead);
                return true;
            });
            b.awaitTrue("sound of " + oid, 30, () -> b.capture().whole(oid).millis() > 5_000);
        }
        b.box.hook().say("CLOCK 0");
        AssetServer.pause(3_000);
        for (var oid : oids) check(b.capture().of(oid).size() == 1, oid + " sounded more than once.");
        int before = b.welcomes();
        b.proxy.faults(FaultProxy.Faults.NONE);
        b.awaitWelcome(before);
        for (var oid : oids) b.play(from, 20, "completed", oid);
    }

    /** Tries for a while: a box that has just been started does not listen yet. */
    private static void until(String what, int seconds, java.util.function.BooleanSupplier attempt) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (true) {
            try {
                if (attempt.getAsBoolean()) return;
            } catch (Verdict notYet) {
                if (System.nanoTime() > end) throw notYet;
            }
            if (System.nanoTime() > end) throw Verdict.fail("Waited in vain for " + what + ".");
            AssetServer.pause(200);
        }
    }

    @Proves(
            value = {"FW-1", "FW-5"},
            profile = "soak",
            fresh = true,
            seconds = 800)
    void aTrialThatNoServerWelcomesGoesBackAfterTenMinutes() {
        b.open();
        b.needs("fw");
        var bytes = new byte[50_000];
        new Random(b.clock()).nextBytes(bytes);
        b.assets.offer(bytes);
        var before = last();
        int from = b.mark();
        var order = b.auth.head("fw", b.self())
                .put("model", b.hellos().get(0).hw())
                .put("ver", "9.soak")
                .put("sec", 1)
                .put("sz", bytes.length)
                .put("h", Hash.of(bytes).b64u());
        b.apply(order, b.auth.f1);
        b.routine(false, true);
        b.awaitTrue("a hello of the new image", 40, () -> last().equals("9.soak"));
        long start = System.nanoTime();
        b.awaitTrue("a hello of the old image", 660, () -> last().equals(before));
        long took = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
        b.routine(true, true);
        int welcomes = b.welcomes();
        b.proxy.cut();
        b.awaitWelcome(welcomes);
        var back = b.event(from, 20, "fw", "rolled_back", d -> "9.soak".equals(text(d, "ver")));
        check(
                "welcome".equals(text(back.event().details(), "why")),
                "The reason is " + back.event().details() + ".");
        check(took > 570, "It went back after " + took + " s already.");
        b.measured("went back after " + took + " s");
    }

    private String last() {
        var hellos = b.hellos();
        return hellos.get(hellos.size() - 1).fw();
    }
}
