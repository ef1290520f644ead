package vn.loalang.broadcast;

/** Whether a broadcast is meant. */
public enum Status {
    ACTUAL,
    EXERCISE,
    TEST;

    /** Whether it is not meant, and is marked as a drill wherever its title stands. */
    public boolean drill() {
        return this != ACTUAL;
    }
}
