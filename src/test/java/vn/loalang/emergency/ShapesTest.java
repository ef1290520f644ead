package vn.loalang.emergency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import vn.loalang.area.GeoPoint;
import vn.loalang.area.Refusal;

class ShapesTest {
    @Test
    void aPlaceIsInsideAConvexOutlineExactlyWhenItIsLeftOfAllSides() {
        var random = new Random(4);
        for (int round = 0; round < 2_000; round++) {
            var centre = new GeoPoint(10 + random.nextDouble() * 12, 103 + random.nextDouble() * 6);
            var corners = onACircle(random, centre, 3 + random.nextInt(20), 0.001 + random.nextDouble());
            var place = near(random, centre, 1.5);
            var left = IntStream.range(0, corners.size())
                    .allMatch(i -> side(corners.get(i), corners.get((i + 1) % corners.size()), place) > 0);
            assertThat(Shapes.inside(corners, place))
                    .as("%s in %s", place, corners)
                    .isEqualTo(left);
        }
    }

    @Test
    void whereTheOutlineBeginsAndInWhichDirectionItRunsMakesNoDifference() {
        var random = new Random(5);
        for (int round = 0; round < 1_000; round++) {
            var corners = new ArrayList<GeoPoint>();
            var centre = new GeoPoint(16, 107);
            for (int i = 0; i < 3 + random.nextInt(12); i++) {
                corners.add(near(random, centre, 1));
            }
            var place = near(random, centre, 1);
            var inside = Shapes.inside(corners, place);
            Collections.rotate(corners, random.nextInt(corners.size()));
            assertThat(Shapes.inside(corners, place)).isEqualTo(inside);
            Collections.reverse(corners);
            assertThat(Shapes.inside(corners, place)).isEqualTo(inside);
        }
    }

    @Test
    void twoHalvesOfAnOutlineShareNoPlaceAndLoseNone() {
        var random = new Random(6);
        for (int round = 0; round < 1_000; round++) {
            var centre = new GeoPoint(16, 107);
            var corners = onACircle(random, centre, 8, 0.5);
            var cut = 2 + random.nextInt(4);
            var one = corners.subList(0, cut + 1);
            var other = new ArrayList<>(corners.subList(cut, corners.size()));
            other.add(corners.get(0));
            var place = near(random, centre, 0.7);
            assertThat((Shapes.inside(one, place) ? 1 : 0) + (Shapes.inside(other, place) ? 1 : 0))
                    .isEqualTo(Shapes.inside(corners, place) ? 1 : 0);
        }
    }

    @Test
    void aVillageWithABayIsNotHeardInTheBay() {
        var bay = List.of(
                new GeoPoint(0, 0),
                new GeoPoint(0, 3),
                new GeoPoint(3, 3),
                new GeoPoint(3, 2),
                new GeoPoint(1, 2),
                new GeoPoint(1, 1),
                new GeoPoint(3, 1),
                new GeoPoint(3, 0));
        assertThat(Shapes.inside(bay, new GeoPoint(2, 1.5))).isFalse();
        assertThat(Shapes.inside(bay, new GeoPoint(2, 0.5))).isTrue();
        assertThat(Shapes.inside(bay, new GeoPoint(2, 2.5))).isTrue();
        assertThat(Shapes.inside(bay, new GeoPoint(0.5, 1.5))).isTrue();
        assertThat(Shapes.inside(bay, new GeoPoint(2, 4))).isFalse();
    }

    @Test
    void distancesAreThoseOfTheSphere() {
        var oneDegree = Math.toRadians(1) * 6_371_008.8;
        assertThat(Shapes.distance(new GeoPoint(16, 107), new GeoPoint(17, 107)))
                .isCloseTo(oneDegree, within(0.01));
        assertThat(Shapes.distance(new GeoPoint(0, 107), new GeoPoint(0, 108))).isCloseTo(oneDegree, within(0.01));
        assertThat(Shapes.distance(new GeoPoint(60, 107), new GeoPoint(60, 107.001)))
                .as("a degree is half as long at 60° north")
                .isCloseTo(oneDegree / 2000, within(0.01));
        assertThat(Shapes.distance(new GeoPoint(90, 0), new GeoPoint(-90, 0)))
                .isCloseTo(Math.PI * 6_371_008.8, within(1.0));
        var random = new Random(7);
        for (int round = 0; round < 1_000; round++) {
            var a = near(random, new GeoPoint(16, 107), 5);
            var b = near(random, a, 1);
            var c = near(random, a, 1);
            assertThat(Shapes.distance(a, b)).isEqualTo(Shapes.distance(b, a)).isNotNegative();
            assertThat(Shapes.distance(a, c)).isLessThanOrEqualTo(Shapes.distance(a, b) + Shapes.distance(b, c) + 1e-6);
            assertThat(Shapes.distance(a, a)).isZero();
        }
    }

    @Test
    void everyTargetIsReadAsItWasWritten() {
        for (var wire : List.of(
                "area:12",
                "tag:loa trường",
                "pole:7",
                "polygon:16.100000,107.200000;16.200000,107.200000;16.200000,107.300000",
                "circle:16.100000,107.200000,500")) {
            assertThat(Target.parse(wire).wire()).isEqualTo(wire);
        }
        assertThat(Target.parse("polygon:16.1,107.2;16.2,107.2;-16.2,107.3"))
                .isEqualTo(new Target.Polygon(
                        List.of(new GeoPoint(16.1, 107.2), new GeoPoint(16.2, 107.2), new GeoPoint(-16.2, 107.3))));
    }

    @Test
    void rubbishIsNoTarget() {
        for (var wire : List.of(
                "",
                "area",
                "area:",
                "area:0",
                "area:-1",
                "area:1e3",
                "area:99999999999999999999",
                "tag:",
                "tag:   ",
                "tag:" + "a".repeat(41),
                "pole:x",
                "polygon:",
                "polygon:1,2;3,4",
                "polygon:1,2;3,4;5",
                "polygon:1,2;3,4;91,6",
                "polygon:1,2;3,4;NaN,6",
                "polygon:1,2;3,4;1e1,6",
                "polygon:1,2;3,4;5,181",
                "polygon:" + "1,2;".repeat(201) + "1,2",
                "polygon:" + "1,2;".repeat(1_000_000),
                "circle:16,107",
                "circle:16,107,0",
                "circle:16,107,200001",
                "circle:16,107,5.5",
                "circle:16,107,500,1",
                "circle:Infinity,107,500",
                "village:1",
                ":",
                "area:1\n")) {
            assertThatThrownBy(() -> Target.parse(wire))
                    .as(wire.length() > 80 ? wire.substring(0, 80) : wire)
                    .isInstanceOf(Refusal.class);
        }
    }

    /** Corners in order, against the clock when north is up. */
    private static List<GeoPoint> onACircle(Random random, GeoPoint centre, int count, double radius) {
        return random.doubles(count, 0, 2 * Math.PI)
                .sorted()
                .mapToObj(angle -> new GeoPoint(
                        centre.latitude() + radius * Math.sin(angle), centre.longitude() + radius * Math.cos(angle)))
                .toList();
    }

    private static GeoPoint near(Random random, GeoPoint place, double degrees) {
        return new GeoPoint(
                place.latitude() + (random.nextDouble() * 2 - 1) * degrees,
                place.longitude() + (random.nextDouble() * 2 - 1) * degrees);
    }

    private static double side(GeoPoint from, GeoPoint to, GeoPoint place) {
        return (to.longitude() - from.longitude()) * (place.latitude() - from.latitude())
                - (to.latitude() - from.latitude()) * (place.longitude() - from.longitude());
    }
}
