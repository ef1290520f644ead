package vn.loalang.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every sentence exists in both languages, and every sentence asked for exists. */
class MessagesTest {
    private static final Properties VI = load("messages_vi.properties");
    private static final Properties EN = load("messages_en.properties");
    private static final Pattern IN_TEMPLATE = Pattern.compile("#\\{\\s*([a-zA-Z][\\w.]*\\w)\\s*[(}]");
    private static final Pattern REFUSAL = Pattern.compile("new Refusal\\(\\s*\"[^\"]*\",\\s*\"([^\"]+)\"");
    private static final Pattern AUDITED =
            Pattern.compile("(?:audit\\w*\\.record|deeds\\.run)\\([^\"]*?\"([a-z]+(?:\\.[a-zA-Z]+)+)\"");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\d+)");

    @Test
    void bothLanguagesHaveTheSameSentences() {
        assertThat(new TreeSet<>(EN.stringPropertyNames())).isEqualTo(new TreeSet<>(VI.stringPropertyNames()));
    }

    @Test
    void noSentenceIsEmptyOrGivenTwice() throws IOException {
        for (var name : List.of("messages_vi.properties", "messages_en.properties")) {
            var seen = new HashSet<String>();
            for (var line : Files.readAllLines(Sources.RESOURCES.resolve(name))) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    var key = line.substring(0, line.indexOf('='));
                    assertThat(seen.add(key)).as(name + " gives twice: " + key).isTrue();
                    assertThat(line.substring(line.indexOf('=') + 1))
                            .as(name + ": " + key)
                            .isNotBlank();
                }
            }
        }
    }

    @Test
    void everySentenceIsAValidPatternWithTheSamePlaceholdersInBothLanguages() {
        for (var key : VI.stringPropertyNames()) {
            for (var sentence : List.of(VI.getProperty(key), EN.getProperty(key, ""))) {
                assertThat(sentence)
                        .as(key + ": write ’, the straight one hides placeholders")
                        .doesNotContain("'");
                assertThat(new MessageFormat(sentence).getFormats()).isNotNull();
            }
            assertThat(placeholders(EN.getProperty(key, ""))).as(key).isEqualTo(placeholders(VI.getProperty(key)));
        }
    }

    @Test
    void everySentenceThatTemplatesAndCodeAskForExists() {
        var missing = new ArrayList<String>();
        for (var file : Sources.files(Sources.RESOURCES.resolve("templates"), ".html")) {
            collect(IN_TEMPLATE, Sources.text(file).replaceAll("(?s)<!--.*?-->", ""), "", file.toString(), missing);
        }
        for (var file : Sources.files(Sources.JAVA, ".java")) {
            collect(REFUSAL, Sources.text(file), "", file.toString(), missing);
            collect(AUDITED, Sources.text(file), "audit.", file.toString(), missing);
        }
        assertThat(missing).isEmpty();
    }

    private static void collect(Pattern pattern, String text, String prefix, String where, List<String> missing) {
        var matcher = pattern.matcher(text);
        while (matcher.find()) {
            var key = prefix + matcher.group(1);
            if (!VI.containsKey(key)) {
                missing.add(where + ": " + key);
            }
        }
    }

    private static TreeSet<String> placeholders(String sentence) {
        var found = new TreeSet<String>();
        var matcher = PLACEHOLDER.matcher(sentence);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static Properties load(String name) {
        var properties = new Properties();
        try (var in = Files.newBufferedReader(Sources.RESOURCES.resolve(name), StandardCharsets.UTF_8)) {
            properties.load(in);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return properties;
    }
}
