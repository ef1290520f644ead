package vn.loalang.timetable;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.Access;
import vn.loalang.access.AuditLog;
import vn.loalang.access.SignedIn;
import vn.loalang.area.AreaId;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.Durability;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.audio.Recording;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;
import vn.loalang.broadcast.Priority;
import vn.loalang.fleet.ControllerId;
import vn.loalang.programme.ProgrammeVersionId;
import vn.loalang.programme.Programmes;
import vn.loalang.timetable.SlotChecks.Neighbour;
import vn.loalang.timetable.SlotChecks.Wish;
import vn.loalang.timetable.SlotProblem.Correction;
import vn.loalang.web.LiveUpdates;
import vn.loalang.web.Topic;

/**
 * The timetable as operators change it. Every change is checked against all other slots 366 days ahead, handed to the broadcasts in the
 * same transaction, and on the disk when the method returns. Changes of one station happen one after another.
 */
@Service
public class Timetable {
    // A slot that is only being looked at has no programme yet.
    private static final ProgrammeVersionId NOT_MADE_YET = new ProgrammeVersionId(0);

    private static final Duration UNDO_OFFERED = Duration.ofMinutes(10);
    private static final Topic TOPIC = Topic.of("timetable");

    private final Slots slots;
    private final RollOver rollOver;
    private final Places places;
    private final Stations stations;
    private final Areas areas;
    private final Recordings recordings;
    private final Programmes programmes;
    private final Access access;
    private final AuditLog audit;
    private final LiveUpdates live;
    private final Durability durability;
    private final TransactionTemplate transaction;
    private final Clock clock;

    Timetable(
            Slots slots,
            RollOver rollOver,
            Places places,
            Stations stations,
            Areas areas,
            Recordings recordings,
            Programmes programmes,
            Access access,
            AuditLog audit,
            LiveUpdates live,
            Durability durability,
            TransactionTemplate transaction,
            Clock clock) {
        this.slots = slots;
        this.rollOver = rollOver;
        this.places = places;
        this.stations = stations;
        this.areas = areas;
        this.recordings = recordings;
        this.programmes = programmes;
        this.access = access;
        this.audit = audit;
        this.live = live;
        this.durability = durability;
        this.transaction = transaction;
        this.clock = clock;
    }

    /**
     * A change that is on the disk.
     *
     * @param change names it, for {@link #undo}
     * @param slot the slot made, changed or deleted; after a split the new one
     * @param date the first date it concerns
     */
    public record Saved(long change, SlotId slot, LocalDate date) {}

    /** All slots of a station, the eldest first. */
    public List<Slot> live(StationId station) {
        return slots.live(station);
    }

    /** The slot, unless it was deleted. */
    public Optional<Slot> find(SlotId id) {
        return slots.find(id);
    }

    /**
     * Makes a slot.
     *
     * @throws SlotRefused naming every field that cannot be as wanted
     */
    public Saved create(StationId station, NewSlot wanted) {
        return changing(station, (zone, now) -> {
            var recording = recording(station, wanted.recording(), null);
            var content =
                    Edit.comingNext(content(wanted, programmes.singleItem(wanted.recording()), recording), zone, now);
            new Context(station, zone, now, slots.live(station)).refuse(recording.title(), content, Map.of());
            var change = change(station, "CREATE", now);
            var id = slots.create(station, change, content, now, null);
            audit.record("timetable.slotCreated", subject(id), describe(recording.title(), content));
            return new Saved(change, id, content.firstDate());
        });
    }

    /**
     * A slot as wanted, looked at without changing anything.
     *
     * @param content as it would be kept, first date and length filled in
     * @param controllers how many would sound
     * @param problems everything that forbids it
     */
    public record Draft(String title, SlotContent content, int controllers, List<SlotProblem> problems) {}

    /**
     * Looks at a slot as wanted.
     *
     * @param instead the slot it would take the place of, when editing
     * @param on the date of the occurrence being edited, when editing
     * @throws SlotRefused when not even the recording is there
     */
    public Draft draft(
            StationId station, NewSlot wanted, @Nullable SlotId instead, @Nullable LocalDate on, Scope scope) {
        var zone = zone(station);
        var now = clock.instant();
        var all = slots.live(station);
        var old = instead == null || on == null
                ? Optional.<Slot>empty()
                : all.stream().filter(slot -> slot.id().equals(instead)).findFirst();
        var context = new Context(station, zone, now, all);
        if (old.isEmpty()) {
            var recording = recording(station, wanted.recording(), null);
            var content = Edit.comingNext(content(wanted, NOT_MADE_YET, recording), zone, now);
            return context.draft(recording.title(), content, content, Map.of());
        }
        var slot = old.get();
        var before = recordingOf(slot);
        var recording = recording(station, wanted.recording(), before);
        var programme = wanted.recording().equals(before) ? slot.content().programme() : NOT_MADE_YET;
        var edit = Edit.of(slot, Objects.requireNonNull(on), scope, content(wanted, programme, recording), now);
        return context.draft(recording.title(), edit.content(), edit.checked(), Map.of(slot.id(), edit.stays()));
    }

    /** The next quarter hour at which this recording could play there, within two days. */
    public Optional<LocalDateTime> nextFree(StationId station, RecordingId recording, Targets targets) {
        var zone = zone(station);
        var now = clock.instant();
        return recordings.find(recording).flatMap(found -> {
            var wanted = new NewSlot(
                    recording,
                    now.atZone(zone).toLocalDate(),
                    LocalTime.NOON,
                    Recurrence.once(),
                    targets,
                    NewSlot.USUAL_VOLUME,
                    NewSlot.USUAL_LATENESS);
            var context = new Context(station, zone, now, slots.live(station));
            return context.checks(Map.of()).nextFree(context.wish(found.title(), content(wanted, NOT_MADE_YET, found)));
        });
    }

    /**
     * Changes a slot. A change of when or what it plays leaves occurrences already started as they were: a repeating slot is then split.
     *
     * @param basedOn the revision the operator saw
     * @param on the date of the occurrence the operator opened
     * @throws SlotRefused naming every field that cannot be as wanted
     * @throws SlotChangedMeanwhile when somebody else was faster
     */
    public Saved revise(SlotId id, int basedOn, LocalDate on, Scope scope, NewSlot wanted) {
        var station = stationOf(id, basedOn);
        return changing(station, (zone, now) -> {
            var old = current(id, basedOn);
            var recording = recording(station, wanted.recording(), recordingOf(old));
            refuseIfLocked(old, on, scope, zone, now);
            var programme = wanted.recording().equals(recordingOf(old))
                    ? old.content().programme()
                    : programmes.singleItem(wanted.recording());
            var edit = Edit.of(old, on, scope, content(wanted, programme, recording), now);
            var context = new Context(station, zone, now, slots.live(station));
            context.refuse(recording.title(), edit.checked(), Map.of(id, edit.stays()));
            var change = change(station, "EDIT", now);
            SlotId shown = id;
            if (edit.split()) {
                slots.revise(
                        id,
                        basedOn,
                        change,
                        edit.stays().orElse(old.content()),
                        edit.stays().isEmpty());
                shown = slots.create(station, change, edit.content(), old.seniorSince(), id);
            } else {
                slots.revise(id, basedOn, change, edit.content(), false);
            }
            audit.record("timetable.slotChanged", subject(id), describe(recording.title(), edit.content()));
            return new Saved(change, shown, edit.shownOn());
        });
    }

    /**
     * Takes a slot, or some of its occurrences, out of the timetable.
     *
     * @throws SlotRefused when an occurrence it reaches is on the air, or starts within two minutes
     * @throws SlotChangedMeanwhile when somebody else was faster
     */
    public Saved remove(SlotId id, int basedOn, LocalDate on, Scope scope) {
        var station = stationOf(id, basedOn);
        return changing(station, (zone, now) -> {
            var old = current(id, basedOn);
            refuseIfLocked(old, on, scope, zone, now);
            var stays = Edit.remainder(old, on, scope, now);
            var change = change(station, "DELETE", now);
            slots.revise(id, basedOn, change, stays.orElse(old.content()), stays.isEmpty());
            audit.record("timetable.slotDeleted", subject(id), describe(titleOf(old), old.content()));
            return new Saved(change, id, on);
        });
    }

    /**
     * Takes back a change, unless something happened since that forbids it.
     *
     * @throws SlotRefused when it was taken back before, another change came after it, an occurrence is already on the air, or what would
     *     come back meets another slot
     */
    public Saved undo(long changeId) {
        var undone =
                slots.change(changeId).orElseThrow(() -> new SlotRefused(SlotProblem.of(SlotField.SCOPE, "undoGone")));
        return changing(undone.station(), (zone, now) -> {
            var change = change(undone.station(), "UNDO", now);
            if (!slots.markUndone(changeId, change)) {
                throw new SlotRefused(SlotProblem.of(SlotField.SCOPE, "undoGone"));
            }
            var restored = new HashSet<SlotId>();
            var shown = now.atZone(zone).toLocalDate();
            for (var touched : undone.touched()) {
                var after = slots.newest(touched.slot()).orElseThrow();
                if (after.slot().revision() != touched.revision()) {
                    throw new SlotRefused(SlotProblem.of(
                            SlotField.SCOPE, "undoLater", after.slot().changedBy()));
                }
                var before = touched.revision() == 1
                        ? Optional.<Slots.Revision>empty()
                        : slots.revision(touched.slot(), touched.revision() - 1).filter(earlier -> !earlier.deleted());
                var to = before.map(earlier -> earlier.slot().content());
                refuseIfOnAir(
                        after.deleted()
                                ? Optional.empty()
                                : Optional.of(after.slot().content()),
                        to,
                        zone,
                        now);
                restored.add(touched.slot());
                slots.revise(
                        touched.slot(),
                        touched.revision(),
                        change,
                        to.orElse(after.slot().content()),
                        to.isEmpty());
                shown = after.slot().content().firstDate();
            }
            var all = slots.live(undone.station());
            var context = new Context(undone.station(), zone, now, all);
            for (var slot : all) {
                if (restored.contains(slot.id())) {
                    refuseIf(context.checks(Map.of(slot.id(), Optional.empty()))
                            .conflicts(context.wish(titleOf(slot), slot.content())));
                }
            }
            audit.record("timetable.undone", "change " + changeId, "");
            var first = undone.touched().get(0).slot();
            return new Saved(change, first, shown);
        });
    }

    /** A revision somebody made, to show what changed in between. */
    Optional<Slot> revision(SlotId id, int revision) {
        return slots.revision(id, revision).map(Slots.Revision::slot);
    }

    /** The newest revision with whether it is a deletion. */
    Optional<Slots.Revision> newest(SlotId id) {
        return slots.newest(id);
    }

    /** The last change this person could take back: made within ten minutes, and not followed by another of the same slots. */
    Optional<Long> undoable(StationId station, long person) {
        return slots.lastChange(station, person, clock.instant().minus(UNDO_OFFERED))
                .filter(this::undoable);
    }

    /** Whether this change could still be taken back by somebody. */
    boolean undoable(long change) {
        return slots.change(change)
                .filter(made -> !made.undone())
                .filter(made -> made.touched().stream().allMatch(touched -> slots.newest(touched.slot())
                        .filter(newest -> newest.slot().revision() == touched.revision())
                        .isPresent()))
                .isPresent();
    }

    String titleOf(Slot slot) {
        return programmes.contents(slot.content().programme()).title();
    }

    RecordingId recordingOf(Slot slot) {
        return programmes.contents(slot.content().programme()).recordings().get(0);
    }

    /**
     * Orders for one pole what it is to sound until then, further ahead than the usual 48 hours: for the memory stick of a village
     * without coverage. What is ordered follows the timetable as everything else does; a stick already written does not.
     *
     * @param most of its occurrences, the earliest first
     */
    public void orderAhead(StationId station, ControllerId pole, Instant till, int most) {
        transaction.executeWithoutResult(status -> {
            slots.lock(station);
            rollOver.ahead(station, clock.instant(), pole, till, most);
        });
        durability.confirm();
    }

    private interface Work {
        Saved in(ZoneId zone, Instant now);
    }

    private Saved changing(StationId station, Work work) {
        var saved = transaction.execute(status -> {
            slots.lock(station);
            var now = clock.instant();
            var done = work.in(zone(station), now);
            rollOver.reconcile(station, now);
            live.changed(TOPIC);
            return done;
        });
        durability.confirm();
        return Objects.requireNonNull(saved, "the work always says what it saved");
    }

    private ZoneId zone(StationId id) {
        return stations.all().stream()
                .filter(station -> station.id() == id.value())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No station " + id))
                .zone();
    }

    private long change(StationId station, String kind, Instant now) {
        var me = access.whoever();
        return slots.openChange(
                station,
                kind,
                me.map(SignedIn::personId).orElse(null),
                me.map(SignedIn::name).orElse("–"),
                now);
    }

    private StationId stationOf(SlotId id, int basedOn) {
        return slots.newest(id)
                .orElseThrow(() -> new SlotChangedMeanwhile(id, basedOn))
                .slot()
                .station();
    }

    private Slot current(SlotId id, int basedOn) {
        return slots.find(id)
                .filter(slot -> slot.revision() == basedOn)
                .orElseThrow(() -> new SlotChangedMeanwhile(id, basedOn));
    }

    private Recording recording(StationId station, RecordingId id, @Nullable RecordingId before) {
        var found = recordings
                .find(id)
                .filter(recording -> recording.stationId().equals(station))
                .orElseThrow(() -> new SlotRefused(SlotProblem.of(SlotField.RECORDING, "recordingMissing")));
        if (found.archivedAt() != null && !id.equals(before)) {
            throw new SlotRefused(SlotProblem.of(SlotField.RECORDING, "recordingArchived", found.title()));
        }
        return found;
    }

    private static SlotContent content(NewSlot wanted, ProgrammeVersionId programme, Recording recording) {
        return new SlotContent(
                programme,
                wholeSeconds(recording.duration()),
                wanted.date(),
                wanted.start(),
                wanted.recurrence(),
                Set.of(),
                wanted.targets(),
                wanted.volume(),
                wanted.lateness(),
                Priority.NORMAL,
                Authority.COMMUNE);
    }

    /** A broadcast occupies whole seconds. */
    private static Duration wholeSeconds(Duration length) {
        return length.getNano() == 0 ? length : Duration.ofSeconds(length.getSeconds() + 1);
    }

    /** One decision over one station, with everything it needs to know read once. */
    private final class Context {
        private final StationId station;
        private final ZoneId zone;
        private final Instant now;
        private final List<Slot> all;
        private final Places.Snapshot places;

        Context(StationId station, ZoneId zone, Instant now, List<Slot> all) {
            this.station = station;
            this.zone = zone;
            this.now = now;
            this.all = all;
            this.places = Timetable.this.places.now(station);
        }

        /** Against everybody else, some of them replaced by what would stay of them, or by nothing. */
        SlotChecks checks(Map<SlotId, Optional<SlotContent>> replaced) {
            var neighbours = new ArrayList<Neighbour>();
            for (var slot : all) {
                replaced.getOrDefault(slot.id(), Optional.of(slot.content()))
                        .ifPresent(kept -> neighbours.add(new Neighbour(
                                slot.id(),
                                titleOf(slot),
                                kept,
                                places.controllers(slot.content().targets()))));
            }
            return new SlotChecks(zone, now, neighbours);
        }

        Wish wish(String title, SlotContent content) {
            return new Wish(title, content, places.controllers(content.targets()), places.quiet(content.targets()));
        }

        void refuse(String title, SlotContent content, Map<SlotId, Optional<SlotContent>> replaced) {
            refuseIf(problems(title, content, replaced));
        }

        Draft draft(String title, SlotContent shown, SlotContent checked, Map<SlotId, Optional<SlotContent>> replaced) {
            return new Draft(
                    title, shown, places.controllers(shown.targets()).size(), problems(title, checked, replaced));
        }

        private List<SlotProblem> problems(
                String title, SlotContent content, Map<SlotId, Optional<SlotContent>> replaced) {
            var targets = content.targets();
            if (!places.poles().keySet().containsAll(targets.controllers()) || !areasServed(station, targets)) {
                return List.of(SlotProblem.of(SlotField.TARGETS, "foreign"));
            }
            return checks(replaced).problems(wish(title, content));
        }
    }

    private boolean areasServed(StationId station, Targets targets) {
        var served = places.served(station);
        return targets.areas().stream().allMatch(id -> areas.find(id.value())
                .filter(area -> served.stream().anyMatch(top -> top.path().covers(area.path())))
                .isPresent());
    }

    private static void refuseIf(List<SlotProblem> problems) {
        if (!problems.isEmpty()) {
            throw new SlotRefused(problems);
        }
    }

    private void refuseIfLocked(Slot old, LocalDate on, Scope scope, ZoneId zone, Instant now) {
        var content = old.content();
        var reach = Edit.reach(old, scope);
        for (var locked : new SlotChecks(zone, now, List.of()).locked(content)) {
            var reached =
                    switch (reach) {
                        case THIS -> locked.date().equals(on);
                        case FROM -> !locked.date().isBefore(on);
                        case ALL -> true;
                    };
            if (reached) {
                throw new SlotRefused(SlotProblem.of(
                                SlotField.SCOPE,
                                locked.start().isAfter(now) ? "lockedSoon" : "lockedOnAir",
                                titleOf(old),
                                locked.start().atZone(zone).toLocalTime(),
                                locked.date())
                        .correctedBy(after(content, locked, zone)));
            }
        }
        if (reach == Scope.THIS) {
            var there = occurrenceOn(content, on, zone)
                    .orElseThrow(
                            () -> new SlotRefused(SlotProblem.of(SlotField.SCOPE, "notThatDay", titleOf(old), on)));
            if (!there.end().isAfter(now)) {
                throw new SlotRefused(SlotProblem.of(SlotField.SCOPE, "over", titleOf(old)));
            }
        } else if (Edit.next(content, zone, now).isEmpty()) {
            throw new SlotRefused(SlotProblem.of(SlotField.SCOPE, "over", titleOf(old)));
        }
    }

    private static Optional<Occurrence> occurrenceOn(SlotContent content, LocalDate date, ZoneId zone) {
        return content.occurrences(zone, date, date).stream().findFirst();
    }

    private static List<Correction> after(SlotContent content, Occurrence locked, ZoneId zone) {
        var next = locked.date().plusDays(1);
        return content.occurrences(zone, next, next.plusDays(SlotChecks.HORIZON_DAYS)).stream()
                .limit(1)
                .map(occurrence -> Correction.from(occurrence.date(), Scope.FROM))
                .toList();
    }

    /** An undo may still take back what has not begun, even within the two minutes in which edits are locked. */
    private static void refuseIfOnAir(Optional<SlotContent> from, Optional<SlotContent> to, ZoneId zone, Instant now) {
        var today = now.atZone(zone).toLocalDate();
        from.ifPresent(content -> content.occurrences(zone, today.minusDays(1), today).stream()
                .filter(occurrence ->
                        !occurrence.start().isAfter(now) && occurrence.end().isAfter(now))
                .filter(occurrence -> to.filter(other -> other.programme().equals(content.programme()))
                        .flatMap(other -> occurrenceOn(other, occurrence.date(), zone))
                        .filter(occurrence::equals)
                        .isEmpty())
                .findFirst()
                .ifPresent(occurrence -> {
                    throw new SlotRefused(SlotProblem.of(
                            SlotField.SCOPE,
                            "undoOnAir",
                            occurrence.start().atZone(zone).toLocalTime()));
                }));
    }

    private static String subject(SlotId id) {
        return "slot " + id.value();
    }

    private static String describe(String title, SlotContent content) {
        return title + ", " + content.firstDate() + " " + content.start()
                + content.recurrence().rule().map(rule -> ", " + rule).orElse("")
                + ", volume " + content.volume()
                + ", late " + content.lateness().toSeconds() + " s"
                + ", areas " + numbers(content.targets().areas().stream().mapToLong(AreaId::value))
                + ", controllers "
                + numbers(content.targets().controllers().stream().mapToLong(ControllerId::value));
    }

    private static String numbers(LongStream values) {
        return values.sorted().mapToObj(Long::toString).collect(Collectors.joining(" ", "[", "]"));
    }
}
