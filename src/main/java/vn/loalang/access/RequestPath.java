package vn.loalang.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;

/** The decoded path of a request inside the application. */
public final class RequestPath {
    private RequestPath() {}

    /** {@code /admin/people}, whatever part of it matched the servlet. */
    public static String of(HttpServletRequest request) {
        return request.getServletPath() + Objects.requireNonNullElse(request.getPathInfo(), "");
    }
}
