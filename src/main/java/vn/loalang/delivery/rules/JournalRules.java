package vn.loalang.delivery.rules;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalEntry;

/** How far a box's journal is stored, and whether its epoch can be trusted [ACK-4] [ACK-5] [ACK-6]. */
public final class JournalRules {
    private JournalRules() {}

    /**
     * What is known of a box's journal.
     *
     * @param boot of its last hello, null before the first
     * @param jid epoch of its last hello, null before the first
     * @param upto stored without a hole up to here
     * @param renew whether the box must begin a new epoch
     */
    public record State(@Nullable Long boot, @Nullable String jid, long upto, boolean renew) {
        /** Of a box that never said hello. */
        public static final State UNKNOWN = new State(null, null, 0, false);
    }

    /**
     * What a hello means for the journal.
     *
     * @param base all up to here is stored or lost for good
     * @param wentBack the box counts its boots backwards
     */
    public record Opening(long base, boolean renew, boolean wentBack) {}

    /** One entry, or what a gap speaks of: numbers {@code lo … hi}. */
    public record Span(long lo, long hi) {}

    /** A session begins. */
    public static Opening opened(State before, Hello hello) {
        var sameEpoch = hello.j().jid().value().equals(before.jid());
        var boot = before.boot();
        var wentBack = sameEpoch && boot != null && hello.boot() < boot;
        // Everything below lo is acknowledged or lost for good, says the box.
        var base = Math.max(sameEpoch ? before.upto() : 0, Math.max(0, hello.j().lo() - 1));
        return new Opening(base, sameEpoch && (before.renew() || wentBack), wentBack);
    }

    /**
     * The highest number such that everything above {@code base} up to it is stored or said to be lost.
     *
     * @param spans of this epoch above the base, in any order
     */
    public static long contiguous(long base, List<Span> spans) {
        var reached = base;
        for (var span :
                spans.stream().sorted(Comparator.comparingLong(Span::lo)).toList()) {
            if (span.lo() > reached + 1) break;
            reached = Math.max(reached, span.hi());
        }
        return reached;
    }

    /** What a gap entry says is lost: never numbers above its own, for they may still come. Null for any other entry. */
    public static @Nullable Span lost(JournalEntry entry) {
        return entry.event() instanceof Event.Gap gap && gap.lo() <= gap.hi()
                ? new Span(gap.lo(), Math.min(gap.hi(), entry.n()))
                : null;
    }

    /**
     * Whether an entry tells something else than what is stored under its number [ACK-5c]. A gap never does: it stands in the place
     * of an entry the box has lost since, and what is stored here is not lost.
     *
     * @param stored fingerprint of what is stored
     */
    public static boolean contradicts(String stored, JournalEntry entry) {
        return !(entry.event() instanceof Event.Gap) && !stored.equals(fingerprint(entry));
    }

    /** Equal for entries that say the same. */
    public static String fingerprint(JournalEntry entry) {
        return fingerprint(
                entry.t(), entry.q().name(), entry.event().kind(), entry.event().state(), details(entry));
    }

    /** The same from columns. */
    public static String fingerprint(long time, String quality, String kind, String state, String details) {
        return time + " " + quality + " " + kind + " " + state + " " + details;
    }

    /** The entry's details as JSON text. */
    public static String details(JournalEntry entry) {
        return new String(entry.event().details().bytes(), StandardCharsets.UTF_8);
    }
}
