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
 * lasts, nothing beyond. It may be restarted, with or without its memory, and drops and doubles messages now and then.
 */
final class Broker {
    private final World world;
    private final RandomGenerator random;
    private final TreeMap<String, Bytes> retained = new TreeMap<>();
    private final Map<Pole, Session> sessions = new LinkedHashMap<>();
    private final List<BiConsumer<String, Bytes>> listeners = new ArrayList<>();
    private @Nullable Server server;
    private boolean up = true;
    private long upSince;
    /** Share of messages down that the broker drops or doubles, in 1,000. */
    private int trouble;

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
            var luck = random.nextInt(1000);
            if (luck < trouble) {
                pole.messageLost();
                world.tell("broker", () -> "drops " + topic + " for " + pole);
                return;
            }
            var copies = luck < 2 * trouble ? 2 : 1;
            for (int i = 0; i < copies; i++) {
                // Order is kept within a topic and nowhere else.
                var at = Math.max(world.now() + pole.latency(), lastDelivery.getOrDefault(topic, 0L) + 1);
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

    void trouble(int perMille) {
        trouble = perMille;
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

    private static String parent(String topic) {
        var slash = topic.lastIndexOf('/');
        return slash < 0 ? "" : topic.substring(0, slash);
    }
}
