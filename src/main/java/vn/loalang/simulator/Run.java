package vn.loalang.simulator;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import vn.loalang.controller.core.Profile;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.Json;

/** One simulated fleet from power on to goodbye, and what is done with it in between. */
final class Run implements AutoCloseable {
    private static final long POLL_MS = 20;
    private static final long PROGRESS_NANOS = 2_000_000_000L;
    private static final long NANOS_PER_MS = 1_000_000;

    /** What a run can do once, in the order asked for. */
    enum Act {
        /** Wait until all are welcomed. */
        WELCOME,
        /** Wait until nothing sounds and nothing happened for 3 s. */
        SETTLE,
        /** The yardstick: one message to all, one signature check and one answer each, one reply. */
        ECHO,
        /** One emergency to all, until the last start is on the server's disk. */
        NOW,
        /** Wait until somebody restarted the broker and all are welcomed again. */
        RECONNECT,
        /** Have some boxes be given a recording, so that somebody may fetch it in their place. */
        TRANSFER,
        /** Orders to five areas, one after another: release until they are with the broker, in microseconds of the server. */
        RELEASE,
        /** The same to two thousand boxes addressed one by one. */
        SINGLY,
        /** All links break at once; until all are welcomed again. */
        STORM
    }

    /**
     * @param threads event loops
     * @param deadlineSeconds for each act
     * @param seed of everything random
     */
    record Settings(
            List<ClaimFile> claims,
            MqttLink.Address where,
            Profile.Pace pace,
            Disturbances disturbances,
            int threads,
            AreaPath area,
            long deadlineSeconds,
            long seed) {
        Settings {
            claims = List.copyOf(claims);
        }
    }

    private final Settings settings;
    private final Clock wall;
    private final Consumer<String> say;
    private final Tally tally = new Tally();
    private final Bench bench;
    private final MultiThreadIoEventLoopGroup loops;
    private final List<SimulatedController> controllers = new ArrayList<>();
    private final SplittableRandom random;
    private final int expected;
    private final long began = System.nanoTime();
    private final Json.Obj.Builder acts = Json.object();
    private long nextProgress = began + PROGRESS_NANOS;
    private final Map<Act, Integer> done = new EnumMap<>(Act.class);
    private boolean failed;

    Run(Settings settings, Clock wall, Consumer<String> say) {
        this.settings = settings;
        this.wall = wall;
        this.say = say;
        this.bench = new Bench(settings.claims().get(0).sys());
        this.loops = new MultiThreadIoEventLoopGroup(settings.threads(), NioIoHandler.newFactory());
        this.random = new SplittableRandom(settings.seed());
        var common = new SimulatedController.Common(
                settings.where(), settings.pace(), settings.disturbances(), wall, tally, bench);
        for (var claim : settings.claims()) {
            if (random.nextDouble(100) < settings.disturbances().offlinePercent()) continue;
            controllers.add(new SimulatedController(common, claim, (EventLoop) loops.next(), random.split()));
        }
        this.expected = controllers.size();
    }

    /** Switches everything on. */
    void begin() {
        for (var each : controllers) each.loop().execute(each::powerOn);
        var cuts = settings.disturbances().powerCutsPerMinute();
        if (cuts > 0) {
            var pauseMs = Math.max(1, Math.round(60_000 / cuts));
            var unused = loops.next().scheduleAtFixedRate(this::powerCut, pauseMs, pauseMs, TimeUnit.MILLISECONDS);
        }
    }

    /** Does one thing; what came of it stands in {@link #json}. */
    void act(Act what) throws InterruptedException {
        var times = done.merge(what, 1, Integer::sum);
        var name = what.name().toLowerCase(Locale.ROOT) + (times > 1 ? times : "");
        switch (what) {
            case WELCOME -> {
                var ok = await(this::allWelcomed);
                acts.put(name, outcome(ok, tally.lastNews.get() - began));
            }
            case SETTLE -> acts.put(name, settle());
            case ECHO -> acts.put(name, echo());
            case NOW -> acts.put(name, now());
            case TRANSFER -> acts.put(name, transfer());
            case RELEASE -> acts.put(name, releases("release"));
            case SINGLY -> acts.put(name, releases("singly"));
            case RECONNECT -> {
                say.accept("Now restart the broker; waiting until all are lost and welcomed again.");
                var gone = await(() -> tally.connected.get() == 0);
                acts.put(name, gone ? comingBack() : outcome(false, 0));
            }
            case STORM -> {
                for (var each : controllers) each.loop().execute(each::loseLink);
                var gone = await(() -> tally.connected.get() < expected / 2 || tally.linksLost.sum() >= expected);
                acts.put(name, gone ? comingBack() : outcome(false, 0));
            }
        }
    }

    /** Lets the fleet live for a while. */
    void live(long seconds) throws InterruptedException {
        var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < until) pause();
    }

    boolean failed() {
        return failed;
    }

    /** The last line: what was asked, what happened, how long it took in ms. */
    Json.Obj json() {
        return Json.object()
                .put("controllers", settings.claims().size())
                .put("on", expected)
                .put("connected", tally.connected.get())
                .put("welcomed", tally.welcomed.get())
                .put("ok", !failed)
                .put("ms", millisSince(began))
                .put("connect", tally.connect.json())
                .put("welcome", tally.welcome.json())
                .put("applied", tally.applied.json())
                .put("started", tally.started.json())
                .put("jack", tally.jack.json())
                .put("acts", acts.build())
                .put("plays", tally.plays())
                .put("links_lost", tally.linksLost.sum())
                .put("connects_failed", tally.connectsFailed.sum())
                .put("subscriptions_refused", tally.refusedSubscriptions.sum())
                .put("power_cuts", tally.powerCuts.sum())
                .put("messages_lost", tally.lost.sum())
                .put("sent", tally.sent.sum())
                .put("sent_bytes", tally.sentBytes.sum())
                .put("received", tally.received.sum())
                .put("received_bytes", tally.receivedBytes.sum())
                .put("heap_mb", heapMegabytes())
                .build();
    }

    @Override
    public void close() {
        for (var each : controllers) each.loop().execute(each::leave);
        loops.shutdownGracefully(200, 5_000, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }

    private boolean allWelcomed() {
        return tally.welcomed.get() >= expected;
    }

    private Json.Obj comingBack() throws InterruptedException {
        var before = tally.connect.count();
        var found = await(() -> tally.connect.count() > before);
        var from = tally.lastNews.get();
        var ok = found && await(this::allWelcomed);
        return outcome(ok, tally.lastNews.get() - from);
    }

    private Json.Obj settle() throws InterruptedException {
        var quiet = TimeUnit.SECONDS.toNanos(3);
        // A new fleet is told of its poles bit by bit, with pauses longer than that.
        var ok = await(() -> tally.sited.get() >= expected
                && tally.unacknowledged.get() == 0
                && tally.silent()
                && System.nanoTime() - tally.lastNews.get() > quiet);
        return outcome(ok, System.nanoTime() - began);
    }

    private Json.Obj echo() throws InterruptedException {
        for (var each : controllers) each.loop().execute(() -> each.hear(bench.echoTopic(settings.area())));
        live(3);
        bench.echoed.set(0);
        var answer = ask("echo");
        if (answer.isEmpty()) return outcome(false, 0);
        var ok = await(() -> bench.echoed.get() >= tally.connected.get());
        return outcome(ok, bench.lastEcho.get() - nanos(answer.get(), "at"));
    }

    private Json.Obj now() throws InterruptedException {
        var answer = ask("now");
        if (answer.isEmpty() || !(answer.get().get("sid") instanceof Json.Str sid)) return outcome(false, 0);
        var play = tally.play(sid.value() + "#1");
        var ok = await(() -> play.committed.get() >= tally.welcomed.get());
        var from = nanos(answer.get(), "at");
        // What people see may come after what is on the disk.
        var count = ask("count");
        for (var left = settings.deadlineSeconds(); left > 0 && !allShown(count); left--) {
            live(1);
            count = ask("count");
        }
        var json = Json.object().putAll(outcome(ok, play.lastCommitted.get() - from));
        json.put("released", number(answer.get(), "released") - number(answer.get(), "at"))
                .put("started", (play.lastStarted.get() - from) / NANOS_PER_MS);
        count.ifPresent(counted -> json.put("committed", number(counted, "last") - number(answer.get(), "at"))
                .put("committed_95", number(counted, "most") - number(answer.get(), "at"))
                .put("count", number(counted, "started"))
                .put("shown", number(counted, "last_shown") - number(answer.get(), "at")));
        return json.build();
    }

    private Json.Obj transfer() throws InterruptedException {
        var hash = ask("transfer")
                .flatMap(answer ->
                        answer.get("hash") instanceof Json.Str text ? Optional.of(text.value()) : Optional.empty());
        hash.ifPresent(which -> say.accept("Now fetch " + which));
        return outcome(hash.isPresent(), 0);
    }

    private Json.Obj releases(String what) throws InterruptedException {
        var answer = ask(what);
        answer.ifPresent(times -> say.accept(times.toString()));
        return answer.filter(times -> times.get("runs") instanceof Json.Int)
                .map(times -> Json.object().putAll(times).put("ok", true).build())
                .orElseGet(() -> outcome(false, 0));
    }

    private static boolean allShown(Optional<Json.Obj> count) {
        return count.filter(counted -> number(counted, "shown") < number(counted, "started"))
                .isEmpty();
    }

    private Optional<Json.Obj> ask(String what) throws InterruptedException {
        var wish = Json.object()
                .put("do", what)
                .put("area", settings.area().toString())
                .build();
        return bench.ask(controllers.get(0), wish, settings.deadlineSeconds());
    }

    /** A moment of the server's clock, which is ours too, on the clock that measures here. */
    private long nanos(Json.Obj answer, String name) {
        return System.nanoTime() - (wall.millis() - number(answer, name)) * NANOS_PER_MS;
    }

    private static long number(Json.Obj answer, String name) {
        return answer.get(name) instanceof Json.Int number ? number.value() : 0;
    }

    private Json.Obj outcome(boolean ok, long nanos) {
        failed |= !ok;
        return Json.object()
                .put("ok", ok)
                .put("ms", (nanos + NANOS_PER_MS - 1) / NANOS_PER_MS)
                .build();
    }

    private boolean await(BooleanSupplier condition) throws InterruptedException {
        var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(settings.deadlineSeconds());
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > until) return false;
            pause();
        }
        return true;
    }

    private void pause() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(POLL_MS);
        var now = System.nanoTime();
        if (now < nextProgress) return;
        nextProgress = now + PROGRESS_NANOS;
        say.accept(
                "%4d s  %,d of %,d connected, %,d welcomed, %,d know their pole, %,d journals on the way, %,d messages in, %,d out, heap %d MB"
                        .formatted(
                                millisSince(began) / 1000,
                                tally.connected.get(),
                                expected,
                                tally.welcomed.get(),
                                tally.sited.get(),
                                tally.unacknowledged.get(),
                                tally.received.sum(),
                                tally.sent.sum(),
                                heapMegabytes()));
    }

    private void powerCut() {
        var victim = controllers.get(random.nextInt(expected));
        var pauseMs = random.nextLong(1_000, 5_000);
        victim.loop().execute(() -> {
            if (!victim.isOn()) return;
            tally.powerCuts.increment();
            victim.powerCut();
            var unused = victim.loop().schedule(victim::powerOn, pauseMs, TimeUnit.MILLISECONDS);
        });
    }

    private static long heapMegabytes() {
        var runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) >> 20;
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / NANOS_PER_MS;
    }
}
