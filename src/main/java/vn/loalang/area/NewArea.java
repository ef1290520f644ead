package vn.loalang.area;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An area to be added.
 *
 * @param parent where it hangs, {@link AreaPath#ROOT} for the top
 * @param code people's code, unique; its letters and digits become the label if free, otherwise the next number does
 * @param name short name
 * @param fullName name with its kind
 * @param level free word, {@code village}
 * @param authority who speaks for it
 * @param languages wanted languages in order
 * @param location its middle, if known
 */
public record NewArea(
        AreaPath parent,
        String code,
        String name,
        String fullName,
        String level,
        Authority authority,
        List<String> languages,
        @Nullable GeoPoint location) {
    public NewArea {
        languages = List.copyOf(languages);
    }

    /** A village of a commune, in Vietnamese. */
    public static NewArea village(AreaPath commune, String code, String name) {
        return new NewArea(commune, code, name, name, "village", Authority.VILLAGE, List.of("vi"), null);
    }
}
