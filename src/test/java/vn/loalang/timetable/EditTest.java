package vn.loalang.timetable;

import static org.assertj.core.api.Assertions.assertThat;
import static vn.loalang.timetable.SlotSamples.HANOI;
import static vn.loalang.timetable.SlotSamples.NOW;
import static vn.loalang.timetable.SlotSamples.SUNDAY;
import static vn.loalang.timetable.SlotSamples.kept;
import static vn.loalang.timetable.SlotSamples.quarterHour;

import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EditTest {
    private final SlotContent daily = quarterHour(SUNDAY.minusDays(10), "17:00", Recurrence.daily(null));

    @Test
    void onlyThisDateLeavesAllOthersAlone() {
        var thursday = SUNDAY.plusDays(4);
        var edit = Edit.of(kept(1, daily), thursday, Scope.THIS, moved(thursday, "18:00"), NOW);

        assertThat(edit.split()).isTrue();
        assertThat(edit.content().recurrence()).isEqualTo(Recurrence.once());
        assertThat(edit.stays().orElseThrow().except()).containsExactly(thursday);
        assertThat(starts(edit, thursday, thursday)).containsExactly("18:00");
        assertThat(starts(edit, thursday.plusDays(1), thursday.plusDays(1))).containsExactly("17:00");
    }

    @Test
    void fromThisDateOnTheOldOneEnds() {
        var thursday = SUNDAY.plusDays(4);
        var edit = Edit.of(kept(1, daily), thursday, Scope.FROM, moved(thursday, "18:00"), NOW);

        assertThat(starts(edit, thursday.minusDays(1), thursday.plusDays(1)))
                .containsExactly("17:00", "18:00", "18:00");
    }

    @Test
    void allMeansAllThatHaveNotBegunAndHistoryStays() {
        var thursday = SUNDAY.plusDays(4);
        var edit = Edit.of(kept(1, daily), thursday, Scope.ALL, moved(thursday, "18:00"), NOW);

        assertThat(edit.split()).isTrue();
        assertThat(starts(edit, SUNDAY.minusDays(1), SUNDAY.plusDays(1))).containsExactly("17:00", "18:00", "18:00");
    }

    @Test
    void volumeForAllNeedsNoNewSlot() {
        var louder = new SlotContent(
                daily.programme(),
                daily.length(),
                SUNDAY,
                daily.start(),
                daily.recurrence(),
                Set.of(),
                daily.targets(),
                50,
                daily.lateness(),
                daily.priority(),
                daily.authority());
        var edit = Edit.of(kept(1, daily), SUNDAY, Scope.ALL, louder, NOW);

        assertThat(edit.split()).isFalse();
        assertThat(edit.content().firstDate()).isEqualTo(daily.firstDate());
        assertThat(edit.content().volume()).isEqualTo(50);
        assertThat(edit.checked().firstDate()).isEqualTo(SUNDAY);
    }

    @Test
    void aSlotThatHasNotBegunIsChangedInPlace() {
        var coming = quarterHour(SUNDAY.plusDays(2), "17:00", Recurrence.daily(null));
        var edit = Edit.of(kept(1, coming), SUNDAY.plusDays(5), Scope.ALL, moved(SUNDAY.plusDays(5), "18:00"), NOW);

        assertThat(edit.split()).isFalse();
        assertThat(edit.content().firstDate()).isEqualTo(SUNDAY.plusDays(2));
    }

    @Test
    void takingOutDatesOneByOneOrFromTheEndLeavesExactlyTheRest() {
        var random = new Random(3);
        for (var round = 0; round < 100; round++) {
            var slot = quarterHour(SUNDAY, "17:00", Recurrence.daily(SUNDAY.plusDays(9)));
            var expected = new ArrayList<>(dates(slot));
            java.util.Optional<SlotContent> rest = java.util.Optional.of(slot);
            while (rest.isPresent() && !expected.isEmpty()) {
                var on = expected.get(random.nextInt(expected.size()));
                var scope = random.nextInt(4) == 0 ? Scope.FROM : Scope.THIS;
                expected.removeIf(date -> scope == Scope.THIS ? date.equals(on) : !date.isBefore(on));
                rest = Edit.remainder(kept(1, rest.get()), on, scope, NOW);
                assertThat(rest.map(EditTest::dates).orElse(List.of())).isEqualTo(expected);
            }
            assertThat(rest).isEmpty();
        }
    }

    private static List<LocalDate> dates(SlotContent content) {
        return content.occurrences(HANOI, SUNDAY, SUNDAY.plusDays(30)).stream()
                .map(Occurrence::date)
                .toList();
    }

    private SlotContent moved(LocalDate date, String start) {
        return daily.with(date, LocalTime.parse(start), daily.recurrence(), Set.of());
    }

    private static List<String> starts(Edit edit, LocalDate from, LocalDate till) {
        var all = new ArrayList<Occurrence>(edit.content().occurrences(HANOI, from, till));
        edit.stays().ifPresent(old -> all.addAll(old.occurrences(HANOI, from, till)));
        return all.stream()
                .sorted(java.util.Comparator.comparing(Occurrence::start))
                .map(occurrence ->
                        occurrence.start().atZone(HANOI).toLocalTime().toString())
                .toList();
    }
}
