package vn.loalang.broadcast;

/** Who speaks, lowest first. */
public enum Authority {
    VILLAGE,
    COMMUNE,
    PROVINCE,
    CENTRAL
}
