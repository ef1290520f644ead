package vn.loalang.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static vn.loalang.broadcast.PlaybackState.CANCELLED;
import static vn.loalang.broadcast.PlaybackState.COMPLETED;
import static vn.loalang.broadcast.PlaybackState.FAILED;
import static vn.loalang.broadcast.PlaybackState.INTERRUPTED;
import static vn.loalang.broadcast.PlaybackState.MISSED;
import static vn.loalang.broadcast.PlaybackState.PLANNED;
import static vn.loalang.broadcast.PlaybackState.PREPARED;
import static vn.loalang.broadcast.PlaybackState.RECEIVED;
import static vn.loalang.broadcast.PlaybackState.SENT;
import static vn.loalang.broadcast.PlaybackState.STARTED;
import static vn.loalang.broadcast.PlaybackState.UNKNOWN;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlaybackStateTest {
    private static final Map<PlaybackState, Set<PlaybackState>> WAYS = new EnumMap<>(Map.ofEntries(
            Map.entry(PLANNED, EnumSet.complementOf(EnumSet.of(PLANNED))),
            Map.entry(SENT, EnumSet.complementOf(EnumSet.of(PLANNED, SENT))),
            Map.entry(RECEIVED, EnumSet.complementOf(EnumSet.of(PLANNED, SENT, RECEIVED))),
            Map.entry(PREPARED, EnumSet.complementOf(EnumSet.of(PLANNED, SENT, RECEIVED, PREPARED))),
            Map.entry(STARTED, EnumSet.of(COMPLETED, INTERRUPTED, FAILED, UNKNOWN)),
            Map.entry(INTERRUPTED, EnumSet.of(STARTED, COMPLETED, FAILED)),
            Map.entry(UNKNOWN, EnumSet.of(COMPLETED, INTERRUPTED, MISSED, FAILED)),
            Map.entry(COMPLETED, EnumSet.noneOf(PlaybackState.class)),
            Map.entry(MISSED, EnumSet.of(STARTED, COMPLETED, INTERRUPTED, FAILED)),
            Map.entry(FAILED, EnumSet.noneOf(PlaybackState.class)),
            Map.entry(CANCELLED, EnumSet.noneOf(PlaybackState.class))));

    @Test
    void everyPairOfStatesIsAllowedOrRefusedAsTheModelSays() {
        assertThat(WAYS).containsOnlyKeys(PlaybackState.values());
        for (var from : PlaybackState.values()) {
            for (var to : PlaybackState.values()) {
                assertThat(from.mayBecome(to))
                        .as("%s to %s", from, to)
                        .isEqualTo(WAYS.get(from).contains(to));
            }
        }
    }

    @Test
    void theGuardOfTheDatabaseIsTheGuardOfTheEnum() {
        for (var to : PlaybackState.values()) {
            for (var from : PlaybackState.values()) {
                assertThat(to.predecessors().contains(from.name()))
                        .as("%s to %s", from, to)
                        .isEqualTo(from.mayBecome(to));
            }
        }
    }

    @Test
    void whatIsSettledNeverGoesBackButForLateReportsAndJoiningInAgain() {
        for (var from : PlaybackState.values()) {
            if (from.terminal() && from != UNKNOWN && from != INTERRUPTED && from != MISSED) {
                for (var to : PlaybackState.values()) {
                    assertThat(from.mayBecome(to)).as("%s to %s", from, to).isFalse();
                }
            }
        }
        assertThat(INTERRUPTED.mayBecome(STARTED)).isTrue();
        assertThat(UNKNOWN.mayBecome(STARTED))
                .as("it is over, so it does not play now")
                .isFalse();
    }

    @Test
    void whatMayComeAgainOrWasNeverReportedKeepsItsPlaceInThePlan() {
        var stays = EnumSet.of(INTERRUPTED, MISSED, UNKNOWN);
        for (var state : PlaybackState.values()) {
            assertThat(state.staysInPlan()).as("%s", state).isEqualTo(!state.terminal() || stays.contains(state));
        }
    }
}
