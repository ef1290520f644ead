package vn.loalang.conformance;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the controller and the broker: writes down what passes, and spoils it on demand. It cuts, falls silent
 * with both sockets open, delays, throttles; of QoS 0 messages to the controller it loses, doubles and reorders some.
 */
final class FaultProxy implements AutoCloseable {
    private static final int CONNECT_MS = 5_000;

    private final ServerSocket listener;
    private final InetSocketAddress broker;
    private final Optional<KitTls> tls;
    private final Consumer<String> enrol;
    private final List<Seen> log = new CopyOnWriteArrayList<>();
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private volatile Faults faults = Faults.NONE;
    private volatile boolean closed;
    private final Line upward = new Line();
    private final Line downward = new Line();
    private final AtomicInteger attempts = new AtomicInteger();
    private volatile @Nullable Predicate<Seen> cutAt;
    private final long seed;
    private volatile Random random;

    /**
     * What to spoil.
     *
     * @param halfOpen nothing passes any more, and nobody is told
     * @param refuse new connections are closed at once
     * @param delayMs added to each packet each way
     * @param bytesPerSecond each way, of all that goes through this link, sound files by HTTP included; 0 is unlimited
     * @param loss share of QoS 0 messages to the controller that vanish, 0–1
     * @param twice share of them that come twice
     * @param late share of them that change places with the next
     */
    record Faults(
            boolean halfOpen, boolean refuse, int delayMs, int bytesPerSecond, double loss, double twice, double late) {
        static final Faults NONE = new Faults(false, false, 0, 0, 0, 0, 0);

        static Faults refusing() {
            return new Faults(false, true, 0, 0, 0, 0, 0);
        }

        static Faults silence() {
            return new Faults(true, false, 0, 0, 0, 0, 0);
        }

        static Faults slow(int bytesPerSecond) {
            return new Faults(false, false, 0, bytesPerSecond, 0, 0, 0);
        }

        static Faults delay(int ms) {
            return new Faults(false, false, ms, 0, 0, 0, 0);
        }

        static Faults unreliable(double loss, double twice, double late) {
            return new Faults(false, false, 0, 0, loss, twice, late);
        }
    }

    /**
     * A packet that came by.
     *
     * @param up whether it is from the controller
     * @param atNanos when the proxy had the whole of it, by the monotonic clock
     */
    record Seen(int connection, boolean up, Mqtt.Packet packet, long atNanos) {
        boolean publishes(String suffix) {
            return packet.topic().filter(topic -> topic.endsWith(suffix)).isPresent();
        }
    }

    /**
     * @param tls spoken at both ends, or empty
     * @param seed of what is lost, doubled and late, from the moment when that is asked for
     * @param enrol told the client id of every CONNECT before the broker sees it
     */
    FaultProxy(InetSocketAddress broker, Optional<KitTls> tls, long seed, Consumer<String> enrol) throws IOException {
        this.seed = seed;
        this.random = new Random(seed);
        this.broker = broker;
        this.tls = tls;
        this.enrol = enrol;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start("proxy", this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** How often the controller has opened a connection, whatever became of it. */
    int attempts() {
        return attempts.get();
    }

    /** Waits until the link has carried so many bytes down to the controller that come some other way. */
    void carryDown(int bytes) throws InterruptedException {
        downward.carry(bytes, faults.bytesPerSecond());
    }

    /** Everything that passed so far: what is lost is not in it, and what comes twice is in it twice. */
    List<Seen> log() {
        return List.copyOf(log);
    }

    /** The CONNECTs of the controller so far. */
    List<Mqtt.Connect> connects() {
        return log.stream()
                .filter(Seen::up)
                .flatMap(seen -> seen.packet().connect().stream())
                .toList();
    }

    void faults(Faults now) {
        // Alike in a run of one test alone and of many, whatever has passed before.
        random = new Random(seed);
        faults = now;
    }

    /** Cuts all connections. */
    void cut() {
        links.forEach(Link::cut);
    }

    /** Cuts the connection instead of passing on the first packet of which this is true; once. */
    void cutAt(Predicate<Seen> when) {
        cutAt = when;
    }

    boolean isCutPending() {
        return cutAt != null;
    }

    @Override
    public void close() {
        closed = true;
        quietly(listener);
        cut();
    }

    private void accept() {
        for (int number = 1; !closed; number++) {
            try {
                var device = listener.accept();
                attempts.incrementAndGet();
                if (faults.refuse()) {
                    device.close();
                    continue;
                }
                device.setTcpNoDelay(true);
                var server = new Socket();
                server.setTcpNoDelay(true);
                try {
                    server.connect(broker, CONNECT_MS);
                } catch (IOException e) {
                    quietly(server);
                    quietly(device);
                    continue;
                }
                var link = new Link(number, device, server);
                links.add(link);
                start("proxy-up", () -> link.pump(true));
                start("proxy-down", () -> link.pump(false));
            } catch (IOException e) {
                if (!closed) throw new java.io.UncheckedIOException(e);
            }
        }
    }

    private static void start(String name, Runnable work) {
        var thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void quietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception alreadyGone) {
            // A socket that cannot be closed any more is as good as closed.
            Thread.onSpinWait();
        }
    }

    /** One direction of a link that is slow for all together: who comes first goes first, in pieces of a packet's size. */
    private static final class Line {
        private static final int PIECE = 512;
        private long freeNanos;

        void carry(int bytes, int bytesPerSecond) throws InterruptedException {
            for (int left = bytes; left > 0 && bytesPerSecond > 0; left -= PIECE) {
                long wait;
                synchronized (this) {
                    long now = System.nanoTime();
                    freeNanos = Math.max(now, freeNanos) + Math.min(left, PIECE) * 1_000_000_000L / bytesPerSecond;
                    wait = freeNanos - now;
                }
                TimeUnit.NANOSECONDS.sleep(wait);
            }
        }
    }

    /** A packet on its way, and when it may arrive. */
    private record Late(Mqtt.Packet packet, long dueNanos) {}

    private final class Link {
        private final int number;
        private final Socket device;
        private final Socket server;
        /** The same, as what passes is read and written. */
        private final Socket deviceEnd;

        private final Socket serverEnd;

        Link(int number, Socket device, Socket server) throws IOException {
            this.number = number;
            this.device = device;
            this.server = server;
            this.deviceEnd = tls.isPresent() ? tls.get().fromController(device) : device;
            this.serverEnd = tls.isPresent() ? tls.get().toBroker(server, broker) : server;
        }

        void cut() {
            quietly(device);
            quietly(server);
            links.remove(this);
        }

        void pump(boolean up) {
            try {
                var in = new BufferedInputStream((up ? deviceEnd : serverEnd).getInputStream());
                var out = (up ? serverEnd : deviceEnd).getOutputStream();
                var held = Optional.<Seen>empty();
                var late = new LinkedBlockingQueue<Late>();
                boolean delayed = false;
                while (true) {
                    var packet = Mqtt.read(in);
                    var seen = new Seen(number, up, packet, System.nanoTime());
                    if (up) packet.connect().ifPresent(connect -> enrol.accept(connect.clientId()));
                    var trap = cutAt;
                    if (trap != null && trap.test(seen)) {
                        cutAt = null;
                        cut();
                        return;
                    }
                    var how = faults;
                    if (how.halfOpen()) continue;
                    var due = new ArrayList<Seen>();
                    if (!up && packet.type() == Mqtt.PUBLISH && packet.qos() == 0) {
                        if (random.nextDouble() < how.loss()) continue;
                        if (held.isEmpty() && random.nextDouble() < how.late()) {
                            held = Optional.of(seen);
                            continue;
                        }
                        due.add(seen);
                        if (random.nextDouble() < how.twice()) due.add(seen);
                        held.ifPresent(due::add);
                        held = Optional.empty();
                    } else {
                        due.add(seen);
                    }
                    log.addAll(due);
                    // Once delayed, all that follows goes the same way, so that nothing overtakes.
                    if (how.delayMs() > 0 && !delayed) {
                        delayed = true;
                        start("proxy-late", () -> deliver(late, out));
                    }
                    for (var one : due) {
                        if (delayed) late.add(new Late(one.packet(), System.nanoTime() + how.delayMs() * 1_000_000L));
                        else write(out, one.packet().raw(), up ? upward : downward, how.bytesPerSecond());
                    }
                }
            } catch (IOException e) {
                // An end on one side ends the other, unless the world shall not notice.
                if (!faults.halfOpen()) cut();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                cut();
            }
        }

        private void deliver(LinkedBlockingQueue<Late> late, OutputStream out) {
            try {
                while (links.contains(this)) {
                    var next = late.poll(100, TimeUnit.MILLISECONDS);
                    if (next == null) continue;
                    TimeUnit.NANOSECONDS.sleep(Math.max(0, next.dueNanos() - System.nanoTime()));
                    out.write(next.packet().raw());
                    out.flush();
                }
            } catch (IOException e) {
                cut();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                cut();
            }
        }

        private static void write(OutputStream out, byte[] bytes, Line line, int bytesPerSecond)
                throws IOException, InterruptedException {
            line.carry(bytes.length, bytesPerSecond);
            out.write(bytes);
            out.flush();
        }
    }
}
