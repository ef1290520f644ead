package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import vn.loalang.controller.core.Decision.Candidate;
import vn.loalang.controller.core.Decision.Conditions;
import vn.loalang.controller.core.Decision.Origin;

/** The table "what sounds now" (§8), line by line. */
class DecisionTest {
    private static final Conditions DAY = new Conditions(false, false, true, false);

    @ParameterizedTest(name = "{0} priority {1} actual {2}: amplifier {3} muted {4} clock {5} quiet {6} → {7}")
    @CsvSource({
        "ITEM,  30, true,  false, false, true,  false, sounds",
        "ITEM,  30, true,  false, false, true,  true,  QUIET",
        "ITEM,  59, true,  false, false, true,  true,  QUIET",
        "ITEM,  30, true,  false, true,  true,  false, MUTED",
        "ITEM,  30, true,  true,  false, true,  false, AMPLIFIER",
        "ENTRY, 85, true,  false, false, true,  true,  sounds",
        "ENTRY, 80, true,  false, false, true,  true,  sounds",
        "ENTRY, 79, true,  false, false, true,  true,  QUIET",
        "ENTRY, 85, false, false, false, true,  true,  QUIET",
        "ENTRY, 99, true,  false, true,  true,  false, MUTED",
        "ENTRY, 99, true,  true,  false, true,  false, AMPLIFIER",
        "ENTRY, 99, true,  false, false, false, false, CLOCK",
        "LOCAL, 70, true,  false, true,  false, true,  sounds",
        "LOCAL, 85, true,  false, true,  false, true,  sounds",
        "LOCAL, 85, true,  true,  false, true,  false, AMPLIFIER"
    })
    void whoIsDroppedAndWhy(
            Origin origin,
            int priority,
            boolean actual,
            boolean amplifier,
            boolean muted,
            boolean clock,
            boolean quiet,
            String expected) {
        var candidate = new Candidate("x", origin, priority, actual, 0, false, 0);
        var verdict =
                Decision.decide(new Conditions(amplifier, muted, clock, quiet), List.of(candidate), Optional.empty());
        var got = verdict.sounds().isPresent()
                ? "sounds"
                : String.valueOf(verdict.barred().get(candidate));
        assertThat(got).isEqualTo(expected);
    }

    @Test
    void onlyAStrictlyHigherOnePreempts() {
        var running = entry("b", 85, 100, 1);
        var equal = entry("a", 85, 0, 0);
        var goesOn = Decision.decide(DAY, List.of(equal, running), Optional.of(running));
        assertThat(goesOn.goesOn()).isTrue();
        var higher = Decision.decide(DAY, List.of(equal, running, entry("c", 86, 200, 0)), Optional.of(running));
        assertThat(higher.goesOn()).isFalse();
        assertThat(higher.sounds()).map(Candidate::id).contains("c");
    }

    @Test
    void equalsFromEightyOnTakeTurnsAndBelowTheEarlierStartsThenTheSmallerName() {
        assertThat(winner(entry("a", 85, 0, 7), entry("b", 85, 50, 3))).isEqualTo("b");
        assertThat(winner(entry("a", 85, 50, 0), entry("b", 85, 0, 0))).isEqualTo("b");
        assertThat(winner(Candidate.item("b", 30, 0), Candidate.item("a", 30, 0)))
                .isEqualTo("a");
        assertThat(winner(Candidate.item("b", 30, 0), Candidate.item("a", 30, 1)))
                .isEqualTo("b");
        assertThat(winner(entry("b", 60, 0, 9), entry("a", 60, 1, 0))).isEqualTo("b");
    }

    @Test
    void whoWaitsInItsGapGivesWayToEqualsAndKeepsLowerOnesSilent() {
        var waiting = new Candidate("gap", Origin.ENTRY, 85, true, 0, true, 1);
        assertThat(Decision.decide(DAY, List.of(waiting, Candidate.item("a", 30, 0)), Optional.empty())
                        .sounds())
                .isEmpty();
        assertThat(winner(waiting, entry("other", 85, 0, 9))).isEqualTo("other");
        assertThat(winner(waiting, entry("higher", 90, 0, 9))).isEqualTo("higher");
    }

    @Test
    void theOrderInWhichCandidatesComeMakesNoDifference() {
        var random = new Random(3);
        for (int round = 0; round < 500; round++) {
            var all = new ArrayList<Candidate>();
            for (int i = 0; i < 6; i++) {
                all.add(new Candidate(
                        "c" + i,
                        Origin.values()[random.nextInt(3)],
                        10 + 10 * random.nextInt(9),
                        random.nextBoolean(),
                        random.nextInt(3),
                        random.nextInt(4) == 0,
                        random.nextInt(3)));
            }
            var conditions = new Conditions(
                    random.nextInt(9) == 0, random.nextInt(5) == 0, random.nextInt(5) > 0, random.nextInt(3) == 0);
            var running = Optional.of(all.get(0)).filter(c -> !c.waiting() && random.nextBoolean());
            var first = Decision.decide(conditions, all, running);
            Collections.shuffle(all, random);
            assertThat(Decision.decide(conditions, all, running).sounds()).isEqualTo(first.sounds());
            first.sounds().ifPresent(c -> assertThat(c.waiting()).isFalse());
        }
    }

    private static String winner(Candidate... all) {
        return Decision.decide(DAY, List.of(all), Optional.empty())
                .sounds()
                .map(Candidate::id)
                .orElse("silence");
    }

    private static Candidate entry(String id, int priority, long start, long lastTurn) {
        return new Candidate(id, Origin.ENTRY, priority, true, start, false, lastTurn);
    }
}
