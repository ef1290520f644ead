package vn.loalang.emergency;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.ui.Model;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
import vn.loalang.broadcast.Reach;
import vn.loalang.broadcast.ReachBoard;
import vn.loalang.fleet.ControllerId;

/** What the board of one alert shows: whom it reached, whom to call, and what was done about silent poles. */
@Component
class ReachModel {
    private final ReachBoard board;
    private final Contacts contacts;
    private final Ticks ticks;
    private final Access access;
    private final Clock clock;

    ReachModel(ReachBoard board, Contacts contacts, Ticks ticks, Access access, Clock clock) {
        this.board = board;
        this.contacts = contacts;
        this.ticks = ticks;
        this.access = access;
        this.clock = clock;
    }

    /**
     * Fills the model of {@code emergency/reach :: now}.
     *
     * @param everySilent whether all silent poles are listed, not only the first fifty
     */
    void fill(Model model, Alert alert, boolean everySilent) {
        var reach = board.reach(alert.broadcast(), access.scope(Role.VIEWER), clock.instant())
                .orElse(null);
        model.addAttribute("alert", alert);
        model.addAttribute("reach", reach);
        model.addAttribute(
                "contacts",
                reach == null
                        ? Map.of()
                        : contacts.nearest(reach.silent().stream()
                                .map(Reach.Silent::pole)
                                .map(pole -> pole.area())
                                .distinct()
                                .toList()));
        model.addAttribute("called", ticks.of(alert.broadcast(), Ticks.Kind.CALLED));
        model.addAttribute("heard", ticks.of(alert.broadcast(), Ticks.Kind.HEARD));
        model.addAttribute("tickKinds", List.of(Ticks.Kind.values()));
        model.addAttribute("mayTick", access.mayAnywhere(Role.OPERATOR));
        model.addAttribute("everySilent", everySilent);
        model.addAttribute("press", UUID.randomUUID().toString());
    }

    /** Poles of which no sound is known by now. */
    List<ControllerId> silent(Alert alert) {
        return board.silent(alert.broadcast(), clock.instant());
    }
}
