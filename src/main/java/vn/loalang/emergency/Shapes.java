package vn.loalang.emergency;

import java.util.List;
import vn.loalang.area.GeoPoint;

/** Whether a place is inside what somebody drew on a map. */
final class Shapes {
    /** Mean radius of the Earth, m (IUGG). */
    private static final double EARTH = 6_371_008.8;

    private Shapes() {}

    /**
     * Whether the place is inside the outline, by counting how often a line to the east crosses it. Sides are straight in degrees,
     * as the map draws them; an outline that crosses itself is outside where it is entered twice. Outlines across the 180th
     * meridian are not meant.
     */
    static boolean inside(List<GeoPoint> corners, GeoPoint place) {
        boolean inside = false;
        for (int i = 0, before = corners.size() - 1; i < corners.size(); before = i++) {
            var a = corners.get(i);
            var b = corners.get(before);
            var between = (a.latitude() > place.latitude()) != (b.latitude() > place.latitude());
            if (between
                    && place.longitude()
                            < (b.longitude() - a.longitude())
                                            * (place.latitude() - a.latitude())
                                            / (b.latitude() - a.latitude())
                                    + a.longitude()) {
                inside = !inside;
            }
        }
        return inside;
    }

    /** Metres between two places along the ground, on a sphere: right within 0.6 %. */
    static double distance(GeoPoint a, GeoPoint b) {
        var north = Math.toRadians(b.latitude() - a.latitude());
        var east = Math.toRadians(b.longitude() - a.longitude());
        var half = square(Math.sin(north / 2))
                + Math.cos(Math.toRadians(a.latitude()))
                        * Math.cos(Math.toRadians(b.latitude()))
                        * square(Math.sin(east / 2));
        return 2 * EARTH * Math.asin(Math.sqrt(Math.min(1, half)));
    }

    private static double square(double value) {
        return value * value;
    }
}
