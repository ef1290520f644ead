package vn.loalang.sound;

/** A second-order filter on one channel. Coefficients are normalised (a0 = 1). */
final class Biquad {

    private final double b0;
    private final double b1;
    private final double b2;
    private final double a1;
    private final double a2;
    private double z1;
    private double z2;

    Biquad(double b0, double b1, double b2, double a1, double a2) {
        this.b0 = b0;
        this.b1 = b1;
        this.b2 = b2;
        this.a1 = a1;
        this.a2 = a2;
    }

    /** A Butterworth high-pass of 12 dB per octave. */
    static Biquad highPass(double hertz, double sampleRate) {
        double k = StrictMath.tan(Math.PI * hertz / sampleRate);
        double q = StrictMath.sqrt(0.5);
        double norm = 1 / (1 + k / q + k * k);
        return new Biquad(norm, -2 * norm, norm, 2 * (k * k - 1) * norm, (1 - k / q + k * k) * norm);
    }

    /** First stage of ITU-R BS.1770's K weighting: the head's shelf, computed for any rate. */
    static Biquad kShelf(double sampleRate) {
        double k = StrictMath.tan(Math.PI * 1681.974450955533 / sampleRate);
        double q = 0.7071752369554196;
        double high = StrictMath.pow(10, 3.999843853973347 / 20);
        double band = StrictMath.pow(high, 0.4996667741545416);
        double norm = 1 / (1 + k / q + k * k);
        return new Biquad(
                (high + band * k / q + k * k) * norm,
                2 * (k * k - high) * norm,
                (high - band * k / q + k * k) * norm,
                2 * (k * k - 1) * norm,
                (1 - k / q + k * k) * norm);
    }

    /** Second stage of the K weighting: a high-pass whose numerator is not normalised, as the recommendation has it. */
    static Biquad kHighPass(double sampleRate) {
        double k = StrictMath.tan(Math.PI * 38.13547087602444 / sampleRate);
        double q = 0.5003270373238773;
        double norm = 1 / (1 + k / q + k * k);
        return new Biquad(1, -2, 1, 2 * (k * k - 1) * norm, (1 - k / q + k * k) * norm);
    }

    double next(double x) {
        double y = b0 * x + z1;
        z1 = b1 * x - a1 * y + z2;
        z2 = b2 * x - a2 * y;
        // Let silence become zero instead of ever smaller numbers, which are slow.
        if (Math.abs(z1) < 1e-30) {
            z1 = 0;
        }
        if (Math.abs(z2) < 1e-30) {
            z2 = 0;
        }
        return y;
    }
}
