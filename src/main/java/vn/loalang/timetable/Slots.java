package vn.loalang.timetable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.stereotype.Repository;
import vn.loalang.area.AreaId;
import vn.loalang.area.Authority;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.broadcast.Priority;
import vn.loalang.fleet.ControllerId;
import vn.loalang.programme.ProgrammeVersionId;

/** The rows behind the timetable: slots, their revisions, and the changes that made them. */
@Repository
class Slots {
    private static final String CURRENT = """
            select s.station_id, s.senior_since, st.zone_id, r.slot_id, r.revision, r.change_id, r.deleted, r.programme_version_id,
              r.length_ms, r.first_date, r.start_time, r.rrule, r.except_dates, r.volume, r.lateness_s, r.class, r.authority,
              c.person_name, c.made_at
            from timetable_slot s
            join area_station st on st.id = s.station_id
            join timetable_revision r on r.slot_id = s.id and r.revision = %s
            join timetable_change c on c.id = r.change_id
            """;

    private final JdbcClient jdbc;

    Slots(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** What one change did to one slot. */
    record Touched(SlotId slot, int revision) {}

    /** One person's change. */
    record Change(long id, StationId station, String kind, String person, boolean undone, List<Touched> touched) {}

    /** A revision, deleted or not. */
    record Revision(Slot slot, boolean deleted) {}

    /** Makes every other change of this station's timetable wait until this transaction ends. */
    void lock(StationId station) {
        if (touch(station) == 0) {
            jdbc.sql("insert into timetable_station (station_id, changes) values (:station, 0) on conflict do nothing")
                    .param("station", station.value())
                    .update();
            touch(station);
        }
    }

    private int touch(StationId station) {
        return jdbc.sql("update timetable_station set changes = changes + 1 where station_id = :station")
                .param("station", station.value())
                .update();
    }

    /** All slots not deleted, the eldest first. */
    List<Slot> live(StationId station) {
        var targets = targets("""
                select t.slot_id, t.revision, t.kind, t.ref from timetable_target t
                join timetable_slot s on s.id = t.slot_id and s.revision = t.revision where s.station_id = :id""", station.value());
        return jdbc.sql(CURRENT.formatted("s.revision")
                        + "where s.station_id = :station and not r.deleted order by s.senior_since, s.id")
                .param("station", station.value())
                .query((row, number) -> revision(row, targets).slot())
                .list();
    }

    Optional<Slot> find(SlotId id) {
        return jdbc.sql(CURRENT.formatted("s.revision") + "where s.id = :id and not r.deleted")
                .param("id", id.value())
                .query((row, number) -> revision(row, targetsOf(id)).slot())
                .optional();
    }

    /** A revision that was or is; its slot may be deleted. */
    Optional<Revision> revision(SlotId id, int revision) {
        return jdbc.sql(CURRENT.formatted(":revision") + "where s.id = :id")
                .param("id", id.value())
                .param("revision", revision)
                .query((row, number) -> revision(row, targetsOf(id)))
                .optional();
    }

    /** The newest revision, also of a deleted slot. */
    Optional<Revision> newest(SlotId id) {
        return jdbc.sql(CURRENT.formatted("s.revision") + "where s.id = :id")
                .param("id", id.value())
                .query((row, number) -> revision(row, targetsOf(id)))
                .optional();
    }

    long openChange(StationId station, String kind, @Nullable Long person, String name, Instant now) {
        var key = new GeneratedKeyHolder();
        jdbc.sql("""
                        insert into timetable_change (station_id, kind, person_id, person_name, made_at)
                        values (:station, :kind, :person, :name, :now)""")
                .param("station", station.value())
                .param("kind", kind)
                .param("person", person)
                .param("name", name)
                .param("now", SqlTime.of(now))
                .update(key, "id");
        return Objects.requireNonNull(key.getKey()).longValue();
    }

    Optional<Change> change(long id) {
        var touched = jdbc.sql(
                        "select slot_id, revision from timetable_revision where change_id = :id order by slot_id")
                .param("id", id)
                .query((row, number) -> new Touched(new SlotId(row.getLong("slot_id")), row.getInt("revision")))
                .list();
        return jdbc.sql("select station_id, kind, person_name, undone_by from timetable_change where id = :id")
                .param("id", id)
                .query((row, number) -> new Change(
                        id,
                        new StationId(row.getLong("station_id")),
                        row.getString("kind"),
                        row.getString("person_name"),
                        row.getObject("undone_by") != null,
                        touched))
                .optional();
    }

    /** The last change somebody made since a moment, unless it was an undo or has been undone. */
    Optional<Long> lastChange(StationId station, long person, Instant since) {
        return jdbc.sql("""
                        select id from timetable_change where id = (select max(id) from timetable_change
                          where station_id = :station and person_id = :person and made_at > :since)
                        and kind <> 'UNDO' and undone_by is null""")
                .param("station", station.value())
                .param("person", person)
                .param("since", SqlTime.of(since))
                .query(Long.class)
                .optional();
    }

    /** Whether this change was not undone before. */
    boolean markUndone(long change, long by) {
        return jdbc.sql("update timetable_change set undone_by = :by where id = :id and undone_by is null")
                        .param("by", by)
                        .param("id", change)
                        .update()
                == 1;
    }

    SlotId create(
            StationId station, long change, SlotContent content, Instant seniorSince, @Nullable SlotId splitFrom) {
        var key = new GeneratedKeyHolder();
        jdbc.sql("""
                        insert into timetable_slot (station_id, revision, senior_since, split_from)
                        values (:station, 1, :since, :from)""")
                .param("station", station.value())
                .param("since", SqlTime.of(seniorSince))
                .param("from", splitFrom == null ? null : splitFrom.value())
                .update(key, "id");
        var id = new SlotId(Objects.requireNonNull(key.getKey()).longValue());
        write(id, 1, change, content, false);
        return id;
    }

    /**
     * Makes the next revision.
     *
     * @return its number
     * @throws SlotChangedMeanwhile when the slot is no longer at {@code basedOn}
     */
    int revise(SlotId id, int basedOn, long change, SlotContent content, boolean deleted) {
        var changed = jdbc.sql("update timetable_slot set revision = :next where id = :id and revision = :expected")
                .param("next", basedOn + 1)
                .param("id", id.value())
                .param("expected", basedOn)
                .update();
        if (changed == 0) {
            throw new SlotChangedMeanwhile(id, basedOn);
        }
        write(id, basedOn + 1, change, content, deleted);
        return basedOn + 1;
    }

    private void write(SlotId id, int revision, long change, SlotContent content, boolean deleted) {
        jdbc.sql("""
                        insert into timetable_revision (slot_id, revision, change_id, deleted, programme_version_id, length_ms,
                          first_date, start_time, rrule, except_dates, volume, lateness_s, class, authority)
                        values (:slot, :revision, :change, :deleted, :programme, :length, :first, :start, :rrule, :except,
                          :volume, :lateness, :class, :authority)""")
                .param("slot", id.value())
                .param("revision", revision)
                .param("change", change)
                .param("deleted", deleted)
                .param("programme", content.programme().value())
                .param("length", content.length().toMillis())
                .param("first", content.firstDate())
                .param("start", content.start())
                .param("rrule", content.recurrence().rule().orElse(null))
                .param("except", text(content.except()))
                .param("volume", content.volume())
                .param("lateness", content.lateness().toSeconds())
                .param("class", content.priority().name())
                .param("authority", content.authority().name())
                .update();
        content.targets().areas().forEach(area -> target(id, revision, "AREA", area.value()));
        content.targets().controllers().forEach(pole -> target(id, revision, "CONTROLLER", pole.value()));
    }

    private void target(SlotId id, int revision, String kind, long ref) {
        jdbc.sql("insert into timetable_target (slot_id, revision, kind, ref) values (:slot, :revision, :kind, :ref)")
                .param("slot", id.value())
                .param("revision", revision)
                .param("kind", kind)
                .param("ref", ref)
                .update();
    }

    private Map<Touched, Targets> targetsOf(SlotId id) {
        return targets("select slot_id, revision, kind, ref from timetable_target where slot_id = :id", id.value());
    }

    private Map<Touched, Targets> targets(String sql, long id) {
        var areas = new HashMap<Touched, Set<AreaId>>();
        var poles = new HashMap<Touched, Set<ControllerId>>();
        jdbc.sql(sql).param("id", id).query(row -> {
            var of = new Touched(new SlotId(row.getLong("slot_id")), row.getInt("revision"));
            var ref = row.getLong("ref");
            if (row.getString("kind").equals("AREA")) {
                areas.computeIfAbsent(of, key -> new HashSet<>()).add(new AreaId(ref));
            } else {
                poles.computeIfAbsent(of, key -> new HashSet<>()).add(new ControllerId(ref));
            }
        });
        var keys = new HashSet<>(areas.keySet());
        keys.addAll(poles.keySet());
        return keys.stream()
                .collect(Collectors.toMap(
                        key -> key,
                        key -> new Targets(areas.getOrDefault(key, Set.of()), poles.getOrDefault(key, Set.of()))));
    }

    private static Revision revision(ResultSet row, Map<Touched, Targets> targets) throws SQLException {
        var id = new SlotId(row.getLong("slot_id"));
        var revision = row.getInt("revision");
        var content = new SlotContent(
                new ProgrammeVersionId(row.getLong("programme_version_id")),
                Duration.ofMillis(row.getLong("length_ms")),
                row.getObject("first_date", LocalDate.class),
                row.getObject("start_time", LocalTime.class),
                Recurrence.parse(row.getString("rrule")),
                dates(row.getString("except_dates")),
                targets.getOrDefault(new Touched(id, revision), new Targets(Set.of(), Set.of())),
                row.getInt("volume"),
                Duration.ofSeconds(row.getLong("lateness_s")),
                Priority.valueOf(row.getString("class")),
                Authority.valueOf(row.getString("authority")));
        var slot = new Slot(
                id,
                new StationId(row.getLong("station_id")),
                ZoneId.of(row.getString("zone_id")),
                revision,
                SqlTime.get(row, "senior_since"),
                content,
                row.getLong("change_id"),
                row.getString("person_name"),
                SqlTime.get(row, "made_at"));
        return new Revision(slot, row.getBoolean("deleted"));
    }

    private static String text(Set<LocalDate> dates) {
        return dates.stream()
                .sorted()
                .map(date -> date.format(DateTimeFormatter.BASIC_ISO_DATE))
                .collect(Collectors.joining(","));
    }

    private static Set<LocalDate> dates(String text) {
        return text.isEmpty()
                ? Set.of()
                : Arrays.stream(text.split(",", -1))
                        .map(date -> LocalDate.parse(date, DateTimeFormatter.BASIC_ISO_DATE))
                        .collect(Collectors.toSet());
    }
}
