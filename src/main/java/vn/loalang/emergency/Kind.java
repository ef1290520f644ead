package vn.loalang.emergency;

/** What a ready-made message is for. */
public enum Kind {
    /** Warns of a danger. */
    ALERT,
    /** Takes back what was said by mistake. */
    CORRECTION,
    /** The danger is over. */
    ALL_CLEAR
}
