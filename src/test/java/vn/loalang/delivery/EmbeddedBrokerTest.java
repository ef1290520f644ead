package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.configuration.service.InternalConfigurations;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.system.Await;

/** What the broker lets in and what it does not (protocol §3: broker ACL). */
class EmbeddedBrokerTest {
    private static final String ROOT = "gb1/test/";
    private static final String ALICE = "AAAAAAAAAAAAAAAA";
    private static final String BOB = "BBBBBBBBBBBBBBBB";
    private static final Accounts accounts = new Accounts();
    private static final Secret aliceSecret = Secret.random();
    private static final Secret bobSecret = Secret.random();
    private static final Secret serverSecret = Secret.random();
    private static final BlockingQueue<String> inward = new LinkedBlockingQueue<>();

    @TempDir
    static Path home;

    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() throws Exception {
        accounts.put(ALICE, aliceSecret.sha256(), new Accounts.Rights.Device(Set.of("37", "37.1")));
        accounts.put(BOB, bobSecret.sha256(), new Accounts.Rights.Device(Set.of("37", "37.2")));
        accounts.put("server", serverSecret.sha256(), new Accounts.Rights.Server());
        accounts.markLoaded();
        broker = new EmbeddedBroker(
                home,
                0,
                0,
                null,
                new Doorkeeper(accounts, ROOT, (topic, payload) -> inward.add(topic + " " + payload.length)));
        broker.start().get(60, TimeUnit.SECONDS);
    }

    @AfterAll
    static void stop() {
        broker.stop();
    }

    @Test
    void theTunedFieldsStillExist() {
        assertThat(InternalConfigurations.MAX_INFLIGHT_WINDOW_SIZE_MESSAGES).isEqualTo(1000);
        assertThat(InternalConfigurations.PUBLISH_POLL_BATCH_SIZE).isEqualTo(1000);
        assertThat(InternalConfigurations.AUTH_DENY_UNAUTHENTICATED_CONNECTIONS.get())
                .isTrue();
    }

    @Test
    void aDeviceReadsItsOwnTopics() throws Exception {
        var client = connect(ALICE, ALICE, aliceSecret.text());
        try {
            for (var topic : List.of(
                    "keys",
                    "d/" + ALICE + "/#",
                    "d/" + ALICE + "/rsp",
                    "d/" + ALICE + "/now/+",
                    "a/37/#",
                    "a/37.1/now/+",
                    "a/37.1/keys")) {
                assertThat(client.subscribeWithResponse(ROOT + topic, 1).getGrantedQos())
                        .as(topic)
                        .containsExactly(1);
            }
        } finally {
            end(client);
        }
    }

    @Test
    void aDeviceReadsNothingElse() throws Exception {
        var client = connect(ALICE, ALICE, aliceSecret.text());
        for (var topic : List.of(
                "#",
                "+/+/keys",
                ROOT + "#",
                ROOT + "+",
                ROOT + "d/#",
                ROOT + "d/+/plan",
                ROOT + "d/" + BOB + "/plan",
                ROOT + "d/+/#",
                ROOT + "a/#",
                ROOT + "a/+/keys",
                ROOT + "a/37.2/#",
                ROOT + "a/37.11/#",
                ROOT + "u/#",
                ROOT + "u/" + ALICE + "/st",
                ROOT + "u/" + BOB + "/st",
                "gb1/other/keys",
                "$SYS/#",
                "$share/g/" + ROOT + "keys")) {
            if (!client.isConnected()) {
                end(client);
                client = connect(ALICE, ALICE, aliceSecret.text());
            }
            try {
                // Paho does not throw at 0x80; sterner refusals close the connection.
                assertThat(client.subscribeWithResponse(topic, 1).getGrantedQos())
                        .as(topic)
                        .containsExactly(128);
            } catch (MqttException closed) {
                assertThat(client.isConnected()).as(topic).isFalse();
            }
        }
        end(client);
    }

    @Test
    void aDeviceWritesNothingElse() throws Exception {
        inward.clear();
        var watcher = connect("server", "server", serverSecret.text());
        var heard = new LinkedBlockingQueue<String>();
        watcher.setCallback(Callbacks.onMessage((on, message) -> heard.add(on)));
        watcher.subscribe(ROOT + "#", 1);
        for (var topic : List.of(
                ROOT + "u/" + BOB + "/ev",
                ROOT + "u/" + BOB + "/st",
                ROOT + "d/" + ALICE + "/plan",
                ROOT + "d/" + BOB + "/plan",
                ROOT + "keys",
                ROOT + "a/37/now/e1",
                "gb1/other/u/" + ALICE + "/ev",
                "anything")) {
            var client = connect(ALICE, ALICE, aliceSecret.text());
            try {
                client.publish(topic, "x".getBytes(StandardCharsets.UTF_8), 1, false);
            } catch (MqttException closed) {
                assertThat(closed).isNotNull();
            }
            end(client);
        }
        var proof = connect(BOB, BOB, bobSecret.text());
        proof.publish(ROOT + "u/" + BOB + "/st", "last".getBytes(StandardCharsets.UTF_8), 1, false);
        assertThat(heard.poll(5, TimeUnit.SECONDS)).isEqualTo(ROOT + "u/" + BOB + "/st");
        assertThat(heard).isEmpty();
        assertThat(inward).isEmpty();
        end(proof);
        end(watcher);
    }

    /** Test 6 of the first issue, with other people's programs; the acceptance of own topics shows that they work at all. */
    @Test
    void mosquittosClientsGetNoFurther() throws Exception {
        Programs.need("mosquitto_sub", "mosquitto_pub");
        var login = List.of(
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(broker.plainPort()),
                "-i",
                ALICE,
                "-u",
                ALICE,
                "-P",
                aliceSecret.text(),
                "-q",
                "1",
                "-V",
                "311");
        var own = Programs.run("mosquitto_sub", login, "-t", ROOT + "d/" + ALICE + "/#", "-E");
        assertThat(own.exit()).as(own.output()).isZero();
        assertThat(own.output()).doesNotContain("denied");
        for (var topic : List.of(
                "#", "+/+/keys", ROOT + "d/+/plan", ROOT + "d/" + BOB + "/#", ROOT + "a/37.2/#", ROOT + "u/#")) {
            var foreign = Programs.run("mosquitto_sub", login, "-t", topic, "-E");
            assertThat(foreign.exit() != 0
                            || foreign.output().contains("denied")
                            || foreign.output().contains("128"))
                    .as(topic + ": " + foreign.output())
                    .isTrue();
        }
        inward.clear();
        assertThat(Programs.run("mosquitto_pub", login, "-t", ROOT + "u/" + ALICE + "/ev", "-m", "own")
                        .exit())
                .isZero();
        assertThat(inward.poll(5, TimeUnit.SECONDS)).isEqualTo(ROOT + "u/" + ALICE + "/ev 3");
        for (var topic : List.of(
                ROOT + "u/" + BOB + "/ev",
                ROOT + "u/" + BOB + "/st",
                ROOT + "d/" + ALICE + "/plan",
                ROOT + "d/" + BOB + "/plan",
                ROOT + "a/37.1/now/e1",
                ROOT + "keys")) {
            Programs.run("mosquitto_pub", login, "-t", topic, "-m", "forged", "-r");
        }
        assertThat(inward).isEmpty();
        var everything = connect("server", "server", serverSecret.text());
        var heard = new LinkedBlockingQueue<String>();
        everything.setCallback(Callbacks.onMessage((on, message) -> heard.add(on)));
        everything.subscribe(ROOT + "#", 1);
        assertThat(heard.poll(300, TimeUnit.MILLISECONDS)).isNull();
        end(everything);
        var stranger = new ArrayList<>(login);
        stranger.set(stranger.indexOf("-i") + 1, BOB);
        assertThat(Programs.run("mosquitto_sub", stranger, "-t", ROOT + "keys", "-E")
                        .exit())
                .isNotZero();
    }

    @Test
    void whatADeviceMaySayIsTakenInWithoutASecondTrip() throws Exception {
        inward.clear();
        var client = connect(ALICE, ALICE, aliceSecret.text());
        client.publish(ROOT + "u/" + ALICE + "/ev", new byte[7], 1, false);
        assertThat(inward.poll(5, TimeUnit.SECONDS)).isEqualTo(ROOT + "u/" + ALICE + "/ev 7");
        end(client);
    }

    @Test
    void aForgedWillIsNotPublished() throws Exception {
        var watcher = connect("server", "server", serverSecret.text());
        var heard = new LinkedBlockingQueue<String>();
        watcher.setCallback(Callbacks.onMessage((on, message) -> heard.add(on)));
        watcher.subscribe(ROOT + "u/+/st", 1);
        var options = options(ALICE, aliceSecret.text());
        options.setWill(ROOT + "u/" + BOB + "/st", "forged".getBytes(StandardCharsets.UTF_8), 1, true);
        var client = client(ALICE);
        try {
            client.connect(options);
            client.disconnectForcibly(0, 10, false);
        } catch (MqttException refused) {
            assertThat(refused).isNotNull();
        }
        var honest = options(ALICE, aliceSecret.text());
        honest.setWill(ROOT + "u/" + ALICE + "/st", "honest".getBytes(StandardCharsets.UTF_8), 1, true);
        var second = client(ALICE);
        second.connect(honest);
        second.disconnectForcibly(0, 10, false);
        assertThat(heard.poll(5, TimeUnit.SECONDS)).isEqualTo(ROOT + "u/" + ALICE + "/st");
        assertThat(heard).isEmpty();
        end(client);
        end(second);
        watcher.publish(ROOT + "u/" + ALICE + "/st", new byte[0], 1, true);
        end(watcher);
    }

    @Test
    void wrongLoginsAreRefusedAlike() {
        assertThatThrownBy(() -> connect(ALICE, ALICE, "wrong")).isInstanceOf(MqttException.class);
        assertThatThrownBy(() -> connect(BOB, ALICE, aliceSecret.text())).isInstanceOf(MqttException.class);
        assertThatThrownBy(() -> connect("server", ALICE, aliceSecret.text())).isInstanceOf(MqttException.class);
        assertThatThrownBy(() -> connect("CCCCCCCCCCCCCCCC", "CCCCCCCCCCCCCCCC", "x"))
                .isInstanceOf(MqttException.class);
        assertThatThrownBy(() -> connect(ALICE, null, null)).isInstanceOf(MqttException.class);
    }

    @Test
    void aRevokedDeviceIsPutOutAndStaysOut() throws Exception {
        var carol = "DDDDDDDDDDDDDDDD";
        var secret = Secret.random();
        accounts.put(carol, secret.sha256(), new Accounts.Rights.Device(Set.of()));
        var client = connect(carol, carol, secret.text());
        accounts.remove(carol);
        broker.kick(carol);
        Await.until(Duration.ofSeconds(30), () -> !client.isConnected());
        assertThatThrownBy(() -> connect(carol, carol, secret.text())).isInstanceOf(MqttException.class);
        end(client);
    }

    /** [CON-7]: rights that come while a box is connected, or is on its way in, need no new session. */
    @Test
    void aBoxHearsItsNewAreaInTheSessionThatItHas() throws Exception {
        var erin = "EEEEEEEEEEEEEEEE";
        var secret = Secret.random();
        accounts.put(erin, secret.sha256(), new Accounts.Rights.Device(Set.of()));
        var client = connect(erin, erin, secret.text());
        try {
            assertThat(granted(client, "a/37/now/+")).isEqualTo(128);
            assertThat(accounts.put(erin, secret.sha256(), new Accounts.Rights.Device(Set.of("37", "37.1"))))
                    .isFalse();
            assertThat(granted(client, "a/37/now/+")).isEqualTo(1);
            assertThat(granted(client, "a/37.1/keys")).isEqualTo(1);
            assertThat(granted(client, "a/37.2/keys")).isEqualTo(128);
            assertThat(granted(client, "a/+/keys")).isEqualTo(128);
            accounts.allow(erin, Set.of("37.2"));
            assertThat(granted(client, "a/37.2/keys")).isEqualTo(1);
            assertThat(granted(client, "a/37/ses")).isEqualTo(1);
        } finally {
            end(client);
        }
    }

    /** [CON-8]: only what takes something away ends a session. */
    @Test
    void lessThanBeforeIsAReasonToEndASession() {
        var some = new Accounts();
        var secret = Secret.random().sha256();
        assertThat(some.put("x", secret, new Accounts.Rights.Device(Set.of("37"))))
                .isFalse();
        var issue = some.issueOf("x");
        assertThat(some.put("x", secret, new Accounts.Rights.Device(Set.of("37", "37.1"))))
                .isFalse();
        assertThat(some.put("x", secret, new Accounts.Rights.Device(Set.of("37.1"))))
                .isTrue();
        assertThat(some.issueOf("x")).isEqualTo(issue);
        assertThat(some.put("x", Secret.random().sha256(), new Accounts.Rights.Device(Set.of("37.1"))))
                .isTrue();
        assertThat(some.issueOf("x")).isGreaterThan(issue);
        assertThat(some.remove("x")).isTrue();
        assertThat(some.issueOf("x")).isZero();
    }

    private static int granted(MqttClient client, String topic) throws MqttException {
        return client.subscribeWithResponse(ROOT + topic, 1).getGrantedQos()[0];
    }

    private static MqttClient connect(String clientId, String user, String password) throws MqttException {
        var client = client(clientId);
        client.connect(options(user, password));
        return client;
    }

    private static void end(MqttClient client) throws MqttException {
        if (client.isConnected()) {
            client.disconnectForcibly(0, 500);
        }
        client.close(true);
    }

    private static MqttClient client(String clientId) throws MqttException {
        var client = new MqttClient("tcp://127.0.0.1:" + broker.plainPort(), clientId, new MemoryPersistence());
        client.setTimeToWait(5000);
        return client;
    }

    private static MqttConnectOptions options(String user, String password) {
        var options = new MqttConnectOptions();
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setCleanSession(true);
        if (user != null) {
            options.setUserName(user);
            options.setPassword(password.toCharArray());
        }
        return options;
    }
}
