package vn.loalang.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import vn.loalang.area.Authority;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.Quality;

class OrdersTest extends PlaybackTestBase {
    @BeforeEach
    void aBox() {
        fleet.registerUnit(new NewUnit(UNIT, "LC1", "r1"));
    }

    @Test
    void whatIsArmedIsInNoPlanAndNeverBecomesUnknown() {
        var pole = aPole("Trụ 1");
        var order = anOrder(pole);

        assertThat(broadcasts.timeline(pole, START.minusSeconds(7200), START.plusSeconds(7200)))
                .isEmpty();
        playbacks.sweepUnknown(START.plus(Duration.ofDays(1)));
        assertThat(state(order, pole)).isEqualTo(PlaybackState.PLANNED);
    }

    @Test
    void anOrderIsReleasedOnce() {
        var pole = aPole("Trụ 1");
        var order = anOrder(pole);

        assertThat(broadcasts.release(order, START, START.plusSeconds(600))).isTrue();
        assertThat(broadcasts.release(order, START, START.plusSeconds(600))).isFalse();
        broadcasts.settle(order, START, START.plusSeconds(600));

        assertThat(broadcasts.timeline(pole, START.minusSeconds(7200), START.plusSeconds(7200)))
                .isEmpty();
    }

    @Test
    void whatIsTakenBackIsNotReleased() {
        var pole = aPole("Trụ 1");
        var order = anOrder(pole);
        broadcasts.end(order, "Nhầm");
        broadcasts.takeBack(order);

        assertThat(broadcasts.release(order, START, START.plusSeconds(600))).isFalse();
        assertThat(state(order, pole)).isEqualTo(PlaybackState.CANCELLED);
    }

    @Test
    void secondsHeardAddUpOverRepetitionsInWhateverOrderTheyAreTold() {
        var reports = new ArrayList<Evidence>();
        for (var seed = 1; seed <= 20; seed++) {
            var pole = aPole("Trụ " + seed);
            var order = released(pole);
            reports.clear();
            reports.add(told(order, pole, 1, 1, new Outcome.Started(3, 0)));
            reports.add(told(order, pole, 2, 1, new Outcome.Completed(30_000, Proof.AMP, 100)));
            reports.add(told(order, pole, 3, 2, new Outcome.Started(0, 0)));
            reports.add(told(order, pole, 4, 2, new Outcome.Interrupted(12_000, Proof.AMP, Reason.PREEMPTED)));
            reports.add(told(order, pole, 5, 3, new Outcome.Started(0, 0)));
            reports.add(told(order, pole, 6, 3, new Outcome.Completed(30_000, Proof.AMP, 100)));
            reports.addAll(List.copyOf(reports));
            Collections.shuffle(reports, new Random(seed));
            for (var report : reports) {
                playbacks.record(List.of(report));
            }

            assertThat(row(order, pole)).containsEntry("heard_ms", 72_000L).containsEntry("state", "COMPLETED");
        }
    }

    @Test
    void oneRepetitionOfSeveralIsNotTheEnd() {
        var pole = aPole("Trụ");
        var order = released(pole);
        playbacks.record(List.of(
                told(order, pole, 1, 1, new Outcome.Started(3, 0)),
                told(order, pole, 2, 1, new Outcome.Completed(30_000, Proof.AMP, 100))));

        assertThat(state(order, pole)).isEqualTo(PlaybackState.STARTED);
        // Its time runs out in the gap: the repetition that ended was its end.
        playbacks.sweepUnknown(START.plusSeconds(3600));
        assertThat(row(order, pole)).containsEntry("heard_ms", 30_000L).containsEntry("state", "COMPLETED");
    }

    @Test
    void aRepetitionWithoutAnEndIsUnknown() {
        var pole = aPole("Trụ");
        var order = released(pole);
        playbacks.record(List.of(
                told(order, pole, 1, 1, new Outcome.Started(3, 0)),
                told(order, pole, 2, 1, new Outcome.Completed(30_000, Proof.AMP, 100)),
                told(order, pole, 3, 2, new Outcome.Started(3, 0))));
        playbacks.sweepUnknown(START.plusSeconds(3600));

        assertThat(row(order, pole)).containsEntry("heard_ms", 30_000L).containsEntry("state", "UNKNOWN");
    }

    private static Evidence told(BroadcastId id, ControllerId pole, long number, int repetition, Outcome outcome) {
        Instant at = START.plusSeconds(number);
        return new Evidence(pole, UNIT, id.oid(), at, Quality.T, number, at, outcome, repetition);
    }

    private BroadcastId released(ControllerId pole) {
        var order = anOrder(pole);
        broadcasts.release(order, START, START.plusSeconds(600));
        broadcasts.settle(order, START, START.plusSeconds(600));
        return order;
    }

    private BroadcastId anOrder(ControllerId... poles) {
        return broadcasts.arm(new OrderPlan(
                STATION,
                Priority.EMERGENCY,
                Authority.COMMUNE,
                Origin.EMERGENCY,
                Status.EXERCISE,
                "Lũ quét",
                List.of(),
                3,
                Duration.ofSeconds(30),
                Duration.ofMinutes(10),
                100,
                Set.of(poles),
                Map.of()));
    }
}
