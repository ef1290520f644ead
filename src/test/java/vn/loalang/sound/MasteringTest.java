package vn.loalang.sound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasteringTest {

    @TempDir
    Path folder;

    @Test
    void aWavBecomesCanonicalAtTheWantedLoudnessAndStillSoundsTheSame() throws IOException {
        for (int rate : new int[] {8000, 16_000, 22_050, 44_100, 48_000, 96_000}) {
            var sound = Signals.speechLike(6, rate, rate);
            Path wav = wav(sound, 1);
            var result = master(wav);
            assertThat(CanonicalMp3.check(canonical())).as(rate + " Hz").isEqualTo(result.frames());
            assertThat(result.duration().toMillis()).isBetween(6000L, 6100L);
            assertThat(result.lufs()).as(rate + " Hz").isCloseTo(-18, within(1.0));
            assertThat(result.truePeakDb()).as(rate + " Hz").isLessThanOrEqualTo(-2);
            var match = Signals.match(
                    Signals.hornBand(Signals.resample(Signals.loadWav(wav), 24_000)),
                    Signals.hornBand(Signals.loadCanonical(canonical())),
                    0.3);
            assertThat(match.peak()).as(rate + " Hz").isGreaterThan(0.85);
            assertThat(match.lagSeconds()).as(rate + " Hz").isCloseTo(0, within(0.001));
        }
    }

    @Test
    void aLoudStereoRecordingIsTurnedDownAndAQuietOneRaisedNoFurtherThanAllowed() throws IOException {
        var loud = Signals.speechLike(5, 44_100, 7);
        for (int i = 0; i < loud.samples().length; i++) {
            loud.samples()[i] = Math.max(-1, Math.min(1, loud.samples()[i] * 30));
        }
        var result = master(wav(loud, 2));
        assertThat(result.lufs()).isCloseTo(-18, within(1.0));
        assertThat(result.gainDb()).isNegative();
        assertThat(result.truePeakDb()).isLessThanOrEqualTo(-2);

        var quiet = Signals.sine(1000, 0.001, 5, 24_000);
        var raised = master(wav(quiet, 1));
        assertThat(raised.gainDb()).isEqualTo(12);
        assertThat(raised.lufs()).isCloseTo(-63 + 12, within(1.0));
    }

    @Test
    void clicksAreLimitedWithoutClipping() throws IOException {
        var sound = Signals.speechLike(5, 24_000, 8);
        var random = new Random(8);
        for (int click = 0; click < 40; click++) {
            int at = random.nextInt(sound.samples().length - 10);
            Arrays.fill(sound.samples(), at, at + 6, random.nextBoolean() ? 0.99f : -0.99f);
        }
        var result = master(wav(sound, 1));
        assertThat(result.truePeakDb()).isLessThanOrEqualTo(-2);
        assertThat(result.lufs()).isCloseTo(-18, within(1.0));
    }

    @Test
    void silenceStaysSilenceAndSaysSo() throws IOException {
        var result = master(wav(new Signals.Mono(new float[24_000], 24_000), 1));
        assertThat(result.silent()).isTrue();
        assertThat(result.peaks()).hasSize(Mastering.PEAKS).containsOnly(0);
    }

    @Test
    void rumbleIsTakenAwayAndTheVoiceIsLeft() throws IOException {
        double rumble = master(wav(Signals.sine(60, 0.3, 4, 24_000), 1)).lufs();
        assertThat(rumble).isLessThan(-22);
        double voice = master(wav(Signals.sine(1000, 0.3, 4, 24_000), 1)).lufs();
        assertThat(voice).isCloseTo(-18, within(1.0));
    }

    @Test
    void theSameOriginalGivesTheSameBytes() throws IOException {
        Path wav = wav(Signals.speechLike(3, 44_100, 9), 2);
        master(wav);
        byte[] first = Files.readAllBytes(canonical());
        master(wav);
        assertThat(Files.readAllBytes(canonical())).isEqualTo(first);
    }

    @Test
    void aCanonicalFileOfTheRightLoudnessIsTakenAsItIs() throws IOException {
        master(wav(Signals.speechLike(3, 44_100, 15), 1));
        Path canonical = Files.move(canonical(), folder.resolve("first"));
        var result = master(canonical);
        assertThat(Files.readAllBytes(canonical())).isEqualTo(Files.readAllBytes(canonical));
        assertThat(result.lufs()).isCloseTo(-18, within(1.0));
    }

    @Test
    void anMp3WithTagsJunkAndABitFlipKeepsItsLength() throws IOException {
        byte[] mp3 = mp3(Signals.speechLike(10, 24_000, 10));
        var out = new ByteArrayOutputStream();
        out.write(id3(3_000_000));
        out.write(mp3, 0, 144 * 200);
        out.write(new byte[777]);
        mp3[144 * 300 + 20] ^= 0x5A;
        out.write(mp3, 144 * 200, mp3.length - 144 * 200);
        byte[] id3v1 = new byte[128];
        id3v1[0] = 'T';
        id3v1[1] = 'A';
        id3v1[2] = 'G';
        out.write(id3v1);
        Path file = Files.write(folder.resolve("tagged"), out.toByteArray());
        var result = master(file);
        assertThat(result.source().duration().toMillis()).isEqualTo(mp3.length / 6);
        assertThat(result.source().damaged()).isTrue();
        assertThat(result.source().truncated()).isFalse();
        assertThat(result.duration().toMillis()).isBetween(mp3.length / 6L, mp3.length / 6L + 100);
    }

    @Test
    void aCutMp3HasTheLengthOfWhatIsThereAndIsCalledTruncated() throws IOException {
        byte[] mp3 = mp3(Signals.speechLike(10, 24_000, 11));
        Path file = Files.write(folder.resolve("cut"), Arrays.copyOf(mp3, 144 * 100 + 50));
        var facts = SoundFile.inspect(file, Duration.ofHours(4));
        assertThat(facts.duration()).isEqualTo(Duration.ofMillis(2400));
        assertThat(facts.truncated()).isTrue();
    }

    @Test
    void aChangeOfRateAndAnExcessOfLengthAreRefusedWithoutAFileLeftBehind() throws IOException {
        byte[] mp3 = mp3(Signals.speechLike(3, 24_000, 12));
        byte[] other = mp3.clone();
        for (int at = 0; at < other.length; at += 144) {
            other[at + 2] = 0x68; // 16 kHz: frames of 216 bytes
        }
        var out = new ByteArrayOutputStream();
        out.write(mp3);
        for (int at = 0; at + 144 <= other.length; at += 144) {
            out.write(other, at, 144);
            out.write(new byte[72]);
        }
        Path mixed = Files.write(folder.resolve("mixed"), out.toByteArray());
        assertThatThrownBy(() -> master(mixed)).hasMessageContaining("MIXED_RATE");
        Path fine = Files.write(folder.resolve("fine"), mp3);
        assertThatThrownBy(() -> new Mastering(Mastering.Target.PROGRAMME, Duration.ofSeconds(2), p -> {})
                        .master(fine, canonical(), spool()))
                .hasMessageContaining("TOO_LONG");
        assertThat(canonical()).doesNotExist();
        assertThat(spool()).doesNotExist();
    }

    @Test
    void stoppingHalfWayLeavesNoFileBehind() throws IOException {
        Path wav = wav(Signals.speechLike(3, 24_000, 13), 1);
        var mastering = new Mastering(Mastering.Target.PROGRAMME, Duration.ofHours(4), part -> {
            if (part > 0.8) {
                throw new CancellationException();
            }
        });
        assertThatThrownBy(() -> mastering.master(wav, canonical(), spool())).isInstanceOf(CancellationException.class);
        assertThat(canonical()).doesNotExist();
        assertThat(spool()).doesNotExist();
    }

    @Test
    void randomBytesAreNeverAnInternalError() throws IOException {
        var random = new Random(14);
        byte[] good = mp3(Signals.speechLike(2, 24_000, 14));
        for (int round = 0; round < 60; round++) {
            byte[] bytes = good.clone();
            for (int i = 0; i < 200; i++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Path file = Files.write(folder.resolve("fuzz"), bytes);
            try {
                assertThat(master(file).duration()).isLessThan(Duration.ofSeconds(3));
            } catch (SoundException e) {
                assertThat(e.reason()).isNotNull();
            }
        }
    }

    private static byte[] id3(int size) {
        byte[] tag = new byte[size + 10];
        tag[0] = 'I';
        tag[1] = 'D';
        tag[2] = '3';
        tag[3] = 4;
        for (int i = 0; i < 4; i++) {
            tag[6 + i] = (byte) ((size >> (21 - 7 * i)) & 0x7F);
        }
        return tag;
    }

    private static byte[] mp3(Signals.Mono sound) throws IOException {
        var out = new ByteArrayOutputStream();
        var encoder = new CanonicalEncoder(out);
        encoder.write(sound.samples(), 0, sound.samples().length);
        encoder.finish();
        return out.toByteArray();
    }

    private Path wav(Signals.Mono sound, int channels) throws IOException {
        Path file = Files.createTempFile(folder, "in", ".wav");
        short[] pcm = new short[sound.samples().length * channels];
        for (int i = 0; i < pcm.length; i++) {
            pcm[i] = (short) Math.round(Math.max(-1, Math.min(1, sound.samples()[i / channels])) * 32767);
        }
        try (var out = WavWriter.create(file, sound.sampleRate(), channels)) {
            out.write(pcm, 0, pcm.length);
        }
        return file;
    }

    private Mastering.Result master(Path original) throws IOException {
        return new Mastering(Mastering.Target.PROGRAMME, Duration.ofHours(4), part -> {})
                .master(original, canonical(), spool());
    }

    private Path canonical() {
        return folder.resolve("canonical");
    }

    private Path spool() {
        return folder.resolve("spool");
    }
}
