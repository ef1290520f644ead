package vn.loalang.protocol;

import java.util.List;

/** Reads any message of the text or of the vectors, signed or not, with the decoder that either end uses. */
final class Messages {
    private Messages() {}

    /** The JSON of a message: all of it, or what its signature lines sign. */
    static byte[] payload(byte[] message) {
        return message.length > 0 && message[0] == '{'
                ? message
                : Envelope.parse(message).payload().raw();
    }

    /** Entries a device would leave out. */
    static List<Skipped> skipped(Json.Obj payload) {
        if (!(payload.get("typ") instanceof Json.Str typ) || Typ.of(typ.value()).isEmpty()) {
            return List.of();
        }
        Document document = Document.decode(payload);
        return document instanceof Now now ? now.skipped() : document instanceof Ses ses ? ses.skipped() : List.of();
    }

    /** Decodes a message by its type; refuses what our own code would refuse. */
    static Object decode(byte[] message) {
        byte[] payload = payload(message);
        Json.Obj json = StrictJson.parseWithFractions(payload);
        String name = Schemas.nameFor(json);
        return switch (name) {
            case "hello" -> Hello.decode(payload);
            case "st" -> Presence.decode(payload);
            case "ev" -> Events.decode(payload);
            case "tel" -> Telemetry.decode(payload);
            case "need" -> Need.decode(payload);
            case "claim" -> ClaimFile.decode(payload);
            case "rep" -> Report.decode(new Cid(new Fields(json).string("cid")), payload);
            default -> Document.decode(payload);
        };
    }
}
