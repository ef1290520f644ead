package vn.loalang.emergency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
import vn.loalang.access.AreaScope;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;

/** How many statements the pages of alerts need: as many however many messages, places and alerts there are. */
@SpringBootTest
@AutoConfigureMockMvc
@DirtiesContext
@Import(StatementCount.class)
@TestPropertySource(
        properties =
                "spring.datasource.url=jdbc:h2:mem:alertcost;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH")
class EmergencyCostTest extends AlertTestBase {
    /** Statements of the page Khẩn cấp, whatever there is to choose from. */
    private static final int MOST = 48;

    @Autowired
    MockMvc mvc;

    SignedIn hoa;
    SignedIn chief;
    Alert alert;

    @BeforeEach
    void aCommuneOfFiveVillagesAndFourAlertsTakenBack() throws Exception {
        var commune = area(AreaPath.ROOT, "3701", "Xã Tân Lập", Authority.VILLAGE);
        for (var i = 1; i <= 5; i++) {
            pole(area(commune.path(), "37010" + i, "Thôn " + i, Authority.VILLAGE), "Cụm " + i);
        }
        for (var i = 1; i <= 6; i++) {
            for (var kind : Kind.values()) {
                message(kind, "Lũ " + i);
            }
        }
        chief = people.everywhere(Role.ADMINISTRATOR);
        hoa = people.with("hoa", Role.OPERATOR, commune.path());
        for (var i = 0; i < 4; i++) {
            alert = alerts.arm(press(messages.all(Kind.ALERT).get(i), commune), by(hoa));
            alerts.cancel(alert.id(), by(hoa));
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
        for (var page : costs().keySet()) {
            assertThat(statements(page).stream().filter(sql -> sql.contains("from area_station order by")))
                    .as("the station on " + page)
                    .hasSizeLessThanOrEqualTo(1);
        }
        assertThat(before.get("/emergency")).isLessThanOrEqualTo(MOST);
        assertThat(StatementCount.of(messages::all)).hasSize(1);
        var here = new AreaScope(List.of(areas.findByCode("3701").orElseThrow().path()));
        assertThat(StatementCount.of(() -> alerts.latest(10, here))).hasSize(3);

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
        for (var path : List.of(
                "/emergency",
                "/emergency/everywhere",
                page,
                page + "/next",
                page + "/course",
                "/drill",
                "/admin/emergency-messages")) {
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
        var who = path.startsWith("/admin") ? chief : hoa;
        return StatementCount.of(
                () -> mvc.perform(get(path).with(TestPeople.by(who))).andExpect(status().isOk()));
    }

    private void message(Kind kind, String name) {
        message(kind, name, List.of(new Spoken("vi", "Nước lên.", null), new Spoken("en", "Water rises.", null)), 2);
    }
}
