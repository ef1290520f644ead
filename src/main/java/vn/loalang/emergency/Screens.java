package vn.loalang.emergency;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.stereotype.Component;
import vn.loalang.access.Access;
import vn.loalang.access.AreaScope;
import vn.loalang.access.Role;
import vn.loalang.area.Stations;
import vn.loalang.delivery.Emergencies;
import vn.loalang.web.Everywhere;

/** What every page shows of alerts: the countdown over everything, bars for what is on air or waits, and the button's errand. */
@Component
class Screens implements Everywhere {
    static final String SOURCE = "/emergency/everywhere";

    private final Alerts alerts;
    private final Rights rights;
    private final Preset preset;
    private final Audiences audiences;
    private final Access access;
    private final Stations stations;
    private final AlertSettings settings;
    private final Emergencies emergencies;
    private final Clock clock;
    private final MessageSource messages;

    Screens(
            Alerts alerts,
            Rights rights,
            Preset preset,
            Audiences audiences,
            Access access,
            Stations stations,
            AlertSettings settings,
            Emergencies emergencies,
            Clock clock,
            MessageSource messages) {
        this.alerts = alerts;
        this.rights = rights;
        this.preset = preset;
        this.audiences = audiences;
        this.access = access;
        this.stations = stations;
        this.settings = settings;
        this.emergencies = emergencies;
        this.clock = clock;
        this.messages = messages;
    }

    /**
     * An alert as one person sees it.
     *
     * @param leftMs until it airs, or until nobody may agree any more; 0 when that is past or it is on air
     * @param signBy until when an officer may sign it, its countdown being over; null where nobody has to
     * @param near whether it is for a place that the reader may look at: only then it has a page for him and touches his programmes
     * @param higher whether it is near, and somebody with a higher authority than the reader issued it
     * @param resumes when the programmes go on where it was heard from its beginning
     */
    record Card(
            Alert alert,
            Rights.Allowed allowed,
            long leftMs,
            @Nullable Instant signBy,
            boolean near,
            boolean higher,
            Instant resumes) {
        /** What its bar is called by: its state, or that it waits for officers. */
        public String bar() {
            return signBy == null ? alert.state().name() : "WAITING_OFFICERS";
        }

        boolean counting() {
            return alert.state() == AlertState.COUNTING && signBy == null;
        }
    }

    /**
     * What the fragment shows.
     *
     * @param counting alerts that are counted down
     * @param bars alerts that wait, are on air or lapsed
     * @param errand what holding the button in the frame arms; null when this person may not, or nothing is prepared
     * @param press name of the next press
     * @param call whom to call when the server is away
     * @param late what becomes of a wide alert that nobody agrees to
     */
    record Shown(
            List<Card> counting,
            List<Card> bars,
            Preset.@Nullable Errand errand,
            String press,
            String call,
            int countdown,
            SecondLate late) {}

    @Override
    public Role role() {
        return Role.VIEWER;
    }

    @Override
    public String topics() {
        return Alerts.TOPIC.name();
    }

    @Override
    public String source() {
        return SOURCE;
    }

    @Override
    public String template() {
        return "emergency/everywhere";
    }

    @Override
    public Shown now() {
        var by = rights.me();
        var seen = access.scope(Role.VIEWER);
        var cards =
                alerts.present().stream().map(alert -> card(alert, by, seen)).toList();
        Optional<Preset.Errand> errand =
                access.mayAnywhere(Role.OPERATOR) ? preset.errand(by, audiences.recent()) : Optional.empty();
        return new Shown(
                cards.stream().filter(Card::counting).toList(),
                cards.stream().filter(card -> !card.counting()).toList(),
                errand.filter(it -> !it.barred()).orElse(null),
                press(),
                call(),
                stations.main().countdownSeconds(),
                settings.secondLate());
    }

    /** How somebody who may look at these places sees it. */
    Card card(Alert alert, By by, AreaScope seen) {
        var until = alert.state() == AlertState.WAITING_SECOND ? alert.secondUntil() : alert.firesAt();
        var left = until == null || !alert.state().ahead() ? Duration.ZERO : Duration.between(clock.instant(), until);
        var near = alert.in(seen);
        return new Card(
                alert,
                rights.of(alert, by),
                Math.max(0, left.toMillis()),
                signBy(alert),
                near,
                near && rights.below(alert, by),
                alert.soundsUntil());
    }

    private @Nullable Instant signBy(Alert alert) {
        var fires = alert.firesAt();
        return alert.state() != AlertState.COUNTING
                        || fires == null
                        || clock.instant().isBefore(fires)
                        || emergencies.signsItself()
                ? null
                : fires.plus(settings.officersWithin());
    }

    /** The number to call when the server is away, or whom. */
    String call() {
        return settings.call().isEmpty()
                ? messages.getMessage("emergency.away.nobody", null, LocaleContextHolder.getLocale())
                : settings.call();
    }

    static String press() {
        return UUID.randomUUID().toString();
    }
}
