package vn.loalang.emergency;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings under {@code loalang.emergency.alert} of how an alert gets on air.
 *
 * @param secondWithin how long a wide alert waits for a second person, 10 s to 1 h
 * @param secondLate what becomes of it then
 * @param lateAtMost how long after its moment an alert still airs when the server was away, 0 s to 10 min
 * @param officersWithin how long after its moment an alert waits for an officer to sign it, where the server holds no emergency
 *     key, 1 min to 1 h
 * @param call number to call when the server cannot be reached; empty when nobody has said
 * @param drillEvery how long after a drill the next one is asked for
 */
@ConfigurationProperties("loalang.emergency.alert")
public record AlertSettings(
        @DefaultValue("5m") Duration secondWithin,
        @DefaultValue("LAPSE") SecondLate secondLate,
        @DefaultValue("60s") Duration lateAtMost,
        @DefaultValue("10m") Duration officersWithin,
        @DefaultValue("") String call,
        @DefaultValue("31d") Duration drillEvery) {
    private static final Duration SHORTEST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final Duration SOONEST = Duration.ofMinutes(1);
    private static final Duration LATEST = Duration.ofMinutes(10);

    public AlertSettings {
        call = call.strip();
        if (secondWithin.compareTo(SHORTEST) < 0 || secondWithin.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("loalang.emergency.alert.second-within must be 10s to 1h");
        }
        if (lateAtMost.isNegative() || lateAtMost.compareTo(LATEST) > 0) {
            throw new IllegalArgumentException("loalang.emergency.alert.late-at-most must be 0s to 10m");
        }
        if (officersWithin.compareTo(SOONEST) < 0 || officersWithin.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("loalang.emergency.alert.officers-within must be 1m to 1h");
        }
    }
}
