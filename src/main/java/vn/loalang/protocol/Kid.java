package vn.loalang.protocol;

/** Name of a key: a letter, then up to seven letters or digits. Names in r are roots, names in d device keys. */
public record Kid(String value) implements Comparable<Kid> {
    private static final int LONGEST = 8;

    public Kid {
        Refusal.unless(isName(value), "kid must be a small letter and up to 7 letters or digits");
    }

    private static boolean isName(String value) {
        return Names.isWord(value, LONGEST) && value.indexOf('-') < 0 && Names.isSmall(value.charAt(0));
    }

    /** Whether this name is kept for roots. */
    public boolean isRoot() {
        return value.charAt(0) == 'r';
    }

    /** Whether this name is kept for device keys. */
    public boolean isDevice() {
        return value.charAt(0) == 'd';
    }

    @Override
    public int compareTo(Kid other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
