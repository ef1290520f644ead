package vn.loalang.protocol;

import java.util.Optional;

/** Why a message was refused; journalled as {@code sec} with this name. */
public enum ErrorCode {
    /** Shape or size of the message. */
    E_FMT,
    /** No such key, as far as this device knows. */
    E_KID,
    /** A signature does not verify. */
    E_SIG,
    /** The payload is not strict JSON. */
    E_JSON,
    /** Not for this device: version, type, deployment or scope. */
    E_DST,
    /** The key may not sign this. */
    E_POL,
    /** Below the mark or below the welcome's {@code vec}. */
    E_OLD,
    /** The same {@code seq} with other bytes. */
    E_FORK,
    /** Too old, or bound to something that is over. */
    E_STALE,
    /** Too far in the future. */
    E_FUTURE,
    /** Names a member that must be understood and is not. */
    E_CRIT,
    /** Breaks a field table or the bounds of {@code seq}. */
    E_SEM;

    /** The code of that name; empty for one that a later revision added. */
    public static Optional<ErrorCode> of(String name) {
        for (ErrorCode code : values()) {
            if (code.name().equals(name)) {
                return Optional.of(code);
            }
        }
        return Optional.empty();
    }
}
