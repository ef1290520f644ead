package vn.loalang.system;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.delivery.Programs;

/** The controller in C compiles without a warning, builds its Linux port and passes every vector, plain and under sanitizers. */
class ReferenceControllerInCIT {
    private static final Path SOURCES =
            Path.of("firmware-protocol", "reference-controller-c").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir
    Path directory;

    @BeforeAll
    static void aCompilerIsThere() {
        Programs.need("make", "cc");
    }

    @Test
    void itCompilesAndPassesEveryVector() {
        make("all", "test");
    }

    @Test
    void theSanitizersFindNothing() {
        make("asan");
    }

    /** The pinned authority, names and dates of certificates, and a second claim file. */
    @Test
    void theLinuxPortSpeaksTls() {
        Programs.need("mosquitto", "openssl");
        make("tls");
    }

    private void make(String... targets) {
        var command = new java.util.ArrayList<>(List.of("sh", "-c", "make -s -C \"$0\" \"$@\" && echo MADE"));
        command.add(SOURCES.toString());
        command.addAll(List.of(targets));
        try (var make = ChildProcess.start("make", directory, command)) {
            make.await(Pattern.compile("^MADE$", Pattern.MULTILINE), PATIENCE);
        }
    }
}
