package vn.loalang.simulator.storm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import vn.loalang.delivery.rules.JournalRules;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Event.Interruption;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.Plan;
import vn.loalang.protocol.PlayId;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Ses;

/**
 * Who may claim the channel of one pole, by the text of §8 of PROTOCOL.md: told from the documents on its disk, the journal it
 * wrote and what its loudspeaker did, and not from what its core believes. Only claims beyond doubt are named: where the text
 * leaves a choice, or the evidence a gap, there is none.
 */
final class Claims {
    static final String SIREN = "siren";
    static final String MICROPHONE = "mic";

    private static final long SECOND_MS = 1_000;
    private static final long MINUTE_MS = 60_000;
    private static final long HOUR_MS = 60 * MINUTE_MS;
    private static final int SIREN_PRI = 85;
    private static final int MICROPHONE_PRI = 70;
    /** Two clocks bind for a day after a jump of more than ten minutes [TIM-8b]; a little more and a little less here. */
    private static final long JUMP_MS = 5_000;

    private static final long TWO_CLOCKS_MS = 25 * HOUR_MS;
    private static final long STOP_AGAIN_MS = 10 * MINUTE_MS;
    private static final long MUTE_MS = 15 * MINUTE_MS;
    /** What uptime and truth may be apart after a quarter of an hour, and more. */
    private static final long MUTE_SLACK_MS = 5_000;

    /**
     * Ceilings are kept by the box's own clock, which may have been hours wrong: so much loud sound in so many hours leaves room
     * under the least {@code smax} of a storm whatever it believes [PRI-3].
     */
    private static final long LOUD_WINDOW_MS = 30 * HOUR_MS;

    private static final long LOUD_MOST_MS = 3_400_000;
    private static final int LOUD = 60;
    /** Storage and rounding: so much of what was heard may be counted otherwise. */
    private static final long ROUNDING_MS = 3_000;

    /** Somebody whose turn it may be: a {@code sid}, an {@code oid} or a switch at the box. */
    record Claim(String id, int pri) {}

    /** An entry as a document in force lists it. */
    record Listed(Entry entry, Scope to, long iat) {}

    /** Loud sound that ended at that moment. */
    private record Loud(long at, long ms) {}

    /** A clock that moved, and how far it was ahead of the truth before. */
    private record Jump(long at, long ahead) {}

    /** What is known of one sid or oid. */
    private static final class Past {
        boolean begun;
        long begunAt;
        int repetition;
        boolean ended;

        @Nullable
        Interruption cut;

        int powerCuts;
        long heardMs;
        long reachedMs;
        long silentAt = Long.MIN_VALUE / 2;
        /** Somebody pressed STOP when it may have been its turn. */
        boolean perhapsStopped;
    }

    private final Map<String, List<Listed>> rows = new HashMap<>();
    private final Map<String, Past> pasts = new HashMap<>();
    private final Set<String> told = new HashSet<>();
    private final Deque<Loud> loud = new ArrayDeque<>();
    private final Deque<Jump> jumps = new ArrayDeque<>();
    private boolean siren;
    private long sirenChangedAt = Long.MIN_VALUE / 2;
    private boolean microphone;
    private long lastStop = Long.MIN_VALUE / 2;
    /** The same where the box is known to remember it. */
    private long lastSureStop = Long.MIN_VALUE / 2;

    private long perhapsMutedUntil = Long.MIN_VALUE;
    private long surelyMutedSince;
    private long surelyMutedUntil = Long.MIN_VALUE;
    private final Set<String> stopped = new HashSet<>();

    // What happened

    /** A document of orders takes its place, or leaves it. */
    void takes(String row, Optional<Document> document) {
        rows.remove(row);
        document.ifPresent(taken -> {
            var act = taken instanceof Now now ? now.act() : ((Ses) taken).act();
            rows.put(
                    row,
                    act.stream()
                            .map(entry -> new Listed(
                                    entry, taken.head().to(), taken.head().iat()))
                            .toList());
        });
    }

    /** The box writes down what it did; what it writes twice counts once. */
    void tells(JournalEntry entry, long now) {
        var event = entry.event();
        var ending = ending(event);
        if (!(event instanceof Event.Started) && ending.isEmpty()) return;
        if (!told.add(JournalRules.fingerprint(entry))) return;
        if (event instanceof Event.Started started) {
            var past = of(id(started.oid()));
            if (!past.begun) past.begunAt = now;
            past.begun = true;
            past.ended = false;
            past.repetition = Math.max(past.repetition, started.oid().repetition());
            return;
        }
        var past = of(id(ending.get()));
        past.ended = true;
        past.cut = event instanceof Event.Interrupted interrupted ? interrupted.why() : null;
        if (past.cut == Interruption.POWER_LOSS) past.powerCuts++;
    }

    private static Optional<PlayId> ending(Event event) {
        if (event instanceof Event.Completed completed) return Optional.of(completed.oid());
        if (event instanceof Event.Interrupted interrupted) return Optional.of(interrupted.oid());
        return event instanceof Event.Failed failed ? Optional.of(failed.oid()) : Optional.empty();
    }

    /** The loudspeaker falls silent after so much, which began at that place of its timeline. */
    void heard(String name, long offset, long ms, int pri, long now) {
        var past = of(id(name));
        past.heardMs += ms;
        past.reachedMs = Math.max(past.reachedMs, offset + ms);
        past.silentAt = now;
        if (pri >= LOUD && !isLocal(name)) loud.add(new Loud(now, ms));
        while (!loud.isEmpty() && loud.peek().at() < now - LOUD_WINDOW_MS) loud.remove();
    }

    /** The clock of the box stands otherwise than it did. */
    void clock(long before, long after, long now) {
        while (!jumps.isEmpty() && jumps.peek().at() < now - TWO_CLOCKS_MS) jumps.remove();
        if (Math.abs(after - before) > JUMP_MS) jumps.add(new Jump(now, before));
    }

    void siren(boolean on, long now) {
        siren = on;
        sirenChangedAt = now;
    }

    void microphone(boolean on) {
        microphone = on;
    }

    /** A switch that is on, as far as anybody knows. */
    boolean isOn(String local) {
        return local.equals(SIREN) ? siren : local.equals(MICROPHONE) && microphone;
    }

    /** The siren has the channel, or has only just given it back. */
    boolean sirenAgainst(int pri, long now, long slackMs) {
        return pri <= SIREN_PRI && (siren || now - sirenChangedAt <= slackMs);
    }

    /** Somebody held STOP while this sounded, or nothing; a box that died of it may have forgotten. */
    void stop(String sounding, boolean certain, boolean survived, @Nullable Plan plan, @Nullable Long time, long now) {
        var since = now - lastStop;
        lastStop = now;
        if (since <= STOP_AGAIN_MS + MUTE_SLACK_MS) perhapsMutedUntil = now + MUTE_MS + MUTE_SLACK_MS;
        if (survived) {
            if (now - lastSureStop <= STOP_AGAIN_MS - MUTE_SLACK_MS) {
                if (now > surelyMutedUntil) surelyMutedSince = now;
                surelyMutedUntil = now + MUTE_MS - MUTE_SLACK_MS;
            }
            lastSureStop = now;
        }
        if (isLocal(sounding)) return;
        if (certain && !sounding.isEmpty()) stopped.add(id(sounding));
        if (!sounding.isEmpty()) of(id(sounding)).perhapsStopped = true;
        if (certain && !sounding.isEmpty()) return;
        // Whoever waited in its gap, or was just about to begin.
        rows.values()
                .forEach(listed -> listed.forEach(one -> of(one.entry().sid().value()).perhapsStopped = true));
        if (plan == null || time == null) return;
        for (var item : plan.items()) {
            if (item.at() <= time + 2 * SECOND_MS && time < item.at() + item.dur() * SECOND_MS) {
                of(item.oid().value()).perhapsStopped = true;
            }
        }
    }

    /** The supply failed: a mute and a held switch end with it. */
    void dark() {
        surelyMutedUntil = Long.MIN_VALUE;
        lastSureStop = Long.MIN_VALUE / 2;
        siren = false;
        microphone = false;
    }

    // What follows

    /** Whether a person ended it for good. */
    boolean isStopped(String name) {
        return stopped.contains(id(name));
    }

    /** Whether remote sound must be silent, since a little while. */
    boolean isMuted(long now, long slackMs) {
        return now < surelyMutedUntil && now > surelyMutedSince + slackMs;
    }

    /** Whether a person's STOP may have kept it silent within this time. */
    boolean mayBeStopped(String sid, long since) {
        return perhapsMutedUntil > since || of(sid).perhapsStopped;
    }

    /** The priority with which something sounds; empty when no document in force says it. */
    Optional<Integer> priority(String name, List<Listed> holding, @Nullable Plan plan) {
        if (name.equals(SIREN)) return Optional.of(SIREN_PRI);
        if (name.equals(MICROPHONE)) return Optional.of(MICROPHONE_PRI);
        var id = id(name);
        if (name.indexOf('#') > 0) {
            return holding.stream()
                    .filter(listed -> listed.entry().sid().value().equals(id))
                    .map(listed -> listed.entry().pri())
                    .findFirst();
        }
        return plan == null
                ? Optional.empty()
                : plan.items().stream()
                        .filter(item -> item.oid().value().equals(id))
                        .map(Plan.Item::pri)
                        .findFirst();
    }

    /** Of each sid the entry that holds [NOW-5], without those that an all-clear has ended. */
    List<Listed> holding(Predicate<Listed> cleared) {
        if (rows.isEmpty()) return List.of();
        var holding = new LinkedHashMap<String, Listed>();
        for (var listed : rows.values()) {
            for (var one : listed) {
                if (cleared.test(one)) continue;
                holding.merge(one.entry().sid().value(), one, (a, b) -> {
                    var pri = Integer.compare(b.entry().pri(), a.entry().pri());
                    return pri > 0 || (pri == 0 && b.iat() > a.iat()) ? b : a;
                });
            }
        }
        return List.copyOf(holding.values());
    }

    /** Switches that are on claim at every hour and without a clock [LOC-1]. */
    List<Claim> local() {
        var claims = new ArrayList<Claim>();
        if (siren) claims.add(new Claim(SIREN, SIREN_PRI));
        if (microphone) claims.add(new Claim(MICROPHONE, MICROPHONE_PRI));
        return claims;
    }

    /** Whether a person may have silenced everything remote. */
    boolean mayBeMuted(long now) {
        return now < perhapsMutedUntil;
    }

    /** Lines 3 and 5 of the table. */
    boolean claims(Entry entry, Pole pole, long time, long now, LongPredicate quiet) {
        if (!(entry.content() instanceof Entry.Steps steps) || steps.steps().isEmpty()) return false;
        var past = of(entry.sid().value());
        if (past.perhapsStopped || entry.not().contains(pole.profile().id())) return false;
        if (time < entry.beg() || time + ROUNDING_MS >= entry.until()) return false;
        // Where its clock moved since, it may be over by the other one [TIM-6].
        if (past.begun && movedSince(past.begunAt)) return false;
        var again = past.ended && past.cut == Interruption.PREEMPTED;
        if (past.repetition > entry.rep() || (past.repetition == entry.rep() && !again)) return false;
        if (past.heardMs + ROUNDING_MS >= entry.max() * SECOND_MS) return false;
        if (entry.pri() >= LOUD && loud.stream().mapToLong(Loud::ms).sum() > LOUD_MOST_MS) return false;
        return (entry.st() == OrderStatus.ACTUAL && entry.pri() >= Limits.EMERGENCY_PRI) || isCalm(time, now, quiet);
    }

    /** Lines 4 and 5 of the table. */
    boolean claims(Plan plan, Plan.Item item, long audioMs, Pole pole, long time, long now, LongPredicate quiet) {
        if (time < item.at() || time < plan.from()) return false;
        var end = item.at() + Math.min(item.dur() * SECOND_MS, audioMs);
        if (end - time < Limits.JOIN_REMAINING_MS) return false;
        var past = of(item.oid().value());
        if (past.perhapsStopped) return false;
        if (!past.begun) {
            if (time > item.at() + item.late() * SECOND_MS) return false;
        } else {
            var again = past.ended && (past.cut == Interruption.PREEMPTED || past.cut == Interruption.POWER_LOSS);
            if (!again || past.powerCuts > Limits.POWER_REJOINS || movedSince(past.begunAt)) return false;
            // Nothing of the timeline sounds twice [POS-1f]; and what was made ready and never heard is a first start.
            if (past.reachedMs == 0 || time - item.at() < past.reachedMs + ROUNDING_MS) return false;
        }
        return plan.assetsOf(item).stream().allMatch(asset -> pole.has(asset.h())) && isCalm(time, now, quiet);
    }

    /** The highest priority that may hold the channel in a gap; 0 for none [DEC-3]. */
    int held(List<Listed> holding, long time, long now, long slackMs) {
        var highest = 0;
        for (var listed : holding) {
            var entry = listed.entry();
            var past = pasts.get(entry.sid().value());
            if (past == null || time >= entry.until()) continue;
            var done = past.ended && past.cut == null && past.repetition >= entry.rep();
            if (!done && now - past.silentAt <= entry.gap() * SECOND_MS + slackMs)
                highest = Math.max(highest, entry.pri());
        }
        return highest;
    }

    private boolean isCalm(long time, long now, LongPredicate quiet) {
        return !quiet.test(time) && jumps.stream().noneMatch(jump -> quiet.test(now + jump.ahead()));
    }

    private boolean movedSince(long at) {
        return !jumps.isEmpty() && jumps.getLast().at() >= at;
    }

    private Past of(String id) {
        return pasts.computeIfAbsent(id, fresh -> new Past());
    }

    static boolean isLocal(String name) {
        return name.equals(SIREN) || name.equals(MICROPHONE);
    }

    static String id(String name) {
        var mark = name.indexOf('#');
        return mark < 0 ? name : name.substring(0, mark);
    }

    private static String id(PlayId play) {
        return id(play.value());
    }
}
