package vn.loalang.delivery;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.AuditLog;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;
import vn.loalang.delivery.rules.StagedRollout;
import vn.loalang.delivery.rules.StagedRollout.Step;
import vn.loalang.delivery.rules.StagedRollout.Tally;
import vn.loalang.delivery.rules.UpdateState;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Topics;
import vn.loalang.protocol.Typ;

/**
 * Moves rollouts on: a person begins, pauses, continues or withdraws one; in between a worker offers the documents, advances the
 * stages, and halts by itself when 2 % of those tried have failed [FW-6]. Everything is a row with a moment when it is due.
 */
@Component
class RolloutProgress {
    private static final Logger log = LoggerFactory.getLogger(RolloutProgress.class);
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);
    private static final int OFFERED_AT_ONCE = 200;

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Topics topics;
    private final Rollouts rollouts;
    private final RolloutSigning signing;
    private final Documents documents;
    private final Fleet fleet;
    private final Post post;
    private final AuditLog audit;
    private final Abilities abilities;

    RolloutProgress(
            JdbcClient jdbc,
            JdbcTemplate batches,
            TransactionTemplate transaction,
            Clock clock,
            Topics topics,
            Rollouts rollouts,
            RolloutSigning signing,
            Documents documents,
            Fleet fleet,
            Post post,
            AuditLog audit,
            Abilities abilities) {
        this.jdbc = jdbc;
        this.batches = batches;
        this.transaction = transaction;
        this.clock = clock;
        this.topics = topics;
        this.rollouts = rollouts;
        this.signing = signing;
        this.documents = documents;
        this.fleet = fleet;
        this.post = post;
        this.audit = audit;
        this.abilities = abilities;
    }

    /**
     * Takes the signed documents in and begins with the first stage. Every box's must be there, word for word as it was asked
     * for, under one key that the roots have listed for firmware of the whole deployment.
     *
     * @throws Refusal when anything differs
     */
    void start(long id, byte[] file) {
        transaction.executeWithoutResult(status -> {
            var rollout = rollouts.locked(id);
            var messages = signing.signed(rollout, file);
            var kid = messages.kid();
            var now = clock.instant();
            move(rollout, Rollout.State.RUNNING, Set.of(Rollout.State.UNSIGNED));
            batches.batchUpdate(
                    "update delivery_rollout_unit set message = ? where rollout_id = ? and unit_id = ?",
                    messages.of().entrySet().stream()
                            .map(each -> new Object[] {
                                each.getValue(), id, each.getKey().value()
                            })
                            .toList());
            jdbc.sql("update delivery_rollout set kid = :kid, stage_since = :now, due_at = :now where id = :id")
                    .param("kid", kid.value())
                    .param("now", SqlTime.of(now))
                    .param("id", id)
                    .update();
            audit.record("delivery.rolloutStarted", rollout.title(), "#" + id + " " + kid);
            rollouts.changed();
        });
    }

    /**
     * Goes on after a halt, with the failures so far accepted; or begins the next stage without waiting any longer.
     *
     * @throws Refusal when there is nothing to go on with
     */
    void goOn(long id) {
        transaction.executeWithoutResult(status -> {
            var rollout = rollouts.locked(id);
            var now = clock.instant();
            if (rollout.state() == Rollout.State.HALTED) {
                move(rollout, Rollout.State.RUNNING, Set.of(Rollout.State.HALTED));
                jdbc.sql("""
                                update delivery_rollout set halted_why = null, due_at = :now, accepted =
                                  (select count(*) from delivery_rollout_unit u
                                    where u.rollout_id = :id and u.state in ('FAILED', 'ROLLED_BACK'))
                                where id = :id""").param("now", SqlTime.of(now)).param("id", id).update();
                audit.record("delivery.rolloutResumed", rollout.title(), "#" + id);
            } else if (rollout.state() == Rollout.State.RUNNING && !rollout.lastStage()) {
                advance(rollout, rollout.stage() + 1, now);
                audit.record("delivery.rolloutHastened", rollout.title(), "#" + id + " " + (rollout.stage() + 2));
            } else {
                throw new Refusal("", "delivery.refused.rolloutState");
            }
            rollouts.changed();
        });
    }

    /**
     * Halts until somebody goes on.
     *
     * @throws Refusal unless it runs
     */
    void pause(long id) {
        var topicsLeft = Objects.requireNonNull(transaction.execute(status -> {
            var rollout = rollouts.locked(id);
            audit.record("delivery.rolloutPaused", rollout.title(), "#" + id);
            return halt(rollout, Rollout.Halt.PERSON);
        }));
        empty(topicsLeft);
    }

    /**
     * Ends it: nobody gets the document any more, and who has it and has not the whole image gets no more of that. Boxes that
     * have the image already will install it.
     *
     * @throws Refusal when it has ended
     */
    void withdraw(long id) {
        var left = Objects.requireNonNull(transaction.execute(status -> {
            var rollout = rollouts.locked(id);
            move(
                    rollout,
                    Rollout.State.WITHDRAWN,
                    Set.of(Rollout.State.UNSIGNED, Rollout.State.RUNNING, Rollout.State.HALTED));
            ended(id);
            var topicsLeft = takeBack(id, Set.of(UpdateState.OFFERED, UpdateState.RECEIVED, UpdateState.DOWNLOADING));
            skip(id, List.of("WAITING", "OFFERED"), "withdrawn", clock.instant());
            audit.record("delivery.rolloutWithdrawn", rollout.title(), "#" + id);
            rollouts.changed();
            return topicsLeft;
        }));
        empty(left);
    }

    /** Works until interrupted. */
    void work() throws InterruptedException {
        while (Worker.goesOn()) {
            try {
                lookAtDue();
            } catch (RuntimeException failed) {
                log.error("A firmware rollout could not be looked at; trying again", failed);
            }
            rollouts.await(HEARTBEAT);
        }
    }

    /** Does what is due in every rollout. */
    void lookAtDue() {
        var due = jdbc.sql("select id from delivery_rollout where state = 'RUNNING' and due_at <= :now order by id")
                .param("now", SqlTime.of(clock.instant()))
                .query(Long.class)
                .list();
        for (var id : due) {
            var more = true;
            while (more) {
                var looked = Objects.requireNonNull(transaction.execute(status -> look(id)));
                empty(looked.taken());
                more = looked.more();
            }
        }
        if (!due.isEmpty()) {
            post.ring();
        }
    }

    /**
     * What a look has led to.
     *
     * @param more whether there is more to do at once
     * @param taken topics from which the broker must drop what it keeps
     */
    private record Looked(boolean more, List<String> taken) {}

    private Looked look(long id) {
        var now = clock.instant();
        var rollout = rollouts.locked(id);
        if (rollout.state() != Rollout.State.RUNNING) {
            return new Looked(false, List.of());
        }
        if (!now.isBefore(rollout.expiresAt())) {
            skip(
                    id,
                    Arrays.stream(UpdateState.values())
                            .filter(state -> !state.ended())
                            .map(Enum::name)
                            .toList(),
                    "expired",
                    now);
        }
        var kid = Objects.requireNonNull(rollout.kid());
        if (!signing.listed(kid)) {
            return new Looked(false, halt(rollout, Rollout.Halt.KEY));
        }
        var tally = Tally.of(rollouts.counts(id));
        var since = Objects.requireNonNull(rollout.stageSince());
        var step = StagedRollout.next(rollout.course(), rollout.stage(), since, rollout.accepted(), tally, now);
        if (step instanceof Step.Halt) {
            log.warn(
                    "The rollout {} of {} is halted: {} of {} boxes failed",
                    id,
                    rollout.title(),
                    tally.failed(),
                    tally.begun());
            audit.record(
                    "delivery.rolloutHalted", rollout.title(), "#" + id + ": " + tally.failed() + "/" + tally.begun());
            return new Looked(false, halt(rollout, Rollout.Halt.FAILURES));
        } else if (step instanceof Step.Offer offer) {
            offer(rollout, Math.min(OFFERED_AT_ONCE, offer.upTo() - tally.offered()), now);
            return new Looked(true, List.of());
        } else if (step instanceof Step.Advance advance) {
            advance(rollout, advance.stage(), now);
            return new Looked(true, List.of());
        } else if (step instanceof Step.Complete) {
            move(rollout, Rollout.State.COMPLETED, Set.of(Rollout.State.RUNNING));
            ended(id);
            audit.record("delivery.rolloutCompleted", rollout.title(), "#" + id + ": " + tally.confirmed());
            rollouts.changed();
            return new Looked(false, List.of());
        }
        var due = step instanceof Step.WaitUntil wait && wait.at().isBefore(rollout.expiresAt())
                ? wait.at()
                : rollout.expiresAt();
        jdbc.sql("update delivery_rollout set due_at = :due where id = :id")
                .param("due", SqlTime.of(due))
                .param("id", id)
                .update();
        return new Looked(false, List.of());
    }

    private void offer(Rollout rollout, int most, Instant now) {
        var id = rollout.id();
        var next = jdbc.sql("""
                        select unit_id, controller_id, seq, message from delivery_rollout_unit
                        where rollout_id = :id and state = 'WAITING' order by turn limit :most""")
                .param("id", id)
                .param("most", most)
                .query((row, number) -> new Offered(
                        new DeviceId(row.getString("unit_id")),
                        new ControllerId(row.getLong("controller_id")),
                        row.getLong("seq"),
                        Bytes.of(Objects.requireNonNull(row.getBytes("message")))))
                .list();
        var hanging = fleet.controllersOf(next.stream().map(Offered::unit).toList());
        for (var each : next.stream()
                .sorted(Comparator.comparing(offered -> offered.unit().value()))
                .toList()) {
            var scope = Scope.of(each.unit());
            // Or it has another program now, which takes no images.
            var gone = !hanging.containsKey(each.unit()) || abilities.lacks(each.unit(), Typ.FW);
            // A newer document than the one we have signed stands in the row.
            var overtaken = documents.mark(scope, Row.FW) > each.seq();
            var state = gone || overtaken ? UpdateState.SKIPPED : UpdateState.OFFERED;
            var moved = jdbc.sql("""
                            update delivery_rollout_unit set state = :state, why = :why, changed_at = :now
                            where rollout_id = :id and unit_id = :unit and state = 'WAITING'
                              and exists (select 1 from delivery_rollout r where r.id = :id and r.state = 'RUNNING')""")
                    .param("state", state.name())
                    .param("why", gone ? "gone" : overtaken ? "newer" : "")
                    .param("now", SqlTime.of(now))
                    .param("id", id)
                    .param("unit", each.unit().value())
                    .update();
            if (moved > 0 && state == UpdateState.OFFERED) {
                documents.issue(
                        new Documents.Fresh(
                                scope,
                                Row.FW,
                                topics.fw(each.unit()),
                                each.unit(),
                                each.pole(),
                                each.seq(),
                                rollout.issuedAt(),
                                Hash.of(each.message().toArray()).hex(),
                                "",
                                List.of(rollout.image().hash()),
                                each.message(),
                                rollout.expiresAt()),
                        Documents.ROUTINE);
            }
        }
        rollouts.changed();
    }

    private record Offered(DeviceId unit, ControllerId pole, long seq, Bytes message) {}

    private void advance(Rollout rollout, int stage, Instant now) {
        var moved = jdbc.sql("""
                        update delivery_rollout set stage = :next, stage_since = :now, due_at = :now
                        where id = :id and stage = :stage and state = 'RUNNING'""")
                .param("next", stage)
                .param("now", SqlTime.of(now))
                .param("id", rollout.id())
                .param("stage", rollout.stage())
                .update();
        if (moved == 0) {
            throw new Refusal("", "delivery.refused.rolloutState");
        }
        rollouts.changed();
    }

    /** Halts, and takes the documents back that nobody has taken over; they go out again when it goes on. */
    private List<String> halt(Rollout rollout, Rollout.Halt why) {
        move(rollout, Rollout.State.HALTED, Set.of(Rollout.State.RUNNING));
        jdbc.sql("update delivery_rollout set halted_why = :why, due_at = null where id = :id")
                .param("why", why.name())
                .param("id", rollout.id())
                .update();
        var taken = takeBack(rollout.id(), Set.of(UpdateState.OFFERED));
        jdbc.sql("update delivery_rollout_unit set state = 'WAITING', changed_at = :now "
                        + "where rollout_id = :id and state = 'OFFERED'")
                .param("now", SqlTime.of(clock.instant()))
                .param("id", rollout.id())
                .update();
        rollouts.changed();
        return taken;
    }

    private List<String> takeBack(long id, Set<UpdateState> states) {
        return jdbc
                .sql("select unit_id, seq from delivery_rollout_unit where rollout_id = :id and state in (:states)")
                .param("id", id)
                .param("states", UpdateState.names(states))
                .query((row, number) -> Map.entry(new DeviceId(row.getString("unit_id")), row.getLong("seq")))
                .list()
                .stream()
                .flatMap(each -> documents.takeBack(each.getKey(), Row.FW, each.getValue()).stream())
                .toList();
    }

    private void skip(long id, Collection<String> from, String why, Instant now) {
        jdbc.sql("""
                        update delivery_rollout_unit set state = 'SKIPPED', why = :why, changed_at = :now
                        where rollout_id = :id and state in (:from)""")
                .param("why", why)
                .param("now", SqlTime.of(now))
                .param("id", id)
                .param("from", from)
                .update();
    }

    private void ended(long id) {
        jdbc.sql("update delivery_rollout set ended_at = :now, due_at = null, halted_why = null where id = :id")
                .param("now", SqlTime.of(clock.instant()))
                .param("id", id)
                .update();
    }

    private void move(Rollout rollout, Rollout.State to, Set<Rollout.State> from) {
        var moved = jdbc.sql("update delivery_rollout set state = :to where id = :id and state in (:from)")
                .param("to", to.name())
                .param("id", rollout.id())
                .param("from", from.stream().map(Enum::name).toList())
                .update();
        if (moved == 0) {
            throw new Refusal("", "delivery.refused.rolloutState");
        }
    }

    private void empty(List<String> kept) {
        kept.forEach(topic -> {
            var unused = post.document(topic, new byte[0]).whenComplete((done, failure) -> {
                if (failure != null) {
                    log.info("{} may stay at the broker; a box that takes it over says so", topic, failure);
                }
            });
        });
    }
}
