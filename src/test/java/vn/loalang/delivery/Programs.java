package vn.loalang.delivery;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Other people's command line programs, where installed. */
public final class Programs {
    private Programs() {}

    /** How a program ended, and what it said on both streams. */
    record Result(int exit, String output) {}

    static boolean installed(String program) {
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
