package vn.loalang.broadcast;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.access.AreaScope;
import vn.loalang.area.Authority;
import vn.loalang.area.SqlTime;

/** How an order is heard right now, in a few figures for screens that stand beside it. */
@Component
public class Hearings {
    private static final int MOST_NAMED = 12;

    private final JdbcClient jdbc;
    private final BroadcastBoard board;
    private final Clock clock;

    Hearings(JdbcClient jdbc, BroadcastBoard board, Clock clock) {
        this.jdbc = jdbc;
        this.board = board;
        this.clock = clock;
    }

    /**
     * The figures.
     *
     * @param wanted poles it is for
     * @param sounding poles that say they sound
     * @param proved poles that sounded all of it, with proof
     * @param claimed poles that say so without proof
     * @param others what the rest did, the worst first, a dozen at most
     * @param above the emergency that most of these poles sound instead, a drill only where none is meant; null if none
     */
    public record Hearing(
            int wanted,
            int sounding,
            int proved,
            int claimed,
            List<Other> others,
            @Nullable Above above) {
        public Hearing {
            others = List.copyOf(others);
        }

        /** Poles that sounded all of it, as far as they say. */
        public int played() {
            return proved + claimed;
        }
    }

    /** A pole that does not sound: its name, a sentence in the reader's language, colour class and symbol. */
    public record Other(String pole, String sentence, String tone, String icon) {}

    /** An emergency over it, on so many of its poles, until then at the latest. */
    public record Above(String title, Authority authority, Status status, int poles, Instant until) {}

    /** The figures of an order, as far as its poles may be looked at; empty if there is none. */
    public Optional<Hearing> of(BroadcastId id, AreaScope scope) {
        return board.detail(id, scope, clock.instant()).map(detail -> {
            var kinds = detail.counts();
            return new Hearing(
                    detail.lines().size(),
                    kinds.getOrDefault(Wording.Kind.PLAYING, 0),
                    kinds.getOrDefault(Wording.Kind.PLAYED, 0),
                    kinds.getOrDefault(Wording.Kind.CLAIMED, 0),
                    detail.lines().stream()
                            .filter(line -> !sounds(line.kind()))
                            .limit(MOST_NAMED)
                            .map(line -> new Other(
                                    line.pole().name(),
                                    line.sentence(),
                                    line.kind().tone(),
                                    line.kind().icon()))
                            .toList(),
                    above(id).orElse(null));
        });
    }

    private static boolean sounds(Wording.Kind kind) {
        return switch (kind) {
            case PLAYING, PLAYED, CLAIMED -> true;
            case NOT_PLAYED, UNKNOWN, PARTIAL, LOST, WAITING, READY, TAKEN_BACK -> false;
        };
    }

    private Optional<Above> above(BroadcastId id) {
        return jdbc.sql("""
                        select b.id, b.title, b.authority, b.status, count(*) as poles, max(p.ends_at) as until_at
                        from broadcast_playback p join broadcast_broadcast b on b.id = p.broadcast_id
                        where b.origin = 'EMERGENCY' and b.armed = false and b.cancelled_at is null
                          and b.starts_at <= :now and p.ends_at > :now
                          and p.state not in ('COMPLETED', 'MISSED', 'FAILED', 'CANCELLED', 'UNKNOWN')
                          and p.controller_id in (select q.controller_id from broadcast_playback q where q.broadcast_id = :id)
                        group by b.id, b.title, b.authority, b.status
                        order by case when b.status = 'ACTUAL' then 0 else 1 end, poles desc, b.id limit 1""")
                .param("now", SqlTime.of(clock.instant()))
                .param("id", id.value())
                .query(Hearings::above)
                .optional();
    }

    private static Above above(ResultSet row, int number) throws SQLException {
        return new Above(
                row.getString("title"),
                Authority.valueOf(row.getString("authority")),
                Status.valueOf(row.getString("status")),
                row.getInt("poles"),
                SqlTime.get(row, "until_at"));
    }
}
