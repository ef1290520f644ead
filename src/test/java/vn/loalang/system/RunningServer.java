package vn.loalang.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server process on its own data directory and ports. Killed and started again it keeps both, as in a commune office. */
final class RunningServer implements AutoCloseable {
    static final List<String> FLAGS = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    private static final Pattern READY = Pattern.compile("http://127\\.0\\.0\\.1:\\d+");
    private static final Pattern PASSWORD = Pattern.compile("Mật khẩu một lần / once +(\\S+)");
    private static final Duration START_LIMIT = Duration.ofSeconds(90);

    private final Path data;
    private final List<String> arguments;
    private final UnaryOperator<List<String>> command;
    final int httpsPort;
    final int httpPort;
    final int mqttTlsPort;
    final int mqttPort;
    private ChildProcess process;

    private RunningServer(Path data, UnaryOperator<List<String>> command, List<String> extraArguments) {
        this.data = data;
        this.command = command;
        List<Integer> ports = freePorts(4);
        this.httpsPort = ports.get(0);
        this.httpPort = ports.get(1);
        this.mqttTlsPort = ports.get(2);
        this.mqttPort = ports.get(3);
        this.arguments = new ArrayList<>(List.of(
                "--loalang.data-dir=" + data,
                "--loalang.public-host=127.0.0.1",
                "--loalang.emergency.examples=false",
                "--loalang.emergency.drill-words=false",
                "--server.port=" + httpsPort,
                "--loalang.web.http-port=" + httpPort,
                "--loalang.broker.tls-port=" + mqttTlsPort,
                "--loalang.broker.port=" + mqttPort));
        arguments.addAll(extraArguments);
        this.process = launch();
    }

    /** Starts an empty server and waits until it says where it listens. */
    static RunningServer start(Path data, String... extraArguments) {
        return start(data, PackagedJar.quick(), extraArguments);
    }

    static RunningServer start(Path data, List<String> jvmFlags, String... extraArguments) {
        return start(data, arguments -> PackagedJar.command(jvmFlags, arguments), extraArguments);
    }

    /** Starts a server by a command of one's own, made of the arguments. */
    static RunningServer start(Path data, UnaryOperator<List<String>> command, String... extraArguments) {
        RunningServer server = new RunningServer(data, command, List.of(extraArguments));
        server.awaitReady();
        return server;
    }

    private ChildProcess launch() {
        return ChildProcess.start("server", data.resolveSibling("logs"), command.apply(arguments));
    }

    /** Waits until it says where it listens. */
    void awaitReady() {
        process.await(READY, START_LIMIT);
    }

    /** Power cut: SIGKILL, nothing flushed. */
    void kill() {
        process.kill();
    }

    void stop() {
        process.stop();
    }

    /** The same server again, on the same data and ports. */
    void startAgain() {
        launchAgain();
        awaitReady();
    }

    void launchAgain() {
        process = launch();
    }

    long pid() {
        return process.pid();
    }

    String output() {
        return process.output();
    }

    /** The one-time password of {@code admin}, printed by the first start only. */
    Optional<String> oneTimePassword() {
        Matcher matcher = PASSWORD.matcher(process.output());
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    String https() {
        return "https://127.0.0.1:" + httpsPort;
    }

    String http() {
        return "http://127.0.0.1:" + httpPort;
    }

    Path data() {
        return data;
    }

    @Override
    public void close() {
        process.close();
    }

    private static List<Integer> freePorts(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            for (ServerSocket socket : sockets) {
                try {
                    socket.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
