package vn.loalang.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.i18n.LocaleContextHolder;

class LanguageNamesTest {
    private final LanguageNames names = new LanguageNames(new WebConfiguration().messageSource());

    @AfterEach
    void noLanguage() {
        LocaleContextHolder.resetLocaleContext();
    }

    @Test
    void aLanguageIsCalledAsTheReaderCallsItAndByItsTagWhereNobodyKnowsIt() {
        LocaleContextHolder.setLocale(Locale.forLanguageTag("vi"));
        assertThat(names.of("vi")).isEqualTo("Tiếng Việt");
        assertThat(names.of("mtq-VN")).isEqualTo("Tiếng Mường");
        assertThat(names.withTag("mtq")).isEqualTo("Tiếng Mường (mtq)");
        assertThat(names.withTag("oog")).isEqualTo("oog");
        assertThat(names.withTag("x-a")).isEqualTo("x-a");
        LocaleContextHolder.setLocale(Locale.ENGLISH);
        assertThat(names.withTag("mtq")).isEqualTo("Muong (mtq)");
        assertThat(names.of("zh-TW")).isEqualTo("Chinese (Taiwan)");
    }
}
