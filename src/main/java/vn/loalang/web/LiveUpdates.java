package vn.loalang.web;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import vn.loalang.area.SqlTime;

/**
 * Tells open pages what changed. A change is a row stored in the transaction that made it; after the commit it goes to every
 * page that watches its topic, at most 50 ms later and once however often the topic changed meanwhile. A page that missed
 * some reads its regions anew when its stream opens again, so nothing depends on delivery.
 */
@Component
public class LiveUpdates implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(LiveUpdates.class);
    private static final Duration GATHER = Duration.ofMillis(50);
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);
    private static final Duration KEPT = Duration.ofDays(1);

    private final JdbcClient jdbc;
    private final Clock clock;
    private final Times times;
    private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();
    private final Map<String, Long> gathered = new LinkedHashMap<>();
    private volatile @Nullable Workers workers;

    LiveUpdates(JdbcClient jdbc, Clock clock, Times times) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.times = times;
    }

    /** Says that whatever pages show about the topic is no longer true once the current transaction commits. */
    public void changed(Topic topic) {
        if (TransactionSynchronizationManager.isSynchronizationActive()
                && TransactionSynchronizationManager.isActualTransactionActive()) {
            for (var other : TransactionSynchronizationManager.getSynchronizations()) {
                if (other instanceof AfterCommit seen && seen.topic.equals(topic)) {
                    return;
                }
            }
            TransactionSynchronizationManager.registerSynchronization(new AfterCommit(topic, store(topic)));
        } else {
            gather(topic, store(topic));
        }
    }

    /** How many pages watch now. */
    public int watchers() {
        return subscribers.size();
    }

    SseEmitter subscribe(Set<String> topics) {
        var emitter = new SseEmitter(0L);
        var subscriber = new Subscriber(emitter, topics);
        emitter.onCompletion(() -> subscribers.remove(subscriber));
        emitter.onTimeout(() -> subscribers.remove(subscriber));
        emitter.onError(e -> subscribers.remove(subscriber));
        subscribers.add(subscriber);
        var at = workers;
        if (at == null) {
            emitter.complete();
        } else {
            var now = stationTime();
            at.senders.execute(() -> subscriber.heartbeat(now));
        }
        return emitter;
    }

    private long store(Topic topic) {
        var key = new GeneratedKeyHolder();
        jdbc.sql("insert into web_change (topic, changed_at) values (:topic, :now)")
                .param("topic", topic.name())
                .param("now", SqlTime.of(clock.instant()))
                .update(key, "id");
        var id = key.getKey();
        return id == null ? 0 : id.longValue();
    }

    private void gather(Topic topic, long id) {
        synchronized (gathered) {
            var at = workers;
            if (at == null) {
                return;
            }
            if (gathered.isEmpty()) {
                var unused = at.timer.schedule(() -> send(at), GATHER.toMillis(), TimeUnit.MILLISECONDS);
            }
            gathered.merge(topic.name(), id, Math::max);
        }
    }

    private void send(Workers at) {
        Map<String, Long> changes;
        synchronized (gathered) {
            changes = Map.copyOf(gathered);
            gathered.clear();
        }
        for (var subscriber : subscribers) {
            if (subscriber.add(changes)) {
                at.senders.execute(subscriber::drain);
            }
        }
    }

    private void beat(Workers at) {
        var now = stationTime();
        for (var subscriber : subscribers) {
            at.senders.execute(() -> subscriber.heartbeat(now));
        }
    }

    /** What a page that loses the server says it lost it at; empty when even the database is away. */
    private String stationTime() {
        try {
            return times.time(clock.instant());
        } catch (DataAccessException e) {
            log.warn("Heartbeats go out without the time until the database answers", e);
            return "";
        }
    }

    private void forgetOld() {
        try {
            jdbc.sql("delete from web_change where changed_at < :old")
                    .param("old", SqlTime.of(clock.instant().minus(KEPT)))
                    .update();
        } catch (DataAccessException e) {
            log.warn("Old changes were not deleted; the next hour tries again", e);
        }
    }

    @Override
    public void start() {
        var timer = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "live-timer"));
        // It ends without an interrupt, which would close the file under the database.
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        var at = new Workers(timer, Executors.newFixedThreadPool(4, task -> daemon(task, "live-sender")));
        var unusedBeat = at.timer.scheduleAtFixedRate(
                () -> beat(at), HEARTBEAT.toSeconds(), HEARTBEAT.toSeconds(), TimeUnit.SECONDS);
        var unusedTidy = at.timer.scheduleWithFixedDelay(this::forgetOld, 1, 60, TimeUnit.MINUTES);
        workers = at;
    }

    /** Ends every stream: an open one would keep the server from stopping for 30 s. */
    @Override
    public void stop() {
        Workers at;
        synchronized (gathered) {
            at = workers;
            workers = null;
            gathered.clear();
        }
        if (at == null) {
            return;
        }
        at.timer.shutdown();
        subscribers.forEach(subscriber -> subscriber.emitter.complete());
        subscribers.clear();
        at.senders.shutdown();
        log.debug("Live streams are closed; pages reconnect when the server is back");
    }

    @Override
    public boolean isRunning() {
        return workers != null;
    }

    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }

    private static Thread daemon(Runnable task, String name) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** The threads of one time between start and stop; a context in tests is stopped and started again. */
    private record Workers(ScheduledExecutorService timer, ExecutorService senders) {}

    private final class AfterCommit implements TransactionSynchronization {
        private final Topic topic;
        private final long id;

        AfterCommit(Topic topic, long id) {
            this.topic = topic;
            this.id = id;
        }

        @Override
        public void afterCommit() {
            gather(topic, id);
        }
    }

    /** One open page. Its stream is written by one thread at a time; a slow one delays nobody else. */
    private final class Subscriber {
        private final SseEmitter emitter;
        private final Set<String> topics;
        private final Map<String, Long> pending = new LinkedHashMap<>();

        Subscriber(SseEmitter emitter, Set<String> topics) {
            this.emitter = emitter;
            this.topics = topics;
        }

        /** Whether somebody has to be sent to drain it. */
        boolean add(Map<String, Long> changes) {
            synchronized (pending) {
                var idle = pending.isEmpty();
                changes.forEach((topic, id) -> {
                    if (topics.contains(topic)) {
                        pending.put(topic, id);
                    }
                });
                return idle && !pending.isEmpty();
            }
        }

        synchronized void drain() {
            Map<String, Long> changes;
            synchronized (pending) {
                changes = new LinkedHashMap<>(pending);
                pending.clear();
            }
            changes.forEach((topic, id) -> send(
                    SseEmitter.event().id(Long.toString(id)).name("changed").data(topic)));
        }

        synchronized void heartbeat(String stationTime) {
            send(SseEmitter.event().name("beat").data(stationTime));
        }

        private void send(SseEmitter.SseEventBuilder event) {
            try {
                emitter.send(event);
            } catch (java.io.IOException | IllegalStateException e) {
                // The page is gone; it opens a new stream and reads everything anew if it comes back.
                subscribers.remove(this);
                log.trace("A watching page is gone", e);
            }
        }
    }
}
