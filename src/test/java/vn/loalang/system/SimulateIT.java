package vn.loalang.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that load tests are made with: two hundred controllers, one emergency, and the network that fails them all. */
class SimulateIT {
    private static final int CONTROLLERS = 200;

    @Test
    void aSimulatedFleetIsWelcomedHearsAnEmergencyAndComesBack(@TempDir Path directory) {
        var claims = directory.resolve("fleet");
        try (var server = RunningServer.start(
                directory.resolve("data"),
                "--demo=false",
                "--loalang.delivery.simulated-fleet=" + CONTROLLERS,
                "--loalang.delivery.simulated-directory=" + claims)) {
            Await.value("the fleet is enrolled", Duration.ofSeconds(30), () -> {
                var list = claims.resolve("devices.tsv");
                return Files.exists(list) ? list : null;
            });
            var arguments = List.of(
                    "simulate",
                    "--controllers",
                    Integer.toString(CONTROLLERS),
                    "--claims",
                    claims.toString(),
                    "--broker",
                    "mqtt://127.0.0.1:" + server.mqttPort,
                    "--hello-delay",
                    "500",
                    "--backoff-base",
                    "200",
                    "--act",
                    "welcome,settle,now,storm",
                    "--deadline",
                    "30");
            try (var simulation =
                    ChildProcess.start("simulate", directory, PackagedJar.command(RunningServer.FLAGS, arguments))) {
                var exit = simulation.awaitEnd(Duration.ofMinutes(2));
                var output = simulation.output();
                assertThat(exit).as(output).isZero();
                var lines = output.lines().toList();
                var last = lines.get(lines.size() - 1);
                System.out.println(last);
                assertThat(last)
                        .contains("\"welcomed\":" + CONTROLLERS, "\"ok\":true")
                        .containsPattern(Pattern.compile("\"now\":\\{[^}]*\"count\":" + CONTROLLERS + "\\D"));
            }
        }
    }
}
