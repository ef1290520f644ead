package vn.loalang.timetable;

/**
 * Names a slot of the timetable.
 *
 * @param value the database's number, positive
 */
public record SlotId(long value) {}
