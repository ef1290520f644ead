package vn.loalang.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/**
 * One chunk of live sound, binary, big-endian: {@code u8 0xB2, u8 flags (1 = last), u16 length, u32 n, u64 play_at, u8[8]
 * prefix of H(sid), payload, u8[64] signature} by the session's key over {@code "GB1LIVE"} and all before (§10 of
 * PROTOCOL.md).
 *
 * @param last whether nothing follows
 * @param n rises strictly within a session
 * @param playAt when its first sample sounds, Unix ms
 * @param session first 8 bytes of the SHA-256 of the sid
 * @param payload whole frames of the session's codec
 * @param signature 64 bytes
 */
public record LiveFrame(boolean last, long n, long playAt, Bytes session, Bytes payload, Bytes signature) {
    /** Bytes before the payload. */
    public static final int HEADER = 24;
    /** Largest payload: what the 16 bits of its length can say and a message takes. */
    public static final int MAX_PAYLOAD = Limits.MIN_PACKET - HEADER - 64;

    /** First byte of every live chunk. */
    public static final int MAGIC = 0xB2;

    private static final int SIGNATURE = 64;
    private static final byte[] CONTEXT = "GB1LIVE".getBytes(StandardCharsets.US_ASCII);

    public LiveFrame {
        Refusal.inRange("n", n, 0, (1L << 32) - 1);
        Refusal.inRange("play_at", playAt, 0, Limits.MAX_INTEGER);
        Refusal.unless(session.size() == 8, "a chunk names its session by 8 bytes");
        Refusal.inRange("length", payload.size(), 0, MAX_PAYLOAD);
        Refusal.unless(signature.size() == SIGNATURE, "a signature has 64 bytes");
    }

    /** Makes and signs a chunk; the kid of the key plays no part. */
    public static LiveFrame sign(SigningKey key, Sid sid, boolean last, long n, long playAt, byte[] payload) {
        return sign(key::sign, sid, last, n, playAt, payload);
    }

    /** The same by somebody who signs in place of the key. */
    public static LiveFrame sign(
            UnaryOperator<byte[]> signer, Sid sid, boolean last, long n, long playAt, byte[] payload) {
        LiveFrame open =
                new LiveFrame(last, n, playAt, prefixOf(sid), Bytes.of(payload), Bytes.of(new byte[SIGNATURE]));
        return new LiveFrame(last, n, playAt, open.session(), open.payload(), Bytes.of(signer.apply(open.signed())));
    }

    /** What chunks of this session carry. */
    public static Bytes prefixOf(Sid sid) {
        return Bytes.of(
                Hash.of(sid.value().getBytes(StandardCharsets.US_ASCII)).value().raw(), 0, 8);
    }

    public boolean isOf(Sid sid) {
        return session.equals(prefixOf(sid));
    }

    public boolean isSignedBy(PublicKey key) {
        return isSignedBy(key, SignatureCheck.EXACT);
    }

    /** The same by somebody else's judgement of the signature. */
    public boolean isSignedBy(PublicKey key, SignatureCheck check) {
        return check.verifies(key, signed(), signature.raw());
    }

    private byte[] signed() {
        byte[] head = head();
        return ByteBuffer.allocate(CONTEXT.length + head.length)
                .put(CONTEXT)
                .put(head)
                .array();
    }

    private byte[] head() {
        return ByteBuffer.allocate(HEADER + payload.size())
                .put((byte) MAGIC)
                .put((byte) (last ? 1 : 0))
                .putShort((short) payload.size())
                .putInt((int) n)
                .putLong(playAt)
                .put(session.raw())
                .put(payload.raw())
                .array();
    }

    public byte[] encode() {
        byte[] head = head();
        return ByteBuffer.allocate(head.length + SIGNATURE)
                .put(head)
                .put(signature.raw())
                .array();
    }

    /** Reads a chunk; anything else is {@code E_FMT}. Looks at no signature. */
    public static LiveFrame decode(byte[] bytes) {
        int end = bytes.length - SIGNATURE;
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (end < HEADER || (in.get() & 0xff) != MAGIC) {
            throw new Refusal(ErrorCode.E_FMT, "not a live chunk");
        }
        int flags = in.get() & 0xff;
        int length = in.getShort() & 0xffff;
        long n = in.getInt() & 0xffff_ffffL;
        long playAt = in.getLong();
        if (flags > 1 || length != end - HEADER || length > MAX_PAYLOAD || playAt < 0 || playAt > Limits.MAX_INTEGER) {
            throw new Refusal(ErrorCode.E_FMT, "not a live chunk");
        }
        return new LiveFrame(
                flags == 1,
                n,
                playAt,
                Bytes.of(bytes, 16, HEADER),
                Bytes.of(bytes, HEADER, end),
                Bytes.of(bytes, end, bytes.length));
    }
}
