package vn.loalang.emergency;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.access.AreaScope;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Status;
import vn.loalang.web.LiveUpdates;

/** All alerts as the database has them. */
@Component
class AlertBook {
    private final JdbcClient jdbc;
    private final LiveUpdates live;

    AlertBook(JdbcClient jdbc, LiveUpdates live) {
        this.jdbc = jdbc;
        this.live = live;
    }

    /** This alert. */
    Optional<Alert> find(AlertId id) {
        return list("a.id = :id", Map.of("id", id.value())).stream().findFirst();
    }

    /** The alert of this number, where it is for a place that may be looked at. */
    Optional<Alert> visible(long id, AreaScope scope) {
        return id <= 0 ? Optional.empty() : find(new AlertId(id)).filter(alert -> alert.in(scope));
    }

    /** Alerts that may still air, the oldest first. */
    List<Alert> ahead() {
        return list("a.state in ('WAITING_SECOND', 'COUNTING')", Map.of());
    }

    /** What every screen shows now: what may still air, what is on air, and what lapsed and nobody has taken note of. */
    List<Alert> present() {
        return list(
                "(a.state in ('WAITING_SECOND', 'COUNTING', 'AIRED') or (a.state in ('LAPSED') and a.seen_at is null))",
                Map.of());
    }

    /** The newest alerts for places that may be looked at, drills among them. */
    List<Alert> latest(int most, AreaScope scope) {
        var values = new HashMap<String, Object>(Map.of("most", most));
        var places = new ArrayList<String>();
        for (var root : scope.everything() ? List.<AreaPath>of() : scope.roots()) {
            var name = "place" + places.size();
            places.add("p.path = :" + name + " or p.path like :" + name + "below");
            values.put(name, root.value());
            values.put(name + "below", root.value() + ".%");
        }
        var near = scope.everything()
                ? ""
                : " where exists (select 1 from emergency_alert_village w join area_area p on p.id = w.area_id"
                        + " where w.alert_id = l.id and ("
                        + (places.isEmpty() ? "1 = 0" : String.join(" or ", places)) + "))";
        var newest = new ArrayList<>(list(
                "a.id in (select l.id from emergency_alert l" + near + " order by l.id desc limit :most)", values));
        Collections.reverse(newest);
        return newest;
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
        return list("a.aired_at >= :since", Map.of("since", SqlTime.of(since)));
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

    /**
     * Somebody sent the order of an alert again while it was on air.
     *
     * @param boxes to how many it went; null where the server died before it could say
     */
    record Resend(String by, Instant at, @Nullable Integer boxes) {}

    List<Resend> resends(AlertId id) {
        return jdbc.sql("select by_name, resent_at, boxes from emergency_resend where alert_id = :id order by id")
                .param("id", id.value())
                .query((row, number) -> new Resend(
                        row.getString(1), SqlTime.get(row, "resent_at"), row.getObject("boxes", Integer.class)))
                .list();
    }

    /**
     * What was armed because of an alert: its correction, its all-clear, or itself for those it had not reached.
     *
     * @param title its message
     * @param controllers how many poles it was armed for
     */
    record Answer(Kind kind, String by, Instant at, String title, int controllers) {}

    List<Answer> answers(AlertId id) {
        return jdbc.sql("""
                        select kind, armed_by_name, armed_at, title, controllers from emergency_alert
                        where answers_id = :id order by id""")
                .param("id", id.value())
                .query((row, number) -> new Answer(
                        Kind.valueOf(row.getString(1)),
                        row.getString(2),
                        SqlTime.get(row, "armed_at"),
                        row.getString(4),
                        row.getInt(5)))
                .list();
    }

    /**
     * What an alert says in one language.
     *
     * @param language BCP 47 tag; null where nobody noted it
     * @param aloud whether loudspeakers say it, because there was a recording
     */
    record Words(@Nullable String language, String text, boolean aloud) {}

    /**
     * All that an alert says, as its message had it when it was armed.
     *
     * @param words in the order in which they sound, at least one
     * @param law what it says of what the law wants said; fields of which it says nothing are left out
     */
    record Told(List<Words> words, Map<Bulletin.Field, String> law) {
        Told {
            words = List.copyOf(words);
            law = Collections.unmodifiableMap(law);
        }

        /** What loudspeakers say. */
        public List<Words> aloud() {
            return words.stream().filter(Words::aloud).toList();
        }
    }

    Told told(Alert alert) {
        var words = jdbc.sql("""
                        select language, words, aloud from emergency_alert_words where alert_id = :id order by position""")
                .param("id", alert.id().value())
                .query((row, number) -> new Words(row.getString(1), row.getString(2), row.getBoolean(3)))
                .list();
        var law = new EnumMap<Bulletin.Field, String>(Bulletin.Field.class);
        jdbc.sql("select field, words from emergency_alert_field where alert_id = :id")
                .param("id", alert.id().value())
                .query((ResultSet row) -> {
                    law.put(Bulletin.Field.valueOf(row.getString(1)), row.getString(2));
                });
        // Alerts of before had one text, and nobody noted whether it had a recording.
        return new Told(words.isEmpty() ? List.of(new Words(null, alert.said(), true)) : words, law);
    }

    /** Keeps what the message of an alert says, which may be changed later. */
    void keep(AlertId id, ReadyMessage message) {
        for (int i = 0; i < message.spoken().size(); i++) {
            var spoken = message.spoken().get(i);
            jdbc.sql("""
                            insert into emergency_alert_words (alert_id, position, language, words, aloud)
                            values (:alert, :position, :language, :words, :aloud)""")
                    .param("alert", id.value())
                    .param("position", i)
                    .param("language", spoken.language())
                    .param("words", spoken.text())
                    .param("aloud", spoken.recording() != null)
                    .update();
        }
        for (var field : Bulletin.Field.values()) {
            var words = message.bulletin().get(field);
            if (!words.isEmpty()) {
                jdbc.sql("insert into emergency_alert_field (alert_id, field, words) values (:alert, :field, :words)")
                        .param("alert", id.value())
                        .param("field", field.name())
                        .param("words", words)
                        .update();
            }
        }
    }

    /** When the last drill aired. */
    Optional<Instant> lastDrill() {
        return jdbc.sql("select max(aired_at) as aired_at from emergency_alert where status = 'EXERCISE'")
                .query((row, number) -> Optional.ofNullable(SqlTime.getNullable(row, "aired_at")))
                .single();
    }

    Optional<Alert> pressed(String press) {
        return jdbc.sql("select id from emergency_alert where press = :press")
                .param("press", press)
                .query(Long.class)
                .optional()
                .flatMap(id -> find(new AlertId(id)));
    }

    Alert get(AlertId id) {
        return find(id).orElseThrow(() -> new Refusal("", "emergency.refused.gone"));
    }

    /** Tells screens that something about alerts has changed. */
    void changed() {
        live.changed(Alerts.TOPIC);
    }

    /** What fits a column of this many characters. */
    static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
    }

    /** The alerts of which this holds, the oldest first; what they are for is read first, so that each is made whole. */
    private List<Alert> list(String where, Map<String, ?> values) {
        var targets = targets(where, values);
        if (targets.isEmpty()) {
            return List.of();
        }
        var alerts = targets.keySet().stream().map(AlertId::value).toList();
        var villages = villages(alerts);
        return jdbc.sql("select a.* from emergency_alert a where a.id in (:alerts) and " + where + " order by a.id")
                .params(values)
                .param("alerts", alerts)
                .query((row, number) -> alert(row, targets, villages))
                .list();
    }

    private static Alert alert(
            ResultSet row, Map<AlertId, List<Target>> targets, Map<AlertId, List<Alert.Village>> villages)
            throws SQLException {
        var id = new AlertId(row.getLong("id"));
        var answers = row.getLong("answers_id");
        var lapse = row.getString("lapse");
        var risk = row.getString("risk");
        var defence = row.getString("defence");
        return new Alert(
                id,
                new StationId(row.getLong("station_id")),
                new BroadcastId(row.getLong("broadcast_id")),
                Kind.valueOf(row.getString("kind")),
                Status.valueOf(row.getString("status")),
                AlertState.valueOf(row.getString("state")),
                new MessageId(row.getLong("message_id")),
                row.getString("title"),
                row.getString("said"),
                risk == null ? null : DisasterRiskLevel.valueOf(risk),
                defence == null ? null : CivilDefenceLevel.valueOf(defence),
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
                targets.getOrDefault(id, List.of()),
                villages.getOrDefault(id, List.of()),
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
                row.getString("lapse_values").lines().toList(),
                SqlTime.getNullable(row, "seen_at"));
    }

    /** What was chosen for the alerts of which this holds; each of them is there. */
    private Map<AlertId, List<Target>> targets(String where, Map<String, ?> values) {
        var targets = new HashMap<AlertId, List<Target>>();
        jdbc.sql("""
                        select a.id, t.target from emergency_alert a left join emergency_alert_target t on t.alert_id = a.id
                        where\s""" + where + " order by a.id, t.position").params(values).query((ResultSet row) -> {
            var target = row.getString(2);
            var its = targets.computeIfAbsent(new AlertId(row.getLong(1)), id -> new ArrayList<>());
            if (target != null) {
                its.add(Target.parse(target));
            }
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
