package vn.loalang.delivery;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Who may log in to the broker and fetch audio, in memory, because it is asked on the broker's own threads. The
 * database is the truth: loaded before the listeners open, updated after every commit.
 */
final class Accounts {
    /** What an account may do on the broker. */
    sealed interface Rights {
        /** One of our own connections: everything, but only from this machine. */
        record Server() implements Rights {}

        /**
         * A controller unit.
         *
         * @param areas path scopes it may listen to, such as {@code 37} and {@code 37.14329}
         */
        record Device(Set<String> areas) implements Rights {
            public Device {
                areas = Set.copyOf(areas);
            }
        }
    }

    /**
     * A user of the broker.
     *
     * @param issue number of its secret: another one each time that the secret changes
     */
    private record Account(String secretSha256, Rights rights, long issue) {
        /** Whether a session that began under the other one may do, or know, what this one does not allow. */
        boolean allowsLessThan(Account before) {
            return issue != before.issue
                    || !(rights.equals(before.rights)
                            || (rights instanceof Rights.Device now
                                    && before.rights instanceof Rights.Device then
                                    && now.areas().containsAll(then.areas())));
        }
    }

    private final Map<String, Account> accounts = new ConcurrentHashMap<>();
    private final AtomicLong issues = new AtomicLong();
    private final CountDownLatch loaded = new CountDownLatch(1);

    /**
     * Adds an account or replaces it. Whoever is connected has the new rights at once; what was subscribed before stays.
     *
     * @return whether it took something away, so that an open session must end
     */
    boolean put(String user, byte[] secretSha256, Rights rights) {
        var secret = HexFormat.of().formatHex(secretSha256);
        var less = new AtomicBoolean();
        accounts.compute(user, (name, before) -> {
            var same = before != null && before.secretSha256.equals(secret);
            var account = new Account(secret, rights, same ? before.issue : issues.incrementAndGet());
            less.set(before != null && account.allowsLessThan(before));
            return account;
        });
        return less.get();
    }

    /** Lets a device that has an account listen to these areas as well, at once. */
    void allow(String user, Set<String> areas) {
        accounts.computeIfPresent(user, (name, account) -> {
            if (!(account.rights instanceof Rights.Device device)) {
                return account;
            }
            var all = new HashSet<>(device.areas());
            all.addAll(areas);
            return new Account(account.secretSha256, new Rights.Device(all), account.issue);
        });
    }

    /** Takes an account away; whether there was one. */
    boolean remove(String user) {
        return accounts.remove(user) != null;
    }

    /** The rights behind a user name and a password; empty for every kind of mismatch alike. */
    Optional<Rights> login(String user, byte @Nullable [] password) {
        var account = accounts.get(user);
        if (account == null || password == null) {
            return Optional.empty();
        }
        return account.secretSha256.equals(HexFormat.of().formatHex(Secret.sha256(password)))
                ? Optional.of(account.rights)
                : Optional.empty();
    }

    /** Number of the secret that opens the account now; 0 when it is closed. */
    long issueOf(String user) {
        var account = accounts.get(user);
        return account == null ? 0 : account.issue;
    }

    /** What an account may do now. */
    Optional<Rights> rightsOf(String user) {
        return Optional.ofNullable(accounts.get(user)).map(Account::rights);
    }

    /** From now on the registry is complete. */
    void markLoaded() {
        loaded.countDown();
    }

    /** Waits until the registry is complete; false when it was not in time. */
    boolean awaitLoaded(long seconds) throws InterruptedException {
        return loaded.await(seconds, TimeUnit.SECONDS);
    }
}
