package vn.loalang.fleet;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.AreaId;
import vn.loalang.area.Refusal;
import vn.loalang.area.SearchKey;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.protocol.DeviceId;
import vn.loalang.web.LiveUpdates;

/** The poles and the boxes on them. Poles are archived, never deleted: their playbacks stay in the reports. */
@Component
public class Fleet {
    static final int LONGEST_NAME = 80;
    static final int LONGEST_LABEL = 60;
    static final int LONGEST_TAG = 40;
    static final int MOST_TAGS = 20;
    static final int LEAST_VOLUME_LIMIT = 10;
    static final int MOST_VOLUME_LIMIT = 100;
    static final double MOST_LATITUDE = 90;
    static final double MOST_LONGITUDE = 180;

    private static final String CONTROLLER =
            "select id, station_id, area_id, name, latitude, longitude, volume_limit, archived_at from fleet_controller ";

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final Clock clock;
    private final ApplicationEventPublisher events;
    private final LiveUpdates live;

    Fleet(JdbcClient jdbc, JdbcTemplate batches, Clock clock, ApplicationEventPublisher events, LiveUpdates live) {
        this.jdbc = jdbc;
        this.batches = batches;
        this.clock = clock;
        this.events = events;
        this.live = live;
    }

    /** Poles in use in these areas and everything below them, each once even where areas overlap. */
    public Set<ControllerId> standingIn(Collection<AreaId> areas) {
        if (areas.isEmpty()) {
            return Set.of();
        }
        return jdbc
                .sql("""
                        select distinct c.id from fleet_controller c
                        join area_area a on a.id = c.area_id
                        join area_area above on a.path = above.path or a.path like above.path || '.%'
                        where c.archived_at is null and above.id in (:areas)""")
                .param("areas", areas.stream().map(AreaId::value).toList())
                .query((row, number) -> new ControllerId(row.getLong(1)))
                .list()
                .stream()
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The pole, archived ones included. */
    public Optional<Controller> find(ControllerId id) {
        return withTags(jdbc.sql(CONTROLLER + "where id = :id")
                        .param("id", id.value())
                        .query(Fleet::controller)
                        .list())
                .stream()
                .findFirst();
    }

    /** Every pole of the station that is in use, by name. */
    public List<Controller> all(StationId station) {
        return withTags(
                jdbc.sql(CONTROLLER + "where station_id = :station and archived_at is null order by search_key, id")
                        .param("station", station.value())
                        .query(Fleet::controller)
                        .list());
    }

    /** The box that hangs on the pole now. */
    public Optional<DeviceId> unitOf(ControllerId controller) {
        return jdbc.sql("select open_unit from fleet_assignment where open_controller = :controller")
                .param("controller", controller.value())
                .query((row, number) -> new DeviceId(row.getString(1)))
                .optional();
    }

    /** The pole on which the box hangs now. */
    public Optional<ControllerId> controllerOf(DeviceId unit) {
        return jdbc.sql("select open_controller from fleet_assignment where open_unit = :unit")
                .param("unit", unit.value())
                .query((row, number) -> new ControllerId(row.getLong(1)))
                .optional();
    }

    /** The poles on which these boxes hang now; boxes that hang nowhere are left out. */
    public Map<DeviceId, ControllerId> controllersOf(Collection<DeviceId> units) {
        var poles = new HashMap<DeviceId, ControllerId>();
        if (!units.isEmpty()) {
            jdbc.sql("""
                            select open_unit, open_controller from unnest(cast(:units as varchar array)) as asked(unit)
                            join fleet_assignment on open_unit = asked.unit""")
                    .param("units", units.stream().map(DeviceId::value).toArray(String[]::new))
                    .query((ResultSet row) -> {
                        poles.put(new DeviceId(row.getString(1)), new ControllerId(row.getLong(2)));
                    });
        }
        return poles;
    }

    /** The registered box with this id. */
    public Optional<ControllerUnit> unit(DeviceId id) {
        return jdbc.sql("""
                        select id, model, hardware, firmware, registered_at, session_number, last_heard from fleet_unit
                        where id = :id""").param("id", id.value()).query(Fleet::unit).optional();
    }

    /** The poles on which a box hangs now. */
    public Set<ControllerId> equipped() {
        return jdbc.sql("select open_controller from fleet_assignment where open_controller is not null")
                .query((row, number) -> new ControllerId(row.getLong(1)))
                .set();
    }

    /** When the first of the registered boxes became known. */
    public Optional<Instant> firstRegistered() {
        return jdbc.sql("select min(registered_at) as first_at from fleet_unit")
                .query((row, number) -> Optional.ofNullable(SqlTime.getNullable(row, "first_at")))
                .single();
    }

    /** Every registered box, by id. */
    public List<ControllerUnit> units() {
        return jdbc.sql("""
                        select id, model, hardware, firmware, registered_at, session_number, last_heard from fleet_unit
                        order by id""").query(Fleet::unit).list();
    }

    /**
     * Adds a pole.
     *
     * @throws Refusal naming the field and its limit, when anything is missing or out of range
     */
    @Transactional
    public ControllerId addController(NewController wanted) {
        var clean = checked(wanted);
        var id = new ControllerId(insert("""
                insert into fleet_controller (station_id, area_id, name, search_key, latitude, longitude, volume_limit, created_at)
                values (:station, :area, :name, :searchKey, :latitude, :longitude, :volumeLimit, :now)""", clean));
        tag(id, clean.tags());
        changed(Set.of(id));
        return id;
    }

    /**
     * Changes what is known of a pole.
     *
     * @param rowVersion as it was when the person opened the form
     * @throws Refusal when a field is wrong, the pole is missing, or another person has changed it meanwhile
     */
    @Transactional
    public void change(ControllerId id, NewController wanted, int rowVersion) {
        var clean = checked(wanted);
        var changed = jdbc.sql("""
                        update fleet_controller set area_id = :area, name = :name, search_key = :searchKey,
                          latitude = :latitude, longitude = :longitude, volume_limit = :volumeLimit, row_version = row_version + 1
                        where id = :id and row_version = :rowVersion""")
                .param("area", clean.areaId().value())
                .param("name", clean.name())
                .param("searchKey", SearchKey.of(clean.name()))
                .param("latitude", clean.latitude())
                .param("longitude", clean.longitude())
                .param("volumeLimit", clean.volumeLimit())
                .param("id", id.value())
                .param("rowVersion", rowVersion)
                .update();
        if (changed == 0) {
            throw new Refusal("", find(id).isEmpty() ? "fleet.refused.missing" : "fleet.refused.stale", clean.name());
        }
        tag(id, clean.tags());
        changed(Set.of(id));
    }

    /** Takes a pole out of use; nothing more is planned for it. Again does nothing. */
    @Transactional
    public void archive(ControllerId id) {
        archivedAt(id, true);
    }

    /** Takes an archived pole into use again. */
    @Transactional
    public void restore(ControllerId id) {
        archivedAt(id, false);
    }

    /**
     * Makes a box known; boxes nobody registered are refused when they connect.
     *
     * @throws Refusal when it is registered already or a text is too long
     */
    @Transactional
    public void registerUnit(NewUnit wanted) {
        var model = wanted.model().strip();
        var hardware = wanted.hardware().strip();
        if (model.isEmpty() || model.length() > LONGEST_LABEL) {
            throw new Refusal("model", "fleet.refused.model", LONGEST_LABEL);
        }
        if (hardware.length() > LONGEST_LABEL) {
            throw new Refusal("hardware", "fleet.refused.hardware", LONGEST_LABEL);
        }
        var added = jdbc.sql("""
                        insert into fleet_unit (id, model, hardware, firmware, registered_at)
                        values (:id, :model, :hardware, '', :now) on conflict do nothing""")
                .param("id", wanted.id().value())
                .param("model", model)
                .param("hardware", hardware)
                .param("now", SqlTime.of(clock.instant()))
                .update();
        if (added == 0) {
            throw new Refusal("unit", "fleet.refused.unitKnown", wanted.id().value());
        }
    }

    /**
     * Adds many poles at once, each with a new box on it, for trials with a simulated fleet.
     *
     * @param boxes as many as poles, in the same order
     * @return the poles in that order
     * @throws Refusal when anything is missing or out of range
     * @throws org.springframework.dao.DuplicateKeyException when a box is known already
     */
    @Transactional
    public List<ControllerId> addMany(List<NewController> poles, List<NewUnit> boxes) {
        if (poles.size() != boxes.size()) {
            throw new IllegalArgumentException("each pole needs one box");
        }
        var now = SqlTime.of(clock.instant());
        var keys = new org.springframework.jdbc.support.GeneratedKeyHolder();
        batches.batchUpdate(
                connection -> connection.prepareStatement("""
                        insert into fleet_controller (station_id, area_id, name, search_key, latitude, longitude, volume_limit,
                          created_at) values (?, ?, ?, ?, null, null, ?, ?)""", new String[] {"id"}),
                new org.springframework.jdbc.core.BatchPreparedStatementSetter() {
                    @Override
                    public void setValues(java.sql.PreparedStatement statement, int index) throws SQLException {
                        var pole = poles.get(index);
                        statement.setLong(1, pole.stationId().value());
                        statement.setLong(2, pole.areaId().value());
                        statement.setString(3, pole.name());
                        statement.setString(4, SearchKey.of(pole.name()));
                        statement.setInt(5, pole.volumeLimit());
                        statement.setObject(6, now);
                    }

                    @Override
                    public int getBatchSize() {
                        return poles.size();
                    }
                },
                keys);
        var ids = keys.getKeyList().stream()
                .map(key -> new ControllerId(((Number) java.util.Objects.requireNonNull(key.get("id"))).longValue()))
                .toList();
        batches.batchUpdate(
                "insert into fleet_unit (id, model, hardware, firmware, registered_at) values (?, ?, ?, '', ?)",
                boxes.stream()
                        .map(box -> new Object[] {box.id().value(), box.model(), box.hardware(), now})
                        .toList());
        var assignments = new java.util.ArrayList<Object[]>();
        for (var i = 0; i < boxes.size(); i++) {
            var pole = ids.get(i).value();
            var box = boxes.get(i).id().value();
            assignments.add(new Object[] {pole, box, now, pole, box});
        }
        batches.batchUpdate("""
                insert into fleet_assignment (controller_id, unit_id, assigned_from, open_controller, open_unit)
                values (?, ?, ?, ?, ?)""", assignments);
        changed(Set.copyOf(ids));
        return ids;
    }

    /** Boxes that are connected now. */
    public Set<DeviceId> online() {
        return Set.copyOf(jdbc.sql("select id from fleet_unit where online = true")
                .query((row, number) -> new DeviceId(row.getString(1)))
                .list());
    }

    /**
     * Hangs a box on a pole: the box that hung there comes down, and the box leaves the pole it hung on.
     *
     * @throws Refusal when the box is not registered or the pole is missing or archived
     */
    @Transactional
    public void assign(DeviceId unit, ControllerId controller) {
        if (unit(unit).isEmpty()) {
            throw new Refusal("unit", "fleet.refused.unitMissing", unit.value());
        }
        if (find(controller).filter(Controller::active).isEmpty()) {
            throw new Refusal("controller", "fleet.refused.missing", controller.value());
        }
        var before = controllerOf(unit);
        if (before.equals(Optional.of(controller))) {
            return;
        }
        var now = SqlTime.of(clock.instant());
        jdbc.sql("""
                        update fleet_assignment set assigned_until = :now, open_controller = null, open_unit = null
                        where open_controller = :controller or open_unit = :unit""")
                .param("now", now)
                .param("controller", controller.value())
                .param("unit", unit.value())
                .update();
        jdbc.sql("""
                        insert into fleet_assignment (controller_id, unit_id, assigned_from, open_controller, open_unit)
                        values (:controller, :unit, :now, :controller, :unit)""")
                .param("controller", controller.value())
                .param("unit", unit.value())
                .param("now", now)
                .update();
        var changed = new HashSet<>(Set.of(controller));
        before.ifPresent(changed::add);
        changed(changed);
    }

    /** Whether the pole's box is there. */
    public Presence presence(ControllerId controller) {
        return jdbc.sql("""
                        select u.online, u.presence_since, u.last_heard from fleet_assignment s
                        join fleet_unit u on u.id = s.open_unit where s.open_controller = :controller""")
                .param("controller", controller.value())
                .query((row, number) -> presence(row))
                .optional()
                .orElse(Presence.NEVER);
    }

    /** Presence of every pole of the station that is in use. */
    public Map<ControllerId, Presence> presences(StationId station) {
        var presences = new HashMap<ControllerId, Presence>();
        jdbc.sql("""
                        select c.id, u.online, u.presence_since, u.last_heard from fleet_controller c
                        left join fleet_assignment s on s.open_controller = c.id
                        left join fleet_unit u on u.id = s.open_unit
                        where c.station_id = :station and c.archived_at is null""").param("station", station.value()).query((ResultSet row) -> {
            presences.put(new ControllerId(row.getLong("id")), presence(row));
        });
        return presences;
    }

    static Presence presence(ResultSet row) throws SQLException {
        var lastHeard = SqlTime.getNullable(row, "last_heard");
        var since = SqlTime.getNullable(row, "presence_since");
        if (lastHeard == null) {
            return Presence.NEVER;
        }
        return new Presence(
                row.getBoolean("online") ? Presence.State.ONLINE : Presence.State.OFFLINE, since, lastHeard);
    }

    private void archivedAt(ControllerId id, boolean archived) {
        var changed = jdbc.sql("""
                        update fleet_controller set archived_at = :archivedAt, row_version = row_version + 1
                        where id = :id and (archived_at is null) = :archived""")
                .param("archivedAt", SqlTime.ofNullable(archived ? clock.instant() : null))
                .param("id", id.value())
                .param("archived", archived)
                .update();
        if (changed > 0) {
            changed(Set.of(id));
        }
    }

    private void changed(Set<ControllerId> controllers) {
        live.changed(PresenceBook.FLEET);
        events.publishEvent(new FleetChanged(controllers));
    }

    private NewController checked(NewController wanted) {
        var name = wanted.name().strip();
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            throw new Refusal("name", "fleet.refused.name", LONGEST_NAME);
        }
        var latitude = wanted.latitude();
        var longitude = wanted.longitude();
        if ((latitude == null) != (longitude == null)) {
            throw new Refusal(latitude == null ? "latitude" : "longitude", "fleet.refused.halfPlace");
        }
        if (latitude != null && !(Math.abs(latitude) <= MOST_LATITUDE)) {
            throw new Refusal("latitude", "fleet.refused.latitude");
        }
        if (longitude != null && !(Math.abs(longitude) <= MOST_LONGITUDE)) {
            throw new Refusal("longitude", "fleet.refused.longitude");
        }
        if (wanted.volumeLimit() < LEAST_VOLUME_LIMIT || wanted.volumeLimit() > MOST_VOLUME_LIMIT) {
            throw new Refusal("volumeLimit", "fleet.refused.volumeLimit", LEAST_VOLUME_LIMIT, MOST_VOLUME_LIMIT);
        }
        var tags = wanted.tags().stream()
                .map(tag -> tag.strip().toLowerCase(Locale.ROOT))
                .filter(tag -> !tag.isEmpty())
                .collect(Collectors.toSet());
        if (tags.size() > MOST_TAGS || tags.stream().anyMatch(tag -> tag.length() > LONGEST_TAG)) {
            throw new Refusal("tags", "fleet.refused.tags", MOST_TAGS, LONGEST_TAG);
        }
        var areas = jdbc.sql("select count(*) from area_area where id = :id and archived_at is null")
                .param("id", wanted.areaId().value())
                .query(Long.class)
                .single();
        if (areas == 0) {
            throw new Refusal("area", "fleet.refused.area");
        }
        return new NewController(
                wanted.stationId(), wanted.areaId(), name, latitude, longitude, wanted.volumeLimit(), tags);
    }

    private long insert(String sql, NewController clean) {
        var keys = new org.springframework.jdbc.support.GeneratedKeyHolder();
        jdbc.sql(sql)
                .param("station", clean.stationId().value())
                .param("area", clean.areaId().value())
                .param("name", clean.name())
                .param("searchKey", SearchKey.of(clean.name()))
                .param("latitude", clean.latitude())
                .param("longitude", clean.longitude())
                .param("volumeLimit", clean.volumeLimit())
                .param("now", SqlTime.of(clock.instant()))
                .update(keys, "id");
        var key = keys.getKey();
        if (key == null) {
            throw new IllegalStateException("the database gave the new pole no id");
        }
        return key.longValue();
    }

    private void tag(ControllerId id, Set<String> tags) {
        jdbc.sql("delete from fleet_tag where controller_id = :id")
                .param("id", id.value())
                .update();
        for (var tag : tags) {
            jdbc.sql("insert into fleet_tag (controller_id, tag) values (:id, :tag)")
                    .param("id", id.value())
                    .param("tag", tag)
                    .update();
        }
    }

    private List<Controller> withTags(List<Controller> controllers) {
        if (controllers.isEmpty()) {
            return controllers;
        }
        var tags = new HashMap<Long, Set<String>>();
        jdbc.sql("select controller_id, tag from fleet_tag where controller_id in (:ids)")
                .param("ids", controllers.stream().map(it -> it.id().value()).toList())
                .query((ResultSet row) -> {
                    tags.computeIfAbsent(row.getLong(1), id -> new HashSet<>()).add(row.getString(2));
                });
        return controllers.stream()
                .map(it -> new Controller(
                        it.id(),
                        it.stationId(),
                        it.areaId(),
                        it.name(),
                        it.latitude(),
                        it.longitude(),
                        it.volumeLimit(),
                        tags.getOrDefault(it.id().value(), Set.of()),
                        it.archivedAt()))
                .toList();
    }

    private static Controller controller(ResultSet row, int number) throws SQLException {
        return new Controller(
                new ControllerId(row.getLong("id")),
                new StationId(row.getLong("station_id")),
                new AreaId(row.getLong("area_id")),
                row.getString("name"),
                degrees(row, "latitude"),
                degrees(row, "longitude"),
                row.getInt("volume_limit"),
                Set.of(),
                SqlTime.getNullable(row, "archived_at"));
    }

    private static @Nullable Double degrees(ResultSet row, String column) throws SQLException {
        var value = row.getDouble(column);
        return row.wasNull() ? null : value;
    }

    private static ControllerUnit unit(ResultSet row, int number) throws SQLException {
        return new ControllerUnit(
                new DeviceId(row.getString("id")),
                row.getString("model"),
                row.getString("hardware"),
                row.getString("firmware"),
                SqlTime.get(row, "registered_at"),
                row.getLong("session_number"),
                SqlTime.getNullable(row, "last_heard"));
    }
}
