package vn.loalang.simulator.storm;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import vn.loalang.broadcast.PlaybackFacts;
import vn.loalang.broadcast.PlaybackState;
import vn.loalang.controller.core.Output;
import vn.loalang.controller.core.Sound;
import vn.loalang.delivery.rules.JournalRules;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Firmware;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Need;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.Op;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.Plan;
import vn.loalang.protocol.QuietWindow;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Ses;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.Stored;

/**
 * Knows the truth, which no part of the system knows: what was ordered by whom, what every loudspeaker really did, who had
 * power and a link. Compares it all the while with what is decided, stored and shown.
 */
final class Auditor {
    private static final long MINUTE_MS = 60_000;
    /** A fade, a crystal and a scheduler may cost this much. */
    private static final long SLACK_MS = 1_500;
    /** How far a synchronised clock may be off: half a round trip, and a day on a cheap crystal. */
    private static final long CLOCK_SLACK_MS = 12_000;

    private static final long REACH_MS = 60_000;
    /** Longest pause between two hellos that nobody answers [SES-1c], and a little. */
    private static final long HELLO_MS = 310_000;

    private static final long HOUR_MS = 60 * MINUTE_MS;
    private static final int URGENT = 80;
    private static final int LOUD = 60;
    private static final int BEEP_PRI = 10;
    /** Longest gap between repetitions, and a little. */
    private static final long GAP_MS = 30_000;

    private static final Asked NEVER = new Asked(0, 0);
    private static final long ASK_FIRST_MS = 5_000;
    private static final long ASK_MOST_MS = 300_000;
    private static final int MOST = 20;
    private static final String BEEP = "beep";
    private static final String DOCUMENT = "doc/";
    private static final String JOURNAL = "j/";
    private static final String EPOCH = "journal";

    private final World world;
    private final Notary notary;
    private final Library library;
    private final List<QuietWindow> quiet;
    private final Map<Pole, Ledger> ledgers = new LinkedHashMap<>();
    private final Map<Sid, Set<Bytes>> spoken = new HashMap<>();
    private final List<Violation> violations = new ArrayList<>();
    private @Nullable Server server;
    private @Nullable Broker broker;
    private long soundings;
    private long emergencySoundings;
    private long confirmations;
    private long reached;
    private long commandsDone;
    private long staged;
    private long byBlocks;

    /** An emergency order as it was validly signed for a pole. */
    private record Order(Entry entry, Scope to, Hash message, long iat, Kid by) {}

    /** An all-clear that a pole has accepted; judged here by the text of the protocol and not by the code that is watched. */
    private record AllClear(Scope to, Optional<Sid> sid, int cpri, long iat) {
        boolean ends(Entry entry, Scope whom, long since) {
            var covers = to.equals(whom)
                    || (to instanceof Scope.Area wide
                            && (whom instanceof Scope.Device
                                    || (whom instanceof Scope.Area narrow
                                            && narrow.area().value().startsWith(wide.area() + "."))));
            return covers
                    && entry.pri() <= cpri
                    && since <= iat
                    && (sid.isEmpty() || sid.get().equals(entry.sid()));
        }
    }

    /** A command as it was given; each may be carried out once. */
    private record Given(Op op, long exp) {}

    /** How often a box asked for blocks of a file, and when the last time, while none came. */
    private record Asked(long at, int times) {}

    private record Confirmed(String jid, long n, String fingerprint) {}

    /** What is true of one pole. */
    private static final class Ledger {
        final Map<String, Plan.Item> planned = new HashMap<>();
        final Map<String, Long> audioMs = new HashMap<>();
        final Map<String, List<Order>> orders = new HashMap<>();
        final Map<String, Long> heardMs = new HashMap<>();
        final Set<String> completed = new HashSet<>();
        final Set<String> startReports = new HashSet<>();
        final Map<String, Integer> starts = new HashMap<>();
        final Set<String> everBegun = new HashSet<>();
        final Set<String> given = new HashSet<>();
        final Map<String, Set<String>> listed = new HashMap<>();
        final List<Given> commands = new ArrayList<>();
        final Map<String, Firmware> firmware = new HashMap<>();
        Set<Kid> bad = Set.of();
        long security;
        final List<AllClear> clears = new ArrayList<>();
        final Map<Long, Confirmed> journal = new HashMap<>();
        final Map<String, Confirmed> confirmed = new LinkedHashMap<>();
        String sounding = "";
        long soundingSince;
        boolean silent = true;
        long silentSince;
        long lastCalm;
        /** How far its clock was ahead of the truth after its last step; null while it had none. */
        @Nullable
        Long ahead;

        long clockOffAt = Long.MIN_VALUE;
        /** When it last had a wrong clock and no welcome to set it right. */
        long unsureAt = Long.MIN_VALUE;

        /** Whom it leaves silent who should sound, and since when. */
        final Map<String, Long> wronged = new HashMap<>();

        final Claims claims = new Claims();
        long offset;
        String planText = "";
        /** Of each file it asked blocks of since one came. */
        final Map<Hash, Asked> asked = new HashMap<>();
        /** The last block came, or its connection began. */
        long gotAt;

        @Nullable
        Plan plan;
    }

    Auditor(World world, Notary notary, Library library, List<QuietWindow> quiet) {
        this.world = world;
        this.notary = notary;
        this.library = library;
        this.quiet = List.copyOf(quiet);
    }

    void watches(Server servers, Broker brokers) {
        server = servers;
        broker = brokers;
    }

    List<Violation> violations() {
        return violations;
    }

    long soundings() {
        return soundings;
    }

    long emergencySoundings() {
        return emergencySoundings;
    }

    long confirmations() {
        return confirmations;
    }

    /** How often a pole had to be reached by an emergency and was. */
    long reached() {
        return reached;
    }

    /** How many commands took effect. */
    long commandsDone() {
        return commandsDone;
    }

    /** How often new firmware was put in. */
    long staged() {
        return staged;
    }

    /** How often a recording became whole that came by blocks. */
    long byBlocks() {
        return byBlocks;
    }

    // What was ordered

    void planned(Pole pole, Plan plan) {
        var ledger = of(pole);
        for (var item : plan.items()) {
            ledger.planned.put(item.oid().value(), item);
            ledger.audioMs.put(
                    item.oid().value(),
                    plan.assetsOf(item).stream()
                            .mapToLong(asset -> asset.sz() / Limits.FRAME_BYTES * Limits.FRAME_MS)
                            .sum());
        }
    }

    /** A valid order by those whose office it is: everybody in its scope must hear it. */
    void ordered(Scope to, Now now, Collection<Pole> poles) {
        possible(to, now, poles);
        for (var entry : now.act()) {
            for (var moment : List.of(entry.beg() + MINUTE_MS + 30_000, entry.until() - 1)) {
                if (moment < entry.until()) world.at(moment, () -> mustHaveReached(to, entry, poles));
            }
        }
    }

    /** An order that is valid by its signatures: it may be heard in its scope. */
    void possible(Scope to, Now now, Collection<Pole> poles) {
        possible(to, Hash.of(now.payload()), now.head().iat(), now.by(), now.act(), poles);
    }

    /** The same for sessions. */
    void possible(Scope to, Hash message, long iat, Kid by, List<Entry> act, Collection<Pole> poles) {
        for (var pole : poles) {
            if (!concerns(pole, to)) continue;
            for (var entry : act) {
                of(pole).orders
                        .computeIfAbsent(entry.sid().value(), sid -> new ArrayList<>())
                        .add(new Order(entry, to, message, iat, by));
            }
        }
    }

    /** Somebody says this in a session. */
    void spoken(Sid sid, Bytes sound) {
        spoken.computeIfAbsent(sid, each -> new HashSet<>()).add(sound);
    }

    /** A command is given. */
    void commanded(Pole pole, Op op, long exp) {
        var commands = of(pole).commands;
        commands.removeIf(given -> given.exp() < world.now() - HOUR_MS);
        commands.add(new Given(op, exp));
    }

    /** New firmware is ordered. */
    void firmware(Pole pole, Firmware document) {
        of(pole).firmware.put(document.ver(), document);
    }

    /** Whether a pole has been told that a key is compromised. */
    boolean knowsBad(Pole pole, Kid kid) {
        return of(pole).bad.contains(kid);
    }

    private void mustHaveReached(Scope to, Entry entry, Collection<Pole> poles) {
        var servers = server;
        var brokers = broker;
        if (servers == null || brokers == null) return;
        var inForce = servers.ordered(to).stream().anyMatch(other -> other.sid().equals(entry.sid()));
        if (!inForce) return;
        var up = Math.max(servers.wellSince(), brokers.upSince());
        for (var pole : poles) {
            if (!concerns(pole, to) || entry.not().contains(pole.profile().id())) continue;
            var linked = Math.max(up, pole.wellSince());
            var ledger = of(pole);
            var well = Math.max(linked, Math.max(entry.beg(), validSince(ledger, entry.sid())));
            if (well > world.now() - REACH_MS) continue;
            looksAtClock(pole, ledger);
            // Nobody has welcomed it, so it goes by a battery clock that may be hours wrong: by that the order is over,
            // or was dropped [SES-3b]. Its next hello mends this.
            if (ledger.unsureAt > world.now() - REACH_MS && linked > world.now() - REACH_MS - HELLO_MS) continue;
            // After a jump of its clock a box keeps quiet hours by the old one too, for a day [TIM-8]. And poles of a
            // storm may sleep into what follows quiet hours, real ones wake every few seconds.
            var exercise = entry.st() != OrderStatus.ACTUAL;
            if (exercise
                    && (isQuiet(world.now() - REACH_MS)
                            || isQuiet(world.now() - REACH_MS - Pole.LONGEST_SLEEP_MS)
                            || ledger.clockOffAt > world.now() - 25 * 60 * MINUTE_MS)) {
                continue;
            }
            if (ended(ledger, entry.sid().value())) continue;
            if (ledger.claims.mayBeStopped(entry.sid().value(), world.now() - REACH_MS)) continue;
            if (ledger.everBegun.stream()
                    .anyMatch(name -> name.startsWith(entry.sid().value() + "#"))) {
                reached++;
            } else if (!isTaken(ledger, entry.pri())) {
                violated(
                        Invariant.REACHED,
                        pole,
                        entry.sid() + " to " + to + " never sounded, well since "
                                + java.time.Instant.ofEpochMilli(well));
            }
        }
    }

    /** When the first document was signed that orders this and that no all-clear has ended: a later one may order it again. */
    private static long validSince(Ledger ledger, Sid sid) {
        return notCleared(ledger, sid.value()).mapToLong(Order::iat).min().orElse(0);
    }

    /** Whether an order of at least this priority sounds, or perhaps waits in its gap: it has the channel until its own end. */
    private boolean isTaken(Ledger ledger, int pri) {
        if (ledger.claims.sirenAgainst(pri, world.now(), SLACK_MS)) return true;
        if (ledger.sounding.indexOf('#') < 0 || priority(ledger, ledger.sounding) < pri) return false;
        return !ledger.silent || world.now() - ledger.silentSince < GAP_MS;
    }

    // What sounds

    /** A loudspeaker begins. */
    void sounds(Pole pole, String name, long offset, @Nullable String before) {
        var ledger = of(pole);
        soundings++;
        if (before != null) violated(Invariant.ONE_AT_A_TIME, pole, name + " begins while " + before + " sounds");
        ledger.sounding = name;
        ledger.soundingSince = world.now();
        ledger.offset = offset;
        ledger.silent = false;
        ledger.lastCalm = world.now();
        ledger.everBegun.add(name);
        var time = pole.deviceTime();
        if (Claims.isLocal(name)) local(pole, ledger, name);
        else if (name.equals(BEEP)) does(pole, new Op.Tone(1));
        else if (name.indexOf('#') > 0) emergency(pole, ledger, name, time);
        else routine(pole, ledger, name, time);
        stopped(pole, ledger, name, " begins");
        if (time != null && !exempt(ledger, name) && isQuiet(time)) {
            violated(Invariant.QUIET, pole, name + " begins in quiet hours");
        }
    }

    private void local(Pole pole, Ledger ledger, String name) {
        if (!ledger.claims.isOn(name)) violated(Invariant.ORDERED, pole, name + " begins and its switch is off");
    }

    /** Nothing of what STOP ended, and nothing remote while the box is mute [PRI-2]. */
    private void stopped(Pole pole, Ledger ledger, String name, String what) {
        if (Claims.isLocal(name) || name.equals(BEEP)) return;
        if (ledger.claims.isStopped(name)) violated(Invariant.STOPPED, pole, name + what + " after STOP had ended it");
        if (ledger.claims.isMuted(world.now(), SLACK_MS))
            violated(Invariant.STOPPED, pole, name + what + " while mute");
    }

    private void routine(Pole pole, Ledger ledger, String name, @Nullable Long time) {
        var item = ledger.planned.get(name);
        if (item == null) {
            violated(Invariant.ORDERED, pole, name + " was never in a plan of this pole");
            return;
        }
        var plan = plan(pole, ledger);
        if (plan == null || plan.items().stream().noneMatch(other -> other.oid().equals(item.oid()))) {
            violated(Invariant.LISTED, pole, name + " begins and the plan in force does not name it");
        }
        if (time == null) {
            violated(Invariant.IN_TIME, pole, name + " begins without a clock");
            return;
        }
        var starts = ledger.starts.getOrDefault(name, 0);
        var end = item.at() + Math.min(item.dur() * 1000L, ledger.audioMs.getOrDefault(name, 0L));
        var latest = starts <= 1 ? item.at() + Math.max(item.late() * 1000L, Limits.ON_TIME_MS) : end;
        if (time > latest + 1 || time < item.at()) {
            violated(Invariant.IN_TIME, pole, name + " begins at " + time + ", allowed " + item.at() + "…" + latest);
        }
    }

    private void emergency(Pole pole, Ledger ledger, String name, @Nullable Long time) {
        emergencySoundings++;
        var sid = name.substring(0, name.indexOf('#'));
        var orders = ledger.orders.getOrDefault(sid, List.of());
        if (orders.isEmpty()) {
            violated(Invariant.ORDERED, pole, name + " was never validly ordered for this pole");
            return;
        }
        if (time == null) {
            violated(Invariant.IN_TIME, pole, name + " begins without a clock");
        } else if (orders.stream()
                .noneMatch(order ->
                        order.entry().beg() <= time && time < order.entry().until())) {
            violated(Invariant.IN_TIME, pole, name + " begins at " + time + ", outside of its time");
        }
        if (ended(ledger, sid)) violated(Invariant.CLEARED, pole, name + " begins after its all-clear was accepted");
        standing(pole, ledger, sid, name + " begins");
    }

    /** Whether an order stands in a document in force, of a key that is not known as compromised. */
    private void standing(Pole pole, Ledger ledger, String sid, String what) {
        if (ledger.listed.values().stream().noneMatch(sids -> sids.contains(sid))) {
            violated(Invariant.LISTED, pole, what + " and no document in force lists it");
        }
        var orders = ledger.orders.getOrDefault(sid, List.of());
        if (!orders.isEmpty() && orders.stream().allMatch(order -> ledger.bad.contains(order.by()))) {
            violated(Invariant.REVOKED, pole, what + " by a key known as compromised");
        }
    }

    /** A recording that came by blocks has been judged whole. */
    void arrivedByBlocks() {
        byBlocks++;
    }

    /** A piece of a file is written. */
    void places(Pole pole, Output.Place place) {
        if (!library.isRight(place.hash(), place.offset(), place.bytes())) {
            violated(Invariant.WHOLE, pole, "other bytes than those of " + place.hash() + " at " + place.offset());
        }
    }

    /** Files go to the loudspeaker. */
    void uses(Pole pole, Output.Play play) {
        for (var sound : play.content()) {
            if (sound instanceof Sound.Recording recording
                    && !pole.has(recording.asset().hash())) {
                violated(
                        Invariant.WHOLE,
                        pole,
                        play.name() + " uses " + recording.asset().hash() + ", which is not whole");
            }
        }
    }

    /** A block came, or another connection began: asking may begin anew. */
    void gets(Pole pole) {
        var ledger = of(pole);
        ledger.asked.clear();
        ledger.gotAt = world.now();
    }

    /** A box asks for blocks while something sounds, or nothing. */
    void asks(Pole pole, Need need, String sounding) {
        var ledger = of(pole);
        if (need.count() > Limits.NEED_WINDOW || need.count() == 0) {
            violated(Invariant.MODEST, pole, "asks for " + need.count() + " blocks at once");
        }
        var before = ledger.asked.getOrDefault(need.a(), NEVER);
        var passed = world.now() - before.at();
        // A request may be due in the very moment in which a block comes, and the next one follows on that block.
        if (before.times() > 0
                && ledger.gotAt != world.now()
                && passed < Math.min(ASK_MOST_MS, ASK_FIRST_MS << (before.times() - 1)) - SLACK_MS) {
            violated(
                    Invariant.MODEST,
                    pole,
                    "asks again after " + passed + " ms, though nothing came " + before.times() + " times");
        }
        ledger.asked.put(need.a(), new Asked(world.now(), Math.min(20, before.times() + 1)));
        if (!sounding.isEmpty() && priority(ledger, sounding) >= LOUD) {
            violated(Invariant.YIELDS, pole, "asks for blocks while " + sounding + " sounds");
        }
    }

    /** The least that what sounds was ordered with; 0 for what nobody ordered. */
    private static int priority(Ledger ledger, String name) {
        var item = ledger.planned.get(name);
        if (item != null) return item.pri();
        if (Claims.isLocal(name)) return LOUD;
        if (name.indexOf('#') < 0) return 0;
        return ledger.orders.getOrDefault(name.substring(0, name.indexOf('#')), List.of()).stream()
                .mapToInt(order -> order.entry().pri())
                .min()
                .orElse(0);
    }

    /** A chunk goes to a loudspeaker. */
    void hears(Pole pole, Output.Chunk chunk) {
        if (!spoken.getOrDefault(chunk.sid(), Set.of()).contains(chunk.bytes())) {
            violated(Invariant.AUTHENTIC, pole, "a chunk of " + chunk.sid() + " that nobody spoke");
        }
    }

    /** A command takes effect; of tones, any length will do. */
    void does(Pole pole, Op op) {
        commandsDone++;
        var time = pole.deviceTime();
        var given = of(pole).commands;
        var fitting = given.stream()
                .filter(one -> op instanceof Op.Tone
                        ? one.op() instanceof Op.Tone
                        : one.op().equals(op))
                .filter(one -> time == null || time <= one.exp() + SLACK_MS)
                .findFirst();
        if (fitting.isEmpty()) violated(Invariant.ONCE, pole, op + " is carried out and was not given, or already was");
        else given.remove(fitting.get());
    }

    /** An image goes into the other slot. */
    void stages(Pole pole, Output.Stage stage, boolean sounding) {
        staged++;
        var ledger = of(pole);
        var document = ledger.firmware.get(stage.version());
        var right = document != null
                && document.h().equals(stage.image())
                && document.sec() >= ledger.security
                && pole.has(stage.image());
        if (!right || sounding) {
            violated(
                    Invariant.FIRMWARE,
                    pole,
                    stage.version()
                            + (right ? " is put in while something sounds" : " was not ordered or is not whole"));
        }
    }

    /** It has proved itself. */
    void keeps(Pole pole, String version) {
        var ledger = of(pole);
        var document = ledger.firmware.get(version);
        if (document != null) ledger.security = Math.max(ledger.security, document.sec());
    }

    /** A loudspeaker falls silent. */
    void silent(Pole pole, String name, long ms, boolean whole) {
        var ledger = of(pole);
        ledger.silent = true;
        ledger.silentSince = world.now();
        ledger.heardMs.merge(name, ms, Long::sum);
        ledger.claims.heard(name, ledger.offset, ms, priority(ledger, name), world.now());
        if (whole) ledger.completed.add(name);
        var time = pole.deviceTime();
        if (time == null || mayGoOn(ledger, name) || !isQuiet(time)) return;
        var into = Math.min(sinceQuiet(time), world.now() - ledger.lastCalm);
        if (into > SLACK_MS) {
            violated(Invariant.QUIET, pole, name + " still sounded " + into + " ms into quiet hours");
        }
    }

    /** After every step of a core: what it decided must fit to what it knows. */
    void watch(Pole pole) {
        var ledger = of(pole);
        var time = pole.deviceTime();
        looksAtClock(pole, ledger);
        // Quiet hours are kept by the box's own clock [DEC-5]. When it learns in this step that they have begun, they
        // begin now.
        var ahead = ledger.ahead;
        if (ahead != null && !isQuiet(world.now() + ahead)) ledger.lastCalm = world.now();
        ledger.ahead = time == null ? null : (Long) (time - world.now());
        if (ahead != null && ledger.ahead != null) ledger.claims.clock(ahead, ledger.ahead, world.now());
        precedence(pole, ledger, true);
        if (time != null && pole.isSynchronised() && Math.abs(time - world.now()) > CLOCK_SLACK_MS) {
            violated(Invariant.CLOCK, pole, "the clock is synchronised and off by " + (time - world.now()) + " ms");
        }
        if (time == null || ledger.silent || pole.isEnding()) return;
        var name = ledger.sounding;
        if (isQuiet(time) && !mayGoOn(ledger, name)) {
            violated(Invariant.QUIET, pole, name + " goes on in quiet hours");
        } else {
            ledger.lastCalm = world.now();
        }
        if (name.indexOf('#') > 0) {
            var sid = name.substring(0, name.indexOf('#'));
            if (ended(ledger, sid)) {
                violated(Invariant.CLEARED, pole, name + " goes on after its all-clear was accepted");
            }
            standing(pole, ledger, sid, name + " goes on");
        }
        stopped(pole, ledger, name, " goes on");
    }

    /** Keeps in mind that the clock of a box is wrong or missing. */
    private void looksAtClock(Pole pole, Ledger ledger) {
        var time = pole.deviceTime();
        if (time != null && Math.abs(time - world.now()) <= MINUTE_MS / 2) return;
        ledger.clockOffAt = world.now();
        if (!pole.isWelcomed()) ledger.unsureAt = world.now();
    }

    // Who should sound

    /**
     * Nobody is silent for long who has a claim beyond doubt above what sounds, or while nothing sounds. A pole of a storm may
     * sleep into the time of a claim while it is silent, a real one wakes every few seconds: there its next step counts.
     */
    private void precedence(Pole pole, Ledger ledger, boolean step) {
        if (!pole.isOn()) {
            ledger.wronged.clear();
            return;
        }
        // What fades or waits for its moment is about to change; one looks again.
        if (ledger.silent ? pole.isAboutToSound() : pole.isEnding()) {
            if (!step && !ledger.wronged.isEmpty()) looksAgain(pole, ledger);
            return;
        }
        var wronged = wronged(pole, ledger);
        ledger.wronged.keySet().removeIf(id -> wronged.stream()
                .noneMatch(claim -> claim.id().equals(id)));
        for (var claim : wronged) {
            var since = ledger.wronged.get(claim.id());
            if (since == null) {
                if (ledger.silent && !step) continue;
                ledger.wronged.put(claim.id(), world.now());
                looksAgain(pole, ledger);
            } else if (world.now() - since > SLACK_MS) {
                violated(
                        Invariant.PRIORITY,
                        pole,
                        claim.id() + " (" + claim.pri() + ") is silent "
                                + (ledger.silent ? "and so is everybody" : "under " + ledger.sounding));
            }
        }
    }

    private void looksAgain(Pole pole, Ledger ledger) {
        world.in(SLACK_MS + 1, () -> precedence(pole, ledger, false));
    }

    private List<Claims.Claim> wronged(Pole pole, Ledger ledger) {
        var claims = ledger.claims;
        var plan = plan(pole, ledger);
        var holding = claims.holding(listed -> isCleared(ledger, listed.entry(), listed.to(), listed.iat()));
        var time = pole.deviceTime();
        // Who is not listed any more fades; of whom nothing is known nothing is asked.
        var least = 0;
        if (!ledger.silent) {
            least = ledger.sounding.equals(BEEP)
                    ? BEEP_PRI
                    : claims.priority(ledger.sounding, holding, plan).orElse(Integer.MAX_VALUE);
        } else if (time != null) {
            least = claims.held(holding, time, world.now(), SLACK_MS);
        }
        var own = ledger.silent ? "" : Claims.id(ledger.sounding);
        var wronged = new ArrayList<Claims.Claim>();
        for (var claim : claims.local()) {
            if (claim.pri() > least && !claim.id().equals(own)) wronged.add(claim);
        }
        if (time == null || claims.mayBeMuted(world.now()) || pole.stored(DOCUMENT + "site") == null) return wronged;
        for (var listed : holding) {
            var entry = listed.entry();
            var sid = entry.sid().value();
            if (entry.pri() > least
                    && !sid.equals(own)
                    && claims.claims(entry, pole, time, world.now(), this::isQuiet)) {
                wronged.add(new Claims.Claim(sid, entry.pri()));
            }
        }
        if (plan == null) return wronged;
        for (var item : plan.items()) {
            var oid = item.oid().value();
            if (item.pri() > least
                    && !oid.equals(own)
                    && time >= item.at()
                    && !ledger.given.contains(oid)
                    && claims.claims(
                            plan, item, ledger.audioMs.getOrDefault(oid, 0L), pole, time, world.now(), this::isQuiet)) {
                wronged.add(new Claims.Claim(oid, item.pri()));
            }
        }
        return wronged;
    }

    // People at the box

    /** The siren switch or the talk key. */
    void switches(Pole pole, String which, boolean on) {
        var claims = of(pole).claims;
        if (which.equals(Claims.SIREN)) claims.siren(on, world.now());
        else claims.microphone(on);
    }

    /**
     * STOP was held.
     *
     * @param sounding what sounded, if anything
     * @param certain it did, and was not just about to end
     * @param survived the box did not lose its power over it
     */
    void stops(Pole pole, String sounding, boolean certain, boolean survived) {
        var ledger = of(pole);
        ledger.claims.stop(sounding, certain, survived, plan(pole, ledger), pole.deviceTime(), world.now());
        ledger.wronged.clear();
    }

    /** The supply fails. */
    void dark(Pole pole) {
        var ledger = of(pole);
        ledger.claims.dark();
        ledger.wronged.clear();
    }

    private @Nullable Plan plan(Pole pole, Ledger ledger) {
        var text = pole.stored(DOCUMENT + "plan");
        if (text == null) return null;
        if (!text.equals(ledger.planText)) {
            ledger.planText = text;
            ledger.plan = document(text)
                    .filter(Plan.class::isInstance)
                    .map(Plan.class::cast)
                    .orElse(null);
        }
        return ledger.plan;
    }

    // What is written

    /** A core writes to its disk; called before it is written. */
    void persists(Pole pole, Map<String, Optional<String>> changes) {
        var ledger = of(pole);
        var before = pole.stored(EPOCH);
        var renumbered = before != null
                && changes.getOrDefault(EPOCH, Optional.empty())
                        .filter(text -> !epoch(text).equals(epoch(before)))
                        .isPresent();
        var lost = false;
        for (var change : changes.entrySet()) {
            var text = change.getValue();
            if (change.getKey().startsWith(JOURNAL) && text.isPresent()) {
                lost |= journalled(pole, ledger, changes, text.get());
            } else if (change.getKey().startsWith(DOCUMENT)) {
                documented(pole, ledger, change.getKey(), text);
            }
        }
        if (renumbered || lost) return;
        for (var change : changes.entrySet()) {
            if (change.getKey().startsWith(JOURNAL) && change.getValue().isEmpty()) {
                forgotten(pole, ledger, Long.parseLong(change.getKey().substring(JOURNAL.length()), 16));
            }
        }
    }

    /** A document takes its place, or leaves it. */
    private void documented(Pole pole, Ledger ledger, String key, Optional<String> text) {
        var row = key.substring(DOCUMENT.length());
        if (row.startsWith("now@") || row.startsWith("ses@")) {
            ledger.listed.remove(key);
            var orders = text.flatMap(this::document);
            ledger.claims.takes(key, orders);
            orders.ifPresent(document -> {
                cleared(ledger, document);
                var act = document instanceof Now now ? now.act() : ((Ses) document).act();
                act.forEach(entry -> looksAt(pole, ledger, entry));
                ledger.listed.put(
                        key, act.stream().map(entry -> entry.sid().value()).collect(Collectors.toSet()));
            });
        } else if (row.equals("keys")) {
            text.flatMap(this::document).ifPresent(document -> ledger.bad = Set.copyOf(((Keys) document).bad()));
        }
    }

    /** Its moment is looked at even when the box sleeps over it. */
    private void looksAt(Pole pole, Ledger ledger, Entry entry) {
        var time = pole.deviceTime();
        if (time != null && entry.beg() > time) {
            world.in(entry.beg() - time + SLACK_MS, () -> precedence(pole, ledger, false));
        }
    }

    private static String epoch(String text) {
        return text.split(" ", -1)[0];
    }

    /** Returns whether the entry owns up to a loss. */
    private boolean journalled(Pole pole, Ledger ledger, Map<String, Optional<String>> changes, String text) {
        var entry = JournalEntry.decode(text.getBytes(StandardCharsets.UTF_8));
        var epoch = changes.getOrDefault(EPOCH, Optional.empty()).or(() -> Optional.ofNullable(pole.stored(EPOCH)));
        var jid = epoch.map(Auditor::epoch).orElse("");
        var event = entry.event();
        if (event instanceof Event.Gap) {
            // It stands in the place of an entry that is lost; nobody has to confirm that one any more.
            ledger.journal.remove(entry.n());
            return true;
        }
        ledger.journal.put(entry.n(), new Confirmed(jid, entry.n(), JournalRules.fingerprint(entry)));
        ledger.claims.tells(entry, world.now());
        if (event instanceof Event.Started started) {
            var name = started.oid().value();
            if (ledger.startReports.add(name + " " + entry.t() + " " + entry.q() + " " + started.pos())) {
                ledger.starts.merge(name, 1, Integer::sum);
            }
        } else if (event instanceof Event.Missed missed) {
            ledger.given.add(missed.oid().value());
        } else if (event instanceof Event.Failed failed) {
            ledger.given.add(failed.oid().value());
        }
        return false;
    }

    /** The controller forgets an entry: only because the server has it. */
    private void forgotten(Pole pole, Ledger ledger, long n) {
        var entry = ledger.journal.remove(n);
        var servers = server;
        if (entry == null || servers == null) return;
        confirmations++;
        if (!servers.tables().holds(pole.profile().id(), entry.jid(), n, entry.fingerprint())) {
            violated(
                    Invariant.CONFIRMED,
                    pole,
                    "entry " + n + " of " + entry.jid() + " (" + entry.fingerprint()
                            + ") was confirmed and is not in the database");
        }
        ledger.confirmed.put(entry.jid() + " " + n, entry);
    }

    private void cleared(Ledger ledger, vn.loalang.protocol.Document document) {
        if (!(document instanceof Now now)) return;
        var cpri = now.by().value().startsWith("x") ? Keyring.STOLEN_PRI : Keyring.OFFICER_PRI;
        for (var name : now.clr()) {
            var sid = name.equals(Now.EVERYTHING) ? Optional.<Sid>empty() : Optional.of(new Sid(name));
            ledger.clears.add(
                    new AllClear(now.head().to(), sid, cpri, now.head().iat()));
        }
    }

    /** Whether every order under this sid has been cleared for the pole. */
    private static boolean ended(Ledger ledger, String sid) {
        return ledger.orders.containsKey(sid)
                && notCleared(ledger, sid).findAny().isEmpty();
    }

    /** The orders under this sid that no all-clear has ended for the pole. */
    private static Stream<Order> notCleared(Ledger ledger, String sid) {
        return ledger.orders.getOrDefault(sid, List.of()).stream()
                .filter(order -> !isCleared(ledger, order.entry(), order.to(), order.iat()));
    }

    private static boolean isCleared(Ledger ledger, Entry entry, Scope to, long iat) {
        return ledger.clears.stream().anyMatch(clear -> clear.ends(entry, to, iat));
    }

    // What is shown

    /** A playback moved on in the database. */
    void shown(Pole pole, Oid oid, @Nullable PlaybackFacts facts) {
        if (facts == null) return;
        var ledger = of(pole);
        var name = oid.value();
        var heard = ledger.heardMs.getOrDefault(name, 0L)
                + (!ledger.silent && ledger.sounding.equals(name) ? world.now() - ledger.soundingSince : 0);
        if (facts.heardMs() > heard + SLACK_MS) {
            violated(Invariant.HEARD, pole, name + " is shown heard for " + facts.heardMs() + " ms, it was " + heard);
        }
        if (facts.state() == PlaybackState.COMPLETED && !ledger.completed.contains(name)) {
            violated(Invariant.HEARD, pole, name + " is shown completed, it never came to its end");
        }
    }

    /** An older database took the place of the present one: what it has not got is nobody's fault. */
    void restored(Tables tables) {
        ledgers.forEach((pole, ledger) -> ledger.confirmed
                .values()
                .removeIf(entry -> !tables.holds(pole.profile().id(), entry.jid(), entry.n(), entry.fingerprint())));
    }

    /** At the end of a day. */
    void endOfDay() {
        var servers = server;
        if (servers == null) return;
        var tables = servers.tables();
        ledgers.forEach((pole, ledger) -> {
            for (var entry : ledger.confirmed.values()) {
                if (!tables.holds(pole.profile().id(), entry.jid(), entry.n(), entry.fingerprint())) {
                    violated(Invariant.CONFIRMED, pole, "entry " + entry.n() + " was confirmed and is gone");
                }
            }
        });
        tables.playbacks.forEach(
                (oid, facts) -> facts.forEach((id, fact) -> pole(id).ifPresent(pole -> shown(pole, oid, fact))));
    }

    private Optional<Pole> pole(DeviceId id) {
        return ledgers.keySet().stream()
                .filter(pole -> pole.profile().id().equals(id))
                .findFirst();
    }

    // Helpers

    private Ledger of(Pole pole) {
        return ledgers.computeIfAbsent(pole, each -> new Ledger());
    }

    private static boolean concerns(Pole pole, Scope to) {
        return to instanceof Scope.Area area
                ? pole.areas().contains(area.area())
                : to instanceof Scope.Device device
                        && device.id().equals(pole.profile().id());
    }

    private Optional<vn.loalang.protocol.Document> document(String text) {
        try {
            return Optional.of(
                    Stored.decode(text.getBytes(StandardCharsets.UTF_8), notary).document());
        } catch (Refusal damaged) {
            return Optional.empty();
        }
    }

    /** A test tone is judged by the hour of its command and lasts 3 s; what is ordered ends when quiet hours begin. */
    private static boolean mayGoOn(Ledger ledger, String name) {
        return name.equals(BEEP) || exempt(ledger, name);
    }

    private static boolean exempt(Ledger ledger, String name) {
        if (Claims.isLocal(name)) return true;
        if (name.indexOf('#') < 0) return false;
        return ledger.orders.getOrDefault(name.substring(0, name.indexOf('#')), List.of()).stream()
                .anyMatch(order -> order.entry().st() == OrderStatus.ACTUAL
                        && order.entry().pri() >= URGENT);
    }

    private boolean isQuiet(long unixMs) {
        return quiet.stream().anyMatch(window -> window.contains(minute(unixMs)));
    }

    /** How long quiet hours have lasted, ms; at most an hour is looked back. */
    private long sinceQuiet(long unixMs) {
        var ms = Math.floorMod(unixMs, MINUTE_MS);
        for (int back = 1; back <= 60; back++) {
            if (!isQuiet(unixMs - back * MINUTE_MS)) return ms + (back - 1) * MINUTE_MS;
        }
        return 60 * MINUTE_MS;
    }

    private static int minute(long unixMs) {
        return (int) Math.floorMod(Math.floorDiv(unixMs, MINUTE_MS) + 420, 1440L);
    }

    /** Some part of the system threw what nobody expected. */
    void failed(RuntimeException unexpected) {
        var where = List.of(unexpected.getStackTrace()).stream()
                .filter(frame -> frame.getClassName().startsWith("vn.loalang."))
                .limit(3)
                .map(StackTraceElement::toString)
                .toList();
        violations.add(new Violation(Invariant.ALIVE, world.instant(), "", unexpected + " at " + where));
    }

    private void violated(Invariant invariant, Pole pole, String what) {
        world.tell("AUDITOR", () -> pole + " " + invariant + ": " + what);
        world.mark("violation", invariant.name().hashCode());
        if (violations.size() < MOST) {
            violations.add(new Violation(invariant, world.instant(), pole.toString(), what));
        }
    }
}
