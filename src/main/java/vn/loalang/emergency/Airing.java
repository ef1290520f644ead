package vn.loalang.emergency;

import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.AuditLog;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;
import vn.loalang.delivery.ArmedOrder;
import vn.loalang.delivery.Emergencies;

/** From the moment of an alert to its end: released once, or taken back and said so; ended when its time is over. */
@Component
class Airing {
    private static final Logger log = LoggerFactory.getLogger(Airing.class);

    private final AlertBook book;
    private final Arming arming;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Emergencies emergencies;
    private final AlertSettings settings;
    private final AuditLog audit;
    private final Durability durability;
    private final ReentrantLock firing = new ReentrantLock();

    Airing(
            AlertBook book,
            Arming arming,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock clock,
            Emergencies emergencies,
            AlertSettings settings,
            AuditLog audit,
            Durability durability) {
        this.book = book;
        this.arming = arming;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
        this.emergencies = emergencies;
        this.settings = settings;
        this.audit = audit;
        this.durability = durability;
    }

    /** As {@link Alerts#fire}. */
    boolean fire(AlertId id) {
        firing.lock();
        try {
            return fireAlone(id);
        } finally {
            firing.unlock();
        }
    }

    private boolean fireAlone(AlertId id) {
        var found = book.find(id);
        if (found.isEmpty() || found.get().state() != AlertState.COUNTING) {
            return true;
        }
        var alert = found.get();
        var fires = Objects.requireNonNull(alert.firesAt());
        var now = clock.instant();
        if (now.isBefore(fires)) {
            return false;
        }
        var released = emergencies.releasedAt(alert.broadcast());
        if (released.isPresent()) {
            aired(alert, released.get());
            return true;
        }
        var order = emergencies.armed(alert.broadcast());
        if (order.isEmpty()) {
            lapse(alert, Lapse.REFUSED, new Refusal("", "delivery.refused.notArmed"));
            return true;
        }
        if (!emergencies.signsItself()) {
            // Officers sign; the watch looks every second whether they have, and screens put the countdown away.
            if (emergencies.offer(order.get())) {
                book.changed();
            }
            if (now.isAfter(fires.plus(settings.officersWithin()))) {
                takeBack(order.get());
                lapse(alert, Lapse.REFUSED, new Refusal("", "delivery.refused.noEmergencyKey"));
            }
            return true;
        }
        if (now.isAfter(fires.plus(settings.lateAtMost()))) {
            takeBack(order.get());
            lapse(alert, Lapse.LATE, null);
            return true;
        }
        try {
            aired(alert, emergencies.release(order.get()));
        } catch (Refusal refusal) {
            log.error("Alert {} was refused: {}", id, refusal.getMessage());
            takeBack(order.get());
            lapse(alert, Lapse.REFUSED, refusal);
        }
        return true;
    }

    private void takeBack(ArmedOrder order) {
        if (!emergencies.cancel(order)) {
            log.warn("The order {} was not armed any more when it was taken back", order.id());
        }
    }

    private void aired(Alert alert, Instant at) {
        transaction.executeWithoutResult(status -> {
            jdbc.sql("""
                            update emergency_alert set state = 'AIRED', aired_at = :at, ends_at = :ends
                            where id = :id and state in ('COUNTING')""")
                    .param("at", SqlTime.of(at))
                    .param("ends", SqlTime.of(at.plus(alert.life())))
                    .param("id", alert.id().value())
                    .update();
            audit.record("emergency.aired", alert.subject(), Integer.toString(alert.controllers()));
            durability.confirm();
            book.changed();
        });
    }

    private void lapse(Alert alert, Lapse why, @Nullable Refusal refusal) {
        transaction.executeWithoutResult(status -> {
            jdbc.sql("""
                            update emergency_alert set state = 'LAPSED', lapse = :why, lapse_key = :key, lapse_values = :values,
                              closed_at = :now
                            where id = :id and state in ('COUNTING', 'WAITING_SECOND')""")
                    .param("why", why.name())
                    .param("key", refusal == null ? null : refusal.messageKey())
                    .param("values", refusal == null ? "" : values(refusal))
                    .param("now", SqlTime.of(clock.instant()))
                    .param("id", alert.id().value())
                    .update();
            audit.record("emergency.lapsed", alert.subject(), why.name());
            durability.confirm();
            book.changed();
        });
    }

    /** What the placeholders of its sentence stand for, a line each. */
    private static String values(Refusal refusal) {
        var lines = Arrays.stream(refusal.arguments()).map(String::valueOf).collect(Collectors.joining("\n"));
        return AlertBook.cut(lines, 1000);
    }

    /** As {@link Alerts#sweep}. */
    void sweep() {
        transaction.executeWithoutResult(status -> {
            var ended = jdbc.sql("""
                            update emergency_alert set state = 'ENDED', closed_at = ends_at
                            where state in ('AIRED') and ends_at <= :now""").param("now", SqlTime.of(clock.instant())).update();
            if (ended > 0) {
                book.changed();
            }
        });
        for (var alert : book.ahead()) {
            var until = alert.secondUntil();
            if (alert.state() == AlertState.WAITING_SECOND
                    && until != null
                    && clock.instant().isAfter(until)) {
                switch (settings.secondLate()) {
                    case LAPSE -> {
                        emergencies.armed(alert.broadcast()).ifPresent(this::takeBack);
                        lapse(alert, Lapse.NOT_SECONDED, null);
                    }
                    case AIR -> arming.count(alert, null);
                }
            }
        }
    }
}
