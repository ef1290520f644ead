package vn.loalang.protocol;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A key set: the deployment's, signed by two roots, or delegated for an area (§5 of PROTOCOL.md).
 *
 * @param keys who may sign what; at most 32
 * @param quorum null is {@link Quorum#DEFAULT}; always null in an area's document
 * @param bad kids of compromised keys, all ever named; what they signed is dropped
 * @param roots three keys that replace the pinned ones, or null
 * @param rst recovery, or null [TIM-5]
 */
public record Keys(
        Head head,
        List<KeyEntry> keys,
        @Nullable Quorum quorum,
        List<Kid> bad,
        @Nullable List<RootKey> roots,
        @Nullable Rst rst)
        implements Document {
    /**
     * Lowers poisoned marks and floor.
     *
     * @param n above the last one, from 1
     * @param t marks and floor above this moment drop to it, Unix ms
     */
    public record Rst(long n, long t) {
        public Rst {
            Refusal.inRange("rst.n", n, 1, Limits.MAX_INTEGER);
            Refusal.inRange("rst.t", t, 0, Limits.MAX_INTEGER);
        }
    }

    public Keys {
        keys = List.copyOf(keys);
        bad = List.copyOf(bad);
        roots = roots == null ? null : List.copyOf(roots);
        boolean area = head.to() instanceof Scope.Area;
        if (head.to() instanceof Scope.Device) {
            throw new Refusal(ErrorCode.E_DST, "keys are for the deployment or an area");
        }
        Refusal.atMost("keys", keys.size(), Limits.KEYS);
        Refusal.atMost("bad", bad.size(), Limits.BAD_KEYS);
        Set<Object> seen = new HashSet<>();
        for (KeyEntry key : keys) {
            Refusal.unless(seen.add(key.kid()) && seen.add(key.x()), "keys[] names a kid or x twice");
            Refusal.unless(!bad.contains(key.kid()), "keys[] lists a kid that bad[] names");
        }
        if (roots != null) {
            Refusal.unless(roots.size() == Limits.ROOTS, "roots must be " + Limits.ROOTS);
            for (RootKey root : roots) {
                Refusal.unless(seen.add(root.kid()) && seen.add(root.x()), "roots[] names a kid or x twice");
            }
        }
        Refusal.unless(
                !area || (quorum == null && bad.isEmpty() && roots == null && rst == null),
                "keys of an area have no quorum, bad, roots or rst");
    }

    /** The deployment's plain key set. */
    public static Keys of(Head head, List<KeyEntry> keys, Quorum quorum) {
        return new Keys(head, keys, quorum, List.of(), null, null);
    }

    /** The quorum that holds under this document. */
    public Quorum effectiveQuorum() {
        return quorum == null ? Quorum.DEFAULT : quorum;
    }

    @Override
    public Typ typ() {
        return Typ.KEYS;
    }

    @Override
    public Optional<Row> row() {
        return Optional.of(Row.keys(head.to()));
    }

    static Keys read(Head head, Fields fields) {
        return new Keys(
                head,
                fields.objects("keys", Limits.KEYS, KeyEntry::read),
                fields.has("quorum") ? Quorum.read(fields.fields("quorum")) : null,
                fields.stringsOrEmpty("bad", Limits.BAD_KEYS, Kid::new),
                fields.has("roots") ? fields.objects("roots", Limits.ROOTS, RootKey::read) : null,
                fields.has("rst") ? rst(fields.fields("rst")) : null);
    }

    private static Rst rst(Fields fields) {
        return new Rst(fields.integer("n", 1, Limits.MAX_INTEGER), fields.moment("t"));
    }

    @Override
    public Json.Obj json() {
        Json.Obj.Builder json = head.json(Typ.KEYS)
                .put("keys", Json.array(keys.stream().map(KeyEntry::json).toList()))
                .putIf("quorum", quorum == null ? null : quorum.json())
                .putIf(
                        "bad",
                        bad.isEmpty()
                                ? null
                                : Json.strings(bad.stream().map(Kid::value).toList()));
        if (roots != null) {
            json.put("roots", Json.array(roots.stream().map(RootKey::json).toList()));
        }
        if (rst != null) {
            json.put("rst", Json.object().put("n", rst.n()).put("t", rst.t()).build());
        }
        return json.build();
    }
}
