package vn.loalang.delivery;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Whether many boxes speak at this moment, as after a restart of the broker or when an emergency begins to sound. What can wait
 * gives way then, but never for long: plans travel all the same.
 */
@Component
class Rush {
    private static final int MANY = 200;
    private static final long STEP_MS = 50;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** It is one when more than a few come within this time. */
    private static final long SPAN_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    /**
     * It is over when for so long no more than a few came: a few boxes always have more to say, and wait for the answers that were
     * held back.
     */
    private static final long CALM_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    /** It begins at the latest so long after what brings it about was sent out. */
    private static final long COMING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LongSupplier nanos;
    private volatile long until;
    /** A batch of many is being stored, which may take longer than the calm after a rush. */
    private volatile boolean storing;

    private long since;
    private int came;

    @Autowired
    Rush() {
        this(System::nanoTime);
    }

    /** @param nanos as {@link System#nanoTime} */
    Rush(LongSupplier nanos) {
        this.nanos = nanos;
        since = nanos.getAsLong();
        until = since;
    }

    /** So many messages have come since the last call and are about to be stored; always called by the same thread. */
    void came(int messages) {
        var now = nanos.getAsLong();
        if (now - since > SPAN_NANOS) {
            since = now;
            came = 0;
        }
        came += messages;
        storing = came > MANY;
    }

    /** What came is stored; always called by the same thread. */
    void stored() {
        if (storing) {
            until = nanos.getAsLong() + CALM_NANOS;
            storing = false;
        }
    }

    /** Something was sent out that thousands will answer at once. */
    void expect() {
        until = nanos.getAsLong() + COMING_NANOS;
    }

    /** Whether there is one. */
    boolean on() {
        return storing || nanos.getAsLong() - until < 0;
    }

    /** Gives way while there is a rush, at most 20 s. */
    void giveWay() {
        try {
            giveWay(PATIENCE);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives way while there is a rush, at most for so long. */
    void giveWay(Duration longest) throws InterruptedException {
        for (var left = longest.toMillis(); on() && left > 0; left -= STEP_MS) {
            Worker.idle(() -> {
                TimeUnit.MILLISECONDS.sleep(STEP_MS);
                return true;
            });
        }
    }
}
