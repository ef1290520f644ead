package vn.loalang.sound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WavTest {

    @TempDir
    Path folder;

    @Test
    void aCopyTakenAfterARefreshIsAWholeFile() throws IOException {
        Path file = folder.resolve("playing.wav");
        try (var writer = WavWriter.create(file, 24_000, 1)) {
            assertThat(Signals.loadWav(file).samples()).isEmpty();
            writer.write(new short[] {1000, -1000, 32767}, 0, 3);
            writer.refresh();
            assertThat(Signals.loadWav(file).samples()).containsExactly(1000 / 32768f, -1000 / 32768f, 32767 / 32768f);
            writer.write(new short[100_000], 0, 100_000);
            // Not refreshed: the header still speaks only of what it knows, and the rest does no harm.
            assertThat(Signals.loadWav(file).samples()).hasSize(3);
            assertThat(writer.frames()).isEqualTo(100_003);
        }
        assertThat(Signals.loadWav(file).samples()).hasSize(100_003);
    }

    @Test
    void everyCodingGivesTheSameValue() throws IOException {
        assertThat(one(1, 8, new byte[] {(byte) 192})).isEqualTo(0.5f);
        assertThat(one(1, 16, new byte[] {0, 0x40})).isEqualTo(0.5f);
        assertThat(one(1, 24, new byte[] {0, 0, 0x40})).isEqualTo(0.5f);
        assertThat(one(1, 32, new byte[] {0, 0, 0, (byte) 0xC0})).isEqualTo(-0.5f);
        assertThat(one(
                        3,
                        32,
                        ByteBuffer.allocate(4)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .putFloat(0.5f)
                                .array()))
                .isEqualTo(0.5f);
        assertThat(one(
                        3,
                        64,
                        ByteBuffer.allocate(8)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .putDouble(-0.25)
                                .array()))
                .isEqualTo(-0.25f);
        assertThat(one(
                        3,
                        32,
                        ByteBuffer.allocate(4)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .putFloat(Float.NaN)
                                .array()))
                .isZero();
        assertThat(one(6, 8, new byte[] {(byte) 0xAA})).isEqualTo(32256 / 32768f);
        assertThat(one(7, 8, new byte[] {(byte) 0x80})).isEqualTo(32124 / 32768f);
        assertThat(one(7, 8, new byte[] {(byte) 0xFF})).isZero();
    }

    @Test
    void aDataChunkThatPromisesTooMuchIsReadToItsEnd() throws IOException {
        byte[] bytes = wav(1, 8000, 1, 16, new byte[100]);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(40, 1000);
        Path file = Files.write(folder.resolve("cut.wav"), bytes);
        try (var reader = WavReader.open(file)) {
            assertThat(Signals.mono(reader).samples()).hasSize(50);
            assertThat(reader.framesIn(bytes.length)).isEqualTo(50);
            assertThat(reader.promisesMoreThan(bytes.length)).isTrue();
        }
        Path whole = Files.write(folder.resolve("whole.wav"), wav(1, 8000, 1, 16, new byte[100]));
        try (var reader = WavReader.open(whole)) {
            assertThat(Signals.mono(reader).samples()).hasSize(50);
            assertThat(reader.promisesMoreThan(Files.size(whole))).isFalse();
        }
    }

    @Test
    void impossibleHeadersAreRefused() {
        assertRefused(wav(1, 0, 1, 16, new byte[10]), "sample rate 0");
        assertRefused(wav(1, 8000, 0, 16, new byte[10]), "0 channels");
        assertRefused(wav(2, 8000, 1, 4, new byte[10]), "coding 0x2");
        assertRefused(new byte[0], "no RIFF/WAVE");
    }

    private void assertRefused(byte[] bytes, String why) {
        assertThatThrownBy(() -> {
                    try (var reader = WavReader.open(Files.write(folder.resolve("bad.wav"), bytes))) {
                        reader.channels();
                    }
                })
                .isInstanceOf(SoundException.class)
                .hasMessageContaining(why);
    }

    private float one(int code, int bits, byte[] sample) throws IOException {
        Path file = Files.write(folder.resolve("one.wav"), wav(code, 8000, 1, bits, sample));
        float[] samples = Signals.loadWav(file).samples();
        assertThat(samples).hasSize(1);
        return samples[0];
    }

    private static byte[] wav(int code, int rate, int channels, int bits, byte[] data) {
        var out = ByteBuffer.allocate(44 + data.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + data.length);
        out.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
        out.putShort((short) code).putShort((short) channels).putInt(rate).putInt(rate * channels * bits / 8);
        out.putShort((short) (channels * bits / 8)).putShort((short) bits);
        out.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(data.length).put(data);
        return out.array();
    }
}
