package vn.loalang.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The tagged requirements of PROTOCOL.md, and what proves them according to {@code rules.txt}. */
final class Rules {
    static final String TAG = "[A-Z]{2,4}-[0-9]{1,2}[a-z]?";
    /** A line that states a requirement. */
    static final Pattern DEFINITION = Pattern.compile("- \\*\\*\\[(" + TAG + ")]\\*\\* (.*)");
    /** A tag anywhere. */
    static final Pattern REFERENCE = Pattern.compile("\\b" + TAG + "\\b");

    private static final Map<String, List<String>> EVIDENCE = read();
    /** By vector: each is asked for many times. */
    private static final Map<String, List<String>> SHOWN = new ConcurrentHashMap<>();

    private Rules() {}

    private static Map<String, List<String>> read() {
        Map<String, List<String>> evidence = new LinkedHashMap<>();
        try (InputStream in = Rules.class.getResourceAsStream("rules.txt")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            text.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(line -> {
                        String[] halves = line.split(": ", 2);
                        if (evidence.put(halves[0], List.of(halves[1].split(" +"))) != null) {
                            throw new IllegalStateException(halves[0] + " has two lines in rules.txt");
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return evidence;
    }

    /** Evidence by tag: names of vectors, with {@code *}, or {@code Class#method}. */
    static Map<String, List<String>> evidence() {
        return EVIDENCE;
    }

    static boolean isTest(String evidence) {
        return evidence.contains("#");
    }

    /** The rules that this vector shows according to {@code rules.txt}. */
    static Stream<String> shownBy(String vector) {
        return SHOWN.computeIfAbsent(vector, Rules::find).stream();
    }

    private static List<String> find(String vector) {
        return EVIDENCE.entrySet().stream()
                .filter(rule -> rule.getValue().stream().anyMatch(name -> !isTest(name) && matches(name, vector)))
                .map(Map.Entry::getKey)
                .toList();
    }

    static boolean matches(String name, String vector) {
        return name.contains("*") ? vector.matches(Pattern.quote(name).replace("*", "\\E.*\\Q")) : vector.equals(name);
    }
}
