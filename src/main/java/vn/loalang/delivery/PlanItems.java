package vn.loalang.delivery;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.Plan;

/**
 * What a plan holds in one line of the database, {@code "oid=0,1 oid=2"}: enough to tell what "applied" and "ready" mean
 * without taking the signed bytes apart.
 *
 * @param steps indexes into the plan's assets, by oid
 */
record PlanItems(Map<Oid, List<Integer>> steps) {
    static String line(Plan plan) {
        return plan.items().stream()
                .map(item -> item.oid() + "=" + indexes(item))
                .collect(Collectors.joining(" "));
    }

    static PlanItems parse(String line) {
        var steps = new LinkedHashMap<Oid, List<Integer>>();
        if (!line.isEmpty()) {
            for (var item : line.split(" ", -1)) {
                var equals = item.indexOf('=');
                var indexes = item.substring(equals + 1);
                steps.put(
                        new Oid(item.substring(0, equals)),
                        indexes.isEmpty()
                                ? new ArrayList<>()
                                : Arrays.stream(indexes.split(",", -1))
                                        .map(Integer::valueOf)
                                        .toList());
            }
        }
        return new PlanItems(steps);
    }

    private static String indexes(Plan.Item item) {
        return item.play() instanceof Plan.Play.Recordings recordings
                ? recordings.indexes().stream().map(String::valueOf).collect(Collectors.joining(","))
                : "";
    }
}
