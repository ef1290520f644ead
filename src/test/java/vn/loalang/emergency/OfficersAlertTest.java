package vn.loalang.emergency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import vn.loalang.ShiftedClock;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;
import vn.loalang.area.ServerSettings;
import vn.loalang.delivery.Emergencies;
import vn.loalang.delivery.Officer;
import vn.loalang.delivery.Safe;
import vn.loalang.delivery.SignedDocuments;
import vn.loalang.protocol.Kid;
import vn.loalang.system.Await;

/** Alerts of a server that cannot sign them itself (custody levels L2 and L3). */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@AutoConfigureMockMvc
@DirtiesContext
@Import(ShiftedClock.class)
@TestPropertySource(
        properties = {
            "loalang.broker.start=true",
            "loalang.public-host=localhost",
            "spring.datasource.url=jdbc:h2:mem:officersalert;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
        })
class OfficersAlertTest extends AlertTestBase {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static String passphrase;

    @DynamicPropertySource
    static void keysMadeBefore(DynamicPropertyRegistry registry) throws IOException {
        passphrase = Safe.keysMadeBefore(registry, "officersalert");
    }

    @Autowired
    MockMvc mvc;

    @Autowired
    SignedDocuments signed;

    @Autowired
    Emergencies emergencies;

    @Autowired
    ServerSettings server;

    @Autowired
    ShiftedClock clock;

    @TempDir
    Path directory;

    @Test
    void anAlertWaitsForAnOfficersSignatureAndIsGivenUpWithoutOne() throws Exception {
        var province = area(AreaPath.ROOT, "37", "Tỉnh Ninh Bình", Authority.PROVINCE);
        var village = area(province.path(), "370101", "Thôn Đằng Xá", Authority.COMMUNE);
        pole(village, "Đình làng");
        var keys = server.dataPath().resolve("keys").resolve("keys.gb1");
        var officer = new Officer(directory, "x1", "--area", village.path().value(), "--pri", "99");
        var changed = directory.resolve("keys-new.gb1");
        Safe.ceremony(
                clock,
                keys.resolveSibling("roots.sealed"),
                passphrase,
                keys,
                changed,
                "--drop",
                "e1",
                "--add",
                officer.add());
        signed.accept(Files.readAllBytes(changed));
        Await.until(
                SOON,
                () -> jdbc.sql("select count(*) from delivery_document where row_name = 'site'")
                                .query(Long.class)
                                .single()
                        > 0);
        var flood = message(Kind.ALERT, "Cảnh báo lũ", "Nước sông đang lên nhanh.");
        var hoa = people.with("hoa", Role.OPERATOR, village.path());

        var alert = alerts.arm(press(flood, village), by(hoa));
        assertThat(armed(hoa)).isEqualTo("[]");
        clock.forward(Duration.ofMinutes(5));
        assertThat(alerts.fire(alert.id())).isTrue();
        assertThat(armed(hoa)).contains("\"oid\":\"" + alert.broadcast() + "\"");
        assertThat(alerts.find(alert.id()).orElseThrow().state()).isEqualTo(AlertState.COUNTING);
        assertThat(everywhere(hoa))
                .contains("Chờ cán bộ ký lệnh – Cảnh báo lũ", "cancel-" + alert.id())
                .doesNotContain("<dialog");
        var order = emergencies.armed(alert.broadcast()).orElseThrow();
        var payload =
                emergencies.unsigned(order, new Kid("x1")).values().iterator().next();
        var file = Files.write(directory.resolve("unsigned.json"), payload.toArray());
        var said = officer.signs(clock, keys, file.toString());
        assertThat(said.code()).as(said.text()).isZero();
        signed.accept(said.only());
        Await.until(SOON, () -> alerts.find(alert.id()).orElseThrow().state() == AlertState.AIRED);
        jdbc.sql("update emergency_alert set state = 'ENDED' where id = :id")
                .param("id", alert.id().value())
                .update();

        var forgotten = alerts.arm(press(flood, village), by(hoa));
        clock.forward(Duration.ofMinutes(11));
        Await.until(SOON, () -> alerts.find(forgotten.id()).orElseThrow().state() == AlertState.LAPSED);
        assertThat(jdbc.sql("select lapse_key from emergency_alert where id = :id")
                        .param("id", forgotten.id().value())
                        .query(String.class)
                        .single())
                .isEqualTo("delivery.refused.noEmergencyKey");
        assertThat(emergencies.armed(forgotten.broadcast())).isEmpty();
    }

    /** What officers are shown. */
    private String armed(SignedIn who) throws Exception {
        return mvc.perform(get("/api/v1/orders/armed").with(TestPeople.by(who)))
                .andReturn()
                .getResponse()
                .getContentAsString();
    }

    private String everywhere(SignedIn who) throws Exception {
        return mvc.perform(get(Screens.SOURCE).with(TestPeople.by(who)))
                .andReturn()
                .getResponse()
                .getContentAsString();
    }
}
