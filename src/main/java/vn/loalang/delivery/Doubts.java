package vn.loalang.delivery;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;

/**
 * Reasons not to order anything: a box has seen more of a row than this database knows, as after a restored backup [SRV-4], or
 * the clock has leapt [SRV-5]. A person looks and confirms. The all-clear never asks here.
 */
@Component
class Doubts {
    private static final Logger log = LoggerFactory.getLogger(Doubts.class);
    private static final Duration LEAP = Duration.ofHours(24);

    private final JdbcClient jdbc;
    private final Documents documents;
    private final Durability durability;
    private final Clock clock;
    private final ClockCheck check;
    private volatile @Nullable Instant lastSeen;
    private volatile boolean clockDoubted;
    private volatile boolean loaded;

    Doubts(JdbcClient jdbc, Documents documents, Durability durability, Clock clock, ClockCheck check) {
        this.jdbc = jdbc;
        this.documents = documents;
        this.durability = durability;
        this.clock = clock;
        this.check = check;
    }

    /**
     * A row somebody must look at.
     *
     * @param unit the box that has seen {@code seq}
     * @param body the box's copy once it was fetched
     */
    record Doubt(Row row, Scope scope, long seq, DeviceId unit, Instant seenAt, Optional<Bytes> body) {
        /** When the unknown document was numbered, which is close to when it was issued. */
        public Instant numbered() {
            return Instant.ofEpochMilli(seq);
        }
    }

    /** A box knows more of this row than the database; the mark is lifted, so that an all-clear passes it. */
    void seen(Row row, Scope scope, long seq, DeviceId unit, Instant at) {
        log.warn(
                "{} has seen a newer {} than this database; nothing is ordered there until it is confirmed", unit, row);
        documents.raiseMark(scope, row, seq);
        jdbc.sql("""
                        insert into delivery_doubt (row_name, recipient, seq, unit_id, seen_at)
                        values (:row, :to, :seq, :unit, :at) on conflict do nothing""")
                .param("row", row.wire())
                .param("to", scope.wire())
                .param("seq", seq)
                .param("unit", unit.value())
                .param("at", SqlTime.of(at))
                .update();
        jdbc.sql("""
                        update delivery_doubt set seq = :seq, unit_id = :unit, seen_at = :at, body = null, confirmed_at = null,
                          confirmed_by = null where row_name = :row and seq < :seq""")
                .param("seq", seq)
                .param("unit", unit.value())
                .param("at", SqlTime.of(at))
                .param("row", row.wire())
                .update();
    }

    /** The box's own copy of what is in doubt. */
    void fetched(DeviceId unit, Row row, Bytes body) {
        jdbc.sql("update delivery_doubt set body = :body where row_name = :row and unit_id = :unit")
                .param("body", body.toArray())
                .param("row", row.wire())
                .param("unit", unit.value())
                .update();
    }

    /** Refuses an order for rows of which one is in doubt. */
    void check(Collection<Row> rows) {
        jdbc.sql("""
                        select row_name from unnest(cast(:rows as varchar array)) as asked(name)
                        join delivery_doubt on row_name = asked.name and confirmed_at is null limit 1""")
                .param("rows", rows.stream().map(Row::wire).toArray(String[]::new))
                .query(String.class)
                .optional()
                .map(Row::parse)
                .ifPresent(row -> {
                    throw new Refusal("", "delivery.refused.doubt", String.valueOf(row.to()));
                });
    }

    /** Refuses an order under a clock that has leapt or is known to be wrong. */
    void checkClock(Instant now) {
        check.require();
        look(now);
        if (clockDoubted) {
            throw new Refusal("", "delivery.refused.clock");
        }
    }

    /** Whether somebody must look at the clock. */
    boolean clockDoubted() {
        look(clock.instant());
        return clockDoubted;
    }

    /** What somebody must look at, oldest first. */
    List<Doubt> open() {
        return jdbc.sql("""
                        select row_name, recipient, seq, unit_id, seen_at, body from delivery_doubt where confirmed_at is null
                        order by seen_at""")
                .query((row, number) -> new Doubt(
                        Row.parse(row.getString("row_name")),
                        Scope.parse(row.getString("recipient")),
                        row.getLong("seq"),
                        new DeviceId(row.getString("unit_id")),
                        SqlTime.get(row, "seen_at"),
                        Optional.ofNullable(row.getBytes("body")).map(Bytes::of)))
                .list();
    }

    /** A person has looked: orders may go out there again. */
    @Transactional
    void confirm(Row row, String person) {
        jdbc.sql("""
                        update delivery_doubt set confirmed_at = :now, confirmed_by = :person
                        where row_name = :row and confirmed_at is null""")
                .param("now", SqlTime.of(clock.instant()))
                .param("person", person)
                .param("row", row.wire())
                .update();
        durability.confirm();
    }

    /** A person has looked at the clock: it is right. */
    @Transactional
    void confirmClock() {
        var now = clock.instant();
        clockDoubted = false;
        check.accept();
        lastSeen = now;
        remember(now, null);
        durability.confirm();
    }

    /** Notes the time, so that a leap is noticed over a restart as well; called every minute or so. */
    @Transactional
    void tick() {
        var now = clock.instant();
        look(now);
        if (!clockDoubted) {
            remember(now, null);
        } else {
            jdbc.sql("update delivery_clock set doubted_at = coalesce(doubted_at, :now) where id = 1")
                    .param("now", SqlTime.of(now))
                    .update();
        }
    }

    private void look(Instant now) {
        if (!loaded) {
            jdbc.sql("select last_seen, doubted_at from delivery_clock where id = 1")
                    .query(row -> {
                        lastSeen = SqlTime.get(row, "last_seen");
                        clockDoubted = SqlTime.getNullable(row, "doubted_at") != null;
                    });
            loaded = true;
        }
        var before = lastSeen;
        if (before != null && Duration.between(before, now).abs().compareTo(LEAP) > 0) {
            if (!clockDoubted) {
                log.error(
                        "The clock stood at {} and now says {}; nothing is ordered until it is confirmed", before, now);
            }
            clockDoubted = true;
        } else if (!clockDoubted) {
            lastSeen = now;
        }
    }

    private void remember(Instant now, @Nullable Instant doubted) {
        var known = jdbc.sql("update delivery_clock set last_seen = :now, doubted_at = :doubted where id = 1")
                .param("now", SqlTime.of(now))
                .param("doubted", SqlTime.ofNullable(doubted))
                .update();
        if (known == 0) {
            jdbc.sql("insert into delivery_clock (id, last_seen) values (1, :now) on conflict do nothing")
                    .param("now", SqlTime.of(now))
                    .update();
        }
    }
}
