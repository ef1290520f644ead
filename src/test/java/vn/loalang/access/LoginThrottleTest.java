package vn.loalang.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.SettableClock;

@SpringBootTest
@Transactional
class LoginThrottleTest {
    @Autowired
    JdbcClient jdbc;

    final SettableClock clock = new SettableClock(Instant.parse("2026-11-22T10:00:00Z"));

    @Test
    void afterFiveFailuresEachOneDoublesTheWait() {
        var throttle = new LoginThrottle(jdbc, clock);
        for (var i = 0; i < 4; i++) {
            throttle.failed("Hường ", "10.0.0.1");
        }
        assertThat(throttle.remaining("hường", "10.0.0.2")).isZero();
        throttle.failed("hường", "10.0.0.1");
        assertThat(throttle.remaining("hường", "10.0.0.2")).isEqualTo(Duration.ofSeconds(5));
        clock.set(clock.instant().plusSeconds(5));
        assertThat(throttle.remaining("hường", "10.0.0.2")).isZero();
        throttle.failed("hường", "10.0.0.1");
        assertThat(throttle.remaining("hường", "10.0.0.2")).isEqualTo(Duration.ofSeconds(10));
        for (var i = 0; i < 30; i++) {
            throttle.failed("hường", "10.0.0.1");
        }
        assertThat(throttle.remaining("hường", "10.0.0.2")).isEqualTo(Duration.ofMinutes(15));
        assertThat(throttle.remaining("khác", "10.0.0.2"))
                .as("others sign in as ever")
                .isZero();
    }

    @Test
    void anAddressThatTriesManyNamesWaitsForAllOfThem() {
        var throttle = new LoginThrottle(jdbc, clock);
        for (var i = 0; i < 20; i++) {
            throttle.failed("name" + i, "10.0.0.7");
        }
        assertThat(throttle.remaining("another", "10.0.0.7")).isEqualTo(Duration.ofSeconds(5));
        assertThat(throttle.remaining("another", "10.0.0.8")).isZero();
    }

    @Test
    void signingInForgivesTheAccountAndAnHourForgivesAll() {
        var throttle = new LoginThrottle(jdbc, clock);
        for (var i = 0; i < 8; i++) {
            throttle.failed("a", "10.0.0.9");
        }
        throttle.succeeded("a");
        assertThat(throttle.remaining("a", "10.0.0.9")).isZero();
        for (var i = 0; i < 8; i++) {
            throttle.failed("b", "10.0.0.9");
        }
        clock.set(clock.instant().plus(Duration.ofHours(1)));
        assertThat(throttle.remaining("b", "10.0.0.9")).isZero();
        throttle.failed("b", "10.0.0.9");
        assertThat(throttle.remaining("b", "10.0.0.9"))
                .as("counted from one again")
                .isZero();
    }
}
