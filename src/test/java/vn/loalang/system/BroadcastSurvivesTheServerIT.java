package vn.loalang.system;

import static org.assertj.core.api.Assertions.assertThat;

import de.sciss.jump3r.lowlevel.LameEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sound.sampled.AudioFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.sound.Signals;

/** The main job as its users meet it: planned in a browser, played on time while the server is dead, told truthfully afterwards. */
@Tag("browser")
class BroadcastSurvivesTheServerIT {
    private static final ZoneId STATION_ZONE = ZoneId.of("Asia/Ho_Chi_Minh");
    private static final Duration PROMPTLY = Duration.ofSeconds(40);
    private static final double SECONDS = 24;
    private static final Pattern FIRST_SAMPLE = Pattern.compile("\"first\":(\\d+)");
    private static final Pattern STARTED_STEPS = Pattern.compile("Bắt đầu phát");
    private static final Pattern COMPLETED_STEPS = Pattern.compile("Phát xong");

    @TempDir
    Path directory;

    @Test
    void twoPolesPlayOnTimeThoughTheServerDiesAndTheThirdIsNeverShownAsPlayed() throws Exception {
        var mp3 = recordedMp3();
        try (var server = RunningServer.start(directory.resolve("server"), "--loalang.broadcast.unknown-after=10s");
                var market = new RunningController(directory.resolve("market"));
                var clinic = new RunningController(directory.resolve("clinic"));
                var dyke = new RunningController(directory.resolve("dyke"))) {
            ZonedDateTime start;
            long dykeId;
            long marketId;
            try (var operator = new Operator(server.https())) {
                operator.signInFirst(server.oneTimePassword().orElseThrow());
                operator.addCommuneWithoutQuietHours("Xã Thử Nghiệm", "xathu");
                marketId = pole(operator, "Chợ Hôm", market);
                var clinicId = pole(operator, "Trạm y tế", clinic);
                dykeId = pole(operator, "Đê Luyện Phú", dyke);
                for (var box : List.of(market, clinic, dyke)) {
                    box.start();
                }
                operator.awaitText("/fleet/" + dykeId, "#state-title ~ div .status", "Sẵn sàng", PROMPTLY);
                dyke.kill();
                operator.awaitText("/fleet/" + dykeId, "#state-title ~ div .status", "Mất kết nối", PROMPTLY);

                operator.upload(mp3);
                // Slots begin on whole minutes: the first that is nearly two minutes away.
                start = Clock.systemUTC()
                        .instant()
                        .plusSeconds(100)
                        .atZone(STATION_ZONE)
                        .truncatedTo(ChronoUnit.MINUTES)
                        .plusMinutes(1);
                operator.createSlot(start.toLocalDate(), start.toLocalTime(), List.of(marketId, clinicId, dykeId));
                market.await("Audio \\S+ is ready", PROMPTLY);
                clinic.await("Audio \\S+ is ready", PROMPTLY);
                operator.awaitText("/today", "#next-title ~ ul", "2/3 cụm loa sẵn sàng", PROMPTLY);
                operator.open("/today");
                var order = operator.visitor().page().getAttribute("#next-title ~ ul a", "href");
                assertThat(operator.text(order, "tr:has-text('Đê Luyện Phú')"))
                        .as("before air")
                        .containsPattern("Mất kết nối từ \\S+, chưa nhận lịch");
            }
            var canonical = onlyFile(server.data().resolve("audio/canonical"));
            // Not much earlier: the longer the server is gone, the longer the controllers' pauses between attempts
            // become.
            var airTime = start.toInstant();
            Await.until("the last seconds before air", Duration.ofMinutes(4), () -> Clock.systemUTC()
                    .instant()
                    .isAfter(airTime.minusSeconds(12)));
            server.kill();
            assertThat(Clock.systemUTC().instant()).as("killed before air time").isBefore(start.toInstant());

            var untilOver = Duration.between(Clock.systemUTC().instant(), start.toInstant())
                    .plusSeconds((long) SECONDS + 20);
            for (var box : List.of(market, clinic)) {
                box.await("Completed \\S+", untilOver);
            }
            for (var box : List.of(market, clinic)) {
                heardOnTime(box, start.toInstant(), canonical);
            }
            resembles(canonical, mp3);

            server.startAgain();
            try (var operator = new Operator(server.https())) {
                operator.signIn();
                var oid = oid(market);
                var page = "/broadcasts/" + broadcastPath(operator, oid);
                operator.awaitText(page, "main", "2 tự báo đã phát đủ", Duration.ofSeconds(180));
                for (var pole : List.of(marketId, marketId + 1)) {
                    var trail = operator.text(page + "/" + pole, "main");
                    assertThat(STARTED_STEPS.matcher(trail).results().count())
                            .as("started, told once: " + trail)
                            .isEqualTo(1);
                    assertThat(COMPLETED_STEPS.matcher(trail).results().count())
                            .as("completed, told once: " + trail)
                            .isEqualTo(1);
                }
                operator.awaitText(
                        page, "tr:has-text('Đê Luyện Phú')", "Chưa rõ – mất kết nối từ", Duration.ofSeconds(150));
                assertThat(operator.text(page, "tr:has-text('Đê Luyện Phú')"))
                        .contains("chưa nhận lịch")
                        .doesNotContain("Đã phát");

                dyke.start();
                operator.awaitText(
                        page, "tr:has-text('Đê Luyện Phú')", "Không phát – mất điện", Duration.ofSeconds(60));
                assertThat(dyke.recordings()).as("what the third pole sounded").isEmpty();
                operator.visitor().accessible().shot("broadcast-after");
                operator.open("/today");
                operator.visitor().accessible().shot("today-after");
            }
        }
    }

    private static long pole(Operator operator, String name, RunningController box) {
        return operator.addPole(name, "Xã Thử Nghiệm (xathu)", box.label(), box.claimFile());
    }

    private static String oid(RunningController box) {
        var name = box.recordings().get(0).getFileName().toString();
        return name.substring(0, name.lastIndexOf('-'));
    }

    private static String broadcastPath(Operator operator, String oid) {
        var link = operator.open("/today")
                .locator("a[href*='" + oid + "']")
                .first()
                .getAttribute("href");
        return link.substring(link.lastIndexOf('/') + 1);
    }

    private static void heardOnTime(RunningController box, Instant start, Path canonical) throws IOException {
        assertThat(box.recordings()).as("one sound, heard once").hasSize(1);
        var wav = box.recordings().get(0);
        var notes =
                Files.readString(wav.resolveSibling(wav.getFileName().toString().replace(".wav", ".json")));
        var first = FIRST_SAMPLE.matcher(notes);
        assertThat(first.find()).as(notes).isTrue();
        assertThat(Long.parseLong(first.group(1)) - start.toEpochMilli())
                .as("milliseconds after the planned instant")
                .isBetween(-250L, 250L);
        var match = Signals.match(Signals.loadCanonical(canonical), Signals.loadWav(wav), 0.5);
        assertThat(match.peak()).as("the sound is the canonical one").isGreaterThanOrEqualTo(0.98);
        assertThat(Math.abs(match.lagSeconds())).as("lag in seconds").isLessThan(0.25);
    }

    private static void resembles(Path canonical, Path upload) throws IOException {
        var original = Signals.resample(Signals.speechLike(SECONDS, 44_100, 7), 24_000);
        var match = Signals.match(Signals.hornBand(original), Signals.hornBand(Signals.loadCanonical(canonical)), 0.5);
        assertThat(match.peak())
                .as("canonical against what " + upload + " was made of")
                .isGreaterThanOrEqualTo(0.85);
    }

    private static Path onlyFile(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            var all = files.toList();
            assertThat(all).hasSize(1);
            return all.get(0);
        }
    }

    /** A stereo MP3 of 44.1 kHz and 128 kbit/s, as people's recorders make them. */
    private Path recordedMp3() throws IOException {
        var speech = Signals.speechLike(SECONDS, 44_100, 7).samples();
        var pcm = new byte[speech.length * 4];
        for (var i = 0; i < speech.length; i++) {
            var sample = (short) Math.round(speech[i] * 32_000);
            for (var channel = 0; channel < 2; channel++) {
                pcm[i * 4 + channel * 2] = (byte) sample;
                pcm[i * 4 + channel * 2 + 1] = (byte) (sample >> 8);
            }
        }
        var encoder = new LameEncoder(new AudioFormat(44_100, 16, 2, true, false), 128, 1, 5, false);
        var mp3 = new ByteArrayOutputStream();
        var buffer = new byte[64 * 1024];
        for (var at = 0; at < pcm.length; at += 4096) {
            var written = encoder.encodeBuffer(pcm, at, Math.min(4096, pcm.length - at), buffer);
            mp3.writeBytes(Arrays.copyOf(buffer, written));
        }
        mp3.writeBytes(Arrays.copyOf(buffer, encoder.encodeFinish(buffer)));
        encoder.close();
        return Files.write(directory.resolve("Bản tin xã – tháng 11.mp3"), mp3.toByteArray());
    }
}
