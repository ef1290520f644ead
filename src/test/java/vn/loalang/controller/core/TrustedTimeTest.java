package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import vn.loalang.protocol.Quality;

/** What welcomes do to the clock of a box (§6). */
class TrustedTimeTest {
    private static final long TRUE_TIME = 1_767_570_000_000L;

    private final TrustedTime time = new TrustedTime(false);

    /** [TIM-9]: the answer took 29 s, all of them on one half of its way. */
    @Test
    void aSlowWelcomeMovesNoClockThatFitsToIt() {
        synchronised();
        later(60_000);
        time.resync();
        assertThat(time.welcomed(TRUE_TIME + 31_000, 29_000))
                .hasValueSatisfying(step -> assertThat(step.isJump()).isFalse());
        assertThat(time.now()).hasValue(TRUE_TIME + 60_000);
        assertThat(time.quality()).isEqualTo(Quality.T);
    }

    /** [TIM-9]. */
    @Test
    void aSlowWelcomeThatDoesNotFitIsTakenAndLeavesACoarseClock() {
        synchronised();
        later(60_000);
        time.resync();
        time.welcomed(TRUE_TIME + 100_000, 4_000);
        assertThat(time.now()).hasValue(TRUE_TIME + 102_000);
        assertThat(time.quality()).isEqualTo(Quality.C);
    }

    /** [SES-6]: of several answers the quickest says most. */
    @Test
    void theShortestRoundTripWins() {
        synchronised();
        time.resync();
        time.welcomed(TRUE_TIME + 500, 400);
        time.welcomed(TRUE_TIME - 5, 10);
        time.welcomed(TRUE_TIME + 900, 11);
        assertThat(time.now()).hasValue(TRUE_TIME);
    }

    /** {@code clock.json}: [TIM-1] what a battery clock may say. */
    @Test
    void aBatteryClockIsBelievedFromTheFloorTo400DaysAfterIt() throws Exception {
        var all =
                JsonMapper.shared().readTree(Files.readAllBytes(Path.of("firmware-protocol", "vectors", "clock.json")));
        assertThat(all).isNotEmpty();
        for (var one : all) {
            var box = new TrustedTime(false);
            box.floor(one.get("floor").asLong());
            box.at(new Moment(1_000, one.get("clock").asLong()));
            assertThat(box.quality().name())
                    .as(one.get("name").asString())
                    .isEqualTo(one.get("q").asString());
        }
    }

    /** [TIM-8b]: quiet hours end on a full minute of each clock, and a box has to look then. */
    @Test
    void forADayAfterAJumpMinutesAreThoseOfBothClocks() {
        synchronised();
        assertThat(time.nextMinute()).hasValue(time.mono() + 60_000);
        time.resync();
        time.welcomed(TRUE_TIME + 7_200_000 + 45_000 - 20, 40);
        assertThat(time.nextMinute()).as("of the new clock").hasValue(time.mono() + 15_000);
        later(20_000);
        assertThat(time.nextMinute()).as("of the old clock").hasValue(time.mono() + 40_000);
        later(24 * 3_600_000);
        assertThat(time.bindsByTwoClocks()).isFalse();
        assertThat(time.nextMinute()).as("of the new clock alone").hasValue(time.mono() + 55_000);
    }

    private void synchronised() {
        later(1_000);
        time.resync();
        time.welcomed(TRUE_TIME - 20, 40);
        assertThat(time.quality()).isEqualTo(Quality.T);
    }

    private void later(long ms) {
        time.at(new Moment(time.mono() + ms, 0));
    }
}
