package vn.loalang.delivery;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import vn.loalang.area.Authority;
import vn.loalang.area.Durability;
import vn.loalang.area.StationId;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.broadcast.OrderPlan;
import vn.loalang.broadcast.Origin;
import vn.loalang.broadcast.Priority;
import vn.loalang.broadcast.Status;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.LiveFrame;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Ses;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.Step;
import vn.loalang.protocol.Topics;
import vn.loalang.protocol.Typ;

/**
 * Live voice: a session in the {@code ses} document of its scopes, and signed chunks at most once. Each session has a key of
 * its own that dies with it, so whoever makes the sound holds no key of the deployment.
 */
@Component
public class LiveSessions {
    private static final Logger log = LoggerFactory.getLogger(LiveSessions.class);
    private static final Duration LIFE = Duration.ofHours(1);

    private final Insistence insistence;
    private final Clock clock;
    private final KeyStore keys;
    private final Topics topics;
    private final Documents documents;
    private final Broadcasts broadcasts;
    private final Addressees addressees;
    private final Durability durability;
    private final Ladder ladder;
    private final Post post;
    private final ClockCheck clockCheck;
    private final Abilities abilities;
    private final InForce inForce;
    private final SecureRandom random = new SecureRandom();
    private final Map<BroadcastId, SessionKey> open = new HashMap<>();
    /** Held while a session is opened, so that nobody takes it for one that was left behind. */
    private final Object opening = new Object();

    LiveSessions(
            Insistence insistence,
            Clock clock,
            KeyStore keys,
            Topics topics,
            Documents documents,
            Broadcasts broadcasts,
            Addressees addressees,
            Durability durability,
            Ladder ladder,
            Post post,
            ClockCheck clockCheck,
            Abilities abilities,
            InForce inForce) {
        this.insistence = insistence;
        this.clock = clock;
        this.keys = keys;
        this.topics = topics;
        this.documents = documents;
        this.broadcasts = broadcasts;
        this.addressees = addressees;
        this.durability = durability;
        this.ladder = ladder;
        this.post = post;
        this.clockCheck = clockCheck;
        this.abilities = abilities;
        this.inForce = inForce;
    }

    /**
     * A session as its author wants it.
     *
     * @param scopes areas or single boxes, at least one
     * @param priority number on the wire: 60 to 69 for a person speaking, 20 to 59 for a relay
     * @param volume percent, 10 to 100
     * @param life its end whatever is said, at most 1 h
     * @param codec of the chunks, {@code mp3}
     * @param chunk length of one chunk, 240 ms to 1 s
     * @param jitter how long boxes hold chunks back, 1 to 10 s
     * @param alt what a box plays that cannot take part
     */
    public record NewSession(
            StationId station,
            Authority authority,
            String title,
            Set<Scope> scopes,
            int priority,
            int volume,
            Duration life,
            String codec,
            Duration chunk,
            Duration jitter,
            Optional<Step> alt) {
        public NewSession {
            scopes = Set.copyOf(scopes);
            if (scopes.isEmpty() || life.compareTo(LIFE) > 0) {
                throw new IllegalArgumentException("a session is for somebody and lasts at most " + LIFE);
            }
        }
    }

    /** A session that is on. */
    public record Session(BroadcastId id, Set<Scope> scopes) {
        public Session {
            scopes = Set.copyOf(scopes);
        }

        /** Its name on the wire. */
        public Sid sid() {
            return new Sid(id.toString());
        }
    }

    private static final class SessionKey {
        private final SigningKey key;
        private long next = 1;
        private boolean lastSaid;
        private @Nullable Instant first;
        private @Nullable Instant end;
        /** Scopes in which it is over already. */
        private final Set<Scope> silent = new HashSet<>();

        SessionKey(SigningKey key) {
            this.key = key;
        }
    }

    /**
     * Opens a session; when this returns it is stored and its document is on its way.
     *
     * @throws Refusal while the server's clock is wrong
     */
    public Session open(NewSession wanted) {
        clockCheck.require();
        synchronized (opening) {
            return opened(wanted);
        }
    }

    private Session opened(NewSession wanted) {
        var key = SigningKey.generate(new Kid("l1"), random);
        var now = clock.instant();
        var end = now.plus(wanted.life());
        var issued = new ArrayList<Documents.Stored>();
        var session = insistence.until(() -> {
            issued.clear();
            var id = broadcasts.arm(new OrderPlan(
                    wanted.station(),
                    Priority.PRIORITY,
                    wanted.authority(),
                    Origin.LIVE,
                    Status.ACTUAL,
                    wanted.title(),
                    List.of(),
                    1,
                    Duration.ZERO,
                    wanted.life(),
                    wanted.volume(),
                    addressees.of(wanted.scopes()),
                    Map.of()));
            broadcasts.release(id, now, end);
            var entry = new Entry(
                    new Sid(id.toString()),
                    OrderStatus.ACTUAL,
                    wanted.priority(),
                    now.toEpochMilli(),
                    end.toEpochMilli(),
                    (int) wanted.life().toSeconds(),
                    1,
                    0,
                    wanted.volume(),
                    List.of(),
                    new Entry.Live(
                            key.publicKey(),
                            wanted.codec(),
                            (int) wanted.chunk().toMillis(),
                            (int) wanted.jitter().toMillis(),
                            wanted.alt()));
            documents.speakAlone();
            var able = wanted.scopes().stream().filter(this::takesLive).collect(Collectors.toSet());
            for (var scope : Documents.inOrder(able)) {
                var act = new ArrayList<>(live(scope, now));
                act.add(entry);
                issued.add(issue(scope, act, now));
            }
            durability.confirm();
            return new Session(id, able);
        });
        synchronized (open) {
            open.put(session.id(), new SessionKey(key));
        }
        var unused = ladder.publish(issued);
        ladder.settle(session.id(), now, end);
        return session;
    }

    /**
     * Sends the next chunk to everybody in the session.
     *
     * @param playAt when its first sample shall sound
     * @param payload whole frames of the codec
     * @return whether the session is open here
     */
    public boolean send(Session session, Instant playAt, byte[] payload) {
        return send(session, false, playAt, payload);
    }

    /**
     * Says that nothing follows, so that boxes end by themselves when what they hold has sounded; {@link #close} comes after that.
     *
     * @param playAt when the sound sent last is over
     * @return whether the session is open here
     */
    public boolean last(Session session, Instant playAt) {
        return send(session, true, playAt, new byte[0]);
    }

    /**
     * Ends a session in a part of its places within a second, also where it was opened for more than that; elsewhere it goes on.
     *
     * @param where areas
     */
    public void silence(Session session, Set<Scope> where) {
        var now = clock.instant();
        var own = session.scopes().stream()
                .filter(scope -> where.stream().anyMatch(place -> ladder.covers(place, scope)))
                .collect(Collectors.toSet());
        var rows = new HashSet<>(own);
        where.stream()
                .filter(place -> session.scopes().stream().anyMatch(wide -> ladder.covers(wide, place)))
                .forEach(rows::add);
        synchronized (open) {
            var mine = open.get(session.id());
            if (mine == null) {
                return;
            }
            mine.silent.addAll(own);
        }
        var issued = insistence.until(() -> {
            documents.speakAlone();
            broadcasts.silence(session.id(), addressees.of(where));
            var changed = new ArrayList<Documents.Stored>();
            for (var scope : Documents.inOrder(rows)) {
                var act = without(session, scope, now);
                if (!own.contains(scope)) {
                    inForce.around(Row.ses(scope), session.sid(), now)
                            .ifPresent(wide -> act.add(InForce.over(wide, now)));
                }
                changed.add(issue(scope, act, now));
            }
            durability.confirm();
            return changed;
        });
        var unused = ladder.publish(issued);
    }

    private List<Entry> without(Session session, Scope scope, Instant now) {
        return live(scope, now).stream()
                .filter(entry -> !entry.sid().equals(session.sid()))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** Ends a session at once: a last, empty chunk unless that was said, then the document without it. */
    public void close(Session session) {
        SessionKey mine;
        synchronized (open) {
            mine = open.get(session.id());
        }
        if (mine == null) {
            forget(session, clock.instant(), Duration.ZERO);
            return;
        }
        if (!mine.lastSaid) {
            send(session, true, clock.instant(), new byte[0]);
        }
        synchronized (open) {
            open.remove(session.id());
        }
        var end = mine.end == null ? clock.instant() : mine.end;
        var first = mine.first;
        // Chunks are sent ahead: whoever is ended before the first one was due was not heard.
        forget(session, end, first != null && first.isBefore(end) ? Duration.between(first, end) : Duration.ZERO);
    }

    /**
     * Ends the sessions that an earlier run of the server left behind: their keys died with it, nobody can speak in them any more.
     *
     * @return what was ended
     */
    List<BroadcastId> closeLeftBehind() {
        synchronized (opening) {
            var now = clock.instant();
            var scopes = new LinkedHashMap<BroadcastId, Set<Scope>>();
            for (var document : documents.currentSessions(now)) {
                for (var entry : live(document.scope(), now)) {
                    BroadcastId.parse(entry.sid().value())
                            .ifPresent(id -> scopes.computeIfAbsent(id, key -> new HashSet<>())
                                    .add(document.scope()));
                }
            }
            synchronized (open) {
                scopes.keySet().removeAll(open.keySet());
            }
            scopes.forEach((id, where) -> forget(new Session(id, where), now, Duration.ZERO));
            return List.copyOf(scopes.keySet());
        }
    }

    @EventListener(ApplicationReadyEvent.class)
    void tidy() {
        var ended = closeLeftBehind();
        if (!ended.isEmpty()) {
            log.info("Live sessions that the last run left behind are ended: {}", ended);
        }
    }

    private void forget(Session session, Instant end, Duration sound) {
        var now = clock.instant();
        var issued = insistence.until(() -> {
            documents.speakAlone();
            var changed = new ArrayList<Documents.Stored>();
            for (var scope : Documents.inOrder(session.scopes())) {
                changed.add(issue(scope, without(session, scope, now), now));
            }
            broadcasts.over(session.id(), end, sound);
            durability.confirm();
            return changed;
        });
        var unused = ladder.publish(issued);
    }

    private boolean send(Session session, boolean last, Instant playAt, byte[] payload) {
        byte[] frame;
        var scopes = new HashSet<>(session.scopes());
        synchronized (open) {
            var mine = open.get(session.id());
            if (mine == null) {
                return false;
            }
            mine.lastSaid |= last;
            mine.end = playAt;
            if (mine.first == null) {
                mine.first = playAt;
            }
            scopes.removeAll(mine.silent);
            frame = LiveFrame.sign(mine.key, session.sid(), last, mine.next++, playAt.toEpochMilli(), payload)
                    .encode();
        }
        for (var scope : scopes) {
            var unused = post.live(topics.live(scope, session.sid()), frame).whenComplete((done, failure) -> {
                if (failure != null) {
                    log.debug("A chunk did not leave", failure);
                }
            });
        }
        return true;
    }

    /** A single box that lacks the profile gets none of it; its playback will say that it was not reached. */
    private boolean takesLive(Scope scope) {
        return !(scope instanceof Scope.Device device && abilities.lacks(device.id(), Typ.SES));
    }

    private List<Entry> live(Scope scope, Instant now) {
        var row = Row.ses(scope);
        return inForce.in(row, documents.current(scope, row).orElse(null), now);
    }

    private Documents.Stored issue(Scope scope, List<Entry> act, Instant now) {
        var row = Row.ses(scope);
        var seq = documents.nextSeq(scope, row, now);
        var iat = now.toEpochMilli();
        var exp = Math.max(
                iat + LIFE.toMillis(),
                act.stream().mapToLong(Entry::until).max().orElse(0));
        var message = Envelope.compose(List.of(keys.online()), Ses.of(new Head(keys.sys(), scope, seq, iat, exp), act));
        var issued = documents.issue(
                new Documents.Fresh(
                        scope,
                        row,
                        topics.ses(scope),
                        scope instanceof Scope.Device device ? device.id() : null,
                        null,
                        seq,
                        now,
                        Hash.of(message).hex(),
                        InForce.items(act, now),
                        List.of(),
                        Bytes.of(message),
                        Instant.ofEpochMilli(exp)),
                Documents.FIRST);
        ladder.watch(List.of(issued), now);
        return issued;
    }
}
