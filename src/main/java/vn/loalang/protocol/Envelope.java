package vn.loalang.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A signed message: one or two signature lines, then the payload they sign, byte for byte (§4 of PROTOCOL.md).
 *
 * @param lines one or two signatures, in their order
 * @param payload the JSON, up to the last byte of the message
 * @param message the whole
 */
public record Envelope(List<Line> lines, Bytes payload, Bytes message) {
    private static final int LONGEST_HEADER = 160;
    private static final int SIGNATURE_CHARS = 86;
    private static final int MOST_LINES = 2;

    /**
     * One signature.
     *
     * @param header as it stands there; compared with the constants of known kids, never parsed [ENV-1]
     * @param signature 64 bytes
     */
    public record Line(String header, Bytes signature) {}

    public Envelope {
        lines = List.copyOf(lines);
    }

    /** The header constant of a kid [ENV-1]. */
    public static String header(Kid kid) {
        String json = "{\"alg\":\"Ed25519\",\"b64\":false,\"crit\":[\"b64\"],\"kid\":\"" + kid + "\",\"typ\":\"gb1\"}";
        return Base64Url.encode(json.getBytes(StandardCharsets.US_ASCII));
    }

    /** Signs the payload with these keys, one line each, in their order [ENV-2]. */
    public static byte[] compose(List<SigningKey> signers, byte[] payload) {
        Refusal.unless(!signers.isEmpty() && signers.size() <= MOST_LINES, "a message has one or two signatures");
        ByteArrayOutputStream out = new ByteArrayOutputStream(payload.length + 2 * 256);
        signers.forEach(signer -> out.writeBytes(line(signer, payload)));
        out.writeBytes(payload);
        return out.toByteArray();
    }

    /** This message with one more signature behind the one it has. */
    public byte[] countersigned(SigningKey signer) {
        Refusal.unless(lines.size() < MOST_LINES, "a message has one or two signatures");
        byte[] whole = message.raw();
        int from = whole.length - payload.size();
        ByteArrayOutputStream out = new ByteArrayOutputStream(whole.length + 256);
        out.write(whole, 0, from);
        out.writeBytes(line(signer, payload.raw()));
        out.writeBytes(payload.raw());
        return out.toByteArray();
    }

    private static byte[] line(SigningKey signer, byte[] payload) {
        String header = header(signer.kid());
        byte[] signature = signer.sign(signed(header, payload));
        return (header + ".." + Base64Url.encode(signature) + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** Composes a document under these keys. */
    public static byte[] compose(List<SigningKey> signers, Document document) {
        return compose(signers, document.payload());
    }

    /** Takes a message apart; refuses with {@code E_FMT} what the grammar does not allow, looks at no signature. */
    public static Envelope parse(byte[] message) {
        return parse(Bytes.of(message));
    }

    /** The same without a copy. */
    static Envelope parse(Bytes whole) {
        byte[] message = whole.raw();
        List<Line> lines = new ArrayList<>(MOST_LINES);
        int at = 0;
        while (at < message.length && message[at] != '{') {
            if (lines.size() == MOST_LINES) {
                throw bad("more than two signature lines");
            }
            int dots = at;
            while (dots < message.length && isB64u(message[dots])) {
                dots++;
            }
            int header = dots - at;
            int signature = dots + 2;
            int end = signature + SIGNATURE_CHARS;
            if (header < 1
                    || header > LONGEST_HEADER
                    || end >= message.length
                    || message[dots] != '.'
                    || message[dots + 1] != '.'
                    || message[end] != '\n') {
                throw bad("not a signature line");
            }
            lines.add(new Line(
                    ascii(message, at, dots),
                    Bytes.of(Base64Url.decode("signature", ascii(message, signature, end), 64, ErrorCode.E_FMT))));
            at = end + 1;
        }
        if (lines.isEmpty() || at == message.length) {
            throw bad(lines.isEmpty() ? "no signature line" : "no payload");
        }
        return new Envelope(lines, Bytes.of(message, at, message.length), whole);
    }

    /** Whether the line at this index is a right signature of the payload by this key [ENV-2] [ENV-3]. */
    public boolean isSignedBy(int line, PublicKey key) {
        return isSignedBy(line, key, SignatureCheck.EXACT);
    }

    /** The same by somebody else's judgement of the signature. */
    public boolean isSignedBy(int line, PublicKey key, SignatureCheck check) {
        Line checked = lines.get(line);
        return check.verifies(
                key,
                signed(checked.header(), payload.raw()),
                checked.signature().raw());
    }

    private static byte[] signed(String header, byte[] payload) {
        byte[] prefix = (header + ".").getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[prefix.length + payload.length];
        System.arraycopy(prefix, 0, all, 0, prefix.length);
        System.arraycopy(payload, 0, all, prefix.length, payload.length);
        return all;
    }

    private static String ascii(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
    }

    private static boolean isB64u(byte b) {
        return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '-' || b == '_';
    }

    private static Refusal bad(String detail) {
        return new Refusal(ErrorCode.E_FMT, detail);
    }
}
