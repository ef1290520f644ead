package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;
import static vn.loalang.conformance.Bench.text;

import java.util.List;

/** What a hand at the box does: STOP, siren, microphone; and what the hardware tells. */
final class CoreHands {
    private final Bench b;

    CoreHands(Bench bench) {
        b = bench;
    }

    @Proves(
            value = {"PRI-2", "PRI-2c", "PRI-2d"},
            seconds = 50)
    void stopEndsWhatSoundsForGood() {
        var hook = b.box.hook();
        var oid = b.name("a");
        int from = b.mark();
        b.plan(List.of(Audio.of("long", 60)), Authority.item(oid, b.clock() + 1_000, 60, 30, 0));
        var unused = b.play(from, 8, "started", oid);
        hook.say("STOP");
        b.play(from, 6, "interrupted", oid, "local_stop");
        b.event(from, 5, "local", "stop", d -> true);
        int after = b.mark();
        b.powerCycle();
        b.never("what was stopped by hand", 3, () -> b.played(after, "started", oid)
                .isPresent());
    }

    @Proves(
            value = {"PRI-2b"},
            seconds = 50)
    void stopTwiceMutes() {
        var hook = b.box.hook();
        var sid = b.name("s");
        int from = b.mark();
        var unused = b.emergency(
                b.auth.entry(sid, 85, Authority.tone("steady", 1, 20, 0)).build());
        hook.say("STOP");
        b.play(from, 6, "interrupted", sid + "#1", "local_stop");
        hook.say("STOP");
        b.event(from, 6, "fault", "set", d -> text(d, "f").equals("MUTED"));
        var other = b.name("s");
        b.state(
                b.auth.now(
                        Bench.commune(),
                        b.auth.x1,
                        b.auth.entry(other, 85, Authority.tone("steady", 1, 2, 0))
                                .build()),
                b.auth.x1);
        b.never("remote sound while muted", 2.5, () -> b.played(from, "started", other + "#1")
                .isPresent());
        // The mute ends with the power.
        b.powerCycle();
        b.play(from, 10, "started", other + "#1");
    }

    @Proves(
            value = {"LOC-1", "LOC-2"},
            seconds = 40)
    void theSirenButtonPreemptsTheProgramme() {
        var hook = b.box.hook();
        var oid = b.name("a");
        int from = b.mark();
        b.plan(List.of(Audio.of("long", 60)), Authority.item(oid, b.clock() + 1_000, 60, 30, 0));
        var unused = b.play(from, 8, "started", oid);
        hook.say("SIREN on");
        b.play(from, 4, "interrupted", oid, "preempted");
        b.event(from, 5, "local", "siren", d -> true);
        int after = b.mark();
        // Its own switch ends it, STOP does not.
        hook.say("STOP");
        b.never("the programme while the siren is on", 4, () -> b.played(after, "started", oid)
                .isPresent());
        hook.say("SIREN off");
        b.play(after, 6, "started", oid);
    }

    @Proves(
            value = {"LOC-1", "LOC-2", "DEC-5"},
            seconds = 40)
    void theMicrophoneSpeaksInQuietHours() {
        var hook = b.box.hook();
        b.site(b.auth.site(b.id()).put("quiet", CorePlan.quietNow(b.clock(), -60, 60)));
        int from = b.mark();
        int sounds = b.capture().sounds().size();
        hook.say("MIC on");
        b.event(from, 5, "local", "mic", d -> true);
        b.awaitTrue("the microphone's sound", 5, () -> b.capture().sounds().size() > sounds);
        hook.say("MIC off");
    }

    @Proves(
            value = {"DEC-8", "FLT-1"},
            seconds = 40)
    void aBrokenAmplifierIsToldAndEndsWhatSounds() {
        var hook = b.box.hook();
        var oid = b.name("a");
        int from = b.mark();
        b.plan(List.of(Audio.of("long", 60)), Authority.item(oid, b.clock() + 1_000, 60, 30, 0));
        var unused = b.play(from, 8, "started", oid);
        hook.say("AMP fault");
        b.play(from, 5, "interrupted", oid, "fault");
        b.event(from, 5, "fault", "set", d -> text(d, "f").equals("AMP_FAULT"));
        hook.say("AMP ok");
        b.event(from, 5, "fault", "clr", d -> text(d, "f").equals("AMP_FAULT"));
    }

    @Proves(
            value = {"FLT-1"},
            seconds = 30)
    void lostMainsAreTold() {
        var hook = b.box.hook();
        int from = b.mark();
        hook.say("MAINS off");
        b.event(from, 5, "fault", "set", d -> text(d, "f").equals("MAINS_LOST"));
        hook.say("MAINS on");
        b.event(from, 5, "fault", "clr", d -> text(d, "f").equals("MAINS_LOST"));
    }

    @Proves(
            value = {"TIM-6", "TIM-7"},
            seconds = 50)
    void aSteppingClockMovesNoSound() {
        var hook = b.box.hook();
        var oid = b.name("a");
        int from = b.mark();
        b.plan(List.of(Audio.of("short", 6)), Authority.item(oid, b.clock() + 1_500, 6, 30, 0));
        var unused = b.play(from, 8, "started", oid);
        hook.say("CLOCK -7200000");
        var done = b.play(from, 10, "completed", oid);
        long ms = Bench.number(done.event().details(), "ms");
        check(Math.abs(ms - Audio.of("short", 6).millis()) < 400, "It sounded " + ms + " ms.");
        b.never("a second time", 2, () -> b.played(b.journal().indexOf(done), "started", oid)
                .isPresent());
        hook.say("CLOCK 0");
    }
}
