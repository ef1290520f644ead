package vn.loalang.delivery;

import vn.loalang.sound.CanonicalMp3;

/** A sound that can be found again among others, to the millisecond. */
public final class Chirps {
    /** Samples of one chirp, 300 ms. */
    public static final int LENGTH = 7200;

    private static final int STEP = 24;

    private Chirps() {}

    /** 500 to 3,000 Hz, half of full scale. */
    public static short[] chirp() {
        var samples = new short[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            var t = i / (double) CanonicalMp3.SAMPLE_RATE;
            var window = Math.sin(Math.PI * i / LENGTH);
            samples[i] = (short) (16_000 * window * Math.sin(2 * Math.PI * (500 * t + 2500 / 0.6 * t * t)));
        }
        return samples;
    }

    /** Where within these bounds a chirp begins; −1 where none does. */
    public static int find(short[] sound, int from, int to) {
        var chirp = chirp();
        double power = 0;
        for (var sample : chirp) power += (double) sample * sample;
        var best = -1;
        double most = 0.3;
        // Coarse by envelope of every second sample, then the best neighbourhood sample by sample.
        for (int at = Math.max(0, from); at < Math.min(to, sound.length - LENGTH); at += 2) {
            var value = likeness(sound, at, chirp, power, 3);
            if (value > most) {
                most = value;
                best = at;
            }
        }
        if (best < 0) return -1;
        var exact = best;
        for (int at = Math.max(0, best - STEP); at < Math.min(best + STEP, sound.length - LENGTH); at++) {
            var value = likeness(sound, at, chirp, power, 1);
            if (value > most) {
                most = value;
                exact = at;
            }
        }
        return exact;
    }

    private static double likeness(short[] sound, int at, short[] chirp, double power, int step) {
        double sum = 0;
        for (int i = 0; i < LENGTH; i += step) sum += (double) chirp[i] * sound[at + i];
        return sum * step / power;
    }
}
