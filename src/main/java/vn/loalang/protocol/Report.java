package vn.loalang.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The answer to a {@code report} command, unsigned, on {@code u/{id}/rep/{cid}} (§7 of PROTOCOL.md). A stored document
 * travels as the very bytes it was received in; everything else is JSON.
 *
 * @param cid the command
 * @param body what was asked for
 */
public record Report(Cid cid, Body body) {
    private static final String TYPE = "rep";
    private static final int MOST_LINES = 200;
    private static final int LONGEST_LINE = 400;

    /** What a report tells. */
    public sealed interface Body {}

    /**
     * The device as it is.
     *
     * @param clk its clock
     * @param rows mark of each row
     * @param sounding what sounds now, by play id; empty in silence
     * @param flt standing faults; names of later revisions are left out
     * @param facts further names and values, for people
     */
    public record State(
            DeviceTime clk, Map<Row, Long> rows, List<PlayId> sounding, List<Fault> flt, Map<String, String> facts)
            implements Body {
        public State {
            rows = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(rows));
            sounding = List.copyOf(sounding);
            flt = List.copyOf(flt);
            facts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(facts));
        }
    }

    /** The last lines of the device's own log, oldest first. */
    public record Log(List<String> lines) implements Body {
        public Log {
            lines = List.copyOf(lines);
            Refusal.atMost("lines", lines.size(), MOST_LINES);
            for (String line : lines) {
                Refusal.unless(characters(line) <= LONGEST_LINE, "a line has more than 400 characters");
            }
        }

        /** Of lines of any length: what is too long is cut. */
        public static Log of(List<String> lines) {
            return new Log(lines.stream()
                    .map(line -> characters(line) <= LONGEST_LINE
                            ? line
                            : line.substring(0, line.offsetByCodePoints(0, LONGEST_LINE)))
                    .toList());
        }

        private static int characters(String line) {
            return line.codePointCount(0, line.length());
        }
    }

    /** A stored document, byte for byte. */
    public record Doc(Bytes message) implements Body {}

    /** The device has no document in that row. */
    public record Absent(Row row) implements Body {}

    /** The bytes on the wire. */
    public byte[] encode() {
        if (body instanceof Doc doc) {
            return doc.message().toArray();
        }
        Json.Obj.Builder json =
                Json.object().put("v", Head.VERSION).put("typ", TYPE).put("cid", cid.value());
        if (body instanceof State state) {
            Json.Obj.Builder rows = Json.object();
            state.rows().forEach((row, seq) -> rows.put(row.wire(), seq));
            Json.Obj.Builder facts = Json.object();
            state.facts().forEach(facts::put);
            json.put("what", "state")
                    .put("t", state.clk().t())
                    .put("q", state.clk().q().name())
                    .put("rows", rows.build())
                    .put(
                            "play",
                            Json.strings(
                                    state.sounding().stream().map(PlayId::value).toList()))
                    .put(
                            "flt",
                            Json.strings(state.flt().stream().map(Fault::name).toList()))
                    .put("facts", facts.build());
        } else if (body instanceof Log log) {
            json.put("what", "log").put("lines", Json.strings(log.lines()));
        } else if (body instanceof Absent absent) {
            json.put("what", "doc").put("row", absent.row().wire()).put("none", true);
        }
        return json.build().bytes();
    }

    /** Reads what came for this command; a signed message is the stored document. */
    public static Report decode(Cid cid, byte[] bytes) {
        if (bytes.length > 0 && bytes[0] != '{') {
            Envelope.parse(bytes);
            return new Report(cid, new Doc(Bytes.of(bytes)));
        }
        Fields fields = new Fields(StrictJson.parse(bytes));
        Unsigned.check(fields, TYPE);
        Refusal.unless(fields.string("cid").equals(cid.value()), "cid is another command's");
        return new Report(
                cid,
                switch (fields.string("what")) {
                    case "state" -> state(fields);
                    case "log" -> new Log(fields.strings("lines", MOST_LINES, line -> line));
                    case "doc" -> absent(fields);
                    default -> throw Refusal.sem("what must be state, log or doc");
                });
    }

    private static Absent absent(Fields fields) {
        Refusal.unless(fields.bool("none"), "none must be true");
        return new Absent(Row.parse(fields.string("row")));
    }

    private static State state(Fields fields) {
        Map<String, String> facts = new LinkedHashMap<>();
        Fields named = fields.fields("facts");
        for (String name : named.raw().members().keySet()) {
            facts.put(name, named.string(name));
        }
        return new State(
                new DeviceTime(fields.moment("t"), Unsigned.quality(fields)),
                fields.moments("rows", Row::of),
                fields.strings("play", 8, PlayId::new),
                fields.strings("flt", 64, Fault::of).stream()
                        .flatMap(Optional::stream)
                        .toList(),
                facts);
    }
}
