package vn.loalang.access;

/** What a person may do in an area and in everything below it. Whoever has any role may also look. */
public enum Role {
    /** Plans slots, uploads recordings, speaks. */
    OPERATOR,
    /** Approves bulletins and schedules. */
    APPROVER,
    /** Claims, configures and repairs loudspeaker controllers. */
    TECHNICIAN,
    /** Keeps people, areas and settings. */
    ADMINISTRATOR,
    /** Looks only. */
    VIEWER
}
