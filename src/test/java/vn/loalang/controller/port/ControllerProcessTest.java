package vn.loalang.controller.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.JournalFile;
import vn.loalang.protocol.Step;
import vn.loalang.sound.CanonicalMp3;
import vn.loalang.sound.Siren;

/** A controller as its own process, in real time, killed as a power cut kills it. */
class ControllerProcessTest {
    private static final int RATE = CanonicalMp3.SAMPLE_RATE;

    @TempDir
    Path directory;

    private final Clock clock = Clock.systemUTC();
    private final List<Process> processes = new ArrayList<>();
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private Path data;
    private Path documents;
    private Path wav;
    private Deployment deployment;

    @BeforeEach
    void prepare() throws IOException {
        data = Files.createDirectories(directory.resolve("data"));
        documents =
                Files.createDirectories(directory.resolve("documents/assets")).getParent();
        wav = directory.resolve("wav");
        var unit = UnitKey.in(data);
        deployment = new Deployment(unit.id(), clock.millis() - 86_400_000);
        Files.write(directory.resolve("claim.gbf"), deployment.claim().encode());
    }

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void itPlaysASignedPlanFromAFileOnTimeAndRejoinsAfterAPowerCut() throws Exception {
        var audio = Deployment.audio(50, 1);
        var at = clock.millis() + 4_000;
        writePlan(at, 50, audio);
        var first = start();
        await(20_000, "the first seconds", () -> length("a-1") > 3 * RATE);
        kill(first);
        var heardMs = length("a-1") * 1000 / RATE;

        start();
        await(20_000, "the rejoining", () -> length("a-2") > 3 * RATE);
        var content = decoded(audio);
        var meta = meta("a-1");
        assertThat(meta.first() - at).as("start error of the first sample, ms").isBetween(0L, 250L);
        assertThat(lagMs(samples("a-1"), content, 0)).isBetween(-5.0, 5.0);
        assertThat(correlation(samples("a-1"), content, 0)).isGreaterThan(0.98);

        var rejoined = meta("a-2");
        var offset = rejoined.first() - at;
        assertThat((double) rejoined.offset()).as("timeline offset").isCloseTo(offset, within(250));
        assertThat(lagMs(samples("a-2"), content, rejoined.offset())).isBetween(-250.0, 250.0);
        assertThat(rejoined.offset()).as("nothing is heard twice").isGreaterThan(heardMs);

        var events = journal();
        var cut = events.stream()
                .filter(e -> e instanceof Event.Interrupted)
                .map(e -> (Event.Interrupted) e)
                .toList();
        assertThat(cut).hasSize(1);
        assertThat(cut.get(0).why()).isEqualTo(Event.Interruption.POWER_LOSS);
        assertThat(cut.get(0).ms()).isBetween(heardMs - 1_500, heardMs);
    }

    @Test
    void itStaysSilentAfterAPowerCutWhenLessThanThirtySecondsAreLeft() throws Exception {
        var audio = Deployment.audio(25, 2);
        writePlan(clock.millis() + 4_000, 25, audio);
        var first = start();
        await(20_000, "the first seconds", () -> length("a-1") > 2 * RATE);
        kill(first);
        start();
        await(20_000, "the restart's report", () -> says("The power failed while a sounded"));
        await(10_000, "two more seconds of silence", elapsed(2_000));
        assertThat(wav.resolve("a-2.wav")).doesNotExist();
    }

    @Test
    void anEmergencyInterruptsAnItemWhichRejoinsWhereItsNeighboursAreAndTheSwitchesWork() throws Exception {
        var audio = Deployment.audio(70, 4);
        var at = clock.millis() + 5_000;
        writePlan(at, 70, audio);
        var ordered = at + 5_000;
        var wail = new Step.Tone(Step.Pattern.WAIL, 1, 4, 0);
        Files.write(
                documents.resolve("now.gb1"),
                deployment
                        .orders(clock.millis(), Deployment.order("flood", 85, ordered, 600, 1, 0, wail))
                        .toArray());
        start("--hook-port", "0");
        await(40_000, "the rejoining", () -> length("a-2") > 3 * RATE);
        assertThat(hook("SIREN on", "AMP what", "SIREN off", "STOP")).containsExactly("OK", "ERR", "OK", "OK");
        await(10_000, "the end by hand", () -> says("(local_stop)"));

        var siren = samples("flood.1-1");
        assertThat(meta("flood.1-1").first() - ordered).as("latency, ms").isBetween(0L, 1_000L);
        assertThat(siren).as("four seconds of it").hasSizeBetween(4 * RATE - 100, 4 * RATE + 100);
        var expected = new short[siren.length];
        Siren.blast(Siren.Pattern.WAIL, 4L * RATE, 0, expected, 0, Math.min(expected.length, 4 * RATE));
        assertThat(correlation(siren, expected, 0)).isGreaterThan(0.99);

        var content = decoded(audio);
        var rejoined = meta("a-2");
        assertThat((double) rejoined.offset()).as("timeline offset").isCloseTo(rejoined.first() - at, within(250));
        assertThat(lagMs(samples("a-2"), content, rejoined.offset())).isBetween(-5.0, 5.0);
        assertThat(correlation(samples("a-1"), content, 0)).as("before it").isGreaterThan(0.9);
        assertThat(journal().stream()
                        .filter(e -> e.kind().equals("play") || e.kind().equals("local"))
                        .map(e -> e.kind() + "/" + e.state())
                        .limit(5)
                        .toList())
                .containsExactly("play/started", "play/interrupted", "play/started", "play/completed", "play/started");
    }

    /** First words of what the hooks answer. */
    private List<String> hook(String... commands) throws IOException {
        String line;
        synchronized (lines) {
            line = lines.stream()
                    .filter(l -> l.contains("Hooks listen on"))
                    .findFirst()
                    .orElseThrow();
        }
        var port = Integer.parseInt(line.replaceAll(".*:(\\d+)\\.", "$1"));
        var answers = new ArrayList<String>();
        try (var socket = new java.net.Socket("127.0.0.1", port);
                var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            for (var command : commands) {
                socket.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
                answers.add(in.readLine().split(" ")[0]);
                if (command.endsWith(" on")) await(10_000, "the siren", () -> length("siren-1") > RATE / 2);
                if (command.endsWith(" off")) await(10_000, "the item again", () -> length("a-3") > RATE / 2);
            }
        }
        return answers;
    }

    @Test
    void twoControllersNeverRunOnOneDirectoryAndAnUnclaimedOneSaysWhatToDo() throws Exception {
        writePlan(clock.millis() + 3_600_000, 10, Deployment.audio(1, 3));
        start();
        await(20_000, "the start", () -> says("starts;"));
        var second = start();
        assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isEqualTo(75);
        assertThat(says("Another controller runs on")).isTrue();
    }

    @Test
    void aNewClaimNeedsTheButtonAndThenTheBoxBeginsAfresh() throws Exception {
        var audio = Deployment.audio(40, 5);
        writePlan(clock.millis() + 4_000, 40, audio);
        var first = start();
        await(20_000, "the first second", () -> length("a-1") > RATE);
        kill(first);
        var label = UnitKey.in(data).label("model");
        var before = memory();

        var other = new Deployment(deployment.id(), clock.millis() - 3_600_000);
        Files.write(directory.resolve("claim.gbf"), other.claim().encode());
        var refused = start();
        assertThat(refused.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(refused.exitValue()).isEqualTo(78);
        await(10_000, "the reason", () -> says("This box is claimed already (for vn37)."));
        assertThat(memory()).isEqualTo(before);

        var old = Deployment.asset(audio).h().hex();
        Files.delete(documents.resolve("assets").resolve(old));
        deployment = other;
        writePlan(clock.millis() + 6_000, 40, Deployment.audio(40, 6));
        wav = directory.resolve("wav-of-the-new-claim");
        start("--claim-button");
        await(30_000, "the first start of the same item", () -> length("a-1") > RATE);
        assertThat(says("Claimed anew, for vn37; the journal for vn37 lies in")).isTrue();
        assertThat(UnitKey.in(data).label("model")).isEqualTo(label);
        assertThat(data.resolve("assets").resolve(old)).doesNotExist();

        var events = journal();
        assertThat(events).noneMatch(e -> e instanceof Event.Interrupted);
        var after = memory();
        assertThat(jid(after)).isNotEqualTo(jid(before));
        assertThat(after.get("state")).contains("\"base\":" + other.claim().t());
        assertThat(ClaimFile.decode(Files.readAllBytes(data.resolve("claim.gbf"))))
                .isEqualTo(other.claim());
        try (var files = Files.list(data.resolve("journals"))) {
            var left = JournalFile.read(
                    other.claim().sys(), Files.readAllBytes(files.findFirst().orElseThrow()));
            assertThat(left.id()).isEqualTo(deployment.id());
            assertThat(left.events().jid().toString()).isEqualTo(jid(before));
            assertThat(left.events().entries()).anyMatch(entry -> entry.event() instanceof Event.Started);
        }
    }

    private java.util.Map<String, String> memory() throws IOException {
        try (var store = DiskStore.open(data)) {
            return store.content();
        }
    }

    private static String jid(java.util.Map<String, String> memory) {
        return memory.get("journal").split(" ")[0];
    }

    @Test
    void itMakesItsKeyOnceAndPrintsItsLabel() {
        var out = new java.io.StringWriter();
        for (int i = 0; i < 2; i++) {
            var line = new picocli.CommandLine(new vn.loalang.controller.ControllerCommand(clock));
            line.setOut(new java.io.PrintWriter(out));
            assertThat(line.execute("init", "--data", data.toString())).isZero();
        }
        assertThat(out.toString().lines().distinct()).containsExactly("GB1:" + deployment.id() + ":loalang-pc");
    }

    @Test
    void withoutParentAndServerItLeavesAfterItsTime() throws Exception {
        writePlan(clock.millis() + 3_600_000, 10, Deployment.audio(1, 3));
        var process = start("--parent-stdin", "--orphan-exit", "1s");
        await(20_000, "the start", () -> says("starts;"));
        process.getOutputStream().close();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(says("Nobody took over; leaving.")).isTrue();
    }

    private void writePlan(long at, int seconds, byte[] audio) throws IOException {
        var now = clock.millis();
        var asset = Deployment.asset(audio);
        Files.write(documents.resolve("assets").resolve(asset.h().hex()), audio);
        Files.write(documents.resolve("keys.gb1"), deployment.keys().toArray());
        Files.write(documents.resolve("site.gb1"), deployment.site(now).toArray());
        Files.write(
                documents.resolve("plan.gb1"),
                deployment
                        .plan(now, List.of(asset), Deployment.item("a", at, seconds, 30, 300, 0))
                        .toArray());
    }

    private Process start(String... more) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "vn.loalang.LoaLang",
                "controller",
                "--data",
                data.toString(),
                "--claim",
                directory.resolve("claim.gbf").toString(),
                "--documents",
                documents.toString(),
                "--sink",
                "wav",
                "--wav-dir",
                wav.toString()));
        command.addAll(List.of(more));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        processes.add(process);
        var reader = new Thread(() -> {
            try (var out =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                out.lines().forEach(lines::add);
            } catch (IOException | java.io.UncheckedIOException e) {
                lines.add("(output ended: " + e.getMessage() + ")");
            }
        });
        reader.setDaemon(true);
        reader.start();
        return process;
    }

    private static void kill(Process process) throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    private boolean says(String text) {
        synchronized (lines) {
            return lines.stream().anyMatch(l -> l.contains(text));
        }
    }

    private List<Event> journal() throws IOException {
        for (var process : processes) process.destroyForcibly().onExit().join();
        try (var store = DiskStore.open(data)) {
            return store.content().entrySet().stream()
                    .filter(e -> e.getKey().startsWith("j/"))
                    .sorted(java.util.Map.Entry.comparingByKey())
                    .map(e -> JournalEntry.decode(e.getValue().getBytes(StandardCharsets.UTF_8))
                            .event())
                    .toList();
        }
    }

    private record Meta(long first, long offset) {}

    private Meta meta(String name) throws IOException {
        var text = Files.readString(wav.resolve(name + ".json"));
        return new Meta(number(text, "first"), number(text, "offset"));
    }

    private static long number(String json, String name) {
        var matcher = java.util.regex.Pattern.compile("\"" + name + "\":(\\d+)").matcher(json);
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    /** Samples promised by the header of a WAV file; 0 while there is none. */
    private long length(String name) {
        try {
            var file = wav.resolve(name + ".wav");
            if (!Files.exists(file)) return 0;
            var head = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            return head.capacity() < 44 ? 0 : head.getInt(40) / 2;
        } catch (IOException e) {
            return 0;
        }
    }

    private short[] samples(String name) throws IOException {
        var bytes =
                ByteBuffer.wrap(Files.readAllBytes(wav.resolve(name + ".wav"))).order(ByteOrder.LITTLE_ENDIAN);
        var samples = new short[bytes.getInt(40) / 2];
        bytes.position(44);
        bytes.asShortBuffer().get(samples);
        return samples;
    }

    private short[] decoded(byte[] audio) throws IOException {
        var file = Files.write(directory.resolve("whole.mp3"), audio);
        try (var stream = CanonicalMp3.decode(file)) {
            var all = new short[(int) stream.length()];
            for (int at = 0, got; at < all.length && (got = stream.read(all, at, all.length - at)) > 0; ) at += got;
            return all;
        }
    }

    /** By how many ms the recording is later (positive) in the content than the offset says; the best correlation decides. */
    private static double lagMs(short[] recorded, short[] content, long offsetMs) {
        int from = (int) (offsetMs * RATE / 1000);
        int window = Math.min(recorded.length, 2 * RATE);
        double best = -2;
        int bestLag = 0;
        for (int lag = -RATE / 2; lag <= RATE / 2; lag += 6) {
            if (from + lag < 0 || from + lag + window > content.length) continue;
            var value = correlate(recorded, content, from + lag, window);
            if (value > best) {
                best = value;
                bestLag = lag;
            }
        }
        return bestLag * 1000.0 / RATE;
    }

    private static double correlation(short[] recorded, short[] content, int from) {
        return correlate(recorded, content, from, Math.min(recorded.length, content.length - from));
    }

    private static double correlate(short[] a, short[] b, int from, int count) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < count; i++) {
            ab += (double) a[i] * b[from + i];
            aa += (double) a[i] * a[i];
            bb += (double) b[from + i] * b[from + i];
        }
        return ab / Math.sqrt(aa * bb + 1);
    }

    private static org.assertj.core.data.Offset<Double> within(double ms) {
        return org.assertj.core.data.Offset.offset(ms);
    }

    private BooleanSupplier elapsed(long ms) {
        var end = clock.millis() + ms;
        return () -> clock.millis() >= end;
    }

    private void await(long ms, String what, BooleanSupplier condition) {
        var deadline = clock.millis() + ms;
        while (!condition.getAsBoolean()) {
            if (clock.millis() > deadline)
                throw new AssertionError("Waited in vain for " + what + ":\n" + String.join("\n", lines));
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
    }
}
