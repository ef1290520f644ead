package vn.loalang.broadcast;

/** Whether a broadcast is meant. */
public enum Status {
    ACTUAL,
    EXERCISE,
    TEST
}
