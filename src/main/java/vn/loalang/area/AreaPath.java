package vn.loalang.area;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Where an area stands in the tree, as immutable labels from the top: {@code 37.14329.2}. It never changes, goes over the
 * wire and carries rights; people use the area's code instead. {@link #ROOT} (empty) is the whole tree.
 *
 * @param value labels of {@code [a-z0-9]{1,12}} joined by dots, 48 characters at most
 */
public record AreaPath(String value) implements Comparable<AreaPath> {
    /** The whole tree. */
    public static final AreaPath ROOT = new AreaPath("");

    private static final Pattern FORMAT = Pattern.compile("[a-z0-9]{1,12}(\\.[a-z0-9]{1,12})*");
    private static final int LONGEST = 48;

    public AreaPath {
        if (!value.isEmpty() && !isPath(value)) {
            throw new IllegalArgumentException("Not an area path: '" + value + "'");
        }
    }

    /** Parses a path; empty is the whole tree. */
    public static AreaPath of(String value) {
        return value.isEmpty() ? ROOT : new AreaPath(value);
    }

    static boolean isPath(String value) {
        return value.length() <= LONGEST && FORMAT.matcher(value).matches();
    }

    /** Whether the other area is this one or stands anywhere below it. */
    public boolean covers(AreaPath other) {
        return value.isEmpty() || value.equals(other.value) || other.value.startsWith(value + ".");
    }

    /** Whether some place is in both: one of them stands in the other. */
    public boolean meets(AreaPath other) {
        return covers(other) || other.covers(this);
    }

    /** Number of labels; 0 for the whole tree. */
    public int depth() {
        return value.isEmpty() ? 0 : (int) value.chars().filter(c -> c == '.').count() + 1;
    }

    /** The area above; the whole tree is its own parent. */
    public AreaPath parent() {
        var dot = value.lastIndexOf('.');
        return dot < 0 ? ROOT : new AreaPath(value.substring(0, dot));
    }

    /** The last label; empty for the whole tree. */
    public String label() {
        return value.substring(value.lastIndexOf('.') + 1);
    }

    /** The path of the child with this label. */
    public AreaPath child(String label) {
        return new AreaPath(value.isEmpty() ? label : value + "." + label);
    }

    @Override
    public int compareTo(AreaPath other) {
        return Objects.compare(value, other.value, String::compareTo);
    }

    @Override
    public String toString() {
        return value;
    }
}
