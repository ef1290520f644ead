package vn.loalang.emergency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrlPattern;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import jakarta.servlet.http.Cookie;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Import;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.ShiftedClock;
import vn.loalang.access.AreaScope;
import vn.loalang.access.AuditLog;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.ServerSettings;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.audio.Recordings;
import vn.loalang.broadcast.PlaybackState;
import vn.loalang.broadcast.Status;
import vn.loalang.delivery.Emergencies;
import vn.loalang.protocol.Step;
import vn.loalang.system.Await;

@SpringBootTest
@AutoConfigureMockMvc
@DirtiesContext
@Import(ShiftedClock.class)
@TestPropertySource(
        properties = {
            "loalang.emergency.wide-controllers=5",
            "spring.datasource.url=jdbc:h2:mem:alerts;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
        })
class AlertsTest extends AlertTestBase {
    private static final Duration SOON = Duration.ofSeconds(15);

    @Autowired
    AlertBook book;

    @Autowired
    Arming arming;

    @Autowired
    TransactionTemplate transaction;

    @Autowired
    AuditLog audit;

    @Autowired
    Durability durability;

    @Autowired
    Countdown countdown;

    @Autowired
    Emergencies emergencies;

    @Autowired
    ShiftedClock clock;

    @Autowired
    MockMvc mvc;

    @Autowired
    ServerSettings settings;

    @Autowired
    Recordings recordings;

    Area province;
    Area commune;
    Area village;
    Area other;
    ReadyMessage flood;
    SignedIn hoa;
    SignedIn lan;

    @BeforeEach
    void aCommune() {
        aProvinceOfTwoCommunes("Bãi 1", "Bãi 2", "Bãi 3", "Bãi 4");
        province = areas.findByCode("37").orElseThrow();
        commune = areas.findByCode("3701").orElseThrow();
        village = areas.findByCode("370101").orElseThrow();
        other = areas.findByCode("3702").orElseThrow();
        flood = message(Kind.ALERT, "Cảnh báo lũ", "Nước sông đang lên nhanh.");
        hoa = people.with("hoa", Role.OPERATOR, commune.path());
        lan = people.with("minh", Role.OPERATOR, commune.path());
    }

    @Test
    void anAlertIsCountedDownByTheServerAiredOnceAndStopped() throws Exception {
        var alert = alerts.arm(press(flood, commune), by(hoa));
        assertThat(alert.state()).isEqualTo(AlertState.COUNTING);
        assertThat(alert.controllers()).isEqualTo(2);
        assertThat(alert.place()).isEqualTo("Xã Tân Lập");
        assertThat(alert.authority()).isEqualTo(Authority.COMMUNE);
        assertThat(alert.firesAt())
                .isEqualTo(alert.armedAt().plusSeconds(stations.main().countdownSeconds()));
        assertThat(emergencies.armed(alert.broadcast())).isPresent();
        assertThat(alerts.fire(alert.id())).as("before its moment").isFalse();
        mvc.perform(get("/today").with(TestPeople.by(lan)))
                .andExpect(content().string(Matchers.containsString("PHÁT THẬT – Cảnh báo lũ")))
                .andExpect(content().string(Matchers.containsString("2 cụm loa ở Xã Tân Lập")))
                .andExpect(content().string(Matchers.containsString("Huỷ – không phát")));

        clock.forward(Duration.ofSeconds(8));
        Await.until(SOON, () -> alerts.find(alert.id()).orElseThrow().state() == AlertState.AIRED);
        assertThat(emergencies.releasedAt(alert.broadcast())).isPresent();
        assertThat(states(alert)).containsEntry(PlaybackState.SENT, 2L);
        var aired = alerts.find(alert.id()).orElseThrow().airedAt();
        alerts.fire(alert.id());
        assertThat(alerts.find(alert.id()).orElseThrow().airedAt()).isEqualTo(aired);
        assertThatThrownBy(() -> alerts.cancel(alert.id(), by(hoa))).isInstanceOf(Refusal.class);
        mvc.perform(get("/emergency/" + alert.id()).with(TestPeople.by(lan)))
                .andExpect(status().isOk())
                .andExpect(content().string(Matchers.containsString("ĐANG PHÁT KHẨN CẤP")))
                .andExpect(content().string(Matchers.containsString("trên 2 cụm")));

        mvc.perform(post("/emergency/" + alert.id() + "/stop").with(TestPeople.by(lan)))
                .andExpect(redirectedUrlPattern("/emergency/*"));
        assertThat(alerts.find(alert.id()).orElseThrow().state()).isEqualTo(AlertState.ENDED);
        assertThat(deeds()).contains("emergency.armed", "emergency.aired", "emergency.stopped");
    }

    @Test
    void whoeverSpeaksForThePlacesCancelsFromAnyDeviceAndNothingLeaves() {
        var alert = alerts.arm(press(flood, commune), by(hoa));
        var stranger = people.with("xa", Role.OPERATOR, other.path());
        assertThatThrownBy(() -> alerts.cancel(alert.id(), by(stranger))).isInstanceOf(Refusal.class);
        alerts.cancel(alert.id(), by(lan));
        clock.forward(Duration.ofSeconds(20));
        assertThat(alerts.fire(alert.id())).isTrue();
        assertThat(alerts.find(alert.id()).orElseThrow().state()).isEqualTo(AlertState.CANCELLED);
        assertThat(emergencies.releasedAt(alert.broadcast())).isEmpty();
        assertThat(states(alert)).containsOnlyKeys(PlaybackState.CANCELLED);
    }

    @Test
    void twoPressesAtOnceAreOneAlert() throws Exception {
        var begin = new CountDownLatch(1);
        var threads = Executors.newFixedThreadPool(4);
        try {
            var ids = new HashSet<AlertId>();
            var same = press(flood, commune);
            var tasks = List.<Callable<Alert>>of(
                    () -> alerts.arm(same, by(hoa)),
                    () -> alerts.arm(same, by(hoa)),
                    () -> alerts.arm(press(flood, commune), by(lan)),
                    () -> alerts.arm(press(flood, commune), by(lan)));
            var pending = tasks.stream()
                    .map(task -> threads.submit(() -> {
                        begin.await();
                        return task.call();
                    }))
                    .toList();
            begin.countDown();
            for (var one : pending) {
                ids.add(one.get(30, TimeUnit.SECONDS).id());
            }
            assertThat(ids).hasSize(1);
            assertThat(alerts.ahead()).hasSize(1);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Both are counted down side by side; boxes sound the one and the other in turn. */
    @Test
    void twoOperatorsAtOnceWithDifferentMessagesBothAirAndEveryScreenNamesBoth() throws Exception {
        var fire = message(Kind.ALERT, "Báo cháy", "Có cháy. Bà con ra khỏi nhà ngay.");
        var begin = new CountDownLatch(1);
        var threads = Executors.newFixedThreadPool(2);
        try {
            var one = threads.submit(() -> {
                begin.await();
                return alerts.arm(press(flood, commune), by(hoa));
            });
            var other = threads.submit(() -> {
                begin.await();
                return alerts.arm(press(fire, village), by(lan));
            });
            begin.countDown();
            var armed = List.of(one.get(30, TimeUnit.SECONDS), other.get(30, TimeUnit.SECONDS));
            assertThat(alerts.ahead()).extracting(Alert::title).containsExactlyInAnyOrder("Cảnh báo lũ", "Báo cháy");
            mvc.perform(get("/today").with(TestPeople.by(lan)))
                    .andExpect(content().string(Matchers.containsString("PHÁT THẬT – Cảnh báo lũ")))
                    .andExpect(content().string(Matchers.containsString("PHÁT THẬT – Báo cháy")));

            clock.forward(Duration.ofSeconds(9));
            for (var alert : armed) {
                alerts.fire(alert.id());
                assertThat(alerts.find(alert.id()).orElseThrow().state()).isEqualTo(AlertState.AIRED);
            }
            mvc.perform(get("/today").with(TestPeople.by(hoa)))
                    .andExpect(content().string(Matchers.containsString("ĐANG PHÁT KHẨN CẤP – Cảnh báo lũ")))
                    .andExpect(content().string(Matchers.containsString("ĐANG PHÁT KHẨN CẤP – Báo cháy")));
            alerts.stop(armed.get(1).id(), by(lan), "");
            assertThat(alerts.find(armed.get(0).id()).orElseThrow().state())
                    .as("the other one goes on")
                    .isEqualTo(AlertState.AIRED);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aServerKilledInTheCountdownStillAirsOnceWhenItIsBackInTime() throws Exception {
        countdown.stop();
        var alert = alerts.arm(press(flood, commune), by(hoa));
        clock.forward(Duration.ofSeconds(40));
        countdown.start();
        Await.until(SOON, () -> alerts.find(alert.id()).orElseThrow().state() == AlertState.AIRED);
        countdown.stop();
        countdown.start();
        assertThat(alerts.find(alert.id()).orElseThrow().state()).isEqualTo(AlertState.AIRED);
    }

    @Test
    void aServerBackTooLateSaysOnEveryScreenThatItDidNotAir() throws Exception {
        countdown.stop();
        var alert = alerts.arm(press(flood, commune), by(hoa));
        clock.forward(Duration.ofSeconds(100));
        countdown.start();
        Await.until(SOON, () -> alerts.find(alert.id()).orElseThrow().state() == AlertState.LAPSED);
        assertThat(emergencies.releasedAt(alert.broadcast())).isEmpty();
        assertThat(emergencies.armed(alert.broadcast())).isEmpty();
        mvc.perform(get("/today").with(TestPeople.by(lan)))
                .andExpect(content().string(Matchers.containsString("KHÔNG PHÁT ĐƯỢC – Cảnh báo lũ")))
                .andExpect(content().string(Matchers.containsString("trở lại quá muộn")));
        mvc.perform(post("/emergency/" + alert.id() + "/seen").with(TestPeople.by(lan)))
                .andExpect(status().is3xxRedirection());
        mvc.perform(get("/today").with(TestPeople.by(lan)))
                .andExpect(content().string(Matchers.not(Matchers.containsString("KHÔNG PHÁT ĐƯỢC"))));
    }

    @Test
    void aServerKilledBetweenTheReleaseAndItsNoteAirsItNoSecondTime() {
        countdown.stop();
        try {
            var alert = alerts.arm(press(flood, commune), by(hoa));
            var at = emergencies.release(emergencies.armed(alert.broadcast()).orElseThrow());
            clock.forward(Duration.ofSeconds(9));
            assertThat(alerts.fire(alert.id())).isTrue();
            var found = alerts.find(alert.id()).orElseThrow();
            assertThat(found.state()).isEqualTo(AlertState.AIRED);
            assertThat(Objects.requireNonNull(found.airedAt()).toEpochMilli()).isEqualTo(at.toEpochMilli());
        } finally {
            countdown.start();
        }
    }

    @Test
    void aWideAlertWaitsForAnotherPersonAndLapsesWithoutOne() {
        var duty = people.with("truc", Role.OPERATOR, province.path());
        var second = people.with("pho", Role.APPROVER, province.path());
        var alert = alerts.arm(press(flood, province), by(duty));
        assertThat(alert.state()).isEqualTo(AlertState.WAITING_SECOND);
        assertThat(alert.authority()).isEqualTo(Authority.PROVINCE);
        assertThat(alert.firesAt()).isNull();
        assertThatThrownBy(() -> alerts.second(alert.id(), by(duty))).isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> alerts.second(alert.id(), by(hoa))).isInstanceOf(Refusal.class);
        assertThat(alerts.second(alert.id(), by(second)).state()).isEqualTo(AlertState.COUNTING);
        alerts.cancel(alert.id(), by(second));

        var late = alerts.arm(press(flood, province), by(duty));
        clock.forward(Duration.ofMinutes(6));
        alerts.sweep();
        assertThat(alerts.find(late.id()).orElseThrow().lapse()).isEqualTo(Lapse.NOT_SECONDED);
        assertThat(emergencies.armed(late.broadcast())).isEmpty();
        assertThatThrownBy(() -> alerts.second(late.id(), by(second))).isInstanceOf(Refusal.class);
    }

    @Test
    void aWideAlertNobodyAgreedToIsCountedDownAllTheSameWhereThePlaceWantsThat() {
        var patient = new AlertSettings(
                Duration.ofMinutes(5),
                SecondLate.AIR,
                Duration.ofSeconds(60),
                Duration.ofMinutes(10),
                "",
                Duration.ofDays(31));
        var airing = new Airing(book, arming, jdbc, transaction, clock, emergencies, patient, audit, durability);
        var duty = people.with("truc", Role.OPERATOR, province.path());
        // The server's own watch would decide as its settings say.
        countdown.stop();
        try {
            var alert = alerts.arm(press(flood, province), by(duty));
            clock.forward(Duration.ofMinutes(4));
            airing.sweep();
            assertThat(alerts.find(alert.id()).orElseThrow().state()).isEqualTo(AlertState.WAITING_SECOND);
            clock.forward(Duration.ofMinutes(2));
            airing.sweep();
            var counting = alerts.find(alert.id()).orElseThrow();
            assertThat(counting.state()).isEqualTo(AlertState.COUNTING);
            assertThat(counting.secondByName()).isNull();
            assertThat(deeds()).contains("emergency.notSeconded");
            alerts.cancel(alert.id(), by(duty));
        } finally {
            countdown.start();
        }
    }

    @Test
    void aMonthAfterTheLastDrillEveryPageAsksForTheNext() throws Exception {
        var drill = press(flood, Status.EXERCISE, in(commune));
        alerts.stop(aired(drill, hoa).id(), by(hoa), "");
        SecurityContextHolder.clearContext();
        mvc.perform(get("/today").with(TestPeople.by(hoa)))
                .andExpect(content().string(Matchers.not(Matchers.containsString("quá lâu chưa diễn tập"))));
        jdbc.sql("update emergency_alert set aired_at = :at where status = 'EXERCISE' and aired_at is not null")
                .param("at", SqlTime.of(clock.instant().minus(Duration.ofDays(32))))
                .update();
        mvc.perform(get("/today").with(TestPeople.by(hoa)))
                .andExpect(content().string(Matchers.containsString("Đã quá lâu chưa diễn tập khẩn cấp")));
        mvc.perform(get("/today").with(TestPeople.by(people.with("xem", Role.VIEWER, commune.path()))))
                .andExpect(content().string(Matchers.not(Matchers.containsString("quá lâu chưa diễn tập"))));
    }

    @Test
    void aMonthAfterTheFirstBoxWithoutAnyDrillEveryPageAsksForOne() throws Exception {
        jdbc.sql("update emergency_alert set aired_at = null where status = 'EXERCISE'")
                .update();
        var first = "select min(registered_at) as first_at from fleet_unit";
        var registered = jdbc.sql(first)
                .query((row, number) -> SqlTime.get(row, "first_at"))
                .single();
        var asks = Matchers.containsString("Chưa diễn tập khẩn cấp lần nào");
        mvc.perform(get("/today").with(TestPeople.by(hoa))).andExpect(content().string(Matchers.not(asks)));
        registered(clock.instant().minus(Duration.ofDays(32)));
        try {
            mvc.perform(get("/today").with(TestPeople.by(hoa)))
                    .andExpect(content().string(asks));
        } finally {
            registered(registered);
        }
    }

    private void registered(Instant at) {
        jdbc.sql("update fleet_unit set registered_at = :at")
                .param("at", SqlTime.of(at))
                .update();
    }

    @Test
    void aLeaderWhoMayStopAnAlertMayAlsoCorrectItAndARefusedAnswerLeavesItOnAir() throws Exception {
        var chair = people.with("chutich", Role.APPROVER, commune.path());
        var alert = aired(press(flood, commune), hoa);
        assertThatThrownBy(() ->
                        alerts.answer(alert.id(), flood.id(), UUID.randomUUID().toString(), by(chair)))
                .as("an alert corrects nothing")
                .isInstanceOf(Refusal.class);
        assertThat(alerts.find(alert.id()).orElseThrow().state()).isEqualTo(AlertState.AIRED);

        var correction = message(Kind.CORRECTION, "Phát nhầm " + UUID.randomUUID(), "Tin vừa phát là nhầm.");
        var answer =
                alerts.answer(alert.id(), correction.id(), UUID.randomUUID().toString(), by(chair));

        assertThat(answer.state()).isEqualTo(AlertState.COUNTING);
        assertThat(answer.answers()).isEqualTo(alert.id());
        assertThat(alerts.find(alert.id()).orElseThrow().state()).isEqualTo(AlertState.ENDED);
        alerts.cancel(answer.id(), by(chair));
    }

    @Test
    void aHigherAuthorityEndsWhatACommuneHasBegunAndAVillageDoesNot() throws Exception {
        var duty = people.with("truc", Role.OPERATOR, province.path());
        var villager = people.with("thon", Role.OPERATOR, village.path());
        var alert = aired(press(flood, village), hoa);
        assertThat(alert.authority()).as("the commune speaks in its village").isEqualTo(Authority.COMMUNE);

        assertThatThrownBy(() -> alerts.stop(alert.id(), by(villager), "Ồn quá"))
                .isInstanceOf(Refusal.class);
        mvc.perform(get("/emergency/" + alert.id()).with(TestPeople.by(villager)))
                .andExpect(status().isOk())
                .andExpect(content().string(Matchers.not(Matchers.containsString("id=\"stop\""))));
        assertThat(alerts.find(alert.id()).orElseThrow().state()).isEqualTo(AlertState.AIRED);

        mvc.perform(get("/emergency/" + alert.id()).with(TestPeople.by(duty)))
                .andExpect(content().string(Matchers.containsString("id=\"stop\"")));
        alerts.stop(alert.id(), by(duty), "");
        assertThat(alerts.find(alert.id()).orElseThrow().state()).isEqualTo(AlertState.ENDED);
        mvc.perform(get("/emergency/" + alert.id()).with(TestPeople.by(hoa)))
                .andExpect(content().string(Matchers.containsString(duty.name() + " cho dừng lúc")));

        var counting = alerts.arm(press(flood, village), by(hoa));
        assertThatThrownBy(() -> alerts.cancel(counting.id(), by(villager))).isInstanceOf(Refusal.class);
        alerts.cancel(counting.id(), by(duty));
        assertThat(alerts.find(counting.id()).orElseThrow().state()).isEqualTo(AlertState.CANCELLED);
    }

    @Test
    void aLeaderSilencesAHigherAlertOnHisOwnPolesOnlyAndWithAReason() throws Exception {
        var duty = people.with("truc", Role.OPERATOR, province.path());
        var chair = people.with("chutich", Role.APPROVER, commune.path());
        var bai = fleet.standingIn(List.of(
                        new AreaId(areas.findByCode("370201").orElseThrow().id())))
                .iterator()
                .next();
        var alert = aired(press(flood, Status.ACTUAL, in(commune), new Target.OnPole(bai)), duty);
        assertThat(alert.authority()).isEqualTo(Authority.PROVINCE);
        assertThatThrownBy(() -> alerts.stop(alert.id(), by(hoa), "")).isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> alerts.stop(alert.id(), by(chair), " "))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("reason");
        alerts.stop(alert.id(), by(chair), "Xã đang họp dân ở đình");
        assertThat(alerts.find(alert.id()).orElseThrow().state()).isEqualTo(AlertState.AIRED);
        assertThat(alerts.silences(alert.id())).hasSize(2).allMatch(it -> it.by()
                .equals(chair.name()));
        mvc.perform(get("/today").with(TestPeople.by(hoa)))
                .andExpect(content()
                        .string(Matchers.containsString("Tỉnh đang phát khẩn cấp; chương trình xã sẽ tiếp tục lúc")));
        alerts.stop(alert.id(), by(duty), "");
        assertThat(alerts.find(alert.id()).orElseThrow().state()).isEqualTo(AlertState.ENDED);
    }

    @Test
    void aCorrectionStopsTheAlertAndGoesToTheSamePlaces() throws Exception {
        var correction = message(Kind.CORRECTION, "Phát nhầm " + UUID.randomUUID(), "Tin vừa phát là nhầm.");
        var alert = aired(press(flood, commune), hoa);
        var page = mvc.perform(post("/emergency/" + alert.id() + "/answer")
                        .param("message", Long.toString(correction.id().value()))
                        .param("press", "c1")
                        .with(TestPeople.by(hoa)))
                .andExpect(redirectedUrlPattern("/emergency/*"))
                .andReturn();
        var answer = alerts.find(new AlertId(
                        Long.parseLong(Objects.requireNonNull(page.getResponse().getRedirectedUrl())
                                .substring(11))))
                .orElseThrow();
        assertThat(answer.answers()).isEqualTo(alert.id());
        assertThat(answer.targets()).isEqualTo(alert.targets());
        assertThat(answer.state()).isEqualTo(AlertState.COUNTING);
        assertThat(alerts.find(alert.id()).orElseThrow().state()).isEqualTo(AlertState.ENDED);
    }

    @Test
    void itAirsWithTheAudioStoreGoneAndThePreviewSaysWhatBoxesCannotFetch() throws Exception {
        var chime = recordings.add(
                new StationId(stations.main().id()), Path.of("audio-samples/chime.mp3"), "Lời báo lũ", "vi");
        var spoken = message(
                Kind.ALERT, "Lũ có lời " + UUID.randomUUID(), List.of(new Spoken("vi", "Nước lên.", chime.id())), 1);
        var preview = get("/emergency/plan")
                .param("message", Long.toString(spoken.id().value()))
                .param("target", in(commune).wire());
        var tellsOfFiles = Matchers.containsString("không đọc được tệp âm thanh: Lời báo lũ.");
        mvc.perform(preview.with(TestPeople.by(hoa))).andExpect(content().string(Matchers.not(tellsOfFiles)));
        var store = settings.dataPath().resolve("audio");
        var gone = settings.dataPath().resolve("audio-gone");
        Files.move(store, gone);
        try {
            mvc.perform(preview.with(TestPeople.by(hoa)))
                    .andExpect(content().string(tellsOfFiles))
                    .andExpect(content().string(Matchers.containsString("2 cụm loa ở Xã Tân Lập")));
            var alert = aired(press(spoken, commune), hoa);
            assertThat(states(alert)).containsEntry(PlaybackState.SENT, 2L);
            assertThat(messages.steps(spoken))
                    .as("the order names what boxes keep")
                    .singleElement()
                    .isInstanceOf(Step.Pin.class);
        } finally {
            Files.move(gone, store);
            messages.archive(spoken.id());
        }
    }

    @Test
    void thePreviewTheCountdownAndTheBoardSayThatNobodyIsThere() throws Exception {
        var nobody = Matchers.containsString("Lúc này không cụm nào kết nối. Lệnh nằm chờ ở máy chủ");
        mvc.perform(get("/emergency/plan")
                        .param("message", Long.toString(flood.id().value()))
                        .param("target", in(commune).wire())
                        .with(TestPeople.by(hoa)))
                .andExpect(content().string(nobody));
        var alert = alerts.arm(press(flood, commune), by(hoa));
        assertThat(alert.online()).isZero();
        mvc.perform(get("/today").with(TestPeople.by(lan))).andExpect(content().string(nobody));
        clock.forward(Duration.ofSeconds(9));
        alerts.fire(alert.id());
        mvc.perform(get("/emergency/" + alert.id()).with(TestPeople.by(lan)))
                .andExpect(content().string(nobody))
                .andExpect(
                        content().string(Matchers.containsString("Cụm mất kết nối tự nhận lệnh khi có mạng lại, tới")));
    }

    /** Whoever counts in the commune keeps an alert of his own, and is told what sounds over it and until when. */
    @Test
    void aProvincesAlertOverACommunesIsExplainedOnTheCommunesScreens() throws Exception {
        var own = aired(press(flood, commune), hoa);
        var duty = people.with("truc", Role.OPERATOR, province.path());
        var bai = fleet.standingIn(List.of(
                        new AreaId(areas.findByCode("370201").orElseThrow().id())))
                .iterator()
                .next();
        var higher = aired(press(flood, Status.ACTUAL, in(commune), new Target.OnPole(bai)), duty);
        assertThat(higher.id()).as("never joined with the commune's").isNotEqualTo(own.id());
        var says = Matchers.containsString("Tỉnh đang phát khẩn cấp; chương trình xã sẽ tiếp tục lúc");
        mvc.perform(get("/today").with(TestPeople.by(hoa))).andExpect(content().string(says));
        mvc.perform(get("/emergency/" + higher.id()).with(TestPeople.by(hoa)))
                .andExpect(content().string(says))
                .andExpect(content().string(Matchers.not(Matchers.containsString("id=\"stop\""))));
        mvc.perform(get("/today").with(TestPeople.by(duty))).andExpect(content().string(Matchers.not(says)));
        assertThatThrownBy(() -> alerts.stop(higher.id(), by(hoa), "Đang họp")).isInstanceOf(Refusal.class);
        assertThat(alerts.find(own.id()).orElseThrow().state()).isEqualTo(AlertState.AIRED);
    }

    /** Everybody sees the countdown; what follows from it is said only where it is heard, and no way leads to what is closed. */
    @Test
    void aProvincesAlertElsewhereTouchesNothingOfThisCommunes() throws Exception {
        var duty = people.with("truc", Role.OPERATOR, province.path());
        var armed = alerts.arm(press(flood, other), by(duty));
        mvc.perform(get("/today").with(TestPeople.by(hoa)))
                .andExpect(content().string(Matchers.containsString("PHÁT THẬT – Cảnh báo lũ")));
        clock.forward(Duration.ofSeconds(9));
        alerts.fire(armed.id());
        var page = "/emergency/" + armed.id();
        var goesOn = Matchers.containsString("chương trình xã sẽ tiếp tục lúc");
        var link = Matchers.containsString("href=\"" + page + "\"");
        mvc.perform(get(page).with(TestPeople.by(hoa))).andExpect(status().isNotFound());
        for (var path : List.of("/today", "/emergency", "/emergency/everywhere")) {
            mvc.perform(get(path).with(TestPeople.by(hoa)))
                    .andExpect(content().string(Matchers.containsString("ĐANG PHÁT KHẨN CẤP – Cảnh báo lũ")))
                    .andExpect(content().string(Matchers.not(goesOn)))
                    .andExpect(content().string(Matchers.not(link)));
        }

        var there = people.with("yenmy", Role.OPERATOR, other.path());
        mvc.perform(get("/emergency").with(TestPeople.by(there)))
                .andExpect(content().string(link));
        var watcher = people.with(
                "xemyenmy",
                Role.VIEWER,
                areas.findByCode("370201").orElseThrow().path());
        mvc.perform(get("/today").with(TestPeople.by(watcher)))
                .andExpect(content().string(link));
        assertThat(alerts.latest(1, new AreaScope(List.of(other.path()))))
                .extracting(Alert::id)
                .containsExactly(armed.id());
        assertThat(alerts.latest(100, new AreaScope(List.of(commune.path()))))
                .allMatch(it -> it.in(new AreaScope(List.of(commune.path()))));
        assertThat(alerts.latest(100, new AreaScope(List.of()))).isEmpty();
        assertThat(alerts.latest(1, new AreaScope(List.of(AreaPath.ROOT)))).hasSize(1);
    }

    @Test
    void theAuditLogSaysOfADrillThatItWasOne() throws Exception {
        var drill = press(flood, Status.EXERCISE, in(commune));
        var alert = aired(drill, hoa);
        alerts.stop(alert.id(), by(hoa), "");
        assertThat(jdbc.sql("select subject from access_audit where subject like :id")
                        .param("id", alert.id() + " %")
                        .query(String.class)
                        .list())
                .hasSize(3)
                .containsOnly(alert.id() + " DIỄN TẬP – Cảnh báo lũ – Xã Tân Lập");
    }

    @Test
    void aDrillNeedsItsWordAndIsOneInTheOrderToo() throws Exception {
        var pole = new Target.OnPole(
                fleet.standingIn(List.of(new AreaId(village.id()))).iterator().next());
        var drill = post("/drill")
                .param("message", Long.toString(flood.id().value()))
                .param("target", pole.wire())
                .param("press", "d" + UUID.randomUUID());
        mvc.perform(drill.with(TestPeople.by(hoa)).param("typed", "phat that"))
                .andExpect(status().isOk())
                .andExpect(content().string(Matchers.containsString("Chưa gõ đúng DIEN TAP")));
        mvc.perform(post("/drill")
                        .param("message", Long.toString(flood.id().value()))
                        .param("target", pole.wire())
                        .param("press", "d" + UUID.randomUUID())
                        .param("typed", " diễn  tập ")
                        .with(TestPeople.by(hoa)))
                .andExpect(redirectedUrlPattern("/emergency/*"));
        var alert = alerts.ahead().get(0);
        assertThat(alert.drill()).isTrue();
        assertThat(alert.controllers()).isEqualTo(1);
        assertThat(jdbc.sql("select status from broadcast_broadcast where id = :id")
                        .param("id", alert.broadcast().value())
                        .query(String.class)
                        .single())
                .isEqualTo("EXERCISE");
        mvc.perform(get("/today").with(TestPeople.by(lan)))
                .andExpect(content().string(Matchers.containsString("DIỄN TẬP – Cảnh báo lũ")))
                .andExpect(content().string(Matchers.not(Matchers.containsString("PHÁT THẬT – Cảnh báo lũ"))));
    }

    @Test
    void aDrillGoesToAllPlacesThatWereChosenForIt() throws Exception {
        var both = List.of(
                in(village).wire(), in(areas.findByCode("370102").orElseThrow()).wire());
        mvc.perform(get("/drill").param("target", both.get(0), both.get(1), "").with(TestPeople.by(hoa)))
                .andExpect(content().string(Matchers.containsString("Phát thử tới 2 cụm loa")))
                .andExpect(content().string(Matchers.containsString("value=\"" + both.get(0) + "\"")))
                .andExpect(content().string(Matchers.containsString("value=\"" + both.get(1) + "\"")));
        mvc.perform(post("/drill")
                        .param("message", Long.toString(flood.id().value()))
                        .param("target", "", both.get(0), both.get(1))
                        .param("press", "d" + UUID.randomUUID())
                        .param("typed", "DIEN TAP")
                        .with(TestPeople.by(hoa)))
                .andExpect(redirectedUrlPattern("/emergency/*"));
        assertThat(alerts.ahead()).singleElement().satisfies(alert -> {
            assertThat(alert.drill()).isTrue();
            assertThat(alert.controllers()).isEqualTo(2);
            assertThat(alert.targets()).extracting(Target::wire).containsExactlyElementsOf(both);
        });
    }

    @Test
    void aCommuneMayNotAnnounceALevelOfCivilDefenceThatIsTheProvincesToAnnounce() throws Exception {
        var second = announcing(CivilDefenceLevel.LEVEL_2);
        assertThatThrownBy(() -> alerts.arm(press(second, commune), by(hoa)))
                .isInstanceOfSatisfying(Refusal.class, refusal -> assertThat(refusal.messageKey())
                        .isEqualTo("emergency.refused.defence.LEVEL_2"));
        var says = Matchers.containsString("phòng thủ dân sự cấp 2. Chỉ từ cấp tỉnh trở lên mới được phát thật");
        mvc.perform(choosing(post("/emergency"), second).param("press", "lv2").with(TestPeople.by(hoa)))
                .andExpect(status().isOk())
                .andExpect(content().string(says));
        mvc.perform(choosing(post("/emergency/confirm"), second).with(TestPeople.by(hoa)))
                .andExpect(content().string(says))
                .andExpect(content().string(Matchers.not(Matchers.containsString("id=\"confirm\""))));
        mvc.perform(choosing(post("/emergency/preset"), second).with(TestPeople.by(hoa)))
                .andExpect(status().isUnprocessableEntity());
        assertThat(alerts.ahead()).isEmpty();

        var duty = people.with("truc", Role.OPERATOR, province.path());
        assertThat(alerts.arm(press(second, commune), by(duty)).state()).isEqualTo(AlertState.COUNTING);
        var third = announcing(CivilDefenceLevel.LEVEL_3);
        assertThatThrownBy(() -> alerts.arm(press(third, commune), by(duty)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("LEVEL_3");
        assertThat(alerts.arm(press(announcing(CivilDefenceLevel.LEVEL_1), commune), by(hoa))
                        .state())
                .as("a commune's own level")
                .isEqualTo(AlertState.COUNTING);
    }

    @Test
    void whatAPersonMayNotAnnounceIsSaidBeforeTheHoldAndTheHoldIsNotOffered() throws Exception {
        var second = announcing(CivilDefenceLevel.LEVEL_2);
        var duty = people.with("truc", Role.OPERATOR, province.path());
        var barred = Matchers.containsString("id=\"barred\"");
        var offered = Matchers.containsString("<div id=\"offer\">");
        mvc.perform(choosing(get("/emergency/plan"), second).with(TestPeople.by(hoa)))
                .andExpect(content().string(barred));
        mvc.perform(choosing(get("/emergency"), second).with(TestPeople.by(hoa)))
                .andExpect(content().string(barred))
                .andExpect(content().string(Matchers.containsString("<div id=\"offer\" hidden=\"hidden\">")));
        mvc.perform(choosing(get("/emergency"), second).with(TestPeople.by(duty)))
                .andExpect(content().string(Matchers.not(barred)))
                .andExpect(content().string(offered));
        mvc.perform(choosing(get("/emergency"), flood).with(TestPeople.by(hoa)))
                .andExpect(content().string(Matchers.not(barred)))
                .andExpect(content().string(offered));

        mvc.perform(choosing(post("/emergency/preset"), second).with(TestPeople.by(duty)))
                .andExpect(status().is3xxRedirection());
        try {
            var errand = Matchers.containsString("id=\"emergency-errand\"");
            mvc.perform(get("/today").with(TestPeople.by(duty)))
                    .andExpect(content().string(errand));
            mvc.perform(get("/today").with(TestPeople.by(hoa)))
                    .andExpect(content().string(Matchers.not(errand)));
        } finally {
            jdbc.sql("delete from emergency_preset").update();
        }
    }

    @Test
    void drillsCorrectionsAndWhatIsRepeatedToSilentPolesAreNeverRefusedForTheirLevel() throws Exception {
        var second = announcing(CivilDefenceLevel.LEVEL_2);
        var drill = alerts.arm(press(second, Status.EXERCISE, in(commune)), by(hoa));
        assertThat(drill.state()).isEqualTo(AlertState.COUNTING);
        alerts.cancel(drill.id(), by(hoa));

        var alert = aired(press(flood, commune), hoa);
        for (var kind : List.of(Kind.CORRECTION, Kind.ALL_CLEAR)) {
            var words = message(kind, "Xong " + UUID.randomUUID(), CivilDefenceLevel.LEVEL_3, List.of(), 1);
            var answer = alerts.answer(alert.id(), words.id(), UUID.randomUUID().toString(), by(hoa));
            assertThat(answer.state()).as(kind.name()).isEqualTo(AlertState.COUNTING);
            alerts.cancel(answer.id(), by(hoa));
        }

        var duty = people.with("truc", Role.OPERATOR, province.path());
        var announced = aired(press(second, commune), duty);
        alerts.stop(announced.id(), by(duty), "");
        mvc.perform(post("/emergency/" + announced.id() + "/again")
                        .param("press", "g" + UUID.randomUUID())
                        .with(TestPeople.by(hoa)))
                .andExpect(redirectedUrlPattern("/emergency/*"));
        assertThat(alerts.ahead()).singleElement().satisfies(again -> assertThat(again.answers())
                .isEqualTo(announced.id()));
    }

    @Test
    void whoeverIsAboutToSendReadsTheLevelOfRiskAndWhatTheLawMissesAndIsNotHindered() throws Exception {
        var storm = messages.save(storm(List.of(new Spoken("vi", "Bão vào.", null))));
        var level = "<span class=\"risk risk-4\">Rủi ro thiên tai cấp 4 – đỏ</span>";
        for (var page : List.of(get("/emergency"), get("/emergency/plan"), post("/emergency/confirm"))) {
            mvc.perform(choosing(page, storm).with(TestPeople.by(hoa)))
                    .andExpect(content().string(Matchers.containsString(level)))
                    .andExpect(content().string(Matchers.containsString("Phòng thủ dân sự cấp 1")))
                    .andExpect(content().string(Matchers.containsString("Theo luật tin này còn thiếu")))
                    .andExpect(content().string(Matchers.containsString("<li>Cường độ</li>")))
                    .andExpect(content().string(Matchers.not(Matchers.containsString("<li>Địa điểm</li>"))));
        }
        mvc.perform(choosing(get("/emergency"), storm).with(TestPeople.by(hoa)))
                .andExpect(content().string(Matchers.containsString("<div id=\"offer\">")));
        mvc.perform(choosing(get("/emergency"), flood).with(TestPeople.by(hoa)))
                .andExpect(content().string(Matchers.containsString("</span>" + level + "</span>")));
        messages.archive(storm.id());
    }

    /** The message is changed afterwards: what was announced stays as it was. */
    @Test
    void anAlertKeepsTheLevelsTheFieldsOfTheLawAndTheWordsOfEveryLanguageItWasArmedWith() throws Exception {
        var chime = recordings
                .add(new StationId(stations.main().id()), Path.of("audio-samples/chime.mp3"), "Lời bão", "vi")
                .id();
        var storm = messages.save(
                storm(List.of(new Spoken("vi", "Bão vào bờ.", chime), new Spoken("hmn", "Cua daj cua dub.", null))));
        var alert = alerts.arm(press(storm, commune), by(hoa));
        messages.archive(storm.id());
        jdbc.sql("update emergency_message set risk = null, defence = null, place = '' where id = :id")
                .param("id", storm.id().value())
                .update();
        jdbc.sql("delete from emergency_spoken where message_id = :id")
                .param("id", storm.id().value())
                .update();
        assertThat(alert.risk()).isEqualTo(DisasterRiskLevel.LEVEL_4);
        assertThat(alert.defence()).isEqualTo(CivilDefenceLevel.LEVEL_1);

        var level = "<span class=\"risk risk-4\">Rủi ro thiên tai cấp 4 – đỏ</span>";
        assertThat(text("/today", lan)).as("counted down").contains("class=\"count-one\"", level);
        clock.forward(Duration.ofSeconds(9));
        alerts.fire(alert.id());
        assertThat(text("/today", lan)).as("on air").contains("alert-bar is-aired", level);

        var own = "/emergency/" + alert.id();
        for (var page : List.of(own, own + "/report", own + "/handout")) {
            assertThat(text(page, lan))
                    .as(page)
                    .contains(
                            level + "\n  <span class=\"chip\">Phòng thủ dân sự cấp 1</span>",
                            "Bão vào bờ.",
                            "Ngôn ngữ: Tiếng Việt",
                            "<dt>Địa điểm</dt><dd>Ngoài khơi Nam Định</dd><dt>Việc bà con cần làm</dt>")
                    .doesNotContain("<dt>Cường độ</dt>");
        }
        for (var page : List.of(own, own + "/course", own + "/handout")) {
            assertThat(text(page, lan)).as(page).contains("Cua daj cua dub.", "Ngôn ngữ: Tiếng H’Mông");
        }
        assertThat(text(own + "/course", lan)).contains("loa không đọc phần chữ này");
        assertThat(text(own + "/report", lan)).as("what was spoken").doesNotContain("Cua daj cua dub.");
    }

    @Test
    void aDrillAnnouncesNoLevelOnTheScreensAndItsSheetCallsTheWordsOfEveryLanguageADrill() throws Exception {
        var storm = messages.save(
                storm(List.of(new Spoken("vi", "Bão vào bờ.", null), new Spoken("hmn", "Cua daj cua dub.", null))));
        var drill = alerts.arm(press(storm, Status.EXERCISE, in(commune)), by(hoa));
        messages.archive(storm.id());
        assertThat(text("/today", lan)).contains("DIỄN TẬP – Bão mạnh").doesNotContain("Rủi ro thiên tai");
        clock.forward(Duration.ofSeconds(9));
        alerts.fire(drill.id());
        assertThat(text("/today", lan))
                .contains("DIỄN TẬP, không phải tin thật – Bão mạnh")
                .doesNotContain("Rủi ro thiên tai");
        assertThat(text("/emergency/" + drill.id() + "/handout", lan))
                .contains("Bão vào bờ.", "Cua daj cua dub.")
                .satisfies(sheet -> assertThat(sheet.split("Đây là diễn tập\\. Đây là diễn tập\\.", -1))
                        .hasSize(3));
        assertThat(text("/emergency/" + drill.id() + "/report", lan)).contains("Loa không đọc lời của tin");
    }

    @Test
    void anAlertFromBeforeItsWordsWereKeptShowsItsOneText() throws Exception {
        var alert = aired(press(flood, commune), hoa);
        jdbc.sql("delete from emergency_alert_words where alert_id = :id")
                .param("id", alert.id().value())
                .update();
        for (var page : List.of("", "/course", "/report", "/handout")) {
            assertThat(text("/emergency/" + alert.id() + page, lan))
                    .as(page)
                    .contains("Nước sông đang lên nhanh.")
                    .doesNotContain("Ngôn ngữ:", "class=\"risk");
        }
    }

    private String text(String page, SignedIn who) throws Exception {
        return mvc.perform(get(page).with(TestPeople.by(who)))
                .andExpect(status().isOk())
                .andReturn()
                .getResponse()
                .getContentAsString(StandardCharsets.UTF_8);
    }

    @Test
    void thePreviewAndTheMessagesPagesSayWhereALanguageIsWantedThatIsNotHeard() throws Exception {
        var upland = area(AreaPath.ROOT, "38", "Xã Cẩm Thuỷ", Authority.COMMUNE, "vi");
        for (var name : List.of("Thôn Chiềng", "Thôn Muốt")) {
            pole(area(upland.path(), "38" + name.length(), name, Authority.VILLAGE, "vi", "mtq"), "Cụm " + name);
        }
        pole(area(upland.path(), "3800", "Thôn Phố", Authority.VILLAGE, "vi", "hmn"), "Cụm phố");
        var chief = people.everywhere(Role.ADMINISTRATOR);
        var chime = recordings
                .add(new StationId(stations.main().id()), Path.of("audio-samples/chime.mp3"), "Lời", "vi")
                .id();
        var message = message(
                Kind.ALERT,
                "Lũ quét " + UUID.randomUUID(),
                List.of(new Spoken("vi", "Nước lên.", chime), new Spoken("hmn", "Dej nce.", null)),
                1);
        var words = "Tiếng Mường (mtq): chưa có lời cho Thôn Chiềng, Thôn Muốt.";
        var sound = "Tiếng H’Mông (hmn): có chữ nhưng chưa có bản ghi, loa không đọc cho Thôn Phố.";
        mvc.perform(get("/emergency/plan")
                        .param("message", Long.toString(message.id().value()))
                        .param("target", in(upland).wire())
                        .with(TestPeople.by(people.with("mai", Role.OPERATOR, upland.path()))))
                .andExpect(content().string(Matchers.containsString(words)))
                .andExpect(content().string(Matchers.containsString(sound)))
                .andExpect(content().string(Matchers.not(Matchers.containsString("(vi):"))))
                .andExpect(content().string(Matchers.not(Matchers.containsString("id=\"barred\""))));
        mvc.perform(choosing(get("/emergency/plan"), message).with(TestPeople.by(hoa)))
                .andExpect(content().string(Matchers.not(Matchers.containsString("(mtq)"))));

        var form = "/admin/emergency-messages/" + message.id().value();
        for (var page : List.of("/admin/emergency-messages", form)) {
            mvc.perform(get(page).with(TestPeople.by(chief)))
                    .andExpect(content().string(Matchers.containsString(words)))
                    .andExpect(content().string(Matchers.containsString(sound)));
        }
        mvc.perform(get(form).cookie(new Cookie("lang", "en")).with(TestPeople.by(chief)))
                .andExpect(
                        content().string(Matchers.containsString("Muong (mtq): no words for Thôn Chiềng, Thôn Muốt.")));
        messages.archive(message.id());
    }

    @Test
    void whoMayNotSpeakThereArmsNothing() throws Exception {
        var viewer = people.with("xem", Role.VIEWER, commune.path());
        mvc.perform(post("/emergency")
                        .param("message", Long.toString(flood.id().value()))
                        .param("target", in(commune).wire())
                        .param("press", "v1")
                        .with(TestPeople.by(viewer)))
                .andExpect(status().isForbidden());
        mvc.perform(post("/emergency")
                        .param("message", Long.toString(flood.id().value()))
                        .param("target", in(other).wire())
                        .param("press", "v2")
                        .with(TestPeople.by(hoa)))
                .andExpect(content().string(Matchers.containsString("Không có cụm loa nào ở nơi đã chọn")));
        assertThat(alerts.ahead()).isEmpty();
    }

    private ReadyMessage announcing(CivilDefenceLevel level) {
        return message(
                Kind.ALERT, "Ban bố " + UUID.randomUUID(), level, List.of(new Spoken("vi", "Nghe đây.", null)), 1);
    }

    /** A message of risk 4 and civil defence 1 that says two of the law's fields. */
    private static ReadyMessage storm(List<Spoken> words) {
        return new ReadyMessage(
                ReadyMessage.NEW,
                Kind.ALERT,
                "Bão mạnh",
                Bulletin.of(Map.of(
                        Bulletin.Field.PLACE, "Ngoài khơi Nam Định",
                        Bulletin.Field.RESPONSE, "Ở trong nhà, tránh xa cửa sổ")),
                DisasterRiskLevel.LEVEL_4,
                CivilDefenceLevel.LEVEL_1,
                words,
                null,
                1,
                Duration.ZERO,
                100,
                Duration.ofMinutes(10),
                null,
                0);
    }

    private MockHttpServletRequestBuilder choosing(MockHttpServletRequestBuilder page, ReadyMessage message) {
        return page.param("message", Long.toString(message.id().value()))
                .param("target", in(commune).wire());
    }

    private Alert aired(Alerts.Press press, SignedIn who) {
        var alert = alerts.arm(press, by(who));
        assertThat(alert.state()).isEqualTo(AlertState.COUNTING);
        clock.forward(Duration.ofSeconds(9));
        alerts.fire(alert.id());
        var aired = alerts.find(alert.id()).orElseThrow();
        assertThat(aired.state()).as(String.valueOf(aired.lapseKey())).isEqualTo(AlertState.AIRED);
        return aired;
    }

    private List<String> deeds() {
        return jdbc.sql("select action from access_audit").query(String.class).list();
    }

    /** How many poles of the alert are in each state. */
    private Map<PlaybackState, Long> states(Alert alert) {
        return jdbc
                .sql("select state, count(*) from broadcast_playback where broadcast_id = :id group by state")
                .param("id", alert.broadcast().value())
                .query((row, number) -> Map.entry(PlaybackState.valueOf(row.getString(1)), row.getLong(2)))
                .list()
                .stream()
                .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
