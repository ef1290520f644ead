package vn.loalang.fleet;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.io.ResourceLoader;
import org.springframework.http.HttpStatus;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.util.UriComponentsBuilder;
import vn.loalang.access.Access;
import vn.loalang.access.AuditLog;
import vn.loalang.access.Role;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Telemetry;

/** The screen Cụm loa: viewers see, technicians change. */
@org.springframework.stereotype.Controller
class FleetPages {
    private static final Logger log = LoggerFactory.getLogger(FleetPages.class);
    private static final int PAGE = 50;
    private static final int RECENT = 20;
    private static final String CLAIM_FORM = "classpath:templates/delivery/claim.html";

    private final Fleet fleet;
    private final FleetBoard board;
    private final Areas areas;
    private final Stations stations;
    private final Access access;
    private final AuditLog audit;
    private final Durability durability;
    private final TransactionTemplate transaction;
    private final ObjectProvider<PoleOutcomes> outcomes;
    private final boolean claimable;

    FleetPages(
            Fleet fleet,
            FleetBoard board,
            Areas areas,
            Stations stations,
            Access access,
            AuditLog audit,
            Durability durability,
            TransactionTemplate transaction,
            ObjectProvider<PoleOutcomes> outcomes,
            ResourceLoader resources) {
        this.fleet = fleet;
        this.board = board;
        this.areas = areas;
        this.stations = stations;
        this.access = access;
        this.audit = audit;
        this.durability = durability;
        this.transaction = transaction;
        this.outcomes = outcomes;
        this.claimable = resources.getResource(CLAIM_FORM).exists();
    }

    /** The list, problems first. */
    @GetMapping("/fleet")
    String list(Filter filter, @RequestParam(required = false) @Nullable Long archived, Model model) {
        fill(filter, model);
        if (archived != null) {
            model.addAttribute(
                    "justArchived",
                    board.poles(Set.of(new ControllerId(archived))).get(new ControllerId(archived)));
        }
        return "fleet/list";
    }

    /** The list's live region. */
    @GetMapping("/fleet/rows")
    String rows(Filter filter, Model model) {
        fill(filter, model);
        return "fleet/list :: rows";
    }

    /** Everything about one pole. */
    @GetMapping("/fleet/{id}")
    String pole(@PathVariable long id, Model model) {
        fill(visible(id), model);
        return "fleet/pole";
    }

    /** One pole's live region. */
    @GetMapping("/fleet/{id}/now")
    String now(@PathVariable long id, Model model) {
        fill(visible(id), model);
        return "fleet/pole :: now";
    }

    /** The form for a new pole. */
    @GetMapping("/fleet/new")
    String newForm(Model model) {
        access.requireAnywhere(Role.TECHNICIAN);
        form(new Form("", "", "", "", Integer.toString(NewController.DEFAULT_VOLUME_LIMIT), "", 0), null, model);
        return "fleet/form";
    }

    /** Adds a pole. */
    @PostMapping("/fleet/new")
    String add(@ModelAttribute Form form, Model model) {
        try {
            var wanted = form.parse(station(), this::areaForEditing);
            var id = transaction.execute(status -> {
                var added = fleet.addController(wanted);
                audit.record("fleet.poleAdded", wanted.name(), "");
                durability.confirm();
                return added;
            });
            return "redirect:/fleet/" + id;
        } catch (Refusal refusal) {
            form(form, null, model);
            return refused(refusal, model, "fleet/form");
        }
    }

    /** The form with a pole's values. */
    @GetMapping("/fleet/{id}/edit")
    String edit(@PathVariable long id, Model model) {
        var pole = editable(id);
        var controller = fleet.find(pole.id()).orElseThrow();
        form(Form.of(controller, pole.area(), board.rowVersion(pole.id())), pole, model);
        return "fleet/form";
    }

    /** Changes a pole. */
    @PostMapping("/fleet/{id}/edit")
    String change(@PathVariable long id, @ModelAttribute Form form, Model model) {
        var pole = editable(id);
        try {
            var wanted = form.parse(station(), this::areaForEditing);
            transaction.executeWithoutResult(status -> {
                fleet.change(pole.id(), wanted, form.rowVersion());
                audit.record("fleet.poleChanged", wanted.name(), "");
                durability.confirm();
            });
            return "redirect:/fleet/" + id;
        } catch (Refusal refusal) {
            form(form, pole, model);
            return refused(refusal, model, "fleet/form");
        }
    }

    /** Takes a pole out of use; the list then offers to undo it. */
    @PostMapping("/fleet/{id}/archive")
    String archive(@PathVariable long id) {
        var pole = editable(id);
        transaction.executeWithoutResult(status -> {
            fleet.archive(pole.id());
            audit.record("fleet.poleArchived", pole.name(), "");
            durability.confirm();
        });
        return "redirect:/fleet?archived=" + id;
    }

    /** Takes an archived pole into use again. */
    @PostMapping("/fleet/{id}/restore")
    String restore(@PathVariable long id) {
        var pole = editable(id);
        transaction.executeWithoutResult(status -> {
            fleet.restore(pole.id());
            audit.record("fleet.poleRestored", pole.name(), "");
            durability.confirm();
        });
        return "redirect:/fleet/" + id;
    }

    /** Hangs a box on the pole: a new one is registered first; one that hung there comes down. */
    @PostMapping("/fleet/{id}/box")
    String box(@PathVariable long id, @RequestParam String unit, @RequestParam String model, Model page) {
        var pole = editable(id);
        try {
            var label = Label.parse(unit, model);
            var hangsOn = fleet.controllerOf(label.unit());
            hangsOn.filter(other -> !other.equals(pole.id())).ifPresent(other -> editable(other.value()));
            transaction.executeWithoutResult(status -> {
                if (fleet.unit(label.unit()).isEmpty()) {
                    fleet.registerUnit(new NewUnit(label.unit(), label.model(), ""));
                }
                fleet.assign(label.unit(), pole.id());
                audit.record("fleet.boxHung", pole.name(), label.unit().value());
                durability.confirm();
            });
            return "redirect:/fleet/" + id;
        } catch (Refusal refusal) {
            fill(pole, page);
            page.addAttribute("typedUnit", unit);
            page.addAttribute("typedModel", model);
            return refused(refusal, page, "fleet/pole");
        }
    }

    private void fill(Filter filter, Model model) {
        access.requireAnywhere(Role.VIEWER);
        var query = new FleetBoard.Query(station(), access.scope(Role.VIEWER), filter.words(), filter.condition());
        var counts = board.counts(query);
        var archived = board.counts(
                new FleetBoard.Query(query.station(), query.scope(), query.words(), Pole.Condition.ARCHIVED));
        var inUse = counts.values().stream().mapToInt(Integer::intValue).sum();
        var only = query.only();
        var shown = only == null ? inUse : (only == Pole.Condition.ARCHIVED ? archived : counts).getOrDefault(only, 0);
        var pages = Math.max(1, (shown + PAGE - 1) / PAGE);
        var page = Math.min(filter.number(), pages);
        var poles = board.page(query, (page - 1) * PAGE, PAGE);
        model.addAttribute("filter", filter);
        model.addAttribute("poles", poles);
        model.addAttribute("outcomes", newest(poles));
        model.addAttribute("counts", counts);
        model.addAttribute(
                "conditions",
                Arrays.stream(Pole.Condition.values())
                        .filter(it -> it != Pole.Condition.ARCHIVED && counts.getOrDefault(it, 0) > 0)
                        .toList());
        model.addAttribute("inUse", inUse);
        model.addAttribute("shown", shown);
        model.addAttribute("page", page);
        model.addAttribute("pages", pages);
        model.addAttribute("mayEdit", access.mayAnywhere(Role.TECHNICIAN));
    }

    private void fill(Pole pole, Model model) {
        var unit = pole.unit();
        model.addAttribute("pole", pole);
        model.addAttribute("controller", fleet.find(pole.id()).orElseThrow());
        model.addAttribute("box", unit == null ? null : fleet.unit(unit).orElse(null));
        model.addAttribute("boxes", board.boxes(pole.id()));
        model.addAttribute("troubles", unit == null ? List.of() : board.troubles(unit, RECENT));
        model.addAttribute("refusals", unit == null ? List.of() : board.refusals(unit));
        var measured = unit == null ? null : board.measured(unit);
        model.addAttribute("measured", measured);
        model.addAttribute("telemetry", measured == null ? null : telemetry(measured));
        model.addAttribute(
                "recent",
                outcomes.stream()
                        .flatMap(it -> it.recent(pole.id(), RECENT).stream())
                        .toList());
        model.addAttribute("mayEdit", access.may(Role.TECHNICIAN, pole.area()));
        model.addAttribute("claimable", claimable && unit != null);
    }

    private Map<ControllerId, PoleOutcomes.Line> newest(List<Pole> poles) {
        var source = outcomes.getIfAvailable();
        return source == null
                ? Map.of()
                : source.newest(poles.stream().map(Pole::id).toList());
    }

    private static @Nullable Telemetry telemetry(FleetBoard.Measured measured) {
        try {
            return Telemetry.decode(measured.json().getBytes(StandardCharsets.UTF_8));
        } catch (vn.loalang.protocol.Refusal refusal) {
            log.debug("Telemetry is stored that nobody can read; the page leaves it out", refusal);
            return null;
        }
    }

    private void form(Form form, @Nullable Pole pole, Model model) {
        var scope = access.scope(Role.TECHNICIAN);
        var choices = new ArrayList<Area>();
        for (var root : scope.roots()) {
            choices.addAll(areas.within(root));
        }
        model.addAttribute("form", form);
        model.addAttribute("pole", pole);
        model.addAttribute("areas", choices);
    }

    private Pole visible(long id) {
        var pole = id <= 0 ? null : board.poles(Set.of(new ControllerId(id))).get(new ControllerId(id));
        if (pole == null || !access.may(Role.VIEWER, pole.area())) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        return pole;
    }

    private Pole editable(long id) {
        var pole = visible(id);
        access.require(Role.TECHNICIAN, pole.area());
        return pole;
    }

    private AreaId areaForEditing(String path) {
        var area = areas.find(parse(path))
                .filter(Area::active)
                .orElseThrow(() -> new Refusal("area", "fleet.refused.area"));
        access.require(Role.TECHNICIAN, area.path());
        return new AreaId(area.id());
    }

    private static AreaPath parse(String path) {
        try {
            return AreaPath.of(path);
        } catch (IllegalArgumentException e) {
            log.debug("Not an area path", e);
            throw new Refusal("area", "fleet.refused.area");
        }
    }

    private StationId station() {
        return new StationId(stations.main().id());
    }

    private static String refused(Refusal refusal, Model model, String view) {
        model.addAttribute("refusal", refusal);
        return view;
    }

    /**
     * What the list shows.
     *
     * @param q words to find
     * @param show a condition's name in small letters; anything else shows all
     * @param page from 1
     */
    record Filter(
            @Nullable String q,
            @Nullable String show,
            @Nullable Integer page) {
        String words() {
            var words = q == null ? "" : q.strip();
            return words.length() <= 100 ? words : words.substring(0, 100);
        }

        Pole.@Nullable Condition condition() {
            for (var condition : Pole.Condition.values()) {
                if (condition.name().toLowerCase(Locale.ROOT).equals(show)) {
                    return condition;
                }
            }
            return null;
        }

        int number() {
            return page == null ? 1 : Math.max(1, page);
        }

        /** The words as typed, for the field. */
        public String typed() {
            return words();
        }

        /** Whether only this condition is shown; null asks whether all are. */
        public boolean shows(Pole.@Nullable Condition condition) {
            return condition() == condition;
        }

        /** Address of the list with this condition and page under the same words. */
        public String link(String base, Pole.@Nullable Condition condition, int page) {
            var link = UriComponentsBuilder.fromPath(base);
            if (!words().isEmpty()) {
                link.queryParam("q", "{q}");
            }
            if (condition != null) {
                link.queryParam("show", condition.name().toLowerCase(Locale.ROOT));
            }
            if (page > 1) {
                link.queryParam("page", page);
            }
            return words().isEmpty()
                    ? link.build().toUriString()
                    : link.encode().buildAndExpand(words()).toUriString();
        }

        /** Address of what is shown now. */
        public String here(String base, int page) {
            return link(base, condition(), page);
        }
    }

    /** A pole as typed. */
    record Form(
            String name,
            String area,
            String latitude,
            String longitude,
            String volumeLimit,
            String tags,
            int rowVersion) {
        /** A field that was not sent at all counts as empty. */
        Form {
            name = Objects.requireNonNullElse(name, "");
            area = Objects.requireNonNullElse(area, "");
            latitude = Objects.requireNonNullElse(latitude, "");
            longitude = Objects.requireNonNullElse(longitude, "");
            volumeLimit = Objects.requireNonNullElse(volumeLimit, "");
            tags = Objects.requireNonNullElse(tags, "");
        }

        static Form of(Controller controller, AreaPath area, int rowVersion) {
            return new Form(
                    controller.name(),
                    area.value(),
                    degrees(controller.latitude()),
                    degrees(controller.longitude()),
                    Integer.toString(controller.volumeLimit()),
                    controller.tagLine(),
                    rowVersion);
        }

        NewController parse(StationId station, java.util.function.Function<String, AreaId> areaOf) {
            var words = Arrays.stream(tags.split(",")).map(String::strip).filter(it -> !it.isEmpty());
            return new NewController(
                    station,
                    areaOf.apply(area),
                    name,
                    degrees("latitude", latitude),
                    degrees("longitude", longitude),
                    percent(),
                    words.collect(Collectors.toSet()));
        }

        private int percent() {
            try {
                return Integer.parseInt(volumeLimit.strip());
            } catch (NumberFormatException e) {
                throw refusal(
                        e,
                        "volumeLimit",
                        "fleet.refused.volumeLimit",
                        Fleet.LEAST_VOLUME_LIMIT,
                        Fleet.MOST_VOLUME_LIMIT);
            }
        }

        private static String degrees(@Nullable Double value) {
            return value == null ? "" : String.format(Locale.ROOT, "%.6f", value);
        }

        private static @Nullable Double degrees(String field, String typed) {
            if (typed.isBlank()) {
                return null;
            }
            try {
                return Double.valueOf(typed.strip().replace(',', '.'));
            } catch (NumberFormatException e) {
                throw refusal(e, field, "fleet.refused." + field);
            }
        }

        private static Refusal refusal(NumberFormatException cause, String field, String key, Object... arguments) {
            var refusal = new Refusal(field, key, arguments);
            refusal.initCause(cause);
            return refusal;
        }
    }

    /** What is printed on a box: its id, or the whole text of its QR code {@code GB1:{id}:{model}}. */
    record Label(DeviceId unit, String model) {
        static Label parse(String unit, String model) {
            var parts = unit.strip().split(":", 3);
            var whole = parts.length == 3 && parts[0].equalsIgnoreCase("GB1");
            var id = (whole ? parts[1] : unit).replaceAll("[\\s-]", "").toUpperCase(Locale.ROOT);
            var named = whole && model.isBlank() ? parts[2] : model;
            if (!id.matches("[A-Z2-7]{16}")) {
                throw new Refusal("unit", "fleet.refused.unit");
            }
            return new Label(new DeviceId(id), named);
        }
    }
}
