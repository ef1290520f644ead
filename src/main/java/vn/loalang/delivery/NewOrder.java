package vn.loalang.delivery;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import vn.loalang.area.Authority;
import vn.loalang.area.StationId;
import vn.loalang.audio.RecordingId;
import vn.loalang.broadcast.Status;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Step;

/**
 * An emergency as its author wants it.
 *
 * @param title what people call it, 1 to 200 characters
 * @param scopes areas and single boxes it is for, at least one
 * @param steps what one repetition sounds, 1 to 8
 * @param recordings the recordings among the steps, in order; they are kept with the broadcast
 * @param repetition how long one repetition sounds
 * @param repetitions 1 to 20
 * @param gap silence between repetitions, 0 to 120 s
 * @param volume percent, 10 to 100
 * @param life from its release to its end whatever has sounded, up to 6 h
 * @param longest how long it may sound in all, 1 s to 1 h
 * @param not boxes that stay silent, at most 32
 * @param elsewhere how long one repetition sounds on poles where that is not {@code repetition}, since their boxes keep another
 *     sound under the same name, see {@link Pins}
 */
public record NewOrder(
        StationId station,
        Authority authority,
        Status status,
        String title,
        Set<Scope> scopes,
        List<Step> steps,
        List<RecordingId> recordings,
        Duration repetition,
        int repetitions,
        Duration gap,
        int volume,
        Duration life,
        Duration longest,
        List<DeviceId> not,
        Map<ControllerId, Duration> elsewhere) {
    public NewOrder {
        scopes = Set.copyOf(scopes);
        steps = List.copyOf(steps);
        recordings = List.copyOf(recordings);
        not = List.copyOf(not);
        elsewhere = Map.copyOf(elsewhere);
        if (scopes.isEmpty()) {
            throw new IllegalArgumentException("an order is for somebody");
        }
    }

    /** A tone for areas or boxes, with the usual bounds: loud, once, over after ten minutes. */
    public static NewOrder tone(
            StationId station, Authority authority, Status status, String title, Set<Scope> scopes, Step.Tone tone) {
        return new NewOrder(
                station,
                authority,
                status,
                title,
                scopes,
                List.of(tone),
                List.of(),
                Duration.ofMillis(tone.millis()),
                1,
                Duration.ZERO,
                100,
                Duration.ofMinutes(10),
                Duration.ofMinutes(10),
                List.of(),
                Map.of());
    }
}
