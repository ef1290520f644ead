package vn.loalang.access;

import java.util.Optional;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.area.AreaPath;

/** On an empty database makes {@code admin} with a random password that the console shows once. */
@Component
@Order(0)
public final class FirstAdministrator implements ApplicationRunner {
    /** The login of the first person. */
    public static final String LOGIN = "admin";

    private final People people;
    private final AuditLog audit;
    private final TransactionTemplate transaction;
    private volatile Optional<String> password = Optional.empty();

    FirstAdministrator(People people, AuditLog audit, TransactionTemplate transaction) {
        this.people = people;
        this.audit = audit;
        this.transaction = transaction;
    }

    @Override
    public void run(ApplicationArguments args) {
        if (people.none()) {
            password = Optional.ofNullable(transaction.execute(status -> make()));
        }
    }

    /** The one-time password, if this start made the person; to be shown on the console and nowhere else. */
    public Optional<String> oneTimePassword() {
        return password;
    }

    private String make() {
        var made = people.add(LOGIN, "Người quản trị");
        var person = people.find(LOGIN).orElseThrow();
        for (var role : Role.values()) {
            people.grant(person.id(), new Grant(role, AreaPath.ROOT));
        }
        audit.record("access.personAdded", LOGIN, "");
        return made;
    }
}
