package vn.loalang.delivery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.server.ResponseStatusException;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
import vn.loalang.area.Area;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Refusal;
import vn.loalang.delivery.rules.StagedRollout;
import vn.loalang.delivery.rules.StagedRollout.Course;
import vn.loalang.delivery.rules.StagedRollout.Tally;
import vn.loalang.delivery.rules.UpdateState;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.FleetBoard;
import vn.loalang.fleet.Pole;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.QuietWindow;

/** The page Phần mềm: images, rollouts, and how far each box has come. Technicians look, administrators act. */
@Controller
class FirmwarePages {
    private static final Logger log = LoggerFactory.getLogger(FirmwarePages.class);
    private static final int MOST_LINES = 200;
    private static final int MOST_WATCH_HOURS = 24 * 14;
    private static final long LONGEST_SIGNED = 30_000_000;

    private final Firmwares firmwares;
    private final Rollouts rollouts;
    private final RolloutSigning signing;
    private final RolloutProgress progress;
    private final FleetBoard board;
    private final Areas areas;
    private final Access access;

    FirmwarePages(
            Firmwares firmwares,
            Rollouts rollouts,
            RolloutSigning signing,
            RolloutProgress progress,
            FleetBoard board,
            Areas areas,
            Access access) {
        this.firmwares = firmwares;
        this.rollouts = rollouts;
        this.signing = signing;
        this.progress = progress;
        this.board = board;
        this.areas = areas;
        this.access = access;
    }

    /**
     * A rollout as asked for.
     *
     * @param stages percents with spaces between
     * @param watch hours between stages
     * @param share percent that must have confirmed
     */
    record Form(String image, String area, String stages, String watch, String share, String from, String until) {
        Form {
            image = Objects.requireNonNullElse(image, "");
            area = Objects.requireNonNullElse(area, "");
            stages = Objects.requireNonNullElse(stages, "");
            watch = Objects.requireNonNullElse(watch, "");
            share = Objects.requireNonNullElse(share, "");
            from = Objects.requireNonNullElse(from, "");
            until = Objects.requireNonNullElse(until, "");
        }

        static Form usual() {
            return new Form("", "", "1 10 100", "24", "90", "00:30", "04:00");
        }
    }

    /** An image as described by whoever brings it. */
    record NewImage(String model, String version, String sec) {
        NewImage {
            model = Objects.requireNonNullElse(model, "");
            version = Objects.requireNonNullElse(version, "");
            sec = Objects.requireNonNullElse(sec, "");
        }
    }

    /** The page. */
    @GetMapping("/admin/firmware")
    String page(Model model) {
        mayLook();
        fill(model, Form.usual(), new NewImage("", "", "0"));
        return "delivery/firmware";
    }

    /** The live region with all rollouts. */
    @GetMapping("/admin/firmware/now")
    String now(Model model) {
        mayLook();
        list(model);
        return "delivery/firmware :: now";
    }

    /** Takes an image in. */
    @PostMapping("/admin/firmware/images")
    String upload(@ModelAttribute NewImage image, @RequestParam MultipartFile file, Model model) {
        administrator();
        try (var content = file.getInputStream()) {
            firmwares.add(
                    image.model().strip(),
                    image.version().strip(),
                    number(image.sec(), "sec", "delivery.refused.firmwareSec"),
                    content,
                    access.me().name());
            return "redirect:/admin/firmware";
        } catch (Refusal refusal) {
            fill(model, Form.usual(), image);
            model.addAttribute("refusal", refusal);
            return "delivery/firmware";
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Forgets an image that no rollout speaks of. */
    @PostMapping("/admin/firmware/images/{hash}/remove")
    String remove(@PathVariable String hash) {
        administrator();
        firmwares.remove(hash(hash));
        return "redirect:/admin/firmware";
    }

    /** Prepares a rollout. */
    @PostMapping("/admin/firmware/rollouts")
    String create(@ModelAttribute Form form, Model model) {
        administrator();
        try {
            return "redirect:/admin/firmware/rollouts/"
                    + rollouts.create(wanted(form), access.me().name());
        } catch (Refusal refusal) {
            fill(model, form, new NewImage("", "", "0"));
            model.addAttribute("refusal", refusal);
            return "delivery/firmware";
        }
    }

    /** One rollout. */
    @GetMapping("/admin/firmware/rollouts/{id}")
    String rollout(@PathVariable long id, Model model) {
        mayLook();
        fill(model, id);
        return "delivery/rollout";
    }

    /** Its live region. */
    @GetMapping("/admin/firmware/rollouts/{id}/now")
    String now(@PathVariable long id, Model model) {
        mayLook();
        fill(model, id);
        return "delivery/rollout :: now";
    }

    /** What is to be signed. */
    @GetMapping("/admin/firmware/rollouts/{id}/request")
    ResponseEntity<byte[]> request(@PathVariable long id) {
        administrator();
        return ResponseEntity.ok()
                .contentType(MediaType.TEXT_PLAIN)
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment()
                                .filename("firmware-" + id + ".txt")
                                .build()
                                .toString())
                .body(signing.request(visible(id)));
    }

    /** Takes what was signed in and begins. */
    @PostMapping("/admin/firmware/rollouts/{id}/signed")
    String signed(@PathVariable long id, @RequestParam MultipartFile signed, Model model) {
        administrator();
        try {
            if (signed.isEmpty() || signed.getSize() > LONGEST_SIGNED) {
                throw new Refusal("signed", "delivery.refused.rolloutFile");
            }
            progress.start(visible(id).id(), signed.getBytes());
            return "redirect:/admin/firmware/rollouts/" + id;
        } catch (Refusal refusal) {
            fill(model, id);
            model.addAttribute("refusal", refusal);
            return "delivery/rollout";
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Goes on after a halt, or with the next stage. */
    @PostMapping("/admin/firmware/rollouts/{id}/continue")
    String goOn(@PathVariable long id) {
        administrator();
        progress.goOn(visible(id).id());
        return "redirect:/admin/firmware/rollouts/" + id;
    }

    /** Halts. */
    @PostMapping("/admin/firmware/rollouts/{id}/pause")
    String pause(@PathVariable long id) {
        administrator();
        progress.pause(visible(id).id());
        return "redirect:/admin/firmware/rollouts/" + id;
    }

    /** Ends it. */
    @PostMapping("/admin/firmware/rollouts/{id}/withdraw")
    String withdraw(@PathVariable long id) {
        administrator();
        progress.withdraw(visible(id).id());
        return "redirect:/admin/firmware/rollouts/" + id;
    }

    private void fill(Model model, Form form, NewImage image) {
        list(model);
        model.addAttribute("images", firmwares.all());
        model.addAttribute("form", form);
        model.addAttribute("typed", image);
        model.addAttribute("mayAct", access.may(Role.ADMINISTRATOR, AreaPath.ROOT));
        model.addAttribute("haltPercent", StagedRollout.HALT_PERCENT);
    }

    private void list(Model model) {
        var all = rollouts.all();
        var counts = rollouts.counts();
        model.addAttribute("rollouts", all);
        model.addAttribute(
                "tallies",
                all.stream()
                        .collect(Collectors.toMap(
                                Rollout::id, each -> Tally.of(counts.getOrDefault(each.id(), Map.of())))));
    }

    private void fill(Model model, long id) {
        var rollout = visible(id);
        var counts = rollouts.counts(id);
        var tally = Tally.of(counts);
        var lines = rollouts.lines(id, MOST_LINES);
        var course = rollout.course();
        var targets = new HashMap<Integer, Integer>();
        for (var stage = 0; stage < course.percents().size(); stage++) {
            targets.put(stage, course.target(stage, tally.total()));
        }
        model.addAttribute("rollout", rollout);
        model.addAttribute("tally", tally);
        model.addAttribute("targets", targets);
        model.addAttribute(
                "states",
                Arrays.stream(UpdateState.values()).filter(counts::containsKey).toList());
        model.addAttribute("counts", counts);
        model.addAttribute("lines", lines);
        model.addAttribute("poles", names(lines));
        model.addAttribute(
                "where",
                areas.find(rollout.area())
                        .map(Area::fullName)
                        .orElse(rollout.area().value()));
        model.addAttribute("mayAct", access.may(Role.ADMINISTRATOR, AreaPath.ROOT));
        model.addAttribute("haltPercent", StagedRollout.HALT_PERCENT);
    }

    private Map<ControllerId, Pole> names(List<Rollout.Line> lines) {
        return board.poles(lines.stream().map(Rollout.Line::pole).toList());
    }

    private Rollout.Wanted wanted(Form form) {
        var watch = number(form.watch(), "watch", "delivery.refused.rolloutWatch");
        var share = number(form.share(), "share", "delivery.refused.rolloutShare");
        if (watch < 0 || watch > MOST_WATCH_HOURS) {
            throw new Refusal("watch", "delivery.refused.rolloutWatch");
        }
        if (share < 0 || share > 100) {
            throw new Refusal("share", "delivery.refused.rolloutShare");
        }
        return new Rollout.Wanted(
                hash(form.image()), area(form.area().strip()), course(form, watch, (int) share), window(form));
    }

    private static Course course(Form form, long watch, int share) {
        try {
            return new Course(
                    Arrays.stream(form.stages().strip().split("[ ,;%]+"))
                            .map(Integer::valueOf)
                            .toList(),
                    Duration.ofHours(watch),
                    share);
        } catch (IllegalArgumentException wrong) {
            log.debug("Not stages", wrong);
            throw new Refusal("stages", "delivery.refused.rolloutStages", StagedRollout.MOST_STAGES);
        }
    }

    private static Optional<QuietWindow> window(Form form) {
        if (form.from().isBlank() && form.until().isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    QuietWindow.parse(form.from().strip(), form.until().strip()));
        } catch (vn.loalang.protocol.Refusal wrong) {
            log.debug("Not a window", wrong);
            throw new Refusal("from", "delivery.refused.rolloutWindow");
        }
    }

    private AreaPath area(String code) {
        return code.isEmpty()
                ? AreaPath.ROOT
                : areas.findByCode(code)
                        .filter(Area::active)
                        .map(Area::path)
                        .orElseThrow(() -> new Refusal("area", "delivery.refused.rolloutArea"));
    }

    private static long number(String text, String field, String refusal) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException wrong) {
            log.debug("Not a number", wrong);
            throw new Refusal(field, refusal);
        }
    }

    private static Hash hash(String hex) {
        if (!hex.matches("[0-9a-f]{64}")) {
            throw new Refusal("image", "delivery.refused.firmwareGone");
        }
        return Hash.parseHex(hex);
    }

    private Rollout visible(long id) {
        return rollouts.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    private void mayLook() {
        if (!access.may(Role.ADMINISTRATOR, AreaPath.ROOT)) {
            access.requireAnywhere(Role.TECHNICIAN);
        }
    }

    private void administrator() {
        access.require(Role.ADMINISTRATOR, AreaPath.ROOT);
    }
}
