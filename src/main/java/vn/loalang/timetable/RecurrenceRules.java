package vn.loalang.timetable;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.dmfs.rfc5545.DateTime;
import org.dmfs.rfc5545.recur.InvalidRecurrenceRuleException;
import org.dmfs.rfc5545.recur.RecurrenceRule;
import org.dmfs.rfc5545.recurrenceset.OfRule;
import org.jspecify.annotations.Nullable;

/** Evaluates RFC 5545 rules; the only place that knows the library doing it. Everything here is local time without a zone. */
final class RecurrenceRules {
    private RecurrenceRules() {}

    /**
     * The dates of a slot from {@code from} to {@code till}, both inclusive, in order.
     *
     * @param first the slot's first date; nothing happens before it
     * @param rule absent for a slot that happens once, on {@code first}
     * @param except dates taken out
     */
    static List<LocalDate> dates(
            LocalDate first, @Nullable String rule, Set<LocalDate> except, LocalDate from, LocalDate till) {
        if (rule == null) {
            return first.isBefore(from) || first.isAfter(till) || except.contains(first) ? List.of() : List.of(first);
        }
        var start = first.isBefore(from) ? from : first;
        if (start.isAfter(till)) {
            return List.of();
        }
        var found = new ArrayList<LocalDate>();
        var instances = new OfRule(parsed(rule), date(first)).iterator();
        instances.fastForward(date(start));
        while (instances.hasNext()) {
            var next = local(instances.next()).toLocalDate();
            if (next.isAfter(till)) {
                break;
            }
            if (!except.contains(next)) {
                found.add(next);
            }
        }
        return found;
    }

    /**
     * All moments of a rule, lazily and perhaps without end. As most calendars do, a first moment that the rule does not name is
     * not a moment of its own.
     */
    static Stream<LocalDateTime> moments(LocalDateTime first, boolean dateOnly, String rule) {
        var parsed = parsed(rule);
        var until = parsed.getUntil();
        // A rule that ends at a moment of UTC is meant to be counted in UTC.
        var zone = until == null || until.isFloating() ? null : DateTime.UTC;
        var start = dateOnly
                ? date(first.toLocalDate())
                : new DateTime(
                        zone,
                        first.getYear(),
                        first.getMonthValue() - 1,
                        first.getDayOfMonth(),
                        first.getHour(),
                        first.getMinute(),
                        first.getSecond());
        Iterable<DateTime> instances = () -> new OfRule(parsed, start).iterator();
        return StreamSupport.stream(instances.spliterator(), false).map(RecurrenceRules::local);
    }

    private static RecurrenceRule parsed(String rule) {
        try {
            return new RecurrenceRule(rule, RecurrenceRule.RfcMode.RFC5545_STRICT);
        } catch (InvalidRecurrenceRuleException e) {
            throw new IllegalArgumentException("Not a recurrence rule of RFC 5545: " + rule, e);
        }
    }

    private static DateTime date(LocalDate date) {
        return new DateTime(date.getYear(), date.getMonthValue() - 1, date.getDayOfMonth());
    }

    private static LocalDateTime local(DateTime moment) {
        return LocalDateTime.of(
                moment.getYear(),
                moment.getMonth() + 1,
                moment.getDayOfMonth(),
                moment.getHours(),
                moment.getMinutes(),
                moment.getSeconds());
    }
}
