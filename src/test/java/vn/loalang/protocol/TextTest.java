package vn.loalang.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The text for firmware makers cannot rot: its examples are the vectors, right by schema and decoder, its byte-level
 * connection is made anew and compared, its requirements have one tag each. {@code -Dvectors.write=true} writes the
 * generated parts.
 */
class TextTest {
    private static final Path PROTOCOL = Path.of("firmware-protocol", "PROTOCOL.md");
    private static final Path FIRST = Path.of("firmware-protocol", "FIRST-CONTROLLER.md");
    private static final Map<String, Vectors.Vector> VECTORS = Vectors.generate();

    /** A fenced example, perhaps with the name of the vector it shows before it. */
    private static final Pattern EXAMPLE =
            Pattern.compile("(?:<!-- vector: (\\S+) -->\\n)?```(json|gb1)\\n(.*?)\\n```\\n", Pattern.DOTALL);

    private static final Pattern CONNECTION =
            Pattern.compile("(<!-- connection: begin -->\\n\\n)(.*?)(<!-- connection: end -->)", Pattern.DOTALL);

    private record Example(Path file, String vector, byte[] message) {}

    @BeforeAll
    static void writeIfAsked() throws IOException {
        if (Boolean.getBoolean("vectors.write")) {
            for (Path file : List.of(PROTOCOL, FIRST)) {
                Files.writeString(file, generated(Files.readString(file)));
            }
        }
    }

    private static String generated(String text) {
        String withConnection = replace(
                CONNECTION, text, matcher -> matcher.group(1) + ConnectionText.write(VECTORS) + matcher.group(3));
        return replace(
                EXAMPLE,
                withConnection,
                matcher -> matcher.group(1) == null
                        ? matcher.group()
                        : "<!-- vector: " + matcher.group(1) + " -->\n```" + matcher.group(2) + "\n"
                                + vector(matcher.group(1)) + "\n```\n");
    }

    private static String vector(String name) {
        assertThat(VECTORS).containsKey(name);
        return new String(VECTORS.get(name).bytes(), StandardCharsets.UTF_8);
    }

    private static String replace(
            Pattern pattern, String text, java.util.function.Function<java.util.regex.MatchResult, String> by) {
        UnaryOperator<String> quote = Matcher::quoteReplacement;
        return pattern.matcher(text).replaceAll(match -> quote.apply(by.apply(match)));
    }

    @Test
    void theGeneratedPartsAreWhatTheTestKeysGive() throws IOException {
        for (Path file : List.of(PROTOCOL, FIRST)) {
            String text = Files.readString(file);
            assertThat(text)
                    .as("%s: run this test with -Dvectors.write=true", file)
                    .isEqualTo(generated(text));
        }
        assertThat(CONNECTION.matcher(Files.readString(PROTOCOL)).results()).hasSize(1);
    }

    private static List<Example> examples() throws IOException {
        List<Example> examples = new ArrayList<>();
        for (Path file : List.of(PROTOCOL, FIRST)) {
            EXAMPLE.matcher(Files.readString(file))
                    .results()
                    .forEach(match -> examples.add(new Example(
                            file,
                            match.group(1) == null ? "-" : match.group(1),
                            match.group(3).getBytes(StandardCharsets.UTF_8))));
        }
        return examples;
    }

    /** By its schema and by the decoder that either end uses. */
    @TestFactory
    Stream<DynamicTest> everyExampleIsRight() throws IOException {
        return examples().stream()
                .map(example -> DynamicTest.dynamicTest(example.file() + " " + example.vector(), () -> {
                    Json.Obj json = StrictJson.parseWithFractions(Messages.payload(example.message()));
                    assertThat(Messages.decode(example.message())).isNotNull();
                    assertThat(Schemas.violations(json, Messages.skipped(json))).isEmpty();
                }));
    }

    @Test
    void everyKindOfMessageHasAnExample() throws IOException {
        Set<String> shown = new TreeSet<>();
        for (Example example : examples()) {
            shown.add(Schemas.nameFor(StrictJson.parseWithFractions(Messages.payload(example.message()))));
        }
        Set<String> all = new TreeSet<>(Schemas.texts().keySet());
        all.remove("common");
        assertThat(shown).isEqualTo(all);
    }

    @Test
    void theDeviceOfTheConnectionTakesWhatItReceives() {
        TestDevice device = new TestDevice();
        for (String file : ConnectionText.before()) {
            if (file.equals("hello.json")) {
                device.helloSent(Vectors.NONCE);
            } else {
                device.admit(VECTORS.get(file).bytes());
            }
        }
        device.state = device.state.disconnected();
        device.helloSent(Vectors.NONCE);
        ConnectionText.received().forEach((file, outcome) -> assertThat(
                        TestDevice.name(device.admit(VECTORS.get(file).bytes())))
                .as(file)
                .isEqualTo(outcome));
        assertThat(Hello.decode(VECTORS.get("hello.json").bytes()).hwm()).containsOnlyKeys(Row.KEYS, Row.SITE);
    }

    @Test
    void eachTagIsUniqueAndHoldsOneRequirement() throws IOException {
        Map<String, String> rules = new LinkedHashMap<>();
        Pattern strong = Pattern.compile("\\b(MUST|SHOULD)\\b");
        for (String line : Files.readAllLines(PROTOCOL)) {
            Matcher rule = Rules.DEFINITION.matcher(line);
            if (rule.matches()) {
                assertThat(rules.put(rule.group(1), rule.group(2)))
                        .as(rule.group(1) + " stands twice")
                        .isNull();
                assertThat(strong.matcher(rule.group(2)).results())
                        .as(rule.group(1))
                        .hasSize(1);
            } else if (!line.startsWith("**How to read it.**")) {
                assertThat(strong.matcher(line).find())
                        .as("a requirement without a tag: " + line)
                        .isFalse();
            }
        }
        Set<String> named = new TreeSet<>();
        for (Path file : List.of(PROTOCOL, FIRST)) {
            Rules.REFERENCE
                    .matcher(Files.readString(file))
                    .results()
                    .map(java.util.regex.MatchResult::group)
                    .filter(tag -> rules.keySet().stream()
                            .anyMatch(rule -> family(rule).equals(family(tag))))
                    .forEach(named::add);
        }
        assertThat(rules.keySet()).containsAll(named);
    }

    private static String family(String tag) {
        return tag.substring(0, tag.indexOf('-'));
    }

    /** One table each, complete: what our code knows stands there and nothing else. */
    @Test
    void theTablesNameEveryCodeFaultAndEvent() throws IOException {
        String text = Files.readString(PROTOCOL);
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(rows(text, "`" + code + "` | ")).as(code.name()).isEqualTo(1);
        }
        String faults = text.substring(text.indexOf("| Fault | Set while |"));
        for (Fault fault : Fault.values()) {
            assertThat(faults).contains("`" + fault + "`");
        }
        String events = text.substring(text.indexOf("| k | s | d "), text.indexOf("[SEC-1]"));
        for (Enum<?>[] words : List.<Enum<?>[]>of(
                Event.Interruption.values(),
                Event.Miss.values(),
                Event.Failure.values(),
                Event.DocumentFate.values(),
                Event.LocalAct.values(),
                Event.CommandResult.values(),
                Event.FirmwareState.values(),
                Hello.Proof.values())) {
            for (Enum<?> word : words) {
                if (!(word instanceof Hello.Proof)) {
                    assertThat(events).containsPattern("\\b" + word.name().toLowerCase(java.util.Locale.ROOT) + "\\b");
                }
            }
        }
    }

    private static long rows(String text, String cell) {
        return text.lines()
                .filter(line -> line.startsWith("| `E_") && line.contains(cell))
                .count();
    }
}
