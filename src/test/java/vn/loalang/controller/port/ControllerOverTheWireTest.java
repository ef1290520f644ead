package vn.loalang.controller.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.controller.Deployment;
import vn.loalang.controller.core.Profile;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.Presence;
import vn.loalang.protocol.Topics;

/** A controller on a real broker and a real audio server; where no mosquitto is installed it is skipped. */
class ControllerOverTheWireTest {
    @TempDir
    Path directory;

    private final Clock clock = Clock.systemUTC();
    private final List<AutoCloseable> closing = new ArrayList<>();
    private final List<JournalEntry> events = Collections.synchronizedList(new ArrayList<>());
    private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
    private final List<Presence> presences = Collections.synchronizedList(new ArrayList<>());
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private int port;
    private Topics topics;
    private MqttAsyncClient server;
    private Deployment deployment;

    @BeforeEach
    void broker() throws Exception {
        var mosquitto = List.of("/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto").stream()
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(mosquitto.isPresent(), "mosquitto is not installed");
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var config = Files.writeString(
                directory.resolve("mosquitto.conf"), "listener " + port + " 127.0.0.1\nallow_anonymous true\n");
        var process = new ProcessBuilder(mosquitto.get().toString(), "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("mosquitto.log").toFile())
                .start();
        closing.add(process::destroyForcibly);
        await(10_000, "the broker", () -> {
            try (var probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return probe.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
        deployment = new Deployment(UnitKey.in(directory).id(), clock.millis() - 86_400_000);
        topics = new Topics(deployment.claim().sys());
    }

    @AfterEach
    void close() throws Exception {
        for (int i = closing.size() - 1; i >= 0; i--) closing.get(i).close();
    }

    @Test
    void itIsWelcomedFetchesItsAudioPlaysOnTimeAndReportsUntilEverythingIsAcknowledged() throws Exception {
        var audio = Deployment.audio(50, 4);
        var base = audioServer(audio);
        var asset = Deployment.asset(audio);
        var at = clock.millis() + 8_000;
        startServer();
        publish(topics.keys(), deployment.keys());
        publish(topics.site(deployment.id()), deployment.site(clock.millis()));
        publish(topics.cfg(deployment.id()), deployment.cfg(clock.millis(), base));
        publish(
                topics.plan(deployment.id()),
                deployment.plan(clock.millis(), List.of(asset), Deployment.item("a", at, 3, 30, 300, 0)));

        startController();
        await(30_000, "the end of the item", () -> count(Event.Completed.class) == 1);

        assertThat(count(Event.AssetReady.class)).isEqualTo(1);
        assertThat(ranges).containsExactly("bytes=0-262143", "bytes=262144-" + (audio.length - 1));
        var completed = events.stream()
                .map(JournalEntry::event)
                .filter(e -> e instanceof Event.Completed)
                .map(e -> (Event.Completed) e)
                .findFirst()
                .orElseThrow();
        assertThat(completed.ms()).isBetween(2_700L, 3_000L);
        var started = events.stream()
                .filter(e -> e.event() instanceof Event.Started)
                .findFirst()
                .orElseThrow();
        assertThat(started.t() - at).isBetween(0L, 250L);
        assertThat(started.q()).isEqualTo(vn.loalang.protocol.Quality.T);
        assertThat(presences).isNotEmpty().first().matches(Presence::on);
        assertThat(events.stream().map(JournalEntry::n).distinct().count()).isEqualTo(events.size());
    }

    private void startController() throws IOException {
        var claim = deployment.claim("127.0.0.1", port);
        var runner = new ControllerRunner(
                new ControllerRunner.Settings(
                        directory,
                        Profile.of(deployment.id(), claim)
                                .with(Hello.Proof.NONE, Hello.Why.POWER, false, new Profile.Pace(0, 200)),
                        "tcp://127.0.0.1:" + port,
                        null,
                        (ClaimFile.Credential.Password) claim.cred(),
                        WavDevice.in(directory.resolve("wav"), clock),
                        null,
                        0,
                        600_000,
                        directory.resolve("firmware"),
                        null,
                        LocalInputs.none(),
                        null,
                        clock),
                lines::add);
        var thread = new Thread(runner::run, "controller");
        thread.start();
        closing.add(() -> {
            runner.stop();
            thread.join(10_000);
        });
    }

    /** Answers hellos and journal batches as the scheduler does. */
    private void startServer() throws MqttException {
        var work = new LinkedBlockingQueue<Runnable>();
        var worker = new Thread(() -> {
            try {
                while (true) work.take().run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        worker.setDaemon(true);
        worker.start();
        closing.add(worker::interrupt);
        server = new MqttAsyncClient("tcp://127.0.0.1:" + port, "server", new MemoryPersistence());
        var options = new MqttConnectOptions();
        options.setMaxInflight(100);
        server.connect(options).waitForCompletion(10_000);
        closing.add(() -> server.disconnectForcibly(0, 100));
        server.subscribe(topics.root() + "u/+/+", 1, (topic, message) -> {
                    var payload = message.getPayload();
                    work.add(() -> serve(topic, payload));
                })
                .waitForCompletion(10_000);
    }

    private void serve(String topic, byte[] payload) {
        try {
            if (topic.equals(topics.hello(deployment.id()))) {
                reply(deployment.welcome(Hello.decode(payload), clock.millis(), 0));
            } else if (topic.equals(topics.ev(deployment.id()))) {
                var batch = Events.decode(payload);
                for (var entry : batch.entries()) {
                    if (events.stream().noneMatch(e -> e.n() == entry.n())) events.add(entry);
                }
                var upto = events.stream().mapToLong(JournalEntry::n).max().orElse(0);
                reply(deployment.jack(batch.jid(), upto, clock.millis()));
            } else if (topic.equals(topics.st(deployment.id()))) {
                presences.add(Presence.decode(payload));
            }
        } catch (MqttException e) {
            lines.add("server: " + e);
        }
    }

    private void reply(Bytes message) throws MqttException {
        server.publish(topics.rsp(deployment.id()), message.toArray(), 1, false);
    }

    private void publish(String topic, Bytes message) throws MqttException {
        var retained = new MqttMessage(message.toArray());
        retained.setQos(1);
        retained.setRetained(true);
        server.publish(topic, retained).waitForCompletion(10_000);
    }

    private String audioServer(byte[] audio) throws IOException {
        var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var expected = "Basic "
                + Base64.getEncoder()
                        .encodeToString((deployment.id() + ":a secret of the test").getBytes(StandardCharsets.UTF_8));
        http.createContext("/gb1/a/", exchange -> {
            try (exchange) {
                var range = exchange.getRequestHeaders().getFirst("Range");
                if (!expected.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                    exchange.sendResponseHeaders(401, -1);
                    return;
                }
                ranges.add(range);
                var ends = range.substring("bytes=".length()).split("-");
                int from = Integer.parseInt(ends[0]);
                int to = Math.min(audio.length - 1, Integer.parseInt(ends[1]));
                exchange.getResponseHeaders().add("Content-Range", "bytes " + from + "-" + to + "/" + audio.length);
                exchange.sendResponseHeaders(206, to - from + 1);
                exchange.getResponseBody().write(Arrays.copyOfRange(audio, from, to + 1));
            }
        });
        http.start();
        closing.add(() -> http.stop(0));
        return "http://127.0.0.1:" + http.getAddress().getPort() + "/gb1/a/";
    }

    private long count(Class<? extends Event> kind) {
        synchronized (events) {
            return events.stream().filter(e -> kind.isInstance(e.event())).count();
        }
    }

    private void await(long ms, String what, BooleanSupplier condition) {
        var deadline = clock.millis() + ms;
        while (!condition.getAsBoolean()) {
            if (clock.millis() > deadline) {
                throw new AssertionError(
                        "Waited in vain for " + what + ":\n" + String.join("\n", lines) + "\n" + events);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
    }
}
