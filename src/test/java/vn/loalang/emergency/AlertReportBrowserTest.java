package vn.loalang.emergency;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.Media;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
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
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;
import vn.loalang.area.StationId;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.broadcast.Evidence;
import vn.loalang.broadcast.Outcome;
import vn.loalang.broadcast.Playbacks;
import vn.loalang.broadcast.Proof;
import vn.loalang.broadcast.Status;
import vn.loalang.browser.Browsers;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.NewController;
import vn.loalang.fleet.NewUnit;
import vn.loalang.fleet.PresenceBook;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.SigningKey;
import vn.loalang.web.Addresses;

/** What is printed after an alert: who was reached, how fast, village by village; and the sheet for hand loudspeakers. */
@Tag("browser")
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@TestPropertySource(
        properties =
                "spring.datasource.url=jdbc:h2:mem:paper;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH")
@DirtiesContext
class AlertReportBrowserTest extends AlertTestBase {
    /** What A4 leaves between the margins of 30 and 15 mm, 20 and 20 mm, in pixels of CSS. */
    private static final int PAPER_WIDTH = 623;

    private static final int PAPER_HEIGHT = 971;
    private static final Pattern SHEET = Pattern.compile("/Type\\s*/Page\\b");
    private static final Pattern SIZE = Pattern.compile("/MediaBox\\s*\\[0 0 59\\d(\\.\\d+)? 84\\d(\\.\\d+)?]");

    @Autowired
    Addresses addresses;

    @Autowired
    Broadcasts broadcasts;

    @Autowired
    Playbacks playbacks;

    @Autowired
    PresenceBook presence;

    @Autowired
    Contacts contacts;

    @Autowired
    AlertBook book;

    @Autowired
    Clock clock;

    URI server;
    SignedIn hoa;
    AreaPath village;
    Instant aired;
    Set<ControllerId> poles;
    List<Evidence> told;

    @BeforeEach
    void aMinuteAgo() {
        server = URI.create("https://localhost:" + addresses.httpsPort().orElseThrow());
        hoa = people.everywhere(Role.OPERATOR, Role.ADMINISTRATOR);
        aired = clock.instant().truncatedTo(ChronoUnit.SECONDS).minusSeconds(60);
        poles = new LinkedHashSet<>();
        told = new ArrayList<>();
    }

    /** Nothing was signed, so nothing can be called back. */
    @AfterEach
    void over() {
        jdbc.sql("update emergency_alert set state = 'ENDED', closed_at = ends_at where state = 'AIRED'")
                .update();
    }

    /** A pole whose box said hello just before; lost again if it is not connected. */
    private Box box(Area where, String name, boolean connected) {
        var unit = DeviceId.of(
                SigningKey.generate(new Kid("d1"), new SecureRandom()).publicKey());
        var pole = fleet.addController(new NewController(
                new StationId(stations.main().id()), new AreaId(where.id()), name, null, null, 75, Set.of()));
        fleet.registerUnit(new NewUnit(unit, "LC1", "r1"));
        fleet.assign(unit, pole);
        presence.hello(List.of(new PresenceBook.Greeted(unit, 1, 1, "2.0", "r1", aired.minusSeconds(5))));
        if (!connected) {
            presence.left(unit, 1, aired.minusSeconds(2));
        }
        poles.add(pole);
        return new Box(pole, unit);
    }

    private record Box(ControllerId pole, DeviceId unit) {}

    /** A real alert or a drill; of seven poles in three villages one heard nothing of it, one took it over and stayed silent. */
    private AlertOnPaper alert(Status status) {
        var commune = areas.findByCode("3701").orElseGet(() -> {
            var added = area(AreaPath.ROOT, "3701", "Xã Tân Lập", Authority.COMMUNE);
            stations.serve(stations.main().id(), added.id());
            return added;
        });
        var drill = status == Status.EXERCISE;
        var market = village(commune.path(), drill ? "370111" : "370101", "Thôn Đằng Xá");
        var bridge = village(commune.path(), drill ? "370112" : "370102", "Thôn Cầu Mới");
        var ferry = village(commune.path(), drill ? "370113" : "370103", "Thôn Bến Đò");
        village = market.path();
        var first = box(market, "Đình làng", true);
        var second = box(market, "Chợ", true);
        var claims = box(market, "Nhà văn hoá", true);
        var silent = box(market, "Trạm xá", true);
        var slow = box(bridge, "Cầu Mới", true);
        var other = box(bridge, "Trường học", true);
        box(ferry, "Bến đò", false);
        var alert = AlertOnPaper.aired(jdbc, broadcasts, areas, stations, hoa, status, village, aired, poles);
        sounded(alert, first, 1_400, Proof.AMP);
        sounded(alert, second, 2_000, Proof.MIC);
        sounded(alert, claims, 3_000, Proof.DAC);
        sounded(alert, slow, 7_200, Proof.LINE);
        sounded(alert, other, 2_500, Proof.AMP);
        tells(alert, silent, 1, 500, new Outcome.Received());
        playbacks.record(told);
        return alert;
    }

    private Area village(AreaPath commune, String code, String name) {
        return areas.findByCode(code).orElseGet(() -> area(commune, code, name, Authority.VILLAGE));
    }

    private void sounded(AlertOnPaper alert, Box box, long ms, Proof proof) {
        tells(alert, box, 1, 500, new Outcome.Received());
        tells(alert, box, 2, ms, new Outcome.Started(0, 0));
        tells(alert, box, 3, ms + 10_000, new Outcome.Completed(10_000, proof, 100));
    }

    private void tells(AlertOnPaper alert, Box box, long number, long ms, Outcome outcome) {
        var at = aired.plusMillis(ms);
        told.add(new Evidence(box.pole(), box.unit(), alert.broadcast().oid(), at, Quality.T, number, at, outcome));
    }

    @Test
    void theReportTellsReceivedStartedProvedAndTheTimesOfEachVillageOnOneSheetOrTwo() {
        var alert = alert(Status.ACTUAL);
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/emergency/" + alert.id());
            page.click("a[href$='/report']");
            Assertions.assertThat(page.locator(".facts dt").allInnerTexts())
                    .containsExactly(
                            "Cụm loa",
                            "Đã nhận lệnh",
                            "Có tiếng",
                            "Đã kiểm chứng",
                            "Loa tự báo",
                            "Chưa có tiếng",
                            "Người dân báo đã nghe");
            Assertions.assertThat(page.locator(".facts dd").allInnerTexts())
                    .containsExactly("7", "6", "5", "4", "1", "2", "0");
            assertThat(page.locator("main")).containsText("tiếng đầu tiên sau 1,4 giây");
            assertThat(page.locator("main")).containsText("50 % cụm sau 3,0 giây");
            assertThat(page.locator("main")).not().containsText("90 % cụm sau");
            Assertions.assertThat(page.locator("table thead th").allInnerTexts())
                    .containsExactly(
                            "Thôn",
                            "Cụm loa",
                            "Đã nhận lệnh",
                            "Có tiếng",
                            "Đã kiểm chứng",
                            "Tiếng đầu",
                            "50 %",
                            "90 %",
                            "100 %");
            Assertions.assertThat(List.of(row(page, 0), row(page, 1), row(page, 2)))
                    .containsExactly(
                            List.of("Thôn Bến Đò", "1", "0", "0", "0", "–", "–", "–", "–"),
                            List.of("Thôn Đằng Xá", "4", "4", "3", "2", "1,4 s", "2,0 s", "–", "–"),
                            List.of("Thôn Cầu Mới", "2", "2", "2", "2", "2,5 s", "2,5 s", "7,2 s", "7,2 s"));
            assertThat(page.locator(".silent-list")).containsText("Trạm xá");
            assertThat(page.locator(".silent-list")).containsText("mất kết nối");
            assertThat(page.locator(".paper-head")).isHidden();
            visitor.accessible().fitsAPhone().shot("alert-report");

            page.evaluate("document.documentElement.dataset.theme = 'dark'");
            onPaper(page, "alert-report");
            assertThat(page.locator(".paper-head")).containsText("Độc lập - Tự do - Hạnh phúc");
            assertThat(page.locator(".paper-head")).isVisible();
            assertThat(page.locator(".paper-signs")).isVisible();
            assertThat(page.locator("main")).not().containsText("DIỄN TẬP");
        }
    }

    @Test
    void reportAndSheetOfADrillAreMarkedOnPaperTooAndTheListOfThoseToCallIsAccessible() {
        var alert = alert(Status.EXERCISE);
        contacts.add(village, "Lê Văn Thành", "Trưởng thôn", "0900 000 141");
        try (var visitor = Browsers.phone(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            for (var paper : List.of("report", "handout")) {
                visitor.open("/emergency/" + alert.id() + "/" + paper);
                assertThat(page.locator(".drill-mark")).hasText("DIỄN TẬP – không phải tin thật");
                visitor.accessible().fitsAPhone().shot("drill-" + paper);
                page.evaluate("document.documentElement.dataset.theme = 'dark'");
                onPaper(page, "drill-" + paper);
                assertThat(page.locator(".drill-mark")).isVisible();
                page.waitForFunction(
                        "() => getComputedStyle(document.querySelector('.drill-mark')).color === 'rgb(91, 42, 145)'");
                page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.SCREEN));
                page.setViewportSize(390, 844);
            }
            assertThat(page.locator(".sheet-words")).containsText("Đây là diễn tập");
            assertThat(page.locator(".silent-list")).containsText("Trưởng thôn: 0900 000 141");
            visitor.open("/admin/contacts?at=" + village.value());
            assertThat(page.locator("main")).containsText("Lê Văn Thành");
            visitor.accessible().fitsAPhone().shot("contacts");
        }
    }

    /** Printers leave colours of the background out; that of the risk is printed, and its words say it, too. */
    @Test
    void onPaperTooStandTheColourOfTheRiskTheFieldsOfTheLawAndTheWordsOfEveryLanguage() {
        var alert = alert(Status.ACTUAL);
        book.keep(
                alert.id(),
                new ReadyMessage(
                        ReadyMessage.NEW,
                        Kind.ALERT,
                        "Cảnh báo lũ",
                        Bulletin.of(Map.of(Bulletin.Field.RESPONSE, "Lên nơi cao")),
                        null,
                        null,
                        List.of(
                                new Spoken("vi", "Nước lên nhanh.", null),
                                new Spoken("bru", "Dỡq ntưn chái.", null),
                                new Spoken("en", "The water rises fast.", null)),
                        null,
                        1,
                        Duration.ZERO,
                        100,
                        Duration.ofMinutes(10),
                        null,
                        0));
        jdbc.sql("update emergency_alert set risk = 'LEVEL_4', defence = 'LEVEL_1' where id = :id")
                .param("id", alert.id().value())
                .update();
        try (var visitor = Browsers.phone(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/emergency/" + alert.id());
            assertThat(page.locator(".alert-bar .risk")).hasText("Rủi ro thiên tai cấp 4 – đỏ");
            visitor.accessible().fitsAPhone().shot("alert-levels");
            for (var paper : List.of("report", "handout")) {
                visitor.open("/emergency/" + alert.id() + "/" + paper);
                visitor.accessible().fitsAPhone().shot("levels-" + paper);
                page.evaluate("document.documentElement.dataset.theme = 'dark'");
                onPaper(page, "levels-" + paper);
                Assertions.assertThat(page.evaluate("""
                                () => { const chip = getComputedStyle(document.querySelector("main .risk"));
                                  return [chip.backgroundColor, chip.color, chip.printColorAdjust]; }"""))
                        .isEqualTo(List.of("rgb(184, 18, 25)", "rgb(255, 255, 255)", "exact"));
                assertThat(page.locator("main")).containsText("Phòng thủ dân sự cấp 1");
                assertThat(page.locator("main")).containsText("Lên nơi cao");
                page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.SCREEN));
                page.setViewportSize(390, 844);
            }
            Assertions.assertThat(page.locator(".sheet-words").allInnerTexts())
                    .containsExactly("Nước lên nhanh.", "Dỡq ntưn chái.", "The water rises fast.");
        }
    }

    private static List<String> row(Page page, int number) {
        return page.locator("table tbody tr").nth(number).locator("th, td").allInnerTexts();
    }

    /**
     * The page as it is printed: black on white whatever the theme, without what one presses, nothing wider than the paper. Kept as
     * {@code target/shots/<name>-paper.png} and {@code .pdf}.
     */
    private static void onPaper(Page page, String name) {
        page.setViewportSize(PAPER_WIDTH, PAPER_HEIGHT);
        page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
        for (var gone : List.of(".rail", ".everywhere", "[data-print]", "main > p > a")) {
            assertThat(page.locator(gone).first()).isHidden();
        }
        Assertions.assertThat(page.evaluate("""
                        () => [...document.querySelectorAll("body, main *")]
                          .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
                          .map(e => e.tagName + "." + e.className)""")).as("what the paper cuts off").isEqualTo(List.of());
        page.waitForFunction("""
                () => { const paper = getComputedStyle(document.body);
                  return paper.color === "rgb(0, 0, 0)" && paper.backgroundColor === "rgb(255, 255, 255)"; }""");
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(Path.of("target", "shots", name + "-paper.png"))
                .setFullPage(true));
        var pdf = page.pdf(new Page.PdfOptions()
                .setPath(Path.of("target", "shots", name + "-paper.pdf"))
                .setPreferCSSPageSize(true));
        var text = new String(pdf, StandardCharsets.ISO_8859_1);
        Assertions.assertThat(SHEET.matcher(text).results().count())
                .as("sheets of paper")
                .isBetween(1L, 2L);
        Assertions.assertThat(SIZE.matcher(text).find()).as("A4 upright").isTrue();
    }
}
