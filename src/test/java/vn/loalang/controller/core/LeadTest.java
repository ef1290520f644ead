package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;
import static vn.loalang.controller.Deployment.order;

import java.util.List;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.Plan;
import vn.loalang.protocol.Step;

/** A box that writes an item down and makes it ready half a second before its moment, so that nothing delays its first sample. */
class LeadTest {
    private static final long SECOND = 1_000;
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long LEAD = 500;
    /** 08:00 on the pole. */
    private static final long MORNING = Deployment.CLAIMED + 8 * HOUR;

    private static final long START = MORNING + 10 * MINUTE;
    private static final Asset NEWS = Deployment.asset("news", 600);

    private final Pole pole = new Pole(MORNING, 1).leading(LEAD);
    private final Deployment server = pole.deployment;

    @Test
    void anItemIsOnTheDiskBeforeItsMomentAndBeginsAtIt() {
        running(item("a", START, 30));
        pole.runUntil(START - LEAD + 50);
        assertThat(starts()).as("written down").hasSize(1);
        pole.runUntil(START + 15 * MINUTE);
        assertThat(pole.plays()).containsExactly("a started 0", "a completed 600");
        assertThat(pole.sounded.get(0).at).isBetween(START, START + 2);
        assertThat(starts().get(0).t()).isBetween(START, START + 2);
        assertThat(((Event.Started) starts().get(0).event()).err()).isZero();
    }

    @Test
    void anItemAtTheEndOfQuietHoursBeginsAtThatMoment() {
        running(List.of("08:00", "08:10"), item("a", START, 30));
        pole.runUntil(START + 15 * MINUTE);
        assertThat(pole.plays()).containsExactly("a started 0", "a completed 600");
        assertThat(pole.sounded.get(0).at).isBetween(START, START + 2);
    }

    @Test
    void anItemAtTheBeginningOfQuietHoursIsNeverMadeReady() {
        running(List.of("08:10", "09:00"), item("a", START, 30));
        pole.runUntil(START + 15 * MINUTE);
        assertThat(pole.plays()).containsExactly("a missed quiet");
        assertThat(pole.sounded).isEmpty();
    }

    @Test
    void whatSoundsIsNotCutShortForOneThatIsOnlyMadeReady() {
        running(item("a", START - 5 * MINUTE, 30), item("b", START, 45));
        pole.runUntil(START + 15 * MINUTE);
        assertThat(pole.plays().subList(0, 3))
                .containsExactly("a started 0", "a interrupted 300 preempted", "b started 0");
        assertThat(pole.sounded.get(1).at).isBetween(START, START + SECOND);
    }

    @Test
    void ofTwoThatWillCompeteTheMoreImportantIsMadeReady() {
        running(item("a", START, 30), item("b", START, 45));
        pole.runUntil(START + 15 * MINUTE);
        assertThat(pole.plays().get(0)).isEqualTo("b started 0");
        assertThat(pole.sounded.get(0).oid).isEqualTo("b");
    }

    @Test
    void anOrderThatComesMeanwhileSoundsAtOnceAndTheItemJoinsItsNeighboursAfterwards() {
        running(item("a", START, 30));
        pole.runUntil(START - 300);
        var ordered = pole.now();
        var siren = new Step.Tone(Step.Pattern.WAIL, 3, 4, 2);
        pole.publish("now/x1", server.orders(ordered, order("flood", 85, ordered, 1_800, 1, 0, siren)));
        pole.runUntil(START + 15 * MINUTE);
        assertThat(pole.plays())
                .containsExactly(
                        "a started 0",
                        "a interrupted 0 preempted",
                        "flood#1 started 0",
                        "flood#1 completed 16",
                        "a started 15",
                        "a completed 584");
        assertThat(pole.sounded.get(0).ms).as("of the item, before the order").isZero();
        assertThat(pole.sounded.get(1).at - ordered).isBetween(0L, 300L);
    }

    @Test
    void whatGaveWayBeforeItsMomentBeginsAtItAsIfNothingHadBeen() {
        running(Deployment.item("spot", START, 20, 30, 300, 0));
        pole.runUntil(START - 300);
        pole.step(new Input.Microphone(true));
        pole.runUntil(START - 100);
        pole.step(new Input.Microphone(false));
        pole.runUntil(START + MINUTE);
        assertThat(pole.plays())
                .startsWith("spot started 0", "spot interrupted 0 preempted", "spot started 0")
                .hasSize(4);
        assertThat(pole.sounded.get(2).at).isBetween(START, START + 300);
        assertThat(pole.evidence().stream()
                        .filter(entry -> entry.event() instanceof Event.Interrupted)
                        .map(JournalEntry::t))
                .as("nothing ends before it began")
                .containsExactly(START);
    }

    @Test
    void whoeverBeginsByThenCompetes() {
        server.inputs("line");
        running(item("a", START, 25), Deployment.relay("radio", START, 60, 45, 300, "line"));
        pole.runUntil(START - 100);
        assertThat(starts()).as("made ready").isEmpty();
        pole.runUntil(START + 15 * MINUTE);
        assertThat(pole.plays().get(0)).isEqualTo("radio started 0");
    }

    @Test
    void aClockThatIsSetFarMakesItAnOrdinaryItemAgain() {
        clockIsSetWhileTheItemWaits(-5 * MINUTE);
        pole.runUntil(START + 4 * MINUTE);
        assertThat(pole.plays()).containsExactly("a started 0", "a interrupted 0 preempted");
        pole.runUntil(START + 20 * MINUTE);
        assertThat(pole.plays())
                .containsExactly("a started 0", "a interrupted 0 preempted", "a started 0", "a completed 600");
    }

    @Test
    void aClockThatIsSetForwardLetsItJoinItsNeighbours() {
        clockIsSetWhileTheItemWaits(MINUTE);
        pole.runUntil(START + 15 * MINUTE);
        assertThat(pole.plays())
                .containsExactly("a started 0", "a interrupted 0 preempted", "a started 59", "a completed 540");
    }

    @Test
    void anItemThatIsMovedMeanwhileSoundsAtItsNewTime() {
        running(item("a", START, 30));
        pole.runUntil(START - 300);
        pole.publish("plan", server.plan(pole.now(), List.of(NEWS), item("a", START + 10 * MINUTE, 30)));
        pole.runUntil(START + 25 * MINUTE);
        assertThat(pole.plays())
                .containsExactly("a started 0", "a interrupted 0 preempted", "a started 0", "a completed 600");
        assertThat(pole.sounded.get(1).at).isBetween(START + 10 * MINUTE, START + 10 * MINUTE + 2);
    }

    @Test
    void anItemThatIsTakenOutMeanwhileIsNotHeard() {
        running(item("a", START, 30));
        pole.runUntil(START - 300);
        pole.publish("plan", server.plan(pole.now(), List.of(NEWS)));
        pole.runUntil(START + 15 * MINUTE);
        assertThat(pole.plays()).containsExactly("a started 0", "a interrupted 0 cancelled");
        assertThat(pole.sounded.get(0).ms).isZero();
    }

    @Test
    void aPowerCutMeanwhileIsToldAndTheItemJoinsItsNeighbours() {
        running(item("a", START, 30));
        pole.runUntil(START - 300);
        pole.powerOff().runFor(10 * SECOND);
        pole.powerOn().runUntil(START + 15 * MINUTE);
        assertThat(pole.plays())
                .startsWith("a started 0", "a interrupted 0 power_loss")
                .last()
                .asString()
                .startsWith("a completed");
        assertThat(pole.sounded.get(0).ms).isZero();
    }

    @Test
    void theMomentFollowsAClockThatIsSetMeanwhile() {
        clockIsSetWhileTheItemWaits(-150);
        pole.runUntil(START + 15 * MINUTE);
        assertThat(pole.sounded.get(0).at - 150).isBetween(START, START + 2);
    }

    /** The item is made ready by a box that has not been welcomed, 300 ms before its start. */
    private void clockIsSetWhileTheItemWaits(long ms) {
        running(item("a", START, 30));
        pole.powerOff().link(false).powerOn().runUntil(START - 300);
        assertThat(starts()).hasSize(1);
        pole.rtcWrongBy(ms).step(new Input.Tick());
    }

    private List<JournalEntry> starts() {
        return pole.evidence().stream()
                .filter(entry -> entry.event() instanceof Event.Started)
                .toList();
    }

    private void running(Plan.Item... items) {
        running(List.of(), items);
    }

    private void running(List<String> quiet, Plan.Item... items) {
        pole.publish("keys", server.keys());
        pole.publish("site", server.site(MORNING, quiet.toArray(String[]::new)));
        pole.publish("cfg", server.cfg(MORNING));
        pole.publish("plan", server.plan(MORNING, List.of(NEWS), items));
        pole.asset(NEWS.h(), NEWS.sz()).powerOn().runFor(MINUTE);
    }

    private static Plan.Item item(String oid, long at, int priority) {
        return Deployment.item(oid, at, 600, priority, 300, 0);
    }
}
