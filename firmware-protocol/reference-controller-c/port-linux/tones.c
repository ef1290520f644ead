/* The built-in sounds (section 7): the same position always gives the same sample, so a start in the middle sounds as if it had
 * run from the beginning. */
#include <math.h>

#include "linux.h"

#define PEAK (0.7 * 32767)
#define RAMP (RATE / 100)
#define TWO_PI 6.283185307179586

/* Oscillations of a pitch that rises for half a period and falls for the other half, integrated over time: no clicks. */
static double glide(double low, double high, double period, double t)
{
    double whole = floor(t / period);
    double rest = t - whole * period;
    double half = period / 2;
    double slope = (high - low) / half;
    double rising = rest < half ? rest : half;
    double falling = rest > half ? rest - half : 0;
    return whole * period * (low + high) / 2 + low * rising + slope * rising * rising / 2 + high * falling -
           slope * falling * falling / 2;
}

static double cycles(enum gb1_tone tone, double t)
{
    switch (tone) {
    case GB1_WAIL: return glide(400, 1000, 8, t);
    case GB1_YELP: return glide(600, 1200, 0.5, t);
    case GB1_STEADY: break;
    }
    return 660 * t;
}

int16_t tone_sample(enum gb1_tone tone, int64_t n, int64_t length)
{
    int64_t edge = n + 1 < length - n ? n + 1 : length - n;
    double ramp = edge < RAMP ? (double)edge / RAMP : 1;
    double c = cycles(tone, (double)n / RATE);
    double phase = TWO_PI * (c - floor(c));
    return (int16_t)lrint(PEAK * ramp * (0.8 * sin(phase) + 0.2 * sin(3 * phase) + 0.1 * sin(5 * phase)));
}

int16_t chime_sample(int64_t n)
{
    static const double hz[] = {784, 659, 523, 392};
    double sum = 0;
    for (int stroke = 0; stroke < 4; stroke++) {
        double t = (double)(n - stroke * (RATE / 2)) / RATE;
        if (t < 0) continue;
        sum += fmin(1, t * 200) * exp(-3 * t) * sin(TWO_PI * hz[stroke] * t);
    }
    double edge = fmax(0, fmin(1, (double)(CHIME_SAMPLES - n) / RAMP));
    return (int16_t)lrint(PEAK * 0.7 * edge * sum);
}
