package vn.loalang.broadcast;

import java.util.Locale;
import java.util.Optional;

/** How a controller knows that it sounded [ACK-7]. */
public enum Proof {
    /** It does not know. */
    NONE,
    /** Its converter was fed. */
    DAC,
    /** Its amplifier drew current. */
    AMP,
    /** Its line carried sound. */
    LINE,
    /** A microphone heard it. */
    MIC;

    /** Whether this proves sound; otherwise the controller merely claims it, and must not be shown as proved. */
    public boolean proves() {
        return switch (this) {
            case NONE, DAC -> false;
            case AMP, LINE, MIC -> true;
        };
    }

    /** From the form on the wire, {@code amp}; empty for one that a later revision added. */
    public static Optional<Proof> of(String wire) {
        for (var proof : values()) {
            if (proof.name().toLowerCase(Locale.ROOT).equals(wire)) {
                return Optional.of(proof);
            }
        }
        return Optional.empty();
    }
}
