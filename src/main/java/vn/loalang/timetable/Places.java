package vn.loalang.timetable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.QuietHours;
import vn.loalang.area.StationId;
import vn.loalang.fleet.Controller;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.timetable.SlotChecks.QuietPlace;

/** Turns targets into the controllers standing there now, and says where it must be quiet when. */
@Component
class Places {
    private final Fleet fleet;
    private final Areas areas;
    private final JdbcClient jdbc;

    Places(Fleet fleet, Areas areas, JdbcClient jdbc) {
        this.fleet = fleet;
        this.areas = areas;
        this.jdbc = jdbc;
    }

    /**
     * An area with poles in it.
     *
     * @param depth how far below the station's own area, from 0
     * @param count poles in it and everything below
     * @param poles those standing in this very area
     */
    record Node(AreaId id, String name, int depth, int count, List<Controller> poles) {
        /** Steps of indentation drawn, so that a deep tree still fits. */
        public int indent() {
            return Math.min(depth, 5);
        }
    }

    /** The areas the station serves, by path; a station that names none serves the whole tree. */
    List<Area> served(StationId station) {
        var named = jdbc
                .sql("select area_id from area_station_area where station_id = :station")
                .param("station", station.value())
                .query(Long.class)
                .list()
                .stream()
                .map(areas::find)
                .flatMap(Optional::stream)
                .sorted(Comparator.comparing(Area::path))
                .toList();
        return named.isEmpty() ? areas.children(AreaPath.ROOT) : named;
    }

    /** What "everywhere" means for the station. */
    Set<AreaId> everywhere(StationId station) {
        return served(station).stream().map(area -> new AreaId(area.id())).collect(Collectors.toUnmodifiableSet());
    }

    /** The served areas that have poles, in tree order. */
    List<Node> tree(StationId station) {
        var poles = fleet.all(station);
        var byArea = poles.stream().collect(Collectors.groupingBy(Controller::areaId));
        var nodes = new ArrayList<Node>();
        for (var top : served(station)) {
            var within = areas.within(top.path());
            for (var area : within) {
                var count = within.stream()
                        .filter(below -> area.path().covers(below.path()))
                        .mapToInt(below -> byArea.getOrDefault(new AreaId(below.id()), List.of())
                                .size())
                        .sum();
                if (count > 0) {
                    nodes.add(new Node(
                            new AreaId(area.id()),
                            area.fullName(),
                            area.path().depth() - top.path().depth(),
                            count,
                            byArea.getOrDefault(new AreaId(area.id()), List.of())));
                }
            }
        }
        return nodes;
    }

    /** Quiet hours to draw: those of the station's own area. */
    QuietHours quiet(StationId station) {
        return served(station).stream()
                .findFirst()
                .map(area -> areas.quietHours(area.path()))
                .orElse(QuietHours.DEFAULT);
    }

    /** The station's poles as they stand at this moment; for one decision, not for keeping. */
    Snapshot now(StationId station) {
        return new Snapshot(fleet.all(station).stream().collect(Collectors.toMap(Controller::id, Function.identity())));
    }

    /** One decision asks the same things many times. */
    final class Snapshot {
        private final Map<ControllerId, Controller> poles;
        private final Map<Targets, Set<ControllerId>> resolved = new HashMap<>();
        private final Map<AreaId, QuietPlace> quiet = new HashMap<>();

        private Snapshot(Map<ControllerId, Controller> poles) {
            this.poles = poles;
        }

        /** The poles in use that these targets mean, each once. */
        Set<ControllerId> controllers(Targets targets) {
            return resolved.computeIfAbsent(targets, this::resolve);
        }

        private Set<ControllerId> resolve(Targets wanted) {
            var found = new LinkedHashSet<>(wanted.controllers());
            if (!wanted.areas().isEmpty()) {
                found.addAll(fleet.standingIn(wanted.areas()));
            }
            found.retainAll(poles.keySet());
            return Set.copyOf(found);
        }

        /** Quiet hours wherever these targets sound, each kind once. */
        List<QuietPlace> quiet(Targets targets) {
            var where = new LinkedHashSet<>(targets.areas());
            controllers(targets).stream().sorted().forEach(id -> where.add(area(id)));
            var kinds = new HashMap<QuietHours, QuietPlace>();
            var found = new ArrayList<QuietPlace>();
            for (var area : where) {
                var place = quietIn(area);
                if (kinds.putIfAbsent(place.hours(), place) == null) {
                    found.add(place);
                }
            }
            return found;
        }

        /** Quiet hours where this pole stands. */
        QuietHours quietAt(ControllerId pole) {
            return quietIn(area(pole)).hours();
        }

        private AreaId area(ControllerId id) {
            var pole = poles.get(id);
            if (pole == null) {
                throw new IllegalArgumentException("Not a pole of this station: " + id);
            }
            return pole.areaId();
        }

        private QuietPlace quietIn(AreaId id) {
            return quiet.computeIfAbsent(id, key -> areas.find(key.value())
                    .map(area -> new QuietPlace(area.fullName(), areas.quietHours(area.path())))
                    .orElseGet(() -> new QuietPlace("", QuietHours.DEFAULT)));
        }

        /** All poles in use, by id. */
        Map<ControllerId, Controller> poles() {
            return Map.copyOf(poles);
        }
    }
}
