package vn.loalang.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.delete;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.patch;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.put;

import com.jayway.jsonpath.JsonPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.AbstractMockHttpServletRequestBuilder;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.ServerSettings;
import vn.loalang.sound.CanonicalMp3;
import vn.loalang.sound.WavWriter;
import vn.loalang.system.Await;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@AutoConfigureMockMvc
class UploadsTest {

    private static final String API = "/api/v1/uploads";

    @Autowired
    MockMvc mvc;

    @Autowired
    TestPeople people;

    @Autowired
    Recordings recordings;

    @Autowired
    AudioStore store;

    @Autowired
    Ingest ingest;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    ServerSettings settings;

    SignedIn operator;

    @BeforeEach
    void somebodyWhoMay() {
        operator = people.everywhere(Role.OPERATOR);
    }

    @Test
    void aFileSentInChunksBecomesARecording() throws Exception {
        byte[] mp3 = sample("water-cut.mp3");
        var id = begin("Lịch cắt nước.mp3", mp3.length);
        for (int at = 0; at < mp3.length; at += 50_000) {
            var answer = send(id, at, Arrays.copyOfRange(mp3, at, Math.min(mp3.length, at + 50_000)));
            assertThat(answer.getStatus()).isEqualTo(200);
        }
        assertThat(ask(post(API + "/" + id + "/finish")).getStatus()).isEqualTo(202);
        var recording = recordings
                .find(new RecordingId(Long.parseLong(read(settled(id), "$.recording"))))
                .orElseThrow();
        assertThat(recording.title()).isEqualTo("Lịch cắt nước");
        assertThat(recording.uploadedBy()).isEqualTo(operator.name());
        assertThat(recording.duration().toMillis()).isEqualTo(mp3.length / 6);
        assertThat(recording.warnings()).isEmpty();
        // Tidied up after the word that it is done.
        Await.until("the upload is gone", Duration.ofSeconds(30), () -> !Files.exists(store.upload(id)));
        // Finishing again makes no second one.
        assertThat(read(ask(post(API + "/" + id + "/finish")), "$.state")).isEqualTo("DONE");
        assertNothingHalfMade();
    }

    @Test
    void aChunkSentAgainOrOverlappingChangesNothingAndAGapSaysWhereToGoOn() throws Exception {
        byte[] mp3 = sample("chime.mp3");
        var id = begin("chime.mp3", mp3.length);
        send(id, 0, Arrays.copyOf(mp3, 10_000));
        assertThat(read(send(id, 0, Arrays.copyOf(mp3, 10_000)), "$.offset")).isEqualTo("10000");
        assertThat(read(send(id, 5_000, Arrays.copyOfRange(mp3, 5_000, 15_000)), "$.offset"))
                .isEqualTo("15000");
        var gap = send(id, 16_000, new byte[10]);
        assertThat(gap.getStatus()).isEqualTo(409);
        assertThat(read(gap, "$.offset")).isEqualTo("15000");
        assertThat(read(gap, "$.code")).isEqualTo("audio.refused.gap");
        assertThat(send(id, 15_000, new byte[mp3.length]).getStatus()).isEqualTo(422);
        assertThat(send(id, -1, new byte[1]).getStatus()).isEqualTo(422);
        assertThat(read(ask(get(API + "/" + id)), "$.offset")).isEqualTo("15000");
        var early = ask(post(API + "/" + id + "/finish"));
        assertThat(early.getStatus()).isEqualTo(422);
        assertThat(read(early, "$.detail")).contains("chime.mp3");
        send(id, 15_000, Arrays.copyOfRange(mp3, 15_000, mp3.length));
        assertThat(Files.readAllBytes(store.upload(id))).isEqualTo(mp3);
        ask(post(API + "/" + id + "/finish"));
        assertThat(read(settled(id), "$.state")).isEqualTo("DONE");
    }

    @Test
    void bytesThatWereNeverConfirmedAreOverwritten() throws Exception {
        byte[] mp3 = sample("chime.mp3");
        var id = begin("chime.mp3", mp3.length);
        send(id, 0, Arrays.copyOf(mp3, 1000));
        Files.write(store.upload(id), new byte[500], java.nio.file.StandardOpenOption.APPEND);
        send(id, 1000, Arrays.copyOfRange(mp3, 1000, mp3.length));
        assertThat(Files.readAllBytes(store.upload(id))).isEqualTo(mp3);
        assertThat(ask(delete(API + "/" + id)).getStatus()).isEqualTo(204);
    }

    @Test
    void whatIsTooLargeOrEmptyIsToldBeforeAByteIsSent() throws Exception {
        var large = ask(post(API).content("{\"name\":\"phim.wav\",\"size\":2147483648}"));
        assertThat(large.getStatus()).isEqualTo(422);
        assertThat(large.getContentType()).isEqualTo(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        assertThat(read(large, "$.detail")).contains("2147.5 MB").contains("300 MB");
        assertThat(read(large, "$.field")).isEqualTo("size");
        for (var body : new String[] {
            "{\"name\":\"phim.wav\",\"size\":2147483648}",
            "{\"name\":\"trống.mp3\",\"size\":0}",
            "{\"name\":\"x\"}",
            "{\"name\":\"x\",\"size\":5,\"language\":\"tiếng Việt\"}",
            "{\"name\":\"x\",\"size\":5,\"sha256\":\"không\"}"
        }) {
            assertSaidInBothLanguages(
                    read(ask(post(API).content(body)), "$.detail"),
                    read(
                            ask(post(API).content(body).cookie(new jakarta.servlet.http.Cookie("lang", "en"))),
                            "$.detail"));
        }
        assertNothingHalfMade();
        var empty = ask(post(API).content("{\"name\":\"trống.mp3\",\"size\":0}"));
        assertThat(read(empty, "$.code")).isEqualTo("audio.refused.empty");
        assertThat(ask(post(API).content("{\"name\":\"x\"}")).getStatus()).isEqualTo(422);
        assertThat(ask(post(API).content("{\"name\":\"x\",\"size\":5,\"language\":\"tiếng Việt\"}"))
                        .getStatus())
                .isEqualTo(422);
        assertThat(ask(post(API).content("not json")).getStatus()).isEqualTo(400);
    }

    @Test
    void tenHoursAreRefusedAfterLookingAtThemAndLeaveNothing() throws Exception {
        byte[] frame = new byte[] {(byte) 0xFF, (byte) 0xE3, 0x18, (byte) 0xC4};
        // MPEG-2.5 at 8 kHz and 8 kbit/s: 72 bytes are 72 ms, so 36 MB are ten hours.
        byte[] silence = new byte[72 * 500_001];
        for (int at = 0; at < silence.length; at += 72) {
            System.arraycopy(frame, 0, silence, at, 4);
        }
        var problem = refusedAfter("mười giờ.mp3", silence);
        assertThat(read(problem, "$.problem.code")).isEqualTo("audio.refused.tooLong");
        assertThat(read(problem, "$.problem.detail")).contains("4 giờ");
    }

    @Test
    void whatIsNotSoundIsRefusedInWordsAndLeavesNothing() throws Exception {
        var html = refusedAfter("bai-hat.mp3", "<!doctype html><html>…</html>".getBytes(StandardCharsets.UTF_8));
        assertThat(read(html, "$.problem.detail")).contains("HTML").contains("MP3 và WAV");
        var ogg = refusedAfter("nhạc.mp3", "OggS and more of it".getBytes(StandardCharsets.UTF_8));
        assertThat(read(ogg, "$.problem.detail")).contains("Ogg");
        var zeros = refusedAfter("không.mp3", new byte[100_000]);
        assertThat(read(zeros, "$.problem.detail")).contains("không.mp3");
        assertThat(read(ask(get(API + "/" + read(zeros, "$.id")).locale(java.util.Locale.ENGLISH)), "$.id"))
                .isNotEmpty();
    }

    @Test
    void aTruncatedFileIsAcceptedWithItsTrueLengthAndAWarning() throws Exception {
        byte[] whole = sample("vaccination.mp3");
        byte[] half = Arrays.copyOf(whole, 144 * 400 + 77);
        var done = uploaded("nửa tệp.mp3", half);
        var recording = recordings
                .find(new RecordingId(Long.parseLong(read(done, "$.recording"))))
                .orElseThrow();
        assertThat(recording.warnings()).contains(RecordingWarning.TRUNCATED);
        assertThat(recording.duration()).isBetween(Duration.ofMillis(9600), Duration.ofMillis(9700));
    }

    @Test
    void aHostileNameIsOnlyEverShown() throws Exception {
        byte[] mp3 = sample("chime.mp3");
        var done = uploaded("../../../../tmp/\u202E\u0000evil<script>.mp3", mp3);
        assertThat(read(done, "$.name")).isEqualTo("evil<script>.mp3");
        var page = ask(get("/library/" + read(done, "$.recording")));
        assertThat(page.getContentAsString(StandardCharsets.UTF_8))
                .contains("evil&lt;script&gt;")
                .doesNotContain("<script>.mp3");
    }

    @Test
    void aWavBecomesCanonical() throws Exception {
        var file = Files.createTempFile(Path.of("target"), "tone", ".wav");
        try (var wav = WavWriter.create(file, 44_100, 2)) {
            short[] tone = new short[44_100 * 2 * 3];
            for (int i = 0; i < tone.length; i++) {
                tone[i] = (short) (8000 * Math.sin(2 * Math.PI * 800 * Math.floorDiv(i, 2) / 44_100));
            }
            wav.write(tone, 0, tone.length);
        }
        var done = uploaded("tone.wav", Files.readAllBytes(file));
        Files.delete(file);
        var recording = recordings
                .find(new RecordingId(Long.parseLong(read(done, "$.recording"))))
                .orElseThrow();
        assertThat(recording.loudness()).isBetween(-19.0, -17.0);
        assertThat(CanonicalMp3.check(store.canonical(recording.canonicalHash()).orElseThrow()))
                .isEqualTo(recording.canonicalBytes() / 144);
    }

    @Test
    void aDeclaredHashIsHeldAgainstWhatArrives() throws Exception {
        byte[] mp3 = sample("chime.mp3");
        var right = HexFormat.of().formatHex(ContentHash.sha256().digest(mp3));
        for (var hash : new String[] {right, right.replace(right.charAt(0), right.charAt(0) == 'a' ? 'b' : 'a')}) {
            var begun = ask(post(API)
                    .content("{\"name\":\"c.mp3\",\"size\":%d,\"sha256\":\"%s\"}".formatted(mp3.length, hash)));
            String id = read(begun, "$.id");
            send(id, 0, mp3);
            ask(post(API + "/" + id + "/finish"));
            assertThat(read(settled(id), "$.state")).isEqualTo(hash.equals(right) ? "DONE" : "FAILED");
        }
        assertNothingHalfMade();
    }

    @Test
    void theSameKeyBeginsTheSameUpload() throws Exception {
        var first = ask(post(API).header("Idempotency-Key", "k-1").content("{\"name\":\"a.mp3\",\"size\":10}"));
        var again = ask(post(API).header("Idempotency-Key", "k-1").content("{\"name\":\"a.mp3\",\"size\":10}"));
        assertThat(read(again, "$.id")).isEqualTo(read(first, "$.id"));
        ask(delete(API + "/" + read(first, "$.id")));
    }

    @Test
    void whatWasBeingMadeWhenTheServerStoppedIsMadeAtTheNextStart() throws Exception {
        byte[] mp3 = sample("attention.mp3");
        var id = begin("attention.mp3", mp3.length);
        send(id, 0, mp3);
        jdbc.sql("update audio_upload set state = 'PROCESSING' where id = :id")
                .param("id", id)
                .update();
        ingest.goOn();
        assertThat(read(settled(id), "$.state")).isEqualTo("DONE");
    }

    @Test
    void anUploadIsItsOwnersAloneAndNeedsAnOperator() throws Exception {
        var id = begin("a.mp3", 100);
        var other = people.with("other-operator", Role.OPERATOR, vn.loalang.area.AreaPath.ROOT);
        assertThat(mvc.perform(get(API + "/" + id).with(TestPeople.by(other)))
                        .andReturn()
                        .getResponse()
                        .getStatus())
                .isEqualTo(404);
        var viewer = people.everywhere(Role.VIEWER);
        assertThat(mvc.perform(post(API)
                                .contentType(MediaType.APPLICATION_JSON)
                                .content("{\"name\":\"a.mp3\",\"size\":10}")
                                .with(TestPeople.by(viewer)))
                        .andReturn()
                        .getResponse()
                        .getStatus())
                .isEqualTo(403);
        // 401 on the wire; MockMvc has no servlet path, so it is taken for a page and led to the login.
        assertThat(mvc.perform(get(API)).andReturn().getResponse().getStatus()).isIn(302, 401);
        ask(delete(API + "/" + id));
    }

    @Test
    void anUploadLeftForADayIsDropped() throws Exception {
        var id = begin("a.mp3", 100);
        send(id, 0, new byte[50]);
        jdbc.sql(
                        "update audio_upload set expires_at = timestamp with time zone '2020-01-01 00:00:00+00' where id = :id")
                .param("id", id)
                .update();
        assertThat(ask(get(API + "/" + id)).getStatus()).isEqualTo(404);
        var next = begin("b.mp3", 100);
        assertThat(store.upload(id)).doesNotExist();
        ask(delete(API + "/" + next));
    }

    @Test
    void soundIsServedInPartsToWhoeverMayListen() throws Exception {
        byte[] mp3 = sample("chime.mp3");
        var done = uploaded("chime.mp3", mp3);
        var url = "/api/v1/recordings/" + read(done, "$.recording") + "/audio";
        var part = ask(get(url).header("Range", "bytes=144-287"));
        assertThat(part.getStatus()).isEqualTo(206);
        assertThat(part.getContentAsByteArray()).isEqualTo(Arrays.copyOfRange(mp3, 144, 288));
        assertThat(part.getContentType()).isEqualTo("audio/mpeg");
        var nobody = people.person("nobody");
        assertThat(mvc.perform(get(url).with(TestPeople.by(nobody)))
                        .andReturn()
                        .getResponse()
                        .getStatus())
                .isEqualTo(403);
        assertThat(mvc.perform(get("/library").with(TestPeople.by(nobody)))
                        .andReturn()
                        .getResponse()
                        .getStatus())
                .isEqualTo(403);
    }

    @Test
    void programsListRenameAndArchive() throws Exception {
        var done = uploaded("Thu-bay-ve-sinh.mp3", sample("chime.mp3"));
        var url = "/api/v1/recordings/" + read(done, "$.recording");
        var found = ask(get("/api/v1/recordings?q=thu-BẢY"));
        assertThat(read(found, "$.total")).isEqualTo("1");
        assertThat(read(found, "$.recordings[0].durationMillis")).isEqualTo("3648");
        var renamed = ask(patch(url).content("{\"title\":\"Vệ sinh thứ Bảy\",\"version\":0}"));
        assertThat(read(renamed, "$.title")).isEqualTo("Vệ sinh thứ Bảy");
        var stale = ask(patch(url).content("{\"title\":\"Khác\",\"version\":0}"));
        assertThat(read(stale, "$.detail")).contains("Vệ sinh thứ Bảy");
        assertThat(read(ask(post(url + "/archive")), "$.archivedAt")).isNotBlank();
        assertThat(read(ask(post(url + "/restore")), "$.archivedAt")).isEqualTo("null");
        assertThat(ask(get("/api/v1/recordings?limit=0")).getStatus()).isEqualTo(422);
        assertThat(ask(get("/api/v1/recordings/999999")).getStatus()).isEqualTo(404);
    }

    private String begin(String name, long size) throws Exception {
        var begun = ask(post(API).content("{\"name\":\"%s\",\"size\":%d}".formatted(json(name), size)));
        assertThat(begun.getStatus()).as(begun.getContentAsString()).isEqualTo(201);
        return read(begun, "$.id");
    }

    private static String json(String text) {
        var out = new StringBuilder();
        text.chars().forEach(c -> out.append(c < 0x20 || c > 0x7E ? "\\u%04x".formatted(c) : String.valueOf((char) c)));
        return out.toString();
    }

    private MockHttpServletResponse send(String id, long offset, byte[] chunk) throws Exception {
        return mvc.perform(put(API + "/" + id)
                        .param("offset", Long.toString(offset))
                        .contentType(MediaType.APPLICATION_OCTET_STREAM)
                        .content(chunk)
                        .with(TestPeople.by(operator)))
                .andReturn()
                .getResponse();
    }

    private MockHttpServletResponse uploaded(String name, byte[] content) throws Exception {
        var id = begin(name, content.length);
        for (int at = 0; at < content.length; at += 1 << 20) {
            send(id, at, Arrays.copyOfRange(content, at, Math.min(content.length, at + (1 << 20))));
        }
        ask(post(API + "/" + id + "/finish"));
        return settled(id);
    }

    private MockHttpServletResponse refusedAfter(String name, byte[] content) throws Exception {
        var answer = uploaded(name, content);
        assertThat(read(answer, "$.state")).isEqualTo("FAILED");
        // The refusal is noted first, so that a crash in between leaves no upload without its file.
        Await.until(Duration.ofSeconds(10), () -> Files.notExists(store.upload(read(answer, "$.id"))));
        assertSaidInBothLanguages(
                read(answer, "$.problem.detail"),
                read(
                        ask(get(API + "/" + read(answer, "$.id"))
                                .cookie(new jakarta.servlet.http.Cookie("lang", "en"))),
                        "$.problem.detail"));
        assertNothingHalfMade();
        return answer;
    }

    private static void assertSaidInBothLanguages(String vietnamese, String english) {
        assertThat(english).isNotEqualTo(vietnamese);
        for (var sentence : new String[] {vietnamese, english}) {
            assertThat(sentence).contains(" ").doesNotContain("Exception").doesNotContain("audio.refused");
        }
    }

    private MockHttpServletResponse settled(String id) {
        return Await.value("the upload is done or has failed", Duration.ofSeconds(60), () -> {
            try {
                var answer = ask(get(API + "/" + id));
                String state = read(answer, "$.state");
                return state.equals("DONE") || state.equals("FAILED") ? answer : null;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    private MockHttpServletResponse ask(AbstractMockHttpServletRequestBuilder<?> request) throws Exception {
        return mvc.perform(request.contentType(MediaType.APPLICATION_JSON)
                        .accept(MediaType.ALL)
                        .with(TestPeople.by(operator)))
                .andReturn()
                .getResponse();
    }

    private static String read(MockHttpServletResponse answer, String path) throws Exception {
        return String.valueOf((Object) JsonPath.read(answer.getContentAsString(StandardCharsets.UTF_8), path));
    }

    private static byte[] sample(String name) throws IOException {
        return Files.readAllBytes(Path.of("audio-samples", name));
    }

    private void assertNothingHalfMade() {
        Await.until("the work folder is empty", Duration.ofSeconds(30), () -> {
            try (Stream<Path> files = Files.list(settings.dataPath().resolve("audio/work"))) {
                return files.findAny().isEmpty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
