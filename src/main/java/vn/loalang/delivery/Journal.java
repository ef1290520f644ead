package vn.loalang.delivery;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import vn.loalang.protocol.Bytes;
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
    private static final int LONGEST_PROFILES = 200;

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;

    Journal(JdbcClient jdbc, JdbcTemplate batches) {
        this.jdbc = jdbc;
        this.batches = batches;
    }

    /**
     * The journals of these boxes, read at once, to be worked on in memory and written at once: thousands of boxes speak at the
     * same moment, and a statement for each word of theirs would take longer than they wait.
     */
    Batch batch(Collection<DeviceId> units) {
        var batch = new Batch();
        if (units.isEmpty()) {
            return batch;
        }
        var names = Documents.names(units);
        jdbc.sql("""
                        select u.unit_id, u.boot, u.jid, u.upto, u.renew
                        from unnest(cast(:units as varchar array)) as asked(id)
                        join delivery_unit u on u.unit_id = asked.id""").param("units", names).query(row -> {
            var boot = row.getLong("boot");
            var known = !row.wasNull();
            var box = batch.box(new DeviceId(row.getString("unit_id")));
            box.known = true;
            box.state = new JournalRules.State(
                    known ? (Long) boot : null, row.getString("jid"), row.getLong("upto"), row.getBoolean("renew"));
            box.loadedUpto = box.state.upto();
        });
        // A gap never speaks of numbers above its own, so what lies above upto has a number above it too.
        jdbc.sql("""
                        select j.unit_id, j.n, j.device_time, j.quality, j.kind, j.state, j.details, j.gap_lo, j.gap_hi
                        from unnest(cast(:units as varchar array)) as asked(id)
                        join delivery_unit u on u.unit_id = asked.id
                        join delivery_journal j
                          on j.unit_id = u.unit_id and j.jid = u.jid and j.n > coalesce(u.upto, 0)""").param("units", names).query(row -> {
            batch.box(new DeviceId(row.getString("unit_id"))).stored(row);
        });
        return batch;
    }

    /** What is known of one box's journal in a batch, and what of it is to be written. */
    private static final class Box {
        private boolean known;
        private JournalRules.State state = JournalRules.State.UNKNOWN;
        private long loadedUpto;
        /** Of the present epoch above {@link #loadedUpto}. */
        private final Map<Long, String> fingerprints = new HashMap<>();

        private final List<JournalRules.Span> spans = new ArrayList<>();
        private @Nullable Hello hello;
        private @Nullable Instant helloAt;
        /** It must begin anew. */
        private boolean changed;
        /** It is stored further than before. */
        private boolean moved;

        private void stored(ResultSet row) throws SQLException {
            fingerprints.put(row.getLong("n"), print(row));
            spans.add(new JournalRules.Span(row.getLong("n"), row.getLong("n")));
            var lo = row.getLong("gap_lo");
            if (!row.wasNull()) {
                spans.add(new JournalRules.Span(lo, row.getLong("gap_hi")));
            }
        }

        private void add(JournalEntry entry) {
            fingerprints.put(entry.n(), JournalRules.fingerprint(entry));
            spans.add(new JournalRules.Span(entry.n(), entry.n()));
            var lost = JournalRules.lost(entry);
            if (lost != null) {
                spans.add(lost);
            }
        }
    }

    /** The journals of a batch of messages; used by one thread within one transaction, and written by {@link #flush}. */
    final class Batch {
        private final Map<DeviceId, Box> boxes = new LinkedHashMap<>();
        private final List<@Nullable Object[]> entries = new ArrayList<>();

        private Batch() {}

        private Box box(DeviceId unit) {
            return boxes.computeIfAbsent(unit, same -> new Box());
        }

        /** Whether the delivery knows the box. */
        boolean knows(DeviceId unit) {
            return box(unit).known;
        }

        /** A session begins: says how far the journal is stored, and whether its epoch can be trusted. */
        JournalAck opened(DeviceId unit, Hello hello, Instant at) {
            var box = box(unit);
            var before = box.state;
            var jid = hello.j().jid();
            var opening = JournalRules.opened(before, hello);
            if (opening.wentBack()) {
                log.warn("{} counts its boots backwards; its journal must begin anew", unit);
            }
            if (!jid.value().equals(before.jid())) {
                box.fingerprints.clear();
                box.spans.clear();
                box.loadedUpto = opening.base();
                read(unit, jid, opening.base(), box);
            }
            var upto = JournalRules.contiguous(opening.base(), box.spans);
            box.state = new JournalRules.State(hello.boot(), jid.value(), upto, opening.renew());
            box.hello = hello;
            box.helloAt = at;
            return new JournalAck(jid, upto, opening.renew());
        }

        /** Takes what is new and returns it; what is stored already is passed over [ACK-6]. */
        List<JournalEntry> store(DeviceId unit, Events events, Instant at) {
            if (events.entries().isEmpty()) {
                return List.of();
            }
            var box = box(unit);
            var present = events.jid().value().equals(box.state.jid());
            var stored = present && events.entries().get(0).n() > box.loadedUpto
                    ? box.fingerprints
                    : older(unit, events, present ? box.fingerprints : Map.of());
            var fresh = new ArrayList<JournalEntry>();
            var contradicted = false;
            for (var entry : events.entries()) {
                var known = stored.get(entry.n());
                if (known == null) {
                    fresh.add(entry);
                    continue;
                }
                contradicted |= JournalRules.contradicts(known, entry);
                var lost = JournalRules.lost(entry);
                if (present && lost != null) {
                    box.spans.add(lost);
                }
            }
            if (contradicted && present) {
                log.warn("{} tells other things under old numbers; its journal must begin anew", unit);
                box.state = new JournalRules.State(box.state.boot(), box.state.jid(), box.state.upto(), true);
                box.changed = true;
            }
            for (var entry : fresh) {
                if (present) {
                    box.add(entry);
                }
                entries.add(row(unit, events.jid(), entry, at));
            }
            if (!present) {
                // Nobody keeps another epoch in memory: the next message must find it in the table.
                insert();
            }
            return fresh;
        }

        /** How far the journal is stored; empty while the box has not said hello with this epoch. */
        Optional<JournalAck> acknowledge(DeviceId unit, JournalId jid) {
            var box = box(unit);
            if (!jid.value().equals(box.state.jid())) {
                return Optional.empty();
            }
            var upto = JournalRules.contiguous(box.state.upto(), box.spans);
            if (upto > box.state.upto()) {
                box.state = new JournalRules.State(box.state.boot(), box.state.jid(), upto, box.state.renew());
                box.moved = true;
            }
            return Optional.of(new JournalAck(jid, upto, box.state.renew()));
        }

        /** Writes the entries, but not yet how far the journals are stored: that can be told from the entries. */
        void flushEntries() {
            flush(false);
        }

        /** Writes everything. */
        void flush() {
            flush(true);
        }

        private void flush(boolean reached) {
            insert();
            var opened = new ArrayList<@Nullable Object[]>();
            var moved = new ArrayList<@Nullable Object[]>();
            boxes.forEach((unit, box) -> {
                var hello = box.hello;
                var at = box.helloAt;
                if (hello != null && at != null) {
                    opened.add(new @Nullable Object[] {
                        hello.boot(),
                        hello.cap().pkt(),
                        box.state.jid(),
                        box.state.upto(),
                        box.state.renew(),
                        SqlTime.of(at),
                        profiles(hello),
                        unit.value()
                    });
                } else if (box.changed || (reached && box.moved)) {
                    moved.add(new @Nullable Object[] {box.state.upto(), box.state.renew(), unit.value(), box.state.jid()
                    });
                }
            });
            if (!opened.isEmpty()) {
                batches.batchUpdate("""
                        update delivery_unit set boot = ?, packet = ?, jid = ?, upto = ?, renew = ?, hello_at = ?,
                          profiles = ?
                        where unit_id = ?""", opened);
            }
            if (!moved.isEmpty()) {
                batches.batchUpdate(
                        "update delivery_unit set upto = ?, renew = ? where unit_id = ? and jid = ?", moved);
            }
        }

        private static String profiles(Hello hello) {
            var all = String.join(" ", hello.prof());
            return all.length() <= LONGEST_PROFILES ? all : all.substring(0, LONGEST_PROFILES);
        }

        private void insert() {
            if (!entries.isEmpty()) {
                batches.batchUpdate("""
                        insert into delivery_journal (unit_id, jid, n, device_time, quality, kind, state, details, gap_lo,
                          gap_hi, received_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""", List.copyOf(entries));
                entries.clear();
            }
        }
    }

    /**
     * A message of a box of which the journal is stored and nothing else yet.
     *
     * @param id rising
     */
    record PutOff(long id, DeviceId unit, Bytes events, Instant at) {}

    /** Puts off what follows from these messages until there is time for it. */
    void putOff(List<Inbox.Message> messages) {
        batches.batchUpdate(
                "insert into delivery_put_off (unit_id, events, received_at) values (?, ?, ?)",
                messages.stream()
                        .map(message -> new Object[] {
                            message.unit().value(), message.payload().toArray(), SqlTime.of(message.receivedAt())
                        })
                        .toList());
    }

    /** Number of the newest message put off; 0 when there is none. */
    long lastPutOff() {
        return jdbc.sql("select coalesce(max(id), 0) from delivery_put_off")
                .query(Long.class)
                .single();
    }

    /**
     * Messages put off up to this number, at most so many: pole by pole, what each box said in its order. Neighbours' rows share
     * pages of the database, each of which is written anew as a whole.
     */
    List<PutOff> putOff(long upTo, int most) {
        return jdbc.sql("""
                        select p.id, p.unit_id, p.events, p.received_at
                        from delivery_put_off p left join delivery_unit u on u.unit_id = p.unit_id
                        where p.id <= :upTo order by u.controller_id, p.unit_id, p.id limit :most""")
                .param("upTo", upTo)
                .param("most", most)
                .query((row, number) -> new PutOff(
                        row.getLong("id"),
                        new DeviceId(row.getString("unit_id")),
                        Bytes.of(row.getBytes("events")),
                        SqlTime.get(row, "received_at")))
                .list();
    }

    /** What these messages brought about is stored. */
    void done(Collection<PutOff> some) {
        batches.batchUpdate(
                "delete from delivery_put_off where id = ?",
                some.stream().map(each -> new Object[] {each.id()}).toList());
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

    private void read(DeviceId unit, JournalId jid, long base, Box into) {
        jdbc.sql("""
                        select n, device_time, quality, kind, state, details, gap_lo, gap_hi from delivery_journal
                        where unit_id = :unit and jid = :jid and n > :base""")
                .param("unit", unit.value())
                .param("jid", jid.value())
                .param("base", base)
                .query(row -> {
                    into.stored(row);
                });
    }

    /** What is stored under these numbers, together with what this batch has added. */
    private Map<Long, String> older(DeviceId unit, Events events, Map<Long, String> added) {
        var stored = new HashMap<>(added);
        jdbc.sql("""
                        select n, device_time, quality, kind, state, details from delivery_journal
                        where unit_id = :unit and jid = :jid and n between :first and :last""")
                .param("unit", unit.value())
                .param("jid", events.jid().value())
                .param("first", events.entries().get(0).n())
                .param("last", events.entries().get(events.entries().size() - 1).n())
                .query(row -> {
                    stored.put(row.getLong("n"), print(row));
                });
        return stored;
    }

    private static String print(ResultSet row) throws SQLException {
        return JournalRules.fingerprint(
                row.getLong("device_time"),
                row.getString("quality"),
                row.getString("kind"),
                row.getString("state"),
                row.getString("details"));
    }

    private static @Nullable Object[] row(DeviceId unit, JournalId jid, JournalEntry entry, Instant at) {
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
    }
}
