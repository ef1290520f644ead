package vn.loalang.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import picocli.CommandLine;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.StrictJson;

/** The kit as a maker of controllers calls it: options, exit code, both reports. */
class ConformanceCommandTest {
    private static final String PASSES = "CoreSession.helloNamesVersionsAndProfiles";
    private static final String LIVE = "Live.";

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new ConformanceCommand(Clock.systemUTC()))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void everyTestIsListedWithItsProfileAndRules() {
        assertThat(run("--list")).isZero();

        assertThat(out.toString().lines())
                .hasSizeGreaterThan(80)
                .isSorted()
                .allMatch(line -> line.matches("\\w+\\.\\w+ (core|blk|fan|live|fw|usb|soak)( [A-Z]+-\\d+[a-z]?)+"))
                .anyMatch(line -> line.startsWith(PASSES + " core "));
    }

    @Test
    void whatCannotBeUsedIsSaidAndEndsWithTwo() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("--broker", "mqtt://127.0.0.1", "--controller", "x", "--profile", "core,moon"))
                .isEqualTo(2);
        assertThat(run("--broker", "http://127.0.0.1", "--controller", "x")).isEqualTo(2);
        assertThat(run("--broker", "mqtts://127.0.0.1", "--controller", "x")).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        "Name --broker and --controller.",
                        "There is no profile moon.",
                        "--broker must be mqtt://[user:password@]host:port, or mqtts://…",
                        "--ca belongs to a broker mqtts://, and that to --ca.");
    }

    @Test
    void whatPassesAndWhatTheControllerDoesNotHaveEndsWithNoughtAndStandsInBothReports() throws Exception {
        var java = UnderTest.java(Optional.empty());
        var live = Kit.list().stream()
                .filter(line -> line.startsWith(LIVE))
                .findFirst()
                .orElseThrow()
                .split(" ");
        var label = String.join(" ", java.subList(0, java.indexOf("controller") + 1)) + " init --data {data}";
        int exit;
        try (var broker = new Mosquitto(directory.resolve("mosquitto"))) {
            exit = run(
                    "--broker",
                    "mqtt://127.0.0.1:" + broker.address().getPort(),
                    "--controller",
                    String.join(" ", java) + " --without-live",
                    "--label",
                    label,
                    "--profile",
                    "core,live",
                    "--only",
                    PASSES + "," + live[0],
                    "--report",
                    directory.resolve("report").toString());
        }

        assertThat(exit).as(out.toString()).isZero();
        assertThat(out.toString()).contains("1 passed, 0 failed, 1 not supported, 0 not observable; of ");
        var json = json();
        var unproven = (Json.Obj) json.get("unproven");
        assertThat(strings(unproven, "not-shown")).containsAll(List.of(live).subList(2, live.length));
        assertThat(strings(unproven, "not-run")).contains("ENV-1");
        assertThat(strings(json, "proven")).isNotEmpty();
        assertThat(outcomes(json)).containsExactlyInAnyOrder(PASSES + " pass", live[0] + " not-supported");
        var suite = xml();
        assertThat(suite.getAttribute("tests") + suite.getAttribute("failures") + suite.getAttribute("skipped"))
                .isEqualTo("201");
        assertThat(suite.getElementsByTagName("skipped").getLength()).isEqualTo(1);
    }

    @Test
    void whatFailsEndsWithOneAndIsAFailureInBothReports() throws Exception {
        int exit;
        try (var broker = new Mosquitto(directory.resolve("mosquitto"))) {
            exit = run(
                    "--broker",
                    "mqtt://127.0.0.1:" + broker.address().getPort(),
                    "--controller",
                    "'" + directory.resolve("no such <controller>") + "' {data}",
                    "--only",
                    PASSES,
                    "--report",
                    directory.resolve("report").toString());
        }

        assertThat(exit).as(out.toString()).isEqualTo(1);
        assertThat(out.toString()).contains("0 passed, 1 failed");
        assertThat(outcomes(json())).containsExactly(PASSES + " fail");
        assertThat(strings(json(), "proven")).isEmpty();
        assertThat(strings((Json.Obj) json().get("unproven"), "failed")).contains("PRO-2");
        var suite = xml();
        assertThat(suite.getAttribute("failures")).isEqualTo("1");
        var failure = (Element) suite.getElementsByTagName("failure").item(0);
        assertThat(failure.getAttribute("message")).contains("does not start");
    }

    private Json.Obj json() throws Exception {
        return StrictJson.parse(Files.readAllBytes(directory.resolve("report/conformance.json")));
    }

    private Element xml() throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(directory.resolve("report/TEST-conformance.xml").toFile())
                .getDocumentElement();
    }

    private static List<String> outcomes(Json.Obj report) {
        var said = new ArrayList<String>();
        for (var test : ((Json.Arr) report.get("tests")).items()) {
            said.add(text((Json.Obj) test, "test") + " " + text((Json.Obj) test, "outcome"));
        }
        return said;
    }

    private static List<String> strings(Json.Obj report, String name) {
        var items = ((Json.Arr) report.get(name)).items();
        return IntStream.range(0, items.size())
                .mapToObj(i -> ((Json.Str) items.get(i)).value())
                .toList();
    }

    private static String text(Json.Obj from, String name) {
        return ((Json.Str) from.get(name)).value();
    }
}
