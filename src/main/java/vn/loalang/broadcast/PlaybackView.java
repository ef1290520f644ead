package vn.loalang.broadcast;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.SqlTime;
import vn.loalang.fleet.ControllerId;

/**
 * One playback as pages read it.
 *
 * @param heard how much was heard, all parts together
 * @param soundMs what would be heard in full where that is not all of its time, 0 where nobody can know; else null
 */
record PlaybackView(
        BroadcastId broadcast,
        ControllerId controller,
        Instant startsAt,
        Instant endsAt,
        PlaybackState state,
        @Nullable Reason reason,
        @Nullable String unit,
        @Nullable Instant receivedAt,
        @Nullable Instant preparedAt,
        @Nullable Instant startedAt,
        @Nullable Long startErrorMs,
        @Nullable Instant endedAt,
        Duration heard,
        @Nullable Proof proof,
        @Nullable Integer volume,
        @Nullable Long soundMs,
        Origin origin) {
    static final String COLUMNS = """
            p.broadcast_id, p.controller_id, p.starts_at, p.ends_at, p.state, p.reason, p.unit_id, p.received_at, p.prepared_at,
              p.started_at, p.start_error_ms, p.ended_at, p.heard_ms, p.proof, p.volume, p.sound_ms, b.origin
            """;

    /** Where the columns come from. */
    static final String FROM = " from broadcast_playback p join broadcast_broadcast b on b.id = p.broadcast_id ";

    /** How long it would have been in full. */
    public Duration total() {
        return soundMs == null ? Duration.between(startsAt, endsAt) : Duration.ofMillis(soundMs);
    }

    static PlaybackView of(ResultSet row, int number) throws SQLException {
        var proof = row.getString("proof");
        return new PlaybackView(
                new BroadcastId(row.getLong("broadcast_id")),
                new ControllerId(row.getLong("controller_id")),
                SqlTime.get(row, "starts_at"),
                SqlTime.get(row, "ends_at"),
                PlaybackState.valueOf(row.getString("state")),
                Optional.ofNullable(row.getString("reason"))
                        .map(Reason::valueOf)
                        .orElse(null),
                row.getString("unit_id"),
                SqlTime.getNullable(row, "received_at"),
                SqlTime.getNullable(row, "prepared_at"),
                SqlTime.getNullable(row, "started_at"),
                row.getObject("start_error_ms", Long.class),
                SqlTime.getNullable(row, "ended_at"),
                Duration.ofMillis(row.getLong("heard_ms")),
                proof == null ? null : Proof.valueOf(proof),
                row.getObject("volume", Integer.class),
                row.getObject("sound_ms", Long.class),
                Origin.valueOf(row.getString("origin")));
    }
}
