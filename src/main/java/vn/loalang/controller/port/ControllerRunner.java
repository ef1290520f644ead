package vn.loalang.controller.port;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import vn.loalang.controller.core.ControllerCore;
import vn.loalang.controller.core.Input;
import vn.loalang.controller.core.Moment;
import vn.loalang.controller.core.Output;
import vn.loalang.controller.core.Profile;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.Hello;

/**
 * Drives one core with real ports: the calling thread takes inputs from a queue, steps the core and performs its outputs in
 * order. When the disk refuses or the core fails, everything is dropped and begun again from what the disk remembers, exactly as
 * after a power cut.
 */
public final class ControllerRunner {
    private static final int MESSAGES_WAITING = 128;
    private static final long MESSAGE_PATIENCE_MS = 2_000;
    private static final long STICK_MS = 2_000;
    private static final long ROOM_MS = 10_000;
    /** Smaller changes of the disk are not worth telling. */
    private static final long ROOM_STEP_BYTES = 1 << 20;
    /** Of the disk, for journal, documents and firmware. */
    private static final long HELD_BACK_BYTES = 32 << 20;

    private static final long RESTART_PAUSE_MS = 5_000;
    private static final List<String> BENCH_ORDER = List.of("keys", "site", "cfg", "plan");

    private final Settings settings;
    private final Consumer<String> log;
    private final LinkedBlockingQueue<Input> inputs = new LinkedBlockingQueue<>();
    private final Semaphore room = new Semaphore(MESSAGES_WAITING);
    private volatile boolean stopping;
    private volatile boolean resetting;
    private volatile boolean orphaned;
    private volatile boolean synchronised;
    private volatile long rtcOffsetMs;

    /**
     * How a controller runs on this machine.
     *
     * @param data its directory, locked by the caller
     * @param profile what it is
     * @param broker {@code ssl://host:port} or {@code tcp://host:port}
     * @param tls sockets that trust the deployment's CA; null for plain connections
     * @param credential login at broker and audio server
     * @param devices where sound goes
     * @param documents directory of documents to work from instead of a server, or null
     * @param rtcOffsetMs how wrong the real-time clock is, for tests
     * @param orphanExitMs how long it plays on without parent and server
     * @param firmware directory of the two slots of firmware
     * @param usb directory that stands for a memory stick's slot, or null
     * @param listening what it can listen to
     * @param hooks buttons and switches for a tester, or null
     * @param wall the machine's clock
     */
    public record Settings(
            Path data,
            Profile profile,
            String broker,
            @Nullable Tls tls,
            ClaimFile.Credential.Password credential,
            SoundDevices devices,
            @Nullable Path documents,
            long rtcOffsetMs,
            long orphanExitMs,
            Path firmware,
            @Nullable Path usb,
            LocalInputs listening,
            @Nullable HookPort hooks,
            Clock wall) {}

    /** Sockets that trust the authorities of a claim file and judge dates only when the controller's clock is synchronised. */
    public static final class Tls {
        private volatile BooleanSupplier synchronised = () -> false;
        private final SSLSocketFactory sockets;

        /**
         * @param authorities certificates, PEM
         * @throws GeneralSecurityException if one cannot be read
         */
        public Tls(List<String> authorities, Clock wall) throws GeneralSecurityException {
            sockets = PinnedTrust.sockets(authorities, () -> synchronised.getAsBoolean(), wall);
        }
    }

    public ControllerRunner(Settings settings, Consumer<String> log) {
        this.settings = settings;
        this.log = log;
        this.rtcOffsetMs = settings.rtcOffsetMs();
    }

    /** Ends {@link #run} soon; callable from any thread. */
    public void stop() {
        stopping = true;
        inputs.add(new Input.Tick());
    }

    /** The real-time clock is wrong by so much from now on; callable from any thread. */
    private void clock(long offsetMs) {
        rtcOffsetMs = offsetMs;
        inputs.add(new Input.Tick());
    }

    /** The watchdog bites: begins again without any farewell, as after a crash; callable from any thread. */
    private void reset() {
        resetting = true;
        inputs.add(new Input.Tick());
    }

    /** The parent process died: play on, and leave in time unless a server welcomes us. */
    public void orphan() {
        orphaned = true;
        log.accept("The parent process is gone; playing on, leaving after " + settings.orphanExitMs() / 1000
                + " s unless a server takes over.");
    }

    /** Works until {@link #stop} or until orphaned for too long. */
    public void run() {
        var why = Hello.Why.POWER;
        while (!stopping) {
            try {
                why = live(why);
            } catch (IOException e) {
                log.accept("The disk refuses (" + e + "); beginning again in 5 s from what it remembers.");
                why = Hello.Why.WATCHDOG;
                pause();
            } catch (RuntimeException e) {
                log.accept("Internal failure (" + e + " at " + place(e) + "); beginning again in 5 s.");
                why = Hello.Why.WATCHDOG;
                pause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** One life, from power on to power off; returns why there may be another. */
    private Hello.Why live(Hello.Why why) throws IOException, InterruptedException {
        inputs.clear();
        resetting = false;
        room.drainPermits();
        room.release(MESSAGES_WAITING);
        var slots = new FirmwareSlots(settings.firmware());
        var profile = slots.boot().map(settings.profile()::running).orElse(settings.profile());
        var files = new AssetFiles(settings.data());
        if (settings.documents() != null) bringAssets(files, settings.documents());
        files.warmUp();
        var trust = settings.tls();
        if (trust != null) trust.synchronised = () -> synchronised;
        var tls = trust == null ? null : trust.sockets;
        var credential = settings.credential();
        var bootNanos = System.nanoTime();
        try (var store = DiskStore.open(settings.data());
                var player = new SoundPlayer(
                        settings.devices(),
                        files.directory(),
                        settings.listening(),
                        event -> inputs.add(new Input.Sink(event)),
                        bootNanos);
                var fetcher = new HttpFetcher(files, tls, credential.user(), credential.pass(), inputs::add, log);
                var mqtt = new MqttPort(
                        settings.broker(),
                        profile.id().value(),
                        credential.user(),
                        credential.pass(),
                        settings.broker().startsWith("ssl:") ? tls : null,
                        this::enqueue,
                        log)) {
            var core = new ControllerCore(
                    profile.with(profile.proof(), why, profile.bench(), profile.pace()),
                    store.content(),
                    files.ready(),
                    files.parts(),
                    new SecureRandom());
            var usb = settings.usb();
            var stick = usb == null ? null : new UsbStick(usb);
            var ports = new Ports(
                    store,
                    player,
                    fetcher,
                    mqtt,
                    files,
                    slots,
                    stick,
                    UnitKey.in(settings.data()),
                    () -> measure(player));
            var hooks = settings.hooks();
            if (hooks != null) hooks.to(inputs::add, this::clock, this::reset);
            return new Loop(core, ports, bootNanos).turn();
        }
    }

    /** Apart from the loop, because a sound card may take its time. */
    private void measure(SoundPlayer player) {
        var thread = new Thread(
                () -> {
                    var sink = player.measure();
                    var hooks = settings.hooks();
                    inputs.add(hooks == null ? new Input.Measured(sink, List.of()) : hooks.seen(sink));
                },
                "measure");
        thread.setDaemon(true);
        thread.start();
    }

    private void enqueue(Input input) {
        if (!(input instanceof Input.Received)) {
            inputs.add(input);
            return;
        }
        try {
            // A flood waits on the socket, not in memory; what is lost here is repeated by the server.
            if (room.tryAcquire(MESSAGE_PATIENCE_MS, TimeUnit.MILLISECONDS)) inputs.add(input);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RESTART_PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
    }

    private static String place(RuntimeException e) {
        var trace = e.getStackTrace();
        return trace.length == 0 ? "?" : trace[0].toString();
    }

    private static void bringAssets(AssetFiles files, Path documents) throws IOException {
        var folder = documents.resolve("assets");
        if (!Files.isDirectory(folder)) return;
        try (var list = Files.list(folder)) {
            for (var file : (Iterable<Path>) list::iterator) files.bring(file);
        }
    }

    private static List<Bytes> benchDocuments(Path folder) throws IOException {
        var paths = new ArrayList<Path>();
        try (var list = Files.list(folder)) {
            list.filter(p -> p.getFileName().toString().endsWith(".gb1")).forEach(paths::add);
        }
        paths.sort(Comparator.comparingInt(ControllerRunner::benchOrder).thenComparing(Path::getFileName));
        var messages = new ArrayList<Bytes>();
        for (var path : paths) messages.add(Bytes.of(Files.readAllBytes(path)));
        return messages;
    }

    private static int benchOrder(Path path) {
        var name = path.getFileName().toString();
        for (int i = 0; i < BENCH_ORDER.size(); i++) if (name.startsWith(BENCH_ORDER.get(i))) return i;
        return BENCH_ORDER.size();
    }

    private record Ports(
            DiskStore store,
            SoundPlayer player,
            HttpFetcher fetcher,
            MqttPort mqtt,
            AssetFiles files,
            FirmwareSlots slots,
            @Nullable UsbStick stick,
            UnitKey key,
            Runnable measure) {
        void perform(Output output, Consumer<String> log) throws IOException {
            if (output instanceof Output.Persist persist) store.persist(persist.changes());
            else if (output instanceof Output.Publish publish) mqtt.publish(publish);
            else if (output instanceof Output.Subscribe subscribe) mqtt.subscribe(subscribe);
            else if (output instanceof Output.Unsubscribe unsubscribe) mqtt.unsubscribe(unsubscribe.topics());
            else if (output instanceof Output.Connect connect) mqtt.connect(connect);
            else if (output instanceof Output.Fetch fetch) fetcher.fetch(fetch);
            else if (output instanceof Output.Verify verify) fetcher.verify(verify);
            else if (output instanceof Output.Place place) fetcher.place(place);
            else if (output instanceof Output.Discard discard) fetcher.discard(discard);
            else if (output instanceof Output.Play play) player.play(play);
            else if (output instanceof Output.Adjust adjust) player.adjust(adjust);
            else if (output instanceof Output.Fade fade) player.fade(fade);
            else if (output instanceof Output.Chunk chunk) player.chunk(chunk);
            else if (output instanceof Output.Stage stage) slots.stage(files.whole(stage.image()), stage.version());
            else if (output instanceof Output.KeepFirmware keep) slots.keep(keep.version());
            else if (output instanceof Output.RevertFirmware) slots.revert();
            else if (output instanceof Output.Bring bring && stick != null) {
                fetcher.bring(bring, stick.asset(bring.hash()));
            } else if (output instanceof Output.Export export && stick != null) export(export, stick, log);
            else if (output instanceof Output.Abort) fetcher.abort();
            else if (output instanceof Output.Measure) measure.run();
            else if (output instanceof Output.Blink blink) log.accept("The lamp blinks for " + blink.seconds() + " s.");
            else if (output instanceof Output.Say say) log.accept(say.line());
        }

        private void export(Output.Export export, UsbStick to, Consumer<String> log) {
            try {
                to.export(export.journal().name(), key.sign(export.journal()));
            } catch (IOException e) {
                log.accept("The journal cannot be written to the stick (" + e + ").");
            }
        }
    }

    private final class Loop {
        private final ControllerCore core;
        private final Ports ports;
        private final long bootNanos;
        private long aloneSinceMono = -1;
        private boolean restarting;
        private Hello.Why why = Hello.Why.CMD;
        private long lookedMono;
        private long roomMono;
        private long toldRoom = -1;

        Loop(ControllerCore core, Ports ports, long bootNanos) {
            this.core = core;
            this.ports = ports;
            this.bootNanos = bootNanos;
        }

        Hello.Why turn() throws IOException, InterruptedException {
            if (settings.documents() != null) {
                for (var message : benchDocuments(settings.documents())) perform(core.bench(now(), message));
            }
            perform(core.step(now(), new Input.Tick()));
            while (!stopping && !restarting && !resetting) {
                var wait = core.nextWake() - now().mono();
                var input = inputs.poll(Math.max(0, wait), TimeUnit.MILLISECONDS);
                if (input instanceof Input.Received) room.release();
                perform(core.step(now(), input == null ? new Input.Tick() : input));
                synchronised = core.isSynchronised();
                leaveIfAlone();
                lookForStick();
                lookForRoom();
            }
            ports.player().close();
            if (resetting) return Hello.Why.WATCHDOG;
            ports.mqtt().leave(core.goodbye());
            return why;
        }

        private void perform(List<Output> outputs) throws IOException {
            for (var output : outputs) {
                if (output instanceof Output.Restart) restarting = true;
                else ports.perform(output, log);
                if (output instanceof Output.Stage || output instanceof Output.RevertFirmware) {
                    restarting = true;
                    why = Hello.Why.FW;
                }
            }
        }

        private void lookForStick() {
            var stick = ports.stick();
            var mono = now().mono();
            if (stick == null || mono - lookedMono < STICK_MS) return;
            lookedMono = mono;
            try {
                stick.arrived().ifPresent(inputs::add);
            } catch (IOException e) {
                log.accept("The memory stick cannot be read (" + e + ").");
            }
        }

        private void lookForRoom() throws IOException {
            var mono = now().mono();
            if (toldRoom >= 0 && mono - roomMono < ROOM_MS) return;
            roomMono = mono;
            var room = Math.max(0, Files.getFileStore(settings.data()).getUsableSpace() - HELD_BACK_BYTES);
            if (toldRoom >= 0 && Math.abs(room - toldRoom) < ROOM_STEP_BYTES) return;
            toldRoom = room;
            inputs.add(new Input.Room(room));
        }

        private Moment now() {
            var mono = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - bootNanos);
            return new Moment(mono, settings.wall().millis() + rtcOffsetMs);
        }

        private void leaveIfAlone() {
            var mono = now().mono();
            if (!orphaned || core.isWelcomed() || core.isSounding()) {
                aloneSinceMono = -1;
            } else if (aloneSinceMono < 0) {
                aloneSinceMono = mono;
            } else if (mono - aloneSinceMono >= settings.orphanExitMs()) {
                log.accept("Nobody took over; leaving.");
                stopping = true;
            }
        }
    }
}
