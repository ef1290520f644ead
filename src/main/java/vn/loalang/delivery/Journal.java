package vn.loalang.delivery;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.area.SqlTime;
import vn.loalang.delivery.rules.JournalRules;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalAck;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.JournalId;

/** The boxes' journals as they came, and how far each is stored without a hole [ACK-4] [ACK-5] [ACK-6]. */
@Component
class Journal {
    private static final Logger log = LoggerFactory.getLogger(Journal.class);

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;

    Journal(JdbcClient jdbc, JdbcTemplate batches) {
        this.jdbc = jdbc;
        this.batches = batches;
    }

    /** A session begins: says how far the journal is stored, and whether its epoch can be trusted. */
    JournalAck opened(DeviceId unit, Hello hello, Instant at) {
        var before = state(unit);
        var jid = hello.j().jid();
        var opening = JournalRules.opened(before, hello);
        if (opening.wentBack()) {
            log.warn("{} counts its boots backwards; its journal must begin anew", unit);
        }
        var upto = contiguous(unit, jid, opening.base());
        jdbc.sql("""
                        update delivery_unit set boot = :boot, packet = :packet, jid = :jid, upto = :upto, renew = :renew,
                          hello_at = :at where unit_id = :unit""")
                .param("boot", hello.boot())
                .param("packet", hello.cap().pkt())
                .param("jid", jid.value())
                .param("upto", upto)
                .param("renew", opening.renew())
                .param("at", SqlTime.of(at))
                .param("unit", unit.value())
                .update();
        return new JournalAck(jid, upto, opening.renew());
    }

    /** Stores what is new and returns it; what is stored already is passed over [ACK-6]. */
    List<JournalEntry> store(DeviceId unit, Events events, Instant at) {
        if (events.entries().isEmpty()) {
            return List.of();
        }
        var stored = new HashMap<Long, String>();
        jdbc.sql("""
                        select n, device_time, quality, kind, state, details from delivery_journal
                        where unit_id = :unit and jid = :jid and n between :first and :last""")
                .param("unit", unit.value())
                .param("jid", events.jid().value())
                .param("first", events.entries().get(0).n())
                .param("last", events.entries().get(events.entries().size() - 1).n())
                .query(row -> {
                    stored.put(
                            row.getLong("n"),
                            JournalRules.fingerprint(
                                    row.getLong("device_time"),
                                    row.getString("quality"),
                                    row.getString("kind"),
                                    row.getString("state"),
                                    row.getString("details")));
                });
        var fresh = new ArrayList<JournalEntry>();
        var contradicted = false;
        for (var entry : events.entries()) {
            var known = stored.get(entry.n());
            if (known == null) {
                fresh.add(entry);
            } else if (!known.equals(JournalRules.fingerprint(entry))) {
                contradicted = true;
            }
        }
        if (contradicted) {
            log.warn("{} tells other things under old numbers; its journal must begin anew", unit);
            jdbc.sql("update delivery_unit set renew = true where unit_id = :unit and jid = :jid")
                    .param("unit", unit.value())
                    .param("jid", events.jid().value())
                    .update();
        }
        insert(unit, events.jid(), fresh, at);
        return fresh;
    }

    /** How far the journal is stored now; empty while the box has not said hello with this epoch. */
    Optional<JournalAck> acknowledge(DeviceId unit, JournalId jid) {
        var state = state(unit);
        if (!jid.value().equals(state.jid())) {
            return Optional.empty();
        }
        var upto = contiguous(unit, jid, state.upto());
        if (upto > state.upto()) {
            jdbc.sql("update delivery_unit set upto = :upto where unit_id = :unit and jid = :jid")
                    .param("upto", upto)
                    .param("unit", unit.value())
                    .param("jid", jid.value())
                    .update();
        }
        return Optional.of(new JournalAck(jid, upto, state.renew()));
    }

    /** The box has verified a file. */
    void assetReady(DeviceId unit, Hash hash, Instant at) {
        jdbc.sql("""
                        insert into delivery_asset_ready (unit_id, hash, ready_at) values (:unit, :hash, :at)
                        on conflict do nothing""")
                .param("unit", unit.value())
                .param("hash", hash.b64u())
                .param("at", SqlTime.of(at))
                .update();
    }

    /** Those of the files that the box has verified at some time. */
    Set<Hash> assetsReady(DeviceId unit, Collection<Hash> among) {
        if (among.isEmpty()) {
            return Set.of();
        }
        return jdbc
                .sql("select hash from delivery_asset_ready where unit_id = :unit and hash in (:hashes)")
                .param("unit", unit.value())
                .param("hashes", among.stream().map(Hash::b64u).distinct().toList())
                .query(String.class)
                .list()
                .stream()
                .map(Hash::parse)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The highest n such that everything above {@code base} up to it is stored or said to be lost. */
    private long contiguous(DeviceId unit, JournalId jid, long base) {
        return JournalRules.contiguous(
                base,
                jdbc.sql("""
                        select n as lo, n as hi from delivery_journal where unit_id = :unit and jid = :jid and n > :base
                        union all
                        select gap_lo, gap_hi from delivery_journal
                        where unit_id = :unit and jid = :jid and gap_hi > :base
                        order by lo""")
                        .param("unit", unit.value())
                        .param("jid", jid.value())
                        .param("base", base)
                        .query((row, number) -> new JournalRules.Span(row.getLong(1), row.getLong(2)))
                        .list());
    }

    private void insert(DeviceId unit, JournalId jid, List<JournalEntry> fresh, Instant at) {
        if (fresh.isEmpty()) {
            return;
        }
        batches.batchUpdate(
                """
                insert into delivery_journal (unit_id, jid, n, device_time, quality, kind, state, details, gap_lo, gap_hi,
                  received_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                fresh.stream()
                        .map(entry -> {
                            var gap = JournalRules.lost(entry);
                            return new @Nullable Object[] {
                                unit.value(),
                                jid.value(),
                                entry.n(),
                                entry.t(),
                                entry.q().name(),
                                entry.event().kind(),
                                entry.event().state(),
                                JournalRules.details(entry),
                                gap == null ? null : gap.lo(),
                                gap == null ? null : gap.hi(),
                                SqlTime.of(at)
                            };
                        })
                        .toList());
    }

    private JournalRules.State state(DeviceId unit) {
        return jdbc.sql("select boot, jid, upto, renew from delivery_unit where unit_id = :unit")
                .param("unit", unit.value())
                .query((row, number) -> {
                    var boot = row.getLong("boot");
                    var known = !row.wasNull();
                    return new JournalRules.State(
                            known ? (Long) boot : null,
                            row.getString("jid"),
                            row.getLong("upto"),
                            row.getBoolean("renew"));
                })
                .optional()
                .orElse(JournalRules.State.UNKNOWN);
    }
}
