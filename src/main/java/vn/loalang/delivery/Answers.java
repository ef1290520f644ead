package vn.loalang.delivery;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import vn.loalang.delivery.rules.Greeting;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Jack;
import vn.loalang.protocol.JournalAck;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Topics;
import vn.loalang.protocol.Welcome;

/** What one box is told alone, on its {@code rsp}: never retained, never re-sent; a box that misses it asks again. */
@Component
class Answers {
    private static final Logger log = LoggerFactory.getLogger(Answers.class);
    private static final Duration LIFE = Duration.ofMinutes(1);
    /** Acknowledgements may keep a box waiting: it asks again only after 30 s [ACK-4b]. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int IN_A_ROW = 100;
    /** Boxes whose documents are read with one question. */
    private static final int READ_AT_ONCE = 200;

    private final Clock clock;
    private final KeyStore keys;
    private final Topics topics;
    private final Documents documents;
    private final Post post;
    private final Accounts accounts;
    private final Rush rush;
    private final Recoveries recoveries;
    /** The newest of each box, the one that waits longest first; guarded by itself. */
    private final Map<DeviceId, Waiting> jacks = new LinkedHashMap<>();

    Answers(
            Clock clock,
            KeyStore keys,
            Topics topics,
            Documents documents,
            Post post,
            Accounts accounts,
            Rush rush,
            Recoveries recoveries) {
        this.clock = clock;
        this.keys = keys;
        this.topics = topics;
        this.documents = documents;
        this.post = post;
        this.accounts = accounts;
        this.rush = rush;
        this.recoveries = recoveries;
    }

    /**
     * An acknowledgement on its way.
     *
     * @param since when the first that it stands for began to wait, {@link System#nanoTime}
     */
    private record Waiting(JournalAck jack, long since) {}

    /**
     * Opens the sessions of boxes whose hellos and journals are on the disk.
     *
     * @param arrived when each hello came
     * @return the files that the documents of each of them name
     */
    Map<DeviceId, Set<Hash>> welcomes(
            Map<DeviceId, Hello> hellos, Map<DeviceId, Instant> arrived, Map<DeviceId, JournalAck> acknowledged) {
        if (hellos.isEmpty()) {
            return Map.of();
        }
        var files = new HashMap<DeviceId, Set<Hash>>();
        var wide = documents.currentWide();
        var all = List.copyOf(hellos.keySet());
        for (var from = 0; from < all.size(); from += READ_AT_ONCE) {
            var some = all.subList(from, Math.min(all.size(), from + READ_AT_ONCE));
            var own = documents.currentOf(some);
            for (var unit : some) {
                var hello = Objects.requireNonNull(hellos.get(unit));
                var jack =
                        acknowledged.getOrDefault(unit, new JournalAck(hello.j().jid(), 0, false));
                var mine = own.getOrDefault(unit, List.of());
                welcome(unit, hello, arrived.get(unit), jack, wide, mine);
                files.put(unit, Documents.files(mine));
            }
        }
        return files;
    }

    /**
     * Opens the session: what is current, then the documents the box has not got yet.
     *
     * @param arrived when the hello came, if that is known
     * @param wide what is current for more than one device
     * @param own what is current for this one
     */
    private void welcome(
            DeviceId unit,
            Hello hello,
            @Nullable Instant arrived,
            JournalAck jack,
            List<Documents.Stored> wide,
            List<Documents.Stored> own) {
        var now = clock.instant();
        var areas = accounts.rightsOf(unit.value())
                .map(rights -> rights instanceof Accounts.Rights.Device device ? device.areas() : Set.<String>of())
                .orElse(Set.of());
        var current = new ArrayList<Greeting.Current>();
        wide.stream()
                .filter(document -> document.scope() instanceof Scope.All
                        || (document.scope() instanceof Scope.Area area
                                && areas.contains(area.area().value())))
                .filter(document -> document.live(now))
                .map(Answers::current)
                .forEach(current::add);
        own.stream()
                .filter(document -> document.live(now))
                .map(Answers::current)
                .forEach(current::add);
        current.removeIf(document -> Abilities.profileOf(document.row().typ())
                .filter(profile -> !hello.prof().contains(profile))
                .isPresent());
        var greeting = Greeting.of(current, recoveries.remembered(hello.hwm()));
        var seenKeys = hello.hwm().getOrDefault(Row.KEYS, 0L);
        if (!greeting.before().isEmpty()) {
            // Roots that changed while it was away, in their order [KEY-2]; the newest document follows below.
            documents.keysAfter(seenKeys).stream()
                    .filter(document -> !greeting.before().contains(document.body()) && changesRoots(document))
                    .forEach(document -> send(unit, document.body().toArray()));
        }
        greeting.before().forEach(document -> send(unit, document.toArray()));
        send(unit, new Welcome(welcomeHead(unit, arrived), hello.bn(), hello.sn(), greeting.vec(), jack));
        greeting.after().forEach(document -> send(unit, document.toArray()));
    }

    private static boolean changesRoots(Documents.Stored document) {
        return document.document() instanceof vn.loalang.protocol.Keys keys && keys.roots() != null;
    }

    private static Greeting.Current current(Documents.Stored document) {
        return new Greeting.Current(document.row(), document.seq(), document.body());
    }

    /**
     * Acknowledges journals; call only when all of it is on the disk. They leave from a thread of their own, since signing takes
     * longer than storing: the newest of each box, and in a rush up to 10 s later.
     */
    void jacks(Map<DeviceId, JournalAck> stored) {
        var now = System.nanoTime();
        synchronized (jacks) {
            stored.forEach((unit, jack) -> jacks.merge(
                    unit, new Waiting(jack, now), (before, newer) -> new Waiting(newer.jack(), before.since())));
            jacks.notifyAll();
        }
    }

    /** Sends acknowledgements until interrupted. */
    void work() throws InterruptedException {
        while (Worker.goesOn()) {
            var waited = System.nanoTime() - awaitJack();
            rush.giveWay(PATIENCE.minusNanos(waited));
            try {
                nextJacks().forEach((unit, each) -> send(unit, new Jack(head(unit), each.jack())));
            } catch (RuntimeException failed) {
                log.error("Acknowledgements did not leave; boxes ask again", failed);
            }
        }
    }

    /** Waits until there is an acknowledgement, and says since when there is one. */
    private long awaitJack() throws InterruptedException {
        return Worker.idle(() -> {
            synchronized (jacks) {
                while (jacks.isEmpty()) {
                    jacks.wait();
                }
                return jacks.values().iterator().next().since();
            }
        });
    }

    private Map<DeviceId, Waiting> nextJacks() {
        var some = new LinkedHashMap<DeviceId, Waiting>();
        synchronized (jacks) {
            var each = jacks.entrySet().iterator();
            while (each.hasNext() && some.size() < IN_A_ROW) {
                var next = each.next();
                some.put(next.getKey(), next.getValue());
                each.remove();
            }
        }
        return some;
    }

    private void send(DeviceId unit, Document document) {
        send(unit, Envelope.compose(List.of(keys.online()), document));
    }

    private void send(DeviceId unit, byte[] message) {
        CompletableFuture<Void> unused = post.answer(topics.rsp(unit), message).whenComplete((done, failure) -> {
            if (failure != null) {
                log.debug("An answer to {} did not leave; the box asks again", unit, failure);
            }
        });
    }

    /**
     * The box takes {@code iat} and half the round trip for the time [SES-5f]: halfway between the hello's coming and this leaving, it is
     * right however long the hello waited here.
     */
    private Head welcomeHead(DeviceId unit, @Nullable Instant arrived) {
        var head = head(unit);
        var here = arrived == null ? 0 : Math.max(0, head.iat() - arrived.toEpochMilli());
        return new Head(head.sys(), head.to(), head.seq(), head.iat() - here / 2, head.exp());
    }

    private Head head(DeviceId unit) {
        var now = clock.instant();
        return new Head(
                keys.sys(),
                Scope.of(unit),
                now.toEpochMilli(),
                now.toEpochMilli(),
                now.plus(LIFE).toEpochMilli());
    }
}
