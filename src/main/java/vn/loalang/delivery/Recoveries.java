package vn.loalang.delivery;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Row;

/**
 * What the newest recovery has voided [TIM-5]. A box that was away while it was sent still speaks of it, and must not bring it
 * back: it forgets as soon as it sees any later key document.
 */
@Component
class Recoveries {
    private final KeyStore keys;
    private final Documents documents;
    private volatile Since since = new Since(0, Set.of());

    /**
     * Numbers of the key documents that know the newest recovery; asked with every hello, so they are looked up once.
     *
     * @param newest number of the one in force
     */
    private record Since(long newest, Set<Long> numbers) {}

    Recoveries(KeyStore keys, Documents documents) {
        this.keys = keys;
        this.documents = documents;
    }

    /** The number of the newest recovery that this document knows; 0 for none. */
    static long number(Keys set) {
        var rst = set.rst();
        return rst == null ? 0 : rst.n();
    }

    /** What a box has seen of each row, as it will remember it once it has the newest key document. */
    Map<Row, Long> remembered(Map<Row, Long> seen) {
        var rst = keys.listed().rst();
        if (rst == null || heardOfIt(seen.getOrDefault(Row.KEYS, 0L))) {
            return seen;
        }
        var lowered = new LinkedHashMap<>(seen);
        lowered.replaceAll((row, seq) -> Math.min(seq, rst.t()));
        lowered.remove(Row.KEYS);
        return lowered;
    }

    private boolean heardOfIt(long seenKeys) {
        var newest = keys.listed();
        var known = since;
        if (known.newest() != newest.head().seq()) {
            known = new Since(
                    newest.head().seq(),
                    documents.keyHistory().stream()
                            .filter(document ->
                                    document.document() instanceof Keys set && number(set) == number(newest))
                            .map(Documents.Stored::seq)
                            .collect(Collectors.toSet()));
            since = known;
        }
        return known.newest() == seenKeys || known.numbers().contains(seenKeys);
    }

    /** Whether the newest recovery undoes this key document: who goes by numbers alone would come back to it. */
    boolean undoes(Keys set) {
        var rst = keys.listed().rst();
        return rst != null && number(set) < rst.n() && set.head().seq() > rst.t();
    }

    /** Whether a number is from before the recovery; nothing that counts is so far ahead. */
    boolean voided(long seq, Instant at) {
        var rst = keys.listed().rst();
        return rst != null && seq > rst.t() && seq > at.toEpochMilli() + Limits.SEQ_AHEAD_MS;
    }
}
