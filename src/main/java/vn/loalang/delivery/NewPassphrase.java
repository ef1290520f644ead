package vn.loalang.delivery;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Carries the passphrase of freshly sealed root keys to the console, and nowhere else. */
final class NewPassphrase {
    private final AtomicReference<@Nullable String> text = new AtomicReference<>();

    void put(String passphrase) {
        text.set(passphrase);
    }

    /** The passphrase, once. */
    @Nullable
    String take() {
        return text.getAndSet(null);
    }

    @Override
    public String toString() {
        return "NewPassphrase[…]";
    }
}
