package vn.loalang.protocol;

/**
 * How signatures are judged. Whatever runs for real computes every one; many simulated devices in one process may share what
 * has been computed once, because the answer depends on nothing but these bytes.
 */
@FunctionalInterface
public interface SignatureCheck {
    /** Computes it each time. */
    SignatureCheck EXACT = PublicKey::verifies;

    /** Whether this is the key's signature of the message; neither array is ever written to. */
    boolean verifies(PublicKey key, byte[] message, byte[] signature);
}
