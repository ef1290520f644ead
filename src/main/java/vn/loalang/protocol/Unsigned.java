package vn.loalang.protocol;

/** What the unsigned upward messages share. */
final class Unsigned {
    private Unsigned() {}

    static void check(Fields fields, String typ) {
        Refusal.unless(fields.small("v", 0, Integer.MAX_VALUE) == Head.VERSION, "v must be " + Head.VERSION);
        Refusal.unless(fields.string("typ").equals(typ), "typ must be " + typ);
    }

    static Quality quality(Fields fields) {
        String letter = fields.string("q");
        for (Quality quality : Quality.values()) {
            if (quality.name().equals(letter)) {
                return quality;
            }
        }
        throw Refusal.sem("q must be U, C or T");
    }
}
