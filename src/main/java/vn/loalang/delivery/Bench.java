package vn.loalang.delivery;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.audio.Recordings;
import vn.loalang.audio.Samples;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.broadcast.Evidence;
import vn.loalang.broadcast.NewBroadcast;
import vn.loalang.broadcast.Origin;
import vn.loalang.broadcast.Outcome;
import vn.loalang.broadcast.Priority;
import vn.loalang.broadcast.Status;
import vn.loalang.fleet.Fleet;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Step;
import vn.loalang.protocol.StrictJson;
import vn.loalang.protocol.Topics;

/**
 * The server's end of trials with a simulated fleet, and only there: a simulated box may ask for an emergency or for the
 * yardstick on {@code u/{id}/rep/bench}, and hears the answer as plain JSON on its {@code rsp}. The yardstick is one signed
 * message to an area, a short answer of every box on {@code rep/echo}, and as many bytes back as an acknowledgement has; the
 * server does nothing else with them.
 */
@Component
@ConditionalOnProperty("loalang.delivery.simulated-fleet")
class Bench implements DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(Bench.class);
    private static final int ORDER_BYTES = 620;
    private static final int REPLY_BYTES = 420;
    /** It sounds longer than everybody takes to begin, as a siren does. */
    private static final int SECONDS = 10;
    /** Areas of an order whose way to the broker is timed, and boxes of one that is addressed one by one. */
    private static final int AREAS = 5;

    private static final int BOXES = 2_000;
    private static final int RELEASES = 200;
    private static final int RELEASES_SINGLY = 20;
    /** Longer than the broker is away by itself. */
    private static final long TAKEN_SECONDS = 60;
    /** So that what boxes say to one order and its all-clear is stored before the next one leaves; what is put off is waited for. */
    private static final long PAUSE_MS = 1_500;

    private static final double MOST = 0.95;

    /** Poles whose boxes may fetch this for tomorrow while orders leave. */
    private static final int FETCHING = 300;

    private static final String SOUND = "morning-bulletin.mp3";

    private final Clock clock;
    private final KeyStore keys;
    private final Topics topics;
    private final Post post;
    private final Emergencies emergencies;
    private final Stations stations;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> new Thread(task, "bench"));
    private final byte[] reply = new byte[REPLY_BYTES];
    private final Areas areas;
    private final Fleet fleet;
    private final Broadcasts broadcasts;
    private final Recordings recordings;
    private final Ladder ladder;
    private final Journal journal;
    private final Queue<Reached> started = new ConcurrentLinkedQueue<>();
    private final AtomicInteger shown = new AtomicInteger();
    private final AtomicLong lastShown = new AtomicLong();
    private volatile @Nullable String sid;

    /** So many more had begun, and that was on the disk at this moment. */
    private record Reached(long at, int fresh) {}

    Bench(
            Clock clock,
            KeyStore keys,
            Topics topics,
            Post post,
            Emergencies emergencies,
            Stations stations,
            Areas areas,
            Fleet fleet,
            Broadcasts broadcasts,
            Recordings recordings,
            Ladder ladder,
            Journal journal) {
        this.clock = clock;
        this.keys = keys;
        this.topics = topics;
        this.post = post;
        this.emergencies = emergencies;
        this.stations = stations;
        this.areas = areas;
        this.fleet = fleet;
        this.broadcasts = broadcasts;
        this.recordings = recordings;
        this.ladder = ladder;
        this.journal = journal;
        Arrays.fill(reply, (byte) ' ');
        reply[0] = '{';
        reply[REPLY_BYTES - 1] = '}';
    }

    /** Whether a report of a box is for us. */
    boolean takes(DeviceId unit, String report, byte[] payload) {
        switch (report) {
            case "echo" -> worker.execute(() -> tell(unit, reply));
            case "bench" -> worker.execute(() -> wish(unit, payload));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** These orders were said to begin, and that is on the disk. */
    void stored(List<String> sids) {
        var fresh = (int) sids.stream().filter(each -> each.equals(sid)).count();
        if (fresh > 0) {
            started.add(new Reached(clock.millis(), fresh));
        }
    }

    /** These reports can be seen by people. */
    void shown(List<Evidence> evidence) {
        var watched = sid;
        var fresh = (int) evidence.stream()
                .filter(each -> each.outcome() instanceof Outcome.Started
                        && each.oid().value().equals(watched))
                .count();
        if (fresh > 0) {
            lastShown.set(clock.millis());
            shown.addAndGet(fresh);
        }
    }

    @Override
    public void destroy() {
        worker.shutdown();
    }

    private void wish(DeviceId unit, byte[] payload) {
        try {
            var wish = StrictJson.parse(payload);
            var area = Scope.of(new AreaPath(text(wish, "area")));
            var answer =
                    switch (text(wish, "do")) {
                        case "echo" -> echo(area);
                        case "now" -> now(area);
                        case "release" -> releases(someAreas(text(wish, "area")), RELEASES);
                        case "singly" -> releases(someBoxes(), RELEASES_SINGLY);
                        case "count" -> count();
                        case "transfer" -> transfer();
                        default -> Json.object().put("bench", "unknown");
                    };
            tell(unit, answer.build().bytes());
        } catch (RuntimeException | IOException failed) {
            // Whoever asked waits for an answer, whatever went wrong.
            log.warn("A wish of {} was not fulfilled", unit, failed);
            tell(unit, Json.object().put("bench", "refused").build().bytes());
        }
    }

    private Json.Obj.Builder echo(Scope area) {
        var signer = keys.online();
        var payload = new StringBuilder("{\"x\":\"" + signer.publicKey().b64u() + "\",\"fill\":\"");
        var bare = Envelope.compose(List.of(signer), (payload + "\"}").getBytes(StandardCharsets.US_ASCII)).length;
        payload.append("x".repeat(Math.max(0, ORDER_BYTES - bare))).append("\"}");
        var message = Envelope.compose(List.of(signer), payload.toString().getBytes(StandardCharsets.US_ASCII));
        var at = clock.millis();
        var unused = post.answer(topics.root() + area.wire() + "/echo", message);
        return Json.object().put("bench", "echo").put("at", at);
    }

    private Json.Obj.Builder now(Scope area) {
        var order = armed(Set.of(area), SECONDS);
        started.clear();
        shown.set(0);
        sid = order.sid().value();
        var at = clock.millis();
        emergencies.release(order);
        return Json.object()
                .put("bench", "now")
                .put("at", at)
                .put("released", clock.millis())
                .put("sid", order.sid().value());
    }

    private Json.Obj.Builder count() {
        var reached = List.copyOf(started);
        var all = reached.stream().mapToInt(Reached::fresh).sum();
        return Json.object()
                .put("bench", "count")
                .put("started", all)
                .put("most", reachedBy(reached, (int) Math.ceil(all * MOST)))
                .put("last", reachedBy(reached, all))
                .put("shown", shown.get())
                .put("last_shown", lastShown.get());
    }

    private static long reachedBy(List<Reached> reached, int wanted) {
        var sum = 0;
        for (var each : reached) {
            sum += each.fresh();
            if (sum >= wanted) {
                return each.at();
            }
        }
        return 0;
    }

    /** Plans a recording for tomorrow at eight on some poles, the first by their boxes' ids, which may fetch it from now on. */
    private Json.Obj.Builder transfer() throws IOException {
        var poles = fleet.online().stream()
                .sorted(Comparator.comparing(DeviceId::value))
                .limit(FETCHING)
                .flatMap(unit -> fleet.controllerOf(unit).stream())
                .collect(Collectors.toSet());
        var station = new StationId(stations.main().id());
        var sound = Samples.store(SOUND, file -> recordings.addAlarm(station, file, "Thử tải"));
        var zone = stations.main().zone();
        var start = clock.instant()
                .atZone(zone)
                .toLocalDate()
                .plusDays(1)
                .atTime(8, 0)
                .atZone(zone)
                .toInstant();
        broadcasts.plan(new NewBroadcast(
                station,
                Priority.NORMAL,
                Authority.COMMUNE,
                Origin.SLOT,
                Status.ACTUAL,
                null,
                null,
                "Thử tải",
                null,
                List.of(sound.id()),
                start,
                start.plusSeconds(300),
                50,
                poles));
        return Json.object()
                .put("bench", "transfer")
                .put("hash", Hash.parseHex(sound.canonicalHash().hex()).b64u());
    }

    private Set<Scope> someAreas(String within) {
        return areas.within(vn.loalang.area.AreaPath.of(within)).stream()
                .filter(area -> areas.children(area.path()).isEmpty())
                .limit(AREAS)
                .map(area -> Scope.of(new AreaPath(area.path().value())))
                .collect(Collectors.toSet());
    }

    private Set<Scope> someBoxes() {
        return fleet.online().stream().limit(BOXES).map(Scope::of).collect(Collectors.toSet());
    }

    /**
     * The same order again and again, ended at once: how long each took to be given to the broker's connection, and to be acknowledged
     * by the broker, in microseconds.
     */
    private Json.Obj.Builder releases(Set<Scope> scopes, int runs) {
        var handed = new long[runs];
        var taken = new long[runs];
        for (var i = 0; i < runs; i++) {
            var order = armed(scopes, 1);
            var began = System.nanoTime();
            var departure = emergencies.depart(order);
            handed[i] = TimeUnit.NANOSECONDS.toMicros(departure.handed() - began);
            taken[i] = TimeUnit.NANOSECONDS.toMicros(
                    departure.taken().orTimeout(TAKEN_SECONDS, TimeUnit.SECONDS).join() - began);
            emergencies.clear(order.id(), "");
            var waitsSince = System.nanoTime();
            do {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MS));
            } while ((ladder.unsettled() || journal.lastPutOff() != 0)
                    && System.nanoTime() - waitsSince < TimeUnit.SECONDS.toNanos(TAKEN_SECONDS));
        }
        Arrays.sort(handed);
        Arrays.sort(taken);
        return Json.object()
                .put("bench", "release")
                .put("runs", runs)
                .put("documents", scopes.size())
                .put("handed_p50", handed[runs / 2])
                .put("handed_p99", handed[(runs * 99 + 99) / 100 - 1])
                .put("handed_max", handed[runs - 1])
                .put("taken_p50", taken[runs / 2])
                .put("taken_p99", taken[(runs * 99 + 99) / 100 - 1])
                .put("taken_max", taken[runs - 1]);
    }

    private ArmedOrder armed(Set<Scope> scopes, int seconds) {
        return emergencies.arm(NewOrder.tone(
                new StationId(stations.main().id()),
                Authority.PROVINCE,
                Status.ACTUAL,
                "Thử tải",
                scopes,
                new Step.Tone(Step.Pattern.STEADY, 1, seconds, 0)));
    }

    private void tell(DeviceId unit, byte[] message) {
        var unused = post.answer(topics.rsp(unit), message).whenComplete((done, failure) -> {
            if (failure != null) {
                log.debug("A bench answer to {} did not leave", unit, failure);
            }
        });
    }

    private static String text(Json.Obj wish, String name) {
        return wish.get(name) instanceof Json.Str text ? text.value() : "";
    }
}
