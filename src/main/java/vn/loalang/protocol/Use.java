package vn.loalang.protocol;

import java.util.Locale;
import java.util.Optional;

/** What a key may sign (§5 of PROTOCOL.md). */
public enum Use {
    CFG,
    PLAN,
    SES,
    MAN,
    CMD,
    WELCOME,
    JACK,
    BUNDLE,
    SITE,
    NOW,
    AKEYS,
    FW;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether keys that may do this live on the scheduler itself and are capped at priority 69. */
    public boolean isOnline() {
        return switch (this) {
            case CFG, PLAN, SES, MAN, CMD, WELCOME, JACK, BUNDLE -> true;
            case SITE, NOW, AKEYS, FW -> false;
        };
    }

    public static Optional<Use> of(String wire) {
        for (Use use : values()) {
            if (use.wire().equals(wire)) {
                return Optional.of(use);
            }
        }
        return Optional.empty();
    }
}
