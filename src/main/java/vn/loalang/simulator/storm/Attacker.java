package vn.loalang.simulator.storm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.BlockFrame;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Cid;
import vn.loalang.protocol.Cmd;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Firmware;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Jack;
import vn.loalang.protocol.JournalAck;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.LiveFrame;
import vn.loalang.protocol.Nonce;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Op;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Ses;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.Step;
import vn.loalang.protocol.Topics;
import vn.loalang.protocol.Welcome;

/**
 * Owns the broker's connection to the devices and a commune's weak key: repeats what was sent, keeps old state, strips and swaps
 * signature lines, forges, floods, clears what he may not clear. What he cannot do is sign for others.
 */
final class Attacker {
    private static final int REMEMBERED = 400;

    private final World world;
    private final Broker broker;
    private final Server server;
    private final Auditor auditor;
    private final Keyring keys;
    private final Notary notary;
    private final SigningKey forged;
    private final List<Pole> poles;
    private final RandomGenerator random;
    private final Topics topics = new Topics(Keyring.SYS);
    private final List<Overheard> overheard = new ArrayList<>();
    private boolean speaking;
    private int sids;

    /** A message, and how many lines of signatures it bears; 0 for what is no signed message. */
    private record Overheard(String topic, Bytes payload, int lines) {}

    Attacker(
            World world, Broker broker, Server server, Auditor auditor, Keyring keys, Notary notary, List<Pole> poles) {
        this.world = world;
        this.broker = broker;
        this.server = server;
        this.auditor = auditor;
        this.keys = keys;
        this.notary = notary;
        this.forged = new SigningKey(keys.online().kid(), keys.foreign.seed());
        this.poles = poles;
        this.random = world.random("attacker");
        broker.overhear(this::hear);
    }

    /** Does one thing and comes back later. */
    void lurk() {
        world.in(60_000 + random.nextLong(2 * 3_600_000L), () -> {
            speaking = true;
            act();
            speaking = false;
            lurk();
        });
    }

    private void hear(String topic, Bytes payload) {
        if (speaking) return;
        if (overheard.size() == REMEMBERED) overheard.remove(random.nextInt(REMEMBERED / 2));
        overheard.add(new Overheard(topic, payload, lines(payload)));
        // What may be read may be chosen: commands are worth saying again.
        var command = topic.endsWith("/rsp") && payload.toString().contains("\"typ\":\"cmd\"");
        if (random.nextInt(command ? 3 : 40) == 0) {
            world.in(1 + random.nextInt(30_000), () -> {
                speaking = true;
                broker.publishDown(topic, payload, false);
                speaking = false;
            });
        }
        if (topic.endsWith("/blk") && random.nextInt(12) == 0) spoil(topic, payload);
        if (topic.contains("/live/") && random.nextInt(20) == 0) {
            world.in(500, () -> speakInBetween(topic, LiveFrame.decode(payload.toArray())));
        }
    }

    /** A block of the same number with other bytes, a little before or after the right one. */
    private void spoil(String topic, Bytes payload) {
        var bytes = payload.toArray();
        if (bytes.length <= BlockFrame.HEADER) return;
        bytes[BlockFrame.HEADER + random.nextInt(bytes.length - BlockFrame.HEADER)] ^= 1;
        world.in(random.nextInt(1_000), () -> {
            speaking = true;
            broker.publishDown(topic, Bytes.of(bytes), false);
            speaking = false;
        });
    }

    private void act() {
        var victim = poles.get(random.nextInt(poles.size()));
        switch (random.nextInt(13)) {
            case 0 -> repeat(victim);
            case 1 -> oldState();
            case 2 -> garbage(victim);
            case 3 -> strip();
            case 4 -> bend();
            case 5 -> forge(victim);
            case 6 -> weakClear();
            case 7 -> weakOrder();
            case 8 -> forgeSession(victim);
            case 9 -> forgeDevice(victim, keys.foreign);
            case 10 -> forgeDevice(victim, newest());
            case 11 -> disgraced(victim);
            default -> flood(victim);
        }
    }

    /** Something that was said to somebody is said again to somebody. */
    private void repeat(Pole victim) {
        if (overheard.isEmpty()) return;
        var again = overheard.get(random.nextInt(overheard.size()));
        world.tell("attacker", () -> "repeats " + again.topic() + " to " + victim);
        broker.publishDown(
                random.nextBoolean()
                        ? again.topic()
                        : topics.rsp(victim.profile().id()),
                again.payload(),
                false);
    }

    /** An old message takes the retained place of the present one. */
    private void oldState() {
        if (overheard.isEmpty()) return;
        var old = overheard.get(random.nextInt(overheard.size()));
        world.tell("attacker", () -> "retains old " + old.topic());
        broker.publishDown(old.topic(), old.payload(), true);
    }

    private void garbage(Pole victim) {
        var noise = new byte[1 + random.nextInt(300)];
        random.nextBytes(noise);
        world.tell("attacker", () -> "noise to " + victim);
        var id = victim.profile().id();
        broker.publishDown(
                random.nextBoolean() ? topics.rsp(id) : topics.plan(id), Bytes.of(noise), random.nextBoolean());
    }

    /** Lines of signatures are taken away or swapped. */
    private void strip() {
        var twice = overheard.stream().filter(message -> message.lines() == 2).toList();
        if (twice.isEmpty()) return;
        var whole = twice.get(random.nextInt(twice.size()));
        var text = whole.payload().toString();
        var first = text.indexOf('\n') + 1;
        var second = text.indexOf('\n', first) + 1;
        var bent =
                switch (random.nextInt(3)) {
                    case 0 -> text.substring(first);
                    case 1 -> text.substring(0, first) + text.substring(second);
                    default -> text.substring(first, second) + text.substring(0, first) + text.substring(second);
                };
        world.tell("attacker", () -> "strips or swaps lines of " + whole.topic());
        broker.publishDown(whole.topic(), utf8(bent), random.nextBoolean());
    }

    /** One byte is changed. */
    private void bend() {
        if (overheard.isEmpty()) return;
        var right = overheard.get(random.nextInt(overheard.size()));
        var bytes = right.payload().toArray();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        world.tell("attacker", () -> "bends " + right.topic());
        broker.publishDown(right.topic(), Bytes.of(bytes), random.nextBoolean());
    }

    /** Welcomes, acknowledgements and orders under a key of his own, which bears an officer's or the server's name. */
    private void forge(Pole victim) {
        var id = victim.profile().id();
        var now = world.now();
        var to = Scope.of(id);
        var head = new Head(Keyring.SYS, to, now, now, now + 3_600_000L);
        var bytes = new byte[16];
        random.nextBytes(bytes);
        world.tell("attacker", () -> "forges for " + victim);
        var document =
                switch (random.nextInt(3)) {
                    case 0 ->
                        new Welcome(
                                head,
                                Nonce.of(bytes),
                                1,
                                java.util.Map.of(),
                                new JournalAck(new JournalId("00000000"), 9_999, true));
                    case 1 -> new Jack(head, new JournalAck(new JournalId("00000000"), 9_999, true));
                    default -> Now.of(head, keys.foreign.kid(), List.of(order(now, 90)));
                };
        var signer = document instanceof Now ? keys.foreign : forged;
        broker.publishDown(topics.rsp(id), notary.composeByCurve(signer, document), false);
    }

    /** The stolen key clears: what is above its rank, or elsewhere, must go on. */
    private void weakClear() {
        var to = scope();
        var now = world.now();
        var head = new Head(Keyring.SYS, to, now, now, now + 86_400_000L);
        var key = stolen();
        world.tell("attacker", () -> "clears " + to + " with a weak key");
        publish(key, Now.allClear(head, key.kid()), to);
    }

    /** The stolen key orders: within its rank and area it may, and everybody hears it. */
    private void weakOrder() {
        var to = random.nextBoolean() ? Scope.of(Keyring.STOLEN_AREA) : scope();
        var now = world.now();
        var pri = 80 + random.nextInt(5);
        var head = new Head(Keyring.SYS, to, now, now, now + 3_600_000L);
        var key = stolen();
        var document = Now.of(head, key.kid(), List.of(order(now, pri)));
        var lawful =
                pri <= Keyring.STOLEN_PRI && to instanceof Scope.Area area && Keyring.STOLEN_AREA.covers(area.area());
        world.tell("attacker", () -> "orders pri " + pri + " for " + to + " with a stolen key");
        // Its own area is deeper than the quorum's depth, so one signature is enough there.
        if (lawful) {
            auditor.possible(to, document, poles);
            // Now and then somebody hears it and asks who that was.
            if (random.nextInt(3) == 0) world.in(3_000 + random.nextInt(90_000), server::revokeCommune);
        }
        publish(key, document, to);
    }

    /** Mostly the newest; the older ones are revoked, as far as that is known. */
    private SigningKey stolen() {
        var all = keys.thieved();
        return random.nextInt(3) == 0 ? all.get(random.nextInt(all.size())) : newest();
    }

    private void publish(SigningKey key, Now document, Scope to) {
        broker.publishDown(topics.now(to, document.by()), notary.composeByCurve(key, document), random.nextBoolean());
    }

    /** The commune's key that is valid now. */
    private SigningKey newest() {
        return keys.thieved().get(keys.thieved().size() - 1);
    }

    /** A chunk in somebody's session, ahead of all that is to come. */
    private void speakInBetween(String topic, LiveFrame heard) {
        for (var sid : server.standingSessions()) {
            if (!heard.isOf(sid)) continue;
            var sound = new byte[heard.payload().size()];
            random.nextBytes(sound);
            var frame = LiveFrame.sign(
                    message -> notary.signByCurve(keys.foreign, message),
                    sid,
                    false,
                    heard.n() + 2,
                    heard.playAt() + 1_500,
                    sound);
            world.tell("attacker", () -> "speaks in " + sid);
            speaking = true;
            broker.publishDown(topic, Bytes.of(frame.encode()), false);
            speaking = false;
        }
    }

    /** A session under a key that only bears the right name. */
    private void forgeSession(Pole victim) {
        world.tell("attacker", () -> "has " + victim + " listen to him");
        session(victim, forged);
    }

    private void session(Pole victim, SigningKey signer) {
        var now = world.now();
        var to = Scope.of(victim.profile().id());
        var head = new Head(Keyring.SYS, to, now, now, now + 3_600_000L);
        var message = notary.composeByCurve(signer, Ses.of(head, List.of(order(now, 60))));
        broker.publishDown(topics.ses(to), message, random.nextBoolean());
    }

    /** A command and firmware, signed by whoever may sign neither. */
    private void forgeDevice(Pole victim, SigningKey signer) {
        var id = victim.profile().id();
        var now = world.now();
        world.tell("attacker", () -> "commands " + victim + " as " + signer.kid());
        var image = new byte[32];
        random.nextBytes(image);
        var brief = new Head(Keyring.SYS, Scope.of(id), now, now, now + 100_000L);
        var op = random.nextBoolean() ? new Op.Reboot() : new Op.Identify(1 + random.nextInt(60));
        for (var document : List.of(
                new Cmd(brief, new Cid("evil" + sids++), op),
                new Firmware(
                        brief, "loalang-pc", "6.6." + sids, 1 << 20, 60_000, Hash.ofDigest(image), Optional.empty()))) {
            broker.publishDown(topics.rsp(id), notary.composeByCurve(signer, document), false);
        }
    }

    /** What the scheduler's former keys may not do any more where their disgrace is known. */
    private void disgraced(Pole victim) {
        for (var key : keys.disgraced()) {
            if (!auditor.knowsBad(victim, key.kid())) continue;
            world.tell("attacker", () -> "uses " + key.kid() + " on " + victim);
            session(victim, key);
            forgeDevice(victim, key);
        }
    }

    private void flood(Pole victim) {
        world.tell("attacker", () -> "floods " + victim);
        var id = victim.profile().id();
        var now = world.now();
        var head = new Head(Keyring.SYS, Scope.of(id), now, now, now + 3_600_000L);
        var message = notary.composeByCurve(keys.foreign, Now.of(head, keys.foreign.kid(), List.of(order(now, 99))))
                .toArray();
        for (int i = 0; i < 60; i++) {
            message[message.length - 3 - random.nextInt(20)] ^= 1;
            broker.publishDown(topics.rsp(id), Bytes.of(message), false);
        }
    }

    private Entry order(long now, int pri) {
        return Entry.of(
                new Sid("evil-" + world.random("sid").nextInt(1, 9) + "-" + sids++),
                OrderStatus.ACTUAL,
                pri,
                now,
                now + 60_000 + random.nextInt(600_000),
                List.of(new Step.Tone(Step.Pattern.WAIL, 2, 5, 1)));
    }

    private Scope scope() {
        var areas = List.of("37", "37.1", "37.1.1", "37.2", "37.2.1");
        return Scope.of(new AreaPath(areas.get(random.nextInt(areas.size()))));
    }

    private static int lines(Bytes message) {
        var lines = 0;
        for (int i = 0; i < message.size(); i++) {
            if (message.at(i) == '{') return lines;
            if (message.at(i) == '\n') lines++;
        }
        return 0;
    }

    private static Bytes utf8(String text) {
        return Bytes.of(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
