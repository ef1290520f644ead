package vn.loalang.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every rule of PROTOCOL.md is shown by a vector, a test or a test of the conformance kit, or {@code untestable.md} says
 * why not. {@code rules.md} is the table of that; {@code -Dvectors.write=true} writes it.
 */
class RulesTest {
    private static final Path PROTOCOL = Path.of("firmware-protocol", "PROTOCOL.md");
    private static final Path TABLE = Path.of("firmware-protocol", "rules.md");
    private static final Path REASONS = Path.of("firmware-protocol", "untestable.md");
    private static final Path KIT = Path.of("src", "main", "java", "vn", "loalang", "conformance");
    private static final Pattern REASON = Pattern.compile("\\| (" + Rules.TAG + ") \\| (.+) \\|");
    private static final Pattern PROVES =
            Pattern.compile("@Proves\\((.*?)\\)\\s*\\n\\s*(?:[\\w<>.]+\\s+)+(\\w+)\\(", Pattern.DOTALL);
    private static final Pattern QUOTED = Pattern.compile("\"(" + Rules.TAG + ")\"");
    /** As many vectors of one rule stand in the table by name. */
    private static final int NAMED = 6;

    private static final Map<String, Vectors.Vector> VECTORS = Vectors.generate();
    private static final Map<String, String> RULES = rules();
    private static final Map<String, String> UNTESTABLE = reasons("## Cannot be tested here", "## Proven by our own");
    private static final Map<String, String> OURS = reasons("## Proven by our own", "## Not proven yet");
    private static final Map<String, String> OPEN = reasons("## Not proven yet", "\u0000");
    private static final Map<String, List<String>> KIT_TESTS = kit();

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> rules() {
        Map<String, String> rules = new LinkedHashMap<>();
        read(PROTOCOL).lines().forEach(line -> {
            Matcher rule = Rules.DEFINITION.matcher(line);
            if (rule.matches()) {
                rules.put(rule.group(1), rule.group(2));
            }
        });
        return rules;
    }

    private static Map<String, String> reasons(String from, String to) {
        String text = read(REASONS);
        int end = text.indexOf(to);
        return REASON.matcher(text.substring(text.indexOf(from), end < 0 ? text.length() : end))
                .results()
                .collect(Collectors.toMap(
                        row -> row.group(1), row -> row.group(2), (one, other) -> one, LinkedHashMap::new));
    }

    /** Tests of the conformance kit by rule, as {@code Class#method}. */
    private static Map<String, List<String>> kit() {
        Map<String, List<String>> tests = new TreeMap<>();
        try (Stream<Path> files = Files.list(KIT)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString().replace(".java", "");
                PROVES.matcher(read(file)).results().forEach(test -> QUOTED.matcher(test.group(1))
                        .results()
                        .map(tag -> tag.group(1))
                        .distinct()
                        .forEach(tag -> tests.computeIfAbsent(tag, none -> new ArrayList<>())
                                .add(name + "#" + test.group(2))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return tests;
    }

    private static List<String> vectorsOf(String tag) {
        return VECTORS.values().stream()
                .filter(vector -> vector.rules().contains(tag))
                .map(Vectors.Vector::file)
                .toList();
    }

    private static List<String> testsOf(String tag) {
        return Rules.evidence().getOrDefault(tag, List.of()).stream()
                .filter(Rules::isTest)
                .toList();
    }

    private static String table() {
        StringBuilder text = new StringBuilder("""
                # What proves each rule

                Written by `RulesTest` from the tags of `PROTOCOL.md`, `vectors/index.json`, our tests and the conformance kit (`loalang conformance --list`).
                Where there is nothing to test, or nothing is proven yet, `untestable.md` says why.

                """);
        long vectors =
                RULES.keySet().stream().filter(tag -> !vectorsOf(tag).isEmpty()).count();
        long tests =
                RULES.keySet().stream().filter(tag -> !testsOf(tag).isEmpty()).count();
        long kit = RULES.keySet().stream().filter(KIT_TESTS::containsKey).count();
        text.append(RULES.size())
                .append(" rules: ")
                .append(vectors)
                .append(" shown by vectors, ")
                .append(tests)
                .append(" by tests, ")
                .append(kit)
                .append(" by the kit; ")
                .append(OURS.size())
                .append(" are shown by our own tests alone, ")
                .append(UNTESTABLE.size())
                .append(" cannot be tested here, ")
                .append(OPEN.size())
                .append(" are not proven yet.\n\n| Rule | Vectors | Tests | Kit |\n|---|---|---|---|\n");
        for (String tag : RULES.keySet()) {
            text.append("| ").append(tag).append(" | ");
            if (UNTESTABLE.containsKey(tag)) {
                text.append("cannot be tested here: see `untestable.md` | | |\n");
            } else if (OPEN.containsKey(tag)) {
                text.append("**not proven yet**: see `untestable.md` | | |\n");
            } else {
                text.append(named(vectorsOf(tag)))
                        .append(" | ")
                        .append(named(testsOf(tag)))
                        .append(" | ")
                        .append(
                                OURS.containsKey(tag)
                                        ? "see `untestable.md`"
                                        : named(KIT_TESTS.getOrDefault(tag, List.of())))
                        .append(" |\n");
            }
        }
        return text.toString();
    }

    private static String named(List<String> names) {
        String shown = names.stream().limit(NAMED).map(name -> "`" + name + "`").collect(Collectors.joining(", "));
        return names.size() > NAMED ? shown + " and " + (names.size() - NAMED) + " more" : shown;
    }

    @BeforeAll
    static void writeIfAsked() throws IOException {
        if (Boolean.getBoolean("vectors.write")) {
            Files.writeString(TABLE, table());
        }
    }

    @Test
    void everyRuleIsProvenOrAReasonIsWritten() {
        Set<String> bare = new LinkedHashSet<>(RULES.keySet());
        bare.removeIf(tag -> !vectorsOf(tag).isEmpty()
                || !testsOf(tag).isEmpty()
                || KIT_TESTS.containsKey(tag)
                || UNTESTABLE.containsKey(tag)
                || OPEN.containsKey(tag));
        assertThat(bare).as("rules without vector, test, kit test or reason").isEmpty();
    }

    /** Who builds a controller has the vectors and the kit, and none of our tests. */
    @Test
    void whereOthersCanRunNothingAReasonIsWritten() {
        Set<String> hidden = new LinkedHashSet<>(RULES.keySet());
        hidden.removeIf(tag -> !vectorsOf(tag).isEmpty()
                || KIT_TESTS.containsKey(tag)
                || UNTESTABLE.containsKey(tag)
                || OPEN.containsKey(tag));
        assertThat(OURS.keySet()).containsExactlyInAnyOrderElementsOf(hidden);
    }

    @Test
    void nothingIsExcusedThatIsProven() {
        Set<String> excused = new LinkedHashSet<>(UNTESTABLE.keySet());
        excused.addAll(OPEN.keySet());
        assertThat(Collections.disjoint(UNTESTABLE.keySet(), OPEN.keySet())).isTrue();
        assertThat(RULES.keySet()).containsAll(excused);
        excused.removeIf(tag -> vectorsOf(tag).isEmpty() && testsOf(tag).isEmpty() && !KIT_TESTS.containsKey(tag));
        assertThat(excused).as("rules that are proven: take their reasons away").isEmpty();
    }

    @Test
    void onlyRulesThatExistAreProven() {
        assertThat(RULES.keySet()).containsAll(Rules.evidence().keySet());
        assertThat(RULES.keySet()).containsAll(KIT_TESTS.keySet());
        for (Vectors.Vector vector : VECTORS.values()) {
            assertThat(RULES.keySet()).as(vector.file()).containsAll(vector.rules());
        }
    }

    @Test
    void theEvidenceExists() throws IOException {
        Map<String, String> sources;
        try (Stream<Path> files = Files.walk(Path.of("src", "test", "java"))) {
            sources = files.filter(file -> file.toString().endsWith(".java"))
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replace(".java", ""),
                            RulesTest::read,
                            (one, other) -> one + other));
        }
        Rules.evidence()
                .forEach((tag, names) -> names.forEach(name -> {
                    if (Rules.isTest(name)) {
                        String[] test = name.split("#", 2);
                        assertThat(sources.getOrDefault(test[0], ""))
                                .as(tag + " " + name)
                                .contains(" " + test[1] + "(");
                    } else {
                        assertThat(VECTORS.keySet()).as(tag + " " + name).anyMatch(file -> Rules.matches(name, file));
                    }
                }));
    }

    @Test
    void theTableIsWhatTheTestsSay() {
        assertThat(TABLE)
                .as("run VectorsTest, TextTest and RulesTest with -Dvectors.write=true")
                .hasContent(table());
    }

    @Test
    void theKitsTestsAreFound() {
        assertThat(KIT_TESTS).containsKey("ENV-7");
        List<MatchResult> none = PROVES.matcher("@Proves({\"ENV-7\"})\n    Verdict aTest(Box box) {")
                .results()
                .toList();
        assertThat(none).hasSize(1);
    }
}
