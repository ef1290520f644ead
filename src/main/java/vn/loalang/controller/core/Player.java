package vn.loalang.controller.core;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Event.Interruption;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.PlayId;
import vn.loalang.protocol.Quality;

/**
 * The one channel: asks {@link Decision} who may have it, lets at most one {@link Source} sound, and keeps the evidence of what
 * truly left the loudspeaker. What a source is, when it may sound and what is remembered of it is the source's own matter.
 */
final class Player {
    /** A sink that stays silent this long after its end has failed. */
    private static final long SINK_OVERDUE_MS = 3_000;
    /** A fade takes 300 ms at most; after this the sink is given up, so that the next sound begins within a second. */
    private static final long FADE_OVERDUE_MS = 600;

    /** Less is the rounding of two clocks. */
    private static final long CLOCK_MOVED_MS = 5;

    private static final String RUN = "run";

    private final Memory memory;
    private final TrustedTime time;
    private final Journal journal;
    private final Surroundings surroundings;
    private final Hello.Proof proof;
    private final long boot;
    private final List<Source.Family> families;
    private final long leadMs;
    private final Outputs out;
    private long plays;
    private @Nullable Run running;

    /** What sounds; times in ms. */
    private static final class Run {
        final long play;
        final Source source;
        final Source.Turn turn;
        long startedMono;
        int priority;
        long limit;
        Volume.Level level;
        long lastMs;

        @Nullable
        Interruption stopping;

        long stoppingMono;
        /** It gave way before its moment. */
        boolean takenBack;

        Run(long play, Source source, Source.Turn turn, int priority, long startedMono) {
            this.play = play;
            this.source = source;
            this.turn = turn;
            this.priority = priority;
            this.startedMono = startedMono;
            this.limit = turn.limitMs();
            this.level = turn.level();
        }

        long heardMs() {
            return turn.heardBefore() + lastMs;
        }

        /** How long its first sample still has to wait. */
        long waits(long mono) {
            return Math.max(0, startedMono - mono);
        }

        boolean over(long mono) {
            return mono - startedMono >= limit;
        }
    }

    /**
     * @param families everything that may sound
     * @param leadMs how long before its moment a sound is made ready
     */
    Player(
            Memory memory,
            TrustedTime time,
            Journal journal,
            Surroundings surroundings,
            Hello.Proof proof,
            long boot,
            List<Source.Family> families,
            long leadMs,
            Outputs out) {
        this.memory = memory;
        this.time = time;
        this.journal = journal;
        this.surroundings = surroundings;
        this.proof = proof;
        this.boot = boot;
        this.families = families;
        this.leadMs = leadMs;
        this.out = out;
    }

    /** After a start: what sounded when the power failed was interrupted by that. Called once, before anything else. */
    void recover() {
        var cut = memory.get(RUN);
        if (cut.isEmpty()) return;
        var f = cut.get().split(" ");
        var play = new PlayId(f[0]);
        var heard = Long.parseLong(f[1]);
        journal.addAt(
                Long.parseLong(f[2]),
                Quality.valueOf(f[3]),
                Long.parseLong(f[4]),
                new Event.Interrupted(play, heard, proof, Interruption.POWER_LOSS));
        families.forEach(family -> family.cut(play, heard));
        memory.remove(RUN);
        out.add(new Output.Say("The power failed while " + play + " sounded, " + heard / 1000 + " s heard."));
    }

    /** Documents or settings changed: what sounds takes over its new length, volume and priority. */
    void changed() {
        var run = running;
        if (run == null || run.stopping != null) return;
        run.source.candidate().ifPresent(c -> run.priority = c.priority());
        var limit = run.source.limit(run.turn, time.mono() - run.startedMono);
        var level = run.source.level();
        if (limit == run.limit && level.equals(run.level)) return;
        run.limit = limit;
        run.level = level;
        adjust(run);
    }

    private void adjust(Run run) {
        out.add(new Output.Adjust(run.play, run.limit, run.level.gain(), run.startedMono));
    }

    /** Whether something of at least this priority sounds. */
    boolean sounds(int priority) {
        return running != null && running.priority >= priority;
    }

    /** Name of what sounds, if anything. */
    Optional<String> sounding() {
        return Optional.ofNullable(running).map(run -> run.turn.name());
    }

    /** What sounds of what the journal knows, if anything. */
    Optional<PlayId> playing() {
        return Optional.ofNullable(running).flatMap(run -> run.turn.play());
    }

    void heard(SinkEvent event) {
        var run = running;
        if (run == null || run.play != event.play()) return;
        if (event instanceof SinkEvent.Progress progress) {
            reached(run, progress.ms());
            remember(run);
        } else if (event instanceof SinkEvent.Ended ended) {
            reached(run, ended.ms());
            if (run.stopping != null) interrupted(run, run.stopping);
            else completed(run);
        } else if (event instanceof SinkEvent.Failed failed) {
            reached(run, failed.ms());
            failed(run, failed.failure());
        }
    }

    /** A person held STOP: what sounds, or holds the channel in its gap, never sounds again. */
    void stop() {
        var run = running;
        if (run != null) {
            run.source.stop();
            if (run.turn.play().isPresent() && run.stopping == null) fade(run, Interruption.LOCAL_STOP);
            return;
        }
        var standing = standing();
        Decision.best(standing.keySet()).map(standing::get).ifPresent(Source::stop);
    }

    /** The decision, at every change and tick. */
    void decide() {
        watchSink();
        families.forEach(Source.Family::judge);
        var run = running;
        var current = Optional.<Decision.Candidate>empty();
        if (run != null) {
            if (run.stopping != null) return;
            var revoked = run.source.revoked();
            if (revoked.isPresent()) {
                fade(run, revoked.get());
                return;
            }
            if (run.over(time.mono())) return;
            current = run.source.candidate();
            current.ifPresent(itself -> follow(run, itself));
            if (run.stopping != null) return;
        }
        var standing = standing();
        // What waits for its moment is judged as of that moment.
        var conditions = surroundings.conditionsIn(run == null ? 0 : run.waits(time.mono()));
        var verdict = Decision.decide(conditions, List.copyOf(standing.keySet()), current);
        standing.forEach((candidate, source) -> {
            var bar = verdict.barred().get(candidate);
            if (bar != null) source.passedOver(hindrance(bar));
            else if (!Optional.of(candidate).equals(verdict.sounds())) source.passedOver(Source.Hindrance.PREEMPTED);
        });
        if (run == null) {
            verdict.sounds()
                    .or(() -> imminent(standing))
                    .ifPresent(winner -> start(source(standing, winner), winner.priority()));
        } else if (!verdict.goesOn()) {
            var bar = current.map(verdict.barred()::get);
            giveWay(run, bar.map(Player::interruption).orElse(Interruption.PREEMPTED));
        }
    }

    /** Uptime at which the next decision may come out differently, as far as known now. */
    OptionalLong nextChange() {
        var next = Long.MAX_VALUE;
        for (var family : families) next = Math.min(next, family.nextChange().orElse(Long.MAX_VALUE));
        var run = running;
        if (run != null) {
            var end = run.startedMono + run.limit;
            next = Math.min(next, end > time.mono() ? end : end + SINK_OVERDUE_MS);
            if (run.stopping != null) next = Math.min(next, run.stoppingMono + FADE_OVERDUE_MS + 1);
        }
        // Quiet hours begin and end on a full minute, and then at once.
        var minute = time.nextMinute();
        if (minute.isPresent()
                && (run != null || (surroundings.isQuiet() && !standing().isEmpty()))) {
            next = Math.min(next, minute.getAsLong());
        }
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    private Map<Decision.Candidate, Source> standing() {
        var standing = new LinkedHashMap<Decision.Candidate, Source>();
        for (var family : families) {
            family.sources().forEach(source -> source.candidate().ifPresent(c -> standing.put(c, source)));
        }
        return standing;
    }

    /** Who will have the channel in a moment and can be made ready for it, unless somebody comes between. */
    private Optional<Decision.Candidate> imminent(Map<Decision.Candidate, Source> standing) {
        var now = time.now();
        if (leadMs == 0 || now.isEmpty()) return Optional.empty();
        var soon = new LinkedHashMap<Decision.Candidate, Source>();
        for (var family : families) {
            family.sources().forEach(source -> source.imminent(leadMs).ifPresent(c -> soon.put(c, source)));
        }
        if (soon.isEmpty()) return Optional.empty();
        var moment = soon.keySet().stream()
                .mapToLong(Decision.Candidate::start)
                .min()
                .getAsLong();
        soon.keySet().removeIf(later -> later.start() > moment);
        standing.putAll(soon);
        var then = surroundings.conditionsIn(moment - now.getAsLong());
        return Decision.decide(then, List.copyOf(standing.keySet()), Optional.empty())
                .sounds()
                .filter(winner -> soon.containsKey(winner) && soon.get(winner).canWait());
    }

    private static Source source(Map<Decision.Candidate, Source> standing, Decision.Candidate winner) {
        var source = standing.get(winner);
        if (source == null) throw new IllegalStateException("The decision names somebody unknown: " + winner);
        return source;
    }

    private static Source.Hindrance hindrance(Decision.Bar bar) {
        return switch (bar) {
            case AMPLIFIER -> Source.Hindrance.AMPLIFIER;
            case MUTED -> Source.Hindrance.MUTED;
            case CLOCK -> Source.Hindrance.CLOCK;
            case QUIET -> Source.Hindrance.QUIET;
        };
    }

    private static Interruption interruption(Decision.Bar bar) {
        return switch (bar) {
            case AMPLIFIER, CLOCK -> Interruption.FAULT;
            case MUTED -> Interruption.LOCAL_STOP;
            case QUIET -> Interruption.QUIET;
        };
    }

    private void start(Source source, int priority) {
        var turn = source.begin();
        // Two clocks are read in whole milliseconds: without one more the first sample might leave one too early.
        var due = turn.inMs() == 0 ? time.mono() : time.mono() + turn.inMs() + 1;
        var run = new Run(++plays, source, turn, priority, due);
        running = run;
        remember(run);
        if (!turn.continued()) {
            var error = turn.errorMs() + turn.inMs();
            turn.play()
                    .ifPresent(play -> journal.addAt(
                            stamp(run), time.quality(), boot, new Event.Started(play, error, turn.offsetMs())));
        }
        out.add(new Output.Play(
                run.play,
                turn.name(),
                turn.start(),
                turn.content(),
                turn.offsetMs(),
                turn.limitMs(),
                turn.level().gain(),
                turn.plannedAt(),
                turn.joining(),
                run.startedMono));
        out.add(new Output.Say("Sounding " + turn.name() + " from " + turn.offsetMs() / 1000 + " s for "
                + Math.min(turn.limitMs(), turn.contentMs()) / 1000 + " s at volume "
                + turn.level().percent() + " %."));
    }

    /**
     * The clock was set, or an item moved, while it waits: so does its moment. Where that is no longer ahead, or not soon, it is
     * taken back.
     */
    private void follow(Run run, Decision.Candidate itself) {
        var mono = time.mono();
        var now = time.now();
        if (run.waits(mono) == 0 || now.isEmpty()) return;
        var due = mono + itself.start() - now.getAsLong();
        if (Math.abs(due - run.startedMono) <= CLOCK_MOVED_MS) return;
        if (due <= mono || due > mono + leadMs) {
            giveWay(run, Interruption.PREEMPTED);
            return;
        }
        run.startedMono = due + 1;
        run.limit = run.source.limit(run.turn, mono - run.startedMono);
        adjust(run);
    }

    /** Fades out for another sound, or for silence; what has not begun yet is judged anew at its moment. */
    private void giveWay(Run run, Interruption why) {
        run.takenBack = run.waits(time.mono()) > 0;
        fade(run, why);
    }

    private void fade(Run run, Interruption why) {
        run.stopping = why;
        run.stoppingMono = time.mono();
        out.add(new Output.Fade(run.play));
    }

    private void watchSink() {
        var run = running;
        if (run == null) return;
        if (run.stopping != null) {
            if (time.mono() - run.stoppingMono > FADE_OVERDUE_MS) interrupted(run, run.stopping);
        } else if (time.mono() - run.startedMono > run.limit + SINK_OVERDUE_MS) {
            out.add(new Output.Fade(run.play));
            failed(run, Event.Failure.AMP);
        }
    }

    private static void reached(Run run, long ms) {
        if (ms <= run.lastMs) return;
        var delta = ms - run.lastMs;
        run.lastMs = ms;
        run.source.reached(run.turn, ms, delta);
    }

    /** What happens to a sound that waits is told as of its moment: nothing ends before it began. */
    private long stamp(Run run) {
        return run.waits(time.mono()) > 0 ? run.turn.plannedAt() : time.stamp();
    }

    private void remember(Run run) {
        run.turn
                .play()
                .ifPresent(play -> memory.put(
                        RUN, play + " " + run.heardMs() + " " + stamp(run) + " " + time.quality() + " " + boot));
    }

    private void completed(Run run) {
        var event = run.source.completed(run.turn, run.lastMs);
        leave();
        if (event.isPresent()) {
            journal.add(event.get());
            var word = event.get() instanceof Event.Interrupted cut
                    ? "Broken off (" + cut.why().wire() + ") "
                    : "Completed ";
            out.add(new Output.Say(word + run.turn.name() + ", " + run.heardMs() / 1000 + " s heard."));
        }
    }

    private void interrupted(Run run, Interruption why) {
        var at = stamp(run);
        if (run.takenBack && run.lastMs == 0) run.source.takenBack();
        else run.source.interrupted(run.turn, why);
        leave();
        run.turn
                .play()
                .ifPresent(play -> journal.addAt(
                        at, time.quality(), boot, new Event.Interrupted(play, run.heardMs(), proof, why)));
        out.add(new Output.Say(
                "Interrupted " + run.turn.name() + " after " + run.heardMs() / 1000 + " s (" + why.wire() + ")."));
    }

    private void failed(Run run, Event.Failure failure) {
        run.source.failed(run.turn);
        leave();
        run.turn
                .play()
                .ifPresent(play -> journal.add(
                        run.lastMs > 0
                                ? new Event.Interrupted(play, run.heardMs(), proof, Interruption.FAULT)
                                : new Event.Failed(play, failure)));
        out.add(new Output.Say(
                "The sound of " + run.turn.name() + " failed (" + failure.wire() + "); whatever is next is tried."));
    }

    private void leave() {
        running = null;
        memory.remove(RUN);
    }
}
