package vn.loalang.emergency;

/** What becomes of a wide alert that nobody agreed to in time. */
public enum SecondLate {
    /** It does not air, and every screen says so. */
    LAPSE,
    /** It counts down all the same. */
    AIR
}
