package vn.loalang.emergency;

import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.access.Deeds;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.SqlTime;
import vn.loalang.area.Stations;

/** What holding the button in the frame arms: a message and places chosen beforehand. */
@Component
class Preset {
    private final JdbcClient jdbc;
    private final Messages messages;
    private final Rights rights;
    private final Areas areas;
    private final Stations stations;
    private final Deeds deeds;
    private final Clock clock;

    Preset(
            JdbcClient jdbc,
            Messages messages,
            Rights rights,
            Areas areas,
            Stations stations,
            Deeds deeds,
            Clock clock) {
        this.jdbc = jdbc;
        this.messages = messages;
        this.rights = rights;
        this.areas = areas;
        this.stations = stations;
        this.deeds = deeds;
        this.clock = clock;
    }

    /**
     * A message for places, with what it would reach now.
     *
     * @param barred whether its level of civil defence is not this person's to announce
     */
    record Errand(ReadyMessage message, List<Target> targets, String place, int controllers, boolean barred) {}

    private record Chosen(MessageId message, List<Target> targets) {}

    /**
     * What the button arms for this person; empty when there is no message, or nobody to hear it.
     *
     * @param poles among whom
     */
    Optional<Errand> errand(By by, Audiences.Reading poles) {
        var chosen = chosen();
        var message = chosen.flatMap(it -> messages.find(it.message()))
                .filter(it -> it.archivedAt() == null)
                .or(() -> messages.all(Kind.ALERT).stream().findFirst());
        if (message.isEmpty()) {
            return Optional.empty();
        }
        var targets = chosen.map(Chosen::targets).orElseGet(() -> whole(by));
        var audience = poles.of(targets, by.speaks());
        return audience.isEmpty()
                ? Optional.empty()
                : Optional.of(new Errand(
                        message.get(),
                        targets,
                        poles.place(targets, audience),
                        audience.controllers().size(),
                        rights.barred(message.get(), by, audience.places()).isPresent()));
    }

    /** Every place where this person may speak: the areas the station serves when that is everywhere. */
    List<Target> whole(By by) {
        if (by.speaks().everything()) {
            var served = jdbc.sql("""
                            select a.id from area_station_area s join area_area a on a.id = s.area_id
                            where s.station_id = :station and a.archived_at is null order by a.path""")
                    .param("station", stations.main().id())
                    .query((row, number) -> (Target) new Target.InArea(new AreaId(row.getLong(1))))
                    .list();
            return served.isEmpty()
                    ? inside(areas.children(AreaPath.ROOT).stream()
                            .map(it -> it.path())
                            .toList())
                    : served;
        }
        return inside(by.speaks().roots());
    }

    private List<Target> inside(List<AreaPath> paths) {
        return paths.stream()
                .flatMap(path -> areas.find(path).stream())
                .map(area -> (Target) new Target.InArea(new AreaId(area.id())))
                .toList();
    }

    /** Remembers what the button arms from now on. */
    void choose(MessageId message, List<Target> targets, By by) {
        var station = stations.main().id();
        var wires = targets.stream().map(Target::wire).collect(Collectors.joining(" "));
        deeds.run(
                "emergency.preset",
                messages.find(message).map(ReadyMessage::name).orElse("-"),
                wires,
                () -> {
                    var known = jdbc.sql("""
                                    update emergency_preset set message_id = :message, targets = :targets, set_by_name = :by,
                                      set_at = :now where station_id = :station""");
                    var fresh = jdbc.sql("""
                                    insert into emergency_preset (station_id, message_id, targets, set_by_name, set_at)
                                    values (:station, :message, :targets, :by, :now)""");
                    if (params(known, station, message, wires, by) == 0) {
                        params(fresh, station, message, wires, by);
                    }
                });
    }

    private int params(JdbcClient.StatementSpec sql, long station, MessageId message, String wires, By by) {
        return sql.param("station", station)
                .param("message", message.value())
                .param("targets", wires)
                .param("by", by.name())
                .param("now", SqlTime.of(clock.instant()))
                .update();
    }

    private Optional<Chosen> chosen() {
        return jdbc.sql("select message_id, targets from emergency_preset where station_id = :station")
                .param("station", stations.main().id())
                .query((row, number) -> new Chosen(
                        new MessageId(row.getLong(1)),
                        Arrays.stream(row.getString(2).split(" ", -1))
                                .map(Target::parse)
                                .toList()))
                .optional();
    }
}
