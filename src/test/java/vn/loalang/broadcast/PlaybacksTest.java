package vn.loalang.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.Quality;

class PlaybacksTest extends PlaybackTestBase {
    @Test
    void reportsOfOneHistoryEndInOneStateWhateverTheirOrderAndHoweverOftenTheyCome() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        var random = new Random(20261122);
        for (int round = 0; round < 120; round++) {
            var history = aHistory(random);
            var inOrder = aBroadcast(START, pole);
            for (var outcome : history) {
                playbacks.record(List.of(outcome.about(inOrder, pole)));
            }
            for (int shuffle = 0; shuffle < 3; shuffle++) {
                var mixed = new ArrayList<>(history);
                for (int i = random.nextInt(4); i > 0; i--) {
                    mixed.add(history.get(random.nextInt(history.size())));
                }
                Collections.shuffle(mixed, random);
                var shuffled = aBroadcast(START, pole);
                var reports = mixed.stream().map(it -> it.about(shuffled, pole)).toList();
                var cut = random.nextInt(reports.size() + 1);
                playbacks.record(reports.subList(0, cut));
                playbacks.record(reports.subList(cut, reports.size()));
                assertThat(outcomeOf(shuffled, pole))
                        .as("%s as %s", history, mixed)
                        .isEqualTo(outcomeOf(inOrder, pole));
            }
        }
    }

    @Test
    void aSweepBetweenTheReportsDoesNotChangeTheEnd() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        var random = new Random(4);
        var late = START.plusSeconds(100_000);
        for (int round = 0; round < 60; round++) {
            var history = aHistory(random);
            var calm = aBroadcast(START, pole);
            playbacks.record(history.stream().map(it -> it.about(calm, pole)).toList());
            playbacks.sweepUnknown(late);
            var swept = aBroadcast(START, pole);
            var mixed = new ArrayList<>(history);
            Collections.shuffle(mixed, random);
            for (var outcome : mixed) {
                if (random.nextBoolean()) {
                    playbacks.sweepUnknown(late);
                }
                playbacks.record(List.of(outcome.about(swept, pole)));
            }
            playbacks.sweepUnknown(late);
            assertThat(outcomeOf(swept, pole)).as("%s as %s", history, mixed).isEqualTo(outcomeOf(calm, pole));
        }
    }

    @Test
    void theSameReportTwiceIsKeptOnceAndChangesNothing() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        var broadcast = aBroadcast(START, pole);
        var started = report(broadcast, pole, 3, START, new Outcome.Started(12, 0));
        playbacks.record(List.of(started, started));
        var before = row(broadcast, pole);
        playbacks.record(List.of(started));
        assertThat(row(broadcast, pole)).isEqualTo(before);
        assertThat(eventsOf(broadcast)).isOne();
    }

    @Test
    void plansAppliedAgainAndAgainAreOneEvent() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        var broadcast = aBroadcast(START, pole);
        for (int i = 1; i <= 5; i++) {
            playbacks.record(List.of(report(broadcast, pole, 0, START.minusSeconds(i * 60L), new Outcome.Sent())));
            playbacks.record(List.of(report(broadcast, pole, i, START.minusSeconds(i * 60L), new Outcome.Received())));
        }
        assertThat(eventsOf(broadcast)).isEqualTo(2);
        assertThat(state(broadcast, pole)).isEqualTo(PlaybackState.RECEIVED);
    }

    @Test
    void aPowerCutAndARejoinAddUpToTheSecondsTrulyHeard() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        var broadcast = aBroadcast(START, pole);
        playbacks.record(List.of(
                report(broadcast, pole, 3, START.plusMillis(40), new Outcome.Started(40, 0)),
                report(
                        broadcast,
                        pole,
                        4,
                        START.plusSeconds(60),
                        new Outcome.Interrupted(42_000, Proof.AMP, Reason.POWER_LOSS))));
        assertThat(row(broadcast, pole))
                .containsEntry("state", "INTERRUPTED")
                .containsEntry("reason", "POWER_LOSS")
                .containsEntry("heard_ms", 42_000L);
        playbacks.record(List.of(report(broadcast, pole, 5, START.plusSeconds(61), new Outcome.Started(0, 61_000))));
        assertThat(row(broadcast, pole)).containsEntry("state", "STARTED").containsEntry("reason", null);
        playbacks.record(List.of(
                report(broadcast, pole, 6, START.plusSeconds(130), new Outcome.Completed(111_000, Proof.AMP, 70))));
        assertThat(row(broadcast, pole))
                .containsEntry("state", "COMPLETED")
                .containsEntry("heard_ms", 111_000L)
                .containsEntry("proof", "AMP")
                .containsEntry("start_error_ms", 40L)
                .containsEntry("unit_id", UNIT.value());
    }

    @Test
    void silenceAfterTheEndIsUnknownAndALateReportStillTells() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        var broadcast = aBroadcast(START, pole);
        var end = START.plus(LENGTH);
        assertThat(playbacks.sweepUnknown(end.plusSeconds(59))).isZero();
        assertThat(playbacks.sweepUnknown(end.plusSeconds(61))).isOne();
        assertThat(state(broadcast, pole)).isEqualTo(PlaybackState.UNKNOWN);
        playbacks.record(
                List.of(report(broadcast, pole, 9, end.plusSeconds(900), new Outcome.Missed(Reason.POWER_OFF))));
        assertThat(row(broadcast, pole)).containsEntry("state", "MISSED").containsEntry("reason", "POWER_OFF");
        assertThat(playbacks.sweepUnknown(end.plusSeconds(1000))).isZero();
    }

    @Test
    void whatWasMissedByAWrongClockAndSoundedAfterAllIsKnownToHaveSounded() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        var broadcast = aBroadcast(START, pole);
        playbacks.record(List.of(report(broadcast, pole, 4, START.minusSeconds(300), new Outcome.Missed(Reason.LATE))));
        assertThat(state(broadcast, pole)).isEqualTo(PlaybackState.MISSED);
        assertThat(broadcasts.timeline(pole, START.minusSeconds(60), START.plusSeconds(60)))
                .as("stays in the plan while it may still sound")
                .hasSize(1);
        playbacks.record(List.of(report(broadcast, pole, 5, START, new Outcome.Started(20, 0))));
        assertThat(row(broadcast, pole)).containsEntry("state", "STARTED").containsEntry("reason", null);
        playbacks.record(List.of(
                report(broadcast, pole, 6, START.plusSeconds(60), new Outcome.Completed(60_000, Proof.AMP, 70))));
        assertThat(row(broadcast, pole)).containsEntry("state", "COMPLETED").containsEntry("heard_ms", 60_000L);
    }

    @Test
    void aReplacedBoxHasToReceiveAndPrepareAnew() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        var ahead = aBroadcast(START, pole);
        var playing = aBroadcast(START.minusSeconds(60), pole);
        playbacks.record(List.of(
                report(ahead, pole, 1, START.minusSeconds(900), new Outcome.Received()),
                report(ahead, pole, 2, START.minusSeconds(800), new Outcome.Prepared()),
                report(playing, pole, 3, START.minusSeconds(60), new Outcome.Started(5, 0))));
        playbacks.anotherBox(pole, UNIT, START.minusSeconds(30));
        assertThat(state(ahead, pole)).as("the same box, moved rights").isEqualTo(PlaybackState.PREPARED);
        var replacement = new DeviceId("BBBBBBBBBBBBBBBB");
        playbacks.anotherBox(pole, replacement, START.minusSeconds(30));
        assertThat(row(ahead, pole)).containsEntry("state", "PLANNED").containsEntry("prepared_at", null);
        assertThat(state(playing, pole)).isEqualTo(PlaybackState.STARTED);
        playbacks.record(List.of(new Evidence(
                pole,
                replacement,
                ahead.oid(),
                START.minusSeconds(20),
                Quality.T,
                1,
                START.minusSeconds(20),
                new Outcome.Received())));
        assertThat(state(ahead, pole)).isEqualTo(PlaybackState.RECEIVED);
    }

    @Test
    void whatNobodyReportedStaysInThePlanSoThatItCanBeReportedMissed() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        var broadcast = aBroadcast(START, pole);
        var later = START.plus(LENGTH).plusSeconds(3600);
        playbacks.sweepUnknown(later);
        assertThat(state(broadcast, pole)).isEqualTo(PlaybackState.UNKNOWN);
        assertThat(broadcasts.timeline(pole, later.minusSeconds(4 * 3600), later))
                .extracting(TimelineEntry::oid)
                .containsExactly(broadcast.oid());
    }

    @Test
    void whatSoundedAlthoughItWasCancelledIsStillKnownToHaveSounded() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        var broadcast = aBroadcast(START, pole);
        broadcasts.cancel(broadcast, "mưa");
        playbacks.record(List.of(
                report(broadcast, pole, 3, START, new Outcome.Started(0, 0)),
                report(broadcast, pole, 4, START.plus(LENGTH), new Outcome.Completed(130_000, Proof.DAC, 70))));
        assertThat(row(broadcast, pole)).containsEntry("state", "CANCELLED").containsEntry("heard_ms", 130_000L);
    }

    @Test
    void reportsAboutWhatWasNeverPlannedArePassedOver() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        var broadcast = aBroadcast(START, pole);
        var stranger = aPole("Chợ Hôm");
        playbacks.record(List.of(
                report(broadcast, stranger, 1, START, new Outcome.Started(0, 0)),
                report(BroadcastId.random(), pole, 2, START, new Outcome.Started(0, 0)),
                new Evidence(pole, UNIT, new Oid("drill-1"), START, Quality.T, 3, START, new Outcome.Started(0, 0)),
                report(broadcast, pole, 4, START, new Outcome.Started(0, 0))));
        assertThat(state(broadcast, pole)).isEqualTo(PlaybackState.STARTED);
        assertThat(jdbc.sql("select count(*) from broadcast_playback_event")
                        .query(Long.class)
                        .single())
                .isOne();
    }

    private long eventsOf(BroadcastId broadcast) {
        return jdbc.sql("select count(*) from broadcast_playback_event where broadcast_id = :id")
                .param("id", broadcast.value())
                .query(Long.class)
                .single();
    }

    private Map<String, Object> outcomeOf(BroadcastId broadcast, ControllerId controller) {
        var row = row(broadcast, controller);
        row.remove("broadcast_id");
        return row;
    }

    /** A history that a controller can really have: numbers rise, and at most one ending is final. */
    private static List<Step> aHistory(Random random) {
        var steps = new ArrayList<Step>();
        steps.add(new Step(0, 0, new Outcome.Sent()));
        long number = 1 + random.nextInt(50);
        if (random.nextInt(4) > 0) {
            steps.add(new Step(number++, -900, new Outcome.Received()));
        }
        if (random.nextInt(4) > 0) {
            steps.add(new Step(number++, -600, new Outcome.Prepared()));
        }
        if (random.nextInt(5) == 0) {
            steps.add(new Step(number, 300, new Outcome.Missed(Reason.POWER_OFF)));
            return steps;
        }
        long second = 0;
        long heard = 0;
        if (random.nextInt(6) == 0) {
            // Its clock was ahead; set right, the time of the item comes again.
            steps.add(new Step(number++, -300, new Outcome.Missed(Reason.LATE)));
        }
        var parts = 1 + random.nextInt(4);
        for (int part = 0; part < parts; part++) {
            steps.add(new Step(number++, second, new Outcome.Started(random.nextInt(80) - 40, second * 1000)));
            var length = 1 + random.nextInt(20);
            second += length;
            heard += length * 1000L;
            var last = part == parts - 1;
            var ending = random.nextInt(4);
            if (!last || ending == 0) {
                steps.add(new Step(
                        number++,
                        second,
                        new Outcome.Interrupted(
                                heard,
                                Proof.values()[random.nextInt(Proof.values().length)],
                                random.nextBoolean() ? Reason.POWER_LOSS : Reason.PREEMPTED)));
            } else if (ending == 1) {
                steps.add(new Step(number++, second, new Outcome.Completed(heard, Proof.AMP, 60)));
            } else if (ending == 2) {
                steps.add(new Step(number++, second, new Outcome.Failed(Reason.AMP)));
            }
            second += 1 + random.nextInt(10);
        }
        return steps;
    }

    private record Step(long number, long second, Outcome outcome) {
        Evidence about(BroadcastId broadcast, ControllerId controller) {
            return report(broadcast, controller, number, START.plusSeconds(second), outcome);
        }
    }
}
