package vn.loalang.area;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Outlines of areas, from GeoJSON files that people bring. A file is taken as a whole or refused as a whole; nothing in it is
 * trusted: size, depth, number of features and corners have limits, and every corner must lie on Earth.
 */
@Component
public class Outlines {
    /** Largest file, bytes. */
    public static final int LARGEST = 8 << 20;

    private static final int DEEPEST = 16;
    private static final int MOST_FEATURES = 5_000;
    private static final int MOST_CORNERS = 400_000;
    private static final int MOST_RINGS = 50;

    /** Corners kept of one ring; more is not seen on a screen. */
    private static final int KEPT = 300;

    private static final List<String> CODES = List.of("code", "ma", "id");

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxNumberLength(40)
                            .maxStringLength(20_000)
                            .maxNameLength(200)
                            .maxDocumentLength(LARGEST)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .build();

    private final JdbcClient jdbc;
    private final Areas areas;
    private final Clock clock;

    Outlines(JdbcClient jdbc, Areas areas, Clock clock) {
        this.jdbc = jdbc;
        this.areas = areas;
        this.clock = clock;
    }

    /**
     * What an import did.
     *
     * @param drawn areas that have an outline from the file now
     * @param unknown codes in the file that no area has, the first ten
     * @param left how many features were left out for that
     */
    public record Result(int drawn, List<String> unknown, int left) {
        public Result {
            unknown = List.copyOf(unknown);
        }
    }

    /** Outlines of existing areas, in the order of the tree. */
    public List<Outline> all() {
        return jdbc.sql("""
                        select a.id, a.path, a.full_name, o.rings from area_outline o join area_area a on a.id = o.area_id
                        where a.archived_at is null order by a.path""")
                .query((row, number) -> new Outline(
                        new AreaId(row.getLong("id")),
                        AreaPath.of(row.getString("path")),
                        row.getString("full_name"),
                        rings(row.getString("rings"))))
                .list();
    }

    /**
     * Takes the outlines of a GeoJSON file: polygons of features whose {@code code} (or {@code ma}, {@code id}) is an area's code.
     *
     * @throws Refusal when it is too large, no GeoJSON, or a corner is not on Earth; nothing was changed then
     */
    @Transactional
    public Result apply(byte[] file) {
        if (file.length > LARGEST) {
            throw new Refusal("outlines", "area.refused.outlineSize", LARGEST >> 20);
        }
        var found = new LinkedHashMap<AreaId, String>();
        var unknown = new ArrayList<String>();
        int left = 0;
        for (var feature : read(file).entrySet()) {
            var area = areas.findByCode(feature.getKey()).filter(Area::active);
            if (area.isPresent()) {
                found.put(new AreaId(area.get().id()), feature.getValue());
            } else {
                left++;
                if (unknown.size() < 10) {
                    unknown.add(feature.getKey());
                }
            }
        }
        var now = SqlTime.of(clock.instant());
        found.forEach((area, rings) -> {
            var known = jdbc.sql("update area_outline set rings = :rings, set_at = :now where area_id = :area")
                    .param("rings", rings)
                    .param("now", now)
                    .param("area", area.value())
                    .update();
            if (known == 0) {
                jdbc.sql("insert into area_outline (area_id, rings, set_at) values (:area, :rings, :now)")
                        .param("area", area.value())
                        .param("rings", rings)
                        .param("now", now)
                        .update();
            }
        });
        return new Result(found.size(), unknown, left);
    }

    /** Rings by code. */
    private static Map<String, String> read(byte[] file) {
        try {
            var root = JSON.readTree(file);
            if (!root.path("type").asString("").equals("FeatureCollection")
                    || !root.path("features").isArray()) {
                throw new Refusal("outlines", "area.refused.outlineKind");
            }
            return features(root.path("features"));
        } catch (JacksonException e) {
            throw new Refusal("outlines", "area.refused.outlineJson");
        }
    }

    private static Map<String, String> features(JsonNode features) {
        if (features.size() > MOST_FEATURES) {
            throw new Refusal("outlines", "area.refused.outlineFeatures", MOST_FEATURES);
        }
        var found = new LinkedHashMap<String, String>();
        var seen = new HashSet<String>();
        int number = 0;
        int corners = 0;
        for (var feature : features) {
            number++;
            var code = code(feature);
            if (code == null || !seen.add(code)) {
                throw new Refusal(
                        "outlines", code == null ? "area.refused.outlineCode" : "area.refused.outlineTwice", number);
            }
            var geometry = feature.path("geometry");
            var polygons = new ArrayList<JsonNode>();
            switch (geometry.path("type").asString("")) {
                case "Polygon" -> polygons.add(geometry.path("coordinates"));
                case "MultiPolygon" -> geometry.path("coordinates").forEach(polygons::add);
                default -> throw new Refusal("outlines", "area.refused.outlineShape", number);
            }
            if (polygons.isEmpty() || polygons.size() > MOST_RINGS) {
                throw new Refusal("outlines", "area.refused.outlineShape", number);
            }
            var text = new StringBuilder();
            for (var polygon : polygons) {
                // Only the outer ring: a hole in a village is no reason not to see it.
                var ring = ring(polygon.path(0), number);
                corners += polygon.path(0).size();
                if (corners > MOST_CORNERS) {
                    throw new Refusal("outlines", "area.refused.outlineCorners", MOST_CORNERS);
                }
                text.append(text.isEmpty() ? "" : "|").append(ring);
            }
            found.put(code, text.toString());
        }
        return found;
    }

    private static @Nullable String code(JsonNode feature) {
        for (var name : CODES) {
            var value = feature.path("properties").path(name);
            if (value.isString() || value.isIntegralNumber()) {
                var code = value.asString().strip();
                return code.isEmpty() || code.length() > Areas.LONGEST_CODE ? null : code;
            }
        }
        return null;
    }

    private static String ring(JsonNode ring, int number) {
        var corners = new ArrayList<GeoPoint>();
        for (var corner : ring) {
            var east = corner.path(0);
            var north = corner.path(1);
            if (!east.isNumber()
                    || !north.isNumber()
                    || !(Math.abs(east.asDouble()) <= 180)
                    || !(Math.abs(north.asDouble()) <= 90)) {
                throw new Refusal("outlines", "area.refused.outlinePlace", number);
            }
            corners.add(new GeoPoint(north.asDouble(), east.asDouble()));
        }
        if (corners.size() > 1 && corners.get(0).equals(corners.get(corners.size() - 1))) {
            corners.remove(corners.size() - 1);
        }
        if (corners.size() < 3) {
            throw new Refusal("outlines", "area.refused.outlineShape", number);
        }
        var text = new StringBuilder();
        // Evenly thinned out: an outline on a small screen, not a survey.
        var kept = Math.min(KEPT, corners.size());
        for (int i = 0; i < kept; i++) {
            var corner = corners.get((int) ((long) i * corners.size() / kept));
            text.append(i == 0 ? "" : ";")
                    .append(String.format(Locale.ROOT, "%.5f,%.5f", corner.latitude(), corner.longitude()));
        }
        return text.toString();
    }

    private static List<List<GeoPoint>> rings(String text) {
        var rings = new ArrayList<List<GeoPoint>>();
        for (var ring : text.split("\\|", -1)) {
            var corners = new ArrayList<GeoPoint>();
            for (var corner : ring.split(";", -1)) {
                var comma = corner.indexOf(',');
                corners.add(new GeoPoint(
                        Double.parseDouble(corner.substring(0, comma)),
                        Double.parseDouble(corner.substring(comma + 1))));
            }
            rings.add(corners);
        }
        return rings;
    }
}
