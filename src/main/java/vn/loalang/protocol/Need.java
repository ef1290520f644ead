package vn.loalang.protocol;

import java.util.List;

/**
 * A device asks for blocks, unsigned, on {@code u/{id}/need} [BLK-1].
 *
 * @param a the asset
 * @param blk block size of the manifest it follows
 * @param miss missing blocks, ascending, at most 32 ranges
 */
public record Need(Hash a, int blk, List<Range> miss) {
    private static final String TYPE = "need";
    private static final long LAST = (1L << 32) - 1;

    /** Blocks {@code lo} to {@code hi}, both included. */
    public record Range(long lo, long hi) {
        public Range {
            Refusal.inRange("miss[][0]", lo, 0, LAST);
            Refusal.inRange("miss[][1]", hi, lo, LAST);
        }

        public long count() {
            return hi - lo + 1;
        }
    }

    public Need {
        Refusal.inRange("blk", blk, Limits.MIN_BLOCK, Limits.MAX_BLOCK);
        miss = List.copyOf(miss);
        Refusal.atMost("miss", miss.size(), Limits.NEED_RANGES);
        long last = -1;
        for (Range range : miss) {
            Refusal.unless(range.lo() > last, "miss must be ascending and apart");
            last = range.hi();
        }
    }

    /** How many blocks are asked for. */
    public long count() {
        return miss.stream().mapToLong(Range::count).sum();
    }

    public byte[] encode() {
        return Json.object()
                .put("v", Head.VERSION)
                .put("typ", TYPE)
                .put("a", a.b64u())
                .put("blk", blk)
                .put(
                        "miss",
                        Json.array(miss.stream()
                                .map(range -> Json.integers(List.of(range.lo(), range.hi())))
                                .toList()))
                .build()
                .bytes();
    }

    public static Need decode(byte[] bytes) {
        Fields fields = new Fields(StrictJson.parse(bytes));
        Unsigned.check(fields, TYPE);
        return new Need(
                Hash.parse(fields.string("a")),
                fields.small("blk", Limits.MIN_BLOCK, Limits.MAX_BLOCK),
                fields.list("miss", Limits.NEED_RANGES, Need::range));
    }

    private static Range range(Json json) {
        if (json instanceof Json.Arr pair
                && pair.items().size() == 2
                && pair.items().get(0) instanceof Json.Int lo
                && pair.items().get(1) instanceof Json.Int hi) {
            return new Range(lo.value(), hi.value());
        }
        throw Refusal.sem("miss must hold pairs of block numbers");
    }
}
