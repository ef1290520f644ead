package vn.loalang.access;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import vn.loalang.area.Refusal;

/** Signing in and replacing one's own password. */
@Controller
class LoginPages {
    private final Access access;
    private final People people;
    private final AuditLog audit;
    private final TransactionTemplate transaction;

    LoginPages(Access access, People people, AuditLog audit, TransactionTemplate transaction) {
        this.access = access;
        this.people = people;
        this.audit = audit;
        this.transaction = transaction;
    }

    @GetMapping("/login")
    String login(
            Model model,
            @RequestParam(required = false) @Nullable String error,
            @RequestParam(required = false) @Nullable Long wait,
            @RequestParam(required = false) @Nullable String out) {
        if (access.whoever().isPresent()) {
            return "redirect:/";
        }
        model.addAttribute("wrong", error != null);
        model.addAttribute("wait", wait == null ? 0L : Math.min(Math.max(wait, 0), 3600));
        model.addAttribute("out", out != null);
        return "access/login";
    }

    @GetMapping("/password")
    String password(Model model) {
        var me = people.find(access.me().personId()).orElseThrow();
        model.addAttribute("forced", me.mustChange());
        model.addAttribute("shortest", Passwords.SHORTEST);
        return "access/password";
    }

    @PostMapping("/password")
    String change(
            Model model,
            HttpServletRequest request,
            @RequestParam String current,
            @RequestParam String password,
            @RequestParam String again) {
        var me = access.me();
        try {
            if (!password.equals(again)) {
                throw new Refusal("again", "access.password.refused.differs");
            }
            var version = transaction.execute(status -> {
                audit.record("access.passwordChanged", me.login(), "");
                return people.changePassword(me.personId(), current, password);
            });
            keepSession(
                    request,
                    new SignedIn(me.personId(), me.login(), me.name(), java.util.Objects.requireNonNull(version)));
            return "redirect:/";
        } catch (Refusal refusal) {
            model.addAttribute("refusal", refusal);
            return password(model);
        }
    }

    /** The password's new version would end this session too; under a new id it goes on. */
    private static void keepSession(HttpServletRequest request, SignedIn me) {
        var context = SecurityContextHolder.createEmptyContext();
        var old = java.util.Objects.requireNonNull(
                SecurityContextHolder.getContext().getAuthentication());
        context.setAuthentication(UsernamePasswordAuthenticationToken.authenticated(me, null, old.getAuthorities()));
        SecurityContextHolder.setContext(context);
        request.changeSessionId();
        request.getSession().setAttribute(HttpSessionSecurityContextRepository.SPRING_SECURITY_CONTEXT_KEY, context);
    }
}
