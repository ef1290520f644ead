package vn.loalang.protocol;

/** Name of a deployment ({@code sys}): 1 to 16 small letters, digits or hyphens; second level of every topic. */
public record SystemId(String value) {
    public SystemId {
        Refusal.unless(Names.isWord(value, 16), "sys must be 1 to 16 of a–z, 0–9 and -");
    }

    @Override
    public String toString() {
        return value;
    }
}
