package vn.loalang.broadcast;

/** Where a broadcast comes from. */
public enum Origin {
    SLOT,
    EMERGENCY,
    LIVE
}
