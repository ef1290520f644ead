package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When thousands of boxes speak at once, what can wait gives way. */
class RushTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
    private final Rush rush = new Rush(nanos::get);

    @Test
    void aFewMessagesAreNoRush() {
        rush.came(20);
        rush.stored();

        assertThat(rush.on()).isFalse();
    }

    @Test
    void itLastsAsLongAsABatchOfManyIsBeingStoredHoweverLongThatTakes() {
        rush.came(2_000);
        pass(30_000);

        assertThat(rush.on()).isTrue();
    }

    @Test
    void itIsOverHalfASecondAfterTheLastOfManyIsStored() {
        rush.came(2_000);
        pass(4_000);
        rush.stored();
        pass(499);
        assertThat(rush.on()).isTrue();
        pass(1);

        assertThat(rush.on()).isFalse();
    }

    @Test
    void fewAtATimeAreARushWhenTheyComeCloseTogether() {
        for (var i = 0; i < 5; i++) {
            rush.came(50);
            pass(50);
        }
        rush.stored();

        assertThat(rush.on()).isTrue();
    }

    private void pass(long ms) {
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(ms));
    }
}
