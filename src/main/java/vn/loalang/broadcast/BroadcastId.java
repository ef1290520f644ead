package vn.loalang.broadcast;

import java.security.SecureRandom;
import java.util.Optional;
import vn.loalang.protocol.Oid;

/** Identity of a broadcast: 63 random bits, never used again; on the wire 13 characters of base32. */
public record BroadcastId(long value) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int LENGTH = 13;

    public BroadcastId {
        if (value <= 0) {
            throw new IllegalArgumentException("Not a broadcast id: " + value);
        }
    }

    /** An id that nothing has yet. */
    public static BroadcastId random() {
        return new BroadcastId(1 + (RANDOM.nextLong() >>> 1) % Long.MAX_VALUE);
    }

    /** The broadcast that a controller means; empty if the server never gave such an oid. */
    public static Optional<BroadcastId> of(Oid oid) {
        return parse(oid.value());
    }

    /** The id from its form on the wire, which is also its form in addresses of pages. */
    public static Optional<BroadcastId> parse(String text) {
        if (text.length() != LENGTH) {
            return Optional.empty();
        }
        long value = 0;
        for (int i = 0; i < LENGTH; i++) {
            var digit = ALPHABET.indexOf(text.charAt(i));
            if (digit < 0 || (i == 0 && digit > 7)) {
                return Optional.empty();
            }
            value = value << 5 | digit;
        }
        return value <= 0 ? Optional.empty() : Optional.of(new BroadcastId(value));
    }

    /** The form on the wire. */
    public Oid oid() {
        return new Oid(toString());
    }

    /** 13 characters of base32, small letters: the 63 bits with two zero bits before them. */
    @Override
    public String toString() {
        var text = new StringBuilder(LENGTH);
        for (int shift = (LENGTH - 1) * 5; shift >= 0; shift -= 5) {
            text.append(ALPHABET.charAt((int) (value >>> shift & 31)));
        }
        return text.toString();
    }
}
