package vn.loalang.sound;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** Makes, loads, filters and compares test signals; for tests of every module. */
public final class Signals {

    private Signals() {}

    /**
     * Mono sound with its rate.
     *
     * @param samples full scale ±1
     * @param sampleRate samples per second
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of samples, never compared
    public record Mono(float[] samples, int sampleRate) {
        /** Returns the length in seconds. */
        public double seconds() {
            return (double) samples.length / sampleRate;
        }
    }

    /**
     * Where two sounds match best.
     *
     * @param peak normalised cross-correlation there, -1 … 1
     * @param lagSeconds how much later the second sound is; negative if earlier
     */
    public record Match(double peak, double lagSeconds) {}

    /** Loads a WAV, channels averaged. */
    public static Mono loadWav(Path file) throws IOException {
        try (var in = WavReader.open(file)) {
            return mono(in);
        }
    }

    /** Loads a canonical MP3 with its delay trimmed. */
    public static Mono loadCanonical(Path file) throws IOException {
        try (var in = CanonicalMp3.decode(file)) {
            float[] all = new float[Math.toIntExact(in.length())];
            short[] part = new short[4096];
            int at = 0;
            for (int n = in.read(part, 0, part.length); n > 0; n = in.read(part, 0, part.length)) {
                for (int i = 0; i < n; i++) {
                    all[at++] = part[i] / 32768f;
                }
            }
            return new Mono(all, CanonicalMp3.SAMPLE_RATE);
        }
    }

    /** Reads a source to its end, channels averaged. */
    public static Mono mono(PcmSource in) throws IOException {
        float[] all = new float[1 << 16];
        float[] part = new float[4096 * in.channels()];
        int length = 0;
        for (int n = in.read(part, 4096); n > 0; n = in.read(part, 4096)) {
            if (length + n > all.length) {
                all = Arrays.copyOf(all, all.length * 2);
            }
            for (int i = 0; i < n; i++) {
                float sum = 0;
                for (int c = 0; c < in.channels(); c++) {
                    sum += part[i * in.channels() + c];
                }
                all[length++] = sum / in.channels();
            }
        }
        return new Mono(Arrays.copyOf(all, length), in.sampleRate());
    }

    /** Makes noise that swells and fades like speech, the same for the same seed. */
    public static Mono speechLike(double seconds, int sampleRate, long seed) {
        var random = new Random(seed);
        float[] out = new float[(int) (seconds * sampleRate)];
        double level = 0;
        double target = 0.3;
        for (int i = 0; i < out.length; i++) {
            if (i % (sampleRate / 8) == 0) {
                target = random.nextDouble() < 0.25 ? 0.01 : 0.05 + 0.3 * random.nextDouble();
            }
            level += (target - level) * 20.0 / sampleRate;
            out[i] = (float) (level * random.nextGaussian() * 0.5);
        }
        return bandPass(new Mono(out, sampleRate), 250, 3500);
    }

    /** Makes a sine. */
    public static Mono sine(double hertz, double amplitude, double seconds, int sampleRate) {
        float[] out = new float[(int) Math.round(seconds * sampleRate)];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) (amplitude * Math.sin(2 * Math.PI * hertz * i / sampleRate));
        }
        return new Mono(out, sampleRate);
    }

    /** Keeps 300 – 6000 Hz, what a horn loudspeaker gives back. */
    public static Mono hornBand(Mono in) {
        return bandPass(in, 300, 6000);
    }

    /** Keeps a band (fourth-order slopes); what lies above half the rate is left alone. */
    public static Mono bandPass(Mono in, double from, double to) {
        float[] out = in.samples().clone();
        for (int pass = 0; pass < 2; pass++) {
            double q = pass == 0 ? 0.5412 : 1.3066;
            filter(out, highPass(from, q, in.sampleRate()));
            if (to < in.sampleRate() * 0.49) {
                filter(out, lowPass(to, q, in.sampleRate()));
            }
        }
        return new Mono(out, in.sampleRate());
    }

    /**
     * Finds where {@code part} best matches inside {@code whole}. Both are brought to a common rate of 12 kHz or less first only by
     * the caller; here the rates must agree.
     *
     * @param maxLagSeconds how far either way to look
     */
    public static Match match(Mono whole, Mono part, double maxLagSeconds) {
        if (whole.sampleRate() != part.sampleRate()) {
            throw new IllegalArgumentException(whole.sampleRate() + " and " + part.sampleRate() + " Hz");
        }
        int maxLag = (int) (maxLagSeconds * whole.sampleRate());
        int size = Integer.highestOneBit(whole.samples().length + part.samples().length + maxLag) * 2;
        double[] ar = new double[size];
        double[] ai = new double[size];
        double[] br = new double[size];
        double[] bi = new double[size];
        double ea = load(whole, ar);
        double eb = load(part, br);
        fft(ar, ai, false);
        fft(br, bi, false);
        for (int i = 0; i < size; i++) {
            double re = ar[i] * br[i] + ai[i] * bi[i];
            double im = ar[i] * bi[i] - ai[i] * br[i];
            ar[i] = re;
            ai[i] = im;
        }
        fft(ar, ai, true);
        double best = Double.NEGATIVE_INFINITY;
        int bestLag = 0;
        for (int lag = -maxLag; lag <= maxLag; lag++) {
            double value = ar[Math.floorMod(-lag, size)] / size;
            if (value > best) {
                best = value;
                bestLag = lag;
            }
        }
        return new Match(best / Math.sqrt(ea * eb), (double) bestLag / whole.sampleRate());
    }

    private static double load(Mono in, double[] into) {
        double energy = 1e-30;
        for (int i = 0; i < in.samples().length; i++) {
            into[i] = in.samples()[i];
            energy += into[i] * into[i];
        }
        return energy;
    }

    /** Brings sound to another rate with the production resampler. */
    public static Mono resample(Mono in, int sampleRate) {
        var resampler = new Resampler(in.sampleRate(), sampleRate);
        float[] out = new float[(int) ((long) in.samples().length * sampleRate / in.sampleRate()) + 16];
        int length = 0;
        float[] buffer = new float[resampler.mostOutput(4096)];
        for (int at = 0; at < in.samples().length; at += 4096) {
            float[] part = Arrays.copyOfRange(in.samples(), at, Math.min(in.samples().length, at + 4096));
            int n = resampler.process(part, part.length, buffer);
            System.arraycopy(buffer, 0, out, length, n);
            length += n;
        }
        int n = resampler.finish(buffer);
        System.arraycopy(buffer, 0, out, length, n);
        return new Mono(Arrays.copyOf(out, length + n), sampleRate);
    }

    private static void filter(float[] x, double[] c) {
        double z1 = 0;
        double z2 = 0;
        for (int i = 0; i < x.length; i++) {
            double y = c[0] * x[i] + z1;
            z1 = c[1] * x[i] - c[3] * y + z2;
            z2 = c[2] * x[i] - c[4] * y;
            x[i] = (float) y;
        }
    }

    private static double[] lowPass(double f, double q, int rate) {
        double w = 2 * Math.PI * f / rate;
        double a = Math.sin(w) / (2 * q);
        double c = Math.cos(w);
        double n = 1 + a;
        return new double[] {(1 - c) / 2 / n, (1 - c) / n, (1 - c) / 2 / n, -2 * c / n, (1 - a) / n};
    }

    private static double[] highPass(double f, double q, int rate) {
        double w = 2 * Math.PI * f / rate;
        double a = Math.sin(w) / (2 * q);
        double c = Math.cos(w);
        double n = 1 + a;
        return new double[] {(1 + c) / 2 / n, -(1 + c) / n, (1 + c) / 2 / n, -2 * c / n, (1 - a) / n};
    }

    private static void fft(double[] re, double[] im, boolean inverse) {
        int n = re.length;
        for (int i = 1, j = 0; i < n; i++) {
            int bit = n >> 1;
            for (; (j & bit) != 0; bit >>= 1) {
                j ^= bit;
            }
            j ^= bit;
            if (i < j) {
                double t = re[i];
                re[i] = re[j];
                re[j] = t;
                t = im[i];
                im[i] = im[j];
                im[j] = t;
            }
        }
        for (int len = 2; len <= n; len <<= 1) {
            double angle = 2 * Math.PI / len * (inverse ? 1 : -1);
            double[] cos = new double[len / 2];
            double[] sin = new double[len / 2];
            for (int k = 0; k < len / 2; k++) {
                cos[k] = Math.cos(angle * k);
                sin[k] = Math.sin(angle * k);
            }
            for (int i = 0; i < n; i += len) {
                for (int k = 0; k < len / 2; k++) {
                    int a = i + k;
                    int b = a + len / 2;
                    double xr = re[b] * cos[k] - im[b] * sin[k];
                    double xi = re[b] * sin[k] + im[b] * cos[k];
                    re[b] = re[a] - xr;
                    im[b] = im[a] - xi;
                    re[a] += xr;
                    im[a] += xi;
                }
            }
        }
    }
}
