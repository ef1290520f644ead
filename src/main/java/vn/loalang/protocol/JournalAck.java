package vn.loalang.protocol;

/**
 * How far the server has stored a device's journal.
 *
 * @param jid the epoch
 * @param upto highest number such that all up to it are stored or lost for good; 0 is none
 * @param fresh whether the device must start a new epoch ({@code new} on the wire) [ACK-5]
 */
public record JournalAck(JournalId jid, long upto, boolean fresh) {
    public JournalAck {
        Refusal.inRange("upto", upto, 0, Limits.MAX_INTEGER);
    }

    static JournalAck read(Fields fields) {
        return new JournalAck(
                new JournalId(fields.string("jid")),
                fields.integer("upto", 0, Limits.MAX_INTEGER),
                fields.bool("new", false));
    }

    Json.Obj json() {
        return Json.object()
                .put("jid", jid.value())
                .put("upto", upto)
                .putIf("new", fresh ? Json.of(true) : null)
                .build();
    }
}
