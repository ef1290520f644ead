package vn.loalang.delivery;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Typ;

/** What boxes know beyond the core, as their last hellos say: nobody is sent what belongs to a profile he lacks [PRO-3]. */
@Component
class Abilities {
    static final String BLOCKS = "blk";
    static final String FAN = "fan";
    static final String LIVE = "live";
    static final String FIRMWARE = "fw";
    static final String STICKS = "usb";

    private static final Map<Typ, String> PROFILES =
            Map.of(Typ.MAN, BLOCKS, Typ.SES, LIVE, Typ.FW, FIRMWARE, Typ.BUNDLE, STICKS);

    private final JdbcClient jdbc;

    Abilities(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The profile that documents of this type belong to; empty for the core. */
    static Optional<String> profileOf(Typ typ) {
        return Optional.ofNullable(PROFILES.get(typ));
    }

    /** Boxes whose last hello lists the profile. */
    Set<DeviceId> having(String profile) {
        return new HashSet<>(jdbc.sql("select unit_id from delivery_unit where ' ' || profiles || ' ' like :profile")
                .param("profile", "% " + profile + " %")
                .query((row, number) -> new DeviceId(row.getString(1)))
                .list());
    }

    /** Whether its last hello lists the profile. */
    boolean has(DeviceId unit, String profile) {
        return said(unit).filter(all -> all.contains(profile)).isPresent();
    }

    /** Whether it has said hello and did not list the profile of this type; of a box that nobody has heard nothing is known. */
    boolean lacks(DeviceId unit, Typ typ) {
        return profileOf(typ)
                .flatMap(profile -> said(unit).filter(all -> !all.contains(profile)))
                .isPresent();
    }

    /** The profiles that its last hello lists; empty if nobody has heard it. */
    private Optional<List<String>> said(DeviceId unit) {
        return jdbc.sql("select profiles from delivery_unit where unit_id = :unit and hello_at is not null")
                .param("unit", unit.value())
                .query((row, number) ->
                        List.of(Optional.ofNullable(row.getString(1)).orElse("").split(" ", -1)))
                .optional();
    }
}
