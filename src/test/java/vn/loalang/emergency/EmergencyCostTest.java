package vn.loalang.emergency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Import;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.NewArea;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.broadcast.Status;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.NewController;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.SigningKey;

/** How many statements the pages of alerts need: as many however many messages, places and alerts there are. */
@SpringBootTest
@AutoConfigureMockMvc
@DirtiesContext
@Import(StatementCount.class)
@TestPropertySource(
        properties =
                "spring.datasource.url=jdbc:h2:mem:alertcost;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;DB_CLOSE_DELAY=-1")
class EmergencyCostTest {
    @Autowired
    MockMvc mvc;

    @Autowired
    Areas areas;

    @Autowired
    Stations stations;

    @Autowired
    Fleet fleet;

    @Autowired
    Messages messages;

    @Autowired
    Alerts alerts;

    @Autowired
    Rights rights;

    @Autowired
    TestPeople people;

    SignedIn hoa;
    Alert alert;

    @BeforeEach
    void aCommuneOfFiveVillagesAndFourAlertsTakenBack() throws Exception {
        var commune = areas.add(NewArea.village(AreaPath.ROOT, "3701", "Xã Tân Lập"));
        for (var i = 1; i <= 5; i++) {
            var village = areas.add(NewArea.village(commune.path(), "37010" + i, "Thôn " + i));
            var pole = fleet.addController(new NewController(
                    new StationId(stations.main().id()),
                    new AreaId(village.id()),
                    "Cụm " + i,
                    null,
                    null,
                    75,
                    Set.of()));
            var unit = DeviceId.of(
                    SigningKey.generate(new Kid("d1"), new SecureRandom()).publicKey());
            fleet.registerUnit(new NewUnit(unit, "LC1", "r1"));
            fleet.assign(unit, pole);
        }
        for (var i = 1; i <= 6; i++) {
            for (var kind : Kind.values()) {
                message(kind, "Lũ " + i);
            }
        }
        hoa = people.with("hoa", Role.OPERATOR, commune.path());
        SecurityContextHolder.getContext().setAuthentication(TestPeople.authentication(hoa));
        for (var i = 0; i < 4; i++) {
            alert = alerts.arm(
                    new Alerts.Press(
                            UUID.randomUUID().toString(),
                            messages.all(Kind.ALERT).get(i).id(),
                            List.of(new Target.InArea(new AreaId(commune.id()))),
                            Status.ACTUAL,
                            null),
                    rights.me());
            alerts.cancel(alert.id(), rights.me());
        }
        SecurityContextHolder.clearContext();
    }

    @Test
    void aPageAsksForPolesOnceAndForMessagesAndAlertsInOneSelectEach() throws Exception {
        costs(); // What is read once in a while is read now.
        var before = costs();
        assertThat(polesRead("/emergency")).isEqualTo(1);
        assertThat(polesRead("/emergency/everywhere")).as("read moments ago").isZero();
        for (var part : List.of("/now", "/next", "/course")) {
            assertThat(statements("/emergency/" + alert.id() + part))
                    .as(part)
                    .noneMatch(sql -> sql.contains("broadcast_playback") || sql.contains("fleet_tag"));
        }
        assertThat(StatementCount.of(messages::all)).hasSize(1);
        assertThat(StatementCount.of(() -> alerts.latest(10))).hasSize(3);

        for (var i = 7; i <= 12; i++) {
            for (var kind : Kind.values()) {
                message(kind, "Lũ " + i);
            }
        }
        assertThat(costs()).as("with twice as many messages").isEqualTo(before);
    }

    private Map<String, Integer> costs() throws Exception {
        var page = "/emergency/" + alert.id();
        var costs = new TreeMap<String, Integer>();
        for (var path : List.of("/emergency", "/emergency/everywhere", page, page + "/next", page + "/course")) {
            costs.put(path, statements(path).size());
        }
        return costs;
    }

    private long polesRead(String path) throws Exception {
        return statements(path).stream()
                .filter(sql -> sql.contains("fleet_tag"))
                .count();
    }

    private List<String> statements(String path) throws Exception {
        return StatementCount.of(
                () -> mvc.perform(get(path).with(TestPeople.by(hoa))).andExpect(status().isOk()));
    }

    private void message(Kind kind, String name) {
        messages.save(new ReadyMessage(
                ReadyMessage.NEW,
                kind,
                name,
                Bulletin.EMPTY,
                null,
                null,
                List.of(new Spoken("vi", "Nước lên.", null), new Spoken("en", "Water rises.", null)),
                null,
                2,
                Duration.ofSeconds(2),
                100,
                Duration.ofMinutes(10),
                null,
                0));
    }
}
