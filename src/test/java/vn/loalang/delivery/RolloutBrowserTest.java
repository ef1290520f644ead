package vn.loalang.delivery;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.FilePayload;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;
import picocli.CommandLine;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.NewArea;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.browser.Browsers;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.NewController;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.SigningKey;
import vn.loalang.web.Addresses;

/** An administrator brings an image, has it signed, watches the rollout halt by itself, and withdraws it. */
@Tag("browser")
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@TestPropertySource(
        properties =
                "spring.datasource.url=jdbc:h2:mem:rollouts;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH")
@DirtiesContext
class RolloutBrowserTest {
    private static String passphrase;
    private static final byte[] IMAGE = "firmware".repeat(300).getBytes(StandardCharsets.UTF_8);

    @DynamicPropertySource
    static void keysMadeBefore(DynamicPropertyRegistry registry) throws IOException {
        passphrase = Safe.keysMadeBefore(registry, "rollouts");
    }

    @Autowired
    Addresses addresses;

    @Autowired
    TestPeople people;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    TransactionTemplate transaction;

    @Autowired
    Areas areas;

    @Autowired
    Stations stations;

    @Autowired
    Fleet fleet;

    @Autowired
    Rollouts rollouts;

    @Autowired
    RolloutProgress progress;

    @Autowired
    RolloutReports reports;

    @Autowired
    KeyStore keys;

    @Autowired
    Clock clock;

    @TempDir
    Path directory;

    URI server;

    @BeforeEach
    void threePoles() {
        PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
        server = URI.create("https://localhost:" + addresses.httpsPort().orElseThrow());
        var village = areas.add(new NewArea(
                AreaPath.ROOT,
                "37",
                "Ninh Bình",
                "Tỉnh Ninh Bình",
                "province",
                Authority.PROVINCE,
                List.of("vi"),
                null));
        for (var name : List.of("Cụm Đông", "Cụm Tây", "Cụm Nam")) {
            var pole = fleet.addController(new NewController(
                    new StationId(stations.main().id()), new AreaId(village.id()), name, null, null, 75, Set.of()));
            var unit = DeviceId.of(
                    SigningKey.generate(new Kid("d1"), new SecureRandom()).publicKey());
            fleet.registerUnit(new NewUnit(unit, "LC1", "acme-lc1-r3"));
            fleet.assign(unit, pole);
            jdbc.sql(
                            "insert into delivery_unit (unit_id, areas, renew, rejected, profiles) values (:unit, '', false, 0, 'fw')")
                    .param("unit", unit.value())
                    .update();
        }
    }

    @Test
    void anAdministratorRollsOutWatchesItHaltAndWithdraws() throws Exception {
        var administrator = people.everywhere(Role.ADMINISTRATOR);
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(administrator.login(), TestPeople.PASSWORD);
            visitor.open("/admin/firmware");
            visitor.accessible().fitsAPhone();
            page.fill("#model", "acme-lc1");
            page.fill("#version", "2.1 0");
            page.fill("#sec", "4");
            page.setInputFiles("#file", new FilePayload("image.bin", "application/octet-stream", IMAGE));
            page.click("#firmware-add");
            assertThat(page.locator("#error-version")).containsText("Phiên bản gồm");
            page.fill("#version", "2.1.0");
            page.setInputFiles("#file", new FilePayload("image.bin", "application/octet-stream", IMAGE));
            page.click("#firmware-add");
            assertThat(page.locator("tbody tr")).containsText("acme-lc1");

            page.fill("#stages", "10 5 100");
            page.click("#rollout-create");
            assertThat(page.locator("#error-stages")).containsText("số cuối là 100");
            visitor.accessible().fitsAPhone().shot("firmware");
            page.fill("#stages", "1 50 100");
            page.click("#rollout-create");
            assertThat(page.locator("h1")).hasText("acme-lc1 2.1.0");
            assertThat(page.locator("#states")).containsText("3 chưa tới lượt");
            visitor.accessible().fitsAPhone().shot("rollout-unsigned");

            var id = rollouts.all().get(0).id();
            var request = page.waitForDownload(() -> page.click("#request")).path();
            page.setInputFiles("#signed", new FilePayload("x.txt", "text/plain", "x".getBytes(StandardCharsets.UTF_8)));
            page.click("#rollout-start");
            assertThat(page.locator("#error-signed")).containsText("sign-firmware");
            page.setInputFiles("#signed", sign(request));
            page.click("#rollout-start");
            assertThat(page.locator("#states")).containsText("3 chưa tới lượt");
            page.evaluate("window.stayed = true");
            progress.lookAtDue();
            assertThat(page.locator("#states")).containsText("1 đã gửi");

            // The first box goes back: the page says at once, without being loaded anew, that and why it halted.
            var first = rollouts.lines(id, 1).get(0).unit();
            transaction.executeWithoutResult(status -> {
                reports.received(first, seq(first), clock.instant());
                reports.reached(
                        first,
                        new Event.FirmwareChange(Event.FirmwareState.ROLLED_BACK, "2.1.0", "selftest"),
                        clock.instant());
            });
            progress.lookAtDue();
            assertThat(page.locator("#halted")).containsText("Tự dừng: 1 trong 1 cụm loa");
            assertThat(page.locator("#boxes li").first()).containsText("tự kiểm tra âm thanh không đạt");
            assertThat(page.evaluate("window.stayed")).isEqualTo(true);
            visitor.accessible().fitsAPhone().shot("rollout-halted");

            page.click("#withdraw");
            assertThat(page.locator("#states")).containsText("2 bỏ qua");
            assertThat(page.locator("#withdraw")).hasCount(0);
            page.click("a[href='/admin/firmware']");
            assertThat(page.locator("#rollouts")).containsText("Đã rút lại");
            visitor.accessible().fitsAPhone();
        }
    }

    private long seq(DeviceId unit) {
        return jdbc.sql("select seq from delivery_rollout_unit where unit_id = :unit")
                .param("unit", unit.value())
                .query(Long.class)
                .single();
    }

    private Path sign(Path request) throws IOException {
        var word = Files.writeString(directory.resolve("passphrase"), passphrase);
        var image = Files.write(directory.resolve("image.bin"), IMAGE);
        var out = directory.resolve("signed.txt");
        var text = new StringWriter();
        var code = new CommandLine(new SignFirmwareCommand(new PrintWriter(text)))
                .execute(
                        "--sealed", keys.sealedRootsStillHere().orElseThrow().toString(),
                        "--passphrase-file", word.toString(),
                        "--request", request.toString(),
                        "--image", image.toString(),
                        "--out", out.toString());
        assertThat(code).as(text.toString()).isZero();
        return out;
    }
}
