package vn.loalang.protocol;

/** Identity of a command, never used twice: 1 to 16 small letters, digits or hyphens [CMD-1]. */
public record Cid(String value) implements Comparable<Cid> {
    public Cid {
        Refusal.unless(Names.isWord(value, 16), "cid must be 1 to 16 of a–z, 0–9 and -");
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
