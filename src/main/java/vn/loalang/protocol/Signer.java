package vn.loalang.protocol;

import java.util.List;
import java.util.Set;

/** The key behind a signature, with the rights it had when the document was accepted. */
public sealed interface Signer {
    Kid kid();

    PublicKey x();

    /** A pinned root. */
    record Root(RootKey key) implements Signer {
        @Override
        public Kid kid() {
            return key.kid();
        }

        @Override
        public PublicKey x() {
            return key.x();
        }
    }

    /** A key that a key document lists. */
    record Listed(KeyEntry key) implements Signer {
        @Override
        public Kid kid() {
            return key.kid();
        }

        @Override
        public PublicKey x() {
            return key.x();
        }
    }

    /** The rank of what these keys order together: the lowest of theirs; roots order nothing. */
    static int pri(List<Signer> signers) {
        return signers.stream()
                .mapToInt(
                        signer -> signer instanceof Listed listed ? listed.key().pri() : 0)
                .min()
                .orElse(0);
    }

    /** The rank of what these keys clear together [NOW-4]. */
    static int cpri(List<Signer> signers) {
        return signers.stream()
                .mapToInt(
                        signer -> signer instanceof Listed listed ? listed.key().cpri() : 0)
                .min()
                .orElse(0);
    }

    /** A document without the entries that are above these keys; refused when none is left [NOW-3]. */
    static Document limit(Document document, List<Signer> signers) {
        if (document instanceof Now now) {
            return now.upTo(pri(signers));
        }
        return document instanceof Ses ses ? ses.upTo(pri(signers)) : document;
    }

    /** Whether what this key signs must not be lost to a full verification budget: keys and emergencies [ENV-7]. */
    default boolean isUrgent() {
        return this instanceof Root
                || (this instanceof Listed listed
                        && (listed.key().use().contains(Use.AKEYS)
                                || listed.key().use().contains(Use.NOW)));
    }

    /** Whether this is a listed key that may do this and was valid at the moment of issue [KEY-5]. */
    default boolean may(Use use, long iat) {
        return this instanceof Listed listed
                && listed.key().use().contains(use)
                && listed.key().nbf() <= iat
                && iat <= listed.key().exp();
    }

    /** Whether a key document has since named it compromised [KEY-6]; roots are replaced instead. */
    default boolean isBad(Set<Kid> bad) {
        return this instanceof Listed && bad.contains(kid());
    }
}
