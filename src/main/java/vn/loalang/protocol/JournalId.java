package vn.loalang.protocol;

/** Epoch of a device's journal ({@code jid}): its numbers count inside it [ACK-1]. We make 8 hexadecimal digits. */
public record JournalId(String value) {
    public JournalId {
        Refusal.unless(Names.isWord(value, 16), "jid must be 1 to 16 of a–z, 0–9 and -");
    }

    @Override
    public String toString() {
        return value;
    }
}
