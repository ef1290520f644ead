package vn.loalang.protocol;

import java.nio.ByteBuffer;

/**
 * One block of an asset, binary, big-endian: {@code u8 0xB1, u8 0, u16 length, u32 index, u8[8] prefix, payload} (§9 of
 * PROTOCOL.md). Nothing in it is signed: the hashes of the manifest and of the whole decide.
 *
 * @param prefix first 8 bytes of the asset's hash
 * @param index which block, from 0
 * @param payload its bytes; empty with index 0 is the end of a fan-out
 */
public record BlockFrame(Bytes prefix, long index, Bytes payload) {
    /** Bytes before the payload. */
    public static final int HEADER = 16;

    /** First byte of every block frame. */
    public static final int MAGIC = 0xB1;

    public BlockFrame {
        Refusal.unless(prefix.size() == 8, "a frame names its asset by 8 bytes");
        Refusal.inRange("index", index, 0, (1L << 32) - 1);
        Refusal.inRange("length", payload.size(), 0, Limits.MAX_BLOCK);
    }

    /** A block of this asset. */
    public static BlockFrame of(Hash asset, long index, byte[] payload) {
        return new BlockFrame(prefixOf(asset), index, Bytes.of(payload));
    }

    /** The frame that says: everything has been sent once. */
    public static BlockFrame end(Hash asset) {
        return of(asset, 0, new byte[0]);
    }

    /** What frames of this asset carry. */
    public static Bytes prefixOf(Hash asset) {
        return Bytes.of(asset.value().raw(), 0, 8);
    }

    public boolean isEnd() {
        return index == 0 && payload.size() == 0;
    }

    public boolean isOf(Hash asset) {
        return prefix.equals(prefixOf(asset));
    }

    public byte[] encode() {
        return ByteBuffer.allocate(HEADER + payload.size())
                .put((byte) MAGIC)
                .put((byte) 0)
                .putShort((short) payload.size())
                .putInt((int) index)
                .put(prefix.raw())
                .put(payload.raw())
                .array();
    }

    /** Reads a frame; anything else is {@code E_FMT}. */
    public static BlockFrame decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        boolean whole = bytes.length >= HEADER
                && (in.get() & 0xff) == MAGIC
                && in.get() == 0
                && (in.getShort() & 0xffff) == bytes.length - HEADER
                && bytes.length - HEADER <= Limits.MAX_BLOCK;
        if (!whole) {
            throw new Refusal(ErrorCode.E_FMT, "not a block frame");
        }
        return new BlockFrame(
                Bytes.of(bytes, 8, HEADER), in.getInt() & 0xffff_ffffL, Bytes.of(bytes, HEADER, bytes.length));
    }
}
