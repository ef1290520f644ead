package vn.loalang.controller.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalEntry;

/**
 * A pole in virtual time: one core with a disk, a loudspeaker, a link and a server that keeps what it acknowledged. The power can
 * fail between any two outputs; what {@code Persist} wrote stays, everything else is gone.
 */
final class Pole {
    private static final long LATENCY_MS = 40;

    final Deployment deployment = Deployment.ofADevice();
    /** What the village heard, in order. */
    final List<Sounded> sounded = new ArrayList<>();
    /** What it was told to sound. */
    final List<Sound> sounds = new ArrayList<>();
    /** How loud, as linear factors. */
    final List<Double> gains = new ArrayList<>();
    /** What the server stored, by epoch and number. */
    final Map<String, TreeMap<Long, JournalEntry>> stored = new HashMap<>();
    /** Lines for people. */
    final List<String> said = new ArrayList<>();

    /** Starts so far. */
    int lives;

    int fetches;
    /** Events sent again because a command came again. */
    final List<JournalEntry> resent = new ArrayList<>();

    final Map<String, Bytes> reports = new TreeMap<>();
    /** How often a transfer was told to give way. */
    int aborts;

    /** Journals that went to a memory stick. */
    final List<vn.loalang.protocol.JournalFile> exported = new ArrayList<>();

    final Set<Hash> fetchable = new HashSet<>();
    final List<Output.Subscribe> subscriptions = new ArrayList<>();
    /** What somebody who looks at the amplifier and the lines would see. */
    Input.Measured truth = new Input.Measured(java.util.Optional.of(true), List.of());
    /** The last telemetry. */
    vn.loalang.protocol.Telemetry telemetry;
    /** When the floor was written. */
    final List<Long> floorWrites = new ArrayList<>();
    /** What the server was told last. */
    Hello hello;

    private final Map<String, String> disk = new TreeMap<>();
    private final Map<Hash, Long> ready = new HashMap<>();
    private final Map<String, Bytes> retained = new TreeMap<>();
    private final List<Later> later = new ArrayList<>();
    private final Random random;
    private Profile profile;
    private ControllerCore core;
    private long now;
    private long bootedAt;
    private long rtcOffset;
    private boolean powered;
    private boolean linkPossible = true;
    private boolean linked;
    private boolean answering = true;
    private int outputsUntilCut = -1;
    private Sounding sounding;

    /** A stretch of content that left the loudspeaker. */
    static final class Sounded {
        final String oid;
        long at;
        final long offset;
        long ms;

        Sounded(String oid, long at, long offset) {
            this.oid = oid;
            this.at = at;
            this.offset = offset;
        }

        long end() {
            return at + ms;
        }

        @Override
        public String toString() {
            return oid + "@" + at + "+" + offset + " " + ms + "ms";
        }
    }

    private static final class Sounding {
        final long play;
        final Sounded stretch;
        long limit;
        long fadedAt = Long.MAX_VALUE;
        long told;

        Sounding(long play, Sounded stretch, long limit) {
            this.play = play;
            this.stretch = stretch;
            this.limit = limit;
        }

        long end() {
            return Math.min(stretch.at + limit, fadedAt);
        }

        long nextEvent() {
            return Math.min(end(), stretch.at + told + 1_000);
        }
    }

    private record Later(long at, Runnable what) {}

    Pole(long start, long seed) {
        this.now = start;
        this.random = new Random(seed);
        this.profile = Profile.of(deployment.id(), deployment.claim()).equipped(Set.of("line"), 512L << 20);
    }

    long now() {
        return now;
    }

    /** As a box that lacks the profile; before it is switched on. */
    Pole withoutLive() {
        profile = profile.withoutLive();
        return this;
    }

    /** As a box that makes an item ready so long before its moment; before it is switched on. */
    Pole leading(long ms) {
        profile = profile.leading(ms);
        return this;
    }

    // ---- the world ----

    Pole powerOn() {
        return powerOn(Hello.Why.POWER);
    }

    Pole powerOn(Hello.Why why) {
        bootedAt = now;
        lives++;
        powered = true;
        linked = false;
        outputsUntilCut = -1;
        core = new ControllerCore(
                profile.with(Hello.Proof.NONE, why, false, new Profile.Pace(0, 5_000)),
                disk,
                ready,
                Map.of(),
                new Random(random.nextLong()));
        step(new Input.Tick());
        return this;
    }

    Pole powerOff() {
        powered = false;
        linked = false;
        later.clear();
        if (sounding != null) {
            sounding.stretch.ms = Math.max(0, Math.min(now, sounding.end()) - sounding.stretch.at);
            sounding = null;
        }
        return this;
    }

    /** The power fails after so many further outputs. */
    void cutAfter(int outputs) {
        outputsUntilCut = outputs;
    }

    Pole rtcWrongBy(long ms) {
        rtcOffset = ms;
        return this;
    }

    Pole link(boolean possible) {
        linkPossible = possible;
        if (!possible && linked) {
            linked = false;
            if (powered) step(new Input.Link(false));
        }
        return this;
    }

    /** Whether the server answers at all. */
    void server(boolean answers) {
        answering = answers;
    }

    /** The server publishes a document retained; a connected controller gets it now. */
    Pole publish(String row, Bytes document) {
        retained.put(row, document);
        if (powered && linked && core.isWelcomed()) deliver(document);
        return this;
    }

    /** Nothing is published in this row any more. */
    void withdraw(String row) {
        retained.remove(row);
    }

    Pole asset(Hash hash, long size) {
        ready.put(hash, size);
        return this;
    }

    /** What sounds fails in the sink. */
    void failSound(Event.Failure failure) {
        var s = sounding;
        sounding = null;
        s.stretch.ms = now - s.stretch.at;
        step(new Input.Sink(new SinkEvent.Failed(s.play, s.stretch.ms, failure)));
    }

    void deliver(Bytes message) {
        step(new Input.Received("any", message));
    }

    Pole runFor(long ms) {
        return runUntil(now + ms);
    }

    Pole runUntil(long end) {
        while (now < end) {
            var next = end;
            if (powered) next = Math.min(next, bootedAt + core.nextWake());
            if (sounding != null) next = Math.min(next, sounding.nextEvent());
            for (var l : later) next = Math.min(next, l.at());
            now = Math.max(now, next);
            if (!powered) continue;
            soundEvents();
            if (!powered) continue;
            for (var due : later.stream().filter(l -> l.at() <= now).toList()) {
                if (later.remove(due) && powered) due.what().run();
            }
            if (powered) step(new Input.Tick());
        }
        return this;
    }

    // ---- what can be asked ----

    ControllerCore core() {
        return core;
    }

    boolean powered() {
        return powered;
    }

    Map<String, String> disk() {
        return disk;
    }

    /** Entries the device still keeps. */
    List<JournalEntry> kept() {
        return disk.entrySet().stream()
                .filter(e -> e.getKey().startsWith("j/"))
                .map(e -> JournalEntry.decode(e.getValue().getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .toList();
    }

    /** Everything ever reported, acknowledged or still kept, each once, in order. */
    List<JournalEntry> evidence() {
        var all = new ArrayList<JournalEntry>();
        var seen = new HashSet<Long>();
        stored.values().forEach(epoch -> epoch.values().forEach(e -> {
            all.add(e);
            seen.add(e.n());
        }));
        kept().stream().filter(e -> seen.add(e.n())).forEach(all::add);
        return all;
    }

    List<Event> events() {
        return evidence().stream().map(JournalEntry::event).toList();
    }

    List<String> plays() {
        return events().stream()
                .filter(e -> e.kind().equals("play"))
                .map(Pole::brief)
                .toList();
    }

    private static String brief(Event e) {
        if (e instanceof Event.Started s) return s.oid() + " started " + s.pos() / 1000;
        if (e instanceof Event.Completed c) return c.oid() + " completed " + c.ms() / 1000;
        if (e instanceof Event.Interrupted i)
            return i.oid() + " interrupted " + i.ms() / 1000 + " " + i.why().wire();
        if (e instanceof Event.Missed m) return m.oid() + " missed " + m.why().wire();
        if (e instanceof Event.Failed f) return f.oid() + " failed " + f.why().wire();
        return e.toString();
    }

    // ---- the machine ----

    private void soundEvents() {
        while (powered && sounding != null && sounding.nextEvent() <= now) {
            var s = sounding;
            var at = s.nextEvent();
            var ms = at - s.stretch.at;
            if (at >= s.end()) {
                s.stretch.ms = Math.max(0, s.end() - s.stretch.at);
                sounding = null;
                step(new Input.Sink(new SinkEvent.Ended(s.play, s.stretch.ms)));
            } else {
                s.told = ms;
                step(new Input.Sink(new SinkEvent.Progress(s.play, ms)));
            }
        }
    }

    void step(Input input) {
        var outputs = core.step(new Moment(now - bootedAt, now + rtcOffset), input);
        var life = core;
        for (var output : outputs) {
            if (core != life) return;
            if (outputsUntilCut == 0) {
                powerOff();
                return;
            }
            if (outputsUntilCut > 0) outputsUntilCut--;
            perform(output);
        }
        if (outputsUntilCut == 0) powerOff();
    }

    private void perform(Output output) {
        if (output instanceof Output.Persist persist) {
            if (persist.changes().containsKey("floor")) floorWrites.add(now);
            persist.changes().forEach((k, v) -> v.ifPresentOrElse(t -> disk.put(k, t), () -> disk.remove(k)));
        } else if (output instanceof Output.Play play) {
            play(play);
        } else if (output instanceof Output.Adjust adjust) {
            if (sounding != null && sounding.play == adjust.play()) {
                if (now < sounding.stretch.at) sounding.stretch.at = bootedAt + adjust.dueMono();
                sounding.limit = Math.max(adjust.limitMs(), now - sounding.stretch.at);
            }
        } else if (output instanceof Output.Fade fade) {
            if (sounding != null && sounding.play == fade.play()) {
                sounding.fadedAt = now < sounding.stretch.at ? now : now + 200;
            }
        } else if (output instanceof Output.Connect) {
            after(LATENCY_MS, () -> {
                linked = linkPossible;
                step(new Input.Link(linkPossible));
            });
        } else if (output instanceof Output.Subscribe subscribe) {
            subscriptions.add(subscribe);
            for (var topic : subscribe.topics()) {
                retained.forEach((row, bytes) -> {
                    if (topic.endsWith("/" + row) || (row.startsWith("now/") && topic.endsWith("/now/+")))
                        after(LATENCY_MS, () -> deliver(bytes));
                });
            }
        } else if (output instanceof Output.Publish publish) {
            serve(publish);
        } else if (output instanceof Output.Fetch fetch) {
            fetches++;
            var ok = fetchable.contains(fetch.hash());
            after(
                    2_000,
                    () -> step(new Input.Fetched(
                            fetch.hash(), ok ? fetch.to() : fetch.from(), ok ? fetch.to() - fetch.from() : 0, ok)));
        } else if (output instanceof Output.Export export) {
            exported.add(export.journal());
        } else if (output instanceof Output.Bring bring) {
            after(100, () -> {
                ready.put(bring.hash(), bring.size());
                step(new Input.Verified(bring.hash(), true));
            });
        } else if (output instanceof Output.Verify verify) {
            after(100, () -> {
                ready.put(verify.hash(), verify.size());
                step(new Input.Verified(verify.hash(), true));
            });
        } else if (output instanceof Output.Measure) {
            after(300, () -> step(truth));
        } else if (output instanceof Output.Abort) {
            aborts++;
        } else if (output instanceof Output.Restart) {
            powerOff();
            powerOn(Hello.Why.CMD);
        } else if (output instanceof Output.Say say) {
            said.add(say.line());
        }
    }

    private void play(Output.Play play) {
        if (sounding != null) throw new AssertionError("Two sounds at once: " + sounding.stretch + " and " + play);
        var run = disk.getOrDefault("run", "");
        var isLocal = List.of("siren", "mic", "beep").contains(play.name());
        if (!isLocal && !run.startsWith(play.name() + " "))
            throw new AssertionError("Sound before its record: " + play);
        var stretch = new Sounded(play.name(), bootedAt + play.dueMono(), play.offsetMs());
        sounded.add(stretch);
        sounds.addAll(play.content());
        gains.add(play.gain());
        var content = play.content().stream().mapToLong(Sound::millis).sum();
        sounding = new Sounding(play.play(), stretch, Math.min(play.limitMs(), content - play.offsetMs()));
    }

    private void serve(Output.Publish publish) {
        if (!linked || !answering) return;
        var level = publish.topic().substring(publish.topic().lastIndexOf('/') + 1);
        Consumer<Bytes> reply = bytes -> after(LATENCY_MS, () -> {
            if (linked) deliver(bytes);
        });
        if (level.equals("hello")) {
            hello = Hello.decode(publish.payload().toArray());
            reply.accept(deployment.welcome(
                    hello,
                    now + LATENCY_MS / 2,
                    upto(hello.j().jid().value(), hello.j().lo())));
        } else if (level.equals("tel")) {
            telemetry = vn.loalang.protocol.Telemetry.decode(publish.payload().toArray());
        } else if (publish.topic().contains("/rep/")) {
            reports.put(level, publish.payload());
        } else if (level.equals("ev")) {
            var events = Events.decode(publish.payload().toArray());
            var epoch = stored.computeIfAbsent(events.jid().value(), j -> new TreeMap<>());
            for (var entry : events.entries()) {
                if (entry.event() instanceof Event.Command && epoch.containsKey(entry.n())) resent.add(entry);
                var before = epoch.put(entry.n(), entry);
                if (before != null && !before.equals(entry))
                    throw new AssertionError("Two contents of one number: " + entry);
            }
            var lo = epoch.isEmpty() ? 1 : epoch.firstKey();
            reply.accept(deployment.jack(events.jid(), upto(events.jid().value(), lo), now));
        }
    }

    private long upto(String jid, long lo) {
        var epoch = stored.getOrDefault(jid, new TreeMap<>());
        var upto = lo - 1;
        while (epoch.containsKey(upto + 1)) upto++;
        return upto;
    }

    private void after(long ms, Runnable what) {
        later.add(new Later(now + ms, what));
    }
}
