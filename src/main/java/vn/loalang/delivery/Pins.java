package vn.loalang.delivery;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.Durability;
import vn.loalang.area.SqlTime;
import vn.loalang.audio.Recording;
import vn.loalang.fleet.Fleet;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Hash;

/** Sounds that every box keeps for good and that emergencies call by name ({@code site.pins}), at most 32. */
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

    /** The pins by name. */
    public Map<String, Asset> all() {
        var pins = new LinkedHashMap<String, Asset>();
        jdbc.sql("select name, hash, bytes from delivery_pin order by name").query(row -> {
            pins.put(row.getString(1), Asset.mp3(Hash.parseHex(row.getString(2)), row.getLong(3)));
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
        if (!name.matches("[a-z0-9-]{1,16}")) {
            throw new IllegalArgumentException("a pin's name must be 1 to 16 of a–z, 0–9 and -");
        }
        var known = jdbc.sql("update delivery_pin set hash = :hash, bytes = :bytes, set_at = :now where name = :name")
                .param("hash", sound.canonicalHash().hex())
                .param("bytes", sound.canonicalBytes())
                .param("now", SqlTime.of(clock.instant()))
                .param("name", name)
                .update();
        if (known == 0) {
            if (all().size() >= MOST) {
                throw new IllegalArgumentException("at most " + MOST + " pins");
            }
            jdbc.sql("insert into delivery_pin (name, hash, bytes, set_at) values (:name, :hash, :bytes, :now)")
                    .param("name", name)
                    .param("hash", sound.canonicalHash().hex())
                    .param("bytes", sound.canonicalBytes())
                    .param("now", SqlTime.of(clock.instant()))
                    .update();
        }
        everywhere();
    }

    /** Takes a pin away; whether there was one. */
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

    private void everywhere() {
        compiler.due(fleet.units().stream()
                .flatMap(unit -> fleet.controllerOf(unit.id()).stream())
                .toList());
        durability.confirm();
    }

    static List<Hash> hashes(Map<String, Asset> pins) {
        return pins.values().stream().map(Asset::h).distinct().toList();
    }
}
