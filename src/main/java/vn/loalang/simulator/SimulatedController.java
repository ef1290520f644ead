package vn.loalang.simulator;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import vn.loalang.controller.core.ControllerCore;
import vn.loalang.controller.core.Input;
import vn.loalang.controller.core.Moment;
import vn.loalang.controller.core.Output;
import vn.loalang.controller.core.Profile;
import vn.loalang.controller.core.SinkEvent;
import vn.loalang.controller.core.Sound;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Row;

/**
 * One controller: the real core, with a disk that is a map, a loudspeaker that is a timer, and a socket shared with nobody.
 * Everything happens on the thread of its event loop.
 */
final class SimulatedController {
    private static final Pattern UPTO = Pattern.compile("\"upto\":(\\d+)");
    private static final String HELLO = "/hello";
    private static final String EVENTS = "/ev";
    private static final long NANOS_PER_MS = 1_000_000;

    /**
     * What all controllers of a run have in common.
     *
     * @param pace of connecting
     * @param where the broker
     */
    record Common(
            MqttLink.Address where,
            Profile.Pace pace,
            Disturbances disturbances,
            Clock wall,
            Tally tally,
            Bench bench) {}

    private final Common common;
    private final Tally tally;
    private final DeviceId id;
    private final ClaimFile claim;
    private final MqttLink.Login login;
    private final EventLoop loop;
    private final SplittableRandom random;
    private final long clockErrorMs;
    private final Map<String, String> disk = new HashMap<>();
    private final Map<Hash, Long> assets = new HashMap<>();
    private final Map<Hash, Long> parts = new HashMap<>();
    private final List<Unconfirmed> unconfirmed = new ArrayList<>();

    private @Nullable ControllerCore core;
    private @Nullable MqttLink link;
    private Hello.Why why = Hello.Why.POWER;
    private long powerOnNanos;
    private @Nullable Future<?> alarm;
    private long alarmMono;
    private @Nullable Sounding sounding;
    private long connectNanos;
    private long helloNanos;
    private long eventsNanos;
    private boolean eventsOut;
    private boolean welcomed;
    private boolean sited;
    private long welcomedAt = Long.MAX_VALUE;

    /** A start that the server has not confirmed yet. */
    private record Unconfirmed(long n, String play) {}

    private static final class Sounding {
        final long play;
        final long startedNanos = System.nanoTime();
        Future<?> end;

        Sounding(long play, Future<?> end) {
            this.play = play;
            this.end = end;
        }

        long ms() {
            return (System.nanoTime() - startedNanos) / NANOS_PER_MS;
        }
    }

    SimulatedController(Common common, ClaimFile claim, EventLoop loop, SplittableRandom random) {
        this.common = common;
        this.tally = common.tally();
        this.claim = claim;
        if (!(claim.cred() instanceof ClaimFile.Credential.Password password)) {
            throw new IllegalArgumentException("claim files of simulated controllers hold passwords");
        }
        this.login = new MqttLink.Login(password.user(), password.pass());
        this.id = new DeviceId(password.user());
        this.loop = loop;
        this.random = random;
        var error = common.disturbances().clockErrorMs();
        this.clockErrorMs = error == 0 ? 0 : random.nextLong(-error, error + 1);
    }

    DeviceId id() {
        return id;
    }

    EventLoop loop() {
        return loop;
    }

    /** Switches it on; what its disk remembers is all it knows. */
    void powerOn() {
        powerOnNanos = System.nanoTime();
        var profile = Profile.of(id, claim).with(Hello.Proof.NONE, why, false, common.pace());
        core = new ControllerCore(profile, disk, assets, parts, random);
        feed(new Input.Tick());
    }

    /** The power goes; nothing is flushed, nobody is told. */
    void powerCut() {
        why = Hello.Why.POWER;
        core = null;
        if (alarm != null) alarm.cancel(false);
        alarm = null;
        if (sounding != null) sounding.end.cancel(false);
        sounding = null;
        var old = link;
        link = null;
        if (old != null) {
            old.cut();
            linkEnded(old);
        }
        eventsOver();
        unconfirmed.clear();
    }

    /** The network goes; the controller plays on and connects again. */
    void loseLink() {
        if (link != null) link.lose();
    }

    /** Leaves with a goodbye. */
    void leave() {
        var live = link;
        if (live != null && core != null) {
            var last = core.goodbye();
            live.publish(
                    last.topic(), last.qos(), last.retained(), last.payload().toArray());
            live.leave();
        }
        link = null;
        core = null;
        if (alarm != null) alarm.cancel(false);
    }

    boolean isOn() {
        return core != null;
    }

    /** Sends a message past the core, for the yardstick. */
    void send(String topic, byte[] payload) {
        if (link != null) transmit(link, topic, 1, false, payload);
    }

    /** Hears a topic past the core, for the yardstick. */
    void hear(String topic) {
        if (link != null) link.subscribe(List.of(topic));
    }

    private void feed(Input input) {
        var live = core;
        if (live == null) return;
        perform(live, live.step(now(), input));
        noteWelcome(live);
        wakeBy(live.nextWake());
    }

    private Moment now() {
        return new Moment(
                (System.nanoTime() - powerOnNanos) / NANOS_PER_MS, common.wall().millis() + clockErrorMs);
    }

    private void wakeBy(long mono) {
        if (alarm != null && alarmMono <= mono && !alarm.isDone()) return;
        if (alarm != null) alarm.cancel(false);
        alarmMono = mono;
        alarm = loop.schedule(this::wake, Math.max(0, mono - now().mono()), TimeUnit.MILLISECONDS);
    }

    private void wake() {
        alarm = null;
        feed(new Input.Tick());
    }

    /** The core's next input must not come before its outputs are performed. */
    private void later(Input input) {
        var receiver = core;
        loop.execute(() -> {
            if (core == receiver) feed(input);
        });
    }

    private void perform(ControllerCore performing, List<Output> outputs) {
        for (var output : outputs) {
            if (output instanceof Output.Persist persist) persist(persist);
            else if (output instanceof Output.Publish publish) publish(publish);
            else if (output instanceof Output.Subscribe subscribe) {
                if (link != null) link.subscribe(subscribe.topics());
            } else if (output instanceof Output.Unsubscribe unsubscribe) {
                if (link != null) link.unsubscribe(unsubscribe.topics());
            } else if (output instanceof Output.Connect connect) connect(performing, connect);
            else if (output instanceof Output.Fetch fetch) {
                parts.put(fetch.hash(), fetch.to());
                later(new Input.Fetched(fetch.hash(), fetch.to(), fetch.to() - fetch.from(), true));
            } else if (output instanceof Output.Verify verify) {
                parts.remove(verify.hash());
                assets.put(verify.hash(), verify.size());
                later(new Input.Verified(verify.hash(), true));
            } else if (output instanceof Output.Discard discard) {
                parts.remove(discard.hash());
                assets.remove(discard.hash());
            } else if (output instanceof Output.Play play) play(play);
            else if (output instanceof Output.Adjust adjust) adjust(adjust);
            else if (output instanceof Output.Fade fade) {
                if (sounding != null && sounding.play == fade.play()) ended(sounding);
            }
        }
    }

    private void persist(Output.Persist persist) {
        persist.changes().forEach((key, text) -> {
            if (text.isPresent()) disk.put(key, text.get());
            else disk.remove(key);
        });
    }

    private void connect(ControllerCore connecting, Output.Connect order) {
        connectNanos = System.nanoTime();
        var old = link;
        if (old != null) old.cut();
        var listener = new Ears(connecting);
        var fresh = MqttLink.open(loop, common.where(), login, order, listener);
        listener.mine = fresh;
        link = fresh;
    }

    private void publish(Output.Publish publish) {
        var live = link;
        if (live == null) return;
        var topic = publish.topic();
        var payload = publish.payload().toArray();
        if (topic.endsWith(HELLO)) helloNanos = System.nanoTime();
        else if (topic.endsWith(EVENTS)) noteEvents(payload);
        transmit(live, topic, publish.qos(), publish.retained(), payload);
    }

    private void transmit(MqttLink live, String topic, int qos, boolean retained, byte[] payload) {
        if (vanishes()) return;
        tally.sent.increment();
        tally.sentBytes.add(payload.length);
        if (common.disturbances().delays()) {
            var unused =
                    loop.schedule(() -> live.publish(topic, qos, retained, payload), delayMs(), TimeUnit.MILLISECONDS);
        } else {
            live.publish(topic, qos, retained, payload);
        }
    }

    private boolean vanishes() {
        var share = common.disturbances().lossPercent();
        if (share == 0 || random.nextDouble(100) >= share) return false;
        tally.lost.increment();
        return true;
    }

    private long delayMs() {
        var jitter = common.disturbances().jitterMs();
        return common.disturbances().latencyMs() + (jitter == 0 ? 0 : random.nextLong(jitter + 1));
    }

    private void play(Output.Play play) {
        if (sounding != null) sounding.end.cancel(false);
        var content = play.content().stream().mapToLong(Sound::millis).sum() - play.offsetMs();
        sound(play.play(), Math.min(play.limitMs(), content));
    }

    private void sound(long play, long ms) {
        var fresh = new Sounding(play, loop.newSucceededFuture(0));
        fresh.end = loop.schedule(() -> ended(fresh), Math.max(0, ms), TimeUnit.MILLISECONDS);
        sounding = fresh;
    }

    private void adjust(Output.Adjust adjust) {
        var current = sounding;
        if (current == null || current.play != adjust.play()) return;
        current.end.cancel(false);
        current.end = loop.schedule(
                () -> ended(current), Math.max(0, adjust.limitMs() - current.ms()), TimeUnit.MILLISECONDS);
    }

    private void ended(Sounding over) {
        if (sounding != over) return;
        sounding = null;
        over.end.cancel(false);
        later(new Input.Sink(new SinkEvent.Ended(over.play, over.ms())));
    }

    private void arrived(ControllerCore receiver, String topic, byte[] payload) {
        if (core != receiver) return;
        tally.received.increment();
        tally.receivedBytes.add(payload.length);
        if (common.bench().takes(this, topic, payload)) return;
        var acknowledged = acknowledged(payload);
        // First, because the core sends its next batch at once.
        if (acknowledged >= 0) confirmed(acknowledged);
        feed(new Input.Received(topic, Bytes.of(payload)));
    }

    /** How far a message acknowledges the journal; −1 if it is no acknowledgement. */
    private static long acknowledged(byte[] payload) {
        if (payload.length > 2_000) return -1;
        var text = new String(payload, StandardCharsets.ISO_8859_1);
        if (!text.contains("\"typ\":\"jack\"") && !text.contains("\"typ\":\"welcome\"")) return -1;
        var upto = UPTO.matcher(text);
        return upto.find() ? Long.parseLong(upto.group(1)) : -1;
    }

    private void confirmed(long upto) {
        var nanos = System.nanoTime();
        tally.lastNews.set(nanos);
        if (eventsOut) tally.jack.add(nanos - eventsNanos);
        eventsOver();
        for (Iterator<Unconfirmed> each = unconfirmed.iterator(); each.hasNext(); ) {
            var start = each.next();
            if (start.n() > upto) continue;
            var play = tally.play(start.play());
            Tally.Play.note(play.committed, play.lastCommitted, nanos);
            each.remove();
        }
    }

    private void noteEvents(byte[] payload) {
        var nanos = System.nanoTime();
        tally.lastNews.set(nanos);
        for (var entry : Events.decode(payload).entries()) {
            var event = entry.event();
            if (event instanceof Event.Started start) {
                var name = start.oid().toString();
                var sentBefore = unconfirmed.stream().anyMatch(each -> each.n() == entry.n());
                if (sentBefore) continue;
                unconfirmed.add(new Unconfirmed(entry.n(), name));
                tally.started.add(Math.abs(start.err()) * NANOS_PER_MS);
                var play = tally.play(name);
                Tally.Play.note(play.started, play.lastStarted, nanos);
            } else if (event instanceof Event.Completed end) {
                tally.play(end.oid().toString()).ended.incrementAndGet();
            } else if (event instanceof Event.DocumentChange change && change.fate() == Event.DocumentFate.APPLIED) {
                applied(change);
            }
        }
        if (!eventsOut) tally.unacknowledged.incrementAndGet();
        eventsOut = true;
        eventsNanos = nanos;
    }

    private void applied(Event.DocumentChange change) {
        if (!sited && change.row().equals(Row.SITE)) {
            sited = true;
            tally.sited.incrementAndGet();
        }
        if (change.seq() > welcomedAt) {
            // The server numbers documents by its clock, which is also ours when both run on one machine.
            tally.applied.add(Math.max(0, common.wall().millis() - change.seq()) * NANOS_PER_MS);
        }
    }

    private void eventsOver() {
        if (eventsOut) tally.unacknowledged.decrementAndGet();
        eventsOut = false;
    }

    private void noteWelcome(ControllerCore live) {
        if (live.isWelcomed() == welcomed) return;
        welcomed = live.isWelcomed();
        var nanos = System.nanoTime();
        tally.lastNews.set(nanos);
        if (welcomed) {
            tally.welcomed.incrementAndGet();
            tally.welcome.add(nanos - helloNanos);
            welcomedAt = common.wall().millis();
        } else {
            tally.welcomed.decrementAndGet();
        }
    }

    private void linkEnded(MqttLink old) {
        if (old == upLink) {
            upLink = null;
            tally.connected.decrementAndGet();
            tally.linksLost.increment();
        }
        if (welcomed && core == null) {
            welcomed = false;
            tally.welcomed.decrementAndGet();
        }
    }

    private @Nullable MqttLink upLink;

    /** What one connection of one life of the controller reports. */
    private final class Ears implements MqttLink.Listener {
        private final ControllerCore receiver;
        private @Nullable MqttLink mine;

        Ears(ControllerCore receiver) {
            this.receiver = receiver;
        }

        @Override
        public void up() {
            var opened = mine;
            if (core != receiver || link != opened || opened == null) return;
            upLink = opened;
            tally.connected.incrementAndGet();
            tally.lastNews.set(System.nanoTime());
            tally.connect.add(System.nanoTime() - connectNanos);
            feed(new Input.Link(true));
        }

        @Override
        public void down() {
            var closed = mine;
            if (closed == null || link != closed) return;
            link = null;
            if (closed != upLink) tally.connectsFailed.increment();
            linkEnded(closed);
            eventsOver();
            if (core == receiver) feed(new Input.Link(false));
        }

        @Override
        public void received(String topic, byte[] payload) {
            if (vanishes()) return;
            if (common.disturbances().delays()) {
                var unused = loop.schedule(() -> arrived(receiver, topic, payload), delayMs(), TimeUnit.MILLISECONDS);
            } else {
                arrived(receiver, topic, payload);
            }
        }

        @Override
        public void refused(String topic) {
            tally.refusedSubscriptions.increment();
            if (core == receiver) feed(new Input.SubscriptionRefused(topic));
        }
    }
}
