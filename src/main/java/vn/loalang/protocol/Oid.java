package vn.loalang.protocol;

/** Identity of one plan item, never reused for other content: 1 to 16 small letters, digits or hyphens. */
public record Oid(String value) implements Comparable<Oid> {
    public Oid {
        Refusal.unless(Names.isWord(value, 16), "oid must be 1 to 16 of a–z, 0–9 and -");
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
