package vn.loalang.controller.core;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.DeviceTime;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Timers;

/**
 * The device's idea of now (§6): nothing (T0), coarse from the real-time clock or a slow welcome (T1), synchronised by a quick
 * welcome (T2). After a welcome it runs on the monotonic clock alone, so a stepping real-time clock moves nothing.
 */
final class TrustedTime {
    /** Without a welcome a plausible real-time clock is believed for judging the past after this much uptime. */
    private static final long RTC_BELIEVED_MS = 600_000;

    private static final long MINUTE_MS = 60_000;

    private final boolean rtcTrusted;
    private Moment moment = new Moment(0, 0);
    private long floor;
    private @Nullable Long welcomeOffset;
    private long syncedMono = Long.MIN_VALUE;
    private long bestRoundTrip = Long.MAX_VALUE;
    private OptionalLong knownSince = OptionalLong.empty();
    private long otherClockOffset;
    private long otherClockUntilMono = Long.MIN_VALUE;

    /**
     * @param rtcTrusted for bench work: the real-time clock is judged right without a welcome
     */
    TrustedTime(boolean rtcTrusted) {
        this.rtcTrusted = rtcTrusted;
    }

    void at(Moment now) {
        moment = now;
        if (knownSince.isEmpty() && now().isPresent()) knownSince = OptionalLong.of(now.mono());
    }

    long mono() {
        return moment.mono();
    }

    /** Unix ms, or nothing at T0. */
    OptionalLong now() {
        if (welcomeOffset != null) return OptionalLong.of(moment.mono() + welcomeOffset);
        var rtc = moment.rtc();
        return rtc >= floor && rtc <= floor + Limits.HORIZON_MS ? OptionalLong.of(rtc) : OptionalLong.empty();
    }

    /** Whether this moment, Unix ms, is still to come and at most so far away. */
    boolean comesWithin(long at, long ms) {
        var now = now();
        return now.isPresent() && now.getAsLong() < at && now.getAsLong() >= at - ms;
    }

    Quality quality() {
        if (welcomeOffset != null && syncedMono != Long.MIN_VALUE) {
            return moment.mono() - syncedMono < Timers.SYNCHRONISED.toMillis() ? Quality.T : Quality.C;
        }
        return now().isPresent() ? Quality.C : Quality.U;
    }

    DeviceTime reading() {
        return new DeviceTime(stamp(), quality());
    }

    /** The time for a journal entry: Unix ms, or milliseconds since boot at T0. */
    long stamp() {
        return now().orElse(moment.mono());
    }

    /** Whether the past may be judged: a wrong clock at boot must not declare tomorrow's items missed. */
    boolean sure() {
        if (welcomeOffset != null) return true;
        return now().isPresent() && (rtcTrusted || moment.mono() >= RTC_BELIEVED_MS);
    }

    /** Uptime at which the time became known, if it is. */
    OptionalLong knownSince() {
        return knownSince;
    }

    long floor() {
        return floor;
    }

    /** The earliest believable time moved (TIM-1). */
    void floor(long to) {
        floor = to;
    }

    /** Starts a resynchronisation: the quickest of the coming welcomes wins. */
    void resync() {
        bestRoundTrip = Long.MAX_VALUE;
    }

    /** What a welcome did to the clock. */
    record Step(long oldTime, long newTime) {
        boolean isJump() {
            return Math.abs(newTime - oldTime) > Timers.CLOCK_JUMP.toMillis();
        }
    }

    /**
     * A welcome issued at {@code iat} came {@code roundTrip} ms after its hello.
     *
     * @return how far it moved the clock, if there was one
     */
    Optional<Step> welcomed(long iat, long roundTrip) {
        if (roundTrip >= bestRoundTrip) return Optional.empty();
        bestRoundTrip = roundTrip;
        var old = now();
        if (quality() == Quality.T && roundTrip > Timers.SYNC_ROUND_TRIP.toMillis()) {
            var kept = old.orElseThrow();
            // A slow answer says less than a synchronised clock that fits to it; where it does not fit, nothing is
            // synchronised [TIM-9].
            if (kept >= iat && kept <= iat + roundTrip) return Optional.of(new Step(kept, kept));
            syncedMono = Long.MIN_VALUE;
        }
        var time = iat + roundTrip / 2;
        welcomeOffset = time - moment.mono();
        if (roundTrip <= Timers.SYNC_ROUND_TRIP.toMillis()) syncedMono = moment.mono();
        if (knownSince.isEmpty()) knownSince = OptionalLong.of(moment.mono());
        if (old.isEmpty()) return Optional.empty();
        var step = new Step(old.getAsLong(), time);
        if (step.isJump()) {
            otherClockOffset = step.oldTime() - step.newTime();
            otherClockUntilMono = moment.mono() + Timers.BOTH_CLOCKS.toMillis();
        }
        return Optional.of(step);
    }

    /** Whether a jump of the clock is so recent that quiet hours still bind by the old one too (TIM-8). */
    boolean bindsByTwoClocks() {
        return moment.mono() < otherClockUntilMono;
    }

    /** Uptime at which the next minute is full, by this clock or, for a day after a jump, by the old one (TIM-8). */
    OptionalLong nextMinute() {
        var time = now();
        if (time.isEmpty()) return OptionalLong.empty();
        var left = left(time.getAsLong());
        return OptionalLong.of(moment.mono()
                + (bindsByTwoClocks() ? Math.min(left, left(time.getAsLong() + otherClockOffset)) : left));
    }

    private static long left(long time) {
        return MINUTE_MS - Math.floorMod(time, MINUTE_MS);
    }

    /** Whether these quiet hours bind now: by this clock and, for a day after a jump, by the old one (TIM-8). */
    boolean quiet(LongPredicate hours) {
        var time = now();
        if (time.isEmpty()) return false;
        return hours.test(time.getAsLong()) || (bindsByTwoClocks() && hours.test(time.getAsLong() + otherClockOffset));
    }
}
