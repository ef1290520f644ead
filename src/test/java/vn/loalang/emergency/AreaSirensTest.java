package vn.loalang.emergency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import jakarta.servlet.http.Cookie;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.ResultActions;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.Refusal;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;
import vn.loalang.broadcast.Status;
import vn.loalang.delivery.Pins;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Step;
import vn.loalang.system.Await;

/** Sirens that areas set for themselves: domain rule 8. */
@SpringBootTest
@AutoConfigureMockMvc
@DirtiesContext
@TestPropertySource(
        properties =
                "spring.datasource.url=jdbc:h2:mem:areasirens;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH")
class AreaSirensTest extends AlertTestBase {
    private static final Duration RENDERING = Duration.ofSeconds(120);

    @Autowired
    MockMvc mvc;

    @Autowired
    Sirens sirens;

    @Autowired
    AreaSirens areaSirens;

    @Autowired
    Pins pins;

    @Autowired
    Recordings recordings;

    @Autowired
    TransactionTemplate transaction;

    Area province;
    Area commune;
    Area village;
    Area beside;
    Area other;
    Area far;
    Siren siren;
    ReadyMessage storm;

    @BeforeEach
    void aProvinceOfTwoCommunesAndAMessageWithASiren() {
        aProvinceOfTwoCommunes("Bãi");
        province = areas.findByCode("37").orElseThrow();
        commune = areas.findByCode("3701").orElseThrow();
        village = areas.findByCode("370101").orElseThrow();
        beside = areas.findByCode("370102").orElseThrow();
        other = areas.findByCode("3702").orElseThrow();
        far = areas.findByCode("370201").orElseThrow();
        // 2 blasts of a second with a second between: 3 s.
        siren = sirens.save(new Siren(
                Sirens.NEW, "Còi bão", 2, Duration.ofSeconds(1), Duration.ofSeconds(1), 5, Step.Pattern.YELP));
        storm = messages.save(new ReadyMessage(
                ReadyMessage.NEW,
                Kind.ALERT,
                "Bão",
                Bulletin.EMPTY,
                null,
                null,
                List.of(new Spoken("vi", "Bão đang vào.", null)),
                siren.id(),
                2,
                Duration.ofSeconds(2),
                100,
                Duration.ofMinutes(10),
                null,
                0));
    }

    @AfterEach
    void noSirenStays() {
        messages.archive(storm.id());
        sirens.remove(siren.id());
        SecurityContextHolder.clearContext();
        assertThat(pins.inAreas()).as("a siren takes those of areas along").isEmpty();
    }

    @Test
    void theNearestAreaWinsAndWhoHasNoneSoundsTheCommonSiren() {
        assertThat(at(far)).isEqualTo(Duration.ofSeconds(3));
        own(commune, 3, 5);
        own(village, 4, 5);
        rendered();
        assertThat(at(village)).isEqualTo(Duration.ofSeconds(7));
        assertThat(at(beside)).isEqualTo(Duration.ofSeconds(5));
        assertThat(at(commune)).isEqualTo(Duration.ofSeconds(5));
        assertThat(at(far)).isEqualTo(Duration.ofSeconds(3));
        assertThat(at(province)).isEqualTo(Duration.ofSeconds(3));

        own(province, 5, 5);
        rendered();
        assertThat(at(far)).as("the province’s").isEqualTo(Duration.ofSeconds(9));
        assertThat(at(village)).isEqualTo(Duration.ofSeconds(7));
        areaSirens.remove(id(village), siren.id());
        assertThat(at(village)).as("the commune’s again").isEqualTo(Duration.ofSeconds(5));
        areaSirens.remove(id(commune), siren.id());
        assertThat(at(village)).isEqualTo(Duration.ofSeconds(9));
        assertThat(messages.steps(storm))
                .as("an order says the same to everybody")
                .containsExactly(new Step.Pin(PinnedSounds.name(siren.id())));
    }

    @Test
    void aChangedPatternSoundsWhatStandsAboveUntilItHasItsSoundAndMoreRepeatsNeedNone() {
        own(commune, 3, 5);
        rendered();
        var sound = areaSirens.of(siren.id()).get(0).sound();
        own(commune, 3, 4);
        assertThat(areaSirens.of(siren.id()).get(0).sound()).isNotNull().isEqualTo(sound);
        own(commune, 6, 4);
        assertThat(at(beside))
                .as("the common one, or the new one already")
                .isIn(Duration.ofSeconds(3), Duration.ofSeconds(11));
        rendered();
        assertThat(at(beside)).isEqualTo(Duration.ofSeconds(11));
        assertThat(areaSirens.of(siren.id())).hasSize(1);
    }

    @Test
    void armingReckonsPoleByPoleAndTheSlowestPatternBoundsTheOrder() {
        own(commune, 5, 5); // 9 s
        own(village, 1, 5); // 1 s
        rendered();
        var officer = by(people.with("tinh", Role.OPERATOR, province.path()));
        var wide = alerts.arm(press(storm, province), officer);
        assertThat(soundMs(wide)).isEqualTo(Map.of("Đình làng", 2_000L, "Cầu Mới", 18_000L, "Bãi", 6_000L));
        assertThat(wide.sound()).as("9 s, 2 s of silence, 9 s").isEqualTo(Duration.ofSeconds(20));
        var entry = entry(wide);
        assertThat(entry.max()).as("and a minute beside").isEqualTo(80);
        assertThat(entry.content()).isEqualTo(new Entry.Steps(List.of(new Step.Pin(PinnedSounds.name(siren.id())))));

        var narrow = alerts.arm(press(storm, other), officer);
        assertThat(soundMs(narrow)).isEqualTo(Map.of("Bãi", 6_000L));
        assertThat(narrow.sound()).isEqualTo(Duration.ofSeconds(8));
        var short1 = alerts.arm(press(storm, village), officer);
        assertThat(soundMs(short1)).isEqualTo(Map.of("Đình làng", 2_000L));
        assertThat(short1.sound()).as("the common siren is not heard there").isEqualTo(Duration.ofSeconds(4));
        assertThat(entry(short1).max()).isEqualTo(64);

        var drill = alerts.arm(press(storm, Status.EXERCISE, in(province)), officer);
        assertThat(Set.copyOf(soundMs(drill).values()))
                .as("drills have no siren")
                .hasSize(1);
    }

    @Test
    void whileItsSoundIsMissingAPatternCountsForNothing() {
        rendered(siren.id());
        transaction.executeWithoutResult(status -> {
            own(commune, 9, 5);
            assertThat(areaSirens.silent()).hasSize(1);
            assertThat(messages.ownSirens(storm)).isEmpty();
            assertThat(pins.inAreas()).isEmpty();
            status.setRollbackOnly();
        });
        own(commune, 9, 5);
        rendered();
        assertThat(messages.ownSirens(storm)).extracting(AreaSiren::areaName).containsExactly("Xã Tân Lập");
    }

    @Test
    void aMessageIsRepeatedNoMoreOftenThanTheStrictestPatternAllowsAnywhere() {
        refused("emergency.refused.repeatsUsed", "Bão", () -> own(commune, 3, 1));
        assertThat(areaSirens.of(siren.id())).isEmpty();
        own(commune, 3, 2);
        refused("emergency.refused.areaSirenRepeats", "Xã Tân Lập", () -> messages.save(repeated(3)));
        own(commune, 3, 3);
        storm = messages.save(repeated(3));
        refused("emergency.refused.repeatsUsed", "Bão", () -> own(village, 3, 2));
        areaSirens.remove(id(commune), siren.id());
        storm = messages.save(repeated(5));
        refused("emergency.refused.sirenRepeats", "Còi bão", () -> messages.save(repeated(6)));
        storm = messages.save(repeated(2));
    }

    @Test
    void whoeverAdministersAnAreaSetsItThereAndBelowAndNowhereElse() throws Exception {
        var me = people.with("quanly", Role.ADMINISTRATOR, commune.path());
        mvc.perform(get("/admin/sirens").with(TestPeople.by(me))).andExpect(redirectedUrl("/admin/sirens/areas"));
        assertThat(page("/admin/sirens/areas", me))
                .contains("areas?at=" + commune.path() + "\"")
                .doesNotContain("Xã Yên Mỹ", "Hồi còi chung");
        assertThat(page("/admin/sirens/areas?at=" + commune.path(), me))
                .contains("Còi bão", "Hồi còi chung", "Đặt riêng");
        save(me, commune, "4").andExpect(redirectedUrl("/admin/sirens/areas?at=" + commune.path()));
        save(me, village, "6").andExpect(status().is3xxRedirection());
        assertThat(areaSirens.of(siren.id()))
                .extracting(AreaSiren::areaName, it -> it.siren().blasts())
                .containsExactly(tuple("Xã Tân Lập", 4), tuple("Thôn Đằng Xá", 6));
        assertThat(page("/admin/sirens/areas?at=" + commune.path(), me))
                .contains("Riêng của Xã Tân Lập", "4 hồi, mỗi hồi 1 giây", "Có riêng: Còi bão");
        assertThat(page("/admin/sirens/areas?at=" + beside.path(), me))
                .contains("Theo Xã Tân Lập", "Tỉnh Ninh Bình")
                .doesNotContain("areas?at=" + province.path() + "\"");

        for (var elsewhere : List.of(province, other, far)) {
            save(me, elsewhere, "7").andExpect(status().isForbidden());
            mvc.perform(get("/admin/sirens/areas")
                            .param("at", elsewhere.path().value())
                            .with(TestPeople.by(me)))
                    .andExpect(status().isForbidden());
            mvc.perform(get("/admin/sirens/areas/" + siren.id().value())
                            .param("at", elsewhere.path().value())
                            .with(TestPeople.by(me)))
                    .andExpect(status().isForbidden());
            remove(me, elsewhere).andExpect(status().isForbidden());
        }
        mvc.perform(post("/admin/sirens/save")
                        .param("id", "" + siren.id().value())
                        .with(TestPeople.by(me)))
                .andExpect(status().isForbidden());
        mvc.perform(get("/admin/sirens/" + siren.id().value()).with(TestPeople.by(me)))
                .andExpect(status().isForbidden());
        var operator = people.with("chiphat", Role.OPERATOR, commune.path());
        save(operator, commune, "7").andExpect(status().isForbidden());
        mvc.perform(get("/admin/sirens/areas").with(TestPeople.by(operator))).andExpect(status().isForbidden());

        remove(me, village).andExpect(status().is3xxRedirection());
        assertThat(areaSirens.of(siren.id())).extracting(AreaSiren::areaName).containsExactly("Xã Tân Lập");
        var chief = people.everywhere(Role.ADMINISTRATOR);
        assertThat(page("/admin/sirens", chief)).contains("Có hồi còi riêng:", "Xã Tân Lập");
        var log = page("/admin/audit", chief);
        assertThat(log)
                .contains(
                        "Lưu hồi còi riêng của địa bàn",
                        "Bỏ hồi còi riêng của địa bàn",
                        "Thôn Đằng Xá",
                        "Còi bão: 4 × 1 s, 1 s, ≤5");
        remove(chief, commune).andExpect(status().is3xxRedirection());
        assertThat(areaSirens.of(siren.id())).isEmpty();
    }

    @Test
    void aNumberOutsideItsRangeIsRefusedBesideItsFieldInBothLanguages() throws Exception {
        var me = people.with("quanly", Role.ADMINISTRATOR, commune.path());
        var refused = save(me, commune, "21")
                .andExpect(status().isOk())
                .andReturn()
                .getResponse()
                .getContentAsString(StandardCharsets.UTF_8);
        assertThat(refused).contains("1 đến 20", "value=\"21\"", "Còi bão: hồi còi riêng của Xã Tân Lập");
        assertThat(areaSirens.of(siren.id())).isEmpty();
        var form = "/admin/sirens/areas/" + siren.id().value() + "?at=" + commune.path();
        assertThat(page(form, me)).contains("kêu ở Xã Tân Lập").doesNotContain("id=\"name\"", "??");
        assertThat(page(form, me, "en"))
                .contains("Còi bão: the siren of Xã Tân Lập")
                .doesNotContain("??");
        assertThat(page("/admin/sirens/areas?at=" + commune.path(), me, "en")).doesNotContain("??");
        for (var wrong : List.of("/admin/sirens/areas/987654?at=" + commune.path(), "/admin/sirens/areas?at=X!")) {
            mvc.perform(get(wrong).with(TestPeople.by(me))).andExpect(status().isNotFound());
        }
    }

    @Test
    void thePreviewNamesWhoseSirenWillBeHeardAndOnHowManyPoles() throws Exception {
        var officer = people.with("tinh", Role.OPERATOR, province.path());
        rendered(siren.id());
        assertThat(plan(officer, province)).contains("Còi: Còi bão").doesNotContain("riêng của", "data-apart");
        own(commune, 4, 5);
        rendered();
        var common = sirens.recording(siren.id()).orElseThrow();
        var communes = Objects.requireNonNull(areaSirens.of(siren.id()).get(0).sound());
        assertThat(plan(officer, province))
                .contains("Còi: Còi bão, riêng của Xã Tân Lập", audio(common), audio(communes), "data-apart")
                .contains(">Còi: Còi bão<")
                .satisfies(html -> assertThat(html.indexOf(audio(communes)))
                        .as("most poles first")
                        .isLessThan(html.indexOf(audio(common))));
        assertThat(plan(officer, village))
                .contains("riêng của Xã Tân Lập", audio(communes))
                .doesNotContain(audio(common), "data-apart");
        assertThat(plan(officer, other)).contains(audio(common)).doesNotContain("riêng của");
    }

    /** How long the siren sounds that boxes in this area keep. */
    private Duration at(Area area) {
        rendered(siren.id());
        var pinned = Objects.requireNonNull(pins.at(area.path()).get(PinnedSounds.name(siren.id())));
        var all = new HashMap<Hash, Siren>();
        all.put(hash(sirens.recording(siren.id()).orElseThrow()), siren);
        for (var it : areaSirens.of(siren.id())) {
            if (it.sound() != null) {
                all.put(hash(it.sound()), it.siren());
            }
        }
        return Objects.requireNonNull(all.get(pinned.h())).length();
    }

    private Hash hash(RecordingId id) {
        return Hash.parseHex(recordings.find(id).orElseThrow().canonicalHash().hex());
    }

    private void own(Area area, int blasts, int repeats) {
        areaSirens.save(
                id(area),
                new Siren(
                        siren.id(), "-", blasts, Duration.ofSeconds(1), Duration.ofSeconds(1), repeats, siren.tone()));
    }

    private void rendered() {
        rendered(siren.id());
        Await.until(
                "the sirens of areas are rendered and pinned",
                RENDERING,
                () -> areaSirens.silent().isEmpty()
                        && areaSirens.all().stream().allMatch(it -> pins.inAreas()
                                .getOrDefault(it.area(), Map.of())
                                .containsKey(PinnedSounds.name(it.siren().id()))));
    }

    private void rendered(SirenId id) {
        Await.until(
                "the siren is rendered and pinned",
                RENDERING,
                () -> sirens.recording(id).isPresent() && pins.all().containsKey(PinnedSounds.name(id)));
    }

    /** What is to be heard in full, by name of the pole. */
    private Map<String, Long> soundMs(Alert alert) {
        var sounds = new HashMap<String, Long>();
        jdbc.sql("""
                        select c.name, p.sound_ms from broadcast_playback p join fleet_controller c on c.id = p.controller_id
                        where p.broadcast_id = :id""").param("id", alert.broadcast().value()).query(row -> {
            sounds.put(row.getString(1), row.getLong(2));
        });
        return sounds;
    }

    private Entry entry(Alert alert) {
        var payload = jdbc.sql("select payload from delivery_armed where broadcast_id = :id")
                .param("id", alert.broadcast().value())
                .query((row, number) -> row.getBytes(1))
                .single();
        return ((Now) Document.decode(payload)).act().get(0);
    }

    private ReadyMessage repeated(int times) {
        var now = messages.find(storm.id()).orElseThrow();
        return new ReadyMessage(
                now.id(),
                now.kind(),
                now.name(),
                now.bulletin(),
                now.risk(),
                now.defence(),
                now.spoken(),
                now.siren(),
                times,
                now.gap(),
                now.volume(),
                now.life(),
                null,
                now.version());
    }

    private static void refused(String key, String named, Runnable deed) {
        assertThatThrownBy(deed::run).as(key).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.messageKey()).isEqualTo(key);
            assertThat(refusal.arguments()).contains(named);
        });
    }

    private ResultActions save(SignedIn who, Area area, String blasts) throws Exception {
        return mvc.perform(post("/admin/sirens/areas/save")
                .with(TestPeople.by(who))
                .param("at", area.path().value())
                .param("id", "" + siren.id().value())
                .param("blasts", blasts)
                .param("on", "1")
                .param("gap", "1")
                .param("repeats", "5")
                .param("tone", "YELP"));
    }

    private ResultActions remove(SignedIn who, Area area) throws Exception {
        return mvc.perform(post("/admin/sirens/areas/" + siren.id().value() + "/remove")
                .with(TestPeople.by(who))
                .param("at", area.path().value()));
    }

    private String plan(SignedIn who, Area area) throws Exception {
        return page("/emergency/plan?message=" + storm.id().value() + "&target=" + in(area).wire(), who);
    }

    private String page(String path, SignedIn who) throws Exception {
        return page(path, who, "vi");
    }

    private String page(String path, SignedIn who, String language) throws Exception {
        return mvc.perform(
                        get(java.net.URI.create(path)).with(TestPeople.by(who)).cookie(new Cookie("lang", language)))
                .andExpect(status().isOk())
                .andReturn()
                .getResponse()
                .getContentAsString(StandardCharsets.UTF_8);
    }

    private static String audio(RecordingId sound) {
        return "/api/v1/recordings/" + sound.value() + "/audio";
    }

    private static AreaId id(Area area) {
        return new AreaId(area.id());
    }
}
