package vn.loalang.delivery;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Whether many boxes wait for an answer at this moment, as after a restart of the broker. What can wait gives way then, but never
 * for long: plans travel all the same.
 */
@Component
class Rush {
    private static final int MANY = 200;
    private static final long STEP_MS = 50;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private volatile int waiting;

    /** How many messages wait now. */
    void waiting(int messages) {
        waiting = messages;
    }

    /** Gives way while there is a rush, at most 20 s. */
    void giveWay() {
        try {
            for (var left = PATIENCE.toMillis(); waiting > MANY && left > 0; left -= STEP_MS) {
                TimeUnit.MILLISECONDS.sleep(STEP_MS);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
