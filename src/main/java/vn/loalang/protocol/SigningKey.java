package vn.loalang.protocol;

import java.security.SecureRandom;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** A private key under its name: what a holder needs to sign. Its text never shows the seed. */
public final class SigningKey {
    private final Kid kid;
    private final byte[] seed;
    private final PublicKey publicKey;

    /** From the 32 bytes of an Ed25519 seed. */
    public SigningKey(Kid kid, byte[] seed) {
        Refusal.unless(seed.length == Ed25519.SECRET_KEY_SIZE, "a seed has 32 bytes");
        this.kid = kid;
        this.seed = seed.clone();
        byte[] x = new byte[Ed25519.PUBLIC_KEY_SIZE];
        Ed25519.generatePublicKey(this.seed, 0, x, 0);
        this.publicKey = PublicKey.derived(x);
    }

    /** A new key from this source of randomness. */
    public static SigningKey generate(Kid kid, SecureRandom random) {
        byte[] seed = new byte[Ed25519.SECRET_KEY_SIZE];
        Ed25519.generatePrivateKey(random, seed);
        return new SigningKey(kid, seed);
    }

    public Kid kid() {
        return kid;
    }

    public PublicKey publicKey() {
        return publicKey;
    }

    /** A copy of the secret seed, for the key store alone. */
    public byte[] seed() {
        return seed.clone();
    }

    /** The 64 bytes of the signature; the same for the same message. */
    public byte[] sign(byte[] message) {
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        Ed25519.sign(seed, 0, publicKey.value().raw(), 0, message, 0, message.length, signature, 0);
        return signature;
    }

    @Override
    public String toString() {
        return kid + ":" + publicKey;
    }
}
