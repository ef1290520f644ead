package vn.loalang.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The value and the SQL say the same of every history, so what storms find out about one holds for the other. */
class PlaybackFactsTest extends PlaybackTestBase {
    @Test
    void theValueMovesAsTheRowOfTheDatabaseDoes() {
        var pole = aPoleWithBox("Nhà văn hoá", UNIT);
        var random = new Random(20261122);
        for (int round = 0; round < 200; round++) {
            var broadcast = aBroadcast(START, pole);
            var facts = PlaybackFacts.PLANNED;
            var seen = new HashSet<String>();
            var told = new ArrayList<String>();
            for (int i = 1 + random.nextInt(9); i > 0; i--) {
                if (random.nextInt(10) == 0) {
                    told.add("sweep");
                    playbacks.sweepUnknown(START.plusSeconds(100_000));
                    facts = facts.moved(PlaybackState.UNKNOWN);
                } else {
                    var report = report(
                            broadcast,
                            pole,
                            1 + random.nextInt(6),
                            START.plusSeconds(random.nextInt(3)),
                            anOutcome(random));
                    told.add(report.number() + " " + report.outcome());
                    playbacks.record(List.of(report));
                    if (seen.add(PlaybackFacts.fingerprint(report))) {
                        facts = facts.after(report.outcome(), report.number());
                    }
                }
                assertThat(inDatabase(broadcast, pole)).as("%s", told).isEqualTo(facts);
            }
        }
    }

    private PlaybackFacts inDatabase(BroadcastId broadcast, vn.loalang.fleet.ControllerId pole) {
        var row = row(broadcast, pole);
        var proof = row.get("proof");
        return new PlaybackFacts(
                PlaybackState.valueOf((String) row.get("state")),
                number(row.get("first_start_number")),
                number(row.get("sounding_number")),
                ((Number) row.get("heard_ms")).longValue(),
                number(row.get("heard_number")),
                proof == null ? null : Proof.valueOf((String) proof));
    }

    private static @Nullable Long number(@Nullable Object column) {
        return column == null ? null : (Long) ((Number) column).longValue();
    }

    private static Outcome anOutcome(Random random) {
        var ms = 1000L * random.nextInt(5);
        var proof = Proof.values()[random.nextInt(Proof.values().length)];
        return switch (random.nextInt(8)) {
            case 0 -> new Outcome.Sent();
            case 1 -> new Outcome.Received();
            case 2 -> new Outcome.Prepared();
            case 3 -> new Outcome.Started(3, ms);
            case 4 -> new Outcome.Completed(ms, proof, 70);
            case 5 -> new Outcome.Interrupted(ms, proof, some(random, Set.of(Reason.POWER_LOSS, Reason.PREEMPTED)));
            case 6 -> new Outcome.Missed(Reason.LATE);
            default -> new Outcome.Failed(Reason.AMP);
        };
    }

    private static Reason some(Random random, Set<Reason> among) {
        return among.stream().sorted().toList().get(random.nextInt(among.size()));
    }
}
