package vn.loalang.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Under {@code spring-boot:run} the server is a child of Maven; a Maven that is killed must not leave it behind. */
class EndsWithParentIT {
    @TempDir
    Path directory;

    @Test
    void aServerWhoseBuildToolIsKilledLeavesInGoodOrder() throws Exception {
        var flags = new ArrayList<>(RunningServer.FLAGS);
        flags.add("-Dloalang.watch-parent=true");
        var command = new ArrayList<>(List.of("sh", "-c", "\"$@\" & wait", "sh"));
        command.addAll(PackagedJar.command(
                flags,
                List.of(
                        "--loalang.data-dir=" + directory.resolve("data"),
                        "--server.port=0",
                        "--loalang.web.http-port=0",
                        "--loalang.broker.tls-port=0",
                        "--loalang.broker.port=0")));
        try (var tool = ChildProcess.start("tool", directory.resolve("logs"), command)) {
            tool.await(Pattern.compile("http://127\\.0\\.0\\.1:\\d+"), Duration.ofSeconds(90));
            var server = ProcessHandle.of(tool.pid()).orElseThrow().children().toList();
            assertThat(server).hasSize(1);
            tool.kill();
            server.get(0).onExit().get(30, TimeUnit.SECONDS);
            assertThat(tool.output()).contains("Graceful shutdown complete");
        }
    }
}
