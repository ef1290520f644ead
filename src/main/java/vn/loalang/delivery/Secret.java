package vn.loalang.delivery;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The password of one MQTT and HTTP account: 256 random bits, so its SHA-256 may be stored. A slow password hash would
 * cost minutes when a whole fleet reconnects at once.
 *
 * @param text base64url without padding, 43 characters
 */
record Secret(String text) {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** A fresh secret nobody has seen. */
    static Secret random() {
        var bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    /** What may be stored. */
    byte[] sha256() {
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    @Override
    public String toString() {
        return "Secret[…]";
    }
}
