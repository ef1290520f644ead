package vn.loalang.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.delivery.Chirps;
import vn.loalang.emergency.Target;
import vn.loalang.sound.CanonicalMp3;

/**
 * A box keeps what alerts and drills need: it sounds them when the audio store is gone, and speaks by itself before and after a
 * drill that it is one.
 */
class AlertsFromPinsIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    /** The settings still name the port of the server that made the data: the sounds come in blocks, and those are not hurried. */
    private static final Duration FETCHED = Duration.ofMinutes(5);

    private static final int RATE = CanonicalMp3.SAMPLE_RATE;
    private static final int HEADER = 44;
    /** Where the message chirps, ms, and how long it is. */
    private static final int FIRST = 1_000;

    private static final int SECOND = 2_500;
    private static final int LONG = 4_000;
    private static final long SLACK = 120;

    @Test
    void theBoxSoundsWhatItKeepsThoughTheAudioStoreIsGoneAndSaysThatADrillIsOne(@TempDir Path directory)
            throws Exception {
        var data = directory.resolve("data");
        long flood;
        Target everybody;
        Duration words;
        try (var box = new RunningController(directory.resolve("box"))) {
            try (var seed = new Seed(data)) {
                seed.pole("Đình làng", box);
                flood = seed.alarm("Cảnh báo lũ có lời", chirping(directory.resolve("words.wav")));
                words = seed.drillWords();
                everybody = seed.everybody();
                seed.countdown(5);
            }
            try (var server = RunningServer.start(data)) {
                box.startAt(server.mqttPort);
                Await.until("the box keeps the message and the words of drills", FETCHED, () -> box.sounds() == 2);
                Files.move(data.resolve("audio"), data.resolve("audio-gone"));

                var hoa = Alarms.of(server);
                var alert = hoa.press(flood, everybody);
                box.await("Completed ", SOON);
                hoa.awaitText(alert + "/reach", "1 trên 1 cụm đã có tiếng", SOON);
                assertThat(box.recordings()).hasSize(1);
                var real = box.recordings().get(0);
                var message = samples(real);
                assertThat(millis(message)).isCloseTo(LONG, within(SLACK));
                assertThat(chirpAfter(message, 0)).isCloseTo(FIRST, within(SLACK));
                assertThat(chirpAfter(message, FIRST + 500)).isCloseTo(SECOND, within(SLACK));
                assertThat(loudness(message, 100, FIRST - 100))
                        .as("nothing before the message")
                        .isLessThan(100);

                var drill = hoa.drill(flood, everybody);
                box.await("(?s)Completed .*Completed ", SOON);
                hoa.awaitText(drill + "/reach", "1 trên 1 cụm đã có tiếng", SOON);
                assertThat(hoa.read(drill)).contains("DIỄN TẬP");
                var heard = samples(box.recordings().stream()
                        .filter(file -> !file.equals(real))
                        .findFirst()
                        .orElseThrow());
                var before = words.toMillis();
                assertThat(millis(heard)).as("words, message, words").isCloseTo(2 * before + LONG, within(2 * SLACK));
                assertThat(chirpAfter(heard, before)).isCloseTo(before + FIRST, within(SLACK));
                assertThat(chirpAfter(heard, before + FIRST + 500)).isCloseTo(before + SECOND, within(SLACK));
                assertThat(loudness(heard, 300, before - 300))
                        .as("words before it")
                        .isGreaterThan(500);
                assertThat(loudness(heard, before + LONG + 300, millis(heard) - 300))
                        .as("words after it")
                        .isGreaterThan(500);
            }
        }
    }

    /** A message that is silent but for two chirps. */
    private static Path chirping(Path file) throws IOException {
        var samples = ByteBuffer.allocate(2 * LONG * RATE / 1000).order(ByteOrder.LITTLE_ENDIAN);
        for (var at : new int[] {FIRST, SECOND}) {
            samples.position(2 * at * RATE / 1000);
            for (var sample : Chirps.chirp()) {
                samples.putShort(sample);
            }
        }
        var format = new AudioFormat(RATE, 16, 1, true, false);
        try (var sound = new AudioInputStream(
                new ByteArrayInputStream(samples.array()), format, samples.capacity() / format.getFrameSize())) {
            AudioSystem.write(sound, AudioFileFormat.Type.WAVE, file.toFile());
        }
        return file;
    }

    private static short[] samples(Path wav) throws IOException {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(wav)).order(ByteOrder.LITTLE_ENDIAN);
        var samples = new short[(bytes.capacity() - HEADER) / 2];
        bytes.position(HEADER).asShortBuffer().get(samples);
        return samples;
    }

    private static long millis(short[] samples) {
        return samples.length * 1000L / RATE;
    }

    /** When the next chirp begins, ms. */
    private static long chirpAfter(short[] samples, long ms) {
        var from = (int) (ms * RATE / 1000);
        return Chirps.find(samples, from, from + 2 * RATE) * 1000L / RATE;
    }

    /** Root of the mean square between these moments, ms. */
    private static double loudness(short[] samples, long from, long to) {
        double sum = 0;
        for (var i = (int) (from * RATE / 1000); i < to * RATE / 1000; i++) {
            sum += (double) samples[i] * samples[i];
        }
        return Math.sqrt(sum * 1000 / RATE / (to - from));
    }
}
