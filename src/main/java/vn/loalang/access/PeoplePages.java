package vn.loalang.access;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import vn.loalang.area.Area;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Refusal;

/** Quản trị: people and what they may do where. */
@Controller
class PeoplePages {
    /** Stands for the whole tree in forms, where nothing chosen is empty. */
    private static final String EVERYWHERE = "*";

    private final Access access;
    private final People people;
    private final Areas areas;
    private final Deeds deeds;

    PeoplePages(Access access, People people, Areas areas, Deeds deeds) {
        this.access = access;
        this.people = people;
        this.areas = areas;
        this.deeds = deeds;
    }

    /**
     * A role as the page shows it.
     *
     * @param grant the role and its area's path
     * @param area the area's name, empty for everywhere
     * @param mine whether whoever looks may take it away
     */
    record ShownGrant(Grant grant, String area, boolean mine) {}

    /**
     * A person as the list shows them.
     *
     * @param person who
     * @param grants their roles
     */
    record ShownPerson(Person person, List<ShownGrant> grants) {}

    @GetMapping("/admin/people")
    String list(Model model) {
        access.requireAnywhere(Role.ADMINISTRATOR);
        var scope = access.scope(Role.ADMINISTRATOR);
        model.addAttribute(
                "people",
                people.all().stream()
                        .map(person -> new ShownPerson(person, shown(people.grants(person.id()))))
                        .filter(shown -> scope.everything()
                                || shown.grants.isEmpty()
                                || shown.grants.stream().anyMatch(ShownGrant::mine))
                        .toList());
        return "access/people";
    }

    @PostMapping("/admin/people")
    String add(Model model, RedirectAttributes after, @RequestParam String login, @RequestParam String name) {
        access.requireAnywhere(Role.ADMINISTRATOR);
        try {
            var password = new AtomicReference<>("");
            deeds.run("access.personAdded", login.strip(), name.strip(), () -> password.set(people.add(login, name)));
            after.addFlashAttribute("oneTimePassword", password.get());
            return "redirect:/admin/people/" + people.find(login).orElseThrow().id();
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            model.addAttribute("typed", Map.of("login", login, "name", name));
            return list(model);
        }
    }

    @GetMapping("/admin/people/{id}")
    String one(Model model, @PathVariable long id) {
        access.requireAnywhere(Role.ADMINISTRATOR);
        var person = person(id);
        var scope = access.scope(Role.ADMINISTRATOR);
        model.addAttribute("person", person);
        model.addAttribute("grants", shown(people.grants(id)));
        model.addAttribute("mayKeep", mayKeep(id));
        model.addAttribute("roles", Role.values());
        model.addAttribute("everything", scope.everything());
        model.addAttribute("found", choices("", scope));
        return "access/person";
    }

    /** Areas to choose from, as the typed text finds them; only where whoever asks may give roles. */
    @GetMapping("/admin/people/areas")
    String areaChoices(Model model, @RequestParam(defaultValue = "") String areaSearch) {
        access.requireAnywhere(Role.ADMINISTRATOR);
        var scope = access.scope(Role.ADMINISTRATOR);
        model.addAttribute("everything", scope.everything());
        model.addAttribute("found", choices(areaSearch, scope));
        return "access/person :: areaChoices";
    }

    @PostMapping("/admin/people/{id}/grant")
    String grant(
            Model model, @PathVariable long id, @RequestParam Role role, @RequestParam(defaultValue = "") String area) {
        var person = person(id);
        try {
            var path = path(area);
            access.require(Role.ADMINISTRATOR, path);
            deeds.run(
                    "access.granted", person.login(), role + " " + path, () -> people.grant(id, new Grant(role, path)));
            return "redirect:/admin/people/" + id;
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            return one(model, id);
        }
    }

    @PostMapping("/admin/people/{id}/revoke")
    String revoke(Model model, @PathVariable long id, @RequestParam Role role, @RequestParam String area) {
        var person = person(id);
        try {
            var path = path(area);
            access.require(Role.ADMINISTRATOR, path);
            deeds.run(
                    "access.revoked",
                    person.login(),
                    role + " " + path,
                    () -> people.revoke(id, new Grant(role, path)));
            return "redirect:/admin/people/" + id;
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            return one(model, id);
        }
    }

    @PostMapping("/admin/people/{id}/reset")
    String reset(RedirectAttributes after, @PathVariable long id) {
        requireKeeping(id);
        var password = new AtomicReference<>("");
        deeds.run("access.passwordReset", person(id).login(), "", () -> password.set(people.resetPassword(id)));
        after.addFlashAttribute("oneTimePassword", password.get());
        return "redirect:/admin/people/" + id;
    }

    @PostMapping("/admin/people/{id}/disable")
    String disable(Model model, @PathVariable long id) {
        requireKeeping(id);
        try {
            deeds.run("access.personDisabled", person(id).login(), "", () -> people.disable(id));
            return "redirect:/admin/people/" + id;
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            return one(model, id);
        }
    }

    @PostMapping("/admin/people/{id}/enable")
    String enable(@PathVariable long id) {
        requireKeeping(id);
        deeds.run("access.personEnabled", person(id).login(), "", () -> people.enable(id));
        return "redirect:/admin/people/" + id;
    }

    /** Only who is administrator wherever the person has a role may take over their account. */
    private boolean mayKeep(long id) {
        var grants = people.grants(id);
        return grants.isEmpty()
                ? access.may(Role.ADMINISTRATOR, AreaPath.ROOT)
                : grants.stream().allMatch(grant -> access.may(Role.ADMINISTRATOR, grant.area()));
    }

    private void requireKeeping(long id) {
        if (!mayKeep(id)) {
            throw new AccessDeniedException("needs ADMINISTRATOR wherever person " + id + " has a role");
        }
    }

    private Person person(long id) {
        return people.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    private static AreaPath path(String typed) {
        if (typed.equals(EVERYWHERE)) {
            return AreaPath.ROOT;
        }
        try {
            if (typed.isEmpty()) {
                throw new Refusal("area", "access.person.refused.area");
            }
            return new AreaPath(typed);
        } catch (IllegalArgumentException e) {
            throw new Refusal("area", "access.person.refused.area");
        }
    }

    private List<Area> choices(String typed, AreaScope scope) {
        if (typed.isBlank()) {
            return scope.everything()
                    ? areas.children(AreaPath.ROOT).stream().limit(8).toList()
                    : scope.roots().stream()
                            .flatMap(root -> areas.find(root).stream())
                            .toList();
        }
        return areas.search(typed, scope.roots(), 12);
    }

    private List<ShownGrant> shown(List<Grant> grants) {
        return grants.stream()
                .map(grant -> new ShownGrant(
                        grant,
                        areas.find(grant.area()).map(Area::fullName).orElse(""),
                        access.may(Role.ADMINISTRATOR, grant.area())))
                .toList();
    }
}
