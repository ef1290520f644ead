package vn.loalang.delivery;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Other people's command line programs, where installed. */
public final class Programs {
    /** Where the reference controller in C stands. */
    public static final Path REFERENCE =
            Path.of("firmware-protocol", "reference-controller-c").toAbsolutePath();

    private static final Path LOCK = Path.of("target", "reference-controller.lock");

    private Programs() {}

    /** How a program ended, and what it said on both streams. */
    record Result(int exit, String output) {}

    /** Whether there is a program of this name. */
    public static boolean installed(String program) {
        return Arrays.stream((System.getenv("PATH") + ":/usr/sbin").split(":", -1))
                .anyMatch(directory -> new File(directory, program).canExecute());
    }

    /** Skips the test where one of these is missing, or fails it with {@code -Dtools.required=true}. */
    public static void need(String... programs) {
        var missing = Arrays.stream(programs).filter(it -> !installed(it)).toList();
        if (!missing.isEmpty() && Boolean.getBoolean("tools.required")) {
            throw new AssertionError(missing + " not installed, and -Dtools.required=true");
        }
        Assumptions.assumeTrue(missing.isEmpty(), () -> missing + " not installed");
    }

    /**
     * {@code make} for the reference controller, output and errors into this file; nobody else's tests make it meanwhile.
     *
     * @return how it ended
     * @throws IOException if there is no make
     */
    public static int makeReference(Path log, Duration atMost, String... targets)
            throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("make", "-s", "-C", REFERENCE.toString()));
        command.addAll(List.of(targets));
        Files.createDirectories(LOCK.getParent());
        try (var channel = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            var unused = channel.lock();
            var make = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!make.waitFor(atMost.toSeconds(), TimeUnit.SECONDS)) {
                make.destroyForcibly().waitFor();
            }
            return make.exitValue();
        }
    }

    static Result run(String program, List<String> login, String... more) throws Exception {
        var command = new ArrayList<>(List.of(program));
        command.addAll(login);
        command.addAll(List.of(more));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        if (!process.waitFor(15, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            return new Result(-1, "timed out");
        }
        return new Result(
                process.exitValue(), new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }
}
