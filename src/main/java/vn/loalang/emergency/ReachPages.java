package vn.loalang.emergency;

import java.util.List;
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
import vn.loalang.access.Access;
import vn.loalang.access.Deeds;
import vn.loalang.access.Role;
import vn.loalang.area.Refusal;
import vn.loalang.broadcast.Reach;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.FleetBoard;

/** The board of one alert, its report, and the sheet with which silent villages are told by hand. */
@Controller
class ReachPages {
    private final Alerts alerts;
    private final Rights rights;
    private final ReachModel board;
    private final Course course;
    private final Ticks ticks;
    private final FleetBoard fleet;
    private final Access access;
    private final Deeds deeds;

    ReachPages(
            Alerts alerts,
            Rights rights,
            ReachModel board,
            Course course,
            Ticks ticks,
            FleetBoard fleet,
            Access access,
            Deeds deeds) {
        this.alerts = alerts;
        this.rights = rights;
        this.board = board;
        this.course = course;
        this.ticks = ticks;
        this.fleet = fleet;
        this.access = access;
        this.deeds = deeds;
    }

    /** The live region of the board. */
    @GetMapping("/emergency/{id}/reach")
    String now(@PathVariable long id, @RequestParam(defaultValue = "") String silent, Model model) {
        board.fill(model, alert(id), silent.equals("all"));
        return "emergency/reach :: now";
    }

    /** What happened, to be printed and kept. */
    @GetMapping("/emergency/{id}/report")
    String report(@PathVariable long id, Model model) {
        var alert = alert(id);
        board.fill(model, alert, true);
        model.addAttribute("told", alerts.told(alert));
        model.addAttribute("events", course.whole(alert, (Reach) model.getAttribute("reach")));
        return "emergency/report";
    }

    /** The words to be read out by hand loudspeaker, with the places where that is needed. */
    @GetMapping("/emergency/{id}/handout")
    String handout(@PathVariable long id, Model model) {
        var alert = alert(id);
        board.fill(model, alert, true);
        model.addAttribute("told", alerts.told(alert));
        return "emergency/handout";
    }

    /** Somebody did something about a silent pole, or takes back that they did. */
    @PostMapping("/emergency/{id}/tick")
    String tick(
            @PathVariable long id, @RequestParam long pole, @RequestParam Ticks.Kind kind, @RequestParam boolean set) {
        var alert = alert(id);
        var controller = new ControllerId(pole);
        var place = fleet.poles(List.of(controller)).get(controller);
        if (place == null) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        access.require(Role.OPERATOR, place.area());
        deeds.run(set ? "emergency.ticked" : "emergency.unticked", place.name(), alert.called() + " " + kind, () -> {
            if (set) {
                ticks.set(alert.broadcast(), controller, kind, access.me().name());
            } else {
                ticks.clear(alert.broadcast(), controller, kind);
            }
        });
        return "redirect:/emergency/" + id + "#tick-" + kind + "-" + pole;
    }

    /**
     * Reaches for the silent poles once more: while the alert is on air by sending the order again, afterwards by the same
     * message to them alone, counted down like any other.
     */
    @PostMapping("/emergency/{id}/again")
    String again(@PathVariable long id, @RequestParam String press, RedirectAttributes after) {
        var alert = alert(id);
        // Whoever looks after some of its poles reaches for the silent ones among them.
        var own = access.scope(Role.OPERATOR);
        if (!alert.in(own)) {
            throw new AccessDeniedException("no operator where this alert is for");
        }
        if (alert.state() == AlertState.AIRED) {
            after.addFlashAttribute("resent", alerts.resend(alert, rights.me()));
            return "redirect:/emergency/" + id;
        }
        var missing = board.silent(alert);
        var poles = fleet.poles(missing);
        var silent = missing.stream()
                .filter(pole -> {
                    var there = poles.get(pole);
                    return there != null && own.covers(there.area());
                })
                .toList();
        if (alert.airedAt() == null || silent.isEmpty()) {
            throw new Refusal("", "emergency.refused.nobodySilent");
        }
        var next = alerts.arm(
                new Alerts.Press(
                        press,
                        alert.message(),
                        silent.stream().<Target>map(Target.OnPole::new).toList(),
                        alert.status(),
                        alert.id()),
                rights.me());
        return "redirect:/emergency/" + next.id();
    }

    private Alert alert(long id) {
        access.requireAnywhere(Role.VIEWER);
        return alerts.visible(id, access.scope(Role.VIEWER))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }
}
