package vn.loalang.emergency;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FilePayload;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.NewArea;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.audio.Recordings;
import vn.loalang.browser.Browsers;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.NewController;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.SigningKey;
import vn.loalang.system.Await;
import vn.loalang.web.Addresses;

/** What is said and to whom, as people see it: messages, sirens, outlines, and the choice of places with tree, tags and map. */
@Tag("browser")
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {"loalang.emergency.examples=true", "loalang.emergency.wide-controllers=4"})
class EmergencyContentBrowserTest {
    private static final long MOST_BYTES_WITH_MAP = 200 * 1024;

    @Autowired
    Addresses addresses;

    @Autowired
    TestPeople people;

    @Autowired
    Areas areas;

    @Autowired
    Fleet fleet;

    @Autowired
    Stations stations;

    @Autowired
    Messages messages;

    @Autowired
    Sirens sirens;

    @Autowired
    AreaSirens areaSirens;

    @Autowired
    Recordings recordings;

    URI server;
    AreaPath commune;

    @BeforeEach
    void aCommune() {
        com.microsoft.playwright.assertions.PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
        server = URI.create("https://localhost:" + addresses.httpsPort().orElseThrow());
        Await.until("the example set is stored", Duration.ofSeconds(120), () -> !messages.none());
        var known = areas.findByCode("browse");
        if (known.isPresent()) {
            commune = known.get().path();
            return;
        }
        commune = areas.add(new NewArea(
                        AreaPath.ROOT,
                        "browse",
                        "Hướng Hiệp",
                        "Xã Hướng Hiệp",
                        "commune",
                        Authority.COMMUNE,
                        List.of("vi", "bru"),
                        null))
                .path();
        var upper = village("browse-1", "Thôn Kreng");
        var lower = village("browse-2", "Thôn Ruộng");
        pole(upper, "Nhà văn hoá Kreng", 11.00, 106.00);
        pole(upper, "Cầu treo", 11.01, 106.01);
        pole(lower, "Trường học Ruộng", 11.20, 106.20);
        pole(lower, "Chợ Ruộng", null, null);
        fleet.addController(
                new NewController(new StationId(stations.main().id()), lower, "Trạm cũ", null, null, 100, Set.of()));
    }

    @Test
    void anAdministratorKeepsMessagesAndSirensAndIsToldWhatTheLawMisses() {
        var me = people.everywhere(Role.ADMINISTRATOR);
        try (var visitor = Browsers.desktop(server)) {
            visitor.page().setDefaultTimeout(60_000);
            var page = visitor.signIn(me.login(), TestPeople.PASSWORD);
            visitor.open("/admin/emergency-messages");
            assertThat(page.locator("main")).containsText("Rủi ro thiên tai cấp 3 – da cam");
            assertThat(page.locator("main")).containsText("Đủ nội dung theo luật");
            assertThat(page.locator("main .list > li")).hasCount(messages.all().size());
            visitor.accessible().fitsAPhone().shot("emergency-messages");

            page.click("main .list h2 a:has-text('Lũ')");
            assertThat(page.locator("#law-count")).hasText("Đủ nội dung theo luật");
            page.fill("#f-forecast", "");
            assertThat(page.locator("#law-count")).hasText("Còn thiếu 1 mục");
            page.check("input[name=risk][value=LEVEL_5]");
            visitor.accessible().fitsAPhone().shot("emergency-message");
            page.fill("#volume", "5");
            page.click("#message-form button.primary");
            assertThat(page.locator("#error-volume")).containsText("10 đến 100");
            assertThat(page.locator("#f-incident")).hasValue("Lũ lên nhanh trên sông");
            page.fill("#volume", "90");
            page.click("#message-form button.primary");
            assertThat(page.locator("main")).containsText("Rủi ro thiên tai cấp 5 – tím");
            assertThat(page.locator(".message-missing")).hasText("Dự báo diễn biến");

            page.click("main .list h2 a:has-text('Lũ')");
            page.fill("#f-forecast", "Nước còn lên");
            page.click("#message-form button.primary");
            assertThat(page.locator(".message-missing")).hasCount(0);

            visitor.open("/admin/sirens");
            assertThat(page.locator("main")).containsText("3 hồi, mỗi hồi 20 giây, nghỉ 10 giây, lặp tối đa 3 lần");
            assertThat((double) (Number) page.evaluate(
                            "document.querySelector('audio') ? document.querySelector('audio').volume : 0.15"))
                    .as("previews are quiet")
                    .isLessThan(0.2);
            visitor.accessible().fitsAPhone().shot("sirens");
            page.click("text=Thêm hồi còi");
            page.fill("#name", "Còi xã");
            page.fill("#blasts", "25");
            page.click("form[action='/admin/sirens/save'] button.primary");
            assertThat(page.locator("#error-blasts")).containsText("1 đến 20");
            visitor.accessible().fitsAPhone().shot("siren");
            page.fill("#blasts", "2");
            page.click("form[action='/admin/sirens/save'] button.primary");
            assertThat(page.locator("main")).containsText("Còi xã");
            page.click("button[aria-label='Bỏ hồi còi Còi xã']");
            assertThat(page.locator("main")).not().containsText("Còi xã");
            visitor.open("/admin/audit");
            assertThat(page.locator("main")).containsText("Lưu hồi còi");
        }
    }

    @Test
    void whatWouldSoundIsHeardQuietlyOnThisDeviceBeforeTheHold() {
        Await.until("sirens have their sound", Duration.ofSeconds(120), () -> sirens.silent()
                .isEmpty());
        var me = people.with("listener", Role.OPERATOR, commune);
        var flood = messages.all(Kind.ALERT).get(0);
        var siren = sirens.find(Objects.requireNonNull(flood.siren())).orElseThrow();
        for (var phone : List.of(false, true)) {
            try (var visitor = Browsers.visitor(server, phone)) {
                var page = visitor.signIn(me.login(), TestPeople.PASSWORD);
                visitor.open("/emergency");
                // The sentence comes anew with every choice, and with it the sounds.
                press(page, "label.pick:has-text('Bão')", phone);
                assertThat(page.locator("#plan p").first()).containsText("Bão");
                press(page, "label.pick:has-text('" + flood.name() + "')", phone);
                assertThat(page.locator("#plan p").first()).containsText(flood.name());
                assertThat(page.locator("#plan audio"))
                        .hasCount(1 + flood.spoken().size());
                assertThat(page.evaluate("[...document.querySelectorAll('#plan audio')].every(a => a.volume === 0.15)"))
                        .as("quiet before it is touched")
                        .isEqualTo(true);
                assertThat(page.locator("#plan"))
                        .containsText("Tiếng Bru Vân Kiều (bru): chưa có lời cho Xã Hướng Hiệp.");
                visitor.accessible().shot(phone ? "preview-phone" : "preview");

                press(page, "#hear", phone);
                for (var i = 0; i <= flood.spoken().size(); i++) {
                    plays(page, i);
                    var seconds = ((Number)
                                    page.evaluate("i => document.querySelectorAll('#plan audio')[i].duration", i))
                            .doubleValue();
                    var whole = i == 0
                            ? siren.length()
                            : recordings
                                    .find(Objects.requireNonNull(
                                            flood.spoken().get(i - 1).recording()))
                                    .orElseThrow()
                                    .duration();
                    assertThat(seconds).as("seconds of sound " + i).isCloseTo(whole.toMillis() / 1000.0, within(1.0));
                    page.evaluate(
                            "i => { const a = document.querySelectorAll('#plan audio')[i]; a.currentTime = a.duration - 0.3; }",
                            i);
                }
                assertThat(page.locator("#hear")).hasAttribute("aria-pressed", "false");

                press(page, "#hear", phone);
                plays(page, 0);
                press(page, "#hold", phone);
                assertThat(page.locator("#hear")).hasAttribute("aria-pressed", "false");
                assertThat(
                                page.evaluate(
                                        "[...document.querySelectorAll('#plan audio')].every(a => a.paused && a.currentTime === 0)"))
                        .as("touching the button ends the preview")
                        .isEqualTo(true);
            }
        }
    }

    @Test
    void aVillageGetsASirenOfItsOwnAndThePreviewPlaysItByItself() {
        Await.until("sirens have their sound", Duration.ofSeconds(120), () -> sirens.silent()
                .isEmpty());
        people.with("village-chief", Role.OPERATOR, commune);
        var me = people.with("village-chief", Role.ADMINISTRATOR, commune);
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(me.login(), TestPeople.PASSWORD);
            visitor.open("/admin/sirens");
            assertThat(page.locator("h1")).hasText("Hồi còi theo địa bàn");
            page.click("main a:has-text('Xã Hướng Hiệp')");
            assertThat(page.locator("main")).containsText("Hồi còi ở Xã Hướng Hiệp");
            page.click("main a:has-text('Thôn Kreng')");
            page.click("a[aria-label='Đặt riêng hồi còi Còi bão (mẫu Huế)']");
            assertThat(page.locator("#blasts")).hasValue("3");
            page.fill("#blasts", "30");
            page.click("form[action='/admin/sirens/areas/save'] button.primary");
            assertThat(page.locator("#error-blasts")).containsText("1 đến 20");
            visitor.accessible().fitsAPhone().shot("area-siren");
            page.fill("#blasts", "2");
            page.fill("#on", "3");
            page.fill("#repeats", "2");
            page.click("form[action='/admin/sirens/areas/save'] button.primary");
            assertThat(page.locator("#error-repeats")).containsText("Bão");
            page.fill("#repeats", "3");
            page.click("form[action='/admin/sirens/areas/save'] button.primary");
            assertThat(page.locator("main")).containsText("Riêng của Thôn Kreng");
            Await.until("its sound is there", Duration.ofSeconds(60), () -> areaSirens
                    .silent()
                    .isEmpty());
            visitor.open(page.url().substring(page.url().indexOf("/admin")));
            assertThat(page.locator("main audio")).hasCount(sirens.all().size());
            visitor.accessible().fitsAPhone().shot("area-sirens");

            visitor.open("/emergency");
            page.click("label.pick:has-text('Bão')");
            assertThat(page.locator("#plan")).containsText("Còi: Còi bão (mẫu Huế), riêng của Thôn Kreng");
            assertThat(page.locator("#plan audio[data-apart]")).hasCount(1);
            visitor.accessible().fitsAPhone().shot("preview-areas");
            page.click("#hear");
            plays(page, 0);
            assertThat(page.locator("#hear")).hasAttribute("aria-pressed", "true");
            page.evaluate("document.querySelector('#plan audio[data-apart]').play()");
            plays(page, 1);
            assertThat(page.locator("#hear")).hasAttribute("aria-pressed", "false");

            visitor.open("/admin/sirens/areas?at=" + commune);
            page.click("main a:has-text('Thôn Kreng')");
            page.click("button[aria-label^='Bỏ hồi còi riêng Còi bão']");
            assertThat(page.locator("main")).not().containsText("Riêng của Thôn Kreng");
        }
    }

    private static void press(Page page, String what, boolean finger) {
        if (finger) {
            page.tap(what);
        } else {
            page.click(what);
        }
    }

    /** Waits until this sound of the preview is heard, quietly, and no other. */
    private static void plays(Page page, int which) {
        page.waitForFunction("""
                which => {
                  const all = [...document.querySelectorAll("#plan audio")], it = all[which];
                  if (it.error) throw new Error(it.error.message);
                  return !it.paused && it.currentTime > 0.1 && it.duration > 0 && it.volume === 0.15
                    && all.every(other => other === it || other.paused);
                }""", which, new Page.WaitForFunctionOptions().setTimeout(60_000));
    }

    @Test
    void somebodyWithoutTheRightSeesNeither() {
        var me = people.with("only-operator", Role.OPERATOR, commune);
        try (var visitor = Browsers.desktop(server)) {
            visitor.signIn(me.login(), TestPeople.PASSWORD);
            visitor.expectingError("403");
            for (var path : List.of("/admin/emergency-messages", "/admin/sirens")) {
                visitor.open(path);
                assertThat(visitor.page().locator("h1")).containsText("không có quyền");
            }
        }
    }

    @Test
    void placesAreChosenByTreeTagAndMapWithMouseAndKeysAndTheAudienceIsSeenBefore() {
        people.everywhere(Role.ADMINISTRATOR);
        var me = people.with("chooser", Role.OPERATOR, commune);
        people.with("chooser", Role.ADMINISTRATOR, AreaPath.ROOT);
        try (var visitor = Browsers.desktop(server)) {
            visitor.page().setDefaultTimeout(60_000);
            var page = visitor.signIn(me.login(), TestPeople.PASSWORD);
            visitor.open("/admin/areas");
            page.setInputFiles("form[action='/admin/areas/outlines'] input[type=file]", file("not GeoJSON"));
            page.click("form[action='/admin/areas/outlines'] button");
            assertThat(page.locator("#error-outlines")).containsText("không phải GeoJSON");
            page.setInputFiles("form[action='/admin/areas/outlines'] input[type=file]", file("""
                    {"type":"FeatureCollection","features":[{"type":"Feature","properties":{"ma":"browse-1"},
                    "geometry":{"type":"Polygon","coordinates":[[[105.9,10.9],[106.1,10.9],[106.1,11.1],[105.9,11.1],[105.9,10.9]]]}}]}"""));
            page.click("form[action='/admin/areas/outlines'] button");
            assertThat(page.locator("[role=status].ok")).containsText("ranh giới của 1 địa bàn");

            // An answer overtaken by the next choice is given up; htmx tells the console.
            visitor.expectingError("htmx:").open("/emergency/targets");
            page.locator("#map[data-ready='3']").waitFor();
            assertThat(page.locator("#audience")).containsText("Chưa chọn nơi nào");
            assertThat(bytes(page)).as("bytes on the wire, fonts aside").isLessThan(MOST_BYTES_WITH_MAP);
            assertThat(page.locator("main")).containsText("2 cụm chưa có toạ độ");

            page.check("label:has-text('Thôn Kreng') input");
            assertThat(page.locator(".target-sum")).containsText("2");
            page.locator("details:has-text('Thôn Kreng') > summary:has-text('Thôn Kreng')")
                    .last()
                    .click();
            page.check("label:has-text('Cầu treo') input");
            assertThat(page.locator("#audience tbody")).containsText("Thôn Kreng");
            page.check("label:has-text('chợ') input");
            assertThat(page.locator(".target-sum")).containsText("3");
            visitor.accessible().fitsAPhone().shot("targets");
            page.uncheck("label:has-text('Thôn Kreng') input");
            page.uncheck("label:has-text('Cầu treo') input");
            page.uncheck("label:has-text('chợ') input");
            assertThat(page.locator("#audience")).containsText("Chưa chọn nơi nào");

            page.click("#draw-circle");
            page.fill("#radius", "0");
            page.click("#circle-here");
            assertThat(page.locator("#draw-said")).containsText("số nguyên từ 1 đến 200000");
            page.fill("#radius", "30000");
            page.focus("#map");
            page.keyboard().press("Enter");
            assertThat(page.locator("#shapes")).containsText("Vòng tròn bán kính 30000 m");
            assertThat(page.locator(".target-sum b")).hasText("3");
            page.click("#shapes [data-remove]");
            assertThat(page.locator("#audience")).containsText("Chưa chọn nơi nào");

            page.click("#draw-polygon");
            for (var key : List.of("ArrowRight", "ArrowDown", "ArrowLeft")) {
                page.keyboard().press("Enter");
                page.keyboard().press(key);
            }
            page.keyboard().press("Enter");
            page.keyboard().press("Backspace");
            assertThat(page.locator("#draw-said")).containsText("3 góc");
            page.keyboard().press("Escape");
            assertThat(page.locator("#shapes li")).hasCount(0);

            page.click("#draw-polygon");
            var box = page.locator("#map").boundingBox();
            for (var corner : new double[][] {{0.1, 0.4}, {0.9, 0.05}, {0.95, 0.95}, {0.1, 0.95}}) {
                page.mouse().click(box.x + box.width * corner[0], box.y + box.height * corner[1]);
            }
            assertThat(page.locator("#draw-said")).containsText("4 góc");
            visitor.shot("targets-drawing");
            page.click("#polygon-done");
            assertThat(page.locator("#shapes input"))
                    .hasAttribute("value", java.util.regex.Pattern.compile("polygon:[0-9.,;]+"));
            visitor.accessible().fitsAPhone().shot("targets-drawn");

            // Only the address: the screen behind it has tests of its own.
            page.route(
                    java.util.regex.Pattern.compile(".*/emergency\\?.*"),
                    route -> route.fulfill(new com.microsoft.playwright.Route.FulfillOptions().setBody("there")));
            page.click(".target-audience button.primary");
            page.waitForURL(url -> url.contains("/emergency?") && url.contains("polygon"));
        }
    }

    @Test
    void placesAreFoundByNameAndPolesArePickedOnTheMap() {
        var me = people.with("finder", Role.OPERATOR, commune);
        try (var visitor = Browsers.desktop(server)) {
            visitor.page().setDefaultTimeout(60_000);
            var page = visitor.signIn(me.login(), TestPeople.PASSWORD);
            page.addInitScript("""
                    let leaflet;
                    Object.defineProperty(window, "L", { get: () => leaflet, set: it => {
                      leaflet = it; it.Map.addInitHook(function() { window.theMap = this; }); } });""");
            visitor.expectingError("htmx:").open("/emergency/targets");
            page.locator("#map[data-ready='3']").waitFor();

            page.fill("#words", "cau treo");
            page.click("#found button:has-text('Chọn')");
            assertThat(page.locator(".target-sum b")).hasText("1");
            assertThat(page.locator("#picked")).containsText("Cầu treo");
            page.fill("#words", "TRAM CU");
            assertThat(page.locator("#found")).containsText("chưa có bộ điều khiển");
            page.focus("#found button[data-name='Trạm cũ']");
            page.keyboard().press("Enter");
            assertThat(page.locator("#audience")).containsText("1 cụm đã chọn chưa gắn bộ điều khiển");
            assertThat(page.locator(".target-sum b")).hasText("1");
            page.fill("#words", "thon ruong");
            page.click("#found button[data-name='Thôn Ruộng']");
            assertThat(page.locator("label:has-text('Thôn Ruộng') input").first())
                    .isChecked();
            page.uncheck("label:has-text('Thôn Ruộng') input");
            page.click("#picked li:has-text('Trạm cũ') button");
            assertThat(page.locator(".target-sum b")).hasText("1");

            clickPole(page, 11.20, 106.20);
            assertThat(page.locator("#picked")).containsText("Trường học Ruộng");
            assertThat(page.locator(".target-sum b")).hasText("2");
            visitor.accessible().fitsAPhone().shot("targets-picked");
            clickPole(page, 11.20, 106.20);
            assertThat(page.locator("#draw-said")).containsText("Đã bỏ: Trường học Ruộng");
            clickPole(page, 11.01, 106.01);
            assertThat(page.locator("#audience")).containsText("Chưa chọn nơi nào");
        }
    }

    private static void clickPole(Page page, double latitude, double longitude) {
        page.locator("#map").scrollIntoViewIfNeeded();
        var at = (List<?>) page.evaluate(
                "at => { const p = theMap.latLngToContainerPoint(at); return [p.x, p.y]; }",
                List.of(latitude, longitude));
        var box = page.locator("#map").boundingBox();
        page.mouse().click(box.x + ((Number) at.get(0)).doubleValue(), box.y + ((Number) at.get(1)).doubleValue());
    }

    @Test
    void aPhoneDrawsWithTheCrossInTheMiddle() {
        var me = people.with("phone-chooser", Role.OPERATOR, commune);
        try (var visitor = Browsers.phone(server)) {
            visitor.page().setDefaultTimeout(60_000);
            var page = visitor.signIn(me.login(), TestPeople.PASSWORD);
            visitor.open("/emergency/targets?to=drill&target=circle:11.1,106.1,30000&target=rubbish");
            page.locator("#map[data-ready='3']").waitFor();
            assertThat(page.locator("#audience .field-error")).containsText("rubbish");
            assertThat(page.locator("#shapes")).containsText("Vòng tròn bán kính 30");
            assertThat(page.locator(".target-sum b")).hasText("3");
            page.tap("#draw-polygon");
            for (int i = 0; i < 3; i++) {
                page.tap("#corner");
            }
            assertThat(page.locator("#draw-said")).containsText("3 góc");
            visitor.accessible().shot("targets-phone");
            assertThat(page.locator("#choose")).hasAttribute("action", "/drill");
        }
    }

    private static long bytes(Page page) {
        return ((Number) page.evaluate("""
                () => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
                  .filter(it => !it.name.includes('/fonts/')).reduce((sum, it) => sum + it.encodedBodySize, 0)""")).longValue();
    }

    private static FilePayload file(String text) {
        return new FilePayload("ranh giới.geojson", "application/geo+json", text.getBytes(StandardCharsets.UTF_8));
    }

    private AreaId village(String code, String name) {
        return new AreaId(
                areas.add(new NewArea(commune, code, name, name, "village", Authority.VILLAGE, List.of("vi"), null))
                        .id());
    }

    private void pole(AreaId village, String name, Double latitude, Double longitude) {
        var pole = fleet.addController(new NewController(
                new StationId(stations.main().id()),
                village,
                name,
                latitude,
                longitude,
                100,
                latitude == null ? Set.of("chợ") : Set.of()));
        var unit = DeviceId.of(
                SigningKey.generate(new Kid("d1"), new SecureRandom()).publicKey());
        fleet.registerUnit(new NewUnit(unit, "LC1", "r1"));
        fleet.assign(unit, pole);
    }
}
