package vn.loalang.timetable;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a change of a slot comes to.
 *
 * @param stays what the old slot becomes where it is split; empty when nothing of it is left, or when it is changed in place
 * @param content the new content, of a slot of its own where split
 * @param checked the same, without occurrences that have begun: what the checks have to look at
 * @param split whether a slot of its own is made, so that occurrences which have sounded stay on the record as they were
 * @param shownOn the date to show afterwards
 */
record Edit(Optional<SlotContent> stays, SlotContent content, SlotContent checked, boolean split, LocalDate shownOn) {
    /**
     * Works out a change.
     *
     * @param on the date of the occurrence that was opened
     * @param wanted as the operator left the form; its date equal to {@code on} means that the date was not touched
     */
    static Edit of(Slot old, LocalDate on, Scope scope, SlotContent wanted, Instant now) {
        var before = old.content();
        var zone = old.zone();
        var reach = reach(old, scope);
        var moved = !wanted.firstDate().equals(on);
        if (reach == Scope.THIS) {
            var single = wanted.with(wanted.firstDate(), wanted.start(), Recurrence.once(), Set.of());
            return new Edit(remainder(old, on, reach, now), single, single, true, single.firstDate());
        }
        var first = firstReached(old, on, reach, now);
        if (reach == Scope.ALL || before.before(first).isEmpty()) {
            var kept = wanted.with(
                    moved ? wanted.firstDate() : before.firstDate(),
                    wanted.start(),
                    wanted.recurrence(),
                    wanted.recurrence().repeats() ? before.except() : Set.of());
            if (before.soundsLike(kept)) {
                return new Edit(Optional.empty(), kept, fromNow(kept, zone, now), false, on);
            }
            if (!begun(before, zone, now)) {
                var next = moved ? comingNext(kept, zone, now) : fromNow(kept, zone, now);
                return new Edit(Optional.empty(), next, next, false, moved ? next.firstDate() : on);
            }
        }
        var fresh = wanted.with(
                moved ? wanted.firstDate() : first,
                wanted.start(),
                wanted.recurrence(),
                wanted.recurrence().repeats() && !moved ? exceptFrom(before, first) : Set.of());
        var next = comingNext(fresh, zone, now);
        return new Edit(remainder(old, on, reach, now), next, next, true, next.firstDate());
    }

    /** What is left of a slot when some of it is taken out; empty for nothing. */
    static Optional<SlotContent> remainder(Slot old, LocalDate on, Scope scope, Instant now) {
        var content = old.content();
        var reach = reach(old, scope);
        return switch (reach) {
            case THIS -> Optional.of(content.without(on)).filter(SlotContent::happens);
            case FROM, ALL -> content.before(firstReached(old, on, reach, now));
        };
    }

    /** How far the change reaches: what happens once has only one reach. */
    static Scope reach(Slot old, Scope scope) {
        return old.content().recurrence().repeats() ? scope : Scope.ALL;
    }

    /** The date of the first occurrence that has not begun; empty when all have. */
    static Optional<LocalDate> next(SlotContent content, ZoneId zone, Instant now) {
        return upcoming(content, zone, now, now).map(Occurrence::date);
    }

    /** A repeating slot whose start has passed today begins on its next date. */
    static SlotContent comingNext(SlotContent content, ZoneId zone, Instant now) {
        // A date before today was a mistake; it is left for the checks to say so.
        return content.firstDate().isBefore(now.atZone(zone).toLocalDate()) ? content : fromNow(content, zone, now);
    }

    private static SlotContent fromNow(SlotContent content, ZoneId zone, Instant now) {
        return content.recurrence().repeats()
                ? upcoming(content, zone, now, now.plus(SlotChecks.SHORTEST_NOTICE))
                        .map(next -> content.with(next.date(), content.start(), content.recurrence(), content.except()))
                        .orElse(content)
                : content;
    }

    private static Optional<Occurrence> upcoming(SlotContent content, ZoneId zone, Instant now, Instant after) {
        var today = now.atZone(zone).toLocalDate();
        var from = content.firstDate().isBefore(today) ? today : content.firstDate();
        return content.occurrences(zone, from, from.plusDays(SlotChecks.HORIZON_DAYS)).stream()
                .filter(occurrence -> !occurrence.start().isBefore(after))
                .findFirst();
    }

    private static boolean begun(SlotContent content, ZoneId zone, Instant now) {
        return content
                .occurrences(zone, content.firstDate(), content.firstDate().plusDays(SlotChecks.HORIZON_DAYS))
                .stream()
                .limit(1)
                .anyMatch(occurrence -> !occurrence.start().isAfter(now));
    }

    private static LocalDate firstReached(Slot old, LocalDate on, Scope reach, Instant now) {
        var next = next(old.content(), old.zone(), now).orElse(on);
        return reach == Scope.FROM && on.isAfter(next) ? on : next;
    }

    private static Set<LocalDate> exceptFrom(SlotContent content, LocalDate date) {
        return content.except().stream().filter(out -> !out.isBefore(date)).collect(Collectors.toSet());
    }
}
