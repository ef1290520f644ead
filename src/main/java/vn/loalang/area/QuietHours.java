package vn.loalang.area;

import java.time.Duration;
import java.time.LocalTime;

/**
 * When nothing but emergencies may sound, on the station's clock.
 *
 * @param from first quiet minute
 * @param to first minute when sound is allowed again; earlier than {@code from} when the night lies between, equal when
 *     there are no quiet hours at all
 */
public record QuietHours(LocalTime from, LocalTime to) {
    /** 21:30–05:00, where no area says otherwise. */
    public static final QuietHours DEFAULT = new QuietHours(LocalTime.of(21, 30), LocalTime.of(5, 0));

    /** No quiet hours. */
    public static final QuietHours OFF = new QuietHours(LocalTime.MIDNIGHT, LocalTime.MIDNIGHT);

    /** Whether there are none. */
    public boolean off() {
        return from.equals(to);
    }

    /** Whether it is quiet at this time of day. */
    public boolean contains(LocalTime time) {
        if (off()) {
            return false;
        }
        return from.isBefore(to)
                ? !time.isBefore(from) && time.isBefore(to)
                : !time.isBefore(from) || time.isBefore(to);
    }

    /** Whether sound from {@code start} for {@code length} would reach into quiet hours; also over midnight. */
    public boolean touches(LocalTime start, Duration length) {
        if (off()) {
            return false;
        }
        if (contains(start)) {
            return true;
        }
        var untilQuiet = Duration.between(start, from);
        var wait = untilQuiet.isNegative() ? untilQuiet.plusDays(1) : untilQuiet;
        return wait.compareTo(length) < 0;
    }
}
