package vn.loalang.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.delivery.Programs;

/** The controller in C compiles without a warning, builds its Linux port and passes every vector, plain and under sanitizers. */
class ReferenceControllerInCIT {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir
    Path directory;

    @BeforeAll
    static void aCompilerIsThere() {
        Programs.need("make", "cc");
    }

    @Test
    void itCompilesAndPassesEveryVector() throws Exception {
        make("all", "test");
    }

    @Test
    void theSanitizersFindNothing() throws Exception {
        make("asan");
    }

    /** The pinned authority, names and dates of certificates, and a second claim file. */
    @Test
    void theLinuxPortSpeaksTls() throws Exception {
        Programs.need("mosquitto", "openssl");
        make("tls");
    }

    /** Long enough to show that the fuzzer is built and runs over all vectors; longer runs stand in the controller's README. */
    @Test
    void someSecondsOfFuzzingFindNothing() throws Exception {
        Programs.need("clang");
        make("fuzz", "FUZZ_SECONDS=10");
    }

    /** What PROTOCOL.md §15 gives a device is enough. */
    @Test
    void itFitsIntoTheMemoryOfADevice() throws Exception {
        Programs.need("arm-none-eabi-gcc");
        make("size");
    }

    private void make(String... targets) throws Exception {
        var log = directory.resolve("make.log");
        var exit = Programs.makeReference(log, PATIENCE, targets);
        assertThat(exit).as(Files.readString(log)).isZero();
    }
}
