package vn.loalang.system;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Polls a condition that another thread or process brings about, with a deadline instead of a guess. */
public final class Await {
    private static final long PAUSE_NANOS = Duration.ofMillis(50).toNanos();
    /** In this process, where looking costs little and moments are measured. */
    private static final long SHORT_PAUSE_NANOS = Duration.ofMillis(5).toNanos();

    private Await() {}

    /** For what happens in this process; what it is can be read at the place that waits. */
    public static void until(Duration atMost, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.call()) {
            pause(SHORT_PAUSE_NANOS, deadline, atMost, "what was waited for");
        }
    }

    /** {@code what} is the sentence for its failure. */
    public static void until(String what, Duration atMost, BooleanSupplier condition) {
        value(what, atMost, () -> condition.getAsBoolean() ? Boolean.TRUE : null);
    }

    public static <T> T value(String what, Duration atMost, Supplier<@Nullable T> probe) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (true) {
            T value = probe.get();
            if (value != null) {
                return value;
            }
            pause(PAUSE_NANOS, deadline, atMost, what);
        }
    }

    private static void pause(long nanos, long deadline, Duration atMost, String what) {
        if (System.nanoTime() > deadline) {
            throw new AssertionError("Not within " + atMost.toSeconds() + " s: " + what);
        }
        LockSupport.parkNanos(nanos);
    }
}
