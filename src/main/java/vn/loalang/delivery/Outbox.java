package vn.loalang.delivery;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.broadcast.Evidence;
import vn.loalang.broadcast.Outcome;
import vn.loalang.broadcast.Playbacks;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Row;

/**
 * Carries stored documents to the broker: claims rows by lock, publishes them retained at QoS 1, and deletes them in the
 * same transaction when the broker has them. A crash in between publishes the same bytes once more, which changes nothing.
 */
@Component
class Outbox {
    private static final Logger log = LoggerFactory.getLogger(Outbox.class);
    private static final int BATCH = 200;
    private static final long PUBLISH_SECONDS = 15;

    private final JdbcClient jdbc;
    private final Insistence insistence;
    private final Clock clock;
    private final Documents documents;
    private final Playbacks playbacks;
    private final Post post;
    private final Rush rush;
    private final Ladder ladder;

    Outbox(
            JdbcClient jdbc,
            Insistence insistence,
            Clock clock,
            Documents documents,
            Playbacks playbacks,
            Post post,
            Rush rush,
            Ladder ladder) {
        this.jdbc = jdbc;
        this.insistence = insistence;
        this.clock = clock;
        this.documents = documents;
        this.playbacks = playbacks;
        this.post = post;
        this.rush = rush;
        this.ladder = ladder;
    }

    /** Works until interrupted. */
    void work() throws InterruptedException {
        var seen = 0L;
        while (Worker.goesOn()) {
            try {
                var connections = post.connections();
                if (connections != seen) {
                    var queued = insistence.until(() -> documents.queueAll(clock.instant()));
                    log.info("Publishing {} documents to a broker that may have forgotten them", queued);
                    seen = connections;
                }
                while (post.connected() && post.connections() == seen && carryBatch() > 0) {
                    if (onlyRepeated()) {
                        // Boxes hear in their welcome what they have not got.
                        rush.giveWay();
                    }
                }
            } catch (RuntimeException failed) {
                log.error("Documents wait in the outbox; trying again", failed);
            }
            post.await(Duration.ofSeconds(5));
        }
    }

    /** Publishes the most urgent batch; returns how many rows were dealt with. */
    int carryBatch() {
        return insistence.until(() -> {
            var claimed = claim();
            return claimed.isEmpty() ? 0 : carry(claimed);
        });
    }

    private boolean onlyRepeated() {
        return jdbc.sql("select min(priority) from delivery_outbox")
                .query(Integer.class)
                .optional()
                .filter(most -> most >= Documents.REPEATED)
                .isPresent();
    }

    private Map<Long, Long> claim() {
        // In two steps: with a lock, an order and a limit every row there is would be locked before the first is taken.
        var next = new ArrayList<Long>();
        jdbc.sql("select id, document_id from delivery_outbox order by priority, id limit :batch")
                .param("batch", BATCH)
                .query(row -> {
                    if (!ladder.carries(row.getLong(2))) {
                        next.add(row.getLong(1));
                    }
                });
        var claimed = new LinkedHashMap<Long, Long>();
        if (!next.isEmpty()) {
            jdbc.sql("""
                            select id, document_id from delivery_outbox where id in (:ids)
                            order by priority, id for update skip locked""").param("ids", next).query(row -> {
                claimed.put(row.getLong(1), row.getLong(2));
            });
        }
        return claimed;
    }

    private int carry(Map<Long, Long> claimed) {
        var current = new HashMap<Long, Documents.Stored>();
        jdbc.sql("""
                        select id, recipient, row_name, seq, topic, body, content_hash, issued_at, expires_at, controller_id,
                          items, assets
                        from delivery_document where id in (:ids) and superseded_at is null""")
                .param("ids", claimed.values())
                .query((row, number) -> Documents.stored(row, number))
                .list()
                .forEach(document -> current.put(document.id(), document));
        var under = new HashMap<Long, CompletableFuture<Void>>();
        claimed.keySet().forEach(id -> {
            var document = current.get(claimed.get(id));
            under.put(
                    id,
                    document == null
                            ? CompletableFuture.completedFuture(null)
                            : post.document(document.topic(), document.body().toArray()));
        });
        var done = new ArrayList<Long>();
        var sent = new ArrayList<Documents.Stored>();
        under.forEach((id, future) -> {
            if (arrived(future)) {
                done.add(id);
                var document = current.get(claimed.get(id));
                if (document != null) {
                    sent.add(document);
                }
            }
        });
        if (done.isEmpty()) {
            return 0;
        }
        jdbc.sql("delete from delivery_outbox where id in (:ids)")
                .param("ids", done)
                .update();
        noteSent(sent, clock.instant());
        return done.size();
    }

    private void noteSent(List<Documents.Stored> sent, Instant now) {
        var evidence = new ArrayList<Evidence>();
        for (var document : documents.sent(sent, now)) {
            var controller = document.controller();
            if (controller != null && document.row().equals(Row.PLAN)) {
                for (Oid oid : PlanItems.parse(document.items()).steps().keySet()) {
                    evidence.add(new Evidence(controller, null, oid, now, Quality.T, 0, now, new Outcome.Sent()));
                }
            }
        }
        if (!evidence.isEmpty()) {
            playbacks.record(evidence);
        }
    }

    private static boolean arrived(CompletableFuture<Void> future) {
        try {
            future.get(PUBLISH_SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException notThere) {
            log.debug("A document stays in the outbox", notThere);
            return false;
        }
    }
}
