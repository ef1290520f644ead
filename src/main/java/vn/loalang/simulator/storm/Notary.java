package vn.loalang.simulator.storm;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.PublicKey;
import vn.loalang.protocol.SignatureCheck;
import vn.loalang.protocol.SigningKey;

/**
 * Keeps a book of all that was signed in a storm, and judges by it in place of the curve, whose arithmetic is others' matter to
 * test and would be most of a storm's work. Whoever holds a key signs here, the attacker with those he has; so whatever differs
 * from the book in one bit of key, message or signature is wrong. One in {@value #SAMPLED} of what is not in the book is put to
 * the curve all the same, once for all who get it: should it ever find that right, the storm ends with a violation.
 */
final class Notary implements SignatureCheck {
    private static final int REMEMBERED = 4_096;
    private static final int SAMPLED = 64;
    private static final Base64.Encoder B64U = Base64.getUrlEncoder().withoutPadding();

    private final Map<Bytes, Signed> signed = new HashMap<>();

    /** What a signature was made of; the bytes are compared, never copied. */
    private static final class Signed {
        private final PublicKey key;
        private final byte[] message;

        Signed(PublicKey key, byte[] message) {
            this.key = key;
            this.message = message;
        }

        boolean is(PublicKey other, byte[] bytes) {
            return key.equals(other) && Arrays.equals(message, bytes);
        }
    }

    private final Map<Hash, Boolean> judged = new LinkedHashMap<>(REMEMBERED * 2, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Hash, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };

    @Override
    public boolean verifies(PublicKey key, byte[] message, byte[] signature) {
        var known = signed.get(Bytes.of(signature));
        if (known != null && known.is(key, message)) return true;
        if (Math.floorMod(31 * Arrays.hashCode(message) + Arrays.hashCode(signature), SAMPLED) == 0
                && judged.computeIfAbsent(
                        name(key, message, signature),
                        unknown -> SignatureCheck.EXACT.verifies(key, message, signature))) {
            throw new IllegalStateException("a right signature by " + key + " that nobody has made");
        }
        return false;
    }

    /** Signs a document by these keys, with a keyed hash. */
    Bytes compose(List<SigningKey> signers, Document document) {
        return compose(signers, document, this::sign);
    }

    /** Signs a document by the curve, as somebody does from whom we have no more than his message. */
    Bytes composeByCurve(SigningKey signer, Document document) {
        return compose(List.of(signer), document, this::signByCurve);
    }

    private static Bytes compose(
            List<SigningKey> signers, Document document, BiFunction<SigningKey, byte[], byte[]> pen) {
        var payload = document.payload();
        var out = new ByteArrayOutputStream(payload.length + 512);
        for (var signer : signers) {
            var header = Envelope.header(signer.kid());
            var message = concat((header + ".").getBytes(StandardCharsets.US_ASCII), payload);
            var signature = pen.apply(signer, message);
            out.writeBytes((header + ".." + B64U.encodeToString(signature) + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        out.writeBytes(payload);
        return Bytes.of(out.toByteArray());
    }

    /** Signs bytes by a key; the message is not written to any more. */
    byte[] sign(SigningKey signer, byte[] message) {
        return booked(signer, message, digest("SHA-512", signer.seed(), message));
    }

    /** The same by the curve. */
    byte[] signByCurve(SigningKey signer, byte[] message) {
        return booked(signer, message, signer.sign(message));
    }

    private byte[] booked(SigningKey signer, byte[] message, byte[] signature) {
        signed.put(Bytes.of(signature), new Signed(signer.publicKey(), message));
        return signature;
    }

    private static Hash name(PublicKey key, byte[] message, byte[] signature) {
        return Hash.ofDigest(digest("SHA-256", key.value().toArray(), signature, message));
    }

    private static byte[] digest(String algorithm, byte[]... parts) {
        try {
            var digest = MessageDigest.getInstance(algorithm);
            for (var part : parts) digest.update(part);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }

    private static byte[] concat(byte[] first, byte[] second) {
        var both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
