package vn.loalang.conformance;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.jspecify.annotations.Nullable;

/** Runs the chosen tests against one kind of controller. */
public final class Kit {
    private final Settings settings;
    private final Consumer<String> console;
    private final AtomicInteger benches = new AtomicInteger();

    /**
     * @param console told one line per test as it ends
     */
    public Kit(Settings settings, Consumer<String> console) {
        this.settings = settings;
        this.console = console;
    }

    /** The names of all tests with their tags, one per line: {@code Suite.test profile TAG TAG …}. */
    public static List<String> list() {
        return Suites.all().stream()
                .map(test -> test.name() + " " + test.proves().profile() + " "
                        + String.join(" ", test.proves().value()))
                .sorted()
                .toList();
    }

    /**
     * Runs everything; returns when the last controller has ended.
     *
     * @throws IOException if the broker cannot be reached or the working directory cannot be written
     */
    public List<Result> run() throws IOException {
        var lanes = Suites.choose(settings.profiles(), settings.only());
        var results = new CopyOnWriteArrayList<Result>();
        // Encoded before anything is timed.
        for (var audio : List.of(Audio.of("long", 60), Audio.of("short", 6))) {
            if (audio.file().length == 0) throw new IOException("The kit cannot encode its recordings.");
        }
        var pool = Executors.newFixedThreadPool(settings.lanes());
        var watch = Executors.newSingleThreadScheduledExecutor();
        Optional<KitTls> tls = settings.ca().isEmpty()
                ? Optional.empty()
                : Optional.of(KitTls.of(settings.ca().get(), settings.clock()));
        try (var uplink = new Uplink(settings, tls)) {
            var tasks = new ArrayList<Callable<Boolean>>();
            for (var lane : lanes) tasks.add(() -> new Lane(tls, uplink, watch, results).run(lane));
            for (var future : pool.invokeAll(tasks)) {
                var unused = future.get();
            }
        } catch (MqttException e) {
            throw new IOException("No broker at " + settings.broker() + ": " + e.getMessage(), e);
        } catch (ExecutionException e) {
            throw new IOException("The kit itself failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            pool.shutdownNow();
            watch.shutdownNow();
        }
        return List.copyOf(results);
    }

    /** Runs the tests of one suite one after another, on one box as long as none fails. */
    private final class Lane {
        private final Optional<KitTls> tls;
        private final Uplink uplink;
        private final ScheduledExecutorService watch;
        private final List<Result> results;
        private @Nullable Bench bench;

        Lane(Optional<KitTls> tls, Uplink uplink, ScheduledExecutorService watch, List<Result> results) {
            this.tls = tls;
            this.uplink = uplink;
            this.watch = watch;
            this.results = results;
        }

        boolean run(List<Suites.Case> cases) {
            try {
                for (var test : cases) {
                    var result = run(test);
                    results.add(result);
                    console.accept(String.format(
                            java.util.Locale.ROOT,
                            "%-14s %6.1f s  %s %s%s",
                            result.outcome().wire(),
                            result.millis() / 1000.0,
                            result.test(),
                            result.rules(),
                            result.detail().isEmpty() ? "" : "\n                 " + result.detail()));
                }
            } finally {
                drop();
            }
            return true;
        }

        private Result run(Suites.Case test) {
            long start = System.nanoTime();
            var outcome = Outcome.PASS;
            var detail = "";
            var mine = Thread.currentThread();
            try {
                if (test.proves().fresh()) drop();
                var ready = bench(!test.proves().fresh());
                if (!test.proves().profile().equals("core")
                        && !test.proves().profile().equals("soak")) {
                    if (test.proves().fresh()) ready.open();
                    ready.needs(test.proves().profile());
                }
                var alarm = watch.schedule(mine::interrupt, test.proves().seconds(), TimeUnit.SECONDS);
                try {
                    call(test, ready);
                } finally {
                    alarm.cancel(false);
                }
                detail = ready.measures();
                if (test.proves().fresh()) drop();
                else ready.tidy();
            } catch (Verdict verdict) {
                outcome = verdict.outcome();
                detail = verdict.detail();
                if (outcome != Outcome.NOT_SUPPORTED) drop();
            } catch (IOException | MqttException | RuntimeException e) {
                outcome = Outcome.FAIL;
                detail = "The kit itself failed: " + e + " at "
                        + Arrays.stream(e.getStackTrace()).limit(3).toList();
                drop();
            } finally {
                // An alarm that rang late must not hit the next test.
                var unused = Thread.interrupted();
            }
            return new Result(
                    test.name(),
                    test.proves().profile(),
                    List.of(test.proves().value()),
                    outcome,
                    detail,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        }

        private void call(Suites.Case test, Bench ready) {
            try {
                var constructor = test.suite().getDeclaredConstructor(Bench.class);
                test.method().invoke(constructor.newInstance(ready));
            } catch (InvocationTargetException e) {
                if (e.getCause() instanceof RuntimeException cause) throw cause;
                throw new IllegalStateException(e.getCause());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }

        private Bench bench(boolean open) throws IOException, MqttException {
            var current = bench;
            if (current != null) return current;
            var number = benches.incrementAndGet();
            var fresh = new Bench(
                    settings,
                    tls,
                    uplink,
                    java.nio.file.Files.createDirectories(settings.work().resolve("box-" + number)),
                    Bench.fresh());
            bench = fresh;
            if (open) fresh.open();
            return fresh;
        }

        private void drop() {
            var current = bench;
            bench = null;
            if (current != null) current.close();
        }
    }
}
