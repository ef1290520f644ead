package vn.loalang.delivery;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Polls a condition of a real process, with a deadline instead of a guess. */
final class Eventually {
    private Eventually() {}

    static void eventually(Duration within, Callable<Boolean> condition) throws Exception {
        var deadline = System.nanoTime() + within.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + within);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }
}
