package vn.loalang.protocol;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** An Ed25519 public key; only points of the prime-order group exist here [ENV-3]. */
public record PublicKey(Bytes value) {
    private static final int REMEMBERED = 256;

    /** Keys found right lately: the same few are read again with every document, and a slow board feels it. */
    private static final Set<Bytes> USABLE = ConcurrentHashMap.newKeySet();

    public PublicKey {
        Refusal.unless(
                value.size() == Ed25519.PUBLIC_KEY_SIZE && (USABLE.contains(value) || isUsable(value)),
                "x is not a usable Ed25519 key");
    }

    private static boolean isUsable(Bytes x) {
        boolean usable = Ed25519.validatePublicKeyFull(x.raw(), 0);
        if (usable) {
            remember(x);
        }
        return usable;
    }

    private static void remember(Bytes x) {
        if (USABLE.size() >= REMEMBERED) {
            USABLE.clear();
        }
        USABLE.add(x);
    }

    /** What was made of a seed is a multiple of the base point, so it lies in the group without being looked at. */
    static PublicKey derived(byte[] x) {
        Bytes value = Bytes.of(x);
        remember(value);
        return new PublicKey(value);
    }

    /** From the form on the wire: 43 characters of base64url. */
    public static PublicKey parse(String b64u) {
        return new PublicKey(Bytes.of(Base64Url.decode("x", b64u, Ed25519.PUBLIC_KEY_SIZE, ErrorCode.E_SEM)));
    }

    public String b64u() {
        return Base64Url.encode(value.raw());
    }

    /**
     * Whether the signature is right, by the cofactorless equation with S below the group order [ENV-3]. The library
     * checks the equation up to a factor of its own choice; R in the prime-order group, like the key, makes that exact.
     */
    public boolean verifies(byte[] message, byte[] signature) {
        return signature.length == Ed25519.SIGNATURE_SIZE
                && Ed25519.verify(signature, 0, value.raw(), 0, message, 0, message.length)
                && Ed25519.validatePublicKeyFull(signature, 0);
    }

    @Override
    public String toString() {
        return b64u();
    }
}
