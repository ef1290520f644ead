package vn.loalang.protocol;

import java.util.Optional;
import java.util.regex.Pattern;

/** What a {@code play} event is about: an {@link Oid}, or {@code sid#rep} for a repetition of an emergency. */
public record PlayId(String value) {
    private static final Pattern FORMAT = Pattern.compile("[a-z0-9-]{1,16}|[a-z0-9-]{1,24}#[0-9]{1,3}");

    public PlayId {
        Refusal.unless(FORMAT.matcher(value).matches(), "oid of an event must be an oid or sid#repetition");
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
