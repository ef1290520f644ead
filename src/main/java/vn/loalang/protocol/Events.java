package vn.loalang.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * A batch of journal entries ({@code ev}), from the device, unsigned; at most 8,000 bytes [ACK-4].
 *
 * @param jid epoch of the numbers
 * @param entries in rising order of their numbers
 */
public record Events(JournalId jid, List<JournalEntry> entries) {
    public Events {
        entries = List.copyOf(entries);
        long last = 0;
        for (JournalEntry entry : entries) {
            Refusal.unless(entry.n() > last, "e[].n must rise");
            last = entry.n();
        }
    }

    /** The longest beginning of the entries that fits one message. */
    public static Events fitting(JournalId jid, List<JournalEntry> entries) {
        int size = new Events(jid, List.of()).encode().length;
        List<JournalEntry> taken = new ArrayList<>();
        for (JournalEntry entry : entries) {
            size += entry.json().bytes().length + 1;
            if (size > Limits.EVENTS_BATCH && !taken.isEmpty()) {
                break;
            }
            taken.add(entry);
        }
        return new Events(jid, taken);
    }

    /** Reads what came over the network; refuses with {@code E_FMT} what is too long [ACK-4]. */
    public static Events decodeBatch(byte[] message) {
        if (message.length > Limits.EVENTS_BATCH) {
            throw new Refusal(ErrorCode.E_FMT, "ev is longer than 8,000 bytes");
        }
        return decode(message);
    }

    /** Reads a journal of any length; refuses with {@code E_JSON} or {@code E_SEM}. */
    public static Events decode(byte[] message) {
        Fields fields = new Fields(StrictJson.parse(message));
        Unsigned.check(fields, "ev");
        return new Events(
                new JournalId(fields.string("jid")), fields.objects("e", Integer.MAX_VALUE, JournalEntry::read));
    }

    /** The message. */
    public byte[] encode() {
        return Json.object()
                .put("v", Head.VERSION)
                .put("typ", "ev")
                .put("jid", jid.value())
                .put("e", Json.array(entries.stream().map(JournalEntry::json).toList()))
                .build()
                .bytes();
    }
}
