package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Plan;

/** Plan items that relay a local input: the box has {@code line}, and no {@code fm}. */
class RelayTest {
    private static final long SECOND = 1_000;
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long MORNING = Deployment.CLAIMED + 8 * HOUR;
    private static final Asset NEWS = Deployment.asset("news", 600);

    private final Pole pole = new Pole(MORNING, 1).asset(NEWS.h(), NEWS.sz());
    private final Deployment server = pole.deployment;

    private void running(List<String> allowed, Plan.Item... items) {
        server.inputs(allowed.toArray(String[]::new));
        pole.publish("keys", server.keys());
        pole.publish("site", server.site(MORNING));
        pole.publish("cfg", server.cfg(MORNING));
        pole.publish("plan", server.plan(MORNING, List.of(NEWS), items));
        pole.powerOn().runFor(3 * MINUTE);
    }

    private List<String> sounded() {
        return pole.sounded.stream()
                .map(s -> s.oid + " " + s.offset / 1000 + "+" + s.ms / 1000)
                .toList();
    }

    @Test
    void anInputSoundsForItsWholeTimeAndGivesWayLikeAnyItem() {
        running(
                List.of("line"),
                Deployment.relay("relay", MORNING + 10 * MINUTE, 600, 15, 300, "line"),
                Deployment.item("news", MORNING + 12 * MINUTE, 120, 40, 300, 0));
        pole.runUntil(MORNING + 30 * MINUTE);
        assertThat(sounded()).containsExactly("relay 0+120", "news 0+119", "relay 240+360");
        assertThat(pole.plays())
                .containsExactly(
                        "relay started 0",
                        "relay interrupted 120 preempted",
                        "news started 0",
                        "news completed 119",
                        "relay started 240",
                        "relay completed 480");
    }

    /** [SIT-3]; and an input that this box does not have. */
    @Test
    void anInputThatIsNotAllowedOrNotThereFailsAtItsTime() {
        running(
                List.of("fm"),
                Deployment.relay("no-right", MORNING + 10 * MINUTE, 600, 15, 300, "line"),
                Deployment.relay("no-radio", MORNING + 11 * MINUTE, 600, 15, 300, "fm"));
        pole.runUntil(MORNING + 9 * MINUTE);
        assertThat(pole.plays()).isEmpty();
        pole.runUntil(MORNING + 30 * MINUTE);
        assertThat(pole.plays()).containsExactly("no-right failed line", "no-radio failed line");
        assertThat(sounded()).isEmpty();
    }

    @Test
    void anInputThatFallsSilentEndsItsItemAndTheNextSounds() {
        running(
                List.of("line"),
                Deployment.relay("relay", MORNING + 10 * MINUTE, 600, 15, 300, "line"),
                Deployment.item("news", MORNING + 10 * MINUTE, 900, 14, 300, 0));
        pole.runUntil(MORNING + 12 * MINUTE);
        pole.failSound(vn.loalang.protocol.Event.Failure.LINE);
        pole.runFor(10 * SECOND);
        assertThat(pole.plays()).containsExactly("relay started 0", "relay interrupted 120 fault", "news started 120");
    }
}
