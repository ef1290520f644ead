package vn.loalang.area;

import java.util.List;

/**
 * Where an area lies on a map.
 *
 * @param rings its parts, each by the corners around it; the last corner joins the first
 */
public record Outline(AreaId area, AreaPath path, String name, List<List<GeoPoint>> rings) {
    public Outline {
        rings = rings.stream().map(List::copyOf).toList();
    }
}
