package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.PublicKey;
import vn.loalang.protocol.Quorum;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.Step;
import vn.loalang.protocol.SystemId;

/** Officers' keys and the commands {@code officer-key} and {@code sign}, without a server. */
class SignCommandTest {
    private static final Instant NOW = Instant.parse("2026-11-22T01:00:00Z");
    private static final SystemId SYS = new SystemId("test");
    private static final AreaPath COMMUNE = new AreaPath("37.14329");
    private static final AreaPath VILLAGE = new AreaPath("37.14329.1");

    @TempDir
    Path home;

    private final AtomicReference<String> safe = new AtomicReference<>();
    private Path keys;
    private Officer village;
    private Officer second;
    private Officer settings;

    @BeforeEach
    void theRootsListThreeOfficers() throws Exception {
        KeyStore.create(home.resolve("keys"), SYS, NOW, safe::set);
        village = new Officer(home, "x1", "--area", COMMUNE.value(), "--pri", "89");
        second = new Officer(home, "x2", "--pri", "95");
        settings = new Officer(home, "s2", "--use", "site");
        keys = ceremony("--quorum", "1,2", "--add", village.add(), "--add", second.add(), "--add", settings.add());
    }

    @Test
    void hisKeyLiesSealedInAFileThatOnlyHeMayReadAndIsNeverWrittenOver() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(village.sealed())))
                .isEqualTo("rw-------");
        var key = RootFile.open(village.sealed(), Files.readString(village.passphrase()))
                .orElseThrow()
                .get(0);
        assertThat(village.add())
                .isEqualTo("x1:now:37.14329:89:" + key.publicKey().b64u());
        assertThat(officerKey("--kid", "x1", "--sealed", village.sealed().toString(), "--pri", "89"))
                .contains("exists already");
        assertThat(officerKey("--kid", "r9", "--sealed", "target/never", "--pri", "89"))
                .contains("reserved");
        assertThat(officerKey("--kid", "x9", "--sealed", "target/never", "--pri", "70"))
                .contains("80–99");
        assertThat(officerKey("--kid", "x9", "--sealed", "target/never", "--use", "plan"))
                .contains("now, site, akeys");
    }

    @Test
    void heReadsInTwoLanguagesWhatHeSignsAndBoxesTakeIt() throws Exception {
        var payload =
                order("x1", Scope.of(VILLAGE), NOW, 85, OrderStatus.ACTUAL).payload();
        var offer = offer(Scope.of(VILLAGE), "Lũ quét\u001b[2J\u202e", "Thôn Một", payload);
        var said = village.reads(at(0), keys, "", Optional.of("ký\n"), offer.toString());
        assertThat(said.code()).as(said.text()).isZero();
        assertThat(said.text())
                .contains("LỆNH KHẨN CẤP THẬT / REAL EMERGENCY ORDER")
                .contains("abc “Lũ quét?[2J?”")
                .contains("a/37.14329.1 (Thôn Một)")
                .contains("còi hú / wail 3×8 s")
                .contains("(10 min)")
                .doesNotContain("ANOTHER officer");
        var message = said.only();
        assertThat(Envelope.parse(message).payload().toArray()).isEqualTo(payload);
        assertThat(new BoxJudge(List.of(Files.readAllBytes(keys))).isComplete(message, NOW))
                .isTrue();
        assertThat(said.files().get(0).getFileName().toString()).endsWith("-x1.gb1");
    }

    @Test
    void aDrillAndAnAllClearAreCalledSo() throws Exception {
        var drill = order("x1", Scope.of(VILLAGE), NOW, 85, OrderStatus.EXERCISE);
        assertThat(village.signs(at(0), keys, file(drill.payload())).text())
                .contains("DIỄN TẬP / order for a DRILL")
                .doesNotContain("REAL");
        assertThat(village.signs(at(0), keys, file(clear("x1", NOW).payload())).text())
                .contains("BÁO YÊN / ALL-CLEAR")
                .contains("ends every order there");
    }

    @Test
    void withoutHisConsentNothingIsWritten() throws Exception {
        var file =
                file(order("x1", Scope.of(VILLAGE), NOW, 85, OrderStatus.ACTUAL).payload());
        for (var answer : List.of(Optional.<String>empty(), Optional.of(""), Optional.of("y"))) {
            var said = village.reads(at(0), keys, "", answer, file);
            assertThat(said.code()).isOne();
            assertThat(said.files()).isEmpty();
            assertThat(said.text()).contains("not signed");
        }
    }

    /** [SRV-5b]. */
    @Test
    void hisClockIsWithinAMinuteOfTheServersOrNothingIsSignedButAnAllClear() throws Exception {
        var order =
                file(order("x1", Scope.of(VILLAGE), NOW, 85, OrderStatus.ACTUAL).payload());
        for (var seconds : List.of(-60, 0, 60)) {
            assertThat(village.signs(at(seconds), keys, order).code())
                    .as("%d s", seconds)
                    .isZero();
        }
        for (var seconds : List.of(-61, 61, 3600)) {
            var said = village.signs(at(seconds), keys, order);
            assertThat(said.code()).as("%d s", seconds).isOne();
            assertThat(said.files()).isEmpty();
            assertThat(said.text()).contains("allowed are 60 s", "iat", String.valueOf(seconds));
        }
        var clear = village.signs(at(-3600), keys, file(clear("x1", NOW).payload()));
        assertThat(clear.code()).as(clear.text()).isZero();
        assertThat(clear.text()).contains("allowed are 60 s");

        // Older documents are signed by whoever shows what the server's clock says now.
        assertThat(village.signs(at(300), keys, order, "--server-time", "Sun, 22 Nov 2026 01:05:30 GMT")
                        .code())
                .isZero();
        assertThat(village.signs(at(300), keys, order, "--server-time", "2026-11-22T01:06:30Z")
                        .code())
                .isOne();
        var ahead = order("x1", Scope.of(VILLAGE), NOW.plusSeconds(300), 85, OrderStatus.ACTUAL);
        assertThat(village.signs(at(0), keys, file(ahead.payload()), "--server-time", "2026-11-22T01:00:00Z")
                        .text())
                .contains("allowed are 60 s");
        assertThat(village.signs(at(300), keys, order, "--server-time", "ten past eight")
                        .text())
                .contains("--server-time");
        assertThat(village.signs(at(600), keys, order, "--server-time", "2026-11-22T01:10:00Z")
                        .text())
                .contains("act[].until", "the order is over");
    }

    @Test
    void aWideOrderNeedsASecondOfficerWhoAddsHisSignature() throws Exception {
        var wide = order("x2", Scope.of(new AreaPath("37")), NOW, 85, OrderStatus.ACTUAL);
        var first = second.signs(at(0), keys, file(wide.payload()));
        assertThat(first.code()).as(first.text()).isZero();
        assertThat(first.text()).contains("ANOTHER officer has to sign");
        assertThat(first.files().get(0).toString()).endsWith("-x2.half.gb1");
        assertThat(second.signs(at(5), keys, first.files().get(0).toString()).text())
                .contains("E_POL");

        var other = new Officer(home, "x3", "--pri", "99");
        var listed = ceremony("--quorum", "1,2", "--add", second.add(), "--add", other.add());
        var both = other.signs(at(30), listed, first.files().get(0).getParent().toString());
        assertThat(both.code()).as(both.text()).isZero();
        assertThat(both.text()).contains("the second one").doesNotContain("ANOTHER officer");
        assertThat(Envelope.parse(both.only()).lines()).hasSize(2);
        assertThat(new BoxJudge(List.of(Files.readAllBytes(listed))).isComplete(both.only(), NOW))
                .isTrue();
        assertThat(other.signs(at(30), listed, both.files().get(0).toString()).text())
                .contains("has all signatures it needs", "nothing left to sign");
    }

    @Test
    void whatHisKeyMayNotSignIsRefusedAndNothingIsWritten() throws Exception {
        refused(
                village,
                order("x1", Scope.of(new AreaPath("37.15")), NOW, 85, OrderStatus.TEST),
                "no right over a/37.15");
        refused(village, order("x1", Scope.of(VILLAGE), NOW, 90, OrderStatus.TEST), "pri");
        refused(village, order("x2", Scope.of(VILLAGE), NOW, 85, OrderStatus.TEST), "x2", "by=x1");
        refused(village, site(), "may not sign site");
        refused(settings, order("s2", Scope.of(VILLAGE), NOW, 85, OrderStatus.TEST), "may not sign now");
        var foreign = new Now(
                new Head(new SystemId("other"), Scope.of(VILLAGE), NOW.toEpochMilli(), NOW.toEpochMilli(), end(NOW)),
                new Kid("x1"),
                List.of(),
                List.of("*"),
                List.of());
        refused(village, foreign, "another deployment");
        refused(
                village,
                Keys.of(
                        new Head(SYS, Scope.ALL, NOW.toEpochMilli(), NOW.toEpochMilli(), end(NOW)),
                        List.of(),
                        new Quorum(1, 1)),
                "roots");
        // One good document beside a bad one: neither is written.
        var said = village.signs(
                at(0),
                keys,
                file(order("x1", Scope.of(VILLAGE), NOW, 85, OrderStatus.TEST).payload()),
                file(site().payload()));
        assertThat(said.code()).isOne();
        assertThat(said.files()).isEmpty();
    }

    @Test
    void settingsAndKeysOfAnAreaAreSignedToo() throws Exception {
        var said = settings.signs(at(0), keys, file(site().payload()));
        assertThat(said.code()).as(said.text()).isZero();
        assertThat(said.text()).contains("Cài đặt an toàn / safety settings", "21:30–04:45", "37.14329");

        var delegating = new Officer(home, "k1", "--use", "akeys", "--area", COMMUNE.value(), "--pri", "89");
        var local = new Officer(home, "x5", "--area", VILLAGE.value(), "--pri", "85");
        keys = ceremony("--add", delegating.add());
        var now = NOW.toEpochMilli();
        var list = Keys.of(
                new Head(SYS, Scope.of(COMMUNE), now, now, end(NOW)),
                List.of(KeyEntry.emergency(
                        new Kid("x5"),
                        publicKey(local),
                        VILLAGE,
                        85,
                        now,
                        now + Duration.ofDays(365).toMillis())),
                null);
        var delegated = delegating.signs(at(0), keys, file(list.payload()));
        assertThat(delegated.code()).as(delegated.text()).isZero();
        assertThat(delegated.text()).contains("keys of an area", "x5 now", "37.14329.1");

        var order =
                file(order("x5", Scope.of(VILLAGE), NOW, 85, OrderStatus.TEST).payload());
        assertThat(local.signs(at(0), keys, order).text()).contains("does not list x5");
        var byLocal = local.signs(
                at(0), keys, order, "--keys", delegated.files().get(0).toString());
        assertThat(byLocal.code()).as(byLocal.text()).isZero();
    }

    @Test
    void anOrderToOneBoxIsJudgedAsFarAsTheKeyReaches() throws Exception {
        var box = order("x1", Scope.of(new DeviceId("AAAAAAAAAAAAAAAB")), NOW, 85, OrderStatus.TEST);
        var said =
                village.reads(at(0), keys, new String(box.payload(), StandardCharsets.UTF_8), Optional.of("sign"), "-");
        assertThat(said.code()).as(said.text()).isZero();
        assertThat(said.only()).isNotEmpty();
    }

    @Test
    void wrongFilesAreRefusedNamingFieldAndLimit() throws Exception {
        var good =
                file(order("x1", Scope.of(VILLAGE), NOW, 85, OrderStatus.TEST).payload());
        assertThat(village.signs(at(0), keys, home.resolve("nowhere").toString())
                        .text())
                .contains("no such file");
        assertThat(village.signs(at(0), keys, file(new byte[0])).text()).contains("empty");
        assertThat(village.signs(at(0), keys, file("{\"detail\":\"no\"}".getBytes(StandardCharsets.UTF_8)))
                        .text())
                .contains("neither a document nor an answer");
        assertThat(village.signs(at(0), keys, file("{\"v\":1,\"typ\":\"now\"}".getBytes(StandardCharsets.UTF_8)))
                        .text())
                .contains("E_");
        assertThat(village.signs(at(0), keys, file(new byte[33_000_000])).text())
                .contains("longer than 32000000 bytes");
        var long1 = "{\"typ\":\"now\",\"x\":\"" + "a".repeat(17_000) + "\"}";
        assertThat(village.signs(at(0), keys, file(long1.getBytes(StandardCharsets.UTF_8)))
                        .text())
                .contains("longer than 16384 bytes");
        assertThat(village.signs(at(0), file(site().payload(), "site.gb1"), good)
                        .text())
                .contains("E_FMT");
        assertThat(village.signs(at(0), Path.of(good), good).code()).isOne();
        Files.writeString(village.passphrase(), "AAAAA");
        assertThat(village.signs(at(0), keys, good).text()).contains("wrong passphrase");
        Files.writeString(village.passphrase(), "A".repeat(1_001));
        assertThat(village.signs(at(0), keys, good).text()).contains("longer than 1000 bytes");
        assertThat(second.signs(at(0), keys, good, "--kid", "x9").text()).contains("--kid", "[x2]");
    }

    private void refused(Officer officer, Document document, String... words) throws Exception {
        var said = officer.signs(at(0), keys, file(document.payload()));
        assertThat(said.code()).as(said.text()).isOne();
        assertThat(said.files()).isEmpty();
        assertThat(said.text()).contains(words);
    }

    private String officerKey(String... arguments) {
        var text = new StringWriter();
        assertThat(new CommandLine(new OfficerKeyCommand(new PrintWriter(text))).execute(arguments))
                .isOne();
        return text.toString();
    }

    private static Clock at(int seconds) {
        return Clock.fixed(NOW.plusSeconds(seconds), ZoneOffset.UTC);
    }

    private static long end(Instant from) {
        return from.plus(Duration.ofHours(1)).toEpochMilli();
    }

    private static Now order(String by, Scope to, Instant at, int pri, OrderStatus status) {
        var now = at.toEpochMilli();
        return Now.of(
                new Head(SYS, to, now, now, end(at)),
                new Kid(by),
                List.of(Entry.of(
                        new Sid("abc"),
                        status,
                        pri,
                        now,
                        at.plus(Duration.ofMinutes(10)).toEpochMilli(),
                        List.of(new Step.Tone(Step.Pattern.WAIL, 3, 8, 3)))));
    }

    private static Now clear(String by, Instant at) {
        return Now.allClear(
                new Head(SYS, Scope.of(VILLAGE), at.toEpochMilli(), at.toEpochMilli(), end(at)), new Kid(by));
    }

    private static Site site() {
        var now = NOW.toEpochMilli();
        return Site.withDefaults(
                new Head(SYS, Scope.of(new DeviceId("AAAAAAAAAAAAAAAB")), now, now, end(NOW)), List.of(COMMUNE));
    }

    private static PublicKey publicKey(Officer officer) {
        return PublicKey.parse(officer.add().substring(officer.add().lastIndexOf(':') + 1));
    }

    private String file(byte[] content) throws Exception {
        return file(content, "document.json").toString();
    }

    private Path file(byte[] content, String name) throws Exception {
        return Files.write(Files.createTempDirectory(home, "from").resolve(name), content);
    }

    private Path offer(Scope scope, String title, String place, byte[] payload) throws Exception {
        var json = JsonMapper.shared()
                .writeValueAsBytes(new SignedEndpoint.Offer(
                        "abc",
                        title,
                        Map.of(scope.wire(), place),
                        Map.of(scope.wire(), new String(payload, StandardCharsets.UTF_8))));
        return file(json, "offer.json");
    }

    /** The roots change the list of keys. */
    private Path ceremony(String... options) throws Exception {
        var folder = home.resolve("keys");
        var out = Files.createTempDirectory(home, "safe").resolve("keys.gb1");
        Safe.ceremony(at(0), folder.resolve("roots.sealed"), safe.get(), folder.resolve("keys.gb1"), out, options);
        return out;
    }
}
