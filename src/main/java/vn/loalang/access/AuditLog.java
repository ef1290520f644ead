package vn.loalang.access;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import vn.loalang.area.SqlTime;

/** Who did what, when, from where. Entries are only ever added; a test watches that no SQL of ours changes one. */
@Component
public final class AuditLog {
    private static final Pattern ACTION = Pattern.compile("[a-z]+(\\.[a-zA-Z]+)+");
    private static final int LONGEST_SUBJECT = 200;
    private static final int LONGEST_DETAILS = 2000;

    private final JdbcClient jdbc;
    private final Clock clock;
    private final Access access;

    AuditLog(JdbcClient jdbc, Clock clock, Access access) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.access = access;
    }

    /**
     * Adds an entry in the current transaction, so that the deed and its trace are stored together or not at all.
     *
     * @param action dotted name beginning with the module, {@code timetable.slotSaved}; shown by the message
     *     {@code audit.<action>}
     * @param subject what it was done to, cut at 200 characters
     * @param details what else is worth knowing, cut at 2,000 characters; never a secret
     */
    public void record(String action, String subject, String details) {
        var me = access.whoever();
        record(me.map(SignedIn::personId).orElse(null), me.map(SignedIn::name).orElse("-"), action, subject, details);
    }

    void record(@Nullable Long person, String name, String action, String subject, String details) {
        if (!ACTION.matcher(action).matches()) {
            throw new IllegalArgumentException("Not an action: '" + action + "'");
        }
        jdbc.sql("""
                        insert into access_audit (happened_at, person_id, person_name, address, action, subject, details)
                        values (:now, :person, :name, :address, :action, :subject, :details)""")
                .param("now", SqlTime.of(clock.instant()))
                .param("person", person)
                .param("name", cut(name, 100))
                .param("address", address())
                .param("action", action)
                .param("subject", cut(subject, LONGEST_SUBJECT))
                .param("details", cut(details, LONGEST_DETAILS))
                .update();
    }

    /** One page of entries, newest first. */
    List<Entry> page(Filter filter, int offset, int limit) {
        return jdbc.sql("""
                        select id, happened_at, person_name, address, action, subject, details from access_audit
                        where (:action = '' or action = :action) and lower(person_name || ' ' || subject || ' ' || details) like :text
                          and happened_at >= :from and happened_at < :until
                        order by id desc limit :limit offset :offset""")
                .param("action", filter.action())
                .param("text", "%" + filter.text().strip().toLowerCase(java.util.Locale.ROOT) + "%")
                .param("from", SqlTime.of(filter.from()))
                .param("until", SqlTime.of(filter.until()))
                .param("limit", limit)
                .param("offset", offset)
                .query(AuditLog::entry)
                .list();
    }

    /** Every action that has an entry. */
    List<String> actions() {
        return jdbc.sql("select distinct action from access_audit order by action")
                .query(String.class)
                .list();
    }

    private static Entry entry(ResultSet row, int number) throws SQLException {
        return new Entry(
                row.getLong("id"),
                SqlTime.get(row, "happened_at"),
                row.getString("person_name"),
                row.getString("address"),
                row.getString("action"),
                row.getString("subject"),
                row.getString("details"));
    }

    private static String address() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes request
                ? request.getRequest().getRemoteAddr()
                : "-";
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
    }

    /**
     * One deed.
     *
     * @param id order of entry
     * @param at when
     * @param person who, {@code -} for the server itself
     * @param address from where
     * @param action what
     * @param subject to what
     * @param details what else
     */
    record Entry(long id, Instant at, String person, String address, String action, String subject, String details) {}

    /**
     * What to show.
     *
     * @param action exactly this one, or empty for all
     * @param text somewhere in person, subject or details
     * @param from first moment
     * @param until first moment after
     */
    record Filter(String action, String text, Instant from, Instant until) {}
}
