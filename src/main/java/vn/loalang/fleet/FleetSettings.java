package vn.loalang.fleet;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the fleet under {@code loalang.fleet}.
 *
 * @param keepalive how often a box says that it is there ({@code cfg.ka}), 30 s to 240 s; a box silent for 2.5 times as
 *     long counts as gone
 * @param telemetryEvery how often a box sends telemetry ({@code cfg.tel_s}), at least 60 s and at most twice the
 *     keepalive: behind a broker that hides its pings, telemetry is what shows that a box is there
 * @param sweepEvery how often silent boxes are looked for
 */
@ConfigurationProperties("loalang.fleet")
public record FleetSettings(
        @DefaultValue("60s") Duration keepalive,
        @DefaultValue("120s") Duration telemetryEvery,
        @DefaultValue("5s") Duration sweepEvery) {
    public FleetSettings {
        within("loalang.fleet.keepalive", keepalive, Duration.ofSeconds(30), Duration.ofSeconds(240));
        within("loalang.fleet.telemetry-every", telemetryEvery, Duration.ofSeconds(60), keepalive.multipliedBy(2));
        within("loalang.fleet.sweep-every", sweepEvery, Duration.ofMillis(100), Duration.ofMinutes(5));
    }

    /** Silence after which a box counts as gone: 2.5 times the keepalive [PRE-1]. */
    public Duration silence() {
        return keepalive.multipliedBy(5).dividedBy(2);
    }

    private static void within(String name, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(name + " is " + value + ", allowed are " + least + " to " + most);
        }
    }
}
