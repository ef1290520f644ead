package vn.loalang.delivery;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import vn.loalang.delivery.rules.Greeting;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
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

    private final Clock clock;
    private final KeyStore keys;
    private final Topics topics;
    private final Documents documents;
    private final Post post;
    private final Accounts accounts;

    Answers(Clock clock, KeyStore keys, Topics topics, Documents documents, Post post, Accounts accounts) {
        this.clock = clock;
        this.keys = keys;
        this.topics = topics;
        this.documents = documents;
        this.post = post;
        this.accounts = accounts;
    }

    /** What is current for more than one device, to be read once for many welcomes. */
    List<Documents.Stored> wide() {
        return documents.currentWide();
    }

    /**
     * Opens the session: what is current, then the documents the box has not got yet.
     *
     * @param wide {@link #wide()}
     */
    void welcome(DeviceId unit, Hello hello, JournalAck jack, List<Documents.Stored> wide) {
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
        documents.currentOf(unit).stream()
                .filter(document -> document.live(now))
                .map(Answers::current)
                .forEach(current::add);
        var greeting = Greeting.of(current, hello.hwm());
        var seenKeys = hello.hwm().getOrDefault(Row.KEYS, 0L);
        if (!greeting.before().isEmpty()) {
            // Roots that changed while it was away, in their order [KEY-2]; the newest document follows below.
            documents.keyHistory().stream()
                    .filter(document -> document.seq() > seenKeys
                            && !greeting.before().contains(document.body())
                            && changesRoots(document))
                    .forEach(document -> send(unit, document.body().toArray()));
        }
        greeting.before().forEach(document -> send(unit, document.toArray()));
        send(unit, new Welcome(head(unit), hello.bn(), hello.sn(), greeting.vec(), jack));
        greeting.after().forEach(document -> send(unit, document.toArray()));
    }

    private static boolean changesRoots(Documents.Stored document) {
        return document.document() instanceof vn.loalang.protocol.Keys keys && keys.roots() != null;
    }

    private static Greeting.Current current(Documents.Stored document) {
        return new Greeting.Current(document.row(), document.seq(), document.body());
    }

    /** Acknowledges a journal; call only when all of it is on the disk. */
    void jack(DeviceId unit, JournalAck jack) {
        send(unit, new Jack(head(unit), jack));
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
