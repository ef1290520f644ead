package vn.loalang.emergency;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;
import vn.loalang.browser.Browsers;
import vn.loalang.web.Addresses;

/** Holding the button, the countdown on every screen, cancelling, stopping, correcting and drilling, as people do it. */
@Tag("browser")
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@TestPropertySource(
        properties = {
            "loalang.emergency.alert.call=0900 000 141",
            "spring.datasource.url=jdbc:h2:mem:pressing;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
        })
@DirtiesContext
class EmergencyBrowserTest extends AlertTestBase {
    @Autowired
    Addresses addresses;

    URI server;
    SignedIn hoa;
    SignedIn minh;

    @BeforeEach
    void aCommune() {
        PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
        server = URI.create("https://localhost:" + addresses.httpsPort().orElseThrow());
        if (areas.findByCode("3701").isEmpty()) {
            var commune = area(AreaPath.ROOT, "3701", "Xã Tân Lập", Authority.COMMUNE);
            stations.serve(stations.main().id(), commune.id());
            for (var name : List.of("Đằng Xá", "Cầu Mới", "Bến Đò")) {
                var code = "37" + name.hashCode() % 1000;
                pole(area(commune.path(), code, "Thôn " + name, Authority.VILLAGE), "Cụm " + name);
            }
        }
        message(Kind.ALERT, "Cảnh báo lũ", "Nước sông đang lên nhanh. Bà con đưa người già, trẻ nhỏ lên nơi cao ngay.");
        message(Kind.ALERT, "Báo cháy", "Có cháy. Bà con gần đám cháy ra khỏi nhà ngay, gọi 114.");
        message(Kind.CORRECTION, "Phát nhầm", "Tin vừa phát là nhầm. Bà con yên tâm.");
        message(Kind.ALL_CLEAR, "Hết lũ", "Nước đã rút. Hết cảnh báo lũ.");
        hoa = people.everywhere(Role.OPERATOR);
        minh = people.with("minh", Role.APPROVER, AreaPath.ROOT);
    }

    @Test
    void holdingArmsEveryScreenCountsAndItAirsThoughTheBrowserDies() {
        countdown(15);
        try (var leader = Browsers.phone(server)) {
            var phone = leader.signIn(minh.login(), TestPeople.PASSWORD);
            phone.waitForResponse(answer -> answer.url().contains("/live?topics="), () -> leader.open("/today"));
            try (var operator = Browsers.desktop(server)) {
                var page = operator.signIn(hoa.login(), TestPeople.PASSWORD);
                operator.open("/emergency");
                operator.accessible().fitsAPhone().shot("emergency-idle");
                page.click("label.pick:has-text('Báo cháy')");
                assertThat(page.locator("#plan")).containsText("gọi 114");
                page.click("label.pick:has-text('Cảnh báo lũ')");
                assertThat(page.locator("#plan")).containsText("3 cụm loa ở Xã Tân Lập");
                operator.hold(page, "#hold", 2300);
                assertThat(page.locator("#count")).isVisible();
                assertThat(page.locator("#count")).containsText("PHÁT THẬT – Cảnh báo lũ");
                assertThat(page.locator("#count")).containsText("3 cụm loa ở Xã Tân Lập");
                assertThat(page.locator(".count-cancel")).isFocused();
                assertThat(phone.locator("#count")).isVisible();
                operator.accessible().shot("emergency-armed").picture("emergency");
            }
            assertThat(phone.locator(".alert-bar")).containsText("ĐANG PHÁT KHẨN CẤP – Cảnh báo lũ");
            assertThat(phone.locator("#count")).hasCount(0);
            leader.accessible().fitsAPhone().shot("emergency-bar-phone");
            phone.click(".alert-bar a");
            assertThat(phone.locator("#alert-state")).containsText("ĐANG PHÁT KHẨN CẤP");
            assertThat(phone.locator("#reach")).containsText("trên 3 cụm");
            assertThat(phone.locator("main")).containsText("Lúc này không cụm nào kết nối");
            leader.accessible().fitsAPhone().shot("emergency-onair").picture("emergency-phone");

            phone.getByText("Phát tin đính chính: Phát nhầm").click();
            phone.getByText("Phát đính chính tới 3 cụm").click();
            assertThat(phone.locator("#count")).containsText("đính chính: Phát nhầm");
            leader.shot("emergency-correction-phone");
            phone.click(".count-cancel");
            assertThat(phone.locator("#alert-state")).containsText("Đã huỷ, không phát");
        }
    }

    @Test
    void lettingGoSlidingOffAndEscapeArmNothingAShakingFingerDoes() {
        countdown(15);
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/emergency");
            page.locator("#hold").scrollIntoViewIfNeeded();
            visitor.hold(page, "#hold", 700);
            page.locator("#hold").dblclick();
            var box = page.locator("#hold").boundingBox();
            page.mouse().move(box.x + 40, box.y + 40);
            page.mouse().down();
            page.waitForTimeout(500);
            page.mouse().move(box.x + 40, box.y - 60);
            page.waitForTimeout(1900);
            page.mouse().up();
            page.focus("#hold");
            page.keyboard().down("Space");
            page.waitForTimeout(500);
            page.keyboard().press("Escape");
            page.waitForTimeout(1900);
            page.keyboard().up("Space");
            page.keyboard().down("Space");
            page.waitForTimeout(600);
            page.evaluate("document.activeElement.blur()");
            page.waitForTimeout(1700);
            page.keyboard().up("Space");
            assertThat(alerts.ahead()).isEmpty();

            page.mouse().move(box.x + 40, box.y + 10);
            page.mouse().down();
            for (var i = 0; i < 12; i++) {
                page.mouse().move(box.x + 40 + (i % 3) * 6, box.y + 10 - (i % 4) * 7);
                page.waitForTimeout(180);
            }
            page.mouse().up();
            assertThat(page.locator("#count")).isVisible();
            assertThat(alerts.ahead()).hasSize(1);
            page.keyboard().press("Escape");
            takesBackWhatIsCounted(page);
            assertThat(alerts.ahead()).isEmpty();
        }
    }

    @Test
    void theKeyboardTheFrameAndTwoStepsDoTheSame() {
        countdown(15);
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/emergency");
            page.keyboard().press("Alt+0");
            holdsSpace(page);
            takesBackWhatIsCounted(page);

            visitor.open("/fleet");
            visitor.hold(page, ".rail-nav a[href='/emergency']", 600);
            page.waitForURL("**/emergency");
            visitor.open("/fleet");
            var link = page.locator(".rail-nav a[href='/emergency']").boundingBox();
            page.mouse().move(link.x + 20, link.y + 20);
            page.mouse().down();
            assertThat(page.locator("#hold-says")).containsText("Giữ 2 giây để PHÁT THẬT: Cảnh báo lũ tới 3 cụm loa");
            page.waitForTimeout(2200);
            page.mouse().up();
            takesBackWhatIsCounted(page);

            visitor.open("/emergency");
            page.click("#manner");
            page.click("#step");
            assertThat(page.locator("#confirm")).containsText("3 cụm loa ở Xã Tân Lập");
            visitor.accessible().fitsAPhone();
            page.click("#arm");
            takesBackWhatIsCounted(page);
        }
    }

    private static void holdsSpace(Page page) {
        page.keyboard().down("Space");
        page.waitForTimeout(2300);
        page.keyboard().up("Space");
    }

    private static void takesBackWhatIsCounted(Page page) {
        assertThat(page.locator("#count")).isVisible();
        page.click(".count-cancel");
        assertThat(page.locator("#count")).hasCount(0);
    }

    @Test
    void theKeyOfTheEmergencyWorksFromTheWallToo() {
        countdown(15);
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/today");
            page.keyboard().press("f");
            page.waitForSelector("html.wall");
            assertThat(page.locator(".rail-nav a[href='/emergency']")).isHidden();
            page.keyboard().press("Alt+0");
            assertThat(page.locator(".rail-nav a[href='/emergency']")).isFocused();
            holdsSpace(page);
            takesBackWhatIsCounted(page);
        }
    }

    @Test
    void theButtonGoesWhileAMessageIsChosenThatIsTheProvincesToAnnounce() {
        var second = message(
                Kind.ALERT,
                "Ban bố cấp 2",
                CivilDefenceLevel.LEVEL_2,
                List.of(new Spoken("vi", "Vùng này ở cấp độ hai.", null)),
                1);
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/emergency");
            assertThat(page.locator("#hold")).isVisible();
            page.click("label.pick:has-text('Ban bố cấp 2')");
            assertThat(page.locator("#barred")).containsText("Chỉ từ cấp tỉnh trở lên mới được phát thật");
            assertThat(page.locator("#hold")).isHidden();
            assertThat(page.locator("#preset")).isHidden();
            visitor.accessible().fitsAPhone().shot("emergency-barred");
            page.click("label.pick:has-text('Cảnh báo lũ')");
            assertThat(page.locator("#hold")).isVisible();
        } finally {
            messages.archive(second.id());
        }
    }

    @ParameterizedTest(name = "on a phone: {0}")
    @ValueSource(booleans = {false, true})
    void withoutTheServerTheButtonSaysWhomToCall(boolean phone) {
        try (var visitor = Browsers.visitor(server, phone)) {
            visitor.expectingError("ERR_");
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/emergency");
            page.route("**/emergency", route -> route.abort());
            visitor.hold(page, "#hold", 2300);
            assertThat(page.locator("#away")).containsText("Gọi 0900 000 141");
            assertThat(alerts.ahead()).isEmpty();
            page.unroute("**/emergency");
            page.route("**/live?**", route -> route.abort());
            page.clock().install();
            visitor.open("/emergency");
            page.clock().fastForward(16_000);
            assertThat(page.locator("#hold")).containsText("Gọi 0900 000 141");
        }
    }

    @Test
    void aDrillHasItsOwnPageItsOwnVerbAndItsWord() {
        countdown(15);
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/drill");
            visitor.accessible().fitsAPhone().shot("drill");
            assertThat(page.locator("#drill-do")).isDisabled();
            assertThat(page.locator(".pick input:checked").first().locator("xpath=.."))
                    .containsText("1 cụm");
            assertThat(page.locator("#drill-to")).containsText("Phát thử tới 1 cụm loa");
            page.click("label.pick:has-text('Xã Tân Lập')");
            assertThat(page.locator("#drill-to")).hasText("Phát thử tới 3 cụm loa ở Xã Tân Lập.");
            page.locator(".pick input[name=target]").first().check();
            page.fill("#typed", "diễn tập");
            page.click("#drill-do");
            assertThat(page.locator("#count")).containsText("DIỄN TẬP – Cảnh báo lũ");
            visitor.accessible().shot("drill-armed");
            assertThat(page.locator("#alert-state")).containsText("ĐANG PHÁT DIỄN TẬP");
            visitor.accessible().fitsAPhone().shot("drill-onair");
            var alert = page.url();
            for (var elsewhere : List.of("/today", "/fleet")) {
                visitor.open(elsewhere);
                assertThat(page.locator("#content .drill-tag").first()).hasText("DIỄN TẬP");
                visitor.accessible().fitsAPhone().shot("drill-elsewhere" + elsewhere.replace('/', '-'));
            }
            page.navigate(alert);
            page.click("#stop");
            assertThat(page.locator("#alert-state")).containsText("Đã xong");
        }
    }
}
