package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyCollection;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import vn.loalang.SettableClock;
import vn.loalang.audio.AudioStore;
import vn.loalang.audio.ContentHash;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.BlockFrame;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Need;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.SystemId;
import vn.loalang.protocol.Topics;
import vn.loalang.system.Await;

/** The pace of blocks on a clock of its own: what leaves when, and how long it would keep a slow link busy [BLK-6] [SRV-6]. */
class TransfersTest {
    /** 64 kbit/s, the slowest link that there shall be. */
    private static final int SLOWEST = 8_000;

    private static final Duration LONGEST_WAIT = Duration.ofMillis(500);
    private static final int TICK_MS = 50;
    /** What MQTT, TLS and TCP put around a frame. */
    private static final int AROUND = 100;

    private static final Scope.Area AREA = (Scope.Area) Scope.of(new AreaPath("37.14329"));
    private static final List<DeviceId> BOXES = List.of(box(1), box(2), box(3));

    /** A block that left. */
    private record Sent(Instant at, String topic, int bytes) {}

    @TempDir
    Path directory;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-01-05T00:00:00Z"));
    private final Topics topics = new Topics(new SystemId("test"));
    private final Documents documents = mock();
    private final Ladder ladder = mock();
    private final Post post = mock();
    private final AudioStore store = mock();
    private final List<Sent> sent = new ArrayList<>();
    private final List<Hash> files = new ArrayList<>();
    /** Files of which the area has had everything, in order. */
    private final List<Hash> ends = new ArrayList<>();

    private final JdbcClient jdbc = JdbcClient.create(
            new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";MODE=PostgreSQL;DB_CLOSE_DELAY=-1"));
    private Transfers transfers;

    private static DeviceId box(int seed) {
        var bytes = new byte[32];
        bytes[0] = (byte) seed;
        return DeviceId.of(new SigningKey(new Kid("d1"), bytes).publicKey());
    }

    @BeforeEach
    void aServer() {
        jdbc.sql(
                        "create table delivery_unit (unit_id varchar(16), areas varchar(200), profiles varchar(200), hello_at timestamp)")
                .update();
        jdbc.sql("create table delivery_asset_ready (unit_id varchar(16), hash varchar(43))")
                .update();
        for (var box : BOXES) {
            jdbc.sql("insert into delivery_unit values (:box, '37.14329', 'blk fan', current_timestamp)")
                    .param("box", box.value())
                    .update();
        }
        var keys = mock(KeyStore.class);
        when(keys.sys()).thenReturn(new SystemId("test"));
        when(keys.online()).thenReturn(SigningKey.generate(new Kid("p1"), new SecureRandom()));
        when(documents.names(any(), any())).thenReturn(true);
        when(ladder.unitsOf(any()))
                .thenAnswer(call ->
                        call.getArgument(0) instanceof Scope.Device device ? Set.of(device.id()) : Set.copyOf(BOXES));
        when(post.manifest(anyString(), any())).thenReturn(CompletableFuture.completedFuture(null));
        when(post.bulk(anyString(), any())).thenAnswer(call -> {
            var frame = call.<byte[]>getArgument(1);
            sent.add(new Sent(clock.instant(), call.getArgument(0), frame.length));
            if (BlockFrame.decode(frame).isEnd()) {
                files.stream().filter(BlockFrame.decode(frame)::isOf).forEach(ends::add);
            }
            return CompletableFuture.completedFuture(null);
        });
        begin(1_000_000, keys);
    }

    private void begin(int bulkRate, KeyStore keys) {
        transfers = new Transfers(
                jdbc,
                clock,
                keys,
                topics,
                post,
                store,
                mock(Firmwares.class),
                documents,
                ladder,
                new DeliverySettings(
                        null,
                        Duration.ofMillis(10),
                        Duration.ofMinutes(90),
                        Duration.ofMinutes(15),
                        List.of(Duration.ofSeconds(5)),
                        bulkRate,
                        SLOWEST / 2,
                        Duration.ofSeconds(15),
                        List.of(),
                        0,
                        null),
                new Abilities(jdbc));
    }

    private Hash aFile(int number, int length) throws Exception {
        var bytes = new byte[length];
        bytes[0] = (byte) number;
        var hash = Hash.of(bytes);
        files.add(hash);
        var file = Files.write(directory.resolve(hash.hex()), bytes);
        when(store.canonical(new ContentHash(hash.hex()))).thenReturn(Optional.of(file));
        return hash;
    }

    private void tick() {
        clock.set(clock.instant().plusMillis(TICK_MS));
        transfers.turn();
    }

    private void tick(Duration length) {
        for (var end = clock.instant().plus(length); clock.instant().isBefore(end); ) {
            tick();
        }
    }

    private void asks(DeviceId box, Hash file, long from, long to) {
        transfers.need(box, new Need(file, Transfers.BLOCK, List.of(new Need.Range(from, to))));
    }

    /** How long a message would have waited at worst behind the blocks on these topics, on a link of so many bytes a second. */
    private Duration longestWait(int rate, String... heard) {
        var worst = 0.0;
        var queued = 0.0;
        var last = Instant.EPOCH;
        for (var each : sent) {
            if (!List.of(heard).contains(each.topic())) {
                continue;
            }
            queued = Math.max(
                            0,
                            queued - rate * (Duration.between(last, each.at()).toMillis() / 1e3))
                    + each.bytes()
                    + AROUND;
            last = each.at();
            worst = Math.max(worst, queued / rate);
        }
        return Duration.ofNanos((long) (worst * 1e9));
    }

    /** [BLK-6]: it asks for half a second of its link [BLK-1], again when that has come, and gets no more than that. */
    @Test
    void whatABoxAsksForKeepsItsLinkBusyForHalfASecondAtMost() throws Exception {
        var file = aFile(1, 2_000_000);
        var box = BOXES.get(0);
        var topic = topics.blk(Scope.of(box));
        for (var rate : List.of(SLOWEST, 16_000, 32_000, 100_000)) {
            sent.clear();
            var window = Math.max(1, Math.min(8, rate / 2 / (Transfers.BLOCK + AROUND)));
            for (var next = 0; next < 10 * window; next += window) {
                asks(box, file, next, next + window - 1);
                var before = sent.size();
                for (var i = 0; i < 100 && sent.size() < before + window; i++) {
                    tick();
                }
                assertThat(sent).hasSize(before + window);
                // As long as its link needs.
                tick(Duration.ofMillis(1000L * window * (Transfers.BLOCK + AROUND) / rate + TICK_MS));
            }
            assertThat(longestWait(rate, topic))
                    .as("at %d bytes a second", rate)
                    .isLessThanOrEqualTo(LONGEST_WAIT);
        }
    }

    /** [BLK-6]: eight blocks are the largest window. */
    @Test
    void whoAsksForEverythingGetsEightBlocks() throws Exception {
        var file = aFile(1, 2_000_000);
        asks(BOXES.get(0), file, 0, 400);
        asks(BOXES.get(0), file, 0, 400);
        tick(Duration.ofMinutes(1));
        assertThat(sent).hasSize(8);
    }

    /** [BLK-6]: neither two files for an area nor one of a box's own come on top of each other. */
    @Test
    void aFileForAllLeavesRoomForEverythingElse() throws Exception {
        var files = List.of(aFile(1, 60_000), aFile(2, 60_000));
        var own = aFile(3, 60_000);
        var alone = topics.blk(Scope.of(BOXES.get(0)));
        asks(BOXES.get(0), own, 0, 0);
        tick();
        forAll(files);
        for (var block = 1; block < 16; block++) {
            asks(BOXES.get(0), own, block, block);
            tick(Duration.ofSeconds(5));
        }
        assertThat(longestWait(SLOWEST, topics.blk(AREA), alone)).isLessThanOrEqualTo(LONGEST_WAIT);
        var blocks = new HashMap<String, Integer>();
        sent.forEach(each -> blocks.merge(each.topic(), 1, Integer::sum));
        assertThat(blocks.get(topics.blk(AREA))).as("both files and their ends").isEqualTo(2 * 17);
        assertThat(blocks.get(alone)).as("it has its turns").isEqualTo(16);
    }

    /** [BLK-1b]: whoever lags behind waits neither for the end of the file, nor for that of all files after it. */
    @Test
    void whoMissesBlocksGetsThemWhileFilesGoToAll() throws Exception {
        var files = List.of(aFile(1, 60_000), aFile(2, 400_000), aFile(3, 400_000));
        forAll(files);
        var lagging = BOXES.get(0);
        var alone = topics.blk(Scope.of(lagging));
        awaitEnds(1);
        var first = ends.get(0);
        // Too late for what is repeated to all.
        tick(Duration.ofSeconds(20));
        for (var block = 0; block < 10; block++) {
            asks(lagging, first, block, block);
            tick(Duration.ofSeconds(3));
        }
        assertThat(ends).as("the others are on their way").hasSize(1);
        assertThat(on(alone)).hasSize(10);
        awaitEnds(3);
        assertThat(on(topics.blk(AREA))).hasSize(16 + 2 * 105 + 3);
        assertThat(longestWait(SLOWEST, topics.blk(AREA), alone)).isLessThanOrEqualTo(LONGEST_WAIT);
    }

    /** [FAN-1]: a box has shown how fast it is when it was served alone. */
    @Test
    void whatGoesToAllTakesHalfOfWhatTheSlowestHasShownToReceive() throws Exception {
        var before = aFile(1, 400_000);
        var slow = SLOWEST / 4;
        receives(BOXES.get(0), before, SLOWEST * 4);
        receives(BOXES.get(1), before, slow);
        sent.clear();
        var file = aFile(2, 60_000);
        forAll(List.of(file));
        var begun = clock.instant();
        awaitEnds(1);
        var all = on(topics.blk(AREA));
        var seconds = Duration.between(begun, all.get(all.size() - 1).at()).toMillis() / 1e3;
        assertThat(60_000 / seconds).isLessThanOrEqualTo(slow / 2.0).isGreaterThan(slow / 4.0);
    }

    /** What was lost and our own pace say nothing about a link. */
    @Test
    void aBoxThatLosesBlocksCountsAsNoSlowerThanIsSet() throws Exception {
        var before = aFile(1, 400_000);
        asks(BOXES.get(1), before, 0, 1);
        tick(Duration.ofMinutes(2));
        asks(BOXES.get(1), before, 1, 1);
        tick(Duration.ofMinutes(2));
        // Its power was cut meanwhile.
        asks(BOXES.get(1), before, 2, 3);
        tick(Duration.ofMinutes(2));
        asks(BOXES.get(1), before, 4, 5);
        sent.clear();
        forAll(List.of(aFile(2, 60_000)));
        var begun = clock.instant();
        awaitEnds(1);
        assertThat(Duration.between(begun, clock.instant()))
                .isLessThan(Duration.ofMillis(60_000L * 1000 / (SLOWEST / 2)).plusSeconds(5));
    }

    /** A box is served alone, over a link of so many bytes a second. */
    private void receives(DeviceId box, Hash file, int rate) {
        for (var block = 0; block < 10; block++) {
            asks(box, file, block, block);
            tick(Duration.ofNanos((long) (Transfers.BLOCK * 1e9 / rate)));
        }
    }

    /** [BLK-1b] [FAN-3]: what goes to all is not for those who cannot listen to it, and what they ask for is no member's. */
    @Test
    void whoCannotListenToAnAreaIsServedMeanwhile() throws Exception {
        var plain = box(4);
        jdbc.sql("insert into delivery_unit values (:box, '37.14329', 'blk', current_timestamp)")
                .param("box", plain.value())
                .update();
        when(ladder.unitsOf(AREA)).thenReturn(Set.of(BOXES.get(0), BOXES.get(1), BOXES.get(2), plain));
        var file = aFile(1, 400_000);
        forAll(List.of(file));
        tick(Duration.ofSeconds(5));
        asks(plain, file, 0, 1);
        tick(Duration.ofSeconds(1));
        assertThat(on(topics.blk(Scope.of(plain)))).hasSize(2);
        awaitEnds(1);
        asks(plain, file, 2, 3);
        tick(Duration.ofSeconds(1));
        assertThat(on(topics.blk(Scope.of(plain)))).hasSize(4);
    }

    /** [BLK-1b] [BLK-6b]: an emergency of one box may last for hours. */
    @Test
    void aSendingForAllThatStandsStillKeepsNobodyWaiting() throws Exception {
        var file = aFile(1, 400_000);
        forAll(List.of(file));
        var loud = BOXES.get(2);
        var other = BOXES.get(0);
        tick(Duration.ofSeconds(10));
        when(documents.sounding(any())).thenReturn(List.of(Scope.of(loud)));
        var before = 0;
        for (var block = 0; block < 20; block++) {
            asks(other, file, block, block);
            tick(Duration.ofSeconds(3));
            before = block == 0 ? on(topics.blk(AREA)).size() : before;
        }
        assertThat(on(topics.blk(AREA))).hasSize(before);
        assertThat(on(topics.blk(Scope.of(other)))).hasSize(20);
        asks(other, file, 20, 20);
        tick();
        when(documents.sounding(any())).thenReturn(List.of());
        awaitEnds(1);
        assertThat(on(topics.blk(Scope.of(other)))).hasSize(21);
        assertThat(longestWait(SLOWEST, topics.blk(AREA), topics.blk(Scope.of(other))))
                .isLessThanOrEqualTo(LONGEST_WAIT);
    }

    /** [FAN-3]: also where somebody asks for more blocks than the file has. */
    @Test
    void whatThreeMissGoesToAllOnceMoreAndTheRestToEachAlone() throws Exception {
        var file = aFile(1, 60_000);
        forAll(List.of(file));
        awaitEnds(1);
        asks(BOXES.get(0), file, 14, (1L << 32) - 1);
        asks(BOXES.get(1), file, 15, 15);
        asks(BOXES.get(2), file, 15, 15);
        awaitEnds(2);
        assertThat(on(topics.blk(AREA))).hasSize(16 + 1 + 1 + 1);
        tick(Duration.ofSeconds(30));
        assertThat(on(topics.blk(Scope.of(BOXES.get(0))))).hasSize(1);
        assertThat(on(topics.blk(Scope.of(BOXES.get(1))))).isEmpty();
        assertThat(on(topics.blk(Scope.of(BOXES.get(2))))).isEmpty();
        assertThat(longestWait(SLOWEST, topics.blk(AREA))).isLessThanOrEqualTo(LONGEST_WAIT);
    }

    private List<Sent> on(String topic) {
        return sent.stream().filter(each -> each.topic().equals(topic)).toList();
    }

    private void awaitEnds(int count) {
        for (var i = 0; i < 20 * 60 * 20 && ends.size() < count; i++) {
            tick();
        }
        assertThat(ends).hasSize(count);
    }

    /** The boxes say hello, and lack these files. */
    private void forAll(List<Hash> files) {
        when(documents.lacking(anyCollection(), any())).thenReturn((long) BOXES.size());
        BOXES.forEach(box -> transfers.greeted(box, List.of("blk", "fan"), new LinkedHashSet<>(files)));
    }

    /** Thousands may say hello at once, and what their documents say has been read for their welcomes. */
    @Test
    void nobodysDocumentsAreReadAgainForAHello() throws Exception {
        var file = aFile(1, 60_000);
        forAll(List.of(file));
        tick();
        verify(post).manifest(eq(topics.man(AREA, file)), any());
        verify(documents, never()).currentOf(any(DeviceId.class));
        verify(documents, never()).currentOf(anyCollection());
    }

    /** [SRV-6]: all transfers together keep to what is set. */
    @Test
    void allTogetherKeepToTheRateThatIsSet() throws Exception {
        var rate = 40_000;
        begin(rate, mock(KeyStore.class));
        var file = aFile(1, 2_000_000);
        var begun = clock.instant();
        for (var second = 0; second < 20; second++) {
            for (var box : BOXES) {
                asks(box, file, second * 8, second * 8 + 7);
            }
            tick(Duration.ofSeconds(1));
        }
        var bytes = sent.stream().mapToLong(Sent::bytes).sum();
        var seconds = Duration.between(begun, clock.instant()).toMillis() / 1000.0;
        assertThat(bytes / seconds).isCloseTo(rate, within(0.05 * rate));
        for (var window : byTheSecond().values()) {
            assertThat(window).isLessThan(rate + 2 * Transfers.BLOCK);
        }
    }

    private Map<Long, Integer> byTheSecond() {
        var windows = new HashMap<Long, Integer>();
        sent.forEach(each -> windows.merge(each.at().getEpochSecond(), each.bytes(), Integer::sum));
        return windows;
    }

    /** [SRV-6] [BLK-6b]: half a second after an emergency came in force nothing leaves for its boxes, and after it the rest does. */
    @Test
    void whileSomethingImportantSoundsItsBoxesGetNothing() throws Exception {
        begin(10_000, mock(KeyStore.class));
        var file = aFile(1, 2_000_000);
        var loud = BOXES.get(0);
        asks(loud, file, 0, 7);
        asks(BOXES.get(1), file, 0, 7);
        tick(Duration.ofSeconds(1));
        when(documents.sounding(any())).thenReturn(List.of(Scope.of(loud)));
        var ordered = clock.instant();
        tick(Duration.ofMinutes(1));
        var mine = topics.blk(Scope.of(loud));
        assertThat(sent)
                .noneMatch(each -> each.topic().equals(mine) && each.at().isAfter(ordered.plus(LONGEST_WAIT)));
        assertThat(sent.stream().filter(each -> !each.topic().equals(mine))).hasSize(8);
        when(documents.sounding(any())).thenReturn(List.of());
        tick(Duration.ofMinutes(1));
        assertThat(sent.stream().filter(each -> each.topic().equals(mine))).hasSize(8);
    }

    /** [SRV-6]: where blocks leave, nothing else does. */
    @Test
    void blocksHaveAConnectionOfTheirOwn() throws Exception {
        try (var broker = new KitBroker(directory)) {
            var target = CompletableFuture.completedFuture(broker.target());
            var never = new CompletableFuture<Link.Target>();
            var onlyBlocks = new Post();
            onlyBlocks.open(never, never, never, target);
            Await.until(Duration.ofSeconds(30), () -> leaves(onlyBlocks.bulk("gb1/test/d/x/blk", new byte[] {1})));
            assertThat(leaves(onlyBlocks.document("gb1/test/d/x/plan", new byte[] {1})))
                    .isFalse();
            assertThat(leaves(onlyBlocks.urgent("gb1/test/d/x/now/e1", new byte[] {1})))
                    .isFalse();
            assertThat(leaves(onlyBlocks.urgentAnswer("gb1/test/d/x/rsp", new byte[] {1})))
                    .isFalse();
            assertThat(leaves(onlyBlocks.answer("gb1/test/d/x/rsp", new byte[] {1})))
                    .isFalse();
            assertThat(leaves(onlyBlocks.live("gb1/test/d/x/live/0", new byte[] {1})))
                    .isFalse();
            onlyBlocks.close();
        }
    }

    private static boolean leaves(CompletableFuture<Void> published) {
        try {
            published.get(10, java.util.concurrent.TimeUnit.SECONDS);
            return true;
        } catch (java.util.concurrent.ExecutionException refused) {
            return false;
        } catch (InterruptedException | java.util.concurrent.TimeoutException stuck) {
            throw new AssertionError(stuck);
        }
    }
}
