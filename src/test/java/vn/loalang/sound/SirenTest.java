package vn.loalang.sound;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SirenTest {
    private static final int RATE = CanonicalMp3.SAMPLE_RATE;

    @ParameterizedTest
    @EnumSource(Siren.Pattern.class)
    void aStartInTheMiddleGivesTheSameSamplesAndNothingClips(Siren.Pattern pattern) {
        var whole = new short[3 * RATE];
        Siren.blast(pattern, whole.length, 0, whole, 0, whole.length);
        var part = new short[1_000];
        Siren.blast(pattern, whole.length, 40_000, part, 0, part.length);
        for (int i = 0; i < part.length; i++) assertThat(part[i]).isEqualTo(whole[40_000 + i]);
        int peak = 0;
        for (var s : whole) peak = Math.max(peak, Math.abs(s));
        assertThat(peak).isBetween(16_000, 28_000);
        assertThat(Math.abs(whole[0])).as("no click").isLessThan(300);
        assertThat(Math.abs(whole[whole.length - 1])).as("no click").isLessThan(300);
    }

    @ParameterizedTest(name = "{0} at {1} s sounds at about {2} Hz")
    @CsvSource({"STEADY,1,660", "WAIL,0.1,415", "WAIL,3.9,985", "WAIL,7.9,415", "YELP,0.25,1180", "YELP,0.02,650"})
    void thePitchIsThatOfThePattern(Siren.Pattern pattern, double at, double hertz) {
        var samples = new short[RATE / 20];
        Siren.blast(
                pattern,
                20L * RATE,
                Math.round(at * RATE) - samples.length / 2 * (at > 0.05 ? 1 : 0),
                samples,
                0,
                samples.length);
        int rising = 0;
        for (int i = 1; i < samples.length; i++) if (samples[i - 1] < 0 && samples[i] >= 0) rising++;
        assertThat(rising * 20.0).isCloseTo(hertz, org.assertj.core.data.Offset.offset(80.0));
    }

    @Test
    void theChimeEndsInSilence() {
        var samples = new short[RATE];
        Siren.chime(Siren.CHIME_MILLIS * (long) RATE / 1000, samples, 0, samples.length);
        assertThat(samples).containsOnly((short) 0);
    }
}
