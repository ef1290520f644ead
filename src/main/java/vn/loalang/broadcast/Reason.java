package vn.loalang.broadcast;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Why a broadcast was not heard whole: GB1's words ({@code why}, §11), and some of the server's own. */
public enum Reason {
    PREEMPTED,
    STOPPED,
    CLEARED,
    CANCELLED,
    LOCAL_STOP,
    QUIET,
    CEILING,
    POWER_LOSS,
    LINK_LOST,
    FAULT,
    LATE,
    POWER_OFF,
    CLOCK,
    MUTED,
    ASSET,
    CODEC,
    AMP,
    LINE,
    STORAGE,
    /** The controller no longer belongs to the broadcast's targets. */
    WITHDRAWN,
    /** Somebody ended it on this pole while it went on elsewhere. */
    SILENCED,
    /** A word that this server does not know. */
    OTHER;

    private static final Set<Reason> OURS = EnumSet.of(WITHDRAWN, SILENCED, OTHER);

    /** From the form on the wire, {@code power_loss}; a word of a later revision is {@link #OTHER}. */
    public static Reason of(String wire) {
        for (var reason : values()) {
            if (!OURS.contains(reason) && reason.wire().equals(wire)) {
                return reason;
            }
        }
        return OTHER;
    }

    /** The form on the wire. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
