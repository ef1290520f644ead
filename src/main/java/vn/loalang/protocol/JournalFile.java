package vn.loalang.protocol;

import java.util.List;

/**
 * The journal as it goes back on a memory stick [USB-2]: an {@code ev} message with {@code sys}, {@code id} and the device's
 * public key {@code x} added, signed by that key as kid {@code d1}. The id follows from the key, so the file proves by itself
 * whose it is.
 *
 * @param sys deployment
 * @param id the device
 * @param events its journal, of any length
 */
public record JournalFile(SystemId sys, DeviceId id, Events events) {
    private static final Kid DEVICE = new Kid("d1");

    /** Name below {@code /GB1/out/}: device, epoch and highest number. */
    public String name() {
        long highest = events.entries().isEmpty()
                ? 0
                : events.entries().get(events.entries().size() - 1).n();
        return id + "-" + events.jid() + "-" + highest + ".gb1";
    }

    /** The signed file; refused when the key is not that of the device. */
    public byte[] sign(SigningKey key) {
        Refusal.unless(DeviceId.of(key.publicKey()).equals(id), "not the key of this device");
        Json.Obj payload = Json.object()
                .put("v", Head.VERSION)
                .put("typ", "ev")
                .put("sys", sys.value())
                .put("id", id.value())
                .put("x", key.publicKey().b64u())
                .putAll(StrictJson.parse(events.encode()))
                .build();
        return Envelope.compose(List.of(new SigningKey(DEVICE, key.seed())), payload.bytes());
    }

    /**
     * Reads and checks a file: shape, key, id, signature and deployment. Whether the device is one of ours, only a registry
     * can tell [USB-2b].
     */
    public static JournalFile read(SystemId own, byte[] file) {
        Envelope envelope = Envelope.parse(file);
        byte[] payload = envelope.payload().raw();
        Fields fields = new Fields(StrictJson.parse(payload));
        PublicKey key = PublicKey.parse(fields.string("x"));
        DeviceId id = new DeviceId(fields.string("id"));
        boolean byItself = envelope.lines().size() == 1
                && envelope.lines().get(0).header().equals(Envelope.header(DEVICE))
                && DeviceId.of(key).equals(id);
        if (!byItself) {
            throw new Refusal(ErrorCode.E_KID, "not signed by the device's own key d1");
        }
        if (!envelope.isSignedBy(0, key)) {
            throw new Refusal(ErrorCode.E_SIG, "the device's signature does not verify");
        }
        SystemId sys = new SystemId(fields.string("sys"));
        if (!sys.equals(own)) {
            throw new Refusal(ErrorCode.E_DST, "the journal of another deployment's device");
        }
        return new JournalFile(sys, id, Events.decode(payload));
    }
}
