package vn.loalang.protocol;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Unit of state and of marks: a document replaces only its own row (§4 of PROTOCOL.md). On the wire {@code keys},
 * {@code keys@{to}}, {@code site}, {@code cfg}, {@code plan}, {@code fw}, {@code ses@{to}}, {@code now@{to}@{by}}.
 *
 * @param typ the type of its documents
 * @param to the scope, where one device has several rows of the type; else null
 * @param by the owner of an emergency state; else null
 */
public record Row(Typ typ, @Nullable Scope to, @Nullable Kid by) implements Comparable<Row> {
    public static final Row KEYS = new Row(Typ.KEYS, null, null);
    public static final Row SITE = new Row(Typ.SITE, null, null);
    public static final Row CFG = new Row(Typ.CFG, null, null);
    public static final Row PLAN = new Row(Typ.PLAN, null, null);
    public static final Row FW = new Row(Typ.FW, null, null);

    public Row {
        boolean fits =
                switch (typ) {
                    case KEYS -> by == null && (to == null || to instanceof Scope.Area);
                    case SITE, CFG, PLAN, FW -> to == null && by == null;
                    case SES -> to != null && by == null;
                    case NOW -> to != null && by != null;
                    case WELCOME, JACK, CMD, MAN, BUNDLE -> false;
                };
        Refusal.unless(fits, "not a row");
    }

    /** The row of the keys for this scope: the deployment's for {@code *}, otherwise the area's. */
    public static Row keys(Scope to) {
        return to instanceof Scope.All ? KEYS : new Row(Typ.KEYS, to, null);
    }

    /** The emergency state of a scope by one key. */
    public static Row now(Scope to, Kid by) {
        return new Row(Typ.NOW, to, by);
    }

    /** The live sessions of a scope. */
    public static Row ses(Scope to) {
        return new Row(Typ.SES, to, null);
    }

    /** The row of that form; empty for one that only a later revision knows. */
    public static Optional<Row> of(String wire) {
        try {
            return Optional.of(parse(wire));
        } catch (Refusal unknown) {
            return Optional.empty();
        }
    }

    /** The row of that form; refuses anything else with {@code E_SEM}. */
    public static Row parse(String wire) {
        String[] parts = wire.split("@", -1);
        Typ typ = Typ.of(parts[0]).orElseThrow(() -> Refusal.sem("not a row"));
        Refusal.unless(parts.length <= 3, "not a row");
        return new Row(
                typ, parts.length > 1 ? Scope.parse(parts[1]) : null, parts.length > 2 ? new Kid(parts[2]) : null);
    }

    /** The form on the wire. */
    public String wire() {
        return typ.wire() + (to == null ? "" : "@" + to.wire()) + (by == null ? "" : "@" + by);
    }

    @Override
    public int compareTo(Row other) {
        // Asked for whenever a device looks into its state: only rows of one type need their whole names.
        if (typ != other.typ) {
            return typ.wire().compareTo(other.typ.wire());
        }
        return equals(other) ? 0 : wire().compareTo(other.wire());
    }

    @Override
    public String toString() {
        return wire();
    }
}
