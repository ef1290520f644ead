package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import vn.loalang.protocol.Admission;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.DeviceState;
import vn.loalang.protocol.DeviceTime;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.RootKey;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.SystemId;
import vn.loalang.protocol.Use;

/** The commands {@code keys} and {@code area-keys}, without a server. */
class KeysCommandTest {
    private static final Instant NOW = Instant.parse("2026-11-22T01:00:00Z");
    private static final Duration THREE_YEARS = Duration.ofDays(3 * 365);
    private static final AreaPath COMMUNE = new AreaPath("37.14329");

    @TempDir
    Path home;

    private final AtomicReference<String> safe = new AtomicReference<>();
    private Path first;

    @BeforeEach
    void aDeployment() {
        KeyStore.create(home.resolve("keys"), new SystemId("test"), NOW, safe::set);
        first = home.resolve("keys").resolve("keys.gb1");
    }

    @Test
    void aLeaderMayEndWhatHeMayNotStart() throws Exception {
        var leader = new Officer(home, "x1", "--area", COMMUNE.value(), "--pri", "82/89");
        assertThat(leader.add()).startsWith("x1:now:37.14329:82/89:");
        var keeper = new Officer(home, "k1", "--use", "akeys", "--area", "37", "--pri", "89/95");
        var list = changed(first, 0, "--add", leader.add(), "--add", keeper.add());
        assertThat(entry(list, "x1")).extracting(KeyEntry::pri, KeyEntry::cpri).containsExactly(82, 89);
        assertThat(entry(list, "k1")).extracting(KeyEntry::pri, KeyEntry::cpri).containsExactly(89, 95);
        assertThat(entry(list, "k1").use()).containsExactly(Use.AKEYS);
        var usual = new Officer(home, "x2", "--area", COMMUNE.value(), "--pri", "85");
        assertThat(entry(changed(first, 0, "--add", usual.add()), "x2"))
                .extracting(KeyEntry::pri, KeyEntry::cpri)
                .containsExactly(85, 85);
        // One who may end and start nothing.
        assertThat(new Officer(home, "x3", "--pri", "0/89").add()).startsWith("x3:now::0/89:");
    }

    @Test
    void aKeyForSettingsOfOneAreaIsNotForAllOfThem() throws Exception {
        var key = new Officer(home, "s2", "--use", "site", "--area", COMMUNE.value());
        assertThat(entry(changed(first, 0, "--add", key.add()), "s2").area()).isEqualTo(COMMUNE);
    }

    @Test
    void whatIsTypedWrongIsNamedWithItsRangeAndNothingIsWritten() throws Exception {
        var x = SigningKey.generate(new Kid("x1"), new SecureRandom())
                .publicKey()
                .b64u();
        refused(List.of("--add", "x1:now:37:100:" + x), "--add pri: 0–99", "“100”");
        refused(List.of("--add", "x1:now:37:82/x:" + x), "--add cpri: 0–99", "“x”");
        refused(List.of("--add", "x1:now:37:/89:" + x), "--add pri: 0–99");
        refused(List.of("--add", "s2:site::0/9:" + x), "s2 cpri", "now and akeys keys only");
        refused(List.of("--add", "p2:online:37:69:" + x), "p2 area", "whole deployment");
        refused(List.of("--add", "x1:siren:37:82:" + x), "--add use: online, site, now, akeys, fw");
        refused(List.of("--add", "X1:now:37:82:" + x), "--add kid “X1”");
        refused(List.of("--add", "x1:now:3-7:82:" + x), "--add area “3-7”");
        refused(List.of("--add", "x1:now:37:82:AAAA"), "--add x “AAAA”");
        refused(List.of("--add", "x1:now:37:82"), "--add kid:use:area:pri[/cpri]:x");
        refused(List.of("--drop", "e7"), "--drop e7", "p1 s1 e1 f1");
        refused(List.of("--quorum", "1"), "--quorum depth,n: depth 0–24, n 1–2");
        refused(List.of("--quorum", "25,2"), "--quorum");
        refused(List.of("--reset-to", "yesterday"), "--reset-to: 2026-11-23T01:02:03Z");
        refused(List.of("--reset-to", "2026-11-22T01:00:01Z"), "--reset-to", "not in the future");
    }

    @Test
    void theCurrentListIsReadOnlyAsFarAsOneMayBeLong() throws Exception {
        var vast = Files.write(home.resolve("vast"), new byte[20_001]);
        assertThat(ask(vast, 0).text()).contains("longer than 20000 bytes");
        assertThat(ask(home.resolve("nowhere"), 0).text()).contains("no such file");
        var order = Files.write(
                home.resolve("order"),
                Envelope.compose(
                        List.of(SigningKey.generate(new Kid("k1"), new SecureRandom())),
                        Keys.of(
                                new vn.loalang.protocol.Head(
                                        new SystemId("test"),
                                        Scope.of(COMMUNE),
                                        NOW.toEpochMilli(),
                                        NOW.toEpochMilli(),
                                        NOW.toEpochMilli()),
                                List.of(),
                                null)));
        assertThat(ask(order, 0).text()).contains("--current", "the list of an area");
    }

    @Test
    void aListThatIsFullSaysWhereTheCommunesKeysBelong() throws Exception {
        var options = new ArrayList<String>();
        for (var i = 0; i < Limits.KEYS - 3; i++) {
            options.add("--add");
            options.add("x" + i + ":now:37.14329:89:"
                    + SigningKey.generate(new Kid("x1"), new SecureRandom())
                            .publicKey()
                            .b64u());
        }
        var full = ask(first, 0, options.toArray(new String[0]));
        assertThat(full.code()).isOne();
        assertThat(full.text()).contains("33", "at most 32", "area-keys", "--drop", "[KEY-7b]");
        assertThatThrownBy(() -> KeyChanges.fits(new byte[Limits.AREA_MESSAGE + 1], ""))
                .hasMessageContaining("8001 byte, nhiều nhất / bytes, at most 8000");
    }

    @Test
    void newRootsAreNotWrittenOverOthersNorBeforeTheListIsRight() throws Exception {
        var roots = home.resolve("roots2.sealed");
        assertThat(ask(first, 0, "--new-roots", roots.toString(), "--drop", "e7")
                        .code())
                .isOne();
        assertThat(roots).doesNotExist();
        changed(first, 0, "--new-roots", roots.toString());
        assertThat(roots).exists();
        assertThat(ask(first, 0, "--new-roots", roots.toString()).text()).contains("exists already");
    }

    /** [TIM-5]. */
    @Test
    void aRecoveryCountsUpAndEveryLaterListCarriesItOn() throws Exception {
        var ahead = Math.toIntExact(THREE_YEARS.toSeconds());
        var poisoned = write("poisoned", changed(first, ahead, "--quorum", "1,1"));
        var stuck = ask(poisoned, 0);
        assertThat(stuck.code()).isOne();
        assertThat(stuck.text()).contains("--current seq", "25 h", "--reset-to");

        var right = NOW.minusSeconds(60);
        var recovery = changed(poisoned, 0, "--reset-to", right.toString());
        assertThat(keys(recovery).rst()).isEqualTo(new Keys.Rst(1, right.toEpochMilli()));
        assertThat(keys(recovery).head().seq()).isEqualTo(NOW.toEpochMilli());
        var later = changed(write("recovery", recovery), 10, "--quorum", "1,2");
        assertThat(keys(later).rst()).isEqualTo(keys(recovery).rst());
        assertThat(keys(later).head().seq()).isEqualTo(NOW.plusSeconds(10).toEpochMilli());
        var again = changed(write("later", later), 20, "--reset-to", "2026-11-22T08:00:05+07:00");
        assertThat(keys(again).rst())
                .isEqualTo(new Keys.Rst(2, NOW.plusSeconds(5).toEpochMilli()));
    }

    @Test
    void keysThatWereListedUnderTheWrongClockMaySignAfterTheRecovery() throws Exception {
        var ahead = Math.toIntExact(THREE_YEARS.toSeconds());
        var officer = new Officer(home, "x1", "--pri", "89");
        var poisoned = write("poisoned", changed(first, ahead, "--add", officer.add()));
        var recovery = changed(poisoned, 0, "--reset-to", NOW.toString());
        assertThat(entry(recovery, "x1").nbf()).isLessThan(NOW.toEpochMilli());
        assertThat(entry(recovery, "p1").nbf())
                .isEqualTo(entry(Files.readAllBytes(first), "p1").nbf());
    }

    @Test
    void whoKeepsAnAreasKeysListsThemWithoutTheRoots() throws Exception {
        var keeper = new Officer(home, "k1", "--use", "akeys", "--area", "37", "--pri", "89/95");
        var local = new Officer(home, "x5", "--area", "37.14329", "--pri", "82/89");
        var settings = new Officer(home, "s5", "--use", "site", "--area", "37.14329");
        var list = write("keys-new", changed(first, 0, "--quorum", "1,1", "--add", keeper.add()));
        var said = keeper.lists(at(0), list, "--area", "37.14329", "--add", local.add(), "--add", settings.add());
        assertThat(said.code()).as(said.text()).isZero();
        assertThat(said.text())
                .contains("keys of an area", "a/37.14329", "x5 now", "priority ≤ 82 (báo yên / clears ≤ 89)", "s5 site")
                .contains("compare this computer's clock")
                .doesNotContain("ANOTHER officer");
        assertThat(said.files().get(0).getFileName()).hasToString("keys-a_37.14329-" + NOW.toEpochMilli() + "-k1.gb1");

        // The next list begins with what the last one held.
        var next = keeper.lists(
                at(60),
                list,
                "--area",
                "37.14329",
                "--current",
                said.files().get(0).toString(),
                "--drop",
                "s5");
        assertThat(next.code()).as(next.text()).isZero();
        assertThat(keys(next.only()).keys())
                .extracting(key -> key.kid().value())
                .containsExactly("x5");
        assertThat(keys(next.only()).head().seq()).isEqualTo(NOW.plusSeconds(60).toEpochMilli());
        assertThat(new BoxJudge(List.of(Files.readAllBytes(list))).isComplete(next.only(), NOW.plusSeconds(60)))
                .isTrue();
    }

    @Test
    void aListOfAWideAreaWaitsForTheSecondWhoKeepsItsKeys() throws Exception {
        var one = new Officer(home, "k1", "--use", "akeys", "--area", "37", "--pri", "89");
        var two = new Officer(home, "k2", "--use", "akeys", "--area", "37", "--pri", "89");
        var local = new Officer(home, "x5", "--area", "37.14329", "--pri", "82");
        var list = write("keys-new", changed(first, 0, "--quorum", "1,2", "--add", one.add(), "--add", two.add()));
        var half = one.lists(at(0), list, "--area", "37.14329", "--add", local.add());
        assertThat(half.code()).as(half.text()).isZero();
        assertThat(half.text()).contains("ANOTHER officer has to sign");
        assertThat(half.files().get(0).toString()).endsWith("-k1.half.gb1");
        var both = two.signs(at(30), list, half.files().get(0).toString());
        assertThat(both.code()).as(both.text()).isZero();
        assertThat(both.text())
                .contains("keys of an area", "may order emergencies", "x5 now", "37.14329", "the second one")
                .doesNotContain("ANOTHER officer");
        assertThat(both.files().get(0).toString()).endsWith("-k2.gb1");
        assertThat(Envelope.parse(both.only()).lines()).hasSize(2);
        assertThat(two.signs(at(3600), list, half.files().get(0).toString()).text())
                .contains("--server-time");
    }

    /** [KEY-4c] [KEY-7]. */
    @Test
    void whatBoxesWouldRefuseOrIgnoreIsNotListed() throws Exception {
        var keeper = new Officer(home, "k1", "--use", "akeys", "--area", "37.14329", "--pri", "85/89");
        var known = new Officer(home, "x1", "--area", "37.14329", "--pri", "85");
        var list = write(
                "keys-new",
                changed(first, 0, "--quorum", "1,1", "--add", keeper.add(), "--add", known.add(), "--bad", "x8"));
        var local = new Officer(home, "x5", "--area", "37.14329.1", "--pri", "85");
        notListed(keeper, list, "37", local.add(), "no right over a/37");
        notListed(keeper, list, "37.14329.2", local.add(), "x5 area", "outside 37.14329.2");
        notListed(keeper, list, "", local.add(), "--area: 37.14329");
        notListed(
                keeper, list, "37.14329", local.add().replace(":85:", ":86:"), "E_POL", "beyond what may be delegated");
        notListed(keeper, list, "37.14329", local.add().replace(":85:", ":85/90:"), "E_POL", "beyond what may be");
        notListed(keeper, list, "37.14329", known.add(), "x1", "listed nearer the root", "[KEY-7]");
        notListed(keeper, list, "37.14329", local.add().replace("x5:", "x8:"), "x8", "compromised");
        notListed(keeper, list, "37.14329", local.add().replace(":now:", ":akeys:"), "now and site only");
        notListed(keeper, list, "37.14329", "x5:now:37.14329.1:85", "--add kid:use:area:pri[/cpri]:x");
        var other = keeper.lists(at(0), list, "--area", "37.14329", "--current", first.toString());
        assertThat(other.text()).contains("--current", "is the list of *");
        var slow = keeper.lists(at(90), list, "--area", "37.14329", "--server-time", "2026-11-22T01:00:00Z");
        assertThat(slow.code()).isOne();
        assertThat(slow.text()).contains("90 s off the server's");
        assertThat(keeper.lists(at(50), list, "--area", "37.14329", "--server-time", "2026-11-22T01:00:00Z")
                        .code())
                .isZero();
        assertThat(known.lists(at(0), list, "--area", "37.14329", "--add", local.add())
                        .text())
                .contains("x1 may not sign keys");
    }

    @Test
    void anAreasListFromUnderTheWrongClockIsWrittenAnewAfterTheRecovery() throws Exception {
        var ahead = Math.toIntExact(THREE_YEARS.toSeconds());
        var keeper = new Officer(home, "k1", "--use", "akeys", "--area", "37.14329", "--pri", "89");
        var local = new Officer(home, "x5", "--area", "37.14329", "--pri", "85");
        var list = write("keys-new", changed(first, 0, "--quorum", "1,1", "--add", keeper.add()));
        var poisoned = keeper.lists(at(ahead), list, "--area", "37.14329", "--add", local.add());
        var current = poisoned.files().get(0).toString();
        var stuck = keeper.lists(at(0), list, "--area", "37.14329", "--current", current);
        assertThat(stuck.text()).contains("--current seq", "--reset-to");
        var recovery = write("recovery", changed(list, 10, "--reset-to", NOW.toString()));
        var anew = keeper.lists(at(20), recovery, "--area", "37.14329", "--current", current);
        assertThat(anew.code()).as(anew.text()).isZero();
        assertThat(keys(anew.only()).head().seq()).isEqualTo(NOW.plusSeconds(20).toEpochMilli());
        assertThat(entry(anew.only(), "x5").nbf()).isLessThan(NOW.toEpochMilli());
    }

    /** [KEY-1] [KEY-1b], custody level L3. */
    @Test
    void peopleWhoKeepARootEachSignOneAfterTheOther() throws Exception {
        var safes = home.resolve("safes");
        var whole = home.resolve("keys").resolve("roots.sealed");
        var word = Files.writeString(home.resolve("word"), safe.get());
        var split = new StringWriter();
        var command = new CommandLine(new SplitRootsCommand(new PrintWriter(split)));
        var options = new String[] {
            "--sealed", whole.toString(), "--passphrase-file", word.toString(), "--out", safes.toString()
        };
        assertThat(command.execute(options)).as(split.toString()).isZero();
        assertThat(command.execute(options)).as("nothing is written over").isOne();
        var passphrases = Pattern.compile("/(\\w+)\\.sealed\\R.*: ([A-Z2-9-]+)\\R")
                .matcher(split.toString())
                .results()
                .collect(Collectors.toMap(one -> one.group(1), one -> one.group(2)));
        assertThat(passphrases).containsOnlyKeys("r1", "r2", "r3", "f1");

        var roots = KeyStore.load(home.resolve("keys")).roots();
        var box = after(claimed(roots), Files.readAllBytes(first));
        var officer = new Officer(home, "x1", "--pri", "89");
        var out = home.resolve("keys-new.gb1");
        var asked = Safe.asked(
                at(0),
                safes.resolve("r1.sealed"),
                passphrases.get("r1"),
                first,
                out,
                "--quorum",
                "1,2",
                "--add",
                officer.add());
        assertThat(asked.code()).as(asked.text()).isZero();
        assertThat(asked.text()).contains("keys-new.half.gb1", "ANOTHER root");
        assertThat(out).doesNotExist();
        var half = home.resolve("keys-new.half.gb1");
        assertThat(judged(box, Files.readAllBytes(half))).isInstanceOf(Admission.Refused.class);

        assertThat(second(safes, "r1", passphrases, half, Optional.of("KÝ")).text())
                .contains("another root than the one that has signed");
        assertThat(second(safes, "f1", passphrases, half, Optional.of("KÝ")).text())
                .contains("another root");
        assertThat(second(safes, "r3", passphrases, first, Optional.of("KÝ")).text())
                .contains("not a list of keys with the signature of one root");
        var hesitant = second(safes, "r3", passphrases, half, Optional.of("no"));
        assertThat(hesitant.code()).isOne();
        assertThat(hesitant.text())
                .contains("KEYS OF THE WHOLE DEPLOYMENT", "+ x1", "signatures 1 → 2")
                .doesNotContain("NEW ROOTS");
        assertThat(out).doesNotExist();
        var agreed = second(safes, "r3", passphrases, half, Optional.of("KÝ"));
        assertThat(agreed.code()).as(agreed.text()).isZero();
        var listed = after(box, Files.readAllBytes(out));
        assertThat(entry(Files.readAllBytes(out), "x1").pri()).isEqualTo(89);

        // Roots that three people have made take the place of the old ones, which two of them sign.
        var fresh = new ArrayList<String>();
        for (var kid : List.of("r4", "r5", "r6")) {
            fresh.add("--root");
            fresh.add(new Officer(home, kid, "--use", "root").root());
        }
        var current = write("current", Files.readAllBytes(out));
        Files.delete(out);
        var change = Safe.asked(
                at(60), safes.resolve("r1.sealed"), passphrases.get("r1"), current, out, fresh.toArray(new String[0]));
        assertThat(change.code()).as(change.text()).isZero();
        var words = second(safes, "r2", passphrases, half, Optional.of("ký"));
        assertThat(words.text()).contains("NEW ROOTS", "r4 x", "r6 x");
        assertThat(judged(listed, Files.readAllBytes(out))).isInstanceOf(Admission.Accepted.class);
        assertThat(Safe.asked(
                                at(60),
                                safes.resolve("r1.sealed"),
                                passphrases.get("r1"),
                                current,
                                out,
                                "--new-roots",
                                home.resolve("roots9").toString())
                        .text())
                .contains("officer-key --use root");
    }

    private Safe.Said second(Path safes, String kid, Map<String, String> words, Path half, Optional<String> answer)
            throws Exception {
        var text = new StringWriter();
        var code = new CommandLine(new KeysSecondCommand(new PrintWriter(text), question -> answer))
                .execute(
                        "--sealed",
                        safes.resolve(kid + ".sealed").toString(),
                        "--passphrase-file",
                        Files.writeString(home.resolve("word-" + kid), words.get(kid))
                                .toString(),
                        "--current",
                        first.toString(),
                        "--out",
                        home.resolve("keys-new.gb1").toString(),
                        half.toString());
        return new Safe.Said(code, text.toString());
    }

    /** A box that trusts these roots and has heard of nothing else. */
    private static DeviceState claimed(List<RootKey> roots) {
        return DeviceState.claimed(
                        new DeviceId("AAAABBBBCCCCDDDD"),
                        new ClaimFile(
                                new SystemId("test"),
                                null,
                                NOW.toEpochMilli(),
                                roots,
                                List.of(),
                                List.of(new ClaimFile.Broker("localhost", 1883)),
                                new ClaimFile.Credential.Password("box", "secret"),
                                null,
                                "000000"),
                        0,
                        new JournalId("box"),
                        Limits.DEVICE_MESSAGE)
                .onBench();
    }

    private static Admission.Outcome judged(DeviceState state, byte[] message) {
        return Admission.admit(state, new DeviceTime(NOW.toEpochMilli(), Quality.T), 2, message);
    }

    private static DeviceState after(DeviceState state, byte[] message) {
        var outcome = judged(state, message);
        assertThat(outcome).isInstanceOf(Admission.Accepted.class);
        return ((Admission.Accepted) outcome).next().onBench();
    }

    private void notListed(Officer keeper, Path list, String area, String add, String... words) throws Exception {
        var said = keeper.lists(at(0), list, "--area", area, "--add", add);
        assertThat(said.code()).as(said.text()).isOne();
        assertThat(said.files()).isEmpty();
        assertThat(said.text()).contains(words);
    }

    private void refused(List<String> options, String... words) throws Exception {
        var said = ask(first, 0, options.toArray(new String[0]));
        assertThat(said.code()).as(said.text()).isOne();
        assertThat(said.text()).contains(words);
        assertThat(home.resolve("out.gb1")).doesNotExist();
    }

    private Safe.Said ask(Path current, int seconds, String... options) throws Exception {
        return Safe.asked(
                at(seconds),
                home.resolve("keys").resolve("roots.sealed"),
                safe.get(),
                current,
                home.resolve("out.gb1"),
                options);
    }

    /** The list as the roots have signed it. */
    private byte[] changed(Path current, int seconds, String... options) throws Exception {
        var said = ask(current, seconds, options);
        assertThat(said.code()).as(said.text()).isZero();
        var out = home.resolve("out.gb1");
        var message = Files.readAllBytes(out);
        Files.delete(out);
        return message;
    }

    private Path write(String name, byte[] message) throws Exception {
        return Files.write(home.resolve(name), message);
    }

    private static Keys keys(byte[] message) {
        return (Keys) Document.inMessage(message);
    }

    private static KeyEntry entry(byte[] message, String kid) {
        return keys(message).keys().stream()
                .filter(key -> key.kid().value().equals(kid))
                .findFirst()
                .orElseThrow();
    }

    private static Clock at(int seconds) {
        return Clock.fixed(NOW.plusSeconds(seconds), ZoneOffset.UTC);
    }
}
