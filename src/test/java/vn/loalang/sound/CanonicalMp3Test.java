package vn.loalang.sound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CanonicalMp3Test {

    @TempDir
    Path folder;

    @Test
    void timeAndBytesConvertByArithmetic() {
        assertThat(CanonicalMp3.durationMillis(6000L * 144)).isEqualTo(144_000);
        assertThat(CanonicalMp3.byteOffset(Duration.ofSeconds(1))).isEqualTo(41 * 144);
        assertThat(CanonicalMp3.byteOffset(Duration.ofMillis(-5))).isZero();
        assertThatThrownBy(() -> CanonicalMp3.durationMillis(145)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void encodedSoundIsCanonicalAndComesBackInItsPlace() throws IOException {
        var sound = Signals.speechLike(5.3, 24_000, 1);
        Path file = encode(sound);
        long frames = CanonicalMp3.check(file);
        assertThat(frames * 24).isBetween(5300L, 5400L);
        var back = Signals.loadCanonical(file);
        assertThat(back.samples()).hasSize((int) frames * 576);
        var match = Signals.match(Signals.hornBand(sound), Signals.hornBand(back), 0.2);
        assertThat(match.peak()).isGreaterThan(0.95);
        assertThat(match.lagSeconds()).isZero();
    }

    @Test
    void theSameSoundGivesTheSameBytes() throws IOException {
        var sound = Signals.speechLike(2, 24_000, 2);
        assertThat(Files.readAllBytes(encode(sound))).isEqualTo(Files.readAllBytes(encode(sound)));
    }

    @Test
    void decodingFromAnyFrameGivesTheSameSamplesAsFromTheStart() throws IOException {
        Path file = encode(Signals.speechLike(2, 24_000, 3));
        long frames = CanonicalMp3.check(file);
        short[] whole = samples(CanonicalMp3.decode(file));
        for (long from : new long[] {0, 1, 2, 3, 17, frames - 3, frames - 2, frames - 1, frames}) {
            short[] part = samples(CanonicalMp3.decode(file, from));
            assertThat(part)
                    .as("from frame " + from)
                    .isEqualTo(Arrays.copyOfRange(whole, (int) from * 576, whole.length));
        }
    }

    @Test
    void evenOneFrameAndNoSampleAreFiles() throws IOException {
        var out = new ByteArrayOutputStream();
        long frames = new CanonicalEncoder(out).finish();
        assertThat(out.size()).isEqualTo(frames * 144);
        Path one = Files.write(folder.resolve("one"), Arrays.copyOf(out.toByteArray(), 144));
        assertThat(samples(CanonicalMp3.decode(one))).hasSize(576);
        Path none = Files.createFile(folder.resolve("none"));
        assertThat(samples(CanonicalMp3.decode(none))).isEmpty();
        assertThatThrownBy(() -> CanonicalMp3.check(none)).hasMessageContaining("EMPTY");
    }

    @Test
    void anythingElseIsRefused() throws IOException {
        byte[] good = Files.readAllBytes(encode(Signals.speechLike(1, 24_000, 4)));
        byte[] stereo = good.clone();
        stereo[144 * 3 + 3] = 0;
        byte[] reservoir = good.clone();
        reservoir[144 * 5 + 4] = 1;
        assertRefused(stereo, "frame 3 has another header");
        assertRefused(reservoir, "frame 5 uses the bit reservoir");
        assertRefused(Arrays.copyOf(good, 1000), "ends inside frame 6");
    }

    private void assertRefused(byte[] content, String why) throws IOException {
        Path file = Files.write(folder.resolve("bad"), content);
        assertThatThrownBy(() -> CanonicalMp3.check(file))
                .isInstanceOf(SoundException.class)
                .hasMessageContaining(why);
    }

    private Path encode(Signals.Mono sound) throws IOException {
        Path file = Files.createTempFile(folder, "sound", null);
        try (var out = Files.newOutputStream(file)) {
            var encoder = new CanonicalEncoder(out);
            encoder.write(sound.samples(), 0, sound.samples().length);
            encoder.finish();
        }
        return file;
    }

    private static short[] samples(PcmStream stream) throws IOException {
        try (stream) {
            short[] all = new short[(int) stream.length()];
            int at = 0;
            // A length that divides nothing, so that reads end anywhere.
            for (int n = stream.read(all, at, Math.min(997, Math.max(1, all.length - at)));
                    n > 0;
                    n = stream.read(all, at, Math.min(997, Math.max(1, all.length - at)))) {
                at += n;
            }
            assertThat(at).isEqualTo(all.length);
            return all;
        }
    }
}
