package vn.loalang.delivery.rules;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Row;

/**
 * What answers a hello, in order: what the box needs to check the welcome, the welcome, then what it has not got yet.
 *
 * @param before goes ahead of the welcome [KEY-2]
 * @param vec least {@code seq} of every row with a live document [SES-2]
 * @param after follows the welcome, on the box's own topic [SES-4]
 */
public record Greeting(List<Bytes> before, Map<Row, Long> vec, List<Bytes> after) {
    /** The current document of a row. */
    public record Current(Row row, long seq, Bytes body) {}

    public Greeting {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    /**
     * Composes it.
     *
     * @param current the live documents of every scope of the box, the deployment's keys among them
     * @param seen {@code hello.hwm}
     */
    public static Greeting of(Collection<Current> current, Map<Row, Long> seen) {
        var rows = new TreeMap<Row, Current>();
        current.forEach(document -> rows.put(document.row(), document));
        var before = new ArrayList<Bytes>();
        var vec = new LinkedHashMap<Row, Long>();
        var after = new ArrayList<Bytes>();
        rows.forEach((row, document) -> {
            vec.put(row, document.seq());
            if (seen.getOrDefault(row, 0L) < document.seq()) {
                // Without the keys it could not check the welcome's signature.
                (row.equals(Row.KEYS) ? before : after).add(document.body());
            }
        });
        return new Greeting(before, vec, after);
    }
}
