package vn.loalang.protocol;

import java.util.regex.Pattern;

/** Epoch of a device's journal ({@code jid}): its numbers count inside it [ACK-1]. We make 8 hexadecimal digits. */
public record JournalId(String value) {
    private static final Pattern FORMAT = Pattern.compile("[a-z0-9-]{1,16}");

    public JournalId {
        Refusal.unless(FORMAT.matcher(value).matches(), "jid must be 1 to 16 of a–z, 0–9 and -");
    }

    @Override
    public String toString() {
        return value;
    }
}
