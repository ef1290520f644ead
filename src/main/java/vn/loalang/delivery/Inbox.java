package vn.loalang.delivery;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Topic;
import vn.loalang.protocol.Topics;

/**
 * Where everything from the boxes arrives. Taking a message in never blocks and never throws: it runs on threads of the
 * broker and of Paho. One worker stores what has gathered in one transaction and answers after the synced commit. What
 * does not fit is dropped and counted; a journal comes again until it is acknowledged.
 */
@Component
class Inbox {
    private static final Logger log = LoggerFactory.getLogger(Inbox.class);
    private static final int CAPACITY = 50_000;
    private static final int PER_DEVICE = 64;
    private static final int BATCH = 2_000;
    /** In a rush a batch waits for more: each costs a commit and a sync. */
    private static final Duration RUSH_LINGER = Duration.ofMillis(100);
    /** Between two portions of what was put off. */
    private static final long BREATH_MS = 5;
    /** In a rush, a portion of what was put off is done this often: a second order soon after the first is not kept waiting by it. */
    private static final long LATEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * One message from a box.
     *
     * @param kind an upward one
     * @param tail last level of the topic, of a report
     */
    record Message(DeviceId unit, Topic.Kind kind, Bytes payload, Instant receivedAt, Optional<String> tail) {}

    private final BlockingQueue<Message> queue = new LinkedBlockingQueue<>(CAPACITY);
    private final Map<DeviceId, AtomicInteger> waiting = new ConcurrentHashMap<>();
    private final Map<DeviceId, LongAdder> rejected = new ConcurrentHashMap<>();
    private final LongAdder strange = new LongAdder();
    private final Topics topics;
    private final Clock clock;
    private final DeliverySettings settings;
    private final Intake intake;
    private final Rush rush;
    private final Optional<Bench> bench;

    Inbox(Topics topics, Clock clock, DeliverySettings settings, Intake intake, Rush rush, Optional<Bench> bench) {
        this.topics = topics;
        this.clock = clock;
        this.settings = settings;
        this.intake = intake;
        this.rush = rush;
        this.bench = bench;
    }

    /** Takes a message in. */
    void accept(String topic, byte[] payload) {
        var parsed = topics.parse(topic);
        if (parsed.isEmpty()
                || !parsed.get().kind().isUpward()
                || parsed.get().device().isEmpty()) {
            strange.increment();
            return;
        }
        var unit = parsed.get().device().get();
        if (payload.length > Limits.DEVICE_MESSAGE) {
            reject(unit);
            return;
        }
        if (parsed.get().kind() == Topic.Kind.REP
                && bench.isPresent()
                && bench.get().takes(unit, parsed.get().tail().orElse(""), payload)) {
            return;
        }
        var count = waiting.computeIfAbsent(unit, id -> new AtomicInteger());
        if (count.incrementAndGet() > PER_DEVICE
                || !queue.offer(new Message(
                        unit,
                        parsed.get().kind(),
                        Bytes.of(payload),
                        clock.instant(),
                        parsed.get().tail()))) {
            count.decrementAndGet();
            reject(unit);
        }
    }

    /** Messages that were no business of ours. */
    long strange() {
        return strange.sum();
    }

    /** Works until interrupted. */
    void work() throws InterruptedException {
        var caughtUp = System.nanoTime();
        while (Worker.goesOn()) {
            if (!intake.behind()) {
                caughtUp = System.nanoTime();
            } else if (!rush.on() || System.nanoTime() - caughtUp > LATEST_NANOS) {
                catchUp();
                caughtUp = System.nanoTime();
            }
            var batch = next();
            if (batch.isEmpty()) {
                continue;
            }
            rush.came(batch.size());
            try {
                intake.take(batch, drainRejected());
            } catch (RuntimeException failed) {
                log.error("{} messages could not be stored; boxes send their journals again", batch.size(), failed);
            } finally {
                rush.stored();
            }
            for (var message : batch) {
                var count = waiting.get(message.unit());
                if (count != null) {
                    count.decrementAndGet();
                }
            }
        }
    }

    private void catchUp() throws InterruptedException {
        try {
            intake.catchUp();
        } catch (RuntimeException failed) {
            log.error("What follows from stored journals is not done; trying again", failed);
            Worker.idle(() -> {
                TimeUnit.SECONDS.sleep(1);
                return true;
            });
        }
    }

    /** What has gathered; empty if there is nothing and work was put off. */
    private List<Message> next() throws InterruptedException {
        var batch = new ArrayList<Message>();
        var first = intake.behind()
                ? Worker.idle(() -> queue.poll(rush.on() ? RUSH_LINGER.toMillis() : BREATH_MS, TimeUnit.MILLISECONDS))
                : Worker.idle(queue::take);
        if (first == null) {
            return batch;
        }
        batch.add(first);
        var linger = rush.on() ? RUSH_LINGER : settings.linger();
        var until = System.nanoTime() + linger.toNanos();
        while (batch.size() < BATCH) {
            queue.drainTo(batch, BATCH - batch.size());
            var left = until - System.nanoTime();
            if (left <= 0 || batch.size() >= BATCH) {
                break;
            }
            var another = Worker.idle(() -> queue.poll(left, TimeUnit.NANOSECONDS));
            if (another != null) {
                batch.add(another);
            }
        }
        return batch;
    }

    private void reject(DeviceId unit) {
        rejected.computeIfAbsent(unit, id -> new LongAdder()).increment();
    }

    private Map<DeviceId, Long> drainRejected() {
        var drained = new java.util.HashMap<DeviceId, Long>();
        rejected.forEach((unit, count) -> {
            var sum = count.sumThenReset();
            if (sum > 0) {
                drained.put(unit, sum);
            }
        });
        return drained;
    }
}
