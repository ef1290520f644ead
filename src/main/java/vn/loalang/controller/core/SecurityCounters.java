package vn.loalang.controller.core;

import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.ErrorCode;
import vn.loalang.protocol.Event;

/**
 * Refused messages, counted: the first of a code is journalled at once, further ones together, at most one entry per code and
 * hour, so that a flood fills no journal.
 */
final class SecurityCounters {
    private static final long HOUR_MS = 3_600_000;
    /** More wrong signatures than this within an hour are a fault. */
    private static final int BEARABLE = 10;

    private final Journal journal;
    private final Map<ErrorCode, Tally> tallies = new EnumMap<>(ErrorCode.class);

    /** When the last wrong signatures came, at most one more than is bearable. */
    private final ArrayDeque<Long> wrong = new ArrayDeque<>();

    private record Tally(
            long toldMono, long untold, @Nullable String typ) {}

    SecurityCounters(Journal journal) {
        this.journal = journal;
    }

    /**
     * @param typ what the message claimed to be, or null
     */
    void refused(ErrorCode code, @Nullable String typ, long mono) {
        if (code == ErrorCode.E_SIG) {
            if (wrong.size() > BEARABLE) wrong.removeFirst();
            wrong.addLast(mono);
        }
        var tally = tallies.get(code);
        if (tally == null || mono - tally.toldMono() >= HOUR_MS) {
            tell(code, (tally == null ? 0 : tally.untold()) + 1, typ, mono);
        } else {
            tallies.put(code, new Tally(tally.toldMono(), tally.untold() + 1, typ));
        }
    }

    /** Whether so many wrong signatures came within the last hour that somebody should look (fault SIG_REJECT). */
    boolean isBesieged(long mono) {
        return wrong.size() > BEARABLE && mono - wrong.getFirst() < HOUR_MS;
    }

    void tick(long mono) {
        for (var entry : tallies.entrySet()) {
            var code = entry.getKey();
            var tally = entry.getValue();
            if (tally.untold() > 0 && mono - tally.toldMono() >= HOUR_MS) {
                tell(code, tally.untold(), tally.typ(), mono);
            }
        }
    }

    private void tell(ErrorCode code, long count, @Nullable String typ, long mono) {
        tallies.put(code, new Tally(mono, 0, typ));
        journal.add(new Event.Security(code, count, typ));
    }
}
