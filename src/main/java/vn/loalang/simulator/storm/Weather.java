package vn.loalang.simulator.storm;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.TimelineEntry;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.Step;

/** What people and nature do: programmes, emergencies and all-clears; power cuts, dead links, crashes, wrong clocks. */
final class Weather {
    private static final long HOUR_MS = 3_600_000L;
    private static final long DAY_MS = 24 * HOUR_MS;
    /** Most a link loses of 1,000 packets, in most storms and in some; and in some hours of each. */
    private static final int MILD = 11;

    private static final int HARSH = 301;
    private static final List<String> AREAS = List.of("37", "37.1", "37.2", "37.1.1", "37.1.2", "37.2.1", "37.2.2");

    private final World world;
    private final Broker broker;
    private final Server server;
    private final Library library;
    private final Setting setting;
    private final List<Pole> poles;
    private final RandomGenerator random;
    private final List<TimelineEntry.Asset> recordings = new ArrayList<>();
    private @Nullable Tables backup;
    /** What links lose on ordinary days, of 1,000. */
    private int loss;

    private long sids;

    Weather(World world, Broker broker, Server server, Library library, Setting setting, List<Pole> poles) {
        this.world = world;
        this.broker = broker;
        this.server = server;
        this.library = library;
        this.setting = setting;
        this.poles = poles;
        this.random = world.random("weather");
    }

    void begin() {
        for (int i = 0; i < 12; i++) {
            var hash = new byte[32];
            random.nextBytes(hash);
            var seconds = 20 + random.nextInt(i < 8 ? 240 : 900);
            recordings.add(new TimelineEntry.Asset(
                    Hash.ofDigest(hash), seconds * 1000L / Limits.FRAME_MS * Limits.FRAME_BYTES));
        }
        // Some are for emergencies as well, some for programmes alone.
        for (var hash : library.all()) {
            recordings.add(random.nextInt(recordings.size()), new TimelineEntry.Asset(hash, library.size(hash)));
        }
        loss = random.nextInt(random.nextInt(5) == 0 ? HARSH : MILD);
        for (var pole : poles) {
            world.in(random.nextLong(HOUR_MS / 4), pole::powerOn);
            again(18 * HOUR_MS, () -> powerCut(pole));
            again(7 * HOUR_MS, () -> noCoverage(pole));
            again(20 * HOUR_MS, pole::breakConnection);
            again(40 * HOUR_MS, () -> pole.stepClock(random.nextLong(-6 * HOUR_MS, 6 * HOUR_MS)));
            again(30 * HOUR_MS, () -> slow(pole));
            pole.loss(loss);
            again(24 * HOUR_MS, () -> lossy(pole));
        }
        for (int i = 0; i < poles.size(); i += 2) people(poles.get(i));
        again(20 * HOUR_MS, this::serverCrash);
        again(24 * HOUR_MS, this::brokerRestart);
        again(16 * HOUR_MS, () -> backup = server.tables().copy());
        day();
        again(6 * HOUR_MS, () -> plan(world.now() + 2 * 60_000 + random.nextLong(HOUR_MS)));
        again(10 * HOUR_MS, this::cancelSomething);
        if (setting.emergencies()) again(5 * HOUR_MS, this::emergency);
        again(9 * HOUR_MS, this::session);
        again(HOUR_MS, () -> server.command(pole()));
        again(16 * HOUR_MS, () -> server.firmware(pole()));
        again(
                12 * HOUR_MS,
                () -> server.fanOut(
                        area(), library.all().get(random.nextInt(library.all().size()))));
        again(40 * HOUR_MS, () -> {
            if (server.rotateOnline()) world.in(random.nextLong(DAY_MS), this::retireOnline);
        });
    }

    /** Something comes over and over at moments nobody knows, on average once in this time. */
    private void again(long meanMs, Runnable happening) {
        var wait = (long) (-Math.log(1 - random.nextDouble()) * meanMs);
        world.in(1 + wait, () -> {
            happening.run();
            again(meanMs, happening);
        });
    }

    // People

    private void day() {
        for (int i = 0; i < 6; i++) {
            plan(world.now() + 2 * HOUR_MS + random.nextLong(DAY_MS));
        }
        world.in(DAY_MS, this::day);
    }

    private void plan(long start) {
        if (!server.isUp()) return;
        var assets = new ArrayList<TimelineEntry.Asset>();
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            assets.add(recordings.get(random.nextInt(recordings.size())));
        }
        var ms = assets.stream()
                .mapToLong(asset -> asset.bytes() / Limits.FRAME_BYTES * Limits.FRAME_MS)
                .sum();
        var area = area();
        var targets = poles.stream()
                .filter(pole -> pole.areas().contains(area))
                .map(pole -> pole.profile().id())
                .collect(Collectors.toCollection(HashSet::new));
        var priority = (random.nextInt(3) == 0 ? 40 : 20) + 5 * random.nextInt(4);
        server.plan(new Tables.Order(
                new BroadcastId(1 + random.nextLong(Long.MAX_VALUE - 1)).oid(),
                Instant.ofEpochMilli(start / 1000 * 1000),
                Duration.ofSeconds((ms + 999) / 1000),
                priority,
                40 + random.nextInt(61),
                Duration.ofSeconds(60L * random.nextInt(11)),
                assets,
                targets,
                false));
        // Programmes meet: another one on some of the poles while this one sounds.
        if (random.nextInt(3) == 0) plan(start + random.nextLong(Math.max(1, ms)));
    }

    private void cancelSomething() {
        if (!server.isUp()) return;
        var oids = List.copyOf(server.tables().orders.keySet());
        if (!oids.isEmpty()) server.cancel(oid(oids));
    }

    private Oid oid(List<Oid> among) {
        return among.get(random.nextInt(among.size()));
    }

    private void emergency() {
        if (!server.isUp()) return;
        var to = random.nextInt(5) == 0
                ? Scope.of(poles.get(random.nextInt(poles.size())).profile().id())
                : Scope.of(area());
        var now = world.now();
        var beg = now + (random.nextBoolean() ? 0 : random.nextLong(120_000));
        var until = beg + 90_000 + random.nextLong(1_800_000);
        var entry = new Entry(
                new Sid("s" + sids++),
                random.nextInt(4) == 0 ? OrderStatus.EXERCISE : OrderStatus.ACTUAL,
                80 + random.nextInt(16),
                beg,
                until,
                60 + random.nextInt(240),
                1 + random.nextInt(3),
                random.nextInt(3) * 10,
                100,
                List.of(),
                new Entry.Steps(steps()));
        var act = new ArrayList<>(server.ordered(to).stream()
                .filter(other -> other.until() > now && other.beg() > now - Limits.BEGIN_MS)
                .limit(3)
                .toList());
        act.add(entry);
        if (!server.order(to, act, List.of())) return;
        // Most are ended before their time.
        if (random.nextInt(3) == 0) return;
        // By who ordered, or by who stands above and ends everything below.
        var by = to instanceof Scope.Area area && area.area().depth() > 1 && random.nextInt(3) == 0
                ? Scope.of(above(area.area()))
                : to;
        world.in(20_000 + random.nextLong(until - now), () -> allClear(by));
    }

    /** People speak, live or from recordings, and most end it themselves. */
    private void session() {
        if (!server.isUp()) return;
        var to = random.nextInt(4) == 0 ? Scope.of(pole().profile().id()) : Scope.of(area());
        var now = world.now();
        var beg = now + random.nextLong(60_000);
        var until = beg + 30_000 + random.nextLong(600_000);
        var sid = new Sid("t" + sids++);
        var pri = 20 + random.nextInt(50);
        var vol = 40 + random.nextInt(61);
        if (random.nextInt(3) == 0) {
            server.speak(to, sid, pri, vol, beg, beg + 10_000 + random.nextInt(40_000));
            return;
        }
        server.session(
                to,
                new Entry(
                        sid,
                        OrderStatus.ACTUAL,
                        pri,
                        beg,
                        until,
                        60 + random.nextInt(240),
                        1 + random.nextInt(3),
                        random.nextInt(3) * 10,
                        vol,
                        List.of(),
                        new Entry.Steps(steps())));
        if (random.nextInt(3) > 0) world.in(10_000 + random.nextLong(until - now), () -> server.endSession(to, sid));
    }

    /** Some boxes stand where somebody may lay hands on them. */
    private void people(Pole pole) {
        again(12 * HOUR_MS, () -> hand(pole, Claims.SIREN));
        again(9 * HOUR_MS, () -> hand(pole, Claims.MICROPHONE));
        again(30 * HOUR_MS, () -> stop(pole));
        // What disturbs is stopped, sooner than silence.
        again(HOUR_MS, () -> {
            if (pole.isSounding()) stop(pole);
        });
    }

    private void hand(Pole pole, String which) {
        pole.hand(which, true);
        world.in(2_000 + random.nextLong(180_000), () -> pole.hand(which, false));
    }

    private void stop(Pole pole) {
        pole.stop();
        // Who is angry presses it again and again.
        if (random.nextInt(3) == 0) world.in(1_000 + random.nextLong(15 * 60_000), () -> stop(pole));
    }

    private void retireOnline() {
        if (server.isUp()) server.retireOnline();
        else world.in(HOUR_MS, this::retireOnline);
    }

    private Pole pole() {
        return poles.get(random.nextInt(poles.size()));
    }

    private void allClear(Scope to) {
        if (!server.isUp()) {
            world.in(30_000, () -> allClear(to));
        } else {
            server.order(to, List.of(), random.nextInt(5) == 0 ? List.of() : List.of(Now.EVERYTHING));
        }
    }

    private List<Step> steps() {
        var steps = new ArrayList<Step>();
        steps.add(new Step.Tone(Step.Pattern.WAIL, 1 + random.nextInt(3), 5 + random.nextInt(10), 2));
        if (random.nextBoolean()) {
            var recording = recordings.get(random.nextInt(4));
            steps.add(new Step.Sound(Asset.mp3(recording.hash(), recording.bytes()), Optional.of("flood")));
        }
        if (random.nextInt(4) == 0) steps.add(new Step.Pin("flood"));
        return steps;
    }

    private static AreaPath above(AreaPath area) {
        return new AreaPath(area.value().substring(0, area.value().lastIndexOf('.')));
    }

    private AreaPath area() {
        return new AreaPath(AREAS.get(random.nextInt(AREAS.size())));
    }

    // Nature

    private void powerCut(Pole pole) {
        if (!pole.isOn()) return;
        var why = random.nextInt(4) == 0 ? Hello.Why.WATCHDOG : Hello.Why.POWER;
        if (random.nextBoolean()) {
            pole.powerOffAfter(1 + random.nextInt(30));
            world.in(HOUR_MS, () -> {
                pole.powerOffAfter(0);
                backOn(pole, why);
            });
        } else {
            pole.powerOff();
        }
        var off = random.nextInt(3) == 0 ? random.nextLong(8 * HOUR_MS) : random.nextLong(600_000);
        world.in(1000 + off, () -> backOn(pole, why));
    }

    private static void backOn(Pole pole, Hello.Why why) {
        if (!pole.isOn()) pole.powerOn(why);
    }

    private void noCoverage(Pole pole) {
        pole.radio(false);
        world.in(1000 + random.nextLong(random.nextInt(4) == 0 ? 5 * HOUR_MS : 900_000), () -> pole.radio(true));
    }

    private void slow(Pole pole) {
        pole.slowness(random.nextInt(4_000) + 100);
        world.in(random.nextLong(2 * HOUR_MS), () -> pole.slowness(400));
    }

    private void lossy(Pole pole) {
        pole.loss(random.nextInt(HARSH));
        world.in(random.nextLong(2 * HOUR_MS), () -> pole.loss(loss));
    }

    private void serverCrash() {
        if (!server.isUp()) return;
        server.crash();
        var old = backup;
        var off = random.nextInt(4) == 0 ? random.nextLong(4 * HOUR_MS) : 5_000 + random.nextLong(300_000);
        world.in(off, () -> {
            if (old != null && random.nextInt(4) == 0) {
                server.restore(old);
                backup = null;
            }
            server.start();
        });
    }

    private void brokerRestart() {
        if (!broker.isUp()) return;
        broker.stop(random.nextBoolean());
        world.in(2_000 + random.nextLong(180_000), broker::start);
    }
}
