package vn.loalang.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of FIRST-CONTROLLER.md do what the page says when pasted one after another into one shell. */
class FirstControllerTest {
    private static final Path FOLDER = Path.of("firmware-protocol");
    private static final Pattern PASTED = Pattern.compile("```bash\\n(.*?)```", Pattern.DOTALL);

    @Test
    void thePastedCommandsWork(@TempDir Path directory) throws Exception {
        need("bash", "mosquitto", "mosquitto_pub", "openssl", "jq", "xxd");
        String page = Files.readString(FOLDER.resolve("FIRST-CONTROLLER.md"));
        String script = PASTED.matcher(page)
                .results()
                .map((MatchResult block) -> block.group(1))
                .collect(Collectors.joining());
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path printed = directory.resolve("printed");
        ProcessBuilder shell = new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
                .directory(FOLDER.toFile())
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile());
        shell.environment().put("PORT", String.valueOf(port));
        shell.environment().put("TMPDIR", directory.toString());
        Process pasted = shell.start();
        if (!pasted.waitFor(60, TimeUnit.SECONDS)) {
            pasted.descendants().forEach(ProcessHandle::destroyForcibly);
            pasted.destroyForcibly();
        }
        String said = Files.readString(printed);
        assertThat(pasted.exitValue()).as(said).isZero();
        assertThat(said)
                .contains("Signature Verified Successfully", "\n3\n", "\"upto\": 1042", "bytes at +60 s:\t360000")
                .contains(Vectors.NONCE.b64u());
    }

    private static void need(String... programs) {
        List<String> missing = Stream.of(programs)
                .filter(program -> Arrays.stream((System.getenv("PATH") + ":/usr/sbin").split(":", -1))
                        .noneMatch(folder -> new File(folder, program).canExecute()))
                .toList();
        if (!missing.isEmpty() && Boolean.getBoolean("tools.required")) {
            throw new AssertionError(missing + " not installed, and -Dtools.required=true");
        }
        Assumptions.assumeTrue(missing.isEmpty(), () -> missing + " not installed");
    }
}
