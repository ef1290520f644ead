package vn.loalang.emergency;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import vn.loalang.access.AreaScope;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.FleetBoard;
import vn.loalang.fleet.Standing;
import vn.loalang.protocol.Scope;

/** Finds out who would hear an alert. */
@Component
public class Audiences {
    private static final int LONGEST_PLACE = 400;
    private static final int NAMED = 3;
    private static final Duration RECENT = Duration.ofSeconds(10);

    private final FleetBoard fleet;
    private final Areas areas;
    private final EmergencySettings settings;
    private final Clock clock;
    private volatile @Nullable Reading last;

    Audiences(FleetBoard fleet, Areas areas, EmergencySettings settings, Clock clock) {
        this.fleet = fleet;
        this.areas = areas;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Who is meant by these targets together.
     *
     * @param may where whoever asks may speak; poles outside are left out
     */
    public Audience of(Collection<Target> targets, AreaScope may) {
        return read().of(targets, may);
    }

    /** Poles in use on the map and in lists of those who choose, where they may speak. */
    List<Standing> poles(AreaScope may) {
        return fleet.standing().stream().filter(pole -> may.covers(pole.path())).toList();
    }

    /** All poles as they stand now, for whoever asks for several audiences at once. */
    Reading read() {
        var reading = new Reading(clock.instant(), fleet.standing());
        last = reading;
        return reading;
    }

    /** As they stood up to {@link #RECENT} ago: for what stands on every page, not for what is decided. */
    Reading recent() {
        var known = last;
        var age = known == null ? RECENT : Duration.between(known.at, clock.instant());
        return known == null || age.isNegative() || age.compareTo(RECENT) >= 0 ? read() : known;
    }

    /** The poles at one moment; the same question is answered once, and each area asked for once. */
    final class Reading {
        private final Instant at;
        private final List<Standing> all;
        private final Map<Question, Audience> answers = new ConcurrentHashMap<>();
        private final Map<AreaId, Optional<Area>> known = new ConcurrentHashMap<>();
        private volatile @Nullable Set<AreaPath> communes;

        private Reading(Instant at, List<Standing> all) {
            this.at = at;
            this.all = all;
        }

        /** Who is meant by these targets together, where whoever asks may speak. */
        Audience of(Collection<Target> targets, AreaScope may) {
            return targets.isEmpty()
                    ? Audience.NOBODY
                    : answers.computeIfAbsent(new Question(List.copyOf(targets), may), this::answer);
        }

        /** This area, archived ones included. */
        Optional<Area> area(AreaId id) {
            return known.computeIfAbsent(id, it -> areas.find(it.value()));
        }

        /** What lies directly below it. */
        List<Area> below(Area area) {
            var below = areas.children(area.path());
            below.forEach(child -> known.put(new AreaId(child.id()), Optional.of(child)));
            return below;
        }

        /** The poles of this audience by the area in which they stand, in tree order. */
        Map<AreaPath, List<ControllerId>> byArea(Audience audience) {
            return all.stream()
                    .filter(pole -> audience.controllers().contains(pole.id()))
                    .collect(Collectors.groupingBy(
                            Standing::path, TreeMap::new, Collectors.mapping(Standing::id, Collectors.toList())));
        }

        /** Names of areas that were chosen; otherwise the first few villages. */
        String place(Collection<Target> targets, Audience audience) {
            var chosen = targets.stream()
                    .flatMap(target -> target instanceof Target.InArea in ? area(in.area()).stream() : Stream.empty())
                    .map(Area::fullName)
                    .toList();
            var names = chosen.size() == targets.size()
                    ? chosen
                    : audience.villages().stream().map(Audience.Village::name).toList();
            return AlertBook.cut(brief(names), LONGEST_PLACE);
        }

        /** Languages that people want where poles of this audience stand. */
        WantedLanguages wanted(Audience audience) {
            return wanted(audience.places());
        }

        /** Languages that people want where poles of this server stand. */
        WantedLanguages wanted() {
            return wanted(all.stream().map(Standing::path).toList());
        }

        private WantedLanguages wanted(Collection<AreaPath> places) {
            return WantedLanguages.of(areas.upwards(places));
        }

        private Audience answer(Question asked) {
            var named = named(asked.targets());
            var meant = all.stream()
                    .filter(pole -> asked.may().covers(pole.path()))
                    .filter(pole -> asked.targets().stream().anyMatch(target -> means(target, named, pole)))
                    .toList();
            if (meant.isEmpty()) {
                return Audience.NOBODY;
            }
            var scopes = scopes(all, meant, named.values());
            var reached = meant.stream()
                    .filter(pole -> pole.unit() != null || scopes.stream().anyMatch(scope -> inside(scope, pole)))
                    .toList();
            return new Audience(
                    Set.copyOf(reached.stream().map(Standing::id).toList()),
                    villages(reached),
                    (int) reached.stream().filter(Standing::online).count(),
                    scopes,
                    reached.size() > settings.wideControllers() || among(reached) > settings.wideAreas(),
                    meant.size() - reached.size());
        }

        private Map<AreaId, AreaPath> named(Collection<Target> targets) {
            var named = new HashMap<AreaId, AreaPath>();
            for (var target : targets) {
                if (target instanceof Target.InArea in) {
                    area(in.area()).ifPresent(area -> named.put(in.area(), area.path()));
                }
            }
            return named;
        }

        /** In how many communes these poles stand. */
        private int among(List<Standing> meant) {
            var every = communes;
            if (every == null) {
                every = areas.spokenForBy(Authority.COMMUNE);
                communes = every;
            }
            var found = new HashSet<AreaPath>();
            for (var pole : meant) {
                for (var at = pole.path(); !at.equals(AreaPath.ROOT); at = at.parent()) {
                    if (every.contains(at)) {
                        found.add(at);
                    }
                }
            }
            return found.size();
        }
    }

    private record Question(List<Target> targets, AreaScope may) {}

    /** The first few of these names, and how many more there are. */
    static String brief(List<String> names) {
        var shown = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
        return names.size() > NAMED ? shown + " +" + (names.size() - NAMED) : shown;
    }

    private static boolean inside(Scope scope, Standing pole) {
        return scope instanceof Scope.Area area
                && AreaPath.of(area.area().value()).covers(pole.path());
    }

    private static boolean means(Target target, Map<AreaId, AreaPath> named, Standing pole) {
        var place = pole.place();
        if (target instanceof Target.InArea in) {
            var path = named.get(in.area());
            return path != null && path.covers(pole.path());
        }
        if (target instanceof Target.Tagged tagged) {
            return pole.tags().contains(tagged.tag());
        }
        if (target instanceof Target.OnPole on) {
            return on.pole().equals(pole.id());
        }
        if (target instanceof Target.Polygon polygon) {
            return place != null && Shapes.inside(polygon.corners(), place);
        }
        return target instanceof Target.Circle circle
                && place != null
                && Shapes.distance(circle.centre(), place) <= circle.metres();
    }

    private static List<Audience.Village> villages(List<Standing> meant) {
        var villages = new LinkedHashMap<AreaId, Audience.Village>();
        for (var pole : meant) {
            villages.merge(
                    pole.area(),
                    new Audience.Village(pole.area(), pole.path(), pole.village(), 1, pole.online() ? 1 : 0),
                    (one, other) -> new Audience.Village(
                            one.area(),
                            one.path(),
                            one.name(),
                            one.controllers() + other.controllers(),
                            one.online() + other.online()));
        }
        return villages.values().stream()
                .sorted(Comparator.comparingInt(Audience.Village::controllers).reversed())
                .toList();
    }

    /**
     * Few scopes that name exactly the boxes of the poles meant: the highest areas of which every pole is meant, and single boxes
     * for the rest. An area with no more poles than one below it is not named in its place, unless a person named it: a box that
     * is hung up elsewhere in it while the alert lasts was not meant.
     */
    static Set<Scope> scopes(List<Standing> all, List<Standing> meant, Collection<AreaPath> named) {
        var standing = count(all);
        var wanted = count(meant);
        var whole = new HashSet<AreaPath>();
        wanted.forEach((area, poles) -> {
            if (poles.equals(standing.get(area)) && (poles > 1 || named.contains(area))) {
                whole.add(area);
            }
        });
        var chosen = new HashSet<AreaPath>();
        for (var area : whole) {
            if (above(area).stream().noneMatch(whole::contains)) {
                chosen.add(narrowed(area, wanted, whole, named));
            }
        }
        var scopes = new LinkedHashSet<Scope>();
        chosen.stream().sorted().forEach(area -> scopes.add(Scope.of(new vn.loalang.protocol.AreaPath(area.value()))));
        for (var pole : meant) {
            var unit = pole.unit();
            if (unit != null && chosen.stream().noneMatch(area -> area.covers(pole.path()))) {
                scopes.add(Scope.of(unit));
            }
        }
        return scopes;
    }

    /** The area itself, or the one below it that holds all of its poles and is nearest to what was named. */
    private static AreaPath narrowed(
            AreaPath area, Map<AreaPath, Integer> wanted, Set<AreaPath> whole, Collection<AreaPath> named) {
        var at = area;
        while (!named.contains(at)) {
            var same = new ArrayList<AreaPath>();
            for (var below : whole) {
                if (below.parent().equals(at) && wanted.getOrDefault(below, 0).equals(wanted.getOrDefault(at, 0))) {
                    same.add(below);
                }
            }
            if (same.isEmpty()) {
                return at;
            }
            at = same.get(0);
        }
        return at;
    }

    private static Map<AreaPath, Integer> count(List<Standing> poles) {
        var counted = new HashMap<AreaPath, Integer>();
        for (var pole : poles) {
            for (var at = pole.path(); !at.equals(AreaPath.ROOT); at = at.parent()) {
                counted.merge(at, 1, Integer::sum);
            }
        }
        return counted;
    }

    private static List<AreaPath> above(AreaPath area) {
        var above = new ArrayList<AreaPath>();
        for (var at = area.parent(); !at.equals(AreaPath.ROOT); at = at.parent()) {
            above.add(at);
        }
        return above;
    }
}
