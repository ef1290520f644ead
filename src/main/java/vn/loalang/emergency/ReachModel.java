package vn.loalang.emergency;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.ui.Model;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
import vn.loalang.broadcast.Reach;
import vn.loalang.broadcast.ReachBoard;
import vn.loalang.delivery.Broker;
import vn.loalang.fleet.ControllerId;
import vn.loalang.web.LiveUpdates;
import vn.loalang.web.Topic;

/** What the board of one alert shows: whom it reached, whom to call, and what was done about silent poles. */
@Component
class ReachModel {
    /** What boards watch: it changes every two seconds while poles may report, so that no board stands still on half of the news. */
    static final Topic REACH = Topic.of("reach");

    private static final Duration LATE_REPORTS = Duration.ofMinutes(2);

    private final ReachBoard board;
    private final Contacts contacts;
    private final Ticks ticks;
    private final Access access;
    private final Clock clock;
    private final Alerts alerts;
    private final LiveUpdates live;
    private final Broker broker;

    ReachModel(
            ReachBoard board,
            Contacts contacts,
            Ticks ticks,
            Access access,
            Clock clock,
            Alerts alerts,
            LiveUpdates live,
            Broker broker) {
        this.board = board;
        this.contacts = contacts;
        this.ticks = ticks;
        this.access = access;
        this.clock = clock;
        this.alerts = alerts;
        this.live = live;
        this.broker = broker;
    }

    /**
     * A board may have been read a moment before the last report, from a reading that others share; and a pole that stays away is
     * called silent by time alone. So boards are read anew until nothing more is to be expected.
     */
    @Scheduled(fixedDelayString = "${loalang.emergency.reach-every:2s}", initialDelayString = "5s")
    void refresh() {
        if (live.watchers() > 0 && alerts.soundedAfter(clock.instant().minus(LATE_REPORTS))) {
            live.changed(REACH);
        }
    }

    /**
     * Fills the model of {@code emergency/reach :: now}.
     *
     * @param everySilent whether all silent poles are listed, not only the first fifty
     */
    void fill(Model model, Alert alert, boolean everySilent) {
        var reach = board.reach(alert.broadcast(), access.scope(Role.VIEWER), clock.instant())
                .orElse(null);
        DrillPages.mark(model, alert);
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
        model.addAttribute("mayTick", alert.in(access.scope(Role.OPERATOR)));
        model.addAttribute("everySilent", everySilent);
        model.addAttribute("brokerAway", alert.state() == AlertState.AIRED && broker.away());
        model.addAttribute("press", Screens.press());
    }

    /** Poles of which no sound is known by now. */
    List<ControllerId> silent(Alert alert) {
        return board.silent(alert.broadcast(), clock.instant());
    }
}
