package vn.loalang.protocol;

/** How far a device trusts its clock (§6 of PROTOCOL.md); the names are the letters on the wire. */
public enum Quality {
    /** T0, unknown: times are milliseconds since boot. */
    U,
    /** T1, coarse: an RTC or SNTP within the bounds, or any valid welcome. */
    C,
    /** T2, synchronised: a welcome with a round trip of at most 2 s, for 24 h. */
    T
}
