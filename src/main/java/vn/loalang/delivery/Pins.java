package vn.loalang.delivery;

import java.time.Clock;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Durability;
import vn.loalang.area.SqlTime;
import vn.loalang.audio.Recording;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Hash;

/**
 * Sounds that every box keeps for good and that emergencies call by name ({@code site.pins}), at most 32 names. An area may have its
 * own sound under a name: its boxes keep that one instead, and one order sounds differently here and there.
 */
@Component
public class Pins {
    private static final int MOST = 32;

    private final JdbcClient jdbc;
    private final Clock clock;
    private final Fleet fleet;
    private final Compiler compiler;
    private final Durability durability;

    Pins(
            JdbcClient jdbc,
            Clock clock,
            Fleet fleet,
            @org.springframework.context.annotation.Lazy Compiler compiler,
            Durability durability) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.fleet = fleet;
        this.compiler = compiler;
        this.durability = durability;
    }

    /** The pins by name, as boxes keep them where no area has its own. */
    public Map<String, Asset> all() {
        var pins = new LinkedHashMap<String, Asset>();
        jdbc.sql("select name, hash, bytes from delivery_pin order by name").query(row -> {
            pins.put(row.getString(1), Asset.mp3(Hash.parseHex(row.getString(2)), row.getLong(3)));
        });
        return pins;
    }

    /** What boxes at this place keep, by name: of each name the sound of the nearest area at or above it, else everybody's. */
    public Map<String, Asset> at(AreaPath place) {
        var pins = new LinkedHashMap<String, Asset>();
        // Those nearer to the place come later and stand in for those above.
        jdbc.sql("""
                        select name, hash, bytes, 0 as depth from delivery_pin
                        union all
                        select p.name, p.hash, p.bytes, length(a.path) from delivery_area_pin p join area_area a on a.id = p.area_id
                        where a.archived_at is null and (a.path = :place or :place like a.path || '.%')
                        order by depth, name""").param("place", place.value()).query(row -> {
            pins.put(row.getString(1), Asset.mp3(Hash.parseHex(row.getString(2)), row.getLong(3)));
        });
        return pins;
    }

    /** The sounds that areas have of their own, by name. */
    public Map<AreaId, Map<String, Asset>> inAreas() {
        var pins = new LinkedHashMap<AreaId, Map<String, Asset>>();
        jdbc.sql("select area_id, name, hash, bytes from delivery_area_pin order by area_id, name")
                .query(row -> {
                    pins.computeIfAbsent(new AreaId(row.getLong(1)), area -> new LinkedHashMap<>())
                            .put(row.getString(2), Asset.mp3(Hash.parseHex(row.getString(3)), row.getLong(4)));
                });
        return pins;
    }

    /**
     * Gives every box this sound under this name, in place of an earlier one; the settings of all boxes follow.
     *
     * @param name 1 to 16 of a–z, 0–9 and hyphen; {@code exercise} is what is spoken before and after a drill
     * @throws IllegalArgumentException when the name is not one, or there are 32 others
     */
    @Transactional
    public void put(String name, Recording sound) {
        check(name);
        var known = jdbc.sql("update delivery_pin set hash = :hash, bytes = :bytes, set_at = :now where name = :name")
                .param("hash", sound.canonicalHash().hex())
                .param("bytes", sound.canonicalBytes())
                .param("now", SqlTime.of(clock.instant()))
                .param("name", name)
                .update();
        if (known == 0) {
            jdbc.sql("insert into delivery_pin (name, hash, bytes, set_at) values (:name, :hash, :bytes, :now)")
                    .param("name", name)
                    .param("hash", sound.canonicalHash().hex())
                    .param("bytes", sound.canonicalBytes())
                    .param("now", SqlTime.of(clock.instant()))
                    .update();
        }
        everywhere();
    }

    /**
     * Gives the boxes of this area and everything below it this sound under this name, in place of everybody's and of the area's
     * earlier one; their settings follow. An area below that has its own keeps it.
     *
     * @throws IllegalArgumentException as {@link #put(String, Recording)}
     */
    @Transactional
    public void put(AreaId area, String name, Recording sound) {
        check(name);
        var known = jdbc.sql("""
                        update delivery_area_pin set hash = :hash, bytes = :bytes, set_at = :now
                        where area_id = :area and name = :name""")
                .param("hash", sound.canonicalHash().hex())
                .param("bytes", sound.canonicalBytes())
                .param("now", SqlTime.of(clock.instant()))
                .param("area", area.value())
                .param("name", name)
                .update();
        if (known == 0) {
            jdbc.sql("""
                            insert into delivery_area_pin (area_id, name, hash, bytes, set_at)
                            values (:area, :name, :hash, :bytes, :now)""")
                    .param("area", area.value())
                    .param("name", name)
                    .param("hash", sound.canonicalHash().hex())
                    .param("bytes", sound.canonicalBytes())
                    .param("now", SqlTime.of(clock.instant()))
                    .update();
        }
        below(area);
    }

    /** Takes an area's own sound away: the one above counts again; whether there was one. */
    @Transactional
    public boolean remove(AreaId area, String name) {
        var removed = jdbc.sql("delete from delivery_area_pin where area_id = :area and name = :name")
                        .param("area", area.value())
                        .param("name", name)
                        .update()
                > 0;
        if (removed) {
            below(area);
        }
        return removed;
    }

    /** Takes a pin away, but not those that areas have of their own; whether there was one. */
    @Transactional
    public boolean remove(String name) {
        var removed = jdbc.sql("delete from delivery_pin where name = :name")
                        .param("name", name)
                        .update()
                > 0;
        if (removed) {
            everywhere();
        }
        return removed;
    }

    /** Whatever areas have, no box is told to keep more than it can. */
    private void check(String name) {
        if (!name.matches("[a-z0-9-]{1,16}")) {
            throw new IllegalArgumentException("a pin's name must be 1 to 16 of a–z, 0–9 and -");
        }
        var names = jdbc.sql("select name from delivery_pin union select name from delivery_area_pin")
                .query(String.class)
                .set();
        if (names.size() >= MOST && !names.contains(name)) {
            throw new IllegalArgumentException("at most " + MOST + " pins");
        }
    }

    private void everywhere() {
        follow(fleet.equipped());
    }

    private void below(AreaId area) {
        follow(fleet.standingIn(List.of(area)));
    }

    private void follow(Collection<ControllerId> controllers) {
        compiler.due(controllers);
        durability.confirm();
    }

    static List<Hash> hashes(Map<String, Asset> pins) {
        return pins.values().stream().map(Asset::h).distinct().toList();
    }
}
