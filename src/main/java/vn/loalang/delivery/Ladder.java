package vn.loalang.delivery;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.area.SqlTime;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.fleet.Fleet;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Topics;

/**
 * Sees to it that a document reaches every connected box of its scope: once to all on a connection that nothing else uses,
 * then the same bytes to each box that has not said "applied", on its own topic, after 5, 15 and 60 s [SRV-3].
 */
@Component
class Ladder {
    private static final Logger log = LoggerFactory.getLogger(Ladder.class);
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration HOUSEKEEPING = Duration.ofSeconds(30);
    /** What a connection has not delivered after that is sent by another one too. */
    private static final long ON_THE_WAY_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** For so long a rush may put off the settling of orders. */
    private static final long LATEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Documents documents;
    private final Fleet fleet;
    private final Topics topics;
    private final Post post;
    private final DeliverySettings settings;
    private final Doubts doubts;
    private final Rush rush;
    private final Broadcasts broadcasts;
    private final Abilities abilities;
    /** What boxes have taken over, said in journals from which nothing is concluded yet. */
    private final Map<Applied, Long> heard = new ConcurrentHashMap<>();
    /** Grows with each large order; at first there may be some that an earlier process has not settled. */
    private final AtomicLong large = new AtomicLong(1);

    private volatile long settled;
    private volatile long largeAt = System.nanoTime();

    /** Documents that are being handed to the broker, by their ids, and since when ({@link System#nanoTime}). */
    private final Map<Long, Long> underWay = new ConcurrentHashMap<>();

    private final ConcurrentLinkedQueue<Documents.Stored> arrived = new ConcurrentLinkedQueue<>();
    private final Bell bell = new Bell();

    Ladder(
            JdbcClient jdbc,
            JdbcTemplate batches,
            TransactionTemplate transaction,
            Clock clock,
            Documents documents,
            Fleet fleet,
            Topics topics,
            Post post,
            DeliverySettings settings,
            Doubts doubts,
            Rush rush,
            Broadcasts broadcasts,
            Abilities abilities) {
        this.jdbc = jdbc;
        this.batches = batches;
        this.transaction = transaction;
        this.clock = clock;
        this.documents = documents;
        this.fleet = fleet;
        this.topics = topics;
        this.post = post;
        this.settings = settings;
        this.doubts = doubts;
        this.rush = rush;
        this.broadcasts = broadcasts;
        this.abilities = abilities;
    }

    /** That a box has taken a row over. */
    record Applied(DeviceId unit, Row row) {}

    /**
     * Sends these committed documents now; until the broker has them they stay in the outbox.
     *
     * @return done when the broker has them all, failed when one must wait
     */
    CompletableFuture<Void> publish(Collection<Documents.Stored> issued) {
        leaving(issued);
        return CompletableFuture.allOf(issued.stream()
                .map(document -> post.urgent(document.topic(), document.body().toArray())
                        .whenComplete((done, failure) -> {
                            if (failure == null) {
                                arrived.add(document);
                                bell.ring();
                            } else {
                                log.warn("{} waits for the broker", document.topic(), failure);
                                underWay.remove(document.id());
                                post.ring();
                            }
                        }))
                .toArray(CompletableFuture[]::new));
    }

    private void leaving(Collection<Documents.Stored> issued) {
        var now = System.nanoTime();
        issued.forEach(document -> underWay.put(document.id(), now));
    }

    /** Whether this document is on its way to the broker: sent by another connection as well, every box would get it twice. */
    boolean carries(long document) {
        var since = underWay.get(document);
        return since != null && System.nanoTime() - since < ON_THE_WAY_NANOS;
    }

    /** An order is on its way: its playbacks are settled, those of thousands when they have answered. */
    void settle(BroadcastId id, Instant start, Instant end) {
        if (!broadcasts.isLarge(id)) {
            try {
                broadcasts.settle(id, start, end);
                return;
            } catch (ConcurrencyFailureException busy) {
                log.debug("The playbacks of {} are settled later", id, busy);
            }
        }
        rush.expect();
        largeAt = System.nanoTime();
        large.incrementAndGet();
    }

    /** Watches who takes these documents over; in the transaction that stores them, and {@link #publish} comes right after it. */
    void watch(Collection<Documents.Stored> issued, Instant now) {
        // Before the outbox can see them, or in the moment between commit and publish it sends them as well.
        leaving(issued);
        AfterCommit.otherwise(() -> issued.forEach(document -> underWay.remove(document.id())));
        var due = SqlTime.of(now.plus(settings.ladder().get(0)));
        batches.batchUpdate(
                "insert into delivery_urgent (document_id, published_at, rung, due_at) values (?, ?, 0, ?)",
                issued.stream()
                        .map(document -> new Object[] {document.id(), SqlTime.of(now), due})
                        .toList());
    }

    /** A box has taken a row over; {@link #note} stores it later. */
    void heard(Applied applied, long seq) {
        heard.merge(applied, seq, Math::max);
    }

    /** Boxes have taken rows over; in a transaction. */
    void note(Map<Applied, Long> applied, Instant at) {
        if (applied.isEmpty()) {
            return;
        }
        var now = SqlTime.of(at);
        var entries = List.copyOf(applied.entrySet());
        var added = batches.batchUpdate(
                """
                insert into delivery_applied (unit_id, row_name, seq, applied_at) values (?, ?, ?, ?) on conflict do nothing""",
                entries.stream()
                        .map(each -> new Object[] {
                            each.getKey().unit().value(), each.getKey().row().wire(), each.getValue(), now
                        })
                        .toList());
        var known = IntStream.range(0, added.length)
                .filter(i -> added[i] == 0)
                .mapToObj(entries::get)
                .toList();
        batches.batchUpdate(
                "update delivery_applied set seq = ?, applied_at = ? where unit_id = ? and row_name = ? and seq < ?",
                known.stream()
                        .map(each -> new Object[] {
                            each.getValue(),
                            now,
                            each.getKey().unit().value(),
                            each.getKey().row().wire(),
                            each.getValue()
                        })
                        .toList());
        // Not before the others can read it: in between, boxes that have the document would be sent it again.
        AfterCommit.run(() -> applied.forEach(heard::remove));
    }

    /** Boxes that say they have this document or a later one of its row. */
    Set<DeviceId> applied(Documents.Stored document) {
        return jdbc.sql("select unit_id from delivery_applied where row_name = :row and seq >= :seq")
                .param("row", document.row().wire())
                .param("seq", document.seq())
                .query((row, number) -> new DeviceId(row.getString(1)))
                .set();
    }

    /** Boxes a document of this scope is for. */
    Set<DeviceId> unitsOf(Scope scope) {
        if (scope instanceof Scope.Device device) {
            return Set.of(device.id());
        }
        var pattern = scope instanceof Scope.Area area ? "% " + area.area() + " %" : "%";
        return jdbc.sql("select unit_id from delivery_unit where ' ' || areas || ' ' like :pattern")
                .param("pattern", pattern)
                .query((row, number) -> new DeviceId(row.getString(1)))
                .set();
    }

    /** Whether every box of one scope belongs to the other as well. */
    boolean covers(Scope wide, Scope narrow) {
        if (wide instanceof Scope.Area area) {
            if (narrow instanceof Scope.Area other) {
                return area.area().covers(other.area());
            }
            return narrow instanceof Scope.Device device && unitsOf(wide).contains(device.id());
        }
        return wide.equals(narrow);
    }

    /** Works until interrupted. */
    void work() throws InterruptedException {
        var kept = Instant.EPOCH;
        while (Worker.goesOn()) {
            try {
                settleArrived();
                var now = clock.instant();
                climb(now);
                settleRest();
                if (Duration.between(kept, now).abs().compareTo(HOUSEKEEPING) >= 0) {
                    kept = now;
                    doubts.tick();
                    expire(now);
                }
            } catch (RuntimeException failed) {
                log.error("Who has not taken an emergency over was not looked for; trying again", failed);
            }
            bell.await(LOOK);
        }
    }

    /** Sends what is due once more to those that have not taken it over. */
    void climb(Instant now) {
        var due = jdbc.sql("select document_id, published_at, rung from delivery_urgent where due_at <= :now")
                .param("now", SqlTime.of(now))
                .query((row, number) ->
                        new Due(row.getLong("document_id"), SqlTime.get(row, "published_at"), row.getInt("rung")))
                .list();
        if (due.isEmpty()) {
            return;
        }
        // What a newer one of its row has replaced says something that is over: an order that was cleared.
        var current = documents.stillCurrent(due.stream().map(Due::document).toList());
        var online = fleet.online();
        var rungs = settings.ladder();
        var over = new ArrayList<Object[]>();
        var higher = new ArrayList<Object[]>();
        for (var each : due) {
            var document = current.get(each.document());
            if (document != null && each.rung() < rungs.size()) {
                again(document, online);
            }
            var next = each.rung() + 1;
            if (document == null || next >= rungs.size()) {
                over.add(new Object[] {each.document()});
            } else {
                higher.add(new Object[] {next, SqlTime.of(each.published().plus(rungs.get(next))), each.document()});
            }
        }
        // Together: an order to thousands of single poles would be thousands of commits.
        transaction.executeWithoutResult(status -> {
            batches.batchUpdate("delete from delivery_urgent where document_id = ?", over);
            batches.batchUpdate("update delivery_urgent set rung = ?, due_at = ? where document_id = ?", higher);
        });
    }

    /** Sends a document now to each connected box that has not taken it over; to how many. */
    int again(Documents.Stored document) {
        return again(document, fleet.online());
    }

    private int again(Documents.Stored document, Set<DeviceId> online) {
        var missing = missing(document, online);
        missing.forEach(unit -> resend(unit, document));
        if (!missing.isEmpty()) {
            log.info("{} went again to {} boxes that have not taken it over", document.topic(), missing.size());
        }
        return missing.size();
    }

    /** Connected boxes of the scope that can take it and have not said "applied". */
    Set<DeviceId> missing(Documents.Stored document) {
        return missing(document, fleet.online());
    }

    private Set<DeviceId> missing(Documents.Stored document, Set<DeviceId> online) {
        var missing = new HashSet<>(unitsOf(document.scope()));
        Abilities.profileOf(document.row().typ()).map(abilities::having).ifPresent(missing::retainAll);
        missing.retainAll(online);
        missing.removeAll(applied(document));
        missing.removeIf(unit -> heard.getOrDefault(new Applied(unit, document.row()), 0L) >= document.seq());
        return missing;
    }

    private record Due(long document, Instant published, int rung) {}

    private void resend(DeviceId unit, Documents.Stored document) {
        var unused = post.urgentAnswer(topics.rsp(unit), document.body().toArray())
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        log.debug(
                                "{} did not leave for {}; the next rung sends it again",
                                document.topic(),
                                unit,
                                failure);
                    }
                });
    }

    /** Whether released orders may not be settled yet: until then nobody else should move their playbacks. */
    boolean unsettled() {
        return settled != large.get();
    }

    private void settleRest() {
        if (unsettled() && (!rush.on() || System.nanoTime() - largeAt > LATEST_NANOS)) {
            var upTo = large.get();
            broadcasts.settleRest();
            settled = upTo;
        }
    }

    private void settleArrived() {
        var done = new ArrayList<Documents.Stored>();
        for (var document = arrived.poll(); document != null; document = arrived.poll()) {
            done.add(document);
        }
        if (!done.isEmpty()) {
            try {
                transaction.executeWithoutResult(status -> documents.published(done, clock.instant()));
            } finally {
                done.forEach(document -> underWay.remove(document.id()));
            }
            post.ring();
        }
    }

    /** What nobody may accept any more leaves the broker as well, or late boxes would refuse it aloud. */
    private void expire(Instant now) {
        var over = transaction.execute(status -> documents.expire(now));
        if (over != null) {
            over.forEach(topic -> {
                var unused = post.document(topic, new byte[0]);
            });
        }
    }
}
