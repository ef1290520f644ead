package vn.loalang.access;

import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import vn.loalang.area.AreaPath;

/**
 * The part of the tree where somebody has a role.
 *
 * @param roots the highest areas of it, none below another; {@link AreaPath#ROOT} alone is everything, empty is nothing
 */
public record AreaScope(List<AreaPath> roots) {
    public AreaScope {
        roots = List.copyOf(roots);
    }

    static AreaScope of(Collection<AreaPath> areas) {
        var highest = areas.stream()
                .filter(area -> areas.stream().noneMatch(other -> !other.equals(area) && other.covers(area)))
                .distinct()
                .sorted()
                .toList();
        return new AreaScope(highest);
    }

    /** This part of the tree and the other together. */
    public AreaScope and(AreaScope other) {
        return of(Stream.concat(roots.stream(), other.roots.stream()).toList());
    }

    /** Whether the area is in it. */
    public boolean covers(AreaPath area) {
        return roots.stream().anyMatch(root -> root.covers(area));
    }

    /** Whether some place of it is in this area. */
    public boolean meets(AreaPath area) {
        return roots.stream().anyMatch(root -> root.meets(area));
    }

    /** Whether it is the whole tree. */
    public boolean everything() {
        return roots.contains(AreaPath.ROOT);
    }

    /** Whether there is no such area. */
    public boolean nothing() {
        return roots.isEmpty();
    }
}
