package vn.loalang.timetable;

/** How far a change of a repeating slot reaches. */
public enum Scope {
    /** Only the occurrence on the date shown. */
    THIS,
    /** The occurrence on the date shown and all after it. */
    FROM,
    /** All that have not started yet. */
    ALL
}
