package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import picocli.CommandLine;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.StrictJson;
import vn.loalang.simulator.SimulateCommand;

/** A simulated fleet on bad links, with wrong clocks, absent boxes and power cuts, and what the command's last line tells of it. */
@TestPropertySource(
        properties = {
            // Nobody is enrolled at the start, but this server answers wishes of a trial.
            "loalang.delivery.simulated-fleet=0",
            "spring.datasource.url=jdbc:h2:mem:disturbed;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;"
                    + "DEFAULT_NULL_ORDERING=HIGH"
        })
@DirtiesContext
class SimulatedFaultsTest extends DeliveryTestBase {
    private static final int FLEET = 40;
    private static final int LATENCY_MS = 60;

    @Autowired
    SimulatedFleet simulated;

    /** Of both tests: a fleet is enrolled once. */
    @TempDir
    static Path directory;

    @BeforeEach
    void aFleet() {
        simulated.enrol(FLEET, directory);
    }

    @Test
    void slowLinksWrongClocksAbsentBoxesLossAndPowerCutsAreHadAndTold() {
        var slow = simulate(
                0,
                "--latency",
                Integer.toString(LATENCY_MS),
                "--jitter",
                "20",
                "--offline",
                "30",
                "--clock-error",
                "86400000",
                "--act",
                "welcome,settle,transfer,echo,now,storm");
        assertThat(number(slow, "controllers")).isEqualTo(FLEET);
        var on = number(slow, "on");
        assertThat(on).as("boxes that are switched on").isBetween(20L, 36L);
        assertThat(number(slow, "welcomed")).isEqualTo(on);
        assertThat(number(object(slow, "welcome"), "p50"))
                .as("hello and welcome, a way each")
                .isGreaterThanOrEqualTo(2 * LATENCY_MS);
        assertThat(number(object(slow, "welcome"), "max"))
                .isGreaterThanOrEqualTo(number(object(slow, "welcome"), "p99"));
        var acts = object(slow, "acts");
        assertThat(acts.members()).containsOnlyKeys("welcome", "settle", "transfer", "echo", "now", "storm");
        assertThat(number(object(acts, "echo"), "ms"))
                .as("the order, its answer and the reply")
                .isGreaterThanOrEqualTo(3 * LATENCY_MS);
        assertThat(number(object(acts, "now"), "count"))
                .as("starts of boxes whose clocks were wrong by up to a day")
                .isEqualTo(on);
        assertThat(number(object(acts, "now"), "committed")).isGreaterThanOrEqualTo(2 * LATENCY_MS);
        assertThat(number(slow, "links_lost")).isGreaterThanOrEqualTo(on);
        assertThat(number(slow, "messages_lost")).isZero();
        assertThat(number(slow, "power_cuts")).isZero();

        var broken = simulate(
                SimulateCommand.INCOMPLETE, "--loss", "25", "--power-cuts", "120", "--act", "welcome", "--for", "6");
        assertThat(number(broken, "on")).isEqualTo(FLEET);
        assertThat(number(broken, "messages_lost")).isPositive();
        assertThat(number(broken, "power_cuts")).isGreaterThanOrEqualTo(8);
    }

    @Test
    void disturbancesThatCannotBeAreRefused() {
        var out = new StringWriter();
        var exit = new CommandLine(new SimulateCommand(Clock.systemUTC()))
                .setErr(new PrintWriter(out))
                .execute("--controllers", "1", "--claims", directory.toString(), "--loss", "101");
        assertThat(exit).isEqualTo(SimulateCommand.UNUSABLE);
        assertThat(out.toString()).contains("--loss must be 0 to 100");
    }

    /** Runs the command to its end, which is the one expected or a clean one; its last line. */
    private Json.Obj simulate(int exit, String... options) {
        var arguments = new ArrayList<>(List.of(
                "--controllers",
                Integer.toString(FLEET),
                "--claims",
                directory.toString(),
                "--broker",
                "mqtt://127.0.0.1:" + broker.plainPort(),
                "--hello-delay",
                "300",
                "--backoff-base",
                "200",
                "--backoff-max",
                "1000",
                "--deadline",
                exit == 0 ? "60" : "5",
                "--seed",
                "7"));
        arguments.addAll(List.of(options));
        var out = new StringWriter();
        var ended = new CommandLine(new SimulateCommand(Clock.systemUTC()))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(out))
                .execute(arguments.toArray(String[]::new));
        assertThat(ended).as(out.toString()).isIn(0, exit);
        var lines = out.toString().lines().toList();
        return StrictJson.parse(lines.get(lines.size() - 1).getBytes(StandardCharsets.UTF_8));
    }

    private static Json.Obj object(Json.Obj from, String name) {
        return (Json.Obj) from.get(name);
    }

    private static long number(Json.Obj from, String name) {
        return ((Json.Int) from.get(name)).value();
    }
}
