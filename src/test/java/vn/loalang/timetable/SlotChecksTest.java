package vn.loalang.timetable;

import static org.assertj.core.api.Assertions.assertThat;
import static vn.loalang.timetable.SlotSamples.HANOI;
import static vn.loalang.timetable.SlotSamples.NOW;
import static vn.loalang.timetable.SlotSamples.SUNDAY;
import static vn.loalang.timetable.SlotSamples.kept;
import static vn.loalang.timetable.SlotSamples.quarterHour;
import static vn.loalang.timetable.SlotSamples.slot;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import vn.loalang.area.QuietHours;
import vn.loalang.fleet.ControllerId;
import vn.loalang.timetable.SlotChecks.Neighbour;
import vn.loalang.timetable.SlotChecks.QuietPlace;
import vn.loalang.timetable.SlotChecks.Wish;

class SlotChecksTest {
    private static final QuietPlace NIGHT = new QuietPlace("Xã Tân Lập", QuietHours.DEFAULT);

    @ParameterizedTest
    @CsvSource({
        "03:15, 15, quiet",
        "21:30, 1, quiet",
        "23:59, 1, quiet",
        "00:00, 1, quiet",
        "04:59, 1, quiet",
        "21:20, 15, intoQuiet",
        "21:29, 2, intoQuiet",
        "20:00, 240, intoQuiet",
        "21:15, 15, ''",
        "05:00, 15, ''",
        "16:00, 15, ''"
    })
    void theNightIsKeptQuiet(String start, int minutes, String reason) {
        var problems = checks().problems(
                        wish(slot(SUNDAY.plusDays(1), start, Recurrence.daily(null), Duration.ofMinutes(minutes)), 1));

        assertThat(problems).extracting(SlotProblem::reason).isEqualTo(reason.isEmpty() ? List.of() : List.of(reason));
        for (var problem : problems) {
            assertThat(problem.field()).isEqualTo(SlotField.START);
            assertThat(problem.corrections()).isNotEmpty();
            for (var correction : problem.corrections()) {
                var corrected = slot(
                        SUNDAY.plusDays(1),
                        correction.start().toString(),
                        Recurrence.daily(null),
                        Duration.ofMinutes(minutes));
                assertThat(checks().problems(wish(corrected, 1))).isEmpty();
            }
        }
    }

    @Test
    void threeFifteenIsTakenForAnAfternoonFirst() {
        var problem = checks().problems(wish(quarterHour(SUNDAY.plusDays(1), "03:15", Recurrence.once()), 1))
                .get(0);

        assertThat(problem.corrections().get(0).start()).isEqualTo(LocalTime.of(15, 15));
        assertThat(problem.arguments())
                .containsExactly(LocalTime.of(3, 15), LocalTime.of(21, 30), LocalTime.of(5, 0), "Xã Tân Lập");
    }

    @Test
    void everyOtherPoleCountsWhenOneAreaIsQuietEarlier() {
        var early = new QuietPlace("Thôn Chùa", new QuietHours(LocalTime.of(19, 0), LocalTime.of(6, 0)));
        var wish = new Wish(
                "Bản tin",
                quarterHour(SUNDAY.plusDays(1), "19:30", Recurrence.once()),
                poles(1, 2),
                List.of(NIGHT, early));

        assertThat(checks().problems(wish)).singleElement().satisfies(problem -> {
            assertThat(problem.reason()).isEqualTo("quiet");
            assertThat(problem.arguments()).contains("Thôn Chùa");
        });
    }

    @Test
    void withoutQuietHoursMidnightMayBeCrossed() {
        var wish = new Wish(
                "Bản tin",
                quarterHour(SUNDAY.plusDays(1), "23:59", Recurrence.daily(null)),
                poles(1),
                List.of(new QuietPlace("Xã", QuietHours.OFF)));

        assertThat(checks().problems(wish)).isEmpty();
    }

    @Test
    void twoSlotsOnOnePoleClashOnTheFirstCommonDate() {
        var friday = neighbour(
                7,
                "Tiếp sóng VOV",
                slot(SUNDAY, "17:00", Recurrence.weekly(Set.of(DayOfWeek.FRIDAY), null), Duration.ofMinutes(30)),
                2,
                3);

        var problem = checks(friday)
                .problems(wish(quarterHour(SUNDAY.plusDays(1), "17:15", Recurrence.daily(null)), 1, 2))
                .get(0);

        assertThat(problem.reason()).isEqualTo("clash");
        assertThat(problem.arguments())
                .containsExactly(
                        "Bản tin",
                        LocalTime.of(17, 15),
                        LocalTime.of(17, 30),
                        "Tiếp sóng VOV",
                        LocalTime.of(17, 0),
                        LocalTime.of(17, 30),
                        LocalDate.of(2026, 11, 27),
                        1);
        assertThat(problem.corrections().get(0).start()).isEqualTo(LocalTime.of(17, 30));
        assertThat(problem.corrections().get(1).start()).isEqualTo(LocalTime.of(16, 45));
    }

    @Test
    void slotsMayTouchAndMayMeetOnDifferentPoles() {
        var five = neighbour(7, "VOV", slot(SUNDAY, "17:00", Recurrence.daily(null), Duration.ofMinutes(30)), 2);

        assertThat(checks(five).problems(wish(quarterHour(SUNDAY, "17:30", Recurrence.daily(null)), 2)))
                .isEmpty();
        assertThat(checks(five).problems(wish(quarterHour(SUNDAY, "16:45", Recurrence.daily(null)), 2)))
                .isEmpty();
        assertThat(checks(five).problems(wish(quarterHour(SUNDAY, "17:15", Recurrence.daily(null)), 1)))
                .isEmpty();
    }

    @Test
    void aClashAlmostAYearAheadIsFound() {
        var far = neighbour(7, "Tết", quarterHour(SUNDAY.plusDays(365), "17:00", Recurrence.once()), 1);

        assertThat(checks(far).problems(wish(quarterHour(SUNDAY.plusDays(1), "17:00", Recurrence.daily(null)), 1)))
                .extracting(SlotProblem::reason)
                .containsExactly("clash");
        assertThat(checks().problems(wish(quarterHour(SUNDAY.plusDays(367), "17:00", Recurrence.once()), 1)))
                .extracting(SlotProblem::reason)
                .containsExactly("tooFar");
    }

    @ParameterizedTest
    @ValueSource(strings = {"14:59", "15:00", "15:00:59"})
    void whatIsPastOrTooSoonIsRefusedWithTheNextFreeQuarterHour(String start) {
        var problem = checks().problems(wish(quarterHour(SUNDAY, start, Recurrence.once()), 1))
                .get(0);

        assertThat(problem.field()).isEqualTo(SlotField.START);
        assertThat(problem.corrections().get(0).start()).isEqualTo(LocalTime.of(15, 15));
        assertThat(problem.corrections().get(1).date()).isEqualTo(SUNDAY.plusDays(1));
    }

    @Test
    void aMinuteAheadIsEnough() {
        assertThat(checks().problems(wish(quarterHour(SUNDAY, "15:01", Recurrence.once()), 1)))
                .isEmpty();
    }

    @Test
    void everythingElseOutOfRangeIsNamedAtOnce() {
        var content = slot(SUNDAY.minusDays(1), "17:00", Recurrence.once(), Duration.ofHours(5));
        var loud = new SlotContent(
                content.programme(),
                content.length(),
                content.firstDate(),
                content.start(),
                content.recurrence(),
                Set.of(),
                content.targets(),
                101,
                Duration.ofMinutes(61),
                content.priority(),
                content.authority());

        assertThat(checks().problems(new Wish("Bản tin", loud, Set.of(), List.of(NIGHT))))
                .extracting(SlotProblem::field)
                .containsExactly(
                        SlotField.RECORDING, SlotField.VOLUME, SlotField.LATENESS, SlotField.TARGETS, SlotField.DATE);
    }

    @Test
    void whatIsOnTheAirOrStartsWithinTwoMinutesIsLocked() {
        var five = quarterHour(SUNDAY, "17:00", Recurrence.daily(null));

        assertThat(lockedAt(five, "16:57:59")).isEmpty();
        assertThat(lockedAt(five, "16:58:00")).hasSize(1);
        assertThat(lockedAt(five, "17:14:59")).hasSize(1);
        assertThat(lockedAt(five, "17:15:00")).isEmpty();
    }

    @Test
    void whateverIsAcceptedNeverOverlapsAndNeverDisturbsTheNight() {
        var random = new Random(7);
        for (var round = 0; round < 12; round++) {
            var zone = ZoneId.of(List.of("Asia/Ho_Chi_Minh", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe")
                    .get(round % 4));
            var now = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextInt(365 * 24 * 3600));
            var today = now.atZone(zone).toLocalDate();
            var accepted = new ArrayList<Neighbour>();
            for (var attempt = 0; attempt < 60; attempt++) {
                var days = EnumSet.of(DayOfWeek.of(1 + random.nextInt(7)), DayOfWeek.of(1 + random.nextInt(7)));
                var until = random.nextBoolean() ? today.plusDays(30 + random.nextInt(60)) : null;
                var recurrence =
                        switch (random.nextInt(3)) {
                            case 0 -> Recurrence.once();
                            case 1 -> Recurrence.daily(until);
                            default -> Recurrence.weekly(days, until);
                        };
                var content = slot(
                        today.plusDays(random.nextInt(20)),
                        LocalTime.of(random.nextInt(24), random.nextInt(60)).toString(),
                        recurrence,
                        Duration.ofSeconds(1 + random.nextInt(5 * 3600)));
                var controllers = new HashSet<ControllerId>();
                for (var i = 0; i <= random.nextInt(3); i++) {
                    controllers.add(new ControllerId(1 + random.nextInt(4)));
                }
                var hours = random.nextInt(4) == 0
                        ? new QuietHours(LocalTime.of(1, 30), LocalTime.of(3, 30))
                        : QuietHours.DEFAULT;
                var wish = new Wish("slot " + attempt, content, controllers, List.of(new QuietPlace("Xã", hours)));
                var checks = new SlotChecks(zone, now, accepted);
                if (checks.problems(wish).isEmpty()) {
                    accepted.add(new Neighbour(new SlotId(attempt + 1), wish.title(), content, controllers));
                    content.occurrences(zone, today, today.plusDays(366)).forEach(occurrence -> {
                        var begin = occurrence.start().atZone(zone).toLocalTime();
                        var lastSecond =
                                occurrence.end().minusNanos(1).atZone(zone).toLocalTime();
                        assertThat(hours.contains(begin))
                                .as("%s in %s", occurrence, zone)
                                .isFalse();
                        assertThat(hours.contains(lastSecond))
                                .as("%s in %s", occurrence, zone)
                                .isFalse();
                    });
                }
            }
            assertThat(accepted).hasSizeGreaterThan(3);
            for (var pole = 1; pole <= 4; pole++) {
                var id = new ControllerId(pole);
                var sounding = accepted.stream()
                        .filter(slot -> slot.controllers().contains(id))
                        .flatMap(slot -> slot.content().occurrences(zone, today, today.plusDays(366)).stream())
                        .sorted(java.util.Comparator.comparing(Occurrence::start))
                        .toList();
                for (var i = 1; i < sounding.size(); i++) {
                    assertThat(sounding.get(i - 1).overlaps(sounding.get(i))).isFalse();
                }
            }
        }
    }

    @Test
    void expansionNeverGivesOnePoleTwoThingsAtOnceWhateverPolesMove() {
        var random = new Random(11);
        for (var round = 0; round < 40; round++) {
            var slots = new ArrayList<Slot>();
            var where = new HashMap<Targets, Set<ControllerId>>();
            for (var i = 1; i <= 12; i++) {
                var content = slot(
                        SUNDAY,
                        LocalTime.of(random.nextInt(24), random.nextInt(60)).toString(),
                        Recurrence.daily(null),
                        Duration.ofMinutes(1 + random.nextInt(240)));
                var targets = new Targets(Set.of(), Set.of(new ControllerId(100 + i)));
                var moved = new SlotContent(
                        content.programme(),
                        content.length(),
                        content.firstDate(),
                        content.start(),
                        content.recurrence(),
                        Set.of(),
                        targets,
                        80,
                        content.lateness(),
                        content.priority(),
                        content.authority());
                slots.add(kept(i, moved));
                where.put(
                        targets,
                        LongStream.rangeClosed(1, 3)
                                .filter(pole -> random.nextBoolean())
                                .mapToObj(ControllerId::new)
                                .collect(Collectors.toSet()));
            }
            var expanded =
                    Expansion.expand(slots, NOW, NOW.plus(Duration.ofDays(3)), where::get, pole -> QuietHours.DEFAULT);

            for (var one : expanded) {
                assertThat(one.controllers().isEmpty()
                                || !SlotChecks.disturbs(one.occurrence(), QuietHours.DEFAULT, HANOI))
                        .isTrue();
                for (var other : expanded) {
                    if (!one.equals(other) && one.occurrence().overlaps(other.occurrence())) {
                        assertThat(Collections.disjoint(one.controllers(), other.controllers()))
                                .isTrue();
                    }
                }
            }
            assertThat(expanded).anySatisfy(one -> assertThat(one.complete()).isFalse());
        }
    }

    private static List<Occurrence> lockedAt(SlotContent content, String time) {
        var now = SUNDAY.atTime(LocalTime.parse(time)).atZone(HANOI).toInstant();
        return new SlotChecks(HANOI, now, List.of()).locked(content);
    }

    private static SlotChecks checks(Neighbour... others) {
        return new SlotChecks(HANOI, NOW, List.of(others));
    }

    private static Neighbour neighbour(long id, String title, SlotContent content, long... controllers) {
        return new Neighbour(new SlotId(id), title, content, poles(controllers));
    }

    private static Wish wish(SlotContent content, long... controllers) {
        return new Wish("Bản tin", content, poles(controllers), List.of(NIGHT));
    }

    private static Set<ControllerId> poles(long... ids) {
        return LongStream.of(ids).mapToObj(ControllerId::new).collect(Collectors.toSet());
    }
}
