package vn.loalang.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A Mosquitto of its own, open to everybody on this machine. */
final class Mosquitto implements AutoCloseable {
    private final Process process;
    private final int port;

    Mosquitto(Path home) throws IOException, InterruptedException {
        this(home, "");
    }

    /** One that speaks TLS; its certificate, which is its own authority, is {@code server.pem} in this directory. */
    static Mosquitto withTls(Path home) throws IOException, InterruptedException {
        Files.createDirectories(home);
        var certificate = home.resolve("server.pem");
        var key = home.resolve("server.key");
        var openssl = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:P-256",
                        "-nodes",
                        "-days",
                        "30",
                        "-subj",
                        "/CN=broker",
                        "-addext",
                        "subjectAltName=IP:127.0.0.1",
                        "-keyout",
                        key.toString(),
                        "-out",
                        certificate.toString())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("openssl.log").toFile())
                .start();
        assertThat(openssl.waitFor()).as("openssl").isZero();
        // A broker that root starts reads its files as somebody else.
        return new Mosquitto(
                home,
                "certfile " + certificate + "\nkeyfile " + key + "\nuser " + System.getProperty("user.name") + "\n");
    }

    private Mosquitto(Path home, String more) throws IOException, InterruptedException {
        var program = List.of("/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto").stream()
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst();
        if (Boolean.getBoolean("tools.required")) assertThat(program).isPresent();
        Assumptions.assumeTrue(program.isPresent(), "mosquitto is not installed");
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Files.createDirectories(home);
        var conf = home.resolve("mosquitto.conf");
        Files.writeString(
                conf,
                "listener " + port
                        + " 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 10000\n"
                        + more);
        process = new ProcessBuilder(program.get(), "-c", conf.toString())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("mosquitto.log").toFile())
                .start();
        for (int i = 0; i < 200 && !answers(); i++) TimeUnit.MILLISECONDS.sleep(50);
    }

    private boolean answers() {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 200);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress("127.0.0.1", port);
    }

    @Override
    public void close() {
        process.destroy();
    }
}
