package vn.loalang.emergency;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Releases alerts at their moment. One thread of its own, so that nothing else of the server delays it; the moment itself stands in
 * the database, so that a server that was killed in between finds it again.
 */
@Component
class Countdown implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(Countdown.class);
    private static final long SWEEP_MS = 1000;

    private final Alerts alerts;
    private final Clock clock;
    private volatile @Nullable ScheduledExecutorService timer;

    Countdown(Alerts alerts, Clock clock) {
        this.alerts = alerts;
        this.clock = clock;
    }

    @EventListener
    void counting(Arming.Counting begun) {
        var at = timer;
        if (at != null) {
            schedule(at, begun.alert(), begun.firesAt());
        }
    }

    private void schedule(ScheduledExecutorService at, AlertId alert, Instant firesAt) {
        var wait = Math.max(0, Duration.between(clock.instant(), firesAt).toMillis() + 1);
        var unused = at.schedule(() -> fire(at, alert, firesAt), wait, TimeUnit.MILLISECONDS);
    }

    private void fire(ScheduledExecutorService at, AlertId alert, Instant firesAt) {
        try {
            if (!alerts.fire(alert) && !at.isShutdown()) {
                schedule(at, alert, firesAt);
            }
        } catch (RuntimeException e) {
            // The sweep tries again within a second, until the alert is too late.
            log.error("Alert {} could not be released; trying again", alert, e);
        }
    }

    private void sweep() {
        try {
            alerts.sweep();
            var now = clock.instant();
            for (var alert : alerts.ahead()) {
                if (alert.state() == AlertState.COUNTING
                        && !now.isBefore(Objects.requireNonNull(alert.firesAt()).plusMillis(SWEEP_MS / 2))) {
                    alerts.fire(alert.id());
                }
            }
        } catch (RuntimeException e) {
            log.error("The watch over alerts failed; trying again in a second", e);
        }
    }

    /** Finds countdowns that a server before this one left behind: still ahead, to be made up for, or too late. */
    @Override
    public void start() {
        var at = new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "emergency-countdown"));
        // What is still ahead when the server stops is found again when it starts.
        at.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        timer = at;
        var unused = at.scheduleWithFixedDelay(this::sweep, 0, SWEEP_MS, TimeUnit.MILLISECONDS);
        for (var alert : alerts.ahead()) {
            var fires = alert.firesAt();
            if (fires != null) {
                schedule(at, alert.id(), fires);
            }
        }
    }

    @Override
    public void stop() {
        var at = timer;
        timer = null;
        if (at != null) {
            at.shutdown();
            try {
                if (!at.awaitTermination(5, TimeUnit.SECONDS)) {
                    log.warn("A release was still under way when the server stopped");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return timer != null;
    }

    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
