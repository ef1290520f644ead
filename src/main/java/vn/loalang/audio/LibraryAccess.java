package vn.loalang.audio;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.stereotype.Component;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
import vn.loalang.area.AreaPath;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;

/** Who may listen to a station's recordings, and who may change them. */
@Component
class LibraryAccess {
    private final JdbcClient jdbc;
    private final Access access;
    private final Stations stations;

    LibraryAccess(JdbcClient jdbc, Access access, Stations stations) {
        this.jdbc = jdbc;
        this.access = access;
        this.stations = stations;
    }

    /** The station whose recordings are shown. */
    StationId station() {
        return new StationId(stations.main().id());
    }

    /** Whether whoever asks has a role somewhere in the station's area or above it. */
    boolean mayRead(StationId station) {
        var served = served(station);
        if (served.isEmpty()) {
            return access.mayAnywhere(Role.VIEWER);
        }
        var scope = access.scope(Role.VIEWER);
        return served.stream().anyMatch(scope::meets);
    }

    /** Whether whoever asks is an operator of a whole area that the station serves. */
    boolean mayWrite(StationId station) {
        var served = served(station);
        return served.isEmpty()
                ? access.mayAnywhere(Role.OPERATOR)
                : served.stream().anyMatch(area -> access.may(Role.OPERATOR, area));
    }

    /** @throws AccessDeniedException unless {@link #mayRead} */
    void requireRead(StationId station) {
        if (!mayRead(station)) {
            throw new AccessDeniedException("needs a role in the area of " + station);
        }
    }

    /** @throws AccessDeniedException unless {@link #mayWrite} */
    void requireWrite(StationId station) {
        if (!mayWrite(station)) {
            throw new AccessDeniedException("needs " + Role.OPERATOR + " in the area of " + station);
        }
    }

    private List<AreaPath> served(StationId station) {
        return jdbc.sql("""
                        select a.path from area_station_area s join area_area a on a.id = s.area_id
                        where s.station_id = :station""")
                .param("station", station.value())
                .query((row, number) -> AreaPath.of(row.getString("path")))
                .list();
    }
}
