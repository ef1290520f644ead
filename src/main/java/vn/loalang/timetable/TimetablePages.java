package vn.loalang.timetable;

import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.area.Area;
import vn.loalang.area.SearchKey;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.audio.Recording;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;
import vn.loalang.timetable.Timetable.Draft;
import vn.loalang.timetable.WeekGrid.Block;
import vn.loalang.web.Times;

/** Lịch phát: the week, and beside it the sheet in which a slot is made or changed. Everything works without scripts. */
@Controller
@RequestMapping("/timetable")
class TimetablePages {
    private static final String PAGE = "timetable/timetable";

    private final Timetable timetable;
    private final Places places;
    private final Stations stations;
    private final Recordings recordings;
    private final Access access;
    private final Wording wording;
    private final Times times;
    private final Clock clock;

    TimetablePages(
            Timetable timetable,
            Places places,
            Stations stations,
            Recordings recordings,
            Access access,
            Wording wording,
            Times times,
            Clock clock) {
        this.timetable = timetable;
        this.places = places;
        this.stations = stations;
        this.recordings = recordings;
        this.access = access;
        this.wording = wording;
        this.times = times;
        this.clock = clock;
    }

    /** A refusal beside its field. */
    record Shown(String field, String sentence, List<Fix> fixes) {}

    /** A correction's button. */
    record Fix(String label, String value) {}

    /** A recording to choose. */
    record Choice(long id, String title, String length, String key) {}

    /**
     * The sheet.
     *
     * @param slot null for a new one
     * @param ask what has to be chosen a reach for: {@code save}, {@code delete} or empty
     */
    record Sheet(
            SlotForm form,
            @Nullable Slot slot,
            String title,
            List<Choice> choices,
            List<Places.Node> tree,
            int everywhere,
            List<Shown> problems,
            @Nullable String preview,
            @Nullable String startWord,
            @Nullable String dateWord,
            @Nullable String onWord,
            String ask,
            boolean locked) {
        private static final int RECENT = 3;

        /** Where the form goes. */
        public String action() {
            return slot == null ? "/timetable/new" : "/timetable/" + slot.id().value();
        }

        /** Where the slot is opened anew. */
        public String path() {
            return form.getOn() == null ? action() : action() + "?on=" + form.getOn();
        }

        public String deletePath() {
            return action() + "/delete";
        }

        /** The newest recordings, and the chosen one wherever it stands. */
        public List<Choice> recent() {
            return choices.stream().filter(this::near).toList();
        }

        public List<Choice> older() {
            return choices.stream().filter(choice -> !near(choice)).toList();
        }

        private boolean near(Choice choice) {
            return choices.indexOf(choice) < RECENT || Long.valueOf(choice.id()).equals(form.getRecording());
        }

        public List<DayOfWeek> weekdays() {
            return List.of(DayOfWeek.values());
        }

        public boolean anyChosen(Places.Node node) {
            return node.poles().stream()
                    .anyMatch(pole -> form.getController().contains(pole.id().value()));
        }

        public List<Shown> about(String field) {
            return problems.stream()
                    .filter(problem -> problem.field().equals(field))
                    .toList();
        }

        public boolean wrong(String field) {
            return problems.stream().anyMatch(problem -> problem.field().equals(field));
        }
    }

    /** What somebody else did to the slot meanwhile. */
    record Conflict(String person, String at, boolean deleted, List<String> differences) {}

    @GetMapping
    String week(
            @RequestParam(required = false) @Nullable String week,
            @RequestParam(required = false) @Nullable Long saved,
            Model model) {
        frame(parse(week).orElse(null), model);
        if (saved != null && timetable.undoable(saved)) {
            model.addAttribute("saved", saved);
        }
        return PAGE;
    }

    /** The grid alone, when something changed. */
    @GetMapping("/week")
    String region(@RequestParam(required = false) @Nullable String week, Model model) {
        frame(parse(week).orElse(null), model);
        return PAGE + " :: week";
    }

    @GetMapping("/new")
    String fresh(
            @RequestParam(required = false) @Nullable String date,
            @RequestParam(required = false) @Nullable String start,
            @RequestParam(required = false) @Nullable Long recording,
            Model model) {
        requireEdit();
        var form = new SlotForm();
        var chosen = choices();
        if (recording != null) {
            form.setRecording(recording);
        } else if (!chosen.isEmpty()) {
            form.setRecording(chosen.get(0).id());
        }
        var day = parse(date);
        var time = start == null ? Optional.<LocalTime>empty() : SlotForm.parseTime(start);
        var id = form.getRecording();
        if (day.isEmpty() && time.isEmpty() && id != null) {
            timetable
                    .nextFree(station(), new RecordingId(id), form.targets(places.everywhere(station())))
                    .ifPresent(free -> {
                        form.setDate(SlotForm.date(free.toLocalDate()));
                        form.setStart(SlotForm.time(free.toLocalTime()));
                    });
        }
        if (form.getDate().isEmpty()) {
            form.setDate(SlotForm.date(day.orElse(times.today())));
        }
        if (form.getStart().isEmpty()) {
            form.setStart(SlotForm.time(time.orElse(LocalTime.of(17, 0))));
        }
        return sheet(form, null, List.of(), "", model);
    }

    @PostMapping("/new")
    String create(
            @ModelAttribute("form") SlotForm form,
            BindingResult ignored,
            @RequestParam(required = false) @Nullable String correct,
            Model model,
            HttpServletResponse response) {
        requireEdit();
        if (correct != null) {
            form.apply(correct);
            return sheet(form, null, List.of(), "", model);
        }
        var parsed = parse(form);
        if (parsed.slot().isEmpty()) {
            return refused(form, null, parsed.problems(), model, response);
        }
        try {
            return saved(timetable.create(station(), parsed.slot().get()));
        } catch (SlotRefused refused) {
            return refused(form, null, refused.problems(), model, response);
        }
    }

    @GetMapping("/{id}")
    String open(@PathVariable long id, @RequestParam(required = false) @Nullable String on, Model model) {
        var slot = slot(id);
        var date = parse(on).orElseGet(() -> Edit.next(slot.content(), slot.zone(), clock.instant())
                .orElse(slot.content().firstDate()));
        var form = SlotForm.of(slot, timetable.recordingOf(slot), date, places.everywhere(slot.station()));
        return sheet(form, slot, List.of(), "", model);
    }

    @PostMapping("/{id}")
    String revise(
            @PathVariable long id,
            @ModelAttribute("form") SlotForm form,
            BindingResult ignored,
            @RequestParam(required = false) @Nullable String correct,
            Model model,
            HttpServletResponse response) {
        requireEdit();
        var slot = timetable.find(new SlotId(id)).orElse(null);
        if (slot == null) {
            return overtaken(form, new SlotId(id), model, response);
        }
        if (correct != null) {
            form.apply(correct);
            return sheet(form, slot, List.of(), form.getScope() == null ? "" : "save", model);
        }
        var parsed = parse(form);
        if (parsed.slot().isEmpty()) {
            return refused(form, slot, parsed.problems(), model, response);
        }
        var on = form.onDate().orElse(slot.content().firstDate());
        var basedOn = form.getRevision() == null ? slot.revision() : form.getRevision();
        if (basedOn != slot.revision()) {
            return overtaken(form, slot.id(), model, response);
        }
        if (slot.content().recurrence().repeats() && form.getScope() == null) {
            return sheet(form, slot, List.of(), "save", model);
        }
        try {
            return saved(timetable.revise(
                    slot.id(), basedOn, on, form.reach(), parsed.slot().get()));
        } catch (SlotRefused refused) {
            return refused(form, slot, refused.problems(), model, response);
        } catch (SlotChangedMeanwhile faster) {
            return overtaken(form, faster.slot(), model, response);
        }
    }

    @PostMapping("/{id}/delete")
    String delete(
            @PathVariable long id,
            @ModelAttribute("form") SlotForm typed,
            BindingResult ignored,
            @RequestParam(required = false) @Nullable String correct,
            Model model,
            HttpServletResponse response) {
        requireEdit();
        var slot = timetable.find(new SlotId(id)).orElse(null);
        if (slot == null) {
            return overtaken(typed, new SlotId(id), model, response);
        }
        if (correct != null) {
            typed.apply(correct);
        }
        var on = typed.onDate().orElse(slot.content().firstDate());
        var form = SlotForm.of(slot, timetable.recordingOf(slot), on, places.everywhere(slot.station()));
        form.setScope(typed.getScope());
        var basedOn = typed.getRevision() == null ? slot.revision() : typed.getRevision();
        if (basedOn != slot.revision()) {
            return overtaken(form, slot.id(), model, response);
        }
        if (slot.content().recurrence().repeats() && typed.getScope() == null) {
            return sheet(form, slot, List.of(), "delete", model);
        }
        try {
            return saved(timetable.remove(slot.id(), basedOn, on, typed.reach()));
        } catch (SlotRefused refused) {
            return refused(form, slot, refused.problems(), model, response);
        } catch (SlotChangedMeanwhile faster) {
            return overtaken(form, faster.slot(), model, response);
        }
    }

    @PostMapping("/undo")
    String undo(@RequestParam long change, RedirectAttributes flash) {
        requireEdit();
        try {
            var undone = timetable.undo(change);
            flash.addFlashAttribute("notice", wording.message("timetable.undone"));
            return "redirect:/timetable?week=" + undone.date();
        } catch (SlotRefused refused) {
            flash.addFlashAttribute(
                    "undoRefused", wording.sentence(refused.problems().get(0)));
            return "redirect:/timetable";
        }
    }

    /** What the form means as typed so far. */
    @PostMapping("/preview")
    String preview(
            @ModelAttribute("form") SlotForm form,
            BindingResult ignored,
            @RequestParam(required = false) @Nullable Long slot,
            Model model) {
        requireEdit();
        var existing = slot == null ? null : timetable.find(new SlotId(slot)).orElse(null);
        model.addAttribute("late", true);
        sheet(form, existing, List.of(), "", model);
        return "timetable/sheet :: preview";
    }

    private String saved(Timetable.Saved saved) {
        return "redirect:/timetable?week=" + saved.date() + "&saved=" + saved.change();
    }

    private String refused(
            SlotForm form, @Nullable Slot slot, List<SlotProblem> problems, Model model, HttpServletResponse response) {
        response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
        var ask = form.getScope() != null
                        && slot != null
                        && slot.content().recurrence().repeats()
                ? "save"
                : "";
        return sheet(form, slot, problems, ask, model);
    }

    private String overtaken(SlotForm form, SlotId id, Model model, HttpServletResponse response) {
        var newest = timetable.newest(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        var now = newest.slot();
        var seen = form.getRevision() == null ? 1 : form.getRevision();
        var before = timetable.revision(id, seen).orElse(now);
        model.addAttribute(
                "conflict",
                new Conflict(
                        now.changedBy(),
                        times.near(now.changedAt()),
                        newest.deleted(),
                        wording.differences(
                                before.content(), timetable.titleOf(before), now.content(), timetable.titleOf(now))));
        // Saving once more means: I have read what the other changed, and mine shall stand.
        form.setRevision(now.revision());
        response.setStatus(HttpStatus.CONFLICT.value());
        return sheet(form, now, List.of(), "", model);
    }

    private String sheet(SlotForm form, @Nullable Slot slot, List<SlotProblem> problems, String ask, Model model) {
        var station = station();
        var zone = zone();
        Draft draft = null;
        var shown = problems;
        var parsed = parse(form);
        if (parsed.slot().isPresent()) {
            try {
                draft = timetable.draft(
                        station,
                        parsed.slot().get(),
                        slot == null ? null : slot.id(),
                        form.onDate().orElse(null),
                        // Until the reach is asked, the sentence speaks of the slot as it stands in the form.
                        form.getScope() == null ? Scope.ALL : form.reach());
                if (shown.isEmpty()) {
                    shown = draft.problems();
                }
            } catch (SlotRefused refused) {
                shown = shown.isEmpty() ? refused.problems() : shown;
            }
        } else if (shown.isEmpty()) {
            shown = parsed.problems();
        }
        var date = SlotForm.parseDate(form.getDate(), times.today());
        var tree = places.tree(station);
        var locked = slot != null
                && form.onDate()
                        .map(on -> new SlotChecks(zone, clock.instant(), List.of())
                                .locked(slot.content()).stream()
                                        .anyMatch(
                                                occurrence -> occurrence.date().equals(on)))
                        .orElse(false);
        model.addAttribute(
                "sheet",
                new Sheet(
                        form,
                        slot,
                        slot == null ? "" : timetable.titleOf(slot),
                        choices(),
                        tree,
                        places.now(station).poles().size(),
                        shown.stream().map(this::shown).toList(),
                        draft == null ? null : wording.preview(draft.content(), draft.controllers()),
                        SlotForm.parseTime(form.getStart())
                                .map(times::timeInWords)
                                .orElse(null),
                        date.map(wording::day).orElse(null),
                        form.onDate().map(wording::day).orElse(null),
                        ask,
                        locked));
        frame(date.orElse(null), model);
        return PAGE;
    }

    private Shown shown(SlotProblem problem) {
        return new Shown(
                problem.field().input(),
                wording.sentence(problem),
                problem.corrections().stream()
                        .map(correction -> new Fix(wording.label(correction), SlotForm.value(correction)))
                        .toList());
    }

    private void frame(@Nullable LocalDate shown, Model model) {
        var station = station();
        access.requireAnywhere(Role.VIEWER);
        var zone = zone();
        var now = clock.instant();
        var monday = WeekGrid.mondayOf(shown == null ? now.atZone(zone).toLocalDate() : shown);
        var blocks = blocks(station, zone, monday);
        model.addAttribute("grid", WeekGrid.of(monday, zone, now, places.quiet(station), blocks));
        model.addAttribute("quiet", places.quiet(station));
        model.addAttribute("previousWeek", monday.minusWeeks(1));
        model.addAttribute("nextWeek", monday.plusWeeks(1));
        model.addAttribute("sunday", monday.plusDays(6));
        model.addAttribute("mayEdit", mayEdit());
        model.addAttribute("empty", timetable.live(station).isEmpty());
        model.addAttribute(
                "left",
                blocks.stream()
                        .filter(block -> block.incomplete() && block.end().isAfter(now))
                        .toList());
        if (mayEdit()) {
            access.whoever()
                    .map(SignedIn::personId)
                    .flatMap(person -> timetable.undoable(station, person))
                    .ifPresent(change -> model.addAttribute("undo", change));
        }
    }

    private List<Block> blocks(StationId station, ZoneId zone, LocalDate monday) {
        var snapshot = places.now(station);
        var from = monday.atStartOfDay(zone).toInstant();
        Instant till = monday.plusDays(7).atStartOfDay(zone).toInstant().minusSeconds(1);
        var titles = new HashMap<Object, String>();
        return Expansion.expand(timetable.live(station), from, till, snapshot::controllers, snapshot::quietAt).stream()
                .map(expanded -> new Block(
                        expanded.slot().id(),
                        expanded.occurrence().date(),
                        titles.computeIfAbsent(
                                expanded.slot().content().programme(), key -> timetable.titleOf(expanded.slot())),
                        expanded.occurrence().start(),
                        expanded.occurrence().end(),
                        expanded.slot().content().recurrence().repeats(),
                        expanded.controllers().size(),
                        !expanded.complete() || expanded.controllers().isEmpty()))
                .toList();
    }

    private List<Choice> choices() {
        return recordings.list(station()).stream()
                .filter(recording -> recording.archivedAt() == null)
                .sorted(Comparator.comparing(Recording::uploadedAt).reversed())
                .map(recording -> new Choice(
                        recording.id().value(),
                        recording.title(),
                        times.length(recording.duration()),
                        SearchKey.of(recording.title())))
                .toList();
    }

    private SlotForm.Parsed parse(SlotForm form) {
        return form.parse(times.today(), places.everywhere(station()));
    }

    private static Optional<LocalDate> parse(@Nullable String date) {
        try {
            return Optional.ofNullable(date).map(LocalDate::parse);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private Slot slot(long id) {
        return timetable.find(new SlotId(id)).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    private StationId station() {
        return new StationId(stations.main().id());
    }

    private ZoneId zone() {
        return stations.main().zone();
    }

    private boolean mayEdit() {
        var served = places.served(station());
        return !served.isEmpty() && served.stream().map(Area::path).allMatch(path -> access.may(Role.OPERATOR, path));
    }

    private void requireEdit() {
        var served = places.served(station());
        served.stream().map(Area::path).forEach(path -> access.require(Role.OPERATOR, path));
        if (served.isEmpty()) {
            access.requireAnywhere(Role.OPERATOR);
        }
    }
}
