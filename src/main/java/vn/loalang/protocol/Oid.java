package vn.loalang.protocol;

import java.util.regex.Pattern;

/** Identity of one plan item, never reused for other content: 1 to 16 small letters, digits or hyphens. */
public record Oid(String value) implements Comparable<Oid> {
    private static final Pattern FORMAT = Pattern.compile("[a-z0-9-]{1,16}");

    public Oid {
        Refusal.unless(FORMAT.matcher(value).matches(), "oid must be 1 to 16 of a–z, 0–9 and -");
    }

    @Override
    public int compareTo(Oid other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
