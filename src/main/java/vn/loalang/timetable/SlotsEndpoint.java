package vn.loalang.timetable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Durability;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.fleet.ControllerId;
import vn.loalang.web.Times;

/** The timetable for programs. Errors are problems of RFC 9457, with one entry for each field. */
@RestController
@RequestMapping("/api/v1/slots")
class SlotsEndpoint {
    private static final int LONGEST_KEY = 100;

    private final Timetable timetable;
    private final Places places;
    private final Stations stations;
    private final Areas areas;
    private final Access access;
    private final Wording wording;
    private final Times times;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Durability durability;
    private final Clock clock;

    SlotsEndpoint(
            Timetable timetable,
            Places places,
            Stations stations,
            Areas areas,
            Access access,
            Wording wording,
            Times times,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Durability durability,
            Clock clock) {
        this.timetable = timetable;
        this.places = places;
        this.stations = stations;
        this.areas = areas;
        this.access = access;
        this.wording = wording;
        this.times = times;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.durability = durability;
        this.clock = clock;
    }

    /**
     * A slot in JSON.
     *
     * @param date first date, ISO 8601
     * @param start {@code HH:mm} on the station's clock
     * @param repeat ONCE, DAILY or WEEKLY
     * @param days weekdays of WEEKLY
     * @param until last date, null for none
     * @param except dates taken out
     * @param areas paths of whole areas
     * @param controllers numbers of single controllers
     * @param volume percent
     * @param lateness minutes
     */
    record SlotJson(
            long id,
            int revision,
            long recording,
            String title,
            long seconds,
            LocalDate date,
            String start,
            Recurrence.Kind repeat,
            Set<DayOfWeek> days,
            @Nullable LocalDate until,
            Set<LocalDate> except,
            Set<String> areas,
            Set<Long> controllers,
            int volume,
            long lateness) {}

    /** What a program asks for; without places everywhere, without the rest as the form proposes. */
    record WantedJson(
            @Nullable Long recording,
            @Nullable String date,
            @Nullable String start,
            @Nullable String repeat,
            @Nullable Set<DayOfWeek> days,
            @Nullable String until,
            @Nullable Set<String> areas,
            @Nullable Set<Long> controllers,
            @Nullable Integer volume,
            @Nullable Integer lateness) {}

    /** One field that cannot be as wanted. */
    record FieldError(String field, String code, String detail, List<Map<String, String>> corrections) {}

    @GetMapping
    List<SlotJson> list() {
        access.requireAnywhere(Role.VIEWER);
        return timetable.live(station()).stream().map(this::json).toList();
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<Object> create(
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody WantedJson wanted) {
        places.served(station()).stream().map(Area::path).forEach(path -> access.require(Role.OPERATOR, path));
        if (key == null || key.isBlank() || key.length() > LONGEST_KEY) {
            return problem(HttpStatus.BAD_REQUEST, "timetable.api.key", List.of());
        }
        var person = access.me().personId();
        var hash = hash(wanted.toString());
        var answered = answered(person, key);
        if (answered.isPresent()) {
            return repeated(answered.get(), hash);
        }
        var form = form(wanted);
        var parsed = form.parse(times.today(), places.everywhere(station()));
        if (parsed.slot().isEmpty()) {
            return refused(parsed.problems());
        }
        try {
            var saved = transaction.execute(status -> {
                var made = timetable.create(station(), parsed.slot().get());
                jdbc.sql("""
                                insert into timetable_idempotency (person_id, idempotency_key, request_hash, slot_id, made_at)
                                values (:person, :key, :hash, :slot, :now)""")
                        .param("person", person)
                        .param("key", key)
                        .param("hash", hash)
                        .param("slot", made.slot().value())
                        .param("now", SqlTime.of(clock.instant()))
                        .update();
                return made;
            });
            var slot = timetable.find(Objects.requireNonNull(saved).slot()).orElseThrow();
            return ResponseEntity.status(HttpStatus.CREATED).body(json(slot));
        } catch (SlotRefused refused) {
            // The same request twice at once: to the second one, its own slot is in the way.
            return answered(person, key)
                    .map(before -> repeated(before, hash))
                    .orElseGet(() -> refused(refused.problems()));
        } catch (DuplicateKeyException twice) {
            return answered(person, key).map(before -> repeated(before, hash)).orElseThrow(() -> twice);
        }
    }

    @ExceptionHandler
    ResponseEntity<Object> on(HttpMessageNotReadableException unreadable) {
        return problem(HttpStatus.BAD_REQUEST, "timetable.api.unreadable", List.of());
    }

    private record Answered(String hash, SlotId slot) {}

    private Optional<Answered> answered(long person, String key) {
        return jdbc.sql("""
                        select request_hash, slot_id from timetable_idempotency
                        where person_id = :person and idempotency_key = :key""")
                .param("person", person)
                .param("key", key)
                .query((row, number) -> new Answered(row.getString(1), new SlotId(row.getLong(2))))
                .optional();
    }

    private ResponseEntity<Object> repeated(Answered before, String hash) {
        if (!before.hash().equals(hash)) {
            return problem(HttpStatus.UNPROCESSABLE_CONTENT, "timetable.api.keyReused", List.of());
        }
        var made = timetable.revision(before.slot(), 1).orElseThrow();
        // The first request may have ended between its commit and its sync.
        durability.confirm();
        return ResponseEntity.status(HttpStatus.CREATED).body(json(made));
    }

    private SlotForm form(WantedJson wanted) {
        var form = new SlotForm();
        form.setRecording(wanted.recording());
        form.setDate(wanted.date() == null ? times.today().toString() : wanted.date());
        form.setStart(wanted.start() == null ? "" : wanted.start());
        form.setRepeat(wanted.repeat() == null ? Recurrence.Kind.ONCE.name() : wanted.repeat());
        form.setDays(wanted.days() == null ? Set.of() : wanted.days());
        form.setUntil(wanted.until() == null ? "" : wanted.until());
        var paths = wanted.areas() == null ? Set.<String>of() : wanted.areas();
        var poles = wanted.controllers() == null ? Set.<Long>of() : wanted.controllers();
        if (!paths.isEmpty() || !poles.isEmpty()) {
            form.setWhere(SlotForm.Where.CHOSEN.name());
            form.setArea(paths.stream().map(this::area).collect(Collectors.toSet()));
            form.setController(poles);
        }
        form.setVolume(Integer.toString(wanted.volume() == null ? NewSlot.USUAL_VOLUME : wanted.volume()));
        form.setLateness(
                Long.toString(wanted.lateness() == null ? NewSlot.USUAL_LATENESS.toMinutes() : wanted.lateness()));
        return form;
    }

    /** An area that does not exist becomes one that no station serves, and is refused as such. */
    private long area(String path) {
        try {
            return areas.find(AreaPath.of(path)).map(Area::id).orElse(0L);
        } catch (IllegalArgumentException notAPath) {
            return 0;
        }
    }

    private SlotJson json(Slot slot) {
        var content = slot.content();
        return new SlotJson(
                slot.id().value(),
                slot.revision(),
                timetable.recordingOf(slot).value(),
                timetable.titleOf(slot),
                content.length().toSeconds(),
                content.firstDate(),
                SlotForm.time(content.start()),
                content.recurrence().kind(),
                new TreeSet<>(content.recurrence().days()),
                content.recurrence().until(),
                new TreeSet<>(content.except()),
                content.targets().areas().stream().map(this::path).collect(Collectors.toCollection(TreeSet::new)),
                content.targets().controllers().stream()
                        .map(ControllerId::value)
                        .collect(Collectors.toCollection(TreeSet::new)),
                content.volume(),
                content.lateness().toMinutes());
    }

    private String path(AreaId id) {
        return areas.find(id.value()).map(area -> area.path().value()).orElse("");
    }

    private ResponseEntity<Object> refused(List<SlotProblem> problems) {
        return problem(
                HttpStatus.UNPROCESSABLE_CONTENT,
                "timetable.api.refused",
                problems.stream()
                        .map(problem -> new FieldError(
                                problem.field().input(),
                                problem.reason(),
                                wording.sentence(problem),
                                corrections(problem)))
                        .toList());
    }

    private static List<Map<String, String>> corrections(SlotProblem problem) {
        var found = new ArrayList<Map<String, String>>();
        for (var correction : problem.corrections()) {
            var values = new java.util.LinkedHashMap<String, String>();
            if (correction.date() != null) {
                values.put("date", correction.date().toString());
            }
            if (correction.start() != null) {
                values.put("start", SlotForm.time(correction.start()));
            }
            if (!values.isEmpty()) {
                found.add(values);
            }
        }
        return found;
    }

    private ResponseEntity<Object> problem(HttpStatus status, String key, List<FieldError> errors) {
        var problem = ProblemDetail.forStatusAndDetail(status, wording.message(key));
        problem.setProperty("code", key);
        problem.setProperty("errors", errors);
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private StationId station() {
        return new StationId(stations.main().id());
    }
}
