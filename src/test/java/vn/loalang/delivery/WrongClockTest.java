package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.multipart;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipInputStream;
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
import vn.loalang.broadcast.Status;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.Admission;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.ErrorCode;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Plan;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.Welcome;
import vn.loalang.system.Await;

/** A server whose clock ran years ahead, and how its boxes are won back [TIM-5]. */
@AutoConfigureMockMvc
@TestPropertySource(
        properties =
                "spring.datasource.url=jdbc:h2:mem:wrongclock;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH")
@DirtiesContext
class WrongClockTest extends DeliveryTestBase {
    private static final Duration AHEAD = Duration.ofDays(3 * 365);
    private static final List<Row> OWN = List.of(Row.SITE, Row.CFG, Row.PLAN);
    private static String passphrase;

    @DynamicPropertySource
    static void keysMadeBefore(DynamicPropertyRegistry registry) throws IOException {
        passphrase = Safe.keysMadeBefore(registry, "wrongclock");
    }

    @Autowired
    MockMvc mvc;

    @Autowired
    TestPeople people;

    @Autowired
    SignedDocuments signed;

    @Autowired
    DeploymentKeys deploymentKeys;

    @Autowired
    Documents documents;

    @Autowired
    Emergencies emergencies;

    @Autowired
    Doubts doubts;

    @Autowired
    KeyStore keys;

    @Autowired
    UsbSticks sticks;

    @Autowired
    ServerSettings server;

    @TempDir
    Path directory;

    private SignedIn administrator;

    @Test
    void afterTheRecoveryTheSameBoxesTakeWhatIsIssuedAlsoThoseThatWereAway() throws Exception {
        administrator = people.everywhere(Role.ADMINISTRATOR);
        var here = Scope.of(new AreaPath(village.value()));
        var orders = Row.now(here, new Kid("e1"));
        var pole = aPole();
        var device = aBoxOn(pole);
        var box = new JudgingBox(device, claims.forController(pole));
        device.claim(claims.forController(pole)).connect(broker.plainPort());
        device.await(Welcome.class);
        device.subscribeRest();
        device.subscribe(device.topics().everyNow(here));
        var otherPole = aPole();
        var away = aBoxOn(otherPole);
        var itsClaim = claims.forController(otherPole);
        var other = new JudgingBox(away, itsClaim);
        away.claim(itsClaim).connect(broker.plainPort());
        away.await(Welcome.class);
        away.subscribeRest();
        for (var each : List.of(device, away)) {
            each.await(Site.class);
            each.await(Plan.class);
        }
        box.hear(clock.millis());
        other.hear(clock.millis());
        assertThat(box.holds(Row.PLAN)).isPositive();
        var right = clock.instant();

        // Three years ahead: somebody holds a ceremony on this computer, and everything is issued from there.
        clock.shift(AHEAD);
        var wrong = clock.instant();
        signed.accept(
                ceremony(server.dataPath().resolve("keys").resolve("roots.sealed"), passphrase, "--quorum", "1,1"));
        doubts.confirmClock();
        var alert = emergencies.arm(anOrder(Status.TEST, here));
        emergencies.release(alert);
        device.await(Now.class, now -> names(now, alert));
        for (var each : List.of(device, away)) {
            each.await(Keys.class, set -> from(wrong, set));
            each.await(Plan.class, plan -> from(wrong, plan));
            each.await(Site.class, site -> from(wrong, site));
        }
        settled(pole);
        settled(otherPole);
        box.hear(clock.millis());
        other.hear(clock.millis());
        var poisoned = box.holds(Row.PLAN);
        assertThat(poisoned).isGreaterThan(wrong.toEpochMilli() - 1);
        assertThat(box.holds(orders)).isGreaterThan(wrong.toEpochMilli() - 1);
        assertThat(other.holds(Row.PLAN)).isGreaterThan(wrong.toEpochMilli() - 1);
        away.close();

        // The clock is set right: nothing that is issued now would be taken, and the page says so.
        clock.shift(Duration.ZERO);
        page().andExpect(content().string(containsString("hơn 25 giờ sau giờ bây giờ")));
        var refused = box.judge(
                clock.millis(), Envelope.compose(List.of(keys.online()), aPlan(keys.sys(), device, clock.millis())));
        assertThat(((Admission.Refused) refused).code()).isEqualTo(ErrorCode.E_OLD);
        aBroadcast(pole, soon(), Duration.ofMinutes(5), Hash.of(new byte[] {1}));
        compiler.compileDue();
        assertThat(documents
                        .current(Scope.of(device.id()), Row.PLAN)
                        .orElseThrow()
                        .seq())
                .isEqualTo(poisoned);
        var again = emergencies.arm(anOrder(Status.TEST, here));
        assertThatThrownBy(() -> emergencies.release(again))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("refused.clock");
        var sealed = server.dataPath().resolve("keys").resolve("roots.sealed");
        var recovery = ceremony(sealed, passphrase, "--reset-to", right.toString());
        takeIn(recovery).andExpect(content().string(containsString("vừa nhảy hơn 24 giờ")));
        mvc.perform(post("/admin/keys/clock").with(by(administrator))).andExpect(status().is3xxRedirection());
        var blocked = emergencies.arm(anOrder(Status.TEST, here));
        assertThatThrownBy(() -> emergencies.release(blocked)).isInstanceOf(ClockBehind.class);

        takeIn(recovery).andExpect(status().is3xxRedirection());
        page().andExpect(content().string(not(containsString("hơn 25 giờ sau giờ bây giờ"))));
        var rst = ((Keys) Document.inMessage(recovery)).rst();
        device.await(Keys.class, set -> rst.equals(set.rst()));
        // What could not be compiled is tried again after a minute.
        clock.forward(Duration.ofSeconds(61));
        compiler.compileDue();
        device.await(Plan.class, plan -> from(right, plan) && !from(wrong, plan));
        settled(pole);
        settled(otherPole);
        Await.until(Duration.ofSeconds(20), () -> {
            box.hear(clock.millis());
            return OWN.stream().allMatch(row -> box.holds(row) > right.toEpochMilli());
        });
        assertThat(OWN).allSatisfy(row -> assertThat(box.holds(row)).isLessThan(wrong.toEpochMilli()));
        assertThat(box.holds(orders)).as("the order from the future is gone").isZero();
        assertThat(documents.current(here, orders)).isEmpty();
        assertThat(documents.adoption().taken()).as("silence is no success").isZero();
        var unheard = aPole();
        aBoxOn(unheard);
        assertThat(keysOnAStickFor(unheard))
                .as("boxes take them by their numbers [USB-1f], so what is undone would come last")
                .isNotEmpty()
                .noneMatch(set -> from(wrong, set));

        // What is issued from now on that same box takes, orders as well.
        var fresh = aBroadcast(pole, soon(), Duration.ofMinutes(5), Hash.of(new byte[] {2}));
        device.await(Plan.class, plan -> plan.items().stream()
                .anyMatch(item -> item.oid().value().equals(fresh.toString())));
        var order = emergencies.arm(anOrder(Status.TEST, here));
        emergencies.release(order);
        device.await(Now.class, now -> names(now, order));
        box.hear(clock.millis());
        assertThat(box.accepted())
                .anyMatch(document -> document instanceof Plan plan
                        && plan.items().stream()
                                .anyMatch(item -> item.oid().value().equals(fresh.toString())))
                .anyMatch(document -> document instanceof Now now && names(now, order));

        // A start finds everything in its place; a list made from an older one would leave the others behind.
        assertThat(deploymentKeys.takeOver()).isEmpty();
        var forgetful = Files.write(
                directory.resolve("forgetful.gb1"),
                documents.keyHistory().get(0).body().toArray());
        var without = Files.readAllBytes(ceremonyFrom(forgetful, sealed, passphrase, "--quorum", "1,2"));
        assertThatThrownBy(() -> signed.accept(without))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("recoveryLost");

        // The box that was away hears of it by later lists only, of which one has changed the roots.
        var second = directory.resolve("second.sealed");
        var word = wordOf(ceremonyText("--new-roots", second.toString()));
        signed.accept(Files.readAllBytes(directory.resolve("keys-new.gb1")));
        signed.accept(ceremony(second, word, "--quorum", "1,2"));
        for (var row : List.of(Row.KEYS, Row.SITE, Row.CFG, Row.PLAN, orders)) {
            away.mark(row, other.mark(row));
        }
        var mine = fleet.controllerOf(away.id()).orElseThrow();
        var welcomes = away.all(Welcome.class).size();
        away.claim(itsClaim).connect(broker.plainPort());
        Await.until(Duration.ofSeconds(30), () -> away.all(Welcome.class).size() > welcomes);
        away.subscribeRest();
        settled(mine);
        var its = aBroadcast(mine, soon(), Duration.ofMinutes(5), Hash.of(new byte[] {3}));
        away.await(Plan.class, plan -> plan.items().stream()
                .anyMatch(item -> item.oid().value().equals(its.toString())));
        other.hear(clock.millis());
        assertThat(other.knows(rst)).isTrue();
        assertThat(other.accepted())
                .anyMatch(document -> document instanceof Plan plan
                        && plan.items().stream()
                                .anyMatch(item -> item.oid().value().equals(its.toString())));
        assertThat(doubts.open()).as("what it had seen is void, not unknown").isEmpty();
        assertThat(documents.mark(here, orders)).isLessThan(wrong.toEpochMilli());
    }

    private List<Keys> keysOnAStickFor(ControllerId pole) throws IOException {
        var out = new ByteArrayOutputStream();
        sticks.write(pole, 1, out);
        var sets = new ArrayList<Keys>();
        try (var zip = new ZipInputStream(new ByteArrayInputStream(out.toByteArray()))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().startsWith("GB1/doc/keys-")) {
                    sets.add((Keys) Document.inMessage(zip.readAllBytes()));
                }
            }
        }
        return sets;
    }

    private static boolean from(Instant moment, Document document) {
        return document.head().seq() >= moment.toEpochMilli();
    }

    private static Plan aPlan(vn.loalang.protocol.SystemId sys, TestDevice device, long now) {
        return PlanDraft.of(List.of(), Instant.ofEpochMilli(now))
                .plan(new Head(
                        sys,
                        Scope.of(device.id()),
                        now,
                        now,
                        now + Duration.ofDays(1).toMillis()));
    }

    private ResultActions page() throws Exception {
        return mvc.perform(get("/admin/keys").with(by(administrator))).andExpect(status().isOk());
    }

    private ResultActions takeIn(byte[] message) throws Exception {
        return mvc.perform(multipart("/admin/keys/signed")
                .file(new MockMultipartFile("file", "keys-new.gb1", "application/octet-stream", message))
                .with(by(administrator)));
    }

    private byte[] ceremony(Path sealed, String word, String... options) throws Exception {
        return Files.readAllBytes(ceremonyFrom(current(), sealed, word, options));
    }

    private Path ceremonyFrom(Path current, Path sealed, String word, String... options) throws Exception {
        var out = directory.resolve("keys-new.gb1");
        Safe.ceremony(clock, sealed, word, current, out, options);
        return out;
    }

    private String ceremonyText(String... options) throws Exception {
        return Safe.ceremony(
                clock,
                server.dataPath().resolve("keys").resolve("roots.sealed"),
                passphrase,
                current(),
                directory.resolve("keys-new.gb1"),
                options);
    }

    private static String wordOf(String text) {
        return text.lines()
                .filter(line -> line.contains("once: "))
                .map(line -> line.substring(line.indexOf("once: ") + 6).strip())
                .findFirst()
                .orElseThrow();
    }

    private Path current() {
        return server.dataPath().resolve("keys").resolve("keys.gb1");
    }
}
