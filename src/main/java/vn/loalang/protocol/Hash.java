package vn.loalang.protocol;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 of a file or a message: the only authority about what an asset is (§9 of PROTOCOL.md). */
public record Hash(Bytes value) {
    public Hash {
        Refusal.unless(value.size() == 32, "a hash has 32 bytes");
    }

    /** The hash of these bytes. */
    public static Hash of(byte[] content) {
        return new Hash(Bytes.of(sha256().digest(content)));
    }

    /** From the 32 bytes of a finished digest. */
    public static Hash ofDigest(byte[] digest) {
        return new Hash(Bytes.of(digest));
    }

    /** From the form on the wire: 43 characters of base64url. */
    public static Hash parse(String b64u) {
        return new Hash(Bytes.of(Base64Url.decode("hash", b64u, 32, ErrorCode.E_SEM)));
    }

    /** From the form used for file names: 64 lower-case hexadecimal digits. */
    public static Hash parseHex(String hex) {
        Refusal.unless(hex.length() == 64 && hex.equals(hex.toLowerCase(java.util.Locale.ROOT)), "not a hash in hex");
        try {
            return new Hash(Bytes.of(HexFormat.of().parseHex(hex)));
        } catch (IllegalArgumentException e) {
            throw Refusal.sem("not a hash in hex");
        }
    }

    /** A fresh SHA-256, for files that are hashed while they stream. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The form on the wire and in URLs. */
    public String b64u() {
        return Base64Url.encode(value.raw());
    }

    /** The form for file names: safe where upper and lower case are one. */
    public String hex() {
        return HexFormat.of().formatHex(value.raw());
    }

    @Override
    public String toString() {
        return b64u();
    }
}
