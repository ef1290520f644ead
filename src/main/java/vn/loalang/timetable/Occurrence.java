package vn.loalang.timetable;

import java.time.Instant;
import java.time.LocalDate;

/**
 * One time a slot plays.
 *
 * @param date the date of its start, in the station's zone
 * @param start the planned first sample
 * @param end exclusive
 */
public record Occurrence(LocalDate date, Instant start, Instant end) {
    boolean overlaps(Occurrence other) {
        return start.isBefore(other.end) && other.start.isBefore(end);
    }
}
