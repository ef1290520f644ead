package vn.loalang.simulator.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.controller.core.Profile;
import vn.loalang.protocol.QuietWindow;

class AuditorTest {
    private static final long SECOND = 1_000;
    private static final long HOUR = 3_600 * SECOND;
    private static final long DAY = 24 * HOUR;
    /** 01:34 in the night, in Vietnam. */
    private static final long NIGHT = (Deployment.CLAIMED / DAY + 3) * DAY + 18 * HOUR + 34 * 60 * SECOND;

    private final World world = new World(1, NIGHT, null);
    private final Auditor auditor =
            new Auditor(world, new Notary(), new Library(), List.of(QuietWindow.parse("21:30", "04:45")));

    /** By its own clock it is half past five in the morning; there is no network. */
    private Pole poleFourHoursAhead() {
        var deployment = Deployment.ofADevice();
        var profile = Profile.of(deployment.id(), deployment.claim());
        for (int i = 0; ; i++) {
            var pole = new Pole(
                    world, new Broker(world), auditor, new Library(), () -> false, profile, "pole-" + i, List.of());
            if (pole.clock().kind() != Clockwork.Kind.GOOD) continue;
            pole.radio(false);
            pole.stepClock(4 * HOUR);
            pole.powerOn();
            return pole;
        }
    }

    private List<Invariant> afterItLearnsTheTimeItSoundsFor(long ms, String name) {
        var pole = poleFourHoursAhead();
        world.runUntil(NIGHT + 200 * SECOND);
        auditor.sounds(pole, name, 0, null);
        world.runUntil(world.now() + 4 * SECOND);
        pole.stepClock(-4 * HOUR);
        world.runUntil(world.now() + ms);
        auditor.silent(pole, name, 4 * SECOND + ms, false);
        return auditor.violations().stream().map(Violation::invariant).toList();
    }

    /** [DEC-5] counts by the clock of the box (storm of seed 1001281). */
    @Test
    void quietHoursBeginForABoxWhenItLearnsOfThem() {
        assertThat(afterItLearnsTheTimeItSoundsFor(246, "news")).doesNotContain(Invariant.QUIET);
    }

    @Test
    void andThenItIsSilentSoon() {
        assertThat(afterItLearnsTheTimeItSoundsFor(2 * SECOND, "news")).contains(Invariant.QUIET);
    }

    /** A test tone of 3 s that was asked for just before (storm of seed 2002454). */
    @Test
    void aTestToneMayComeToItsEndAndNotBegin() {
        assertThat(afterItLearnsTheTimeItSoundsFor(2 * SECOND, "beep")).doesNotContain(Invariant.QUIET);
        var pole = poleFourHoursAhead();
        pole.stepClock(-4 * HOUR);
        auditor.sounds(pole, "beep", 0, null);
        assertThat(auditor.violations()).extracting(Violation::invariant).contains(Invariant.QUIET);
    }
}
