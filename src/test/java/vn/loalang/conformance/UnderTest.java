package vn.loalang.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.Function;
import vn.loalang.controller.port.UnitKey;
import vn.loalang.protocol.DeviceId;

/** The controllers the kit is pointed at, and how. */
final class UnderTest {
    /** Of all runs of this JVM, so that a second try meets the same faults; {@code -Dkit.seed} repeats one. */
    static final long SEED =
            Long.getLong("kit.seed", ThreadLocalRandom.current().nextLong(1L << 48));

    private UnderTest() {}

    /** The class path of this test; some launchers of tests hide it, and then it is given by hand. */
    static String classPath() {
        return System.getProperty("kit.class.path", System.getProperty("java.class.path"));
    }

    /** Our Java controller, with these classes before its own. */
    static List<String> java(Optional<Path> overlay) {
        var path = classPath();
        var words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                overlay.map(first -> first + java.io.File.pathSeparator + path).orElse(path),
                "vn.loalang.LoaLang",
                "controller",
                "--claim",
                "{claim}",
                "--data",
                "{data}",
                "--sink",
                "wav",
                "--wav-dir",
                "{wav}",
                "--rtc-offset",
                "{rtc}",
                "--hello-delay",
                "0",
                "--backoff-base",
                "10",
                "--firmware",
                "{fw}",
                "--usb",
                "{usb}"));
        if (hasHooks()) words.addAll(List.of("--hook-port", "{hook}"));
        return words;
    }

    private static boolean hasHooks() {
        return new picocli.CommandLine(new vn.loalang.controller.ControllerCommand(Clock.systemUTC()))
                        .getCommandSpec()
                        .findOption("--hook-port")
                != null;
    }

    /** The id of a Java box, whose key this makes. */
    static Optional<Function<Path, DeviceId>> label() {
        return Optional.of(data -> {
            try {
                return UnitKey.in(data).id();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    static Settings settings(
            InetSocketAddress broker,
            Optional<Path> ca,
            String user,
            String password,
            List<String> controller,
            Optional<Function<Path, DeviceId>> label,
            BiConsumer<DeviceId, String> enrol,
            Path work,
            Set<String> profiles,
            Set<String> only,
            int lanes)
            throws IOException {
        return new Settings(
                broker,
                ca,
                user,
                password,
                controller,
                label,
                enrol,
                Files.createDirectories(work),
                profiles,
                only,
                Optional.empty(),
                Optional.empty(),
                lanes,
                SEED,
                Clock.systemUTC());
    }
}
