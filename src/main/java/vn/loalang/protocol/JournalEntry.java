package vn.loalang.protocol;

import org.jspecify.annotations.Nullable;

/**
 * One entry of a device's journal [ACK-1].
 *
 * @param n its number, rising within an epoch, from 1
 * @param t when: Unix ms, or ms since boot at quality U
 * @param q quality of the clock then
 * @param boot the boot {@code t} counts from; only and always at quality U
 * @param event what
 */
public record JournalEntry(
        long n, long t, Quality q, @Nullable Long boot, Event event) {
    private static final int LONGEST_WORD = 32;

    public JournalEntry {
        Refusal.inRange("e[].n", n, 1, Limits.MAX_INTEGER);
        Refusal.inRange("e[].t", t, 0, Limits.MAX_INTEGER);
        Refusal.unless((q == Quality.U) == (boot != null), "e[].boot belongs to quality U");
    }

    /** An entry at a known time. */
    public static JournalEntry at(long n, long t, Quality q, Event event) {
        return new JournalEntry(n, t, q, null, event);
    }

    /** The same under another number, as a new epoch needs [ACK-5]. */
    public JournalEntry renumbered(long number) {
        return new JournalEntry(number, t, q, boot, event);
    }

    static JournalEntry read(Fields fields) {
        Quality q = Unsigned.quality(fields);
        return new JournalEntry(
                fields.integer("n", 1, Limits.MAX_INTEGER),
                fields.moment("t"),
                q,
                q == Quality.U ? (Long) fields.moment("boot") : null,
                Event.of(fields.string("k", LONGEST_WORD), fields.string("s", LONGEST_WORD), fields.object("d")));
    }

    /** The entry as it stands in a batch; also the form to keep it on a disk. */
    public Json.Obj json() {
        return Json.object()
                .put("n", n)
                .put("t", t)
                .put("q", q.name())
                .putIf("boot", boot == null ? null : Json.of(boot))
                .put("k", event.kind())
                .put("s", event.state())
                .put("d", event.details())
                .build();
    }

    /** Reads what {@link #json()} wrote; refuses with {@code E_JSON} or {@code E_SEM}. */
    public static JournalEntry decode(byte[] json) {
        return read(new Fields(StrictJson.parse(json)));
    }
}
