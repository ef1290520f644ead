package vn.loalang.controller;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import vn.loalang.controller.core.Profile;
import vn.loalang.controller.port.Claimed;
import vn.loalang.controller.port.ControllerRunner;
import vn.loalang.controller.port.HookPort;
import vn.loalang.controller.port.LocalInputs;
import vn.loalang.controller.port.Sinks;
import vn.loalang.controller.port.UnitKey;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Refusal;

/** {@code loalang controller}: runs one loudspeaker controller, without Spring. */
@Command(
        name = "controller",
        mixinStandardHelpOptions = true,
        description =
                "Runs one loudspeaker controller: fetches its programme, plays it on time, reports what was heard.")
public final class ControllerCommand implements Callable<Integer> {
    /** Exit code when another controller runs on the same data directory. */
    public static final int BUSY = 75;
    /** Exit code when the claim file or an option cannot be used. */
    public static final int UNUSABLE = 78;

    private static final String MODEL = "loalang-pc";
    /** What the sync of a slow card, a cold decoder and opening a sound card take, with room. */
    private static final long LEAD_MS = 500;

    /** Where sound goes. */
    enum Sink {
        AUTO,
        JAVASOUND,
        WAV;

        /** Reads the words of the command line, which are written small. */
        static final class Reader implements ITypeConverter<Sink> {
            @Override
            public Sink convert(String word) {
                return Sink.valueOf(word.toUpperCase(Locale.ROOT));
            }
        }
    }

    private final Clock clock;

    /**
     * @param clock the machine's clock
     */
    public ControllerCommand(Clock clock) {
        this.clock = clock;
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
    private CommandSpec spec;

    @Option(names = "--data", paramLabel = "DIR", description = "Data directory of this controller (required).")
    private @Nullable Path dataOption;

    private Path data = Path.of("");

    @Option(
            names = "--claim",
            paramLabel = "FILE",
            description = "Claim file made by the server; kept, so that later starts need none.")
    private @Nullable Path claim;

    @Option(
            names = "--claim-button",
            description = {
                "With --claim, as if the button in the box had been held for 10 s: a claimed box takes the new claim file.",
                "It writes its journal to the stick of --usb or to DATA/journals, and forgets all that belonged to the old one."
            })
    private boolean claimButton;

    @Option(names = "--pin", paramLabel = "PIN", description = "The six digits in the box, for claim files of any box.")
    private @Nullable String pin;

    @Option(
            names = "--sink",
            paramLabel = "auto|javasound|wav",
            defaultValue = "auto",
            converter = Sink.Reader.class,
            description = "Sound card, or WAV files at the pace of real time (default: ${DEFAULT-VALUE}).")
    private Sink sink = Sink.AUTO;

    @Option(names = "--wav-dir", paramLabel = "DIR", description = "Directory of WAV files (default: DATA/wav).")
    private @Nullable Path wavDir;

    @Option(
            names = "--broker",
            paramLabel = "URI",
            description = "ssl://host:port, or tcp://host:port on this machine, instead of the claim file's broker.")
    private @Nullable String broker;

    @Option(
            names = "--documents",
            paramLabel = "DIR",
            description = "Works from signed documents (*.gb1) and assets/ in a directory, without any server.")
    private @Nullable Path documents;

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
            names = "--parent-stdin",
            description = "End of standard input means that the parent died: plays on, leaves after --orphan-exit.")
    private boolean parentStdin;

    @Option(
            names = "--orphan-exit",
            paramLabel = "TIME",
            defaultValue = "10m",
            description = "How long to stay without parent and server, such as 30s or 10m (default: ${DEFAULT-VALUE}).")
    private String orphanExit = "10m";

    @Option(
            names = "--hook-port",
            paramLabel = "PORT",
            description = "For tests: takes STOP, RESET, SIREN on|off, MIC on|off, CLOCK MS, AMP fault|ok,"
                    + " LINE ok|open|short|earth, MAINS off|on,"
                    + " one a line, on this port of 127.0.0.1 (0: any).")
    private @Nullable Integer hookPort;

    @Option(
            names = "--input",
            paramLabel = "NAME=SOURCE",
            description =
                    "What line, fm or mic is: card for the sound card's input, or a WAV file of 24 kHz, repeated.")
    private Map<String, String> inputs = new HashMap<>();

    @Option(
            names = "--store",
            paramLabel = "MIB",
            defaultValue = "512",
            description = "Room for sound (default: ${DEFAULT-VALUE} MiB).")
    private int storeMib;

    @Option(names = "--without-live", description = "Leaves the profile live out, as a box without a jitter buffer.")
    private boolean withoutLive;

    @Option(
            names = "--usb",
            paramLabel = "DIR",
            description = "Where a memory stick appears: takes DIR/GB1/bundle.gb1, writes the journal to DIR/GB1/out.")
    private @Nullable Path usb;

    @Option(
            names = "--firmware",
            paramLabel = "DIR",
            description = "Where the two slots of firmware are (default: DATA/firmware).")
    private @Nullable Path firmware;

    @Option(names = "--rtc-offset", paramLabel = "MS", defaultValue = "0", description = "Pretends a wrong clock.")
    private long rtcOffset;

    /**
     * Runs until it is told to stop.
     *
     * @return 0, {@link #BUSY} or {@link #UNUSABLE}
     */
    @Override
    public Integer call() throws IOException {
        // Not required by picocli's own means, because init would then need it twice.
        if (dataOption == null) {
            err().println("Name the data directory of this controller with --data DIR.");
            return UNUSABLE;
        }
        data = dataOption;
        Files.createDirectories(data);
        try (var lock = FileChannel.open(data.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (lock.tryLock() == null) {
                err().println("Another controller runs on " + data + "; it keeps running.");
                return BUSY;
            }
            return locked();
        } catch (Unusable e) {
            err().println(e.getMessage());
            return UNUSABLE;
        }
    }

    /** Makes the box's key if there is none and prints the label to register it with. */
    @Command(
            name = "init",
            description = "Makes the key of this controller, if absent, and prints its label GB1:{id}:{model}.")
    int init(
            @Option(names = "--data", required = true, paramLabel = "DIR", description = "Data directory.")
                    Path directory)
            throws IOException {
        Files.createDirectories(directory);
        out().println(UnitKey.in(directory).label(MODEL));
        out().flush();
        return 0;
    }

    private int locked() throws IOException, Unusable {
        var unit = UnitKey.in(data);
        var claimed = Claimed.in(data);
        var file = claim(claimed, unit);
        if (!(file.cred() instanceof ClaimFile.Credential.Password credential)) {
            throw new Unusable("The claim file holds a client certificate; this controller logs in by password.");
        }
        var address = address(file);
        var loud = sink == Sink.WAV ? Optional.<Sinks.Choice>empty() : Sinks.card();
        if (sink == Sink.JAVASOUND && loud.isEmpty()) throw new Unusable("There is no sound card; use --sink wav.");
        var choice = loud.orElseGet(() -> Sinks.wav(wavDir != null ? wavDir : data.resolve("wav"), clock));
        var listening = listening();
        var tls = tls(file);
        var stay = duration(orphanExit).toMillis();
        // Last of all that may fail: a box whose options cannot be used keeps the claim it has.
        keep(file, claimed, unit);
        var whole = Profile.of(unit.id(), file)
                .with(
                        choice.proof(),
                        Hello.Why.POWER,
                        documents != null,
                        new Profile.Pace(Math.max(0, helloDelay), Math.max(1, backoffBase)))
                .equipped(listening.names(), Math.max(1, storeMib) * (1L << 20))
                .leading(LEAD_MS);
        var profile = withoutLive ? whole.withoutLive() : whole;
        var hooks = hookPort == null ? null : HookPort.listen(hookPort);
        if (hooks != null) say(unit, "Hooks listen on 127.0.0.1:" + hooks.port() + ".");
        var runner = new ControllerRunner(
                new ControllerRunner.Settings(
                        data,
                        profile,
                        address,
                        tls,
                        credential,
                        choice.devices(),
                        documents,
                        rtcOffset,
                        stay,
                        firmware != null ? firmware : data.resolve("firmware"),
                        usb,
                        listening,
                        hooks,
                        clock),
                line -> say(unit, line));
        say(
                unit,
                "Controller " + unit.label(MODEL) + " starts; sound goes to " + choice.name() + ", "
                        + (documents == null ? "server " + address : "documents from " + documents) + ".");
        stopWithTheProcess(runner);
        if (parentStdin) watchParent(runner);
        runner.run();
        return 0;
    }

    /** The claim to work under: the one it is given, or else the one in force. */
    private ClaimFile claim(Claimed claimed, UnitKey unit) throws IOException, Unusable {
        if (claimButton && claim == null) throw new Unusable("--claim-button needs the new claim: add --claim FILE.");
        try {
            var kept = claimed.file();
            if (claim == null && kept.isEmpty()) {
                throw new Unusable("Not claimed yet. Register the label " + unit.label(MODEL)
                        + " at the server, then start with --claim FILE.");
            }
            var file = claim != null ? ClaimFile.decode(Files.readAllBytes(claim)) : kept.orElseThrow();
            if (!file.fits(unit.id(), Optional.ofNullable(pin))) {
                throw new Unusable("The claim file is for " + (file.id() == null ? "a box with another PIN" : file.id())
                        + "; this box is " + unit.id() + ".");
            }
            // The same file may lie in its slot at every start.
            if (kept.isPresent() && !kept.get().equals(file) && !claimButton) {
                throw new Unusable(
                        "This box is claimed already (for " + kept.get().sys()
                                + "). A new claim needs the button held for 10 s: start once with --claim-button. [CLM-2]");
            }
            return file;
        } catch (Refusal e) {
            throw new Unusable("The claim file cannot be used: " + e.getMessage());
        }
    }

    private void keep(ClaimFile file, Claimed claimed, UnitKey unit) throws IOException, Unusable {
        var kept = claimed.file();
        if (kept.isEmpty()) {
            claimed.keep(file);
        } else if (!kept.get().equals(file)) {
            var journal = journal(kept.get(), claimed, unit);
            claimed.replace(file);
            say(
                    unit,
                    "Claimed anew, for " + file.sys() + "; "
                            + journal.map(path ->
                                            "the journal for " + kept.get().sys() + " lies in " + path + ".")
                                    .orElse("the journal was empty."));
        }
    }

    private Optional<Path> journal(ClaimFile old, Claimed claimed, UnitKey unit) throws Unusable {
        try {
            return claimed.export(old, unit, usb);
        } catch (IOException e) {
            throw new Unusable("The journal cannot be written (" + e + "), so the claim for " + old.sys() + " stays.");
        }
    }

    private String address(ClaimFile file) throws Unusable, IOException {
        var first = file.broker().get(0);
        var uri = broker != null
                ? broker
                : (file.ca().isEmpty() ? "tcp://" : "ssl://") + first.host() + ":" + first.port();
        if (uri.startsWith("ssl://")) {
            if (file.ca().isEmpty()) throw new Unusable("The claim file holds no authority to check " + uri + " with.");
            return uri;
        }
        if (!uri.startsWith("tcp://")) throw new Unusable("--broker must be ssl://host:port or tcp://host:port.");
        var host = uri.substring("tcp://".length()).replaceFirst(":\\d+$", "");
        if (!InetAddress.getByName(host).isLoopbackAddress()) {
            throw new Unusable("Without TLS only a broker on this machine may be used, not " + host + ".");
        }
        return uri;
    }

    private ControllerRunner.@Nullable Tls tls(ClaimFile file) throws Unusable {
        if (file.ca().isEmpty()) return null;
        try {
            return new ControllerRunner.Tls(file.ca(), clock);
        } catch (GeneralSecurityException e) {
            throw new Unusable("The authority in the claim file cannot be read: " + e.getMessage());
        }
    }

    private LocalInputs listening() throws Unusable {
        try {
            return LocalInputs.of(inputs);
        } catch (IllegalArgumentException e) {
            throw new Unusable("--input cannot be used: " + e.getMessage() + ".");
        }
    }

    private static Duration duration(String text) throws Unusable {
        try {
            return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
        } catch (java.time.format.DateTimeParseException e) {
            throw new Unusable("--orphan-exit must be a time such as 30s or 10m, not " + text + ".");
        }
    }

    private void stopWithTheProcess(ControllerRunner runner) {
        var main = Thread.currentThread();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            runner.stop();
                            try {
                                main.join(TimeUnit.SECONDS.toMillis(4));
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "stop"));
    }

    private static void watchParent(ControllerRunner runner) {
        var watcher = new Thread(
                () -> {
                    try {
                        System.in.transferTo(OutputStream.nullOutputStream());
                        runner.orphan();
                    } catch (IOException e) {
                        // A broken pipe says the same as its end.
                        runner.orphan();
                    }
                },
                "parent");
        watcher.setDaemon(true);
        watcher.start();
    }

    private void say(UnitKey unit, String line) {
        var out = out();
        synchronized (out) {
            out.println(
                    clock.instant().truncatedTo(java.time.temporal.ChronoUnit.MILLIS) + " " + unit.id() + " " + line);
            out.flush();
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Why it cannot run, in a sentence for the person at the keyboard. */
    private static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String sentence) {
            super(sentence);
        }
    }
}
