package vn.loalang.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a run shows of one rule; the first of these that is true. */
public enum Standing {
    /** A test of it failed. */
    FAILED,
    /** A test of it was not supported or not observable. */
    NOT_SHOWN,
    /** A test of it did not run: it was not chosen, or its profile was not. */
    NOT_RUN,
    /** The kit has none: vectors show some of these, others bind the server, or cannot be tested. */
    NO_TEST,
    /** All tests of it passed. */
    PROVEN;

    private static final Pattern RULE = Pattern.compile("(?m)^- \\*\\*\\[([A-Z]+-[0-9]+[a-z]?)]\\*\\*");

    /** The tags of all rules, in their order in the protocol, which the build packs beside this class. */
    private static final List<String> RULES = rules();

    private static List<String> rules() {
        try (var text = Objects.requireNonNull(Standing.class.getResourceAsStream("PROTOCOL.md"), "PROTOCOL.md")) {
            return RULE.matcher(new String(text.readAllBytes(), StandardCharsets.UTF_8))
                    .results()
                    .map((MatchResult rule) -> rule.group(1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How every rule of the protocol stands after these tests. */
    static Map<String, Standing> after(List<Result> results) {
        var outcomes = results.stream().collect(Collectors.toMap(Result::test, Result::outcome, (one, again) -> again));
        var tests = Suites.all();
        var standings = new LinkedHashMap<String, Standing>();
        for (var rule : RULES) {
            var its = tests.stream().filter(test -> test.isOf(rule)).toList();
            standings.put(
                    rule,
                    its.stream()
                            .map(test -> of(outcomes.get(test.name())))
                            .min(Standing::compareTo)
                            .orElse(NO_TEST));
        }
        return standings;
    }

    private static Standing of(@Nullable Outcome outcome) {
        if (outcome == null) return NOT_RUN;
        return switch (outcome) {
            case PASS -> PROVEN;
            case FAIL -> FAILED;
            case NOT_SUPPORTED, NOT_OBSERVABLE -> NOT_SHOWN;
        };
    }

    /** As in the reports. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
