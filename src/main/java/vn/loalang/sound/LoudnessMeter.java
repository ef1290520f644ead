package vn.loalang.sound;

import java.util.Arrays;

/** Integrated loudness after ITU-R BS.1770-4 (as EBU R 128 uses it). Not for use by several threads. */
public final class LoudnessMeter {

    private static final double ABSOLUTE_GATE = -70;
    private static final double RELATIVE_GATE = -10;
    /** Weights of L, R, C, Ls, Rs. */
    private static final double[] WEIGHTS = {1, 1, 1, 1.41, 1.41};

    private final int channels;
    private final int subBlockFrames;
    private final Biquad[] shelves;
    private final Biquad[] highPasses;
    private double[] subBlocks = new double[1024];
    private int subBlockCount;
    private double sum;
    private int inSubBlock;

    /**
     * @param sampleRate samples per second
     * @param channels 1 … 5, in the order L, R, C, Ls, Rs
     */
    public LoudnessMeter(int sampleRate, int channels) {
        if (channels < 1 || channels > WEIGHTS.length) {
            throw new IllegalArgumentException(channels + " channels");
        }
        this.channels = channels;
        this.subBlockFrames = Math.max(1, Math.round(sampleRate / 10f));
        this.shelves = new Biquad[channels];
        this.highPasses = new Biquad[channels];
        for (int c = 0; c < channels; c++) {
            shelves[c] = Biquad.kShelf(sampleRate);
            highPasses[c] = Biquad.kHighPass(sampleRate);
        }
    }

    /**
     * Takes sound.
     *
     * @param interleaved full scale ±1
     * @param frames samples per channel
     */
    public void add(float[] interleaved, int frames) {
        for (int i = 0; i < frames; i++) {
            for (int c = 0; c < channels; c++) {
                double y = highPasses[c].next(shelves[c].next(interleaved[i * channels + c]));
                sum += WEIGHTS[c] * y * y;
            }
            if (++inSubBlock == subBlockFrames) {
                if (subBlockCount == subBlocks.length) {
                    subBlocks = Arrays.copyOf(subBlocks, subBlockCount * 2);
                }
                subBlocks[subBlockCount++] = sum / subBlockFrames;
                sum = 0;
                inSubBlock = 0;
            }
        }
    }

    /**
     * Returns the loudness of everything so far, gated.
     *
     * @return LUFS; negative infinity for silence. Sound shorter than one gating block of 0.4 s is measured as a whole
     */
    public double integrated() {
        int blocks = subBlockCount - 3;
        if (blocks < 1) {
            double all = sum;
            for (int i = 0; i < subBlockCount; i++) {
                all += subBlocks[i] * subBlockFrames;
            }
            double frames = (double) subBlockCount * subBlockFrames + inSubBlock;
            double whole = frames == 0 ? Double.NEGATIVE_INFINITY : lufs(all / frames);
            return whole > ABSOLUTE_GATE ? whole : Double.NEGATIVE_INFINITY;
        }
        double ungated = lufs(meanAbove(ABSOLUTE_GATE, blocks));
        return lufs(meanAbove(Math.max(ABSOLUTE_GATE, ungated + RELATIVE_GATE), blocks));
    }

    private double meanAbove(double gate, int blocks) {
        double threshold = StrictMath.pow(10, (gate + 0.691) / 10);
        double total = 0;
        int count = 0;
        for (int i = 0; i < blocks; i++) {
            double power = (subBlocks[i] + subBlocks[i + 1] + subBlocks[i + 2] + subBlocks[i + 3]) / 4;
            if (power > threshold) {
                total += power;
                count++;
            }
        }
        return count == 0 ? 0 : total / count;
    }

    private static double lufs(double power) {
        return power <= 0 ? Double.NEGATIVE_INFINITY : -0.691 + 10 * StrictMath.log10(power);
    }
}
