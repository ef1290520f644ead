package vn.loalang.timetable;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.AreaId;
import vn.loalang.audio.RecordingId;
import vn.loalang.fleet.ControllerId;
import vn.loalang.timetable.SlotProblem.Correction;

/** The form as typed; nothing is lost when it comes back with a refusal. Names of its fields are those of {@link SlotField}. */
class SlotForm {
    /** Where the slot plays, as chosen. */
    enum Where {
        ALL,
        CHOSEN
    }

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("dd/MM/yyyy", Locale.ROOT);
    private static final Pattern TYPED_DATE = Pattern.compile("(\\d{1,2})[/.\\-](\\d{1,2})(?:[/.\\-](\\d{4}))?");
    private static final Pattern TYPED_TIME =
            Pattern.compile("(\\d{1,2})\\s*(?:[:.hHgG]\\s*(\\d{1,2})?)?|(\\d{2})(\\d{2})");

    private @Nullable Long recording;
    private String date = "";
    private String start = "";
    private String repeat = Recurrence.Kind.ONCE.name();
    private Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    private String until = "";
    private String where = Where.ALL.name();
    private Set<Long> area = new TreeSet<>();
    private Set<Long> controller = new TreeSet<>();
    private String volume = Integer.toString(NewSlot.USUAL_VOLUME);
    private String lateness = Long.toString(NewSlot.USUAL_LATENESS.toMinutes());
    private @Nullable Integer revision;
    private @Nullable String on;
    private @Nullable String scope;

    /** The form's meaning, or what in it cannot be understood. */
    record Parsed(Optional<NewSlot> slot, List<SlotProblem> problems) {}

    /** The form for a slot that exists, opened at one of its dates. */
    static SlotForm of(Slot slot, RecordingId recording, LocalDate on, Collection<AreaId> everywhere) {
        var content = slot.content();
        var form = new SlotForm();
        form.recording = recording.value();
        form.date = DATE.format(on);
        form.start = time(content.start());
        form.repeat = content.recurrence().kind().name();
        form.days = content.recurrence().days().isEmpty()
                ? EnumSet.noneOf(DayOfWeek.class)
                : EnumSet.copyOf(content.recurrence().days());
        var last = content.recurrence().until();
        form.until = last == null ? "" : DATE.format(last);
        var all = content.targets().controllers().isEmpty()
                && content.targets().areas().equals(Set.copyOf(everywhere));
        form.where = (all ? Where.ALL : Where.CHOSEN).name();
        if (!all) {
            form.area = content.targets().areas().stream()
                    .map(AreaId::value)
                    .collect(Collectors.toCollection(TreeSet::new));
            form.controller = content.targets().controllers().stream()
                    .map(ControllerId::value)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
        form.volume = Integer.toString(content.volume());
        form.lateness = Long.toString(content.lateness().toMinutes());
        form.revision = slot.revision();
        form.on = on.toString();
        return form;
    }

    /**
     * Understands what was typed.
     *
     * @param today for dates without a year, which mean the next one
     * @param everywhere what "all" means
     */
    Parsed parse(LocalDate today, Collection<AreaId> everywhere) {
        var problems = new ArrayList<SlotProblem>();
        if (recording == null) {
            problems.add(SlotProblem.of(SlotField.RECORDING, "noRecording"));
        }
        var day = parseDate(date, today);
        if (day.isEmpty()) {
            problems.add(SlotProblem.of(SlotField.DATE, "notADate", date));
        }
        var time = parseTime(start);
        if (time.isEmpty()) {
            problems.add(SlotProblem.of(SlotField.START, "notATime", start));
        }
        var last = until.isBlank() || kind() == Recurrence.Kind.ONCE
                ? Optional.<LocalDate>empty()
                : parseDate(until, today);
        if (!until.isBlank() && kind() != Recurrence.Kind.ONCE && last.isEmpty()) {
            problems.add(SlotProblem.of(SlotField.UNTIL, "notADate", until));
        }
        if (kind() == Recurrence.Kind.WEEKLY && days.isEmpty()) {
            problems.add(SlotProblem.of(SlotField.DAYS, "noDays"));
        }
        var loud = number(volume);
        if (loud.isEmpty()) {
            problems.add(SlotProblem.of(SlotField.VOLUME, "volume", volume));
        }
        var late = number(lateness);
        if (late.isEmpty()) {
            problems.add(
                    SlotProblem.of(SlotField.LATENESS, "lateness", lateness, SlotChecks.LONGEST_LATENESS.toMinutes()));
        }
        var id = recording;
        if (!problems.isEmpty() || id == null) {
            return new Parsed(Optional.empty(), problems);
        }
        var rhythm =
                switch (kind()) {
                    case ONCE -> Recurrence.once();
                    case DAILY -> Recurrence.daily(last.orElse(null));
                    case WEEKLY -> Recurrence.weekly(days, last.orElse(null));
                };
        return new Parsed(
                Optional.of(new NewSlot(
                        new RecordingId(id),
                        day.orElseThrow(),
                        time.orElseThrow(),
                        rhythm,
                        targets(everywhere),
                        loud.orElseThrow(),
                        Duration.ofMinutes(late.orElseThrow()))),
                List.of());
    }

    Targets targets(Collection<AreaId> everywhere) {
        return where.equals(Where.ALL.name())
                ? new Targets(Set.copyOf(everywhere), Set.of())
                : new Targets(
                        area.stream().map(AreaId::new).collect(Collectors.toSet()),
                        controller.stream()
                                .filter(value -> value > 0)
                                .map(ControllerId::new)
                                .collect(Collectors.toSet()));
    }

    /** The form with a correction in place, as its button carries it. */
    void apply(String correction) {
        for (var part : correction.split(";", -1)) {
            var equals = part.indexOf('=');
            var value = part.substring(equals + 1);
            switch (equals < 0 ? "" : part.substring(0, equals)) {
                case "date" -> date = DATE.format(LocalDate.parse(value));
                case "on" -> {
                    on = value;
                    date = DATE.format(LocalDate.parse(value));
                }
                case "start" -> start = value;
                case "scope" -> scope = value;
                case "where" -> where = value;
                default -> {
                    // A button of another version of the page: the form stays as it is.
                }
            }
        }
    }

    /** What the button of a correction carries. */
    static String value(Correction correction) {
        var parts = new ArrayList<String>();
        var day = correction.date();
        if (day != null) {
            parts.add((correction.scope() == null ? "date=" : "on=") + day);
        }
        if (correction.start() != null) {
            parts.add("start=" + time(correction.start()));
        }
        if (correction.scope() != null) {
            parts.add("scope=" + correction.scope());
        }
        if (correction.everywhere()) {
            parts.add("where=" + Where.ALL);
        }
        return String.join(";", parts);
    }

    static Optional<LocalTime> parseTime(String typed) {
        var match = TYPED_TIME.matcher(typed.strip());
        if (!match.matches()) {
            return Optional.empty();
        }
        var hour = Integer.parseInt(match.group(1) != null ? match.group(1) : match.group(3));
        var minuteText = match.group(1) != null ? match.group(2) : match.group(4);
        var minute = minuteText == null ? 0 : Integer.parseInt(minuteText);
        return hour < 24 && minute < 60 ? Optional.of(LocalTime.of(hour, minute)) : Optional.empty();
    }

    static Optional<LocalDate> parseDate(String typed, LocalDate today) {
        var text = typed.strip();
        try {
            var match = TYPED_DATE.matcher(text);
            if (!match.matches()) {
                return Optional.of(LocalDate.parse(text));
            }
            var day = Integer.parseInt(match.group(1));
            var month = Integer.parseInt(match.group(2));
            if (match.group(3) != null) {
                return Optional.of(LocalDate.of(Integer.parseInt(match.group(3)), month, day));
            }
            var thisYear = LocalDate.of(today.getYear(), month, day);
            return Optional.of(thisYear.isBefore(today.minusMonths(6)) ? thisYear.plusYears(1) : thisYear);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        } catch (java.time.DateTimeException impossibleDay) {
            return Optional.empty();
        }
    }

    private static Optional<Integer> number(String typed) {
        var text = typed.strip();
        return text.matches("\\d{1,4}") ? Optional.of(Integer.parseInt(text)) : Optional.empty();
    }

    static String time(LocalTime time) {
        return time.getSecond() == 0
                ? String.format(Locale.ROOT, "%02d:%02d", time.getHour(), time.getMinute())
                : time.toString();
    }

    static String date(LocalDate date) {
        return DATE.format(date);
    }

    public Recurrence.Kind kind() {
        return switch (repeat) {
            case "DAILY" -> Recurrence.Kind.DAILY;
            case "WEEKLY" -> Recurrence.Kind.WEEKLY;
            default -> Recurrence.Kind.ONCE;
        };
    }

    /** How far an edit reaches; the smallest reach unless something else was chosen. */
    Scope reach() {
        return "FROM".equals(scope) ? Scope.FROM : "ALL".equals(scope) ? Scope.ALL : Scope.THIS;
    }

    Optional<LocalDate> onDate() {
        return on == null || !on.matches("\\d{4}-\\d{2}-\\d{2}") ? Optional.empty() : Optional.of(LocalDate.parse(on));
    }

    public @Nullable Long getRecording() {
        return recording;
    }

    public void setRecording(@Nullable Long recording) {
        this.recording = recording;
    }

    public String getDate() {
        return date;
    }

    public void setDate(String date) {
        this.date = date;
    }

    public String getStart() {
        return start;
    }

    public void setStart(String start) {
        this.start = start;
    }

    public String getRepeat() {
        return repeat;
    }

    public void setRepeat(String repeat) {
        this.repeat = repeat;
    }

    public Set<DayOfWeek> getDays() {
        return days;
    }

    public void setDays(Set<DayOfWeek> days) {
        this.days = days;
    }

    public String getUntil() {
        return until;
    }

    public void setUntil(String until) {
        this.until = until;
    }

    public String getWhere() {
        return where;
    }

    public void setWhere(String where) {
        this.where = where;
    }

    public Set<Long> getArea() {
        return area;
    }

    public void setArea(Set<Long> area) {
        this.area = area;
    }

    public Set<Long> getController() {
        return controller;
    }

    public void setController(Set<Long> controller) {
        this.controller = controller;
    }

    public String getVolume() {
        return volume;
    }

    public void setVolume(String volume) {
        this.volume = volume;
    }

    public String getLateness() {
        return lateness;
    }

    public void setLateness(String lateness) {
        this.lateness = lateness;
    }

    public @Nullable Integer getRevision() {
        return revision;
    }

    public void setRevision(@Nullable Integer revision) {
        this.revision = revision;
    }

    public @Nullable String getOn() {
        return on;
    }

    public void setOn(@Nullable String on) {
        this.on = on;
    }

    public @Nullable String getScope() {
        return scope;
    }

    public void setScope(@Nullable String scope) {
        this.scope = scope;
    }
}
