package vn.loalang.simulator;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import vn.loalang.controller.core.Profile;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.Refusal;

/** {@code loalang simulate}: thousands of controllers in one process, without Spring. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description =
                "Runs a simulated fleet: the real controller many times over, against a server with a simulated fleet "
                        + "(--loalang.delivery.simulated-fleet=N). The last line is JSON; times in ms. With --storm: server and "
                        + "controllers together in virtual time, every run the same again (simulate --storm --help).")
public final class SimulateCommand implements Callable<Integer> {
    /** Exit code when an act did not come to its end in time. */
    public static final int INCOMPLETE = 1;
    /** Exit code when an option or the claim files cannot be used. */
    public static final int UNUSABLE = 78;

    private final Clock clock;

    /**
     * @param clock the machine's clock
     */
    public SimulateCommand(Clock clock) {
        this.clock = clock;
    }

    /** Reads the words of the command line, which are written small. */
    static final class ActReader implements ITypeConverter<Run.Act> {
        @Override
        public Run.Act convert(String word) {
            return Run.Act.valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
    private CommandSpec spec;

    @Option(
            names = "--controllers",
            paramLabel = "N",
            defaultValue = "100",
            description = "How many (default: ${DEFAULT-VALUE}).")
    private int controllers = 100;

    @Option(
            names = "--claims",
            paramLabel = "DIR|ZIP",
            defaultValue = "data/simulated",
            description = "What the server wrote into the simulated directory, or claim files *.gbf "
                    + "(default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
    private Path claims = Path.of("data/simulated");

    @Option(
            names = "--broker",
            paramLabel = "URI",
            description = "mqtt://host:port or mqtts://host:port instead of the claim files' broker.")
    private @Nullable URI broker;

    @Option(
            names = "--act",
            split = ",",
            converter = ActReader.class,
            paramLabel = "welcome|settle|echo|now|transfer|release|singly|reconnect|storm",
            description = "What to do, in order (default: welcome).")
    private List<Run.Act> acts = List.of(Run.Act.WELCOME);

    @Option(names = "--for", paramLabel = "S", defaultValue = "0", description = "Seconds to live on after that.")
    private long seconds;

    @Option(
            names = "--deadline",
            paramLabel = "S",
            defaultValue = "120",
            description = "Seconds for each act (default: ${DEFAULT-VALUE}).")
    private long deadline = 120;

    @Option(
            names = "--area",
            paramLabel = "PATH",
            defaultValue = "99",
            description = "Area of all of them (default: ${DEFAULT-VALUE}).")
    private String area = "99";

    @Option(
            names = "--hello-delay",
            paramLabel = "MS",
            defaultValue = "15000",
            description = "Largest random delay before the first connection (default: ${DEFAULT-VALUE}).")
    private long helloDelay = 15_000;

    @Option(
            names = "--backoff-base",
            paramLabel = "MS",
            defaultValue = "5000",
            description = "First pause between connection attempts; doubles to 300 s (default: ${DEFAULT-VALUE}).")
    private long backoffBase = 5_000;

    @Option(
            names = "--backoff-max",
            paramLabel = "MS",
            defaultValue = "300000",
            description = "Up to which it doubles (default: ${DEFAULT-VALUE}).")
    private long backoffMax = 300_000;

    @Option(names = "--loss", paramLabel = "%", defaultValue = "0", description = "Share of messages that vanish.")
    private double loss;

    @Option(names = "--latency", paramLabel = "MS", defaultValue = "0", description = "Delay of every message.")
    private long latency;

    @Option(names = "--jitter", paramLabel = "MS", defaultValue = "0", description = "Random delay on top of it.")
    private long jitter;

    @Option(names = "--offline", paramLabel = "%", defaultValue = "0", description = "Share that is never switched on.")
    private double offline;

    @Option(
            names = "--clock-error",
            paramLabel = "MS",
            defaultValue = "0",
            description = "Real-time clocks are wrong by up to this.")
    private long clockError;

    @Option(
            names = "--power-cuts",
            paramLabel = "N",
            defaultValue = "0",
            description = "Power cuts a minute, each of one controller for 1 to 5 s.")
    private double powerCuts;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0", description = "Threads (default: one a core).")
    private int threads;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed of everything random.")
    private long seed = 1;

    /**
     * Runs the fleet.
     *
     * @return 0, {@link #INCOMPLETE} or {@link #UNUSABLE}
     */
    @Override
    public Integer call() throws InterruptedException {
        Run.Settings settings;
        try {
            settings = settings();
        } catch (IOException | GeneralSecurityException | IllegalArgumentException | Refusal e) {
            spec.commandLine().getErr().println("Cannot simulate: " + e.getMessage());
            return UNUSABLE;
        }
        say(settings.claims().size() + " controllers, broker "
                + settings.where().host() + ":"
                + settings.where().port() + (settings.where().tls() == null ? "" : " with TLS") + ", "
                + settings.threads() + " threads.");
        try (var run = new Run(settings, clock, this::say)) {
            run.begin();
            for (var act : acts) run.act(act);
            run.live(seconds);
            say(run.json().toString());
            return run.failed() ? INCOMPLETE : 0;
        }
    }

    private Run.Settings settings() throws IOException, GeneralSecurityException {
        var files = Claims.read(claims, controllers);
        if (files.size() < controllers) {
            throw new IOException(claims + " holds " + files.size() + " claim files, wanted are " + controllers);
        }
        var first = files.get(0);
        var named = first.broker().get(0);
        var uri = broker != null
                ? broker
                : URI.create((first.ca().isEmpty() ? "mqtt://" : "mqtts://") + named.host() + ":" + named.port());
        var secure = "mqtts".equals(uri.getScheme());
        if ((!secure && !"mqtt".equals(uri.getScheme())) || uri.getHost() == null || uri.getPort() <= 0) {
            throw new IllegalArgumentException("--broker must be mqtt://host:port or mqtts://host:port, not " + uri);
        }
        return new Run.Settings(
                files,
                new MqttLink.Address(uri.getHost(), uri.getPort(), secure ? trust(first) : null),
                new Profile.Pace(Math.max(0, helloDelay), Math.max(1, backoffBase), Math.max(1, backoffMax)),
                new Disturbances(loss, latency, jitter, offline, clockError, powerCuts),
                threads > 0 ? threads : Runtime.getRuntime().availableProcessors(),
                new AreaPath(area),
                deadline,
                seed);
    }

    private static SslContext trust(ClaimFile claim) throws GeneralSecurityException, IOException {
        var certificates = new ArrayList<X509Certificate>();
        for (var pem : claim.ca()) {
            for (var each : CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))) {
                if (each instanceof X509Certificate certificate) certificates.add(certificate);
            }
        }
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(certificates)
                .build();
    }

    private void say(String line) {
        var out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
