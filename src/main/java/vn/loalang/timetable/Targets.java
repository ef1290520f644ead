package vn.loalang.timetable;

import java.util.Set;
import vn.loalang.area.AreaId;
import vn.loalang.fleet.ControllerId;

/**
 * Where a slot plays. Areas are resolved to the controllers standing in them when an occurrence is planned, and again until it starts.
 *
 * @param areas whole subtrees
 * @param controllers single poles besides
 */
public record Targets(Set<AreaId> areas, Set<ControllerId> controllers) {
    public Targets {
        areas = Set.copyOf(areas);
        controllers = Set.copyOf(controllers);
    }

    /** Whether nothing at all is named. */
    public boolean isEmpty() {
        return areas.isEmpty() && controllers.isEmpty();
    }
}
