package vn.loalang.timetable;

import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import vn.loalang.audio.RecordingId;

/**
 * A slot as an operator describes it.
 *
 * @param recording what plays; its true duration is the slot's length
 * @param date the first date, in the station's zone; a repeating slot whose start has passed on that date today begins on the next one
 * @param start on the station's clock, whole minutes or finer
 * @param recurrence once, daily or weekly
 * @param targets where
 * @param volume 1–100
 * @param lateness how long after its start it may still begin, 0 to 60 minutes
 */
public record NewSlot(
        RecordingId recording,
        LocalDate date,
        LocalTime start,
        Recurrence recurrence,
        Targets targets,
        int volume,
        Duration lateness) {
    /** What applies when the operator says nothing else. */
    public static final Duration USUAL_LATENESS = Duration.ofMinutes(5);

    /** What applies when the operator says nothing else, in percent. */
    public static final int USUAL_VOLUME = 80;
}
