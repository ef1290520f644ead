package vn.loalang.live;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.MessageSource;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.stereotype.Component;
import vn.loalang.access.Access;
import vn.loalang.access.Authorities;
import vn.loalang.access.Deeds;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.area.Area;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.Refusal;
import vn.loalang.area.StationId;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.delivery.LiveSessions;
import vn.loalang.fleet.Pole;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Step;
import vn.loalang.sound.CanonicalMp3;
import vn.loalang.web.LiveUpdates;
import vn.loalang.web.Times;
import vn.loalang.web.Topic;

/**
 * People who speak live, at each place one at a time. Who opened is on the air after {@link #COUNTDOWN}, while the
 * loudspeakers sound a chime; everything said is recorded. It ends with a chime however it ends: the speaker's wish, the
 * longest time, a browser that fell silent, a speaker who signed out or may not speak there any more, a server that stops.
 */
@Component
public class LiveVoice implements SmartLifecycle {
    /** Between opening and the first word. */
    public static final Duration COUNTDOWN = Duration.ofSeconds(3);

    static final Topic TOPIC = Topic.of("live");

    private static final Logger log = LoggerFactory.getLogger(LiveVoice.class);
    /** Boxes need a moment to hear of the session before its first sound leaves. */
    private static final Duration CHIME_AFTER = Duration.ofMillis(800);
    /** The session's document goes when the last sound is over everywhere. */
    private static final Duration CLOSE_AFTER = Duration.ofSeconds(1);

    private static final Duration WATCH = Duration.ofMillis(250);
    /** How long somebody who has lost the right may still be heard at most. */
    private static final Duration RIGHTS_EVERY = Duration.ofSeconds(1);

    private static final Duration SPARE = Duration.ofSeconds(30);
    private static final int MOST_SCOPES = 20;
    private static final int LONGEST_REASON = 200;
    private static final String CODEC = "mp3";

    /** What boxes sound that cannot take part: short, since without it they would sound the tone of alarm for ten seconds. */
    private static final Step UNHEARD = new Step.Tone(Step.Pattern.STEADY, 1, 1, 0);

    /** What is stored is read by everybody. */
    private static final Locale STORED = Locale.forLanguageTag("vi");

    private final LiveSessions sessions;
    private final Speeches speeches;
    private final Tapes tapes;
    private final SpeakingPlaces places;
    private final Access access;
    private final Authorities authorities;
    private final Areas areas;
    private final Deeds deeds;
    private final Times times;
    private final MessageSource messages;
    private final LiveUpdates live;
    private final LiveSettings settings;
    private final Clock clock;
    private final Map<BroadcastId, OnAir> known = new ConcurrentHashMap<>();
    private volatile @Nullable Workers workers;

    LiveVoice(
            LiveSessions sessions,
            Speeches speeches,
            Tapes tapes,
            SpeakingPlaces places,
            Access access,
            Authorities authorities,
            Areas areas,
            Deeds deeds,
            Times times,
            MessageSource messages,
            LiveUpdates live,
            LiveSettings settings,
            Clock clock) {
        this.sessions = sessions;
        this.speeches = speeches;
        this.tapes = tapes;
        this.places = places;
        this.access = access;
        this.authorities = authorities;
        this.areas = areas;
        this.deeds = deeds;
        this.times = times;
        this.messages = messages;
        this.live = live;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * How a speech stands.
     *
     * @param spoken how long the person has been on the air
     * @param left until it ends by itself
     * @param ending null while it lasts
     */
    public record Standing(
            BroadcastId id,
            Duration spoken,
            Duration left,
            @Nullable Ending ending) {}

    /**
     * Who speaks now: for screens that must say that the air is taken.
     *
     * @param ground the highest areas that were chosen
     * @param places the same in words
     */
    public record Speaker(
            BroadcastId id, long personId, String name, Instant since, List<AreaPath> ground, String places) {
        public Speaker {
            ground = List.copyOf(ground);
        }
    }

    /**
     * What whoever asks may do about somebody who speaks.
     *
     * @param end end it everywhere, without giving a reason
     * @param poles on so many poles of his own he may end it as their leader, giving a reason
     * @param places where these are
     * @param whole whether nobody else hears it
     */
    record Allowed(boolean end, int poles, List<AreaPath> places, boolean whole) {
        private static final Allowed NOTHING = new Allowed(false, 0, List.of(), false);
        private static final Allowed END = new Allowed(true, 0, List.of(), false);

        Allowed {
            places = List.copyOf(places);
        }
    }

    /** One speech between opening and the end of its last sound. Guarded by itself. */
    private static final class OnAir {
        final LiveSessions.Session session;
        final StationId station;
        final SignedIn by;
        final Set<AreaPath> where;
        final List<AreaPath> ground;
        final String places;
        final Authority authority;
        final Instant opened;
        final Instant onAir;
        final Speech speech;
        /** Where it is over already. */
        final Set<AreaPath> silent = new HashSet<>();

        Instant heard;
        Instant judged;
        long received;

        @Nullable
        Ending ending;

        @Nullable
        ScheduledFuture<?> watch;

        OnAir(
                LiveSessions.Session session,
                StationId station,
                SignedIn by,
                Set<AreaPath> where,
                List<AreaPath> ground,
                String places,
                Authority authority,
                Instant opened,
                Speech speech) {
            this.session = session;
            this.station = station;
            this.by = by;
            this.where = where;
            this.ground = ground;
            this.places = places;
            this.authority = authority;
            this.opened = opened;
            this.onAir = opened.plus(COUNTDOWN);
            this.heard = onAir;
            this.judged = opened;
            this.speech = speech;
        }
    }

    private record Workers(ScheduledExecutorService timer, ExecutorService keeper) {}

    /**
     * Opens the air for whoever asks: the chime sounds, and after {@link #COUNTDOWN} what {@link #hear} brings.
     *
     * @param where whole areas, at least one
     * @throws Refusal when somebody speaks there already, or nobody would hear it, as in quiet hours
     * @throws AccessDeniedException when whoever asks is no operator there
     */
    public synchronized Standing open(StationId station, Set<AreaPath> where) {
        var me = access.me();
        var at = workers;
        if (at == null) {
            throw new Refusal("", "live.refused.stopping");
        }
        if (where.isEmpty() || where.size() > MOST_SCOPES) {
            throw new Refusal("area", "live.refused.where", MOST_SCOPES);
        }
        var chosen = where.stream()
                .map(path -> areas.find(path)
                        .filter(Area::active)
                        .orElseThrow(() -> new Refusal("area", "live.refused.area", path)))
                .sorted(Comparator.comparing(Area::path))
                .toList();
        chosen.forEach(area -> access.require(Role.OPERATOR, area.path()));
        var ground = highest(chosen).stream().map(Area::path).toList();
        speakers(station).stream()
                .filter(speaker -> speaker.ground().stream()
                        .anyMatch(area -> ground.stream().anyMatch(area::meets)))
                .findFirst()
                .ifPresent(speaker -> {
                    throw new Refusal(
                            "area", "live.refused.busy", speaker.name(), times.time(speaker.since()), speaker.places());
                });
        var poles = places.poles(station, ground);
        if (poles.isEmpty()) {
            throw new Refusal("area", "live.refused.nobody");
        }
        var quiet = places.quiet(poles);
        if (poles.stream().allMatch(pole -> quiet.contains(pole.area()))) {
            var hours = areas.quietHours(poles.get(0).area());
            throw new Refusal("area", "live.refused.quiet", times.time(hours.from()), times.time(hours.to()));
        }
        var now = clock.instant();
        var title =
                messages.getMessage("live.recording.title", new Object[] {times.date(now), times.time(now)}, STORED);
        var names = names(ground);
        var authority = authorities
                .of(access.scope(Role.OPERATOR), ground)
                .orElseThrow(() -> new AccessDeniedException("no operator"));
        var session = sessions.open(new LiveSessions.NewSession(
                station,
                authority,
                title,
                scopes(ground),
                priority(authority),
                settings.volume(),
                settings.longest().plus(COUNTDOWN).plus(SPARE),
                CODEC,
                Duration.ofMillis(Speech.CHUNK_MILLIS),
                settings.jitter(),
                Optional.of(UNHEARD)));
        try {
            deeds.run("live.opened", title, names, () -> speeches.add(session.id(), station, me, title, names, now));
            var speech = new Speech(
                    settings.jitter(),
                    tapes.begin(session.id()),
                    (playAt, chunk) -> sessions.send(session, playAt, chunk));
            var fresh = new OnAir(
                    session, station, me, Set.copyOf(where), ground, names, authority, clock.instant(), speech);
            known.put(session.id(), fresh);
            var unused = at.timer.schedule(() -> chime(fresh), CHIME_AFTER.toMillis(), TimeUnit.MILLISECONDS);
            fresh.watch = at.timer.scheduleWithFixedDelay(
                    () -> watch(fresh), WATCH.toMillis(), WATCH.toMillis(), TimeUnit.MILLISECONDS);
            live.changed(TOPIC);
            return standing(fresh);
        } catch (IOException e) {
            log.error("Live voice cannot be recorded, so it is not begun", e);
            sessions.close(session);
            throw new Refusal("", "live.refused.disk");
        }
    }

    /**
     * Takes samples: 16 bit, little endian, 24,000 a second, mono. What came already is passed over, so the same may be sent again.
     *
     * @param from number of the first sample within the speech; where it lies behind the end of what came, the rest was lost
     * @throws AccessDeniedException when somebody else speaks here
     */
    public Standing hear(BroadcastId id, long from, byte[] pcm) {
        var onAir = known.get(id);
        if (onAir == null) {
            return past(id);
        }
        if (onAir.by.personId() != access.me().personId()) {
            throw new AccessDeniedException("somebody else speaks");
        }
        if (!onAir.where.stream().allMatch(area -> access.may(Role.OPERATOR, area))) {
            end(onAir, Ending.RIGHTS);
            return standing(onAir);
        }
        synchronized (onAir) {
            if (onAir.ending == null) {
                var now = clock.instant();
                onAir.heard = now.isAfter(onAir.heard) ? now : onAir.heard;
                var samples = samples(pcm, (int) Math.max(0, Math.min(pcm.length / 2, onAir.received - from)));
                onAir.received = Math.max(onAir.received, from + pcm.length / 2);
                try {
                    onAir.speech.hear(samples, now);
                } catch (IOException e) {
                    log.error("What is said in {} cannot be recorded", id, e);
                    end(onAir, Ending.FAULT);
                }
            }
        }
        return standing(onAir);
    }

    /**
     * Ends what is said: everywhere and with a chime when it is one's own, or one speaks there with the same or a higher authority;
     * otherwise, for a leader, on the poles of his own places, within a second and with a reason. Where nobody else hears it that
     * is its end. What is over already stays so.
     *
     * @param reason up to {@value #LONGEST_REASON} characters
     * @throws AccessDeniedException when whoever asks may not
     * @throws Refusal when a reason is wanted and missing
     */
    public Standing end(BroadcastId id, String reason) {
        var onAir = known.get(id);
        if (onAir == null) {
            return past(id);
        }
        if (onAir.by.personId() == access.me().personId()) {
            end(onAir, Ending.FINISHED);
            return standing(onAir);
        }
        var allowed = allowed(onAir);
        if (allowed.end()) {
            end(onAir, Ending.STOPPED, by(onAir.places, true, ""));
        } else if (allowed.poles() > 0) {
            var clean = reason.strip();
            if (clean.isEmpty() || clean.length() > LONGEST_REASON) {
                throw new Refusal("reason", "live.refused.reason", LONGEST_REASON);
            }
            if (allowed.whole()) {
                end(onAir, Ending.STOPPED, by(onAir.places, true, clean));
            } else {
                silence(onAir, allowed.places(), by(names(allowed.places()), false, clean));
            }
        } else if (!over(onAir)) {
            throw new AccessDeniedException("somebody else speaks");
        }
        return standing(onAir);
    }

    private Speeches.Stop by(String places, boolean everywhere, String reason) {
        return new Speeches.Stop(access.me().name(), places, everywhere, clock.instant(), reason);
    }

    private void silence(OnAir onAir, List<AreaPath> where, Speeches.Stop stop) {
        sessions.silence(onAir.session, scopes(where));
        synchronized (onAir) {
            onAir.silent.addAll(where);
        }
        deeds.run("live.silenced", stop.places(), onAir.by.name() + ". " + stop.reason(), () -> {
            speeches.stopped(onAir.session.id(), stop);
            live.changed(TOPIC);
        });
    }

    /** What whoever asks may do about this speech of somebody else. */
    Allowed allowed(BroadcastId id) {
        var onAir = known.get(id);
        return onAir == null ? Allowed.NOTHING : allowed(onAir);
    }

    private Allowed allowed(OnAir onAir) {
        var same = authorities
                .of(access.scope(Role.OPERATOR), onAir.ground)
                .filter(mine -> mine.compareTo(onAir.authority) <= 0);
        if (same.isPresent()) {
            return Allowed.END;
        }
        var leads = access.scope(Role.APPROVER);
        if (leads.nothing() || over(onAir)) {
            return Allowed.NOTHING;
        }
        Set<AreaPath> silent;
        synchronized (onAir) {
            silent = Set.copyOf(onAir.silent);
        }
        var hearing = places.poles(onAir.station, onAir.ground).stream()
                .map(Pole::area)
                .filter(area -> silent.stream().noneMatch(over -> over.covers(area)))
                .toList();
        var own = hearing.stream().filter(leads::covers).toList();
        var where = onAir.ground.stream()
                .flatMap(area -> leads.covers(area)
                        ? Stream.of(area)
                        : leads.roots().stream().filter(area::covers))
                .filter(area -> own.stream().anyMatch(area::covers))
                .toList();
        return new Allowed(false, own.size(), where, own.size() == hearing.size());
    }

    private static boolean over(OnAir onAir) {
        synchronized (onAir) {
            return onAir.ending != null;
        }
    }

    /** The speaker's session in the browser is over: nobody can be heard from there any more. Again does nothing. */
    void left(BroadcastId id) {
        var onAir = known.get(id);
        if (onAir != null) {
            var refused = refused(onAir);
            end(onAir, refused == null ? Ending.SIGNED_OUT : refused);
        }
    }

    /** Why the speaker may not go on; null while that is allowed. */
    private @Nullable Ending refused(OnAir onAir) {
        if (!access.welcome(onAir.by)) {
            return Ending.CLOSED;
        }
        var scope = access.scope(onAir.by, Role.OPERATOR);
        return onAir.where.stream().allMatch(scope::covers) ? null : Ending.RIGHTS;
    }

    /** Who speaks on this station now, at different places, in the order in which they began. */
    public List<Speaker> speakers(StationId station) {
        return known.values().stream()
                .filter(it -> it.station.equals(station) && !over(it))
                .map(it ->
                        new Speaker(it.session.id(), it.by.personId(), it.by.name(), it.opened, it.ground, it.places))
                .sorted(Comparator.comparing(Speaker::since))
                .toList();
    }

    /**
     * How a speech stands, whoever asks.
     *
     * @throws Refusal when there is none
     */
    public Standing standing(BroadcastId id) {
        var onAir = known.get(id);
        return onAir == null ? past(id) : standing(onAir);
    }

    private void chime(OnAir onAir) {
        synchronized (onAir) {
            if (onAir.ending == null) {
                try {
                    onAir.speech.chime(clock.instant());
                } catch (IOException | RuntimeException e) {
                    log.error("The chime of {} failed", onAir.session.id(), e);
                    end(onAir, Ending.FAULT);
                }
            }
        }
    }

    private void watch(OnAir onAir) {
        Ending ending = null;
        boolean judge;
        synchronized (onAir) {
            var now = clock.instant();
            judge = onAir.ending == null && !now.isBefore(onAir.judged.plus(RIGHTS_EVERY));
            if (judge) {
                onAir.judged = now;
            }
            if (onAir.ending == null && !now.isBefore(onAir.onAir.plus(settings.longest()))) {
                ending = Ending.LIMIT;
            } else if (onAir.ending == null && now.isAfter(onAir.heard.plus(settings.patience()))) {
                ending = Ending.LINK_LOST;
            }
        }
        if (ending == null && judge) {
            ending = judged(onAir);
        }
        if (ending != null) {
            end(onAir, ending);
        }
    }

    /** A database that cannot answer now is asked again; it takes the voice from nobody. */
    private @Nullable Ending judged(OnAir onAir) {
        try {
            return refused(onAir);
        } catch (DataAccessException e) {
            log.warn("Whether {} may still be said is asked again", onAir.session.id(), e);
            return null;
        }
    }

    private void end(OnAir onAir, Ending ending) {
        end(onAir, ending, null);
    }

    private void end(OnAir onAir, Ending ending, Speeches.@Nullable Stop stop) {
        Instant lastAt;
        synchronized (onAir) {
            if (onAir.ending != null) {
                return;
            }
            onAir.ending = ending;
            if (onAir.watch != null) {
                onAir.watch.cancel(false);
            }
            lastAt = lastSound(onAir);
        }
        sessions.last(onAir.session, lastAt);
        // Where the server ended it, the entry has no author: the speaker is named here.
        var details = onAir.by.name() + ", " + times.length(spoken(onAir)) + ", " + onAir.places
                + (stop == null || stop.reason().isEmpty() ? "" : ". " + stop.reason());
        deeds.run("live.ended", messages.getMessage("live.ending." + ending, null, STORED), details, () -> {
            speeches.end(onAir.session.id(), ending, clock.instant());
            if (stop != null) {
                speeches.stopped(onAir.session.id(), stop);
            }
            live.changed(TOPIC);
        });
        var at = workers;
        if (at != null) {
            var wait = Duration.between(clock.instant(), lastAt).plus(CLOSE_AFTER);
            var unused = at.timer.schedule(() -> close(onAir), Math.max(0, wait.toMillis()), TimeUnit.MILLISECONDS);
        }
    }

    private Instant lastSound(OnAir onAir) {
        try {
            return onAir.speech.end(clock.instant());
        } catch (IOException e) {
            log.error("The end of {} was not recorded", onAir.session.id(), e);
            return clock.instant();
        }
    }

    private void close(OnAir onAir) {
        try {
            sessions.close(onAir.session);
        } catch (RuntimeException e) {
            log.error("{} stays open until its time is over", onAir.session.id(), e);
        } finally {
            known.remove(onAir.session.id());
        }
        var at = workers;
        if (at != null) {
            keep(at, onAir.session.id());
        }
    }

    private void keep(Workers at, BroadcastId id) {
        at.keeper.execute(() -> {
            try {
                speeches.find(id).ifPresent(tapes::keep);
            } catch (RuntimeException e) {
                log.error("What was said in {} waits for the next start", id, e);
            }
        });
    }

    private Standing past(BroadcastId id) {
        var speech = speeches.find(id).orElseThrow(() -> new Refusal("", "live.refused.missing"));
        var ended = speech.ended() == null ? clock.instant() : speech.ended();
        var spoken = Duration.between(speech.began().plus(COUNTDOWN), ended);
        return new Standing(
                id,
                spoken.isNegative() ? Duration.ZERO : spoken,
                Duration.ZERO,
                speech.ending() == null ? Ending.SERVER_DIED : speech.ending());
    }

    private Standing standing(OnAir onAir) {
        synchronized (onAir) {
            var passed = Duration.between(onAir.onAir, clock.instant());
            return new Standing(
                    onAir.session.id(),
                    passed.isNegative() ? Duration.ZERO : passed,
                    settings.longest().minus(passed),
                    onAir.ending);
        }
    }

    private static Duration spoken(OnAir onAir) {
        synchronized (onAir) {
            return Duration.ofMillis(onAir.speech.spoken() * 1000 / CanonicalMp3.SAMPLE_RATE);
        }
    }

    private static short[] samples(byte[] pcm, int from) {
        var samples = new short[pcm.length / 2 - from];
        for (int i = 0; i < samples.length; i++) {
            var at = 2 * (from + i);
            samples[i] = (short) ((pcm[at] & 0xFF) | (pcm[at + 1] << 8));
        }
        return samples;
    }

    /** Areas below another chosen one add nothing. */
    private static List<Area> highest(Collection<Area> chosen) {
        return chosen.stream()
                .filter(area -> chosen.stream()
                        .noneMatch(other -> !other.path().equals(area.path())
                                && other.path().covers(area.path())))
                .toList();
    }

    private static int priority(Authority authority) {
        return switch (authority) {
            case VILLAGE -> 60;
            case COMMUNE -> 63;
            case PROVINCE -> 66;
            case CENTRAL -> 69;
        };
    }

    private static Set<Scope> scopes(List<AreaPath> areas) {
        return areas.stream()
                .map(area -> Scope.of(new vn.loalang.protocol.AreaPath(area.value())))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** These areas in words. */
    String names(List<AreaPath> paths) {
        return paths.stream()
                .flatMap(path -> areas.find(path).stream())
                .map(Area::fullName)
                .collect(Collectors.joining(", "));
    }

    /** What an earlier run left open is over; what it recorded comes into the library. */
    @EventListener(ApplicationReadyEvent.class)
    public void goOn() {
        var at = workers;
        if (at == null) {
            return;
        }
        speeches.open().stream()
                .filter(speech -> !known.containsKey(speech.id()))
                .forEach(speech -> deeds.run(
                        "live.ended",
                        messages.getMessage("live.ending.SERVER_DIED", null, STORED),
                        speech.title(),
                        () -> speeches.end(speech.id(), Ending.SERVER_DIED, lastWord(speech))));
        speeches.unkept().stream()
                .filter(speech -> !known.containsKey(speech.id()))
                .forEach(speech -> keep(at, speech.id()));
    }

    /** When the last word came that an earlier run recorded. */
    private Instant lastWord(Speeches.Stored speech) {
        var now = clock.instant();
        var last = tapes.lastWord(speech.id()).orElse(now);
        return last.isBefore(speech.began()) || last.isAfter(now) ? now : last;
    }

    @Override
    public void start() {
        workers = new Workers(timer(), Executors.newSingleThreadExecutor(task -> daemon(task, "live-voice-keeper")));
    }

    /** Whoever speaks is ended with a chime that the boxes hold already; the next start takes the session's document back. */
    @Override
    public void stop() {
        var at = workers;
        workers = null;
        if (at != null) {
            at.timer.shutdown();
            known.values().forEach(onAir -> end(onAir, Ending.SERVER_STOPPED));
            at.keeper.shutdown();
        }
        known.clear();
    }

    @Override
    public boolean isRunning() {
        return workers != null;
    }

    /** Ends by {@code shutdown} without an interrupt, which would close the file under the database; nothing delayed runs then. */
    private static ScheduledExecutorService timer() {
        var timer = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "live-voice"));
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return timer;
    }

    private static Thread daemon(Runnable task, String name) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
