package vn.loalang.broadcast;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import vn.loalang.area.Authority;
import vn.loalang.area.StationId;
import vn.loalang.audio.RecordingId;
import vn.loalang.fleet.ControllerId;

/**
 * An order beside the timetable, as its author wants it: an emergency or live voice. It may sound without any recording.
 *
 * @param origin {@link Origin#EMERGENCY} or {@link Origin#LIVE}
 * @param title what people call it, 1 to 200 characters
 * @param recordings those of its sounds that are recordings, in order, at most 16
 * @param repetitions how often the whole is to be heard, 1 to 20
 * @param repetition how long one repetition sounds; zero where nobody can know, as for live voice
 * @param life from its release to its end, up to 6 h
 * @param volume percent, 1 to 100
 * @param elsewhere how long one repetition sounds on poles where that is not {@code repetition}
 */
public record OrderPlan(
        StationId station,
        Priority priority,
        Authority authority,
        Origin origin,
        Status status,
        String title,
        List<RecordingId> recordings,
        int repetitions,
        Duration repetition,
        Duration life,
        int volume,
        Set<ControllerId> controllers,
        Map<ControllerId, Duration> elsewhere) {
    static final int MOST_REPETITIONS = 20;
    static final Duration LONGEST_LIFE = Duration.ofHours(6);

    public OrderPlan {
        recordings = List.copyOf(recordings);
        controllers = Set.copyOf(controllers);
        elsewhere = Map.copyOf(elsewhere);
        if (origin == Origin.SLOT) {
            throw new IllegalArgumentException("what comes from a slot is planned, not ordered");
        }
        if (title.isBlank() || title.length() > NewBroadcast.LONGEST_TITLE) {
            throw new IllegalArgumentException("title must have 1 to " + NewBroadcast.LONGEST_TITLE + " characters");
        }
        if (recordings.size() > NewBroadcast.MOST_RECORDINGS) {
            throw new IllegalArgumentException("at most " + NewBroadcast.MOST_RECORDINGS + " recordings");
        }
        if (repetitions < 1
                || repetitions > MOST_REPETITIONS
                || repetition.isNegative()
                || elsewhere.values().stream().anyMatch(Duration::isNegative)) {
            throw new IllegalArgumentException("repetitions must be 1 to " + MOST_REPETITIONS);
        }
        if (life.isNegative() || life.isZero() || life.compareTo(LONGEST_LIFE) > 0) {
            throw new IllegalArgumentException("life is " + life + ", allowed is up to " + LONGEST_LIFE);
        }
        NewBroadcast.checkVolume(volume);
    }

    /** What this pole hears in full; zero where nobody can know. */
    Duration sound(ControllerId controller) {
        var all = elsewhere.getOrDefault(controller, repetition).multipliedBy(repetitions);
        return all.compareTo(life) < 0 ? all : life;
    }
}
