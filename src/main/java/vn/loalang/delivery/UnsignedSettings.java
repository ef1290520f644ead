package vn.loalang.delivery;

import java.time.Clock;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.area.SqlTime;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Site;

/**
 * Safety settings that this server wants and may not sign (custody levels L2 and L3). A box waits for an officer while what is in
 * force there says something else or grows old; one without any keeps silent [SIT-1].
 */
@Component
public class UnsignedSettings {
    private static final String WAITING = """
            from delivery_site_wanted w join delivery_unit u on u.unit_id = w.unit_id
            left join delivery_document d on d.unit_id = w.unit_id and d.row_name = 'site' and d.superseded_at is null
            where u.controller_id is not null
              and (d.id is null or d.content_hash <> w.content_hash or d.issued_at < :old)""";

    private final JdbcClient jdbc;
    private final Clock clock;
    private final Documents documents;
    private final KeyStore keys;

    UnsignedSettings(JdbcClient jdbc, Clock clock, Documents documents, KeyStore keys) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.documents = documents;
        this.keys = keys;
    }

    /** Notes what the settings of this box should say. */
    void want(DeviceId unit, SiteDraft draft) {
        var payload = draft.site(new Head(keys.sys(), Scope.of(unit), 0, 0, 0)).payload();
        var known = put(
                "update delivery_site_wanted set content_hash = :hash, payload = :payload where unit_id = :unit",
                unit,
                draft,
                payload);
        if (known == 0) {
            put(
                    "insert into delivery_site_wanted (unit_id, content_hash, payload) values (:unit, :hash, :payload)",
                    unit,
                    draft,
                    payload);
        }
    }

    private int put(String sql, DeviceId unit, SiteDraft draft, byte[] payload) {
        return jdbc.sql(sql)
                .param("unit", unit.value())
                .param("hash", draft.contentHash())
                .param("payload", payload)
                .update();
    }

    /** How many boxes wait for an officer; none where this server signs. */
    public long waiting() {
        return keys.site().isPresent()
                ? 0
                : jdbc.sql("select count(*) " + WAITING)
                        .param("old", old())
                        .query(Long.class)
                        .single();
    }

    /** Whether this box waits for an officer. */
    public boolean waitsFor(DeviceId unit) {
        return keys.site().isEmpty()
                && jdbc.sql("select count(*) " + WAITING + " and w.unit_id = :unit")
                                .param("old", old())
                                .param("unit", unit.value())
                                .query(Long.class)
                                .single()
                        > 0;
    }

    /** Payloads of the settings of boxes that wait, to be signed as they are; those without any first. */
    Map<Scope, Bytes> payloads(int most) {
        var now = clock.instant();
        var iat = now.toEpochMilli();
        var payloads = new LinkedHashMap<Scope, Bytes>();
        if (keys.site().isPresent()) {
            return payloads;
        }
        var wanted = jdbc.sql("select w.payload, d.id as known " + WAITING
                        + " order by known nulls first, w.unit_id limit :most")
                .param("old", old())
                .param("most", most)
                .query((row, number) -> (Site) Document.decode(row.getBytes("payload")))
                .list();
        for (var site : wanted) {
            var to = site.head().to();
            var seq = Math.max(iat, documents.mark(to, Row.SITE) + 1);
            var head = new Head(keys.sys(), to, seq, iat, iat + Compiler.SETTINGS_LIFE.toMillis());
            payloads.put(
                    to, Bytes.of(SiteDraft.in(site).orElseThrow().site(head).payload()));
        }
        return payloads;
    }

    private OffsetDateTime old() {
        return SqlTime.of(clock.instant().minus(Compiler.SETTINGS_LIFE.dividedBy(2)));
    }
}
