package vn.loalang.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.opentest4j.AssertionFailedError;

/**
 * Real browsers for tests tagged {@code browser}: one Chromium per JVM, one fresh context per {@link Visitor}, always in
 * another time zone than the station's. Without a browser on the machine the test is skipped and says so, unless
 * {@code -Dbrowser.required=true}.
 */
public final class Browsers {
    private static final Path CHROMIUM = Path.of(System.getProperty("browser.path", "/usr/bin/chromium"));
    private static Browser browser;

    private Browsers() {}

    /** A visitor at a 1366 × 768 screen. */
    public static Visitor desktop(URI server) {
        return visit(server, 1366, 768, false);
    }

    /** A visitor with a phone of 390 × 844. */
    public static Visitor phone(URI server) {
        return visit(server, 390, 844, true);
    }

    /** A visitor with a phone, or at a screen. */
    public static Visitor visitor(URI server, boolean phone) {
        return phone ? phone(server) : desktop(server);
    }

    private static Visitor visit(URI server, int width, int height, boolean touch) {
        var context = browser()
                .newContext(new Browser.NewContextOptions()
                        .setLocale("vi-VN")
                        .setTimezoneId("America/New_York")
                        .setViewportSize(width, height)
                        .setHasTouch(touch)
                        .setIgnoreHTTPSErrors(true)
                        .setPermissions(List.of("microphone")));
        context.setDefaultTimeout(15_000);
        return new Visitor(context, server, touch);
    }

    private static synchronized Browser browser() {
        if (browser == null) {
            var there = Files.isExecutable(CHROMIUM);
            if (!there && Boolean.getBoolean("browser.required")) {
                throw new AssertionFailedError("No browser at " + CHROMIUM + ", and -Dbrowser.required=true");
            }
            Assumptions.assumeTrue(there, "skipped: no browser at " + CHROMIUM + " (apt-get install chromium)");
            var playwright = Playwright.create(
                    new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
            browser = playwright
                    .chromium()
                    .launch(new BrowserType.LaunchOptions()
                            .setExecutablePath(CHROMIUM)
                            .setHeadless(true)
                            .setArgs(List.of(
                                    "--no-sandbox",
                                    "--disable-gpu",
                                    "--disable-dev-shm-usage",
                                    "--disable-quic",
                                    "--no-first-run",
                                    "--disable-background-networking",
                                    "--disable-component-update",
                                    "--disable-sync",
                                    "--use-fake-ui-for-media-stream",
                                    "--use-fake-device-for-media-stream",
                                    "--host-resolver-rules=MAP loa.lan 127.0.0.1")));
            Runtime.getRuntime().addShutdownHook(new Thread(playwright::close));
        }
        return browser;
    }

    /** A finger on the glass of a phone. */
    public static final class Finger {
        private final CDPSession glass;

        public Finger(Page page) {
            glass = page.context().newCDPSession(page);
        }

        public void down(double x, double y) {
            touch("touchStart", x, y);
        }

        public void move(double x, double y) {
            touch("touchMove", x, y);
        }

        public void up() {
            touch("touchEnd");
        }

        private void touch(String what, double... at) {
            var points = new JsonArray();
            if (at.length == 2) {
                var point = new JsonObject();
                point.addProperty("x", at[0]);
                point.addProperty("y", at[1]);
                points.add(point);
            }
            var event = new JsonObject();
            event.addProperty("type", what);
            event.add("touchPoints", points);
            glass.send("Input.dispatchTouchEvent", event);
        }
    }

    /** One person's browser. Closing it fails the test when a request left the server or the console showed an error. */
    public static final class Visitor implements AutoCloseable {
        private final BrowserContext context;
        private final Page page;
        private final URI server;
        private final boolean touch;
        private final List<String> elsewhere = new ArrayList<>();
        private final List<String> errors = new ArrayList<>();
        private final List<String> expected = new ArrayList<>();

        private Visitor(BrowserContext context, URI server, boolean touch) {
            this.context = context;
            this.server = server;
            this.touch = touch;
            context.onRequest(request -> {
                var url = request.url();
                if (!url.startsWith(server.toString()) && !url.startsWith("data:") && !url.startsWith("blob:")) {
                    elsewhere.add(url);
                }
            });
            context.onConsoleMessage(message -> {
                if (message.type().equals("error")) {
                    errors.add(message.text());
                }
            });
            this.page = context.newPage();
            page.onPageError(error -> errors.add(error));
        }

        /** The page, for everything Playwright can do. */
        public Page page() {
            return page;
        }

        /** Opens a path of the server, {@code /today}. */
        public Page open(String path) {
            page.navigate(server + path);
            return page;
        }

        /** Signs in and waits for the page after it. */
        public Page signIn(String login, String password) {
            open("/login");
            page.fill("#username", login);
            page.fill("#password", password);
            page.click("main button.primary");
            page.waitForURL(url -> !url.contains("/login"));
            return page;
        }

        /** Keeps something pressed for so long in one of the visitor's tabs: with the mouse, on a phone with a finger. */
        public void hold(Page tab, String what, int ms) {
            var at = tab.locator(what);
            at.scrollIntoViewIfNeeded();
            var box = at.boundingBox();
            var x = box.x + box.width / 2;
            var y = box.y + box.height / 2;
            if (touch) {
                var finger = new Finger(tab);
                finger.down(x, y);
                tab.waitForTimeout(ms);
                finger.up();
            } else {
                tab.mouse().move(x, y);
                tab.mouse().down();
                tab.waitForTimeout(ms);
                tab.mouse().up();
            }
        }

        /** Presses something shortly in one of the visitor's tabs: with the mouse, on a phone with a finger. */
        public void press(Page tab, String what) {
            if (touch) {
                tab.locator(what).tap();
            } else {
                tab.locator(what).click();
            }
        }

        /** Console errors containing this text are what the test wants to see (a refused upload, a stopped server). */
        public Visitor expectingError(String text) {
            expected.add(text);
            return this;
        }

        /** axe finds nothing of WCAG 2.2 A and AA, in the light and in the dark theme. */
        public Visitor accessible() {
            for (var scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
                var found = new AxeBuilder(page)
                        .withTags(List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"))
                        .analyze()
                        .getViolations();
                assertThat(found.stream()
                                .map(rule -> rule.getId() + ": " + rule.getHelp() + " "
                                        + rule.getNodes().stream()
                                                .map(node -> String.valueOf(node.getTarget()) + " "
                                                        + node.getFailureSummary())
                                                .toList())
                                .toList())
                        .as("axe, " + scheme + ", " + page.url())
                        .isEmpty();
            }
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
            return this;
        }

        /** At 360 px nothing makes the page scroll sideways. */
        public Visitor fitsAPhone() {
            var before = page.viewportSize();
            page.setViewportSize(360, 740);
            assertThat(page.evaluate(
                            "() => { const w = document.documentElement.clientWidth; return document.documentElement.scrollWidth <= w ? ''"
                                    + " : [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > w + 1)"
                                    + ".slice(0, 5).map(e => e.tagName + '.' + e.className).join(' ') || 'wider'; }"))
                    .as("what is wider than 360 px on " + page.url())
                    .isEqualTo("");
            page.setViewportSize(before.width, before.height);
            return this;
        }

        /** With {@code -Dpictures=docs/pictures}: a picture of what stands on the screen, for people who read the README. */
        public Visitor picture(String name) {
            var directory = System.getProperty("pictures");
            if (directory != null) {
                page.evaluate("document.fonts.ready");
                var path = Path.of(directory, name + ".png");
                page.screenshot(new Page.ScreenshotOptions().setPath(path));
                assertThat(path.toFile().length()).as(name).isLessThan(200 * 1024);
            }
            return this;
        }

        /** Keeps a picture of the whole page as {@code target/shots/<name>.png}. */
        public Visitor shot(String name) {
            page.screenshot(new Page.ScreenshotOptions()
                    .setPath(Path.of("target", "shots", name + ".png"))
                    .setFullPage(true));
            return this;
        }

        @Override
        public void close() {
            context.close();
            assertThat(elsewhere).as("requests that left the server").isEmpty();
            assertThat(errors.stream()
                            .filter(error -> expected.stream().noneMatch(error::contains))
                            .toList())
                    .as("errors in the console")
                    .isEmpty();
        }
    }
}
