package vn.loalang.protocol;

import java.util.regex.Pattern;

/** Identity of a command, never used twice: 1 to 16 small letters, digits or hyphens [CMD-1]. */
public record Cid(String value) implements Comparable<Cid> {
    private static final Pattern FORMAT = Pattern.compile("[a-z0-9-]{1,16}");

    public Cid {
        Refusal.unless(FORMAT.matcher(value).matches(), "cid must be 1 to 16 of a–z, 0–9 and -");
    }

    @Override
    public int compareTo(Cid other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
