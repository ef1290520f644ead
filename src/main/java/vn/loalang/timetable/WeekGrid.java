package vn.loalang.timetable;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.QuietHours;

/**
 * A week as it is drawn: two bands open, morning and evening, others only where something happens; quiet hours locked. Positions are
 * names of style classes, as the content security policy forbids styles in the page.
 *
 * @param monday first day
 * @param days the seven days, for the heads and for the list that phones and paper get
 * @param bands from midnight to midnight
 */
record WeekGrid(LocalDate monday, List<Day> days, List<Band> bands) {
    /** Looks of a band. */
    enum Kind {
        OPEN,
        EMPTY,
        QUIET
    }

    /** Parts of the day that minutes are counted for. */
    enum Session {
        MORNING,
        AFTERNOON,
        EVENING;

        static Session of(LocalTime start) {
            return start.getHour() < 12 ? MORNING : start.getHour() < 18 ? AFTERNOON : EVENING;
        }
    }

    /**
     * One occurrence on the page.
     *
     * @param date the date it belongs to, which for the rest of one that crossed midnight is the day before
     * @param controllers how many will sound, or 0 for none
     * @param incomplete whether some poles are left out
     */
    record Block(
            SlotId slot,
            LocalDate date,
            String title,
            Instant start,
            Instant end,
            boolean repeats,
            int controllers,
            boolean incomplete) {
        /** Where it is opened. */
        public String path() {
            return "/timetable/" + slot.value() + "?on=" + date;
        }
    }

    /** Minutes planned in a part of the day. */
    record Minutes(Session session, long minutes) {}

    /** A day's head and its list. */
    record Day(LocalDate date, boolean today, List<Minutes> sessions, List<Block> blocks) {}

    /** A stretch of the day over all seven columns. */
    record Band(Kind kind, LocalTime from, LocalTime to, boolean now, List<Integer> hours, List<Column> columns) {
        /** {@code 24:00} instead of midnight at the end of the day. */
        public String end() {
            return to.equals(LocalTime.MIDNIGHT) ? "24:00" : to.toString();
        }
    }

    /** One day in a band. */
    record Column(LocalDate date, boolean today, List<Cell> cells) {}

    /**
     * One hour of one day.
     *
     * @param size height in quarters of an hour, 1 to 4
     * @param quarters starts at which a slot may be added
     * @param quiet which of its quarters are locked
     * @param now minutes past the cell's start, null when now is not in it
     */
    record Cell(
            LocalTime start,
            int size,
            List<LocalTime> quarters,
            List<Integer> quiet,
            @Nullable Integer now,
            List<Placed> slots) {}

    /** A block where it begins, or goes on after midnight. */
    record Placed(Block block, String classes, boolean brief, boolean past, boolean running) {}

    private static final int QUARTERS = 96;
    private static final int BRIEF_MINUTES = 25;
    private static final int ONE_LINE_MINUTES = 40;
    private static final int LEAST_DRAWN_MINUTES = 15;
    private static final int MOST_LANES = 4;

    static LocalDate mondayOf(LocalDate date) {
        return date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
    }

    static WeekGrid of(LocalDate monday, ZoneId zone, Instant now, QuietHours quiet, List<Block> blocks) {
        var parts = new HashMap<LocalDate, List<Part>>();
        IntStream.range(0, 7).forEach(day -> parts.put(monday.plusDays(day), new ArrayList<>()));
        for (var block : blocks) {
            split(block, zone).forEach(part -> {
                var day = parts.get(part.day());
                if (day != null) {
                    day.add(part);
                }
            });
        }
        var local = now.atZone(zone).toLocalDateTime();
        var today = local.toLocalDate();
        var kinds = kinds(quiet, parts);
        var placed = new HashMap<LocalDate, Map<Integer, List<Placed>>>();
        parts.forEach((day, list) -> placed.put(day, place(list, now)));
        var days = IntStream.range(0, 7)
                .mapToObj(monday::plusDays)
                .map(day -> day(day, today, zone, blocks))
                .toList();
        var bands = new ArrayList<Band>();
        for (var from = 0; from < QUARTERS; ) {
            var to = from + 1;
            while (to < QUARTERS && kinds[to] == kinds[from]) {
                to++;
            }
            var nowHere = monday.equals(mondayOf(today))
                    && quarter(local.toLocalTime()) >= from
                    && quarter(local.toLocalTime()) < to;
            bands.add(band(kinds[from], from, to, nowHere, monday, local, quiet, placed));
            from = to;
        }
        return new WeekGrid(monday, days, bands);
    }

    private record Part(Block block, LocalDate day, int fromMinute, int toMinute) {
        int drawnUntil() {
            return Math.max(toMinute, fromMinute + LEAST_DRAWN_MINUTES);
        }
    }

    private static List<Part> split(Block block, ZoneId zone) {
        var start = block.start().atZone(zone);
        var end = block.end().atZone(zone);
        var minutes = start.getHour() * 60 + start.getMinute();
        if (!end.toLocalDate().isAfter(start.toLocalDate())) {
            var last = end.getHour() * 60 + end.getMinute() + (end.getSecond() > 0 ? 1 : 0);
            return List.of(new Part(block, start.toLocalDate(), minutes, Math.max(last, minutes + 1)));
        }
        var first = new Part(block, start.toLocalDate(), minutes, 24 * 60);
        var rest = end.getHour() * 60 + end.getMinute();
        return rest == 0 ? List.of(first) : List.of(first, new Part(block, end.toLocalDate(), 0, rest));
    }

    private static Kind[] kinds(QuietHours quiet, Map<LocalDate, List<Part>> parts) {
        var open = new boolean[24];
        // The two bands in which communes broadcast stand open even when empty.
        for (var hour : new int[] {5, 6, 7, 16, 17, 18}) {
            open[hour] = !quiet(quiet, hour * 4) || !quiet(quiet, hour * 4 + 3);
        }
        parts.values()
                .forEach(list -> list.forEach(part -> {
                    for (var hour = part.fromMinute() / 60; hour <= (part.drawnUntil() - 1) / 60 && hour < 24; hour++) {
                        open[hour] = true;
                    }
                }));
        var kinds = new Kind[QUARTERS];
        for (var quarter = 0; quarter < QUARTERS; quarter++) {
            kinds[quarter] = open[quarter / 4] ? Kind.OPEN : quiet(quiet, quarter) ? Kind.QUIET : Kind.EMPTY;
        }
        return kinds;
    }

    private static boolean quiet(QuietHours hours, int quarter) {
        if (hours.from().equals(hours.to())) {
            return false;
        }
        var time = LocalTime.of(quarter / 4, quarter % 4 * 15);
        return hours.from().isBefore(hours.to())
                ? !time.isBefore(hours.from()) && time.isBefore(hours.to())
                : !time.isBefore(hours.from()) || time.isBefore(hours.to());
    }

    private static Map<Integer, List<Placed>> place(List<Part> parts, Instant now) {
        var sorted = parts.stream()
                .sorted(Comparator.comparingInt(Part::fromMinute)
                        .thenComparingInt(Part::toMinute)
                        .thenComparingLong(part -> part.block().slot().value()))
                .toList();
        var byHour = new HashMap<Integer, List<Placed>>();
        for (var first = 0; first < sorted.size(); ) {
            // A cluster is a chain of parts drawn over one another; its lanes share the width.
            var last = first;
            var reach = sorted.get(first).drawnUntil();
            while (last + 1 < sorted.size() && sorted.get(last + 1).fromMinute() < reach) {
                last++;
                reach = Math.max(reach, sorted.get(last).drawnUntil());
            }
            var cluster = sorted.subList(first, last + 1);
            var ends = new ArrayList<Integer>();
            var lanes = new ArrayList<Integer>();
            for (var part : cluster) {
                var lane = 0;
                while (lane < ends.size() && ends.get(lane) > part.fromMinute()) {
                    lane++;
                }
                if (lane == ends.size()) {
                    ends.add(part.drawnUntil());
                } else {
                    ends.set(lane, part.drawnUntil());
                }
                lanes.add(lane);
            }
            var count = Math.min(ends.size(), MOST_LANES);
            for (var i = 0; i < cluster.size(); i++) {
                var part = cluster.get(i);
                var block = part.block();
                var length = part.drawnUntil() - part.fromMinute();
                var classes = "at-" + part.fromMinute() % 60 + " for-" + length + " lane-" + count + "-"
                        + Math.min(lanes.get(i), count - 1)
                        + (length < ONE_LINE_MINUTES ? " one-line" : "");
                byHour.computeIfAbsent(part.fromMinute() / 60, hour -> new ArrayList<>())
                        .add(new Placed(
                                block,
                                classes,
                                length < BRIEF_MINUTES,
                                !block.end().isAfter(now),
                                !block.start().isAfter(now) && block.end().isAfter(now)));
            }
            first = last + 1;
        }
        return byHour;
    }

    private static Band band(
            Kind kind,
            int from,
            int to,
            boolean nowHere,
            LocalDate monday,
            LocalDateTime now,
            QuietHours quiet,
            Map<LocalDate, Map<Integer, List<Placed>>> placed) {
        var hours = new ArrayList<Integer>();
        for (var hour = from / 4; hour <= (to - 1) / 4; hour++) {
            hours.add(hour);
        }
        var columns = new ArrayList<Column>();
        if (kind != Kind.QUIET) {
            for (var day = 0; day < 7; day++) {
                var date = monday.plusDays(day);
                var cells = hours.stream()
                        .map(hour -> cell(date, hour, from, to, now, quiet, placed))
                        .toList();
                columns.add(new Column(date, date.equals(now.toLocalDate()), cells));
            }
        }
        return new Band(kind, time(from), time(to), nowHere, hours, columns);
    }

    private static Cell cell(
            LocalDate date,
            int hour,
            int from,
            int to,
            LocalDateTime now,
            QuietHours quiet,
            Map<LocalDate, Map<Integer, List<Placed>>> placed) {
        var first = Math.max(from, hour * 4);
        var last = Math.min(to, hour * 4 + 4);
        var locked = IntStream.range(first, last)
                .filter(quarter -> quiet(quiet, quarter))
                .mapToObj(quarter -> quarter - first)
                .toList();
        var free = IntStream.range(first, last)
                .filter(quarter -> !quiet(quiet, quarter))
                .mapToObj(WeekGrid::time)
                .filter(time -> date.atTime(time).isAfter(now))
                .toList();
        var nowHere = date.equals(now.toLocalDate())
                && now.getHour() == hour
                && quarter(now.toLocalTime()) >= first
                && quarter(now.toLocalTime()) < last;
        return new Cell(
                time(first),
                last - first,
                free,
                locked,
                nowHere ? now.getHour() * 60 + now.getMinute() - first * 15 : null,
                placed.getOrDefault(date, Map.of()).getOrDefault(hour, List.of()));
    }

    private static Day day(LocalDate date, LocalDate today, ZoneId zone, List<Block> blocks) {
        var mine = blocks.stream()
                .filter(block -> block.start().atZone(zone).toLocalDate().equals(date))
                .sorted(Comparator.comparing(Block::start).thenComparing(Block::title))
                .toList();
        var sums = new EnumMap<Session, Duration>(Session.class);
        mine.forEach(block -> sums.merge(
                Session.of(block.start().atZone(zone).toLocalTime()),
                Duration.between(block.start(), block.end()),
                Duration::plus));
        var minutes = sums.entrySet().stream()
                .map(sum -> new Minutes(sum.getKey(), (sum.getValue().toSeconds() + 59) / 60))
                .toList();
        return new Day(date, date.equals(today), minutes, mine);
    }

    private static int quarter(LocalTime time) {
        return time.getHour() * 4 + time.getMinute() / 15;
    }

    private static LocalTime time(int quarter) {
        return LocalTime.of(quarter / 4 % 24, quarter % 4 * 15);
    }
}
