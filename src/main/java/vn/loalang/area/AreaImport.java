package vn.loalang.area;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Areas from a CSV file. Columns by name in the first line: {@code code}, {@code level} and {@code name} are required;
 * {@code parent_code}, {@code full_name}, {@code name_en}, {@code type}, {@code authority}, {@code languages} (separated by
 * spaces), {@code lat}, {@code lon}, {@code min_lat}, {@code min_lon}, {@code max_lat}, {@code max_lon} may be there; others
 * are ignored. A file is taken whole or not at all; taking it again changes nothing.
 */
@Component
public class AreaImport {
    /** A file may not be larger, in bytes. */
    public static final int LARGEST = 5_000_000;

    private static final int MOST_FAULTS = 100;
    private static final int MOST_ROWS = 100_000;
    private static final int BATCH = 500;
    private static final List<String> REQUIRED = List.of("code", "level", "name");
    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,19}");
    private static final Pattern LEVEL = Pattern.compile("[a-z][a-z0-9-]{0,19}");
    private static final Map<String, Authority> AUTHORITIES = Map.of(
            "country", Authority.CENTRAL,
            "province", Authority.PROVINCE,
            "commune", Authority.COMMUNE,
            "village", Authority.VILLAGE);

    private final JdbcTemplate jdbc;
    private final Clock clock;
    private final Durability durability;

    AreaImport(JdbcTemplate jdbc, Clock clock, Durability durability) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.durability = durability;
    }

    /**
     * What the file would do.
     *
     * @param faults why it is refused, in the order of lines, 100 at most; empty when it can be taken
     * @param added areas it would add
     * @param changed areas whose names, level or place it would change
     * @param unchanged areas it only repeats
     */
    public record Preview(List<Fault> faults, int added, int changed, int unchanged) {
        /** Whether the file can be taken. */
        public boolean acceptable() {
            return faults.isEmpty();
        }
    }

    /**
     * One reason to refuse the file.
     *
     * @param line where, from 1
     * @param messageKey key of the sentence
     * @param arguments what its placeholders stand for
     */
    public record Fault(int line, String messageKey, List<Object> arguments) {
        public Fault {
            arguments = List.copyOf(arguments);
        }
    }

    /** Reads the file against the areas there are, and changes nothing. */
    @Transactional(readOnly = true)
    public Preview preview(byte[] file) {
        return plan(file).preview();
    }

    /**
     * Takes the whole file, or nothing of it when anything is wrong.
     *
     * @return what was done, or the faults
     */
    @Transactional
    public Preview apply(byte[] file) {
        var plan = plan(file);
        if (plan.faults.isEmpty()) {
            add(plan.added);
            change(plan.changed);
            durability.confirm();
        }
        return plan.preview();
    }

    private Plan plan(byte[] file) {
        var plan = new Plan();
        if (file.length > LARGEST) {
            plan.fault(1, "area.import.fault.size", LARGEST / 1_000_000);
            return plan;
        }
        CsvTable table;
        try {
            table = CsvTable.read(file);
        } catch (CsvTable.Malformed e) {
            plan.fault(e.line(), e.messageKey());
            return plan;
        }
        if (table.rows().isEmpty()) {
            plan.fault(1, "area.import.fault.empty");
            return plan;
        }
        if (table.rows().size() > MOST_ROWS) {
            plan.fault(MOST_ROWS, "area.import.fault.rows", MOST_ROWS);
            return plan;
        }
        var header = table.rows().get(0).cells().stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
        REQUIRED.stream()
                .filter(name -> !header.contains(name))
                .forEach(name -> plan.fault(1, "area.import.fault.column", name));
        if (new HashSet<>(header).size() < header.size()) {
            plan.fault(1, "area.import.fault.columnTwice");
        }
        if (plan.faults.isEmpty()) {
            var rows = rows(table, header, plan);
            place(rows, plan);
        }
        return plan;
    }

    private static Map<String, Row> rows(CsvTable table, List<String> header, Plan plan) {
        var rows = new java.util.LinkedHashMap<String, Row>();
        for (var record : table.rows().subList(1, table.rows().size())) {
            if (record.cells().size() != header.size()) {
                plan.fault(
                        record.line(), "area.import.fault.cells", record.cells().size(), header.size());
                continue;
            }
            var row = row(new Cells(record, header, plan));
            if (row == null) {
                continue;
            }
            var before = rows.putIfAbsent(row.code, row);
            if (before != null) {
                plan.fault(row.line, "area.import.fault.twice", row.code, before.line);
            }
        }
        return rows;
    }

    private static @Nullable Row row(Cells cells) {
        var code = cells.matching("code", CODE);
        var level = cells.matching("level", LEVEL);
        var name = cells.name("name", null);
        var fullName = cells.name("full_name", name);
        var nameEn = cells.text("name_en", Areas.LONGEST_NAME);
        var kind = cells.text("type", 40);
        var authority = cells.authority(level);
        var languages = cells.languages();
        var numbers = Arrays.asList(
                cells.degrees("lat", 90),
                cells.degrees("lon", 180),
                cells.degrees("min_lat", 90),
                cells.degrees("min_lon", 180),
                cells.degrees("max_lat", 90),
                cells.degrees("max_lon", 180));
        if (cells.faulty || code == null || level == null || name == null || fullName == null || authority == null) {
            return null;
        }
        var parent = cells.get("parent_code");
        return new Row(
                cells.row.line(), code, parent, level, name, fullName, nameEn, kind, authority, languages, numbers);
    }

    /** Gives each row its path, parents before children, whatever the order of lines. */
    private void place(Map<String, Row> rows, Plan plan) {
        var existing = new HashMap<String, Existing>();
        var labels = new HashMap<String, Set<String>>();
        for (var area : existing()) {
            existing.put(area.code, area);
            var path = new AreaPath(area.path);
            labels.computeIfAbsent(path.parent().value(), p -> new HashSet<>()).add(path.label());
        }
        var children = new HashMap<String, List<Row>>();
        var ready = new ArrayDeque<Row>();
        for (var row : rows.values()) {
            if (row.parentCode.isEmpty() || existing.containsKey(row.parentCode)) {
                ready.add(row);
            } else if (rows.containsKey(row.parentCode)) {
                children.computeIfAbsent(row.parentCode, p -> new ArrayList<>()).add(row);
            } else {
                plan.fault(row.line, "area.import.fault.parent", row.parentCode);
            }
        }
        var paths = new HashMap<String, AreaPath>();
        var placed = new HashSet<String>();
        while (!ready.isEmpty()) {
            var row = ready.poll();
            placed.add(row.code);
            ready.addAll(children.getOrDefault(row.code, List.of()));
            place(row, existing, paths, labels, plan);
        }
        rows.values().stream()
                .filter(row -> !placed.contains(row.code) && inCircle(row, rows))
                .forEach(row -> plan.fault(row.line, "area.import.fault.circle", row.code));
        plan.sortFaults();
    }

    private static boolean inCircle(Row row, Map<String, Row> rows) {
        var seen = new HashSet<String>();
        var at = row;
        while (at != null && seen.add(at.code)) {
            at = rows.get(at.parentCode);
        }
        return at != null;
    }

    private static void place(
            Row row,
            Map<String, Existing> existing,
            Map<String, AreaPath> paths,
            Map<String, Set<String>> labels,
            Plan plan) {
        var known = existing.get(row.parentCode);
        var parent = row.parentCode.isEmpty()
                ? AreaPath.ROOT
                : known != null ? new AreaPath(known.path) : paths.get(row.parentCode);
        if (parent == null || (known != null && known.archived)) {
            plan.fault(row.line, "area.import.fault.parent", row.parentCode);
            return;
        }
        var same = existing.get(row.code);
        if (same != null) {
            var path = new AreaPath(same.path);
            if (same.archived) {
                plan.fault(row.line, "area.import.fault.archived", row.code);
            } else if (!path.parent().equals(parent)) {
                plan.fault(row.line, "area.import.fault.moved", row.code);
            } else if (same.content.equals(row.content())) {
                plan.unchanged++;
            } else {
                plan.changed.add(new Placed(row, path));
            }
            paths.put(row.code, path);
            return;
        }
        try {
            var taken = labels.computeIfAbsent(parent.value(), p -> new HashSet<>());
            var path = Areas.newPath(parent, row.parentCode, row.code, taken);
            taken.add(path.label());
            paths.put(row.code, path);
            plan.added.add(new Placed(row, path));
        } catch (Refusal refusal) {
            plan.fault(row.line, refusal.messageKey(), refusal.arguments());
        }
    }

    private List<Existing> existing() {
        return jdbc.query(
                """
                select code, path, archived_at, level, name, full_name, name_en, kind, authority, languages,
                  latitude, longitude, min_latitude, min_longitude, max_latitude, max_longitude from area_area""",
                (row, number) -> new Existing(
                        row.getString("code"),
                        row.getString("path"),
                        row.getObject("archived_at") != null,
                        Arrays.asList(
                                row.getString("level"),
                                row.getString("name"),
                                row.getString("full_name"),
                                Objects.requireNonNullElse(row.getString("name_en"), ""),
                                Objects.requireNonNullElse(row.getString("kind"), ""),
                                row.getString("authority"),
                                row.getString("languages"),
                                row.getObject("latitude", Double.class),
                                row.getObject("longitude", Double.class),
                                row.getObject("min_latitude", Double.class),
                                row.getObject("min_longitude", Double.class),
                                row.getObject("max_latitude", Double.class),
                                row.getObject("max_longitude", Double.class))));
    }

    private void add(List<Placed> added) {
        var now = SqlTime.of(clock.instant());
        // Parents stand before their children in the list, and the statements of a batch run in order.
        jdbc.batchUpdate("""
                insert into area_area (level, name, full_name, name_en, kind, authority, languages,
                  latitude, longitude, min_latitude, min_longitude, max_latitude, max_longitude,
                  search_key, code, path, parent_id, created_at)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (select id from area_area where path = ?), ?)""", added, BATCH, (statement, placed) -> {
            var next = bind(statement, placed.row);
            statement.setString(next++, placed.row.code);
            statement.setString(next++, placed.path.value());
            statement.setString(next++, placed.path.parent().value());
            statement.setObject(next, now);
        });
    }

    private void change(List<Placed> changed) {
        jdbc.batchUpdate("""
                update area_area set level = ?, name = ?, full_name = ?, name_en = ?, kind = ?, authority = ?, languages = ?,
                  latitude = ?, longitude = ?, min_latitude = ?, min_longitude = ?, max_latitude = ?, max_longitude = ?,
                  search_key = ? where path = ?""", changed, BATCH, (statement, placed) -> {
            var next = bind(statement, placed.row);
            statement.setString(next, placed.path.value());
        });
    }

    private static int bind(java.sql.PreparedStatement statement, Row row) throws java.sql.SQLException {
        var next = 1;
        for (var value : row.content()) {
            statement.setObject(next++, value);
        }
        statement.setString(next++, Areas.searchKey(row.fullName, row.name, row.code));
        return next;
    }

    /** An area there is: its content in the order of {@link Row#content()}. */
    private record Existing(String code, String path, boolean archived, List<@Nullable Object> content) {}

    private record Placed(Row row, AreaPath path) {}

    private record Row(
            int line,
            String code,
            String parentCode,
            String level,
            String name,
            String fullName,
            String nameEn,
            String kind,
            Authority authority,
            String languages,
            List<@Nullable Double> degrees) {
        List<@Nullable Object> content() {
            var content = new ArrayList<@Nullable Object>(
                    List.of(level, name, fullName, nameEn, kind, authority.name(), languages));
            content.addAll(degrees);
            return content;
        }
    }

    private static final class Plan {
        private final List<Fault> faults = new ArrayList<>();
        private final List<Placed> added = new ArrayList<>();
        private final List<Placed> changed = new ArrayList<>();
        private int unchanged;

        void fault(int line, String messageKey, Object... arguments) {
            faults.add(new Fault(line, messageKey, List.of(arguments)));
        }

        void sortFaults() {
            faults.sort(java.util.Comparator.comparingInt(Fault::line));
        }

        Preview preview() {
            return new Preview(faults.stream().limit(MOST_FAULTS).toList(), added.size(), changed.size(), unchanged);
        }
    }

    /** One line, read by column name; remembers whether anything in it was wrong. */
    private static final class Cells {
        private final CsvTable.Row row;
        private final List<String> header;
        private final Plan plan;
        private boolean faulty;

        Cells(CsvTable.Row row, List<String> header, Plan plan) {
            this.row = row;
            this.header = header;
            this.plan = plan;
        }

        String get(String column) {
            var at = header.indexOf(column);
            return at < 0 ? "" : row.cells().get(at);
        }

        @Nullable
        String matching(String column, Pattern pattern) {
            var value = get(column);
            if (!pattern.matcher(value).matches()) {
                fault("area.import.fault.value", column, value);
                return null;
            }
            return value;
        }

        @Nullable
        String name(String column, @Nullable String otherwise) {
            var value = get(column);
            if (value.isEmpty() && otherwise != null) {
                return otherwise;
            }
            if (value.isEmpty() || value.length() > Areas.LONGEST_NAME) {
                fault("area.import.fault.name", column, Areas.LONGEST_NAME);
                return null;
            }
            return value;
        }

        String text(String column, int longest) {
            var value = get(column);
            if (value.length() > longest) {
                fault("area.import.fault.long", column, longest);
            }
            return value;
        }

        @Nullable
        Authority authority(@Nullable String level) {
            var given = get("authority").toUpperCase(Locale.ROOT);
            var authority = given.isEmpty()
                    ? AUTHORITIES.get(Objects.requireNonNullElse(level, ""))
                    : Arrays.stream(Authority.values())
                            .filter(value -> value.name().equals(given))
                            .findFirst()
                            .orElse(null);
            if (authority == null && level != null) {
                fault("area.import.fault.authority", given.isEmpty() ? level : given);
            }
            return authority;
        }

        String languages() {
            var given = get("languages");
            if (given.isEmpty()) {
                return "vi";
            }
            var tags = List.of(given.split("\\s+"));
            if (!Areas.areLanguages(tags)) {
                fault("area.import.fault.value", "languages", given);
            }
            return String.join(",", tags);
        }

        @Nullable
        Double degrees(String column, int most) {
            var value = get(column);
            if (value.isEmpty()) {
                return null;
            }
            try {
                var degrees = Double.parseDouble(value);
                if (Math.abs(degrees) <= most) {
                    return degrees;
                }
            } catch (NumberFormatException e) {
                // Told below, together with numbers that are none on Earth.
                faulty = true;
            }
            fault("area.import.fault.degrees", column, value, most);
            return null;
        }

        private void fault(String messageKey, Object... arguments) {
            faulty = true;
            plan.fault(row.line(), messageKey, arguments);
        }
    }
}
