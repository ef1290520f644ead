package vn.loalang.delivery.rules;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import vn.loalang.protocol.Limits;

/** When a document is issued, and under which number. */
public final class Issue {
    /** A document from further ahead than this was issued under a clock that has since been set back. */
    private static final Duration FROM_THE_FUTURE = Duration.ofMinutes(5);

    private Issue() {}

    /**
     * The next {@code seq} of a row: now, or one above the last if the clock has stepped back [ENV-5].
     *
     * @param last the highest ever issued or seen in the row, 0 for none
     * @return empty when it would be more than 25 h ahead of now, which no device would take
     */
    public static OptionalLong nextSeq(long last, Instant now) {
        var seq = Math.max(now.toEpochMilli(), last + 1);
        return seq > now.toEpochMilli() + Limits.SEQ_AHEAD_MS ? OptionalLong.empty() : OptionalLong.of(seq);
    }

    /**
     * Whether a current document says this, and is neither too old nor from a future that the clock has left.
     *
     * @param has what the current document says, as a hash
     * @param wanted what it shall say
     * @param reissueAfter age at which it is issued again all the same
     */
    public static boolean upToDate(String has, Instant issuedAt, String wanted, Duration reissueAfter, Instant now) {
        return has.equals(wanted)
                && issuedAt.plus(reissueAfter).isAfter(now)
                && !issuedAt.isAfter(now.plus(FROM_THE_FUTURE));
    }
}
