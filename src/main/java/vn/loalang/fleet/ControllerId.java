package vn.loalang.fleet;

/** Identity of a pole; it stays when the box on the pole is replaced. */
public record ControllerId(long value) implements Comparable<ControllerId> {
    public ControllerId {
        if (value <= 0) {
            throw new IllegalArgumentException("Not a controller id: " + value);
        }
    }

    @Override
    public int compareTo(ControllerId other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
