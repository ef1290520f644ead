package vn.loalang.area;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** The tree of areas. Nothing is deleted: an area that no longer exists is archived and keeps its path. */
@Component
public class Areas {
    static final int LONGEST_NAME = 200;
    static final int LONGEST_CODE = 20;
    static final String COLUMNS =
            "id, parent_id, path, code, name, full_name, level, authority, languages, latitude, longitude, archived_at ";

    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,19}");
    private static final Pattern LEVEL = Pattern.compile("[a-z][a-z0-9-]{0,19}");

    private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*");

    /** Characters of all tags of an area with the commas between. */
    private static final int LONGEST_LANGUAGES = 100;

    private final JdbcClient jdbc;
    private final Clock clock;
    private final ApplicationEventPublisher events;
    private final ObjectProvider<AreaUse> uses;

    Areas(JdbcClient jdbc, Clock clock, ApplicationEventPublisher events, ObjectProvider<AreaUse> uses) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.events = events;
        this.uses = uses;
    }

    /** Whether no area has been made yet. */
    public boolean none() {
        return jdbc.sql("select count(*) from area_area").query(Long.class).single() == 0;
    }

    /** The area at this path, archived ones included. */
    public Optional<Area> find(AreaPath path) {
        return jdbc.sql("select " + COLUMNS + "from area_area where path = :path")
                .param("path", path.value())
                .query(Areas::area)
                .optional();
    }

    /** The area with this surrogate key. */
    public Optional<Area> find(long id) {
        return jdbc.sql("select " + COLUMNS + "from area_area where id = :id")
                .param("id", id)
                .query(Areas::area)
                .optional();
    }

    /** The area that people call by this code now. */
    public Optional<Area> findByCode(String code) {
        return jdbc.sql("select " + COLUMNS + "from area_area where code = :code")
                .param("code", code)
                .query(Areas::area)
                .optional();
    }

    /** Children that still exist, by name. */
    public List<Area> children(AreaPath parent) {
        var depth = parent.depth();
        return jdbc.sql("select " + COLUMNS + """
                         from area_area where archived_at is null and (parent_id = (select id from area_area where path = :parent)
                           or (:parent = '' and parent_id is null)) order by search_key, code""").param("parent", parent.value()).query(Areas::area).list().stream()
                .filter(area -> area.path().depth() == depth + 1)
                .toList();
    }

    /** Every existing area at or below the path, in tree order. */
    public List<Area> within(AreaPath path) {
        return jdbc.sql("select " + COLUMNS + """
                         from area_area where archived_at is null
                        and (path = :path or path like :below or :path = '') order by path""")
                .param("path", path.value())
                .param("below", path.value() + ".%")
                .query(Areas::area)
                .list();
    }

    /** Those of these areas that exist, and everything above them, in tree order. */
    public List<Area> upwards(Collection<AreaPath> from) {
        var wanted = new HashSet<String>();
        for (var area : from) {
            for (var at = area; !at.equals(AreaPath.ROOT); at = at.parent()) {
                wanted.add(at.value());
            }
        }
        // The database may sort dots among letters as it likes.
        return jdbc
                .sql("select " + COLUMNS + """
                         from unnest(cast(:wanted as varchar array)) as wanted(place)
                        join area_area on path = wanted.place where archived_at is null""")
                .param("wanted", wanted.toArray(String[]::new))
                .query(Areas::area)
                .list()
                .stream()
                .sorted(Comparator.comparing(Area::path))
                .toList();
    }

    /** Paths of all existing areas for which this authority speaks. */
    public Set<AreaPath> spokenForBy(Authority authority) {
        return jdbc.sql("select path from area_area where archived_at is null and authority = :authority")
                .param("authority", authority.name())
                .query((row, number) -> AreaPath.of(row.getString(1)))
                .set();
    }

    /** The way from the top down to this area, itself included. */
    public List<Area> trail(AreaPath path) {
        var trail = new ArrayList<Area>();
        for (var at = path; !at.equals(AreaPath.ROOT); at = at.parent()) {
            find(at).ifPresent(area -> trail.add(0, area));
        }
        return trail;
    }

    /** Existing areas whose name or code holds the typed text, accents ignored; {@code limit} at most. */
    public List<Area> search(String typed, int limit) {
        return jdbc.sql("select " + COLUMNS + """
                         from area_area where archived_at is null and search_key like :pattern escape '\\'
                        order by search_key, code limit :limit""")
                .param("pattern", SearchKey.pattern(typed))
                .param("limit", limit)
                .query(Areas::area)
                .list();
    }

    /**
     * Existing areas in these parts of the tree whose name or code holds the typed text, accents ignored, in tree order: an area
     * stands before what lies in it, so a commune is not lost behind villages that are called like it.
     *
     * @param roots of the parts, none below another
     * @param limit of all of them together
     */
    public List<Area> search(String typed, Collection<AreaPath> roots, int limit) {
        var found = new ArrayList<Area>();
        for (var root : roots.stream().sorted().toList()) {
            found.addAll(jdbc.sql("select " + COLUMNS + """
                             from area_area where archived_at is null and search_key like :pattern escape '\\'
                            and (path = :path or path like :below or :path = '') order by path limit :limit""")
                    .param("pattern", SearchKey.pattern(typed))
                    .param("path", root.value())
                    .param("below", root.value() + ".%")
                    .param("limit", limit - found.size())
                    .query(Areas::area)
                    .list());
        }
        return found;
    }

    /**
     * Adds an area.
     *
     * @throws Refusal when the parent is missing, the code taken or malformed, or a name blank or too long
     */
    @Transactional
    public Area add(NewArea wanted) {
        var code = wanted.code().strip();
        if (!CODE.matcher(code).matches()) {
            throw new Refusal("code", "area.refused.code", LONGEST_CODE);
        }
        if (!LEVEL.matcher(wanted.level()).matches()) {
            throw new Refusal("level", "area.refused.level");
        }
        if (findByCode(code).isPresent()) {
            throw new Refusal("code", "area.refused.codeTaken", code);
        }
        var name = cleanName(wanted.name(), "name");
        var fullName = cleanName(wanted.fullName(), "fullName");
        var parent = wanted.parent().equals(AreaPath.ROOT)
                ? Optional.<Area>empty()
                : Optional.of(find(wanted.parent())
                        .filter(Area::active)
                        .orElseThrow(() -> new Refusal("parent", "area.refused.parent", wanted.parent())));
        var path = newPath(wanted.parent(), parent.map(Area::code).orElse(""), code, labelsUnder(wanted.parent()));
        var location = wanted.location();
        jdbc.sql("""
                        insert into area_area (parent_id, path, code, name, full_name, level, authority, languages, search_key,
                          latitude, longitude, created_at)
                        values (:parent, :path, :code, :name, :fullName, :level, :authority, :languages, :searchKey,
                          :latitude, :longitude, :now)""")
                .param("parent", parent.map(Area::id).orElse(null))
                .param("path", path.value())
                .param("code", code)
                .param("name", name)
                .param("fullName", fullName)
                .param("level", wanted.level())
                .param("authority", wanted.authority().name())
                .param("languages", String.join(",", wanted.languages()))
                .param("searchKey", searchKey(fullName, name, code))
                .param("latitude", location == null ? null : location.latitude())
                .param("longitude", location == null ? null : location.longitude())
                .param("now", SqlTime.of(clock.instant()))
                .update();
        return find(path).orElseThrow();
    }

    /**
     * Changes name and code; the path stays, and the old code is kept in the history.
     *
     * @throws Refusal as {@link #add}
     */
    @Transactional
    public void rename(AreaPath path, String name, String fullName, String code) {
        var area = find(path).orElseThrow(() -> new Refusal("path", "area.refused.missing", path));
        var newCode = code.strip();
        if (!CODE.matcher(newCode).matches()) {
            throw new Refusal("code", "area.refused.code", LONGEST_CODE);
        }
        var now = SqlTime.of(clock.instant());
        if (!newCode.equals(area.code())) {
            if (findByCode(newCode).isPresent()) {
                throw new Refusal("code", "area.refused.codeTaken", newCode);
            }
            jdbc.sql("insert into area_code_history (area_id, code, until_at) values (:area, :code, :now)")
                    .param("area", area.id())
                    .param("code", area.code())
                    .param("now", now)
                    .update();
        }
        var cleanName = cleanName(name, "name");
        var cleanFull = cleanName(fullName, "fullName");
        jdbc.sql("""
                        update area_area set name = :name, full_name = :fullName, code = :code, search_key = :searchKey
                        where id = :id""")
                .param("name", cleanName)
                .param("fullName", cleanFull)
                .param("code", newCode)
                .param("searchKey", searchKey(cleanFull, cleanName, newCode))
                .param("id", area.id())
                .update();
    }

    /**
     * Marks the area as no longer existing.
     *
     * @throws Refusal when it still has children, or something stands or is planned in it
     */
    @Transactional
    public void archive(AreaPath path) {
        var area = find(path).orElseThrow(() -> new Refusal("path", "area.refused.missing", path));
        if (!children(path).isEmpty()) {
            throw new Refusal("path", "area.refused.children", area.fullName());
        }
        uses.orderedStream().forEach(use -> use.checkUnused(area));
        jdbc.sql("update area_area set archived_at = :now where id = :id and archived_at is null")
                .param("now", SqlTime.of(clock.instant()))
                .param("id", area.id())
                .update();
    }

    /**
     * Sets in which languages people there want to be spoken to, beside what is said of the areas above and below.
     *
     * @param languages in order, at least one, as BCP 47 tags
     * @throws Refusal when there is none, or they are no such tags
     */
    @Transactional
    public void setLanguages(AreaPath path, List<String> languages) {
        if (!areLanguages(languages)) {
            throw new Refusal("languages", "area.refused.languages", LONGEST_LANGUAGES);
        }
        var set = jdbc.sql("update area_area set languages = :languages where path = :path")
                .param("languages", String.join(",", languages))
                .param("path", path.value())
                .update();
        if (set == 0) {
            throw new Refusal("path", "area.refused.missing", path);
        }
    }

    static boolean areLanguages(List<String> tags) {
        return !tags.isEmpty()
                && String.join(",", tags).length() <= LONGEST_LANGUAGES
                && tags.stream().allMatch(tag -> LANGUAGE.matcher(tag).matches());
    }

    /** Quiet hours in force in this area: its own, else the nearest above, else {@link QuietHours#DEFAULT}. */
    public QuietHours quietHours(AreaPath path) {
        for (var at = path; !at.equals(AreaPath.ROOT); at = at.parent()) {
            var own = ownQuietHours(at);
            if (own.isPresent()) {
                return own.get();
            }
        }
        return QuietHours.DEFAULT;
    }

    /** Those of these areas in which it is quiet at this time of day. */
    public Set<AreaPath> quiet(Collection<AreaPath> paths, LocalTime at) {
        return quietHours(paths).entrySet().stream()
                .filter(hours -> hours.getValue().contains(at))
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The quiet hours of each of these areas. */
    public Map<AreaPath, QuietHours> quietHours(Collection<AreaPath> paths) {
        var own = new HashMap<AreaPath, QuietHours>();
        jdbc.sql("""
                        select a.path, p.quiet_off, p.quiet_from, p.quiet_to from area_policy p join area_area a on a.id = p.area_id
                        where p.quiet_off is not null""").query((ResultSet row) -> {
            own.put(AreaPath.of(row.getString("path")), quietHours(row));
        });
        var hours = new HashMap<AreaPath, QuietHours>();
        for (var path : paths) {
            var nearest = path;
            while (!nearest.equals(AreaPath.ROOT) && !own.containsKey(nearest)) {
                nearest = nearest.parent();
            }
            hours.put(path, own.getOrDefault(nearest, QuietHours.DEFAULT));
        }
        return hours;
    }

    /** Sets the quiet hours of this area and of everything below that has none of its own. */
    @Transactional
    public void setQuietHours(AreaPath path, QuietHours hours) {
        var area = find(path).orElseThrow(() -> new Refusal("path", "area.refused.missing", path));
        forgetQuietHours(path);
        jdbc.sql("""
                        insert into area_policy (area_id, quiet_off, quiet_from, quiet_to) values (:area, :off, :from, :to)""")
                .param("area", area.id())
                .param("off", hours.off())
                .param("from", hours.off() ? null : hours.from())
                .param("to", hours.off() ? null : hours.to())
                .update();
        events.publishEvent(new AreaPolicyChanged(path));
    }

    /** Forgets the area's own quiet hours: the ones above apply again. */
    @Transactional
    public void inheritQuietHours(AreaPath path) {
        forgetQuietHours(path);
        events.publishEvent(new AreaPolicyChanged(path));
    }

    private void forgetQuietHours(AreaPath path) {
        jdbc.sql("delete from area_policy where area_id = (select id from area_area where path = :path)")
                .param("path", path.value())
                .update();
    }

    /** The area's own quiet hours, if it has any. */
    public Optional<QuietHours> ownQuietHours(AreaPath path) {
        return jdbc.sql("""
                        select p.quiet_off, p.quiet_from, p.quiet_to from area_policy p join area_area a on a.id = p.area_id
                        where a.path = :path and p.quiet_off is not null""")
                .param("path", path.value())
                .query((row, number) -> quietHours(row))
                .optional();
    }

    private static QuietHours quietHours(ResultSet row) throws SQLException {
        return row.getBoolean("quiet_off")
                ? QuietHours.OFF
                : new QuietHours(
                        row.getObject("quiet_from", LocalTime.class), row.getObject("quiet_to", LocalTime.class));
    }

    /** A path below the parent that nobody has, from the code's letters and digits if possible. */
    static AreaPath newPath(AreaPath parent, String parentCode, String code, Set<String> taken) {
        var own = !parentCode.isEmpty() && code.startsWith(parentCode) && code.length() > parentCode.length()
                ? code.substring(parentCode.length())
                : code;
        var label = own.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
        if (label.isEmpty() || label.length() > 12 || taken.contains(label)) {
            var number = 1;
            while (taken.contains(Integer.toString(number))) {
                number++;
            }
            label = Integer.toString(number);
        }
        var path = (parent.value().isEmpty() ? "" : parent.value() + ".") + label;
        if (!AreaPath.isPath(path)) {
            throw new Refusal("code", "area.refused.depth", path);
        }
        return new AreaPath(path);
    }

    static String searchKey(String fullName, String name, String code) {
        var full = SearchKey.of(fullName);
        var brief = SearchKey.of(name);
        return (full.contains(brief) ? full : full + " " + brief) + " " + SearchKey.of(code);
    }

    private Set<String> labelsUnder(AreaPath parent) {
        var labels = new HashSet<String>();
        jdbc.sql("""
                        select path from area_area where parent_id = (select id from area_area where path = :parent)
                           or (:parent = '' and parent_id is null)""")
                .param("parent", parent.value())
                .query(String.class)
                .list()
                .forEach(path -> labels.add(new AreaPath(path).label()));
        return labels;
    }

    private static String cleanName(String name, String field) {
        var clean = name.strip();
        if (clean.isEmpty() || clean.length() > LONGEST_NAME) {
            throw new Refusal(field, "area.refused.name", LONGEST_NAME);
        }
        return clean;
    }

    static Area area(ResultSet row, int number) throws SQLException {
        var parent = row.getObject("parent_id", Long.class);
        var latitude = row.getObject("latitude", Double.class);
        var longitude = row.getObject("longitude", Double.class);
        return new Area(
                row.getLong("id"),
                parent,
                new AreaPath(row.getString("path")),
                row.getString("code"),
                row.getString("name"),
                row.getString("full_name"),
                row.getString("level"),
                Authority.valueOf(row.getString("authority")),
                List.of(row.getString("languages").split(",")),
                latitude == null || longitude == null ? null : new GeoPoint(latitude, longitude),
                SqlTime.getNullable(row, "archived_at"));
    }
}
