package vn.loalang.delivery;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes a worker; many rings before it looks are one. */
final class Bell {
    private final Semaphore rung = new Semaphore(0);

    void ring() {
        if (rung.availablePermits() == 0) {
            rung.release();
        }
    }

    /** Waits for a ring, at most this long. */
    void await(Duration longest) throws InterruptedException {
        if (Worker.idle(() -> rung.tryAcquire(longest.toMillis(), TimeUnit.MILLISECONDS))) {
            rung.drainPermits();
        }
    }
}
