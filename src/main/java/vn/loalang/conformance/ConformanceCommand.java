package vn.loalang.conformance;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import vn.loalang.protocol.DeviceId;

/** {@code loalang conformance}: tests a controller against the rules of the protocol. */
@Command(
        name = "conformance",
        mixinStandardHelpOptions = true,
        description = "Plays the server against a controller and says which rules it keeps.")
public final class ConformanceCommand implements Callable<Integer> {
    private static final Set<String> PROFILES = Set.of("core", "blk", "fan", "live", "fw", "usb", "soak");

    private final Clock clock;

    /**
     * @param clock the machine's clock
     */
    public ConformanceCommand(Clock clock) {
        this.clock = clock;
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
    private CommandSpec spec;

    @Option(
            names = "--broker",
            paramLabel = "URI",
            description = "mqtt://[user:password@]host:port of any MQTT 3.1.1 broker, or mqtts://… with --ca.")
    private @Nullable String broker;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = {
                "PEM of the authority behind the broker's certificate, for mqtts://. The controllers then speak TLS to",
                "the kit's proxy, whose authority stands in their claim file."
            })
    private @Nullable Path ca;

    @Option(
            names = "--controller",
            paramLabel = "COMMAND",
            description = {
                "The command that starts one controller; placeholders: {claim} claim file, {data} data directory,",
                "{wav} directory for captured sound, {hook} TCP port for hooks, {pin} PIN in the box, {rtc} error of the",
                "clock at boot in ms, {usb} directory of the USB medium, {fw} directory of firmware, where a file",
                "broken-VERSION keeps that version from starting."
            })
    private @Nullable String controller;

    @Option(names = "--label", paramLabel = "COMMAND", description = "Prints the label GB1:{id}:{model} for {data}.")
    private @Nullable String label;

    @Option(names = "--report", paramLabel = "DIR", description = "Directory for results and the boxes' data.")
    private Path report = Path.of("conformance");

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            split = ",",
            description = "core, blk, fan, live, fw, usb, soak; several by commas (default: core).")
    private List<String> profiles = List.of("core");

    @Option(names = "--only", paramLabel = "TEST|TAG", split = ",", description = "Only these tests or rules.")
    private List<String> only = List.of();

    @Option(names = "--power", paramLabel = "COMMAND", description = "Called with {state} off and on for a real box.")
    private @Nullable String power;

    @Option(names = "--capture", paramLabel = "DIR", description = "Where the sound of a real box is captured.")
    private @Nullable Path capture;

    @Option(
            names = "--enrol",
            paramLabel = "COMMAND",
            description = "Called with {id} and {password} before a box first connects, for brokers with accounts.")
    private @Nullable String enrol;

    @Option(
            names = "--lanes",
            paramLabel = "N",
            description = "Controllers running at once (default: ${DEFAULT-VALUE}).")
    private int lanes = 8;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description =
                    "Loses, doubles and delays as the run did whose report names this number (default: by chance).")
    private long seed = ThreadLocalRandom.current().nextLong(1L << 48);

    @Option(names = "--list", description = "Prints all tests with their profiles and rules.")
    private boolean list;

    /**
     * Runs the tests.
     *
     * @return 0 when nothing failed, 1 when something did, 2 when an option cannot be used
     */
    @Override
    public Integer call() throws IOException {
        if (list) {
            Kit.list().forEach(out()::println);
            out().flush();
            return 0;
        }
        if (broker == null || controller == null) return unusable("Name --broker and --controller.");
        // A box is claimed once [CLM-2]: without its label, before anybody knows which account it needs.
        if (enrol != null && label == null) return unusable("--enrol needs --label.");
        for (var profile : profiles) {
            if (!PROFILES.contains(profile)) return unusable("There is no profile " + profile + ".");
        }
        URI uri;
        try {
            uri = URI.create(broker);
        } catch (IllegalArgumentException e) {
            return unusable("--broker is no address: " + e.getMessage());
        }
        boolean tls = "mqtts".equals(uri.getScheme());
        if ((!tls && !"mqtt".equals(uri.getScheme())) || uri.getHost() == null) {
            return unusable("--broker must be mqtt://[user:password@]host:port, or mqtts://…");
        }
        if (tls != (ca != null)) return unusable("--ca belongs to a broker mqtts://, and that to --ca.");
        var login = Optional.ofNullable(uri.getUserInfo()).orElse(":");
        Files.createDirectories(report);
        var settings = new Settings(
                new InetSocketAddress(uri.getHost(), uri.getPort() >= 0 ? uri.getPort() : tls ? 8883 : 1883),
                Optional.ofNullable(ca),
                login.substring(0, Math.max(0, login.indexOf(':'))),
                login.substring(login.indexOf(':') + 1),
                words(controller),
                labeller(label),
                enroller(enrol),
                Files.createDirectories(report.resolve("boxes")),
                Set.copyOf(profiles),
                new LinkedHashSet<>(only),
                Optional.ofNullable(power).map(ConformanceCommand::words),
                Optional.ofNullable(capture),
                Math.max(1, lanes),
                seed,
                clock);
        long start = clock.millis();
        var results = new Kit(settings, line -> {
                    synchronized (this) {
                        out().println(line);
                        out().flush();
                    }
                })
                .run();
        var summary = new Report(results);
        summary.write(report, controller, seed);
        out().printf(
                        "%s; in %d s, with --seed %d. Which they are: %s%n",
                        summary.summary(), (clock.millis() - start) / 1000, seed, report.resolve(Report.JSON));
        out().flush();
        if (results.isEmpty()) return unusable("No test has such a name or tag.");
        return summary.count(Outcome.FAIL) == 0 ? 0 : 1;
    }

    private int unusable(String sentence) {
        spec.commandLine().getErr().println(sentence);
        return 2;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static Optional<Function<Path, DeviceId>> labeller(@Nullable String command) {
        if (command == null) return Optional.empty();
        return Optional.of(data -> {
            var printed = output(words(command).stream()
                    .map(word -> word.replace("{data}", data.toString()))
                    .toList());
            var parts = printed.trim().split(":", -1);
            if (parts.length < 3 || !parts[0].endsWith("GB1")) {
                throw Verdict.fail("--label printed no label GB1:{id}:{model} but: " + printed);
            }
            return new DeviceId(parts[1]);
        });
    }

    private static BiConsumer<DeviceId, String> enroller(@Nullable String command) {
        if (command == null) return (id, password) -> {};
        return (id, password) -> {
            var unused = output(words(command).stream()
                    .map(word -> word.replace("{id}", id.value()).replace("{password}", password))
                    .toList());
        };
    }

    private static String output(List<String> command) {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) throw Verdict.fail(command.get(0) + " failed: " + text);
            return text;
        } catch (IOException e) {
            throw Verdict.fail(command.get(0) + " does not start: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Verdict.fail("The deadline passed.");
        }
    }

    /** A command line taken apart at its blanks; single and double quotes hold words together. */
    static List<String> words(String line) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        char quote = 0;
        boolean open = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote != 0) {
                if (c == quote) quote = 0;
                else word.append(c);
            } else if (c == '\'' || c == '"') {
                quote = c;
                open = true;
            } else if (Character.isWhitespace(c)) {
                if (open || word.length() > 0) words.add(word.toString());
                word.setLength(0);
                open = false;
            } else {
                word.append(c);
            }
        }
        if (open || word.length() > 0) words.add(word.toString());
        return words;
    }
}
