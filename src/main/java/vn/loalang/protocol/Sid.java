package vn.loalang.protocol;

/** Identity of an emergency order or a live session, never used twice: 1 to 24 small letters, digits or hyphens. */
public record Sid(String value) implements Comparable<Sid> {
    public Sid {
        Refusal.unless(Names.isWord(value, 24), "sid must be 1 to 24 of a–z, 0–9 and -");
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
