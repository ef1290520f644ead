package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.BlockFrame;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Manifest;
import vn.loalang.protocol.Need;
import vn.loalang.protocol.Scope;

/** Audio by blocks in virtual time: windows, losses, poison, a fan-out, and a power cut in the middle. */
class BlocksTest {
    private static final int BLOCK = 1024;
    private static final int SEGMENT = 4;
    private static final AreaPath AREA = new AreaPath("37.14329");

    private final Deployment deployment = Deployment.ofADevice();
    private final Profile profile = Profile.of(deployment.id(), deployment.claim());
    private final byte[] content = random(40 * BLOCK + 77);
    private final Hash hash = Hash.of(content);
    private final AssetRef asset = AssetRef.of(Asset.mp3(hash, content.length));
    private final Map<String, String> disk = new HashMap<>();
    private final byte[] part = new byte[content.length];
    private final List<Need> needs = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final List<String> subscriptions = new ArrayList<>();
    private final Fake shelf = new Fake();
    private Memory memory = new Memory(disk);
    private Outputs out = new Outputs(memory);
    private Blocks blocks = new Blocks(profile, memory, shelf, out, new Random(1));
    private long received;
    private boolean verify;
    private boolean ready;
    private List<AssetRef> wanted = List.of(asset);
    private boolean allowed = true;
    private boolean fetching;

    private static byte[] random(int size) {
        var bytes = new byte[size];
        new Random(20_261_122).nextBytes(bytes);
        return bytes;
    }

    private final class Fake implements Blocks.Shelf {
        @Override
        public List<AssetRef> missing() {
            return ready ? List.of() : wanted;
        }

        @Override
        public boolean isFetching(Hash which) {
            return fetching;
        }

        @Override
        public boolean mayReceive(AssetRef which) {
            return allowed;
        }

        @Override
        public void received(Hash which, long bytes) {
            received += bytes;
        }

        @Override
        public void progressed(Hash which) {}

        @Override
        public void forgetPart(Hash which) {
            Arrays.fill(part, (byte) 0);
        }

        @Override
        public void failed(Hash which, String why) {
            failures.add(why);
        }
    }

    private Manifest manifest(Scope to) {
        return manifest(to, content);
    }

    private Manifest manifest(Scope to, byte[] bytes) {
        var segments = new ArrayList<Hash>();
        for (int from = 0; from < bytes.length; from += SEGMENT * BLOCK) {
            segments.add(Hash.of(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + SEGMENT * BLOCK))));
        }
        var head = new Head(deployment.claim().sys(), to, Deployment.CLAIMED, Deployment.CLAIMED, Deployment.CLAIMED);
        return new Manifest(head, Asset.mp3(Hash.of(bytes), bytes.length), BLOCK, SEGMENT, segments);
    }

    private BlockFrame block(long index) {
        var from = (int) index * BLOCK;
        return BlockFrame.of(hash, index, Arrays.copyOfRange(content, from, Math.min(content.length, from + BLOCK)));
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
            } else if (output instanceof Output.Subscribe subscribe) {
                subscriptions.addAll(subscribe.topics());
            } else if (output instanceof Output.Verify) {
                verify = true;
            }
        }
    }

    private void tick(long mono) {
        blocks.tick(List.of(AREA), false, mono);
        perform();
    }

    private void answer(Need need, long mono) {
        need.miss().forEach(range -> {
            for (var index = range.lo(); index <= range.hi(); index++) blocks.frame(block(index), false, mono);
        });
        perform();
    }

    @Test
    void asksInGrowingWindowsUntilTheWholeIsHere() {
        blocks.manifest(manifest(Scope.of(deployment.id())), 0);
        long mono = 0;
        tick(mono);
        assertThat(subscriptions)
                .hasSize(4)
                .filteredOn(topic -> topic.contains("/man/"))
                .hasSize(2);
        var widest = 0L;
        while (!verify) {
            var need = needs.get(needs.size() - 1);
            widest = Math.max(widest, need.count());
            mono += 50;
            answer(need, mono);
            tick(mono);
        }
        assertThat(part).isEqualTo(content);
        assertThat(widest).isEqualTo(8);
        assertThat(received).isEqualTo(content.length);
        blocks.verified(hash);
        perform();
        assertThat(disk).isEmpty();
    }

    @Test
    void asksAgainAfterFiveSecondsAndThenEverMoreRarely() {
        blocks.manifest(manifest(Scope.of(deployment.id())), 0);
        var asked = new ArrayList<Long>();
        for (long mono = 0; mono < 1_500_000; mono += 1000) {
            var before = needs.size();
            tick(mono);
            if (needs.size() > before) asked.add(mono);
        }
        assertThat(asked)
                .containsExactly(
                        0L, 5_000L, 15_000L, 35_000L, 75_000L, 155_000L, 315_000L, 615_000L, 915_000L, 1_215_000L);
    }

    /** Another file that is overdue, but comes later in turn, must not make it sleep beyond its next request. */
    @Test
    void aFileThatWaitsForItsTurnDoesNotHideTheNextRequest() {
        var other = random(10 * BLOCK);
        other[0] ^= 1;
        wanted = List.of(asset, AssetRef.of(Asset.mp3(Hash.of(other), other.length)));
        blocks.manifest(manifest(Scope.of(deployment.id())), 0);
        blocks.manifest(manifest(Scope.of(deployment.id()), other), 0);
        tick(0);
        assertThat(blocks.begun()).hasSize(2);
        assertThat(blocks.nextAttempt(0)).hasValue(5_000);
    }

    /** Its HTTP way came and went, or a document left it out for a moment; the manifest is the same or another. */
    @Test
    void aTransferThatBeginsAnewKeepsThePauseOfItsFile() {
        var manifest = manifest(Scope.of(deployment.id()));
        blocks.manifest(manifest, 0);
        tick(0);
        tick(5_000);
        assertThat(needs).hasSize(2);
        ready = true;
        tick(6_000);
        assertThat(blocks.begun()).isEmpty();
        ready = false;
        tick(6_001);
        blocks.manifest(manifest, 6_002);
        assertThat(blocks.begun()).containsExactly(hash);
        for (long mono = 6_002; mono < 15_000; mono += 100) tick(mono);
        assertThat(needs).as("ten seconds after the second in vain").hasSize(2);
        assertThat(blocks.nextAttempt(14_900)).hasValue(15_000);
        tick(15_000);
        assertThat(needs).hasSize(3);
        tick(34_999);
        assertThat(needs).hasSize(3);
        tick(35_000);
        assertThat(needs).hasSize(4);
        answer(needs.get(3), 35_100);
        tick(35_100);
        assertThat(needs).as("a block came").hasSize(5);
        tick(40_099);
        assertThat(needs).hasSize(5);
        tick(40_100);
        assertThat(needs).hasSize(6);
        blocks.disconnected();
        tick(40_200);
        assertThat(needs).as("another connection").hasSize(7);
        tick(45_200);
        assertThat(needs).hasSize(8);
    }

    @Test
    void pausesOfTheFilesAskedForLastAreKept() {
        for (var others : List.of(Limits.NEED_FILES - 1, Limits.NEED_FILES)) {
            blocks = new Blocks(profile, memory, shelf, out, new Random(1));
            wanted = List.of(asset);
            blocks.manifest(manifest(Scope.of(deployment.id())), 0);
            tick(0);
            tick(5_000);
            for (int i = 0; i < others; i++) {
                var other = new byte[2 * BLOCK];
                Arrays.fill(other, (byte) i);
                wanted = List.of(AssetRef.of(Asset.mp3(Hash.of(other), other.length)));
                tick(5_100);
                blocks.manifest(manifest(Scope.of(deployment.id()), other), 5_100);
                tick(5_100);
                assertThat(needs.get(needs.size() - 1).a()).isEqualTo(Hash.of(other));
            }
            wanted = List.of(asset);
            tick(5_200);
            blocks.manifest(manifest(Scope.of(deployment.id())), 5_200);
            var asked = needs.size();
            tick(5_200);
            assertThat(needs.size() - asked).as(others + " others").isEqualTo(others < Limits.NEED_FILES ? 0 : 1);
            ready = true;
            tick(5_300);
            ready = false;
        }
    }

    @Test
    void duplicatesStrangersAndWrongLengthsChangeNothing() {
        blocks.manifest(manifest(Scope.of(deployment.id())), 0);
        tick(0);
        answer(needs.get(0), 10);
        tick(10);
        var asked = needs.size();
        blocks.frame(block(0), false, 11);
        blocks.frame(BlockFrame.of(Hash.of(new byte[1]), 1, new byte[BLOCK]), false, 11);
        blocks.frame(BlockFrame.of(hash, 30, new byte[BLOCK - 1]), false, 11);
        blocks.frame(BlockFrame.of(hash, 4000, new byte[BLOCK]), false, 11);
        tick(11);
        assertThat(needs).hasSize(asked);
    }

    @Test
    void aFanOutIsCaughtInAnyOrderAndOnlyTheRestIsAskedFor() {
        blocks.manifest(manifest(Scope.of(AREA)), 0);
        tick(0);
        assertThat(needs).isEmpty();
        var order = new ArrayList<Long>();
        for (long i = 0; i < 41; i++) order.add(i);
        Collections.shuffle(order, new Random(7));
        long mono = 1000;
        for (var index : order) {
            if (index != 5 && index != 17) blocks.frame(block(index), true, mono += 500);
            tick(mono);
        }
        assertThat(needs).isEmpty();
        blocks.frame(BlockFrame.end(hash), true, mono);
        for (long at = mono; needs.isEmpty() && at < mono + 31_000; at += 500) tick(at);
        assertThat(needs).hasSize(1);
        answer(needs.get(0), mono + 31_000);
        tick(mono + 31_000);
        answer(needs.get(needs.size() - 1), mono + 32_000);
        assertThat(verify).isTrue();
        assertThat(part).isEqualTo(content);
    }

    @Test
    void whoMissedTheFanOutAsksAfterASilence() {
        blocks.manifest(manifest(Scope.of(AREA)), 0);
        for (long at = 0; at < 30_000; at += 500) tick(at);
        assertThat(needs).isEmpty();
        for (long at = 30_000; needs.isEmpty() && at < 60_500; at += 500) tick(at);
        assertThat(needs).hasSize(1);
    }

    @Test
    void aPoisonedSegmentIsPausedAfterThreeTimesAndGivenUpAfterSix() {
        blocks.manifest(manifest(Scope.of(deployment.id())), 0);
        long mono = 0;
        for (int wrong = 1; wrong <= 6; wrong++) {
            tick(mono);
            var poison = new byte[BLOCK];
            blocks.frame(BlockFrame.of(hash, 0, poison), false, ++mono);
            for (int i = 1; i < SEGMENT; i++) blocks.frame(block(i), false, ++mono);
            perform();
            if (wrong == 3) {
                assertThat(blocks.carries(hash, mono)).isFalse();
                var asked = needs.size();
                tick(mono + 3_500_000);
                assertThat(needs).hasSize(asked);
                mono += 3_600_000;
                assertThat(blocks.carries(hash, mono)).isTrue();
            }
        }
        assertThat(failures).containsExactly("blocks");
        assertThat(blocks.carries(hash, mono)).isFalse();
        assertThat(disk).isEmpty();
    }

    @Test
    void verifiedSegmentsSurviveAPowerCut() {
        blocks.manifest(manifest(Scope.of(deployment.id())), 0);
        tick(0);
        for (int i = 0; i < 10; i++) blocks.frame(block(i), false, 10);
        perform();
        memory = new Memory(disk);
        out = new Outputs(memory);
        blocks = new Blocks(profile, memory, shelf, out, new Random(2));
        needs.clear();
        tick(0);
        assertThat(needs.get(0).miss().get(0).lo()).isEqualTo(8);
        for (int i = 8; i < 41; i++) blocks.frame(block(i), false, 10);
        perform();
        assertThat(verify).isTrue();
        assertThat(part).isEqualTo(content);
    }

    /** All segments are here and the answer of the hash over the whole was lost with the power. */
    @Test
    void whatIsCompleteAfterAPowerCutIsHashedAgain() {
        blocks.manifest(manifest(Scope.of(deployment.id())), 0);
        for (int i = 0; i < 41; i++) blocks.frame(block(i), false, 10);
        perform();
        assertThat(verify).isTrue();
        verify = false;
        needs.clear();
        memory = new Memory(disk);
        out = new Outputs(memory);
        blocks = new Blocks(profile, memory, shelf, out, new Random(2));
        tick(0);
        assertThat(verify).isTrue();
        assertThat(needs).isEmpty();
        verify = false;
        tick(10_000);
        assertThat(verify).as("once is enough").isFalse();
        blocks.verified(hash);
        perform();
        assertThat(disk).isEmpty();
    }

    @Test
    void theFirstManifestStaysAndNothingIsAskedForBeyondTheAllowanceOrWhileSomethingImportantSounds() {
        blocks.manifest(manifest(Scope.of(deployment.id())), 0);
        var other = manifest(Scope.of(deployment.id()));
        blocks.manifest(
                new Manifest(
                        other.head(), other.a(), 2 * BLOCK, SEGMENT, other.seg().subList(0, 6)),
                0);
        blocks.tick(List.of(AREA), true, 0);
        perform();
        allowed = false;
        tick(1);
        allowed = true;
        fetching = true;
        tick(2);
        assertThat(needs).isEmpty();
        fetching = false;
        tick(3);
        assertThat(needs).hasSize(1);
        assertThat(needs.get(0).blk()).isEqualTo(BLOCK);
    }

    @Test
    void lossesAndDisorderOfEveryKindStillEndWithTheRightBytes() {
        for (int seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            disk.clear();
            needs.clear();
            verify = false;
            Arrays.fill(part, (byte) 0);
            memory = new Memory(disk);
            out = new Outputs(memory);
            blocks = new Blocks(profile, memory, shelf, out, new Random(seed));
            blocks.manifest(manifest(Scope.of(deployment.id())), 0);
            var answered = 0;
            for (long mono = 0; !verify && mono < 4_000_000; mono += 200) {
                tick(mono);
                if (answered == needs.size()) continue;
                var need = needs.get(needs.size() - 1);
                answered = needs.size();
                var sent = new ByteArrayOutputStream();
                for (var range : need.miss()) {
                    for (var index = range.lo(); index <= range.hi(); index++) {
                        if (random.nextInt(4) == 0) continue;
                        for (int copies = random.nextInt(3); copies >= 0; copies--)
                            blocks.frame(block(index), false, mono);
                        sent.write(1);
                    }
                }
                perform();
            }
            assertThat(verify).as("seed " + seed).isTrue();
            assertThat(part).isEqualTo(content);
        }
    }
}
