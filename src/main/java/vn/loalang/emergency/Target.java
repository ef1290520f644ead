package vn.loalang.emergency;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import vn.loalang.area.AreaId;
import vn.loalang.area.GeoPoint;
import vn.loalang.area.Refusal;
import vn.loalang.fleet.ControllerId;

/** One part of whom an alert is for, as a person chose it. */
public sealed interface Target {
    /** Most corners of a polygon. */
    int MOST_CORNERS = 200;

    /** Widest circle: its radius in metres. */
    int WIDEST = 200_000;

    /** The form that forms, addresses and the database carry; {@link #parse} reads it. */
    String wire();

    /**
     * Reads {@code area:12}, {@code tag:loa-truong}, {@code pole:7}, {@code polygon:16.1,107.2;…} or {@code circle:16.1,107.2,500}.
     *
     * @throws Refusal naming {@code targets} when it is none of these or a number is out of its range
     */
    static Target parse(String text) {
        var colon = text.indexOf(':');
        var kind = colon < 0 ? "" : text.substring(0, colon);
        var rest = text.substring(colon + 1);
        try {
            return switch (kind) {
                case "area" -> new InArea(new AreaId(positive(rest)));
                case "tag" -> new Tagged(rest);
                case "pole" -> new OnPole(new ControllerId(positive(rest)));
                case "polygon" -> polygon(rest);
                case "circle" -> circle(rest);
                default -> throw new IllegalArgumentException("no such kind of target");
            };
        } catch (IllegalArgumentException e) {
            throw new Refusal("targets", "emergency.refused.target", text.substring(0, Math.min(60, text.length())));
        }
    }

    /** Every pole in an area and below it. */
    record InArea(AreaId area) implements Target {
        @Override
        public String wire() {
            return "area:" + area.value();
        }
    }

    /**
     * Every pole with this tag.
     *
     * @param tag 1 to 40 characters, small letters
     */
    record Tagged(String tag) implements Target {
        public Tagged {
            tag = tag.strip().toLowerCase(Locale.ROOT);
            if (tag.isEmpty() || tag.length() > 40) {
                throw new IllegalArgumentException("a tag has 1 to 40 characters");
            }
        }

        @Override
        public String wire() {
            return "tag:" + tag;
        }
    }

    /** One pole. */
    record OnPole(ControllerId pole) implements Target {
        @Override
        public String wire() {
            return "pole:" + pole.value();
        }
    }

    /**
     * Every pole inside a drawn outline; a pole without a measured place is in none.
     *
     * @param corners in order, 3 to 200, the last joins the first
     */
    record Polygon(List<GeoPoint> corners) implements Target {
        public Polygon {
            corners = List.copyOf(corners);
            if (corners.size() < 3 || corners.size() > MOST_CORNERS) {
                throw new IllegalArgumentException("a polygon has 3 to " + MOST_CORNERS + " corners");
            }
        }

        @Override
        public String wire() {
            var text = new StringBuilder("polygon:");
            for (var corner : corners) {
                text.append(text.charAt(text.length() - 1) == ':' ? "" : ";").append(place(corner));
            }
            return text.toString();
        }
    }

    /**
     * Every pole within a distance on the ground; a pole without a measured place is in none.
     *
     * @param metres radius, 1 to 200,000
     */
    record Circle(GeoPoint centre, int metres) implements Target {
        public Circle {
            if (metres < 1 || metres > WIDEST) {
                throw new IllegalArgumentException("a circle's radius is 1 to " + WIDEST + " m");
            }
        }

        @Override
        public String wire() {
            return "circle:" + place(centre) + "," + metres;
        }
    }

    private static Polygon polygon(String text) {
        var corners = new ArrayList<GeoPoint>();
        for (var corner : text.split(";", MOST_CORNERS + 2)) {
            corners.add(point(corner.split(",", 3), 2));
        }
        return new Polygon(corners);
    }

    private static Circle circle(String text) {
        var parts = text.split(",", 4);
        return new Circle(point(parts, 3), (int) Math.min(Integer.MAX_VALUE, positive(parts[2])));
    }

    private static GeoPoint point(String[] parts, int wanted) {
        if (parts.length != wanted) {
            throw new IllegalArgumentException("a place is latitude,longitude");
        }
        return new GeoPoint(degrees(parts[0]), degrees(parts[1]));
    }

    private static double degrees(String text) {
        if (!DEGREES.matcher(text).matches()) {
            throw new IllegalArgumentException("not degrees");
        }
        return Double.parseDouble(text);
    }

    private static long positive(String text) {
        if (!NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException("not a positive number");
        }
        return Long.parseLong(text);
    }

    private static String place(GeoPoint point) {
        return String.format(Locale.ROOT, "%.6f,%.6f", point.latitude(), point.longitude());
    }

    /** Digits only: no exponents, signs of infinity or other things that Double reads. */
    Pattern DEGREES = Pattern.compile("-?[0-9]{1,3}(\\.[0-9]{1,15})?");

    /** A key or a number of metres. */
    Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");
}
