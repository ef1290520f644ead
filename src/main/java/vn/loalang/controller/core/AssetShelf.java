package vn.loalang.controller.core;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.BlockFrame;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Manifest;
import vn.loalang.protocol.Timers;

/**
 * The audio on the device and the way more of it comes (§9): one transfer at a time, in the order of need, by segments of 256
 * KiB whose arrival counts as progress. The hash of the whole decides; addresses are hints.
 */
final class AssetShelf {
    private static final long DAY_MS = 86_400_000;
    private static final long HOUR_MS = 3_600_000;
    /** What is needed within this is never thrown away (AST-2b). */
    private static final long LASTING_MS = 48 * HOUR_MS;

    private final Map<Hash, Long> ready;
    private final Map<Hash, Long> parts;
    private final long storeBytes;
    private final Journal journal;
    private final Outputs out;
    private final Blocks blocks;
    private final Map<Hash, Want> wanted = new LinkedHashMap<>();
    /** Those of them that are not on the disk, sounds of an unknown codec included; null when that has to be found out again. */
    private @Nullable List<Want> absent;

    private final ArrayDeque<Receipt> receipts = new ArrayDeque<>();
    private List<String> bases = List.of();
    private long dailyBytes;
    /** What the disk itself still takes, as far as known. */
    private long diskFree = Long.MAX_VALUE;

    private @Nullable Want active;
    private long nowMono;
    /** The active transfer has arrived and its hash is being computed. */
    private boolean verifying;
    /** The active transfer is to give way to an emergency (AST-3). */
    private boolean aborting;

    private record Receipt(Hash hash, long mono, long bytes) {}

    private static final class Want {
        final AssetRef asset;
        /** Uptime at which it is needed first. */
        long neededMono;

        /** It does not fit, whatever may be thrown away for it. */
        boolean noRoom;

        long retryMono;
        int attempts;
        long pauseMs = Timers.HTTP_RETRY_FIRST.toMillis();
        long progressMono;
        long toldMono = Long.MIN_VALUE;

        @Nullable
        String failure;

        Want(AssetRef asset, long mono) {
            this.asset = asset;
            this.progressMono = mono;
        }
    }

    /**
     * @param ready lengths of whole assets on the disk
     * @param parts lengths of unfinished ones
     */
    AssetShelf(
            Map<Hash, Long> ready,
            Map<Hash, Long> parts,
            Profile profile,
            Memory memory,
            Journal journal,
            Outputs out,
            RandomGenerator random) {
        this.ready = new HashMap<>(ready);
        this.parts = new HashMap<>(parts);
        this.storeBytes = profile.storeBytes();
        this.journal = journal;
        this.out = out;
        this.blocks = new Blocks(profile, memory, new ByBlocks(), out, random);
        // The power may have failed after the file became whole and before that was written down.
        ready.keySet().forEach(blocks::verified);
    }

    boolean isReady(Hash hash) {
        return ready.containsKey(hash);
    }

    /** Why something wanted has failed (AST-4b), if it has: audio is tried again all the same, firmware is not. */
    Optional<String> failure(Hash hash) {
        return Optional.ofNullable(wanted.get(hash)).map(want -> want.failure);
    }

    /** Where to ask, and how much a day may cost in bytes, 0 for no limit. */
    void sources(List<String> bases, long dailyBytes) {
        if (this.bases.equals(bases) && this.dailyBytes == dailyBytes) return;
        this.bases = List.copyOf(bases);
        this.dailyBytes = dailyBytes;
        for (var want : wanted.values()) want.retryMono = Math.min(want.retryMono, 0);
    }

    /** A server is there again: what was given up for a while is asked for at once, with short pauses again. */
    void hurry(long mono) {
        for (var want : wanted.values()) {
            want.retryMono = Math.min(want.retryMono, mono);
            want.pauseMs = Timers.HTTP_RETRY_FIRST.toMillis();
        }
    }

    /**
     * What the documents name now.
     *
     * @param inOrder of need
     * @param later uptime at which some of them are needed first; the others are needed at any moment
     */
    void want(List<AssetRef> inOrder, Map<Hash, Long> later, long mono) {
        absent = null;
        var before = new HashMap<>(wanted);
        wanted.clear();
        for (var asset : inOrder) {
            var earlier = wanted.get(asset.hash());
            // A wrong word for the codec in one document must not keep the file from another.
            if (earlier != null && (earlier.asset.isUsable() || !asset.isUsable())) continue;
            var known = before.get(asset.hash());
            var want = known != null && known.asset.equals(asset) ? known : new Want(asset, mono);
            want.neededMono = later.getOrDefault(asset.hash(), 0L);
            wanted.put(asset.hash(), want);
        }
    }

    /** How an asset is cut into blocks. */
    void manifest(Manifest manifest, long mono) {
        nowMono = mono;
        blocks.manifest(manifest, mono);
    }

    /** A block came; {@code area} when it was for many. */
    void frame(BlockFrame frame, boolean area, long mono) {
        nowMono = mono;
        blocks.frame(frame, area, mono);
    }

    /** It lies on the memory stick: no need to fetch it, if it is wanted. */
    void bring(Hash hash, long size) {
        var want = wanted.get(hash);
        if (want == null || want.asset.size() != size || !isMissing(want) || active == want) return;
        makeRoom(want);
        if (free() < missingBytes(want)) return;
        out.add(new Output.Bring(hash, size));
    }

    /** The session is over. */
    void disconnected() {
        blocks.disconnected();
    }

    /**
     * Starts the next transfer if there is one to make.
     *
     * @param paused something of priority 60 or more sounds: the link belongs to it, and what is on its way is broken off (AST-3)
     * @param areas this device's, while it is welcomed; otherwise empty
     */
    void tick(long mono, boolean paused, Optional<List<AreaPath>> areas) {
        nowMono = mono;
        for (var want : absent()) judge(want, mono);
        judgeRoom();
        areas.ifPresent(own -> blocks.tick(own, paused, mono));
        if (paused) {
            if (active != null && !aborting && !verifying) out.add(new Output.Abort());
            aborting = active != null;
            return;
        }
        if (active != null || bases.isEmpty()) return;
        next(mono).ifPresent(this::request);
    }

    /** Uptime of the next attempt, if one is waiting. */
    OptionalLong nextAttempt() {
        // What is overdue after a tick cannot be had now: paused, beyond an allowance, without a session.
        // Waking for it again and again would only keep the box busy.
        var byBlocks = blocks.nextAttempt(nowMono);
        if (active != null || bases.isEmpty()) return byBlocks;
        var next = byBlocks.orElse(Long.MAX_VALUE);
        for (var want : absent()) {
            if (want.asset.isUsable() && want.retryMono > nowMono) next = Math.min(next, want.retryMono);
        }
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    private List<Want> absent() {
        var known = absent;
        if (known == null) {
            known = wanted.values().stream()
                    .filter(want -> !isReady(want.asset.hash()))
                    .toList();
            absent = known;
        }
        return known;
    }

    void fetched(Input.Fetched result, long mono) {
        parts.put(result.hash(), result.have());
        disk(-result.received());
        if (result.received() > 0) receipts.add(new Receipt(result.hash(), mono, result.received()));
        var want = active;
        if (want == null || !want.asset.hash().equals(result.hash())) return;
        if (!result.ok() && aborting) {
            active = null;
            aborting = false;
            want.retryMono = mono;
            return;
        }
        aborting = false;
        if (!result.ok()) {
            active = null;
            postpone(want, mono);
            return;
        }
        want.progressMono = mono;
        want.pauseMs = Timers.HTTP_RETRY_FIRST.toMillis();
        if (result.have() >= want.asset.size()) {
            verifying = true;
            out.add(new Output.Verify(want.asset.hash(), want.asset.size()));
        } else {
            active = null;
            want.retryMono = mono;
        }
    }

    void verified(Input.Verified result, long mono) {
        parts.remove(result.hash());
        blocks.verified(result.hash());
        var want = wanted.get(result.hash());
        if (active != null && active.asset.hash().equals(result.hash())) {
            active = null;
            verifying = false;
            aborting = false;
        }
        if (result.ok()) {
            ready.put(result.hash(), want == null ? 0 : want.asset.size());
            absent = null;
            journal.add(new Event.AssetReady(result.hash()));
            out.add(new Output.Say("Audio " + shortly(result.hash()) + " is ready."));
        } else if (want != null) {
            tellFailed(want, "hash", mono);
            postpone(want, mono);
        }
    }

    /** Free room in bytes. */
    long free() {
        return Math.max(0, Math.min(storeBytes - used(), diskFree));
    }

    /** What the disk itself still takes. */
    void room(long bytes) {
        diskFree = bytes;
    }

    private void disk(long change) {
        if (diskFree != Long.MAX_VALUE) diskFree += change;
    }

    /** Whether something wanted has no room (STORE_FULL). */
    boolean isFull() {
        return absent().stream().anyMatch(want -> want.noRoom && isMissing(want));
    }

    int readyCount() {
        return ready.size();
    }

    private long used() {
        return ready.values().stream().mapToLong(Long::longValue).sum()
                + parts.values().stream().mapToLong(Long::longValue).sum();
    }

    private Optional<Want> next(long mono) {
        if (absent().isEmpty() || !withinQuota()) return Optional.empty();
        return absent().stream()
                .filter(want -> isMissing(want)
                        && !want.noRoom
                        && !blocks.carries(want.asset.hash(), mono)
                        && want.retryMono <= mono
                        && withinAllowance(want))
                .findFirst();
    }

    private boolean withinQuota() {
        while (!receipts.isEmpty() && nowMono - receipts.peek().mono() > DAY_MS) receipts.remove();
        return dailyBytes == 0 || receipts.stream().mapToLong(Receipt::bytes).sum() < dailyBytes;
    }

    /** An asset may cost twice its size in a day; more means that something is wrong with it or the way. */
    private boolean withinAllowance(Want want) {
        var got = receipts.stream()
                .filter(r -> r.hash().equals(want.asset.hash()))
                .mapToLong(Receipt::bytes)
                .sum();
        return got < 2 * want.asset.size();
    }

    private void request(Want want) {
        var hash = want.asset.hash();
        var have = parts.getOrDefault(hash, 0L);
        makeRoom(want);
        active = want;
        if (have >= want.asset.size()) {
            verifying = true;
            out.add(new Output.Verify(hash, want.asset.size()));
            return;
        }
        var base = bases.get(want.attempts++ % bases.size());
        if (have == 0) {
            out.add(new Output.Say("Fetching audio " + shortly(hash) + ", " + want.asset.size() / 1024 + " KiB."));
        }
        out.add(new Output.Fetch(
                hash, base + hash.b64u(), have, Math.min(want.asset.size(), have + Limits.HTTP_SEGMENT)));
    }

    private long missingBytes(Want want) {
        return want.asset.size() - parts.getOrDefault(want.asset.hash(), 0L);
    }

    /** Pins, what orders name and what the next 48 hours need stay (AST-2b). */
    private boolean mayGo(Want want) {
        return want.neededMono > nowMono + LASTING_MS;
    }

    /** Bytes that throwing it away would free; what is just being filled is left alone. */
    private long held(Want want) {
        var hash = want.asset.hash();
        if (isReady(hash)) return want.asset.size();
        return active == want || blocks.begun().contains(hash) ? 0 : parts.getOrDefault(hash, 0L);
    }

    /** Finds what has no room even when all is thrown away for it that may be: first the unnamed, then what is needed later. */
    private void judgeRoom() {
        if (absent().stream().noneMatch(this::isMissing)) return;
        var spare = free();
        for (var sizes : List.of(parts, ready)) {
            for (var size : sizes.entrySet()) if (!wanted.containsKey(size.getKey())) spare += size.getValue();
        }
        for (var want : wanted.values()) if (mayGo(want)) spare += held(want);
        for (var want : wanted.values()) {
            // Nothing gives way to what is needed no earlier than itself.
            if (mayGo(want)) spare -= held(want);
            want.noRoom = isMissing(want) && missingBytes(want) > spare;
            if (isMissing(want) && !want.noRoom) spare -= missingBytes(want);
        }
    }

    /** Throws away, as far as this one needs it, what no document names, and then what is needed only long after it. */
    private void makeRoom(Want wanting) {
        var bytes = missingBytes(wanting);
        for (var held : List.of(parts, ready)) {
            for (var hash : held.keySet().stream()
                    .sorted(java.util.Comparator.comparing(Hash::hex))
                    .toList()) {
                if (free() >= bytes) return;
                if (wanted.containsKey(hash)) continue;
                disk(held.getOrDefault(hash, 0L));
                held.remove(hash);
                out.add(new Output.Discard(hash));
            }
        }
        var inOrder = List.copyOf(wanted.values());
        for (int i = inOrder.size() - 1; i >= 0 && inOrder.get(i) != wanting && free() < bytes; i--) {
            var later = inOrder.get(i);
            if (!mayGo(later) || held(later) == 0) continue;
            var hash = later.asset.hash();
            disk(held(later));
            ready.remove(hash);
            absent = null;
            parts.remove(hash);
            out.add(new Output.Discard(hash));
        }
    }

    private static void postpone(Want want, long mono) {
        want.retryMono = mono + want.pauseMs;
        want.pauseMs = Math.min(want.pauseMs * 2, Timers.HTTP_RETRY_MAX.toMillis());
    }

    private boolean isMissing(Want want) {
        return want.asset.isUsable() && !isReady(want.asset.hash());
    }

    private void judge(Want want, long mono) {
        if (!want.asset.isUsable()) {
            // Not the document but this sound has failed (DOC-4); said again on the next day.
            if (want.failure == null || mono - want.toldMono >= DAY_MS) tellFailed(want, "codec", mono);
            return;
        }
        if (mono - want.progressMono >= Timers.ASSET_FAILED.toMillis()) {
            want.progressMono = mono;
            tellFailed(want, want.noRoom ? "storage" : "timeout", mono);
        }
    }

    private void tellFailed(Want want, String why, long mono) {
        want.failure = why;
        if (want.toldMono != Long.MIN_VALUE && mono - want.toldMono < HOUR_MS) return;
        want.toldMono = mono;
        journal.add(new Event.AssetFailed(want.asset.hash(), why));
    }

    /** What blocks may ask and tell of the shelf. */
    private final class ByBlocks implements Blocks.Shelf {
        @Override
        public List<AssetRef> missing() {
            // Blocks are paced for the weakest link; while HTTP brings the audio they would only slow it down.
            return absent().stream()
                    .filter(want -> bases.isEmpty() || want.pauseMs > Timers.HTTP_RETRY_FIRST.toMillis())
                    .filter(AssetShelf.this::isMissing)
                    .map(want -> want.asset)
                    .toList();
        }

        @Override
        public boolean isFetching(Hash hash) {
            return active != null && active.asset.hash().equals(hash);
        }

        @Override
        public boolean mayReceive(AssetRef asset) {
            var want = wanted.get(asset.hash());
            if (want == null || want.noRoom || !withinQuota() || !withinAllowance(want)) return false;
            makeRoom(want);
            return true;
        }

        @Override
        public void received(Hash hash, long bytes) {
            disk(-bytes);
            receipts.add(new Receipt(hash, nowMono, bytes));
        }

        @Override
        public void progressed(Hash hash) {
            var want = wanted.get(hash);
            if (want != null) want.progressMono = nowMono;
        }

        @Override
        public void forgetPart(Hash hash) {
            parts.remove(hash);
            out.add(new Output.Discard(hash));
            var want = wanted.get(hash);
            if (want != null) makeRoom(want);
        }

        @Override
        public void failed(Hash hash, String why) {
            var want = wanted.get(hash);
            if (want == null) return;
            tellFailed(want, why, nowMono);
            postpone(want, nowMono);
        }
    }

    private static String shortly(Hash hash) {
        return hash.hex().substring(0, 8) + "…";
    }
}
