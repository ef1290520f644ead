package vn.loalang.access;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;

/** Everybody who may sign in, and their roles. Nobody is deleted: what they did stays in the audit log. */
@Component
public class People {
    private static final Pattern LOGIN = Pattern.compile("[a-z0-9][a-z0-9._-]{1,39}");
    private static final int LONGEST_NAME = 100;
    private static final String COLUMNS = "id, login, name, must_change, disabled_at";

    private final JdbcClient jdbc;
    private final Clock clock;
    private final Passwords passwords;
    private final Areas areas;
    private final Durability durability;

    People(JdbcClient jdbc, Clock clock, Passwords passwords, Areas areas, Durability durability) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.passwords = passwords;
        this.areas = areas;
        this.durability = durability;
    }

    /** Everybody, by name; disabled people last. */
    public List<Person> all() {
        return jdbc.sql("select " + COLUMNS + " from access_person order by disabled_at nulls first, name, login")
                .query(People::person)
                .list();
    }

    /** The person with this key. */
    public Optional<Person> find(long id) {
        return jdbc.sql("select " + COLUMNS + " from access_person where id = :id")
                .param("id", id)
                .query(People::person)
                .optional();
    }

    Optional<Person> find(String login) {
        return jdbc.sql("select " + COLUMNS + " from access_person where login = :login")
                .param("login", login.strip().toLowerCase(Locale.ROOT))
                .query(People::person)
                .optional();
    }

    boolean none() {
        return jdbc.sql("select count(*) from access_person").query(Long.class).single() == 0;
    }

    /** The roles of a person. */
    public List<Grant> grants(long person) {
        return jdbc.sql("select role, area_path from access_grant where person_id = :person order by area_path, role")
                .param("person", person)
                .query((row, number) ->
                        new Grant(Role.valueOf(row.getString("role")), AreaPath.of(row.getString("area_path"))))
                .list();
    }

    /**
     * Adds a person with a random password that has to be replaced at the first sign-in.
     *
     * @return the password, kept nowhere else
     * @throws Refusal when the login is malformed or taken, or the name blank or too long
     */
    @Transactional
    String add(String login, String name) {
        var cleanLogin = login.strip().toLowerCase(Locale.ROOT);
        if (!LOGIN.matcher(cleanLogin).matches()) {
            throw new Refusal("login", "access.person.refused.login");
        }
        var cleanName = name.strip();
        if (cleanName.isEmpty() || cleanName.length() > LONGEST_NAME) {
            throw new Refusal("name", "access.person.refused.name", LONGEST_NAME);
        }
        if (find(cleanLogin).isPresent()) {
            throw new Refusal("login", "access.person.refused.taken", cleanLogin);
        }
        var password = Passwords.oneTime();
        jdbc.sql("""
                        insert into access_person (login, name, password_hash, must_change, created_at)
                        values (:login, :name, :hash, true, :now)""")
                .param("login", cleanLogin)
                .param("name", cleanName)
                .param("hash", passwords.hash(password))
                .param("now", SqlTime.of(clock.instant()))
                .update();
        durability.confirm();
        return password;
    }

    /** Gives a new random password and ends the person's sessions. */
    @Transactional
    String resetPassword(long person) {
        var password = Passwords.oneTime();
        setPassword(person, password, true);
        return password;
    }

    /**
     * Replaces the person's own password.
     *
     * @return the new credential version
     * @throws Refusal when the current one is wrong or the new one too weak or the same
     */
    @Transactional
    int changePassword(long person, String current, String next) {
        var stored = credentials(person).orElseThrow();
        if (!passwords.matches(current, stored.hash())) {
            throw new Refusal("current", "access.password.refused.current");
        }
        Passwords.requireGood(next, stored.login());
        if (current.equals(next)) {
            throw new Refusal("password", "access.password.refused.same");
        }
        setPassword(person, next, false);
        return stored.version() + 1;
    }

    private void setPassword(long person, String password, boolean mustChange) {
        jdbc.sql("""
                        update access_person set password_hash = :hash, must_change = :mustChange,
                          credential_version = credential_version + 1 where id = :id""")
                .param("hash", passwords.hash(password))
                .param("mustChange", mustChange)
                .param("id", person)
                .update();
        durability.confirm();
    }

    /**
     * Gives a role, once.
     *
     * @throws Refusal when the area does not exist
     */
    @Transactional
    void grant(long person, Grant grant) {
        if (!grant.area().equals(AreaPath.ROOT) && areas.find(grant.area()).isEmpty()) {
            throw new Refusal("area", "area.refused.missing", grant.area());
        }
        jdbc.sql("""
                        insert into access_grant (person_id, role, area_path, granted_at) values (:person, :role, :area, :now)
                        on conflict do nothing""")
                .param("person", person)
                .param("role", grant.role().name())
                .param("area", grant.area().value())
                .param("now", SqlTime.of(clock.instant()))
                .update();
        durability.confirm();
    }

    /**
     * Takes a role away.
     *
     * @throws Refusal when nobody could keep the people any more
     */
    @Transactional
    void revoke(long person, Grant grant) {
        jdbc.sql("delete from access_grant where person_id = :person and role = :role and area_path = :area")
                .param("person", person)
                .param("role", grant.role().name())
                .param("area", grant.area().value())
                .update();
        requireSomeAdministrator();
        durability.confirm();
    }

    /**
     * Refuses sign-in from now on and ends the person's sessions.
     *
     * @throws Refusal when nobody could keep the people any more
     */
    @Transactional
    void disable(long person) {
        jdbc.sql("""
                        update access_person set disabled_at = :now, credential_version = credential_version + 1
                        where id = :id and disabled_at is null""")
                .param("now", SqlTime.of(clock.instant()))
                .param("id", person)
                .update();
        requireSomeAdministrator();
        durability.confirm();
    }

    /** Allows sign-in again. */
    @Transactional
    void enable(long person) {
        jdbc.sql("update access_person set disabled_at = null where id = :id")
                .param("id", person)
                .update();
        durability.confirm();
    }

    private void requireSomeAdministrator() {
        var left = jdbc.sql("""
                        select count(*) from access_grant g join access_person p on p.id = g.person_id
                        where g.role = 'ADMINISTRATOR' and g.area_path = '' and p.disabled_at is null""").query(Long.class).single();
        if (left == 0) {
            throw new Refusal("", "access.person.refused.lastAdministrator");
        }
    }

    Optional<Credentials> credentials(String login) {
        return find(login).flatMap(person -> credentials(person.id()));
    }

    Optional<Credentials> credentials(long person) {
        return jdbc.sql("""
                        select id, login, name, password_hash, must_change, credential_version, disabled_at from access_person
                        where id = :id""")
                .param("id", person)
                .query((row, number) -> new Credentials(
                        row.getLong("id"),
                        row.getString("login"),
                        row.getString("name"),
                        row.getString("password_hash"),
                        row.getInt("credential_version"),
                        row.getBoolean("must_change"),
                        SqlTime.getNullable(row, "disabled_at") == null))
                .optional();
    }

    private static Person person(ResultSet row, int number) throws SQLException {
        var disabledAt = SqlTime.getNullable(row, "disabled_at");
        return new Person(
                row.getLong("id"),
                row.getString("login"),
                row.getString("name"),
                row.getBoolean("must_change"),
                disabledAt);
    }

    /** What sign-in compares; never leaves the module. */
    record Credentials(
            long id, String login, String name, String hash, int version, boolean mustChange, boolean active) {}
}
