package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.Hash;
import vn.loalang.web.Addresses;

/** The way a box on a pole really comes: TLS under the authority in its claim file. */
class DeviceOverTlsTest extends DeliveryTestBase {
    @Autowired
    vn.loalang.area.ServerSettings server;

    @Autowired
    Addresses addresses;

    @TempDir
    Path directory;

    @Test
    void theClaimFileIsAllABoxNeeds() throws Exception {
        var pole = aPole();
        var box = aBoxOn(pole);
        var claim = ClaimFile.decode(claims.forController(pole));
        assertThat(claim.id()).isEqualTo(box.id());
        assertThat(claim.roots()).hasSize(3);
        var where = claim.broker().get(0);
        assertThat(where).isEqualTo(new ClaimFile.Broker("localhost", broker.tlsPort()));
        var login = (ClaimFile.Credential.Password) claim.cred();
        var client = new MqttClient(
                "ssl://" + where.host() + ":" + where.port(), box.id().value(), new MemoryPersistence());
        client.setTimeToWait(10_000);
        client.connect(options(login, trusting(claim.ca().get(0))));
        assertThat(client.subscribeWithResponse(box.topics().keys(), 1).getGrantedQos())
                .containsExactly(1);
        client.disconnect();
        client.close();
    }

    @Test
    void anotherAuthorityIsNotBelieved() throws Exception {
        var pole = aPole();
        var box = aBoxOn(pole);
        var client =
                new MqttClient("ssl://localhost:" + broker.tlsPort(), box.id().value(), new MemoryPersistence());
        assertThatThrownBy(() -> client.connect(options(box.credential(), SSLContext.getDefault())))
                .isInstanceOf(MqttException.class);
        client.close();
    }

    @Test
    void theUnprotectedPortListensOnThisMachineOnly() throws Exception {
        for (var address : Addresses.ownAddresses()) {
            try (var socket = new Socket()) {
                assertThatThrownBy(() -> socket.connect(new InetSocketAddress(address, broker.plainPort()), 500))
                        .as(address)
                        .isInstanceOf(java.io.IOException.class);
            }
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(address, broker.tlsPort()), 2000);
                assertThat(socket.isConnected()).isTrue();
            }
        }
    }

    @Test
    void mosquittoAndCurlComeByTlsToo() throws Exception {
        Programs.need("mosquitto_sub", "mosquitto_pub", "curl");
        var pole = aPole();
        var box = aBoxOn(pole);
        var ca = Files.writeString(
                directory.resolve("ca.pem"),
                ClaimFile.decode(claims.forController(pole)).ca().get(0));
        box.claim(claims.forController(pole));
        var login = List.of(
                "-h",
                "localhost",
                "-p",
                Integer.toString(broker.tlsPort()),
                "--cafile",
                ca.toString(),
                "-i",
                box.id().value(),
                "-u",
                box.id().value(),
                "-P",
                box.credential().pass(),
                "-q",
                "1",
                "-V",
                "311");
        var keys = Programs.run("mosquitto_sub", login, "-t", box.topics().keys(), "-C", "1", "-W", "10");
        assertThat(keys.exit()).as(keys.output()).isZero();
        assertThat(keys.output()).contains("\"typ\":\"keys\"");
        var other = aBoxOn(aPole());
        for (var topic :
                List.of("#", box.topics().plan(other.id()), box.topics().st(box.id()))) {
            var foreign = Programs.run("mosquitto_sub", login, "-t", topic, "-E");
            assertThat(foreign.exit() != 0
                            || foreign.output().contains("denied")
                            || foreign.output().contains("128"))
                    .as(topic + ": " + foreign.output())
                    .isTrue();
        }
        Programs.run("mosquitto_pub", login, "-t", box.topics().st(other.id()), "-m", "{\"s\":\"on\",\"sn\":9}", "-r");
        Programs.run("mosquitto_pub", login, "-t", box.topics().hello(other.id()), "-m", "{}");
        var stranger = new java.util.ArrayList<>(login);
        stranger.set(stranger.indexOf("-i") + 1, other.id().value());
        assertThat(Programs.run("mosquitto_sub", stranger, "-t", box.topics().keys(), "-E")
                        .exit())
                .isNotZero();
        other.connect(broker.plainPort()).await(vn.loalang.protocol.Welcome.class);
        assertThat(jdbc.sql("select coalesce(sum(rejected), 0) from delivery_unit where unit_id = :unit")
                        .param("unit", other.id().value())
                        .query(Long.class)
                        .single())
                .as("nothing came in another's name")
                .isZero();
        var base = "https://localhost:" + addresses.httpsPort().orElseThrow() + "/gb1/a/";
        var curl = List.of("-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", ca.toString());
        var unnamed = Programs.run(
                "curl",
                curl,
                "-u",
                box.id() + ":" + box.credential().pass(),
                base + Hash.of(new byte[] {77}).b64u());
        assertThat(unnamed.output()).isEqualTo("404");
        var named = named(pole, 78);
        var foreign = named(fleet.controllerOf(other.id()).orElseThrow(), 79);
        assertThat(Programs.run(
                                "curl",
                                curl,
                                "-u",
                                box.id() + ":" + box.credential().pass(),
                                base + named.b64u())
                        .output())
                .as("what its plan names")
                .isEqualTo("200");
        assertThat(Programs.run(
                                "curl",
                                curl,
                                "-u",
                                box.id() + ":" + box.credential().pass(),
                                base + foreign.b64u())
                        .output())
                .as("what another's plan names")
                .isEqualTo("404");
        assertThat(Programs.run("curl", curl, "-u", box.id() + ":no", base + "x")
                        .output())
                .isEqualTo("401");
        assertThat(Programs.run("curl", curl, base + "x").output()).isEqualTo("401");
    }

    /** A sound in the store that this pole's plan names. */
    private Hash named(vn.loalang.fleet.ControllerId pole, int content) throws Exception {
        var sound = new byte[] {(byte) content};
        var file = server.dataPath()
                .resolve("audio/canonical")
                .resolve(Hash.of(sound).hex());
        Files.createDirectories(file.getParent());
        Files.write(file, sound);
        aBroadcast(pole, soon(), Duration.ofMinutes(5), Hash.of(sound));
        settled(pole);
        return Hash.of(sound);
    }

    private static MqttConnectOptions options(ClaimFile.Credential.Password login, SSLContext tls) {
        var options = new MqttConnectOptions();
        options.setCleanSession(true);
        options.setUserName(login.user());
        options.setPassword(login.pass().toCharArray());
        options.setSocketFactory(tls.getSocketFactory());
        options.setHttpsHostnameVerificationEnabled(true);
        options.setConnectionTimeout((int) Duration.ofSeconds(10).toSeconds());
        return options;
    }

    private static SSLContext trusting(String pem) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry(
                "ca",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII))));
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
