package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import vn.loalang.broadcast.Status;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Jack;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Plan;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Welcome;
import vn.loalang.system.Await;

/** The same way over somebody else's broker: Mosquitto, which forgets everything when it is killed. */
class ExternalBrokerTest extends DeliveryTestBase {
    private static int port;
    private static Process mosquitto;

    @Autowired
    Emergencies emergencies;

    @BeforeAll
    static void installed() {
        Programs.need("mosquitto");
    }

    @DynamicPropertySource
    static void outside(DynamicPropertyRegistry registry) throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        if (Programs.installed("mosquitto")) {
            startMosquitto();
        }
        registry.add("loalang.broker.url", () -> "tcp://127.0.0.1:" + port);
        registry.add("loalang.broker.username", () -> "server");
        registry.add("loalang.broker.password", () -> "secret");
    }

    @AfterAll
    static void stopMosquitto() throws Exception {
        if (mosquitto != null) {
            mosquitto.destroyForcibly().waitFor();
        }
    }

    @Test
    void documentsAndJournalsGoTheSameWayAndSurviveItsRestart() throws Exception {
        // A hello that nobody is subscribed to is lost; a real box would repeat it after 20 s.
        Await.until(Duration.ofSeconds(30), () -> broker.connected());
        var pole = aPole();
        var box = aBoxOn(pole).connect(port);
        box.await(Welcome.class);
        box.subscribeRest();
        var broadcast = aBroadcast(pole, soon(), Duration.ofMinutes(5), Hash.of(new byte[] {3}));
        box.await(Plan.class, plan -> !plan.items().isEmpty());
        box.send(box.entry(clock.millis(), new Event.Local(Event.LocalAct.USB)));
        assertThat(box.await(Jack.class).ack().upto()).isEqualTo(1);

        mosquitto.destroyForcibly().waitFor();
        Await.until(Duration.ofSeconds(30), () -> !broker.connected());
        startMosquitto();
        Await.until(Duration.ofSeconds(30), () -> broker.connected());
        box.forget();
        box.connect(port);
        box.await(Welcome.class);
        box.subscribeRest();
        var again = box.await(Plan.class);
        assertThat(again.items()).extracting(Plan.Item::oid).containsExactly(broadcast.oid());
        box.send(box.entry(clock.millis(), new Event.Local(Event.LocalAct.USB)));
        assertThat(box.await(Jack.class).ack().upto()).isEqualTo(2);
    }

    @Test
    void anAlertReleasedWhileItIsDeadIsHeardWhenItIsBackAndItsStopToo() throws Exception {
        Await.until(Duration.ofSeconds(30), () -> broker.connected());
        var box = aBoxOn(aPole()).connect(port);
        box.await(Welcome.class);
        box.subscribeRest();
        var before = emergencies.arm(anOrder(Status.TEST, Scope.of(box.id())));
        emergencies.release(before);
        box.await(Now.class, now -> names(now, before));

        mosquitto.destroyForcibly().waitFor();
        Await.until(Duration.ofSeconds(30), () -> !broker.connected());
        var during = emergencies.arm(anOrder(Status.TEST, Scope.of(box.id())));
        emergencies.release(during);
        startMosquitto();
        Await.until(Duration.ofSeconds(30), () -> broker.connected());
        box.forget();
        box.connect(port);
        box.await(Welcome.class);
        box.subscribeRest();
        assertThat(names(box.await(Now.class, now -> names(now, during)), before))
                .as("what sounded before is still ordered")
                .isTrue();

        emergencies.clear(Set.of(Scope.of(box.id())), "Hết lũ");
        assertThat(box.await(Now.class, Now::isAllClear).act()).isEmpty();
    }

    private static void startMosquitto() throws IOException {
        var directory = Files.createDirectories(Path.of("target", "mosquitto-" + port));
        var file = directory.resolve("mosquitto.conf");
        Files.writeString(file, """
                listener %d 127.0.0.1
                allow_anonymous true
                persistence false
                max_inflight_messages 1000
                max_queued_messages 100000
                """.formatted(port));
        var program = Files.isExecutable(Path.of("/usr/sbin/mosquitto")) ? "/usr/sbin/mosquitto" : "mosquitto";
        mosquitto = new ProcessBuilder(program, "-c", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
    }
}
