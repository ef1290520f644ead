package vn.loalang.broadcast;

import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import jakarta.servlet.http.Cookie;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.NewController;
import vn.loalang.fleet.NewUnit;
import vn.loalang.fleet.PresenceBook;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Quality;

/** Pages about a village with two poles, of which one has been lost for forty minutes. */
@SpringBootTest
@AutoConfigureMockMvc
@Transactional
public abstract class TwoPolesTestBase {
    protected static final DeviceId UNIT = new DeviceId("EEEEEEEEEEEEEEEE");
    protected static final DeviceId LOST = new DeviceId("FFFFFFFFFFFFFFFF");

    @Autowired
    protected MockMvc mvc;

    @Autowired
    protected JdbcClient jdbc;

    @Autowired
    protected Broadcasts broadcasts;

    @Autowired
    protected Playbacks playbacks;

    @Autowired
    protected Fleet fleet;

    @Autowired
    protected PresenceBook presence;

    @Autowired
    protected Areas areas;

    @Autowired
    protected Stations stations;

    @Autowired
    protected TestPeople people;

    @Autowired
    protected Clock clock;

    protected AreaPath village;
    protected ControllerId hall;
    protected ControllerId lost;

    /** The hall's pole said hello then; the other one, of this name, is away since forty minutes before {@code now}. */
    protected void twoPoles(AreaPath where, String nameOfTheLost, Instant hello, Instant now) {
        village = where;
        hall = pole("Nhà văn hoá", UNIT);
        lost = pole(nameOfTheLost, LOST);
        presence.hello(List.of(new PresenceBook.Greeted(UNIT, 1, 1, "2.0", "r1", hello)));
        presence.hello(List.of(new PresenceBook.Greeted(LOST, 1, 1, "2.0", "r1", now.minusSeconds(3000))));
        presence.left(LOST, 1, now.minusSeconds(2400));
    }

    private ControllerId pole(String name, DeviceId unit) {
        var pole = fleet.addController(new NewController(
                new StationId(stations.main().id()),
                new AreaId(areas.find(village).orElseThrow().id()),
                name,
                null,
                null,
                80,
                Set.of()));
        fleet.registerUnit(new NewUnit(unit, "LC1", "r1"));
        fleet.assign(unit, pole);
        return pole;
    }

    /** What a box says of a broadcast, told as it happened. */
    protected static Evidence report(
            BroadcastId id, ControllerId pole, DeviceId unit, long number, Instant at, Outcome outcome) {
        return new Evidence(pole, unit, id.oid(), at, Quality.T, number, at, outcome);
    }

    /** The page as this person reads it. */
    protected String page(String path, SignedIn reader, String language) throws Exception {
        return mvc.perform(get(path).with(by(reader)).cookie(new Cookie("lang", language)))
                .andExpect(status().isOk())
                .andReturn()
                .getResponse()
                .getContentAsString(StandardCharsets.UTF_8);
    }
}
