package vn.loalang.protocol;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;

/**
 * An accepted document as a device keeps it: the bytes as they came, and the keys that signed them, because those may
 * leave the key set before the document does [KEY-6].
 *
 * @param row its place
 * @param document what it says
 * @param message the bytes as received
 * @param hash of the message
 * @param signers the keys of its lines, in their order
 */
public record Stored(Row row, Document document, Bytes message, Hash hash, List<Signer> signers) {
    public Stored {
        signers = List.copyOf(signers);
    }

    public long seq() {
        return document.head().seq();
    }

    /** The form to keep on a disk: one line of JSON naming the signing keys, then the message. */
    public byte[] encode() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Json.object()
                .put(
                        "signers",
                        Json.array(signers.stream()
                                .map(signer -> signer instanceof Signer.Listed listed
                                        ? listed.key().json()
                                        : new RootKey(signer.kid(), signer.x()).json())
                                .toList()))
                .build()
                .bytes());
        out.write('\n');
        out.writeBytes(message.raw());
        return out.toByteArray();
    }

    /**
     * Reads what {@link #encode()} wrote and checks every signature, but no right and no freshness: those are the
     * matter of {@link DeviceState#restore}. Refuses what a disk has damaged.
     */
    public static Stored decode(byte[] file) {
        return decode(file, SignatureCheck.EXACT);
    }

    /** The same by somebody else's judgement of signatures. */
    public static Stored decode(byte[] file, SignatureCheck check) {
        int end = 0;
        while (end < file.length && file[end] != '\n') {
            end++;
        }
        List<Signer> signers =
                new Fields(StrictJson.parse(Arrays.copyOf(file, end))).objects("signers", 2, Stored::signer);
        Envelope envelope = Envelope.parse(Arrays.copyOfRange(file, Math.min(end + 1, file.length), file.length));
        Refusal.unless(signers.size() == envelope.lines().size(), "signers do not match the lines");
        for (int i = 0; i < signers.size(); i++) {
            Signer signer = signers.get(i);
            boolean right = envelope.lines().get(i).header().equals(Envelope.header(signer.kid()))
                    && envelope.isSignedBy(i, signer.x(), check);
            if (!right) {
                throw new Refusal(ErrorCode.E_SIG, "the stored signature does not verify");
            }
        }
        Document document = Signer.limit(Document.decode(envelope.payload().raw()), signers);
        Row row = document.row().orElseThrow(() -> Refusal.sem("this type is never stored"));
        return new Stored(
                row, document, envelope.message(), Hash.of(envelope.message().raw()), signers);
    }

    private static Signer signer(Fields fields) {
        return new Kid(fields.string("kid")).isRoot()
                ? new Signer.Root(RootKey.read(fields))
                : new Signer.Listed(KeyEntry.read(fields));
    }
}
