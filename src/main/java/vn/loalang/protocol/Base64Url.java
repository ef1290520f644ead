package vn.loalang.protocol;

import java.util.Base64;

/** Base64url without padding, in its one canonical form. */
final class Base64Url {
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    private static final Base64.Decoder DECODER = Base64.getUrlDecoder();

    private Base64Url() {}

    static String encode(byte[] bytes) {
        return ENCODER.encodeToString(bytes);
    }

    /** Exactly {@code size} bytes; refuses padding, foreign characters and stray low bits with {@code code}. */
    static byte[] decode(String field, String text, int size, ErrorCode code) {
        byte[] bytes;
        try {
            bytes = DECODER.decode(text);
        } catch (IllegalArgumentException e) {
            throw new Refusal(code, field + " is not base64url");
        }
        if (bytes.length != size || !encode(bytes).equals(text)) {
            throw new Refusal(code, field + " is not the canonical base64url of " + size + " bytes");
        }
        return bytes;
    }
}
