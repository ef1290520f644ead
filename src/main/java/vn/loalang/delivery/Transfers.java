package vn.loalang.delivery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.audio.AudioStore;
import vn.loalang.audio.ContentHash;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.BlockFrame;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Manifest;
import vn.loalang.protocol.Need;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Topics;

/**
 * Sends recordings block by block to boxes that fetch nothing over HTTP (profile {@code blk}), and once for all of an area
 * where many want the same (profile {@code fan}). All on a connection of its own, paced, and silent towards boxes for which
 * an emergency is in force [SRV-6] [AST-3]. Nothing here is kept: whoever misses blocks asks again.
 *
 * <p>A link has room for one thing at a time [BLK-6]. Whoever listens to an area and asks for blocks of his own while a file goes
 * there gets them in turn with those for all: he may wait neither for the end of that file, nor for all that is sent after it.
 * While a sending to all stands still, because something important sounds for one of them, the others are served as ever.
 */
@Component
class Transfers {
    private static final Logger log = LoggerFactory.getLogger(Transfers.class);
    /** With all that is put around it, half a second of the slowest box's link, 64 kbit/s [BLK-6]. */
    static final int BLOCK = 3840;

    private static final int WANTED_SEGMENTS = 120;
    private static final Duration TICK = Duration.ofMillis(50);
    /** So often it is asked whom an emergency hushes and who can listen to a sending for all. */
    private static final Duration LOOK = Duration.ofMillis(500);

    private static final Duration MANIFEST_LIFE = Duration.ofDays(30);
    /** Bytes a second below which a sending to all would keep everybody waiting for days; each is served alone then. */
    private static final int SLOWEST = 500;
    /** From so many on a block is repeated for all of an area. */
    private static final int REPAIR_FOR_ALL = 3;

    /** Nobody may ask for more at once [BLK-1]. */
    private static final int MOST_BLOCKS_PER_NEED = 8;

    private final JdbcClient jdbc;
    private final Clock clock;
    private final KeyStore keys;
    private final Topics topics;
    private final Post post;
    private final AudioStore store;
    private final Firmwares firmwares;
    private final Documents documents;
    private final Ladder ladder;
    private final DeliverySettings settings;
    private final Abilities abilities;
    private final Bell bell = new Bell();
    private final ConcurrentLinkedQueue<Runnable> news = new ConcurrentLinkedQueue<>();
    private final Map<String, Manifest> published = new HashMap<>();
    private final Set<String> fanned = new HashSet<>();
    private final Map<DeviceId, Wanted> wanted = new LinkedHashMap<>();
    private final Map<String, Fan> fans = new LinkedHashMap<>();
    private final MeasuredRates rates = new MeasuredRates();
    private Set<DeviceId> hushed = Set.of();

    private Set<DeviceId> listening = Set.of();
    /** Boxes that sendings are for, looked up anew as often as the others. */
    private final Map<Scope, Set<DeviceId>> members = new HashMap<>();

    private Instant looked = Instant.EPOCH;
    private Instant stepped = Instant.EPOCH;
    private double budget;

    Transfers(
            JdbcClient jdbc,
            Clock clock,
            KeyStore keys,
            Topics topics,
            Post post,
            AudioStore store,
            Firmwares firmwares,
            Documents documents,
            Ladder ladder,
            DeliverySettings settings,
            Abilities abilities) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.keys = keys;
        this.topics = topics;
        this.post = post;
        this.store = store;
        this.firmwares = firmwares;
        this.documents = documents;
        this.ladder = ladder;
        this.settings = settings;
        this.abilities = abilities;
    }

    /** Blocks one box waits for, in order. */
    private record Wanted(Hash asset, int blk, List<Long> blocks) {}

    /** One sending to all of an area. */
    private static final class Fan {
        private final Scope scope;
        private final Manifest manifest;
        private final int rate;
        private final List<Long> blocks = new ArrayList<>();
        private final Map<DeviceId, Set<Long>> missing = new HashMap<>();
        private double budget;
        private boolean repaired;
        /** Whether a block has gone to all since those who ask for their own last had their turn. */
        private boolean owesATurn;

        private Instant collectUntil = Instant.MAX;

        Fan(Scope scope, Manifest manifest, int rate) {
            this.scope = scope;
            this.manifest = manifest;
            this.rate = rate;
            rest();
            for (var block = 0L; block < manifest.blocks(); block++) {
                blocks.add(block);
            }
        }

        /** Lets those who ask for their own be served; it goes on a second later, when that is through. */
        void rest() {
            budget = -rate;
            owesATurn = false;
        }

        void earn(double share) {
            budget = Math.min(rate * share(TICK), budget + rate * share);
        }

        /** Whether the last block for all may still be on its way. */
        boolean fillsLinks() {
            return owesATurn && budget <= 0;
        }

        boolean isOf(Need need) {
            return manifest.a().h().equals(need.a()) && manifest.blk() == need.blk();
        }

        /** Whether it is now that its members are to say what they miss [FAN-3]. */
        boolean collects(Instant now) {
            return !collectUntil.equals(Instant.MAX) && !now.isAfter(collectUntil);
        }

        /** Notes what a member misses; nothing else can be repeated. */
        void miss(DeviceId unit, Need need) {
            var blocks = blocks(need, manifest.blocks());
            blocks.removeIf(block -> block >= manifest.blocks());
            missing.put(unit, blocks);
        }
    }

    /**
     * A box has said hello.
     *
     * @param files that its documents name; of newer documents it says itself when it has them
     */
    void greeted(DeviceId unit, List<String> prof, Set<Hash> files) {
        if (prof.contains(Abilities.BLOCKS)) {
            tell(() -> offer(unit, files));
        }
    }

    /** A box has taken documents over; they may name recordings it has not got. */
    void wantsMore(DeviceId unit) {
        tell(() -> {
            if (abilities.has(unit, Abilities.BLOCKS)) {
                offer(unit, Documents.files(documents.currentOf(unit)));
            }
        });
    }

    /** A box asks for blocks; what it asked for before is forgotten [BLK-1]. */
    void need(DeviceId unit, Need need) {
        tell(() -> take(unit, need));
    }

    /** Works until interrupted. */
    void work() throws InterruptedException {
        while (Worker.goesOn()) {
            try {
                turn();
            } catch (RuntimeException failed) {
                log.error("A transfer failed; boxes ask again", failed);
            }
            bell.await(wanted.isEmpty() && fans.isEmpty() ? Duration.ofSeconds(1) : TICK);
        }
    }

    /** Takes in what has come, then sends what the pace allows now. */
    void turn() {
        for (var next = news.poll(); next != null; next = news.poll()) {
            next.run();
        }
        step(clock.instant());
    }

    private void tell(Runnable what) {
        news.add(what);
        if (wanted.isEmpty() && fans.isEmpty()) {
            bell.ring();
        }
    }

    /** Publishes how those of these recordings are cut that the box has not got. */
    private void offer(DeviceId unit, Set<Hash> files) {
        if (files.isEmpty()) {
            return;
        }
        var area = deepestArea(unit);
        if (area.isEmpty()) {
            return;
        }
        for (var hash : lacking(unit, files)) {
            var scope = Scope.of(area.get());
            var key = scope.wire() + " " + hash.b64u();
            var known = published.get(key);
            if (known != null && clock.instant().toEpochMilli() - known.head().iat() < MANIFEST_LIFE.toMillis() / 2) {
                fan(key, area.get(), hash, known);
                continue;
            }
            file(hash).flatMap(file -> manifest(scope, hash, file)).ifPresent(manifest -> {
                published.put(key, manifest);
                var unused = post.manifest(topics.man(scope, hash), Envelope.compose(List.of(keys.online()), manifest))
                        .whenComplete((done, failure) -> {
                            if (failure != null) {
                                log.debug("A manifest did not leave; it is offered again at the next hello", failure);
                                tell(() -> published.remove(key));
                            }
                        });
                fan(key, area.get(), hash, manifest);
            });
        }
    }

    /** Where many lack the same it is sent to all of them, once in the life of this process. */
    private void fan(String key, AreaPath area, Hash hash, Manifest manifest) {
        var listeners = listeners(area);
        var rate = rateFor(listeners);
        if (!fanned.contains(key) && rate >= SLOWEST && documents.lacking(listeners, hash) >= REPAIR_FOR_ALL) {
            fanned.add(key);
            fans.put(key, new Fan(Scope.of(area), manifest, rate));
        }
    }

    /** What is set, or half of what the slowest of them has shown that it receives, if that is less [FAN-1]. */
    private int rateFor(Set<DeviceId> listeners) {
        var half = rates.slowest(listeners, clock.instant()).orElse(Double.MAX_VALUE) / 2;
        return (int) Math.min(settings.fanRate(), half);
    }

    private void take(DeviceId unit, Need need) {
        if (!abilities.has(unit, Abilities.BLOCKS) || !documents.names(unit, need.a())) {
            return;
        }
        rates.asked(unit, need.a(), blocks(need, MOST_BLOCKS_PER_NEED), clock.instant());
        wanted.remove(unit);
        for (var fan : fans.values()) {
            if (!fan.isOf(need)) {
                continue;
            }
            fan.missing.remove(unit);
            if (fan.collects(clock.instant())
                    && abilities.has(unit, Abilities.FAN)
                    && ladder.unitsOf(fan.scope).contains(unit)) {
                fan.miss(unit, need);
                return;
            }
        }
        wanted.put(unit, new Wanted(need.a(), need.blk(), new ArrayList<>(blocks(need, MOST_BLOCKS_PER_NEED))));
    }

    private static Set<Long> blocks(Need need, int most) {
        var blocks = new TreeSet<Long>();
        for (var range : need.miss()) {
            for (var block = range.lo(); block <= range.hi() && blocks.size() < most; block++) {
                blocks.add(block);
            }
        }
        return blocks;
    }

    /** Sends what the pace allows, one block for each box in turn. */
    private void step(Instant now) {
        var share = share(now);
        if (wanted.isEmpty() && fans.isEmpty()) {
            return;
        }
        if (Duration.between(looked, now).abs().compareTo(LOOK) >= 0) {
            looked = now;
            hushed = inForce(now);
            listening = abilities.having(Abilities.FAN);
            members.clear();
        }
        budget = Math.min(settings.bulkRate() * share(TICK), budget + settings.bulkRate() * share);
        // Nobody is sent two files at a time: that would be more than half of what his link takes.
        // Taken is who listens to a sending already, busy who of these gets nothing alone just now.
        var taken = new HashSet<DeviceId>();
        var busy = new HashSet<DeviceId>();
        for (var each : new ArrayList<>(fans.entrySet())) {
            var fan = each.getValue();
            var addressed = members.computeIfAbsent(fan.scope, ladder::unitsOf);
            var listeners = addressed.stream().filter(listening::contains).toList();
            fan.earn(share);
            if (fan.fillsLinks()) {
                taken.addAll(listeners);
                busy.addAll(listeners);
            } else if (addressed.stream().anyMatch(unit -> taken.contains(unit) || hushed.contains(unit))) {
                fan.rest();
            } else if (fan.owesATurn && listeners.stream().anyMatch(this::asks)) {
                fan.rest();
                taken.addAll(listeners);
            } else if (step(each.getKey(), fan, now)) {
                taken.addAll(listeners);
                busy.addAll(listeners);
            }
        }
        var sentSome = true;
        while (budget > 0 && sentSome) {
            sentSome = false;
            for (var unit : new ArrayList<>(wanted.keySet())) {
                var mine = wanted.get(unit);
                if (mine == null || hushed.contains(unit) || busy.contains(unit)) {
                    continue;
                }
                if (!mine.blocks().isEmpty()
                        && sendAlone(unit, mine, mine.blocks().remove(0), now)) {
                    sentSome = true;
                    budget -= mine.blk();
                } else {
                    wanted.remove(unit);
                }
            }
        }
    }

    private boolean sendAlone(DeviceId unit, Wanted mine, long block, Instant now) {
        var sent = send(topics.blk(Scope.of(unit)), mine.asset(), mine.blk(), block);
        if (sent) {
            rates.sent(unit, mine.asset(), block, mine.blk(), now);
        }
        return sent;
    }

    private boolean asks(DeviceId unit) {
        var mine = wanted.get(unit);
        return mine != null && !mine.blocks().isEmpty();
    }

    /** How much of a second has gone by since it was asked last, at most two ticks: what was not sent then is not made up for. */
    private double share(Instant now) {
        var since = Duration.between(stepped, now);
        stepped = now;
        return share(since.isNegative() || since.compareTo(TICK.multipliedBy(2)) > 0 ? TICK : since);
    }

    private static double share(Duration of) {
        return of.toNanos() / 1e9;
    }

    /**
     * Once to all; then what at least three miss, once more to all; then each alone what he misses.
     *
     * @return whether blocks are on their way to all
     */
    private boolean step(String key, Fan fan, Instant now) {
        while (fan.budget > 0 && !fan.blocks.isEmpty()) {
            if (!send(topics.blk(fan.scope), fan.manifest.a().h(), fan.manifest.blk(), fan.blocks.remove(0))) {
                fans.remove(key);
                return false;
            }
            fan.budget -= fan.manifest.blk();
            fan.owesATurn = true;
        }
        // The last one must be through before anything else comes behind it.
        if (!fan.blocks.isEmpty() || fan.budget <= 0) {
            return true;
        }
        if (fan.collectUntil.equals(Instant.MAX)) {
            bulk(topics.blk(fan.scope), BlockFrame.end(fan.manifest.a().h()));
            fan.owesATurn = false;
            fan.collectUntil = now.plus(settings.fanCollect());
            return true;
        } else if (now.isAfter(fan.collectUntil)) {
            var count = new TreeMap<Long, Integer>();
            fan.missing.values().forEach(blocks -> blocks.forEach(block -> count.merge(block, 1, Integer::sum)));
            var again = count.entrySet().stream()
                    .filter(each -> each.getValue() >= REPAIR_FOR_ALL)
                    .map(Map.Entry::getKey)
                    .toList();
            if (!fan.repaired && !again.isEmpty()) {
                fan.repaired = true;
                fan.blocks.addAll(again);
                fan.missing.values().forEach(blocks -> again.forEach(blocks::remove));
                fan.collectUntil = Instant.MAX;
                fan.rest();
                return true;
            }
            fans.remove(key);
            fan.missing.forEach((unit, blocks) -> {
                if (!blocks.isEmpty()) {
                    wanted.put(
                            unit,
                            new Wanted(
                                    fan.manifest.a().h(),
                                    fan.manifest.blk(),
                                    new ArrayList<>(blocks.stream()
                                            .limit(MOST_BLOCKS_PER_NEED)
                                            .toList())));
                }
            });
        }
        return false;
    }

    private boolean send(String topic, Hash asset, int blk, long block) {
        var file = file(asset);
        if (file.isEmpty()) {
            return false;
        }
        try (var channel = FileChannel.open(file.get(), StandardOpenOption.READ)) {
            var at = block * blk;
            if (at >= channel.size()) {
                return false;
            }
            var buffer = ByteBuffer.allocate((int) Math.min(blk, channel.size() - at));
            while (buffer.hasRemaining() && channel.read(buffer, at + buffer.position()) >= 0) {
                Thread.onSpinWait();
            }
            bulk(topic, BlockFrame.of(asset, block, buffer.array()));
            return true;
        } catch (IOException unreadable) {
            log.warn("{} cannot be read for a transfer", file.get(), unreadable);
            return false;
        }
    }

    private void bulk(String topic, BlockFrame frame) {
        var unused = post.bulk(topic, frame.encode()).whenComplete((done, failure) -> {
            if (failure != null) {
                log.debug("A block did not leave; boxes ask again", failure);
            }
        });
    }

    /** Boxes for which an emergency is in force. */
    private Set<DeviceId> inForce(Instant now) {
        var scopes = new LinkedHashSet<>(documents.sounding(now));
        var units = new HashSet<DeviceId>();
        scopes.forEach(scope -> units.addAll(ladder.unitsOf(scope)));
        return units;
    }

    private Optional<Manifest> manifest(Scope scope, Hash hash, Path file) {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var size = channel.size();
            var blocks = (size + BLOCK - 1) / BLOCK;
            var perSegment = (int)
                    Math.min(Limits.SEGMENT_BLOCKS, Math.max(1, (blocks + WANTED_SEGMENTS - 1) / WANTED_SEGMENTS));
            var segments = new ArrayList<Hash>();
            var buffer = ByteBuffer.allocate(perSegment * BLOCK);
            while (channel.position() < size) {
                buffer.clear();
                while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                    Thread.onSpinWait();
                }
                segments.add(Hash.of(java.util.Arrays.copyOf(buffer.array(), buffer.position())));
            }
            if (segments.size() > Limits.SEGMENTS) {
                log.warn("{} is too long to be sent in blocks; boxes must fetch it over HTTP", hash);
                return Optional.empty();
            }
            var iat = clock.instant().toEpochMilli();
            return Optional.of(new Manifest(
                    new Head(keys.sys(), scope, iat, iat, iat + MANIFEST_LIFE.toMillis()),
                    Asset.mp3(hash, size),
                    BLOCK,
                    perSegment,
                    segments));
        } catch (IOException unreadable) {
            log.warn("{} cannot be read for a manifest", file, unreadable);
            return Optional.empty();
        }
    }

    private Optional<Path> file(Hash hash) {
        return store.canonical(new ContentHash(hash.hex())).or(() -> firmwares.file(hash));
    }

    /** Those of these recordings that the box has not reported as ready. */
    private List<Hash> lacking(DeviceId unit, Set<Hash> files) {
        var ready = jdbc.sql("select hash from delivery_asset_ready where unit_id = :unit")
                .param("unit", unit.value())
                .query(String.class)
                .set();
        return files.stream().filter(hash -> !ready.contains(hash.b64u())).toList();
    }

    /** Boxes of the area that can listen to a sending for all. */
    private Set<DeviceId> listeners(AreaPath area) {
        var able = new HashSet<>(abilities.having(Abilities.FAN));
        able.retainAll(ladder.unitsOf(Scope.of(area)));
        return able;
    }

    private Optional<AreaPath> deepestArea(DeviceId unit) {
        return jdbc.sql("select areas from delivery_unit where unit_id = :unit")
                .param("unit", unit.value())
                .query(String.class)
                .optional()
                .filter(areas -> !areas.isEmpty())
                .map(areas -> new AreaPath(areas.split(" ", -1)[0]));
    }
}
