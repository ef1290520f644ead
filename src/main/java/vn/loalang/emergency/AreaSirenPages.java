package vn.loalang.emergency;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Refusal;
import vn.loalang.audio.RecordingId;

/** Quản trị: how the sirens sound in an area, set by whoever administers it. */
@Controller
class AreaSirenPages {
    private final Sirens sirens;
    private final AreaSirens areaSirens;
    private final AdministeredAreas areas;
    private final Access access;
    private final Deeds deeds;

    AreaSirenPages(Sirens sirens, AreaSirens areaSirens, AdministeredAreas areas, Access access, Deeds deeds) {
        this.sirens = sirens;
        this.areaSirens = areaSirens;
        this.areas = areas;
        this.access = access;
        this.deeds = deeds;
    }

    /**
     * A siren as it sounds in an area.
     *
     * @param from the area that has it for itself, this one or one above; null where it sounds as it does elsewhere
     * @param own whether it is this area itself
     */
    record Entry(SirenPages.Line line, @Nullable String from, boolean own) {}

    /** An area below and the names of the sirens that it has for itself. */
    record Below(Area area, List<String> own) {}

    @GetMapping("/admin/sirens/areas")
    String list(@RequestParam(defaultValue = "") String at, Model model) {
        access.requireAnywhere(Role.ADMINISTRATOR);
        var path = areas.path(at);
        var all = areaSirens.all();
        if (!path.equals(AreaPath.ROOT)) {
            model.addAttribute("here", areas.area(path));
            model.addAttribute(
                    "entries",
                    sirens.all().stream().map(siren -> entry(siren, all, path)).toList());
        }
        areas.trail(path, model);
        model.addAttribute(
                "below",
                areas.below(path).stream()
                        .map(child -> new Below(
                                child,
                                all.stream()
                                        .filter(it -> it.path().equals(child.path()))
                                        .map(it -> it.siren().name())
                                        .toList()))
                        .toList());
        return "emergency/area-sirens";
    }

    @GetMapping("/admin/sirens/areas/{id}")
    String one(@PathVariable long id, @RequestParam String at, Model model) {
        var area = areas.area(areas.path(at));
        var siren = siren(id);
        var now = AreaSiren.nearest(areaSirens.of(siren.id()), area.path())
                .map(AreaSiren::siren)
                .orElse(siren);
        return form(model, area, SirenPages.Form.of(now));
    }

    @PostMapping("/admin/sirens/areas/save")
    String save(
            Model model,
            @RequestParam String at,
            @RequestParam long id,
            @RequestParam(defaultValue = "") String blasts,
            @RequestParam(defaultValue = "") String on,
            @RequestParam(defaultValue = "") String gap,
            @RequestParam(defaultValue = "") String repeats,
            @RequestParam(defaultValue = "") String tone) {
        var area = areas.area(areas.path(at));
        var typed = new SirenPages.Form(id, siren(id).name(), blasts, on, gap, repeats, tone);
        try {
            var siren = typed.siren();
            deeds.run(
                    "emergency.areaSirenSaved",
                    area.fullName(),
                    siren.name() + ": " + SirenPages.pattern(siren),
                    () -> areaSirens.save(new AreaId(area.id()), siren));
            return "redirect:/admin/sirens/areas?at=" + area.path();
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            return form(model, area, typed);
        }
    }

    @PostMapping("/admin/sirens/areas/{id}/remove")
    String remove(@PathVariable long id, @RequestParam String at) {
        var area = areas.area(areas.path(at));
        var siren = siren(id);
        deeds.run(
                "emergency.areaSirenRemoved",
                area.fullName(),
                siren.name(),
                () -> areaSirens.remove(new AreaId(area.id()), siren.id()));
        return "redirect:/admin/sirens/areas?at=" + area.path();
    }

    private Entry entry(Siren siren, List<AreaSiren> all, AreaPath path) {
        var own = AreaSiren.nearest(
                all.stream().filter(it -> it.siren().id().equals(siren.id())).toList(), path);
        var sound = own.map(it -> Optional.ofNullable(it.sound())).orElseGet(() -> sirens.recording(siren.id()));
        return new Entry(
                new SirenPages.Line(
                        own.map(AreaSiren::siren).orElse(siren),
                        sound.map(RecordingId::value).orElse(null),
                        List.of(),
                        List.of()),
                own.map(AreaSiren::areaName).orElse(null),
                own.filter(it -> it.path().equals(path)).isPresent());
    }

    private static String form(Model model, Area area, SirenPages.Form typed) {
        model.addAttribute("area", area);
        return SirenPages.form(model, typed);
    }

    private Siren siren(long id) {
        return sirens.all().stream()
                .filter(it -> it.id().value() == id)
                .findFirst()
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }
}
