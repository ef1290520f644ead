package vn.loalang.timetable;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.context.MessageSource;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.stereotype.Component;
import vn.loalang.timetable.SlotProblem.Correction;
import vn.loalang.web.Times;

/** Puts the timetable's values into sentences of the reader's language; {@code @timetableWords} in templates. */
@Component("timetableWords")
class Wording {
    private final MessageSource messages;
    private final Times times;

    Wording(MessageSource messages, Times times) {
        this.messages = messages;
        this.times = times;
    }

    /** The sentence of a refusal. */
    String sentence(SlotProblem problem) {
        return message(
                "timetable.refused." + problem.reason(),
                problem.arguments().stream().map(this::word).toArray());
    }

    /** What a correction's button says. */
    String label(Correction correction) {
        if (correction.everywhere()) {
            return message("timetable.correct.everywhere");
        }
        var date = correction.date();
        var start = correction.start();
        if (correction.scope() != null && date != null) {
            return message("timetable.correct.from", day(date));
        }
        if (date != null && start != null) {
            return message("timetable.correct.move", times.timeInWords(start), day(date));
        }
        return message("timetable.correct.start", times.timeInWords(start == null ? LocalTime.MIDNIGHT : start));
    }

    private Object word(Object value) {
        if (value instanceof LocalTime time) {
            return times.timeInWords(time);
        }
        if (value instanceof LocalDate date) {
            return day(date);
        }
        if (value instanceof Duration length) {
            return times.length(length);
        }
        return value.toString();
    }

    /** {@code thứ Hai 23/11}, inside a sentence; with the year when it is another one. */
    public String day(LocalDate date) {
        var name = message("timetable.weekday." + key(date.getDayOfWeek()));
        return name + " " + (date.getYear() == times.today().getYear() ? times.day(date) : times.date(date));
    }

    /** What the slot means: {@code Phát 17:00–17:15 mỗi ngày, bắt đầu thứ Hai 23/11, 11 cụm}. */
    String preview(SlotContent content, int controllers) {
        var key = "timetable.preview." + content.recurrence().kind().name().toLowerCase(Locale.ROOT);
        var until = content.recurrence().until();
        return message(
                until == null ? key : key + ".until",
                range(content),
                day(content.firstDate()),
                controllers,
                days(content.recurrence().days()),
                until == null ? "" : day(until));
    }

    /** An occurrence as a screen reader says it: {@code Bản tin xã, 17:00–17:15, thứ Hai 23/11, 11 cụm}. */
    public String label(WeekGrid.Block block) {
        return message(
                "timetable.slot.label",
                block.title(),
                times.range(block.start(), block.end()),
                day(block.date()),
                block.controllers());
    }

    /** {@code 17:00–17:15}; {@code 17:00} alone when it ends within that minute. */
    String range(SlotContent content) {
        var start = times.time(content.start());
        var end = times.time(content.start().plus(content.length()));
        return start.equals(end) ? start : start + "–" + end;
    }

    /** {@code T2, T4, T6} */
    String days(Set<DayOfWeek> days) {
        return days.stream().sorted().map(times::shortWeekday).collect(Collectors.joining(", "));
    }

    /** How it repeats: {@code hằng ngày}, {@code T2, T4}, {@code một lần}. */
    public String rhythm(Recurrence recurrence) {
        var key = "timetable.rhythm." + recurrence.kind().name().toLowerCase(Locale.ROOT);
        var until = recurrence.until();
        return message(
                until == null ? key : key + ".until", days(recurrence.days()), until == null ? "" : times.date(until));
    }

    /** What another person changed between two revisions, one phrase each. */
    List<String> differences(SlotContent before, String titleBefore, SlotContent after, String titleAfter) {
        var found = new ArrayList<String>();
        if (!before.programme().equals(after.programme())) {
            found.add(message("timetable.diff.recording", titleBefore, titleAfter));
        }
        if (!before.start().equals(after.start())) {
            found.add(message("timetable.diff.start", times.time(before.start()), times.time(after.start())));
        }
        if (!before.firstDate().equals(after.firstDate())) {
            found.add(message("timetable.diff.date", day(before.firstDate()), day(after.firstDate())));
        }
        if (!before.recurrence().equals(after.recurrence())) {
            found.add(message("timetable.diff.repeat", rhythm(before.recurrence()), rhythm(after.recurrence())));
        }
        after.except().stream()
                .filter(date -> !before.except().contains(date))
                .sorted(Comparator.naturalOrder())
                .forEach(date -> found.add(message("timetable.diff.except", day(date))));
        if (!before.targets().equals(after.targets())) {
            found.add(message("timetable.diff.targets"));
        }
        if (before.volume() != after.volume()) {
            found.add(message("timetable.diff.volume", before.volume(), after.volume()));
        }
        if (!before.lateness().equals(after.lateness())) {
            found.add(message(
                    "timetable.diff.lateness",
                    before.lateness().toMinutes(),
                    after.lateness().toMinutes()));
        }
        return found;
    }

    String message(String key, Object... arguments) {
        return messages.getMessage(key, arguments, LocaleContextHolder.getLocale());
    }

    private static String key(DayOfWeek day) {
        return day.name().toLowerCase(Locale.ROOT);
    }
}
