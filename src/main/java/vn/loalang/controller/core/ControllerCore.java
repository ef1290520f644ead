package vn.loalang.controller.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.BlockFrame;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Cmd;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Jack;
import vn.loalang.protocol.JournalAck;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.LiveFrame;
import vn.loalang.protocol.Manifest;
import vn.loalang.protocol.Nonce;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.Topics;
import vn.loalang.protocol.Welcome;

/**
 * A loudspeaker controller as a pure state machine (main loop of PROTOCOL.md): inputs in, outputs to be performed in order. It
 * reads no clock and no randomness of its own, so a day of a thousand poles can be replayed from one seed, and a power cut is
 * nothing but a new core on the memory that {@link Output.Persist} has left.
 *
 * <p>Not for use by several threads.
 */
public final class ControllerCore {
    static final String BOOT = "boot";
    private static final long PURGE_MS = 3_600_000;
    /** By then every port has reported what is wrong with it. */
    private static final long SETTLED_MS = 30_000;

    private static final long LONGEST_SLEEP_MS = 5_000;
    /** At T0 the clock of the box may become right at any moment, and tells nobody; §8 asks four times a second. */
    private static final long LONGEST_SLEEP_WITHOUT_TIME_MS = 250;

    private static final Map<String, Fault> LINE_WORDS =
            Map.of("open", Fault.LINE_OPEN, "short", Fault.LINE_SHORT, "earth", Fault.LINE_EARTH);

    private final Topics topics;
    private final Memory memory;
    private final Outputs out;
    private final TrustedTime time;
    private final Journal journal;
    private final Faults faults;
    private final SecurityCounters counters;
    private final Documents documents;
    private final Session session;
    private final AssetShelf assets;
    private final DoneMemory done;
    private final Surroundings surroundings;
    private final Programme programme;
    private final Orders orders;
    private final OrderMemory orderMemory;
    private final LocalSources local;
    private final StopButton stop;
    private final Player player;
    private final Reports reports;
    private final Commands commands;
    private final BootGuard bootGuard;
    private final LiveStreams streams;
    private final FirmwareUpdate firmware;
    private final Visit visit;
    private boolean booted;
    private boolean settled;
    private long nextPurgeMono = PURGE_MS;

    /**
     * Power on.
     *
     * @param profile what this box is
     * @param memory what {@link Output.Persist} left
     * @param readyAssets lengths of whole assets on the disk
     * @param assetParts lengths of unfinished ones
     * @param random source of nonces, epochs and jitter
     */
    public ControllerCore(
            Profile profile,
            Map<String, String> memory,
            Map<Hash, Long> readyAssets,
            Map<Hash, Long> assetParts,
            RandomGenerator random) {
        this.topics = new Topics(profile.claim().sys());
        this.memory = new Memory(memory);
        this.out = new Outputs(this.memory);
        this.time = new TrustedTime(profile.bench());
        var boot = this.memory.get(BOOT).map(Long::parseLong).orElse(0L) + 1;
        this.memory.put(BOOT, Long.toString(boot));
        this.journal = new Journal(this.memory, time, boot, random);
        this.faults = new Faults(this.memory, journal);
        this.counters = new SecurityCounters(journal);
        this.documents = new Documents(profile, this.memory, time, journal, faults, counters, out);
        time.floor(documents.floor());
        this.assets = new AssetShelf(readyAssets, assetParts, profile, this.memory, journal, out, random);
        this.done = new DoneMemory(this.memory);
        this.surroundings = new Surroundings(time, faults);
        this.programme = new Programme(time, journal, done, surroundings, profile, assets::isReady, out);
        this.streams = new LiveStreams(profile, time, counters, out);
        this.orderMemory = new OrderMemory(this.memory);
        this.orders = new Orders(
                time,
                journal,
                orderMemory,
                new Ceilings(this.memory, time),
                surroundings,
                new Repertoire(surroundings, assets::isReady, streams),
                profile.proof(),
                out);
        this.local = new LocalSources(time, journal, surroundings);
        this.stop = new StopButton(time, journal, faults, out);
        this.player = new Player(
                this.memory,
                time,
                journal,
                surroundings,
                profile.proof(),
                boot,
                List.of(local, orders, programme),
                profile.leadMs(),
                out);
        this.session = new Session(profile, boot, time, journal, faults, new Self(), out, random);
        this.reports = new Reports(profile, time, journal, faults, surroundings, assets, player, out);
        this.commands =
                new Commands(profile, this.memory, time, journal, faults, documents, surroundings, player, local, out);
        this.bootGuard = new BootGuard(this.memory, faults);
        this.firmware = new FirmwareUpdate(profile, this.memory, time, journal, faults, out);
        this.visit = new Visit(profile, documents, assets, journal, out);
        bootGuard.begins(profile.why()).ifPresent(documents::setAside);
    }

    /**
     * One step.
     *
     * @param now both clocks at this input
     * @return what to do, in order
     */
    public List<Output> step(Moment now, Input input) {
        time.at(now);
        if (!booted) boot();
        if (input instanceof Input.Received received) received(received);
        else if (input instanceof Input.Sink sink) player.heard(sink.event());
        else if (input instanceof Input.Link link) link(link.up());
        else if (input instanceof Input.SubscriptionRefused refused) session.subscriptionRefused(refused.topic());
        else if (input instanceof Input.Fetched fetched) assets.fetched(fetched, now.mono());
        else if (input instanceof Input.Verified verified) assets.verified(verified, now.mono());
        else if (input instanceof Input.StorageTrouble trouble) fault(Fault.STORE_IO, trouble.now());
        else if (input instanceof Input.Hardware hardware) fault(hardware.fault(), hardware.present());
        else if (input instanceof Input.Measured measured) measured(measured);
        else if (input instanceof Input.Room room) assets.room(room.bytes());
        else if (input instanceof Input.Siren siren) local.siren(siren.on());
        else if (input instanceof Input.Microphone microphone) local.microphone(microphone.on());
        else if (input instanceof Input.Stop) stopHeld();
        else if (input instanceof Input.Stick stick) visit.take(stick, this::act);
        timers();
        player.decide();
        if (session.welcomed()) reports.tick(documents.telemetrySeconds());
        return out.take();
    }

    /**
     * Takes a document that came by hand, as if it had been received in a session; for bench work and tests.
     *
     * @return what to do, in order
     */
    public List<Output> bench(Moment now, Bytes message) {
        time.at(now);
        if (!booted) boot();
        documents.benchSession();
        receive(message);
        player.decide();
        return out.take();
    }

    /** Uptime in ms by which the next {@link Input.Tick} is due. */
    public long nextWake() {
        return nextWake(time.now().isPresent() ? LONGEST_SLEEP_MS : LONGEST_SLEEP_WITHOUT_TIME_MS);
    }

    /** The same when nothing else is to be looked after for this long; for simulations, where each tick costs. */
    public long nextWake(long longestSleepMs) {
        var wake = time.mono() + longestSleepMs;
        for (var at : List.of(
                player.nextChange(),
                streams.nextChange(),
                stop.nextChange(),
                session.nextWake(),
                assets.nextAttempt())) {
            if (at.isPresent()) wake = Math.min(wake, at.getAsLong());
        }
        if (session.welcomed()) wake = Math.min(wake, reports.nextWake());
        return Math.max(wake, time.mono() + 1);
    }

    /** Whether a server has welcomed this controller in the present session. */
    public boolean isWelcomed() {
        return session.welcomed();
    }

    /** Whether anything sounds. */
    public boolean isSounding() {
        return player.sounding().isPresent();
    }

    /** Whether the clock is good enough to judge certificate dates. */
    public boolean isSynchronised() {
        return time.quality() == Quality.T;
    }

    /** The device's idea of now, Unix ms. */
    public OptionalLong now() {
        return time.now();
    }

    /** The last message of a controller that leaves in good order. */
    public Output.Publish goodbye() {
        return session.goodbye();
    }

    private void boot() {
        booted = true;
        firmware.boot();
        inForce();
        player.recover();
    }

    /** Binary frames are told by their first byte; everything else is signed text. */
    private void received(Input.Received message) {
        if (message.payload().size() == 0) return;
        var first = message.payload().at(0) & 0xff;
        if (first != BlockFrame.MAGIC && first != LiveFrame.MAGIC) {
            receive(message.payload());
            return;
        }
        if (!session.welcomed()) return;
        try {
            var bytes = message.payload().toArray();
            if (first == LiveFrame.MAGIC) {
                streams.frame(LiveFrame.decode(bytes));
                return;
            }
            var area = topics.parse(message.topic()).filter(topic -> topic.scope() instanceof Scope.Area);
            assets.frame(BlockFrame.decode(bytes), area.isPresent(), time.mono());
        } catch (Refusal wrong) {
            counters.refused(wrong.code(), null, time.mono());
        }
    }

    private void receive(Bytes message) {
        documents.receive(message).ifPresent(this::act);
    }

    private void act(Document document) {
        if (document instanceof Welcome welcome) {
            if (!session.welcomed()) assets.hurry(time.mono());
            var roundTrip = session.welcome(welcome);
            var step = time.welcomed(welcome.head().iat(), roundTrip).filter(TrustedTime.Step::isJump);
            if (step.isPresent()) {
                journal.add(new Event.ClockStep(step.get().oldTime(), step.get().newTime()));
                faults.set(Fault.CLK_BAD);
            } else if (!documents.clockSuspect() && !time.bindsByTwoClocks()) {
                faults.clear(Fault.CLK_BAD);
            }
            acknowledged(welcome.jack());
            firmware.welcomed();
        } else if (document instanceof Jack jack) {
            acknowledged(jack.ack());
        } else if (document instanceof Manifest manifest) {
            assets.manifest(manifest, time.mono());
        } else if (document instanceof Cmd command) {
            commands.receive(command);
        } else {
            inForce();
            if (document instanceof Site) session.siteChanged();
            if (document instanceof Keys) documents.takeStrangers().forEach(this::receive);
        }
    }

    /** Everything that documents say, as it stands now: any of them may have dropped any of the others. */
    private void inForce() {
        surroundings.settings(documents.site(), documents.trim());
        programme.plan(documents.items());
        streams.inForce(documents.orders());
        orders.inForce(documents.orders(), documents::isCleared);
        firmware.ordered(documents.firmware());
        var wanted = new ArrayList<>(documents.assets());
        var later = new HashMap<>(documents.neededLater());
        firmware.image().ifPresent(image -> {
            wanted.add(image);
            // What plays comes first; an image can be fetched again.
            later.put(image.hash(), Long.MAX_VALUE);
        });
        assets.want(wanted, later, time.mono());
        assets.sources(documents.sources(), documents.dailyBytes());
        player.changed();
    }

    private void acknowledged(JournalAck ack) {
        var before = journal.jid();
        journal.acknowledged(ack);
        if (!journal.jid().equals(before)) {
            documents.epoch(journal.jid());
            session.journalRenewed();
        }
    }

    private void link(boolean up) {
        documents.linkChanged();
        assets.disconnected();
        streams.disconnected();
        session.link(up);
    }

    private void fault(Fault fault, boolean present) {
        if (present) faults.set(fault);
        else faults.clear(fault);
    }

    /** What the eye on amplifier and lines has seen counts until it looks again. */
    private void measured(Input.Measured found) {
        found.amplifier().ifPresent(works -> fault(Fault.AMP_FAULT, !works));
        if (!found.lines().isEmpty()) {
            LINE_WORDS.forEach((word, fault) -> fault(
                    fault, found.lines().stream().anyMatch(line -> line.s().equals(word))));
        }
        reports.measured(found.lines());
        out.add(new Output.Say("Measured: amplifier "
                + found.amplifier().map(works -> works ? "ok" : "at fault").orElse("not looked at, it sounds") + ", "
                + (found.lines().isEmpty() ? "no lines that this box can measure" : "lines " + found.lines()) + "."));
    }

    private void stopHeld() {
        stop.held();
        player.stop();
    }

    private void timers() {
        var mono = time.mono();
        session.tick();
        documents.tick();
        for (var message : documents.takeWaiting()) receive(message);
        counters.tick(mono);
        fault(Fault.SIG_REJECT, counters.isBesieged(mono));
        stop.tick();
        assets.tick(
                mono,
                player.sounds(Limits.FIRST_PRI),
                session.welcomed() ? Optional.of(documents.areas()) : Optional.empty());
        fault(Fault.STORE_FULL, assets.isFull());
        if (session.welcomed()) streams.tick();
        var image = firmware.image();
        firmware.tick(
                image.map(wanted -> assets.isReady(wanted.hash())).orElse(false),
                image.flatMap(wanted -> assets.failure(wanted.hash())),
                player.sounding().isPresent(),
                image.isPresent() ? programme.nextStart() : OptionalLong.empty(),
                surroundings.minuteOfDay());
        if (!firmware.image().equals(image)) inForce();
        bootGuard.tick(mono);
        if (!settled && mono >= SETTLED_MS) {
            settled = true;
            faults.settle();
        }
        if (mono >= nextPurgeMono && time.quality() == Quality.T) {
            nextPurgeMono = mono + PURGE_MS;
            done.purge(time.now().orElseThrow(), programme.oids());
            orderMemory.purge(time.now().orElseThrow(), orders.sids());
        }
    }

    /** What a hello tells of this device. */
    private final class Self implements Session.Self {
        @Override
        public Map<Row, Long> marks() {
            return documents.marks();
        }

        @Override
        public void helloSent(Nonce nonce) {
            documents.helloSent(nonce);
        }

        @Override
        public void welcomeOverdue() {
            documents.welcomeOverdue();
        }

        @Override
        public List<AreaPath> areas() {
            return documents.areas();
        }

        @Override
        public int keepAliveSeconds() {
            return documents.keepAliveSeconds();
        }
    }
}
