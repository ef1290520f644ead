package vn.loalang.simulator.storm;

import java.io.PrintStream;
import java.time.Instant;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Virtual time: what is due happens in the order of its moment, and of its making where moments are equal. */
final class World {
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private record Due(long at, long order, Runnable action) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            return at == other.at ? Long.compare(order, other.order) : Long.compare(at, other.at);
        }
    }

    private final PriorityQueue<Due> due = new PriorityQueue<>();
    private final long seed;
    private final @Nullable PrintStream trace;
    private long now;
    private long order;
    private long digest;
    private long happened;

    /**
     * @param seed everything that is drawn comes from it
     * @param start Unix ms
     * @param trace told what happens, or null
     */
    World(long seed, long start, @Nullable PrintStream trace) {
        this.seed = seed;
        this.now = start;
        this.trace = trace;
        this.digest = seed;
    }

    /** True time, Unix ms. */
    long now() {
        return now;
    }

    Instant instant() {
        return Instant.ofEpochMilli(now);
    }

    /** Chance of its own for each part, so that a change in one does not shuffle the others. */
    RandomGenerator random(String part) {
        return new SplittableRandom(seed * PRIME + part.hashCode());
    }

    void at(long moment, Runnable action) {
        due.add(new Due(Math.max(now, moment), order++, action));
    }

    void in(long ms, Runnable action) {
        at(now + ms, action);
    }

    /** Lets time pass. */
    void runUntil(long end) {
        for (var next = due.peek(); next != null && next.at() <= end; next = due.peek()) {
            due.poll();
            now = next.at();
            happened++;
            next.action().run();
        }
        now = end;
    }

    /** Events so far. */
    long happened() {
        return happened;
    }

    /** Remembers that something happened: equal histories have equal digests. */
    void mark(String who, long what) {
        digest = (digest ^ now ^ who.hashCode() ^ what * PRIME) * PRIME;
        digest ^= digest >>> 29;
    }

    long digest() {
        return digest;
    }

    /** For the reader of a replay. */
    void tell(String who, Supplier<String> what) {
        if (trace != null) trace.println(instant() + " " + who + " " + what.get());
    }
}
