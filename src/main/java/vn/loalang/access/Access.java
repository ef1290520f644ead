package vn.loalang.access;

import java.util.List;
import java.util.Optional;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import vn.loalang.area.AreaPath;

/** Who is asking, and whether they may. Roles are read afresh for each request, so a revoked one ends at once. */
@Component
public final class Access {
    private static final String CACHED = Access.class.getName() + ".grants";

    private final People people;

    Access(People people) {
        this.people = people;
    }

    /**
     * Who is behind this request.
     *
     * @throws AuthenticationCredentialsNotFoundException when nobody is signed in
     */
    public SignedIn me() {
        return whoever().orElseThrow(() -> new AuthenticationCredentialsNotFoundException("nobody is signed in"));
    }

    /** Who is behind this request; empty for the server's own work and for strangers. */
    public Optional<SignedIn> whoever() {
        var authentication = SecurityContextHolder.getContext().getAuthentication();
        return authentication != null && authentication.getPrincipal() instanceof SignedIn me
                ? Optional.of(me)
                : Optional.empty();
    }

    /** Whether whoever asks may do this there. Nobody may do nothing. */
    public boolean may(Role role, AreaPath area) {
        return myGrants().stream().anyMatch(grant -> grant.allows(role, area));
    }

    /** Whether this person may still sign in. */
    public boolean welcome(SignedIn person) {
        return people.find(person.personId()).filter(Person::active).isPresent();
    }

    /** Where this person may do this now, whoever asks: for work that goes on between requests. */
    public AreaScope scope(SignedIn person, Role role) {
        return scope(people.grants(person.personId()), role);
    }

    /** Whether whoever asks may do this in at least one area. */
    public boolean mayAnywhere(Role role) {
        return !scope(role).nothing();
    }

    /** Where whoever asks may do this. */
    public AreaScope scope(Role role) {
        return scope(myGrants(), role);
    }

    private static AreaScope scope(List<Grant> grants, Role role) {
        return AreaScope.of(grants.stream()
                .filter(grant -> grant.allows(role, grant.area()))
                .map(Grant::area)
                .toList());
    }

    /**
     * Goes on only when whoever asks may do this there.
     *
     * @throws AccessDeniedException otherwise; a page answers 403
     */
    public void require(Role role, AreaPath area) {
        if (!may(role, area)) {
            throw new AccessDeniedException("needs " + role + " in '" + area + "'");
        }
    }

    /**
     * Goes on only when whoever asks may do this in at least one area.
     *
     * @throws AccessDeniedException otherwise
     */
    public void requireAnywhere(Role role) {
        if (!mayAnywhere(role)) {
            throw new AccessDeniedException("needs " + role + " somewhere");
        }
    }

    @SuppressWarnings("unchecked")
    private List<Grant> myGrants() {
        var me = whoever();
        if (me.isEmpty()) {
            return List.of();
        }
        var request = RequestContextHolder.getRequestAttributes();
        if (request == null) {
            return people.grants(me.get().personId());
        }
        var key = CACHED + me.get().personId();
        var cached = (List<Grant>) request.getAttribute(key, RequestAttributes.SCOPE_REQUEST);
        if (cached == null) {
            cached = people.grants(me.get().personId());
            request.setAttribute(key, cached, RequestAttributes.SCOPE_REQUEST);
        }
        return cached;
    }
}
