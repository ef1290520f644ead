package vn.loalang.protocol;

/**
 * Path of an area in the tree, labels joined by dots, such as {@code 37.14329}; at most 48 characters. The empty path
 * is the whole deployment; it occurs in key rights only, never as a scope or an area of a device.
 */
public record AreaPath(String value) implements Comparable<AreaPath> {
    private static final int LONGEST = 48;
    private static final int LONGEST_LABEL = 12;

    /** The whole deployment. */
    public static final AreaPath ROOT = new AreaPath("");

    public AreaPath {
        Refusal.unless(
                value.isEmpty() || isPath(value),
                "area must be labels of 1 to 12 letters or digits joined by dots, at most 48 characters");
    }

    private static boolean isPath(String value) {
        if (value.length() > LONGEST || value.indexOf('-') >= 0) {
            return false;
        }
        int from = 0;
        for (int dot = value.indexOf('.'); dot >= 0; dot = value.indexOf('.', from)) {
            if (!Names.isWord(value, from, dot, LONGEST_LABEL)) {
                return false;
            }
            from = dot + 1;
        }
        return Names.isWord(value, from, value.length(), LONGEST_LABEL);
    }

    public boolean isRoot() {
        return value.isEmpty();
    }

    /** 0 for the whole deployment, 1 for {@code 37}, 2 for {@code 37.14329} [KEY-4]. */
    public int depth() {
        return isRoot() ? 0 : (int) value.chars().filter(c -> c == '.').count() + 1;
    }

    /** Whether the other area is this one or lies inside it; parents are not implied [KEY-3]. */
    public boolean covers(AreaPath other) {
        return isRoot() || value.equals(other.value) || other.value.startsWith(value + ".");
    }

    @Override
    public int compareTo(AreaPath other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
