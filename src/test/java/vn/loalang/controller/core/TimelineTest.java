package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import vn.loalang.controller.core.DoneMemory.Done;
import vn.loalang.controller.core.Timeline.Place;
import vn.loalang.controller.core.Timeline.Span;

/** Rule POS-1 as a table: an item of 10 minutes, at most 5 minutes late, with 8 minutes of audio, planned at second 0. */
class TimelineTest {
    private static final Span ITEM = new Span(0, 600_000, 300_000, 480_000);

    @ParameterizedTest(name = "never sounded, {0} s after the planned start: {1} {2} {3}")
    @CsvSource({
        "-3600, Ahead,     ,",
        "-0.001, Ahead,    ,",
        "0,     Joins,   0, 480",
        "1.5,   Joins,   0, 480",
        "2,     Joins,   0, 480",
        "2.001, Joins, 2.001, 477.999",
        "60,    Joins,  60, 420",
        "300,   Joins, 300, 180",
        "300.001, Over,    ,",
        "470,   Over,      ,",
        "86400, Over,      ,"
    })
    void aFirstStartIsOnTimeOrJoinsWhereItsNeighboursAre(double late, String place, Double offset, Double limit) {
        expect(Timeline.place(ITEM, Done.NOTHING, ms(late)), place, offset, limit);
    }

    @ParameterizedTest(name = "sounded up to second 100, {0} s after the planned start: {1} {2} {3}")
    @CsvSource({
        "50,  Ahead,    ,",
        "101, Ahead,    ,",
        "102, Joins, 102, 378",
        "400, Joins, 400, 80",
        "450, Joins, 450, 30",
        "450.001, Over, ,",
        "480, Over,     ,"
    })
    void itRejoinsAfterAnInterruptionIfThirtySecondsAreLeftAndNeverRepeats(
            double late, String place, Double offset, Double limit) {
        var past = Done.NOTHING.started(0).reached(100_000, 100_000);
        expect(Timeline.place(ITEM, past, ms(late)), place, offset, limit);
    }

    @ParameterizedTest
    @CsvSource({"0, Joins", "1, Joins", "2, Joins", "3, Over"})
    void itRejoinsAtMostTwiceAfterPowerLoss(int cuts, String place) {
        var past = Done.NOTHING.started(0).reached(10_000, 10_000);
        for (int i = 0; i < cuts; i++) past = past.cut();
        assertThat(Timeline.place(ITEM, past, 100_000).getClass().getSimpleName())
                .isEqualTo(place);
    }

    @Test
    void whatHasEndedStaysEndedWhateverTheClockSays() {
        var past = Done.NOTHING.started(0).finished(0);
        for (long t = -1_000_000; t < 1_000_000; t += 777) {
            assertThat(Timeline.place(ITEM, past, t)).isInstanceOf(Place.Over.class);
        }
    }

    @Test
    void theOrderEndsSoundEvenWhereTheAudioIsLonger() {
        var shortOrder = new Span(0, 100_000, 300_000, 480_000);
        assertThat(Timeline.place(shortOrder, Done.NOTHING, 1_500)).isEqualTo(new Place.Joins(0, 98_500));
        assertThat(Timeline.place(shortOrder, Done.NOTHING, 60_000)).isEqualTo(new Place.Joins(60_000, 40_000));
        assertThat(Timeline.place(shortOrder, Done.NOTHING, 71_000)).isEqualTo(new Place.Over());
    }

    @Test
    void anItemThatAllowsNoLatenessStillStartsWithinTheFirstTwoSeconds() {
        var exact = new Span(0, 600_000, 0, 480_000);
        assertThat(Timeline.place(exact, Done.NOTHING, 2_000)).isInstanceOf(Place.Joins.class);
        assertThat(Timeline.place(exact, Done.NOTHING, 2_001)).isEqualTo(new Place.Over());
    }

    private static void expect(Place place, String kind, Double offset, Double limit) {
        assertThat(place.getClass().getSimpleName()).isEqualTo(kind);
        if (offset != null) assertThat(place).isEqualTo(new Place.Joins(ms(offset), ms(limit)));
    }

    private static long ms(double seconds) {
        return Math.round(seconds * 1000);
    }
}
