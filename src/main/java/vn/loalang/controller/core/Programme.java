package vn.loalang.controller.core;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Event.Interruption;
import vn.loalang.protocol.Event.Miss;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.PlayId;
import vn.loalang.protocol.Site;

/** The items of the plan: each sounds once, at its time or joining where its neighbours are (POS-1), or is told to be missed. */
final class Programme implements Source.Family {
    private final TrustedTime time;
    private final Journal journal;
    private final DoneMemory done;
    private final Surroundings surroundings;
    private final Profile profile;
    private final Predicate<Hash> ready;
    private final Outputs out;
    private final Map<Oid, Planned> planned = new TreeMap<>();

    Programme(
            TrustedTime time,
            Journal journal,
            DoneMemory done,
            Surroundings surroundings,
            Profile profile,
            Predicate<Hash> ready,
            Outputs out) {
        this.time = time;
        this.journal = journal;
        this.done = done;
        this.surroundings = surroundings;
        this.profile = profile;
        this.ready = ready;
        this.out = out;
    }

    /** A plan replaces the old one whole; what sounds takes over its new length, volume and priority, or ends (PLN-1). */
    void plan(List<Item> items) {
        var gone = new HashSet<>(planned.keySet());
        for (var item : items) {
            gone.remove(item.oid());
            planned.computeIfAbsent(item.oid(), oid -> new Planned(item)).item = item;
        }
        for (var oid : gone) {
            var left = planned.get(oid);
            if (left != null && left.sounding) left.cancelled = true;
            else planned.remove(oid);
        }
    }

    /** Start of the next item that is still to come, Unix ms. */
    OptionalLong nextStart() {
        var now = time.now();
        if (now.isEmpty()) return OptionalLong.empty();
        var next = Long.MAX_VALUE;
        for (var p : planned.values()) {
            var at = p.item.span().atMs();
            if (at > now.getAsLong()) next = Math.min(next, at);
        }
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    /** Names in the plan, whose memory must stay. */
    Set<Oid> oids() {
        return Set.copyOf(planned.keySet());
    }

    @Override
    public Stream<Planned> sources() {
        return planned.values().stream();
    }

    @Override
    public void cut(PlayId play, long heardMs) {
        play.oid().ifPresent(oid -> done.put(oid, done.of(oid).cut()));
    }

    @Override
    public void judge() {
        planned.values().removeIf(p -> p.cancelled && !p.sounding);
        if (!time.sure()) return;
        var now = time.now().orElseThrow();
        for (var p : planned.values()) p.judge(now);
    }

    @Override
    public OptionalLong nextChange() {
        var now = time.now();
        if (now.isEmpty()) return OptionalLong.empty();
        var ahead = time.mono() - now.getAsLong();
        // What has sounded goes on once the timeline is past what was heard.
        var next = Long.MAX_VALUE;
        for (var p : planned.values()) {
            var past = done.of(p.item.oid());
            var at = p.item.span().atMs();
            if (past.starts() > 0) at += past.positionMs() + Timeline.POSITION_RESOLUTION_MS;
            else if (at - profile.leadMs() > now.getAsLong()) at -= profile.leadMs();
            if (at > now.getAsLong()) next = Math.min(next, at);
        }
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next + ahead);
    }

    /** One item. */
    final class Planned implements Source {
        private Item item;
        private boolean sounding;
        private boolean cancelled;
        private @Nullable Hindrance hindrance;

        Planned(Item item) {
            this.item = item;
        }

        @Override
        public Optional<Decision.Candidate> candidate() {
            if (sounding) return Optional.of(candidateNow());
            // Most items are still to come: nothing is looked up for them.
            var now = time.now();
            return now.isPresent() && now.getAsLong() >= item.span().atMs()
                    ? candidateAt(now.getAsLong())
                    : Optional.empty();
        }

        @Override
        public Optional<Decision.Candidate> imminent(long leadMs) {
            var at = item.span().atMs();
            return !sounding && time.comesWithin(at, leadMs) ? candidateAt(at) : Optional.empty();
        }

        /** What a line brings cannot be taken in advance. */
        @Override
        public boolean canWait() {
            return item.input().isEmpty();
        }

        @Override
        public void takenBack() {
            done.put(item.oid(), done.of(item.oid()).takenBack());
            sounding = false;
        }

        private Optional<Decision.Candidate> candidateAt(long when) {
            if (cancelled || surroundings.site() == null || place(when).isEmpty()) return Optional.empty();
            if (impossible().isPresent()) return Optional.empty();
            if (!item.content().stream().allMatch(a -> ready.test(a.hash()))) {
                hindrance = Hindrance.ASSET;
                return Optional.empty();
            }
            return Optional.of(candidateNow());
        }

        private Decision.Candidate candidateNow() {
            return Decision.Candidate.item(
                    item.oid().value(), item.priority(), item.span().atMs());
        }

        private Optional<Timeline.Place.Joins> place(long when) {
            return Timeline.place(item.span(), done.of(item.oid()), when) instanceof Timeline.Place.Joins j
                    ? Optional.of(j)
                    : Optional.empty();
        }

        @Override
        public Optional<Interruption> revoked() {
            return cancelled || surroundings.site() == null ? Optional.of(Interruption.CANCELLED) : Optional.empty();
        }

        @Override
        public Turn begin() {
            var now = time.now().orElseThrow();
            var at = item.span().atMs();
            var where = place(Math.max(now, at)).orElseThrow();
            var past = done.of(item.oid()).started(forgetAfter());
            done.put(item.oid(), past);
            hindrance = null;
            sounding = true;
            return new Turn(
                    item.oid().value(),
                    Optional.of(PlayId.of(item.oid())),
                    past.starts(),
                    item.sounds(),
                    where.offsetMs(),
                    where.limitMs(),
                    level(),
                    at,
                    now - at - where.offsetMs(),
                    where.offsetMs() > 0,
                    false,
                    past.heardMs());
        }

        @Override
        public long limit(Turn turn, long elapsedMs) {
            var now = time.now();
            if (now.isEmpty()) return turn.limitMs();
            var span = item.span();
            // A start within the first two seconds began at 0; the ordered end stays, the audio may run to its own.
            var end = turn.offsetMs() > 0 ? span.endMs() : span.atMs() + span.durMs();
            var left = Math.max(0, end - now.getAsLong());
            return Math.min(elapsedMs + left, span.audioMs() - turn.offsetMs());
        }

        @Override
        public Volume.Level level() {
            return surroundings.volume().of(item.volume(), item.priority(), true);
        }

        @Override
        public void reached(Turn turn, long ms, long delta) {
            done.put(item.oid(), done.of(item.oid()).reached(turn.offsetMs() + ms, turn.heardBefore() + ms));
        }

        @Override
        public Optional<Event> completed(Turn turn, long ms) {
            finish();
            return Optional.of(new Event.Completed(
                    PlayId.of(item.oid()), turn.heardBefore() + ms, profile.proof(), level().percent()));
        }

        @Override
        public void interrupted(Turn turn, Interruption why) {
            // It joins again when the louder one, or the quiet hours, are over [POS-1c].
            if (why != Interruption.PREEMPTED && why != Interruption.QUIET) finish();
            sounding = false;
        }

        @Override
        public void failed(Turn turn) {
            finish();
        }

        @Override
        public void passedOver(Hindrance why) {
            hindrance = why;
        }

        @Override
        public void stop() {
            done.put(item.oid(), done.of(item.oid()).finished(forgetAfter()));
        }

        private void finish() {
            stop();
            sounding = false;
        }

        private long forgetAfter() {
            return DoneMemory.forgetAfter(item.span().atMs() + item.span().durMs());
        }

        /** Journals, once, that this never sounded and never will. */
        private void judge(long now) {
            if (now < item.span().atMs()) return;
            var past = done.of(item.oid());
            if (sounding || past.starts() > 0 || past.ended() || past.missed()) return;
            var failure = impossible();
            if (failure.isPresent() && now >= item.span().atMs()) {
                finish();
                journal.add(new Event.Failed(PlayId.of(item.oid()), failure.get()));
                out.add(new Output.Say(
                        item.oid() + " cannot sound here (" + failure.get().wire() + ")."));
                return;
            }
            var over = Timeline.place(item.span(), past, now) instanceof Timeline.Place.Over;
            var barred = now >= item.span().atMs() && surroundings.isQuiet();
            if (!over && !barred) return;
            done.put(
                    item.oid(),
                    over
                            ? past.missing(forgetAfter())
                            : past.missing(forgetAfter()).finished(forgetAfter()));
            var play = PlayId.of(item.oid());
            if (over && hindrance == Hindrance.AMPLIFIER) {
                journal.add(new Event.Failed(play, Event.Failure.AMP));
            } else {
                var why = over ? reason(now) : Miss.QUIET;
                journal.add(new Event.Missed(play, why));
                out.add(new Output.Say("Missed " + item.oid() + " (" + why.wire() + ")."));
            }
            hindrance = null;
        }

        /** Why this box cannot make that sound, whatever the hour. */
        private Optional<Event.Failure> impossible() {
            if (!item.content().stream().allMatch(AssetRef::isUsable)) return Optional.of(Event.Failure.CODEC);
            var site = surroundings.site();
            // Without settings nothing is allowed yet; with them, what they do not name never sounds (SIT-3).
            return site == null
                            || item.input().isEmpty()
                            || hears(site, item.input().get())
                    ? Optional.empty()
                    : Optional.of(Event.Failure.LINE);
        }

        private boolean hears(Site site, String input) {
            return site.in().contains(input) && profile.inputs().contains(input);
        }

        private Miss reason(long now) {
            var seen = hindrance;
            if (seen != null) return seen.miss();
            var plannedMono = time.mono() - (now - item.span().atMs());
            if (plannedMono < 0) return Miss.POWER_OFF;
            if (plannedMono < time.knownSince().orElse(0)) return Miss.CLOCK;
            return Miss.LATE;
        }
    }
}
