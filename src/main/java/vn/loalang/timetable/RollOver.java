package vn.loalang.timetable;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.AreaPolicyChanged;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.broadcast.NewBroadcast;
import vn.loalang.broadcast.Origin;
import vn.loalang.broadcast.Status;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.FleetChanged;
import vn.loalang.programme.Programmes;
import vn.loalang.timetable.Expansion.Expanded;
import vn.loalang.timetable.Occurrences.Ordered;

/**
 * Brings the broadcasts in line with the timetable, 48 hours ahead. It compares what should be ordered with what is, so running it once
 * more changes nothing, and running it after any downtime catches up. What is past its latest start is never ordered.
 */
@Component
class RollOver {
    /** How far ahead occurrences are handed over; a controller must survive this long without the server. */
    static final Duration AHEAD = Duration.ofDays(2);

    private static final Logger log = LoggerFactory.getLogger(RollOver.class);

    private final Slots slots;
    private final Occurrences occurrences;
    private final Places places;
    private final Stations stations;
    private final Programmes programmes;
    private final Broadcasts broadcasts;
    private final Clock clock;

    RollOver(
            Slots slots,
            Occurrences occurrences,
            Places places,
            Stations stations,
            Programmes programmes,
            Broadcasts broadcasts,
            Clock clock) {
        this.slots = slots;
        this.occurrences = occurrences;
        this.places = places;
        this.stations = stations;
        this.programmes = programmes;
        this.broadcasts = broadcasts;
        this.clock = clock;
    }

    /** All stations, as the alarm clock asks for. */
    @Transactional
    public void all() {
        var now = clock.instant();
        for (var station : stations.all()) {
            var id = new StationId(station.id());
            slots.lock(id);
            reconcile(id, now);
        }
    }

    /** Poles moved, came or went: targets are resolved again for everything that has not started. */
    @EventListener
    void on(FleetChanged changed) {
        follow();
    }

    /** Quiet hours changed: what now falls into them is taken back, what no longer does is ordered. */
    @EventListener
    void on(AreaPolicyChanged changed) {
        follow();
    }

    private void follow() {
        var now = clock.instant();
        for (var station : stations.all()) {
            var id = new StationId(station.id());
            if (!slots.live(id).isEmpty()) {
                slots.lock(id);
                reconcile(id, now);
            }
        }
    }

    /** One station; the caller holds its lock and its transaction. */
    void reconcile(StationId station, Instant now) {
        reconcile(station, now, null);
    }

    /**
     * One station, and further ahead what a single pole is to sound, because it has no network: for this pole alone. The others
     * join those very broadcasts when their time has come.
     *
     * @param till occurrences that start later are left out
     * @param most of the pole's occurrences, the earliest first
     */
    void ahead(StationId station, Instant now, ControllerId pole, Instant till, int most) {
        reconcile(station, now, new Ahead(pole, till, most));
    }

    private record Ahead(ControllerId pole, Instant till, int most) {}

    private void reconcile(StationId station, Instant now, @Nullable Ahead ahead) {
        var snapshot = places.now(station);
        var soon = now.plus(AHEAD);
        var ordered = new HashMap<Key, Ordered>();
        var reach = ahead != null && ahead.till().isAfter(soon) ? ahead.till() : soon;
        for (var order : occurrences.endingAfter(station, now)) {
            ordered.put(new Key(order.slot(), order.start()), order);
            reach = order.start().isAfter(reach) ? order.start() : reach;
        }
        var wanted = new HashMap<Key, Expanded>();
        var ofThePole = 0;
        for (var expanded :
                Expansion.expand(slots.live(station), now, reach, snapshot::controllers, snapshot::quietAt).stream()
                        .sorted(Comparator.comparing(
                                (Expanded it) -> it.occurrence().start()))
                        .toList()) {
            var start = expanded.occurrence().start();
            var key = new Key(expanded.slot().id(), start);
            var forThePole = ahead != null
                    && !start.isAfter(ahead.till())
                    && expanded.controllers().contains(ahead.pole())
                    && ++ofThePole <= ahead.most();
            if (!start.isAfter(soon)) {
                wanted.put(key, expanded);
                continue;
            }
            var poles = new HashSet<ControllerId>();
            var order = ordered.get(key);
            if (order != null) {
                poles.addAll(order.controllers());
            }
            if (ahead != null && forThePole) {
                poles.add(ahead.pole());
            }
            poles.retainAll(expanded.controllers());
            if (!poles.isEmpty()) {
                wanted.put(key, expanded.onlyOn(poles));
            }
        }
        // Cancel before ordering anew: nothing may be ordered twice for a pole, not even for a moment.
        for (var order : List.copyOf(ordered.values())) {
            var key = new Key(order.slot(), order.start());
            if (order.start().isAfter(now) && !sameSound(order, wanted.get(key))) {
                broadcasts.cancel(order.broadcast(), "slot changed");
                occurrences.cancelled(order);
                ordered.remove(key);
                log.info(
                        "Cancelled {} of {}, which was to start at {}", order.broadcast(), order.slot(), order.start());
            }
        }
        wanted.values().stream()
                .sorted(Comparator.comparing((Expanded it) -> it.occurrence().start()))
                .forEach(expanded -> bring(expanded, ordered, now));
    }

    private record Key(SlotId slot, Instant start) {}

    private static boolean sameSound(Ordered order, @Nullable Expanded wanted) {
        return wanted != null
                && order.programme().equals(wanted.slot().content().programme())
                && order.end().equals(wanted.occurrence().end())
                && !wanted.controllers().isEmpty();
    }

    private void bring(Expanded wanted, Map<Key, Ordered> ordered, Instant now) {
        var content = wanted.slot().content();
        var start = wanted.occurrence().start();
        var latest = start.plus(content.lateness());
        var order = ordered.get(new Key(wanted.slot().id(), start));
        if (order == null) {
            if (latest.isAfter(now) && !wanted.controllers().isEmpty()) {
                order(wanted, latest);
            }
            return;
        }
        if (!start.isAfter(now)) {
            return;
        }
        if (order.volume() != content.volume() || !order.lateness().equals(content.lateness())) {
            broadcasts.adjust(order.broadcast(), content.volume(), latest);
        }
        if (!order.controllers().equals(wanted.controllers())) {
            broadcasts.retarget(order.broadcast(), wanted.controllers());
        }
        keep(wanted, order.broadcast());
    }

    private void order(Expanded wanted, Instant latest) {
        var slot = wanted.slot();
        var content = slot.content();
        var contents = programmes.contents(content.programme());
        var broadcast = broadcasts.plan(new NewBroadcast(
                slot.station(),
                content.priority(),
                content.authority(),
                Origin.SLOT,
                Status.ACTUAL,
                slot.id().value(),
                (long) slot.revision(),
                contents.title(),
                content.programme(),
                contents.recordings(),
                wanted.occurrence().start(),
                latest,
                content.volume(),
                wanted.controllers()));
        keep(wanted, broadcast);
        log.info(
                "Ordered {} of {} for {} on {} controllers",
                broadcast,
                slot.id(),
                wanted.occurrence().start(),
                wanted.controllers().size());
    }

    private void keep(Expanded wanted, BroadcastId broadcast) {
        var content = wanted.slot().content();
        occurrences.keep(new Ordered(
                wanted.slot().id(),
                wanted.occurrence().start(),
                wanted.occurrence().end(),
                broadcast,
                content.programme(),
                content.volume(),
                content.lateness(),
                wanted.controllers()));
    }
}
