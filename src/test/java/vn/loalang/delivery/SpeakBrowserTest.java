package vn.loalang.delivery;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.test.context.TestPropertySource;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.QuietHours;
import vn.loalang.area.StationId;
import vn.loalang.browser.Browsers;
import vn.loalang.live.LiveVoice;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.LiveFrame;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Ses;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.Welcome;
import vn.loalang.sound.CanonicalMp3;
import vn.loalang.system.Await;
import vn.loalang.web.Addresses;

/** Nói trực tiếp in a real browser, from its microphone to the chunks on the broker. */
@Tag("browser")
@TestPropertySource(properties = {"loalang.live.patience=3s", "loalang.live.longest=2m"})
class SpeakBrowserTest extends DeliveryTestBase {
    /** A microphone whose level the test sets. */
    private static final String MICROPHONE = """
            navigator.mediaDevices.getUserMedia = async () => {
              const context = new AudioContext(), tone = new OscillatorNode(context, {frequency: 440});
              const gain = window.microphone = new GainNode(context, {gain: 0.3}), out = context.createMediaStreamDestination();
              tone.connect(gain).connect(out);
              tone.start();
              addEventListener("click", () => context.resume());
              return out.stream;
            };""";

    @Autowired
    Addresses addresses;

    @Autowired
    TestPeople people;

    @Autowired
    LiveVoice voice;

    SignedIn hoa;

    @BeforeEach
    void anOperator() {
        PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
        hoa = people.everywhere(Role.OPERATOR);
        areas.setQuietHours(village.parent(), QuietHours.OFF);
    }

    @AfterEach
    void silence() {
        SecurityContextHolder.getContext().setAuthentication(TestPeople.authentication(hoa));
        voice.speakers(new StationId(stations.main().id())).forEach(speaker -> voice.end(speaker.id(), ""));
        SecurityContextHolder.clearContext();
    }

    @Test
    void threeActionsBringAMicrophoneOnTheAirAndItsSoundIntoTheLibrary() throws Exception {
        var device = aBoxOn(aPole()).connect(broker.plainPort());
        device.await(Welcome.class);
        var province = Scope.of(new AreaPath("37"));
        device.subscribe(device.topics().ses(province));
        try (var visitor = Browsers.desktop(server())) {
            visitor.page().addInitScript(MICROPHONE);
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/today");
            page.keyboard().press("m");
            page.waitForURL("**/speak");
            assertThat(page.locator("#level")).hasText("Tiếng vừa đủ");
            Assertions.assertThat(page.locator("#meter .is-low").count()).isPositive();
            assertThat(page.locator("#go")).hasText(Pattern.compile("Lên sóng tới \\d+ cụm loa"));
            Assertions.assertThat(device.frames())
                    .as("nothing is on the air yet")
                    .isEmpty();
            visitor.accessible().fitsAPhone().shot("speak-ready");

            page.click("#go");
            assertThat(page.locator(".speak-head")).containsText("Sắp lên sóng");
            // The speech of another test may still be sounding its last second: this one is found by its name.
            var station = new StationId(stations.main().id());
            Await.until(Duration.ofSeconds(20), () -> !voice.speakers(station).isEmpty());
            var speech = new Sid(voice.speakers(station).get(0).id().toString());
            device.await(Ses.class, document -> document.act().stream()
                    .anyMatch(entry -> entry.sid().equals(speech)));
            device.subscribe(device.topics().live(province, speech));
            assertThat(page.locator(".speak-head")).containsText("ĐANG LÊN SÓNG");
            assertThat(page.locator("#clock")).hasText("00:04");
            assertThat(page.locator("#heard")).containsText("cụm báo đang phát");
            visitor.accessible().fitsAPhone().shot("speak-on-air").picture("speak");
            Await.until(Duration.ofSeconds(20), () -> loudest(device) > 2000);

            page.click("#finish");
            page.waitForURL(Pattern.compile(".*/speak/[a-z2-7]{13}$"));
            assertThat(page.locator("main")).containsText("Người nói kết thúc");
            assertThat(page.locator("main")).containsText("Đã ghi âm vào Kho chương trình");
            visitor.accessible().fitsAPhone().shot("speak-over");
            Assertions.assertThat(
                            device.frames().stream().map(LiveFrame::decode).anyMatch(LiveFrame::last))
                    .isTrue();
            page.click("#in-library");
            assertThat(page.locator("main")).containsText("Nói trực tiếp");
        }
    }

    @Test
    void aSilentAClippingAndALostMicrophoneAreSaidAndASecondSpeakerIsTold() throws Exception {
        aPole();
        try (var visitor = Browsers.phone(server());
                var other = Browsers.desktop(server())) {
            visitor.expectingError("ERR_FAILED").expectingError("Failed to load resource");
            visitor.page().addInitScript(MICROPHONE);
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/speak");
            page.click("h1");
            assertThat(page.locator("#level")).hasText("Tiếng vừa đủ");
            gain(page, 3);
            assertThat(page.locator("#clipping")).isVisible();
            gain(page, 0.3);
            assertThat(page.locator("#clipping")).isHidden();
            page.click("#go");
            assertThat(page.locator(".speak-head")).containsText("ĐANG LÊN SÓNG");

            var second = people.everywhere(Role.OPERATOR, Role.APPROVER);
            other.page().addInitScript(MICROPHONE);
            var hers = other.signIn(second.login(), TestPeople.PASSWORD);
            other.open("/speak");
            assertThat(hers.locator("#taken")).containsText("Người t-operator đang nói trực tiếp từ");
            assertThat(hers.locator("#go")).isDisabled();
            other.accessible().fitsAPhone().shot("speak-taken");

            gain(page, 0);
            assertThat(page.locator("#silent")).isVisible();
            assertThat(page.locator("#silent")).containsText("Bà con đang nghe im lặng");
            assertThat(page.locator("#soon")).isVisible();
            visitor.accessible().fitsAPhone().shot("speak-silent");
            gain(page, 0.3);
            assertThat(page.locator("#silent")).isHidden();

            page.context().setOffline(true);
            assertThat(page.locator("#weak")).isVisible();
            assertThat(hers.locator("#taken")).isHidden();
            page.context().setOffline(false);
            page.waitForURL(Pattern.compile(".*/speak/[a-z2-7]{13}$"));
            assertThat(page.locator("main")).containsText("Mất kết nối với máy của người nói");
        }
    }

    @Test
    void whoLosesTheRightOrIsSignedOutWhileSpeakingReadsWhy() throws Exception {
        aPole();
        var tam = people.with("tam", Role.OPERATOR, village);
        try (var visitor = Browsers.desktop(server());
                var other = Browsers.phone(server())) {
            visitor.expectingError("Failed to load resource");
            visitor.page().addInitScript(MICROPHONE);
            var page = visitor.signIn(tam.login(), TestPeople.PASSWORD);
            onAir(visitor);
            people.revoke(tam, Role.OPERATOR, village);
            assertThat(page.locator("#ended")).containsText("Người nói không còn quyền phát ở nơi này");
            assertThat(page.locator("#ended")).containsText("giữ lại trong Kho chương trình");
            assertThat(page.locator(".speak-head")).containsText("Đã kết thúc");
            assertThat(page.locator("#finish")).isHidden();
            visitor.accessible().fitsAPhone().shot("speak-rights");

            people.with("tam", Role.OPERATOR, village);
            var speech = onAir(visitor);
            var tab = page.context().newPage();
            tab.navigate(server() + "/today");
            tab.click(".rail-account summary");
            tab.click(".rail-account form[action='/logout'] button");
            assertThat(page.locator("#ended")).containsText("Bạn đã đăng xuất");
            assertThat(page.locator(".speak-head")).containsText("Đã kết thúc");
            visitor.shot("speak-signed-out");

            var board = other.signIn(hoa.login(), TestPeople.PASSWORD);
            other.open("/speak/" + speech);
            assertThat(board.locator("main")).containsText("Người nói đã đăng xuất");
            assertThat(board.locator("main")).containsText("Đã ghi âm vào Kho chương trình");
        }
    }

    @Test
    void aMicrophoneThatIsRefusedOrMissingIsSaidWithTheWayOutAndTriedAgain() throws Exception {
        aPole();
        try (var visitor = Browsers.phone(server())) {
            visitor.page().addInitScript("""
                    navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", window.why ?? "NotAllowedError"); };""");
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/speak");
            assertThat(page.locator("#trouble")).containsText("cho phép micro, rồi thử lại");
            assertThat(page.locator("#go")).isDisabled();
            visitor.accessible().fitsAPhone().shot("speak-refused");
            page.evaluate("() => { window.why = 'NotFoundError'; }");
            page.click("#retry");
            assertThat(page.locator("#trouble")).containsText("Không tìm thấy micro nào");
            page.evaluate(MICROPHONE);
            page.click("#retry");
            assertThat(page.locator("#trouble")).isHidden();
            assertThat(page.locator("#level")).hasText("Tiếng vừa đủ");
            assertThat(page.locator("#go")).isEnabled();
        }
    }

    @Test
    void aLeaderReadsOnEveryPageWhoSpeaksAndStopsItOnHisOwnPolesByKeyboardGivingAReason() throws Exception {
        aPole();
        var province = village.parent().parent();
        aPole(anotherCommune());
        var chair = people.with("chutich", Role.APPROVER, village.parent());
        var above = people.with("lanhdao-tinh", Role.APPROVER, province);
        try (var visitor = Browsers.desktop(server());
                var desk = Browsers.desktop(server());
                var phone = Browsers.phone(server())) {
            visitor.page().addInitScript(MICROPHONE);
            var page = visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            onAir(visitor);

            var board = desk.signIn(chair.login(), TestPeople.PASSWORD);
            desk.open("/today");
            var bar = board.locator(".live-bar");
            assertThat(bar).containsText("ĐANG NÓI TRỰC TIẾP – " + hoa.name());
            desk.accessible().fitsAPhone().shot("live-bar");
            board.locator(".live-stop summary").focus();
            board.keyboard().press("Enter");
            board.keyboard().press("Tab");
            board.keyboard().type("Xã đang họp dân");
            desk.accessible().fitsAPhone().shot("live-bar-stop");
            board.keyboard().press("Enter");
            assertThat(bar).containsText("Lãnh đạo " + chair.name() + " đã dừng trên loa của Thử 3714329");
            assertThat(bar).containsText("Lý do: Xã đang họp dân");
            assertThat(board.locator(".live-stop")).hasCount(0);
            board.click("#wall");
            assertThat(bar).isVisible();
            desk.shot("live-bar-wall");

            assertThat(page.locator("#heard"))
                    .containsText("Lãnh đạo " + chair.name() + " đã dừng trên loa của Thử 3714329");
            assertThat(page.locator("#heard")).containsText("Nơi khác vẫn nghe bạn");
            assertThat(page.locator(".live-bar")).hasCount(0);
            visitor.accessible().fitsAPhone().shot("speak-stopped-in-part");

            var hand = phone.signIn(above.login(), TestPeople.PASSWORD);
            phone.open("/emergency");
            hand.tap(".live-stop summary");
            assertThat(hand.locator(".live-stop form")).containsText("nên phiên nói kết thúc");
            phone.accessible().fitsAPhone().shot("live-bar-phone");
            hand.fill(".live-stop input[name=reason]", "Đọc nhầm văn bản");
            hand.tap(".live-stop .danger");
            assertThat(hand.locator(".live-bar")).hasCount(0);
            page.waitForURL(Pattern.compile(".*/speak/[a-z2-7]{13}$"));
            assertThat(page.locator("main")).containsText("Lãnh đạo " + above.name() + " đã dừng phiên nói này");
            assertThat(page.locator("main")).containsText("Lý do: Đọc nhầm văn bản");
            assertThat(page.locator("main")).containsText("Đã ghi âm vào Kho chương trình");
            visitor.accessible().fitsAPhone().shot("speak-stopped");
        }
    }

    @Test
    void elsewhereSomebodyElseMaySpeakAtTheSameTime() throws Exception {
        aPole();
        var other = anotherCommune();
        aPole(other);
        var officer = people.with("xa", Role.OPERATOR, village.parent());
        try (var visitor = Browsers.desktop(server());
                var second = Browsers.phone(server())) {
            visitor.page().addInitScript(MICROPHONE);
            var page = visitor.signIn(officer.login(), TestPeople.PASSWORD);
            onAir(visitor);

            second.page().addInitScript(MICROPHONE);
            var hers = second.signIn(hoa.login(), TestPeople.PASSWORD);
            second.open("/speak");
            hers.tap("h1");
            assertThat(hers.locator("#taken")).containsText(officer.name() + " đang nói trực tiếp từ");
            assertThat(hers.locator("#level")).hasText("Tiếng vừa đủ");
            assertThat(hers.locator("#go")).isDisabled();
            hers.locator("input[name=area]").first().uncheck();
            hers.locator("input[value='" + other.value() + "']").check();
            assertThat(hers.locator("#go")).isEnabled();
            second.accessible().fitsAPhone().shot("speak-elsewhere");
            hers.tap("#go");
            assertThat(hers.locator("#speak .speak-head")).containsText("ĐANG LÊN SÓNG");
            assertThat(hers.locator(".live-bar")).containsText("ĐANG NÓI TRỰC TIẾP – " + officer.name());

            assertThat(page.locator(".live-bar")).hasCount(0);
            assertThat(page.locator("#speak .speak-head")).containsText("ĐANG LÊN SÓNG");
            page.click("#finish");
            page.waitForURL(Pattern.compile(".*/speak/[a-z2-7]{13}$"));
            assertThat(hers.locator(".live-bar")).hasCount(0);
            assertThat(hers.locator("#speak .speak-head")).containsText("ĐANG LÊN SÓNG");
        }
    }

    /** Opens the sheet and goes on the air; the speech. */
    private String onAir(Browsers.Visitor visitor) {
        var page = visitor.open("/speak");
        page.click("h1");
        assertThat(page.locator("#level")).hasText("Tiếng vừa đủ");
        page.click("#go");
        assertThat(page.locator(".speak-head")).containsText("ĐANG LÊN SÓNG");
        assertThat(page.locator("#clock")).hasText("00:02");
        return voice.speakers(new StationId(stations.main().id())).get(0).id().toString();
    }

    private static void gain(Page page, double gain) {
        page.evaluate("gain => { window.microphone.gain.value = gain; }", gain);
    }

    /** The loudest sample of what the box received. */
    private static int loudest(TestDevice device) throws Exception {
        var loudest = 0;
        var frames = new ArrayList<>(device.frames());
        for (var frame : frames) {
            var payload = LiveFrame.decode(frame).payload().toArray();
            if (payload.length == 0) continue;
            for (var sample : CanonicalMp3.decodeNext(new byte[0], payload)) {
                loudest = Math.max(loudest, Math.abs(sample));
            }
        }
        return loudest;
    }

    private URI server() {
        return URI.create("https://localhost:" + addresses.httpsPort().orElseThrow());
    }
}
