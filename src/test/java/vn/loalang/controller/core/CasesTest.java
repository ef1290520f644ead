package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import vn.loalang.controller.port.DiskStore;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.BlockFrame;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalAck;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.LiveFrame;
import vn.loalang.protocol.Manifest;
import vn.loalang.protocol.Need;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.TestKeys;
import vn.loalang.protocol.Welcome;

/**
 * {@code blocks.json}, {@code recovery.json}, {@code bootloop.json} and {@code frames.json} of the vectors, run by our own core
 * and its disk.
 */
class CasesTest {
    private static final Path VECTORS = Path.of("firmware-protocol", "vectors");
    private static final int RING = 1_000;

    @TempDir
    Path directory;

    private interface Run {
        void run(JsonNode one) throws Exception;
    }

    private static Stream<DynamicTest> all(String file, Run run) throws IOException {
        var tests = new ArrayList<DynamicTest>();
        for (var one : JsonMapper.shared().readTree(Files.readAllBytes(VECTORS.resolve(file)))) {
            tests.add(DynamicTest.dynamicTest(one.get("name").asString(), () -> run.run(one)));
        }
        return tests.stream();
    }

    private static Profile profile() throws IOException {
        var keys = JsonMapper.shared().readTree(Files.readAllBytes(VECTORS.resolve("testkeys.json")));
        return Profile.of(
                new DeviceId(keys.get("id").asString()),
                ClaimFile.decode(Files.readAllBytes(VECTORS.resolve("claim.gbf"))));
    }

    private static byte[] payload(String file) throws IOException {
        var bytes = Files.readAllBytes(VECTORS.resolve(file));
        int at = 0;
        while (bytes[at] != '{') at++;
        return Arrays.copyOfRange(bytes, at, bytes.length);
    }

    // ---- blocks.json ----

    /** [BLK-1c] [BLK-2] [BLK-2b] [BLK-4] [BLK-4b] [BLK-4c]. */
    @TestFactory
    Stream<DynamicTest> blocksBecomeFiles() throws Exception {
        return all("blocks.json", one -> new Reassembly(one).run());
    }

    private static final class Reassembly {
        private static final long LATENCY_MS = 50;
        private static final long PATIENCE_MS = 3 * 3_600_000L;

        private final JsonNode expected;
        private final JsonNode trouble;
        private final Manifest manifest;
        private final byte[] content;
        private final byte[] part;
        private final Map<String, String> disk = new TreeMap<>();
        private final Map<String, List<Integer>> left = new HashMap<>();
        private final List<Need> needs = new ArrayList<>();
        private Memory memory = new Memory(disk);
        private Outputs out = new Outputs(memory);
        private TrustedTime time = new TrustedTime(true);
        private AssetShelf shelf;
        private long mono;
        private int frames;
        private boolean verify;
        private String end = "";

        Reassembly(JsonNode expected) throws Exception {
            this.expected = expected;
            this.trouble = expected.get("trouble");
            this.manifest =
                    (Manifest) Document.decode(payload(expected.get("man").asString()));
            this.content = new byte[expected.get("sz").asInt()];
            this.part = new byte[content.length];
            for (int i = 0; i < content.length; i++) content[i] = (byte) (31 * i + 7 * (i / manifest.blk()) + 5);
            for (var name : List.of("lost", "spoiled", "cut")) {
                var indexes = new ArrayList<Integer>();
                if (trouble.has(name)) trouble.get(name).forEach(index -> indexes.add(index.asInt()));
                left.put(name, indexes);
            }
            this.shelf = shelf();
        }

        private AssetShelf shelf() throws IOException {
            memory = new Memory(disk);
            out = new Outputs(memory);
            time = new TrustedTime(true);
            mono = 0;
            tick();
            var fresh = new AssetShelf(
                    Map.of(),
                    Map.of(),
                    profile(),
                    memory,
                    new Journal(memory, time, 1, new Random(1)),
                    out,
                    new Random(1));
            fresh.sources(List.of(), 0);
            fresh.want(List.of(AssetRef.of(manifest.a())), Map.of(), mono);
            return fresh;
        }

        private void tick() {
            time.at(new Moment(mono, manifest.head().iat() + mono));
        }

        private boolean happens(String what, int index) {
            return Objects.requireNonNull(left.get(what)).remove((Integer) index);
        }

        void run() throws Exception {
            shelf.manifest(manifest, mono);
            while (end.isEmpty() && mono < PATIENCE_MS) {
                tick();
                shelf.tick(mono, false, Optional.of(List.of(new AreaPath("37.14329"))));
                perform();
                while (!needs.isEmpty()) answer(needs.remove(0));
                mono += LATENCY_MS;
            }
            assertThat(end).isEqualTo(expected.get("end").asString());
            var most = expected.get("frames").asInt();
            if (most > 0) assertThat(frames).as("frames").isLessThanOrEqualTo(most);
            if (end.equals("ready")) assertThat(part).isEqualTo(content);
            assertThat(disk.keySet()).as("the manifest is forgotten").noneMatch(key -> key.startsWith("blk/"));
        }

        private void answer(Need need) throws Exception {
            var asked = new ArrayList<Integer>();
            need.miss().forEach(range -> {
                for (var index = range.lo(); index <= range.hi(); index++) asked.add((int) index);
            });
            if (trouble.has("backwards")) java.util.Collections.reverse(asked);
            for (var index : asked) {
                if (trouble.has("strangers") && index % 4 == 0) strangers(index);
                var sent = frame(index);
                if (happens("spoiled", index)) sent[0] ^= 1;
                frames++;
                if (!happens("lost", index)) give(index, sent);
                if (trouble.has("twice") && index % 2 == 0) {
                    frames++;
                    give(index, sent);
                }
                if (happens("cut", frames)) {
                    needs.clear();
                    shelf = shelf();
                    shelf.manifest(manifest, mono);
                    return;
                }
            }
        }

        private byte[] frame(int index) {
            var from = index * manifest.blk();
            return Arrays.copyOfRange(content, from, Math.min(content.length, from + manifest.blk()));
        }

        private void strangers(int index) {
            shelf.frame(BlockFrame.of(Hash.of(new byte[1]), index, frame(index)), false, mono);
            give(index, Arrays.copyOf(frame(index), frame(index).length - 1));
            give(manifest.blocks() + index, frame(index));
        }

        private void give(int index, byte[] bytes) {
            shelf.frame(BlockFrame.of(manifest.a().h(), index, bytes), false, mono);
            perform();
        }

        private void perform() {
            for (var output : out.take()) {
                if (output instanceof Output.Persist persist) {
                    persist.changes().forEach((k, v) -> v.ifPresentOrElse(t -> disk.put(k, t), () -> disk.remove(k)));
                } else if (output instanceof Output.Publish publish) {
                    needs.add(Need.decode(publish.payload().toArray()));
                } else if (output instanceof Output.Place place) {
                    var bytes = place.bytes().toArray();
                    System.arraycopy(bytes, 0, part, (int) place.offset(), bytes.length);
                } else if (output instanceof Output.Verify) {
                    verify = true;
                }
            }
            if (verify) {
                verify = false;
                var right = Hash.of(part).equals(manifest.a().h());
                shelf.verified(new Input.Verified(manifest.a().h(), right), mono);
                perform();
            }
            end = endOf(disk);
        }
    }

    /** How the fetching of the one file ended; nothing while it goes on. */
    private static String endOf(Map<String, String> disk) {
        var end = "";
        for (var text : new TreeMap<>(disk).entrySet()) {
            if (!text.getKey().startsWith("j/")) continue;
            var event = JournalEntry.decode(text.getValue().getBytes(StandardCharsets.UTF_8))
                    .event();
            if (event instanceof Event.AssetReady) end = "ready";
            if (event instanceof Event.AssetFailed failed) end = "failed " + failed.why();
        }
        return end;
    }

    // ---- frames.json ----

    /** [BLK-2] [BLK-2b] [LIV-1b] [LIV-1c] [LIV-1d] [LIV-2]. */
    @TestFactory
    Stream<DynamicTest> framesAreTakenOrDropped() throws Exception {
        return all("frames.json", one -> new Frames(one).run());
    }

    @Test
    void everyFrameStandsInFrames() throws Exception {
        var cases = Files.readString(VECTORS.resolve("frames.json"));
        try (var files = Files.list(VECTORS)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".bin")))
                    .hasSizeGreaterThan(20)
                    .allSatisfy(name -> assertThat(cases).contains("\"" + name + "\""));
        }
    }

    /** A box in a session, with all of a file but what the case gives it. */
    private static final class Frames {
        private final JsonNode expected;
        private final long start;
        private final Map<String, String> disk = new TreeMap<>();
        private final List<Output.Chunk> chunks = new ArrayList<>();
        private final byte[] content;
        private final byte[] part;
        private final ControllerCore core;
        private long now;

        Frames(JsonNode expected) throws Exception {
            this.expected = expected;
            this.start = expected.get("t").asLong();
            this.content = new byte[expected.has("sz") ? expected.get("sz").asInt() : 0];
            this.part = new byte[content.length];
            for (int i = 0; i < content.length; i++) content[i] = (byte) (31 * i + 7);
            var pins = new HashMap<Hash, Long>();
            ((Site) Document.decode(payload("site.gb1"))).pins().values().forEach(pin -> pins.put(pin.h(), pin.sz()));
            core = new ControllerCore(
                    profile().with(Hello.Proof.NONE, Hello.Why.POWER, false, new Profile.Pace(0, 5_000)),
                    disk,
                    pins,
                    Map.of(),
                    new Random(1));
        }

        void run() throws Exception {
            step(new Input.Tick());
            step(new Input.Link(true));
            for (var file : expected.get("take")) receive(bytes(file.asString()));
            for (var frame : expected.get("frames")) {
                runUntil(frame.get("at").asLong());
                if (frame.has("blocks")) blocks(frame);
                else give(frame);
            }
            if (content.length > 0) {
                assertThat(endOf(disk)).isEqualTo("ready");
                assertThat(part).isEqualTo(content);
            }
        }

        private static byte[] bytes(String file) throws IOException {
            return Files.readAllBytes(VECTORS.resolve(file));
        }

        private void runUntil(long end) {
            while (now < end) {
                now = Math.min(end, Math.max(now + 1, core.nextWake()));
                step(new Input.Tick());
            }
        }

        /** Chunks are handed over at once; a block is seen when its file is whole. */
        private void give(JsonNode frame) throws IOException {
            var file = frame.get("file").asString();
            var bytes = bytes(file);
            chunks.clear();
            receive(bytes);
            if (content.length > 0) return;
            assertThat(chunks).as(file).hasSize(frame.get("expect").asString().equals("taken") ? 1 : 0);
            for (var chunk : chunks) {
                var sent = LiveFrame.decode(bytes);
                assertThat(chunk.inMs()).isEqualTo(sent.playAt() - start - now);
                assertThat(chunk.last()).isEqualTo(sent.last());
                assertThat(chunk.bytes()).isEqualTo(sent.payload());
            }
        }

        private void blocks(JsonNode range) {
            var blk = expected.get("blk").asInt();
            for (int i = range.get("blocks").get(0).asInt();
                    i <= range.get("blocks").get(1).asInt();
                    i++) {
                var block = Arrays.copyOfRange(content, i * blk, Math.min(content.length, (i + 1) * blk));
                receive(BlockFrame.of(Hash.of(content), i, block).encode());
            }
        }

        private void receive(byte[] message) {
            step(new Input.Received("any", Bytes.of(message)));
        }

        private void step(Input input) {
            for (var output : core.step(new Moment(now, start + now), input)) {
                if (output instanceof Output.Persist persist) {
                    persist.changes().forEach((k, v) -> v.ifPresentOrElse(t -> disk.put(k, t), () -> disk.remove(k)));
                } else if (output instanceof Output.Publish publish
                        && publish.topic().endsWith("/hello")) {
                    welcome(Hello.decode(publish.payload().toArray()));
                } else if (output instanceof Output.Chunk chunk) {
                    chunks.add(chunk);
                } else if (output instanceof Output.Place place) {
                    var bytes = place.bytes().toArray();
                    System.arraycopy(bytes, 0, part, (int) place.offset(), bytes.length);
                } else if (output instanceof Output.Verify verify) {
                    step(new Input.Verified(verify.hash(), Hash.of(part).equals(verify.hash())));
                }
            }
        }

        /** The server of the vectors names the one document of them that is older than its welcome. */
        private void welcome(Hello hello) {
            try {
                receive(bytes("keys.gb1"));
                var site = Document.decode(payload("site.gb1")).head();
                var head = new Head(site.sys(), site.to(), start + now, start + now, start + now + 60_000);
                receive(Envelope.compose(
                        List.of(TestKeys.key("p1")),
                        new Welcome(
                                head,
                                hello.bn(),
                                hello.sn(),
                                Map.of(Row.SITE, site.seq()),
                                new JournalAck(hello.j().jid(), 0, false))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    // ---- recovery.json ----

    /** [ACK-1b] [ACK-1c] [ACK-1d]. */
    @TestFactory
    Stream<DynamicTest> whatWasWrittenIsThereAgain() throws Exception {
        return all("recovery.json", one -> {
            if (one.has("journal")) rings(one);
            else
                disk(
                        one,
                        Files.createDirectories(
                                directory.resolve(one.get("name").asString())));
        });
    }

    private static Map<String, Optional<String>> changes(JsonNode batch) {
        var changes = new LinkedHashMap<String, Optional<String>>();
        batch.properties()
                .forEach(change -> changes.put(
                        change.getKey(),
                        change.getValue().isString()
                                ? Optional.of(change.getValue().asString())
                                : Optional.empty()));
        return changes;
    }

    private static void disk(JsonNode one, Path where) throws IOException {
        var log = where.resolve("memory.log");
        var ends = new ArrayList<Long>(List.of(0L));
        var expected = new TreeMap<String, String>();
        one.get("memory")
                .properties()
                .forEach(entry -> expected.put(entry.getKey(), entry.getValue().asString()));
        try (var store = DiskStore.open(where)) {
            for (var batch : one.get("batches")) {
                store.persist(changes(batch));
                ends.add(Files.size(log));
            }
            if (one.has("again")) {
                var again = one.get("again");
                for (int i = 0; i < again.get("times").asInt(); i++) {
                    var value = Character.toString('a' + i % 26)
                            .repeat(again.get("bytes").asInt());
                    expected.put(again.get("key").asString(), value);
                    store.persist(Map.of(again.get("key").asString(), Optional.of(value)));
                    assertThat(Files.size(log))
                            .isLessThan(again.get("bytes_most").asLong());
                }
            }
        }
        if (one.has("damage")) damage(one.get("damage"), log, ends);
        try (var store = DiskStore.open(where)) {
            assertThat(store.content()).isEqualTo(expected);
            store.persist(Map.of("later", Optional.of("on")));
        }
        expected.put("later", "on");
        try (var store = DiskStore.open(where)) {
            assertThat(store.content()).isEqualTo(expected);
        }
    }

    private static void damage(JsonNode damage, Path log, List<Long> ends) throws IOException {
        var bytes = Files.readAllBytes(log);
        var batch = damage.get("batch").asInt();
        var from = ends.get(batch - 1);
        var at = (int) (from + (ends.get(batch) - from) * damage.get("at").asInt() / 1000);
        switch (damage.get("what").asString()) {
            case "torn" -> Files.write(log, Arrays.copyOf(bytes, at));
            case "flipped" -> {
                bytes[at] ^= 0x10;
                Files.write(log, bytes);
            }
            case "rubbish" -> {
                var longer = Arrays.copyOf(bytes, bytes.length + 64);
                Arrays.fill(longer, bytes.length, longer.length, (byte) 0xA5);
                Files.write(log, longer);
            }
            default -> throw new IllegalStateException(damage.toString());
        }
    }

    private static void rings(JsonNode one) {
        var memory = new Memory(new TreeMap<>());
        var time = new TrustedTime(true);
        time.at(new Moment(0, 1_767_570_000_000L));
        var journal = new Journal(memory, time, 1, new Random(1));
        var written = new HashMap<Boolean, Integer>();
        for (int turn = 0; turn < (one.has("turns") ? one.get("turns").asInt() : 1); turn++) {
            for (var some : one.get("journal")) {
                var evidence = some.get("ring").asString().equals("evidence");
                written.merge(evidence, some.get("count").asInt(), Integer::sum);
                for (int i = 0; i < some.get("count").asInt(); i++) {
                    journal.add(
                            evidence
                                    ? new Event.Local(Event.LocalAct.STOP)
                                    : new Event.FaultChange(true, Fault.MAINS_LOST));
                }
            }
        }
        expectRings(memory, new Journal(memory, time, 2, new Random(2)), journal.summary(), written);
    }

    private static void expectRings(
            Memory memory, Journal after, Hello.Journal summary, Map<Boolean, Integer> written) {
        assertThat(after.summary()).isEqualTo(summary);
        var kept = new HashMap<Boolean, Integer>();
        long next = 1;
        long lost = 0;
        for (var text : new TreeMap<>(memory.under("j/")).values()) {
            var entry = JournalEntry.decode(text.getBytes(StandardCharsets.UTF_8));
            if (entry.event() instanceof Event.Gap gap) {
                assertThat(gap.lo()).isEqualTo(next);
                assertThat(gap.hi()).isEqualTo(entry.n());
                assertThat(gap.count()).isEqualTo(gap.hi() - gap.lo() + 1);
                lost += gap.count();
            } else {
                assertThat(entry.n()).isEqualTo(next);
                kept.merge(entry.event().isEvidence(), 1, Integer::sum);
            }
            next = entry.n() + 1;
        }
        assertThat(next).isEqualTo(summary.hi() + 1);
        assertThat(lost).isPositive();
        written.forEach(
                (evidence, count) -> assertThat(kept.get(evidence)).isGreaterThanOrEqualTo(Math.min(RING, count)));
    }

    // ---- bootloop.json ----

    /** [BOOT-1] [BOOT-1b] [BOOT-1c] [BOOT-1d]. */
    @TestFactory
    Stream<DynamicTest> aLoopOfRestartsEnds() throws Exception {
        return all("bootloop.json", CasesTest::restarts);
    }

    private static void restarts(JsonNode one) throws Exception {
        var disk = new TreeMap<String, String>();
        var now = one.get("t").asLong();
        var mono = 0L;
        ControllerCore core = null;
        for (var step : one.get("steps")) {
            if (step.has("start")) {
                var why = Hello.Why.valueOf(step.get("start").asString().toUpperCase(java.util.Locale.ROOT));
                core = new ControllerCore(
                        profile().with(Hello.Proof.NONE, why, true, new Profile.Pace(0, 5_000)),
                        disk,
                        Map.of(),
                        Map.of(),
                        new Random(1));
                var end = step.get("up").asLong();
                for (mono = 0; mono <= end; mono += Math.min(500, Math.max(1, end - mono))) {
                    perform(core.step(new Moment(mono, now + mono), new Input.Tick()), disk);
                    if (mono == end) break;
                }
                now += end;
            } else {
                var file = Files.readAllBytes(VECTORS.resolve(step.get("take").asString()));
                perform(Objects.requireNonNull(core).bench(new Moment(mono, now), Bytes.of(file)), disk);
            }
            var inForce = disk.keySet().stream()
                    .filter(key -> key.startsWith("doc/"))
                    .map(key -> key.substring(4))
                    .sorted()
                    .toList();
            var expected = new ArrayList<String>();
            step.get("in_force").forEach(row -> expected.add(row.asString()));
            assertThat(inForce).as(step.toString()).isEqualTo(expected);
            if (step.has("loop")) {
                assertThat(faults(disk))
                        .as(step.toString())
                        .isEqualTo(step.get("loop").asBoolean());
            }
        }
    }

    /** Whether the newest that the journal says of the fault is that it began. */
    private static boolean faults(Map<String, String> disk) {
        var set = false;
        for (var entry : disk.entrySet()) {
            if (!entry.getKey().startsWith("j/")) continue;
            var event = JournalEntry.decode(entry.getValue().getBytes(StandardCharsets.UTF_8))
                    .event();
            if (event instanceof Event.FaultChange change && change.fault() == Fault.BOOT_LOOP) set = change.set();
        }
        return set;
    }

    private static void perform(List<Output> outputs, Map<String, String> disk) {
        for (var output : outputs) {
            if (output instanceof Output.Persist persist) {
                persist.changes().forEach((k, v) -> v.ifPresentOrElse(t -> disk.put(k, t), () -> disk.remove(k)));
            }
        }
    }
}
