package vn.loalang.web;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.LocaleResolver;

/** Where everybody arrives, and the choice of language and theme. */
@Controller
class HomePages {
    private static final int A_YEAR = 365 * 24 * 3600;

    private final Frame frame;
    private final List<SetupStep> steps;
    private final LocaleResolver locales;

    HomePages(Frame frame, List<SetupStep> steps, LocaleResolver locales) {
        this.frame = frame;
        this.steps =
                steps.stream().sorted(Comparator.comparingInt(SetupStep::order)).toList();
        this.locales = locales;
    }

    /** The first-run page until everything essential is set up, then the first screen. */
    @GetMapping("/")
    String home(Model model) {
        var items = frame.items();
        if (steps.stream().allMatch(step -> step.done() || !step.essential()) && !items.isEmpty()) {
            return "redirect:" + items.get(0).path();
        }
        return setup(model);
    }

    /** The checklist, also when it is complete. */
    @GetMapping("/setup")
    String setup(Model model) {
        model.addAttribute("steps", steps);
        model.addAttribute("done", steps.stream().filter(SetupStep::done).count());
        return "web/setup";
    }

    /** Keeps language or theme in a cookie of this browser. */
    @PostMapping("/preferences")
    String preferences(
            HttpServletRequest request,
            HttpServletResponse response,
            @RequestParam(required = false) @Nullable String lang,
            @RequestParam(required = false) @Nullable String theme,
            @RequestParam(defaultValue = "/") String back) {
        if ("vi".equals(lang) || "en".equals(lang)) {
            locales.setLocale(request, response, Locale.forLanguageTag(lang));
        }
        if ("auto".equals(theme) || "light".equals(theme) || "dark".equals(theme)) {
            var cookie = new Cookie(Frame.THEME_COOKIE, theme);
            cookie.setPath("/");
            cookie.setMaxAge(A_YEAR);
            cookie.setHttpOnly(true);
            cookie.setAttribute("SameSite", "Lax");
            response.addCookie(cookie);
        }
        var ours = back.startsWith("/") && !back.startsWith("//") && !back.contains("\\") && !back.contains(":");
        return "redirect:" + (ours ? back : "/");
    }
}
