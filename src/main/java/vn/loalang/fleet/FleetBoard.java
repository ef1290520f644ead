package vn.loalang.fleet;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.access.AreaScope;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.GeoPoint;
import vn.loalang.area.SearchKey;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Fault;

/** Poles as pages show them, within the areas somebody may look at. */
@Component
public class FleetBoard {
    private static final String FROM = """
            from fleet_controller c join area_area a on a.id = c.area_id
            left join fleet_assignment s on s.open_controller = c.id
            left join fleet_unit u on u.id = s.open_unit
            """;

    /** The condition of a pole by its name: what {@link Pole#condition} says, for sorting and filtering. */
    private static final String CONDITION = condition();

    /** The conditions' order, the worst 0. */
    private static final String RANK = rank();

    private final JdbcClient jdbc;

    FleetBoard(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Every pole of the station in these areas that is in use, by name. */
    public List<Pole> poles(StationId station, AreaScope scope) {
        return page(new Query(station, scope, "", null), 0, Integer.MAX_VALUE).stream()
                .filter(pole -> !pole.archived())
                .toList();
    }

    /** These poles, archived ones included, whoever asks. */
    public Map<ControllerId, Pole> poles(Collection<ControllerId> ids) {
        if (ids.isEmpty()) {
            return Map.of();
        }
        return withFaults(jdbc.sql(SELECT + FROM + "join " + asTable("bigint") + " on wanted.id = c.id")
                        .param("wanted", ids.stream().map(ControllerId::value).toArray(Long[]::new))
                        .query(FleetBoard::pole)
                        .list())
                .stream()
                .collect(Collectors.toMap(Pole::id, pole -> pole));
    }

    /** Every pole of this server that is in use, with its tags, in the order of the tree. */
    public List<Standing> standing() {
        var tags = new HashMap<Long, Set<String>>();
        jdbc.sql("select controller_id, tag from fleet_tag").query((ResultSet row) -> {
            tags.computeIfAbsent(row.getLong(1), id -> new HashSet<>()).add(row.getString(2));
        });
        return jdbc.sql("""
                        select c.id, c.name, c.area_id, c.latitude, c.longitude, a.path, a.full_name, u.id as unit_id, u.online
                        """ + FROM + "where c.archived_at is null order by a.path, c.search_key, c.id")
                .query((row, number) -> standing(row, tags))
                .list();
    }

    private static Standing standing(ResultSet row, Map<Long, Set<String>> tags) throws SQLException {
        var latitude = row.getDouble("latitude");
        var place = row.wasNull() ? null : new GeoPoint(latitude, row.getDouble("longitude"));
        var unit = row.getString("unit_id");
        var id = row.getLong("id");
        return new Standing(
                new ControllerId(id),
                row.getString("name"),
                new AreaId(row.getLong("area_id")),
                AreaPath.of(row.getString("path")),
                row.getString("full_name"),
                place,
                unit == null ? null : new DeviceId(unit),
                row.getBoolean("online"),
                tags.getOrDefault(id, Set.of()));
    }

    /** How many poles are in each condition among those that the words find. */
    Map<Pole.Condition, Integer> counts(Query query) {
        var counts = new EnumMap<Pole.Condition, Integer>(Pole.Condition.class);
        var where = where(new Query(query.station(), query.scope(), query.words(), null));
        jdbc.sql("select " + CONDITION + " as pole_condition, count(*) as poles " + FROM + where.sql() + " group by "
                        + CONDITION)
                .params(where.params())
                .query((ResultSet row) -> {
                    counts.merge(
                            Pole.Condition.valueOf(row.getString("pole_condition")), row.getInt("poles"), Integer::sum);
                });
        return counts;
    }

    /** One page of poles, problems first. */
    List<Pole> page(Query query, int offset, int limit) {
        var where = where(query);
        return withFaults(jdbc.sql(SELECT + FROM + where.sql() + " order by " + RANK
                        + ", a.search_key, c.search_key, c.id limit :limit offset :offset")
                .params(where.params())
                .param("limit", limit)
                .param("offset", offset)
                .query(FleetBoard::pole)
                .list());
    }

    /** Boxes that hung on the pole, the newest first. */
    List<Hanging> boxes(ControllerId pole) {
        return jdbc.sql("""
                        select u.id, u.model, s.assigned_from, s.assigned_until from fleet_assignment s
                        join fleet_unit u on u.id = s.unit_id where s.controller_id = :pole order by s.assigned_from desc, s.id desc""")
                .param("pole", pole.value())
                .query((row, number) -> new Hanging(
                        new DeviceId(row.getString("id")),
                        row.getString("model"),
                        SqlTime.get(row, "assigned_from"),
                        SqlTime.getNullable(row, "assigned_until")))
                .list();
    }

    /** Troubles of the box, those that last first, then the newest. */
    List<Trouble> troubles(DeviceId unit, int limit) {
        return jdbc.sql("""
                        select fault, set_at, cleared_at from fleet_fault where unit_id = :unit
                        order by case when cleared_at is null then 0 else 1 end, set_at desc, id desc limit :limit""")
                .param("unit", unit.value())
                .param("limit", limit)
                .query((row, number) -> new Trouble(
                        Fault.valueOf(row.getString("fault")),
                        SqlTime.get(row, "set_at"),
                        SqlTime.getNullable(row, "cleared_at")))
                .list();
    }

    /** How many documents the box refused, by reason. */
    List<Refused> refusals(DeviceId unit) {
        return jdbc.sql("""
                        select code, document, refused, last_at from fleet_refusal where unit_id = :unit
                        order by last_at desc, code, document""")
                .param("unit", unit.value())
                .query((row, number) -> new Refused(
                        row.getString("code"),
                        row.getString("document"),
                        row.getLong("refused"),
                        SqlTime.get(row, "last_at")))
                .list();
    }

    /** What the box last measured of itself, as it said it; null if nothing. */
    @Nullable
    Measured measured(DeviceId unit) {
        return jdbc.sql("select telemetry, telemetry_at from fleet_unit where id = :unit and telemetry is not null")
                .param("unit", unit.value())
                .query((row, number) -> new Measured(row.getString("telemetry"), SqlTime.get(row, "telemetry_at")))
                .optional()
                .orElse(null);
    }

    /** The number that a change of the pole must name. */
    int rowVersion(ControllerId pole) {
        return jdbc.sql("select row_version from fleet_controller where id = :id")
                .param("id", pole.value())
                .query(Integer.class)
                .single();
    }

    private static final String SELECT = """
            select c.id, c.name, c.volume_limit, c.archived_at, a.path, a.full_name, u.id as unit_id, u.online, u.presence_since,
              u.last_heard
            """;

    private static String condition() {
        var silencing = Arrays.stream(Fault.values())
                .filter(Pole::silences)
                .map(fault -> "'" + fault.name() + "'")
                .collect(Collectors.joining(", "));
        return """
            case when c.archived_at is not null then 'ARCHIVED'
              when u.id is null then 'WITHOUT_BOX'
              when u.last_heard is null then 'NEVER_SEEN'
              when u.online = false then 'OFFLINE'
              when exists (select 1 from fleet_fault f where f.unit_id = u.id and f.cleared_at is null and f.fault in (%s)) then 'BROKEN'
              when exists (select 1 from fleet_fault f where f.unit_id = u.id and f.cleared_at is null) then 'FAULTY'
              else 'READY' end""".formatted(silencing);
    }

    private static String rank() {
        var rank = new StringBuilder("case ").append(CONDITION);
        var number = 0;
        for (var condition : Pole.Condition.values()) {
            rank.append(" when '").append(condition.name()).append("' then ").append(number++);
        }
        return rank.append(" end").toString();
    }

    private static Where where(Query query) {
        var sql = new StringBuilder("where c.station_id = :station");
        var params = new HashMap<String, Object>();
        params.put("station", query.station().value());
        if (!query.scope().everything()) {
            var roots = new ArrayList<String>();
            for (var root : query.scope().roots()) {
                var name = "root" + roots.size();
                roots.add("a.path = :" + name + " or a.path like :" + name + "below");
                params.put(name, root.value());
                params.put(name + "below", root.value() + ".%");
            }
            sql.append(roots.isEmpty() ? " and 1 = 0" : " and (" + String.join(" or ", roots) + ")");
        }
        if (!query.words().isBlank()) {
            sql.append(" ").append("""
                     and (c.search_key like :words escape '\\' or a.search_key like :words escape '\\'
                       or lower(u.id) like :words escape '\\'
                       or exists (select 1 from fleet_tag t where t.controller_id = c.id and t.tag like :words escape '\\'))""");
            params.put("words", SearchKey.pattern(query.words()));
        }
        var only = query.only();
        if (only != null) {
            sql.append(" and ").append(CONDITION).append(" = :only");
            params.put("only", only.name());
        } else {
            sql.append(" and c.archived_at is null");
        }
        return new Where(sql.toString(), params);
    }

    private List<Pole> withFaults(List<Pole> poles) {
        var units = poles.stream()
                .map(Pole::unit)
                .filter(java.util.Objects::nonNull)
                .map(DeviceId::value)
                .toArray(String[]::new);
        if (units.length == 0) {
            return poles;
        }
        var faults = new HashMap<String, List<Fault>>();
        jdbc.sql("select f.unit_id, f.fault from fleet_fault f join " + asTable("varchar")
                        + " on wanted.id = f.unit_id where f.cleared_at is null order by f.fault")
                .param("wanted", units)
                .query((ResultSet row) -> {
                    faults.computeIfAbsent(row.getString(1), unit -> new ArrayList<>())
                            .add(Fault.valueOf(row.getString(2)));
                });
        return poles.stream()
                .map(pole -> {
                    var unit = pole.unit();
                    return unit == null
                            ? pole
                            : new Pole(
                                    pole.id(),
                                    pole.name(),
                                    pole.area(),
                                    pole.village(),
                                    pole.volumeLimit(),
                                    pole.archived(),
                                    unit,
                                    pole.presence(),
                                    faults.getOrDefault(unit.value(), List.of()));
                })
                .toList();
    }

    /** Thousands of values as a table to join: as a list they would be compared one by one with every row. */
    private static String asTable(String type) {
        return "unnest(cast(:wanted as " + type + " array)) as wanted(id)";
    }

    private static Pole pole(ResultSet row, int number) throws SQLException {
        var unit = row.getString("unit_id");
        return new Pole(
                new ControllerId(row.getLong("id")),
                row.getString("name"),
                AreaPath.of(row.getString("path")),
                row.getString("full_name"),
                row.getInt("volume_limit"),
                row.getObject("archived_at") != null,
                unit == null ? null : new DeviceId(unit),
                Fleet.presence(row),
                List.of());
    }

    /**
     * Which poles to show.
     *
     * @param words somewhere in name, village, tag or box id, accents ignored; empty for all
     * @param only in this condition; null for all that are in use
     */
    record Query(StationId station, AreaScope scope, String words, Pole.@Nullable Condition only) {}

    /** A box on the pole from then until then; null while it hangs there. */
    record Hanging(
            DeviceId unit,
            String model,
            Instant from,
            @Nullable Instant until) {}

    /** A trouble from then until then; null while it lasts. */
    record Trouble(Fault fault, Instant since, @Nullable Instant until) {}

    /** So many documents of this kind refused for this reason. */
    record Refused(String code, String document, long count, Instant last) {}

    /** A measurement as it came. */
    record Measured(String json, Instant at) {}

    private record Where(String sql, Map<String, Object> params) {}
}
