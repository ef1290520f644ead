package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;
import static vn.loalang.conformance.Bench.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import vn.loalang.protocol.BlockFrame;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Need;

/** Recordings in blocks over MQTT, without any HTTP. */
final class Blocks {
    private static final int SEGN = 8;

    private final Bench b;
    /** Bytes of a block, in the manifest and what answers it. */
    private int blk = 1_024;

    Blocks(Bench bench) {
        b = bench;
    }

    private Draft manifest(Audio audio) {
        return manifest(audio, blk);
    }

    private Draft manifest(Audio audio, int blk) {
        var file = audio.file();
        var hashes = new ArrayList<String>();
        for (int at = 0; at < file.length; at += blk * SEGN) {
            hashes.add(Hash.of(Arrays.copyOfRange(file, at, Math.min(file.length, at + blk * SEGN)))
                    .b64u());
        }
        return b.auth.head("man", b.self())
                .put("a", audio.asset().h().b64u())
                .put("sz", file.length)
                .put("c", "mp3")
                .put("blk", blk)
                .put("segn", SEGN)
                .put("seg", Json.strings(hashes));
    }

    private static String h8(Audio audio) {
        return audio.asset().h().hex().substring(0, 16);
    }

    private byte[] block(Audio audio, int index) {
        var file = audio.file();
        var payload = Arrays.copyOfRange(file, index * blk, Math.min(file.length, (index + 1) * blk));
        return BlockFrame.of(audio.asset().h(), index, payload).encode();
    }

    private int blocks(Audio audio) {
        return (audio.file().length + blk - 1) / blk;
    }

    /** Orders a recording that only blocks can bring, and publishes its manifest. */
    private void want(Audio audio) {
        b.apply(b.auth.cfg(b.id()), b.auth.p1);
        plan(audio);
        offer(audio, blk);
    }

    /** Publishes a manifest that cuts it so. */
    private void offer(Audio audio, int blk) {
        b.publish("d/" + b.id() + "/man/" + h8(audio), manifest(audio, blk).by(b.auth.p1), true);
    }

    /** Orders it likewise; returns once the box has asked for blocks. */
    private void wantAndAwaitNeed(Audio audio) {
        want(audio);
        b.awaitTrue("a first need", 20, () -> !needs(audio).isEmpty());
    }

    private void plan(Audio audio) {
        b.apply(
                b.auth.plan(
                        b.id(),
                        List.of(audio.asset()),
                        Authority.item(b.name("a"), b.clock() + Authority.HOUR, 10, 30, 0)),
                b.auth.p1);
    }

    /** What the box has asked for of it. */
    private List<Need> needs(Audio audio) {
        return b.heard("need").stream()
                .filter(h -> isOf(audio, h))
                .map(h -> Need.decode(h.message()))
                .toList();
    }

    private static boolean isOf(Audio audio, Bench.Heard need) {
        return Need.decode(need.message()).a().equals(audio.asset().h());
    }

    /** Sends the blocks asked for; returns their bytes. */
    private long answer(Audio audio, Need need, IntPredicate poisoned) {
        check(need.count() <= Limits.NEED_WINDOW, "need asks for " + need.count() + " blocks.");
        check(need.blk() == blk, "need counts in blocks of " + need.blk() + " bytes, not of " + blk + ".");
        long sent = 0;
        for (var range : need.miss()) {
            for (long i = range.lo(); i <= range.hi(); i++) {
                var frame = block(audio, (int) i);
                if (poisoned.test((int) i)) frame[frame.length - 1] ^= 1;
                b.frame("d/" + b.id() + "/blk", frame);
                sent += frame.length;
            }
        }
        return sent;
    }

    /** Answers what the box asked for last, and what it asks for until it is ready; returns the bytes sent. */
    private long serve(Audio audio, double seconds, IntPredicate poisoned) {
        var known = b.heard("need");
        int last = known.size() - 1;
        while (last >= 0 && !isOf(audio, known.get(last))) last--;
        var seen = new AtomicInteger(last < 0 ? known.size() : last);
        var sent = new AtomicLong();
        b.awaitTrue("asset/ready by blocks", seconds, () -> {
            var needs = b.heard("need");
            for (; seen.get() < needs.size(); seen.incrementAndGet()) {
                var heard = needs.get(seen.get());
                if (isOf(audio, heard)) sent.addAndGet(answer(audio, Need.decode(heard.message()), poisoned));
            }
            check(told(audio, "failed").isEmpty(), "It gave the file up.");
            return told(audio, "ready").isPresent();
        });
        return sent.get();
    }

    private Optional<JournalEntry> told(Audio audio, String state) {
        return b.find(
                0, "asset", state, d -> text(d, "h").equals(audio.asset().h().b64u()));
    }

    /** Fails if what was sent is more than every block once. */
    private void checkOnce(Audio audio, long sent) {
        check(
                sent <= audio.file().length + 16L * blocks(audio) * 2,
                "It asked for " + sent + " bytes of " + audio.file().length);
    }

    @Proves(
            value = {"BLK-1", "BLK-5"},
            profile = "blk",
            seconds = 60)
    void aRecordingComesInBlocksThatTheBoxAsksFor() {
        var audio = Audio.of("blocks", 4);
        want(audio);
        long sent = serve(audio, 40, i -> false);
        checkOnce(audio, sent);
        check(b.subscribed("/man/" + h8(audio)), "It did not subscribe the manifest.");
    }

    @Proves(
            value = {"BLK-1c", "BLK-2", "AST-4"},
            profile = "blk",
            seconds = 300)
    void thirtyPercentLossDuplicatesAndDisorderAreOvercome() {
        var audio = Audio.of("lossy", 51);
        // The largest, because every loss costs five seconds: most boxes ask for one block at a time by then.
        blk = Math.min(
                Limits.MAX_BLOCK, b.hellos().get(b.hellos().size() - 1).cap().pkt() - BlockFrame.HEADER);
        b.proxy.faults(FaultProxy.Faults.unreliable(0.3, 0.15, 0.15));
        int before = b.proxy.log().size();
        want(audio);
        serve(audio, 280, i -> false);
        long received = b.proxy.log().stream()
                .skip(before)
                .filter(s -> !s.up() && s.publishes("/blk"))
                .mapToLong(s -> s.packet().payload().length)
                .sum();
        int size = audio.file().length;
        b.measured(String.format(
                java.util.Locale.ROOT,
                "%.2f times its size received for a file of %d bytes in blocks of %d",
                (double) received / size,
                size,
                blk));
        check(received <= 1.6 * size, "It received " + received + " bytes for a file of " + size + ".");
    }

    @Proves(
            value = {"BLK-1c", "BLK-1d"},
            profile = "blk",
            seconds = 60)
    void aTransferThatBeginsAnewAsksNoSooner() {
        var audio = Audio.of("anew", 2);
        want(audio);
        b.awaitTrue("a second need, after 5 s", 20, () -> needs(audio).size() == 2);
        long second = b.clock();
        b.apply(b.auth.plan(b.id(), List.of()), b.auth.p1);
        plan(audio);
        double rest = Math.max(0, 9 - (b.clock() - second) / 1000.0);
        b.never("a third need before 10 s", rest, () -> needs(audio).size() > 2);
        serve(audio, 40, i -> false);
    }

    @Proves(
            value = {"BLK-4", "AST-1e"},
            profile = "blk",
            seconds = 60)
    void aPoisonedBlockNeverMakesASound() {
        var audio = Audio.of("poison", 4);
        var bad = new AtomicInteger(1);
        want(audio);
        serve(audio, 50, i -> i == 3 && bad.getAndDecrement() > 0);
    }

    @Proves(
            value = {"BLK-2b"},
            profile = "blk",
            seconds = 60)
    void framesOfNobodyAndOfWrongLengthAreDropped() {
        var audio = Audio.of("strange", 3);
        wantAndAwaitNeed(audio);
        var first = block(audio, 0);
        b.frame("d/" + b.id() + "/blk", Arrays.copyOf(first, first.length - 7));
        var small = BlockFrame.of(audio.asset().h(), 0, new byte[blk - 7]);
        b.frame("d/" + b.id() + "/blk", small.encode());
        var other = block(Audio.of("other", 2), 0);
        b.frame("d/" + b.id() + "/blk", other);
        b.frame("d/" + b.id() + "/blk", new byte[] {(byte) 0xB1});
        var beyond = BlockFrame.of(audio.asset().h(), 1_000_000, new byte[blk]).encode();
        b.frame("d/" + b.id() + "/blk", beyond);
        // Taken for the block, the small one would spoil its segment.
        checkOnce(audio, serve(audio, 40, i -> false));
    }

    @Proves(
            value = {"BLK-2"},
            profile = "blk",
            seconds = 60)
    void aDuplicateAsksForNothing() {
        var audio = Audio.of("twice", 3);
        wantAndAwaitNeed(audio);
        answer(audio, needs(audio).get(0), i -> false);
        b.awaitTrue("a second need", 10, () -> needs(audio).size() == 2);
        for (int i = 0; i < 3; i++) b.frame("d/" + b.id() + "/blk", block(audio, 0));
        b.never("a need after a duplicate", 2, () -> needs(audio).size() > 2);
        serve(audio, 40, i -> false);
        int before = needs(audio).size();
        for (int i = 0; i < blocks(audio); i++) b.frame("d/" + b.id() + "/blk", block(audio, i));
        b.never("a need for what is complete", 2, () -> needs(audio).size() > before);
    }

    @Proves(
            value = {"BLK-1", "BLK-2"},
            profile = "blk",
            seconds = 60)
    void blocksCountInWhateverOrderTheyCome() {
        var audio = Audio.of("disorder", 4);
        wantAndAwaitNeed(audio);
        int before = needs(audio).size();
        // A whole segment, its last block first and every other one twice.
        for (int i = SEGN - 1; i >= 0; i--) {
            for (int times = i % 2; times < 2; times++) b.frame("d/" + b.id() + "/blk", block(audio, i));
        }
        b.awaitTrue("a need for what follows", 20, () -> needs(audio).size() > before);
        var miss = needs(audio).get(before).miss();
        check(miss.get(0).lo() >= SEGN, "It asks again for what has come: " + miss);
        serve(audio, 40, i -> false);
    }

    @Proves(
            value = {"BLK-3"},
            profile = "blk",
            seconds = 60)
    void theFirstManifestOfAFileStays() {
        var audio = Audio.of("first", 3);
        wantAndAwaitNeed(audio);
        offer(audio, 2 * blk);
        // Settings that come behind it: when they are applied, it has been judged.
        b.apply(b.auth.cfg(b.id()), b.auth.p1);
        serve(audio, 40, i -> false);
    }

    @Proves(
            value = {"BLK-1", "AST-1e"},
            profile = "blk",
            seconds = 90)
    void aTransferGoesOnAfterAPowerCut() {
        var audio = Audio.of("resumed", 4);
        wantAndAwaitNeed(audio);
        var seen = new HashSet<Long>();
        // A whole segment is there before the power goes.
        for (int i = 0; i < SEGN; i++) b.frame("d/" + b.id() + "/blk", block(audio, i));
        AssetServer.pause(500);
        int before = needs(audio).size();
        b.powerCycle();
        b.awaitTrue("a need after the power cut", 30, () -> needs(audio).size() > before);
        var need = needs(audio).get(before);
        for (var range : need.miss()) for (long i = range.lo(); i <= range.hi(); i++) seen.add(i);
        check(seen.stream().allMatch(i -> i >= SEGN), "It asks again for a verified segment: " + seen);
        serve(audio, 40, i -> false);
    }

    @Proves(
            value = {"BLK-3b", "ENV-9"},
            profile = "blk")
    void aManifestThatDoesNotAddUpIsRefused() {
        var audio = Audio.of("wrong", 3);
        b.refuses(
                "E_SEM",
                manifest(audio)
                        .put("seg", Json.strings(List.of(Hash.of(new byte[1]).b64u())))
                        .put("sz", 900_000)
                        .by(b.auth.p1));
        b.refuses("E_POL", manifest(audio).by(b.auth.s1));
    }

    @Proves(
            value = {"FAN-2", "FAN-4"},
            profile = "fan",
            seconds = 90)
    void afterAFanOutItAsksOnlyForWhatItMissed() {
        var audio = Audio.of("fan", 4);
        want(audio);
        b.awaitTrue("its subscription of the manifest", 10, () -> b.subscribed("/man/" + h8(audio)));
        int before = needs(audio).size();
        var missed = Set.of(2, 9);
        for (int i = 0; i < blocks(audio); i++) {
            if (!missed.contains(i)) b.frame("a/37.14329/blk", block(audio, i));
        }
        b.frame("a/37.14329/blk", BlockFrame.end(audio.asset().h()).encode());
        serve(audio, 60, i -> false);
        long asked = needs(audio).stream().skip(before).mapToLong(Need::count).sum();
        // One window may have been asked for before the first block came.
        check(
                asked <= missed.size() + Limits.NEED_WINDOW,
                "It asked for " + asked + " blocks of " + blocks(audio) + " although two were missing.");
    }
}
