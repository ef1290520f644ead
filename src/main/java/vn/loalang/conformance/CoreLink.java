package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.BlockFrame;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.Need;

/** Links as they are on poles: slow, and late. */
final class CoreLink {
    /** 64 kbit/s. */
    private static final int SLOW = 8_000;

    private static final int LARGE = 3_600_000;
    private static final int BLK = 1_024;
    private static final int SEGN = 64;
    private static final int TRIES = 3;
    private static final int DELAY_MS = 2_000;

    private final Bench b;

    CoreLink(Bench bench) {
        b = bench;
    }

    /** Ten minutes of programme by their size; nobody is going to play them. */
    private byte[] large() {
        var file = new byte[LARGE];
        new Random(b.clock()).nextBytes(file);
        return file;
    }

    private void plan(byte[] file) {
        var item = Authority.item(b.name("a"), b.clock() + Authority.HOUR, 600, 30, 0);
        b.apply(b.auth.plan(b.id(), List.of(Asset.mp3(Hash.of(file), file.length)), item), b.auth.p1);
    }

    @Proves(
            value = {"AST-3", "DEC-1"},
            seconds = 150)
    void anEmergencyPassesATransferOverASlowLink() {
        var file = large();
        b.assets.offer(file);
        b.proxy.faults(FaultProxy.Faults.slow(SLOW));
        plan(file);
        var hash = Hash.of(file).b64u();
        b.awaitTrue("a request for the large file", 20, () -> b.assets.requests(b.id()).stream()
                .anyMatch(r -> r.hash().equals(hash)));
        // The line is full before anything is measured.
        AssetServer.pause(3_000);
        emergencies("by HTTP", () -> {});
        check(
                b.find(0, "asset", "ready", d -> hash.equals(Bench.text(d, "h")))
                        .isEmpty(),
                "The transfer was over before the emergencies.");
    }

    @Proves(
            value = {"BLK-1", "AST-3", "DEC-1"},
            profile = "blk",
            seconds = 150)
    void anEmergencyPassesBlocksOverASlowLink() {
        var file = large();
        b.apply(b.auth.cfg(b.id()), b.auth.p1);
        b.proxy.faults(FaultProxy.Faults.slow(SLOW));
        plan(file);
        var hashes = new ArrayList<String>();
        for (int at = 0; at < file.length; at += BLK * SEGN) {
            hashes.add(Hash.of(Arrays.copyOfRange(file, at, Math.min(file.length, at + BLK * SEGN)))
                    .b64u());
        }
        var hash = Hash.of(file);
        var manifest = b.auth.head("man", b.self())
                .put("a", hash.b64u())
                .put("sz", file.length)
                .put("c", "mp3")
                .put("blk", BLK)
                .put("segn", SEGN)
                .put("seg", Json.strings(hashes));
        b.publish("d/" + b.id() + "/man/" + hash.hex().substring(0, 16), manifest.by(b.auth.p1), true);
        var answers = new Answers(file, hash);
        b.awaitTrue("blocks on their way", 30, () -> answers.given() > 16);
        emergencies("by blocks", answers::given);
    }

    /** The server's answers to what the box asks for. */
    private final class Answers {
        private final byte[] file;
        private final Hash hash;
        private int seen = b.heard("need").size();
        private int given;

        Answers(byte[] file, Hash hash) {
            this.file = file;
            this.hash = hash;
        }

        /** Answers what came meanwhile; returns how many blocks were sent so far. */
        int given() {
            var needs = b.heard("need");
            for (; seen < needs.size(); seen++) {
                var need = Need.decode(needs.get(seen).message());
                if (!need.a().equals(hash)) continue;
                for (var range : need.miss()) {
                    for (long i = range.lo(); i <= range.hi(); i++, given++) {
                        int at = (int) i * BLK;
                        var payload = Arrays.copyOfRange(file, at, Math.min(file.length, at + BLK));
                        b.frame(
                                "d/" + b.id() + "/blk",
                                BlockFrame.of(hash, i, payload).encode());
                    }
                }
            }
            return given;
        }
    }

    /** Each starts within 2 s of its release, while the transfer goes on in between. */
    private void emergencies(String way, Runnable meanwhile) {
        var took = new ArrayList<Long>();
        for (int i = 0; i < TRIES; i++) {
            var sid = b.name("s");
            var entry =
                    b.auth.entry(sid, 85, Authority.tone("steady", 1, 20, 0)).build();
            long released = b.clock();
            b.state(b.auth.now(Bench.commune(), b.auth.x1, entry), b.auth.x1);
            var capture = b.capture();
            b.awaitTrue("sound of an emergency", 20, () -> {
                meanwhile.run();
                return !capture.of(sid + "#1").isEmpty();
            });
            took.add(capture.of(sid + "#1").get(0).first() - released);
            var clear = b.auth.clear(Bench.commune(), b.auth.x1);
            int from = b.mark();
            b.state(clear, b.auth.x1);
            b.awaitTrue("the all-clear", 20, () -> {
                meanwhile.run();
                return b.played(from, "interrupted", sid + "#1").isPresent();
            });
            // The transfer is in full swing again.
            long until = b.clock() + 4_000;
            while (b.clock() < until) {
                meanwhile.run();
                AssetServer.pause(20);
            }
        }
        b.measured("emergency " + way + " " + took + " ms after its release, 64 kbit/s");
        check(took.stream().allMatch(ms -> ms <= 2_000), "Emergencies began after " + took + " ms.");
    }

    @Proves(
            value = {"SES-5e"},
            fresh = true,
            seconds = 120)
    void aLinkOfSecondsTellsTheTimeAllTheSame() {
        b.open();
        var audio = Audio.of("short", 6);
        var oid = b.name("a");
        int from = b.mark();
        long at = b.clock() + 40_000;
        b.plan(List.of(audio), Authority.item(oid, at, 6, 30, 0));
        b.box.kill();
        b.proxy.faults(FaultProxy.Faults.delay(DELAY_MS));
        var issued = new ConcurrentHashMap<String, Long>();
        b.welcomes(draft -> {
            issued.put(draft.text("bn"), draft.number("iat"));
            return draft;
        });
        int before = b.welcomes();
        // Its own clock is five minutes behind: only the welcome can tell.
        b.restart(-300_000);
        b.awaitWelcome(before);
        var trip = trip(issued);
        b.play(from, 50, "started", oid);
        long late = b.capture().of(oid).get(0).first() - at;
        b.measured("round trip " + trip.roundTripMs() + " ms, by half of it " + trip.behindMs() + " ms late; item "
                + late + " ms late");
        check(trip.roundTripMs() >= 2 * DELAY_MS, "The proxy delayed nothing.");
        check(
                Math.abs(late - trip.behindMs()) < 500,
                "It began " + late + " ms late; by half its round trip of " + trip.roundTripMs() + " ms its clock is "
                        + trip.behindMs() + " ms behind.");
    }

    /**
     * A hello and its welcome, as they passed at the controller's end of the link.
     *
     * @param behindMs how far a clock is behind that adds half the round trip to the welcome's {@code iat}. A broker that sends
     *     nothing more before what it sent is acknowledged, as HiveMQ does, makes the way down longer than the way up.
     */
    private record Trip(long roundTripMs, long behindMs) {}

    private Trip trip(Map<String, Long> issued) {
        return b.await("a welcome at the controller", 20, () -> {
            var log = b.proxy.log();
            for (var down : log) {
                if (down.up() || !down.publishes("/rsp")) continue;
                var text = new String(down.packet().payload(), StandardCharsets.UTF_8);
                for (var one : issued.entrySet()) {
                    if (!text.contains(one.getKey())) continue;
                    var up = log.stream()
                            .filter(s -> s.up() && s.publishes("/hello"))
                            .filter(s ->
                                    new String(s.packet().payload(), StandardCharsets.UTF_8).contains(one.getKey()))
                            .findFirst()
                            .orElseThrow();
                    long arrived = down.atNanos() + TimeUnit.MILLISECONDS.toNanos(DELAY_MS);
                    long roundTrip = TimeUnit.NANOSECONDS.toMillis(arrived - up.atNanos());
                    long then = b.clock() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - arrived);
                    return Optional.of(new Trip(roundTrip, then - (one.getValue() + roundTrip / 2)));
                }
            }
            return Optional.empty();
        });
    }
}
