package vn.loalang.timetable;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import vn.loalang.area.QuietHours;
import vn.loalang.fleet.ControllerId;
import vn.loalang.timetable.SlotProblem.Correction;

/** What makes a slot impossible, decided from values alone: no clock, no database. The same checks serve the form, the API and undo. */
final class SlotChecks {
    /** How far ahead two slots are compared, in days; also the farthest first date, so that nothing goes uncompared. */
    static final int HORIZON_DAYS = 366;

    static final Duration LONGEST = Duration.ofHours(4);
    static final Duration LONGEST_LATENESS = Duration.ofHours(1);
    /** What has less than this to go is not accepted: the controllers need it to hear of it. */
    static final Duration SHORTEST_NOTICE = Duration.ofSeconds(60);
    /** What is on the air or begins this soon can no longer be changed. */
    static final Duration LOCKED_BEFORE = Duration.ofMinutes(2);

    private static final int QUARTER_HOUR = 15;
    private static final int MOST_CORRECTIONS = 3;

    private final ZoneId zone;
    private final Instant now;
    private final List<Neighbour> others;
    // Corrections are tried by the dozen against the same neighbours.
    private final Map<SlotId, List<Occurrence>> known = new HashMap<>();

    /**
     * @param zone the station's
     * @param now the moment of the decision
     * @param others every other slot as it would stand after the change
     */
    SlotChecks(ZoneId zone, Instant now, Collection<Neighbour> others) {
        this.zone = zone;
        this.now = now;
        this.others = List.copyOf(others);
    }

    /** A slot already in the timetable, with the controllers it reaches now. */
    record Neighbour(SlotId id, String title, SlotContent content, Set<ControllerId> controllers) {}

    /** Quiet hours in force somewhere the slot would sound, and where. */
    record QuietPlace(String area, QuietHours hours) {}

    /** A slot as wanted. */
    record Wish(String title, SlotContent content, Set<ControllerId> controllers, List<QuietPlace> quiet) {
        Wish at(LocalDate date, LocalTime start) {
            return new Wish(
                    title, content.with(date, start, content.recurrence(), content.except()), controllers, quiet);
        }
    }

    /** Two slots that would sound at once on one controller. */
    record Clash(Neighbour other, Occurrence mine, Occurrence theirs, Set<ControllerId> controllers) {}

    /** A moment in quiet hours. */
    record Disturbance(QuietPlace place, Occurrence occurrence) {}

    LocalDate today() {
        return now.atZone(zone).toLocalDate();
    }

    private LocalDate horizon() {
        return today().plusDays(HORIZON_DAYS);
    }

    /** Everything wrong with a slot as wanted, each with corrections that were themselves checked; empty when it may be saved. */
    List<SlotProblem> problems(Wish wish) {
        var problems = new ArrayList<SlotProblem>();
        var content = wish.content();
        if (content.length().compareTo(LONGEST) > 0) {
            problems.add(SlotProblem.of(SlotField.RECORDING, "tooLong", wish.title(), content.length(), LONGEST));
        }
        if (content.volume() < 1 || content.volume() > 100) {
            problems.add(SlotProblem.of(SlotField.VOLUME, "volume", content.volume()));
        }
        if (content.lateness().isNegative() || content.lateness().compareTo(LONGEST_LATENESS) > 0) {
            problems.add(SlotProblem.of(
                    SlotField.LATENESS, "lateness", content.lateness().toMinutes(), LONGEST_LATENESS.toMinutes()));
        }
        if (wish.controllers().isEmpty()) {
            problems.add(SlotProblem.of(SlotField.TARGETS, "nobody").correctedBy(List.of(Correction.all())));
        }
        timing(content).ifPresent(problem -> problems.add(problem.correctedBy(free(wish))));
        if (problems.isEmpty()) {
            disturbance(wish).ifPresent(found -> problems.add(quietProblem(wish, found)));
            clash(wish).ifPresent(found -> problems.add(clashProblem(wish, found)));
        }
        return problems;
    }

    /** Only what a slot brought back by undo can still do wrong: meet another one, or the night. */
    List<SlotProblem> conflicts(Wish wish) {
        var problems = new ArrayList<SlotProblem>();
        disturbance(wish).ifPresent(found -> problems.add(quietProblem(wish, found)));
        clash(wish).ifPresent(found -> problems.add(clashProblem(wish, found)));
        return problems;
    }

    private Optional<SlotProblem> timing(SlotContent content) {
        if (content.firstDate().isAfter(horizon())) {
            return Optional.of(SlotProblem.of(SlotField.DATE, "tooFar", content.firstDate(), horizon()));
        }
        var until = content.recurrence().until();
        if (until != null && until.isBefore(content.firstDate())) {
            return Optional.of(SlotProblem.of(SlotField.UNTIL, "untilBefore", until, content.firstDate()));
        }
        if (content.firstDate().isBefore(today())) {
            return Optional.of(SlotProblem.of(
                    SlotField.DATE,
                    "past",
                    content.firstDate(),
                    content.start(),
                    now.atZone(zone).toLocalTime()));
        }
        var first = content.occurrences(zone, content.firstDate(), horizon()).stream()
                .findFirst();
        if (first.isEmpty()) {
            return Optional.of(SlotProblem.of(SlotField.UNTIL, "never"));
        }
        if (first.get().start().isBefore(now)) {
            return Optional.of(SlotProblem.of(
                    SlotField.START,
                    "past",
                    content.firstDate(),
                    content.start(),
                    now.atZone(zone).toLocalTime()));
        }
        if (first.get().start().isBefore(now.plus(SHORTEST_NOTICE))) {
            return Optional.of(
                    SlotProblem.of(SlotField.START, "tooSoon", content.start(), SHORTEST_NOTICE.toSeconds()));
        }
        return Optional.empty();
    }

    private SlotProblem quietProblem(Wish wish, Disturbance found) {
        var place = found.place();
        var begin = found.occurrence().start().atZone(zone).toLocalTime();
        var end = found.occurrence().end().atZone(zone).toLocalTime();
        var inside = contains(place.hours(), begin);
        var problem = inside
                ? SlotProblem.of(
                        SlotField.START,
                        "quiet",
                        begin,
                        place.hours().from(),
                        place.hours().to(),
                        place.area())
                : SlotProblem.of(
                        SlotField.START,
                        "intoQuiet",
                        begin,
                        end,
                        place.hours().from(),
                        place.hours().to(),
                        place.area());
        var ready = new LinkedHashSet<LocalTime>();
        // The usual cause is an afternoon typed as a morning: 03:15 for 15:15.
        ready.add(begin.plusHours(12));
        ready.add(floor(place.hours().from().minus(wish.content().length())));
        ready.add(place.hours().to());
        return problem.correctedBy(working(wish, ready));
    }

    private SlotProblem clashProblem(Wish wish, Clash clash) {
        var theirs = clash.theirs();
        var ready = new LinkedHashSet<LocalTime>();
        var length = wish.content().length();
        var after = ceiling(theirs.end().atZone(zone).toLocalTime());
        var before = floor(theirs.start().atZone(zone).toLocalTime().minus(length));
        ready.add(after);
        ready.add(before);
        for (var more = 1; more <= 8; more++) {
            ready.add(after.plusMinutes((long) QUARTER_HOUR * more));
        }
        return SlotProblem.of(
                        SlotField.START,
                        "clash",
                        wish.title(),
                        clash.mine().start().atZone(zone).toLocalTime(),
                        clash.mine().end().atZone(zone).toLocalTime(),
                        clash.other().title(),
                        theirs.start().atZone(zone).toLocalTime(),
                        theirs.end().atZone(zone).toLocalTime(),
                        clash.mine().date(),
                        clash.controllers().size())
                .correctedBy(working(wish, ready));
    }

    /** The next free quarter hours, today if possible, else at the same time tomorrow. */
    private List<Correction> free(Wish wish) {
        var ready = new ArrayList<Correction>();
        nextFree(wish).ifPresent(moment -> ready.add(Correction.moveTo(moment.toLocalDate(), moment.toLocalTime())));
        var tomorrow = today().plusDays(1);
        var shifted = wish.at(tomorrow, wish.content().start());
        if (fits(shifted)) {
            ready.add(Correction.moveTo(tomorrow, wish.content().start()));
        }
        return ready;
    }

    /** The next quarter hour from now, within two days, at which the slot would be accepted. */
    Optional<LocalDateTime> nextFree(Wish wish) {
        var local = now.plus(SHORTEST_NOTICE).atZone(zone).toLocalDateTime();
        var candidate = local.truncatedTo(ChronoUnit.HOURS);
        while (candidate.isBefore(local)) {
            candidate = candidate.plusMinutes(QUARTER_HOUR);
        }
        for (var steps = 0; steps < 2 * 24 * 4; steps++) {
            if (fits(wish.at(candidate.toLocalDate(), candidate.toLocalTime()))) {
                return Optional.of(candidate);
            }
            candidate = candidate.plusMinutes(QUARTER_HOUR);
        }
        return Optional.empty();
    }

    private List<Correction> working(Wish wish, Collection<LocalTime> candidates) {
        return candidates.stream()
                .filter(start -> !start.equals(wish.content().start()))
                .filter(start -> fits(wish.at(wish.content().firstDate(), start)))
                .limit(MOST_CORRECTIONS)
                .map(Correction::startAt)
                .toList();
    }

    private boolean fits(Wish wish) {
        return timing(wish.content()).isEmpty()
                && disturbance(wish).isEmpty()
                && clash(wish).isEmpty();
    }

    /** The first time the slot would sound in quiet hours, within the horizon. */
    Optional<Disturbance> disturbance(Wish wish) {
        var places = wish.quiet().stream().filter(place -> !off(place.hours())).toList();
        if (places.isEmpty()) {
            return Optional.empty();
        }
        for (var occurrence : wish.content().occurrences(zone, today(), horizon())) {
            if (occurrence.end().isAfter(now)) {
                for (var place : places) {
                    if (disturbs(occurrence, place.hours(), zone)) {
                        return Optional.of(new Disturbance(place, occurrence));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Whether an occurrence reaches into quiet hours. Compared as moments, not as clock readings, so that it also holds on the days a
     * clock is changed, over midnight, and for the last minute before the night.
     */
    static boolean disturbs(Occurrence occurrence, QuietHours hours, ZoneId zone) {
        if (off(hours)) {
            return false;
        }
        var last = occurrence.end().atZone(zone).toLocalDate();
        for (var day = occurrence.start().atZone(zone).toLocalDate().minusDays(1);
                !day.isAfter(last);
                day = day.plusDays(1)) {
            var from = day.atTime(hours.from()).atZone(zone).toInstant();
            var to = (hours.to().isAfter(hours.from()) ? day : day.plusDays(1))
                    .atTime(hours.to())
                    .atZone(zone)
                    .toInstant();
            if (occurrence.start().isBefore(to) && from.isBefore(occurrence.end())) {
                return true;
            }
        }
        return false;
    }

    /** The first time the slot would sound together with another of the same class and authority, on a controller of both. */
    Optional<Clash> clash(Wish wish) {
        Optional<Clash> first = Optional.empty();
        var mine = upcoming(wish.content());
        for (var other : others) {
            if (!sameRank(wish.content(), other.content())
                    || Collections.disjoint(wish.controllers(), other.controllers())) {
                continue;
            }
            var found = firstMeeting(mine, known.computeIfAbsent(other.id(), id -> upcoming(other.content())));
            if (found.isPresent()
                    && first.map(earlier -> found.get()
                                    .mine()
                                    .start()
                                    .isBefore(earlier.mine().start()))
                            .orElse(true)) {
                var shared = new TreeSet<>(Comparator.comparingLong(ControllerId::value));
                shared.addAll(wish.controllers());
                shared.retainAll(other.controllers());
                first = Optional.of(
                        new Clash(other, found.get().mine(), found.get().theirs(), shared));
            }
        }
        return first;
    }

    static boolean sameRank(SlotContent one, SlotContent other) {
        return one.priority() == other.priority() && one.authority() == other.authority();
    }

    private List<Occurrence> upcoming(SlotContent content) {
        // From yesterday: what crosses midnight may still sound.
        return content.occurrences(zone, today().minusDays(1), horizon()).stream()
                .filter(occurrence -> occurrence.end().isAfter(now))
                .toList();
    }

    private record Meeting(Occurrence mine, Occurrence theirs) {}

    private static Optional<Meeting> firstMeeting(List<Occurrence> mine, List<Occurrence> theirs) {
        var i = 0;
        var j = 0;
        while (i < mine.size() && j < theirs.size()) {
            var one = mine.get(i);
            var other = theirs.get(j);
            if (one.overlaps(other)) {
                return Optional.of(new Meeting(one, other));
            }
            if (one.start().isBefore(other.start())) {
                i++;
            } else {
                j++;
            }
        }
        return Optional.empty();
    }

    /** Occurrences of a slot that are on the air or about to be, and so must not change. */
    List<Occurrence> locked(SlotContent content) {
        return content.occurrences(zone, today().minusDays(1), today().plusDays(1)).stream()
                .filter(occurrence ->
                        occurrence.end().isAfter(now) && !occurrence.start().isAfter(now.plus(LOCKED_BEFORE)))
                .toList();
    }

    private static boolean off(QuietHours hours) {
        return hours.from().equals(hours.to());
    }

    private static boolean contains(QuietHours hours, LocalTime time) {
        return hours.from().isBefore(hours.to())
                ? !time.isBefore(hours.from()) && time.isBefore(hours.to())
                : !time.isBefore(hours.from()) || time.isBefore(hours.to());
    }

    private static LocalTime ceiling(LocalTime time) {
        var floor = floor(time);
        return floor.equals(time) ? time : floor.plusMinutes(QUARTER_HOUR);
    }

    private static LocalTime floor(LocalTime time) {
        return LocalTime.of(time.getHour(), time.getMinute() / QUARTER_HOUR * QUARTER_HOUR);
    }
}
