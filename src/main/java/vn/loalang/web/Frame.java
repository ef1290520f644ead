package vn.loalang.web;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import vn.loalang.access.Access;
import vn.loalang.access.RequestPath;
import vn.loalang.access.SignedIn;
import vn.loalang.area.Stations;

/** What the layout asks: {@code frame} in templates. */
@Component
public final class Frame {
    static final String THEME_COOKIE = "theme";

    private final Access access;
    private final Stations stations;
    private final List<NavItem> items;
    private final List<Notice> notices;
    private final List<Everywhere> everywhere;

    Frame(Access access, Stations stations, List<NavItem> items, List<Notice> notices, List<Everywhere> everywhere) {
        this.access = access;
        this.stations = stations;
        this.items =
                items.stream().sorted(Comparator.comparingInt(NavItem::order)).toList();
        this.notices = List.copyOf(notices);
        this.everywhere = List.copyOf(everywhere);
    }

    /** Name of the station. */
    public String station() {
        return stations.main().name();
    }

    /** Who is signed in, or null. */
    public @Nullable SignedIn me() {
        return access.whoever().orElse(null);
    }

    /** The screens that whoever is signed in may open. */
    public List<NavItem> items() {
        return items.stream().filter(item -> access.mayAnywhere(item.role())).toList();
    }

    /** What whoever is signed in should know at the head of every page. */
    public List<Notice.Shown> notices() {
        return notices.stream()
                .filter(notice -> access.mayAnywhere(notice.role()))
                .flatMap(notice -> notice.now().stream())
                .toList();
    }

    /** The parts that stand on every page of whoever is signed in. */
    public List<Everywhere> everywhere() {
        // Whoever must replace a password first may read nothing else yet.
        if (path().equals("/password")) {
            return List.of();
        }
        return everywhere.stream()
                .filter(part -> access.mayAnywhere(part.role()))
                .toList();
    }

    /** Whether the item is the screen now open. */
    public boolean current(NavItem item) {
        var path = path();
        return path.equals(item.path()) || path.startsWith(item.path() + "/");
    }

    /** {@code vi} or {@code en}. */
    public String language() {
        return LocaleContextHolder.getLocale().getLanguage();
    }

    /** {@code light} or {@code dark} when chosen; otherwise {@code auto}, and the device decides. */
    public String theme() {
        return request()
                .map(HttpServletRequest::getCookies)
                .flatMap(Frame::themeCookie)
                .filter(value -> value.equals("light") || value.equals("dark"))
                .orElse("auto");
    }

    /** Path of the page now shown, to come back to. */
    public String path() {
        return request().map(RequestPath::of).orElse("/");
    }

    private static Optional<String> themeCookie(Cookie[] cookies) {
        for (var cookie : cookies) {
            if (cookie.getName().equals(THEME_COOKIE)) {
                return Optional.of(cookie.getValue());
            }
        }
        return Optional.empty();
    }

    private static Optional<HttpServletRequest> request() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes
                ? Optional.of(attributes.getRequest())
                : Optional.empty();
    }
}
