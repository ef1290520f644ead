package vn.loalang.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.JdbcTemplate;
import vn.loalang.area.AreaId;
import vn.loalang.area.Authority;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Presence;
import vn.loalang.fleet.PresenceBook;
import vn.loalang.protocol.Fault;

class BroadcastsTest extends PlaybackTestBase {
    @Autowired
    JdbcTemplate batches;

    @Test
    void aPlannedBroadcastIsOnTheTimelineOfEachOfItsPoles() {
        var pole = aPole("Nhà văn hoá");
        var other = aPole("Chợ Hôm");
        var id = aBroadcast(START, pole);
        assertThat(broadcasts.timeline(pole, START.minusSeconds(3600), START.plusSeconds(3600)))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.oid()).isEqualTo(id.oid());
                    assertThat(entry.start()).isEqualTo(START);
                    assertThat(entry.duration()).isEqualTo(LENGTH);
                    assertThat(entry.lateness()).isEqualTo(Duration.ofSeconds(300));
                    assertThat(entry.priority()).isBetween(20, 39);
                    assertThat(entry.assets()).hasSize(1);
                });
        assertThat(broadcasts.timeline(other, START.minusSeconds(3600), START.plusSeconds(3600)))
                .isEmpty();
        assertThat(broadcasts.timeline(pole, START.plus(LENGTH), START.plusSeconds(3600)))
                .isEmpty();
        assertThat(events.stream(TimelinesChanged.class).flatMap(it -> it.controllers().stream()))
                .containsOnly(pole);
    }

    @Test
    void whatIsSettledOrCancelledLeavesTheTimelineAndWhatWasInterruptedStays() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        var done = aBroadcast(START, pole);
        var broken = aBroadcast(START.plusSeconds(200), pole);
        var cancelled = aBroadcast(START.plusSeconds(400), pole);
        playbacks.record(List.of(
                report(done, pole, 1, START, new Outcome.Completed(130_000, Proof.AMP, 60)),
                report(broken, pole, 2, START, new Outcome.Interrupted(10, Proof.AMP, Reason.POWER_LOSS))));
        broadcasts.cancel(cancelled, "mưa");
        assertThat(broadcasts.timeline(pole, START, START.plusSeconds(3600)))
                .extracting(TimelineEntry::oid)
                .containsExactly(broken.oid());
        assertThat(row(cancelled, pole)).containsEntry("state", "CANCELLED").containsEntry("reason", "CANCELLED");
        assertThat(broadcasts.plannedBySlot(5, START))
                .extracting(PlannedBroadcast::id)
                .containsExactly(done, broken);
    }

    @Test
    void aNewVolumeKeepsTheOidAndSaysSoOnlyWhenItIsNew() {
        var pole = aPole("Nhà văn hoá");
        var id = aBroadcast(START, pole);
        var before = events.stream(TimelinesChanged.class).count();
        broadcasts.adjust(id, 70, START.plusSeconds(300));
        assertThat(events.stream(TimelinesChanged.class).count()).isEqualTo(before);
        broadcasts.adjust(id, 55, START.plusSeconds(60));
        assertThat(events.stream(TimelinesChanged.class).count()).isEqualTo(before + 1);
        assertThat(broadcasts.timeline(pole, START, START.plusSeconds(60)))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.oid()).isEqualTo(id.oid());
                    assertThat(entry.volume()).isEqualTo(55);
                    assertThat(entry.lateness()).isEqualTo(Duration.ofMinutes(1));
                });
        assertThatIllegalArgumentException().isThrownBy(() -> broadcasts.adjust(id, 101, START));
        assertThatIllegalArgumentException().isThrownBy(() -> broadcasts.adjust(id, 50, START.minusSeconds(1)));
    }

    @Test
    void targetsComeAndGoAndComeBackUnderOneOid() {
        var hall = aPole("Nhà văn hoá");
        var market = aPole("Chợ Hôm");
        var id = aBroadcast(START, hall);
        broadcasts.retarget(id, Set.of(market));
        assertThat(row(id, hall)).containsEntry("state", "CANCELLED").containsEntry("reason", "WITHDRAWN");
        assertThat(state(id, market)).isEqualTo(PlaybackState.PLANNED);
        broadcasts.retarget(id, Set.of(hall, market));
        assertThat(state(id, hall)).isEqualTo(PlaybackState.PLANNED);
        assertThat(broadcasts.plannedBySlot(5, START)).singleElement().satisfies(planned -> {
            assertThat(planned.controllers()).containsExactlyInAnyOrder(hall, market);
            assertThat(planned.recordings()).extracting(it -> it.value()).containsExactly(7L);
        });
    }

    @Test
    void whereItSoundsAlreadyNothingIsTakenBack() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        var id = aBroadcast(START, pole);
        playbacks.record(List.of(report(id, pole, 1, START, new Outcome.Started(0, 0))));
        broadcasts.cancel(id, "nhầm");
        assertThat(state(id, pole)).isEqualTo(PlaybackState.STARTED);
        assertThat(broadcasts.timeline(pole, START, START.plusSeconds(60))).isEmpty();
        playbacks.record(List.of(report(
                id, pole, 2, START.plusSeconds(9), new Outcome.Interrupted(9_000, Proof.AMP, Reason.CANCELLED))));
        assertThat(row(id, pole)).containsEntry("state", "INTERRUPTED").containsEntry("heard_ms", 9_000L);
    }

    @Test
    void whatNoPlanCanCarryIsRefused() {
        var pole = aPole("Nhà văn hoá");
        knowRecording(8, Duration.ofHours(3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> broadcasts.plan(wanted(List.of(8L, 8L), pole)))
                .withMessageContaining("PT6H");
        assertThatIllegalArgumentException().isThrownBy(() -> broadcasts.plan(wanted(List.of(99L), pole)));
        assertThatIllegalArgumentException().isThrownBy(() -> broadcasts.plan(wanted(List.of(), pole)));
        assertThat(jdbc.sql("select count(*) from broadcast_broadcast")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void aTimelineIsOneIndexRangeEvenBesideFiveHundredPoles() {
        var rows = new ArrayList<Object[]>();
        var poles = new ArrayList<ControllerId>();
        for (int i = 0; i < 500; i++) {
            poles.add(aPole("Cột " + i));
        }
        for (int day = 0; day < 10; day++) {
            var id = aBroadcast(START.plusSeconds(day * 86_400L));
            for (var pole : poles) {
                rows.add(new Object[] {id.value(), pole.value()});
            }
        }
        batches.batchUpdate(
                """
                insert into broadcast_playback (broadcast_id, controller_id, starts_at, ends_at, state, asset_hash, language)
                select b.id, p.pole, b.starts_at, b.ends_at, 'PLANNED', 'x', 'vi'
                from broadcast_broadcast b, (select ? as id, ? as pole) p where b.id = p.id""".replace("select ? as id, ? as pole", "select cast(? as bigint) as id, cast(? as bigint) as pole"),
                rows);
        var plan = jdbc.sql("explain " + Broadcasts.TIMELINE)
                .param("controller", poles.get(250).value())
                .param("earliest", java.time.OffsetDateTime.parse("2026-11-22T06:00:00Z"))
                .param("from", java.time.OffsetDateTime.parse("2026-11-22T10:00:00Z"))
                .param("till", java.time.OffsetDateTime.parse("2026-11-24T10:00:00Z"))
                .param("states", List.of("PLANNED", "SENT"))
                .query(String.class)
                .single();
        assertThat(plan).containsIgnoringCase("broadcast_playback_timeline").doesNotContain("tableScan");
        assertThat(broadcasts.timeline(poles.get(250), START, START.plusSeconds(48 * 3600)))
                .hasSize(2);
    }

    @Test
    void polesStandInTheirAreasOnceAndArchivedOnesNowhere() {
        jdbc.sql("""
                        insert into area_area (parent_id, path, code, name, full_name, level, authority, search_key, created_at)
                        values (:parent, '37.1.2', '3712', 'Xóm Bãi', 'Xóm Bãi', 'hamlet', 'VILLAGE', 'xom bai', current_timestamp),
                          (null, '37.10', '3710', 'Đằng Xá', 'Thôn Đằng Xá', 'village', 'VILLAGE', 'dang xa', current_timestamp)""").param("parent", village.value()).update();
        var pole = aPole("Nhà văn hoá");
        var hamlet = jdbc.sql("select id from area_area where path = '37.1.2'")
                .query(Long.class)
                .single();
        var stranger = jdbc.sql("select id from area_area where path = '37.10'")
                .query(Long.class)
                .single();
        var below = fleet.addController(new vn.loalang.fleet.NewController(
                STATION, new AreaId(hamlet), "Bến đò", 20.5, 105.5, 80, Set.of("chợ")));
        fleet.addController(
                new vn.loalang.fleet.NewController(STATION, new AreaId(stranger), "Ngã ba", null, null, 80, Set.of()));
        assertThat(fleet.standingIn(List.of(village, new AreaId(hamlet)))).containsExactlyInAnyOrder(pole, below);
        assertThat(fleet.standingIn(List.of())).isEmpty();
        fleet.archive(below);
        assertThat(fleet.standingIn(List.of(village))).containsExactly(pole);
        assertThat(fleet.find(below).orElseThrow().tags()).containsExactly("chợ");
    }

    @Test
    void aBoxHangsOnOnePoleAndAPoleHasOneBox() {
        var hall = aPoleWithBox("Nhà văn hoá", UNIT);
        var market = aPole("Chợ Hôm");
        clock.set(START);
        fleet.assign(UNIT, market);
        assertThat(fleet.unitOf(hall)).isEmpty();
        assertThat(fleet.unitOf(market)).contains(UNIT);
        assertThat(fleet.controllerOf(UNIT)).contains(market);
        assertThat(events.stream(vn.loalang.fleet.FleetChanged.class).toList())
                .last()
                .satisfies(it -> assertThat(it.controllers()).containsExactlyInAnyOrder(hall, market));
    }

    @Test
    void presenceFollowsSessionsAndSilence() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        assertThat(fleet.presence(pole)).isEqualTo(Presence.NEVER);
        presence.hello(List.of(new PresenceBook.Greeted(UNIT, 4097, 1, "2.0", "r1", START)));
        assertThat(fleet.presence(pole)).isEqualTo(new Presence(Presence.State.ONLINE, START, START));
        presence.heard(UNIT, 4097, START.plusSeconds(100));
        presence.left(UNIT, 4096, START.plusSeconds(110));
        assertThat(fleet.presence(pole).online())
                .as("an old session's farewell")
                .isTrue();
        assertThat(presence.sweepSilent(START.plusSeconds(250))).isZero();
        assertThat(presence.sweepSilent(START.plusSeconds(251))).isOne();
        assertThat(fleet.presence(pole))
                .isEqualTo(new Presence(Presence.State.OFFLINE, START.plusSeconds(100), START.plusSeconds(100)));
        presence.heard(UNIT, 4096, START.plusSeconds(260));
        assertThat(fleet.presence(pole).online()).as("an old session's voice").isFalse();
        presence.hello(List.of(new PresenceBook.Greeted(UNIT, 4098, 1, "2.0", "r1", START.plusSeconds(300))));
        presence.left(UNIT, 4098, START.plusSeconds(310));
        assertThat(fleet.presence(pole))
                .isEqualTo(new Presence(Presence.State.OFFLINE, START.plusSeconds(310), START.plusSeconds(300)));
        assertThat(fleet.presences(STATION)).containsOnlyKeys(pole);
    }

    @Test
    void faultsAreEdges() {
        aPoleWithBox("Nhà văn hoá", UNIT);
        presence.fault(UNIT, Fault.AMP_FAULT, false, START);
        presence.fault(UNIT, Fault.AMP_FAULT, true, START);
        presence.fault(UNIT, Fault.AMP_FAULT, true, START.plusSeconds(5));
        presence.fault(UNIT, Fault.AMP_FAULT, false, START.plusSeconds(9));
        presence.fault(UNIT, Fault.AMP_FAULT, true, START.plusSeconds(20));
        assertThat(jdbc.sql("select count(*) from fleet_fault")
                        .query(Long.class)
                        .single())
                .isEqualTo(2);
        assertThat(jdbc.sql("select count(*) from fleet_fault where cleared_at is null")
                        .query(Long.class)
                        .single())
                .isOne();
    }

    private NewBroadcast wanted(List<Long> recordings, ControllerId pole) {
        return new NewBroadcast(
                STATION,
                Priority.NORMAL,
                Authority.COMMUNE,
                Origin.SLOT,
                Status.ACTUAL,
                5L,
                1L,
                "Bản tin",
                null,
                recordings.stream().map(vn.loalang.audio.RecordingId::new).toList(),
                START,
                START,
                70,
                Set.of(pole));
    }
}
