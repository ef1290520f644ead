package vn.loalang.web;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.springframework.context.MessageSource;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.stereotype.Component;

/** Languages as the reader calls them; {@code languages} in templates. */
@Component
public final class LanguageNames {
    /** What is spoken in the country by many, and what visitors speak, as BCP 47 tags. */
    private static final List<String> OFFERED = List.of(
            "vi", "bdq", "blt", "bru", "cjm", "hmn", "hre", "ium", "jra", "km", "kpm", "mtq", "nut", "pac", "rad",
            "sed", "twh", "tyz", "zh", "lo", "en");

    private final MessageSource messages;

    LanguageNames(MessageSource messages) {
        this.messages = messages;
    }

    /** Languages to choose from, as BCP 47 tags: first the ones in use. */
    public List<String> offered(List<String> used) {
        return Stream.concat(used.stream(), OFFERED.stream()).distinct().toList();
    }

    /** {@code Tiếng Mường}; the tag itself where nobody knows the language. */
    public String of(String tag) {
        var reader = LocaleContextHolder.getLocale();
        var named = Locale.forLanguageTag(tag);
        var language = named.getLanguage();
        // Java knows few of the languages of the country's peoples.
        var ours = messages.getMessage("web.language." + language, null, null, reader);
        if (ours != null) {
            return ours;
        }
        return language.isEmpty() || named.getDisplayLanguage(reader).equals(language)
                ? tag
                : named.getDisplayName(reader);
    }

    /** {@code Tiếng Mường (mtq)} */
    public String withTag(String tag) {
        var name = of(tag);
        return name.equals(tag) ? tag : name + " (" + tag + ")";
    }
}
