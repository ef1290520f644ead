package vn.loalang.protocol;

import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The answer to a {@code report} command, unsigned, on {@code u/{id}/rep/{cid}} (§7 of PROTOCOL.md).
 *
 * @param cid the command
 * @param body what was asked for
 */
public record Report(Cid cid, Body body) {
    private static final String TYPE = "rep";
    private static final String STATE = "state";
    private static final String LOG = "log";
    private static final String DOC = "doc";

    /** What a report tells. */
    public sealed interface Body {}

    /** The device as it is, in the device's own words; at least {@code t q rows play flt} as its text says. */
    public record State(Json.Obj data) implements Body {}

    /** The last lines of the device's own log, oldest first, at most 100. */
    public record Log(List<String> lines) implements Body {
        public Log {
            lines = List.copyOf(lines);
            Refusal.atMost("data", lines.size(), Limits.REPORT_LINES);
        }
    }

    /** The stored document of a row, byte for byte as it was received; empty when there is none. */
    public record Doc(Row row, Optional<Bytes> message) implements Body {}

    /** The bytes on the wire. */
    public byte[] encode() {
        Json.Obj.Builder json =
                Json.object().put("v", Head.VERSION).put("typ", TYPE).put("cid", cid.value());
        if (body instanceof State state) {
            json.put("what", STATE).put("data", state.data());
        } else if (body instanceof Log log) {
            json.put("what", LOG).put("data", Json.strings(log.lines()));
        } else if (body instanceof Doc doc) {
            json.put("what", DOC)
                    .put("row", doc.row().wire())
                    .putIf(
                            "data",
                            doc.message()
                                    .map(message -> Json.of(Base64Url.encode(message.raw())))
                                    .orElse(null));
        }
        return json.build().bytes();
    }

    /** Reads an answer. */
    public static Report decode(byte[] bytes) {
        Refusal.unless(bytes.length <= Limits.REPORT, "a report is at most " + Limits.REPORT + " bytes");
        Fields fields = new Fields(StrictJson.parse(bytes));
        Unsigned.check(fields, TYPE);
        return new Report(
                new Cid(fields.string("cid")),
                switch (fields.string("what")) {
                    case STATE -> new State(fields.object("data"));
                    case LOG -> new Log(fields.strings("data", Limits.REPORT_LINES, line -> line));
                    case DOC ->
                        new Doc(
                                Row.parse(fields.string("row")),
                                fields.has("data") ? Optional.of(bytes(fields.string("data"))) : Optional.empty());
                    default -> throw Refusal.sem("what must be state, log or doc");
                });
    }

    private static Bytes bytes(String b64u) {
        try {
            return Bytes.of(Base64.getUrlDecoder().decode(b64u));
        } catch (IllegalArgumentException e) {
            throw Refusal.sem("data is not base64url");
        }
    }
}
