package vn.loalang.emergency;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
import vn.loalang.area.Refusal;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.broadcast.Status;
import vn.loalang.fleet.FleetBoard;
import vn.loalang.fleet.Pole;
import vn.loalang.web.OwnEntry;

/** The page Diễn tập: the same way as the real thing, with another face, another verb and another sound. */
@Controller
class DrillPages {
    /** A pole with this tag is the one to try first. */
    static final String TEST_TAG = "loa-thu";

    /** What the navigation shows of a drill's pages, in the place of the entry of real alerts. */
    static final OwnEntry ENTRY = new OwnEntry("/drill", "emergency.drill.title", "drill");

    private static final Pattern MARKS = Pattern.compile("\\p{M}+");
    private static final String WORD = "DIEN TAP";

    private final Alerts alerts;
    private final Rights rights;
    private final Messages messages;
    private final Audiences audiences;
    private final Preset preset;
    private final FleetBoard fleet;
    private final Stations stations;
    private final Access access;

    DrillPages(
            Alerts alerts,
            Rights rights,
            Messages messages,
            Audiences audiences,
            Preset preset,
            FleetBoard fleet,
            Stations stations,
            Access access) {
        this.alerts = alerts;
        this.rights = rights;
        this.messages = messages;
        this.audiences = audiences;
        this.preset = preset;
        this.fleet = fleet;
        this.stations = stations;
        this.access = access;
    }

    /** A place to drill in; a single pole comes first. */
    record Place(String wire, String name, int controllers, boolean single) {}

    /** The page. */
    @GetMapping("/drill")
    String page(EmergencyPages.Choice choice, Model model) {
        access.requireAnywhere(Role.OPERATOR);
        fill(model, choice);
        return "emergency/drill";
    }

    /** Starts the drill. */
    @PostMapping("/drill")
    String start(EmergencyPages.Choice choice, @RequestParam(defaultValue = "") String typed, Model model) {
        access.requireAnywhere(Role.OPERATOR);
        try {
            if (!plain(typed).equals(WORD)) {
                throw new Refusal("typed", "emergency.refused.typed");
            }
            var alert = alerts.arm(
                    new Alerts.Press(choice.press(), choice.messageId(), choice.targets(), Status.EXERCISE, null),
                    rights.me());
            return "redirect:/emergency/" + alert.id();
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            fill(model, choice);
            return "emergency/drill";
        }
    }

    /** Gives a page the face of a drill if it is about one. */
    static void mark(Model model, Alert alert) {
        if (alert.drill()) {
            model.addAttribute(OwnEntry.NAME, ENTRY);
        }
    }

    static String plain(String typed) {
        return MARKS.matcher(Normalizer.normalize(typed, Normalizer.Form.NFD))
                .replaceAll("")
                .replace('đ', 'd')
                .replace('Đ', 'D')
                .toUpperCase(Locale.ROOT)
                .strip()
                .replaceAll("\\s+", " ");
    }

    private void fill(Model model, EmergencyPages.Choice choice) {
        var by = rights.me();
        var poles = audiences.read();
        var places = new ArrayList<>(places(by, poles));
        var wanted = choice.target();
        var several = wanted.size() > 1 ? chosen(wanted, by, poles).orElse(null) : null;
        if (wanted.size() == 1 && places.stream().noneMatch(it -> it.wire().equals(wanted.get(0)))) {
            chosen(wanted, by, poles).ifPresent(it -> places.add(0, it));
        }
        var ready = messages.all(Kind.ALERT);
        var chosen = wanted.stream()
                .findFirst()
                .orElse(places.isEmpty() ? "" : places.get(0).wire());
        model.addAttribute("places", places);
        model.addAttribute("ready", ready);
        model.addAttribute("several", several);
        model.addAttribute("wanted", wanted);
        model.addAttribute("chosenPlace", chosen);
        model.addAttribute(
                "to",
                several != null
                        ? several
                        : places.stream()
                                .filter(it -> it.wire().equals(chosen))
                                .findFirst()
                                .orElse(null));
        model.addAttribute(
                "chosenMessage",
                Optional.ofNullable(choice.message())
                        .orElse(ready.isEmpty() ? 0L : ready.get(0).id().value()));
        model.addAttribute("last", alerts.lastDrill().orElse(null));
        model.addAttribute("press", Screens.press());
    }

    private List<Place> places(By by, Audiences.Reading poles) {
        var places = new ArrayList<Place>();
        testPole(by, poles)
                .ifPresent(pole -> places.add(
                        new Place(new Target.OnPole(pole.id()).wire(), pole.name() + ", " + pole.village(), 1, true)));
        for (var target : preset.whole(by)) {
            var audience = poles.of(List.of(target), by.speaks());
            if (!audience.isEmpty()) {
                places.add(new Place(
                        target.wire(),
                        poles.place(List.of(target), audience),
                        audience.controllers().size(),
                        false));
            }
        }
        return places;
    }

    /** What was chosen on the map or in the tree, as one place. */
    private Optional<Place> chosen(List<String> wires, By by, Audiences.Reading poles) {
        try {
            var targets = wires.stream().map(Target::parse).toList();
            var audience = poles.of(targets, by.speaks());
            return audience.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Place(
                            wires.get(0),
                            poles.place(targets, audience),
                            audience.controllers().size(),
                            false));
        } catch (Refusal notATarget) {
            return Optional.empty();
        }
    }

    /** The pole tagged for tests, else one that is ready, else any. */
    private Optional<Pole> testPole(By by, Audiences.Reading reading) {
        var tagged =
                reading.of(List.of(new Target.Tagged(TEST_TAG)), by.speaks()).controllers();
        var poles = fleet.poles(new StationId(stations.main().id()), by.speaks());
        return poles.stream()
                .filter(pole -> tagged.contains(pole.id()))
                .findFirst()
                .or(() -> poles.stream()
                        .filter(pole -> pole.condition() == Pole.Condition.READY)
                        .findFirst())
                .or(() -> poles.stream().filter(pole -> pole.unit() != null).findFirst());
    }
}
