package vn.loalang.protocol;

import java.util.Locale;
import java.util.Optional;

/** Types of signed documents. */
public enum Typ {
    KEYS,
    SITE,
    CFG,
    PLAN,
    WELCOME,
    JACK,
    NOW,
    SES,
    CMD,
    MAN,
    FW,
    BUNDLE;

    private final String wire = name().toLowerCase(Locale.ROOT);

    public String wire() {
        return wire;
    }

    public static Optional<Typ> of(String wire) {
        for (Typ typ : values()) {
            if (typ.wire().equals(wire)) {
                return Optional.of(typ);
            }
        }
        return Optional.empty();
    }
}
