package vn.loalang.controller.core;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.DeviceState.Order;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Event.Interruption;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.PlayId;
import vn.loalang.protocol.Sid;

/**
 * Emergencies and sessions: the entries of {@code now} and {@code ses} in force, each with its repetitions, its gap in which it
 * holds the channel, and its ceilings.
 */
final class Orders implements Source.Family {
    private static final int SMAX_WITHOUT_SITE = 3_600;
    /** After its ceiling an order waits until a piece worth hearing is allowed again. */
    private static final long WORTH_HEARING_MS = 30_000;
    /** What a sink may report less than it was told to sound. */
    private static final long ROUNDING_MS = 100;
    /** How often the last repetition is given back after a power cut. */
    private static final int POWER_RETRIES = 2;

    private final TrustedTime time;
    private final Journal journal;
    private final OrderMemory memory;
    private final Ceilings ceilings;
    private final Surroundings surroundings;
    private final Repertoire repertoire;
    private final Hello.Proof proof;
    private final Outputs out;
    private final Map<Sid, Standing> standing = new TreeMap<>();
    private long turns;

    Orders(
            TrustedTime time,
            Journal journal,
            OrderMemory memory,
            Ceilings ceilings,
            Surroundings surroundings,
            Repertoire repertoire,
            Hello.Proof proof,
            Outputs out) {
        this.time = time;
        this.journal = journal;
        this.memory = memory;
        this.ceilings = ceilings;
        this.surroundings = surroundings;
        this.repertoire = repertoire;
        this.proof = proof;
        this.out = out;
    }

    /**
     * What the documents order now.
     *
     * @param inForce one of each {@code sid}
     * @param cleared whether an order that is no longer among them was ended by a clear
     */
    void inForce(List<Order> inForce, Predicate<Order> cleared) {
        var sids = inForce.stream().map(o -> o.entry().sid()).collect(java.util.stream.Collectors.toSet());
        standing.values().forEach(s -> {
            if (!sids.contains(s.sid())) {
                s.withdrawn = cleared.test(s.order) ? Interruption.CLEARED : Interruption.STOPPED;
            }
        });
        for (var order : inForce) {
            standing.computeIfAbsent(order.entry().sid(), sid -> new Standing(order))
                    .update(order);
        }
    }

    /** Names whose memory must stay. */
    Set<Sid> sids() {
        return Set.copyOf(standing.keySet());
    }

    @Override
    public Stream<Standing> sources() {
        return standing.values().stream();
    }

    @Override
    public void cut(PlayId play, long heardMs) {
        var sid = play.sid();
        if (sid.isEmpty()) return;
        var past = memory.of(sid.get());
        var order = standing.get(sid.get());
        var last = order != null && past.next() > order.order.entry().rep();
        // An emergency is heard at least once; but what makes the supply collapse must not be tried for ever.
        if (last && past.completed() == 0 && past.cuts() < POWER_RETRIES) {
            memory.put(sid.get(), past.againAfterCut(play.repetition()));
        }
    }

    @Override
    public void judge() {
        standing.values().removeIf(s -> s.withdrawn != null && !s.sounding);
        if (!time.sure()) return;
        var now = time.now().orElseThrow();
        for (var s : standing.values()) s.judge(now);
    }

    @Override
    public OptionalLong nextChange() {
        var now = time.now();
        if (now.isEmpty()) return OptionalLong.empty();
        var ahead = time.mono() - now.getAsLong();
        var next = Long.MAX_VALUE;
        for (var s : standing.values()) {
            next = sooner(next, s.order.entry().beg() + ahead);
            next = sooner(next, s.order.entry().until() + ahead);
            next = sooner(next, s.freeMono);
        }
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    private long sooner(long next, long at) {
        return at > time.mono() ? Math.min(next, at) : next;
    }

    /** One order. */
    final class Standing implements Source {
        private Order order;
        private boolean sounding;
        private @Nullable Interruption withdrawn;
        private @Nullable Hindrance hindrance;
        /** End of the gap. */
        private long freeMono;

        /** {@code until} on the monotonic clock, once it has sounded: a clock that steps back prolongs nothing (TIM-6). */
        private long untilMono = Long.MAX_VALUE;

        private long lastTurn;
        /** Recordings failed: tones from now on. */
        private boolean plain;

        private List<Repertoire.Piece> pieces = List.of();
        private int repetition;
        private long bound;
        /** Step to go on with after an update, in the same repetition; 0 is none. */
        private int goOnWith;

        private long heardOfRepetition;
        private long heardOfTurn;

        Standing(Order order) {
            this.order = order;
        }

        Sid sid() {
            return order.entry().sid();
        }

        private Entry entry() {
            return order.entry();
        }

        void update(Order fresh) {
            var before = entry();
            withdrawn = null;
            order = fresh;
            if (before.until() != entry().until()) untilMono = Long.MAX_VALUE;
            var otherContent =
                    !before.content().equals(entry().content()) || (before.st() == OrderStatus.ACTUAL) != isActual();
            // The running step is finished; what comes after it is as ordered now.
            if (sounding && otherContent) goOnWith = Math.max(goOnWith, stepNow() + 1);
        }

        @Override
        public Optional<Decision.Candidate> candidate() {
            if (sounding) return Optional.of(candidateNow(false));
            var now = time.now();
            if (now.isPresent()) return candidateAt(now.getAsLong());
            if (withdrawn == null && repertoire.canBegin(entry())) hindrance = Hindrance.CLOCK;
            return Optional.empty();
        }

        @Override
        public Optional<Decision.Candidate> imminent(long leadMs) {
            var beg = entry().beg();
            return !sounding && time.comesWithin(beg, leadMs) ? candidateAt(beg) : Optional.empty();
        }

        private Optional<Decision.Candidate> candidateAt(long when) {
            if (withdrawn != null || !repertoire.canBegin(entry())) return Optional.empty();
            var past = memory.of(sid());
            var open = entry().beg() <= when
                    && untilLeft(when) > 0
                    && !past.stopped()
                    && (goOnWith > 0 || past.next() <= entry().rep())
                    && mayBegin(past);
            return open ? Optional.of(candidateNow(time.mono() < freeMono)) : Optional.empty();
        }

        private boolean mayBegin(OrderMemory.Past past) {
            var own = entry().max() * 1000L - past.heardMs();
            if (own <= 0) return false;
            if (entry().pri() < Limits.FIRST_PRI) return true;
            var needed = Math.min(WORTH_HEARING_MS, contentMs(repertoire.repetition(entry(), goOnWith, plain)));
            return ceilings.leftMs(order.by(), smax()) >= Math.min(needed, own);
        }

        private Decision.Candidate candidateNow(boolean waiting) {
            return new Decision.Candidate(
                    sid().value(), Decision.Origin.ENTRY, entry().pri(), isActual(), entry().beg(), waiting, lastTurn);
        }

        @Override
        public Optional<Interruption> revoked() {
            if (withdrawn == null && repertoire.isLost(entry())) return Optional.of(Interruption.LINK_LOST);
            return Optional.ofNullable(withdrawn);
        }

        @Override
        public Turn begin() {
            var now = time.now().orElseThrow();
            var past = memory.of(sid());
            var continued = goOnWith > 0;
            if (!continued) {
                repetition = past.next();
                heardOfRepetition = 0;
            }
            var first = repetition == 1 || freeMono == 0;
            var late = first ? 0 : Math.max(0, time.mono() - freeMono);
            var planned = repetition == 1 ? entry().beg() : now - late;
            pieces = repertoire.repetition(entry(), goOnWith, plain);
            goOnWith = 0;
            past = past.begun(repetition, entry().until());
            memory.put(sid(), past);
            sounding = true;
            hindrance = null;
            lastTurn = ++turns;
            heardOfTurn = 0;
            untilMono = Math.min(untilMono, time.mono() + entry().until() - now);
            var turn = new Turn(
                    PlayId.of(sid(), repetition).value(),
                    Optional.of(PlayId.of(sid(), repetition)),
                    past.starts(),
                    pieces.stream().map(Repertoire.Piece::sound).toList(),
                    0,
                    0,
                    level(),
                    planned,
                    now - planned,
                    false,
                    continued,
                    heardOfRepetition);
            return turn.limited(limit(turn, 0));
        }

        @Override
        public long limit(Turn turn, long elapsedMs) {
            var past = memory.of(sid());
            var now = time.now();
            if (now.isPresent()) untilMono = Math.min(untilMono, time.mono() + entry().until() - now.getAsLong());
            var left = entry().max() * 1000L - past.heardMs();
            if (entry().pri() >= Limits.FIRST_PRI) left = Math.min(left, ceilings.leftMs(order.by(), smax()));
            bound = LongStream.of(contentOfTurn(), elapsedMs + Math.max(0, untilMono - time.mono()), heardOfTurn + left)
                    .min()
                    .orElseThrow();
            return bound;
        }

        @Override
        public Volume.Level level() {
            return surroundings.volume().of(entry().vol(), entry().pri(), isActual());
        }

        @Override
        public void reached(Turn turn, long ms, long delta) {
            heardOfTurn = ms;
            memory.put(sid(), memory.of(sid()).heard(delta));
            if (entry().pri() >= Limits.FIRST_PRI) ceilings.charge(order.by(), delta);
        }

        @Override
        public Optional<Event> completed(Turn turn, long ms) {
            sounding = false;
            heardOfRepetition += ms;
            var whole = repertoire.hasSounded(entry())
                    || (ms + ROUNDING_MS >= contentOfTurn() && bound + ROUNDING_MS >= contentOfTurn());
            if (whole && goOnWith > 0 && goOnWith < Repertoire.steps(entry()).size()) return Optional.empty();
            goOnWith = 0;
            freeMono = time.mono() + entry().gap() * 1000L;
            var play = PlayId.of(sid(), repetition);
            if (!whole) {
                return Optional.of(new Event.Interrupted(play, heardOfRepetition, proof, Interruption.CEILING));
            }
            memory.put(sid(), memory.of(sid()).done());
            return Optional.of(new Event.Completed(play, heardOfRepetition, proof, level().percent()));
        }

        @Override
        public void interrupted(Turn turn, Interruption why) {
            sounding = false;
            goOnWith = 0;
            // Broken off through nobody's wish: heard at least once.
            switch (why) {
                case PREEMPTED, FAULT, LINK_LOST -> again();
                case STOPPED, CLEARED, CANCELLED, LOCAL_STOP, QUIET, CEILING, POWER_LOSS -> {}
            }
        }

        @Override
        public void failed(Turn turn) {
            sounding = false;
            goOnWith = 0;
            if (plain) return;
            plain = true;
            again();
        }

        private void again() {
            freeMono = 0;
            memory.put(sid(), memory.of(sid()).again(repetition));
        }

        @Override
        public void passedOver(Hindrance why) {
            hindrance = why;
        }

        @Override
        public void stop() {
            memory.put(sid(), memory.of(sid()).ended(entry().until()));
        }

        private boolean isActual() {
            return entry().st() == OrderStatus.ACTUAL;
        }

        private int smax() {
            var site = surroundings.site();
            return site == null ? SMAX_WITHOUT_SITE : site.smax();
        }

        private long untilLeft(long now) {
            return Math.min(untilMono - time.mono(), entry().until() - now);
        }

        /** What this turn plays: everything, or up to the end of the step that an update lets finish. */
        private long contentOfTurn() {
            return contentMs(
                    goOnWith == 0
                            ? pieces
                            : pieces.stream().filter(p -> p.step() < goOnWith).toList());
        }

        private static long contentMs(List<Repertoire.Piece> pieces) {
            return pieces.stream().mapToLong(p -> p.sound().millis()).sum();
        }

        /** Index of the step that sounds. */
        private int stepNow() {
            var end = 0L;
            for (var piece : pieces) {
                end += piece.sound().millis();
                if (heardOfTurn < end) return piece.step();
            }
            return Repertoire.steps(entry()).size();
        }

        /** Journals, once, that this never sounded and never will. */
        private void judge(long now) {
            var past = memory.of(sid());
            var over = now >= entry().until() && !sounding;
            if (!over || past.starts() > 0 || past.stopped() || past.told()) return;
            memory.put(sid(), past.missed(entry().until()));
            var play = PlayId.of(sid(), 1);
            var why = hindrance;
            if (why == Hindrance.AMPLIFIER) {
                journal.add(new Event.Failed(play, Event.Failure.AMP));
            } else {
                journal.add(new Event.Missed(play, why == null ? Event.Miss.LATE : why.miss()));
            }
            out.add(new Output.Say("Order " + sid() + " never sounded."));
        }
    }
}
