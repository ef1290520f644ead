package vn.loalang.emergency;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.server.ResponseStatusException;
import vn.loalang.access.Access;
import vn.loalang.access.AreaScope;
import vn.loalang.access.Role;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.GeoPoint;
import vn.loalang.area.Outlines;
import vn.loalang.area.Refusal;
import vn.loalang.area.SearchKey;
import vn.loalang.fleet.Standing;
import vn.loalang.web.OwnEntry;

/** Choosing whom an alert is for: the tree, tags, single poles and the map, with the audience as it grows. */
@Controller
class TargetPages {
    private static final int MOST_TARGETS = 200;
    private static final int VILLAGES_SHOWN = 12;
    private static final int MOST_FOUND = 20;
    private static final int LONGEST_WORDS = 80;
    /** Areas without poles are passed over among so many. */
    private static final int MOST_SEARCHED = 10_000;

    private final Audiences audiences;
    private final Areas areas;
    private final Outlines outlines;
    private final Access access;

    TargetPages(Audiences audiences, Areas areas, Outlines outlines, Access access) {
        this.audiences = audiences;
        this.areas = areas;
        this.outlines = outlines;
        this.access = access;
    }

    /**
     * One line of the tree: an area or, below an area, a pole.
     *
     * @param wire what choosing it means
     * @param path of an area with more below it, empty otherwise
     * @param poles how many of them; 0 for a pole
     * @param state of a pole, null for an area
     * @param below what is shown opened at once, null when it is fetched
     */
    record Node(
            String wire,
            String name,
            int poles,
            @Nullable State state,
            boolean chosen,
            String path,
            @Nullable List<Node> below) {}

    /** How a pole stands there. */
    enum State {
        READY,
        GONE,
        BOXLESS;

        static State of(Standing pole) {
            if (pole.unit() == null) {
                return BOXLESS;
            }
            return pole.online() ? READY : GONE;
        }
    }

    /**
     * Something the typed words found.
     *
     * @param where the area around it, empty at the top
     */
    record Found(
            String wire,
            String name,
            String where,
            int poles,
            @Nullable State state) {}

    /** A tag and how many poles have it. */
    record Tag(String wire, String name, int poles, boolean chosen) {}

    /**
     * Something drawn on the map.
     *
     * @param corners of a polygon, 0 for a circle
     * @param metres radius of a circle
     */
    record Shape(String wire, int corners, int metres) {}

    /** The page. */
    @GetMapping("/emergency/targets")
    String page(
            Model model,
            HttpServletRequest request,
            @RequestParam(defaultValue = "") String to,
            @RequestParam(defaultValue = "") String message) {
        var may = may();
        var chosen = chosen(request, model);
        var poles = audiences.poles(may);
        var wires = chosen.stream().map(Target::wire).collect(Collectors.toSet());
        var drill = to.equals("drill");
        model.addAttribute("back", drill ? "/drill" : "/emergency");
        if (drill) {
            model.addAttribute(OwnEntry.NAME, DrillPages.ENTRY);
        }
        model.addAttribute("message", message.matches("[0-9]{1,18}") ? message : "");
        model.addAttribute("nodes", top(may, poles, wires, opened(chosen, poles)));
        model.addAttribute("tags", tags(poles, wires));
        model.addAttribute("shapes", shapes(chosen));
        model.addAttribute(
                "unplaced", poles.stream().filter(pole -> pole.place() == null).count());
        model.addAttribute("anyPlaced", poles.stream().anyMatch(pole -> pole.place() != null));
        show(model, audiences.of(chosen, may), chosen.isEmpty());
        return "emergency/targets";
    }

    /** What lies below an area. */
    @GetMapping("/emergency/targets/below")
    String below(Model model, @RequestParam String at) {
        var may = may();
        model.addAttribute("nodes", below(path(at), audiences.poles(may), Set.of(), Set.of()));
        return "emergency/target-nodes :: nodes";
    }

    /** Areas and poles whose name holds the typed words, with or without diacritics. */
    @GetMapping("/emergency/targets/find")
    String find(Model model, @RequestParam(defaultValue = "") String words) {
        var may = may();
        var typed = SearchKey.of(words.substring(0, Math.min(LONGEST_WORDS, words.length())));
        var poles = audiences.poles(may);
        var found = new ArrayList<Found>();
        if (!typed.isEmpty()) {
            found.addAll(areasNamed(typed, may, poles));
            poles.stream()
                    .filter(pole -> SearchKey.of(pole.name()).contains(typed))
                    .limit(MOST_FOUND + 1)
                    .forEach(pole -> found.add(new Found(
                            new Target.OnPole(pole.id()).wire(), pole.name(), pole.village(), 0, State.of(pole))));
        }
        model.addAttribute("typed", typed);
        model.addAttribute("found", found.subList(0, Math.min(MOST_FOUND, found.size())));
        model.addAttribute("more", found.size() > MOST_FOUND);
        return "emergency/target-nodes :: found";
    }

    /** Areas of this name in which somebody would hear it, the higher ones first; one more than is shown. */
    private List<Found> areasNamed(String typed, AreaScope may, List<Standing> poles) {
        var counts = counts(poles);
        var names = new HashMap<AreaPath, String>();
        return areas.search(typed, may.roots(), MOST_SEARCHED).stream()
                .filter(area -> counts.containsKey(area.path()))
                .limit(MOST_FOUND + 1)
                .map(area -> new Found(
                        new Target.InArea(new AreaId(area.id())).wire(),
                        area.fullName(),
                        names.computeIfAbsent(
                                area.path().parent(),
                                above -> areas.find(above).map(Area::fullName).orElse("")),
                        counts.getOrDefault(area.path(), 0),
                        null))
                .toList();
    }

    /** Who would hear it. */
    @GetMapping("/emergency/targets/audience")
    String audience(Model model, HttpServletRequest request) {
        var may = may();
        var chosen = chosen(request, model);
        show(model, audiences.of(chosen, may), chosen.isEmpty());
        return "emergency/targets :: audience";
    }

    /** Poles and outlines for the map. */
    record Drawing(List<Place> poles, List<Ground> areas) {}

    /** A pole on the map. */
    record Place(String target, String name, List<Double> at, State state) {}

    /** An area on the map: its rings, each a list of latitude and longitude. */
    record Ground(String name, List<List<List<Double>>> rings) {}

    @GetMapping("/emergency/targets/map")
    @ResponseBody
    Drawing map() {
        var may = may();
        var poles = new ArrayList<Place>();
        for (var pole : audiences.poles(may)) {
            var place = pole.place();
            if (place != null) {
                poles.add(new Place(new Target.OnPole(pole.id()).wire(), pole.name(), at(place), State.of(pole)));
            }
        }
        return new Drawing(
                poles,
                outlines.all().stream()
                        .filter(outline -> may.covers(outline.path()))
                        .map(outline -> new Ground(
                                outline.name(),
                                outline.rings().stream()
                                        .map(ring -> ring.stream()
                                                .map(TargetPages::at)
                                                .toList())
                                        .toList()))
                        .toList());
    }

    private static List<Double> at(GeoPoint place) {
        return List.of(place.latitude(), place.longitude());
    }

    private AreaScope may() {
        access.requireAnywhere(Role.OPERATOR);
        return access.scope(Role.OPERATOR);
    }

    /** What is chosen; a part that cannot be read is left out and said. */
    private static List<Target> chosen(HttpServletRequest request, Model model) {
        var sent = request.getParameterValues("target");
        var chosen = new ArrayList<Target>();
        if (sent != null) {
            var wires =
                    Arrays.stream(sent).filter(it -> !it.isBlank()).distinct().toList();
            if (wires.size() > MOST_TARGETS) {
                model.addAttribute("refusal", new Refusal("targets", "emergency.target.tooMany", MOST_TARGETS));
            }
            for (var wire : wires.subList(0, Math.min(MOST_TARGETS, wires.size()))) {
                try {
                    chosen.add(Target.parse(wire));
                } catch (Refusal refusal) {
                    model.addAttribute("refusal", refusal);
                }
            }
        }
        return chosen;
    }

    private static void show(Model model, Audience audience, boolean nothingChosen) {
        model.addAttribute("audience", audience);
        model.addAttribute("nothingChosen", nothingChosen);
        model.addAttribute(
                "villages",
                audience.villages()
                        .subList(0, Math.min(VILLAGES_SHOWN, audience.villages().size())));
        model.addAttribute("moreVillages", Math.max(0, audience.villages().size() - VILLAGES_SHOWN));
    }

    /** Areas that must be open, since something below them is chosen. */
    private Set<AreaPath> opened(List<Target> chosen, List<Standing> poles) {
        var opened = new HashSet<AreaPath>();
        for (var target : chosen) {
            Optional<AreaPath> path = Optional.empty();
            if (target instanceof Target.InArea in) {
                path = areas.find(in.area().value()).map(area -> area.path().parent());
            } else if (target instanceof Target.OnPole on) {
                path = poles.stream()
                        .filter(pole -> pole.id().equals(on.pole()))
                        .map(Standing::path)
                        .findFirst();
            }
            for (var at = path.orElse(AreaPath.ROOT); !at.equals(AreaPath.ROOT); at = at.parent()) {
                opened.add(at);
            }
        }
        return opened;
    }

    /** The highest areas where this person may speak; a single one is open from the beginning. */
    private List<Node> top(AreaScope may, List<Standing> poles, Set<String> chosen, Set<AreaPath> opened) {
        var tops = may.everything()
                ? areas.children(AreaPath.ROOT)
                : may.roots().stream()
                        .flatMap(root -> areas.find(root).stream())
                        .toList();
        var open = new HashSet<>(opened);
        if (tops.size() == 1) {
            open.add(tops.get(0).path());
        }
        return nodes(tops, poles, chosen, open);
    }

    private List<Node> below(AreaPath at, List<Standing> poles, Set<String> chosen, Set<AreaPath> opened) {
        var nodes = new ArrayList<>(nodes(areas.children(at), poles, chosen, opened));
        for (var pole : poles) {
            if (pole.path().equals(at)) {
                var wire = new Target.OnPole(pole.id()).wire();
                nodes.add(new Node(wire, pole.name(), 0, State.of(pole), chosen.contains(wire), "", null));
            }
        }
        return nodes;
    }

    private List<Node> nodes(List<Area> these, List<Standing> poles, Set<String> chosen, Set<AreaPath> opened) {
        var all = counts(poles);
        var nodes = new ArrayList<Node>();
        for (var area : these) {
            var count = all.getOrDefault(area.path(), 0);
            if (count > 0) {
                var wire = new Target.InArea(new AreaId(area.id())).wire();
                nodes.add(new Node(
                        wire,
                        area.fullName(),
                        count,
                        null,
                        chosen.contains(wire),
                        area.path().value(),
                        opened.contains(area.path()) ? below(area.path(), poles, chosen, opened) : null));
            }
        }
        return nodes;
    }

    /** How many poles stand in each area and everything below it; areas without any are left out. */
    private static Map<AreaPath, Integer> counts(List<Standing> poles) {
        var counts = new HashMap<AreaPath, Integer>();
        for (var pole : poles) {
            for (var at = pole.path(); !at.equals(AreaPath.ROOT); at = at.parent()) {
                counts.merge(at, 1, Integer::sum);
            }
        }
        return counts;
    }

    private static List<Tag> tags(List<Standing> poles, Set<String> chosen) {
        Map<String, Integer> counts = new TreeMap<>();
        poles.forEach(pole -> pole.tags().forEach(tag -> counts.merge(tag, 1, Integer::sum)));
        var tags = new LinkedHashMap<String, Tag>();
        counts.forEach((tag, count) -> {
            var wire = new Target.Tagged(tag).wire();
            tags.put(tag, new Tag(wire, tag, count, chosen.contains(wire)));
        });
        return tags.values().stream().sorted(Comparator.comparing(Tag::name)).toList();
    }

    private static List<Shape> shapes(List<Target> chosen) {
        var shapes = new ArrayList<Shape>();
        for (var target : chosen) {
            if (target instanceof Target.Polygon polygon) {
                shapes.add(new Shape(target.wire(), polygon.corners().size(), 0));
            } else if (target instanceof Target.Circle circle) {
                shapes.add(new Shape(target.wire(), 0, circle.metres()));
            }
        }
        return shapes;
    }

    private static AreaPath path(String typed) {
        try {
            return AreaPath.of(typed);
        } catch (IllegalArgumentException e) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
    }
}
