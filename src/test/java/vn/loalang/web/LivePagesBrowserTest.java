package vn.loalang.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;
import vn.loalang.browser.Browsers;

@Tag("browser")
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class LivePagesBrowserTest {
    @Autowired
    Addresses addresses;

    @Autowired
    TestPeople someone;

    @Autowired
    ProbePages probe;

    @Autowired
    LiveUpdates updates;

    @Autowired
    Times times;

    @Test
    void aRegionFollowsItsTopicAndCatchesUpWithWhatItMissed() {
        var me = someone.everywhere(Role.VIEWER);
        try (var visitor = Browsers.desktop(server())) {
            var page = visitor.signIn(me.login(), TestPeople.PASSWORD);
            page.waitForResponse(
                    r -> r.url().contains("/live?topics=") && r.url().contains("probe"), () -> visitor.open("/probe"));
            probe.count.set(1);
            updates.changed(Topic.of("probe"));
            assertThat(page.locator("#region")).hasText("1");

            probe.count.set(2);
            updates.stop();
            updates.start();
            assertThat(page.locator("#region")).hasText("2");
            assertThat(page.locator("#stale")).isHidden();
        }
    }

    @Test
    void whatHappensBetweenAPageAndTheOpeningOfItsStreamIsSeen() {
        var me = someone.everywhere(Role.VIEWER);
        try (var visitor = Browsers.desktop(server())) {
            var page = visitor.signIn(me.login(), TestPeople.PASSWORD);
            page.route("**/live?**", route -> {
                if (route.request().url().contains("probe")) {
                    // Its event found nobody.
                    probe.count.incrementAndGet();
                }
                route.resume();
            });
            var before = probe.count.get();
            visitor.open("/probe");
            assertThat(page.locator("#region")).hasText(String.valueOf(before + 1));
        }
    }

    @Test
    void aChangeDoesNotWaitForARepetitionThatIsDueLater() {
        var me = someone.everywhere(Role.VIEWER);
        try (var visitor = Browsers.desktop(server())) {
            visitor.expectingError("ERR_FAILED");
            var page = visitor.signIn(me.login(), TestPeople.PASSWORD);
            page.clock().install();
            page.waitForResponse(r -> r.url().contains("/probe/part"), () -> visitor.open("/probe"));
            page.evaluate("""
                    () => {
                      window.told = 0;
                      document.addEventListener("live:changed", event => { if (event.detail === "probe") window.told++; });
                    }""");
            page.clock().pauseAt(((Number) page.evaluate("Date.now() + 5000")).longValue());
            var broken = new AtomicInteger();
            page.route("**/probe/part", route -> {
                if (broken.getAndIncrement() == 0) {
                    route.abort();
                } else {
                    route.resume();
                }
            });
            tell(page, 1);
            page.clock().runFor(100);
            page.waitForCondition(() -> broken.get() == 1
                    && (boolean) page.evaluate("!document.getElementById('region').dataset.liveBusy"));
            tell(page, 2);
            page.clock().runFor(100);
            assertThat(page.locator("#region")).hasText(String.valueOf(probe.count.get()));
        }
    }

    /** Changes what the region shows, and waits until the page has been told so often. */
    private void tell(Page page, int times) {
        probe.count.incrementAndGet();
        updates.changed(Topic.of("probe"));
        page.waitForCondition(() -> ((Number) page.evaluate("window.told")).intValue() >= times);
    }

    /**
     * Every page that is left abandons its stream of live updates; all tabs of a person share one connection, and no abandoned
     * stream spoils the request after it.
     */
    @Test
    void leavingPageAfterPageNeverBreaksTheStreamOfAnotherTab() {
        var me = someone.everywhere(Role.VIEWER);
        try (var visitor = Browsers.desktop(server())) {
            var page = visitor.signIn(me.login(), TestPeople.PASSWORD);
            visitor.open("/probe");
            var ended = page.evaluate("""
                    async () => {
                      const kept = (await fetch('/live?topics=probe')).body.getReader();
                      let ended = 'still open';
                      (async () => { for (;;) if ((await kept.read()).done) { ended = 'closed'; return; } })()
                          .catch(error => ended = String(error));
                      for (let i = 0; i < 100; i++) {
                        const left = new AbortController();
                        await fetch('/live?topics=probe', {signal: left.signal});
                        left.abort();
                      }
                      for (let i = 0; i < 200; i++) {
                        const left = new AbortController();
                        const overtaken = fetch('/today', {signal: left.signal}).catch(() => {});
                        await new Promise(go => setTimeout(go, i % 20));
                        left.abort();
                        await overtaken;
                      }
                      await fetch('/probe');
                      return ended;
                    }""");
            Assertions.assertThat(ended).isEqualTo("still open");
        }
    }

    @Test
    void afterFifteenSecondsWithoutTheServerThePageSaysSinceWhen() {
        var me = someone.everywhere(Role.VIEWER);
        try (var visitor = Browsers.desktop(server())) {
            visitor.expectingError("ERR_FAILED");
            var page = visitor.signIn(me.login(), TestPeople.PASSWORD);
            page.route("**/live?**", route -> route.abort());
            page.clock().install();
            visitor.open("/probe");
            page.clock().fastForward(16_000);
            assertThat(page.locator("#stale")).isVisible();
            var shown = page.textContent("#stale");
            Assertions.assertThat(shown).startsWith("Mất kết nối máy chủ từ ").contains("số liệu có thể cũ");
            Assertions.assertThat(shown.replaceAll("[^0-9:]", ""))
                    .as("the station's time, not the browser's")
                    .isIn(times.time(times.now()), times.time(times.now().minusSeconds(60)));
            visitor.accessible().fitsAPhone();
        }
    }

    private URI server() {
        return URI.create("https://localhost:" + addresses.httpsPort().orElseThrow());
    }
}
