package vn.loalang.delivery;

import com.hivemq.configuration.service.InternalConfigurations;
import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The MQTT broker inside the server: HiveMQ CE, everything in memory, because our database publishes every retained
 * document again at start and devices use clean sessions.
 */
final class EmbeddedBroker {
    private static final Logger log = LoggerFactory.getLogger(EmbeddedBroker.class);

    /**
     * The certificate of the TLS listener.
     *
     * @param keystore PKCS#12 file with the key and its chain
     */
    record Tls(Path keystore, String password) {}

    private final Doorkeeper doorkeeper;
    private final EmbeddedHiveMQ hivemq;
    private final int plainPort;
    private final int tlsPort;

    /**
     * Prepares a broker without starting it.
     *
     * @param home directory for its configuration; holds nothing worth keeping
     * @param plainPort port on 127.0.0.1 without TLS, 0 for a free one
     * @param tlsPort port on all addresses with TLS, 0 for a free one; not opened without {@code tls}
     */
    EmbeddedBroker(Path home, int plainPort, int tlsPort, @Nullable Tls tls, Doorkeeper doorkeeper) {
        this.doorkeeper = doorkeeper;
        this.plainPort = plainPort == 0 ? freePort() : plainPort;
        this.tlsPort = tls == null ? 0 : tlsPort == 0 ? freePort() : tlsPort;
        tune();
        try {
            var conf = Files.createDirectories(home.resolve("conf"));
            Files.writeString(conf.resolve("config.xml"), configuration(this.plainPort, this.tlsPort, tls));
            hivemq = EmbeddedHiveMQ.builder()
                    .withConfigurationFolder(conf)
                    .withDataFolder(Files.createDirectories(home.resolve("data")))
                    .withExtensionsFolder(Files.createDirectories(home.resolve("extensions")))
                    // Its logback.xml would otherwise replace ours.
                    .withoutLoggingBootstrap()
                    .withEmbeddedExtension(EmbeddedExtension.builder()
                            .withId("loalang")
                            .withName("Loa Lang")
                            .withVersion("1")
                            .withAuthor("Loa Lang")
                            .withExtensionMain(doorkeeper)
                            .build())
                    .build();
            // After build(), which sets it to "allow all": nobody gets in should our door ever be missing.
            InternalConfigurations.AUTH_DENY_UNAUTHENTICATED_CONNECTIONS.set(true);
        } catch (IOException unwritable) {
            throw new UncheckedIOException("The broker's directory " + home + " is not writable", unwritable);
        }
    }

    /** Starts it; the future completes when the listeners are open. */
    CompletableFuture<Void> start() {
        return hivemq.start();
    }

    /** Stops it and waits, at most 20 s. */
    void stop() {
        try {
            hivemq.stop().get(20, TimeUnit.SECONDS);
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException failed) {
            log.warn("The broker did not stop cleanly; nothing is kept in it, so nothing is lost", failed);
        }
    }

    /** Port on 127.0.0.1. */
    int plainPort() {
        return plainPort;
    }

    /** Port with TLS on all addresses; 0 when there is none. */
    int tlsPort() {
        return tlsPort;
    }

    /** Ends a device's session at once. */
    void kick(String clientId) {
        doorkeeper.kick(clientId);
    }

    private static void tune() {
        // Defaults of about 50 cost a factor of four in a storm; these are fields of no public configuration.
        InternalConfigurations.MAX_INFLIGHT_WINDOW_SIZE_MESSAGES = 1000;
        InternalConfigurations.PUBLISH_POLL_BATCH_SIZE = 1000;
        InternalConfigurations.PERSISTENCE_SHUTDOWN_GRACE_PERIOD_MSEC.set(50);
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException none) {
            throw new UncheckedIOException("No free port on this machine", none);
        }
    }

    private static String configuration(int plainPort, int tlsPort, @Nullable Tls tls) {
        var secure = tls == null
                ? ""
                : """
                <tls-tcp-listener>
                  <port>%d</port>
                  <bind-address>0.0.0.0</bind-address>
                  <tls>
                    <keystore>
                      <path>%s</path>
                      <password>%s</password>
                      <private-key-password>%s</private-key-password>
                    </keystore>
                    <protocols><protocol>TLSv1.3</protocol><protocol>TLSv1.2</protocol></protocols>
                    <client-authentication-mode>NONE</client-authentication-mode>
                  </tls>
                </tls-tcp-listener>
                """.formatted(
                                tlsPort,
                                escaped(tls.keystore().toAbsolutePath().toString()),
                                escaped(tls.password()),
                                escaped(tls.password()));
        return """
                <?xml version="1.0"?>
                <hivemq>
                  <listeners>
                    <tcp-listener><port>%d</port><bind-address>127.0.0.1</bind-address></tcp-listener>
                    %s
                  </listeners>
                  <mqtt>
                    <queued-messages><max-queue-size>10000</max-queue-size></queued-messages>
                    <session-expiry><max-interval>0</max-interval></session-expiry>
                    <shared-subscriptions><enabled>false</enabled></shared-subscriptions>
                    <packets><max-packet-size>65536</max-packet-size></packets>
                    <receive-maximum><server-receive-maximum>1000</server-receive-maximum></receive-maximum>
                  </mqtt>
                  <restrictions>
                    <max-client-id-length>64</max-client-id-length>
                    <max-topic-length>160</max-topic-length>
                  </restrictions>
                  <security>
                    <allow-empty-client-id><enabled>false</enabled></allow-empty-client-id>
                  </security>
                  <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
                  <persistence><mode>in-memory</mode></persistence>
                </hivemq>
                """.formatted(plainPort, secure);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
