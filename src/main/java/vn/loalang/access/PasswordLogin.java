package vn.loalang.access;

import java.time.Duration;
import java.util.List;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.LockedException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.stereotype.Component;

/** Compares name and password, slowly for whoever keeps guessing. */
@Component
final class PasswordLogin implements AuthenticationProvider {
    private final People people;
    private final Passwords passwords;
    private final LoginThrottle throttle;
    private final AuditLog audit;

    PasswordLogin(People people, Passwords passwords, LoginThrottle throttle, AuditLog audit) {
        this.people = people;
        this.passwords = passwords;
        this.throttle = throttle;
        this.audit = audit;
    }

    @Override
    public Authentication authenticate(Authentication attempt) {
        var login = attempt.getName();
        var password = String.valueOf(attempt.getCredentials());
        var address =
                attempt.getDetails() instanceof WebAuthenticationDetails details ? details.getRemoteAddress() : "-";
        var wait = throttle.remaining(login, address);
        if (!wait.isZero()) {
            throw new TooManyAttempts(wait);
        }
        var found = people.credentials(login);
        if (found.isEmpty() || !found.get().active()) {
            passwords.pretend(password);
            throw refused(login, address);
        }
        var person = found.get();
        if (!passwords.matches(password, person.hash())) {
            throw refused(login, address);
        }
        throttle.succeeded(login);
        audit.record(person.id(), person.name(), "access.signedIn", person.login(), "");
        var me = new SignedIn(person.id(), person.login(), person.name(), person.version());
        return UsernamePasswordAuthenticationToken.authenticated(
                me, null, List.of(new SimpleGrantedAuthority("ROLE_PERSON")));
    }

    private BadCredentialsException refused(String login, String address) {
        throttle.failed(login, address);
        var wait = throttle.remaining(login, address);
        if (!wait.isZero()) {
            audit.record(null, "-", "access.signInSlowed", login, "");
        }
        return new BadCredentialsException("wrong name or password");
    }

    @Override
    public boolean supports(Class<?> authentication) {
        return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
    }

    /** Too many failures: the password was not even looked at. */
    static final class TooManyAttempts extends LockedException {
        private static final long serialVersionUID = 1L;

        private final Duration wait;

        TooManyAttempts(Duration wait) {
            super("too many attempts");
            this.wait = wait;
        }

        /** How long until the next try is looked at, in whole seconds, at least 1. */
        long seconds() {
            return Math.max(1, wait.plusMillis(999).toSeconds());
        }
    }
}
