package vn.loalang.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
    @ParameterizedTest
    @CsvSource({
        "'',37,true",
        "37,37,true",
        "37,37.14329,true",
        "37,377,false",
        "37.14329,37,false",
        "37.1,37.14329,false",
    })
    void anAreaCoversItselfAndWhatLiesInsideIt(String outer, String inner, boolean covers) {
        assertThat(new AreaPath(outer).covers(new AreaPath(inner))).isEqualTo(covers);
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "37.", ".37", "37..1", "A", "37/1", "1234567890123", "+", "#", "ă"})
    void notEverythingIsAnArea(String path) {
        assertThatThrownBy(() -> new AreaPath(path)).isInstanceOf(Refusal.class);
    }

    @Test
    void areasAreAtMost48CharactersLong() {
        String longest = "123456789012.123456789012.123456789012.123456789";
        assertThat(new AreaPath(longest).depth()).isEqualTo(4);
        assertThatThrownBy(() -> new AreaPath(longest + "0")).isInstanceOf(Refusal.class);
    }

    @Test
    void signsAsRfc8032Says() {
        SigningKey key = new SigningKey(
                new Kid("p1"),
                HexFormat.of().parseHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
        assertThat(HexFormat.of().formatHex(key.publicKey().value().toArray()))
                .isEqualTo("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assertThat(HexFormat.of().formatHex(key.sign(new byte[] {0x72})))
                .isEqualTo("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
        assertThat(key.publicKey().verifies(new byte[] {0x72}, key.sign(new byte[] {0x72})))
                .isTrue();
        assertThat(key.publicKey().verifies(new byte[] {0x73}, key.sign(new byte[] {0x72})))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0100000000000000000000000000000000000000000000000000000000000000",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
            })
    void pointsOfSmallOrderAndNonCanonicalOnesAreNoKeys(String hex) {
        assertThatThrownBy(() -> new PublicKey(Bytes.of(HexFormat.of().parseHex(hex))))
                .isInstanceOf(Refusal.class);
    }

    @Test
    void aSigningKeyNeverShowsItsSeed() {
        SigningKey key = TestKeys.key("p1");
        assertThat(key.toString()).doesNotContain(Base64Url.encode(key.seed()));
        assertThat(new ClaimFile.Credential.Password("u", "s3cret").toString()).doesNotContain("s3cret");
    }

    @Test
    void hashesHaveAFormForTheWireAndOneForFiles() {
        Hash hash = Hash.of("abc".getBytes(StandardCharsets.UTF_8));
        assertThat(hash.hex()).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(Hash.parse(hash.b64u())).isEqualTo(hash);
        assertThat(Hash.parseHex(hash.hex())).isEqualTo(hash);
        assertThatThrownBy(() -> Hash.parseHex(hash.hex().toUpperCase(java.util.Locale.ROOT)))
                .isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> Hash.parse("../../etc/passwd")).isInstanceOf(Refusal.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "keys",
                "site",
                "cfg",
                "plan",
                "fw",
                "keys@a/37.14329",
                "ses@a/37",
                "ses@d/47VEBOR77OZPV6OS",
                "now@a/37@e1",
                "now@*@e1"
            })
    void rowsReadBackTheSame(String wire) {
        assertThat(Row.parse(wire).wire()).isEqualTo(wire);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "welcome",
                "site@a/37",
                "keys@",
                "keys@d/47VEBOR77OZPV6OS",
                "now@a/37",
                "now@a/37@e1@x",
                "song"
            })
    void whatIsNoRowIsLeftOut(String wire) {
        assertThat(Row.of(wire)).isEmpty();
    }

    @Test
    void quietWindowsMayCrossMidnight() {
        QuietWindow night = QuietWindow.parse("21:30", "05:00");
        assertThat(night.contains(21 * 60 + 29)).isFalse();
        assertThat(night.contains(21 * 60 + 30)).isTrue();
        assertThat(night.contains(0)).isTrue();
        assertThat(night.contains(4 * 60 + 59)).isTrue();
        assertThat(night.contains(5 * 60)).isFalse();
        assertThat(night).hasToString("21:30–05:00");
        assertThatThrownBy(() -> QuietWindow.parse("05:00", "05:00")).isInstanceOf(Refusal.class);
    }

    @Test
    void theSiteKnowsQuietHoursByItsOwnZone() {
        Site site = Vectors.standardSite();
        assertThat(site.isQuietAt(Vectors.T0)).isFalse(); // 05:00 in Vietnam
        assertThat(site.isQuietAt(Vectors.T0 - 1)).isTrue();
        assertThat(site.isQuietAt(Vectors.T0 + (16 * 60 + 30) * 60_000L)).isTrue();
        assertThat(site.isQuietAt(Vectors.T0 + (16 * 60 + 30) * 60_000L - 1)).isFalse();
    }

    @Test
    void aClaimFileIsForOneDeviceOrForTheBoxWithThePin() {
        ClaimFile mine = Vectors.claim();
        DeviceId other = new DeviceId("AAAAAAAAAAAAAAAA");
        assertThat(mine.fits(Vectors.ID, Optional.empty())).isTrue();
        assertThat(mine.fits(other, Optional.of("048213"))).isFalse();
        ClaimFile any = ClaimFile.decode(Vectors.generate().get("claim-any.gbf").bytes());
        assertThat(any.fits(other, Optional.of("048213"))).isTrue();
        assertThat(any.fits(other, Optional.of("000000"))).isFalse();
        assertThat(any.fits(other, Optional.empty())).isFalse();
    }

    @Test
    void theLargestPlanFitsAMessage() {
        assertThat(Vectors.signed("p1", Vectors.largestPlan()).length).isLessThan(Limits.DEVICE_MESSAGE);
    }

    @Test
    void aBatchOfEventsNeverExceedsItsLimit() {
        List<JournalEntry> entries = new java.util.ArrayList<>();
        for (int n = 1; n <= 500; n++) {
            entries.add(
                    JournalEntry.at(n, Vectors.T1, Quality.T, new Event.Missed(new PlayId("a" + n), Event.Miss.LATE)));
        }
        Events batch = Events.fitting(Vectors.EPOCH, entries);
        assertThat(batch.entries()).hasSizeGreaterThan(50);
        assertThat(batch.encode().length).isLessThanOrEqualTo(Limits.EVENTS_BATCH);
        assertThat(Events.decode(batch.encode())).isEqualTo(batch);
    }

    @Test
    void everyEventReadsBackAsItself() {
        for (JournalEntry entry : Vectors.everyEvent()) {
            JournalEntry back = JournalEntry.decode(entry.json().bytes());
            assertThat(back).isEqualTo(entry);
            assertThat(back.event()).isNotInstanceOf(Event.Other.class);
        }
    }

    @Test
    void documentsRefuseNamingTheFieldAndItsLimit() {
        assertThatThrownBy(() -> Cfg.withDefaults(new Head(Vectors.SYS, Vectors.ME, 5, 10, 20), List.of()))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("seq is 5, allowed are 10");
        assertThatThrownBy(() -> Vectors.item("x", 0, 60, 0))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("items[].pri is 60, allowed are 10 to 59");
    }

    /** A box of a later revision may name faults that this one does not know (§19). */
    @Test
    void aReportWithAFaultOfALaterRevisionIsReadWithoutIt() {
        Cid cid = new Cid("c-report-state");
        String later = new String(Vectors.generate().get("rep-state.json").bytes(), StandardCharsets.UTF_8)
                .replace("\"NET_WEAK\"", "\"NET_WEAK\",\"ANTS\"");
        Report report = Report.decode(cid, later.getBytes(StandardCharsets.UTF_8));
        assertThat(((Report.State) report.body()).flt()).containsExactly(Fault.NET_WEAK);
        assertThat(Schemas.violations("rep", later.getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
    }

    @Test
    void aLineOfALogThatIsTooLongIsCutBeforeItIsReported() {
        Report.Log log = Report.Log.of(List.of("short", "ờ".repeat(399) + "\uD83D\uDD14\uD83D\uDD14"));
        assertThat(log.lines()).containsExactly("short", "ờ".repeat(399) + "\uD83D\uDD14");
        Report report = new Report(new Cid("c-1"), log);
        assertThat(Report.decode(report.cid(), report.encode())).isEqualTo(report);
    }
}
