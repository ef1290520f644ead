package vn.loalang.audio;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.FilePayload;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.browser.Browsers;
import vn.loalang.system.Await;
import vn.loalang.web.Addresses;

@Tag("browser")
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class LibraryBrowserTest {

    private static final Path SAMPLES = Path.of("audio-samples");

    @Autowired
    Addresses addresses;

    @Autowired
    TestPeople people;

    @Autowired
    Recordings recordings;

    @Autowired
    Stations stations;

    URI server;

    @BeforeEach
    void where() {
        PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
        server = URI.create("https://localhost:" + addresses.httpsPort().orElseThrow());
    }

    @Test
    void anOperatorUploadsListensRenamesAndArchives() throws Exception {
        var operator = people.everywhere(Role.OPERATOR);
        try (var visitor = Browsers.desktop(server)) {
            visitor.signIn(operator.login(), TestPeople.PASSWORD);
            var page = visitor.open("/library");
            visitor.accessible().fitsAPhone().shot("library-empty");
            page.setInputFiles("#file", SAMPLES.resolve("morning-bulletin.mp3"));
            assertThat(page.locator(".upload-item .status")).hasText("Đã vào kho");
            assertThat(page.locator("#recordings")).containsText("morning-bulletin");
            visitor.accessible();
            page.click(".upload-item a");
            assertThat(page.locator("h2")).hasText("morning-bulletin");
            assertThat(page.locator(".facts")).containsText("00:48");
            page.evaluate("document.getElementById('listen').muted = true");
            page.evaluate("document.getElementById('listen').play()");
            Await.until("the recording sounds", Duration.ofSeconds(20), () ->
                    (Boolean) page.evaluate("document.getElementById('listen').currentTime > 0.2"));
            page.evaluate("document.getElementById('listen').pause()");
            assertThat(drawn(page)).isTrue();
            visitor.accessible().fitsAPhone().shot("library");

            page.fill("#title", "Bản tin sáng");
            page.click("form.stack button");
            assertThat(page.locator("h2")).hasText("Bản tin sáng");
            page.locator("#q").pressSequentially("ban tin s");
            assertThat(page.locator("#recordings li")).hasCount(1);
            page.locator("#q").pressSequentially("xyz");
            assertThat(page.locator("#recordings")).containsText("Không có chương trình nào khớp");
            page.click("text=Cất khỏi kho");
            assertThat(page.locator(".note.ok")).containsText("Đã cất “Bản tin sáng”");
            visitor.accessible().fitsAPhone();
            page.click("text=Hoàn tác");
            assertThat(page.locator(".note.ok")).containsText("đã trở lại kho");
        }
    }

    @Test
    void aBrokenLineIsWaitedForAndTheUploadGoesOnWhereItStopped() {
        var operator = people.everywhere(Role.OPERATOR);
        try (var visitor = Browsers.desktop(server)) {
            visitor.expectingError("ERR_INTERNET_DISCONNECTED").expectingError("ERR_CONNECTION_RESET");
            visitor.signIn(operator.login(), TestPeople.PASSWORD);
            var page = visitor.open("/library");
            var chunks = new AtomicInteger();
            page.route("**/api/v1/uploads/*?offset=*", route -> {
                // The second chunk never arrives; of the third, the answer gets lost.
                switch (chunks.incrementAndGet()) {
                    case 2 -> route.abort("connectionreset");
                    case 3 -> {
                        route.fetch();
                        route.abort("connectionreset");
                    }
                    default -> route.resume(new Route.ResumeOptions());
                }
            });
            page.setInputFiles("#file", wav());
            assertThat(page.locator(".upload-item .muted")).containsText("sẽ tự tải tiếp");
            assertThat(page.locator(".upload-item .status")).hasText("Đã vào kho");
            assertThat(chunks.get()).isGreaterThan(4);
        }
    }

    @Test
    void aRefusalIsSaidInWords() {
        var operator = people.everywhere(Role.OPERATOR);
        try (var visitor = Browsers.phone(server)) {
            visitor.expectingError("422");
            visitor.signIn(operator.login(), TestPeople.PASSWORD);
            var page = visitor.open("/library");
            page.setInputFiles(
                    "#file",
                    new FilePayload("ảnh.mp3", "audio/mpeg", new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10}));
            assertThat(page.locator(".upload-item .status")).containsText("Hiện chỉ nhận MP3 và WAV");
            page.click(".upload-item button");
            page.setInputFiles("#file", new FilePayload("trống.mp3", "audio/mpeg", new byte[0]));
            assertThat(page.locator(".upload-item .status")).containsText("trống");
            visitor.accessible().fitsAPhone().shot("library-phone");
        }
    }

    @Test
    void aViewerReadsAndListensOnly() throws Exception {
        var recording = recordings.add(
                new StationId(stations.main().id()), SAMPLES.resolve("village-meeting.mp3"), "Họp thôn", "vi");
        var viewer = people.everywhere(Role.VIEWER);
        try (var visitor = Browsers.desktop(server)) {
            visitor.signIn(viewer.login(), TestPeople.PASSWORD);
            var page = visitor.open("/library/" + recording.id().value());
            assertThat(page.locator("h2")).hasText("Họp thôn");
            assertThat(page.locator("#upload")).hasCount(0);
            assertThat(page.locator("main button")).hasCount(1);
            visitor.accessible().fitsAPhone();
        }
    }

    private static boolean drawn(Page page) {
        return (Boolean)
                page.evaluate(
                        "() => { const c = document.getElementById('wave'); return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0); }");
    }

    private static FilePayload wav() {
        byte[] bytes = new byte[44 + 2_400_000];
        var header = java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        header.put("RIFF".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).putInt(bytes.length - 8);
        header.put("WAVEfmt ".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .putInt(16);
        header.putShort((short) 1)
                .putShort((short) 1)
                .putInt(48_000)
                .putInt(96_000)
                .putShort((short) 2)
                .putShort((short) 16);
        header.put("data".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).putInt(bytes.length - 44);
        for (int i = 0; header.remaining() >= 2; i++) {
            header.putShort((short) (6000 * Math.sin(i * 0.1)));
        }
        return new FilePayload("âm.wav", "audio/wav", bytes);
    }
}
