package vn.loalang.delivery;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import org.eclipse.paho.client.mqttv3.IMqttActionListener;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of ours to the broker, kept up by a thread of its own. Paho's own reconnecting is not used: it forgets
 * subscriptions and deadlocks; every connection is a fresh client. Callbacks only hand over, they never call Paho.
 */
final class Link implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Link.class);
    /** Publishes under way on a connection that is in no hurry. */
    static final int WINDOW = 500;

    private static final long CONNECT_SECONDS = 10;
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5_000;

    /**
     * Where and as whom to connect.
     *
     * @param uri {@code tcp://} or {@code ssl://}
     * @param trust makes TLS sockets; null for the platform's own trust
     */
    record Target(
            String uri,
            String clientId,
            String user,
            Secret secret,
            @Nullable SocketFactory trust) {}

    /** The broker has not taken a message; it stays where it came from. */
    static final class NotPublished extends Exception {
        NotPublished(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private final String name;
    private final CompletableFuture<Target> target;
    private final int most;
    private final List<String> filters;
    private final Doorkeeper.Inward inward;
    private final Runnable whenConnected;
    private final Thread keeper;
    private final Semaphore wake = new Semaphore(0);
    private volatile @Nullable Session session;
    private volatile boolean closed;

    /**
     * @param target completes when there is a broker to connect to
     * @param most publishes under way at a time
     * @param filters subscribed at QoS 1 after every connect
     * @param inward takes what arrives; must not block
     * @param whenConnected called on this link's thread after every connect and subscribe
     */
    Link(
            String name,
            CompletableFuture<Target> target,
            int most,
            List<String> filters,
            Doorkeeper.Inward inward,
            Runnable whenConnected) {
        this.name = name;
        this.target = target;
        this.most = most;
        this.filters = List.copyOf(filters);
        this.inward = inward;
        this.whenConnected = whenConnected;
        this.keeper = new Thread(this::keep, "mqtt-" + name);
        keeper.setDaemon(true);
    }

    void start() {
        keeper.start();
    }

    /** Whether there is a connection at the moment. */
    boolean connected() {
        var current = session;
        return current != null && current.client.isConnected();
    }

    /**
     * Hands a message to the broker at QoS 1; waits only while as many as it may are under way.
     *
     * @return completes when the broker has it, exceptionally when it may not have it
     */
    CompletableFuture<Void> publish(String topic, byte[] payload, boolean retained) {
        return publish(topic, payload, 1, retained);
    }

    /** The same at another quality of service, 0 or 1; at 0 it completes when the message is written. */
    CompletableFuture<Void> publish(String topic, byte[] payload, int qos, boolean retained) {
        var current = session;
        if (current == null) {
            return CompletableFuture.failedFuture(new NotPublished("no connection to the broker", null));
        }
        return current.publish(topic, payload, qos, retained);
    }

    @Override
    public void close() {
        closed = true;
        wake.release();
        keeper.interrupt();
        var current = session;
        if (current != null) {
            current.end();
        }
    }

    private void keep() {
        try {
            var where = target.get();
            var pause = FIRST_PAUSE_MS;
            while (!closed) {
                if (connected()) {
                    // Woken by the callback when the connection is lost, otherwise looked after now and then.
                    if (wake.tryAcquire(5, TimeUnit.SECONDS)) {
                        wake.drainPermits();
                    }
                    continue;
                }
                var old = session;
                if (old != null) {
                    session = null;
                    old.end();
                }
                try {
                    connect(where);
                    pause = FIRST_PAUSE_MS;
                } catch (MqttException refused) {
                    log.warn("No broker for {} ({}); trying again in {} ms", name, refused.getMessage(), pause);
                    wake.tryAcquire(pause, TimeUnit.MILLISECONDS);
                    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException never) {
            log.error(
                    "No broker will ever start; nothing reaches the controllers until the server is restarted", never);
        }
    }

    private void connect(Target where) throws MqttException, InterruptedException {
        var fresh = new Session(where);
        fresh.connect();
        session = fresh;
        if (closed) {
            fresh.end();
            return;
        }
        log.info("Connected to the broker as {}", where.clientId());
        try {
            whenConnected.run();
        } catch (RuntimeException failed) {
            log.error("What follows a connection of {} failed; the connection is made anew", name, failed);
            fresh.end();
        }
    }

    /** One publish under way; each is itself. */
    private static final class Pending {
        private final CompletableFuture<Void> done = new CompletableFuture<>();
    }

    private final class Session implements MqttCallback {
        private final MqttAsyncClient client;
        private final Target where;
        private final Semaphore window = new Semaphore(most);
        private final Set<Pending> pending = ConcurrentHashMap.newKeySet();
        private volatile boolean over;

        Session(Target where) throws MqttException {
            this.where = where;
            this.client = new MqttAsyncClient(where.uri(), where.clientId(), new MemoryPersistence());
            client.setCallback(this);
        }

        void connect() throws MqttException {
            var options = new MqttConnectOptions();
            options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
            options.setCleanSession(true);
            options.setAutomaticReconnect(false);
            options.setKeepAliveInterval(30);
            options.setMaxInflight(most + 10);
            options.setConnectionTimeout((int) CONNECT_SECONDS);
            options.setUserName(where.user());
            options.setPassword(where.secret().text().toCharArray());
            if (where.trust() != null) {
                options.setSocketFactory(where.trust());
            }
            client.connect(options).waitForCompletion(TimeUnit.SECONDS.toMillis(CONNECT_SECONDS));
            for (var filter : filters) {
                var token = client.subscribe(filter, 1);
                token.waitForCompletion(TimeUnit.SECONDS.toMillis(CONNECT_SECONDS));
                // Paho does not throw when the broker says no.
                if (token.getGrantedQos()[0] > 2) {
                    end();
                    throw new MqttException(MqttException.REASON_CODE_NOT_AUTHORIZED);
                }
            }
        }

        CompletableFuture<Void> publish(String topic, byte[] payload, int qos, boolean retained) {
            var mine = new Pending();
            try {
                if (!window.tryAcquire(CONNECT_SECONDS, TimeUnit.SECONDS)) {
                    throw new NotPublished("the broker took none of " + most + " messages for 10 s", null);
                }
                pending.add(mine);
                if (over) {
                    throw new NotPublished("the connection was lost", null);
                }
                client.publish(topic, payload, qos, retained, null, new IMqttActionListener() {
                    @Override
                    public void onSuccess(IMqttToken token) {
                        settle(mine, null);
                    }

                    @Override
                    public void onFailure(IMqttToken token, @Nullable Throwable why) {
                        settle(mine, new NotPublished("the broker did not take " + topic, why));
                    }
                });
            } catch (MqttException refused) {
                settle(mine, new NotPublished("the broker did not take " + topic, refused));
            } catch (NotPublished lost) {
                settle(mine, lost);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                settle(mine, new NotPublished("stopped", stopped));
            }
            return mine.done;
        }

        private void settle(Pending each, @Nullable NotPublished failure) {
            if (pending.remove(each)) {
                window.release();
            }
            if (failure == null) {
                each.done.complete(null);
            } else {
                each.done.completeExceptionally(failure);
            }
        }

        void end() {
            over = true;
            pending.forEach(each -> settle(each, new NotPublished("the connection was lost", null)));
            try {
                if (client.isConnected()) {
                    client.disconnectForcibly(0, 200);
                }
                client.close(true);
            } catch (MqttException already) {
                log.debug("Connection of {} was closed already", name, already);
            }
        }

        @Override
        public void connectionLost(@Nullable Throwable cause) {
            if (!closed) {
                log.warn("Connection {} to the broker lost ({}); connecting again", name, String.valueOf(cause));
            }
            over = true;
            pending.forEach(each -> settle(each, new NotPublished("the connection was lost", cause)));
            wake.release();
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            inward.accept(topic, message.getPayload());
        }

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {
            // The listener of the publish has heard it.
        }
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
