package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.multipart;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.mock.web.MockMultipartFile;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.ResultActions;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.Refusal;
import vn.loalang.area.ServerSettings;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.Welcome;
import vn.loalang.system.Await;

/** A server without a key for safety settings: an officer signs them with {@code sign} (custody levels L2 and L3). */
@AutoConfigureMockMvc
@TestPropertySource(
        properties =
                "spring.datasource.url=jdbc:h2:mem:settings;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH")
@DirtiesContext
class OfficersSettingsTest extends DeliveryTestBase {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static String passphrase;

    @DynamicPropertySource
    static void keysMadeBefore(DynamicPropertyRegistry registry) throws IOException {
        passphrase = Safe.keysMadeBefore(registry, "settings");
    }

    @Autowired
    MockMvc mvc;

    @Autowired
    TestPeople people;

    @Autowired
    SignedDocuments signed;

    @Autowired
    UnsignedSettings unsigned;

    @Autowired
    ServerSettings server;

    @TempDir
    Path directory;

    private Path keys;
    private SignedIn administrator;

    @BeforeEach
    void anAdministrator() {
        administrator = people.everywhere(Role.ADMINISTRATOR);
        keys = server.dataPath().resolve("keys").resolve("keys.gb1");
    }

    @Test
    void whatTheServerMayNotSignAnOfficerSigns() throws Exception {
        var pole = aPole();
        var device = aBoxOn(pole).connect(broker.plainPort());
        device.await(Welcome.class);
        device.subscribeRest();
        var before = device.await(Site.class);

        // An officer has a key for settings now, so what the server has signed waits to be signed by him.
        var officer = new Officer(directory, "s2", "--use", "site");
        ceremony("--add", officer.add());
        device.await(
                Keys.class, set -> set.keys().stream().anyMatch(key -> key.kid().equals(new Kid("s2"))));
        Await.until(SOON, () -> unsigned.waiting() == 1);
        var withoutS1 = changed("--drop", "s1");
        mvc.perform(multipart("/admin/keys/signed").file(upload(withoutS1)).with(by(administrator)))
                .andExpect(status().isOk())
                .andExpect(content().string(containsString("Chưa bỏ được khoá s1: 1 tài liệu")))
                .andExpect(content().string(containsString("name=\"anyway\"")));
        var withoutP1 = changed("--drop", "p1");
        mvc.perform(multipart("/admin/keys/signed")
                        .file(upload(withoutP1))
                        .param("anyway", "true")
                        .with(by(administrator)))
                .andExpect(content().string(containsString("sẽ không ký được lịch phát")));

        // A louder pole and a new one: both wait, the new one is silent and its page says why.
        transaction.executeWithoutResult(status -> {
            jdbc.sql("update fleet_controller set volume_limit = 60 where id = :id")
                    .param("id", pole.value())
                    .update();
            compiler.due(List.of(pole));
        });
        var second = aPole();
        var fresh = aBoxOn(second).connect(broker.plainPort());
        fresh.await(Welcome.class);
        fresh.subscribeRest();
        Await.until(SOON, () -> unsigned.waiting() == 2);
        page().andExpect(content().string(containsString("2 cụm loa chờ cài đặt an toàn")));
        mvc.perform(get("/fleet/" + second).with(by(administrator)))
                .andExpect(content().string(containsString("chờ cán bộ ký cài đặt an toàn")));
        mvc.perform(get("/fleet/" + aPole()).with(by(administrator)))
                .andExpect(status().isOk())
                .andExpect(content().string(not(containsString("chờ cán bộ ký cài đặt an toàn"))));
        mvc.perform(get("/api/v1/settings/unsigned").with(by(people.everywhere(Role.OPERATOR))))
                .andExpect(status().isForbidden());

        var said = officer.signs(clock, keys, fetched().toString());
        assertThat(said.code()).as(said.text()).isZero();
        assertThat(said.text())
                .contains("volume ≤ 60 %", "d/" + device.id() + " (")
                .doesNotContain("x1");
        var files = said.files().stream().map(OfficersSettingsTest::upload).toList();
        var request = multipart("/admin/keys/signed");
        files.forEach(request::file);
        mvc.perform(request.with(by(administrator))).andExpect(status().is3xxRedirection());

        var louder = device.await(Site.class, site -> site.vmax() == 60);
        assertThat(louder.areas()).isEqualTo(before.areas());
        assertThat(fresh.await(Site.class).areas()).isEqualTo(before.areas());
        assertThat(unsigned.waiting()).isZero();
        compiled();
        assertThat(unsigned.waiting()).isZero();
        assertThat(siteOf(device.id())).isEqualTo(1);

        // Its successor is in force, but the box has to say so before the old key may go [SRV-7].
        applies(device, before);
        assertThatThrownBy(() -> signed.accept(Files.readAllBytes(changed("--drop", "s1"))))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("keyInUse");
        applies(device, louder);
        ceremony("--drop", "s1");
        assertThat(unsigned.waiting()).isZero();

        // The officer's key is stolen: boxes drop what it signed, so all of it is wanted anew.
        var successor = new Officer(directory, "s3", "--use", "site");
        ceremony("--bad", "s2", "--add", successor.add());
        Await.until(SOON, () -> unsigned.waiting() == 2);
        var again = successor.signs(clock, keys, fetched().toString());
        assertThat(again.code()).as(again.text()).isZero();
        for (var file : again.files()) {
            signed.accept(Files.readAllBytes(file));
        }
        assertThat(unsigned.waiting()).isZero();
    }

    private ResultActions page() throws Exception {
        return mvc.perform(get("/admin/keys").with(by(administrator))).andExpect(status().isOk());
    }

    private long siteOf(DeviceId unit) {
        return jdbc.sql("""
                        select count(*) from delivery_document
                        where unit_id = :unit and row_name = 'site' and superseded_at is null""").param("unit", unit.value()).query(Long.class).single();
    }

    private void compiled() throws Exception {
        Await.until(
                SOON,
                () -> jdbc.sql("select count(*) from delivery_due")
                                .query(Long.class)
                                .single()
                        == 0);
    }

    private Path fetched() throws Exception {
        var answer = mvc.perform(get("/api/v1/settings/unsigned").with(by(administrator)))
                .andExpect(status().isOk())
                .andReturn()
                .getResponse()
                .getContentAsByteArray();
        return Files.write(Files.createTempFile(directory, "unsigned", ".json"), answer);
    }

    private static MockMultipartFile upload(Path file) {
        try {
            return new MockMultipartFile("file", file.getFileName().toString(), null, Files.readAllBytes(file));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private void applies(TestDevice device, Site site) throws Exception {
        var seq = site.head().seq();
        device.send(device.entry(clock.millis(), new Event.DocumentChange(Event.DocumentFate.APPLIED, Row.SITE, seq)));
        Await.until(SOON, () -> jdbc.sql("select seq from delivery_applied where unit_id = :unit and row_name = 'site'")
                .param("unit", device.id().value())
                .query(Long.class)
                .list()
                .equals(List.of(seq)));
    }

    private void ceremony(String... options) throws Exception {
        signed.accept(Files.readAllBytes(changed(options)));
    }

    private Path changed(String... options) throws Exception {
        var out = directory.resolve("keys-new.gb1");
        Safe.ceremony(clock, keys.resolveSibling("roots.sealed"), passphrase, keys, out, options);
        return out;
    }
}
