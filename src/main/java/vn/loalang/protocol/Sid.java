package vn.loalang.protocol;

import java.util.regex.Pattern;

/** Identity of an emergency order or a live session, never used twice: 1 to 24 small letters, digits or hyphens. */
public record Sid(String value) implements Comparable<Sid> {
    private static final Pattern FORMAT = Pattern.compile("[a-z0-9-]{1,24}");

    public Sid {
        Refusal.unless(FORMAT.matcher(value).matches(), "sid must be 1 to 24 of a–z, 0–9 and -");
    }

    @Override
    public int compareTo(Sid other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
