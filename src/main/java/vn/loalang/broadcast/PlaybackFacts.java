package vn.loalang.broadcast;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.Quality;

/**
 * What is known of one playback, as a value: {@link Playbacks} keeps the same facts in the database and says in SQL what
 * {@link #after} says here; a test holds the two together. For simulations that must not wait for a database.
 *
 * @param firstStart number of the earliest start reported, null before one
 * @param sounding number of the newest start or interruption reported, null before one
 * @param heardMs heard in all
 * @param heardNumber number of the newest report that said how it knows, null before one
 * @param proof how the controller knows, null before it says
 */
public record PlaybackFacts(
        PlaybackState state,
        @Nullable Long firstStart,
        @Nullable Long sounding,
        long heardMs,
        @Nullable Long heardNumber,
        @Nullable Proof proof) {
    /** Of a playback just planned. */
    public static final PlaybackFacts PLANNED = new PlaybackFacts(PlaybackState.PLANNED, null, null, 0, null, null);

    /** Moved on by the server itself, if the state allows: sent, cancelled or unknown. */
    public PlaybackFacts moved(PlaybackState next) {
        return state.mayBecome(next) ? with(next, sounding) : this;
    }

    /** With one more report. The outcome does not depend on the order of reports. */
    public PlaybackFacts after(Outcome outcome, long number) {
        return switch (outcome.state()) {
            case SENT, RECEIVED, PREPARED -> moved(outcome.state());
            case STARTED -> started(number);
            case INTERRUPTED -> interrupted(number).heard(outcome, number, number);
            case COMPLETED, MISSED, FAILED -> ended(outcome.state()).heard(outcome, number, 0);
            case PLANNED, CANCELLED, UNKNOWN ->
                throw new IllegalArgumentException("no report leads to " + outcome.state());
        };
    }

    /** The same for the same report, however often it is sent; plans are applied again and again, that counts once. */
    public static String fingerprint(Evidence evidence) {
        var outcome = evidence.outcome();
        var unit = evidence.unit() == null ? null : evidence.unit().value();
        return switch (outcome.state()) {
            case SENT -> "SENT";
            case RECEIVED, PREPARED -> outcome.state() + " " + unit;
            default ->
                outcome.state() + " " + unit + " " + evidence.deviceTime().toEpochMilli() + " "
                        + (outcome.proof().isPresent() ? outcome.heardMs() : 0L) + " "
                        + (outcome instanceof Outcome.Started started ? started.positionMs() : 0L) + " "
                        + outcome.reason().map(Enum::name).orElse("")
                        + (evidence.repetition() == 0 ? "" : " #" + evidence.repetition());
        };
    }

    /** When it happened; the moment we heard of it where the box did not know the time. */
    static Instant at(Evidence evidence) {
        return evidence.quality() == Quality.U ? evidence.receivedAt() : evidence.deviceTime();
    }

    private PlaybackFacts started(long number) {
        var newer = Objects.requireNonNullElse(sounding, -1L) < number;
        var next = newer && state.mayBecome(PlaybackState.STARTED) ? PlaybackState.STARTED : state;
        var first = firstStart == null || firstStart > number ? (Long) number : firstStart;
        return new PlaybackFacts(next, first, atLeast(sounding, number), heardMs, heardNumber, proof);
    }

    /** A newer interruption replaces an older one. */
    private PlaybackFacts interrupted(long number) {
        var newer = Objects.requireNonNullElse(sounding, -1L) < number;
        return newer && state.mayBecome(PlaybackState.INTERRUPTED) ? with(PlaybackState.INTERRUPTED, number) : this;
    }

    /** What has begun to sound was not missed, whenever the report of either arrives. */
    private PlaybackFacts ended(PlaybackState end) {
        var soundedAfterAll = end == PlaybackState.MISSED && firstStart != null;
        return soundedAfterAll ? this : moved(end);
    }

    private PlaybackFacts heard(Outcome outcome, long number, long soundingNumber) {
        var says = outcome.proof().isPresent();
        var newer = says && Objects.requireNonNullElse(heardNumber, -1L) < number;
        return new PlaybackFacts(
                state,
                firstStart,
                atLeast(sounding, soundingNumber),
                says ? Math.max(heardMs, outcome.heardMs()) : heardMs,
                Math.max(Objects.requireNonNullElse(heardNumber, -1L), says ? number : -1L),
                newer ? outcome.proof().orElse(null) : proof);
    }

    private PlaybackFacts with(PlaybackState next, @Nullable Long newestSounding) {
        return new PlaybackFacts(next, firstStart, newestSounding, heardMs, heardNumber, proof);
    }

    private static long atLeast(@Nullable Long known, long number) {
        return Math.max(Objects.requireNonNullElse(known, 0L), number);
    }
}
