package vn.loalang.emergency;

/** Identity of an alert, as in {@code /emergency/7}. */
public record AlertId(long value) {
    public AlertId {
        if (value <= 0) {
            throw new IllegalArgumentException("Not an alert id: " + value);
        }
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
