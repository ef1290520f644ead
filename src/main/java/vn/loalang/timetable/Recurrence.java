package vn.loalang.timetable;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a slot repeats. Stored as RFC 5545 text over dates; these are the only rules the timetable writes.
 *
 * @param kind once, every day, or on chosen weekdays
 * @param days the weekdays of {@link Kind#WEEKLY}, never empty there; empty otherwise
 * @param until the last date it may fall on, absent for no end; always absent for {@link Kind#ONCE}
 */
public record Recurrence(
        Kind kind, Set<DayOfWeek> days, @Nullable LocalDate until) {
    /** The kinds an operator chooses from. */
    public enum Kind {
        ONCE,
        DAILY,
        WEEKLY
    }

    public Recurrence {
        days = Set.copyOf(days);
        if ((kind == Kind.WEEKLY) == days.isEmpty()) {
            throw new IllegalArgumentException(
                    "Weekdays belong to weekly recurrence and only there: " + kind + " " + days);
        }
        if (kind == Kind.ONCE && until != null) {
            throw new IllegalArgumentException("What happens once has no last date");
        }
    }

    /** Happens on its first date only. */
    public static Recurrence once() {
        return new Recurrence(Kind.ONCE, Set.of(), null);
    }

    /** Happens every day, to {@code until} inclusive if given. */
    public static Recurrence daily(@Nullable LocalDate until) {
        return new Recurrence(Kind.DAILY, Set.of(), until);
    }

    /** Happens on these weekdays (at least one), to {@code until} inclusive if given. */
    public static Recurrence weekly(Set<DayOfWeek> days, @Nullable LocalDate until) {
        return new Recurrence(Kind.WEEKLY, days, until);
    }

    /** Whether it may happen more than once. */
    public boolean repeats() {
        return kind != Kind.ONCE;
    }

    /** The same rhythm ending on this date at the latest; what happens once stays as it is. */
    public Recurrence endingOn(LocalDate last) {
        return repeats() && (until == null || until.isAfter(last)) ? new Recurrence(kind, days, last) : this;
    }

    /** The RFC 5545 rule over dates, such as {@code FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20261231}; empty for once. */
    public Optional<String> rule() {
        var end = until == null ? "" : ";UNTIL=" + until.format(DateTimeFormatter.BASIC_ISO_DATE);
        return switch (kind) {
            case ONCE -> Optional.empty();
            case DAILY -> Optional.of("FREQ=DAILY" + end);
            case WEEKLY ->
                Optional.of("FREQ=WEEKLY;BYDAY="
                        + new TreeSet<>(days).stream().map(Recurrence::code).collect(Collectors.joining(",")) + end);
        };
    }

    /**
     * Reads back what {@link #rule()} wrote.
     *
     * @throws IllegalArgumentException for any other rule: the timetable must not show a rhythm it does not understand
     */
    public static Recurrence parse(@Nullable String rule) {
        if (rule == null) {
            return once();
        }
        var kind = Kind.ONCE;
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        LocalDate until = null;
        for (var part : rule.split(";", -1)) {
            var equals = part.indexOf('=');
            var name = equals < 0 ? part : part.substring(0, equals);
            var value = part.substring(equals + 1);
            switch (name) {
                case "FREQ" -> kind = Kind.valueOf(value);
                case "BYDAY" ->
                    days.addAll(List.of(value.split(",", -1)).stream()
                            .map(Recurrence::day)
                            .toList());
                case "UNTIL" -> until = LocalDate.parse(value, DateTimeFormatter.BASIC_ISO_DATE);
                default -> throw new IllegalArgumentException("Not a rule of ours: " + rule);
            }
        }
        if (kind == Kind.ONCE) {
            throw new IllegalArgumentException("Not a rule of ours: " + rule);
        }
        return new Recurrence(kind, days, until);
    }

    private static String code(DayOfWeek day) {
        return day.name().substring(0, 2).toUpperCase(Locale.ROOT);
    }

    private static DayOfWeek day(String code) {
        return Arrays.stream(DayOfWeek.values())
                .filter(day -> code(day).equals(code))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Not a weekday: " + code));
    }
}
