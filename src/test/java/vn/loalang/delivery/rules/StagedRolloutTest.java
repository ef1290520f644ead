package vn.loalang.delivery.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import vn.loalang.delivery.rules.StagedRollout.Course;
import vn.loalang.delivery.rules.StagedRollout.Step;
import vn.loalang.delivery.rules.StagedRollout.Tally;

/** Stages, watching and halting, by cases and by whole rollouts with boxes that do anything. */
class StagedRolloutTest {
    private static final Instant START = Instant.parse("2026-11-22T17:00:00Z");
    private static final Course USUAL = new Course(List.of(1, 10, 100), Duration.ofHours(24), 90);

    private static Tally tally(int waiting, int offered, int downloading, int confirmed, int failed, int skipped) {
        return Tally.of(Map.of(
                UpdateState.WAITING,
                waiting,
                UpdateState.OFFERED,
                offered,
                UpdateState.DOWNLOADING,
                downloading,
                UpdateState.CONFIRMED,
                confirmed,
                UpdateState.ROLLED_BACK,
                failed,
                UpdateState.SKIPPED,
                skipped));
    }

    private static Step next(int stage, Tally tally, Duration sinceStage) {
        return StagedRollout.next(USUAL, stage, START, 0, tally, START.plus(sinceStage));
    }

    @Test
    void aStageIsAShareRoundedUpAndAlwaysAtLeastOneMoreThanBefore() {
        assertThat(USUAL.target(0, 1000)).isEqualTo(10);
        assertThat(USUAL.target(1, 1000)).isEqualTo(100);
        assertThat(USUAL.target(2, 1000)).isEqualTo(1000);
        assertThat(USUAL.target(0, 101)).isEqualTo(2);
        assertThat(List.of(USUAL.target(0, 3), USUAL.target(1, 3), USUAL.target(2, 3)))
                .containsExactly(1, 2, 3);
        assertThat(List.of(USUAL.target(0, 1), USUAL.target(1, 1), USUAL.target(2, 1)))
                .containsExactly(1, 1, 1);
    }

    @Test
    void stagesThatDoNotRiseToAHundredAreRefused() {
        for (var wrong :
                List.of(List.<Integer>of(), List.of(0, 100), List.of(10, 10, 100), List.of(50), List.of(101))) {
            assertThatThrownBy(() -> new Course(wrong, Duration.ZERO, 90))
                    .as("%s", wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theNextStageWaitsForTheWatchAndForTheShare() {
        assertThat(next(0, tally(100, 0, 0, 0, 0, 0), Duration.ZERO)).isEqualTo(new Step.Offer(1));
        assertThat(next(0, tally(99, 1, 0, 0, 0, 0), Duration.ofDays(3))).isEqualTo(new Step.WaitForBoxes());
        assertThat(next(0, tally(99, 0, 0, 1, 0, 0), Duration.ofHours(23)))
                .isEqualTo(new Step.WaitUntil(START.plus(Duration.ofHours(24))));
        assertThat(next(0, tally(99, 0, 0, 1, 0, 0), Duration.ofHours(24))).isEqualTo(new Step.Advance(1));
        assertThat(next(1, tally(90, 2, 0, 8, 0, 0), Duration.ofDays(2))).isEqualTo(new Step.WaitForBoxes());
        assertThat(next(1, tally(90, 1, 0, 9, 0, 0), Duration.ofDays(2))).isEqualTo(new Step.Advance(2));
        assertThat(next(2, tally(0, 5, 0, 95, 0, 0), Duration.ofDays(9))).isEqualTo(new Step.WaitForBoxes());
        assertThat(next(2, tally(0, 0, 0, 98, 0, 2), Duration.ZERO)).isEqualTo(new Step.Complete());
    }

    @Test
    void itHaltsAtTwoPercentOfThoseThatBeganAndAtTheFirstOfAFew() {
        assertThat(next(0, tally(99, 0, 0, 0, 1, 0), Duration.ZERO)).isEqualTo(new Step.Halt());
        assertThat(next(2, tally(0, 0, 10, 40, 1, 0), Duration.ZERO)).isEqualTo(new Step.WaitForBoxes());
        assertThat(next(2, tally(0, 0, 10, 39, 1, 0), Duration.ZERO)).isEqualTo(new Step.Halt());
        assertThat(next(2, tally(0, 900, 10, 39, 1, 0), Duration.ZERO))
                .as("who has not begun does not count")
                .isEqualTo(new Step.Halt());
        assertThat(next(2, tally(0, 0, 801, 180, 19, 0), Duration.ZERO)).isEqualTo(new Step.WaitForBoxes());
        assertThat(next(2, tally(0, 0, 800, 180, 20, 0), Duration.ZERO)).isEqualTo(new Step.Halt());
    }

    @Test
    void failuresThatAPersonHasAcceptedDoNotHaltAgainButTheNextDo() {
        assertThat(StagedRollout.mustHalt(tally(0, 0, 0, 5, 3, 0), 3)).isFalse();
        assertThat(StagedRollout.mustHalt(tally(0, 0, 0, 5, 4, 0), 3)).isTrue();
    }

    /** Boxes that fail, sleep and lose entries as they like: no rule of FW-6 is ever broken, and no rollout hangs. */
    @Test
    void noRolloutGoesOnPastTwoPercentOrBeforeItsTime() {
        for (var seed = 1; seed <= 400; seed++) {
            var random = new Random(seed);
            var total = 1 + random.nextInt(random.nextBoolean() ? 12 : 400);
            var course = aCourse(random);
            var badness = random.nextInt(4) == 0 ? random.nextDouble() * 0.2 : 0.004;
            var boxes = new UpdateState[total];
            Arrays.fill(boxes, UpdateState.WAITING);
            var stage = 0;
            var since = START;
            var now = START;
            var ended = false;
            for (var turn = 0; turn < 20_000 && !ended; turn++) {
                var tally = Tally.of(count(boxes));
                var step = StagedRollout.next(course, stage, since, 0, tally, now);
                var failing = tally.failed() >= 1 && tally.failed() * 50 >= tally.begun();
                assertThat(step instanceof Step.Halt).as("seed %d", seed).isEqualTo(failing);
                if (step instanceof Step.Halt || step instanceof Step.Complete) {
                    assertThat(step instanceof Step.Complete && !tally.over()).isFalse();
                    ended = true;
                } else if (step instanceof Step.Offer offer) {
                    assertThat(offer.upTo())
                            .as("seed %d", seed)
                            .isGreaterThan(tally.offered())
                            .isLessThanOrEqualTo(course.target(stage, total));
                    for (var box = tally.offered(); box < offer.upTo(); box++) {
                        boxes[box] = UpdateState.OFFERED;
                    }
                } else if (step instanceof Step.Advance advance) {
                    assertThat(advance.stage())
                            .isEqualTo(stage + 1)
                            .isLessThan(course.percents().size());
                    assertThat(Duration.between(since, now)).isGreaterThanOrEqualTo(course.watch());
                    assertThat(tally.offered()).isEqualTo(course.target(stage, total));
                    assertThat(tally.confirmed() * 100L)
                            .isGreaterThanOrEqualTo((long) course.share() * (tally.offered() - tally.skipped()));
                    stage = advance.stage();
                    since = now;
                } else if (step instanceof Step.WaitUntil wait && random.nextInt(3) > 0) {
                    assertThat(wait.at()).isAfter(now);
                    now = wait.at();
                } else {
                    say(boxes, badness, random);
                    now = now.plusSeconds(random.nextInt(7200));
                }
            }
            assertThat(ended).as("seed %d comes to an end", seed).isTrue();
        }
    }

    @Test
    void aBoxNeverGoesBackOnItsWay() {
        for (var to : UpdateState.values()) {
            for (var from : to.from()) {
                assertThat(from == UpdateState.SKIPPED || from.ordinal() < to.ordinal())
                        .as("%s → %s", from, to)
                        .isTrue();
                assertThat(from.ended() && from != UpdateState.SKIPPED && to != UpdateState.ROLLED_BACK)
                        .as("%s → %s", from, to)
                        .isFalse();
            }
        }
    }

    private static Course aCourse(Random random) {
        var percents = new TreeSet<>(List.of(100));
        for (var i = random.nextInt(4); i > 0; i--) {
            percents.add(1 + random.nextInt(99));
        }
        return new Course(List.copyOf(percents), Duration.ofHours(random.nextInt(48)), random.nextInt(101));
    }

    /** One box moves on, as its journal says. */
    private static void say(UpdateState[] boxes, double badness, Random random) {
        for (var i = 0; i < boxes.length; i++) {
            var box = boxes[i];
            if (box == UpdateState.WAITING || box.ended() || random.nextInt(3) > 0) {
                continue;
            }
            var next = random.nextDouble() < badness
                    ? (box == UpdateState.TRIAL ? UpdateState.ROLLED_BACK : UpdateState.FAILED)
                    : UpdateState.values()[box.ordinal() + 1];
            if (random.nextInt(500) == 0) {
                next = UpdateState.SKIPPED;
            }
            boxes[i] =
                    next == UpdateState.SKIPPED || next.from().contains(box) || box == UpdateState.OFFERED ? next : box;
        }
    }

    private static Map<UpdateState, Integer> count(UpdateState[] boxes) {
        var counts = new EnumMap<UpdateState, Integer>(UpdateState.class);
        for (var box : boxes) {
            counts.merge(box, 1, Integer::sum);
        }
        return counts;
    }
}
