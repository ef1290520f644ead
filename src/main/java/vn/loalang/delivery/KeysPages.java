package vn.loalang.delivery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import vn.loalang.access.Access;
import vn.loalang.access.AuditLog;
import vn.loalang.access.Role;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Refusal;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Use;

/** The page Khoá: who may sign what until when, what waits for a person's look, and where signed files come in. */
@Controller
class KeysPages {
    private static final Duration SOON = Duration.ofDays(60);
    private static final int LONGEST = 20_000;

    private final KeyStore keys;
    private final Documents documents;
    private final SignedDocuments signed;
    private final UnsignedSettings unsigned;
    private final Doubts doubts;
    private final ClockCheck clockCheck;
    private final Access access;
    private final AuditLog audit;
    private final Clock clock;

    KeysPages(
            KeyStore keys,
            Documents documents,
            SignedDocuments signed,
            UnsignedSettings unsigned,
            Doubts doubts,
            ClockCheck clockCheck,
            Access access,
            AuditLog audit,
            Clock clock) {
        this.keys = keys;
        this.documents = documents;
        this.signed = signed;
        this.unsigned = unsigned;
        this.doubts = doubts;
        this.clockCheck = clockCheck;
        this.access = access;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * One key.
     *
     * @param here whether this server holds it
     * @param soon whether it expires within 60 days [SRV-8]
     */
    record Line(KeyEntry key, Instant until, boolean here, boolean soon, boolean over) {
        /** What it may sign, in one word: {@code online}, {@code site}, {@code now}, {@code akeys} or {@code fw}. */
        public String kind() {
            return key.use().stream().anyMatch(Use::isOnline)
                    ? "online"
                    : key.use().stream().map(Use::wire).findFirst().orElse("none");
        }
    }

    /** The page. */
    @GetMapping("/admin/keys")
    String page(Model model) {
        administrator();
        fill(model);
        return "delivery/keys";
    }

    /** Takes signed files in, one after the other; those before a refused one stay in. */
    @PostMapping("/admin/keys/signed")
    String signed(
            @RequestParam List<MultipartFile> file,
            @RequestParam(defaultValue = "false") boolean anyway,
            Model model,
            RedirectAttributes redirect) {
        administrator();
        var taken = 0;
        for (var each : file) {
            try {
                signed.accept(content(each), anyway);
                taken++;
            } catch (Refusal refusal) {
                fill(model);
                model.addAttribute("taken", taken == 0 ? null : taken);
                model.addAttribute("refusal", refusal);
                model.addAttribute("mayInsist", refusal.messageKey().equals(DeploymentKeys.IN_USE));
                model.addAttribute("refusedFile", file.size() == 1 ? null : each.getOriginalFilename());
                return "delivery/keys";
            }
        }
        redirect.addFlashAttribute("taken", taken);
        return "redirect:/admin/keys";
    }

    private static byte[] content(MultipartFile file) {
        if (file.isEmpty() || file.getSize() > LONGEST) {
            throw new Refusal("file", "delivery.refused.signed", "E_FMT", "");
        }
        try {
            return file.getBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Makes the next online key; it signs nothing before the roots have listed it. */
    @PostMapping("/admin/keys/next")
    String next() {
        administrator();
        var key = keys.prepareOnline();
        audit.record("delivery.keyPrepared", key.kid().value(), key.publicKey().b64u());
        return "redirect:/admin/keys";
    }

    /** Somebody has looked at a row in doubt. */
    @PostMapping("/admin/keys/doubt")
    String doubt(@RequestParam String row) {
        administrator();
        doubts.confirm(Row.parse(row), access.me().name());
        audit.record("delivery.doubtConfirmed", row, "");
        return "redirect:/admin/keys";
    }

    /** Somebody has looked at the clock. */
    @PostMapping("/admin/keys/clock")
    String clock() {
        administrator();
        doubts.confirmClock();
        audit.record("delivery.clockConfirmed", "", "");
        return "redirect:/admin/keys";
    }

    private void fill(Model model) {
        var now = clock.instant();
        var set = current();
        model.addAttribute(
                "keys",
                set == null
                        ? List.of()
                        : set.keys().stream().map(key -> line(key, now)).toList());
        model.addAttribute("quorum", set == null ? null : set.effectiveQuorum());
        model.addAttribute("bad", set == null ? List.of() : set.bad());
        model.addAttribute("prepared", keys.prepared());
        model.addAttribute("adopted", documents.adoption());
        model.addAttribute(
                "expiring",
                documents.settingsExpiring(now.minus(Duration.ofDays(300)).plus(SOON)));
        model.addAttribute("unsigned", unsigned.waiting());
        model.addAttribute("doubts", doubts.open());
        model.addAttribute("ahead", documents.ahead(now));
        model.addAttribute("clockDoubted", doubts.clockDoubted());
        model.addAttribute("clockState", clockCheck.state().name());
        model.addAttribute("clockOff", clockCheck.secondsOff());
    }

    private Line line(KeyEntry key, Instant now) {
        var until = Instant.ofEpochMilli(key.exp());
        return new Line(key, until, keys.holds(key.kid()), until.isBefore(now.plus(SOON)), until.isBefore(now));
    }

    private @Nullable Keys current() {
        return documents
                .current(Scope.ALL, Row.KEYS)
                .map(document -> (Keys) document.document())
                .orElse(null);
    }

    private void administrator() {
        access.require(Role.ADMINISTRATOR, AreaPath.ROOT);
    }
}
