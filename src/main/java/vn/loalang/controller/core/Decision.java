package vn.loalang.controller.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import vn.loalang.protocol.Limits;

/**
 * What sounds now: the table of §8 of PROTOCOL.md, from the top. A pure function of who may sound, what holds for all of them,
 * and who sounds already.
 */
final class Decision {
    private Decision() {}

    /** Where a sound comes from. */
    enum Origin {
        /** A person at the box. */
        LOCAL,
        /** An entry of {@code now} or {@code ses}. */
        ENTRY,
        /** An item of the plan. */
        ITEM
    }

    /**
     * Somebody whose time it is (lines 3 and 4 of the table hold).
     *
     * @param id {@code sid} or {@code oid}; the last tie is broken by it, bytewise
     * @param priority 10–99
     * @param actual not an exercise or test
     * @param start planned start, Unix ms
     * @param waiting in the gap between two repetitions: silent, yet nobody lower may sound
     * @param lastTurn when it last began, as a rising number; 0 never
     */
    record Candidate(
            String id, Origin origin, int priority, boolean actual, long start, boolean waiting, long lastTurn) {
        static Candidate item(String id, int priority, long start) {
            return new Candidate(id, Origin.ITEM, priority, true, start, false, 0);
        }

        static Candidate local(String id, int priority, long start) {
            return new Candidate(id, Origin.LOCAL, priority, true, start, false, 0);
        }

        private boolean isRemote() {
            return origin != Origin.LOCAL;
        }
    }

    /**
     * What holds for everybody.
     *
     * @param amplifierFault nothing can sound
     * @param muted somebody at the box silenced remote sound
     * @param clock the time is known at all
     * @param quiet it is quiet hours
     */
    record Conditions(boolean amplifierFault, boolean muted, boolean clock, boolean quiet) {}

    /** Why a candidate is dropped. */
    enum Bar {
        AMPLIFIER,
        MUTED,
        CLOCK,
        QUIET
    }

    /**
     * The answer.
     *
     * @param sounds who sounds from now on; empty is silence
     * @param goesOn it sounded already
     * @param barred who was dropped, and why
     */
    record Verdict(Optional<Candidate> sounds, boolean goesOn, Map<Candidate, Bar> barred) {}

    private static final Comparator<Candidate> ORDER = Comparator.comparingInt((Candidate c) -> -c.priority())
            .thenComparing(Candidate::waiting)
            .thenComparingLong(c -> c.priority() >= Limits.EMERGENCY_PRI ? c.lastTurn() : 0)
            .thenComparingLong(Candidate::start)
            .thenComparing(Candidate::id);

    /**
     * @param all everybody whose time it is, in any order
     * @param running who sounds, if anybody; no longer one of {@code all} if it may not go on
     */
    static Verdict decide(Conditions conditions, List<Candidate> all, Optional<Candidate> running) {
        var barred = new LinkedHashMap<Candidate, Bar>();
        var left = new ArrayList<Candidate>();
        for (var candidate : all) {
            bar(candidate, conditions).ifPresentOrElse(bar -> barred.put(candidate, bar), () -> left.add(candidate));
        }
        var best = left.stream().min(ORDER);
        var current = running.filter(left::contains);
        if (current.isPresent()
                && best.orElseThrow().priority() <= current.get().priority()) {
            return new Verdict(current, true, barred);
        }
        // Whoever waits in its gap holds the channel: silence, not the next best.
        return new Verdict(best.filter(c -> !c.waiting()), false, barred);
    }

    /** Who comes first among these if nothing bars anybody, waiting or not. */
    static Optional<Candidate> best(Collection<Candidate> all) {
        return all.stream().min(ORDER);
    }

    private static Optional<Bar> bar(Candidate c, Conditions now) {
        if (now.amplifierFault()) return Optional.of(Bar.AMPLIFIER);
        if (!c.isRemote()) return Optional.empty();
        if (now.muted()) return Optional.of(Bar.MUTED);
        if (!now.clock()) return Optional.of(Bar.CLOCK);
        if (now.quiet() && (c.priority() < Limits.EMERGENCY_PRI || !c.actual())) return Optional.of(Bar.QUIET);
        return Optional.empty();
    }
}
