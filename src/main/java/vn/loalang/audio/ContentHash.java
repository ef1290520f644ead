package vn.loalang.audio;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * SHA-256 of a file, which is also its name in the store.
 *
 * @param hex 64 small hexadecimal digits: safe where upper and lower case are one
 */
public record ContentHash(String hex) {
    private static final Pattern FORMAT = Pattern.compile("[0-9a-f]{64}");

    public ContentHash {
        if (!FORMAT.matcher(hex).matches()) {
            throw new IllegalArgumentException("Not a SHA-256 in hexadecimal digits");
        }
    }

    /** From the 32 bytes of a finished digest. */
    public static ContentHash of(byte[] digest) {
        return new ContentHash(HexFormat.of().formatHex(digest));
    }

    /** A fresh SHA-256. */
    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The form on the wire: 43 characters of base64url. */
    public String b64u() {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(HexFormat.of().parseHex(hex));
    }
}
