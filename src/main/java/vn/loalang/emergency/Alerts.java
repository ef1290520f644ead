package vn.loalang.emergency;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.AreaScope;
import vn.loalang.access.AuditLog;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Status;
import vn.loalang.delivery.ArmedOrder;
import vn.loalang.delivery.Emergencies;
import vn.loalang.delivery.NewOrder;
import vn.loalang.protocol.Scope;
import vn.loalang.web.LiveUpdates;
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

    private static final Logger log = LoggerFactory.getLogger(Alerts.class);

    /** Room for the spoken announcement of a drill, and for boxes that begin late. */
    private static final Duration BESIDE = Duration.ofSeconds(60);

    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int LONGEST_REASON = 300;
    private static final int LONGEST_PLACE = 400;
    private static final int NAMED = 3;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Emergencies emergencies;
    private final Audiences audiences;
    private final Messages messages;
    private final Sirens sirens;
    private final Rights rights;
    private final Areas areas;
    private final Stations stations;
    private final AlertSettings settings;
    private final AuditLog audit;
    private final Durability durability;
    private final LiveUpdates live;
    private final ApplicationEventPublisher events;
    private final ReentrantLock arming = new ReentrantLock();
    private final ReentrantLock firing = new ReentrantLock();

    Alerts(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock clock,
            Emergencies emergencies,
            Audiences audiences,
            Messages messages,
            Sirens sirens,
            Rights rights,
            Areas areas,
            Stations stations,
            AlertSettings settings,
            AuditLog audit,
            Durability durability,
            LiveUpdates live,
            ApplicationEventPublisher events) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
        this.emergencies = emergencies;
        this.audiences = audiences;
        this.messages = messages;
        this.sirens = sirens;
        this.rights = rights;
        this.areas = areas;
        this.stations = stations;
        this.settings = settings;
        this.audit = audit;
        this.durability = durability;
        this.live = live;
        this.events = events;
    }

    /** A countdown has begun: somebody has to release it at this moment. */
    record Counting(AlertId alert, Instant firesAt) {}

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
     * @throws Refusal when the message is gone, nobody would hear it, or whoever asks may not speak there
     */
    public Alert arm(Press press, By by) {
        arming.lock();
        try {
            var known = pressed(press.press());
            if (known.isPresent()) {
                return known.get();
            }
            var same = ahead().stream()
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
            arming.unlock();
        }
    }

    private Alert store(Press press, By by) {
        var message = messages.find(press.message())
                .filter(it -> it.archivedAt() == null)
                .orElseThrow(() -> new Refusal("message", "emergency.refused.messageGone"));
        var drill = press.status() == Status.EXERCISE;
        var quiet = drill ? message.withoutSiren() : message;
        var audience = audiences.of(press.targets(), by.speaks());
        if (audience.isEmpty()) {
            throw new Refusal("targets", "emergency.refused.nobody");
        }
        if (audience.scopes().isEmpty()) {
            throw new Refusal(
                    "targets",
                    "emergency.refused.withoutBox",
                    audience.controllers().size());
        }
        var paths = audience.villages().stream()
                .map(village -> areas.find(village.area().value()).orElseThrow().path())
                .toList();
        var authority = rights.authority(by.speaks(), paths)
                .orElseThrow(() -> new Refusal("targets", "emergency.refused.elsewhere"));
        var station = stations.main();
        var repetition = messages.length(quiet);
        var sound =
                repetition.plus(quiet.gap()).multipliedBy(quiet.repetitions()).minus(quiet.gap());
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
                List.of()));
        var now = clock.instant();
        // A correction has to be quick: whoever answers an alert has had it agreed to already.
        var second = audience.wide() && press.answers() == null && !drill;
        var siren = quiet.siren() == null
                ? null
                : sirens.find(quiet.siren()).map(Siren::name).orElse(null);
        var key = new GeneratedKeyHolder();
        jdbc.sql("""
                        insert into emergency_alert (station_id, broadcast_id, press, kind, status, state, message_id, title, said,
                          siren, repetitions, sound_ms, life_seconds, place, controllers, online, authority, wide, answers_id,
                          armed_by, armed_by_name, armed_at, second_until, fires_at)
                        values (:station, :broadcast, :press, :kind, :status, :state, :message, :title, :said, :siren, :repetitions,
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
                .param("siren", siren)
                .param("repetitions", quiet.repetitions())
                .param("sound", sound.toMillis())
                .param("life", quiet.life().toSeconds())
                .param("place", place(press.targets(), audience))
                .param("controllers", audience.controllers().size())
                .param("online", audience.online())
                .param("authority", authority.name())
                .param("wide", second)
                .param(
                        "answers",
                        press.answers() == null ? null : press.answers().value())
                .param("by", by.personId())
                .param("byName", cut(by.name(), 100))
                .param("now", SqlTime.of(now))
                .param("until", second ? SqlTime.of(now.plus(settings.secondWithin())) : null)
                .param("fires", second ? null : SqlTime.of(now.plusSeconds(station.countdownSeconds())))
                .update(key, "id");
        var id = new AlertId(Objects.requireNonNull(key.getKey()).longValue());
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
        var alert = find(id).orElseThrow();
        audit.record(
                "emergency.armed",
                subject(alert),
                alert.controllers() + " / " + String.join(" ", wires(alert.targets())));
        changed();
        return alert;
    }

    /**
     * A second person agrees: the countdown begins.
     *
     * @throws Refusal when it does not wait any more or this person may not agree
     */
    public Alert second(AlertId id, By by) {
        var alert = get(id);
        if (!rights.of(alert, by).second()) {
            throw new Refusal("", "emergency.refused.second");
        }
        count(alert, by.name());
        return get(id);
    }

    private void count(Alert alert, @Nullable String by) {
        transaction.executeWithoutResult(status -> {
            var now = clock.instant();
            var changed = jdbc.sql("""
                            update emergency_alert set state = 'COUNTING', fires_at = :fires, second_by_name = :by,
                              second_at = :at
                            where id = :id and state in ('WAITING_SECOND')""")
                    .param("fires", SqlTime.of(now.plusSeconds(stations.main().countdownSeconds())))
                    .param("by", by == null ? null : cut(by, 100))
                    .param("at", by == null ? null : SqlTime.of(now))
                    .param("id", alert.id().value())
                    .update();
            if (changed == 0) {
                throw new Refusal("", "emergency.refused.notWaiting");
            }
            if (by == null) {
                audit.record(
                        "emergency.notSeconded",
                        subject(alert),
                        settings.secondLate().name());
            } else {
                audit.record("emergency.seconded", subject(alert), by);
            }
            changed();
        });
        began(get(alert.id()));
    }

    /**
     * Takes an alert back before it airs. From any device, by whoever may stop it.
     *
     * @throws Refusal when it has aired already, or this person may not
     */
    public void cancel(AlertId id, By by) {
        var alert = get(id);
        if (!rights.of(alert, by).stop()) {
            throw new Refusal("", "emergency.refused.stop");
        }
        transaction.executeWithoutResult(status -> {
            var order = emergencies.armed(alert.broadcast());
            if (order.isEmpty() || !emergencies.cancel(order.get())) {
                throw new Refusal("", "emergency.refused.airedAlready");
            }
            close(id, AlertState.CANCELLED, by.name(), "");
            audit.record("emergency.cancelled", subject(alert), "");
            changed();
        });
    }

    /**
     * Ends an alert that is on air: everywhere for whoever issued it or speaks with the same or a higher authority, otherwise on
     * the poles of the leader who asks, with a reason. Boxes that are away learn of it when they come back, before they sound.
     *
     * @throws Refusal when it is not on air, this person may not, or a reason is wanted and missing
     */
    public void stop(AlertId id, By by, String reason) {
        var alert = get(id);
        var allowed = rights.of(alert, by);
        if (alert.state() != AlertState.AIRED) {
            throw new Refusal("", "emergency.refused.notOnAir");
        }
        var clean = cut(reason.strip(), LONGEST_REASON);
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
            audit.record("emergency.stopped", subject(alert), reason);
            durability.confirm();
            changed();
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
        emergencies.clear(alert.broadcast(), where, reason);
        transaction.executeWithoutResult(status -> {
            for (var village : mine) {
                jdbc.sql("""
                                insert into emergency_silence (alert_id, area_id, by_name, silenced_at, reason)
                                values (:alert, :area, :by, :now, :reason)""")
                        .param("alert", alert.id().value())
                        .param("area", village.area().value())
                        .param("by", cut(by.name(), 100))
                        .param("now", SqlTime.of(clock.instant()))
                        .param("reason", reason)
                        .update();
            }
            audit.record("emergency.silenced", subject(alert), reason);
            durability.confirm();
            changed();
        });
    }

    /**
     * Answers an alert with a correction or the all-clear: what sounds is ended, then the answer is counted down for the same
     * places.
     *
     * @throws Refusal when this person may not, or the alert never aired
     */
    public Alert answer(AlertId id, MessageId message, String press, By by) {
        var alert = get(id);
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
        var armed = arm(new Press(press, message, alert.targets(), alert.status(), id), by.answering());
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
                audit.record("emergency.seen", subject(get(id)), by.name());
                changed();
            }
        });
    }

    /** What this person may do to the alert. */
    Rights.Allowed allowed(Alert alert, By by) {
        return rights.of(alert, by);
    }

    /** This alert. */
    public Optional<Alert> find(AlertId id) {
        return list("a.id = :id", id.value()).stream().findFirst();
    }

    /** The alert of this number, where it is for a place that may be looked at. */
    Optional<Alert> visible(long id, AreaScope scope) {
        return id <= 0
                ? Optional.empty()
                : find(new AlertId(id))
                        .filter(alert -> alert.villages().stream().anyMatch(village -> scope.covers(village.path())));
    }

    /** Alerts that may still air, the oldest first. */
    public List<Alert> ahead() {
        return list("a.state in ('WAITING_SECOND', 'COUNTING')", 0);
    }

    /** What every screen shows now: what may still air, what is on air, and what lapsed and nobody has taken note of. */
    public List<Alert> present() {
        return list(
                "(a.state in ('WAITING_SECOND', 'COUNTING', 'AIRED') or (a.state in ('LAPSED') and a.seen_at is null))",
                0);
    }

    /** The newest alerts, drills among them. */
    public List<Alert> latest(int most) {
        return list(jdbc.sql("select a.* from emergency_alert a order by a.id desc limit :most")
                .param("most", most));
    }

    /** Whether poles may still report about an alert: one is on air, or was after this moment. */
    boolean soundedAfter(Instant moment) {
        return jdbc.sql("""
                                select count(*) from emergency_alert
                                where state in ('AIRED') or (state in ('ENDED') and coalesce(closed_at, ends_at) > :moment)""")
                        .param("moment", SqlTime.of(moment))
                        .query(Long.class)
                        .single()
                > 0;
    }

    /** Alerts that went on air since then, the oldest first. */
    List<Alert> airedSince(Instant since) {
        return list(jdbc.sql("select a.* from emergency_alert a where a.aired_at >= :since order by a.id")
                .param("since", SqlTime.of(since)));
    }

    /** Where somebody silenced an alert on poles of his own, and why. */
    record Silence(String village, String by, Instant at, String reason) {}

    List<Silence> silences(AlertId id) {
        return jdbc.sql("""
                        select a.full_name, s.by_name, s.silenced_at, s.reason
                        from emergency_silence s join area_area a on a.id = s.area_id
                        where s.alert_id = :id order by s.id""")
                .param("id", id.value())
                .query((row, number) -> new Silence(
                        row.getString(1), row.getString(2), SqlTime.get(row, "silenced_at"), row.getString(4)))
                .list();
    }

    /** When the last drill aired. */
    public Optional<Instant> lastDrill() {
        return jdbc.sql("select max(aired_at) as aired_at from emergency_alert where status = 'EXERCISE'")
                .query((row, number) -> Optional.ofNullable(SqlTime.getNullable(row, "aired_at")))
                .single();
    }

    /**
     * Releases an alert whose moment has come. Once, whatever happens: when the server died between the release and this note of
     * it, the note is made up for.
     *
     * @return whether the alert needs nothing more
     */
    boolean fire(AlertId id) {
        firing.lock();
        try {
            return fireAlone(id);
        } finally {
            firing.unlock();
        }
    }

    private boolean fireAlone(AlertId id) {
        var found = find(id);
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
            lapse(alert, Lapse.REFUSED, "delivery.refused.notArmed");
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
            lapse(alert, Lapse.REFUSED, refusal.messageKey());
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
            audit.record("emergency.aired", subject(alert), Integer.toString(alert.controllers()));
            durability.confirm();
            changed();
        });
    }

    private void lapse(Alert alert, Lapse why, @Nullable String key) {
        transaction.executeWithoutResult(status -> {
            jdbc.sql("""
                            update emergency_alert set state = 'LAPSED', lapse = :why, lapse_key = :key, closed_at = :now
                            where id = :id and state in ('COUNTING', 'WAITING_SECOND')""")
                    .param("why", why.name())
                    .param("key", key)
                    .param("now", SqlTime.of(clock.instant()))
                    .param("id", alert.id().value())
                    .update();
            audit.record("emergency.lapsed", subject(alert), why.name());
            durability.confirm();
            changed();
        });
    }

    /** Ends what is over, and decides about wide alerts that nobody agreed to in time. */
    void sweep() {
        transaction.executeWithoutResult(status -> {
            var ended = jdbc.sql("""
                            update emergency_alert set state = 'ENDED', closed_at = ends_at
                            where state in ('AIRED') and ends_at <= :now""").param("now", SqlTime.of(clock.instant())).update();
            if (ended > 0) {
                changed();
            }
        });
        for (var alert : ahead()) {
            var until = alert.secondUntil();
            if (alert.state() == AlertState.WAITING_SECOND
                    && until != null
                    && clock.instant().isAfter(until)) {
                switch (settings.secondLate()) {
                    case LAPSE -> {
                        emergencies.armed(alert.broadcast()).ifPresent(this::takeBack);
                        lapse(alert, Lapse.NOT_SECONDED, null);
                    }
                    case AIR -> count(alert, null);
                }
            }
        }
    }

    private void began(Alert alert) {
        var fires = alert.firesAt();
        if (alert.state() == AlertState.COUNTING && fires != null) {
            events.publishEvent(new Counting(alert.id(), fires));
        }
    }

    private Optional<Alert> pressed(String press) {
        return jdbc.sql("select id from emergency_alert where press = :press")
                .param("press", press)
                .query(Long.class)
                .optional()
                .flatMap(id -> find(new AlertId(id)));
    }

    private Alert get(AlertId id) {
        return find(id).orElseThrow(() -> new Refusal("", "emergency.refused.gone"));
    }

    private void close(AlertId id, AlertState to, String by, String reason) {
        jdbc.sql("""
                        update emergency_alert set state = :to, closed_by_name = :by, closed_at = :now, close_reason = :reason
                        where id = :id and state in ('WAITING_SECOND', 'COUNTING', 'AIRED')""")
                .param("to", to.name())
                .param("by", cut(by, 100))
                .param("now", SqlTime.of(clock.instant()))
                .param("reason", reason)
                .param("id", id.value())
                .update();
    }

    private void changed() {
        live.changed(TOPIC);
    }

    private static String said(ReadyMessage message) {
        return message.spoken().stream()
                .findFirst()
                .map(Spoken::text)
                .filter(text -> !text.isBlank())
                .map(text -> cut(text, 4000))
                .orElse(message.name());
    }

    /** Names of areas that were chosen; otherwise the first few villages. */
    String place(Collection<Target> targets, Audience audience) {
        var chosen = targets.stream()
                .flatMap(target -> target instanceof Target.InArea in
                        ? areas.find(in.area().value()).stream()
                        : java.util.stream.Stream.empty())
                .map(vn.loalang.area.Area::fullName)
                .toList();
        var names = chosen.size() == targets.size()
                ? chosen
                : audience.villages().stream().map(Audience.Village::name).toList();
        var shown = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
        return cut(names.size() > NAMED ? shown + " +" + (names.size() - NAMED) : shown, LONGEST_PLACE);
    }

    private static String subject(Alert alert) {
        return alert.id() + " " + alert.title() + " – " + alert.place();
    }

    private static Set<String> wires(Collection<Target> targets) {
        return targets.stream()
                .map(Target::wire)
                .collect(java.util.stream.Collectors.toCollection(java.util.TreeSet::new));
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
    }

    private List<Alert> list(String where, long id) {
        return list(jdbc.sql("select a.* from emergency_alert a where " + where + " order by a.id")
                .param("id", id));
    }

    private List<Alert> list(JdbcClient.StatementSpec sql) {
        var bare = sql.query(Alerts::alert).list();
        if (bare.isEmpty()) {
            return bare;
        }
        var ids = bare.stream().map(alert -> alert.id().value()).toList();
        var targets = targets(ids);
        var villages = villages(ids);
        return bare.stream()
                .map(alert -> alert.meaning(
                        targets.getOrDefault(alert.id(), List.of()), villages.getOrDefault(alert.id(), List.of())))
                .toList();
    }

    /** The alert of a row, without the places that it is for. */
    private static Alert alert(ResultSet row, int number) throws SQLException {
        var answers = row.getLong("answers_id");
        var lapse = row.getString("lapse");
        return new Alert(
                new AlertId(row.getLong("id")),
                new StationId(row.getLong("station_id")),
                new BroadcastId(row.getLong("broadcast_id")),
                Kind.valueOf(row.getString("kind")),
                Status.valueOf(row.getString("status")),
                AlertState.valueOf(row.getString("state")),
                new MessageId(row.getLong("message_id")),
                row.getString("title"),
                row.getString("said"),
                row.getString("siren"),
                row.getInt("repetitions"),
                Duration.ofMillis(row.getLong("sound_ms")),
                Duration.ofSeconds(row.getLong("life_seconds")),
                row.getString("place"),
                row.getInt("controllers"),
                row.getInt("online"),
                Authority.valueOf(row.getString("authority")),
                row.getBoolean("wide"),
                answers == 0 ? null : new AlertId(answers),
                List.of(),
                List.of(),
                row.getLong("armed_by"),
                row.getString("armed_by_name"),
                SqlTime.get(row, "armed_at"),
                SqlTime.getNullable(row, "second_until"),
                row.getString("second_by_name"),
                SqlTime.getNullable(row, "second_at"),
                SqlTime.getNullable(row, "fires_at"),
                SqlTime.getNullable(row, "aired_at"),
                SqlTime.getNullable(row, "ends_at"),
                row.getString("closed_by_name"),
                SqlTime.getNullable(row, "closed_at"),
                row.getString("close_reason"),
                lapse == null ? null : Lapse.valueOf(lapse),
                row.getString("lapse_key"),
                SqlTime.getNullable(row, "seen_at"));
    }

    private Map<AlertId, List<Target>> targets(List<Long> alerts) {
        var targets = new HashMap<AlertId, List<Target>>();
        jdbc.sql("""
                        select alert_id, target from emergency_alert_target where alert_id in (:alerts)
                        order by alert_id, position""").param("alerts", alerts).query((ResultSet row) -> {
            targets.computeIfAbsent(new AlertId(row.getLong(1)), id -> new ArrayList<>())
                    .add(Target.parse(row.getString(2)));
        });
        return targets;
    }

    private Map<AlertId, List<Alert.Village>> villages(List<Long> alerts) {
        var villages = new HashMap<AlertId, List<Alert.Village>>();
        jdbc.sql("""
                        select v.alert_id, v.area_id, a.path, a.full_name, v.controllers, v.online
                        from emergency_alert_village v join area_area a on a.id = v.area_id
                        where v.alert_id in (:alerts) order by v.alert_id, v.controllers desc, a.full_name""").param("alerts", alerts).query((ResultSet row) -> {
            villages.computeIfAbsent(new AlertId(row.getLong(1)), id -> new ArrayList<>())
                    .add(new Alert.Village(
                            new AreaId(row.getLong("area_id")),
                            AreaPath.of(row.getString("path")),
                            row.getString("full_name"),
                            row.getInt("controllers"),
                            row.getInt("online")));
        });
        return villages;
    }
}
