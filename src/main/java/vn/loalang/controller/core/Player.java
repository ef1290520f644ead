package vn.loalang.controller.core;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Event.Interruption;
import vn.loalang.protocol.Event.Miss;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.PlayId;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Site;

/**
 * Decides what sounds now (§8 of PROTOCOL.md) and keeps the evidence of it: one thing at a time, the highest priority, never in
 * quiet hours, never the same stretch twice.
 *
 * <p>Emergencies will join as further candidates beside plan items; everything after "candidate" is already by priority alone.
 */
final class Player {
    /** A sink that stays silent this long after its end has failed. */
    private static final long SINK_OVERDUE_MS = 3_000;
    /** A fade takes 300 ms at most; after this the sink is given up. */
    private static final long FADE_OVERDUE_MS = 1_000;

    private static final long MINUTE_MS = 60_000;
    private static final String RUN = "run";

    private final Memory memory;
    private final TrustedTime time;
    private final Journal journal;
    private final DoneMemory done;
    private final Hello.Proof proof;
    private final long boot;
    private final Predicate<Hash> ready;
    private final Outputs out;
    private final Map<Oid, Miss> blocked = new HashMap<>();
    private List<Item> items = List.of();
    private Rules rules = new Rules(null, 0);
    private long plays;
    private @Nullable Run running;

    /**
     * The settings that bind sound.
     *
     * @param site safety settings; without them no plan plays (SIT-1)
     * @param trimDb {@code cfg.trim}, attenuation of routine sound
     */
    record Rules(@Nullable Site site, int trimDb) {
        /** PRI-1: the ordered volume within the site's limit, percent. */
        int volume(int ordered) {
            return site == null ? 0 : Math.min(ordered, site.vmax());
        }

        /** Linear factor for samples. */
        double gain(int ordered) {
            var decibels = site == null ? 0 : trimDb + site.gain();
            return volume(ordered) / 100.0 * Math.pow(10, decibels / 20.0);
        }
    }

    /** What sounds; times in ms. */
    private static final class Run {
        final long play;
        Item item;
        final long startedMono;
        final long offset;
        final long heardBefore;
        long limit;
        long lastMs;

        @Nullable
        Interruption stopping;

        long stoppingMono;

        Run(long play, Item item, long startedMono, long offset, long limit, long heardBefore) {
            this.play = play;
            this.item = item;
            this.startedMono = startedMono;
            this.offset = offset;
            this.limit = limit;
            this.heardBefore = heardBefore;
        }

        /** Sound made of the item so far, every stretch together, as the journal tells it. */
        long heardMs() {
            return heardBefore + lastMs;
        }

        boolean over(long mono) {
            return mono - startedMono >= limit;
        }
    }

    Player(
            Memory memory,
            TrustedTime time,
            Journal journal,
            DoneMemory done,
            Hello.Proof proof,
            long boot,
            Predicate<Hash> ready,
            Outputs out) {
        this.memory = memory;
        this.time = time;
        this.journal = journal;
        this.done = done;
        this.proof = proof;
        this.boot = boot;
        this.ready = ready;
        this.out = out;
    }

    /** After a start: what sounded when the power failed was interrupted by that. Called once, before anything else. */
    void recover() {
        var cut = memory.get(RUN);
        if (cut.isEmpty()) return;
        var f = cut.get().split(" ");
        var oid = new Oid(f[0]);
        var heard = Long.parseLong(f[1]);
        journal.addAt(
                Long.parseLong(f[2]),
                Quality.valueOf(f[3]),
                Long.parseLong(f[4]),
                new Event.Interrupted(PlayId.of(oid), heard, proof, Interruption.POWER_LOSS));
        done.put(oid, done.of(oid).cut());
        memory.remove(RUN);
        out.add(new Output.Say("The power failed while " + oid + " sounded, " + heard / 1000
                + " s heard; it rejoins where its neighbours are if 30 s are left."));
    }

    /** A plan replaces the old one whole; what sounds takes over its new length, volume and priority, or ends. */
    void plan(List<Item> fresh) {
        items = List.copyOf(fresh);
        var run = running;
        if (run != null) {
            items.stream()
                    .filter(i -> i.oid().equals(run.item.oid()))
                    .findFirst()
                    .ifPresent(i -> adopt(run, i));
        }
        blocked.keySet().retainAll(items.stream().map(Item::oid).toList());
    }

    void rules(Rules now) {
        rules = now;
        if (running != null) adopt(running, running.item);
    }

    /** Whether something of at least this priority sounds. */
    boolean sounds(int priority) {
        return running != null && running.item.priority() >= priority;
    }

    Optional<Oid> sounding() {
        return Optional.ofNullable(running).map(run -> run.item.oid());
    }

    void heard(SinkEvent event) {
        var run = running;
        if (run == null || run.play != event.play()) return;
        if (event instanceof SinkEvent.Progress progress) {
            reached(run, progress.ms());
            rememberRun(run);
        } else if (event instanceof SinkEvent.Ended ended) {
            reached(run, ended.ms());
            if (run.stopping != null) interrupted(run, run.stopping);
            else completed(run);
        } else if (event instanceof SinkEvent.Failed failed) {
            reached(run, failed.ms());
            failed(run, failed.failure());
        }
    }

    /** The decision, at every change and tick. */
    void decide() {
        watchSink();
        judgePast();
        var best = candidates().min(ORDER);
        var run = running;
        if (run != null) {
            if (run.stopping != null || run.over(time.mono())) return;
            if (rules.site() == null || items.stream().noneMatch(i -> i.oid().equals(run.item.oid()))) {
                fade(run, Interruption.CANCELLED);
            } else if (quiet()) {
                fade(run, Interruption.QUIET);
            } else if (best.isPresent() && best.get().item().priority() > run.item.priority()) {
                fade(run, Interruption.PREEMPTED);
            } else {
                best.ifPresent(c -> blocked.put(c.item().oid(), Miss.PREEMPTED));
            }
            return;
        }
        best.ifPresent(this::start);
    }

    /** Uptime at which the next decision may come out differently, as far as known now. */
    OptionalLong nextChange() {
        var now = time.now();
        var wakes = new TreeSet<Long>();
        if (now.isPresent()) {
            var ahead = time.mono() - now.getAsLong();
            for (var item : items) {
                var at = item.span().atMs();
                if (at > now.getAsLong()) wakes.add(at + ahead);
            }
        }
        if (running != null) {
            var end = running.startedMono + running.limit;
            wakes.add(end > time.mono() ? end : end + SINK_OVERDUE_MS);
            if (running.stopping != null) wakes.add(running.stoppingMono + FADE_OVERDUE_MS + 1);
            // Quiet hours begin on a full minute, and then at once.
            if (now.isPresent()) wakes.add(time.mono() + MINUTE_MS - Math.floorMod(now.getAsLong(), MINUTE_MS));
        }
        return wakes.isEmpty() ? OptionalLong.empty() : OptionalLong.of(wakes.first());
    }

    /** Items of the plan, for who wants to know what they need. */
    List<Item> items() {
        return items;
    }

    private record Candidate(Item item, Timeline.Place.Joins where) {}

    private static final Comparator<Candidate> ORDER = Comparator.comparingInt(
                    (Candidate c) -> -c.item().priority())
            .thenComparingLong(c -> c.item().span().atMs())
            .thenComparing(c -> c.item().oid());

    private Stream<Candidate> candidates() {
        var now = time.now();
        if (now.isEmpty() || rules.site() == null) return Stream.empty();
        var quiet = quiet();
        return items.stream()
                .filter(item -> running == null || !running.item.oid().equals(item.oid()))
                .flatMap(item -> {
                    var place = Timeline.place(item.span(), done.of(item.oid()), now.getAsLong());
                    if (!(place instanceof Timeline.Place.Joins joins)) return Stream.empty();
                    if (quiet) {
                        blocked.put(item.oid(), Miss.QUIET);
                        return Stream.empty();
                    }
                    if (!item.content().stream().allMatch(a -> ready.test(a.hash()))) {
                        blocked.put(item.oid(), Miss.ASSET);
                        return Stream.empty();
                    }
                    return Stream.of(new Candidate(item, joins));
                });
    }

    private boolean quiet() {
        var site = rules.site();
        return site != null && time.quiet(site::isQuietAt);
    }

    private void start(Candidate chosen) {
        var item = chosen.item();
        var where = chosen.where();
        var now = time.now().orElseThrow();
        var past = done.of(item.oid())
                .started(DoneMemory.forgetAfter(item.span().atMs() + item.span().durMs()));
        done.put(item.oid(), past);
        blocked.remove(item.oid());
        var run = new Run(++plays, item, time.mono(), where.offsetMs(), where.limitMs(), past.heardMs());
        running = run;
        rememberRun(run);
        journal.add(new Event.Started(
                PlayId.of(item.oid()), now - item.span().atMs() - where.offsetMs(), where.offsetMs()));
        out.add(new Output.Play(
                run.play,
                item.oid(),
                past.starts(),
                item.content(),
                where.offsetMs(),
                where.limitMs(),
                rules.gain(item.volume()),
                item.span().atMs(),
                where.offsetMs() > 0));
        out.add(new Output.Say("Sounding " + item.oid() + " from " + where.offsetMs() / 1000 + " s for "
                + where.limitMs() / 1000 + " s at volume " + rules.volume(item.volume()) + " %."));
    }

    private void adopt(Run run, Item item) {
        run.item = item;
        var now = time.now();
        if (now.isEmpty() || run.stopping != null) return;
        // A start within the first two seconds began at 0; the ordered end stays, the audio may run to its own.
        var left = run.offset > 0
                ? item.span().endMs() - now.getAsLong()
                : item.span().atMs() + item.span().durMs() - now.getAsLong();
        var limit = Math.min(
                time.mono() - run.startedMono + Math.max(0, left), item.span().audioMs() - run.offset);
        run.limit = limit;
        out.add(new Output.Adjust(run.play, limit, rules.gain(item.volume())));
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

    private void reached(Run run, long ms) {
        if (ms <= run.lastMs) return;
        run.lastMs = ms;
        done.put(run.item.oid(), done.of(run.item.oid()).reached(run.offset + ms, run.heardMs()));
    }

    private void rememberRun(Run run) {
        memory.put(RUN, run.item.oid() + " " + run.heardMs() + " " + time.stamp() + " " + time.quality() + " " + boot);
    }

    private void completed(Run run) {
        finish(run);
        journal.add(
                new Event.Completed(PlayId.of(run.item.oid()), run.heardMs(), proof, rules.volume(run.item.volume())));
        out.add(new Output.Say("Completed " + run.item.oid() + ", " + run.heardMs() / 1000 + " s heard."));
    }

    private void interrupted(Run run, Interruption why) {
        if (why == Interruption.PREEMPTED) leave();
        else finish(run);
        journal.add(new Event.Interrupted(PlayId.of(run.item.oid()), run.heardMs(), proof, why));
        out.add(new Output.Say(
                "Interrupted " + run.item.oid() + " after " + run.heardMs() / 1000 + " s (" + why.wire() + ")."));
    }

    private void failed(Run run, Event.Failure failure) {
        finish(run);
        var id = PlayId.of(run.item.oid());
        journal.add(
                run.lastMs > 0
                        ? new Event.Interrupted(id, run.heardMs(), proof, Interruption.FAULT)
                        : new Event.Failed(id, failure));
        out.add(new Output.Say(
                "The sound of " + run.item.oid() + " failed (" + failure.wire() + "); the next item is tried."));
    }

    private void finish(Run run) {
        var span = run.item.span();
        done.put(run.item.oid(), done.of(run.item.oid()).finished(DoneMemory.forgetAfter(span.atMs() + span.durMs())));
        leave();
    }

    private void leave() {
        running = null;
        memory.remove(RUN);
    }

    /** Journals, once, each item that never sounded and never will. */
    private void judgePast() {
        if (!time.sure()) return;
        var now = time.now().orElseThrow();
        for (var item : items) {
            var past = done.of(item.oid());
            if (past.starts() > 0 || past.ended() || past.missed()) continue;
            var over = Timeline.place(item.span(), past, now) instanceof Timeline.Place.Over;
            var barred = now >= item.span().atMs() && quiet();
            if (over || barred) missed(item, over ? reason(item, now) : Miss.QUIET, barred);
        }
    }

    private void missed(Item item, Miss why, boolean forGood) {
        var forget = DoneMemory.forgetAfter(item.span().atMs() + item.span().durMs());
        var past = done.of(item.oid());
        done.put(item.oid(), forGood ? past.missing(forget).finished(forget) : past.missing(forget));
        blocked.remove(item.oid());
        journal.add(new Event.Missed(PlayId.of(item.oid()), why));
        out.add(new Output.Say("Missed " + item.oid() + " (" + why.wire() + ")."));
    }

    private Miss reason(Item item, long now) {
        var seen = blocked.get(item.oid());
        if (seen != null) return seen;
        var plannedMono = time.mono() - (now - item.span().atMs());
        if (plannedMono < 0) return Miss.POWER_OFF;
        if (plannedMono < time.knownSince().orElse(0)) return Miss.CLOCK;
        return Miss.LATE;
    }
}
