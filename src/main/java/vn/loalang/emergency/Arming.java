package vn.loalang.emergency;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.AuditLog;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.broadcast.Status;
import vn.loalang.delivery.Emergencies;
import vn.loalang.delivery.NewOrder;
import vn.loalang.fleet.ControllerId;

/**
 * From the press to the countdown: the order with all its playbacks and unsigned documents is stored, a second person may be waited
 * for, and the countdown begins.
 */
@Component
class Arming {
    /** Room for the spoken announcement of a drill, and for boxes that begin late. */
    private static final Duration BESIDE = Duration.ofSeconds(60);

    private static final Duration LONGEST = Duration.ofHours(1);

    private final AlertBook book;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Emergencies emergencies;
    private final Audiences audiences;
    private final Messages messages;
    private final Sirens sirens;
    private final Rights rights;
    private final Stations stations;
    private final AlertSettings settings;
    private final AuditLog audit;
    private final ApplicationEventPublisher events;
    private final Durability durability;
    private final ReentrantLock pressing = new ReentrantLock();

    Arming(
            AlertBook book,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock clock,
            Emergencies emergencies,
            Audiences audiences,
            Messages messages,
            Sirens sirens,
            Rights rights,
            Stations stations,
            AlertSettings settings,
            AuditLog audit,
            ApplicationEventPublisher events,
            Durability durability) {
        this.book = book;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
        this.emergencies = emergencies;
        this.audiences = audiences;
        this.messages = messages;
        this.sirens = sirens;
        this.rights = rights;
        this.stations = stations;
        this.settings = settings;
        this.audit = audit;
        this.events = events;
        this.durability = durability;
    }

    /** A countdown has begun: somebody has to release it at this moment. */
    record Counting(AlertId alert, Instant firesAt) {}

    /** As {@link Alerts#arm}. */
    Alert arm(Alerts.Press press, By by) {
        pressing.lock();
        try {
            var known = book.pressed(press.press());
            if (known.isPresent()) {
                return known.get();
            }
            var same = book.ahead().stream()
                    .filter(it -> it.message().equals(press.message())
                            && it.status() == press.status()
                            && wires(it.targets()).equals(wires(press.targets())))
                    .findFirst();
            if (same.isPresent()) {
                return same.get();
            }
            var alert = Objects.requireNonNull(transaction.execute(status -> store(press, by)));
            began(alert);
            return alert;
        } finally {
            pressing.unlock();
        }
    }

    private Alert store(Alerts.Press press, By by) {
        var message = messages.find(press.message())
                .filter(it -> it.archivedAt() == null)
                .orElseThrow(() -> new Refusal("message", "emergency.refused.messageGone"));
        var drill = press.status() == Status.EXERCISE;
        var quiet = drill ? message.withoutSiren() : message;
        var poles = audiences.read();
        var audience = poles.of(press.targets(), by.speaks()).heard();
        var authority = rights.authority(by.speaks(), audience.places())
                .orElseThrow(() -> new Refusal("targets", "emergency.refused.elsewhere"));
        // Answers announce nothing new: the level of what is repeated to silent poles was announced by whoever could.
        if (!drill && press.answers() == null) {
            message.barredTo(authority).ifPresent(refusal -> {
                throw refusal;
            });
        }
        var station = stations.main();
        var repetition = messages.length(quiet);
        var elsewhere = elsewhere(quiet, repetition, poles.byArea(audience));
        // It is over when it is over where it lasts longest.
        var slowest = audience.controllers().stream()
                .map(pole -> elsewhere.getOrDefault(pole, repetition))
                .max(Comparator.naturalOrder())
                .orElse(repetition);
        var sound = slowest.plus(quiet.gap()).multipliedBy(quiet.repetitions()).minus(quiet.gap());
        var longest = sound.plus(BESIDE).compareTo(LONGEST) > 0 ? LONGEST : sound.plus(BESIDE);
        var order = emergencies.arm(new NewOrder(
                new StationId(station.id()),
                authority,
                press.status(),
                message.name(),
                audience.scopes(),
                messages.steps(quiet),
                messages.recordings(quiet),
                repetition,
                quiet.repetitions(),
                quiet.gap(),
                quiet.volume(),
                quiet.life(),
                longest,
                List.of(),
                elsewhere));
        var now = clock.instant();
        // A correction has to be quick: whoever answers an alert has had it agreed to already.
        var second = audience.wide() && press.answers() == null && !drill;
        var siren = quiet.siren() == null
                ? null
                : sirens.find(quiet.siren()).map(Siren::name).orElse(null);
        var risk = message.risk();
        var defence = message.defence();
        var key = new GeneratedKeyHolder();
        jdbc.sql("""
                        insert into emergency_alert (station_id, broadcast_id, press, kind, status, state, message_id, title, said,
                          risk, defence, siren, repetitions, sound_ms, life_seconds, place, controllers, online, authority, wide, answers_id,
                          armed_by, armed_by_name, armed_at, second_until, fires_at)
                        values (:station, :broadcast, :press, :kind, :status, :state, :message, :title, :said,
                          :risk, :defence, :siren, :repetitions,
                          :sound, :life, :place, :controllers, :online, :authority, :wide, :answers, :by, :byName, :now,
                          :until, :fires)""")
                .param("station", station.id())
                .param("broadcast", order.id().value())
                .param("press", press.press())
                .param("kind", message.kind().name())
                .param("status", press.status().name())
                .param("state", (second ? AlertState.WAITING_SECOND : AlertState.COUNTING).name())
                .param("message", message.id().value())
                .param("title", message.name())
                .param("said", said(message))
                .param("risk", risk == null ? null : risk.name())
                .param("defence", defence == null ? null : defence.name())
                .param("siren", siren)
                .param("repetitions", quiet.repetitions())
                .param("sound", sound.toMillis())
                .param("life", quiet.life().toSeconds())
                .param("place", poles.place(press.targets(), audience))
                .param("controllers", audience.controllers().size())
                .param("online", audience.online())
                .param("authority", authority.name())
                .param("wide", second)
                .param(
                        "answers",
                        press.answers() == null ? null : press.answers().value())
                .param("by", by.personId())
                .param("byName", AlertBook.cut(by.name(), 100))
                .param("now", SqlTime.of(now))
                .param("until", second ? SqlTime.of(now.plus(settings.secondWithin())) : null)
                .param("fires", second ? null : SqlTime.of(now.plusSeconds(station.countdownSeconds())))
                .update(key, "id");
        var id = new AlertId(Objects.requireNonNull(key.getKey()).longValue());
        book.keep(id, message);
        for (int i = 0; i < press.targets().size(); i++) {
            jdbc.sql(
                            "insert into emergency_alert_target (alert_id, position, target) values (:alert, :position, :target)")
                    .param("alert", id.value())
                    .param("position", i)
                    .param("target", press.targets().get(i).wire())
                    .update();
        }
        for (var village : audience.villages()) {
            jdbc.sql("""
                            insert into emergency_alert_village (alert_id, area_id, controllers, online)
                            values (:alert, :area, :controllers, :online)""")
                    .param("alert", id.value())
                    .param("area", village.area().value())
                    .param("controllers", village.controllers())
                    .param("online", village.online())
                    .update();
        }
        var alert = book.find(id).orElseThrow();
        audit.record(
                "emergency.armed",
                alert.subject(),
                alert.controllers() + " / " + String.join(" ", wires(alert.targets())));
        book.changed();
        return alert;
    }

    /** How long one repetition sounds on those poles whose areas have the siren for themselves. */
    private Map<ControllerId, Duration> elsewhere(
            ReadyMessage message, Duration repetition, Map<AreaPath, List<ControllerId>> poles) {
        var siren = message.siren();
        var own = messages.ownSirens(message);
        if (siren == null || own.isEmpty()) {
            return Map.of();
        }
        var words = repetition.minus(sirens.find(siren).orElseThrow().length());
        var elsewhere = new HashMap<ControllerId, Duration>();
        poles.forEach((place, there) -> AreaSiren.nearest(own, place)
                .ifPresent(it -> there.forEach(
                        pole -> elsewhere.put(pole, words.plus(it.siren().length())))));
        return elsewhere;
    }

    /** As {@link Alerts#second}. */
    Alert second(AlertId id, By by) {
        var alert = book.get(id);
        if (!rights.of(alert, by).second()) {
            throw new Refusal("", "emergency.refused.second");
        }
        count(alert, by.name());
        return book.get(id);
    }

    /** Begins the countdown of an alert that waits; nobody agreed when {@code by} is null. */
    void count(Alert alert, @Nullable String by) {
        transaction.executeWithoutResult(status -> {
            var now = clock.instant();
            var changed = jdbc.sql("""
                            update emergency_alert set state = 'COUNTING', fires_at = :fires, second_by_name = :by,
                              second_at = :at
                            where id = :id and state in ('WAITING_SECOND')""")
                    .param("fires", SqlTime.of(now.plusSeconds(stations.main().countdownSeconds())))
                    .param("by", by == null ? null : AlertBook.cut(by, 100))
                    .param("at", by == null ? null : SqlTime.of(now))
                    .param("id", alert.id().value())
                    .update();
            if (changed == 0) {
                throw new Refusal("", "emergency.refused.notWaiting");
            }
            if (by == null) {
                audit.record(
                        "emergency.notSeconded",
                        alert.subject(),
                        settings.secondLate().name());
            } else {
                audit.record("emergency.seconded", alert.subject(), by);
            }
            durability.confirm();
            book.changed();
        });
        began(book.get(alert.id()));
    }

    private void began(Alert alert) {
        var fires = alert.firesAt();
        if (alert.state() == AlertState.COUNTING && fires != null) {
            events.publishEvent(new Counting(alert.id(), fires));
        }
    }

    private static String said(ReadyMessage message) {
        return message.spoken().stream()
                .findFirst()
                .map(Spoken::text)
                .filter(text -> !text.isBlank())
                .map(text -> AlertBook.cut(text, 4000))
                .orElse(message.name());
    }

    private static Set<String> wires(Collection<Target> targets) {
        return targets.stream().map(Target::wire).collect(Collectors.toCollection(TreeSet::new));
    }
}
