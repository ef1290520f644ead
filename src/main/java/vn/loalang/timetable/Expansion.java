package vn.loalang.timetable;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import vn.loalang.area.QuietHours;
import vn.loalang.fleet.ControllerId;

/**
 * What the timetable means between two moments: each occurrence with the controllers it may sound on. A controller that quiet hours or
 * an elder slot already claims is left out, whatever brought that about after the slot was accepted: a moved pole, a changed policy.
 */
final class Expansion {
    private Expansion() {}

    /**
     * One occurrence.
     *
     * @param controllers where it will sound
     * @param silenced left out because quiet hours apply there now
     * @param yielded left out because an elder slot sounds there then
     */
    record Expanded(
            Slot slot,
            Occurrence occurrence,
            Set<ControllerId> controllers,
            Set<ControllerId> silenced,
            Set<ControllerId> yielded) {
        /** The same for these alone. */
        Expanded onlyOn(Set<ControllerId> some) {
            return new Expanded(slot, occurrence, Set.copyOf(some), silenced, yielded);
        }

        boolean complete() {
            return silenced.isEmpty() && yielded.isEmpty();
        }
    }

    /**
     * Expands slots.
     *
     * @param eldestFirst the order in which slots claim controllers
     * @param from occurrences that end at or before it are left out
     * @param till occurrences that start after it are left out
     */
    static List<Expanded> expand(
            List<Slot> eldestFirst,
            Instant from,
            Instant till,
            Function<Targets, Set<ControllerId>> resolve,
            Function<ControllerId, QuietHours> quietAt) {
        var expanded = new ArrayList<Expanded>();
        for (var slot : eldestFirst) {
            var zone = slot.zone();
            var content = slot.content();
            for (var occurrence : content.occurrences(
                    zone, dayBefore(from, zone), till.atZone(zone).toLocalDate())) {
                if (!occurrence.end().isAfter(from) || occurrence.start().isAfter(till)) {
                    continue;
                }
                expanded.add(claim(slot, occurrence, resolve.apply(content.targets()), expanded, quietAt));
            }
        }
        return expanded;
    }

    private static Expanded claim(
            Slot slot,
            Occurrence occurrence,
            Set<ControllerId> wanted,
            Collection<Expanded> elder,
            Function<ControllerId, QuietHours> quietAt) {
        var free = new TreeSet<>(wanted);
        var silenced = new HashSet<ControllerId>();
        for (var pole : wanted) {
            if (SlotChecks.disturbs(occurrence, quietAt.apply(pole), slot.zone())) {
                silenced.add(pole);
            }
        }
        free.removeAll(silenced);
        var yielded = new HashSet<ControllerId>();
        for (var other : elder) {
            if (occurrence.overlaps(other.occurrence())
                    && SlotChecks.sameRank(slot.content(), other.slot().content())) {
                for (var pole : other.controllers()) {
                    if (free.remove(pole)) {
                        yielded.add(pole);
                    }
                }
            }
        }
        return new Expanded(slot, occurrence, Set.copyOf(free), Set.copyOf(silenced), Set.copyOf(yielded));
    }

    private static LocalDate dayBefore(Instant moment, ZoneId zone) {
        return moment.atZone(zone).toLocalDate().minusDays(1);
    }
}
