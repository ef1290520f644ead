package vn.loalang.access;

import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import vn.loalang.area.Area;
import vn.loalang.area.AreaImport;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.NewArea;
import vn.loalang.area.Outlines;
import vn.loalang.area.QuietHours;
import vn.loalang.area.Refusal;
import vn.loalang.area.Stations;

/** Quản trị: the tree of areas, its quiet hours, import from CSV, and the station's name. */
@Controller
class AreaPages {
    private static final String WAITING_FILE = "areaImport";
    private static final int MOST_FOUND = 50;

    private final Access access;
    private final Areas areas;
    private final AreaImport imports;
    private final Outlines outlines;
    private final Stations stations;
    private final Deeds deeds;

    AreaPages(Access access, Areas areas, AreaImport imports, Outlines outlines, Stations stations, Deeds deeds) {
        this.access = access;
        this.areas = areas;
        this.imports = imports;
        this.outlines = outlines;
        this.stations = stations;
        this.deeds = deeds;
    }

    @GetMapping("/admin/areas")
    String tree(Model model, @RequestParam(defaultValue = "") String at, @RequestParam(defaultValue = "") String q) {
        access.requireAnywhere(Role.ADMINISTRATOR);
        var path = path(at);
        var scope = access.scope(Role.ADMINISTRATOR);
        if (!path.equals(AreaPath.ROOT)) {
            model.addAttribute(
                    "area", areas.find(path).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND)));
            var own = areas.ownQuietHours(path);
            var inForce = areas.quietHours(path);
            model.addAttribute(
                    "quietMode", own.isEmpty() ? "inherit" : own.get().off() ? "off" : "own");
            model.addAttribute("quiet", inForce);
        }
        model.addAttribute("at", path.value());
        model.addAttribute("q", q);
        model.addAttribute("trail", areas.trail(path));
        model.addAttribute("mayChange", access.may(Role.ADMINISTRATOR, path));
        model.addAttribute("everything", scope.everything());
        model.addAttribute("station", stations.main());
        model.addAttribute("authorities", Authority.values());
        if (q.isBlank()) {
            model.addAttribute("shown", visible(areas.children(path), scope, path));
        } else {
            var found = areas.search(q, MOST_FOUND + 1);
            model.addAttribute("shown", found.stream().limit(MOST_FOUND).toList());
            model.addAttribute("more", found.size() > MOST_FOUND);
        }
        return "access/areas";
    }

    @PostMapping("/admin/areas/add")
    String add(
            Model model,
            @RequestParam(defaultValue = "") String at,
            @RequestParam String code,
            @RequestParam String name,
            @RequestParam Authority authority) {
        var parent = path(at);
        access.require(Role.ADMINISTRATOR, parent);
        try {
            var level = authority.name().toLowerCase(Locale.ROOT);
            deeds.run("area.added", code.strip(), name.strip(), () -> {
                var area = areas.add(new NewArea(parent, code, name, name, level, authority, List.of("vi"), null));
                if (parent.equals(AreaPath.ROOT)) {
                    stations.serve(stations.main().id(), area.id());
                }
            });
            return backTo(parent);
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            model.addAttribute("refusedForm", "add");
            model.addAttribute("typedCode", code);
            model.addAttribute("typedName", name);
            return tree(model, at, "");
        }
    }

    @PostMapping("/admin/areas/rename")
    String rename(
            Model model,
            @RequestParam String at,
            @RequestParam String name,
            @RequestParam String fullName,
            @RequestParam String code) {
        var path = path(at);
        access.require(Role.ADMINISTRATOR, path);
        try {
            deeds.run(
                    "area.renamed",
                    path.value(),
                    code + " " + fullName,
                    () -> areas.rename(path, name, fullName, code));
            return backTo(path);
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            model.addAttribute("refusedForm", "rename");
            return tree(model, at, "");
        }
    }

    /** In which languages people there want to be spoken to. */
    @PostMapping("/admin/areas/languages")
    String languages(Model model, @RequestParam String at, @RequestParam(defaultValue = "") List<String> languages) {
        var path = path(at);
        access.require(Role.ADMINISTRATOR, path);
        try {
            deeds.run(
                    "area.languagesSet",
                    path.value(),
                    String.join(" ", languages),
                    () -> areas.setLanguages(path, languages));
            return backTo(path);
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            model.addAttribute("refusedForm", "languages");
            return tree(model, at, "");
        }
    }

    @PostMapping("/admin/areas/archive")
    String archive(Model model, @RequestParam String at) {
        var path = path(at);
        access.require(Role.ADMINISTRATOR, path.parent().equals(AreaPath.ROOT) ? AreaPath.ROOT : path.parent());
        try {
            deeds.run("area.archived", path.value(), "", () -> areas.archive(path));
            return backTo(path.parent());
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            model.addAttribute("refusedForm", "archive");
            return tree(model, at, "");
        }
    }

    @PostMapping("/admin/areas/quiet")
    String quiet(
            Model model,
            @RequestParam String at,
            @RequestParam String mode,
            @RequestParam(defaultValue = "") String from,
            @RequestParam(defaultValue = "") String to) {
        var path = path(at);
        access.require(Role.ADMINISTRATOR, path);
        try {
            switch (mode) {
                case "inherit" -> deeds.run("area.quietHours", path.value(), "-", () -> areas.inheritQuietHours(path));
                case "off" ->
                    deeds.run("area.quietHours", path.value(), "0", () -> areas.setQuietHours(path, QuietHours.OFF));
                default -> {
                    var hours = new QuietHours(time(from, "from"), time(to, "to"));
                    if (hours.off()) {
                        throw new Refusal("to", "area.refused.quietEqual");
                    }
                    deeds.run(
                            "area.quietHours",
                            path.value(),
                            hours.from() + "–" + hours.to(),
                            () -> areas.setQuietHours(path, hours));
                }
            }
            return backTo(path);
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            model.addAttribute("refusedForm", "quiet");
            return tree(model, at, "");
        }
    }

    /** How long emergencies are counted down. */
    @PostMapping("/admin/areas/countdown")
    String countdown(Model model, @RequestParam String countdown) {
        access.require(Role.ADMINISTRATOR, AreaPath.ROOT);
        try {
            var typed = countdown.strip();
            var seconds = typed.matches("[0-9]{1,4}") ? Integer.parseInt(typed) : 0;
            deeds.run(
                    "area.countdownSet",
                    Integer.toString(seconds),
                    "",
                    () -> stations.countDown(stations.main().id(), seconds));
            return "redirect:/admin/areas";
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            model.addAttribute("refusedForm", "countdown");
            return tree(model, "", "");
        }
    }

    @PostMapping("/admin/areas/station")
    String station(Model model, @RequestParam String name) {
        access.require(Role.ADMINISTRATOR, AreaPath.ROOT);
        try {
            deeds.run(
                    "area.stationRenamed",
                    name.strip(),
                    "",
                    () -> stations.rename(stations.main().id(), name));
            return "redirect:/admin/areas";
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            model.addAttribute("refusedForm", "station");
            return tree(model, "", "");
        }
    }

    /** Says what the file would do; it waits in the session until the person confirms. */
    @PostMapping("/admin/areas/import")
    String preview(Model model, HttpSession session, @RequestParam MultipartFile file) throws IOException {
        access.require(Role.ADMINISTRATOR, AreaPath.ROOT);
        session.removeAttribute(WAITING_FILE);
        var tooLarge = file.getSize() > AreaImport.LARGEST;
        var bytes = tooLarge ? new byte[AreaImport.LARGEST + 1] : file.getBytes();
        var preview = imports.preview(bytes);
        if (preview.acceptable()) {
            session.setAttribute(WAITING_FILE, bytes);
        }
        model.addAttribute("preview", preview);
        model.addAttribute("fileName", file.getOriginalFilename());
        return "access/area-import";
    }

    @PostMapping("/admin/areas/import/apply")
    String apply(Model model, HttpSession session, RedirectAttributes after) {
        access.require(Role.ADMINISTRATOR, AreaPath.ROOT);
        if (!(session.getAttribute(WAITING_FILE) instanceof byte[] bytes)) {
            return "redirect:/admin/areas";
        }
        session.removeAttribute(WAITING_FILE);
        // Between preview and now somebody may have changed the tree: it is checked again as a whole.
        var again = imports.preview(bytes);
        if (!again.acceptable()) {
            model.addAttribute("preview", again);
            return "access/area-import";
        }
        deeds.run(
                "area.imported",
                "CSV",
                "+" + again.added() + " ~" + again.changed() + " =" + again.unchanged(),
                () -> imports.apply(bytes));
        after.addFlashAttribute("imported", again);
        return "redirect:/admin/areas";
    }

    /** Takes outlines of areas for the maps. */
    @PostMapping("/admin/areas/outlines")
    String outlines(Model model, @RequestParam MultipartFile file, RedirectAttributes after) throws IOException {
        access.require(Role.ADMINISTRATOR, AreaPath.ROOT);
        try {
            var bytes = file.getSize() > Outlines.LARGEST ? new byte[Outlines.LARGEST + 1] : file.getBytes();
            var done = new ArrayList<Outlines.Result>();
            deeds.run("area.outlined", "GeoJSON", Long.toString(file.getSize()), () -> done.add(outlines.apply(bytes)));
            after.addFlashAttribute("outlined", done.get(0));
            return "redirect:/admin/areas";
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            model.addAttribute("refusedForm", "outlines");
            return tree(model, "", "");
        }
    }

    private static List<Area> visible(List<Area> children, AreaScope scope, AreaPath path) {
        return children.stream()
                .filter(child -> scope.covers(path) || scope.meets(child.path()))
                .toList();
    }

    private static LocalTime time(String typed, String field) {
        try {
            return LocalTime.parse(typed.strip().length() == 4 ? "0" + typed.strip() : typed.strip());
        } catch (DateTimeParseException e) {
            throw new Refusal(field, "area.refused.time", typed);
        }
    }

    private static AreaPath path(String typed) {
        try {
            return AreaPath.of(typed);
        } catch (IllegalArgumentException e) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
    }

    private static String backTo(AreaPath path) {
        return "redirect:/admin/areas" + (path.equals(AreaPath.ROOT) ? "" : "?at=" + path);
    }
}
