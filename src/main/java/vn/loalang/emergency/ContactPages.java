package vn.loalang.emergency;

import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import vn.loalang.access.Access;
import vn.loalang.access.Deeds;
import vn.loalang.access.Role;
import vn.loalang.area.Area;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Refusal;

/** Quản trị: whom to call where a village stays silent. */
@Controller
class ContactPages {
    private final Contacts contacts;
    private final AdministeredAreas areas;
    private final Access access;
    private final Deeds deeds;

    ContactPages(Contacts contacts, AdministeredAreas areas, Access access, Deeds deeds) {
        this.contacts = contacts;
        this.areas = areas;
        this.access = access;
        this.deeds = deeds;
    }

    /** One area with its people, and the areas below it. */
    record Entry(Area area, List<Contact> people) {}

    @GetMapping("/admin/contacts")
    String list(@RequestParam(defaultValue = "") String at, Model model) {
        access.requireAnywhere(Role.ADMINISTRATOR);
        var path = areas.path(at);
        if (!path.equals(AreaPath.ROOT)) {
            model.addAttribute("here", new Entry(areas.area(path), contacts.in(path)));
        }
        areas.trail(path, model);
        model.addAttribute(
                "below",
                areas.below(path).stream()
                        .map(child -> new Entry(child, contacts.in(child.path())))
                        .toList());
        return "emergency/contacts";
    }

    @PostMapping("/admin/contacts")
    String add(
            @RequestParam String at,
            @RequestParam String name,
            @RequestParam(defaultValue = "") String duty,
            @RequestParam String phone,
            Model model) {
        var path = areas.path(at);
        access.require(Role.ADMINISTRATOR, path);
        try {
            deeds.run(
                    "emergency.contactAdded",
                    path.value(),
                    name.strip() + " " + phone.strip(),
                    () -> contacts.add(path, name, duty, phone));
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            model.addAttribute("typedName", name);
            model.addAttribute("typedDuty", duty);
            model.addAttribute("typedPhone", phone);
            return list(at, model);
        }
        return "redirect:/admin/contacts?at=" + path;
    }

    @PostMapping("/admin/contacts/{id}/remove")
    String remove(@PathVariable long id, @RequestParam String at) {
        var path = areas.path(at);
        access.require(Role.ADMINISTRATOR, path);
        var person = contacts.in(path).stream()
                .filter(contact -> contact.id() == id)
                .findFirst()
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        deeds.run(
                "emergency.contactRemoved",
                path.value(),
                person.name() + " " + person.phone(),
                () -> contacts.remove(id));
        return "redirect:/admin/contacts?at=" + path;
    }
}
