package vn.loalang.simulator.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

class StormTest {
    private static final int STORMS = 8;

    /** Prints the seeds, so that a failing one can be had again outside of the build. */
    @Test
    void nothingThatMustNotHappenHappensWhateverBreaks() {
        for (int seed = 1; seed <= STORMS; seed++) {
            var result = Storm.run(Setting.of(seed), null);
            System.out.println(StormCommand.line(result));
            assertThat(result.violations())
                    .as("the same again: %s", StormCommand.again(result.setting()))
                    .isEmpty();
        }
    }

    @Test
    void theSameSeedGivesTheSameStormToTheLastEvent() throws Exception {
        Callable<Storm.Result> storm = () -> Storm.run(new Setting(4711, 2, 20, true, true), null);
        assertThat(storm.call()).isEqualTo(storm.call());
    }
}
