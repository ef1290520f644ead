package vn.loalang.sound;

import java.util.Arrays;

/**
 * Changes the sample rate of one channel by a Kaiser-windowed sinc (pass band up to 91 % of the lower half rate, about 80 dB
 * attenuation); sample 0 of the output falls on sample 0 of the input. Bit-deterministic. Not for use by several threads.
 */
public final class Resampler {

    private static final int ZERO_CROSSINGS = 24;
    private static final double ROLL_OFF = 0.955;
    private static final double KAISER_BETA = 8.0;
    /** Where a ratio has more phases than this, the nearest of so many is taken. */
    private static final int MOST_PHASES = 1024;

    private final int inStep;
    private final int outStep;
    private final int phases;
    private final int halfTaps;
    private final float[][] table;

    /** The input from {@code bufferStart} on, with half a filter of zeros before the first sample. */
    private float[] buffer;

    private int buffered;
    private long bufferStart;
    /** The next output stands at input position {@code whole + fraction / outStep}. */
    private long whole;

    private int fraction;
    private long received;

    /**
     * @param fromRate samples per second of the input, at least 1
     * @param toRate samples per second of the output, at least 1
     */
    public Resampler(int fromRate, int toRate) {
        int common = gcd(fromRate, toRate);
        this.inStep = fromRate / common;
        this.outStep = toRate / common;
        this.phases = Math.min(outStep, MOST_PHASES);
        double cutOff = ROLL_OFF * Math.min(1.0, (double) toRate / fromRate);
        this.halfTaps = inStep == outStep ? 0 : (int) Math.ceil(ZERO_CROSSINGS / cutOff);
        this.table = inStep == outStep ? new float[][] {{1f}} : table(phases, halfTaps, cutOff);
        this.buffer = new float[2 * halfTaps + 8192];
        this.buffered = halfTaps;
        this.bufferStart = -halfTaps;
    }

    /** Returns the most samples that one call with so much input can give, or {@link #finish}. */
    public int mostOutput(int input) {
        return (int) (((long) Math.max(input, 2 * halfTaps) + 2L * halfTaps + 1) * outStep / inStep) + 2;
    }

    /**
     * Takes input and gives the output that it completes.
     *
     * @param in input samples
     * @param count how many of them
     * @param out receives the output, room for {@link #mostOutput}
     * @return how many were given
     */
    public int process(float[] in, int count, float[] out) {
        received += count;
        return push(in, count, out, Long.MAX_VALUE);
    }

    /**
     * Gives what the filter still holds, so that the output is as long as the input.
     *
     * @return how many samples were given
     */
    public int finish(float[] out) {
        long end = (received * outStep + inStep - 1) / inStep;
        long given = (whole * outStep + fraction) / inStep;
        return push(new float[halfTaps + 1], halfTaps + 1, out, end - given);
    }

    private int push(float[] in, int count, float[] out, long most) {
        long keepFrom = Math.max(bufferStart, whole - halfTaps);
        int drop = (int) Math.min(keepFrom - bufferStart, buffered);
        System.arraycopy(buffer, drop, buffer, 0, buffered - drop);
        bufferStart += drop;
        buffered -= drop;
        if (buffered + count > buffer.length) {
            buffer = Arrays.copyOf(buffer, buffered + count);
        }
        System.arraycopy(in, 0, buffer, buffered, count);
        buffered += count;

        int taps = 2 * halfTaps + 1;
        int given = 0;
        while (given < most && whole + halfTaps < bufferStart + buffered) {
            float[] kernel = table[phases == outStep ? fraction : (int) ((long) fraction * phases / outStep)];
            int from = (int) (whole - halfTaps - bufferStart);
            double sum = 0;
            for (int i = 0; i < taps; i++) {
                sum += kernel[i] * buffer[from + i];
            }
            out[given++] = (float) sum;
            fraction += inStep;
            whole += fraction / outStep;
            fraction %= outStep;
        }
        return given;
    }

    private static float[][] table(int phases, int halfTaps, double cutOff) {
        float[][] table = new float[phases][2 * halfTaps + 1];
        double edge = bessel(KAISER_BETA);
        for (int p = 0; p < phases; p++) {
            double[] row = new double[2 * halfTaps + 1];
            double sum = 0;
            for (int i = 0; i < row.length; i++) {
                double x = i - halfTaps - (double) p / phases;
                double inWindow = x / (halfTaps + 1);
                double window = bessel(KAISER_BETA * StrictMath.sqrt(Math.max(0, 1 - inWindow * inWindow))) / edge;
                double angle = Math.PI * cutOff * x;
                row[i] = window * (x == 0 ? cutOff : cutOff * StrictMath.sin(angle) / angle);
                sum += row[i];
            }
            for (int i = 0; i < row.length; i++) {
                table[p][i] = (float) (row[i] / sum);
            }
        }
        return table;
    }

    /** The modified Bessel function of the first kind, order 0, by its series. */
    private static double bessel(double x) {
        double sum = 1;
        double term = 1;
        for (int k = 1; term > sum * 1e-17; k++) {
            term *= x * x / 4 / ((double) k * k);
            sum += term;
        }
        return sum;
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
