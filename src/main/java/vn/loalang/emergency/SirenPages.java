package vn.loalang.emergency;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
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
import vn.loalang.area.AreaPath;
import vn.loalang.area.Refusal;
import vn.loalang.audio.RecordingId;
import vn.loalang.protocol.Step;

/** Quản trị: the sirens. */
@Controller
class SirenPages {
    private final Sirens sirens;
    private final AreaSirens areaSirens;
    private final Messages messages;
    private final Access access;
    private final Deeds deeds;

    SirenPages(Sirens sirens, AreaSirens areaSirens, Messages messages, Access access, Deeds deeds) {
        this.sirens = sirens;
        this.areaSirens = areaSirens;
        this.messages = messages;
        this.access = access;
        this.deeds = deeds;
    }

    /**
     * A siren in the list.
     *
     * @param sound its recording, null while it is being rendered
     * @param users names of the messages that begin with it
     * @param areas those that have their own in its place
     */
    record Line(Siren siren, @Nullable Long sound, List<String> users, List<AreaSiren> areas) {
        /** Part of all its time that one blast takes, in thousandths, for its picture. */
        int thousandths(Duration part) {
            return (int) (1000 * part.toMillis() / Math.max(1, siren.length().toMillis()));
        }

        /** Where blasts begin in its picture, in thousandths. */
        public List<Integer> marks() {
            var step = siren.on().plus(siren.gap());
            return java.util.stream.IntStream.range(0, siren.blasts())
                    .mapToObj(blast -> thousandths(step.multipliedBy(blast)))
                    .toList();
        }

        /** How wide a blast is in its picture, in thousandths. */
        public int blast() {
            return thousandths(siren.on());
        }
    }

    /** What somebody typed. */
    record Form(long id, String name, String blasts, String on, String gap, String repeats, String tone) {
        static Form of(Siren siren) {
            return new Form(
                    siren.id().value(),
                    siren.name(),
                    Integer.toString(siren.blasts()),
                    Long.toString(siren.on().toSeconds()),
                    Long.toString(siren.gap().toSeconds()),
                    Integer.toString(siren.repeats()),
                    siren.tone().name());
        }

        Siren siren() {
            return new Siren(
                    new SirenId(id),
                    name,
                    number(blasts, "blasts", 1, 20),
                    Duration.ofSeconds(number(on, "on", 1, 60)),
                    Duration.ofSeconds(number(gap, "gap", 0, 60)),
                    number(repeats, "repeats", 1, 20),
                    tone(tone));
        }

        private static Step.Pattern tone(String name) {
            for (var pattern : Step.Pattern.values()) {
                if (pattern.name().equals(name)) {
                    return pattern;
                }
            }
            throw new Refusal("tone", "emergency.refused.tone");
        }
    }

    @GetMapping("/admin/sirens")
    String list(Model model) {
        access.requireAnywhere(Role.ADMINISTRATOR);
        if (!access.may(Role.ADMINISTRATOR, AreaPath.ROOT)) {
            return "redirect:/admin/sirens/areas";
        }
        var used = messages.all();
        var own = areaSirens.all();
        model.addAttribute(
                "lines",
                sirens.all().stream()
                        .map(siren -> new Line(
                                siren,
                                sirens.recording(siren.id())
                                        .map(RecordingId::value)
                                        .orElse(null),
                                used.stream()
                                        .filter(message -> siren.id().equals(message.siren()))
                                        .map(ReadyMessage::name)
                                        .toList(),
                                own.stream()
                                        .filter(it ->
                                                siren.id().equals(it.siren().id()))
                                        .toList()))
                        .toList());
        return "emergency/sirens";
    }

    @GetMapping("/admin/sirens/new")
    String fresh(Model model) {
        administrator();
        return form(model, new Form(0, "", "3", "10", "5", "3", Step.Pattern.WAIL.name()));
    }

    @GetMapping("/admin/sirens/{id}")
    String one(Model model, @PathVariable long id) {
        administrator();
        return form(
                model,
                sirens.all().stream()
                        .filter(siren -> siren.id().value() == id)
                        .findFirst()
                        .map(Form::of)
                        .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND)));
    }

    @PostMapping("/admin/sirens/save")
    String save(
            Model model,
            @RequestParam(defaultValue = "0") long id,
            @RequestParam(defaultValue = "") String name,
            @RequestParam(defaultValue = "") String blasts,
            @RequestParam(defaultValue = "") String on,
            @RequestParam(defaultValue = "") String gap,
            @RequestParam(defaultValue = "") String repeats,
            @RequestParam(defaultValue = "") String tone) {
        administrator();
        var typed = new Form(id, name, blasts, on, gap, repeats, tone);
        try {
            var siren = typed.siren();
            deeds.run("emergency.sirenSaved", siren.name(), pattern(siren), () -> sirens.save(siren));
            return "redirect:/admin/sirens";
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            return form(model, typed);
        }
    }

    @PostMapping("/admin/sirens/{id}/remove")
    String remove(Model model, @PathVariable long id) {
        administrator();
        var siren = sirens.find(new SirenId(id)).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        try {
            deeds.run("emergency.sirenRemoved", siren.name(), "", () -> sirens.remove(siren.id()));
            return "redirect:/admin/sirens";
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            return list(model);
        }
    }

    /** A siren in the audit log. */
    static String pattern(Siren siren) {
        return String.format(
                Locale.ROOT,
                "%d × %d s, %d s, ≤%d, %s",
                siren.blasts(),
                siren.on().toSeconds(),
                siren.gap().toSeconds(),
                siren.repeats(),
                siren.tone().wire());
    }

    static String form(Model model, Form typed) {
        model.addAttribute("form", typed);
        model.addAttribute("tones", Step.Pattern.values());
        return "emergency/siren";
    }

    private void administrator() {
        access.require(Role.ADMINISTRATOR, AreaPath.ROOT);
    }

    /** A whole number as somebody typed it. */
    static int number(String typed, String field, int least, int most) {
        var clean = typed.strip();
        if (!clean.matches("[0-9]{1,6}")) {
            throw new Refusal(field, "emergency.refused." + field, least, most);
        }
        return Integer.parseInt(clean);
    }
}
