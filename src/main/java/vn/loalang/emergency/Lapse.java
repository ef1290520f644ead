package vn.loalang.emergency;

/** Why an alert did not air although nobody took it back. */
public enum Lapse {
    /** The server was away when its moment came, and for longer than an alert may be late. */
    LATE,
    /** Nobody agreed in time. */
    NOT_SECONDED,
    /** Delivery refused it: no key, a scope in doubt, a clock in doubt. */
    REFUSED
}
