package vn.loalang.emergency;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Refusal;

/** The call list: whom to ring in which village, in the order in which they are tried. */
@Component
public class Contacts {
    static final int LONGEST_NAME = 80;
    static final int LONGEST_DUTY = 60;
    static final int MOST_PER_AREA = 10;
    private static final Pattern PHONE = Pattern.compile("\\+?[0-9][0-9 ().-]{2,18}");

    private static final String SELECT =
            "select c.id, a.path, c.name, c.duty, c.phone from emergency_contact c join area_area a on a.id = c.area_id ";

    private final JdbcClient jdbc;
    private final Areas areas;

    Contacts(JdbcClient jdbc, Areas areas) {
        this.jdbc = jdbc;
        this.areas = areas;
    }

    /** Those of this area, in order. */
    public List<Contact> in(AreaPath area) {
        return jdbc.sql(SELECT + "where a.path = :path order by c.position, c.id")
                .param("path", area.value())
                .query((row, number) -> contact(row))
                .list();
    }

    /** For each of these areas its own contacts, or those of the nearest area above that has some; none is an empty list. */
    public Map<AreaPath, List<Contact>> nearest(Collection<AreaPath> places) {
        var own = new HashMap<AreaPath, List<Contact>>();
        var found = new HashMap<AreaPath, List<Contact>>();
        for (var place : places) {
            var area = place;
            var contacts = own.computeIfAbsent(area, this::in);
            while (contacts.isEmpty() && !area.equals(AreaPath.ROOT)) {
                area = area.parent();
                contacts = own.computeIfAbsent(area, this::in);
            }
            found.put(place, contacts);
        }
        return found;
    }

    /**
     * Adds somebody at the end of an area's list.
     *
     * @throws Refusal naming the field and its limit
     */
    @Transactional
    public void add(AreaPath area, String name, String duty, String phone) {
        var who = name.strip();
        var what = duty.strip();
        var number = phone.strip();
        if (who.isEmpty() || who.length() > LONGEST_NAME) {
            throw new Refusal("name", "emergency.refused.contactName", LONGEST_NAME);
        }
        if (what.length() > LONGEST_DUTY) {
            throw new Refusal("duty", "emergency.refused.contactDuty", LONGEST_DUTY);
        }
        if (!PHONE.matcher(number).matches()) {
            throw new Refusal("phone", "emergency.refused.contactPhone", number);
        }
        var place = areas.find(area).orElseThrow(() -> new Refusal("area", "emergency.refused.contactArea"));
        if (in(area).size() >= MOST_PER_AREA) {
            throw new Refusal("", "emergency.refused.contactsMany", MOST_PER_AREA);
        }
        jdbc.sql("""
                        insert into emergency_contact (area_id, name, duty, phone, position)
                        select :area, :name, :duty, :phone, coalesce(max(position), 0) + 1 from emergency_contact
                        where area_id = :area""")
                .param("area", place.id())
                .param("name", who)
                .param("duty", what)
                .param("phone", number)
                .update();
    }

    /** Takes somebody off the list. */
    @Transactional
    public void remove(long id) {
        jdbc.sql("delete from emergency_contact where id = :id").param("id", id).update();
    }

    private static Contact contact(java.sql.ResultSet row) throws java.sql.SQLException {
        return new Contact(
                row.getLong("id"),
                AreaPath.of(row.getString("path")),
                row.getString("name"),
                row.getString("duty"),
                row.getString("phone"));
    }
}
