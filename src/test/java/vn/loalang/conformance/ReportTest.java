package vn.loalang.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A report says of every rule of the protocol how it stands, those that no test of the kit can show included. */
class ReportTest {
    /** A run of these tests of the kit that ends so. */
    private static Report report(Predicate<Suites.Case> chosen, Function<Suites.Case, Outcome> outcome) {
        return new Report(Suites.all().stream()
                .filter(chosen)
                .map(test -> new Result(
                        test.name(),
                        test.proves().profile(),
                        List.of(test.proves().value()),
                        outcome.apply(test),
                        "",
                        1))
                .toList());
    }

    private static Set<String> named(Predicate<Suites.Case> by) {
        return Suites.all().stream()
                .filter(by)
                .flatMap(test -> Stream.of(test.proves().value()))
                .collect(Collectors.toSet());
    }

    private static List<String> protocol() throws Exception {
        return Files.readAllLines(Path.of("firmware-protocol/rules.md")).stream()
                .filter(line -> line.matches("\\| [A-Z]+-\\d.*"))
                .map(line -> line.split(" ")[1])
                .toList();
    }

    @Test
    void everyRuleOfTheProtocolStandsInOneGroup() throws Exception {
        var report = report(test -> test.proves().profile().equals("core"), test -> Outcome.PASS);

        var grouped = new ArrayList<String>();
        for (var standing : Standing.values()) grouped.addAll(report.rules(standing));
        assertThat(grouped).containsExactlyInAnyOrderElementsOf(protocol());
    }

    @Test
    void whoPassesEverythingHasTheRulesOnlyThatTheKitTests() throws Exception {
        var report = report(test -> true, test -> Outcome.PASS);

        assertThat(report.rules(Standing.PROVEN)).containsExactlyInAnyOrderElementsOf(named(test -> true));
        assertThat(report.rules(Standing.NO_TEST))
                .containsExactlyElementsOf(protocol().stream()
                        .filter(rule -> !named(test -> true).contains(rule))
                        .toList())
                .contains("PRO-4");
        assertThat(report.summary())
                .endsWith(String.format(
                        "of %d rules %d proven, 0 failed, 0 not shown, 0 not run, %d without a test in the kit",
                        protocol().size(),
                        named(test -> true).size(),
                        report.rules(Standing.NO_TEST).size()));
    }

    @Test
    void aRuleWithATestThatDidNotRunIsNotProven() {
        var report = report(test -> test.proves().profile().equals("core"), test -> Outcome.PASS);

        assertThat(report.rules(Standing.NOT_RUN))
                .containsExactlyInAnyOrderElementsOf(
                        named(test -> !test.proves().profile().equals("core")));
    }

    @Test
    void theWorstThatHappenedToATestOfItCounts() {
        // BLK-2 has several tests: one fails, one is not observable, the others pass or do not run.
        var report = report(
                test -> !test.name().endsWith("blocksCountInWhateverOrderTheyCome"),
                test -> switch (test.method().getName()) {
                    case "aDuplicateAsksForNothing" -> Outcome.FAIL;
                    case "aPoisonedBlockNeverMakesASound", "thirtyPercentLossDuplicatesAndDisorderAreOvercome" ->
                        Outcome.NOT_OBSERVABLE;
                    default -> Outcome.PASS;
                });

        assertThat(report.rules(Standing.FAILED)).containsExactly("BLK-2");
        assertThat(report.rules(Standing.NOT_SHOWN)).contains("BLK-1c", "BLK-4").doesNotContain("BLK-2");
        assertThat(report.rules(Standing.NOT_RUN)).containsExactly("BLK-1");
    }
}
