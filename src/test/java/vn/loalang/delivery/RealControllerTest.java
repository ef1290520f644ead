package vn.loalang.delivery;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.hamcrest.Matchers.containsString;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static vn.loalang.access.TestPeople.by;

import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import jakarta.servlet.http.Cookie;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.security.test.web.servlet.setup.SecurityMockMvcConfigurers;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.context.WebApplicationContext;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Status;
import vn.loalang.browser.Browsers;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.Topics;
import vn.loalang.sound.CanonicalMp3;
import vn.loalang.system.Await;
import vn.loalang.web.Addresses;

/**
 * The reference controller as a process of its own against the real server: what it plays after changes, and what it refuses
 * although it comes from the broker itself. It stands in this package because forgeries need the server's keys.
 */
class RealControllerTest extends ControllerTestBase {
    private static final int WAV_HEADER = 44;
    private static final ContainsTextOptions SOON = new ContainsTextOptions().setTimeout(30_000);

    @Autowired
    KeyStore keys;

    @Autowired
    Post post;

    @Autowired
    Documents documents;

    @Autowired
    Emergencies emergencies;

    @Autowired
    WebApplicationContext context;

    @Autowired
    Addresses addresses;

    private Cable cable;

    @BeforeEach
    void itIsOn() throws Exception {
        cable = new Cable(broker.plainPort());
        powerOn(cable.port());
        says("Applied plan");
    }

    @AfterEach
    void end() throws Exception {
        cable.close();
    }

    @Test
    void whatIsTakenBackBeforeAirIsNotPlayedAndWhatReplacesItIs() throws Exception {
        var old = sound(4, 1);
        var fresh = sound(4, 2);
        var start = in(8);
        var removed = plan(in(6), old);
        var changed = plan(start.plusSeconds(4), old);
        reaches("PREPARED", changed);
        broadcasts.cancel(removed, "test");
        broadcasts.cancel(changed, "test");
        var instead = plan(start.plusSeconds(4), fresh);
        reaches("COMPLETED", instead);
        assertThat(stateOf(removed, pole)).isEqualTo("CANCELLED");
        assertThat(stateOf(changed, pole)).isEqualTo("CANCELLED");
        assertThat(played()).containsExactly(instead.oid().value());
    }

    @Test
    void anAlertForTheWholeCommuneIsSilencedInOneVillageAndStaysSo() throws Exception {
        var commune = Scope.of(new AreaPath(village.parent().value()));
        var order = emergencies.arm(anOrder(Status.ACTUAL, commune));
        emergencies.release(order);
        reaches("STARTED", order.id());

        emergencies.silence(order.id(), Set.of(Scope.of(new AreaPath(village.value()))), "Đám tang");

        reaches("INTERRUPTED", order.id());
        assertThat(reasonOf(order.id())).isEqualTo("SILENCED");
        // Whatever else is said in the commune or in the village, it does not come back here.
        for (var scope : List.of(commune, Scope.of(new AreaPath(village.value())))) {
            var other = emergencies.arm(anOrder(Status.TEST, scope));
            emergencies.release(other);
            reaches("STARTED", other.id());
            emergencies.clear(other.id(), "Xong");
            reaches("INTERRUPTED", other.id());
        }
        assertThat(played())
                .filteredOn(name -> name.startsWith(order.sid().value()))
                .hasSize(1);
        emergencies.clear(order.id(), "Hết lũ");
    }

    private String reasonOf(BroadcastId id) {
        return jdbc.sql("select reason from broadcast_playback where broadcast_id = :id and controller_id = :pole")
                .param("id", id.value())
                .param("pole", pole.value())
                .query(String.class)
                .single();
    }

    @Test
    void whoWasCutOffThroughAChangePlaysTheRightThing() throws Exception {
        var old = sound(4, 3);
        var fresh = sound(4, 4);
        var start = in(14);
        var before = plan(start, old);
        reaches("PREPARED", before);
        cable.cut();
        Await.until(PATIENCE, () -> !fleet.presence(pole).state().name().equals("ONLINE"));
        broadcasts.cancel(before, "test");
        var instead = plan(start, fresh);
        settled(pole);
        cable.mend();
        reaches("COMPLETED", instead);
        assertThat(stateOf(before, pole)).isEqualTo("CANCELLED");
        assertThat(played()).containsExactly(instead.oid().value());
    }

    @Test
    void whatIsForgedReplayedForeignOrExpiredIsRefusedCountedReportedAndShown() throws Exception {
        var good = plan(in(12), sound(3, 5));
        reaches("PREPARED", good);
        var other = aBoxOn(aPole());
        var topics = new Topics(keys.sys());
        var replayed = jdbc.sql(
                        "select body from delivery_document where unit_id = :unit and row_name = 'plan' order by seq limit 1")
                .param("unit", unit.value())
                .query(byte[].class)
                .single();
        var now = clock.millis();
        var seq = Math.max(now, documents.mark(Scope.of(unit), Row.PLAN) + 1_000);
        var stranger = SigningKey.generate(new Kid("p9"), new SecureRandom());
        var thief = SigningKey.generate(keys.online().kid(), new SecureRandom());
        var current = documents.current(Scope.of(unit), Row.PLAN).orElseThrow();
        var forgeries = new HashMap<String, byte[]>();
        forgeries.put("E_FMT", "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        forgeries.put("E_KID", signed(stranger, empty(unit, seq, now, now + 3_600_000)));
        forgeries.put("E_SIG", signed(thief, empty(unit, seq, now, now + 3_600_000)));
        forgeries.put("E_DST", signed(keys.online(), empty(other.id(), seq, now, now + 3_600_000)));
        forgeries.put("E_POL", signed(keys.site().orElseThrow(), empty(unit, seq, now, now + 3_600_000)));
        forgeries.put("E_OLD", replayed);
        forgeries.put("E_FORK", signed(keys.online(), empty(unit, current.seq(), current.seq(), now + 3_600_000)));
        forgeries.put("E_STALE", signed(keys.online(), empty(unit, seq, now - 60_000, now - 1_000)));
        forgeries.put("E_FUTURE", signed(keys.online(), empty(unit, now + 900_000, now + 900_000, now + 3_600_000)));
        for (var forgery : forgeries.values()) {
            // With the server's own account: whoever owns the broker can do no more.
            post.answer(topics.plan(unit), forgery).get();
        }
        Await.until(PATIENCE, () -> refusals().keySet().containsAll(forgeries.keySet()));
        assertThat(refusals()).containsOnlyKeys(forgeries.keySet()).containsValue(1L);

        reaches("COMPLETED", good);
        assertThat(played()).containsExactly(good.oid().value());

        MockMvc mvc = MockMvcBuilders.webAppContextSetup(context)
                .apply(SecurityMockMvcConfigurers.springSecurity())
                .build();
        var technician = people.everywhere(Role.TECHNICIAN);
        for (var language : List.of("vi", "en")) {
            var page = mvc.perform(
                    get("/fleet/" + pole.value()).with(by(technician)).cookie(new Cookie("lang", language)));
            for (var code : forgeries.keySet()) {
                page.andExpect(content().string(containsString(code)));
            }
        }
    }

    @Test
    @Tag("browser")
    void powerCutsWhilePlayingAreToldTrulyAndNothingIsHeardTwice() throws Exception {
        var start = in(6);
        var broadcast = plan(start, sound(60, 6));
        reaches("STARTED", broadcast);
        heardAtLeast(1, 6);
        cutPower();
        powerOn(cable.port());
        // More than 30 s are left: it joins in where the timeline now is.
        heardAtLeast(2, 2);
        reaches("STARTED", broadcast);
        Await.until(PATIENCE, () -> clock.instant().isAfter(start.plusSeconds(33)));
        cutPower();
        powerOn(cable.port());
        // Less than 30 s are left: it stays silent. The operator watches the page in New York's time zone.
        var viewer = people.everywhere(Role.VIEWER);
        var server = URI.create("https://localhost:" + addresses.httpsPort().orElseThrow());
        try (var operator = Browsers.desktop(server)) {
            operator.signIn(viewer.login(), TestPeople.PASSWORD);
            var page = operator.open("/broadcasts/" + broadcast.oid().value());
            page.evaluate("window.stayed = true");
            reaches("INTERRUPTED", broadcast);
            Await.until(PATIENCE, () -> clock.instant().isAfter(start.plusSeconds(62)));
            assertThat(played()).hasSize(2);

            var first = stretch(1);
            var second = stretch(2);
            assertThat(second.from())
                    .as("nothing is heard twice")
                    .isGreaterThanOrEqualTo(first.from() + first.seconds());
            assertThat(second.from() + start.toEpochMilli() / 1000.0)
                    .as("it joins at the timeline's position")
                    .isCloseTo(second.began(), within(0.25));
            var truth = first.seconds() + second.seconds();

            var told = Pattern.compile("Phát một phần – nghe được 00:(\\d\\d)/01:00, mất điện");
            assertThat(page.locator("main")).containsText(told, SOON);
            assertThat(page.evaluate("window.stayed"))
                    .as("told without reloading")
                    .isEqualTo(true);
            assertThat(seconds(told, page.textContent("main")))
                    .as("seconds told of " + truth)
                    .isBetween(truth - 2.5, truth + 0.1);
            operator.accessible().fitsAPhone().shot("power-cut-told");

            page.click(".rail-account summary");
            page.click("button[name=lang][value=en]");
            page.waitForSelector("html[lang=en]");
            operator.open("/broadcasts/" + broadcast.oid().value());
            var english = Pattern.compile("Partly played – 00:(\\d\\d) of 01:00 heard, power");
            assertThat(page.locator("main")).containsText(english, SOON);
        }
    }

    private static double seconds(Pattern told, String text) {
        var match = told.matcher(text.replaceAll("\\s+", " "));
        assertThat(match.find()).as(text).isTrue();
        return Double.parseDouble(match.group(1));
    }

    /** What came out of the loudspeaker without a pause: position in the sound and length in seconds, and when it began. */
    private record Stretch(double from, double seconds, double began) {}

    private Stretch stretch(int number) throws IOException {
        try (var files = Files.list(wav)) {
            var file = files.filter(each -> each.toString().endsWith("-" + number + ".wav"))
                    .findFirst()
                    .orElse(null);
            if (file == null || !Files.exists(notes(file))) {
                return new Stretch(0, 0, 0);
            }
            return new Stretch(
                    note(file, "offset") / 1000.0,
                    (Files.size(file) - WAV_HEADER) / 2.0 / CanonicalMp3.SAMPLE_RATE,
                    note(file, "first") / 1000.0);
        }
    }

    private void heardAtLeast(int stretch, double seconds) throws Exception {
        Await.until(PATIENCE, () -> stretch(stretch).seconds() >= seconds);
    }

    private Document empty(DeviceId to, long seq, long iat, long exp) {
        var draft = PlanDraft.of(List.of(), Instant.ofEpochMilli(Math.max(iat, exp - 3_600_000)));
        return draft.plan(new Head(keys.sys(), Scope.of(to), seq, iat, exp));
    }

    private static byte[] signed(SigningKey key, Document document) {
        return Bytes.of(Envelope.compose(List.of(key), document)).toArray();
    }

    private Map<String, Long> refusals() {
        var counted = new HashMap<String, Long>();
        jdbc.sql("select code, sum(refused) from fleet_refusal where unit_id = :unit group by code")
                .param("unit", unit.value())
                .query(row -> {
                    counted.put(row.getString(1), row.getLong(2));
                });
        return counted;
    }

    /** Oids of what came out of the loudspeaker. */
    private List<String> played() throws IOException {
        if (!Files.exists(wav)) {
            return List.of();
        }
        try (var files = Files.list(wav)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".wav"))
                    .map(name -> name.substring(0, name.lastIndexOf('-')))
                    .sorted()
                    .toList();
        }
    }
}
