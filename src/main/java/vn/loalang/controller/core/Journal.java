package vn.loalang.controller.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalAck;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.JournalFile;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Timers;

/**
 * The evidence of what happened (§11): numbered entries that stay until the server has them on its disk. Two rings, so that a
 * flood of the rest never pushes out what was played; where entries fell out of a ring, a gap stands in their place.
 */
final class Journal {
    private static final String PREFIX = "j/";
    private static final String EPOCH = "journal";
    private static final String EXPORTED = "exported";

    private final Memory memory;
    private final TrustedTime time;
    private final long boot;
    private final RandomGenerator random;
    private final TreeMap<Long, JournalEntry> entries = new TreeMap<>();
    private final Set<Long> sent = new HashSet<>();
    private JournalId jid;
    private long next;
    private long retryMono = Long.MAX_VALUE;
    private long retryPauseMs;
    private boolean outstanding;
    private int evidence;
    private int rest;

    Journal(Memory memory, TrustedTime time, long boot, RandomGenerator random) {
        this.memory = memory;
        this.time = time;
        this.boot = boot;
        this.random = random;
        var epoch = memory.get(EPOCH);
        if (epoch.isPresent()) {
            var f = epoch.get().split(" ");
            this.jid = new JournalId(f[0]);
            this.next = Long.parseLong(f[1]);
        } else {
            this.jid = freshId(random);
            this.next = 1;
            rememberEpoch();
        }
        for (var entry : entries(memory)) {
            entries.put(entry.n(), entry);
            count(entry, 1);
        }
    }

    /** What a memory holds of a journal, without going on with it; empty when there are no entries. */
    static Optional<Events> kept(Memory memory) {
        var entries = entries(memory);
        return memory.get(EPOCH)
                .filter(epoch -> !entries.isEmpty())
                .map(epoch -> new Events(new JournalId(epoch.split(" ")[0]), entries));
    }

    private static List<JournalEntry> entries(Memory memory) {
        return memory.under(PREFIX).values().stream()
                .map(text -> JournalEntry.decode(text.getBytes(StandardCharsets.UTF_8)))
                .toList();
    }

    /** Adds an entry at the time of now. */
    JournalEntry add(Event event) {
        return addAt(time.stamp(), time.quality(), boot, event);
    }

    /** Adds an entry about an earlier moment, perhaps of an earlier boot. */
    JournalEntry addAt(long t, Quality quality, long ofBoot, Event event) {
        var entry = new JournalEntry(next, t, quality, quality == Quality.U ? (Long) ofBoot : null, event);
        insert(entry);
        var ring = event.isEvidence();
        if ((ring ? evidence : rest) > Limits.JOURNAL_RING) dropOldest(ring);
        return entry;
    }

    /** Epoch of the numbers. */
    JournalId jid() {
        return jid;
    }

    /** What {@code hello} says of the journal. */
    Hello.Journal summary() {
        return new Hello.Journal(jid, entries.isEmpty() ? next : entries.firstKey(), next - 1);
    }

    /** All that the server has not confirmed, for a memory stick; empty when a stick has taken it already. */
    Optional<JournalFile> export(Profile profile) {
        var mark = jid + " " + (next - 1);
        if (entries.isEmpty() || memory.get(EXPORTED).filter(mark::equals).isPresent()) return Optional.empty();
        memory.put(EXPORTED, mark);
        return Optional.of(
                new JournalFile(profile.claim().sys(), profile.id(), new Events(jid, List.copyOf(entries.values()))));
    }

    /** A new session: nothing is outstanding in it. */
    void sessionBegins() {
        outstanding = false;
        // What the old connection took may never have arrived; the server removes what it gets twice.
        sent.clear();
        retryPauseMs = Timers.EVENTS_RETRY_FIRST.toMillis();
        retryMono = Long.MAX_VALUE;
    }

    /** The next batch to send, if it is time for one. */
    Optional<Events> due(long mono) {
        if (entries.isEmpty()) return Optional.empty();
        if (mono < retryMono && sent.size() == entries.size()) return Optional.empty();
        if (outstanding) {
            if (mono < retryMono) return Optional.empty();
            sent.clear();
            retryPauseMs = Math.min(retryPauseMs * 2, Timers.EVENTS_RETRY_MAX.toMillis());
        }
        var fresh = entries.values().stream().filter(e -> !sent.contains(e.n())).toList();
        if (fresh.isEmpty()) {
            // All is sent and some of it not confirmed: again from the beginning, but in its time.
            if (mono < retryMono) return Optional.empty();
            sent.clear();
            fresh = List.copyOf(entries.values());
        }
        var batch = batch(fresh);
        batch.entries().forEach(e -> sent.add(e.n()));
        outstanding = true;
        retryMono = mono + retryPauseMs;
        return Optional.of(batch);
    }

    /** Uptime of the next repetition, if something is outstanding. */
    OptionalLong nextRetry() {
        return retryMono == Long.MAX_VALUE || entries.isEmpty() ? OptionalLong.empty() : OptionalLong.of(retryMono);
    }

    /** The server confirmed what it has on its disk (ACK-5). */
    void acknowledged(JournalAck ack) {
        if (!ack.jid().equals(jid)) return;
        if (ack.fresh() || ack.upto() >= next) {
            renumber(ack.upto());
            return;
        }
        outstanding = false;
        var before = entries.size();
        for (var n : List.copyOf(entries.headMap(ack.upto(), true).keySet())) {
            if (sent.remove(n)) forget(n);
        }
        if (entries.size() < before) retryPauseMs = Timers.EVENTS_RETRY_FIRST.toMillis();
    }

    private void put(JournalEntry entry) {
        var replaced = entries.put(entry.n(), entry);
        if (replaced != null) count(replaced, -1);
        count(entry, 1);
        memory.put(key(entry.n()), new String(entry.json().bytes(), StandardCharsets.UTF_8));
    }

    private void insert(JournalEntry entry) {
        put(entry);
        next = entry.n() + 1;
        rememberEpoch();
    }

    private void forget(long n) {
        var entry = entries.remove(n);
        if (entry != null) count(entry, -1);
        sent.remove(n);
        memory.remove(key(n));
    }

    /** How many each ring holds. */
    private void count(JournalEntry entry, int more) {
        if (entry.event() instanceof Event.Gap) return;
        if (entry.event().isEvidence()) evidence += more;
        else rest += more;
    }

    /**
     * Lets the oldest entry of a ring go: a gap takes its place and its number, and takes in the gaps that end right before it. So
     * gaps cover what is lost and nothing else, and what was told under a gap's number is never told otherwise again.
     */
    private void dropOldest(boolean ofEvidence) {
        long hi = entries.values().stream()
                .filter(e -> e.event().isEvidence() == ofEvidence && !(e.event() instanceof Event.Gap))
                .findFirst()
                .orElseThrow()
                .n();
        long lo = hi;
        long count = 1;
        for (var before = entries.get(lo - 1);
                before != null && before.event() instanceof Event.Gap gap;
                before = entries.get(lo - 1)) {
            forget(before.n());
            lo = gap.lo();
            count += gap.count();
        }
        sent.remove(hi);
        put(gap(hi, lo, count));
    }

    private JournalEntry gap(long n, long lo, long count) {
        var quality = time.quality();
        return new JournalEntry(
                n, time.stamp(), quality, quality == Quality.U ? (Long) boot : null, new Event.Gap(lo, n, count));
    }

    private Events batch(List<JournalEntry> fresh) {
        var chosen = new ArrayList<JournalEntry>();
        var size = new Events(jid, List.of()).encode().length;
        for (var entry : fresh) {
            size += entry.json().bytes().length + 1;
            if (size > Limits.EVENTS_BATCH && !chosen.isEmpty()) break;
            chosen.add(entry);
        }
        return new Events(jid, chosen);
    }

    /**
     * Begins a new epoch. Numbers go on rising all the same: by them the server puts starts and interruptions of one playback in
     * order, also those on either side of the change. A gap in the old numbers covers none of the new: one behind them keeps its
     * count.
     */
    private void renumber(long known) {
        var unconfirmed = List.copyOf(entries.values());
        unconfirmed.forEach(e -> forget(e.n()));
        jid = freshId(random);
        next = Math.max(next, known + 1);
        sent.clear();
        outstanding = false;
        rememberEpoch();
        long lost = unconfirmed.stream()
                .mapToLong(e -> e.event() instanceof Event.Gap gap ? gap.count() : 0)
                .sum();
        for (var entry : unconfirmed) {
            if (!(entry.event() instanceof Event.Gap)) insert(entry.renumbered(next));
        }
        if (lost > 0) insert(gap(next, next, lost));
    }

    private void rememberEpoch() {
        memory.put(EPOCH, jid + " " + next);
    }

    private static String key(long n) {
        return PREFIX + HexFormat.of().toHexDigits(n);
    }

    private static JournalId freshId(RandomGenerator random) {
        return new JournalId(String.format(java.util.Locale.ROOT, "%08x", random.nextInt()));
    }
}
