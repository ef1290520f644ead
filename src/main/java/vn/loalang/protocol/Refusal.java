package vn.loalang.protocol;

/**
 * Bytes or values that the protocol does not allow. It is the only exception that parsing and composing throw for bad
 * input; the message names the field and the limit and holds nothing secret. Without stack trace: hostile input is
 * frequent and the place in our code says nothing about it.
 */
public final class Refusal extends RuntimeException {
    private final ErrorCode code;
    private final String detail;

    public Refusal(ErrorCode code, String detail) {
        super(code + ": " + detail, null, false, false);
        this.code = code;
        this.detail = detail;
    }

    public ErrorCode code() {
        return code;
    }

    /** The message without the code. */
    public String detail() {
        return detail;
    }

    static Refusal sem(String detail) {
        return new Refusal(ErrorCode.E_SEM, detail);
    }

    /** Refuses as {@code E_SEM} unless the condition holds. */
    static void unless(boolean condition, String detail) {
        if (!condition) {
            throw sem(detail);
        }
    }

    /** Returns the value if it lies in the closed range, refuses it otherwise. */
    static long inRange(String field, long value, long min, long max) {
        if (value < min || value > max) {
            throw sem(field + " is " + value + ", allowed are " + min + " to " + max);
        }
        return value;
    }

    /** Refuses collections above the limit. */
    static void atMost(String field, int size, int max) {
        if (size > max) {
            throw sem(field + " has " + size + " entries, allowed are " + max);
        }
    }
}
