package vn.loalang.simulator;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import vn.loalang.protocol.Json;

/** What a run has seen so far, gathered from all threads. */
final class Tally {
    /** From opening the connection to its acknowledgement. */
    final Samples connect = new Samples();
    /** From a hello to the welcome that answers it. */
    final Samples welcome = new Samples();
    /** From the issue of a document during the session to its acceptance. */
    final Samples applied = new Samples();
    /** From the planned moment to the start, by the controller's own clock; an early start counts as much as a late one. */
    final Samples started = new Samples();
    /** From a journal batch to the acknowledgement that it is on the server's disk. */
    final Samples jack = new Samples();

    final AtomicInteger connected = new AtomicInteger();
    final AtomicInteger welcomed = new AtomicInteger();
    /** Those that know their pole: only they hear what goes to its areas. */
    final AtomicInteger sited = new AtomicInteger();

    final LongAdder connectsFailed = new LongAdder();
    final LongAdder linksLost = new LongAdder();
    final LongAdder received = new LongAdder();
    final LongAdder receivedBytes = new LongAdder();
    final LongAdder sent = new LongAdder();
    final LongAdder sentBytes = new LongAdder();
    final LongAdder lost = new LongAdder();
    final LongAdder refusedSubscriptions = new LongAdder();
    final LongAdder powerCuts = new LongAdder();
    /** Journal batches on their way. */
    final AtomicInteger unacknowledged = new AtomicInteger();
    /** When anything that counts happened last, {@link System#nanoTime}. */
    final AtomicLong lastNews = new AtomicLong();

    private final Map<String, Play> plays = new ConcurrentHashMap<>();

    /** One broadcast as the fleet plays it; the moments are of the latest controller, {@link System#nanoTime}. */
    static final class Play {
        final AtomicInteger started = new AtomicInteger();
        final AtomicInteger committed = new AtomicInteger();
        final AtomicInteger ended = new AtomicInteger();
        final AtomicLong lastStarted = new AtomicLong(Long.MIN_VALUE);
        final AtomicLong lastCommitted = new AtomicLong(Long.MIN_VALUE);

        static void note(AtomicInteger count, AtomicLong last, long nanos) {
            last.accumulateAndGet(nanos, Math::max);
            count.incrementAndGet();
        }
    }

    Play play(String name) {
        return plays.computeIfAbsent(name, same -> new Play());
    }

    /** Whether all that began to sound has ended. */
    boolean silent() {
        return plays.values().stream().allMatch(play -> play.ended.get() >= play.started.get());
    }

    /** Counts by broadcast, for the last line. */
    Json.Obj plays() {
        var json = Json.object();
        new TreeMap<>(plays)
                .forEach((name, play) -> json.put(
                        name,
                        Json.object()
                                .put("started", play.started.get())
                                .put("committed", play.committed.get())
                                .put("ended", play.ended.get())
                                .build()));
        return json.build();
    }
}
