package vn.loalang.simulator;

import java.util.Arrays;
import vn.loalang.protocol.Json;

/** Measured times of one kind; callable from many threads. */
final class Samples {
    private static final double NANOS_PER_MS = 1e6;

    private long[] nanos = new long[1024];
    private int count;

    synchronized void add(long sampleNanos) {
        if (count == nanos.length) nanos = Arrays.copyOf(nanos, 2 * count);
        nanos[count++] = sampleNanos;
    }

    synchronized int count() {
        return count;
    }

    /** Number and percentiles in ms, rounded up, so that nothing is told better than it was. */
    synchronized Json.Obj json() {
        var sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        var json = Json.object().put("n", count);
        if (count > 0) {
            json.put("p50", at(sorted, 50))
                    .put("p90", at(sorted, 90))
                    .put("p99", at(sorted, 99))
                    .put("max", at(sorted, 100));
        }
        return json.build();
    }

    /** By nearest rank. */
    private static long at(long[] sorted, int percent) {
        var rank = (int) Math.ceil(sorted.length * percent / 100.0);
        return (long) Math.ceil(sorted[Math.max(0, rank - 1)] / NANOS_PER_MS);
    }
}
