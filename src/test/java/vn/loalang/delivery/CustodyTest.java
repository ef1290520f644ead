package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.http.MediaType;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import tools.jackson.databind.json.JsonMapper;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;
import vn.loalang.area.Authority;
import vn.loalang.area.Refusal;
import vn.loalang.area.ServerSettings;
import vn.loalang.area.StationId;
import vn.loalang.broadcast.Status;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Plan;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.Step;
import vn.loalang.protocol.Welcome;
import vn.loalang.system.Await;

/** Keys that officers hold, the root ceremony, rotation and revocation, in a deployment of its own. */
@AutoConfigureMockMvc
@TestPropertySource(
        properties = {
            "spring.datasource.url=jdbc:h2:mem:custody;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH",
            "loalang.delivery.ladder=500ms,1s,2s"
        })
@DirtiesContext
class CustodyTest extends DeliveryTestBase {
    private static String passphrase;

    @DynamicPropertySource
    static void keysMadeBefore(DynamicPropertyRegistry registry) throws IOException {
        passphrase = Safe.keysMadeBefore(registry, "custody");
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
    KeyStore keys;

    @Autowired
    DeploymentKeys deploymentKeys;

    @Autowired
    ServerSettings server;

    @TempDir
    Path directory;

    private static final SigningKey OFFICER = SigningKey.generate(new Kid("x1"), new SecureRandom());
    private static final SigningKey SECOND = SigningKey.generate(new Kid("x2"), new SecureRandom());

    @Test
    void anOfficerSignsOnADeviceOfHisOwnAndTheRootsDecideAboutKeys() throws Exception {
        var pole = aPole();
        var device = aBoxOn(pole).connect(broker.plainPort());
        device.await(Welcome.class);
        device.subscribeRest();
        device.await(Plan.class);
        var scope = Scope.of(new AreaPath(village.value()));
        var commune = Scope.of(
                new AreaPath(areas.findByCode("3714329").orElseThrow().path().value()));
        device.subscribe(device.topics().everyNow(scope), device.topics().everyNow(commune));

        // The roots list an officer of the village and two of the commune, whose wide orders need both.
        ceremony(
                "--add",
                        "x1:now:" + village.value() + ":89:"
                                + OFFICER.publicKey().b64u(),
                "--add", "x2:now::95:" + SECOND.publicKey().b64u());
        device.await(Keys.class, set -> set.keys().size() == 6);

        var order = emergencies.arm(anOrder(scope));
        var payload = emergencies.unsigned(order, new Kid("x1")).get(scope);
        var message = Envelope.compose(List.of(OFFICER), payload.toArray());
        mvc.perform(post("/api/v1/signed")
                        .contentType(MediaType.APPLICATION_OCTET_STREAM)
                        .content(message)
                        .with(by(people.everywhere(Role.OPERATOR))))
                .andExpect(status().isOk())
                .andExpect(content().string(containsString("now@" + scope.wire() + "@x1")));
        var now = device.await(Now.class, document -> document.by().equals(new Kid("x1")));
        assertThat(now.payload()).isEqualTo(payload.toArray());
        assertThat(emergencies.armed(order.id())).isEmpty();
        signed.accept(message);

        // The officer who gave it ends it with the same key; this server signs nothing of it.
        var clears = mvc.perform(get("/api/v1/orders/" + order.id() + "/unsigned-clear")
                        .param("by", "x1")
                        .with(by(people.everywhere(Role.OPERATOR))))
                .andExpect(status().isOk())
                .andReturn()
                .getResponse()
                .getContentAsByteArray();
        var clear = JsonMapper.shared()
                .readTree(clears)
                .get("documents")
                .get(scope.wire())
                .asString()
                .getBytes(StandardCharsets.UTF_8);
        signed.accept(Envelope.compose(List.of(OFFICER), clear));
        var end = device.await(
                Now.class, document -> document.isAllClear() && document.by().equals(new Kid("x1")));
        assertThat(end.clr()).containsExactly(order.id().toString());
        assertThat(jdbc.sql("select state from delivery_order where broadcast_id = :id")
                        .param("id", order.id().value())
                        .query(String.class)
                        .single())
                .isEqualTo("CLEARED");

        delegated(device, scope);

        // A village's officer does not order for the commune; a changed byte is nobody's order.
        var wide = emergencies.arm(anOrder(commune));
        var wideByVillage = Envelope.compose(
                List.of(OFFICER),
                emergencies.unsigned(wide, new Kid("x1")).get(commune).toArray());
        assertThatThrownBy(() -> signed.accept(wideByVillage)).isInstanceOf(Refusal.class);
        var broken = message.clone();
        broken[broken.length - 3] ^= 1;
        assertThatThrownBy(() -> signed.accept(broken)).isInstanceOf(Refusal.class);

        // Two signatures for wide orders.
        ceremony("--quorum", "2,2");
        var alone = Envelope.compose(
                List.of(SECOND),
                emergencies.unsigned(wide, new Kid("x2")).get(commune).toArray());
        assertThatThrownBy(() -> signed.accept(alone)).isInstanceOf(Refusal.class);
        // The all-clear needs but one.
        emergencies.clear(Set.of(commune), "Báo yên");
        device.await(
                Now.class,
                document -> document.isAllClear() && document.head().to().equals(commune));

        // The online key is replaced; everything is issued anew and the box takes it.
        var next = keys.prepareOnline();
        assertThat(keys.online().kid()).isEqualTo(new Kid("p1"));
        ceremony("--add", next.kid() + ":online::69:" + next.publicKey().b64u());
        assertThat(keys.online().kid()).isEqualTo(next.kid());
        device.await(
                Keys.class, set -> set.keys().stream().anyMatch(key -> key.kid().equals(next.kid())));
        Await.until(Duration.ofSeconds(20), () -> device.messages().stream()
                .map(Envelope::parse)
                .filter(envelope -> envelope.lines().get(0).header().equals(Envelope.header(next.kid())))
                .anyMatch(envelope -> Document.decode(envelope.payload().toArray()) instanceof Plan));

        // A compromised key: what it signed goes, and it signs nothing more. A crash came between the file and the
        // database, and the
        // next start finishes it.
        keys.install(changed("--bad", "x1"));
        assertThat(inForceBy("x1")).isOne();
        assertThat(deploymentKeys.takeOver()).singleElement().asString().endsWith("/now/x1");
        assertThat(deploymentKeys.takeOver()).as("the start after that").isEmpty();
        device.await(Keys.class, set -> set.bad().contains(new Kid("x1")));
        assertThat(inForceBy("x1")).isZero();
        var again = emergencies.arm(anOrder(scope));
        var byBad = Envelope.compose(
                List.of(OFFICER),
                emergencies.unsigned(again, new Kid("x1")).get(scope).toArray());
        assertThatThrownBy(() -> signed.accept(byBad)).isInstanceOf(Refusal.class);

        // A box that was away gets the roots' changes in their order, before the welcome.
        ceremony("--new-roots", directory.resolve("roots2.sealed").toString());
        var administrator = people.everywhere(Role.ADMINISTRATOR);
        mvc.perform(get("/admin/keys").with(by(administrator)))
                .andExpect(status().isOk())
                .andExpect(content().string(containsString("x2")))
                .andExpect(content().string(org.hamcrest.Matchers.not(containsString("??"))));
        mvc.perform(get("/admin/keys").with(by(people.everywhere(Role.OPERATOR))))
                .andExpect(status().isForbidden());
    }

    /** Keys that a key of the roots lists for its village: what they sign later is judged by them [KEY-4c] [KEY-6b]. */
    private void delegated(TestDevice device, Scope scope) throws Exception {
        var area = ((Scope.Area) scope).area();
        var delegating = SigningKey.generate(new Kid("k1"), new SecureRandom());
        var local = SigningKey.generate(new Kid("x5"), new SecureRandom());
        ceremony("--add", "k1:akeys:" + area + ":89:" + delegating.publicKey().b64u());
        device.await(
                Keys.class, set -> set.keys().stream().anyMatch(key -> key.kid().equals(delegating.kid())));
        device.subscribe(device.topics().keys(area));
        var order = emergencies.arm(anOrder(scope));
        var byLocal = Envelope.compose(
                List.of(local),
                emergencies.unsigned(order, new Kid("x5")).get(scope).toArray());
        assertThatThrownBy(() -> signed.accept(byLocal)).isInstanceOf(Refusal.class);
        var now = clock.instant().toEpochMilli();
        var day = Duration.ofDays(1).toMillis();
        var list = Keys.of(
                new Head(keys.sys(), scope, now, now, now + 365 * day),
                List.of(KeyEntry.emergency(local.kid(), local.publicKey(), area, 85, now - day, now + 365 * day)),
                null);
        signed.accept(Envelope.compose(List.of(delegating), list));
        device.await(Keys.class, set -> set.head().to().equals(scope));
        signed.accept(byLocal);
        device.await(Now.class, document -> document.by().equals(new Kid("x5")));
        // The delegating key turns out to be stolen: what it has listed counts no longer.
        ceremony("--bad", "k1");
        var again = emergencies.arm(anOrder(scope));
        var byStolen = Envelope.compose(
                List.of(local),
                emergencies.unsigned(again, new Kid("x5")).get(scope).toArray());
        assertThatThrownBy(() -> signed.accept(byStolen)).isInstanceOf(Refusal.class);
    }

    /** How many orders of this key are in force. */
    private long inForceBy(String kid) {
        return jdbc.sql("select count(*) from delivery_document where current_key like :key")
                .param("key", "%@" + kid)
                .query(Long.class)
                .single();
    }

    /** Signs a changed key document as the ceremony does, and takes it in. */
    private void ceremony(String... options) throws Exception {
        signed.accept(changed(options));
    }

    private byte[] changed(String... options) throws Exception {
        var home = server.dataPath().resolve("keys");
        var out = directory.resolve("keys-new.gb1");
        Safe.ceremony(clock, home.resolve("roots.sealed"), passphrase, home.resolve("keys.gb1"), out, options);
        return Files.readAllBytes(out);
    }

    private NewOrder anOrder(Scope scope) {
        return NewOrder.tone(
                new StationId(stations.main().id()),
                Authority.COMMUNE,
                Status.TEST,
                "Thử",
                Set.of(scope),
                new Step.Tone(Step.Pattern.STEADY, 1, 5, 0));
    }
}
