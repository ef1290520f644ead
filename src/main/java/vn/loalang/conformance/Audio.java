package vn.loalang.conformance;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Hash;
import vn.loalang.sound.CanonicalEncoder;
import vn.loalang.sound.CanonicalMp3;

/**
 * Recordings of the kit: tones that hop by chance ten times a second, so that any two seconds of them resemble nothing else and
 * correlation finds every position.
 */
final class Audio {
    static final int RATE = CanonicalMp3.SAMPLE_RATE;

    private static final Map<String, Audio> MADE = new ConcurrentHashMap<>();

    private final byte[] file;
    private final short[] samples;

    private Audio(byte[] file, short[] samples) {
        this.file = file;
        this.samples = samples;
    }

    /** The recording of this name and length; made once. */
    static Audio of(String name, int seconds) {
        return MADE.computeIfAbsent(name + seconds, key -> make(key.hashCode(), seconds));
    }

    private static Audio make(long seed, int seconds) {
        try {
            var random = new Random(seed);
            var out = new ByteArrayOutputStream();
            var encoder = new CanonicalEncoder(out);
            var pcm = new short[RATE];
            double phase = 0;
            double pitch = 440;
            for (int second = 0; second < seconds; second++) {
                for (int i = 0; i < pcm.length; i++) {
                    if (i % (RATE / 10) == 0) pitch = 400 + random.nextInt(2_400);
                    phase += 2 * Math.PI * pitch / RATE;
                    pcm[i] = (short) (9_000 * Math.sin(phase));
                }
                encoder.write(pcm, 0, second == seconds - 1 ? pcm.length - RATE / 20 : pcm.length);
            }
            encoder.finish();
            var bytes = out.toByteArray();
            return new Audio(bytes, decode(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static short[] decode(byte[] bytes) throws IOException {
        var file = Files.createTempFile("kit", ".mp3");
        try {
            Files.copy(new ByteArrayInputStream(bytes), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            try (var stream = CanonicalMp3.decode(file)) {
                var all = new short[(int) stream.length()];
                int at = 0;
                for (int got = stream.read(all, 0, all.length);
                        got > 0 && at < all.length;
                        got = stream.read(all, at, all.length - at)) {
                    at += got;
                }
                return all;
            }
        } finally {
            Files.delete(file);
        }
    }

    byte[] file() {
        return file;
    }

    Asset asset() {
        return Asset.mp3(Hash.of(file), file.length);
    }

    /** Length in ms. */
    long millis() {
        return samples.length * 1000L / RATE;
    }

    /** Where in the recording something heard best fits. */
    record Fit(double correlation, long offsetMs) {}

    /**
     * Finds two seconds of what was heard (or half of the recording's length, or what there is) in this recording.
     *
     * @param aroundMs where it should be
     * @param withinMs how far off it is looked for
     */
    Fit find(short[] heard, int from, long aroundMs, long withinMs) {
        int window = Math.min(heard.length - from, Math.min(2 * RATE, samples.length / 2));
        double best = -2;
        int bestAt = 0;
        int first = (int) Math.max(0, (aroundMs - withinMs) * RATE / 1000);
        int last = (int) Math.min(samples.length - (long) window, (aroundMs + withinMs) * RATE / 1000);
        // Coarse, then fine: the carrier is below 3 kHz, so steps of two samples never skip a peak by much.
        for (int at = first; at <= last; at += 2) {
            double value = correlate(heard, from, samples, at, window, 4);
            if (value > best) {
                best = value;
                bestAt = at;
            }
        }
        return new Fit(best < -1 ? 0 : correlate(heard, from, samples, bestAt, window, 1), bestAt * 1000L / RATE);
    }

    private static double correlate(short[] a, int fromA, short[] b, int fromB, int count, int step) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < count; i += step) {
            double x = a[fromA + i];
            double y = b[fromB + i];
            ab += x * y;
            aa += x * x;
            bb += y * y;
        }
        return ab / Math.sqrt(aa * bb + 1);
    }
}
