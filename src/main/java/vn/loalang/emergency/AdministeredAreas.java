package vn.loalang.emergency;

import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.ui.Model;
import org.springframework.web.server.ResponseStatusException;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
import vn.loalang.area.Area;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;

/** The way through the tree on pages where administrators set something for their areas: nobody is shown a way to what is closed. */
@Component
class AdministeredAreas {
    private final Areas areas;
    private final Access access;

    AdministeredAreas(Areas areas, Access access) {
        this.areas = areas;
        this.access = access;
    }

    /** The place named in an address, the top when it is empty; a page answers 404 when it is no path. */
    AreaPath path(String typed) {
        try {
            return AreaPath.of(typed);
        } catch (IllegalArgumentException e) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
    }

    /** The area at this path; a page answers 403 to whoever does not administer it, and 404 when there is none. */
    Area area(AreaPath path) {
        access.require(Role.ADMINISTRATOR, path);
        return areas.find(path)
                .filter(Area::active)
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    /** What may be opened from here: the areas directly below; at the top those that this person administers. */
    List<Area> below(AreaPath path) {
        var scope = access.scope(Role.ADMINISTRATOR);
        return path.equals(AreaPath.ROOT) && !scope.everything()
                ? scope.roots().stream()
                        .flatMap(root -> areas.find(root).stream())
                        .filter(Area::active)
                        .toList()
                : areas.children(path);
    }

    /** Puts the way down to this place into the model, for {@code emergency/places :: trail}. */
    void trail(AreaPath path, Model model) {
        model.addAttribute("at", path.value());
        model.addAttribute("trail", areas.trail(path));
        model.addAttribute("scope", access.scope(Role.ADMINISTRATOR));
    }
}
