package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;
import vn.loalang.area.ServerSettings;
import vn.loalang.area.SqlTime;
import vn.loalang.protocol.Admission;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.DeviceState;
import vn.loalang.protocol.DeviceTime;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.Welcome;

/** New roots for old boxes and for new claim files, and the warning before keys and settings expire. */
@AutoConfigureMockMvc
@TestPropertySource(
        properties =
                "spring.datasource.url=jdbc:h2:mem:roots;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH")
@DirtiesContext
class RootChangeTest extends DeliveryTestBase {
    private static String passphrase;

    @DynamicPropertySource
    static void keysMadeBefore(DynamicPropertyRegistry registry) throws IOException {
        passphrase = Safe.keysMadeBefore(registry, "roots");
    }

    @Autowired
    MockMvc mvc;

    @Autowired
    TestPeople people;

    @Autowired
    SignedDocuments signed;

    @Autowired
    ServerSettings server;

    @TempDir
    Path directory;

    @Test
    void aBoxThatMissedSeveralChangesOfRootsGetsThemInOrderAndNewClaimFilesPinTheNewest() throws Exception {
        var pole = aPole();
        var away = new TestDevice();
        devices.add(away);
        fleet.registerUnit(new vn.loalang.fleet.NewUnit(away.id(), "LC1", "r1"));
        fleet.assign(away.id(), pole);
        var oldClaim = claims.forController(pole);
        away.claim(oldClaim);
        settled(pole);
        var first = current();
        assertThat(roots(oldClaim)).containsExactly("r1", "r2", "r3");

        var sealed = server.dataPath().resolve("keys").resolve("roots.sealed");
        var second = directory.resolve("second.sealed");
        var secondWord = ceremony(sealed, passphrase, "--new-roots", second.toString());
        assertThat(roots(claims.forController(pole)))
                .as("the newest document is still signed by the old ones")
                .containsExactly("r1", "r2", "r3");
        var third = directory.resolve("third.sealed");
        var thirdWord = ceremony(second, secondWord, "--new-roots", third.toString());
        assertThat(roots(claims.forController(pole))).containsExactly("r4", "r5", "r6");
        assertThat(RootFile.open(third, thirdWord).orElseThrow())
                .as("the firmware key moves along")
                .extracting(key -> key.kid().value())
                .containsExactly("r7", "r8", "r9", "f1");
        var officer = SigningKey.generate(new Kid("x1"), new SecureRandom());
        ceremony(third, thirdWord, "--add", "x1:now::89:" + officer.publicKey().b64u());
        var freshClaim = claims.forController(pole);
        assertThat(roots(freshClaim)).containsExactly("r7", "r8", "r9");

        // The old box with a fresh password, as it stood before all of this.
        away.mark(Row.KEYS, first.head().seq());
        var state = judge(oldClaim, away);
        away.claim(withRoots(freshClaim, oldClaim));
        away.connect(broker.plainPort());
        away.await(Welcome.class);
        var told = new ArrayList<String>();
        for (var message : away.messages()) {
            var document = Document.inMessage(message);
            // The broker repeats the newest on its topic; of the answers none came too early.
            if (document instanceof Keys set && !told.contains(name(set))) {
                told.add(name(set));
            }
        }
        assertThat(told).filteredOn(name -> !name.equals("-")).containsExactly("r4 r5 r6", "r7 r8 r9");
        var after = after(state, away.messages());
        assertThat(after.set().seq()).isEqualTo(current().head().seq());
        assertThat(after.accepted()).isGreaterThanOrEqualTo(3);

        // A new box has never heard of the old roots and needs none of what they signed.
        var otherPole = aPole();
        var fresh = aBoxOn(otherPole);
        var its = claims.forController(otherPole);
        fresh.claim(its).connect(broker.plainPort());
        fresh.await(Welcome.class);
        var newest = after(judge(its, fresh), fresh.messages());
        assertThat(newest.set().seq()).isEqualTo(current().head().seq());
    }

    @Test
    void sixtyDaysBeforeAKeyOrASettingExpiresThePageSaysSo() throws Exception {
        var administrator = people.everywhere(Role.ADMINISTRATOR);
        var pole = aPole();
        var box = aBoxOn(pole);
        var exp = Instant.ofEpochMilli(current().keys().get(0).exp());
        for (var days : List.of(61, 59, -1)) {
            clock.shift(Duration.between(Instant.now(), exp.minus(Duration.ofDays(days))));
            mvc.perform(get("/admin/keys").with(by(administrator)))
                    .andExpect(status().isOk())
                    .andExpect(content()
                            .string(
                                    days == 59
                                            ? containsString("sắp hết hạn</span>")
                                            : not(containsString("sắp hết hạn</span>"))))
                    .andExpect(content()
                            .string(
                                    days < 0
                                            ? containsString("status bad\">hết hạn")
                                            : not(containsString("status bad\">hết hạn"))));
        }
        clock.shift(Duration.ZERO);
        for (var days : List.of(239, 241)) {
            jdbc.sql("update delivery_document set issued_at = :at where row_name = 'site' and unit_id = :unit")
                    .param("at", SqlTime.of(Instant.now().minus(Duration.ofDays(days))))
                    .param("unit", box.id().value())
                    .update();
            mvc.perform(get("/admin/keys").with(by(administrator)))
                    .andExpect(content()
                            .string(
                                    days > 240
                                            ? containsString("1 cụm loa có cài đặt an toàn sắp hết hạn")
                                            : not(containsString("cụm loa có cài đặt an toàn sắp hết hạn"))));
        }
    }

    /** What a box makes of messages: how many keys it has accepted, and which it has now. */
    private record After(int accepted, Document current) {
        vn.loalang.protocol.Head set() {
            return current.head();
        }
    }

    private DeviceState judge(byte[] claim, TestDevice device) {
        return DeviceState.claimed(
                        device.id(), ClaimFile.decode(claim), 0, new JournalId("test"), Limits.DEVICE_MESSAGE)
                .onBench();
    }

    private After after(DeviceState before, List<byte[]> messages) throws IOException {
        var state = before;
        var accepted = 0;
        Document set = null;
        for (var message : messages) {
            var document = Document.inMessage(message);
            if (document instanceof Keys
                    && Admission.admit(state, new DeviceTime(clock.millis(), Quality.T), 2, message)
                            instanceof Admission.Accepted taken) {
                state = taken.next().onBench();
                set = taken.document();
                accepted++;
            }
        }
        return new After(accepted, java.util.Objects.requireNonNull(set));
    }

    /** The new password with the roots the box has had since it was claimed. */
    private static byte[] withRoots(byte[] fresh, byte[] old) {
        var now = ClaimFile.decode(fresh);
        return new ClaimFile(
                        now.sys(),
                        now.id(),
                        now.t(),
                        ClaimFile.decode(old).roots(),
                        now.ca(),
                        now.broker(),
                        now.cred(),
                        now.apn(),
                        now.pin())
                .encode();
    }

    private static String name(Keys set) {
        var roots = set.roots();
        return roots == null
                ? "-"
                : String.join(
                        " ", roots.stream().map(root -> root.kid().value()).toList());
    }

    private static List<String> roots(byte[] claim) {
        return ClaimFile.decode(claim).roots().stream()
                .map(root -> root.kid().value())
                .toList();
    }

    private Keys current() throws IOException {
        return (Keys) Document.inMessage(
                Files.readAllBytes(server.dataPath().resolve("keys").resolve("keys.gb1")));
    }

    /** Signs a changed key document, takes it in, and returns the passphrase of the new roots, if any. */
    private String ceremony(Path sealed, String passphrase, String... options) throws Exception {
        var out = directory.resolve("keys-new.gb1");
        var current = server.dataPath().resolve("keys").resolve("keys.gb1");
        var text = Safe.ceremony(clock, sealed, passphrase, current, out, options);
        signed.accept(Files.readAllBytes(out));
        return text.lines()
                .filter(line -> line.contains("once: "))
                .map(line -> line.substring(line.indexOf("once: ") + 6).strip())
                .findFirst()
                .orElse("");
    }
}
