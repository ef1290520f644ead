package vn.loalang.broadcast;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.access.AreaScope;
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
        var lines = new ArrayList<Line>();
        for (var playback : playbacks) {
            var pole = poles.get(playback.controller());
            if (pole != null) {
                lines.add(new Line(playback, pole, PlaybackWords.of(playback, pole.presence(), now)));
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

    private Reach reach(Reading reading, List<Line> lines) {
        var villages = lines.stream()
                .collect(Collectors.groupingBy(line -> line.pole().area()))
                .entrySet()
                .stream()
                .map(each -> new Reach.Village(
                        each.getKey(),
                        each.getValue().get(0).pole().village(),
                        count(each.getValue()),
                        pace(each.getValue(), reading)))
                .sorted(Comparator.comparing(
                                (Reach.Village village) -> -village.count().silent())
                        .thenComparing(Reach.Village::name))
                .toList();
        var silent = lines.stream()
                .filter(Line::silent)
                .sorted(Comparator.comparing((Line line) -> line.wording().kind())
                        .thenComparing(line -> line.pole().village())
                        .thenComparing(line -> line.pole().name()))
                .map(line -> new Reach.Silent(
                        line.pole(),
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
                villages,
                silent);
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
                .map(line -> java.util.Objects.requireNonNull(line.playback().startedAt()))
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

    private record Line(PlaybackView playback, Pole pole, Wording wording) {
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
