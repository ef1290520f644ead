package vn.loalang.area;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneId;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/** The stations of this server; there is always at least one. */
@Component
public final class Stations {
    private static final int LONGEST_NAME = 200;
    private static final int SHORTEST_COUNTDOWN = 5;
    private static final int LONGEST_COUNTDOWN = 15;
    private static final String MAIN = Stations.class.getName() + ".main";

    private final JdbcClient jdbc;

    Stations(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The oldest station: the only one on a commune's server. Within one request it is read once. */
    public Station main() {
        var request = RequestContextHolder.getRequestAttributes();
        if (request == null) {
            return all().get(0);
        }
        if (request.getAttribute(MAIN, RequestAttributes.SCOPE_REQUEST) instanceof Station known) {
            return known;
        }
        var main = all().get(0);
        request.setAttribute(MAIN, main, RequestAttributes.SCOPE_REQUEST);
        return main;
    }

    /** All stations, oldest first. */
    public List<Station> all() {
        return jdbc.sql("select id, name, zone_id, approval_required, countdown_seconds from area_station order by id")
                .query(Stations::station)
                .list();
    }

    /**
     * Gives the station another name.
     *
     * @throws Refusal when the name is blank or longer than 200 characters
     */
    public void rename(long id, String name) {
        var clean = name.strip();
        if (clean.isEmpty() || clean.length() > LONGEST_NAME) {
            throw new Refusal("name", "area.refused.name", LONGEST_NAME);
        }
        jdbc.sql("update area_station set name = :name where id = :id")
                .param("name", clean)
                .param("id", id)
                .update();
        readAgain();
    }

    /**
     * Sets how long emergencies of the station are counted down.
     *
     * @throws Refusal when that is not 5 to 15 s
     */
    public void countDown(long id, int seconds) {
        if (seconds < SHORTEST_COUNTDOWN || seconds > LONGEST_COUNTDOWN) {
            throw new Refusal("countdown", "area.refused.countdown", SHORTEST_COUNTDOWN, LONGEST_COUNTDOWN);
        }
        jdbc.sql("update area_station set countdown_seconds = :seconds where id = :id")
                .param("seconds", seconds)
                .param("id", id)
                .update();
        readAgain();
    }

    private static void readAgain() {
        var request = RequestContextHolder.getRequestAttributes();
        if (request != null) {
            request.removeAttribute(MAIN, RequestAttributes.SCOPE_REQUEST);
        }
    }

    /** Lets the station serve an area, once. */
    public void serve(long station, long area) {
        jdbc.sql("""
                        insert into area_station_area (station_id, area_id) values (:station, :area)
                        on conflict do nothing""").param("station", station).param("area", area).update();
    }

    private static Station station(ResultSet row, int number) throws SQLException {
        return new Station(
                row.getLong("id"),
                row.getString("name"),
                ZoneId.of(row.getString("zone_id")),
                row.getBoolean("approval_required"),
                row.getInt("countdown_seconds"));
    }
}
