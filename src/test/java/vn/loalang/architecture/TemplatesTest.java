package vn.loalang.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the content security policy would break, and text that no translation reaches. */
class TemplatesTest {
    private static final Pattern INLINE_SCRIPT =
            Pattern.compile("<script(?![^>]*\\b(?:th:)?src=)[^>]*>|javascript:", Pattern.CASE_INSENSITIVE);
    private static final Pattern INLINE_STYLE = Pattern.compile(
            "<style|\\s(?:th:)?style(?:append)?\\s*=|th:attr(?:append)?\\s*=\\s*\"[^\"]*\\bstyle\\s*=",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern HANDLER =
            Pattern.compile("\\s(?:th:)?on[a-z]+\\s*=|\\shx-on|\\shx-vals\\s*=\\s*['\"]js:", Pattern.CASE_INSENSITIVE);
    private static final Pattern ELSEWHERE =
            Pattern.compile("(?:src|href|action)\\s*=\\s*[\"']\\s*(?:https?:)?//", Pattern.CASE_INSENSITIVE);
    private static final Pattern COMMENT = Pattern.compile("<!--.*?-->", Pattern.DOTALL);
    private static final Pattern INLINED = Pattern.compile("\\[\\[.*?]]|\\[\\(.*?\\)]", Pattern.DOTALL);
    private static final Pattern TAG = Pattern.compile("<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", Pattern.DOTALL);
    private static final Pattern ENTITY = Pattern.compile("&#?\\w+;");

    static Stream<Path> templates() {
        return Sources.files(Sources.RESOURCES.resolve("templates"), ".html").stream();
    }

    @ParameterizedTest
    @MethodSource("templates")
    void nothingIsInlineAndNothingComesFromElsewhere(Path template) {
        var text = COMMENT.matcher(Sources.text(template)).replaceAll("");
        assertThat(INLINE_SCRIPT.matcher(text).results().map(r -> r.group()))
                .as("script")
                .isEmpty();
        assertThat(INLINE_STYLE.matcher(text).results().map(r -> r.group()))
                .as("style")
                .isEmpty();
        assertThat(HANDLER.matcher(text).results().map(r -> r.group()))
                .as("event handler")
                .isEmpty();
        assertThat(ELSEWHERE.matcher(text).results().map(r -> r.group()))
                .as("other host")
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("templates")
    void everyWordComesFromTheMessages(Path template) {
        var text = COMMENT.matcher(Sources.text(template)).replaceAll("");
        var words = ENTITY.matcher(
                        TAG.matcher(INLINED.matcher(text).replaceAll("")).replaceAll("\n"))
                .replaceAll("")
                .lines()
                .map(String::strip)
                .filter(line -> line.chars().anyMatch(Character::isLetter))
                .toList();
        assertThat(words).isEmpty();
    }
}
