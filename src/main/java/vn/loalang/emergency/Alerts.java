package vn.loalang.emergency;

import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.AreaScope;
import vn.loalang.access.AuditLog;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;
import vn.loalang.broadcast.Status;
import vn.loalang.delivery.Emergencies;
import vn.loalang.protocol.Scope;
import vn.loalang.web.Topic;

/**
 * Alerts from arming to their end. The server counts down, not the browser: whatever is armed is on the disk, with its unsigned
 * documents, before anybody sees a number. Whether an alert may still air is decided in one place, the order's own guarded
 * update in {@code delivery}: a cancelled order cannot be released, a released one cannot be cancelled, and it is released once.
 */
@Component
public class Alerts {
    /** Changes whenever an alert does. */
    public static final Topic TOPIC = Topic.of("emergency");

    private static final int LONGEST_REASON = 300;

    private final AlertBook book;
    private final Arming arming;
    private final Airing airing;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Emergencies emergencies;
    private final Messages messages;
    private final Rights rights;
    private final AuditLog audit;
    private final Durability durability;

    Alerts(
            AlertBook book,
            Arming arming,
            Airing airing,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock clock,
            Emergencies emergencies,
            Messages messages,
            Rights rights,
            AuditLog audit,
            Durability durability) {
        this.book = book;
        this.arming = arming;
        this.airing = airing;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
        this.emergencies = emergencies;
        this.messages = messages;
        this.rights = rights;
        this.audit = audit;
        this.durability = durability;
    }

    /**
     * A press of the button.
     *
     * @param press what the browser calls it, 1 to 40 characters: the same press arms once
     * @param answers the alert that this corrects or clears, null for a new one
     */
    public record Press(
            String press,
            MessageId message,
            List<Target> targets,
            Status status,
            @Nullable AlertId answers) {
        public Press {
            targets = List.copyOf(targets);
            if (press.isEmpty() || press.length() > 40) {
                throw new Refusal("", "emergency.refused.press");
            }
        }
    }

    /**
     * Arms an alert: the order with all its playbacks and unsigned documents is on the disk when this returns, and the countdown
     * runs, or it waits for a second person. A press that arms the same message for the same places as one that is already
     * counted down joins that one.
     *
     * @throws Refusal when the message is gone, nobody would hear it, whoever asks may not speak there, or its level of civil
     *     defence is for others to announce
     */
    public Alert arm(Press press, By by) {
        return arming.arm(press, by);
    }

    /**
     * A second person agrees: the countdown begins.
     *
     * @throws Refusal when it does not wait any more or this person may not agree
     */
    public Alert second(AlertId id, By by) {
        return arming.second(id, by);
    }

    /**
     * Takes an alert back before it airs. From any device, by whoever may stop it.
     *
     * @throws Refusal when it has aired already, or this person may not
     */
    public void cancel(AlertId id, By by) {
        var alert = book.get(id);
        if (!rights.of(alert, by).stop()) {
            throw new Refusal("", "emergency.refused.stop");
        }
        transaction.executeWithoutResult(status -> {
            var order = emergencies.armed(alert.broadcast());
            if (order.isEmpty() || !emergencies.cancel(order.get())) {
                throw new Refusal("", "emergency.refused.airedAlready");
            }
            close(id, AlertState.CANCELLED, by.name(), "");
            audit.record("emergency.cancelled", alert.subject(), "");
            book.changed();
        });
    }

    /**
     * Ends an alert that is on air: everywhere for whoever issued it or speaks with the same or a higher authority, otherwise on
     * the poles of the leader who asks, with a reason. Boxes that are away learn of it when they come back, before they sound.
     *
     * @throws Refusal when it is not on air, this person may not, or a reason is wanted and missing
     */
    public void stop(AlertId id, By by, String reason) {
        var alert = book.get(id);
        var allowed = rights.of(alert, by);
        if (alert.state() != AlertState.AIRED) {
            throw new Refusal("", "emergency.refused.notOnAir");
        }
        var clean = AlertBook.cut(reason.strip(), LONGEST_REASON);
        if (allowed.stop()) {
            end(alert, by, clean);
        } else if (allowed.silence()) {
            if (clean.isEmpty()) {
                throw new Refusal("reason", "emergency.refused.reason", LONGEST_REASON);
            }
            silence(alert, by, clean);
        } else {
            throw new Refusal("", "emergency.refused.stop");
        }
    }

    private void end(Alert alert, By by, String reason) {
        emergencies.clear(alert.broadcast(), reason);
        transaction.executeWithoutResult(status -> {
            close(alert.id(), AlertState.ENDED, by.name(), reason);
            audit.record("emergency.stopped", alert.subject(), reason);
            durability.confirm();
            book.changed();
        });
    }

    private void silence(Alert alert, By by, String reason) {
        var mine = alert.villages().stream()
                .filter(village -> by.leads().covers(village.path()))
                .toList();
        if (mine.size() == alert.villages().size()) {
            end(alert, by, reason);
            return;
        }
        var where = new LinkedHashSet<Scope>();
        mine.forEach(village -> where.add(
                Scope.of(new vn.loalang.protocol.AreaPath(village.path().value()))));
        emergencies.silence(alert.broadcast(), where, reason);
        transaction.executeWithoutResult(status -> {
            // One deed, one moment, whatever number of villages.
            var now = SqlTime.of(clock.instant());
            for (var village : mine) {
                jdbc.sql("""
                                insert into emergency_silence (alert_id, area_id, by_name, silenced_at, reason)
                                values (:alert, :area, :by, :now, :reason)""")
                        .param("alert", alert.id().value())
                        .param("area", village.area().value())
                        .param("by", AlertBook.cut(by.name(), 100))
                        .param("now", now)
                        .param("reason", reason)
                        .update();
            }
            audit.record("emergency.silenced", alert.subject(), reason);
            durability.confirm();
            book.changed();
        });
    }

    /**
     * Sends the order of an alert that is on air once more to connected boxes that have not taken it over.
     *
     * @return to how many it went
     * @throws Refusal when it is not on air any more
     */
    int resend(Alert alert, By by) {
        // Noted before it leaves, so that nothing leaves without a name; to how many is known only afterwards.
        var note = new GeneratedKeyHolder();
        transaction.executeWithoutResult(status -> {
            var noted = jdbc.sql("""
                            insert into emergency_resend (alert_id, by_name, resent_at)
                            select a.id, :by, :now from emergency_alert a where a.id = :alert and a.state in ('AIRED')""")
                    .param("by", AlertBook.cut(by.name(), 100))
                    .param("now", SqlTime.of(clock.instant()))
                    .param("alert", alert.id().value())
                    .update(note, "id");
            if (noted == 0) {
                throw new Refusal("", "emergency.refused.notOnAir");
            }
            audit.record("emergency.resent", alert.called(), alert.place());
            durability.confirm();
        });
        var boxes = emergencies.resend(alert.broadcast());
        transaction.executeWithoutResult(status -> {
            jdbc.sql("update emergency_resend set boxes = :boxes where id = :id and boxes is null")
                    .param("boxes", boxes)
                    .param("id", Objects.requireNonNull(note.getKey()).longValue())
                    .update();
            book.changed();
        });
        return boxes;
    }

    /**
     * Answers an alert with a correction or the all-clear: what sounds is ended, then the answer is counted down for the same
     * places.
     *
     * @throws Refusal when this person may not, or the alert never aired
     */
    public Alert answer(AlertId id, MessageId message, String press, By by) {
        var alert = book.get(id);
        if (!rights.of(alert, by).stop()) {
            throw new Refusal("", "emergency.refused.stop");
        }
        if (alert.airedAt() == null) {
            throw new Refusal("", "emergency.refused.notOnAir");
        }
        var answer = messages.find(message)
                .filter(it -> it.kind() != Kind.ALERT)
                .orElseThrow(() -> new Refusal("message", "emergency.refused.messageGone"));
        // Armed first: when that is refused the alert goes on and nothing is half done.
        var armed = arming.arm(new Press(press, message, alert.targets(), alert.status(), id), by.answering());
        if (alert.state() == AlertState.AIRED) {
            end(alert, by, answer.name());
        }
        return armed;
    }

    /** Somebody has taken note that an alert lapsed: screens need not say it any more. */
    public void seen(AlertId id, By by) {
        transaction.executeWithoutResult(status -> {
            var changed = jdbc.sql("""
                            update emergency_alert set seen_at = :now
                            where id = :id and state in ('LAPSED') and seen_at is null""")
                    .param("now", SqlTime.of(clock.instant()))
                    .param("id", id.value())
                    .update();
            if (changed > 0) {
                audit.record("emergency.seen", book.get(id).subject(), by.name());
                durability.confirm();
                book.changed();
            }
        });
    }

    private void close(AlertId id, AlertState to, String by, String reason) {
        jdbc.sql("""
                        update emergency_alert set state = :to, closed_by_name = :by, closed_at = :now, close_reason = :reason
                        where id = :id and state in ('WAITING_SECOND', 'COUNTING', 'AIRED')""")
                .param("to", to.name())
                .param("by", AlertBook.cut(by, 100))
                .param("now", SqlTime.of(clock.instant()))
                .param("reason", reason)
                .param("id", id.value())
                .update();
    }

    /** What this person may do to the alert. */
    Rights.Allowed allowed(Alert alert, By by) {
        return rights.of(alert, by);
    }

    /** This alert. */
    public Optional<Alert> find(AlertId id) {
        return book.find(id);
    }

    /** The alert of this number, where it is for a place that may be looked at. */
    Optional<Alert> visible(long id, AreaScope scope) {
        return book.visible(id, scope);
    }

    /** Alerts that may still air, the oldest first. */
    public List<Alert> ahead() {
        return book.ahead();
    }

    /** What every screen shows now: what may still air, what is on air, and what lapsed and nobody has taken note of. */
    public List<Alert> present() {
        return book.present();
    }

    /** The newest alerts for places that may be looked at, drills among them. */
    public List<Alert> latest(int most, AreaScope scope) {
        return book.latest(most, scope);
    }

    /** When the last drill aired. */
    public Optional<Instant> lastDrill() {
        return book.lastDrill();
    }

    /** Whether poles may still report about an alert: one is on air, or was after this moment. */
    boolean soundedAfter(Instant moment) {
        return book.soundedAfter(moment);
    }

    /** Alerts that went on air since then, the oldest first. */
    List<Alert> airedSince(Instant since) {
        return book.airedSince(since);
    }

    /** All that an alert says, in every language, and of what the law wants said. */
    AlertBook.Told told(Alert alert) {
        return book.told(alert);
    }

    /** Where somebody silenced an alert on poles of his own, and why. */
    List<AlertBook.Silence> silences(AlertId id) {
        return book.silences(id);
    }

    /**
     * Releases an alert whose moment has come. Once, whatever happens: when the server died between the release and this note of
     * it, the note is made up for.
     *
     * @return whether the alert needs nothing more
     */
    boolean fire(AlertId id) {
        return airing.fire(id);
    }

    /** Ends what is over, and decides about wide alerts that nobody agreed to in time. */
    void sweep() {
        airing.sweep();
    }
}
