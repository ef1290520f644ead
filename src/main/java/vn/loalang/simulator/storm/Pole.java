package vn.loalang.simulator.storm;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import vn.loalang.controller.core.ControllerCore;
import vn.loalang.controller.core.Input;
import vn.loalang.controller.core.Moment;
import vn.loalang.controller.core.Output;
import vn.loalang.controller.core.Profile;
import vn.loalang.controller.core.SinkEvent;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Need;
import vn.loalang.protocol.Op;
import vn.loalang.protocol.Topics;

/** A pole: a real controller core with a simulated disk, clock, supply, modem and loudspeaker around it. */
final class Pole {
    private static final long PROGRESS_MS = 1000;
    /** Nobody can tell a report a second from one now and then, as long as the last one before a power cut is there. */
    private static final long TOLD_EVERY_MS = 15_000;

    private static final long FADE_MS = 300;
    /** What is lost is sent again after this, and after twice as long each further time. */
    private static final long REPEAT_MS = 1_000;

    private static final int MOST_REPEATS = 6;
    /** A link that holds up a message for longer is none to rely on until then. */
    private static final long HELD_UP_MS = 5_000;

    /** Ticks are due at the latest after this, so that a core which forgets to wake itself is noticed but not starved. */
    static final long LONGEST_SLEEP_MS = 1_800_000;

    private static final long LONGEST_SLEEP_AFTER_BOOT_MS = 30_000;
    private static final long AFTER_BOOT_MS = 150_000;

    private final World world;
    private final Broker broker;
    private final Auditor auditor;
    private final Library library;
    private final Profile profile;
    private final String name;
    private final List<AreaPath> areas;
    private final RandomGenerator random;
    private final Clockwork clock;
    private final Map<String, String> disk = new TreeMap<>();
    private final Map<Hash, Long> ready = new HashMap<>();
    private final Map<Hash, Long> parts = new HashMap<>();
    /** What blocks have left on the disk, by its place in the file. */
    private final Map<Hash, TreeMap<Long, Bytes>> written = new HashMap<>();

    private final Air air;
    private final List<String> readable;
    private String firmware;
    private @Nullable String trial;
    private @Nullable ControllerCore core;
    private @Nullable Wire wire;
    private @Nullable Sounding sounding;
    /** Uptime at which the core last looked at its clocks. */
    private long steppedMono;

    private boolean radio = true;
    private long power;
    private long bootedAt;
    private long wakeAt = Long.MAX_VALUE;
    private long fuse;
    private long heldUpUntil;
    /** Of 1,000 packets in either direction. */
    private int loss;

    private int longestLatency = 400;

    /** What the surroundings answer to a pole. */
    interface Air {
        /** Whether the server hands out audio now. */
        boolean audioServed();
    }

    /** A connection as the device sees it; dead ones look alive for a while. */
    private static final class Wire {
        Broker.@Nullable Session session;
        boolean dead;
        long since;
        /** When the broker has the last subscription: nothing said after it comes before it, they share one stream. */
        long subscribedAt;
    }

    /** What the loudspeaker does. */
    private static final class Sounding {
        final long play;
        final String name;
        long startedAt;
        boolean begun;
        long offset;
        long limit;
        boolean fading;
        long told;

        Sounding(long play, String name, long startedAt, long limit) {
            this.play = play;
            this.name = name;
            this.startedAt = startedAt;
            this.limit = limit;
        }

        long heard(long now) {
            return Math.min(limit, Math.max(0, now - startedAt));
        }
    }

    Pole(
            World world,
            Broker broker,
            Auditor auditor,
            Library library,
            Air air,
            Profile profile,
            String name,
            List<AreaPath> areas) {
        this.world = world;
        this.broker = broker;
        this.auditor = auditor;
        this.library = library;
        this.air = air;
        this.profile = profile;
        this.name = name;
        this.areas = List.copyOf(areas);
        this.random = world.random(name);
        this.readable = new Topics(profile.claim().sys()).readable(profile.id(), areas);
        this.clock = new Clockwork(random);
        this.firmware = profile.firmware();
    }

    Profile profile() {
        return profile;
    }

    List<AreaPath> areas() {
        return areas;
    }

    boolean isOn() {
        return core != null;
    }

    /** Whether nothing sounds, or what sounds is being faded out or about to end by itself. */
    boolean isEnding() {
        var heard = sounding;
        return heard == null || heard.fading || heard.limit - heard.heard(world.now()) < FADE_MS;
    }

    /** Whether something is ready that waits for its moment. */
    boolean isAboutToSound() {
        var heard = sounding;
        return heard != null && !heard.begun;
    }

    Clockwork clock() {
        return clock;
    }

    /** What the disk holds under a key. */
    @Nullable
    String stored(String key) {
        return disk.get(key);
    }

    boolean has(Hash asset) {
        return ready.containsKey(asset);
    }

    /** The device's idea of now; null at T0 or without power. */
    @Nullable
    Long deviceTime() {
        var running = core;
        if (running == null) return null;
        var now = running.now();
        return now.isPresent() ? (Long) (now.getAsLong() + moment().mono() - steppedMono) : null;
    }

    boolean isSynchronised() {
        var running = core;
        return running != null && running.isSynchronised();
    }

    /** Whether a server has answered it in its present session. */
    boolean isWelcomed() {
        var running = core;
        return running != null && running.isWelcomed();
    }

    /** Since when it has had power and a connection over which nothing was held up; {@code Long.MAX_VALUE} when it has not. */
    long wellSince() {
        var line = wire;
        if (core == null || line == null || line.session == null || line.dead) return Long.MAX_VALUE;
        return Math.max(Math.max(bootedAt, line.since), heldUpUntil);
    }

    int loss() {
        return loss;
    }

    void loss(int perMille) {
        loss = perMille;
    }

    /** Whether the link loses what nobody repeats. */
    boolean loses() {
        return random.nextInt(1000) < loss;
    }

    /**
     * One way through the network for what is repeated until it has come, ms; negative when that was tried too often, and the
     * connection is as good as gone.
     */
    long passage() {
        var ms = latency();
        var pause = REPEAT_MS;
        for (int lost = 0; loses(); lost++) {
            if (lost == MOST_REPEATS) {
                breakConnection();
                return -1;
            }
            ms += pause;
            pause *= 2;
        }
        if (ms > HELD_UP_MS) heldUpUntil = Math.max(heldUpUntil, world.now() + ms);
        return ms;
    }

    /** One way through the network, ms. */
    long latency() {
        return 20L + random.nextInt(longestLatency);
    }

    void slowness(int ms) {
        longestLatency = ms;
    }

    // Power

    void powerOn() {
        powerOn(Hello.Why.POWER);
    }

    /** Also after the box restarted itself. */
    void powerOn(Hello.Why why) {
        if (core != null) return;
        power++;
        bootedAt = world.now();
        clock.boot(world.now());
        fuse = 0;
        world.tell(name, () -> "power on, real-time clock " + clock.kind());
        world.mark(name, 1);
        core = new ControllerCore(
                profile.running(trial == null ? firmware : trial).with(profile.proof(), why, false, profile.pace()),
                disk,
                ready,
                parts,
                random);
        step(new Input.Tick());
    }

    /** The supply fails: nothing is said, nothing is finished. */
    void powerOff() {
        if (core == null) return;
        tellProgress(PROGRESS_MS);
        cut();
    }

    /** The supply will fail between two of the next things the core wants done; 0: it will not. */
    void powerOffAfter(int outputs) {
        fuse = outputs;
    }

    private void cut() {
        world.tell(name, () -> "power off");
        world.mark(name, 2);
        power++;
        core = null;
        var heard = sounding;
        sounding = null;
        if (heard != null && heard.begun) auditor.silent(this, heard.name, heard.heard(world.now()), false);
        auditor.dark(this);
        breakWire();
        wire = null;
        wakeAt = Long.MAX_VALUE;
    }

    // Network

    boolean hasRadio() {
        return radio;
    }

    /** Coverage goes or comes back; a connection breaks without a word. */
    void radio(boolean covered) {
        if (radio == covered) return;
        radio = covered;
        world.tell(name, () -> covered ? "coverage" : "no coverage");
        if (!covered) breakConnection();
    }

    /** A connection becomes half-open: both ends believe in it for a while. */
    void breakConnection() {
        var line = wire;
        breakWire();
        if (line != null) noticeLater(line, 1 + random.nextInt(90_000));
    }

    void brokerGone(Broker.Session session) {
        var line = wire;
        if (line == null || line.session != session) return;
        line.dead = true;
        noticeLater(line, 1 + random.nextInt(5_000));
    }

    private void breakWire() {
        var line = wire;
        if (line == null || line.dead) return;
        line.dead = true;
        var session = line.session;
        if (session != null) world.in(1 + random.nextInt(90_000), () -> broker.lost(session));
    }

    private void noticeLater(Wire line, long ms) {
        var when = power;
        world.in(ms, () -> {
            if (power != when || wire != line) return;
            wire = null;
            step(new Input.Link(false));
        });
    }

    boolean mayRead(String topic) {
        for (var allowed : readable) {
            var below = allowed.endsWith("#");
            if (below ? topic.startsWith(allowed.substring(0, allowed.length() - 1)) : topic.equals(allowed))
                return true;
        }
        return false;
    }

    void refused(Broker.Session session, String topic) {
        later(latency(), session, () -> step(new Input.SubscriptionRefused(topic)));
    }

    void received(Broker.Session session, String topic, Bytes payload) {
        var line = wire;
        if (core == null || line == null || line.session != session || line.dead) return;
        world.tell(name, () -> "receives " + topic + " " + brief(payload));
        if (topic.endsWith("/blk")) auditor.gets(this);
        step(new Input.Received(topic, payload));
    }

    private void later(long ms, Broker.Session session, Runnable action) {
        var when = power;
        world.in(ms, () -> {
            var line = wire;
            if (power == when && line != null && line.session == session && !line.dead) action.run();
        });
    }

    private void connect(Output.Connect wish) {
        var line = new Wire();
        wire = line;
        var when = power;
        var promising = radio && broker.isUp();
        world.in(promising ? 100 + 3 * latency() : 1000 + random.nextInt(30_000), () -> {
            if (power != when || wire != line) return;
            if (!radio || !broker.isUp()) {
                wire = null;
                step(new Input.Link(false));
                return;
            }
            line.session = broker.connect(this, wish.willTopic(), wish.will());
            line.since = world.now();
            world.tell(name, () -> "connected");
            auditor.gets(this);
            step(new Input.Link(true));
        });
    }

    private void publish(Output.Publish message) {
        var line = wire;
        if (line == null || line.dead) return;
        var session = line.session;
        if (session == null) return;
        if (message.qos() == 0 && loses()) return;
        var topic = message.topic();
        var payload = message.payload();
        if (topic.endsWith("/need"))
            auditor.asks(this, Need.decode(payload.toArray()), sounding == null ? "" : sounding.name);
        var keep = message.retained();
        var copies = message.qos() == 1 && random.nextInt(50) == 0 ? 2 : 1;
        world.tell(name, () -> "publishes " + topic + " " + brief(payload));
        for (int i = 0; i < copies; i++) {
            var passage = message.qos() == 0 ? latency() : passage();
            if (passage < 0) return;
            world.at(Math.max(world.now() + passage, line.subscribedAt), () -> {
                if (!line.dead && session.isOpen()) broker.publishUp(topic, payload, keep);
            });
        }
    }

    // The core

    void step(Input input) {
        var running = core;
        if (running == null) return;
        tellProgress(TOLD_EVERY_MS);
        perform(running, give(running, input));
        if (core == null) return;
        auditor.watch(this);
        arm(running);
    }

    private List<Output> give(ControllerCore running, Input input) {
        var moment = moment();
        steppedMono = moment.mono();
        return running.step(moment, input);
    }

    /** The real-time clock was set: the core looks at it sooner or later. */
    void stepClock(long ms) {
        clock.step(ms);
        world.tell(name, () -> "real-time clock stepped by " + ms + " ms");
        if (core != null) step(new Input.Tick());
    }

    // People at the box

    boolean isSounding() {
        return sounding != null;
    }

    /** Somebody throws the siren switch or presses the talk key, or lets go. */
    void hand(String which, boolean on) {
        if (core == null) return;
        world.tell(name, () -> which + (on ? " on" : " off"));
        world.mark(name, on ? 3 : 4);
        auditor.switches(this, which, on);
        step(which.equals(Claims.SIREN) ? new Input.Siren(on) : new Input.Microphone(on));
    }

    /** Somebody holds STOP for three seconds. */
    void stop() {
        if (core == null) return;
        world.tell(name, () -> "STOP");
        world.mark(name, 5);
        var heard = sounding;
        var what = heard == null || !heard.begun ? "" : heard.name;
        var certain = !isEnding();
        var when = power;
        step(new Input.Stop());
        auditor.stops(this, what, certain && power == when, power == when);
    }

    /** A sink reports about once a second; here before something else happens. */
    private void tellProgress(long everyMs) {
        var running = core;
        var heard = sounding;
        if (running == null || heard == null || heard.fading) return;
        var whole = heard.heard(world.now()) / PROGRESS_MS * PROGRESS_MS;
        if (whole < heard.told + everyMs || whole >= heard.limit) return;
        heard.told = whole;
        perform(running, give(running, new Input.Sink(new SinkEvent.Progress(heard.play, whole))));
    }

    private Moment moment() {
        return new Moment(clock.mono(world.now()), clock.rtc(world.now()));
    }

    private void arm(ControllerCore running) {
        var longest = world.now() - bootedAt < AFTER_BOOT_MS ? LONGEST_SLEEP_AFTER_BOOT_MS : LONGEST_SLEEP_MS;
        var at = Math.max(world.now() + 1, clock.when(running.nextWake(longest)));
        if (at >= wakeAt && wakeAt > world.now()) return;
        wakeAt = at;
        var when = power;
        world.at(at, () -> {
            if (power != when || wakeAt != at) return;
            wakeAt = Long.MAX_VALUE;
            step(new Input.Tick());
        });
    }

    private void perform(ControllerCore running, List<Output> outputs) {
        for (var output : outputs) {
            if (core != running) return;
            if (fuse > 0 && --fuse == 0) {
                cut();
                return;
            }
            perform(output);
        }
    }

    private void perform(Output output) {
        if (output instanceof Output.Persist persist) {
            auditor.persists(this, persist.changes());
            persist.changes().forEach((key, text) -> {
                if (text.isPresent()) disk.put(key, text.get());
                else disk.remove(key);
            });
        } else if (output instanceof Output.Connect connect) {
            connect(connect);
        } else if (output instanceof Output.Subscribe subscribe) {
            upward(session -> session.subscribe(subscribe.topics()));
        } else if (output instanceof Output.Unsubscribe unsubscribe) {
            upward(session -> session.unsubscribe(unsubscribe.topics()));
        } else if (output instanceof Output.Publish publish) {
            publish(publish);
        } else if (output instanceof Output.Fetch fetch) {
            fetch(fetch);
        } else if (output instanceof Output.Verify verify) {
            verify(verify);
        } else if (output instanceof Output.Place place) {
            auditor.places(this, place);
            written.computeIfAbsent(place.hash(), hash -> new TreeMap<>()).put(place.offset(), place.bytes());
            parts.merge(place.hash(), (long) place.bytes().size(), Long::sum);
        } else if (output instanceof Output.Discard discard) {
            ready.remove(discard.hash());
            parts.remove(discard.hash());
            written.remove(discard.hash());
        } else if (output instanceof Output.Play play) {
            play(play);
        } else if (output instanceof Output.Adjust adjust) {
            adjust(adjust);
        } else if (output instanceof Output.Fade fade) {
            fade(fade);
        } else if (output instanceof Output.Chunk chunk) {
            chunk(chunk);
        } else if (output instanceof Output.Blink blink) {
            auditor.does(this, new Op.Identify(blink.seconds()));
        } else if (output instanceof Output.Restart) {
            auditor.does(this, new Op.Reboot());
            restart(Hello.Why.CMD);
        } else if (output instanceof Output.Stage stage) {
            auditor.stages(this, stage, sounding != null);
            // One image in four does not start: the boot loader goes back at once.
            trial = random.nextInt(4) == 0 ? null : stage.version();
            restart(Hello.Why.FW);
        } else if (output instanceof Output.KeepFirmware keep) {
            auditor.keeps(this, keep.version());
            firmware = keep.version();
            trial = null;
        } else if (output instanceof Output.RevertFirmware) {
            trial = null;
            restart(Hello.Why.FW);
        } else if (output instanceof Output.Say say) {
            world.tell(name, () -> "“" + say.line() + "”");
        }
    }

    private void restart(Hello.Why why) {
        cut();
        world.in(5_000 + random.nextInt(20_000), () -> powerOn(why));
    }

    private void upward(java.util.function.Consumer<Broker.Session> request) {
        var line = wire;
        var session = line == null ? null : line.session;
        if (line == null || session == null) return;
        var ms = passage();
        if (ms < 0) return;
        line.subscribedAt = Math.max(line.subscribedAt, world.now() + ms);
        later(ms, session, () -> request.accept(session));
    }

    // Audio

    private void fetch(Output.Fetch wish) {
        var when = power;
        var bytes = wish.to() - wish.from();
        var served = !library.has(wish.hash());
        var promising = served && radio && air.audioServed();
        world.in(promising ? 500 + bytes / 40 + random.nextInt(2000) : 5000, () -> {
            if (power != when) return;
            var ok = served && radio && air.audioServed() && random.nextInt(100) > 0;
            var got = ok ? bytes : served ? random.nextLong(bytes) : 0;
            var have = parts.getOrDefault(wish.hash(), 0L) + got;
            parts.put(wish.hash(), have);
            step(new Input.Fetched(wish.hash(), have, got, ok));
        });
    }

    private void verify(Output.Verify wish) {
        var when = power;
        world.in(200, () -> {
            if (power != when) return;
            parts.remove(wish.hash());
            var whole = random.nextInt(200) > 0 && (!library.has(wish.hash()) || isWhole(wish.hash()));
            if (whole && library.has(wish.hash())) auditor.arrivedByBlocks();
            written.remove(wish.hash());
            if (whole) ready.put(wish.hash(), wish.size());
            step(new Input.Verified(wish.hash(), whole));
        });
    }

    /** What a hash over the file would say. */
    private boolean isWhole(Hash hash) {
        var next = 0L;
        for (var piece : written.getOrDefault(hash, new TreeMap<>()).entrySet()) {
            if (piece.getKey() != next || !library.isRight(hash, next, piece.getValue())) return false;
            next += piece.getValue().size();
        }
        return next == library.size(hash);
    }

    private void play(Output.Play wish) {
        var before = sounding;
        auditor.uses(this, wish);
        var fresh = new Sounding(wish.play(), wish.name(), due(wish.dueMono()), wish.limitMs());
        fresh.offset = wish.offsetMs();
        sounding = fresh;
        if (before != null) {
            auditor.sounds(this, wish.name(), wish.offsetMs(), before.name);
            auditor.silent(this, before.name, before.heard(world.now()), false);
        }
        world.mark(name, wish.play());
        beginLater(fresh);
        if (random.nextInt(300) == 0) failLater(fresh);
        endLater(fresh, wish.limitMs());
    }

    /** When a box's own uptime is that; not before now. */
    private long due(long uptime) {
        return uptime <= moment().mono() ? world.now() : clock.when(uptime);
    }

    private void beginLater(Sounding heard) {
        var at = heard.startedAt;
        if (at > world.now()) world.at(at, () -> begin(heard));
        else begin(heard);
    }

    private void begin(Sounding heard) {
        if (sounding != heard || heard.fading || heard.begun || world.now() < heard.startedAt) return;
        heard.begun = true;
        world.tell(name, () -> "SOUNDS " + heard.name + " from " + heard.offset + " for " + heard.limit);
        auditor.sounds(this, heard.name, heard.offset, null);
    }

    private void chunk(Output.Chunk chunk) {
        auditor.hears(this, chunk);
        if (!chunk.last()) return;
        var length = (long) chunk.bytes().size() / Limits.FRAME_BYTES * Limits.FRAME_MS;
        var when = power;
        world.in(Math.max(0, chunk.inMs() + length), () -> {
            var heard = sounding;
            if (power != when || heard == null || heard.fading || !heard.name.startsWith(chunk.sid() + "#")) return;
            end(heard, ms -> new SinkEvent.Ended(heard.play, ms));
        });
    }

    private void failLater(Sounding heard) {
        world.in(random.nextLong(Math.max(1, heard.limit)), () -> {
            if (sounding != heard) return;
            // A switch whose sound failed must be thrown anew.
            if (Claims.isLocal(heard.name)) auditor.switches(this, heard.name, false);
            end(heard, ms -> new SinkEvent.Failed(heard.play, ms, Event.Failure.AMP));
        });
    }

    private void endLater(Sounding heard, long ms) {
        world.at(heard.startedAt + ms, () -> {
            if (sounding != heard || heard.fading || heard.heard(world.now()) < heard.limit) return;
            end(heard, done -> new SinkEvent.Ended(heard.play, done));
        });
    }

    private void adjust(Output.Adjust wish) {
        var heard = sounding;
        if (heard == null || heard.play != wish.play()) return;
        if (!heard.begun && due(wish.dueMono()) != heard.startedAt) {
            heard.startedAt = due(wish.dueMono());
            beginLater(heard);
        }
        heard.limit = Math.max(heard.heard(world.now()), wish.limitMs());
        endLater(heard, heard.limit);
    }

    private void fade(Output.Fade wish) {
        var heard = sounding;
        if (heard == null || heard.play != wish.play() || heard.fading) return;
        heard.fading = true;
        world.in(random.nextLong(FADE_MS), () -> {
            if (sounding == heard) end(heard, ms -> new SinkEvent.Ended(heard.play, ms));
        });
    }

    private void end(Sounding heard, java.util.function.LongFunction<SinkEvent> event) {
        var ms = heard.heard(world.now());
        sounding = null;
        world.tell(name, () -> "silent after " + ms + " ms of " + heard.name);
        if (heard.begun) auditor.silent(this, heard.name, ms, ms >= heard.limit);
        var running = core;
        if (running == null) return;
        perform(running, give(running, new Input.Sink(event.apply(ms))));
        if (core != null) {
            auditor.watch(this);
            arm(running);
        }
    }

    private static String brief(Bytes payload) {
        var text = payload.toString();
        return text.length() < 600
                ? text.replace('\n', ' ')
                : text.substring(0, 600).replace('\n', ' ') + "…";
    }

    @Override
    public String toString() {
        return name;
    }
}
