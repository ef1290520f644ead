package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.authentication;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import jakarta.servlet.http.Cookie;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.http.MediaType;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.bean.override.convention.TestBean;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.Durability;
import vn.loalang.area.QuietHours;
import vn.loalang.area.Refusal;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.OrderPlan;
import vn.loalang.broadcast.Origin;
import vn.loalang.broadcast.Priority;
import vn.loalang.broadcast.Status;
import vn.loalang.controller.Deployment;
import vn.loalang.live.Ending;
import vn.loalang.live.LiveVoice;
import vn.loalang.protocol.Topics;
import vn.loalang.sound.CanonicalMp3;
import vn.loalang.system.Await;

/** From the samples of a microphone to what a real controller sounds, over the embedded broker. */
@AutoConfigureMockMvc
@TestPropertySource(properties = {"loalang.live.patience=2s"})
class LiveVoiceTest extends ControllerTestBase {
    private static final int BLOCK = CanonicalMp3.SAMPLE_RATE / 10;

    @Autowired
    Addressees addressees;

    @Autowired
    Insistence insistence;

    @Autowired
    LiveVoice voice;

    @Autowired
    Recordings recordings;

    @Autowired
    LiveSessions sessions;

    @Autowired
    KeyStore keys;

    @Autowired
    Topics topics;

    @Autowired
    Documents documents;

    @Autowired
    Durability durability;

    @Autowired
    Ladder ladder;

    @Autowired
    ClockCheck clockCheck;

    @Autowired
    Abilities abilities;

    @Autowired
    InForce inForce;

    @Autowired
    MockMvc mvc;

    @TestBean(methodName = "lossyPost")
    Post post;

    static Post lossyPost() {
        return new LossyPost();
    }

    /** The way down, on which chunks of live sound may be lost. */
    private static final class LossyPost extends Post {
        private final AtomicInteger sent = new AtomicInteger();
        private volatile Set<Integer> lost = Set.of();

        /** From now on these are lost, counted from 1; says how many were sent until it is asked again. */
        AtomicInteger lose(Set<Integer> numbers) {
            sent.set(0);
            lost = numbers;
            return sent;
        }

        @Override
        CompletableFuture<Void> live(String topic, byte[] frame) {
            return lost.contains(sent.incrementAndGet())
                    ? CompletableFuture.completedFuture(null)
                    : super.live(topic, frame);
        }
    }

    @BeforeEach
    void itIsOnAndAnOperatorStandsReady() throws Exception {
        powerOn(broker.plainPort());
        says("Applied plan");
        as(people.everywhere(Role.OPERATOR));
    }

    @AfterEach
    void end() throws Exception {
        ((LossyPost) post).lose(Set.of());
        as(people.everywhere(Role.OPERATOR));
        voice.speakers(station).forEach(speaker -> voice.end(speaker.id(), ""));
        SecurityContextHolder.clearContext();
    }

    @Test
    void whatIsSaidIsHeardWithinTwoAndAHalfSecondsAndKept() throws Exception {
        var id = voice.open(station, Set.of(village)).id();
        var said = speak(id, 12, 2, 10);
        var standing = voice.end(id, "");
        assertThat(standing.ending()).isEqualTo(Ending.FINISHED);

        reaches("COMPLETED", id);
        var heard = heard(id);
        var delays = new ArrayList<Long>();
        for (var moment : said) {
            delays.add(heard.chirpAfter(moment) - moment);
        }
        System.out.println("mouth to WAV sink, ms: " + delays);
        assertThat(delays).allSatisfy(delay -> assertThat(delay).isBetween(1200L, 2500L));
        assertThat(delays.get(1)).as("no drift").isCloseTo(delays.get(0), within(60L));
        assertThat(heard)
                .as("a chime before and after")
                .matches(Heard::begunWithAChime)
                .matches(Heard::endedWithAChime);

        Await.until(PATIENCE, () -> recordingOf(id) != null);
        var kept = recordings.find(new RecordingId(recordingOf(id))).orElseThrow();
        assertThat(kept.title()).startsWith("Nói trực tiếp ");
        assertThat(kept.duration().toMillis()).isCloseTo(12_000, within(150L));
        assertThat(voice.speakers(station)).isEmpty();
    }

    @Test
    void lostChunksAreBridgedAndTheRestIsHeardInTime() throws Exception {
        var sent = ((LossyPost) post).lose(Set.of(14, 25));
        var id = voice.open(station, Set.of(village)).id();
        var said = speak(id, 18, 1, 15);
        voice.end(id, "");
        reaches("COMPLETED", id);
        assertThat(sent.get()).as("2 of so many chunks were lost").isBetween(40, 60);
        assertThat(neverStopped()).isTrue();
        assertThat(sounded(id.oid().value())).as("one playback without a break").hasSize(1);
        var heard = heard(id);
        var first = heard.chirpAfter(said.get(0)) - said.get(0);
        var second = heard.chirpAfter(said.get(1)) - said.get(1);
        assertThat(second).as("no drift behind the gaps").isCloseTo(first, within(60L));
    }

    @Test
    void aBrowserThatFallsSilentEndsWithAChimeAndTheTimetableGoesOnWhereItIsByNow() throws Exception {
        var start = in(12);
        var slot = plan(start, sound(90, 7));
        reaches("STARTED", slot);
        var id = voice.open(station, Set.of(village)).id();
        speak(id, 3, 1);
        Await.until(PATIENCE, () -> voice.standing(id).ending() == Ending.LINK_LOST);
        assertThat(voice.speakers(station)).isEmpty();
        reaches("COMPLETED", id);
        assertThat(heard(id)).matches(Heard::endedWithAChime);
        goesOn(slot, start);
        Await.until(PATIENCE, () -> recordingOf(id) != null);
    }

    @Test
    void aSpeakerWhoLosesTheRightEndsWithAChimeAndTheTimetableGoesOnWhereItIsByNow() throws Exception {
        var tam = people.with("tam", Role.OPERATOR, village);
        var start = in(12);
        var slot = plan(start, sound(90, 9));
        reaches("STARTED", slot);
        as(tam);
        var id = voice.open(station, Set.of(village)).id();
        speak(id, 3, 1);
        people.revoke(tam, Role.OPERATOR, village);
        var more = voice.hear(id, 3L * CanonicalMp3.SAMPLE_RATE, new byte[4800]);
        assertThat(more.ending()).isEqualTo(Ending.RIGHTS);
        assertThat(voice.speakers(station)).isEmpty();
        assertThat(voice.hear(id, 4L * CanonicalMp3.SAMPLE_RATE, new byte[4800]).ending())
                .isEqualTo(Ending.RIGHTS);
        reaches("COMPLETED", id);
        assertThat(heard(id)).matches(Heard::endedWithAChime);
        goesOn(slot, start);

        Await.until(PATIENCE, () -> recordingOf(id) != null);
        var kept = recordings.find(new RecordingId(recordingOf(id))).orElseThrow();
        assertThat(kept.duration().toMillis()).isCloseTo(3_000, within(150L));
        isAudited("Người nói không còn quyền phát ở nơi này");
        mvc.perform(get("/speak/" + id)
                        .with(by(people.everywhere(Role.OPERATOR)))
                        .cookie(new Cookie("lang", "vi")))
                .andExpect(status().isOk())
                .andExpect(content().string(containsString("Người nói không còn quyền phát ở nơi này")));
    }

    @Test
    void aClosedAccountAndASignedOutSpeakerEndWithoutAnotherWord() throws Exception {
        var tu = people.with("tu", Role.OPERATOR, village);
        var session = new MockHttpSession();
        var signedOut = opened(tu, session);
        mvc.perform(post("/logout").session(session).with(by(tu))).andExpect(status().isFound());
        assertThat(voice.standing(signedOut).ending()).isEqualTo(Ending.SIGNED_OUT);
        isAudited("Người nói đã đăng xuất hoặc mật khẩu vừa được đổi");

        // Still in the countdown: the browser has sent nothing yet, and the server notices by itself.
        session = new MockHttpSession();
        var closed = opened(tu, session);
        people.close(tu);
        Await.until(PATIENCE, () -> voice.standing(closed).ending() == Ending.CLOSED);
        assertThat(voice.speakers(station)).isEmpty();
        mvc.perform(sound(closed, 0, new byte[4800]).session(session).with(by(tu)))
                .andExpect(status().isUnauthorized());
        isAudited("Tài khoản của người nói đã bị khoá");
        mvc.perform(post("/api/v1/speeches").with(by(tu)).param("area", village.value()))
                .andExpect(status().isUnauthorized());
    }

    @Test
    void aSpeakerIsToldOfTheEmergencyThatSoundsInTheirPlace() throws Exception {
        var speaker = people.everywhere(Role.OPERATOR);
        var id = opened(speaker, new MockHttpSession());
        var drill = overIt(Status.EXERCISE, "Thử lũ");
        mvc.perform(get("/speak/" + id + "/now").with(by(speaker)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString("Tỉnh đang diễn tập, không phải tin thật")))
                .andExpect(content().string(containsString("“Thử lũ” phát thay lời bạn trên 1 cụm loa")))
                .andExpect(content().string(not(containsString("đang phát khẩn cấp"))));
        var alert = overIt(Status.ACTUAL, "Bão số 9");
        mvc.perform(get("/speak/" + id + "/now").with(by(speaker)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString("Tỉnh đang phát khẩn cấp")))
                .andExpect(content().string(containsString("“Bão số 9” phát thay lời bạn trên 1 cụm loa")))
                .andExpect(content().string(containsString("Lời bạn vẫn được ghi âm")));
        for (var over : List.of(drill, alert)) {
            broadcasts.over(over, clock.instant(), Duration.ZERO);
        }
    }

    /** The province's alert or drill on this pole, on air from now on. */
    private BroadcastId overIt(Status status, String title) {
        var now = clock.instant();
        var alert = broadcasts.arm(new OrderPlan(
                station,
                Priority.EMERGENCY,
                vn.loalang.area.Authority.PROVINCE,
                Origin.EMERGENCY,
                status,
                title,
                List.of(),
                1,
                Duration.ofSeconds(10),
                Duration.ofMinutes(10),
                100,
                Set.of(pole),
                Map.of()));
        broadcasts.release(alert, now, now.plusSeconds(600));
        broadcasts.settle(alert, now, now.plusSeconds(600));
        return alert;
    }

    @Test
    void aLeaderEndsItOnHisOwnPolesWithAReasonAndElsewhereItGoesOn() throws Exception {
        aPole(anotherCommune());
        var province = village.parent().parent();
        var officer = people.with("tinh", Role.OPERATOR, province);
        var chair = people.with("chutich", Role.APPROVER, village.parent());
        var start = in(12);
        var slot = plan(start, sound(120, 10));
        reaches("STARTED", slot);
        as(officer);
        var id = voice.open(station, Set.of(province)).id();
        speak(id, 4, 1);
        reaches("STARTED", id);
        mvc.perform(get("/today").with(by(chair)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString("ĐANG NÓI TRỰC TIẾP – Người tinh")))
                .andExpect(content().string(containsString("Dừng trên loa của Thử 3714329")))
                .andExpect(content().string(containsString("nơi khác vẫn nghe")))
                .andExpect(content().string(not(containsString("Kết thúc phiên này"))));
        for (var wrong : List.of(" ", "x".repeat(201))) {
            mvc.perform(stop(id, wrong).with(by(chair))).andExpect(status().isUnprocessableContent());
        }
        as(officer);
        speak(id, 1, second(4));

        mvc.perform(stop(id, " Xã đang họp dân ").with(by(chair))).andExpect(status().isFound());

        as(officer);
        speak(id, 8, second(5));
        assertThat(voice.standing(id).ending()).isNull();
        reaches("INTERRUPTED", id);
        assertThat(jdbc.sql("select reason from broadcast_playback where broadcast_id = :id and controller_id = :pole")
                        .param("id", id.value())
                        .param("pole", pole.value())
                        .query(String.class)
                        .single())
                .isEqualTo("SILENCED");
        goesOn(slot, start);
        assertThat(sounded(id.oid().value())).as("it does not come back").hasSize(1);
        var told = "Lãnh đạo Người chutich đã dừng trên loa của Thử 3714329";
        mvc.perform(get("/speak/" + id + "/now").with(by(officer)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString(told)))
                .andExpect(content().string(containsString("Lý do: Xã đang họp dân")))
                .andExpect(content().string(containsString("Nơi khác vẫn nghe bạn")));
        mvc.perform(get("/today").with(by(chair)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString(told)))
                .andExpect(content().string(not(containsString("Dừng trên loa của"))));
        assertThat(audited("live.silenced")).isEqualTo("Thử 3714329");

        as(officer);
        voice.end(id, "");
        Await.until(PATIENCE, () -> recordingOf(id) != null);
        assertThat(recordings
                        .find(new RecordingId(recordingOf(id)))
                        .orElseThrow()
                        .duration()
                        .toMillis())
                .as("all of it is kept")
                .isCloseTo(13_000, within(150L));
        mvc.perform(get("/speak/" + id).with(by(officer)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString(told)))
                .andExpect(content().string(containsString("Người nói kết thúc")));
    }

    @Test
    void whereAllPolesAreTheLeadersItEndsWithAChimeAndTheTimetableGoesOnWhereItIsByNow() throws Exception {
        var chair = people.with("chutich", Role.APPROVER, village.parent());
        var start = in(12);
        var slot = plan(start, sound(90, 11));
        reaches("STARTED", slot);
        var id = voice.open(station, Set.of(village)).id();
        speak(id, 4, 1);
        mvc.perform(get("/speak/everywhere").with(by(chair)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString("nên phiên nói kết thúc")));

        mvc.perform(stop(id, "Đang phát nhầm").with(by(chair))).andExpect(status().isFound());

        assertThat(voice.standing(id).ending()).isEqualTo(Ending.STOPPED);
        assertThat(voice.speakers(station)).isEmpty();
        reaches("COMPLETED", id);
        assertThat(heard(id)).matches(Heard::endedWithAChime);
        goesOn(slot, start);
        Await.until(PATIENCE, () -> recordingOf(id) != null);
        mvc.perform(get("/speak/" + id)
                        .with(by(people.everywhere(Role.OPERATOR)))
                        .cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString("Lãnh đạo Người chutich đã dừng phiên nói này lúc")))
                .andExpect(content().string(containsString("Lý do: Đang phát nhầm")));
    }

    @Test
    void whoSpeaksWithALowerAuthorityOrForOtherPlacesEndsNothing() throws Exception {
        var officer = people.with("tinh", Role.OPERATOR, village.parent().parent());
        var commune = people.with("xa", Role.OPERATOR, village.parent());
        var elsewhere = people.with("chutich-khac", Role.APPROVER, anotherCommune());
        as(officer);
        var higher = voice.open(station, Set.of(village.parent())).id();
        for (var nobody : List.of(commune, elsewhere, people.everywhere(Role.VIEWER))) {
            mvc.perform(stop(higher, "Ồn quá").with(by(nobody))).andExpect(status().isForbidden());
        }
        mvc.perform(get("/speak/everywhere").with(by(commune)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString("ĐANG NÓI TRỰC TIẾP – Người tinh")))
                .andExpect(content().string(not(containsString("<form"))));
        mvc.perform(get("/speak/everywhere").with(by(elsewhere)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(not(containsString("ĐANG NÓI"))));
        assertThat(voice.standing(higher).ending()).isNull();
        as(officer);
        voice.end(higher, "");

        as(commune);
        var lower = voice.open(station, Set.of(village)).id();
        mvc.perform(stop(lower, "").with(by(officer))).andExpect(status().isFound());
        assertThat(voice.standing(lower).ending()).isEqualTo(Ending.STOPPED);
        mvc.perform(get("/speak/" + lower).with(by(officer)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString("Người tinh đã kết thúc phiên nói tới Thử 371432901")));
    }

    /** Number of the first sample of this second. */
    private static long second(int seconds) {
        return (long) seconds * CanonicalMp3.SAMPLE_RATE;
    }

    private static MockHttpServletRequestBuilder stop(BroadcastId id, String reason) {
        return post("/speak/" + id + "/stop").param("reason", reason).accept(MediaType.APPLICATION_JSON);
    }

    private String audited(String action) {
        return jdbc.sql("select subject from access_audit where action = :action order by id desc limit 1")
                .param("action", action)
                .query(String.class)
                .single();
    }

    private BroadcastId opened(SignedIn who, MockHttpSession session) throws Exception {
        mvc.perform(post("/api/v1/speeches").session(session).with(by(who)).param("area", village.value()))
                .andExpect(status().isCreated());
        return voice.speakers(station).get(0).id();
    }

    /** The end of a speech is written down right after it is shown. */
    private void isAudited(String why) throws Exception {
        Await.until(PATIENCE, () -> audited("live.ended").equals(why));
    }

    @Test
    void whenTheServerDiesBoxesReturnToTheTimetableAndTheNextRunEndsTheSession() throws Exception {
        var start = in(12);
        var slot = plan(start, sound(90, 8));
        reaches("STARTED", slot);
        var session = sessions.open(new LiveSessions.NewSession(
                station,
                vn.loalang.area.Authority.COMMUNE,
                "Nói trực tiếp",
                Set.of(vn.loalang.protocol.Scope.of(new vn.loalang.protocol.AreaPath(village.value()))),
                63,
                80,
                Duration.ofMinutes(15),
                "mp3",
                Duration.ofMillis(480),
                Duration.ofMillis(1200),
                java.util.Optional.empty()));
        LockSupport.parkNanos(Duration.ofMillis(800).toNanos());
        var silence = Deployment.audio(4, 9);
        for (int at = 0; at < 6; at++) {
            sessions.send(
                    session,
                    clock.instant().plusMillis(1200 + 480L * at),
                    java.util.Arrays.copyOfRange(silence, at * 2880, (at + 1) * 2880));
        }
        reaches("STARTED", session.id());
        // Nothing more comes: after ten seconds the timetable sounds again.
        reaches("INTERRUPTED", session.id());
        goesOn(slot, start);

        var nextRun = new LiveSessions(
                insistence,
                clock,
                keys,
                topics,
                documents,
                broadcasts,
                addressees,
                durability,
                ladder,
                post,
                clockCheck,
                abilities,
                inForce);
        assertThat(nextRun.closeLeftBehind()).contains(session.id());
        assertThat(nextRun.closeLeftBehind()).doesNotContain(session.id());
        assertThat(documents.currentSessions(clock.instant())).isEmpty();
        sessions.close(session);
    }

    @Test
    void aSecondSpeakerIsToldWhoSpeaksAndStrangersChangeNothing() {
        var id = voice.open(station, Set.of(village)).id();
        as(people.everywhere(Role.OPERATOR, Role.APPROVER));
        assertThatThrownBy(() -> voice.open(station, Set.of(village)))
                .isInstanceOfSatisfying(Refusal.class, refusal -> {
                    assertThat(refusal.messageKey()).isEqualTo("live.refused.busy");
                    assertThat(refusal.arguments()[0]).isEqualTo("Người t-operator");
                });
        assertThatThrownBy(() -> voice.hear(id, 0, new byte[4800])).isInstanceOf(AccessDeniedException.class);
        as(people.everywhere(Role.VIEWER));
        assertThatThrownBy(() -> voice.end(id, "")).isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> voice.open(station, Set.of(village))).isInstanceOf(AccessDeniedException.class);
        assertThat(voice.standing(id).ending()).isNull();
        as(people.everywhere(Role.OPERATOR, Role.APPROVER));
        assertThat(voice.end(id, "").ending()).isEqualTo(Ending.STOPPED);
        assertThat(voice.speakers(station)).isEmpty();
    }

    @Test
    void atPlacesApartSeveralSpeakAtOnceAndEachIsShownToThoseWhoHearHim() throws Exception {
        var other = anotherCommune();
        aPole(other);
        var here = people.with("xa", Role.OPERATOR, village.parent());
        var there = people.with("xa-khac", Role.OPERATOR, other);
        var above = people.with("tinh", Role.OPERATOR, village.parent().parent());
        as(here);
        var first = voice.open(station, Set.of(village.parent())).id();
        as(there);
        var second = voice.open(station, Set.of(other)).id();
        assertThat(voice.speakers(station)).extracting(LiveVoice.Speaker::id).containsExactly(first, second);
        assertThat(voice.hear(second, 0, new byte[4800]).ending()).isNull();

        as(above);
        for (var taken : List.of(village.parent().parent(), village, other)) {
            assertThatThrownBy(() -> voice.open(station, Set.of(taken)))
                    .isInstanceOfSatisfying(Refusal.class, refusal -> assertThat(refusal.messageKey())
                            .isEqualTo("live.refused.busy"));
        }
        mvc.perform(get("/speak/everywhere").with(by(above)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString("ĐANG NÓI TRỰC TIẾP – Người xa<")))
                .andExpect(content().string(containsString("ĐANG NÓI TRỰC TIẾP – Người xa-khac<")));
        mvc.perform(get("/speak/now").with(by(there)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString("Người xa-khac đang nói")))
                .andExpect(content().string(not(containsString("Người xa đang nói"))));

        as(here);
        voice.end(first, "");
        assertThat(voice.speakers(station)).extracting(LiveVoice.Speaker::id).containsExactly(second);
        assertThat(voice.standing(second).ending()).isNull();
    }

    @Test
    void aServerThatStopsEndsWithAChime() throws Exception {
        var id = voice.open(station, Set.of(village)).id();
        speak(id, 3, 1);
        voice.stop();
        try {
            assertThat(voice.standing(id).ending()).isEqualTo(Ending.SERVER_STOPPED);
            assertThatThrownBy(() -> voice.open(station, Set.of(village))).isInstanceOf(Refusal.class);
            reaches("COMPLETED", id);
            assertThat(heard(id)).matches(Heard::endedWithAChime);
        } finally {
            voice.start();
        }
        assertThat(recordingOf(id)).isNull();
        voice.goOn();
        Await.until(PATIENCE, () -> recordingOf(id) != null);
    }

    @Test
    void theLongestTimeEndsIt() throws Exception {
        var id = voice.open(station, Set.of(village)).id();
        clock.shift(Duration.ofMinutes(14).plusSeconds(50));
        assertThat(voice.hear(id, 0, new byte[4800]).left()).isLessThan(Duration.ofSeconds(20));
        clock.shift(Duration.ofMinutes(16));
        Await.until(PATIENCE, () -> voice.standing(id).ending() == Ending.LIMIT);
    }

    @Test
    void inQuietHoursTheSheetSaysWhoStaysSilentAndWhereNobodyWouldHearItNobodyGoesOnTheAir() throws Exception {
        var speaker = people.everywhere(Role.OPERATOR);
        var now = LocalTime.ofInstant(clock.instant(), stations.main().zone());
        areas.setQuietHours(village, new QuietHours(now.minusHours(1), now.plusHours(1)));
        mvc.perform(get("/speak").with(by(speaker)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString("cụm đang giờ yên tĩnh, không phát lời nói trực tiếp")));
        mvc.perform(post("/api/v1/speeches")
                        .with(by(speaker))
                        .param("area", village.value())
                        .cookie(new Cookie("lang", "vi")))
                .andExpect(status().isUnprocessableContent())
                .andExpect(jsonPath("$.detail").value(containsString("là giờ yên tĩnh ở nơi đã chọn")));

        as(speaker);
        var other = areas.findByCode("371432902").orElseThrow().path();
        aPole(other);
        areas.setQuietHours(other, QuietHours.OFF);
        var id = voice.open(station, Set.of(village.parent())).id();
        assertThat(voice.standing(id).ending()).as("somebody hears it").isNull();
    }

    @Test
    void quietHoursThatBeginWhileSomebodySpeaksAreSaidBeforeAndMeanwhile() throws Exception {
        var speaker = people.everywhere(Role.OPERATOR);
        var now = LocalTime.ofInstant(clock.instant(), stations.main().zone());
        var soon = now.plusMinutes(10).truncatedTo(ChronoUnit.MINUTES);
        areas.setQuietHours(village, new QuietHours(soon, soon.plusHours(1)));
        mvc.perform(get("/speak").with(by(speaker)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString("Giờ yên tĩnh bắt đầu lúc " + soon)));
        as(speaker);
        var id = voice.open(station, Set.of(village)).id();
        mvc.perform(get("/speak/" + id + "/now").with(by(speaker)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString("Từ " + soon + " là giờ yên tĩnh")));

        areas.setQuietHours(village, new QuietHours(soon.plusHours(1), soon.plusHours(2)));
        mvc.perform(get("/speak/" + id + "/now").with(by(speaker)).cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(not(containsString("là giờ yên tĩnh"))));
    }

    @Test
    void requestsThatAreNoneOfOursAreRefused() throws Exception {
        var speaker = people.everywhere(Role.OPERATOR);
        mvc.perform(post("/api/v1/speeches").with(by(speaker)).param("area", "no such"))
                .andExpect(status().isUnprocessableContent());
        mvc.perform(post("/api/v1/speeches")
                        .with(by(people.everywhere(Role.VIEWER)))
                        .param("area", village.value()))
                .andExpect(status().isForbidden());
        mvc.perform(post("/api/v1/speeches")
                        .with(authentication(TestPeople.authentication(speaker)))
                        .param("area", village.value()))
                .andExpect(status().isForbidden());
        as(speaker);
        var id = voice.open(station, Set.of(village)).id();
        for (var wrong : List.of(new byte[3], new byte[100_000])) {
            mvc.perform(sound(id, 0, wrong).with(by(speaker))).andExpect(status().isUnprocessableContent());
        }
        mvc.perform(sound(id, -1, new byte[2]).with(by(speaker))).andExpect(status().isUnprocessableContent());
        mvc.perform(sound(id, 0, new byte[4800]).with(authentication(TestPeople.authentication(speaker))))
                .andExpect(status().isForbidden());
        mvc.perform(sound(id, 0, new byte[4800]).with(by(people.everywhere(Role.OPERATOR, Role.APPROVER))))
                .andExpect(status().isForbidden());
        mvc.perform(sound(id, 0, new byte[4800]).with(by(speaker)))
                .andExpect(status().isOk())
                .andExpect(jsonPath("$.ending").doesNotExist());
        mvc.perform(post("/api/v1/speeches")
                        .with(by(speaker))
                        .param("area", village.value())
                        .cookie(new Cookie("lang", "vi")))
                .andExpect(status().isUnprocessableContent())
                .andExpect(jsonPath("$.detail").value(containsString("đang nói trực tiếp từ")));
        mvc.perform(post("/api/v1/speeches/" + id + "/end").with(by(speaker)))
                .andExpect(status().isOk())
                .andExpect(jsonPath("$.ending").value("FINISHED"));
    }

    /** The slot sounds again, at the timetable's position. */
    private void goesOn(BroadcastId slot, Instant start) throws Exception {
        Await.until(PATIENCE, () -> sounded(slot.oid().value()).size() == 2);
        var again = sounded(slot.oid().value()).get(1);
        Await.until(PATIENCE, () -> Files.size(again) > 44 + 2 * CanonicalMp3.SAMPLE_RATE);
        assertThat(start.toEpochMilli() + note(again, "offset"))
                .as("it joins at the timetable's position")
                .isCloseTo(note(again, "first"), within(250L));
    }

    private static MockHttpServletRequestBuilder sound(BroadcastId id, long at, byte[] pcm) {
        return post("/api/v1/speeches/" + id + "/sound")
                .param("at", Long.toString(at))
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .content(pcm);
    }

    /** Speaks in real time with a chirp at these seconds; the moments at which the chirps were said. */
    private List<Long> speak(BroadcastId id, int seconds, int... chirps) {
        return speak(id, seconds, 0, chirps);
    }

    private List<Long> speak(BroadcastId id, int seconds, long from, int... chirps) {
        var pcm = new short[seconds * CanonicalMp3.SAMPLE_RATE];
        for (var second : chirps) {
            System.arraycopy(Chirps.chirp(), 0, pcm, second * CanonicalMp3.SAMPLE_RATE, Chirps.LENGTH);
        }
        if (from == 0) {
            LockSupport.parkNanos(LiveVoice.COUNTDOWN.toNanos());
        }
        var start = System.nanoTime();
        var began = clock.millis();
        for (int at = 0; at < pcm.length; at += BLOCK) {
            // A block exists when its last sample has been said.
            waitUntil(start + (at + BLOCK) * 1_000_000_000L / CanonicalMp3.SAMPLE_RATE);
            voice.hear(id, from + at, bytes(pcm, at, BLOCK));
        }
        return java.util.Arrays.stream(chirps)
                .mapToObj(second -> began + second * 1000L)
                .toList();
    }

    private static void waitUntil(long nanos) {
        for (var left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static byte[] bytes(short[] pcm, int at, int count) {
        var bytes = ByteBuffer.allocate(2 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) bytes.putShort(pcm[at + i]);
        return bytes.array();
    }

    private static void as(SignedIn person) {
        SecurityContextHolder.getContext().setAuthentication(TestPeople.authentication(person));
    }

    private Long recordingOf(BroadcastId id) {
        return jdbc.sql("select recording_id from live_speech where broadcast_id = :id")
                .param("id", id.value())
                .query((row, number) -> row.getObject(1, Long.class))
                .optional()
                .orElse(null);
    }

    /** What the controller sounded of it: samples, and the wall instant of the first. */
    private record Heard(short[] samples, long first) {
        /** When the chirp that was said then came out, Unix ms. */
        long chirpAfter(long said) {
            var from = (int) ((said - first) * 24);
            var at = Chirps.find(samples, from, from + 5 * CanonicalMp3.SAMPLE_RATE);
            assertThat(at).as("the chirp said at " + said).isNotNegative();
            return first + at / 24;
        }

        /** Whether something sounds in the first three seconds. */
        boolean begunWithAChime() {
            return loudest(0, 3) > 2000;
        }

        /** Whether something sounds in the last three seconds. */
        boolean endedWithAChime() {
            return loudest(samples.length / CanonicalMp3.SAMPLE_RATE - 3, 3) > 2000;
        }

        private int loudest(int second, int seconds) {
            var most = 0;
            for (int i = Math.max(0, second) * CanonicalMp3.SAMPLE_RATE;
                    i < Math.min(samples.length, (second + seconds) * CanonicalMp3.SAMPLE_RATE);
                    i++) {
                most = Math.max(most, Math.abs(samples[i]));
            }
            return most;
        }

        /** Peaks of each second. */
        @Override
        public String toString() {
            return java.util.stream.IntStream.rangeClosed(0, samples.length / CanonicalMp3.SAMPLE_RATE)
                    .mapToObj(second -> String.valueOf(loudest(second, 1)))
                    .toList()
                    .toString();
        }
    }

    private List<Path> sounded(String oid) throws IOException {
        try (var files = Files.list(wav)) {
            return files.filter(file -> file.getFileName().toString().startsWith(oid)
                            && file.toString().endsWith(".wav"))
                    .sorted(Comparator.comparing(file -> file.toFile().lastModified()))
                    .toList();
        }
    }

    private Heard heard(BroadcastId id) throws IOException {
        var file = sounded(id.oid().value()).get(0);
        var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        var samples = new short[(bytes.capacity() - 44) / 2];
        for (int i = 0; i < samples.length; i++) samples[i] = bytes.getShort(44 + 2 * i);
        return new Heard(samples, note(file, "first"));
    }
}
