package vn.loalang.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Hash;

/**
 * How fast boxes receive, as each shows it: what was sent to it at one go is through when it asks for other blocks of the same
 * file [BLK-1c]. The way of the question back counts as well, as it does in the rate that a box itself asks by [BLK-1].
 */
final class MeasuredRates {
    /** Links change: what a box did longer ago says nothing. */
    private static final Duration FRESH = Duration.ofHours(24);
    /** What left within this time left at one go. */
    private static final Duration AT_ONE_GO = Duration.ofMillis(200);

    /** Who asks later than this was away meanwhile. */
    private static final Duration AWAY = Duration.ofMinutes(1);

    private final Map<DeviceId, Answer> answers = new HashMap<>();
    private final Map<DeviceId, Rate> rates = new HashMap<>();

    /** What was last sent to a box alone. */
    private static final class Answer {
        private final Hash asset;
        private final Set<Long> blocks = new HashSet<>();
        private final Instant begun;
        private Instant ended;
        private long bytes;

        Answer(Hash asset, Instant begun) {
            this.asset = asset;
            this.begun = begun;
            this.ended = begun;
        }
    }

    private record Rate(double bytesPerSecond, Instant at) {}

    /** A block left for a box alone. */
    void sent(DeviceId unit, Hash asset, long block, int bytes, Instant now) {
        var answer = answers.computeIfAbsent(unit, first -> new Answer(asset, now));
        answer.blocks.add(block);
        answer.ended = now;
        answer.bytes += bytes;
    }

    /** A box asks for these blocks. */
    void asked(DeviceId unit, Hash asset, Collection<Long> blocks, Instant now) {
        var answer = answers.remove(unit);
        if (answer == null
                || Duration.between(answer.begun, now).compareTo(AWAY) > 0
                || !answer.asset.equals(asset)
                || blocks.stream().anyMatch(answer.blocks::contains)
                || Duration.between(answer.begun, answer.ended).compareTo(AT_ONE_GO) > 0) {
            // Another file, a power cut, blocks that were lost, or our own pace: none of these shows how fast the link
            // is.
            return;
        }
        var seconds = Math.max(0.001, Duration.between(answer.begun, now).toNanos() / 1e9);
        var sample = answer.bytes / seconds;
        rates.compute(
                unit,
                (box, before) -> new Rate(
                        before == null || !fresh(before, now) ? sample : (3 * before.bytesPerSecond() + sample) / 4,
                        now));
    }

    /** Bytes a second of the slowest of these boxes; empty when none has shown it of late. */
    OptionalDouble slowest(Collection<DeviceId> units, Instant now) {
        return units.stream()
                .map(rates::get)
                .filter(rate -> rate != null && fresh(rate, now))
                .mapToDouble(Rate::bytesPerSecond)
                .min();
    }

    private static boolean fresh(Rate rate, Instant now) {
        return Duration.between(rate.at(), now).compareTo(FRESH) < 0;
    }
}
