package vn.loalang.live;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How live voice is taken in, under {@code loalang.live}.
 *
 * @param longest after this a session ends by itself; 1 to 50 min
 * @param warning how long before that the speaker is told
 * @param jitter how long controllers hold sound back, so that a slow network is not heard; 1 to 5 s
 * @param patience without sound from the browser for this long its connection counts as lost; 1 to 30 s
 * @param volume of what is said, percent, 10 to 100
 */
@ConfigurationProperties("loalang.live")
record LiveSettings(
        @DefaultValue("15m") Duration longest,
        @DefaultValue("2m") Duration warning,
        @DefaultValue("1200ms") Duration jitter,
        @DefaultValue("4s") Duration patience,
        @DefaultValue("80") int volume) {
    LiveSettings {
        check("longest", longest, Duration.ofSeconds(10), Duration.ofMinutes(50));
        check("jitter", jitter, Duration.ofSeconds(1), Duration.ofSeconds(5));
        check("patience", patience, Duration.ofSeconds(1), Duration.ofSeconds(30));
        if (volume < 10 || volume > 100) {
            throw new IllegalArgumentException("loalang.live.volume is " + volume + ", allowed are 10 to 100");
        }
    }

    private static void check(String name, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(
                    "loalang.live." + name + " is " + value + ", allowed are " + least + " to " + most);
        }
    }
}
