package vn.loalang.live;

import java.time.Duration;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.access.AreaScope;
import vn.loalang.area.Area;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.QuietHours;
import vn.loalang.area.StationId;
import vn.loalang.fleet.FleetBoard;
import vn.loalang.fleet.Pole;
import vn.loalang.web.Times;

/** Where somebody may speak to, and who stands there. */
@Component
class SpeakingPlaces {
    private final JdbcClient jdbc;
    private final Areas areas;
    private final FleetBoard fleet;
    private final Times times;
    private final LiveSettings settings;

    SpeakingPlaces(JdbcClient jdbc, Areas areas, FleetBoard fleet, Times times, LiveSettings settings) {
        this.jdbc = jdbc;
        this.areas = areas;
        this.fleet = fleet;
        this.times = times;
        this.settings = settings;
    }

    /**
     * A whole area to speak to.
     *
     * @param depth how far below the highest offered, from 0
     * @param poles in use there and in everything below
     * @param online of these
     * @param quiet of these, where nothing but emergencies may sound now
     * @param quietFrom when quiet hours begin at some of the others while somebody may still speak; null when they do not
     */
    record Place(
            AreaPath path,
            String name,
            int depth,
            int poles,
            int online,
            int quiet,
            @Nullable LocalTime quietFrom) {
        /** Steps of indentation drawn, so that a deep tree still fits. */
        public int indent() {
            return Math.min(depth, 5);
        }
    }

    /** The areas with poles that somebody with this scope may speak to, in tree order. */
    List<Place> offered(StationId station, AreaScope scope) {
        var poles = fleet.poles(station, scope);
        var hours = hours(poles);
        var now = timeOfDay();
        var places = new ArrayList<Place>();
        for (var root : roots(station, scope)) {
            for (var area : areas.within(root)) {
                var there = poles.stream()
                        .filter(pole -> area.path().covers(pole.area()))
                        .toList();
                if (!there.isEmpty()) {
                    var theirs = there.stream()
                            .map(pole -> Objects.requireNonNull(hours.get(pole.area())))
                            .toList();
                    places.add(new Place(
                            area.path(),
                            area.fullName(),
                            area.path().depth() - Math.max(1, root.depth()),
                            there.size(),
                            (int) there.stream()
                                    .filter(pole -> pole.presence().online())
                                    .count(),
                            (int) theirs.stream()
                                    .filter(each -> each.contains(now))
                                    .count(),
                            quietFrom(theirs, now, settings.longest()).orElse(null)));
                }
            }
        }
        return places;
    }

    /** The station's poles in these areas. */
    List<Pole> poles(StationId station, List<AreaPath> chosen) {
        return fleet.poles(station, new AreaScope(chosen));
    }

    /** Those of the poles' areas that have quiet hours now. */
    Set<AreaPath> quiet(List<Pole> poles) {
        return areas.quiet(where(poles), timeOfDay());
    }

    /** When quiet hours begin at the first of these poles that sound now, within so long. */
    Optional<LocalTime> quietFrom(List<Pole> poles, Duration within) {
        return quietFrom(hours(poles).values(), timeOfDay(), within);
    }

    private static Optional<LocalTime> quietFrom(Collection<QuietHours> theirs, LocalTime now, Duration within) {
        return theirs.stream()
                .filter(hours -> !hours.contains(now) && hours.touches(now, within))
                .map(QuietHours::from)
                .min(Comparator.comparing((LocalTime from) -> from.isBefore(now))
                        .thenComparing(from -> from));
    }

    private Map<AreaPath, QuietHours> hours(List<Pole> poles) {
        return areas.quietHours(where(poles));
    }

    private static Set<AreaPath> where(List<Pole> poles) {
        return poles.stream().map(Pole::area).collect(Collectors.toSet());
    }

    private LocalTime timeOfDay() {
        return LocalTime.ofInstant(times.now(), times.zone());
    }

    private List<AreaPath> roots(StationId station, AreaScope scope) {
        var served = jdbc
                .sql("select area_id from area_station_area where station_id = :station")
                .param("station", station.value())
                .query(Long.class)
                .list()
                .stream()
                .map(areas::find)
                .flatMap(Optional::stream)
                .map(Area::path)
                .sorted()
                .toList();
        if (served.isEmpty()) {
            return scope.roots();
        }
        return served.stream()
                .flatMap(path -> scope.covers(path)
                        ? java.util.stream.Stream.of(path)
                        : scope.roots().stream().filter(path::covers))
                .distinct()
                .collect(Collectors.toUnmodifiableList());
    }
}
