package vn.loalang.timetable;

import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import vn.loalang.area.Authority;
import vn.loalang.broadcast.Priority;
import vn.loalang.programme.ProgrammeVersionId;

/**
 * Everything an operator decides about a slot; what a revision keeps.
 *
 * @param programme what plays
 * @param length how long that takes, from the recordings themselves
 * @param firstDate the earliest date, in the station's zone
 * @param start on the station's clock. Where a clock change skips it, the broadcast starts as much later as the clock jumped; where the
 *     clock shows it twice, the first counts
 * @param recurrence once, daily or weekly
 * @param except dates taken out of the recurrence
 * @param targets where
 * @param volume 1–100
 * @param lateness how long after its start it may still begin; after that it stays silent
 * @param priority NORMAL unless said otherwise
 * @param authority who orders it
 */
public record SlotContent(
        ProgrammeVersionId programme,
        Duration length,
        LocalDate firstDate,
        LocalTime start,
        Recurrence recurrence,
        Set<LocalDate> except,
        Targets targets,
        int volume,
        Duration lateness,
        Priority priority,
        Authority authority) {
    public SlotContent {
        except = Set.copyOf(except);
    }

    /** Its occurrences whose date lies in the span, both ends inclusive, in order. */
    public List<Occurrence> occurrences(ZoneId zone, LocalDate from, LocalDate till) {
        return RecurrenceRules.dates(firstDate, recurrence.rule().orElse(null), except, from, till).stream()
                .map(date -> occurrence(zone, date))
                .toList();
    }

    Occurrence occurrence(ZoneId zone, LocalDate date) {
        var begin = date.atTime(start).atZone(zone).toInstant();
        return new Occurrence(date, begin, begin.plus(length));
    }

    /** Whether it happens at all. */
    boolean happens() {
        return !RecurrenceRules.dates(
                        firstDate,
                        recurrence.rule().orElse(null),
                        except,
                        firstDate,
                        firstDate.plusDays(SlotChecks.HORIZON_DAYS))
                .isEmpty();
    }

    /** Whether the same sound comes at the same moments, so that broadcasts already ordered may keep their names. */
    boolean soundsLike(SlotContent other) {
        return programme.equals(other.programme)
                && length.equals(other.length)
                && firstDate.equals(other.firstDate)
                && start.equals(other.start)
                && recurrence.equals(other.recurrence)
                && except.equals(other.except)
                && priority == other.priority
                && authority == other.authority;
    }

    SlotContent without(LocalDate date) {
        var more = new TreeSet<>(except);
        more.add(date);
        return with(firstDate, start, recurrence, more);
    }

    /** What of it lies before a date; empty for nothing. */
    Optional<SlotContent> before(LocalDate date) {
        if (!firstDate.isBefore(date)) {
            return Optional.empty();
        }
        return Optional.of(with(firstDate, start, recurrence.endingOn(date.minusDays(1)), except))
                .filter(SlotContent::happens);
    }

    SlotContent with(LocalDate first, LocalTime time, Recurrence rhythm, Set<LocalDate> out) {
        return new SlotContent(
                programme, length, first, time, rhythm, out, targets, volume, lateness, priority, authority);
    }
}
