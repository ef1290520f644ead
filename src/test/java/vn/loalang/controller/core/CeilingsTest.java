package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.Kid;

/** How long keys may sound, with and without a clock. */
class CeilingsTest {
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final Kid X1 = new Kid("x1");
    private static final Kid E1 = new Kid("e1");

    private final Map<String, String> disk = new HashMap<>();
    private Memory memory = new Memory(disk);
    private TrustedTime time = new TrustedTime(false);
    private Ceilings ceilings = new Ceilings(memory, time);

    private void restart() {
        for (Map.Entry<String, Optional<String>> change : memory.takeChanges().entrySet()) {
            change.getValue()
                    .ifPresentOrElse(text -> disk.put(change.getKey(), text), () -> disk.remove(change.getKey()));
        }
        memory = new Memory(disk);
        time = new TrustedTime(false);
        ceilings = new Ceilings(memory, time);
    }

    /** [PRI-3]. */
    @Test
    void oneKeyHasItsCeilingAndAllKeysTogetherTwice() {
        time.at(new Moment(MINUTE, Deployment.CLAIMED));
        time.floor(Deployment.CLAIMED);
        ceilings.charge(X1, 500_000);
        assertThat(ceilings.leftMs(X1, 600)).isEqualTo(100_000);
        assertThat(ceilings.leftMs(E1, 600)).isEqualTo(600_000);
        ceilings.charge(E1, 600_000);
        assertThat(ceilings.leftMs(new Kid("k9"), 600)).isEqualTo(100_000);
        ceilings.charge(X1, 100_000);
        assertThat(ceilings.leftMs(new Kid("k9"), 600)).isZero();
    }

    /** [PRI-3b]. */
    @Test
    void whatSoundedIsKnownAfterAPowerCut() {
        time.floor(Deployment.CLAIMED);
        time.at(new Moment(MINUTE, Deployment.CLAIMED + MINUTE));
        ceilings.charge(X1, 300_000);
        restart();
        time.floor(Deployment.CLAIMED);
        time.at(new Moment(10, Deployment.CLAIMED + 2 * MINUTE));
        assertThat(ceilings.leftMs(X1, 600)).isEqualTo(300_000);
        time.at(new Moment(20, Deployment.CLAIMED + MINUTE + 6 * HOUR));
        assertThat(ceilings.leftMs(X1, 600)).as("six hours later by the clock").isEqualTo(600_000);
    }

    /** [PRI-3c]: without a clock only uptime counts, however often it restarts. */
    @Test
    void withoutAClockItDecaysOnlyWithSixHoursOfUptime() {
        time.floor(Deployment.CLAIMED);
        time.at(new Moment(MINUTE, 0));
        assertThat(time.now()).isEmpty();
        ceilings.charge(X1, 300_000);
        for (int boot = 0; boot < 5; boot++) {
            restart();
            time.floor(Deployment.CLAIMED);
            time.at(new Moment(5 * HOUR, 0));
            assertThat(ceilings.leftMs(X1, 600)).isEqualTo(300_000);
        }
        time.at(new Moment(6 * HOUR, 0));
        assertThat(ceilings.leftMs(X1, 600)).isEqualTo(600_000);
    }
}
