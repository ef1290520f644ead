package vn.loalang.access;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.area.SqlTime;

/**
 * Makes guessing passwords slow: after 5 failures for an account, or 20 from an address (an office shares one), each
 * further failure doubles the wait, from 5 s to 15 min. Kept in the database, so a restart forgives nothing.
 */
@Component
final class LoginThrottle {
    static final int FREE_PER_ACCOUNT = 5;
    static final int FREE_PER_ADDRESS = 20;

    private static final Duration FIRST_WAIT = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(15);
    private static final Duration FORGOTTEN_AFTER = Duration.ofHours(1);

    private final JdbcClient jdbc;
    private final Clock clock;

    LoginThrottle(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** How long this account or address still has to wait; zero when it may try. */
    Duration remaining(String login, String address) {
        var now = clock.instant();
        var account = remaining(accountKey(login), FREE_PER_ACCOUNT, now);
        var source = remaining(addressKey(address), FREE_PER_ADDRESS, now);
        return account.compareTo(source) >= 0 ? account : source;
    }

    void failed(String login, String address) {
        var now = clock.instant();
        count(accountKey(login), now);
        count(addressKey(address), now);
    }

    /** Forgives the account; the address keeps its count, or one known password would cover guessing others. */
    void succeeded(String login) {
        jdbc.sql("delete from access_login_failure where throttle_key = :key")
                .param("key", accountKey(login))
                .update();
    }

    private Duration remaining(String key, int free, Instant now) {
        return jdbc.sql("select failures, last_at from access_login_failure where throttle_key = :key")
                .param("key", key)
                .query((row, number) -> remaining(row.getInt("failures"), SqlTime.get(row, "last_at"), free, now))
                .optional()
                .orElse(Duration.ZERO);
    }

    private static Duration remaining(int failures, Instant last, int free, Instant now) {
        if (failures < free || !last.plus(FORGOTTEN_AFTER).isAfter(now)) {
            return Duration.ZERO;
        }
        var doublings = Math.min(failures - free, 20);
        var wait = FIRST_WAIT.multipliedBy(1L << doublings);
        var until = last.plus(wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT);
        return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
    }

    private void count(String key, Instant now) {
        var forgotten = SqlTime.of(now.minus(FORGOTTEN_AFTER));
        var counted = jdbc.sql("""
                        update access_login_failure set failures = case when last_at <= :forgotten then 1 else failures + 1 end,
                          last_at = :now where throttle_key = :key""")
                .param("forgotten", forgotten)
                .param("now", SqlTime.of(now))
                .param("key", key)
                .update();
        if (counted == 0) {
            jdbc.sql("delete from access_login_failure where last_at <= :forgotten")
                    .param("forgotten", forgotten)
                    .update();
            jdbc.sql("""
                            insert into access_login_failure (throttle_key, failures, last_at) values (:key, 1, :now)
                            on conflict do nothing""").param("key", key).param("now", SqlTime.of(now)).update();
        }
    }

    private static String accountKey(String login) {
        var clean = login.strip().toLowerCase(Locale.ROOT);
        return "account " + (clean.length() > 100 ? clean.substring(0, 100) : clean);
    }

    private static String addressKey(String address) {
        return "address " + address;
    }
}
