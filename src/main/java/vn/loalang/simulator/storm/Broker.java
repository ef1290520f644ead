package vn.loalang.simulator.storm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.Bytes;

/**
 * An MQTT 3.1.1 broker with clean sessions: retained messages, wills, at least once and in order per topic while a connection
 * lasts, nothing beyond; at most once for blocks and live sound. It may be restarted, with or without its memory, and doubles
 * messages now and then. What a link loses of the rest is repeated: it comes late, or the connection ends.
 */
final class Broker {
    /** Of 1,000 messages over a good link. */
    private static final int DOUBLED = 3;

    private final World world;
    private final RandomGenerator random;
    private final TreeMap<String, Bytes> retained = new TreeMap<>();
    private final Map<Pole, Session> sessions = new LinkedHashMap<>();
    private final List<BiConsumer<String, Bytes>> listeners = new ArrayList<>();
    private @Nullable Server server;
    private boolean up = true;
    private long upSince;

    /** A device's connection as the broker sees it. */
    final class Session {
        private final Pole pole;
        private final String willTopic;
        private final Bytes will;
        private final Set<String> topics = new LinkedHashSet<>();
        private final Map<String, Long> lastDelivery = new HashMap<>();
        private boolean open = true;

        private Session(Pole pole, String willTopic, Bytes will) {
            this.pole = pole;
            this.willTopic = willTopic;
            this.will = will;
        }

        boolean isOpen() {
            return open;
        }

        void subscribe(List<String> wanted) {
            if (!open) return;
            for (var topic : wanted) {
                if (!pole.mayRead(topic)) {
                    pole.refused(this, topic);
                    continue;
                }
                topics.add(topic);
                matching(topic).forEach(this::deliver);
            }
        }

        void unsubscribe(List<String> unwanted) {
            topics.removeAll(unwanted);
        }

        private void deliver(String topic, Bytes payload) {
            var once = isAtMostOnce(topic);
            if (once && pole.loses()) {
                world.tell("broker", () -> "the link loses " + topic + " for " + pole);
                return;
            }
            var copies = !once && random.nextInt(1000) < DOUBLED + pole.loss() / 4 ? 2 : 1;
            for (int i = 0; i < copies; i++) {
                var passage = once ? pole.latency() : pole.passage();
                if (passage < 0) return;
                // Order is kept within a topic and nowhere else.
                var at = Math.max(world.now() + passage, lastDelivery.getOrDefault(topic, 0L) + 1);
                lastDelivery.put(topic, at);
                world.at(at, () -> {
                    if (open) pole.received(this, topic, payload);
                });
            }
        }
    }

    Broker(World world) {
        this.world = world;
        this.random = world.random("broker");
        this.upSince = world.now();
    }

    void serve(Server own) {
        server = own;
    }

    /** Somebody who reads everything that goes down. */
    void overhear(BiConsumer<String, Bytes> listener) {
        listeners.add(listener);
    }

    boolean isUp() {
        return up;
    }

    long upSince() {
        return upSince;
    }

    /** A device connects; an older connection of it is ended. */
    Session connect(Pole pole, String willTopic, Bytes will) {
        close(pole);
        var session = new Session(pole, willTopic, will);
        sessions.put(pole, session);
        return session;
    }

    /** The broker has noticed that a connection is dead. */
    void lost(Session session) {
        if (!session.open) return;
        session.open = false;
        sessions.remove(session.pole, session);
        publishUp(session.willTopic, session.will, true);
    }

    /** Every live connection's device, for who must tell them something. */
    boolean isConnected(Pole pole) {
        return sessions.containsKey(pole);
    }

    void publishUp(String topic, Bytes payload, boolean keep) {
        if (!up) return;
        if (keep) retained.put(topic, payload);
        var to = server;
        if (to != null) to.arrived(topic, payload);
    }

    /** The server or the attacker publishes. */
    void publishDown(String topic, Bytes payload, boolean keep) {
        if (!up) return;
        if (keep) retained.put(topic, payload);
        listeners.forEach(listener -> listener.accept(topic, payload));
        var wildcard = parent(topic) + "/+";
        for (var session : sessions.values()) {
            if (session.topics.contains(topic) || session.topics.contains(wildcard)) session.deliver(topic, payload);
        }
    }

    /** Stops; every connection breaks, wills are not sent. */
    void stop(boolean losesMemory) {
        up = false;
        if (losesMemory) retained.clear();
        for (var session : List.copyOf(sessions.values())) {
            session.open = false;
            session.pole.brokerGone(session);
        }
        sessions.clear();
        var to = server;
        if (to != null) to.brokerGone();
    }

    void start() {
        up = true;
        upSince = world.now();
        var to = server;
        if (to != null) to.brokerThere();
    }

    private void close(Pole pole) {
        var old = sessions.remove(pole);
        if (old != null) old.open = false;
    }

    /** What is retained under a filter, in the order of the topics. */
    private Map<String, Bytes> matching(String filter) {
        var found = new TreeMap<String, Bytes>();
        if (filter.endsWith("/+")) {
            var above = filter.substring(0, filter.length() - 1);
            retained.subMap(above, above + Character.MAX_VALUE).forEach((name, payload) -> {
                if (name.indexOf('/', above.length()) < 0) found.put(name, payload);
            });
        }
        var exactly = retained.get(filter);
        if (exactly != null) found.put(filter, exactly);
        return found;
    }

    /** Blocks and live sound go at QoS 0, everything else down at 1 (§3). */
    private static boolean isAtMostOnce(String topic) {
        return topic.endsWith("/blk") || topic.contains("/live/");
    }

    private static String parent(String topic) {
        var slash = topic.lastIndexOf('/');
        return slash < 0 ? "" : topic.substring(0, slash);
    }
}
