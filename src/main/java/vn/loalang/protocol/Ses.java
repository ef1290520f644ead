package vn.loalang.protocol;

import java.util.List;
import java.util.Optional;

/**
 * The live sessions of one scope (§7 of PROTOCOL.md). What it no longer lists is over.
 *
 * @param act the sessions, at most 16
 * @param skipped entries that were left out when it was read [NOW-3]; never written
 */
public record Ses(Head head, List<Entry> act, List<Skipped> skipped) implements Document {
    public Ses {
        Refusal.unless(!(head.to() instanceof Scope.All), "ses is for a device or an area");
        act = List.copyOf(act);
        skipped = List.copyOf(skipped);
        Entry.checkAll(Typ.SES, head.iat(), act);
    }

    public static Ses of(Head head, List<Entry> act) {
        return new Ses(head, act, List.of());
    }

    /** As far as a key of this priority may order; refused when nothing is left. */
    Ses upTo(int pri) {
        Entry.Sorted sorted = Entry.upTo(pri, act, skipped);
        return new Ses(head, sorted.act(), sorted.skipped());
    }

    @Override
    public Typ typ() {
        return Typ.SES;
    }

    @Override
    public Optional<Row> row() {
        return Optional.of(Row.ses(head.to()));
    }

    static Ses read(Head head, Fields fields) {
        Entry.Sorted sorted = Entry.readAll(Typ.SES, head.iat(), fields);
        return new Ses(head, sorted.act(), sorted.skipped());
    }

    @Override
    public Json.Obj json() {
        return head.json(Typ.SES)
                .put("act", Json.array(act.stream().map(Entry::json).toList()))
                .build();
    }
}
