package vn.loalang.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.AreaPath;
import vn.loalang.broadcast.Outcome;
import vn.loalang.web.Addresses;
import vn.loalang.web.Times;

/** What holds on every page, seen on one afternoon of a whole commune: {@link VillageDay}. */
@Tag("browser")
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@Import(VillageDay.Calendar.class)
class EveryPageBrowserTest {
    private static final long MOST_BYTES = 150 * 1024;
    private static final int MOST_TABS = 80;

    @Autowired
    Addresses addresses;

    @Autowired
    TestPeople people;

    @Autowired
    Times times;

    @Autowired
    VillageDay day;

    SignedIn hoa;
    URI server;

    @BeforeEach
    void anAfternoon() throws IOException {
        PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
        day.made();
        for (var role : Role.values()) {
            hoa = people.with("hoa", role, AreaPath.ROOT);
        }
        server = URI.create("https://localhost:" + addresses.httpsPort().orElseThrow());
    }

    @Test
    void everyPageIsAccessibleFitsAPhoneAndIsLight() {
        try (var visitor = Browsers.desktop(server)) {
            visitor.expectingError("404");
            visitor.open("/login");
            visitor.accessible().fitsAPhone();
            visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            var wire = new Wire(visitor.page());
            pages().forEach((name, path) -> {
                var bytes = wire.bytesOf(() -> visitor.open(path));
                assertThat(bytes)
                        .as("bytes on the wire of " + path + ", fonts aside")
                        .isBetween(1L, MOST_BYTES);
                visitor.accessible().fitsAPhone().shot("every-" + name);
            });
        }
    }

    @Test
    void bothLanguagesHaveEveryWord() {
        try (var visitor = Browsers.desktop(server)) {
            visitor.expectingError("404");
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            for (var language : List.of("en", "vi")) {
                visitor.open("/today");
                page.click(".rail-account summary");
                page.click("button[name=lang][value=" + language + "]");
                page.waitForLoadState();
                assertThat(page.getAttribute("html", "lang")).isEqualTo(language);
                pages().forEach((name, path) -> {
                    visitor.open(path);
                    assertThat(page.content())
                            .as(path + " in " + language)
                            .doesNotContain("??")
                            .doesNotContainPattern("\\{\\d}");
                    assertThat(page.locator("h1").count())
                            .as("headings of " + path)
                            .isEqualTo(1);
                });
            }
        }
    }

    @Test
    void everyMainActionIsReachedWithTheTabKey() {
        var actions = new LinkedHashMap<String, List<String>>();
        actions.put("/today", List.of("#speak", "#wall", "[id^=onair-]", "[id^=todo-]", ".tile-name", "[id^=next-]"));
        actions.put("/timetable", List.of("#week-next", "#slot-add", ".slot"));
        actions.put("/timetable/new", List.of("[name=recording]", "#start", "#volume", "#slot-save"));
        actions.put("/library", List.of("#pick", "#q", ".recording a"));
        actions.put("/library/" + day.recording().value(), List.of("#listen", "#plan", "#title"));
        actions.put("/fleet", List.of("#q", "a[href='/fleet/new']", ".pole-link"));
        actions.put("/fleet/" + day.pole(VillageDay.LOST), List.of("a[href$='/edit']", ".summary"));
        actions.put("/emergency", List.of("[name=target]", "#preset", "#hold", "#manner"));
        actions.put("/drill", List.of("[name=target]", "#typed"));
        actions.put("/admin/people", List.of(".tabs a", "#login", "main form button.primary"));
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            actions.forEach((path, wanted) -> {
                visitor.open(path);
                var missing = new HashSet<>(wanted);
                page.evaluate("document.activeElement.blur()");
                for (var tab = 0; tab < MOST_TABS && !missing.isEmpty(); tab++) {
                    page.keyboard().press("Tab");
                    missing.removeIf(it -> (Boolean) page.evaluate("it => document.activeElement.matches(it)", it));
                }
                assertThat(missing).as("not reached with Tab on " + path).isEmpty();
            });
        }
    }

    @Test
    void theStationsTimeIsShownToABrowserInNewYork() {
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/today");
            assertThat(page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone"))
                    .isEqualTo("America/New_York");
            assertThat(page.textContent("h1")).contains("Chủ Nhật 22/11/2026");
            assertThat(page.textContent("[data-clock]")).startsWith("17:");
            assertThat(page.textContent(".onair")).contains("17:00–17:");
            assertThat(times.time(times.now())).startsWith("17:");
            visitor.open("/timetable");
            assertThat(page.textContent(".week-head .today")).contains("Chủ Nhật 22/11");
        }
    }

    @Test
    void theFirstScreenSaysWhatIsOnWhichPoleIsSilentAndWhatToDo() {
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/today");
            assertThat(page.textContent(".onair")).contains("Đang phát", "Bản tin xã", "/9");
            assertThat(page.textContent(".tiles li:first-child")).contains(VillageDay.BROKEN, "lỗi âm ly");
            assertThat(page.textContent(".todo")).contains("Không phát: " + VillageDay.BROKEN, "báo kỹ thuật viên");
            assertThat(page.evaluate(
                            "document.querySelector('.tiles').getBoundingClientRect().top < innerHeight - 120"))
                    .as("the first tiles stand on the first screenful")
                    .isEqualTo(true);
        }
    }

    @Test
    void aReportAppearsWithinASecondWithoutReloading() {
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            page.waitForResponse(answer -> answer.url().contains("/live?topics="), () -> visitor.open("/today"));
            page.evaluate("window.stayed = true");
            day.comesBack(VillageDay.LOST);
            page.waitForFunction(
                    "name => ![...document.querySelectorAll('.tile')]"
                            + ".find(it => it.textContent.includes(name)).textContent.includes('Mất kết nối')",
                    VillageDay.LOST);

            var before = System.nanoTime();
            day.says(VillageDay.QUIET, new Outcome.Started(7, 0));
            page.waitForFunction(
                    "name => [...document.querySelectorAll('.tile')]"
                            + ".find(it => it.textContent.includes(name)).textContent.includes('Đang phát')",
                    VillageDay.QUIET);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(1));
            assertThat(page.evaluate("window.stayed")).isEqualTo(true);
        }
    }

    @Test
    void theWallFillsTheScreenWithTheKeyF() {
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/today");
            var small = size(page);
            page.keyboard().press("f");
            page.waitForSelector("html.wall");
            PlaywrightAssertions.assertThat(page.locator(".rail")).isHidden();
            assertThat(size(page)).as("the clock is read from four metres").isGreaterThan(small * 1.3);
            visitor.accessible().shot("wall");
            page.keyboard().press("f");
            PlaywrightAssertions.assertThat(page.locator(".rail")).isVisible();
        }
    }

    /** {@code -Dpictures=docs/pictures}: the pictures of the README. */
    @Test
    @EnabledIfSystemProperty(named = "pictures", matches = ".+")
    void picturesForTheReadme() {
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/today");
            visitor.picture("today-light");
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
            visitor.picture("today-dark");
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
            visitor.open("/fleet");
            visitor.picture("fleet");
            visitor.open("/library/" + day.recording().value());
            visitor.picture("library");
            visitor.open("/timetable/new?date=2026-11-24&start=18:30&recording="
                    + day.recording().value());
            page.click("#repeat label:nth-child(2)");
            PlaywrightAssertions.assertThat(page.locator("#preview")).containsText("mỗi ngày");
            visitor.picture("slot-form");
            page.setViewportSize(1366, 940);
            visitor.open("/timetable?week=2026-11-23");
            visitor.picture("timetable");
        }
        try (var visitor = Browsers.phone(server)) {
            visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/today");
            visitor.picture("today-phone");
        }
    }

    private static double size(Page page) {
        return ((Number) page.evaluate("parseFloat(getComputedStyle(document.querySelector('[data-clock]')).fontSize)"))
                .doubleValue();
    }

    private Map<String, String> pages() {
        var pages = new LinkedHashMap<String, String>();
        pages.put("password", "/password");
        pages.put("setup", "/setup");
        pages.put("today", "/today");
        pages.put("broadcast", "/broadcasts/" + day.onAir());
        pages.put("playback", "/broadcasts/" + day.onAir() + "/" + day.pole(VillageDay.BROKEN));
        pages.put("speak", "/speak");
        pages.put("week", "/timetable");
        pages.put("next-week", "/timetable?week=2026-11-23");
        pages.put("slot-new", "/timetable/new");
        pages.put("slot", "/timetable/1?on=2026-11-24");
        pages.put("library", "/library");
        pages.put("archived", "/library?archived=true");
        pages.put("recording", "/library/" + day.recording().value());
        pages.put("fleet", "/fleet");
        pages.put("pole", "/fleet/" + day.pole(VillageDay.BROKEN));
        pages.put("pole-lost", "/fleet/" + day.pole(VillageDay.LOST));
        pages.put("pole-new", "/fleet/new");
        pages.put("pole-edit", "/fleet/" + day.pole(VillageDay.LOST) + "/edit");
        pages.put("emergency", "/emergency");
        pages.put("drill", "/drill");
        pages.put("people", "/admin/people");
        pages.put("person", "/admin/people/" + hoa.personId());
        pages.put("areas", "/admin/areas");
        pages.put("area", "/admin/areas?at=14560");
        pages.put("contacts", "/admin/contacts?at=14560");
        pages.put("audit", "/admin/audit");
        pages.put("keys", "/admin/keys");
        pages.put("firmware", "/admin/firmware");
        pages.put("missing", "/no-such-page");
        return pages;
    }

    /** Counts what a first visit brings over the wire: headers and bodies as compressed, without fonts. */
    private static final class Wire {
        private final Page page;
        private final HashSet<String> fonts = new HashSet<>();
        private final AtomicLong bytes = new AtomicLong();

        Wire(Page page) {
            this.page = page;
            var chrome = page.context().newCDPSession(page);
            chrome.send("Network.enable");
            var fresh = new JsonObject();
            fresh.addProperty("cacheDisabled", true);
            chrome.send("Network.setCacheDisabled", fresh);
            chrome.on("Network.responseReceived", event -> {
                if (event.get("type").getAsString().equals("Font")) {
                    fonts.add(event.get("requestId").getAsString());
                }
            });
            chrome.on("Network.loadingFinished", event -> {
                if (!fonts.contains(event.get("requestId").getAsString())) {
                    bytes.addAndGet(event.get("encodedDataLength").getAsLong());
                }
            });
        }

        long bytesOf(Runnable visit) {
            bytes.set(0);
            visit.run();
            page.waitForTimeout(100);
            return bytes.get();
        }
    }
}
