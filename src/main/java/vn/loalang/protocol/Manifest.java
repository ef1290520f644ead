package vn.loalang.protocol;

import java.util.List;
import java.util.Optional;

/**
 * How an asset is cut into blocks (§9 of PROTOCOL.md). A hint: only the hash of the whole proves it.
 *
 * @param a the asset
 * @param blk bytes of every block but the last, 512–16,384
 * @param segn blocks of a segment, 1–64
 * @param seg hash of each segment, at most 180
 */
public record Manifest(Head head, Asset a, int blk, int segn, List<Hash> seg) implements Document {
    public Manifest {
        Refusal.unless(!(head.to() instanceof Scope.All), "man is for a device or an area");
        seg = List.copyOf(seg);
        Refusal.inRange("blk", blk, Limits.MIN_BLOCK, Limits.MAX_BLOCK);
        Refusal.inRange("segn", segn, 1, Limits.SEGMENT_BLOCKS);
        Refusal.atMost("seg", seg.size(), Limits.SEGMENTS);
        Refusal.unless(seg.size() == segments(a.sz(), blk, segn), "seg must name every segment of the asset, no more");
    }

    private static long segments(long size, int blk, int segn) {
        long bytes = (long) blk * segn;
        return (size + bytes - 1) / bytes;
    }

    /** How many blocks the asset has. */
    public int blocks() {
        return (int) ((a.sz() + blk - 1) / blk);
    }

    /** Bytes of a block. */
    public int length(int block) {
        return (int) Math.min(blk, a.sz() - (long) block * blk);
    }

    /** The segment a block belongs to. */
    public int segment(int block) {
        return block / segn;
    }

    /** The blocks of a segment. */
    public Need.Range blocksOf(int segment) {
        return new Need.Range((long) segment * segn, Math.min(blocks(), (segment + 1) * segn) - 1L);
    }

    @Override
    public Typ typ() {
        return Typ.MAN;
    }

    @Override
    public Optional<Row> row() {
        return Optional.empty();
    }

    static Manifest read(Head head, Fields fields) {
        return new Manifest(
                head,
                new Asset(
                        Hash.parse(fields.string("a")),
                        fields.integer("sz", 1, Limits.MAX_INTEGER),
                        fields.string("c")),
                fields.small("blk", Limits.MIN_BLOCK, Limits.MAX_BLOCK),
                fields.small("segn", 1, Limits.SEGMENT_BLOCKS),
                fields.strings("seg", Limits.SEGMENTS, Hash::parse));
    }

    @Override
    public Json.Obj json() {
        return head.json(Typ.MAN)
                .put("a", a.h().b64u())
                .put("sz", a.sz())
                .put("c", a.c())
                .put("blk", blk)
                .put("segn", segn)
                .put("seg", Json.strings(seg.stream().map(Hash::b64u).toList()))
                .build();
    }
}
