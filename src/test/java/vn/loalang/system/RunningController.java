package vn.loalang.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import vn.loalang.controller.port.UnitKey;
import vn.loalang.protocol.DeviceId;

/** The reference controller as a process of its own, playing into WAV files. */
final class RunningController implements AutoCloseable {
    private static final List<String> FLAGS = List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    private static final Pattern LABEL = Pattern.compile("GB1:([A-Z2-7]{16}):\\S+");

    private final Path data;
    private ChildProcess process;

    /** A box as it leaves the workshop: it has made its key and nothing else. */
    RunningController(Path data) {
        this.data = data;
    }

    /** Who it is; its key is made when it has none. */
    DeviceId id() {
        try {
            return UnitKey.in(Files.createDirectories(data)).id();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What its label says. */
    String label() {
        try (ChildProcess init = ChildProcess.start(
                "init", data, PackagedJar.command(FLAGS, List.of("controller", "init", "--data", data.toString())))) {
            return init.await(LABEL, Duration.ofSeconds(30)).group();
        }
    }

    Path claimFile() {
        return data.resolve("claim-from-usb.gbf");
    }

    /** Power on. The server's address is that of the claim file, over TLS. */
    void start(String... more) {
        var arguments = new ArrayList<>(List.of(
                "controller",
                "--data",
                data.toString(),
                "--claim",
                claimFile().toString(),
                "--sink",
                "wav",
                "--hello-delay",
                "100",
                "--backoff-base",
                "500"));
        arguments.addAll(List.of(more));
        process = ChildProcess.start("controller", data, PackagedJar.command(FLAGS, arguments));
    }

    /** Power on, with another way to the broker than the claim file's. */
    void startAt(int mqttPort, String... more) {
        var arguments = new ArrayList<>(List.of("--broker", "tcp://127.0.0.1:" + mqttPort));
        arguments.addAll(List.of(more));
        start(arguments.toArray(String[]::new));
    }

    void await(String pattern, Duration atMost) {
        process.await(Pattern.compile(pattern), atMost);
    }

    /** Power cut. */
    void kill() {
        process.kill();
    }

    String output() {
        return process.output();
    }

    /** How many sounds it keeps whole. */
    int sounds() {
        var kept = data.resolve("assets").toFile().list((directory, name) -> !name.contains("."));
        return kept == null ? 0 : kept.length;
    }

    /** WAV files of one order, oldest first. */
    List<Path> recordings() {
        Path directory = data.resolve("wav");
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".wav"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
        }
    }
}
