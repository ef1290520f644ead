package vn.loalang.protocol;

import java.util.regex.Pattern;

/**
 * A file of sound.
 *
 * @param h its hash, the only authority
 * @param sz bytes, at least 1
 * @param c codec: {@code mp3} (24 kHz mono 48 kbit/s) or one of the device's {@code cap.codec}
 */
public record Asset(Hash h, long sz, String c) {
    /** The canonical codec (D9). */
    public static final String MP3 = "mp3";

    private static final Pattern CODEC = Pattern.compile("[a-z0-9-]{1,16}");

    public Asset {
        Refusal.inRange("sz", sz, 1, Limits.MAX_INTEGER);
        Refusal.unless(isCodec(c), "c must be 1 to 16 of a–z, 0–9 and -");
    }

    /** A canonical recording. */
    public static Asset mp3(Hash h, long sz) {
        return new Asset(h, sz, MP3);
    }

    /** Whether this may be the name of a codec. */
    static boolean isCodec(String name) {
        return CODEC.matcher(name).matches();
    }

    static Asset read(Fields fields) {
        return new Asset(
                Hash.parse(fields.string("h")), fields.integer("sz", 1, Limits.MAX_INTEGER), fields.string("c"));
    }

    Json.Obj json() {
        return Json.object().put("h", h.b64u()).put("sz", sz).put("c", c).build();
    }
}
