package vn.loalang.protocol;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The answer to a {@link Hello}: opens the session, says what is current, gives the time (§6 of PROTOCOL.md).
 *
 * @param bn the nonce of that hello
 * @param sn its connection number
 * @param vec least {@code seq} of every row with a live document; rows of later revisions are left out
 * @param jack how far the journal is stored
 */
public record Welcome(Head head, Nonce bn, long sn, Map<Row, Long> vec, JournalAck jack) implements Document {
    public Welcome {
        head.device();
        Refusal.inRange("sn", sn, 0, Limits.MAX_INTEGER);
        vec.forEach((row, seq) -> Refusal.inRange("vec." + row, seq, 0, Limits.MAX_INTEGER));
        vec = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(vec));
    }

    @Override
    public Typ typ() {
        return Typ.WELCOME;
    }

    @Override
    public Optional<Row> row() {
        return Optional.empty();
    }

    static Welcome read(Head head, Fields fields) {
        return new Welcome(
                head,
                Nonce.parse(fields.string("bn")),
                fields.moment("sn"),
                fields.moments("vec", Row::of),
                JournalAck.read(fields.fields("jack")));
    }

    @Override
    public Json.Obj json() {
        Json.Obj.Builder rows = Json.object();
        vec.forEach((row, seq) -> rows.put(row.wire(), seq));
        return head.json(Typ.WELCOME)
                .put("bn", bn.b64u())
                .put("sn", sn)
                .put("vec", rows.build())
                .put("jack", jack.json())
                .build();
    }
}
