package vn.loalang.broadcast;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of broadcasts under {@code loalang.broadcast}.
 *
 * @param unknownAfter how long after the end of a broadcast its outcome becomes unknown where no controller reported one;
 *     0 s to 24 h
 * @param sweepEvery how often such playbacks are looked for
 */
@ConfigurationProperties("loalang.broadcast")
public record BroadcastSettings(
        @DefaultValue("60s") Duration unknownAfter,
        @DefaultValue("5s") Duration sweepEvery) {
    public BroadcastSettings {
        if (unknownAfter.isNegative() || unknownAfter.compareTo(Duration.ofHours(24)) > 0) {
            throw new IllegalArgumentException(
                    "loalang.broadcast.unknown-after is " + unknownAfter + ", allowed are 0 s to 24 h");
        }
    }
}
