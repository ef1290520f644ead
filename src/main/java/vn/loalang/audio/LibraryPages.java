package vn.loalang.audio;

import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import vn.loalang.access.Role;
import vn.loalang.area.Refusal;
import vn.loalang.web.NavItem;

/** Kho chương trình: what can be put on the air. */
@Controller
@RequestMapping("/library")
class LibraryPages {
    private static final int PER_PAGE = 20;
    private static final String DONE = "libraryDone";

    private final Recordings recordings;
    private final LibraryAccess library;

    LibraryPages(Recordings recordings, LibraryAccess library) {
        this.recordings = recordings;
        this.library = library;
    }

    @Configuration(proxyBeanMethods = false)
    static class Navigation {
        @Bean
        NavItem libraryScreen() {
            return new NavItem(30, "/library", "audio.nav.library", Role.VIEWER);
        }
    }

    /** What was just done, said once, with its undoing. */
    record Done(String messageKey, String title, @Nullable Long undo) {}

    @GetMapping
    String page(
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "false") boolean archived,
            @RequestParam(defaultValue = "1") int page,
            Model model) {
        return show(q, archived, page, null, null, model);
    }

    /** The list alone, for the live region and the search as one types. */
    @GetMapping("/list")
    String list(
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "false") boolean archived,
            @RequestParam(defaultValue = "1") int page,
            @RequestParam(required = false) @Nullable Long chosen,
            Model model) {
        fill(q, archived, page, chosen, model);
        return "audio/library :: rows";
    }

    @GetMapping("/{id}")
    String one(
            @PathVariable long id,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "1") int page,
            Model model) {
        var recording = find(id);
        return show(q, recording.archivedAt() != null, page, recording, null, model);
    }

    @PostMapping("/{id}/title")
    String rename(
            @PathVariable long id,
            @RequestParam String title,
            @RequestParam int version,
            Model model,
            RedirectAttributes after) {
        var recording = find(id);
        library.requireWrite(recording.stationId());
        try {
            recordings.rename(recording.id(), title, version);
        } catch (Refusal refusal) {
            model.addAttribute("typedTitle", title);
            return show("", recording.archivedAt() != null, 1, find(id), refusal, model);
        }
        after.addFlashAttribute(DONE, new Done("audio.done.renamed", title.strip(), null));
        return "redirect:/library/" + id;
    }

    @PostMapping("/{id}/archive")
    String archive(@PathVariable long id, RedirectAttributes after) {
        var recording = find(id);
        library.requireWrite(recording.stationId());
        recordings.archive(recording.id());
        after.addFlashAttribute(DONE, new Done("audio.done.archived", recording.title(), id));
        return "redirect:/library";
    }

    @PostMapping("/{id}/restore")
    String restore(@PathVariable long id, RedirectAttributes after) {
        var recording = find(id);
        library.requireWrite(recording.stationId());
        recordings.restore(recording.id());
        after.addFlashAttribute(DONE, new Done("audio.done.restored", recording.title(), null));
        return "redirect:/library/" + id;
    }

    private String show(
            String q, boolean archived, int page, @Nullable Recording chosen, @Nullable Refusal refusal, Model model) {
        var station = library.station();
        fill(q, archived, page, chosen == null ? null : chosen.id().value(), model);
        model.addAttribute("mayWrite", library.mayWrite(station));
        model.addAttribute("refusal", refusal);
        model.addAttribute("mostMegabytes", Uploads.MOST_BYTES / 1_000_000);
        model.addAttribute("mostHours", Recordings.LONGEST.toHours());
        model.addAttribute("recording", chosen);
        if (chosen != null) {
            model.addAttribute("peaks", Base64.getEncoder().encodeToString(recordings.peaks(chosen.id())));
        }
        return "audio/library";
    }

    private void fill(String q, boolean archived, int page, @Nullable Long chosen, Model model) {
        var station = library.station();
        library.requireRead(station);
        var total = recordings.count(station, q, archived);
        var pages = Math.max(1, (total + PER_PAGE - 1) / PER_PAGE);
        var here = Math.max(1, Math.min(page, pages));
        List<Recording> rows = recordings.search(station, q, archived, PER_PAGE, (here - 1) * PER_PAGE);
        model.addAttribute("q", q);
        model.addAttribute("archived", archived);
        model.addAttribute("rows", rows);
        model.addAttribute("chosen", chosen);
        model.addAttribute("total", total);
        model.addAttribute("pageNumber", here);
        model.addAttribute("pages", pages);
        model.addAttribute("first", total == 0 ? 0 : (here - 1) * PER_PAGE + 1);
        model.addAttribute("last", (here - 1) * PER_PAGE + rows.size());
    }

    private Recording find(long id) {
        var recording = recordings
                .find(new RecordingId(id))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        library.requireRead(recording.stationId());
        return recording;
    }
}
