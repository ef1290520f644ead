package vn.loalang.delivery.rules;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * When a rollout of firmware goes on and when it stops [FW-6]: in stages, the next only after a watch time and when enough of
 * the boxes so far have confirmed; halted as soon as 2 % of the boxes that began, and at least one, have failed or gone back.
 */
public final class StagedRollout {
    /** Share of failures that halts, in percent of those tried. */
    public static final int HALT_PERCENT = 2;

    /** Most stages. */
    public static final int MOST_STAGES = 10;

    private StagedRollout() {}

    /**
     * What was asked for.
     *
     * @param percents of all boxes at the end of each stage: 1 to {@value #MOST_STAGES} numbers, rising, the last 100
     * @param watch shortest time between two stages
     * @param share percent of the boxes offered so far that must have confirmed before the next stage, 0 to 100
     */
    public record Course(List<Integer> percents, Duration watch, int share) {
        public Course {
            percents = List.copyOf(percents);
            var before = 0;
            for (var percent : percents) {
                if (percent <= before) {
                    throw new IllegalArgumentException("stages rise from 1 to 100 percent");
                }
                before = percent;
            }
            if (before != 100 || percents.size() > MOST_STAGES) {
                throw new IllegalArgumentException("1 to " + MOST_STAGES + " stages, the last of 100 percent");
            }
            if (watch.isNegative() || share < 0 || share > 100) {
                throw new IllegalArgumentException("watch is not negative, share 0 to 100 percent");
            }
        }

        /** How many of so many boxes shall have their document at the end of a stage: at least one more than before it. */
        public int target(int stage, int total) {
            var target = 0;
            for (var i = 0; i <= stage; i++) {
                target = Math.max(target + 1, (int) ((total * (long) percents.get(i) + 99) / 100));
            }
            return Math.min(total, target);
        }
    }

    /**
     * Where the boxes are.
     *
     * @param total all
     * @param waiting without their document so far
     * @param begun that began; those that ended are among them, those skipped are not
     * @param confirmed that run the new firmware for good
     * @param failed that failed or went back
     * @param skipped that this rollout does not reach any more
     */
    public record Tally(int total, int waiting, int begun, int confirmed, int failed, int skipped) {
        /** Counts boxes by state. */
        public static Tally of(Map<UpdateState, Integer> counts) {
            var total = 0;
            var begun = 0;
            var failed = 0;
            for (var each : counts.entrySet()) {
                total += each.getValue();
                begun += each.getKey().begun() ? each.getValue() : 0;
                failed += each.getKey().failed() ? each.getValue() : 0;
            }
            return new Tally(
                    total,
                    counts.getOrDefault(UpdateState.WAITING, 0),
                    begun,
                    counts.getOrDefault(UpdateState.CONFIRMED, 0),
                    failed,
                    counts.getOrDefault(UpdateState.SKIPPED, 0));
        }

        /** That have got their document, or had it. */
        public int offered() {
            return total - waiting;
        }

        /** Whether every box has come to an end. */
        public boolean over() {
            return confirmed + failed + skipped == total;
        }
    }

    /** What is to be done now. */
    public sealed interface Step {
        /** Nobody gets a document before a person has looked. */
        record Halt() implements Step {}

        /** Documents for the next boxes in turn, until so many have one. */
        record Offer(int upTo) implements Step {}

        /** The next stage begins. */
        record Advance(int stage) implements Step {}

        /** Nothing before this moment, unless a box says something. */
        record WaitUntil(Instant at) implements Step {}

        /** Nothing unless a box says something. */
        record WaitForBoxes() implements Step {}

        /** All boxes have come to an end. */
        record Complete() implements Step {}
    }

    /**
     * Whether it must halt.
     *
     * @param accepted failures that a person has looked at before going on; only further ones count
     */
    public static boolean mustHalt(Tally tally, int accepted) {
        var failures = tally.failed() - accepted;
        return failures >= 1 && failures * 100L >= (long) HALT_PERCENT * (tally.begun() - accepted);
    }

    /**
     * What a running rollout does next.
     *
     * @param stage index of the stage under way
     * @param stageSince when it began
     * @param accepted failures that a person has looked at
     */
    public static Step next(Course course, int stage, Instant stageSince, int accepted, Tally tally, Instant now) {
        if (mustHalt(tally, accepted)) {
            return new Step.Halt();
        }
        if (tally.over()) {
            return new Step.Complete();
        }
        var target = course.target(stage, tally.total());
        if (tally.waiting() > 0 && tally.offered() < target) {
            return new Step.Offer(target);
        }
        if (stage + 1 >= course.percents().size()) {
            return new Step.WaitForBoxes();
        }
        var reached = tally.offered() - tally.skipped();
        if (tally.confirmed() * 100L < (long) course.share() * reached) {
            return new Step.WaitForBoxes();
        }
        var from = stageSince.plus(course.watch());
        return now.isBefore(from) ? new Step.WaitUntil(from) : new Step.Advance(stage + 1);
    }
}
