package vn.loalang.delivery;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import vn.loalang.protocol.DeviceId;

/** The server's own broker with its real rights, for tests in which the conformance kit plays the server. */
public final class KitBroker implements AutoCloseable {
    public static final String USER = "kit";
    public static final String PASSWORD = "kit's own password";

    private final Accounts accounts = new Accounts();
    private final EmbeddedBroker broker;

    public KitBroker(Path home) throws Exception {
        accounts.put(USER, digest(PASSWORD), new Accounts.Rights.Server());
        accounts.markLoaded();
        // Any deployment, because each box under test has its own; what comes in goes to the kit like to any
        // subscriber.
        broker = new EmbeddedBroker(home, 0, 0, null, new Doorkeeper(accounts, "gb1/+/", (topic, payload) -> {}));
        broker.start().get(60, TimeUnit.SECONDS);
    }

    public int port() {
        return broker.plainPort();
    }

    /** Where a connection of the server goes. */
    Link.Target target() {
        return new Link.Target("tcp://127.0.0.1:" + port(), USER, USER, new Secret(PASSWORD), null);
    }

    /** Lets a box in. */
    public void enrol(DeviceId id, String password) {
        accounts.put(id.value(), digest(password), new Accounts.Rights.Device(Set.of("37", "37.14329", "37.2")));
    }

    private static byte[] digest(String password) {
        return Secret.sha256(password.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * For {@code src/bench/kit.sh}: says where it is and on which port it takes boxes to let in, {@code ID PASSWORD}, one a
     * connection; runs until it is ended.
     *
     * @param arguments a directory of its own
     */
    public static void main(String[] arguments) throws Exception {
        var broker = new KitBroker(Path.of(arguments[0]));
        try (var door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var address = new URI("mqtt", USER + ":" + PASSWORD, "127.0.0.1", broker.port(), null, null, null);
            System.out.println("Broker " + address + " " + door.getLocalPort());
            while (true) {
                try (var client = door.accept();
                        var in = new BufferedReader(
                                new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
                    var words = in.readLine().split(" ", 2);
                    broker.enrol(new DeviceId(words[0]), words[1]);
                    client.getOutputStream().write('\n');
                }
            }
        }
    }

    @Override
    public void close() {
        broker.stop();
    }
}
