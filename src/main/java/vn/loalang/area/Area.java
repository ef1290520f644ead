package vn.loalang.area;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node of the administrative tree.
 *
 * @param id surrogate key, for joins only
 * @param parentId the area above, null at the top
 * @param path immutable place in the tree
 * @param code what people call it by; may change, unique among all areas
 * @param name short name, {@code Ba Đình}
 * @param fullName name with its kind, {@code Phường Ba Đình}
 * @param level free word for the level, {@code commune}
 * @param authority who speaks for it
 * @param languages wanted languages in order, at least one, as BCP 47 tags
 * @param location its middle, if known
 * @param archivedAt since when it no longer exists, null while it does
 */
public record Area(
        long id,
        @Nullable Long parentId,
        AreaPath path,
        String code,
        String name,
        String fullName,
        String level,
        Authority authority,
        List<String> languages,
        @Nullable GeoPoint location,
        @Nullable Instant archivedAt) {
    public Area {
        languages = List.copyOf(languages);
    }

    /** Whether it still exists. */
    public boolean active() {
        return archivedAt == null;
    }
}
