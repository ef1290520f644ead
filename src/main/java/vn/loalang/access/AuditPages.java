package vn.loalang.access;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Refusal;
import vn.loalang.area.Stations;

/** Quản trị: who did what. */
@Controller
class AuditPages {
    private static final int PAGE = 50;
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("d/M/uuuu", Locale.ROOT);

    private final Access access;
    private final AuditLog audit;
    private final Stations stations;
    private final Clock clock;

    AuditPages(Access access, AuditLog audit, Stations stations, Clock clock) {
        this.access = access;
        this.audit = audit;
        this.stations = stations;
        this.clock = clock;
    }

    @GetMapping("/admin/audit")
    String list(
            Model model,
            @RequestParam(defaultValue = "") String action,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "") String from,
            @RequestParam(defaultValue = "") String to,
            @RequestParam(defaultValue = "1") int page) {
        access.require(Role.ADMINISTRATOR, AreaPath.ROOT);
        var first = Instant.EPOCH;
        var until = clock.instant().plusSeconds(1);
        try {
            first = from.isBlank() ? first : start(from, "from", 0);
            until = to.isBlank() ? until : start(to, "to", 1);
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
        }
        var at = Math.min(Math.max(page, 1), 100_000);
        var entries = audit.page(new AuditLog.Filter(action, q, first, until), (at - 1) * PAGE, PAGE + 1);
        model.addAttribute("entries", entries.stream().limit(PAGE).toList());
        model.addAttribute("more", entries.size() > PAGE);
        model.addAttribute("page", at);
        model.addAttribute("actions", audit.actions());
        model.addAttribute("action", action);
        model.addAttribute("q", q);
        model.addAttribute("from", from);
        model.addAttribute("to", to);
        return "access/audit";
    }

    private Instant start(String typed, String field, int daysLater) {
        try {
            return LocalDate.parse(typed.strip(), DATE)
                    .plusDays(daysLater)
                    .atStartOfDay(stations.main().zone())
                    .toInstant();
        } catch (DateTimeParseException e) {
            throw new Refusal(field, "access.audit.refused.date", typed);
        }
    }
}
