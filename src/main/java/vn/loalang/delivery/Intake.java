package vn.loalang.delivery;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.area.Durability;
import vn.loalang.broadcast.Evidence;
import vn.loalang.broadcast.Outcome;
import vn.loalang.broadcast.Playbacks;
import vn.loalang.delivery.rules.PlayReport;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.PresenceBook;
import vn.loalang.protocol.Cid;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalAck;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.Need;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.Op;
import vn.loalang.protocol.Presence;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Telemetry;
import vn.loalang.protocol.Topic;
import vn.loalang.protocol.Typ;

/**
 * Stores a batch of messages in one transaction, syncs it, then answers: a {@code jack} leaves only after what it
 * acknowledges is on the disk [SRV-2].
 */
@Component
class Intake {
    private static final Logger log = LoggerFactory.getLogger(Intake.class);
    /** Longer names are not of our making. */
    private static final int LONGEST_OID = 16;
    /** Messages that were put off, in one transaction. */
    static final int PORTION = 1_000;

    private static final List<Row> ROWS = List.of(Row.SITE, Row.CFG, Row.PLAN);

    private final JdbcClient jdbc;
    private final Insistence insistence;
    private final Journal journal;
    private final Documents documents;
    private final Credentials credentials;
    private final Fleet fleet;
    private final PresenceBook presence;
    private final Playbacks playbacks;
    private final Durability durability;
    private final Compiler compiler;
    private final Answers answers;
    private final Ladder ladder;
    private final Doubts doubts;
    private final Optional<Bench> bench;
    private final Commands commands;
    private final Transfers transfers;
    private final Recoveries recoveries;
    private final RolloutReports rollouts;
    private final Rush rush;
    /** Whether something was put off; by an earlier process, too. */
    private volatile boolean behind = true;
    /** What was put off up to this number comes next; 0 before it is known. */
    private volatile long putOffUpTo;

    Intake(
            JdbcClient jdbc,
            Insistence insistence,
            Journal journal,
            Documents documents,
            Credentials credentials,
            Fleet fleet,
            PresenceBook presence,
            Playbacks playbacks,
            Durability durability,
            Compiler compiler,
            Answers answers,
            Ladder ladder,
            Doubts doubts,
            Optional<Bench> bench,
            Commands commands,
            Transfers transfers,
            Recoveries recoveries,
            RolloutReports rollouts,
            Rush rush) {
        this.jdbc = jdbc;
        this.insistence = insistence;
        this.journal = journal;
        this.documents = documents;
        this.credentials = credentials;
        this.fleet = fleet;
        this.presence = presence;
        this.playbacks = playbacks;
        this.durability = durability;
        this.compiler = compiler;
        this.answers = answers;
        this.ladder = ladder;
        this.doubts = doubts;
        this.bench = bench;
        this.commands = commands;
        this.transfers = transfers;
        this.recoveries = recoveries;
        this.rollouts = rollouts;
        this.rush = rush;
    }

    /** What is owed to a box after the commit. */
    private static final class Owed {
        private final Map<DeviceId, Hello> welcomes = new LinkedHashMap<>();
        /** When the hellos came. */
        private final Map<DeviceId, Instant> arrived = new HashMap<>();

        private final Map<DeviceId, JournalAck> jacks = new LinkedHashMap<>();
        private final Map<DeviceId, Long> rejected = new HashMap<>();
        private final List<Evidence> evidence = new ArrayList<>();
        private final Map<Ladder.Applied, Long> applied = new LinkedHashMap<>();
        /** Orders that documents name, looked up once for thousands of boxes. */
        private final Map<String, List<Oid>> orders = new HashMap<>();

        /** Rows in doubt, and who has a copy. */
        private final Map<Row, DeviceId> fetch = new HashMap<>();

        private final Map<Row, Long> marks = new HashMap<>();
        private final Journal.Batch journals;
        /** Boxes that said hello, the last time. */
        private final Map<DeviceId, PresenceBook.Greeted> greeted = new LinkedHashMap<>();
        /** Boxes that were merely heard, and when last. */
        private final Map<DeviceId, Instant> heard = new HashMap<>();
        /** Journals whose consequences can wait. */
        private final List<Inbox.Message> putOff = new ArrayList<>();

        private final boolean hurried;
        /** Emergencies that boxes say they have begun; for trials only. */
        private final List<String> started = new ArrayList<>();

        private final Collection<DeviceId> speakers;
        /** Of those that say hello. */
        private final Map<DeviceId, Documents.Known> known;

        private @Nullable Map<DeviceId, ControllerId> poles;

        /** @param hurried whether what can wait is put off */
        Owed(
                Collection<DeviceId> speakers,
                Map<DeviceId, Documents.Known> known,
                Journal.Batch journals,
                boolean hurried) {
            this.speakers = speakers;
            this.known = known;
            this.journals = journals;
            this.hurried = hurried;
        }
    }

    /**
     * Takes a batch in.
     *
     * @param rejectedBefore how many messages of each box were dropped on the way
     */
    void take(List<Inbox.Message> batch, Map<DeviceId, Long> rejectedBefore) {
        Owed owed;
        try {
            owed = store(batch, rejectedBefore);
        } catch (RuntimeException poisoned) {
            log.warn("A batch of {} messages failed as a whole; storing them one by one", batch.size(), poisoned);
            for (var message : batch) {
                try {
                    answer(store(List.of(message), Map.of()));
                } catch (RuntimeException failed) {
                    log.error("A message {} of {} could not be stored", message.kind(), message.unit(), failed);
                }
            }
            return;
        }
        answer(owed);
    }

    private Owed store(List<Inbox.Message> batch, Map<DeviceId, Long> rejectedBefore) {
        // As a whole: one by one, thousands of messages would be as many commits.
        return insistence.until(() -> {
            var greeting = units(batch, Topic.Kind.HELLO);
            var speakers = new HashSet<>(greeting);
            speakers.addAll(units(batch, Topic.Kind.EV));
            var owed = new Owed(
                    speakers, documents.known(greeting), journal.batch(speakers), rush.on() || ladder.unsettled());
            speakers.stream().filter(unit -> !owed.journals.knows(unit)).forEach(credentials::ensureUnit);
            rejectedBefore.forEach((unit, count) -> owed.rejected.merge(unit, count, Long::sum));
            for (var message : batch) {
                try {
                    take(message, owed);
                } catch (Refusal bad) {
                    log.debug("{} from {} refused: {}", message.kind(), message.unit(), bad.getMessage());
                    owed.rejected.merge(message.unit(), 1L, Long::sum);
                }
            }
            if (owed.putOff.isEmpty()) {
                owed.journals.flush();
            } else {
                owed.journals.flushEntries();
                journal.putOff(owed.putOff);
            }
            if (!owed.welcomes.isEmpty()) {
                rollouts.greeted(owed.welcomes, batch.get(0).receivedAt());
            }
            presence.hello(owed.greeted.values());
            presence.heard(owed.heard);
            owed.rejected.forEach((unit, count) -> jdbc.sql(
                            "update delivery_unit set rejected = rejected + :count where unit_id = :unit")
                    .param("count", count)
                    .param("unit", unit.value())
                    .update());
            tell(owed, batch.get(0).receivedAt());
            return owed;
        });
    }

    private static Set<DeviceId> units(List<Inbox.Message> batch, Topic.Kind kind) {
        return batch.stream()
                .filter(message -> message.kind() == kind)
                .map(Inbox.Message::unit)
                .collect(Collectors.toSet());
    }

    private void answer(Owed owed) {
        if (owed.welcomes.isEmpty() && owed.jacks.isEmpty()) {
            return;
        }
        durability.confirm();
        behind |= !owed.putOff.isEmpty();
        bench.ifPresent(trial -> {
            trial.stored(owed.started);
            trial.shown(owed.evidence);
        });
        var files = answers.welcomes(owed.welcomes, owed.arrived, owed.jacks);
        owed.fetch.forEach((row, unit) ->
                commands.send(unit, new Op.Report(Op.Report.What.DOC, Optional.of(row)), Commands.SERVER));
        owed.welcomes.forEach(
                (unit, hello) -> transfers.greeted(unit, hello.prof(), files.getOrDefault(unit, Set.of())));
        owed.jacks.keySet().removeAll(owed.welcomes.keySet());
        answers.jacks(owed.jacks);
    }

    /** Whether consequences of what is stored were put off. */
    boolean behind() {
        return behind;
    }

    /**
     * Draws the consequences of some messages that were put off; a restart goes on where this one stopped. All that were there
     * when it began come before any newer one.
     */
    void catchUp() {
        if (ladder.unsettled()) {
            return;
        }
        if (putOffUpTo == 0) {
            putOffUpTo = journal.lastPutOff();
            behind = putOffUpTo != 0;
        }
        var some = journal.putOff(putOffUpTo, PORTION);
        if (some.size() < PORTION) {
            putOffUpTo = 0;
        }
        if (some.isEmpty()) {
            return;
        }
        try {
            conclude(some);
        } catch (RuntimeException poisoned) {
            log.warn("What follows from {} messages failed as a whole; one by one", some.size(), poisoned);
            for (var each : some) {
                try {
                    conclude(List.of(each));
                } catch (RuntimeException failed) {
                    log.error("What follows from a journal of {} could not be stored", each.unit(), failed);
                    journal.done(List.of(each));
                }
            }
        }
    }

    private void conclude(List<Journal.PutOff> some) {
        var concluded = insistence.until(() -> {
            var units = some.stream().map(Journal.PutOff::unit).collect(Collectors.toSet());
            var owed = new Owed(units, Map.of(), journal.batch(units), false);
            for (var each : some) {
                var events = Events.decode(each.events().toArray());
                owed.heard.merge(each.unit(), each.at(), Intake::later);
                events.entries().forEach(entry -> note(each.unit(), entry, each.at(), owed));
                owed.journals.acknowledge(each.unit(), events.jid());
            }
            owed.journals.flush();
            presence.heard(owed.heard);
            tell(
                    owed,
                    some.stream()
                            .map(Journal.PutOff::at)
                            .min(Comparator.naturalOrder())
                            .orElseThrow());
            journal.done(some);
            return owed;
        });
        bench.ifPresent(trial -> trial.shown(concluded.evidence));
    }

    /** Tells the others what was reported. */
    private void tell(Owed owed, Instant at) {
        ladder.note(owed.applied, at);
        if (!owed.evidence.isEmpty()) {
            playbacks.record(owed.evidence);
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private void take(Inbox.Message message, Owed owed) {
        var unit = message.unit();
        var at = message.receivedAt();
        var payload = message.payload().toArray();
        switch (message.kind()) {
            case ST -> {
                var state = Presence.decode(payload);
                if (state.on()) {
                    presence.heard(unit, state.sn(), at);
                } else {
                    // What it said before it left must not bring it back.
                    var greeted = owed.greeted.remove(unit);
                    if (greeted != null) {
                        presence.hello(List.of(greeted));
                    }
                    var before = owed.heard.remove(unit);
                    if (before != null) {
                        presence.heard(unit, before);
                    }
                    presence.left(unit, state.sn(), at);
                }
            }
            case HELLO -> hello(unit, Hello.decode(payload), at, owed);
            case EV -> events(message, Events.decodeBatch(payload), owed);
            case TEL -> {
                Telemetry.decode(payload);
                presence.telemetry(unit, new String(payload, StandardCharsets.UTF_8), at);
            }
            case NEED -> {
                presence.heard(unit, at);
                transfers.need(unit, Need.decode(payload));
            }
            case REP -> {
                presence.heard(unit, at);
                message.tail().ifPresent(cid -> commands.report(unit, new Cid(cid), payload, at));
            }
            case KEYS, SITE, CFG, PLAN, NOW, SES, FW, RSP, MAN, BLK, LIVE ->
                throw new IllegalStateException("not upward: " + message.kind());
        }
    }

    private void hello(DeviceId unit, Hello hello, Instant at, Owed owed) {
        owed.greeted.put(unit, new PresenceBook.Greeted(unit, hello.sn(), hello.boot(), hello.fw(), hello.hw(), at));
        var jack = owed.journals.opened(unit, hello, at);
        var known = owed.known.getOrDefault(unit, Documents.Known.NOTHING);
        var hwm = recoveries.remembered(hello.hwm());
        for (var row : ROWS) {
            var seen = hwm.getOrDefault(row, 0L);
            if (seen > known.marks().getOrDefault(row, 0L)) {
                log.warn("{} has seen a newer {} than this database; it is issued above that", unit, row);
                documents.raiseMark(Scope.of(unit), row, seen);
                documents.doubt(Scope.of(unit), row);
                fleet.controllerOf(unit).ifPresent(controller -> compiler.due(List.of(controller)));
            } else if (row.equals(Row.PLAN) && seen > known.current().getOrDefault(row, 0L)) {
                // It has a plan from a stick: what it gets from now on must be above that.
                documents.doubt(Scope.of(unit), row);
                fleet.controllerOf(unit).ifPresent(controller -> compiler.due(List.of(controller)));
            }
        }
        var firmware = hwm.getOrDefault(Row.FW, 0L);
        if (firmware > known.marks().getOrDefault(Row.FW, 0L)) {
            documents.raiseMark(Scope.of(unit), Row.FW, firmware);
        }
        hwm.forEach((row, seen) -> everybodys(unit, row, seen, at, owed));
        if (!known.current().keySet().containsAll(ROWS)) {
            fleet.controllerOf(unit).ifPresent(controller -> compiler.due(List.of(controller)));
        }
        owed.welcomes.put(unit, hello);
        owed.arrived.put(unit, at);
        owed.jacks.put(unit, jack);
    }

    private void events(Inbox.Message message, Events events, Owed owed) {
        var unit = message.unit();
        var at = message.receivedAt();
        var fresh = owed.journals.store(unit, events, at);
        if (owed.hurried && fresh.stream().allMatch(Intake::canWait)) {
            if (!fresh.isEmpty()) {
                owed.putOff.add(message);
            }
            for (var entry : fresh) {
                if (entry.event() instanceof Event.DocumentChange change && counts(change, at)) {
                    ladder.heard(new Ladder.Applied(unit, change.row()), change.seq());
                }
            }
        } else {
            owed.heard.merge(unit, at, Intake::later);
            fresh.forEach(entry -> note(unit, entry, at, owed));
        }
        if (bench.isPresent()) {
            fresh.forEach(entry -> PlayReport.of(entry.event())
                    .filter(report -> report.outcome() instanceof Outcome.Started)
                    .flatMap(report -> report.id().sid())
                    .ifPresent(sid -> owed.started.add(sid.value())));
        }
        owed.journals.acknowledge(unit, events.jid()).ifPresent(jack -> owed.jacks.put(unit, jack));
    }

    /** Whether what follows from an entry may come some seconds after it: what thousands of boxes say at the same moment. */
    private static boolean canWait(JournalEntry entry) {
        var event = entry.event();
        return PlayReport.of(event).isPresent()
                || event instanceof Event.AssetReady
                || (event instanceof Event.DocumentChange change
                        && !change.row().equals(Row.FW));
    }

    /** Takes a journal in that somebody carried here; it says nothing about the box being connected. */
    void carried(DeviceId unit, Events events, Instant at) {
        insistence.until(() -> {
            credentials.ensureUnit(unit);
            var owed = new Owed(List.of(unit), Map.of(), journal.batch(List.of(unit)), false);
            for (var entry : owed.journals.store(unit, events, at)) {
                note(unit, entry, at, owed);
            }
            owed.journals.flush();
            tell(owed, at);
            durability.confirm();
            return owed;
        });
    }

    private void note(DeviceId unit, JournalEntry entry, Instant at, Owed owed) {
        var event = entry.event();
        var report = PlayReport.of(event);
        if (report.isPresent()) {
            play(unit, entry, at, report.get(), owed);
        } else if (event instanceof Event.DocumentChange change) {
            if (counts(change, at)) {
                transfers.wantsMore(unit);
                owed.applied.merge(new Ladder.Applied(unit, change.row()), change.seq(), Math::max);
                if (change.row().equals(Row.FW)) {
                    rollouts.received(unit, change.seq(), at);
                } else if (change.row().equals(Row.PLAN)) {
                    documents.plan(unit, change.seq()).ifPresent(plan -> applied(unit, plan, entry, at, owed));
                } else {
                    orderApplied(unit, change, entry, at, owed);
                }
            }
        } else if (event instanceof Event.AssetReady ready) {
            ready(unit, ready.h(), entry, at, owed);
        } else if (event instanceof Event.FaultChange change) {
            presence.fault(unit, change.fault(), change.set(), at);
        } else if (event instanceof Event.FirmwareChange change) {
            rollouts.reached(unit, change, at);
        } else if (event instanceof Event.Command result) {
            commands.result(unit, result, at);
        } else if (event instanceof Event.Security security) {
            presence.refused(
                    unit,
                    security.code(),
                    Optional.ofNullable(security.typ()).orElse(""),
                    Math.max(1, security.count()),
                    at);
        }
    }

    /** Whether a box has taken over what is not voided since. */
    private boolean counts(Event.DocumentChange change, Instant at) {
        return change.fate() == Event.DocumentFate.APPLIED && !recoveries.voided(change.seq(), at);
    }

    /** What a box says in its hello of rows that it shares with others, or that only emergencies have. */
    private void everybodys(DeviceId unit, Row row, long seen, Instant at, Owed owed) {
        var scope = row.to();
        if (scope == null || (row.typ() != Typ.NOW && row.typ() != Typ.SES)) {
            return;
        }
        var mark = owed.marks.computeIfAbsent(row, any -> documents.mark(scope, row));
        if (seen <= mark) {
            owed.applied.put(new Ladder.Applied(unit, row), seen);
        } else if (row.typ() == Typ.NOW) {
            doubts.seen(row, scope, seen, unit, at);
            owed.fetch.put(row, unit);
            owed.marks.put(row, seen);
        } else {
            documents.raiseMark(scope, row, seen);
            owed.marks.put(row, seen);
        }
    }

    /** A box has taken over what everybody must hear. */
    private void orderApplied(DeviceId unit, Event.DocumentChange change, JournalEntry entry, Instant at, Owed owed) {
        var row = change.row();
        var scope = row.to();
        if (scope == null || (row.typ() != Typ.NOW && row.typ() != Typ.SES)) {
            return;
        }
        var orders = owed.orders.computeIfAbsent(
                row.wire() + " " + change.seq(), any -> documents.ordersIn(scope, row, change.seq()));
        if (!orders.isEmpty()) {
            pole(unit, owed)
                    .ifPresent(controller -> orders.forEach(oid ->
                            owed.evidence.add(evidence(controller, unit, oid, entry, at, new Outcome.Received()))));
        }
    }

    private void play(DeviceId unit, JournalEntry entry, Instant at, PlayReport report, Owed owed) {
        report.id().sid().filter(sid -> sid.value().length() <= LONGEST_OID).ifPresent(sid -> pole(unit, owed)
                .ifPresent(controller -> owed.evidence.add(new Evidence(
                        controller,
                        unit,
                        new Oid(sid.value()),
                        Instant.ofEpochMilli(entry.t()),
                        entry.q(),
                        entry.n(),
                        at,
                        report.outcome(),
                        report.id().repetition()))));
        report.id().oid().ifPresent(id -> documents
                .controllerTold(unit, id.value())
                .or(() -> pole(unit, owed))
                .ifPresent(
                        controller -> owed.evidence.add(evidence(controller, unit, id, entry, at, report.outcome()))));
    }

    /** Where the box hangs, looked up once for all that speak in this batch. */
    private Optional<ControllerId> pole(DeviceId unit, Owed owed) {
        var poles = owed.poles;
        if (poles == null) {
            poles = fleet.controllersOf(owed.speakers);
            owed.poles = poles;
        }
        return Optional.ofNullable(poles.get(unit));
    }

    private void applied(DeviceId unit, Documents.Stored plan, JournalEntry entry, Instant at, Owed owed) {
        var controller = plan.controller();
        if (controller != null) {
            PlanItems.parse(plan.items())
                    .steps()
                    .keySet()
                    .forEach(oid ->
                            owed.evidence.add(evidence(controller, unit, oid, entry, at, new Outcome.Received())));
            prepared(unit, plan, controller, entry, at, owed, null);
        }
    }

    private void ready(DeviceId unit, Hash hash, JournalEntry entry, Instant at, Owed owed) {
        journal.assetReady(unit, hash, at);
        documents
                .current(Scope.of(unit), Row.PLAN)
                .filter(plan -> plan.assets().contains(hash))
                .ifPresent(plan -> {
                    var controller = plan.controller();
                    if (controller != null) {
                        prepared(
                                unit,
                                plan,
                                controller,
                                entry,
                                at,
                                owed,
                                plan.assets().indexOf(hash));
                    }
                });
    }

    /** Notes items of which every sound is there; with an index only items that use this asset. */
    private void prepared(
            DeviceId unit,
            Documents.Stored plan,
            ControllerId controller,
            JournalEntry entry,
            Instant at,
            Owed owed,
            @Nullable Integer using) {
        var ready = journal.assetsReady(unit, plan.assets());
        PlanItems.parse(plan.items()).steps().forEach((oid, steps) -> {
            if ((using == null || steps.contains(using))
                    && steps.stream()
                            .allMatch(step -> ready.contains(plan.assets().get(step)))) {
                owed.evidence.add(evidence(controller, unit, oid, entry, at, new Outcome.Prepared()));
            }
        });
    }

    private static Evidence evidence(
            ControllerId controller, DeviceId unit, Oid oid, JournalEntry entry, Instant at, Outcome outcome) {
        return new Evidence(controller, unit, oid, Instant.ofEpochMilli(entry.t()), entry.q(), entry.n(), at, outcome);
    }
}
