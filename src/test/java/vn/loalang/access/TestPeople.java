package vn.loalang.access;

import java.util.List;
import java.util.Objects;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors;
import org.springframework.stereotype.Component;
import org.springframework.test.web.servlet.request.RequestPostProcessor;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.area.AreaPath;

/** People for tests: made at the first use, with {@link #PASSWORD}, already replaced. */
@Component
public final class TestPeople {
    /** Everybody's password. */
    public static final String PASSWORD = "làng ta có loa mới";

    private final People people;
    private final TransactionTemplate transaction;

    TestPeople(People people, TransactionTemplate transaction) {
        this.people = people;
        this.transaction = transaction;
    }

    /** Somebody with these roles everywhere; the login is the roles' initials and can sign in. */
    public SignedIn everywhere(Role... roles) {
        var login = new StringBuilder("t");
        for (var role : roles) {
            login.append('-').append(role.name().toLowerCase(java.util.Locale.ROOT));
        }
        var me = person(login.toString());
        for (var role : roles) {
            people.grant(me.personId(), new Grant(role, AreaPath.ROOT));
        }
        return me;
    }

    /** The person with this login and additionally this role there. */
    public SignedIn with(String login, Role role, AreaPath area) {
        var me = person(login);
        people.grant(me.personId(), new Grant(role, area));
        return me;
    }

    /** Takes the role away from the person there. */
    public void revoke(SignedIn person, Role role, AreaPath area) {
        people.revoke(person.personId(), new Grant(role, area));
    }

    /** Closes the account of the person. */
    public void close(SignedIn person) {
        people.disable(person.personId());
    }

    /** The person with this login, without further roles. */
    public SignedIn person(String login) {
        return Objects.requireNonNull(transaction.execute(status -> {
            if (people.find(login).isEmpty()) {
                var once = people.add(login, "Người " + login);
                people.changePassword(people.find(login).orElseThrow().id(), once, PASSWORD);
            }
            if (!people.credentials(login).orElseThrow().active()) {
                people.enable(people.find(login).orElseThrow().id());
            }
            var person = people.credentials(login).orElseThrow();
            return new SignedIn(person.id(), person.login(), person.name(), person.version());
        }));
    }

    /** Lets a MockMvc request come from this person, with a CSRF token: {@code mvc.perform(get("/x").with(TestPeople.by(me)))}. */
    public static RequestPostProcessor by(SignedIn me) {
        return request -> SecurityMockMvcRequestPostProcessors.csrf()
                .postProcessRequest(SecurityMockMvcRequestPostProcessors.authentication(authentication(me))
                        .postProcessRequest(request));
    }

    /** The person as Spring Security carries it, to run code as somebody. */
    public static Authentication authentication(SignedIn me) {
        return UsernamePasswordAuthenticationToken.authenticated(
                me, null, List.of(new SimpleGrantedAuthority("ROLE_PERSON")));
    }
}
