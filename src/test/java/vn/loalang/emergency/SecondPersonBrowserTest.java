package vn.loalang.emergency;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;
import vn.loalang.broadcast.Status;
import vn.loalang.browser.Browsers;
import vn.loalang.web.Addresses;

/** An alert so wide that a second person has to agree: what both of them see on their screens, and what becomes of it without one. */
@Tag("browser")
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@TestPropertySource(
        properties = {
            "loalang.emergency.wide-controllers=1",
            "loalang.emergency.alert.second-within=20s",
            "spring.datasource.url=jdbc:h2:mem:seconding;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
        })
@DirtiesContext
class SecondPersonBrowserTest extends AlertTestBase {
    @Autowired
    Addresses addresses;

    URI server;
    SignedIn duty;
    SignedIn leader;
    ReadyMessage flood;
    Target everywhere;

    @BeforeEach
    void aCommuneWithTwoPoles() {
        PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
        server = URI.create("https://localhost:" + addresses.httpsPort().orElseThrow());
        var commune = areas.findByCode("3702").orElseGet(() -> {
            var made = area(AreaPath.ROOT, "3702", "Xã Tân Lập", Authority.COMMUNE);
            stations.serve(stations.main().id(), made.id());
            pole(area(made.path(), "370201", "Thôn Đằng Xá", Authority.VILLAGE), "Cụm Đằng Xá");
            pole(area(made.path(), "370202", "Thôn Cầu Mới", Authority.VILLAGE), "Cụm Cầu Mới");
            return made;
        });
        everywhere = in(commune);
        flood = message(Kind.ALERT, "Cảnh báo lũ", "Nước sông đang lên nhanh. Bà con lên nơi cao ngay.");
        duty = people.everywhere(Role.OPERATOR);
        leader = people.with("lananh", Role.APPROVER, AreaPath.ROOT);
        countdown(15);
    }

    private Alert armed() {
        return alerts.arm(
                new Alerts.Press(UUID.randomUUID().toString(), flood.id(), List.of(everywhere), Status.ACTUAL, null),
                by(duty));
    }

    @Test
    void theSecondPersonAgreesOnAPhoneAndEveryScreenCounts() {
        try (var desk = Browsers.desktop(server);
                var pocket = Browsers.phone(server)) {
            var operator = desk.signIn(duty.login(), TestPeople.PASSWORD);
            var phone = pocket.signIn(leader.login(), TestPeople.PASSWORD);
            var alert = armed();
            desk.open("/today");
            pocket.open("/today");
            assertThat(operator.locator(".alert-bar")).containsText("Chờ người thứ hai đồng ý – Cảnh báo lũ");
            assertThat(operator.locator("#second-" + alert.id())).hasCount(0);
            assertThat(phone.locator(".alert-bar")).containsText("2 cụm loa");
            phone.click("#second-" + alert.id());
            assertThat(phone.locator("#count")).containsText("PHÁT THẬT – Cảnh báo lũ");
            assertThat(operator.locator("#count")).containsText("PHÁT THẬT – Cảnh báo lũ");
            phone.click(".count-cancel");
            assertThat(operator.locator("#count")).hasCount(0);
            assertThat(operator.locator(".alert-bar")).hasCount(0);
        }
    }

    @Test
    void withoutASecondPersonEveryScreenSaysThatNothingWasAired() {
        try (var desk = Browsers.desktop(server);
                var pocket = Browsers.phone(server)) {
            var operator = desk.signIn(duty.login(), TestPeople.PASSWORD);
            var phone = pocket.signIn(leader.login(), TestPeople.PASSWORD);
            desk.open("/today");
            pocket.open("/today");
            var alert = armed();
            desk.open("/today");
            assertThat(operator.locator(".alert-bar")).containsText("Chờ người thứ hai đồng ý");
            desk.accessible().shot("second-waiting");
            assertThat(phone.locator(".alert-bar")).containsText("KHÔNG PHÁT ĐƯỢC – Cảnh báo lũ");
            assertThat(phone.locator(".alert-bar")).containsText("Không ai đồng ý trong thời hạn");
            pocket.accessible().fitsAPhone().shot("second-lapsed-phone");
            assertThat(operator.locator(".alert-bar")).containsText("KHÔNG PHÁT ĐƯỢC");
            desk.accessible().fitsAPhone().shot("second-lapsed");
            operator.click("#seen-" + alert.id());
            assertThat(phone.locator(".alert-bar")).hasCount(0);
        }
    }
}
