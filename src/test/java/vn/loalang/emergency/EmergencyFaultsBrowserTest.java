package vn.loalang.emergency;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;
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
import vn.loalang.area.Area;
import vn.loalang.area.Authority;
import vn.loalang.broadcast.Status;
import vn.loalang.browser.Browsers;
import vn.loalang.web.Addresses;

/** Emergencies under fingers that shake, without a network, in two tabs, from another zone, and under a higher authority. */
@Tag("browser")
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@TestPropertySource(
        properties = {
            "loalang.emergency.alert.call=0900 000 141",
            "spring.datasource.url=jdbc:h2:mem:faults;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
        })
@DirtiesContext
class EmergencyFaultsBrowserTest extends AlertTestBase {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm").withZone(ZoneId.of("Asia/Ho_Chi_Minh"));
    private static final int GAP = 16;
    /** Milliseconds, more than the two seconds that a hold takes. */
    private static final int HELD = 2300;
    /** Red, green and blue of what is real. */
    private static final int EMERGENCY = 0xB3140F;

    @Autowired
    Addresses addresses;

    URI server;
    Area province;
    Area commune;
    ReadyMessage flood;
    SignedIn duty;
    SignedIn hoa;

    @BeforeEach
    void aCommuneInAProvince() {
        PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
        server = URI.create("https://localhost:" + addresses.httpsPort().orElseThrow());
        aProvinceOfTwoCommunes("Bãi");
        province = areas.findByCode("37").orElseThrow();
        commune = areas.findByCode("3701").orElseThrow();
        stations.serve(stations.main().id(), commune.id());
        flood = message(Kind.ALERT, "Cảnh báo lũ", "Nước sông đang lên nhanh.");
        duty = people.with("truc", Role.OPERATOR, province.path());
        hoa = people.with("hoa", Role.OPERATOR, commune.path());
        countdown(15);
    }

    @Test
    void onAPhoneAShakingFingerArmsAndASlidingOrASecondOneDoesNot() {
        try (var visitor = Browsers.phone(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/emergency");
            var button = page.locator("#hold");
            button.scrollIntoViewIfNeeded();
            var box = button.boundingBox();
            var x = box.x + box.width / 2;
            var y = box.y + box.height / 2;
            var finger = new Browsers.Finger(page);

            finger.down(x, y);
            page.waitForTimeout(400);
            finger.move(x, y - 160);
            page.waitForTimeout(2100);
            finger.up();
            button.tap();
            button.tap();
            page.waitForTimeout(300);
            assertThat(alerts.ahead()).as("slid off, tapped twice").isEmpty();

            finger.down(x, y);
            for (var i = 0; i < 12; i++) {
                page.waitForTimeout(190);
                finger.move(x + (i % 3) * 7 - 7, y + (i % 4) * 6 - 9);
            }
            finger.up();
            assertThat(page.locator("#count")).isVisible();
            assertThat(page.locator("#count")).containsText("Lúc này không cụm nào kết nối");
            assertThat(alerts.ahead()).hasSize(1);
            page.locator(".count-cancel").tap();
            assertThat(page.locator("#count")).hasCount(0);
            assertThat(alerts.ahead()).isEmpty();
        }
    }

    @Test
    void theBottomBarOfAPhoneArmsWhatWasChosenBeforehandAndAShortTapOpensThePage() {
        try (var visitor = Browsers.phone(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/fleet");
            var button = page.locator(".rail-nav a[href='/emergency']");
            assertThat(button).isInViewport();
            button.tap();
            page.waitForURL("**/emergency");
            assertThat(page.locator("#hold")).isVisible();

            visitor.open("/fleet");
            var box = button.boundingBox();
            var x = box.x + box.width / 2;
            var y = box.y + box.height / 2;
            var finger = new Browsers.Finger(page);
            finger.down(x, y);
            assertThat(page.locator("#hold-says")).containsText("Giữ 2 giây để PHÁT THẬT: Cảnh báo lũ tới 2 cụm loa");
            page.waitForTimeout(400);
            finger.move(x, y - 160);
            page.waitForTimeout(1900);
            finger.up();
            assertThat(page.locator("#hold-says")).isHidden();
            assertThat(alerts.ahead()).as("slid off").isEmpty();

            finger.down(x, y);
            for (var i = 0; i < 12; i++) {
                page.waitForTimeout(190);
                finger.move(x + (i % 3) * 7 - 7, y + (i % 4) * 6 - 9);
            }
            finger.up();
            assertThat(page.locator("#count")).containsText("PHÁT THẬT – Cảnh báo lũ");
            assertThat(alerts.ahead()).hasSize(1);
            page.locator(".count-cancel").tap();
            assertThat(page.locator("#count")).hasCount(0);
        }
    }

    @ParameterizedTest(name = "on a phone: {0}")
    @ValueSource(booleans = {false, true})
    void aNetworkThatBreaksInTheCountdownIsToldAndTheServerAirsAllTheSame(boolean phone) {
        countdown(12);
        try (var visitor = Browsers.visitor(server, phone)) {
            visitor.expectingError("ERR_");
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/emergency");
            assertThat(page.locator("#plan")).containsText("Lúc này không cụm nào kết nối");
            page.waitForResponse(
                    answer ->
                            answer.url().contains("/live?topics=") && page.url().matches(".*/emergency/[0-9]+"),
                    () -> visitor.hold(page, "#hold", HELD));
            assertThat(page.locator("#count")).isVisible();
            page.context().setOffline(true);
            visitor.press(page, ".count-cancel");
            assertThat(page.locator("#count [role=alert]")).containsText("lệnh này chưa có hiệu lực");
            assertThat(page.locator("#count [role=alert]")).containsText("gọi 0900 000 141");
            assertThat(page.locator("#count")).containsText("Đang gửi lệnh…");
            assertThat(page.locator("#count")).not().containsText("ĐANG PHÁT");
            page.context().setOffline(false);
            assertThat(page.locator("#alert-state")).containsText("ĐANG PHÁT KHẨN CẤP");
            assertThat(page.locator("#count")).hasCount(0);
        }
    }

    @ParameterizedTest(name = "on a phone: {0}")
    @ValueSource(booleans = {false, true})
    void twoTabsShowOneCountdownAndEitherEndsIt(boolean phone) {
        try (var visitor = Browsers.visitor(server, phone)) {
            var first = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/emergency");
            var second = first.context().newPage();
            second.waitForResponse(
                    answer -> answer.url().contains("/live?topics="), () -> second.navigate(server + "/emergency"));
            first.bringToFront();
            visitor.hold(first, "#hold", HELD);
            assertThat(first.locator("#count")).isVisible();
            assertThat(second.locator("#count")).isVisible();
            assertThat(second.locator("#count .count-one")).hasCount(1);
            visitor.press(second, ".count-cancel");
            assertThat(second.locator("#count")).hasCount(0);
            assertThat(first.locator("#count")).hasCount(0);
            assertThat(first.locator("#alert-state")).containsText("Đã huỷ, không phát");
            assertThat(alerts.ahead()).isEmpty();
        }
    }

    @Test
    void timesAreTheStationsWhateverZoneTheBrowserIsIn() {
        var alert = aired(hoa, in(commune));
        try (var visitor = Browsers.phone(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/emergency/" + alert.id());
            assertThat(page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone"))
                    .isEqualTo("America/New_York");
            var at = CLOCK.format(Objects.requireNonNull(alert.airedAt()));
            assertThat(page.locator(".course li")
                            .filter(new com.microsoft.playwright.Locator.FilterOptions().setHasText("ký lệnh")))
                    .containsText(at);
            assertThat(page.locator(".alert-bar")).containsText("từ " + at);
        }
    }

    @Test
    void theCommunesScreensSayThatTheProvinceIsHeardAndUntilWhen() {
        var own = aired(hoa, in(commune));
        var higher = aired(duty, in(province));
        assertThat(higher.authority()).isEqualTo(Authority.PROVINCE);
        var sentence =
                "Tỉnh đang phát khẩn cấp; chương trình xã sẽ tiếp tục lúc " + CLOCK.format(higher.soundsUntil()) + ".";
        for (var phone : new boolean[] {false, true}) {
            try (var visitor = Browsers.visitor(server, phone)) {
                var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
                visitor.open("/today");
                assertThat(page.locator(".alert-bar")).hasCount(2);
                assertThat(page.locator(".alert-bar")
                                .filter(new com.microsoft.playwright.Locator.FilterOptions().setHasText(sentence)))
                        .hasCount(1);
                visitor.accessible().fitsAPhone().shot(phone ? "province-over-commune-phone" : "province-over-commune");
                visitor.open("/emergency/" + higher.id());
                assertThat(page.locator("#alert-state")).containsText(sentence);
                assertThat(page.locator("#stop")).hasCount(0);
                visitor.open("/emergency/" + own.id());
                assertThat(page.locator("#alert-state")).not().containsText("Tỉnh đang phát");
                assertThat(page.locator("#stop")).hasCount(1);
            }
        }
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(duty.login(), TestPeople.PASSWORD);
            visitor.open("/emergency/" + higher.id());
            assertThat(page.locator("#alert-state")).containsText("ĐANG PHÁT KHẨN CẤP");
            assertThat(page.locator("#alert-state")).not().containsText("chương trình xã sẽ tiếp tục");
        }
    }

    /** One picture: what is held beside what is typed, the countdowns, and both on air. */
    @Test
    void aDrillIsNeverTakenForTheRealThing() throws IOException {
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(duty.login(), TestPeople.PASSWORD);
            visitor.open("/emergency");
            var real = new Face(
                    page.locator("#hold").innerText(),
                    colour(page, "#hold"),
                    page.locator("main").innerText());
            var realIdle = picture(page);
            visitor.open("/drill");
            var drill = new Face(
                    page.locator("#drill-do").innerText(),
                    colour(page, ".drill-band"),
                    page.locator("body").innerText());
            var drillIdle = picture(page);
            assertThat(real.verb()).contains("PHÁT THẬT");
            assertThat(drill.verb()).isEqualTo("Phát thử diễn tập");
            assertThat(drill.colour()).isNotEqualTo(real.colour());
            assertThat(drill.text()).contains("DIỄN TẬP").doesNotContain("PHÁT THẬT");

            var realShown = shown(visitor, page, Status.ACTUAL);
            var drillShown = shown(visitor, page, Status.EXERCISE);
            assertThat(realShown.counting().text()).contains("PHÁT THẬT").doesNotContainIgnoringCase("diễn tập");
            assertThat(drillShown.counting().text()).contains("DIỄN TẬP").doesNotContain("PHÁT THẬT");
            assertThat(realShown.onAir().text()).contains("ĐANG PHÁT KHẨN CẤP").doesNotContainIgnoringCase("diễn tập");
            assertThat(drillShown.onAir().text()).contains("ĐANG PHÁT DIỄN TẬP").doesNotContain("KHẨN CẤP");
            assertThat(drillShown.counting().colour())
                    .isNotEqualTo(realShown.counting().colour());
            assertThat(drillShown.onAir().colour())
                    .isNotEqualTo(realShown.onAir().colour());
            assertThat(reddened(realIdle)).as("red on the real page").isGreaterThan(5_000);
            assertThat(reddened(realShown.onAirPicture())).isGreaterThan(5_000);
            assertThat(reddened(drillIdle)).as("red on the page of a drill").isZero();
            assertThat(reddened(drillShown.onAirPicture())).isZero();
            besideEachOther(
                    "drill-beside-real",
                    List.of(
                            List.of(realIdle, realShown.countingPicture(), realShown.onAirPicture()),
                            List.of(drillIdle, drillShown.countingPicture(), drillShown.onAirPicture())));
        }
    }

    @Test
    void thePagesOfADrillHaveAnEntryOfTheirOwnInTheNavigationAndHoldingItArmsNothing() {
        var alert = alerts.arm(press(flood, Status.EXERCISE, in(commune)), by(duty));
        release(alert.id());
        for (var phone : List.of(false, true)) {
            try (var visitor = Browsers.visitor(server, phone)) {
                var page = visitor.signIn(duty.login(), TestPeople.PASSWORD);
                for (var path : List.of("/emergency/" + alert.id(), "/emergency/targets?to=drill")) {
                    visitor.open(path);
                    assertThat(page.locator(".rail-nav [aria-current]")).hasText("Diễn tập");
                    assertThat(page.locator(".rail-nav [aria-current]")).isInViewport();
                    assertThat(colour(page, ".rail-nav [aria-current]")).contains("rgb(91, 42, 145)");
                    assertThat(colour(page, ".rail-nav a[href='/emergency']")).doesNotContain("rgb(179, 20, 15)");
                }
                visitor.open("/emergency/" + alert.id());
                visitor.accessible().fitsAPhone().shot(phone ? "drill-alert-phone" : "drill-alert");
                if (!phone) {
                    visitor.picture("drill");
                }
                visitor.hold(page, ".rail-nav a[href='/emergency']", HELD);
                page.waitForURL("**/emergency");
                assertThat(alerts.ahead()).isEmpty();
                assertThat(page.locator(".rail-nav [aria-current]")).containsText("Khẩn cấp");
            }
        }
        alerts.stop(alert.id(), by(duty), "");
    }

    /** Pixels in the colour of the real thing. */
    private static long reddened(BufferedImage picture) {
        return Arrays.stream(picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth()))
                .filter(pixel -> (pixel & 0xFFFFFF) == EMERGENCY)
                .count();
    }

    /** What somebody sees: the words on what is pressed, its colour, and all words around. */
    private record Face(String verb, String colour, String text) {}

    private record Shown(Face counting, BufferedImage countingPicture, Face onAir, BufferedImage onAirPicture) {}

    /** The same alert's countdown and its page on air, real or as a drill. */
    private Shown shown(Browsers.Visitor visitor, Page page, Status status) throws IOException {
        countdown(15);
        var alert = alerts.arm(press(flood, status, in(commune)), by(duty));
        visitor.open("/today");
        assertThat(page.locator("#count")).isVisible();
        var counting =
                new Face("", colour(page, "#count"), page.locator("#count").innerText());
        var countingPicture = picture(page);
        release(alert.id());
        visitor.open("/emergency/" + alert.id());
        assertThat(page.locator("#alert-state.is-aired")).isVisible();
        var onAir = new Face(
                "", colour(page, "#alert-state"), page.locator("#alert-state").innerText());
        var onAirPicture = picture(page);
        alerts.stop(alert.id(), by(duty), "");
        return new Shown(counting, countingPicture, onAir, onAirPicture);
    }

    /** Asked in one go, since a live region may be exchanged at any moment. */
    private static String colour(Page page, String what) {
        return (String) page.evaluate("""
                what => { const s = getComputedStyle(document.querySelector(what));
                  return [s.backgroundColor, s.borderTopColor].join(" "); }""", what);
    }

    private static BufferedImage picture(Page page) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(page.screenshot()));
    }

    /** Two columns of pictures in one file, as {@code target/shots/<name>.png}. */
    private static void besideEachOther(String name, List<List<BufferedImage>> columns) throws IOException {
        var width = columns.get(0).get(0).getWidth();
        var height = columns.get(0).get(0).getHeight();
        var rows = columns.get(0).size();
        var all = new BufferedImage(columns.size() * (width + GAP), rows * (height + GAP), BufferedImage.TYPE_INT_RGB);
        var draw = all.createGraphics();
        for (var column = 0; column < columns.size(); column++) {
            for (var row = 0; row < rows; row++) {
                draw.drawImage(columns.get(column).get(row), column * (width + GAP), row * (height + GAP), null);
            }
        }
        draw.dispose();
        var file = Files.createDirectories(Path.of("target", "shots")).resolve(name + ".png");
        ImageIO.write(all, "png", file.toFile());
    }

    private Alert aired(SignedIn who, Target place) {
        var alert = alerts.arm(press(flood, Status.ACTUAL, place), by(who));
        release(alert.id());
        return alerts.find(alert.id()).orElseThrow();
    }

    /** As if the countdown were over. */
    private void release(AlertId id) {
        jdbc.sql("update emergency_alert set fires_at = armed_at where id = :id")
                .param("id", id.value())
                .update();
        assertThat(alerts.fire(id)).isTrue();
        assertThat(alerts.find(id).orElseThrow().state()).isEqualTo(AlertState.AIRED);
    }
}
