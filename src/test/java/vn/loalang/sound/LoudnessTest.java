package vn.loalang.sound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The cases of EBU Tech 3341 that need no recordings of the EBU; numbers are theirs. */
class LoudnessTest {

    private static final int RATE = 48_000;

    @Test
    void cases1And2SteadyTones() {
        assertLoudness(-23, stereo(-23, 20));
        assertLoudness(-33, stereo(-33, 20));
    }

    @Test
    void case3QuietPartsFallBehindTheRelativeGate() {
        assertLoudness(-23, stereo(-36, 10), stereo(-23, 60), stereo(-36, 10));
    }

    @Test
    void case4NearSilenceFallsBehindTheAbsoluteGate() {
        assertLoudness(-23, stereo(-72, 10), stereo(-36, 10), stereo(-23, 60), stereo(-36, 10), stereo(-72, 10));
    }

    @Test
    void case5PartsOfDifferentLoudnessAreAveraged() {
        assertLoudness(-23, stereo(-26, 20), stereo(-20, 20.1), stereo(-26, 20));
    }

    @Test
    void case6SurroundChannelsWeighMore() {
        var meter = new LoudnessMeter(RATE, 5);
        double[] levels = {-28, -28, -24, -30, -30};
        float[] all = new float[RATE * 20 * 5];
        for (int c = 0; c < 5; c++) {
            float[] one = tone(levels[c], 20);
            for (int i = 0; i < one.length; i++) {
                all[i * 5 + c] = one[i];
            }
        }
        meter.add(all, RATE * 20);
        assertThat(meter.integrated()).isCloseTo(-23, within(0.1));
    }

    @Test
    void oneChannelReadsThreeUnitsLessThanTheSameTwice() {
        var meter = new LoudnessMeter(RATE, 1);
        float[] tone = tone(-23, 20);
        meter.add(tone, tone.length);
        assertThat(meter.integrated()).isCloseTo(-26, within(0.1));
    }

    @Test
    void silenceHasNoLoudnessAndShortSoundsAreMeasuredWhole() {
        var silent = new LoudnessMeter(RATE, 1);
        assertThat(silent.integrated()).isNegative().isInfinite();
        silent.add(new float[RATE], RATE);
        assertThat(silent.integrated()).isNegative().isInfinite();
        var brief = new LoudnessMeter(RATE, 2);
        brief.add(stereo(-23, 0.3), (int) (RATE * 0.3));
        assertThat(brief.integrated()).isCloseTo(-23, within(0.3));
    }

    @Test
    void cases15To19TruePeaksBetweenSamples() {
        assertPeak(-6, 4, 0, 0.5);
        assertPeak(-6, 4, 45, 0.5);
        assertPeak(-6, 6, 60, 0.5);
        assertPeak(-6, 8, 67.5, 0.5);
        assertPeak(3, 4, 45, 1.41);
    }

    private static void assertPeak(double expected, int divisor, double degrees, double amplitude) {
        float[] tone = new float[RATE];
        for (int i = 0; i < tone.length; i++) {
            // A fade keeps the edges from ringing.
            double edge = Math.min(1, Math.min(i, tone.length - 1 - i) / 2400.0);
            tone[i] = (float) (edge * amplitude * Math.sin(2 * Math.PI * i / divisor + Math.toRadians(degrees)));
        }
        var peak = new TruePeak();
        peak.add(tone, tone.length);
        assertThat(TruePeak.decibels(peak.finish())).isBetween(expected - 0.4, expected + 0.2);
    }

    private static void assertLoudness(double expected, float[]... parts) {
        var meter = new LoudnessMeter(RATE, 2);
        for (float[] part : parts) {
            meter.add(part, part.length / 2);
        }
        assertThat(meter.integrated()).isCloseTo(expected, within(0.1));
    }

    private static float[] tone(double dbfs, double seconds) {
        return Signals.sine(1000, Math.pow(10, dbfs / 20), seconds, RATE).samples();
    }

    private static float[] stereo(double dbfs, double seconds) {
        float[] one = tone(dbfs, seconds);
        float[] two = new float[one.length * 2];
        for (int i = 0; i < one.length; i++) {
            two[2 * i] = one[i];
            two[2 * i + 1] = one[i];
        }
        return two;
    }
}
