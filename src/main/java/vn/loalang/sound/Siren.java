package vn.loalang.sound;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Sounds that need no file, computed sample by sample at {@link CanonicalMp3#SAMPLE_RATE}, 16-bit mono: the three siren
 * patterns, and the chime that introduces exercises. The same position always gives the same sample, so a start in the middle
 * sounds as if it had run from the beginning.
 *
 * <p>Loud parts of a horn loudspeaker lie between 300 and 3,000 Hz; the patterns stay there and carry some odd harmonics, which
 * is what makes a siren cut through wind. Peaks stay 3 dB below full scale.
 */
public final class Siren {
    /** How a blast sounds. */
    public enum Pattern {
        /** Rises from 400 to 1,000 Hz in four seconds and falls back in four. */
        WAIL,
        /** The same between 600 and 1,200 Hz, twice a second. */
        YELP,
        /** 660 Hz throughout. */
        STEADY
    }

    /** Length of the chime, ms. */
    public static final int CHIME_MILLIS = 2_880;

    private static final int RATE = CanonicalMp3.SAMPLE_RATE;
    private static final double PEAK = 0.7 * Short.MAX_VALUE;
    private static final int RAMP = RATE / 100;
    private static final double[] CHIME_HZ = {784, 659, 523, 392};
    private static final int CHIME_STROKE = RATE / 2;

    private Siren() {}

    /**
     * Computes a piece of one blast.
     *
     * @param pattern how it sounds
     * @param length samples of the whole blast; its first and last 10 ms are ramps
     * @param from index of the first sample wanted, counted from the beginning of the blast
     * @param into receives the samples
     * @param at index in {@code into}
     * @param count how many
     */
    public static void blast(Pattern pattern, long length, long from, short[] into, int at, int count) {
        for (int i = 0; i < count; i++) {
            var n = from + i;
            var edge = Math.min(1, Math.min(n + 1, length - n) / (double) RAMP);
            into[at + i] = (short) Math.round(PEAK * edge * voice(cycles(pattern, n / (double) RATE)));
        }
    }

    /**
     * Writes a whole siren into a WAV file: blasts with silence between them, sample for sample what a controller makes of the tone
     * with the same numbers.
     *
     * @param blasts at least 1
     * @param onMillis length of a blast
     * @param offMillis silence between two blasts
     * @throws IOException when the file cannot be written
     */
    public static void write(Path wav, Pattern pattern, int blasts, long onMillis, long offMillis) throws IOException {
        var length = onMillis * RATE / 1000;
        var part = new short[RATE];
        try (var out = WavWriter.create(wav, RATE, 1)) {
            for (int blast = 0; blast < blasts; blast++) {
                if (blast > 0) {
                    Arrays.fill(part, (short) 0);
                    for (var left = offMillis * RATE / 1000; left > 0; left -= part.length) {
                        out.write(part, 0, (int) Math.min(left, part.length));
                    }
                }
                for (long from = 0; from < length; from += part.length) {
                    var count = (int) Math.min(part.length, length - from);
                    blast(pattern, length, from, part, 0, count);
                    out.write(part, 0, count);
                }
            }
        }
    }

    /** Computes a piece of the chime, four falling strokes, that introduces and ends an exercise; silence after its end. */
    public static void chime(long from, short[] into, int at, int count) {
        for (int i = 0; i < count; i++) {
            var n = from + i;
            double sum = 0;
            for (int stroke = 0; stroke < CHIME_HZ.length; stroke++) {
                var t = (n - (long) stroke * CHIME_STROKE) / (double) RATE;
                if (t < 0) continue;
                sum += Math.min(1, t * 200) * Math.exp(-3 * t) * Math.sin(2 * Math.PI * CHIME_HZ[stroke] * t);
            }
            var left = CHIME_MILLIS * (long) RATE / 1000 - n;
            var edge = Math.max(0, Math.min(1, left / (double) RAMP));
            into[at + i] = (short) Math.round(PEAK * 0.7 * edge * sum);
        }
    }

    /** Oscillations since the beginning of the blast, so that the pitch may glide without a click. */
    private static double cycles(Pattern pattern, double t) {
        return switch (pattern) {
            case STEADY -> 660 * t;
            case WAIL -> glide(400, 1_000, 8, t);
            case YELP -> glide(600, 1_200, 0.5, t);
        };
    }

    /** A pitch that rises for half a period and falls for the other half, integrated over time. */
    private static double glide(double low, double high, double period, double t) {
        var whole = Math.floor(t / period);
        var rest = t - whole * period;
        var half = period / 2;
        var slope = (high - low) / half;
        var rising = Math.min(rest, half);
        var falling = Math.max(0, rest - half);
        return whole * period * (low + high) / 2
                + low * rising
                + slope * rising * rising / 2
                + high * falling
                - slope * falling * falling / 2;
    }

    private static double voice(double cycles) {
        var phase = 2 * Math.PI * (cycles - Math.floor(cycles));
        return 0.8 * Math.sin(phase) + 0.2 * Math.sin(3 * phase) + 0.1 * Math.sin(5 * phase);
    }
}
