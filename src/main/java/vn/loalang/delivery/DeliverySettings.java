package vn.loalang.delivery;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How documents go out and evidence comes in, under {@code loalang.delivery}.
 *
 * @param sys name of the deployment on the wire at the very first start, 1 to 16 of a–z, 0–9 and hyphen; by default random
 * @param linger how long the first message of a batch waits for company before it is stored, 0 to 500 ms
 * @param reissueAfter age at which a plan is issued again although nothing in it changed; the protocol wants 6 h at most,
 *     we promise 2 h
 * @param sweepEvery how often every pole's documents are looked over for age, zone offset and changed rules
 * @param ladder when an emergency goes again to boxes that have not taken it over, counted from its release, rising; only
 *     tests change it
 * @param bulkRate bytes a second that all transfers to single boxes may take together
 * @param fanRate bytes a second that a transfer to all of an area may take; less where its slowest box has shown that this is
 *     more than half of what it receives
 * @param fanCollect how long after such a transfer its gaps are collected before they are filled
 * @param timeServers names or addresses of up to 4 time servers, each with a port if it is not 123, with which the clock is
 *     compared; without any the operating system is trusted to keep it right
 * @param simulatedFleet for trials only: so many poles with simulated boxes are enrolled at the start, into a database
 *     without real boxes; 0 to 20,000
 * @param simulatedDirectory where their claims are then written; {@code simulated} in the data directory by default
 */
@ConfigurationProperties("loalang.delivery")
record DeliverySettings(
        @Nullable String sys,
        @DefaultValue("10ms") Duration linger,
        @DefaultValue("90m") Duration reissueAfter,
        @DefaultValue("15m") Duration sweepEvery,
        @DefaultValue({"5s", "15s", "60s"}) List<Duration> ladder,
        @DefaultValue("1000000") int bulkRate,
        @DefaultValue("4000") int fanRate,
        @DefaultValue("15s") Duration fanCollect,
        @DefaultValue List<String> timeServers,
        @DefaultValue("0") int simulatedFleet,
        @Nullable Path simulatedDirectory) {
    DeliverySettings {
        if (linger.isNegative() || linger.compareTo(Duration.ofMillis(500)) > 0) {
            throw new IllegalArgumentException("loalang.delivery.linger is " + linger + ", allowed are 0 to 500 ms");
        }
        ladder = List.copyOf(ladder);
        if (ladder.isEmpty()) {
            throw new IllegalArgumentException("loalang.delivery.ladder has at least one rung");
        }
        timeServers = List.copyOf(timeServers);
        if (timeServers.size() > 4) {
            throw new IllegalArgumentException("loalang.delivery.time-servers may be 4 at most");
        }
        if (bulkRate < 1000 || fanRate < 500) {
            throw new IllegalArgumentException("loalang.delivery.bulk-rate is at least 1000, fan-rate at least 500");
        }
        if (simulatedFleet < 0 || simulatedFleet > 20_000) {
            throw new IllegalArgumentException("loalang.delivery.simulated-fleet may be 0 to 20,000");
        }
        if (reissueAfter.plus(sweepEvery).compareTo(Duration.ofHours(2)) > 0) {
            throw new IllegalArgumentException(
                    "loalang.delivery.reissue-after and sweep-every together may be 2 h at most");
        }
    }
}
