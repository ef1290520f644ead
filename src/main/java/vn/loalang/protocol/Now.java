package vn.loalang.protocol;

import java.util.List;
import java.util.Optional;

/**
 * The emergency state of one scope by one key (§7 of PROTOCOL.md). What it no longer lists is over.
 *
 * @param by kid of the first signature, the owner of the state [ENV-6]
 * @param act the orders in force, at most 16; none is the all-clear
 * @param clr what it ends wherever it came from: a sid or {@code *}, at most 16 [NOW-4]
 * @param skipped entries that were left out when it was read [NOW-3]; never written
 */
public record Now(Head head, Kid by, List<Entry> act, List<String> clr, List<Skipped> skipped) implements Document {
    /** In {@code clr}: everything. */
    public static final String EVERYTHING = "*";

    public Now {
        Refusal.unless(!(head.to() instanceof Scope.All), "now is for a device or an area");
        act = List.copyOf(act);
        clr = List.copyOf(clr);
        skipped = List.copyOf(skipped);
        Entry.checkAll(Typ.NOW, head.iat(), act);
        Refusal.atMost("clr", clr.size(), Limits.ENTRIES);
        clr.forEach(Now::cleared);
        long longest = act.isEmpty() ? Limits.CLEAR_KEPT_MS : Limits.ORDER_LIFE_MS;
        Refusal.unless(head.exp() <= head.iat() + longest, "exp is too late for a now");
        for (Entry entry : act) {
            Refusal.unless(head.exp() >= entry.until(), "exp must not be before an entry's until");
        }
    }

    /** Orders in force. */
    public static Now of(Head head, Kid by, List<Entry> act) {
        return new Now(head, by, act, List.of(), List.of());
    }

    /** The all-clear button: ends everything of the scope up to the key's rank. */
    public static Now allClear(Head head, Kid by) {
        return new Now(head, by, List.of(), List.of(EVERYTHING), List.of());
    }

    /** Whether it orders nothing: never refused for being early and needing one signature only [TIM-4] [KEY-4]. */
    public boolean isAllClear() {
        return act.isEmpty();
    }

    /** The sid a name in {@code clr} stands for; empty for everything. */
    static Optional<Sid> cleared(String name) {
        return name.equals(EVERYTHING) ? Optional.empty() : Optional.of(new Sid(name));
    }

    /** As far as a key of this priority may order; refused when nothing is left. */
    Now upTo(int pri) {
        Entry.Sorted sorted = Entry.upTo(pri, act, skipped);
        return new Now(head, by, sorted.act(), clr, sorted.skipped());
    }

    @Override
    public Typ typ() {
        return Typ.NOW;
    }

    @Override
    public Optional<Row> row() {
        return Optional.of(Row.now(head.to(), by));
    }

    static Now read(Head head, Fields fields) {
        Kid by = new Kid(fields.string("by"));
        Entry.Sorted sorted = Entry.readAll(Typ.NOW, head.iat(), fields);
        return new Now(
                head, by, sorted.act(), fields.stringsOrEmpty("clr", Limits.ENTRIES, name -> name), sorted.skipped());
    }

    @Override
    public Json.Obj json() {
        return head.json(Typ.NOW)
                .put("by", by.value())
                .put("act", Json.array(act.stream().map(Entry::json).toList()))
                .putIf("clr", clr.isEmpty() ? null : Json.strings(clr))
                .build();
    }
}
