package vn.loalang.simulator.storm;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import vn.loalang.broadcast.PlaybackFacts;
import vn.loalang.broadcast.TimelineEntry;
import vn.loalang.delivery.rules.JournalRules;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;

/** The server's tables in memory; what is in here is what a real server has committed and synced. */
final class Tables {
    /** An order to sound. */
    record Order(
            Oid oid,
            Instant start,
            Duration duration,
            int priority,
            int volume,
            Duration lateness,
            List<TimelineEntry.Asset> assets,
            Set<DeviceId> targets,
            boolean cancelled) {
        Instant end() {
            return start.plus(duration);
        }

        Order cancel() {
            return new Order(oid, start, duration, priority, volume, lateness, assets, targets, true);
        }

        TimelineEntry entry() {
            return new TimelineEntry(oid, start, duration, priority, volume, lateness, assets);
        }
    }

    /** A signed document. */
    record Issued(
            Scope to,
            Row row,
            String topic,
            long seq,
            Instant issuedAt,
            String contentHash,
            Document document,
            Bytes body) {
        String key() {
            return Tables.key(to, row);
        }

        Issued doubted() {
            return new Issued(to, row, topic, seq, issuedAt, "", document, body);
        }
    }

    /** A journal entry as stored. */
    record Entry(String fingerprint, JournalRules.@Nullable Span lost) {}

    final Map<Oid, Order> orders = new LinkedHashMap<>();
    final Map<Oid, Map<DeviceId, PlaybackFacts>> playbacks = new LinkedHashMap<>();
    final Set<String> reports = new LinkedHashSet<>();
    final Map<String, Issued> current = new LinkedHashMap<>();
    final Map<String, Issued> plans = new HashMap<>();
    final Map<String, Long> marks = new HashMap<>();
    final Set<String> outbox = new LinkedHashSet<>();
    final Map<DeviceId, JournalRules.State> units = new HashMap<>();
    final Map<String, TreeMap<Long, Entry>> journals = new HashMap<>();
    /** The entries among them that own up to a loss. */
    final Map<String, List<JournalRules.Span>> losses = new HashMap<>();

    final Set<String> ready = new LinkedHashSet<>();
    final Set<DeviceId> due = new LinkedHashSet<>();

    Tables() {}

    /** A backup. */
    Tables copy() {
        var copy = new Tables();
        copy.orders.putAll(orders);
        playbacks.forEach((oid, facts) -> copy.playbacks.put(oid, new LinkedHashMap<>(facts)));
        copy.reports.addAll(reports);
        copy.current.putAll(current);
        copy.plans.putAll(plans);
        copy.marks.putAll(marks);
        copy.outbox.addAll(outbox);
        copy.units.putAll(units);
        journals.forEach((key, entries) -> copy.journals.put(key, new TreeMap<>(entries)));
        losses.forEach((key, spans) -> copy.losses.put(key, new ArrayList<>(spans)));
        copy.ready.addAll(ready);
        copy.due.addAll(due);
        return copy;
    }

    static String key(Scope to, Row row) {
        return to.wire() + " " + row.wire();
    }

    Optional<Issued> current(Scope to, Row row) {
        return Optional.ofNullable(current.get(key(to, row)));
    }

    JournalRules.State unit(DeviceId id) {
        return units.getOrDefault(id, JournalRules.State.UNKNOWN);
    }

    NavigableMap<Long, Entry> journal(DeviceId id, String jid) {
        return journals.computeIfAbsent(id + " " + jid, key -> new TreeMap<>());
    }

    /** A new entry of a journal is stored. */
    void store(DeviceId id, String jid, long n, Entry entry) {
        journal(id, jid).put(n, entry);
        if (entry.lost() != null)
            losses.computeIfAbsent(id + " " + jid, key -> new ArrayList<>()).add(entry.lost());
    }

    /** What a journal owns up to have lost. */
    List<JournalRules.Span> losses(DeviceId id, String jid) {
        return losses.getOrDefault(id + " " + jid, List.of());
    }

    /** Whether an entry is stored as the device told it. */
    boolean holds(DeviceId id, String jid, long n, String fingerprint) {
        var entries = journals.get(id + " " + jid);
        var entry = entries == null ? null : entries.get(n);
        return entry != null && entry.fingerprint().equals(fingerprint);
    }
}
