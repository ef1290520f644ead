package vn.loalang.controller.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.BlockFrame;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Manifest;
import vn.loalang.protocol.Need;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Timers;
import vn.loalang.protocol.Topics;

/**
 * Audio by MQTT blocks, for boxes whose modem has one socket (§9, profiles {@code blk} and {@code fan}). A manifest says how an
 * asset is cut; blocks are asked for in small windows, or simply caught while the server sends them to a whole area. A segment
 * counts once its hash is right, and is remembered.
 */
final class Blocks {
    private static final String KEY = "blk/";
    /** Their manifests come retained and at once, and each costs a verification. */
    private static final int SUBSCRIBED = 4;

    private static final int WRONG_PAUSES = 3;
    private static final int WRONG_FAILS = 6;
    private static final long HOUR_MS = 3_600_000;
    /** A fan-out that is this long silent is over, also without its end frame. */
    private static final long FAN_SILENT_MS = 30_000;
    /** Neighbours do not ask all at once (fan). */
    private static final long FAN_JITTER_MS = 30_000;

    private final Topics topics;
    private final Profile profile;
    private final Memory memory;
    private final Shelf shelf;
    private final Outputs out;
    private final RandomGenerator random;
    private final Map<Hash, Transfer> transfers = new LinkedHashMap<>();
    /** By file and not by transfer: one that begins anew must not ask more often (BLK-1d). The one asked last is at the end. */
    private final Map<Hash, Pause> pauses = new LinkedHashMap<>();

    private final Set<String> subscribed = new LinkedHashSet<>();

    /** What the shelf knows and does. */
    interface Shelf {
        /** What is wanted and not here, in order of need. */
        List<AssetRef> missing();

        /** Whether an HTTP transfer of it is under way. */
        boolean isFetching(Hash hash);

        /** Whether today's allowances let more of it come. */
        boolean mayReceive(AssetRef asset);

        /** So many bytes of it crossed the network. */
        void received(Hash hash, long bytes);

        /** A segment of it is right. */
        void progressed(Hash hash);

        /** What HTTP left of it is worthless now. */
        void forgetPart(Hash hash);

        /** It will not come by blocks. */
        void failed(Hash hash, String why);
    }

    /** How long a file is not asked for again, and until which uptime. */
    private record Pause(long ms, long until) {
        static Pause first(long mono) {
            var ms = Timers.NEED_RETRY_FIRST.toMillis();
            return new Pause(ms, mono + ms);
        }

        Pause next(long mono) {
            var longer = Math.min(2 * ms, Timers.NEED_RETRY_MAX.toMillis());
            return new Pause(longer, mono + longer);
        }
    }

    private static final class Transfer {
        final Manifest manifest;
        final BitSet segments;
        final Map<Integer, Bytes> blocks = new HashMap<>();
        final Map<Integer, Integer> wrong = new HashMap<>();
        final Set<Integer> asked = new HashSet<>();
        boolean begun;
        boolean verifying;
        long pausedUntil;
        /** No request before this: a fan-out goes on, or its neighbours shall not ask all at once. */
        long quietUntil;

        long askedMono;
        double bytesPerSecond;
        long windowBytes;

        Transfer(Manifest manifest, BitSet segments) {
            this.manifest = manifest;
            this.segments = segments;
        }

        Hash hash() {
            return manifest.a().h();
        }

        boolean has(int block) {
            return segments.get(manifest.segment(block)) || blocks.containsKey(block);
        }

        boolean complete() {
            return segments.cardinality() == manifest.seg().size();
        }

        int window() {
            return (int) Math.max(1, Math.min(Limits.NEED_WINDOW, bytesPerSecond * 0.5 / manifest.blk()));
        }
    }

    /** Continues what memory knows of. */
    Blocks(Profile profile, Memory memory, Shelf shelf, Outputs out, RandomGenerator random) {
        this.topics = new Topics(profile.claim().sys());
        this.profile = profile;
        this.memory = memory;
        this.shelf = shelf;
        this.out = out;
        this.random = random;
        memory.under(KEY).values().forEach(this::restore);
    }

    /** Whether this asset comes, or has begun to come, by blocks: nobody else may write its part. */
    boolean carries(Hash hash, long mono) {
        var transfer = transfers.get(hash);
        return transfer != null && transfer.pausedUntil <= mono;
    }

    /** Assets of which some segments lie on the disk already. */
    Set<Hash> begun() {
        return Set.copyOf(transfers.keySet());
    }

    /** A manifest was accepted; the first of an asset stays until it is ready or has failed (BLK-3). */
    void manifest(Manifest manifest, long mono) {
        var asset = manifest.a();
        var isMissing = shelf.missing().stream().anyMatch(m -> m.hash().equals(asset.h()) && m.size() == asset.sz());
        if (!isMissing || transfers.containsKey(asset.h())) return;
        var transfer = new Transfer(manifest, new BitSet());
        // A manifest for an area announces a fan-out: catch first, ask later.
        if (manifest.head().to() instanceof Scope.Area) {
            transfer.quietUntil = mono + FAN_SILENT_MS + random.nextLong(FAN_JITTER_MS);
        }
        transfers.put(asset.h(), transfer);
        remember(transfer);
        out.add(new Output.Say("Audio " + asset.h().hex().substring(0, 8) + "… comes in " + manifest.blocks()
                + " blocks of " + manifest.blk() + " bytes."));
    }

    /**
     * A frame arrived.
     *
     * @param area whether it was for many
     */
    void frame(BlockFrame frame, boolean area, long mono) {
        for (var transfer : transfers.values()) {
            if (frame.isOf(transfer.hash())) {
                take(transfer, frame, area, mono);
                return;
            }
        }
    }

    private void take(Transfer transfer, BlockFrame frame, boolean area, long mono) {
        if (frame.isEnd()) {
            if (area) transfer.quietUntil = mono + random.nextLong(FAN_JITTER_MS);
            return;
        }
        shelf.received(transfer.hash(), frame.payload().size());
        if (area) transfer.quietUntil = mono + FAN_SILENT_MS + random.nextLong(FAN_JITTER_MS);
        var manifest = transfer.manifest;
        if (frame.index() >= manifest.blocks()
                || frame.payload().size() != manifest.length((int) frame.index())
                || transfer.pausedUntil > mono
                || transfer.verifying
                || !begin(transfer)) return;
        var block = (int) frame.index();
        if (transfer.has(block)) return; // A duplicate changes nothing, above all it asks for nothing (BLK-2).
        transfer.blocks.put(block, frame.payload());
        transfer.windowBytes += frame.payload().size();
        if (transfer.asked.remove(block)) {
            if (transfer.asked.isEmpty()) {
                measure(transfer, mono);
            } else {
                // Something arrives: the pause is counted from here, and only silence makes it longer (BLK-1c).
                pauses.put(transfer.hash(), Pause.first(mono));
            }
        }
        segment(transfer, manifest.segment(block), mono);
    }

    private void measure(Transfer transfer, long mono) {
        var rate = transfer.windowBytes * 1000.0 / Math.max(1, mono - transfer.askedMono);
        transfer.bytesPerSecond = transfer.bytesPerSecond == 0 ? rate : (3 * transfer.bytesPerSecond + rate) / 4;
        pauses.remove(transfer.hash());
    }

    /** From now on the part of the asset belongs to the blocks. */
    private boolean begin(Transfer transfer) {
        if (transfer.begun) return true;
        if (shelf.isFetching(transfer.hash())) return false;
        transfer.begun = true;
        if (transfer.segments.isEmpty()) shelf.forgetPart(transfer.hash());
        return true;
    }

    private void segment(Transfer transfer, int segment, long mono) {
        var range = transfer.manifest.blocksOf(segment);
        var content = new java.io.ByteArrayOutputStream();
        for (var block = (int) range.lo(); block <= range.hi(); block++) {
            var bytes = transfer.blocks.get(block);
            if (bytes == null) return;
            content.writeBytes(bytes.toArray());
        }
        for (var block = (int) range.lo(); block <= range.hi(); block++) transfer.blocks.remove(block);
        var whole = content.toByteArray();
        if (!Hash.of(whole).equals(transfer.manifest.seg().get(segment))) {
            wrong(transfer, segment, mono);
            return;
        }
        out.add(new Output.Place(transfer.hash(), range.lo() * transfer.manifest.blk(), Bytes.of(whole)));
        transfer.segments.set(segment);
        remember(transfer);
        shelf.progressed(transfer.hash());
        if (transfer.complete()) verify(transfer);
    }

    private void verify(Transfer transfer) {
        transfer.verifying = true;
        out.add(new Output.Verify(transfer.hash(), transfer.manifest.a().sz()));
    }

    /** Three times wrong: something poisons this way, try again in an hour; six times: no more (BLK-4). */
    private void wrong(Transfer transfer, int segment, long mono) {
        var times = transfer.wrong.merge(segment, 1, Integer::sum);
        out.add(new Output.Say("Segment " + segment + " of "
                + transfer.hash().hex().substring(0, 8) + "… came wrong " + times + " times."));
        if (times >= WRONG_FAILS) {
            forget(transfer.hash());
            shelf.failed(transfer.hash(), "blocks");
        } else if (times == WRONG_PAUSES) {
            transfer.pausedUntil = mono + HOUR_MS;
            transfer.asked.clear();
            // Whoever goes on meanwhile writes the part from its beginning.
            transfer.segments.clear();
            transfer.blocks.clear();
            transfer.begun = false;
            remember(transfer);
            shelf.forgetPart(transfer.hash());
        }
    }

    /** The whole was hashed. */
    void verified(Hash hash) {
        if (transfers.containsKey(hash)) forget(hash);
    }

    /** No session: nothing is subscribed and nothing asked for any more. */
    void disconnected() {
        subscribed.clear();
        pauses.clear();
        for (var transfer : transfers.values()) transfer.asked.clear();
    }

    /**
     * While there is a session.
     *
     * @param paused something important sounds (AST-3)
     */
    void tick(List<AreaPath> areas, boolean paused, long mono) {
        var missing = shelf.missing();
        if (missing.isEmpty() && transfers.isEmpty() && subscribed.isEmpty()) return;
        var hashes = missing.stream().map(AssetRef::hash).toList();
        for (var gone : transfers.keySet().stream()
                .filter(hash -> !hashes.contains(hash))
                .toList()) {
            var transfer = transfers.get(gone);
            if (transfer == null || transfer.verifying) continue;
            forget(gone);
            shelf.forgetPart(gone);
        }
        subscribe(hashes.stream().limit(SUBSCRIBED).toList(), areas);
        if (paused) return;
        for (var asset : missing) {
            var transfer = transfers.get(asset.hash());
            if (transfer == null || mono < transfer.quietUntil || !shelf.mayReceive(asset)) continue;
            if (!isOpen(transfer, mono)) continue;
            if (mono >= pausedUntil(transfer)) ask(transfer, mono);
            return;
        }
    }

    /** Uptime after this one of the next request, if one is waiting; what is overdue waits for something else. */
    OptionalLong nextAttempt(long mono) {
        return transfers.values().stream()
                .filter(transfer -> !transfer.verifying)
                .mapToLong(transfer ->
                        Math.max(transfer.pausedUntil, Math.max(transfer.quietUntil, pausedUntil(transfer))))
                .filter(at -> at > mono)
                .min();
    }

    private long pausedUntil(Transfer transfer) {
        var pause = pauses.get(transfer.hash());
        return pause == null ? 0 : pause.until();
    }

    private boolean isOpen(Transfer transfer, long mono) {
        return !transfer.verifying && transfer.pausedUntil <= mono && begin(transfer);
    }

    private void ask(Transfer transfer, long mono) {
        transfer.asked.clear();
        var ranges = new ArrayList<Need.Range>();
        var manifest = transfer.manifest;
        for (int block = 0; block < manifest.blocks() && transfer.asked.size() < transfer.window(); block++) {
            if (transfer.has(block)) continue;
            transfer.asked.add(block);
            var last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
            if (last != null && last.hi() == block - 1) {
                ranges.set(ranges.size() - 1, new Need.Range(last.lo(), block));
            } else {
                ranges.add(new Need.Range(block, block));
            }
        }
        if (ranges.isEmpty()) {
            // The power failed while the hash over the whole was awaited.
            verify(transfer);
            return;
        }
        transfer.askedMono = mono;
        transfer.windowBytes = 0;
        pause(transfer.hash(), mono);
        var need = new Need(transfer.hash(), manifest.blk(), ranges);
        out.add(new Output.Publish(topics.need(profile.id()), 1, false, Bytes.of(need.encode())));
    }

    /** It was asked for; the pause after that is longer when nothing has come since the last time. */
    private void pause(Hash hash, long mono) {
        var before = pauses.remove(hash);
        pauses.put(hash, before == null ? Pause.first(mono) : before.next(mono));
        if (pauses.size() > Limits.NEED_FILES) {
            pauses.remove(pauses.keySet().iterator().next());
        }
    }

    /** Manifests of what is needed next, and blocks while anything is needed at all: other sounds cost data for nothing. */
    private void subscribe(List<Hash> wanted, List<AreaPath> areas) {
        var scopes = Stream.concat(
                        Stream.of(Scope.of(profile.id())), areas.stream().map(Scope::of))
                .toList();
        var names = new LinkedHashSet<String>();
        for (var hash : wanted) scopes.forEach(scope -> names.add(topics.man(scope, hash)));
        if (!wanted.isEmpty()) scopes.forEach(scope -> names.add(topics.blk(scope)));
        var gone = subscribed.stream().filter(name -> !names.contains(name)).toList();
        var fresh = names.stream().filter(name -> !subscribed.contains(name)).toList();
        subscribed.removeAll(gone);
        subscribed.addAll(fresh);
        if (!gone.isEmpty()) out.add(new Output.Unsubscribe(gone));
        if (!fresh.isEmpty()) out.add(new Output.Subscribe(fresh));
    }

    private void forget(Hash hash) {
        transfers.remove(hash);
        memory.remove(KEY + hash.hex());
    }

    private void remember(Transfer transfer) {
        var done = java.util.HexFormat.of().formatHex(transfer.segments.toByteArray());
        memory.put(
                KEY + transfer.hash().hex(),
                done + "\n" + new String(transfer.manifest.payload(), StandardCharsets.UTF_8));
    }

    private void restore(String text) {
        var end = text.indexOf('\n');
        var segments = BitSet.valueOf(java.util.HexFormat.of().parseHex(text.substring(0, end)));
        if (Document.decode(text.substring(end + 1).getBytes(StandardCharsets.UTF_8)) instanceof Manifest manifest) {
            transfers.put(manifest.a().h(), new Transfer(manifest, segments));
        }
    }
}
