package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.multipart;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.http.MediaType;
import org.springframework.mock.web.MockMultipartFile;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.Refusal;
import vn.loalang.area.ServerSettings;
import vn.loalang.broadcast.Status;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Welcome;

/** A server without an emergency key: officers fetch orders, sign them with {@code sign} and hand them in. */
@AutoConfigureMockMvc
@TestPropertySource(
        properties =
                "spring.datasource.url=jdbc:h2:mem:officers;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH")
@DirtiesContext
class OfficersSignTest extends DeliveryTestBase {
    private static String passphrase;

    @DynamicPropertySource
    static void keysMadeBefore(DynamicPropertyRegistry registry) throws IOException {
        passphrase = Safe.keysMadeBefore(registry, "officers");
    }

    @Autowired
    MockMvc mvc;

    @Autowired
    TestPeople people;

    @Autowired
    Emergencies emergencies;

    @Autowired
    SignedDocuments signed;

    @Autowired
    ServerSettings server;

    @TempDir
    Path directory;

    private Path keys;
    private SignedIn operator;

    @Test
    void whatTheServerCannotSignOfficersSignAndItIsReleased() throws Exception {
        operator = people.everywhere(Role.OPERATOR);
        keys = server.dataPath().resolve("keys").resolve("keys.gb1");
        var device = aBoxOn(aPole()).connect(broker.plainPort());
        device.await(Welcome.class);
        device.subscribeRest();
        var here = Scope.of(new AreaPath(village.value()));
        var province = new AreaPath(areas.findByCode("37").orElseThrow().path().value());
        var wide = Scope.of(province);
        device.subscribe(device.topics().everyNow(here), device.topics().everyNow(wide));

        // Level L3: the emergency key leaves the server, wide orders need two officers.
        var duty = new Officer(directory, "x1", "--area", village.value(), "--pri", "89");
        var first = new Officer(directory, "e2", "--area", province.value(), "--pri", "95");
        var second = new Officer(directory, "e3", "--area", province.value(), "--pri", "95");
        var changed = directory.resolve("keys-new.gb1");
        Safe.ceremony(
                clock,
                keys.resolveSibling("roots.sealed"),
                passphrase,
                keys,
                changed,
                "--drop",
                "e1",
                "--quorum",
                "1,2",
                "--add",
                duty.add(),
                "--add",
                first.add(),
                "--add",
                second.add());
        signed.accept(Files.readAllBytes(changed));
        device.await(
                Keys.class, set -> set.keys().stream().anyMatch(key -> key.kid().equals(new Kid("e3"))));
        var order = emergencies.arm(anOrder(Status.TEST, here));
        assertThatThrownBy(() -> emergencies.release(order))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("noEmergencyKey");

        // While its countdown runs an order may still be taken back, so nobody is given it to sign.
        mvc.perform(get("/api/v1/orders/armed").with(by(operator)))
                .andExpect(status().isOk())
                .andExpect(content().string("[]"));
        mvc.perform(get("/api/v1/orders/" + order.id() + "/unsigned")
                        .param("by", "x1")
                        .with(by(operator)))
                .andExpect(status().isUnprocessableContent());
        assertThat(emergencies.offer(order)).isTrue();
        assertThat(emergencies.offer(order)).isFalse();
        mvc.perform(get("/api/v1/orders/armed").with(by(operator)))
                .andExpect(status().isOk())
                .andExpect(content().string(containsString("\"" + order.id() + "\"")))
                .andExpect(content().string(containsString("Lũ quét")));
        var fetched = fetched("/api/v1/orders/" + order.id() + "/unsigned", "x1");
        var slow = duty.signs(Clock.offset(clock, Duration.ofSeconds(-90)), keys, fetched.toString());
        assertThat(slow.code()).isOne();
        assertThat(slow.text()).contains("allowed are 60 s");
        var said = duty.signs(clock, keys, fetched.toString());
        assertThat(said.code()).as(said.text()).isZero();
        assertThat(said.text())
                .contains("Lũ quét")
                .contains(here.wire() + " (Thử 371432901)")
                .contains("order for a TEST");
        taken(said.only());
        device.await(Now.class, now -> now.by().equals(new Kid("x1")) && names(now, order));
        assertThat(stateOf(order)).isEqualTo("RELEASED");

        var cleared = duty.signs(
                clock,
                keys,
                fetched("/api/v1/orders/" + order.id() + "/unsigned-clear", "x1")
                        .toString());
        assertThat(cleared.text()).contains("ALL-CLEAR", order.id().toString());
        taken(cleared.only());
        device.await(Now.class, now -> now.isAllClear() && now.by().equals(new Kid("x1")));
        assertThat(stateOf(order)).isEqualTo("CLEARED");

        // One officer of the province is not enough for the province, and the server says so too.
        var big = emergencies.arm(anOrder(Status.TEST, wide));
        emergencies.offer(big);
        var half = first.signs(
                clock,
                keys,
                fetched("/api/v1/orders/" + big.id() + "/unsigned", "e2").toString());
        assertThat(half.text()).contains("ANOTHER officer has to sign");
        var alone = half.only();
        assertThatThrownBy(() -> signed.accept(alone)).isInstanceOf(Refusal.class);
        assertThat(stateOf(big)).isEqualTo("ARMED");
        var both = second.signs(clock, keys, half.files().get(0).toString());
        assertThat(both.code()).as(both.text()).isZero();
        taken(both.only());
        device.await(Now.class, now -> now.by().equals(new Kid("e2")) && names(now, big));
        assertThat(stateOf(big)).isEqualTo("RELEASED");
    }

    /** The roots list two keepers; these list an officer, and he orders [KEY-4c]. */
    @Test
    void whomTheKeepersOfAnAreaHaveListedOrdersThereAndBoxesSound() throws Exception {
        operator = people.everywhere(Role.OPERATOR);
        keys = server.dataPath().resolve("keys").resolve("keys.gb1");
        var area = new AreaPath(village.value());
        var here = Scope.of(area);
        var pole = aPole();
        var device = aBoxOn(pole);
        var claim = claims.forController(pole);
        var box = new JudgingBox(device, claim);
        device.claim(claim).connect(broker.plainPort());
        device.await(Welcome.class);
        device.subscribeRest();
        device.await(vn.loalang.protocol.Plan.class);
        device.subscribe(device.topics().keys(area), device.topics().everyNow(here));

        var one = new Officer(directory, "k1", "--use", "akeys", "--area", "37", "--pri", "89/95");
        var two = new Officer(directory, "k2", "--use", "akeys", "--area", "37", "--pri", "89/95");
        var local = new Officer(directory, "x5", "--area", area.value(), "--pri", "85/89");
        var changed = directory.resolve("keys-keepers.gb1");
        Safe.ceremony(
                clock,
                keys.resolveSibling("roots.sealed"),
                passphrase,
                keys,
                changed,
                "--quorum",
                "1,2",
                "--add",
                one.add(),
                "--add",
                two.add());
        signed.accept(Files.readAllBytes(changed));
        device.await(
                Keys.class, set -> set.keys().stream().anyMatch(key -> key.kid().equals(new Kid("k2"))));

        var half = one.lists(clock, keys, "--area", area.value(), "--add", local.add());
        assertThat(half.code()).as(half.text()).isZero();
        assertThat(half.files().get(0).toString()).endsWith(".half.gb1");
        var alone = half.only();
        assertThatThrownBy(() -> signed.accept(alone))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("[E_POL, a wide area needs 2 distinct keys]");
        var both = two.signs(clock, keys, half.files().get(0).toString());
        assertThat(both.code()).as(both.text()).isZero();
        mvc.perform(multipart("/admin/keys/signed")
                        .file(new MockMultipartFile("file", "list.gb1", "application/octet-stream", both.only()))
                        .with(by(people.everywhere(Role.ADMINISTRATOR))))
                .andExpect(status().is3xxRedirection());
        taken(both.only());
        device.await(Keys.class, set -> set.head().to().equals(here));

        var order = emergencies.arm(anOrder(Status.TEST, here));
        emergencies.offer(order);
        var said = local.signs(
                clock,
                keys,
                fetched("/api/v1/orders/" + order.id() + "/unsigned", "x5").toString(),
                "--keys",
                both.files().get(0).toString());
        assertThat(said.code()).as(said.text()).isZero();
        taken(said.only());
        device.await(Now.class, now -> now.by().equals(new Kid("x5")) && names(now, order));
        box.hear(clock.millis());
        assertThat(box.accepted())
                .anyMatch(document -> document instanceof Now now
                        && now.by().equals(new Kid("x5"))
                        && names(now, order)
                        && now.skipped().isEmpty());
    }

    private Path fetched(String path, String by) throws Exception {
        var answer = mvc.perform(get(path).param("by", by).with(by(operator)))
                .andExpect(status().isOk())
                .andReturn()
                .getResponse()
                .getContentAsByteArray();
        return Files.write(Files.createTempFile(directory, "unsigned", ".json"), answer);
    }

    private void taken(byte[] message) throws Exception {
        mvc.perform(post("/api/v1/signed")
                        .contentType(MediaType.APPLICATION_OCTET_STREAM)
                        .content(message)
                        .with(by(operator)))
                .andExpect(status().isOk());
    }

    private String stateOf(ArmedOrder order) {
        return jdbc.sql("select state from delivery_order where broadcast_id = :id")
                .param("id", order.id().value())
                .query(String.class)
                .single();
    }
}
