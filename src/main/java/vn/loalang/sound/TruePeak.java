package vn.loalang.sound;

/** The peak of the analogue wave that a channel's samples describe, by fourfold interpolation. Not for use by several threads. */
final class TruePeak {

    private static final int PHASES = 4;
    private static final int HALF = 16;
    /** Samples by which {@link #next} answers late. */
    static final int DELAY = HALF;

    private static final float[][] KERNELS = kernels();

    private static final int LENGTH = 2 * HALF;

    /** The last samples, twice in a row, so that they are always found in one piece. */
    private final float[] history = new float[2 * LENGTH];

    private int at;
    private double highest;

    /**
     * Takes a sample and returns the highest absolute value between the sample {@link #DELAY} ago and its successor.
     */
    float next(float sample) {
        history[at] = sample;
        history[at + LENGTH] = sample;
        at = (at + 1) % LENGTH;
        // history[at] is the oldest; the sample asked about stands HALF - 1 behind it.
        float peak = Math.abs(history[at + HALF - 1]);
        for (float[] kernel : KERNELS) {
            float sum = 0;
            for (int i = 0; i < LENGTH; i++) {
                sum += kernel[i] * history[at + i];
            }
            peak = Math.max(peak, Math.abs(sum));
        }
        highest = Math.max(highest, peak);
        return peak;
    }

    /** Takes many samples. */
    void add(float[] samples, int count) {
        for (int i = 0; i < count; i++) {
            next(samples[i]);
        }
    }

    /** Takes the silence behind the last sample and returns the highest peak, 1 being full scale. */
    double finish() {
        for (int i = 0; i < 2 * HALF; i++) {
            next(0);
        }
        return highest;
    }

    /** Turns a factor into decibels. */
    static double decibels(double factor) {
        return factor <= 0 ? Double.NEGATIVE_INFINITY : 20 * StrictMath.log10(factor);
    }

    /** Turns decibels into a factor. */
    static double factor(double decibels) {
        return StrictMath.pow(10, decibels / 20);
    }

    private static float[][] kernels() {
        float[][] kernels = new float[PHASES - 1][2 * HALF];
        for (int p = 1; p < PHASES; p++) {
            double sum = 0;
            double[] row = new double[2 * HALF];
            for (int i = 0; i < row.length; i++) {
                double x = i - (HALF - 1) - (double) p / PHASES;
                double window = 0.5 + 0.5 * StrictMath.cos(Math.PI * x / HALF);
                row[i] = window * StrictMath.sin(Math.PI * x) / (Math.PI * x);
                sum += row[i];
            }
            for (int i = 0; i < row.length; i++) {
                kernels[p - 1][i] = (float) (row[i] / sum);
            }
        }
        return kernels;
    }
}
