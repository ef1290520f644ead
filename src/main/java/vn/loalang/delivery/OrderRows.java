package vn.loalang.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import vn.loalang.area.Refusal;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.Topics;

/** What the rows of orders say: their documents, signed with our emergency key and stored. */
@Component
class OrderRows {
    private static final int CLEARED_NAMES = 8;

    private final Documents documents;
    private final KeyStore keys;
    private final Topics topics;
    private final Ladder ladder;

    OrderRows(Documents documents, KeyStore keys, Topics topics, Ladder ladder) {
        this.documents = documents;
        this.keys = keys;
        this.topics = topics;
        this.ladder = ladder;
    }

    /**
     * What a row says from now on.
     *
     * @param clr what it ends by name
     * @param life for how long it may be taken over, at least
     */
    record Change(List<Entry> act, List<String> clr, Duration life) {
        /** Ends a row's last order; waits for no clock, everything else does [SRV-5]. */
        boolean silence() {
            return act.isEmpty();
        }
    }

    /** The rows of a key's orders in these scopes, in the order in which documents are changed. */
    static Map<Scope, Row> rows(Collection<Scope> scopes, Kid by) {
        var rows = new LinkedHashMap<Scope, Row>();
        Documents.inOrder(scopes).forEach(scope -> rows.put(scope, Row.now(scope, by)));
        return rows;
    }

    /** Signs what rows say from now on and stores it as their documents, which are watched from now on; in a transaction. */
    List<Documents.Stored> issue(
            SigningKey signer, Map<Row, Change> changes, Map<Row, Documents.Stored> before, Instant now) {
        var numbers = documents.number(changes.keySet(), (row, last) -> {
            var next = of(changes, row).silence() ? Math.max(now.toEpochMilli(), last + 1) : Documents.next(last, now);
            return Math.max(issuedAt(before.get(row), next, now), next);
        });
        var fresh = numbers.entrySet().parallelStream()
                .map(each -> signed(
                        signer,
                        each.getKey(),
                        of(changes, each.getKey()),
                        before.get(each.getKey()),
                        each.getValue(),
                        now))
                .toList();
        var issued = documents.issue(fresh, Documents.FIRST);
        ladder.watch(issued, now);
        return issued;
    }

    private static Change of(Map<Row, Change> changes, Row row) {
        return Objects.requireNonNull(changes.get(row));
    }

    /** A clear ends what was issued up to its own moment: what follows must be younger, even within a millisecond. */
    private static long issuedAt(Documents.@Nullable Stored before, long seq, Instant now) {
        var younger = before == null ? 0 : before.issuedAt().toEpochMilli() + 1;
        return Math.max(Math.max(now.toEpochMilli(), younger), seq - Limits.SEQ_AHEAD_MS);
    }

    private Documents.Fresh signed(
            SigningKey signer, Row row, Change change, Documents.@Nullable Stored before, long seq, Instant now) {
        var scope = Objects.requireNonNull(row.to());
        var iat = issuedAt(before, seq, now);
        var act = lately(change.act(), iat);
        var until = act.stream().mapToLong(Entry::until).max().orElse(0);
        var exp = Math.max(until, iat + change.life().toMillis());
        var names = new LinkedHashSet<>(change.clr());
        if (before != null && !names.contains(Now.EVERYTHING)) {
            now(before).clr().stream()
                    .filter(name -> !name.equals(Now.EVERYTHING)
                            && act.stream()
                                    .noneMatch(entry -> entry.sid().value().equals(name)))
                    .limit(CLEARED_NAMES)
                    .forEach(names::add);
        }
        var document =
                new Now(new Head(keys.sys(), scope, seq, iat, exp), signer.kid(), act, List.copyOf(names), List.of());
        var message = Envelope.compose(List.of(signer), document);
        if (message.length > Limits.AREA_MESSAGE) {
            throw new Refusal("", "delivery.refused.orderTooLong", message.length, Limits.AREA_MESSAGE);
        }
        return new Documents.Fresh(
                scope,
                row,
                topics.now(scope, signer.kid()),
                scope instanceof Scope.Device device ? device.id() : null,
                null,
                seq,
                Instant.ofEpochMilli(iat),
                Hash.of(message).hex(),
                InForce.items(act, now),
                act.stream()
                        .flatMap(entry -> entry.assets().stream())
                        .map(asset -> asset.h())
                        .distinct()
                        .toList(),
                Bytes.of(message),
                Instant.ofEpochMilli(exp));
    }

    /** What began long ago is listed with the earliest beginning that a document may name; what sounds does not mind. */
    static List<Entry> lately(List<Entry> act, long iat) {
        return act.stream()
                .map(entry -> entry.between(Math.max(entry.beg(), iat - Limits.BEGIN_MS), entry.until()))
                .toList();
    }

    private static Now now(Documents.Stored document) {
        return (Now) document.document();
    }
}
