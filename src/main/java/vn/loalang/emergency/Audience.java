package vn.loalang.emergency;

import java.util.List;
import java.util.Set;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Refusal;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.Scope;

/**
 * Who would hear an alert now.
 *
 * @param controllers every pole that is meant, once however often it was chosen; not those of {@code boxless}
 * @param villages where they stand, those with most poles first
 * @param online how many of them are connected
 * @param scopes whom the signed documents name: areas of which every pole is meant, single boxes otherwise; together exactly the
 *     boxes of {@code controllers}
 * @param wide whether so many are meant that a second person must agree
 * @param boxless how many poles were chosen one by one on which no box hangs: nobody hears anything there. Where a whole area is
 *     meant such poles are counted among {@code controllers}, as they may get a box while the alert lasts
 */
public record Audience(
        Set<ControllerId> controllers,
        List<Village> villages,
        int online,
        Set<Scope> scopes,
        boolean wide,
        int boxless) {
    /** Nobody. */
    public static final Audience NOBODY = new Audience(Set.of(), List.of(), 0, Set.of(), false, 0);

    public Audience {
        controllers = Set.copyOf(controllers);
        villages = List.copyOf(villages);
        scopes = Set.copyOf(scopes);
    }

    /** The areas in which its poles stand. */
    public List<AreaPath> places() {
        return villages.stream().map(Village::path).toList();
    }

    /** Whether nobody would hear it. */
    public boolean isEmpty() {
        return controllers.isEmpty() || scopes.isEmpty();
    }

    /**
     * This audience, when there is somebody in it.
     *
     * @throws Refusal saying why nobody would hear it
     */
    public Audience heard() {
        if (isEmpty()) {
            var silent = boxless + controllers.size();
            throw silent > 0
                    ? new Refusal("targets", "emergency.refused.withoutBox", silent)
                    : new Refusal("targets", "emergency.refused.nobody");
        }
        return this;
    }

    /**
     * The meant poles of one area.
     *
     * @param area the poles' own area
     * @param path where it stands in the tree
     * @param name full name of it
     * @param controllers how many stand there
     * @param online how many of those are connected
     */
    public record Village(AreaId area, AreaPath path, String name, int controllers, int online) {}
}
