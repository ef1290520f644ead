package vn.loalang.delivery;

import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

    private record Account(String secretSha256, Rights rights) {}

    private final Map<String, Account> accounts = new ConcurrentHashMap<>();
    private final CountDownLatch loaded = new CountDownLatch(1);

    /** Adds an account or replaces it; whether that changed anything. */
    boolean put(String user, byte[] secretSha256, Rights rights) {
        var account = new Account(HexFormat.of().formatHex(secretSha256), rights);
        return !account.equals(accounts.put(user, account));
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
