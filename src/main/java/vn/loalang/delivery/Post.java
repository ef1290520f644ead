package vn.loalang.delivery;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Our connections for what goes down: emergencies, documents, answers and transfers each on one of their own. */
@Component
class Post {
    /** An order to thousands of single poles leaves at once; whoever gives it does not wait until the first have it. */
    private static final int URGENT_WINDOW = 4_000;

    private final Bell bell = new Bell();
    private final AtomicLong connections = new AtomicLong();
    private volatile @Nullable Link documents;
    private volatile @Nullable Link answers;
    private volatile @Nullable Link urgent;
    private volatile @Nullable Link bulk;

    /** Opens all; they connect when the targets are known. */
    void open(
            CompletableFuture<Link.Target> documentsTarget,
            CompletableFuture<Link.Target> answersTarget,
            CompletableFuture<Link.Target> urgentTarget,
            CompletableFuture<Link.Target> bulkTarget) {
        var down = new Link("documents", documentsTarget, Link.WINDOW, List.of(), (topic, payload) -> {}, () -> {
            connections.incrementAndGet();
            ring();
        });
        var back = new Link("answers", answersTarget, Link.WINDOW, List.of(), (topic, payload) -> {}, () -> {});
        var first = new Link("urgent", urgentTarget, URGENT_WINDOW, List.of(), (topic, payload) -> {}, () -> {});
        var last = new Link("bulk", bulkTarget, Link.WINDOW, List.of(), (topic, payload) -> {}, () -> {});
        documents = down;
        answers = back;
        urgent = first;
        bulk = last;
        down.start();
        back.start();
        first.start();
        last.start();
    }

    void close() {
        for (var link : new Link[] {documents, answers, urgent, bulk}) {
            if (link != null) {
                link.close();
            }
        }
    }

    /** How often the documents' connection has been made; a new one may mean a broker with an empty memory. */
    long connections() {
        return connections.get();
    }

    /** Whether documents can leave. */
    boolean connected() {
        var link = documents;
        return link != null && link.connected();
    }

    /** Whether a hello would be answered. */
    boolean answering() {
        var link = answers;
        return link != null && link.connected();
    }

    void ring() {
        bell.ring();
    }

    void await(Duration longest) throws InterruptedException {
        bell.await(longest);
    }

    CompletableFuture<Void> document(String topic, byte[] message) {
        return publish(documents, topic, message, true);
    }

    /** A document that nothing may hold up, on the connection that only such documents use. */
    CompletableFuture<Void> urgent(String topic, byte[] message) {
        return publish(urgent, topic, message, true);
    }

    /** The same for one device, not kept by the broker. */
    CompletableFuture<Void> urgentAnswer(String topic, byte[] message) {
        return publish(urgent, topic, message, false);
    }

    /** A chunk of live sound, at most once, on the connection that nothing holds up. */
    CompletableFuture<Void> live(String topic, byte[] frame) {
        var link = urgent;
        return link == null
                ? CompletableFuture.failedFuture(new Link.NotPublished("not open", null))
                : link.publish(topic, frame, 0, false);
    }

    /** How a transfer is cut, kept by the broker. */
    CompletableFuture<Void> manifest(String topic, byte[] message) {
        return publish(bulk, topic, message, true);
    }

    /** Part of a transfer, at most once. */
    CompletableFuture<Void> bulk(String topic, byte[] frame) {
        var link = bulk;
        return link == null
                ? CompletableFuture.failedFuture(new Link.NotPublished("not open", null))
                : link.publish(topic, frame, 0, false);
    }

    CompletableFuture<Void> answer(String topic, byte[] message) {
        return publish(answers, topic, message, false);
    }

    private static CompletableFuture<Void> publish(
            @Nullable Link link, String topic, byte[] message, boolean retained) {
        return link == null
                ? CompletableFuture.failedFuture(new Link.NotPublished("not open", null))
                : link.publish(topic, message, retained);
    }
}
