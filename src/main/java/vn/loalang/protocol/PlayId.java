package vn.loalang.protocol;

import java.util.Optional;

/** What a {@code play} event is about: an {@link Oid}, or {@code sid#rep} for a repetition of an emergency. */
public record PlayId(String value) {
    private static final int LONGEST_OID = 16;
    private static final int LONGEST_SID = 24;
    private static final int LONGEST_REPETITION = 3;

    public PlayId {
        Refusal.unless(isName(value), "oid of an event must be an oid or sid#repetition");
    }

    private static boolean isName(String value) {
        int mark = value.indexOf('#');
        if (mark < 0) {
            return Names.isWord(value, LONGEST_OID);
        }
        int digits = value.length() - mark - 1;
        for (int i = mark + 1; i < value.length(); i++) {
            if (!Names.isDigit(value.charAt(i))) {
                return false;
            }
        }
        return digits >= 1 && digits <= LONGEST_REPETITION && Names.isWord(value, 0, mark, LONGEST_SID);
    }

    public static PlayId of(Oid oid) {
        return new PlayId(oid.value());
    }

    /** A repetition of an order, from 1. */
    public static PlayId of(Sid sid, int repetition) {
        return new PlayId(sid + "#" + repetition);
    }

    /** The order; empty for a plan item. */
    public Optional<Sid> sid() {
        int hash = value.indexOf('#');
        return hash < 0 ? Optional.empty() : Optional.of(new Sid(value.substring(0, hash)));
    }

    /** The repetition of an order, from 1; 0 for a plan item. */
    public int repetition() {
        int hash = value.indexOf('#');
        return hash < 0 ? 0 : Integer.parseInt(value.substring(hash + 1));
    }

    /** The plan item; empty for a repetition of an emergency. */
    public Optional<Oid> oid() {
        return value.indexOf('#') < 0 ? Optional.of(new Oid(value)) : Optional.empty();
    }

    @Override
    public String toString() {
        return value;
    }
}
