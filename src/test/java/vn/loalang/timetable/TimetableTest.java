package vn.loalang.timetable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import vn.loalang.area.QuietHours;
import vn.loalang.broadcast.PlannedBroadcast;
import vn.loalang.fleet.NewController;

class TimetableTest extends TimetableTestBase {
    @Autowired
    Slots slots;

    @Test
    void aSlotBecomesBroadcastsForTwoDaysAndAgainAfterTheRollOver() {
        var slot = timetable
                .create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.daily(null)))
                .slot();

        assertThat(planned(slot))
                .extracting(PlannedBroadcast::start)
                .containsExactly(at(SUNDAY, "17:00"), at(SUNDAY.plusDays(1), "17:00"));
        assertThat(planned(slot)).allSatisfy(broadcast -> {
            assertThat(broadcast.controllers()).containsExactlyInAnyOrder(one, two, three);
            assertThat(broadcast.title()).isEqualTo("Bản tin xã");
            assertThat(Duration.between(broadcast.start(), broadcast.latestStart()))
                    .hasMinutes(5);
        });

        var before = planned(slot);
        rollOver.all();
        assertThat(planned(slot)).isEqualTo(before);

        clock.set(at(SUNDAY.plusDays(1), "17:30"));
        rollOver.all();
        assertThat(planned(slot)).hasSize(4).startsWith(before.get(0), before.get(1));
    }

    /** A stick takes a pole five weeks ahead; the others join the same broadcasts when their two days have come. */
    @Test
    void onePoleIsOrderedFiveWeeksAheadAndTheOthersFollow() {
        var slot = timetable
                .create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.daily(null)))
                .slot();
        timetable.orderAhead(STATION, one, NOW.plus(Duration.ofDays(35)), 30);
        var ahead = planned(slot);
        assertThat(ahead).hasSize(30);
        assertThat(ahead.subList(0, 2)).allSatisfy(broadcast -> assertThat(broadcast.controllers())
                .containsExactlyInAnyOrder(one, two, three));
        assertThat(ahead.subList(2, 30))
                .allSatisfy(broadcast -> assertThat(broadcast.controllers()).containsExactly(one));
        rollOver.all();
        assertThat(planned(slot)).isEqualTo(ahead);
        timetable.orderAhead(STATION, two, NOW.plus(Duration.ofDays(3)), 30);
        assertThat(planned(slot).get(2).controllers()).containsExactlyInAnyOrder(one, two);

        clock.set(at(SUNDAY.plusDays(9), "17:30"));
        rollOver.all();
        var later = planned(slot);
        assertThat(later)
                .extracting(PlannedBroadcast::id)
                .containsAll(ahead.stream().map(PlannedBroadcast::id).toList());
        assertThat(later.stream().filter(it -> it.start().equals(at(SUNDAY.plusDays(11), "17:00"))))
                .singleElement()
                .satisfies(it -> assertThat(it.controllers()).containsExactlyInAnyOrder(one, two, three));

        var live = timetable.find(slot).orElseThrow();
        timetable.remove(slot, live.revision(), SUNDAY.plusDays(10), Scope.FROM);
        assertThat(planned(slot)).noneMatch(it -> it.start().isAfter(at(SUNDAY.plusDays(10), "00:00")));
    }

    @Test
    void afterDowntimeNothingPastItsLatestStartIsPlanned() {
        var slot = timetable
                .create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.daily(null)))
                .slot();
        clock.set(at(SUNDAY.plusDays(5), "17:04"));
        rollOver.all();
        assertThat(planned(slot)).extracting(PlannedBroadcast::start).contains(at(SUNDAY.plusDays(5), "17:00"));
        clock.set(at(SUNDAY.plusDays(10), "17:05:01"));
        rollOver.all();
        assertThat(planned(slot))
                .extracting(PlannedBroadcast::start)
                .doesNotContain(at(SUNDAY.plusDays(10), "17:00"), at(SUNDAY.plusDays(4), "17:00"))
                .contains(at(SUNDAY.plusDays(11), "17:00"));
    }

    @Test
    void volumeKeepsTheBroadcastAndStartMakesAnother() {
        var made = timetable.create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.once()));
        var first = planned(made.slot()).get(0);
        var quieter = new NewSlot(
                bulletin,
                SUNDAY,
                java.time.LocalTime.of(17, 0),
                Recurrence.once(),
                new Targets(Set.of(commune), Set.of()),
                40,
                Duration.ofMinutes(2));
        timetable.revise(made.slot(), 1, SUNDAY, Scope.ALL, quieter);

        assertThat(planned(made.slot())).singleElement().satisfies(now -> {
            assertThat(now.id()).isEqualTo(first.id());
            assertThat(now.volume()).isEqualTo(40);
            assertThat(now.latestStart()).isEqualTo(at(SUNDAY, "17:02"));
        });

        timetable.revise(made.slot(), 2, SUNDAY, Scope.ALL, wanted(bulletin, SUNDAY, "18:00", Recurrence.once()));
        assertThat(planned()).singleElement().satisfies(now -> {
            assertThat(now.id()).isNotEqualTo(first.id());
            assertThat(now.start()).isEqualTo(at(SUNDAY, "18:00"));
        });

        timetable.revise(made.slot(), 3, SUNDAY, Scope.ALL, wanted(relay, SUNDAY, "18:00", Recurrence.once()));
        assertThat(planned()).singleElement().satisfies(now -> assertThat(now.title())
                .isEqualTo("Tiếp sóng VOV"));
    }

    @Test
    void polesThatComeAndGoAreFollowedUntilTheStart() {
        var slot = timetable
                .create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.once()))
                .slot();
        var four = pole("371", "Cột 4");
        try {
            assertThat(planned(slot).get(0).controllers()).contains(one, two, three, four);
            fleet.archive(four);
            assertThat(planned(slot).get(0).controllers()).containsExactlyInAnyOrder(one, two, three);
        } finally {
            fleet.archive(four);
        }
    }

    @Test
    void aPoleMovedIntoAnElderSlotsAreaStaysWithTheElder() {
        var elder = timetable
                .create(
                        STATION,
                        new NewSlot(
                                relay,
                                SUNDAY,
                                java.time.LocalTime.of(17, 0),
                                Recurrence.once(),
                                new Targets(Set.of(village), Set.of()),
                                80,
                                Duration.ofMinutes(5)))
                .slot();
        var younger = timetable
                .create(STATION, wanted(bulletin, SUNDAY, "17:15", Recurrence.once(), two))
                .slot();
        var pole = fleet.find(two).orElseThrow();
        fleet.change(two, new NewController(STATION, village, pole.name(), null, null, 80, Set.of()), version());
        try {
            assertThat(planned(elder).get(0).controllers()).containsExactlyInAnyOrder(one, two);
            assertThat(planned(younger)).isEmpty();
        } finally {
            fleet.change(
                    two, new NewController(STATION, pole.areaId(), pole.name(), null, null, 80, Set.of()), version());
        }
        assertThat(planned(younger)).hasSize(1);
    }

    private int version() {
        return jdbc.sql("select row_version from fleet_controller where id = :id")
                .param("id", two.value())
                .query(Integer.class)
                .single();
    }

    @Test
    void stricterQuietHoursSilenceWhatWasAcceptedBefore() {
        var slot = timetable
                .create(STATION, wanted(bulletin, SUNDAY, "19:00", Recurrence.once()))
                .slot();
        var path = areas.findByCode("371").orElseThrow().path();
        areas.setQuietHours(path, new QuietHours(java.time.LocalTime.of(18, 0), java.time.LocalTime.of(6, 0)));
        try {
            assertThat(planned(slot).get(0).controllers())
                    .as("at once, not at the next roll-over")
                    .containsExactlyInAnyOrder(two, three);
        } finally {
            areas.inheritQuietHours(path);
        }
        assertThat(planned(slot).get(0).controllers()).containsExactlyInAnyOrder(one, two, three);
    }

    @Test
    void anAreaIsNotArchivedWhileSlotsSpeakToItOrPolesStandInIt() {
        var wanted = wanted(bulletin, SUNDAY, "19:00", Recurrence.once());
        var path = areas.add(new vn.loalang.area.NewArea(
                        communePath,
                        "371x",
                        "Xóm thử",
                        "Xóm thử",
                        "village",
                        vn.loalang.area.Authority.VILLAGE,
                        List.of("vi"),
                        null))
                .path();
        var id = new vn.loalang.area.AreaId(areas.find(path).orElseThrow().id());
        var pole = fleet.addController(
                new vn.loalang.fleet.NewController(STATION, id, "Cụm thử", null, null, 75, java.util.Set.of()));
        assertThatThrownBy(() -> areas.archive(path))
                .isInstanceOfSatisfying(vn.loalang.area.Refusal.class, refusal -> assertThat(refusal.messageKey())
                        .isEqualTo("fleet.refused.areaInUse"));
        var slot = timetable
                .create(
                        STATION,
                        new NewSlot(
                                wanted.recording(),
                                wanted.date(),
                                wanted.start(),
                                wanted.recurrence(),
                                new Targets(java.util.Set.of(id), java.util.Set.of()),
                                wanted.volume(),
                                wanted.lateness()))
                .slot();
        fleet.archive(pole);
        assertThatThrownBy(() -> areas.archive(path))
                .isInstanceOfSatisfying(vn.loalang.area.Refusal.class, refusal -> assertThat(refusal.messageKey())
                        .isEqualTo("timetable.refused.areaInUse"));
        assertThat(areas.find(path).orElseThrow().active()).isTrue();
        timetable.remove(slot, 1, SUNDAY, Scope.ALL);
        areas.archive(path);
        assertThat(areas.find(path).orElseThrow().active()).isFalse();
    }

    @Test
    void aDeletedSlotIsTakenBackAndUndoBringsItBack() {
        var made = timetable.create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.daily(null)));
        var gone = timetable.remove(made.slot(), 1, SUNDAY, Scope.ALL);
        assertThat(timetable.live(STATION)).isEmpty();
        assertThat(planned(made.slot())).isEmpty();

        timetable.undo(gone.change());
        assertThat(planned(made.slot())).hasSize(2);
        assertThatThrownBy(() -> timetable.undo(gone.change()))
                .isInstanceOf(SlotRefused.class)
                .hasMessageContaining("undoGone");
    }

    @Test
    void undoNeverBringsBackAClash() {
        var made = timetable.create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.daily(null)));
        var gone = timetable.remove(made.slot(), 1, SUNDAY, Scope.ALL);
        timetable.create(STATION, wanted(relay, SUNDAY.plusDays(3), "17:00", Recurrence.once()));

        assertThatThrownBy(() -> timetable.undo(gone.change()))
                .isInstanceOf(SlotRefused.class)
                .hasMessageContaining("clash");
        assertThat(timetable.live(STATION)).hasSize(1);
        assertThat(timetable.undoable(gone.change())).as("nothing half-undone").isTrue();
    }

    @Test
    void theSecondOfTwoOperatorsIsToldAndChangesNothing() {
        var made = timetable.create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.once()));
        timetable.revise(made.slot(), 1, SUNDAY, Scope.ALL, wanted(bulletin, SUNDAY, "18:00", Recurrence.once()));

        assertThatThrownBy(() -> timetable.revise(
                        made.slot(), 1, SUNDAY, Scope.ALL, wanted(bulletin, SUNDAY, "19:00", Recurrence.once())))
                .isInstanceOf(SlotChangedMeanwhile.class);
        assertThat(planned()).extracting(PlannedBroadcast::start).containsExactly(at(SUNDAY, "18:00"));
    }

    @Test
    void onAirNothingCanBeChangedButTheNextDayCan() {
        var made = timetable.create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.daily(null)));
        clock.set(at(SUNDAY, "17:05"));

        assertThatThrownBy(() -> timetable.remove(made.slot(), 1, SUNDAY, Scope.ALL))
                .isInstanceOfSatisfying(SlotRefused.class, refused -> {
                    assertThat(refused.problems().get(0).reason()).isEqualTo("lockedOnAir");
                    assertThat(refused.problems().get(0).corrections().get(0).date())
                            .isEqualTo(SUNDAY.plusDays(1));
                });
        timetable.remove(made.slot(), 1, SUNDAY.plusDays(1), Scope.FROM);
        assertThat(planned(made.slot())).extracting(PlannedBroadcast::start).containsExactly(at(SUNDAY, "17:00"));
    }

    @Test
    void aSplitKeepsEveryOtherDay() {
        var made = timetable.create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.daily(null)));
        var moved = timetable.revise(
                made.slot(),
                1,
                SUNDAY.plusDays(1),
                Scope.THIS,
                wanted(bulletin, SUNDAY.plusDays(1), "18:00", Recurrence.daily(null)));

        assertThat(planned())
                .extracting(PlannedBroadcast::start)
                .containsExactly(at(SUNDAY, "17:00"), at(SUNDAY.plusDays(1), "18:00"));
        timetable.undo(moved.change());
        assertThat(planned())
                .extracting(PlannedBroadcast::start)
                .containsExactly(at(SUNDAY, "17:00"), at(SUNDAY.plusDays(1), "17:00"));
        assertThat(timetable.live(STATION)).hasSize(1);
    }

    @Test
    void undoneChangesLeaveTheTimetableAsItWas() {
        var random = new Random(5);
        timetable.create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.daily(SUNDAY.plusDays(20))));
        timetable.create(STATION, wanted(relay, SUNDAY, "18:00", Recurrence.daily(null), two));
        for (var round = 0; round < 15; round++) {
            var before = contents();
            var beforePlanned = starts();
            var all = timetable.live(STATION);
            var slot = all.get(random.nextInt(all.size()));
            var on = SUNDAY.plusDays(random.nextInt(10));
            var scope = Scope.values()[random.nextInt(3)];
            try {
                var change = random.nextBoolean()
                        ? timetable.remove(slot.id(), slot.revision(), on, scope)
                        : timetable.revise(
                                slot.id(),
                                slot.revision(),
                                on,
                                scope,
                                wanted(
                                        random.nextBoolean() ? bulletin : relay,
                                        on,
                                        "0" + (5 + random.nextInt(4)) + ":00",
                                        slot.content().recurrence(),
                                        random.nextBoolean() ? one : two));
                timetable.undo(change.change());
            } catch (SlotRefused refused) {
                assertThat(refused.problems()).isNotEmpty();
            }
            assertThat(contents()).isEqualTo(before);
            assertThat(starts()).isEqualTo(beforePlanned);
        }
    }

    private Set<SlotContent> contents() {
        return timetable.live(STATION).stream().map(Slot::content).collect(Collectors.toSet());
    }

    private List<String> starts() {
        return planned().stream()
                .map(broadcast -> broadcast.title()
                        + broadcast.start()
                        + broadcast.controllers().size())
                .toList();
    }

    @Test
    void aRecordingPutAwayCannotBePlannedAnew() {
        recording("Tin cũ", Duration.ofMinutes(1), NOW.minusSeconds(999));
        var old = find("Tin cũ");
        jdbc.sql("update audio_recording set archived_at = current_timestamp where id = :id")
                .param("id", old.value())
                .update();

        assertThatThrownBy(() -> timetable.create(STATION, wanted(old, SUNDAY, "17:00", Recurrence.once())))
                .isInstanceOf(SlotRefused.class)
                .hasMessageContaining("recordingArchived");
    }
}
