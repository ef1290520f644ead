package vn.loalang.simulator.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StormTest {
    private static final int STORMS = 60;

    /** Each storm in one thread, 300 days in all, {@code -Dstorms=N} for more or fewer; prints the seeds, so that a failing one can be had again outside of the build. */
    @Test
    void nothingThatMustNotHappenHappensWhateverBreaks() {
        var results = IntStream.rangeClosed(1, Integer.getInteger("storms", STORMS))
                .parallel()
                .mapToObj(seed -> Storm.run(Setting.of(seed), null))
                .toList();
        for (var result : results) {
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
