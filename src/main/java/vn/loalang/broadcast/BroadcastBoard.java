package vn.loalang.broadcast;

import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.access.AreaScope;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.broadcast.Wording.Kind;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.FleetBoard;
import vn.loalang.fleet.Pole;
import vn.loalang.fleet.PoleOutcomes;
import vn.loalang.fleet.Presence;
import vn.loalang.web.Times;

/** Broadcasts and their outcomes as pages show them, within the areas somebody may look at. */
@Component
class BroadcastBoard implements PoleOutcomes {
    static final Duration AHEAD = Duration.ofDays(2);
    private static final int MOST_AHEAD = 12;
    private static final int MOST_NAMED = 3;
    private static final Duration NEAR = Duration.ofHours(1);
    private static final String BROADCAST = """
            select b.id, b.title, b.priority, b.status, b.starts_at, b.ends_at, b.latest_start, b.volume, b.cancelled_at,
              b.cancel_reason from broadcast_broadcast b
            """;

    private final JdbcClient jdbc;
    private final FleetBoard fleet;
    private final PlaybackWords words;
    private final MessageSource messages;
    private final Times times;

    BroadcastBoard(JdbcClient jdbc, FleetBoard fleet, PlaybackWords words, MessageSource messages, Times times) {
        this.jdbc = jdbc;
        this.fleet = fleet;
        this.words = words;
        this.messages = messages;
        this.times = times;
    }

    /** The first screen: what sounds, which pole did what, what comes next, what was today. */
    Today today(StationId station, AreaScope scope, Instant now) {
        var poles = fleet.poles(station, scope).stream()
                .collect(Collectors.toMap(Pole::id, Function.identity(), (a, b) -> a, LinkedHashMap::new));
        var dayStart = times.today().atStartOfDay(times.zone()).toInstant();
        var ours = between(station, dayStart.minus(Broadcasts.LONGEST), now.plus(AHEAD));
        var begun = ours.stream()
                .filter(it -> !it.startsAt().isAfter(now))
                .filter(it -> !it.startsAt().isBefore(dayStart) || it.endsAt().isAfter(now))
                .toList();
        var outcomes = outcomes(begun, poles, now);
        var onAir = new ArrayList<Card>();
        var over = new ArrayList<Summary>();
        for (var broadcast : begun) {
            var lines = outcomes.getOrDefault(broadcast.id(), List.of());
            if (lines.isEmpty()) {
                continue;
            }
            var playing =
                    (int) lines.stream().filter(it -> it.kind() == Kind.PLAYING).count();
            if (broadcast.endsAt().isAfter(now) && (broadcast.cancelledAt() == null || playing > 0)) {
                onAir.add(card(broadcast, lines, playing, now));
            } else {
                over.add(new Summary(broadcast, counts(lines), lines.size()));
            }
        }
        over.sort(
                Comparator.comparing((Summary it) -> it.broadcast().startsAt()).reversed());
        var next = next(
                ours.stream()
                        .filter(it -> it.startsAt().isAfter(now) && it.cancelledAt() == null)
                        .limit(MOST_AHEAD)
                        .toList(),
                scope,
                poles);
        var alone = onAir.size() == 1 ? onAir.get(0).broadcast() : null;
        var tiles = tiles(poles, begun, outcomes, alone);
        var playing =
                (int) tiles.stream().filter(it -> it.kind() == Kind.PLAYING).count();
        return new Today(
                now, onAir, tiles, tileCounts(tiles), next, byDay(next), over, playing, todos(tiles, next, now));
    }

    /** One broadcast with its outcome on every pole that may be looked at; empty if there is none. */
    Optional<Detail> detail(BroadcastId id, AreaScope scope, Instant now) {
        var broadcast = jdbc.sql(BROADCAST + "where b.id = :id and b.armed = false")
                .param("id", id.value())
                .query(BroadcastBoard::broadcast)
                .optional();
        if (broadcast.isEmpty()) {
            return Optional.empty();
        }
        var playbacks = playbacks(List.of(broadcast.get()));
        var poles = fleet.poles(playbacks.stream().map(PlaybackView::controller).toList());
        poles = poles.entrySet().stream()
                .filter(it -> scope.covers(it.getValue().area()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        var lines = lines(playbacks, poles, now);
        return lines.isEmpty()
                ? Optional.empty()
                : Optional.of(new Detail(broadcast.get(), sounds(id), counts(lines), lines));
    }

    /** Everything that was reported about one broadcast on one pole, in the order of the box's journal. */
    List<Step> trail(BroadcastId broadcast, ControllerId controller) {
        return jdbc.sql("""
                        select kind, unit_id, device_time, quality, received_at, reason, error_ms, position_ms, heard_ms, proof,
                          volume from broadcast_playback_event where broadcast_id = :broadcast and controller_id = :controller
                        order by case when kind = 'SENT' then 0 else 1 end, journal_number, id""")
                .param("broadcast", broadcast.value())
                .param("controller", controller.value())
                .query((row, number) -> {
                    var reason = row.getString("reason");
                    var proof = row.getString("proof");
                    var position = row.getObject("position_ms", Long.class);
                    var heard = row.getObject("heard_ms", Long.class);
                    return new Step(
                            row.getString("kind"),
                            row.getString("unit_id"),
                            "U".equals(row.getString("quality")) ? null : SqlTime.get(row, "device_time"),
                            SqlTime.get(row, "received_at"),
                            reason == null
                                    ? null
                                    : message("broadcast.reason."
                                            + Reason.valueOf(reason).wire()),
                            row.getObject("error_ms", Long.class),
                            position == null ? null : times.length(Duration.ofMillis(position)),
                            heard == null ? null : times.length(Duration.ofMillis(heard)),
                            proof == null ? null : message("broadcast.proof." + proof),
                            row.getObject("volume", Integer.class));
                })
                .list();
    }

    @Override
    public Map<ControllerId, Line> newest(Collection<ControllerId> poles) {
        if (poles.isEmpty()) {
            return Map.of();
        }
        var newest = new HashMap<ControllerId, Line>();
        outcomeLines("""
                        where p.controller_id in (:poles) and p.starts_at = (select max(q.starts_at) from broadcast_playback q
                          where q.controller_id = p.controller_id and q.starts_at <= :now and q.state <> 'CANCELLED')
                          and p.state <> 'CANCELLED' and b.armed = false""", poles, 1000).forEach(it -> newest.putIfAbsent(it.controller(), it.line()));
        return newest;
    }

    @Override
    public List<Line> recent(ControllerId pole, int limit) {
        return outcomeLines(
                        "where p.controller_id in (:poles) and p.starts_at <= :now and b.armed = false",
                        List.of(pole),
                        limit)
                .stream()
                .map(PoleLine::line)
                .toList();
    }

    private List<PoleLine> outcomeLines(String where, Collection<ControllerId> ids, int limit) {
        var now = times.now();
        var poles = fleet.poles(ids);
        return jdbc.sql("select b.title, b.status, " + PlaybackView.COLUMNS
                        + PlaybackView.FROM + where
                        + " order by p.starts_at desc, p.broadcast_id limit :limit")
                .param("poles", ids.stream().map(ControllerId::value).toList())
                .param("now", SqlTime.of(now))
                .param("limit", limit)
                .query((row, number) -> {
                    var playback = PlaybackView.of(row, number);
                    var pole = poles.get(playback.controller());
                    var wording = PlaybackWords.of(playback, pole == null ? Presence.NEVER : pole.presence(), now);
                    return new PoleLine(
                            playback.controller(),
                            new Line(
                                    row.getString("title"),
                                    Status.valueOf(row.getString("status")).drill(),
                                    playback.startsAt(),
                                    "/broadcasts/" + playback.broadcast(),
                                    wording.kind().tone(),
                                    wording.kind().icon(),
                                    words.sentence(wording),
                                    words.known(wording)));
                })
                .list();
    }

    private List<BroadcastView> between(StationId station, Instant from, Instant till) {
        return jdbc.sql(
                        BROADCAST
                                + " where b.station_id = :station and b.armed = false and b.starts_at >= :from and b.starts_at < :till order by b.starts_at, b.id")
                .param("station", station.value())
                .param("from", SqlTime.of(from))
                .param("till", SqlTime.of(till))
                .query(BroadcastBoard::broadcast)
                .list();
    }

    private List<PlaybackView> playbacks(Collection<BroadcastView> broadcasts) {
        if (broadcasts.isEmpty()) {
            return List.of();
        }
        return jdbc.sql("select " + PlaybackView.COLUMNS + PlaybackView.FROM + "where p.broadcast_id in (:ids)")
                .param("ids", broadcasts.stream().map(it -> it.id().value()).toList())
                .query(PlaybackView::of)
                .list();
    }

    private Map<BroadcastId, List<Heard>> outcomes(
            List<BroadcastView> broadcasts, Map<ControllerId, Pole> poles, Instant now) {
        return lines(playbacks(broadcasts), poles, now).stream()
                .collect(Collectors.groupingBy(it -> it.playback().broadcast()));
    }

    /** What each visible pole did, problems first. */
    private List<Heard> lines(List<PlaybackView> playbacks, Map<ControllerId, Pole> poles, Instant now) {
        var lines = new ArrayList<Heard>();
        for (var playback : playbacks) {
            var pole = poles.get(playback.controller());
            if (pole != null) {
                var wording = PlaybackWords.of(playback, pole.presence(), now);
                lines.add(new Heard(playback, pole, wording.kind(), words.sentence(wording), words.known(wording)));
            }
        }
        lines.sort(
                Comparator.comparing(Heard::kind).thenComparing(it -> it.pole().name()));
        return lines;
    }

    /** One tile for each pole; what speaks of the only broadcast on the air need not name it. */
    private List<Tile> tiles(
            Map<ControllerId, Pole> poles,
            List<BroadcastView> begun,
            Map<BroadcastId, List<Heard>> outcomes,
            @Nullable BroadcastView alone) {
        var newest = new HashMap<ControllerId, Heard>();
        var byId = begun.stream().collect(Collectors.toMap(BroadcastView::id, Function.identity()));
        for (var broadcast : begun) { // in the order of their starts, so that the last one stays
            for (var line : outcomes.getOrDefault(broadcast.id(), List.of())) {
                if (line.kind() != Kind.TAKEN_BACK) {
                    newest.put(line.pole().id(), line);
                }
            }
        }
        var tiles = new ArrayList<Tile>();
        for (var pole : poles.values()) {
            var line = newest.get(pole.id());
            if (line == null) {
                tiles.add(idle(pole));
            } else {
                var broadcast = byId.get(line.playback().broadcast());
                tiles.add(new Tile(
                        pole,
                        line.kind(),
                        line.sentence(),
                        line.known(),
                        broadcast == null ? null : broadcast.title(),
                        broadcast != null && broadcast.drill(),
                        broadcast == null || broadcast.equals(alone) ? null : broadcast.startsAt()));
            }
        }
        tiles.sort(
                Comparator.comparing(Tile::kind).thenComparing(it -> it.pole().name()));
        return tiles;
    }

    /** A pole that has had nothing to sound today. */
    private Tile idle(Pole pole) {
        var kind =
                switch (pole.condition()) {
                    case BROKEN -> Kind.NOT_PLAYED;
                    case FAULTY -> Kind.PARTIAL;
                    case OFFLINE, NEVER_SEEN, WITHOUT_BOX -> Kind.LOST;
                    case READY -> Kind.READY;
                    case ARCHIVED -> Kind.TAKEN_BACK;
                };
        var since = pole.presence().since();
        var condition = message("fleet.condition." + pole.condition().name());
        var sentence = pole.condition() == Pole.Condition.OFFLINE && since != null
                ? message("broadcast.tile.lost", times.near(since))
                : condition;
        return new Tile(pole, kind, sentence, "", null, false, null);
    }

    private Map<LocalDate, List<Next>> byDay(List<Next> next) {
        return next.stream()
                .collect(Collectors.groupingBy(
                        it -> LocalDate.ofInstant(it.broadcast().startsAt(), times.zone()),
                        LinkedHashMap::new,
                        Collectors.toList()));
    }

    /** Poles that need somebody, one line for each kind of trouble; then broadcasts near that not every pole has yet. */
    private List<Todo> todos(List<Tile> tiles, List<Next> next, Instant now) {
        var todos = new ArrayList<Todo>();
        for (var kind : List.of(Kind.NOT_PLAYED, Kind.UNKNOWN, Kind.PARTIAL, Kind.LOST)) {
            var poles = tiles.stream()
                    .filter(it -> it.kind() == kind)
                    .map(Tile::pole)
                    .toList();
            if (!poles.isEmpty()) {
                var names = poles.stream().limit(MOST_NAMED).map(Pole::name).collect(Collectors.joining(", "));
                var more = poles.size() - MOST_NAMED;
                todos.add(new Todo(
                        kind,
                        message(
                                "broadcast.todo." + kind,
                                more > 0 ? message("broadcast.todo.more", names, more) : names),
                        message("broadcast.todo.advice." + kind),
                        poles.size() == 1 ? "/fleet/" + poles.get(0).id() : "/fleet"));
            }
        }
        next.stream()
                .filter(it ->
                        it.ready() < it.wanted() && it.broadcast().startsAt().isBefore(now.plus(NEAR)))
                .forEach(it -> todos.add(new Todo(
                        Kind.PARTIAL,
                        message(
                                "broadcast.todo.unready",
                                times.near(it.broadcast().startsAt()),
                                it.broadcast().drill()
                                        ? message(
                                                "emergency.count.drill",
                                                it.broadcast().title())
                                        : it.broadcast().title()),
                        message("broadcast.next.ready", it.ready(), it.wanted()),
                        "/broadcasts/" + it.broadcast().id())));
        return todos;
    }

    private Card card(BroadcastView broadcast, List<Heard> lines, int playing, Instant now) {
        var position = Duration.between(broadcast.startsAt(), now);
        return new Card(
                broadcast,
                playing,
                lines.size(),
                position.toSeconds(),
                broadcast.length().toSeconds(),
                times.length(position),
                times.length(broadcast.length()));
    }

    private List<Next> next(List<BroadcastView> ahead, AreaScope scope, Map<ControllerId, Pole> poles) {
        if (ahead.isEmpty() || poles.isEmpty()) {
            return List.of();
        }
        var wanted = new HashMap<Long, Integer>();
        var ready = new HashMap<Long, Integer>();
        var within = scope.everything() ? "" : " and p.controller_id in (:poles)";
        jdbc.sql(
                        "select p.broadcast_id, p.state, count(*) as poles from broadcast_playback p where p.broadcast_id in (:ids)"
                                + " and p.state <> 'CANCELLED'" + within + " group by p.broadcast_id, p.state")
                .param("ids", ahead.stream().map(it -> it.id().value()).toList())
                .param("poles", poles.keySet().stream().map(ControllerId::value).toList())
                .query((ResultSet row) -> {
                    var count = row.getInt("poles");
                    wanted.merge(row.getLong("broadcast_id"), count, Integer::sum);
                    if (PlaybackState.valueOf(row.getString("state")) == PlaybackState.PREPARED) {
                        ready.merge(row.getLong("broadcast_id"), count, Integer::sum);
                    }
                });
        return ahead.stream()
                .filter(it -> wanted.containsKey(it.id().value()))
                .map(it -> new Next(
                        it,
                        wanted.getOrDefault(it.id().value(), 0),
                        ready.getOrDefault(it.id().value(), 0)))
                .toList();
    }

    private List<Sound> sounds(BroadcastId id) {
        return jdbc.sql("""
                        select position, language, recording_id, asset_hash, duration_ms from broadcast_asset
                        where broadcast_id = :id order by position, language""")
                .param("id", id.value())
                .query((row, number) -> new Sound(
                        row.getInt("position"),
                        row.getString("language"),
                        row.getString("asset_hash"),
                        times.length(Duration.ofMillis(row.getLong("duration_ms")))))
                .list();
    }

    private static Map<Kind, Integer> counts(List<Heard> lines) {
        var counts = new EnumMap<Kind, Integer>(Kind.class);
        lines.forEach(it -> counts.merge(it.kind(), 1, Integer::sum));
        return counts;
    }

    private static Map<Kind, Integer> tileCounts(List<Tile> tiles) {
        var counts = new EnumMap<Kind, Integer>(Kind.class);
        tiles.forEach(it -> counts.merge(it.kind(), 1, Integer::sum));
        return counts;
    }

    private String message(String key, Object... arguments) {
        return messages.getMessage(key, arguments, LocaleContextHolder.getLocale());
    }

    private static BroadcastView broadcast(ResultSet row, int number) throws java.sql.SQLException {
        return new BroadcastView(
                new BroadcastId(row.getLong("id")),
                row.getString("title"),
                Priority.valueOf(row.getString("priority")),
                Status.valueOf(row.getString("status")),
                SqlTime.get(row, "starts_at"),
                SqlTime.get(row, "ends_at"),
                SqlTime.get(row, "latest_start"),
                row.getInt("volume"),
                SqlTime.getNullable(row, "cancelled_at"),
                row.getString("cancel_reason"));
    }

    private record PoleLine(ControllerId controller, Line line) {}

    /** A broadcast as pages read it. */
    record BroadcastView(
            BroadcastId id,
            String title,
            Priority priority,
            Status status,
            Instant startsAt,
            Instant endsAt,
            Instant latestStart,
            int volume,
            @Nullable Instant cancelledAt,
            @Nullable String cancelReason) {
        /** Whether its title is marked as a drill's. */
        public boolean drill() {
            return status.drill();
        }

        public Duration length() {
            return Duration.between(startsAt, endsAt);
        }
    }

    /** What one pole did in one broadcast. */
    record Heard(PlaybackView playback, Pole pole, Kind kind, String sentence, String known) {}

    /** A pole on the wall; title, mark and moment of the broadcast it speaks of, null if it speaks of the pole alone. */
    record Tile(
            Pole pole,
            Kind kind,
            String sentence,
            String known,
            @Nullable String title,
            boolean drill,
            @Nullable Instant at) {}

    /**
     * A broadcast whose time it is.
     *
     * @param playing how many connected controllers say that they sound
     * @param second how far it has come, s
     * @param seconds of how many
     */
    record Card(
            BroadcastView broadcast,
            int playing,
            int wanted,
            long second,
            long seconds,
            String position,
            String length) {}

    /** A broadcast to come: how many poles it is for, and how many have plan and sound. */
    record Next(BroadcastView broadcast, int wanted, int ready) {}

    /** A broadcast that is over. */
    record Summary(BroadcastView broadcast, Map<Kind, Integer> counts, int wanted) {}

    /** The first screen. */
    record Today(
            Instant now,
            List<Card> onAir,
            List<Tile> tiles,
            Map<Kind, Integer> counts,
            List<Next> next,
            Map<LocalDate, List<Next>> nextByDay,
            List<Summary> over,
            int playing,
            List<Todo> todos) {}

    /** Something for the operator to do: what is the matter where, what to do about it, and the page where it is seen. */
    record Todo(Kind kind, String what, String advice, String link) {}

    /** A broadcast with everything that is known of it. */
    record Detail(BroadcastView broadcast, List<Sound> sounds, Map<Kind, Integer> counts, List<Heard> lines) {}

    /** One of its sounds. */
    record Sound(int position, String language, String hash, String length) {}

    /** One report; {@code at} is null where the box did not know the time. */
    record Step(
            String kind,
            @Nullable String unit,
            @Nullable Instant at,
            Instant receivedAt,
            @Nullable String reason,
            @Nullable Long errorMs,
            @Nullable String position,
            @Nullable String heard,
            @Nullable String proof,
            @Nullable Integer volume) {}
}
