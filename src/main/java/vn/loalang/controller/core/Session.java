package vn.loalang.controller.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Nonce;
import vn.loalang.protocol.Presence;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Timers;
import vn.loalang.protocol.Topics;
import vn.loalang.protocol.Welcome;

/** The way to the server (§3, §6): connecting with pauses, subscribing in the safe order, hello until a welcome answers it. */
final class Session {
    /** A connection attempt that answers nothing at all is given up after this. */
    private static final long ATTEMPT_MS = 60_000;

    private static final long CONNECTS_PER_BOOT = 4096;

    private enum State {
        DOWN,
        CONNECTING,
        UP
    }

    private record Sent(Nonce nonce, long mono) {}

    /** What a hello tells beyond the session itself. */
    interface Self {
        Map<Row, Long> marks();

        void helloSent(Nonce nonce);

        /** Nobody welcomed this device in time: emergencies are taken without a welcome (SES-3). */
        void welcomeOverdue();

        List<AreaPath> areas();

        int keepAliveSeconds();
    }

    private final Profile profile;
    private final long boot;
    private final TrustedTime time;
    private final Journal journal;
    private final Faults faults;
    private final Self self;
    private final Outputs out;
    private final RandomGenerator random;
    private final Topics topics;
    private final ArrayDeque<Sent> nonces = new ArrayDeque<>();
    private final Set<String> refused = new HashSet<>();
    private State state = State.DOWN;
    /** Number of the newest connection (SES-8); the next will bears the next one. */
    private long sn;

    private long nextAttemptMono;
    private int failures;
    private long attemptMono;
    private int hellos;
    private long nextHelloMono = Long.MAX_VALUE;
    private @Nullable Long welcomedMono;
    private long resyncMono = Long.MAX_VALUE;
    private int resyncLeft;
    /** When one more hello sets the clock closer [SES-6b]. */
    private long closerMono = Long.MAX_VALUE;

    private long refusedRetryMono = Long.MAX_VALUE;
    /** When the last repetition counts as granted, because nobody refused it. */
    private long refusedOverMono = Long.MAX_VALUE;
    /** Repetitions since the session or the site began anew. */
    private int refusedRounds;

    private List<AreaPath> subscribedAreas = List.of();
    /** Areas whose documents are asked for once a welcome has named what is current in them (SES-7). */
    private List<AreaPath> areasAwaitingWelcome = List.of();

    private long overdueMono = Long.MAX_VALUE;

    Session(
            Profile profile,
            long boot,
            TrustedTime time,
            Journal journal,
            Faults faults,
            Self self,
            Outputs out,
            RandomGenerator random) {
        this.profile = profile;
        this.boot = boot;
        this.time = time;
        this.journal = journal;
        this.faults = faults;
        this.self = self;
        this.out = out;
        this.random = random;
        this.sn = boot * CONNECTS_PER_BOOT - 1;
        this.topics = new Topics(profile.claim().sys());
        var firstMs = profile.pace().firstMs();
        if (profile.bench()) nextAttemptMono = Long.MAX_VALUE;
        else nextAttemptMono = firstMs == 0 ? 0 : random.nextLong(firstMs);
    }

    boolean linked() {
        return state == State.UP;
    }

    boolean welcomed() {
        return welcomedMono != null;
    }

    void link(boolean up) {
        var mono = time.mono();
        if (!up) {
            if (state == State.DOWN) return;
            if (welcomedMono != null && mono - welcomedMono >= Timers.SESSION_PROVEN.toMillis()) failures = 0;
            state = State.DOWN;
            welcomedMono = null;
            nextHelloMono = Long.MAX_VALUE;
            var pause = Math.min(profile.pace().longestMs(), profile.pace().pauseMs() * (1L << Math.min(failures, 16)));
            failures++;
            nextAttemptMono = mono + Math.round(pause * (0.5 + random.nextDouble()));
            out.add(new Output.Say("No link; next attempt in " + (nextAttemptMono - mono + 999) / 1000
                    + " s. What is planned goes on."));
            return;
        }
        if (state == State.UP) return;
        state = State.UP;
        sn = nextSn();
        nonces.clear();
        hellos = 0;
        welcomedMono = null;
        refused.clear();
        refusedRetryMono = Long.MAX_VALUE;
        refusedOverMono = Long.MAX_VALUE;
        refusedRounds = 0;
        closerMono = Long.MAX_VALUE;
        faults.clear(Fault.ACL);
        time.resync();
        journal.sessionBegins();
        subscribedAreas = self.areas();
        areasAwaitingWelcome = List.of();
        overdueMono = mono + Timers.WELCOME_OVERDUE.toMillis();
        out.add(new Output.Subscribe(topics.beforeWelcome(profile.id(), subscribedAreas)));
        out.add(new Output.Publish(topics.st(profile.id()), 1, true, Bytes.of(new Presence(true, sn).encode())));
        hello();
    }

    void tick() {
        var mono = time.mono();
        if (state == State.DOWN && mono >= nextAttemptMono) connect(mono);
        if (state == State.CONNECTING && mono - attemptMono > ATTEMPT_MS) link(false);
        if (state != State.UP) return;
        if (mono >= nextHelloMono) hello();
        if (mono >= overdueMono) {
            overdueMono = Long.MAX_VALUE;
            self.welcomeOverdue();
            out.add(new Output.Subscribe(topics.withoutWelcome(profile.id(), subscribedAreas)));
            out.add(new Output.Say("No server welcomes this controller; emergencies are taken without one."));
        }
        if (mono >= resyncMono) {
            resyncMono = Long.MAX_VALUE;
            resyncLeft = Timers.RESYNC_HELLOS;
            time.resync();
            hello();
        }
        if (mono >= closerMono) {
            closerMono = Long.MAX_VALUE;
            hello();
        }
        if (mono >= refusedRetryMono) {
            refusedRetryMono = Long.MAX_VALUE;
            refusedOverMono = mono + Timers.SUBSCRIBE_STANDS.toMillis();
            out.add(new Output.Subscribe(new ArrayList<>(refused)));
            refused.clear();
        }
        if (mono >= refusedOverMono) {
            refusedOverMono = Long.MAX_VALUE;
            refusedRounds = 0;
            faults.clear(Fault.ACL);
        }
    }

    /** The broker refused a topic: a fault until it grants it; tried again soon, then ever more rarely [CON-9]. */
    void subscriptionRefused(String topic) {
        if (state != State.UP) return;
        refused.add(topic);
        refusedOverMono = Long.MAX_VALUE;
        faults.set(Fault.ACL);
        if (refusedRetryMono == Long.MAX_VALUE) {
            var pause = Math.min(
                    Timers.SUBSCRIBE_RETRY_MAX.toMillis(),
                    Timers.SUBSCRIBE_RETRY_FIRST.toMillis() << Math.min(refusedRounds, 16));
            refusedRounds++;
            retryRefusedAfter(pause);
        }
        out.add(new Output.Say("The broker refuses " + topic + "; tried again in "
                + (refusedRetryMono - time.mono() + 999) / 1000 + " s."));
    }

    private void retryRefusedAfter(long pause) {
        refusedRetryMono = time.mono() + Math.round(pause * (0.5 + random.nextDouble()));
    }

    /** An accepted welcome opens the session, or renews its clock; returns the round trip in ms. */
    long welcome(Welcome welcome) {
        var mono = time.mono();
        var roundTrip = nonces.stream()
                .filter(s -> s.nonce().equals(welcome.bn()))
                .mapToLong(s -> mono - s.mono())
                .findFirst()
                .orElse(Timers.SYNC_ROUND_TRIP.toMillis() + 1);
        var first = welcomedMono == null;
        if (first) {
            welcomedMono = mono;
            overdueMono = Long.MAX_VALUE;
            out.add(new Output.Subscribe(topics.afterWelcome(profile.id(), subscribedAreas, profile.live())));
            out.add(new Output.Say("Welcomed after " + roundTrip + " ms; documents and audio come now."));
        } else {
            out.add(new Output.Say("Welcomed once more, after " + roundTrip + " ms."));
        }
        if (!areasAwaitingWelcome.isEmpty()) {
            out.add(new Output.Subscribe(areaTopics(areasAwaitingWelcome)));
            areasAwaitingWelcome = List.of();
        }
        hellos = 0;
        resyncLeft = Math.max(0, resyncLeft - 1);
        if (roundTrip <= Timers.CLOSE_ROUND_TRIP.toMillis()) closerMono = Long.MAX_VALUE;
        else if (first) closerMono = mono + closerPause();
        if (resyncLeft > 0) {
            nextHelloMono = mono + Timers.RESYNC_HELLO_GAP.toMillis();
            return roundTrip;
        }
        resyncMono = mono + Timers.RESYNC.toMillis();
        nextHelloMono = Long.MAX_VALUE;
        return roundTrip;
    }

    private long closerPause() {
        return random.nextLong(Timers.CLOSER_HELLO_FROM.toMillis(), Timers.CLOSER_HELLO_TO.toMillis());
    }

    /** A new site: what was refused is tried again soon (CON-9); with other areas other keys topics, then a new hello (SES-7). */
    void siteChanged() {
        if (state != State.UP) return;
        refusedRounds = 0;
        if (!refused.isEmpty()) {
            refusedRounds = 1;
            retryRefusedAfter(Timers.SUBSCRIBE_RETRY_FIRST.toMillis());
        }
        if (self.areas().equals(subscribedAreas)) return;
        var old = subscribedAreas;
        subscribedAreas = self.areas();
        var gone = old.stream().filter(a -> !subscribedAreas.contains(a)).toList();
        var fresh = subscribedAreas.stream().filter(a -> !old.contains(a)).toList();
        if (!gone.isEmpty()) {
            var topicsGone = Stream.concat(keysTopics(gone).stream(), areaTopics(gone).stream())
                    .toList();
            out.add(new Output.Unsubscribe(topicsGone));
            topicsGone.forEach(refused::remove);
            if (refused.isEmpty() && refusedRetryMono != Long.MAX_VALUE) {
                refusedRetryMono = Long.MAX_VALUE;
                faults.clear(Fault.ACL);
            }
        }
        if (!fresh.isEmpty()) out.add(new Output.Subscribe(keysTopics(fresh)));
        if (welcomed()) areasAwaitingWelcome = fresh;
        hello();
    }

    private List<String> keysTopics(List<AreaPath> areas) {
        return areas.stream().map(topics::keys).toList();
    }

    /** Orders before sessions. */
    private List<String> areaTopics(List<AreaPath> areas) {
        var scopes = areas.stream().map(Scope::of).toList();
        return Stream.concat(
                        scopes.stream().map(topics::everyNow),
                        profile.live() ? scopes.stream().map(topics::ses) : Stream.<String>empty())
                .toList();
    }

    /** The journal began a new epoch: the server acknowledges it only once a hello has named it. */
    void journalRenewed() {
        if (state == State.UP) hello();
    }

    /** What to say when leaving in good order. */
    Output.Publish goodbye() {
        return new Output.Publish(topics.st(profile.id()), 1, true, Bytes.of(new Presence(false, sn).encode()));
    }

    /** Uptime of the next thing to do. */
    OptionalLong nextWake() {
        return switch (state) {
            case DOWN -> OptionalLong.of(nextAttemptMono);
            case CONNECTING -> OptionalLong.of(attemptMono + ATTEMPT_MS + 1);
            case UP ->
                OptionalLong.of(LongStream.of(
                                nextHelloMono, overdueMono, resyncMono, closerMono, refusedRetryMono, refusedOverMono)
                        .min()
                        .orElseThrow());
        };
    }

    private long nextSn() {
        return Math.min(sn + 1, (boot + 1) * CONNECTS_PER_BOOT - 1);
    }

    private void connect(long mono) {
        state = State.CONNECTING;
        attemptMono = mono;
        out.add(new Output.Connect(
                topics.st(profile.id()), Bytes.of(new Presence(false, nextSn()).encode()), self.keepAliveSeconds()));
    }

    private void hello() {
        var mono = time.mono();
        var bytes = new byte[16];
        random.nextBytes(bytes);
        var nonce = Nonce.of(bytes);
        self.helloSent(nonce);
        nonces.addFirst(new Sent(nonce, mono));
        while (nonces.size() > Timers.NONCES_VALID) nonces.removeLast();
        var pauses = Timers.HELLO_UNANSWERED;
        nextHelloMono = mono + pauses.get(Math.min(hellos, pauses.size() - 1)).toMillis();
        hellos++;
        var hello = new Hello(
                nonce,
                sn,
                boot,
                profile.why(),
                profile.firmware(),
                profile.hardware(),
                List.of(1),
                profile.profiles(),
                List.of(),
                new Hello.Capabilities(
                        Profile.CODECS, profile.packetBytes(), profile.storeBytes() / 1024, profile.proof(), true),
                time.reading(),
                time.floor(),
                self.marks(),
                journal.summary());
        out.add(new Output.Publish(topics.hello(profile.id()), 1, false, Bytes.of(hello.encode())));
    }
}
