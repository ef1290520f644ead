package vn.loalang.access;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/** Ends sessions of people who were disabled or got a new password, and lets nobody past a one-time password. */
final class SessionGuard extends OncePerRequestFilter {
    private static final Set<String> ALLOWED_BEFORE_CHANGE = Set.of("/password", "/logout", "/preferences", "/error");

    private final People people;

    SessionGuard(People people) {
        this.people = people;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var authentication = SecurityContextHolder.getContext().getAuthentication();
        if (authentication == null || !(authentication.getPrincipal() instanceof SignedIn me)) {
            chain.doFilter(request, response);
            return;
        }
        var person = people.credentials(me.personId());
        if (person.isEmpty() || !person.get().active() || person.get().version() != me.credentialVersion()) {
            var session = request.getSession(false);
            if (session != null) {
                session.invalidate();
            }
            SecurityContextHolder.clearContext();
            chain.doFilter(request, response);
            return;
        }
        if (person.get().mustChange() && !ALLOWED_BEFORE_CHANGE.contains(RequestPath.of(request))) {
            if (RequestPath.of(request).startsWith("/api/")) {
                response.sendError(HttpServletResponse.SC_FORBIDDEN);
            } else if (request.getHeader("HX-Request") != null) {
                response.setHeader("HX-Redirect", request.getContextPath() + "/password");
            } else {
                response.sendRedirect(request.getContextPath() + "/password");
            }
            return;
        }
        chain.doFilter(request, response);
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        var path = RequestPath.of(request);
        return path.startsWith("/css/")
                || path.startsWith("/js/")
                || path.startsWith("/img/")
                || path.startsWith("/webjars/");
    }
}
