package vn.loalang.protocol;

import java.util.Optional;

/** Lasting troubles a controller reports ({@code fault/set}, {@code fault/clr}) and lists in its telemetry. */
public enum Fault {
    MAINS_LOST,
    BATT_LOW,
    AMP_FAULT,
    AMP_HOT,
    LINE_OPEN,
    LINE_SHORT,
    LINE_EARTH,
    STORE_FULL,
    STORE_IO,
    /** The clock of the device or of the server cannot be right [TIM-2] [SES-5] [TIM-8]. */
    CLK_BAD,
    NET_WEAK,
    /** The broker refuses a subscription. */
    ACL,
    TAMPER,
    /** Someone silenced remote sound at the box [PRI-2]. */
    MUTED,
    /** Messages with bad signatures keep arriving. */
    SIG_REJECT,
    BOOT_LOOP,
    FW_ROLLBACK,
    FOREIGN_SOUND;

    /** The fault of that name; empty for one that a later revision added. */
    public static Optional<Fault> of(String name) {
        for (Fault fault : values()) {
            if (fault.name().equals(name)) {
                return Optional.of(fault);
            }
        }
        return Optional.empty();
    }
}
