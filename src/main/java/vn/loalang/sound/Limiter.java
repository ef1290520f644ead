package vn.loalang.sound;

import java.util.Arrays;

/**
 * Holds a channel below a ceiling without clipping it: sees 5 ms ahead, lowers the gain smoothly before a peak and lets it recover in
 * about a fifth of a second. Output is later than input by {@link #DELAY}. Not for use by several threads.
 */
final class Limiter {

    private static final int LOOK_AHEAD = CanonicalMp3.SAMPLE_RATE / 200;
    /** Samples by which the output is late. */
    static final int DELAY = LOOK_AHEAD + TruePeak.DELAY;

    private static final float RELEASE = 1f / (0.08f * CanonicalMp3.SAMPLE_RATE);

    private final float ceiling;
    private final TruePeak peaks = new TruePeak();
    private final float[] waiting = new float[DELAY + 1];
    /** Two longer than the mean, so that both samples beside an interpolated peak are held down during all of it. */
    private final float[] wanted = new float[LOOK_AHEAD + 2];

    private final float[] recent = new float[LOOK_AHEAD];
    private double recentSum = LOOK_AHEAD;
    private float released = 1;
    private int waitingAt;
    private int wantedAt;
    private int recentAt;
    private int lowered;

    /** @param ceilingDb highest true peak in dB of full scale */
    Limiter(double ceilingDb) {
        this.ceiling = (float) TruePeak.factor(ceilingDb);
        Arrays.fill(wanted, 1);
        Arrays.fill(recent, 1);
    }

    /** Takes one sample and gives one, {@link #DELAY} samples older. */
    float next(float sample) {
        float peak = peaks.next(sample);
        float now = peak > ceiling ? ceiling / peak : 1;
        lowered += (now < 1 ? 1 : 0) - (wanted[wantedAt] < 1 ? 1 : 0);
        wanted[wantedAt] = now;
        wantedAt = (wantedAt + 1) % wanted.length;
        float least = 1;
        if (lowered > 0) {
            for (float w : wanted) {
                least = Math.min(least, w);
            }
        }
        // Down at once (the mean below makes it smooth), up slowly.
        released = Math.min(least, released + (1 - released) * RELEASE);
        recentSum += released - recent[recentAt];
        recent[recentAt] = released;
        recentAt = (recentAt + 1) % LOOK_AHEAD;

        waiting[waitingAt] = sample;
        waitingAt = (waitingAt + 1) % waiting.length;
        return (float) (waiting[waitingAt] * Math.min(1, recentSum / LOOK_AHEAD));
    }
}
