package vn.loalang.emergency;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import vn.loalang.access.Role;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Refusal;
import vn.loalang.area.Stations;
import vn.loalang.audio.RecordingId;
import vn.loalang.broadcast.Status;
import vn.loalang.fleet.ControllerId;
import vn.loalang.web.Times;

/** The screen Khẩn cấp: choose, hold, watch; and what is done to an alert from any screen. */
@Controller
class EmergencyPages {
    static final String STEPS_COOKIE = "hold";
    private static final int A_YEAR = 365 * 24 * 3600;
    private static final int MOST_QUICK = 6;
    private static final int MOST_TARGETS = 200;
    private static final int LATEST = 10;

    private final Alerts alerts;
    private final Screens screens;
    private final Rights rights;
    private final Messages messages;
    private final Audiences audiences;
    private final Preset preset;
    private final ReachModel board;
    private final Course course;
    private final Sirens sirens;
    private final Stations stations;
    private final Access access;
    private final Times times;

    EmergencyPages(
            Alerts alerts,
            Screens screens,
            Rights rights,
            Messages messages,
            Audiences audiences,
            Preset preset,
            ReachModel board,
            Course course,
            Sirens sirens,
            Stations stations,
            Access access,
            Times times) {
        this.alerts = alerts;
        this.screens = screens;
        this.rights = rights;
        this.messages = messages;
        this.audiences = audiences;
        this.preset = preset;
        this.board = board;
        this.course = course;
        this.sirens = sirens;
        this.stations = stations;
        this.access = access;
        this.times = times;
    }

    /**
     * What a person has chosen so far.
     *
     * @param target places in their wire form; blank ones are left out
     * @param press what the browser calls this press
     */
    record Choice(@Nullable Long message, List<String> target, String press) {
        Choice {
            target = target == null
                    ? List.of()
                    : target.stream().filter(it -> !it.isBlank()).distinct().toList();
            press = Objects.requireNonNullElse(press, "");
        }

        List<Target> targets() {
            if (target.isEmpty()) {
                throw new Refusal("targets", "emergency.refused.noTarget");
            }
            if (target.size() > MOST_TARGETS) {
                throw new Refusal("targets", "emergency.refused.targets", MOST_TARGETS);
            }
            return target.stream().map(Target::parse).toList();
        }

        MessageId messageId() {
            if (message == null) {
                throw new Refusal("message", "emergency.refused.noMessage");
            }
            return new MessageId(message);
        }
    }

    /** A place to choose at once. */
    record Quick(String wire, String name, int controllers, int online, boolean wide) {}

    /**
     * How the siren sounds to some of those who hear it.
     *
     * @param sound its recording, null while it is being rendered
     * @param area name of the area that has it for itself, null where it sounds as it does elsewhere
     * @param controllers how many poles sound it so
     */
    record Heard(
            Siren siren,
            @Nullable RecordingId sound,
            @Nullable String area,
            int controllers) {}

    /**
     * What would happen.
     *
     * @param sirens how the message's siren would sound, those first that most poles sound; empty when it has none
     * @param unreadable titles of sounds that boxes cannot fetch any more
     * @param missing languages that people there want and would not hear
     * @param barred why this person may not air it, null when he may
     */
    record Plan(
            ReadyMessage message,
            @Nullable Siren siren,
            List<Heard> sirens,
            String place,
            Audience audience,
            List<String> unreadable,
            List<WantedLanguages.Missing> missing,
            @Nullable Refusal barred) {
        Plan {
            sirens = List.copyOf(sirens);
            unreadable = List.copyOf(unreadable);
            missing = List.copyOf(missing);
        }

        /** This plan, when this person may carry it out. */
        Plan allowed() {
            if (barred != null) {
                throw barred;
            }
            return this;
        }
    }

    /** The page. */
    @GetMapping("/emergency")
    String page(Choice choice, Model model, HttpServletRequest request) {
        access.requireAnywhere(Role.VIEWER);
        fill(model, choice, request);
        return "emergency/emergency";
    }

    /** The sentence that says what would happen, for what is chosen now. */
    @GetMapping("/emergency/plan")
    String plan(Choice choice, Model model) {
        access.requireAnywhere(Role.OPERATOR);
        try {
            model.addAttribute("plan", planned(choice, rights.me(), audiences.read()));
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
        }
        model.addAttribute("countdown", stations.main().countdownSeconds());
        return "emergency/emergency :: plan";
    }

    /** What stands on every page. */
    @GetMapping(Screens.SOURCE)
    String everywhere(Model model) {
        access.requireAnywhere(Role.VIEWER);
        model.addAttribute("shown", screens.now());
        return "emergency/everywhere :: now";
    }

    /** Arms the alert: the button was held, or the second of two steps taken. */
    @PostMapping("/emergency")
    String arm(Choice choice, Model model, HttpServletRequest request) {
        access.requireAnywhere(Role.OPERATOR);
        try {
            var alert = alerts.arm(
                    new Alerts.Press(choice.press(), choice.messageId(), choice.targets(), Status.ACTUAL, null),
                    rights.me());
            return "redirect:/emergency/" + alert.id();
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            fill(model, choice, request);
            return "emergency/emergency";
        }
    }

    /** The first of two steps, for whoever does not hold a button: says once more what would happen. */
    @PostMapping("/emergency/confirm")
    String confirm(Choice choice, Model model, HttpServletRequest request) {
        access.requireAnywhere(Role.OPERATOR);
        try {
            model.addAttribute(
                    "confirm", planned(choice, rights.me(), audiences.read()).allowed());
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
        }
        fill(model, choice, request);
        return "emergency/emergency";
    }

    /** What holding the button in the frame arms from now on. */
    @PostMapping("/emergency/preset")
    String preset(Choice choice) {
        access.requireAnywhere(Role.OPERATOR);
        var by = rights.me();
        planned(choice, by, audiences.read()).allowed();
        preset.choose(choice.messageId(), choice.targets(), by);
        return "redirect:/emergency";
    }

    /** Whether this person holds the button or takes two steps; kept in this browser. */
    @PostMapping("/emergency/manner")
    String manner(@RequestParam(defaultValue = "") String steps, HttpServletResponse response) {
        var cookie = new Cookie(STEPS_COOKIE, steps.equals("two") ? "two" : "hold");
        cookie.setPath("/");
        cookie.setMaxAge(A_YEAR);
        cookie.setHttpOnly(true);
        cookie.setAttribute("SameSite", "Lax");
        response.addCookie(cookie);
        return "redirect:/emergency";
    }

    /** One alert. */
    @GetMapping("/emergency/{id:[0-9]+}")
    String alert(@PathVariable long id, @RequestParam(defaultValue = "") String silent, Model model) {
        fill(model, visible(id), silent.equals("all"));
        return "emergency/alert";
    }

    /** Its live head. */
    @GetMapping("/emergency/{id:[0-9]+}/now")
    String now(@PathVariable long id, Model model) {
        var alert = visible(id);
        head(model, alert);
        // Whether anybody received it at all is of interest only where nobody was there to hear it.
        if (alert.state() == AlertState.AIRED && alert.online() == 0) {
            board.fill(model, alert, false);
        }
        return "emergency/alert :: now";
    }

    /** What can be done about it. */
    @GetMapping("/emergency/{id:[0-9]+}/next")
    String next(@PathVariable long id, Model model) {
        var alert = visible(id);
        head(model, alert);
        doors(model, alert);
        return "emergency/alert :: next";
    }

    /** What happened to it so far. */
    @GetMapping("/emergency/{id:[0-9]+}/course")
    String course(@PathVariable long id, Model model) {
        var alert = visible(id);
        model.addAttribute("alert", alert);
        past(model, alert);
        return "emergency/alert :: course";
    }

    /** Takes an alert back before it airs. */
    @PostMapping("/emergency/{id:[0-9]+}/cancel")
    String cancel(@PathVariable long id) {
        alerts.cancel(visible(id).id(), rights.me());
        return "redirect:/emergency/" + id;
    }

    /** Agrees to a wide alert. */
    @PostMapping("/emergency/{id:[0-9]+}/second")
    String second(@PathVariable long id) {
        alerts.second(visible(id).id(), rights.me());
        return "redirect:/emergency/" + id;
    }

    /** Ends what is on air. */
    @PostMapping("/emergency/{id:[0-9]+}/stop")
    String stop(@PathVariable long id, @RequestParam(defaultValue = "") String reason, Model model) {
        var alert = visible(id);
        try {
            alerts.stop(alert.id(), rights.me(), reason);
            return "redirect:/emergency/" + id;
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            fill(model, visible(id));
            return "emergency/alert";
        }
    }

    /** A correction or the all-clear. */
    @PostMapping("/emergency/{id:[0-9]+}/answer")
    String answer(@PathVariable long id, @RequestParam long message, @RequestParam String press, Model model) {
        var alert = visible(id);
        try {
            return "redirect:/emergency/"
                    + alerts.answer(alert.id(), new MessageId(message), press, rights.me())
                            .id();
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            fill(model, visible(id));
            return "emergency/alert";
        }
    }

    /** Somebody has taken note that it did not air. */
    @PostMapping("/emergency/{id:[0-9]+}/seen")
    String seen(@PathVariable long id) {
        access.requireAnywhere(Role.OPERATOR);
        alerts.seen(visible(id).id(), rights.me());
        return "redirect:/emergency/" + id;
    }

    private Alert visible(long id) {
        access.requireAnywhere(Role.VIEWER);
        return alerts.visible(id, access.scope(Role.VIEWER))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    private Plan planned(Choice choice, By by, Audiences.Reading poles) {
        var message = messages.find(choice.messageId())
                .orElseThrow(() -> new Refusal("message", "emergency.refused.messageGone"));
        var targets = choice.targets();
        var audience = poles.of(targets, by.speaks()).heard();
        var siren = siren(message).orElse(null);
        var heard = siren == null ? List.<Heard>of() : heard(siren, message, poles.byArea(audience));
        return new Plan(
                message,
                siren,
                heard,
                poles.place(targets, audience),
                audience,
                messages.unreadable(
                        message,
                        heard.stream()
                                .map(Heard::sound)
                                .filter(Objects::nonNull)
                                .toList()),
                poles.wanted(audience).missing(message.said()),
                rights.barred(message, by, audience.places()).orElse(null));
    }

    /** The siren itself and what areas have in its place, as far as these poles sound them. */
    private List<Heard> heard(Siren siren, ReadyMessage message, Map<AreaPath, List<ControllerId>> poles) {
        var own = messages.ownSirens(message);
        var sounding = new LinkedHashMap<Optional<AreaSiren>, Integer>();
        poles.forEach((place, there) -> sounding.merge(AreaSiren.nearest(own, place), there.size(), Integer::sum));
        var heard = new ArrayList<Heard>();
        sounding.forEach((it, controllers) -> heard.add(it.map(
                        its -> new Heard(its.siren(), its.sound(), its.areaName(), controllers))
                .orElseGet(() -> new Heard(siren, sirens.recording(siren.id()).orElse(null), null, controllers))));
        heard.sort(Comparator.comparingInt(Heard::controllers).reversed());
        return heard;
    }

    private Optional<Siren> siren(ReadyMessage message) {
        var id = message.siren();
        return id == null ? Optional.empty() : sirens.find(id);
    }

    private void fill(Model model, Choice choice, HttpServletRequest request) {
        var by = rights.me();
        var ready = messages.all(Kind.ALERT);
        var poles = audiences.read();
        var quick = quick(by, poles);
        var errand = preset.errand(by, poles);
        var message = choice.message() != null
                ? choice.message()
                : errand.map(it -> it.message().id().value())
                        .orElse(
                                ready.isEmpty()
                                        ? null
                                        : Long.valueOf(ready.get(0).id().value()));
        var target = !choice.target().isEmpty()
                ? choice.target()
                : errand.map(it -> it.targets().stream().map(Target::wire).toList())
                        .orElse(
                                quick.isEmpty()
                                        ? List.of()
                                        : List.of(quick.get(0).wire()));
        var chosen = new Choice(message, target, "");
        Optional<Plan> plan = Optional.empty();
        if (message != null && !target.isEmpty() && !by.speaks().nothing()) {
            try {
                plan = Optional.of(planned(chosen, by, poles));
            } catch (Refusal nothing) {
                if (!model.containsAttribute("refusal")) {
                    model.addAttribute("refusal", nothing);
                }
            }
        }
        model.addAttribute("choice", chosen);
        model.addAttribute("plan", plan.orElse(null));
        model.addAttribute("ready", ready);
        model.addAttribute("quick", quick);
        model.addAttribute(
                "custom",
                !target.isEmpty()
                        && !(target.size() == 1
                                && quick.stream().anyMatch(it -> it.wire().equals(target.get(0)))));
        model.addAttribute("press", Screens.press());
        model.addAttribute("twoSteps", twoSteps(request));
        model.addAttribute("maySpeak", !by.speaks().nothing());
        model.addAttribute("countdown", stations.main().countdownSeconds());
        model.addAttribute("call", screens.call());
        model.addAttribute("lengths", messages.lengths(ready));
        model.addAttribute("latest", alerts.latest(LATEST, access.scope(Role.VIEWER)));
    }

    private void fill(Model model, Alert alert) {
        fill(model, alert, false);
    }

    private void fill(Model model, Alert alert, boolean everySilent) {
        head(model, alert);
        doors(model, alert);
        past(model, alert);
        board.fill(model, alert, everySilent);
    }

    /** What happened to it so far, and what it says. */
    private void past(Model model, Alert alert) {
        model.addAttribute("events", course.soFar(alert));
        model.addAttribute("told", alerts.told(alert));
    }

    private void head(Model model, Alert alert) {
        DrillPages.mark(model, alert);
        model.addAttribute("alert", alert);
        model.addAttribute("card", screens.card(alert, rights.me(), access.scope(Role.VIEWER)));
        var aired = alert.airedAt();
        model.addAttribute(
                "sinceMs",
                aired == null
                        ? 0
                        : Math.max(0, Duration.between(aired, times.now()).toMillis()));
    }

    /** What can be done about it, and what leaders did on their own poles. */
    private void doors(Model model, Alert alert) {
        model.addAttribute("press", Screens.press());
        model.addAttribute("corrections", messages.all(Kind.CORRECTION));
        model.addAttribute("clears", messages.all(Kind.ALL_CLEAR));
        model.addAttribute("silences", alerts.silences(alert.id()));
    }

    /** The whole of where this person may speak, and what lies directly below it. */
    private List<Quick> quick(By by, Audiences.Reading poles) {
        var quick = new ArrayList<Quick>();
        for (var target : preset.whole(by)) {
            add(quick, target, by, poles);
            if (target instanceof Target.InArea in) {
                poles.area(in.area()).ifPresent(area -> poles.below(area)
                        .forEach(child -> add(quick, new Target.InArea(new AreaId(child.id())), by, poles)));
            }
        }
        return quick.subList(0, Math.min(MOST_QUICK, quick.size()));
    }

    private void add(List<Quick> quick, Target target, By by, Audiences.Reading poles) {
        if (quick.size() < MOST_QUICK) {
            var audience = poles.of(List.of(target), by.speaks());
            if (!audience.isEmpty()) {
                quick.add(new Quick(
                        target.wire(),
                        poles.place(List.of(target), audience),
                        audience.controllers().size(),
                        audience.online(),
                        audience.wide()));
            }
        }
    }

    private static boolean twoSteps(HttpServletRequest request) {
        var cookies = request.getCookies();
        if (cookies != null) {
            for (var cookie : cookies) {
                if (cookie.getName().equals(STEPS_COOKIE)) {
                    return cookie.getValue().equals("two");
                }
            }
        }
        return false;
    }
}
