package vn.loalang.access;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.security.web.util.matcher.RequestMatcher;

/** Who gets in by the browser's door. Devices have their own chain in {@code delivery}, which comes before this one. */
@Configuration(proxyBeanMethods = false)
class AccessSecurity {
    /** Nothing inline, nothing from elsewhere; pictures and sound may come from this page's own memory. */
    static final String CONTENT_SECURITY_POLICY =
            "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
                    + "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    @Bean
    @Order(1000)
    SecurityFilterChain peopleFilterChain(HttpSecurity http, PasswordLogin login, People people) throws Exception {
        var csrf = new CookieCsrfTokenRepository();
        csrf.setCookieCustomizer(cookie -> cookie.sameSite("Lax"));
        var requests = new HttpSessionRequestCache();
        requests.setRequestMatcher(worthReturningTo());
        return http.authenticationProvider(login)
                .authorizeHttpRequests(rules -> rules.dispatcherTypeMatchers(
                                DispatcherType.ERROR, DispatcherType.ASYNC, DispatcherType.FORWARD)
                        .permitAll()
                        .requestMatchers(
                                "/css/**", "/js/**", "/img/**", "/webjars/**", "/login", "/preferences", "/error")
                        .permitAll()
                        .anyRequest()
                        .authenticated())
                .formLogin(form -> form.loginPage("/login").failureHandler(failures()))
                .logout(logout -> logout.logoutSuccessUrl("/login?out"))
                // In a cookie, not in the session: a form sent after the session ended is still known as ours, so it
                // can be
                // kept while the person signs in again.
                .csrf(settings -> settings.csrfTokenRepository(csrf))
                .requestCache(cache -> cache.requestCache(requests))
                .exceptionHandling(errors -> errors.authenticationEntryPoint(entryPoint()))
                .addFilterBefore(new SessionGuard(people), AuthorizationFilter.class)
                .headers(headers -> headers.contentSecurityPolicy(csp -> csp.policyDirectives(CONTENT_SECURITY_POLICY))
                        .referrerPolicy(policy -> policy.policy(
                                org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter
                                        .ReferrerPolicy.SAME_ORIGIN))
                        .permissionsPolicyHeader(
                                policy -> policy.policy("camera=(), geolocation=(), microphone=(self)"))
                        // The certificate is our own: a browser told to insist on it could never get past a new one.
                        .httpStrictTransportSecurity(hsts -> hsts.disable()))
                .build();
    }

    private static AuthenticationFailureHandler failures() {
        return (request, response, refusal) -> {
            var where = refusal instanceof PasswordLogin.TooManyAttempts wait
                    ? "/login?wait=" + wait.seconds()
                    : "/login?error";
            response.sendRedirect(request.getContextPath() + where);
        };
    }

    private static AuthenticationEntryPoint entryPoint() {
        var toLogin = new LoginUrlAuthenticationEntryPoint("/login");
        return (request, response, refusal) -> {
            if (RequestPath.of(request).startsWith("/api/")
                    || RequestPath.of(request).equals("/live")) {
                response.sendError(HttpServletResponse.SC_UNAUTHORIZED);
            } else if (request.getHeader("HX-Request") != null) {
                response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
                response.setHeader("HX-Redirect", request.getContextPath() + "/login");
            } else {
                toLogin.commence(request, response, refusal);
            }
        };
    }

    private static RequestMatcher worthReturningTo() {
        return request -> {
            var path = RequestPath.of(request);
            var fragment = request.getHeader("HX-Request") != null || request.getHeader("X-Live") != null;
            var method = request.getMethod();
            return !fragment
                    && (method.equals(HttpMethod.GET.name()) || method.equals(HttpMethod.POST.name()))
                    && !path.startsWith("/api/")
                    && !path.equals("/live")
                    && !path.equals("/logout")
                    && !path.equals("/error")
                    && !path.equals("/favicon.ico");
        };
    }
}
