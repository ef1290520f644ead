package vn.loalang.delivery;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.broadcast.OrderPlan;
import vn.loalang.broadcast.Origin;
import vn.loalang.broadcast.Priority;
import vn.loalang.broadcast.Status;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.SigningKey;

/**
 * Emergencies that this server signs itself, with its own emergency key (custody level L1). An order is armed first: all
 * of it is stored, nothing is signed. Its release is one guarded update, a signature and a commit, then the bytes leave on a
 * connection of their own. Bytes once signed are stored and repeated, never signed again [SRV-3].
 */
@Component
public class Emergencies {
    /** How long a released document may still be taken over. */
    private static final Duration LIFE = Duration.ofHours(1);

    private static final Duration CLEAR_LIFE = Duration.ofDays(7);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Documents documents;
    private final Broadcasts broadcasts;
    private final Fleet fleet;
    private final Addressees addressees;
    private final KeyStore keys;
    private final Durability durability;
    private final Ladder ladder;
    private final Doubts doubts;
    private final OrderRows orderRows;
    private final InForce inForce;
    private final Insistence insistence;

    Emergencies(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock clock,
            Documents documents,
            Broadcasts broadcasts,
            Fleet fleet,
            Addressees addressees,
            KeyStore keys,
            Durability durability,
            Ladder ladder,
            Doubts doubts,
            OrderRows orderRows,
            InForce inForce,
            Insistence insistence) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
        this.documents = documents;
        this.broadcasts = broadcasts;
        this.fleet = fleet;
        this.addressees = addressees;
        this.keys = keys;
        this.durability = durability;
        this.ladder = ladder;
        this.doubts = doubts;
        this.orderRows = orderRows;
        this.inForce = inForce;
        this.insistence = insistence;
    }

    /**
     * Stores an order with a playback on every pole it is for, ready to be released, and returns when all of it is on the
     * disk. Nobody hears or sees anything of it yet.
     *
     * @throws vn.loalang.protocol.Refusal when a number is outside the protocol's range
     */
    public ArmedOrder arm(NewOrder wanted) {
        return Objects.requireNonNull(transaction.execute(status -> {
            var id = broadcasts.arm(new OrderPlan(
                    wanted.station(),
                    Priority.EMERGENCY,
                    wanted.authority(),
                    Origin.EMERGENCY,
                    wanted.status(),
                    wanted.title(),
                    wanted.recordings(),
                    wanted.repetitions(),
                    wanted.repetition(),
                    wanted.life(),
                    wanted.volume(),
                    addressees.of(wanted.scopes()),
                    wanted.elsewhere()));
            var order = new ArmedOrder(id, wanted.scopes());
            var now = clock.instant();
            jdbc.sql("""
                            insert into delivery_order (broadcast_id, state, life_seconds, armed_at)
                            values (:id, 'ARMED', :life, :now)""")
                    .param("id", id.value())
                    .param("life", wanted.life().toSeconds())
                    .param("now", SqlTime.of(now))
                    .update();
            for (var scope : wanted.scopes()) {
                jdbc.sql("insert into delivery_armed (broadcast_id, recipient, payload) values (:id, :to, :payload)")
                        .param("id", id.value())
                        .param("to", scope.wire())
                        .param("payload", draft(order, wanted, scope, now).payload())
                        .update();
            }
            durability.confirm();
            return order;
        }));
    }

    /** An order that waits for its release; empty when there is none or it was released or taken back. */
    public Optional<ArmedOrder> armed(BroadcastId id) {
        var scopes = jdbc.sql("""
                        select a.recipient from delivery_armed a join delivery_order o on o.broadcast_id = a.broadcast_id
                        where o.broadcast_id = :id and o.state = 'ARMED'""")
                .param("id", id.value())
                .query((row, number) -> Scope.parse(row.getString(1)))
                .set();
        return scopes.isEmpty() ? Optional.empty() : Optional.of(new ArmedOrder(id, scopes));
    }

    /** Whether this server can release orders; else officers sign them, at custody levels L2 and L3. */
    public boolean signsItself() {
        return keys.emergency().isPresent();
    }

    /**
     * From now on an armed order may be fetched for an officer's signature, which releases it.
     *
     * @return whether that is news
     */
    public boolean offer(ArmedOrder order) {
        return jdbc.sql("""
                        update delivery_order set offered_at = :now
                        where broadcast_id = :id and state = 'ARMED' and offered_at is null""")
                        .param("now", SqlTime.of(clock.instant()))
                        .param("id", order.id().value())
                        .update()
                > 0;
    }

    /** Whether an order waits for an officer's signature. */
    boolean isOffered(BroadcastId id) {
        return jdbc.sql("""
                        select count(*) from delivery_order
                        where broadcast_id = :id and state = 'ARMED' and offered_at is not null""").param("id", id.value()).query(Long.class).single() > 0;
    }

    /** Orders that wait for an officer's signature, the newest first. */
    List<BroadcastId> offered() {
        return jdbc.sql("""
                        select broadcast_id from delivery_order
                        where state = 'ARMED' and offered_at is not null order by offered_at desc limit 100""")
                .query((row, number) -> new BroadcastId(row.getLong(1)))
                .list();
    }

    /**
     * Signs the order, stores the bytes and sends them. When this returns the order is on the disk and handed to the
     * broker, or waits in the outbox while there is none.
     *
     * @return when it began
     * @throws Refusal when it is not armed any more, its scope is in doubt, or this server holds no emergency key; nothing
     *     has left then
     */
    public Instant release(ArmedOrder order) {
        return depart(order).at();
    }

    /**
     * A released order on its way.
     *
     * @param handed when all its documents were stored and given to the broker's connection, {@link System#nanoTime}
     * @param taken when the broker had acknowledged every one of them; failed when one must wait
     */
    record Departure(Instant at, long handed, CompletableFuture<Long> taken) {}

    /** Releases an order as {@link #release} does. */
    Departure depart(ArmedOrder order) {
        var signer = signer();
        var issued = insistence.until(() -> release(order, signer));
        var taken = ladder.publish(issued.documents()).thenApply(done -> System.nanoTime());
        var handed = System.nanoTime();
        durability.confirm();
        ladder.settle(order.id(), issued.at(), issued.end());
        return new Departure(issued.at(), handed, taken);
    }

    /** Takes an armed order back; whether it was still armed. */
    public boolean cancel(ArmedOrder order) {
        return Boolean.TRUE.equals(transaction.execute(status -> {
            var cancelled = ended(order.id(), "ARMED", "CANCELLED", clock.instant());
            if (cancelled) {
                broadcasts.end(order.id(), "");
                broadcasts.takeBack(order.id());
                durability.confirm();
            }
            return cancelled;
        }));
    }

    /**
     * The all-clear: ends everything this server's key has ordered in these scopes and below, also what arrives later. No
     * quorum, doubt or clock delays it.
     *
     * @param reason for people who look at it later, at most 200 characters
     */
    public void clear(Set<Scope> scopes, String reason) {
        clear(scopes, null, reason, () -> {});
    }

    /** Ends one released order everywhere. */
    public void clear(BroadcastId id, String reason) {
        clear(scopesOf(id), id, reason, () -> {});
    }

    /**
     * Silences one released order in a part of its places, also where it was ordered for more than that; elsewhere it goes on.
     *
     * @param where areas
     * @param reason for people who look at it later, should nothing be left of it
     */
    public void silence(BroadcastId id, Set<Scope> where, String reason) {
        var rows = new HashSet<>(where);
        scopesOf(id).stream()
                .filter(own -> where.stream().anyMatch(place -> ladder.covers(place, own)))
                .forEach(rows::add);
        clear(rows, id, reason, () -> broadcasts.silence(id, addressees.of(where)));
    }

    /** When this order was released; empty when it never was. */
    public Optional<Instant> releasedAt(BroadcastId id) {
        return jdbc.sql("""
                        select released_at from delivery_order
                        where broadcast_id = :id and released_at is not null""")
                .param("id", id.value())
                .query((row, number) -> SqlTime.get(row, "released_at"))
                .optional();
    }

    /**
     * Changes a released order where it still sounds: volume, repetitions and bounds apply at once, the running step is
     * finished [NOW-5].
     *
     * @param end new end, at most 6 h after it began
     * @throws Refusal when it does not sound any more, its scope is in doubt, or there is no emergency key
     */
    public void update(BroadcastId id, int volume, int repetitions, Duration longest, Instant end) {
        var signer = signer();
        var issued = insistence.until(() -> {
            documents.orderAlone(signer.kid());
            var now = clock.instant();
            var rows = OrderRows.rows(scopesOf(id), signer.kid());
            doubts.check(rows.values());
            var before = documents.current(rows.values());
            var changes = new LinkedHashMap<Row, OrderRows.Change>();
            rows.values().forEach(row -> {
                var sounding = inForce.in(row, before.get(row), now);
                if (sounding.stream().anyMatch(entry -> isOf(entry, id))) {
                    var act = sounding.stream()
                            .map(entry -> isOf(entry, id)
                                    ? new Entry(
                                            entry.sid(),
                                            entry.st(),
                                            entry.pri(),
                                            entry.beg(),
                                            end.toEpochMilli(),
                                            (int) longest.toSeconds(),
                                            repetitions,
                                            entry.gap(),
                                            volume,
                                            entry.not(),
                                            entry.content())
                                    : entry)
                            .toList();
                    changes.put(row, new OrderRows.Change(act, List.of(), LIFE));
                }
            });
            if (changes.isEmpty()) {
                throw new Refusal("", "delivery.refused.orderOver");
            }
            return orderRows.issue(signer, changes, before, now);
        });
        var unused = ladder.publish(issued);
        durability.confirm();
    }

    /**
     * What others shall sign for an armed order with a key of theirs: the whole state of each scope's row under that key.
     *
     * @param by whose key
     */
    public Map<Scope, Bytes> unsigned(ArmedOrder order, Kid by) {
        var now = clock.instant();
        var iat = now.toEpochMilli();
        var drafted = drafted(order);
        return unsigned(order.scopes(), by, now, (scope, sounding) -> {
            var act = new ArrayList<>(sounding);
            drafted.getOrDefault(scope, List.of())
                    .forEach(entry -> act.add(entry.between(iat, iat + entry.until() - entry.beg())));
            return new OrderRows.Change(act, List.of(), LIFE);
        });
    }

    /**
     * What others shall sign with a key of theirs so that an order which that key has released ends.
     *
     * @param by whose key
     */
    public Map<Scope, Bytes> unsignedClear(BroadcastId id, Kid by) {
        return unsigned(scopesOf(id), by, clock.instant(), (scope, sounding) -> {
            var left = sounding.stream().filter(entry -> !isOf(entry, id)).toList();
            return new OrderRows.Change(left, List.of(id.toString()), left.isEmpty() ? CLEAR_LIFE : LIFE);
        });
    }

    /** Payloads of a key's rows in these scopes, each changed from what sounds there. */
    private Map<Scope, Bytes> unsigned(
            Set<Scope> scopes, Kid by, Instant now, BiFunction<Scope, List<Entry>, OrderRows.Change> changed) {
        var iat = now.toEpochMilli();
        var payloads = new LinkedHashMap<Scope, Bytes>();
        var rows = OrderRows.rows(scopes, by);
        var before = documents.current(rows.values());
        rows.forEach((scope, row) -> {
            var change = changed.apply(scope, inForce.in(row, before.get(row), now));
            var seq = Math.max(iat, documents.mark(scope, row) + 1);
            var exp = Math.max(
                    iat + change.life().toMillis(),
                    change.act().stream().mapToLong(Entry::until).max().orElse(0));
            payloads.put(
                    scope,
                    Bytes.of(new Now(
                                    new Head(keys.sys(), scope, seq, iat, exp),
                                    by,
                                    OrderRows.lately(change.act(), iat),
                                    change.clr(),
                                    List.of())
                            .payload()));
        });
        return payloads;
    }

    /** Orders that somebody else has signed are out: those of ours that they name are released or over; in its transaction. */
    void released(Now signed) {
        var now = clock.instant();
        signed.act().stream()
                .flatMap(entry -> ours(entry.sid().value()).stream())
                .forEach(id -> {
                    var entry = signed.act().stream()
                            .filter(each -> isOf(each, id))
                            .findFirst()
                            .orElseThrow();
                    jdbc.sql("""
                            update delivery_order set state = 'RELEASED', released_at = :now
                            where broadcast_id = :id and state = 'ARMED'""")
                            .param("now", SqlTime.of(now))
                            .param("id", id.value())
                            .update();
                    broadcasts.release(id, Instant.ofEpochMilli(entry.beg()), Instant.ofEpochMilli(entry.until()));
                });
        over(signed.clr(), "", now);
    }

    /** Orders that no document in force names any more have ended. */
    private void over(Collection<String> sids, String reason, Instant now) {
        for (var sid : sids) {
            ours(sid)
                    .filter(id -> documents.scopesNaming(sid).isEmpty())
                    .filter(id -> ended(id, "RELEASED", "CLEARED", now))
                    .ifPresent(id -> broadcasts.end(id, reason));
        }
    }

    /** After such an order is on its way. */
    void settled(Now signed) {
        signed.act().forEach(entry -> ours(entry.sid().value())
                .ifPresent(id ->
                        ladder.settle(id, Instant.ofEpochMilli(entry.beg()), Instant.ofEpochMilli(entry.until()))));
    }

    private static Optional<BroadcastId> ours(String sid) {
        return sid.length() <= 16 && !sid.equals(Now.EVERYTHING)
                ? BroadcastId.of(new vn.loalang.protocol.Oid(sid))
                : Optional.empty();
    }

    /**
     * Sends a released order once more, at once, to connected boxes that have not said that they took it over. Those that are
     * away get it by themselves when they come back before its end. Nothing is sent where it was cleared.
     *
     * @return to how many boxes it went
     */
    public int resend(BroadcastId id) {
        // Where it was cleared its last document is history: who has not heard of the clear yet must not get it.
        return documents.scopesNaming(id.toString()).stream()
                .flatMap(scope -> documents.naming(scope, id.toString()).stream())
                .mapToInt(ladder::again)
                .sum();
    }

    /** Poles of a released order whose box has not said that it took it over: those to be reached in another way. */
    public Set<ControllerId> unreached(BroadcastId id) {
        var missing = new HashSet<>(broadcasts.controllers(id));
        for (var scope : scopesOf(id)) {
            documents
                    .naming(scope, id.toString())
                    .ifPresent(document -> missing.removeAll(
                            fleet.controllersOf(ladder.applied(document)).values()));
        }
        return missing;
    }

    private record Issued(Instant at, Instant end, List<Documents.Stored> documents) {}

    private Issued release(ArmedOrder order, SigningKey signer) {
        documents.orderAlone(signer.kid());
        var now = clock.instant();
        doubts.checkClock(now);
        var life = jdbc.sql("select life_seconds from delivery_order where broadcast_id = :id")
                .param("id", order.id().value())
                .query(Long.class)
                .optional()
                .orElseThrow(() -> new Refusal("", "delivery.refused.notArmed"));
        var released = jdbc.sql("""
                        update delivery_order set state = 'RELEASED', released_at = :now
                        where broadcast_id = :id and state = 'ARMED'""")
                .param("now", SqlTime.of(now))
                .param("id", order.id().value())
                .update();
        var end = now.plusSeconds(life);
        if (released == 0 || !broadcasts.release(order.id(), now, end)) {
            throw new Refusal("", "delivery.refused.notArmed");
        }
        var rows = OrderRows.rows(order.scopes(), signer.kid());
        doubts.check(rows.values());
        var before = documents.current(rows.values());
        var drafted = drafted(order);
        var changes = new LinkedHashMap<Row, OrderRows.Change>();
        rows.forEach((scope, row) -> {
            var act = new ArrayList<>(inForce.in(row, before.get(row), now));
            drafted.getOrDefault(scope, List.of())
                    .forEach(entry -> act.add(entry.between(now.toEpochMilli(), end.toEpochMilli())));
            if (act.size() > Limits.ENTRIES) {
                throw new Refusal("", "delivery.refused.tooManyOrders", Limits.ENTRIES);
            }
            changes.put(row, new OrderRows.Change(act, List.of(), LIFE));
        });
        return new Issued(now, end, orderRows.issue(signer, changes, before, now));
    }

    private void clear(Set<Scope> scopes, @Nullable BroadcastId only, String reason, Runnable beside) {
        var signer = signer();
        var issued = insistence.until(() -> {
            documents.orderAlone(signer.kid());
            beside.run();
            var now = clock.instant();
            var names = List.of(only == null ? Now.EVERYTHING : only.toString());
            var where = new HashSet<>(scopes);
            if (only == null) {
                // Lower rows of ours are rid of the entries too: a later document there would bring them back.
                documents.scopesOf(signer.kid()).stream()
                        .filter(scope -> scopes.stream().anyMatch(wide -> ladder.covers(wide, scope)))
                        .forEach(where::add);
            }
            var rows = OrderRows.rows(where, signer.kid());
            var before = documents.current(rows.values());
            var ended = new HashSet<String>();
            var changes = new LinkedHashMap<Row, OrderRows.Change>();
            rows.forEach((scope, row) -> {
                var sounding = inForce.in(row, before.get(row), now);
                var left = sounding.stream()
                        .filter(entry -> only != null && !isOf(entry, only))
                        .collect(Collectors.toCollection(ArrayList::new));
                sounding.stream()
                        .filter(entry -> !left.contains(entry))
                        .forEach(entry -> ended.add(entry.sid().value()));
                var around = only == null ? Optional.<Entry>empty() : around(row, only, where, now);
                if (around.isPresent()) {
                    // A clear ends nothing in wider rows [NOW-4b], and would end the very entry that does.
                    left.add(InForce.over(around.get(), now));
                    var life = Duration.ofMillis(around.get().until() - now.toEpochMilli());
                    changes.put(row, new OrderRows.Change(left, List.of(), life.compareTo(LIFE) > 0 ? life : LIFE));
                } else {
                    changes.put(row, new OrderRows.Change(left, names, left.isEmpty() ? CLEAR_LIFE : LIFE));
                }
            });
            var changed = orderRows.issue(signer, changes, before, now);
            over(ended, reason, now);
            return changed;
        });
        var unused = ladder.publish(issued);
        durability.confirm();
    }

    /** The order where it goes on around this row, in one that is not ended as well. */
    private Optional<Entry> around(Row row, BroadcastId id, Set<Scope> ending, Instant now) {
        var scope = Objects.requireNonNull(row.to());
        return ending.stream().anyMatch(other -> !other.equals(scope) && ladder.covers(other, scope))
                ? Optional.empty()
                : inForce.around(row, new Sid(id.toString()), now);
    }

    private Map<Scope, List<Entry>> drafted(ArmedOrder order) {
        return jdbc
                .sql("select recipient, payload from delivery_armed where broadcast_id = :id")
                .param("id", order.id().value())
                .query((row, number) -> Map.entry(row.getString(1), row.getBytes(2)))
                .list()
                .parallelStream()
                .collect(Collectors.toMap(
                        each -> Scope.parse(each.getKey()), each -> ((Now) Document.decode(each.getValue())).act()));
    }

    private Now draft(ArmedOrder order, NewOrder wanted, Scope scope, Instant now) {
        var beg = now.toEpochMilli();
        var until = now.plus(wanted.life()).toEpochMilli();
        var entry = new Entry(
                order.sid(),
                status(wanted.status()),
                Priority.EMERGENCY.wireNumber(wanted.authority()),
                beg,
                until,
                (int) wanted.longest().toSeconds(),
                wanted.repetitions(),
                (int) wanted.gap().toSeconds(),
                wanted.volume(),
                wanted.not(),
                new Entry.Steps(wanted.steps()));
        return Now.of(
                new Head(keys.sys(), scope, beg, beg, Math.max(until, beg + LIFE.toMillis())),
                keys.emergency().map(SigningKey::kid).orElse(new Kid("e1")),
                List.of(entry));
    }

    private Set<Scope> scopesOf(BroadcastId id) {
        return jdbc.sql("select recipient from delivery_armed where broadcast_id = :id")
                .param("id", id.value())
                .query((row, number) -> Scope.parse(row.getString(1)))
                .set();
    }

    private boolean ended(BroadcastId id, String from, String to, Instant now) {
        return jdbc.sql("""
                                update delivery_order set state = :to, ended_at = :now
                                where broadcast_id = :id and state = :from""")
                        .param("to", to)
                        .param("now", SqlTime.of(now))
                        .param("id", id.value())
                        .param("from", from)
                        .update()
                > 0;
    }

    private SigningKey signer() {
        return keys.emergency().orElseThrow(() -> new Refusal("", "delivery.refused.noEmergencyKey"));
    }

    private static boolean isOf(Entry entry, BroadcastId id) {
        return entry.sid().value().equals(id.toString());
    }

    private static OrderStatus status(Status status) {
        return switch (status) {
            case ACTUAL -> OrderStatus.ACTUAL;
            case EXERCISE -> OrderStatus.EXERCISE;
            case TEST -> OrderStatus.TEST;
        };
    }
}
