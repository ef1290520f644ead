package vn.loalang.emergency;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import vn.loalang.area.Area;

/**
 * Languages that people want to hear an alert in (Civil Defence Law, article 6), each with the areas that say so. What an area wants
 * is wanted everywhere below it, too: whoever keeps the areas may say it of the commune or of each village.
 *
 * @param byLanguage by BCP 47 tag; the areas in tree order, none above another
 */
record WantedLanguages(Map<String, List<Area>> byLanguage) {
    /**
     * A language in which a message is not heard.
     *
     * @param language BCP 47 tag
     * @param written whether its words are there and only their sound is missing
     * @param places names of the areas that want it, the first few when they are many
     */
    record Missing(String language, boolean written, String places) {}

    /** As these areas say, which stand in tree order. */
    static WantedLanguages of(List<Area> areas) {
        var wanted = new LinkedHashMap<String, List<Area>>();
        for (var area : areas) {
            for (var language : area.languages()) {
                var those = wanted.computeIfAbsent(language, none -> new ArrayList<>());
                // What lies in an area follows it: the nearest to the poles says more than those above.
                while (!those.isEmpty() && those.get(those.size() - 1).path().covers(area.path())) {
                    those.remove(those.size() - 1);
                }
                those.add(area);
            }
        }
        return new WantedLanguages(wanted);
    }

    /**
     * Those that are not heard.
     *
     * @param said languages in which there are words, each with whether these have a sound
     */
    List<Missing> missing(Map<String, Boolean> said) {
        var missing = new ArrayList<Missing>();
        byLanguage.forEach((language, areas) -> {
            var sounds = said.entrySet().stream()
                    .filter(it -> same(it.getKey(), language))
                    .map(Map.Entry::getValue)
                    .toList();
            if (!sounds.contains(true)) {
                missing.add(new Missing(
                        language,
                        !sounds.isEmpty(),
                        Audiences.brief(areas.stream().map(Area::fullName).toList())));
            }
        });
        return missing;
    }

    /** Whether whoever wants the one understands the other: {@code zh} and {@code zh-TW}, not {@code zh-CN} and {@code zh-TW}. */
    private static boolean same(String one, String other) {
        var a = one.toLowerCase(Locale.ROOT) + "-";
        var b = other.toLowerCase(Locale.ROOT) + "-";
        return a.startsWith(b) || b.startsWith(a);
    }
}
