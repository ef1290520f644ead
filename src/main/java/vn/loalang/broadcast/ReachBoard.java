package vn.loalang.broadcast;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.access.AreaScope;
import vn.loalang.area.AreaPath;
import vn.loalang.area.SqlTime;
import vn.loalang.broadcast.Wording.Kind;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.FleetBoard;
import vn.loalang.fleet.Pole;

/**
 * Counts whom a broadcast has reached. Thousands of poles may report within a second while several screens look on: one
 * reading serves them all for {@link #FRESH}.
 */
@Component
public class ReachBoard {
    static final Duration FRESH = Duration.ofSeconds(1);

    /** How far a controller's clock may be off before the time it tells of a start is not believed. */
    static final Duration CLOCK_SLACK = Duration.ofMinutes(1);

    private final JdbcClient jdbc;
    private final FleetBoard fleet;
    private final PlaybackWords words;
    private final Map<BroadcastId, Reading> readings = new ConcurrentHashMap<>();

    ReachBoard(JdbcClient jdbc, FleetBoard fleet, PlaybackWords words) {
        this.jdbc = jdbc;
        this.fleet = fleet;
        this.words = words;
    }

    /** Whom this broadcast has reached in the areas somebody may look at; empty before its release and where it has no pole. */
    public Optional<Reach> reach(BroadcastId id, AreaScope scope, Instant now) {
        return reading(id, now).flatMap(reading -> {
            var seen = reading.lines().stream()
                    .filter(line -> scope.covers(line.pole().area()))
                    .toList();
            return seen.isEmpty() ? Optional.empty() : Optional.of(reach(reading, seen));
        });
    }

    /** Poles of which no sound is known by now and none is expected any moment, whoever asks. */
    public List<ControllerId> silent(BroadcastId id, Instant now) {
        return reading(id, now).stream()
                .flatMap(reading -> reading.lines().stream())
                .filter(Line::silent)
                .map(line -> line.pole().id())
                .toList();
    }

    private Optional<Reading> reading(BroadcastId id, Instant now) {
        readings.values().removeIf(reading -> !reading.fresh(now));
        return Optional.ofNullable(readings.computeIfAbsent(id, missing -> read(missing, now)));
    }

    private @Nullable Reading read(BroadcastId id, Instant now) {
        var playbacks = jdbc.sql("select " + PlaybackView.COLUMNS + PlaybackView.FROM + "where p.broadcast_id = :id")
                .param("id", id.value())
                .query(PlaybackView::of)
                .list();
        var poles = fleet.poles(playbacks.stream().map(PlaybackView::controller).toList());
        var communes = communes(poles.values().stream().map(Pole::area).collect(Collectors.toSet()));
        var lines = new ArrayList<Line>();
        for (var playback : playbacks) {
            var pole = poles.get(playback.controller());
            if (pole != null) {
                lines.add(new Line(
                        playback, pole, communes.get(pole.area()), PlaybackWords.of(playback, pole.presence(), now)));
            }
        }
        return jdbc.sql(
                        "select starts_at, ends_at, cancelled_at from broadcast_broadcast where id = :id and armed = false")
                .param("id", id.value())
                .query((row, number) -> new Reading(
                        id,
                        now,
                        SqlTime.get(row, "starts_at"),
                        SqlTime.get(row, "ends_at"),
                        SqlTime.getNullable(row, "cancelled_at"),
                        lines))
                .optional()
                .orElse(null);
    }

    /** The commune of each of these areas, which may be the area itself; areas above all communes have none. */
    private Map<AreaPath, Commune> communes(Set<AreaPath> areas) {
        if (areas.size() < 2) {
            return Map.of();
        }
        var above = new HashSet<String>();
        for (var area : areas) {
            for (var path = area; !path.equals(AreaPath.ROOT); path = path.parent()) {
                above.add(path.value());
            }
        }
        var known = jdbc
                .sql("""
                        select a.path, a.full_name from unnest(cast(:above as varchar array)) as wanted(path)
                        join area_area a on a.path = wanted.path where a.authority = 'COMMUNE'""")
                .param("above", above.toArray(String[]::new))
                .query((row, number) -> new Commune(AreaPath.of(row.getString(1)), row.getString(2)))
                .list()
                .stream()
                .collect(Collectors.toMap(Commune::path, each -> each));
        var communes = new HashMap<AreaPath, Commune>();
        for (var area : areas) {
            for (var path = area; !path.equals(AreaPath.ROOT); path = path.parent()) {
                var found = known.get(path);
                if (found != null) {
                    communes.put(area, found);
                    break;
                }
            }
        }
        return communes;
    }

    private Reach reach(Reading reading, List<Line> lines) {
        var several = lines.stream()
                        .map(Line::commune)
                        .filter(Objects::nonNull)
                        .distinct()
                        .count()
                > 1;
        var silent = lines.stream()
                .filter(Line::silent)
                .sorted(Comparator.comparing((Line line) -> line.wording().kind())
                        .thenComparing(line -> line.place(several))
                        .thenComparing(line -> line.pole().name()))
                .map(line -> new Reach.Silent(
                        line.pole(),
                        line.place(several),
                        line.wording().kind().tone(),
                        line.wording().kind().icon(),
                        words.sentence(line.wording())))
                .toList();
        return new Reach(
                reading.id(),
                reading.released(),
                reading.until(),
                reading.ended(),
                count(lines),
                pace(lines, reading),
                number(lines, line -> line.playback().startedAt() != null && !line.timely(reading)),
                several
                        ? places(lines, reading, line -> line.whole().path(), line -> line.whole()
                                .name())
                        : List.of(),
                places(lines, reading, line -> line.pole().area(), line -> line.place(several)),
                silent);
    }

    private static List<Reach.Village> places(
            Collection<Line> lines, Reading reading, Function<Line, AreaPath> where, Function<Line, String> name) {
        return lines.stream().collect(Collectors.groupingBy(where)).entrySet().stream()
                .map(each -> new Reach.Village(
                        each.getKey(),
                        name.apply(each.getValue().get(0)),
                        count(each.getValue()),
                        pace(each.getValue(), reading)))
                .sorted(Comparator.comparing(
                                (Reach.Village village) -> -village.count().silent())
                        .thenComparing(Reach.Village::name))
                .toList();
    }

    private static Reach.Count count(Collection<Line> lines) {
        return new Reach.Count(
                lines.size(),
                number(lines, Line::received),
                number(lines, line -> line.wording().kind() == Kind.PLAYING),
                number(lines, Line::proved),
                number(lines, line -> line.sounded() && !line.proved()),
                number(lines, Line::waiting));
    }

    private static int number(Collection<Line> lines, java.util.function.Predicate<Line> which) {
        return (int) lines.stream().filter(which).count();
    }

    private static Reach.Pace pace(Collection<Line> lines, Reading reading) {
        var released = reading.released();
        var starts = lines.stream()
                .filter(line -> line.timely(reading))
                .map(line -> Objects.requireNonNull(line.playback().startedAt()))
                .map(start -> start.isBefore(released) ? Duration.ZERO : Duration.between(released, start))
                .sorted()
                .toList();
        return new Reach.Pace(
                starts.isEmpty() ? null : starts.get(0),
                at(starts, lines.size(), 50),
                at(starts, lines.size(), 90),
                at(starts, lines.size(), 100));
    }

    /** When so many percent of all poles had begun; null if they have not. */
    private static @Nullable Duration at(List<Duration> starts, int poles, int percent) {
        var needed = (poles * percent + 99) / 100;
        return needed > 0 && starts.size() >= needed ? starts.get(needed - 1) : null;
    }

    private record Reading(
            BroadcastId id,
            Instant at,
            Instant released,
            Instant until,
            @Nullable Instant ended,
            List<Line> lines) {
        boolean fresh(Instant now) {
            return Duration.between(at, now).abs().compareTo(FRESH) < 0;
        }
    }

    private record Commune(AreaPath path, String name) {}

    private record Line(
            PlaybackView playback, Pole pole, @Nullable Commune commune, Wording wording) {
        /** Its village; with its commune where villages of several may have the same name. */
        String place(boolean several) {
            var whole = whole();
            return several && !whole.path().equals(pole.area()) ? pole.village() + ", " + whole.name() : pole.village();
        }

        /** Its commune; its own area where that belongs to none. */
        Commune whole() {
            return commune == null ? new Commune(pole.area(), pole.village()) : commune;
        }

        boolean sounded() {
            return playback.startedAt() != null || !playback.heard().isZero();
        }

        /** Whether its start can have been when its controller says. */
        boolean timely(Reading reading) {
            var start = playback.startedAt();
            return start != null
                    && start.isAfter(reading.released().minus(CLOCK_SLACK))
                    && start.isBefore(reading.until().plus(CLOCK_SLACK))
                    && start.isBefore(reading.at().plus(CLOCK_SLACK));
        }

        boolean proved() {
            var proof = playback.proof();
            return sounded() && proof != null && proof.proves();
        }

        boolean received() {
            return sounded() || playback.receivedAt() != null;
        }

        boolean waiting() {
            return !sounded() && (wording.kind() == Kind.WAITING || wording.kind() == Kind.READY);
        }

        boolean silent() {
            return !sounded() && !waiting();
        }
    }
}
