package vn.loalang.protocol;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a journal entry tells: kind {@code k}, state {@code s} and details {@code d} (§11 of PROTOCOL.md). What this
 * revision does not know, or cannot read, is kept as {@link Other}: the journal must never stall on it.
 */
public sealed interface Event {
    /** {@code k} on the wire. */
    String kind();

    /** {@code s} on the wire. */
    String state();

    /** {@code d} on the wire. */
    Json.Obj details();

    /** Whether it belongs to the evidence ring, which outlives the rest [ACK-1]. */
    default boolean isEvidence() {
        return kind().equals("play")
                || kind().equals("cmd")
                || kind().equals("fw")
                || kind().equals("local")
                || (this instanceof FaultChange change && change.fault() == Fault.TAMPER);
    }

    /** Why a sound ended before its time. */
    enum Interruption {
        PREEMPTED,
        STOPPED,
        CLEARED,
        CANCELLED,
        LOCAL_STOP,
        QUIET,
        CEILING,
        POWER_LOSS,
        LINK_LOST,
        FAULT;

        public String wire() {
            return Event.wire(this);
        }
    }

    /** Why an item never sounded. */
    enum Miss {
        LATE,
        POWER_OFF,
        CLOCK,
        QUIET,
        MUTED,
        PREEMPTED,
        ASSET;

        public String wire() {
            return Event.wire(this);
        }
    }

    /** Why a sound could not be made. */
    enum Failure {
        CODEC,
        AMP,
        LINE,
        STORAGE;

        public String wire() {
            return Event.wire(this);
        }
    }

    /** What happened to a document. */
    enum DocumentFate {
        APPLIED,
        CANCELLED,
        SETASIDE
    }

    /** What somebody did at the box. */
    enum LocalAct {
        STOP,
        MIC,
        SIREN,
        CLAIM,
        USB
    }

    /** How a command ended. */
    enum CommandResult {
        OK,
        REFUSED,
        FAILED,
        UNSUPPORTED
    }

    private static String wire(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT);
    }

    private static <E extends Enum<E>> E named(Class<E> type, String wire) {
        for (E value : type.getEnumConstants()) {
            if (wire(value).equals(wire)) {
                return value;
            }
        }
        throw Refusal.sem("unknown name");
    }

    /** A sound began: {@code err} ms from the planned position of the timeline, at {@code pos} ms of the content. */
    record Started(PlayId oid, long err, long pos) implements Event {
        @Override
        public String kind() {
            return "play";
        }

        @Override
        public String state() {
            return "started";
        }

        @Override
        public Json.Obj details() {
            return Json.object()
                    .put("oid", oid.value())
                    .put("err", err)
                    .put("pos", pos)
                    .build();
        }
    }

    /** A sound reached its end: {@code ms} of it sounded in all, how that is proven, at what volume. */
    record Completed(PlayId oid, long ms, Hello.Proof proof, int vol) implements Event {
        @Override
        public String kind() {
            return "play";
        }

        @Override
        public String state() {
            return "completed";
        }

        @Override
        public Json.Obj details() {
            return Json.object()
                    .put("oid", oid.value())
                    .put("ms", ms)
                    .put("proof", proof.wire())
                    .put("vol", vol)
                    .build();
        }
    }

    /** A sound was broken off; {@code ms} of it sounded so far, every stretch together. */
    record Interrupted(PlayId oid, long ms, Hello.Proof proof, Interruption why) implements Event {
        @Override
        public String kind() {
            return "play";
        }

        @Override
        public String state() {
            return "interrupted";
        }

        @Override
        public Json.Obj details() {
            return Json.object()
                    .put("oid", oid.value())
                    .put("ms", ms)
                    .put("proof", proof.wire())
                    .put("why", why.wire())
                    .build();
        }
    }

    /** An item ended without ever having sounded. */
    record Missed(PlayId oid, Miss why) implements Event {
        @Override
        public String kind() {
            return "play";
        }

        @Override
        public String state() {
            return "missed";
        }

        @Override
        public Json.Obj details() {
            return Json.object().put("oid", oid.value()).put("why", why.wire()).build();
        }
    }

    /** A sound could not be made. */
    record Failed(PlayId oid, Failure why) implements Event {
        @Override
        public String kind() {
            return "play";
        }

        @Override
        public String state() {
            return "failed";
        }

        @Override
        public Json.Obj details() {
            return Json.object().put("oid", oid.value()).put("why", why.wire()).build();
        }
    }

    /** A document was applied, cancelled or set aside. */
    record DocumentChange(DocumentFate fate, Row row, long seq) implements Event {
        @Override
        public String kind() {
            return "doc";
        }

        @Override
        public String state() {
            return Event.wire(fate);
        }

        @Override
        public Json.Obj details() {
            return Json.object().put("row", row.wire()).put("seq", seq).build();
        }
    }

    /** Entries of a document were left out: their indexes and the code. */
    record DocumentSkipped(Row row, long seq, List<Integer> indexes, ErrorCode code) implements Event {
        public DocumentSkipped {
            indexes = List.copyOf(indexes);
        }

        @Override
        public String kind() {
            return "doc";
        }

        @Override
        public String state() {
            return "skipped";
        }

        @Override
        public Json.Obj details() {
            return Json.object()
                    .put("row", row.wire())
                    .put("seq", seq)
                    .put("i", Json.integers(indexes))
                    .put("e", code.name())
                    .build();
        }
    }

    /** An asset is complete and verified. */
    record AssetReady(Hash h) implements Event {
        @Override
        public String kind() {
            return "asset";
        }

        @Override
        public String state() {
            return "ready";
        }

        @Override
        public Json.Obj details() {
            return Json.object().put("h", h.b64u()).build();
        }
    }

    /** An asset will not come: a short word why, such as {@code hash}, {@code size}, {@code http}, {@code codec}. */
    record AssetFailed(Hash h, String why) implements Event {
        @Override
        public String kind() {
            return "asset";
        }

        @Override
        public String state() {
            return "failed";
        }

        @Override
        public Json.Obj details() {
            return Json.object().put("h", h.b64u()).put("why", why).build();
        }
    }

    /** A command ended. */
    record Command(
            CommandResult result,
            String cid,
            String op,
            @Nullable String why) implements Event {
        @Override
        public String kind() {
            return "cmd";
        }

        @Override
        public String state() {
            return Event.wire(result);
        }

        @Override
        public Json.Obj details() {
            return Json.object()
                    .put("cid", cid)
                    .put("op", op)
                    .putIf("why", why == null ? null : Json.of(why))
                    .build();
        }
    }

    /** How far a firmware has come. */
    enum FirmwareState {
        DOWNLOADING,
        VERIFIED,
        STAGED,
        TRIAL,
        CONFIRMED,
        ROLLED_BACK,
        FAILED
    }

    /** A firmware's way onto the device; {@code why} it failed or went back. */
    record FirmwareChange(
            FirmwareState reached, String ver, @Nullable String why) implements Event {
        @Override
        public String kind() {
            return "fw";
        }

        @Override
        public String state() {
            return Event.wire(reached);
        }

        @Override
        public Json.Obj details() {
            return Json.object()
                    .put("ver", ver)
                    .putIf("why", why == null ? null : Json.of(why))
                    .build();
        }
    }

    /** A lasting trouble began or ended. */
    record FaultChange(boolean set, Fault fault) implements Event {
        @Override
        public String kind() {
            return "fault";
        }

        @Override
        public String state() {
            return set ? "set" : "clr";
        }

        @Override
        public Json.Obj details() {
            return Json.object().put("f", fault.name()).build();
        }
    }

    /** Messages were refused: how many since the last such entry, and their type where it is known. */
    record Security(ErrorCode code, long count, @Nullable String typ) implements Event {
        @Override
        public String kind() {
            return "sec";
        }

        @Override
        public String state() {
            return code.name();
        }

        @Override
        public Json.Obj details() {
            return Json.object()
                    .put("c", count)
                    .putIf("typ", typ == null ? null : Json.of(typ))
                    .build();
        }
    }

    /** Somebody did something at the box. */
    record Local(LocalAct act) implements Event {
        @Override
        public String kind() {
            return "local";
        }

        @Override
        public String state() {
            return Event.wire(act);
        }

        @Override
        public Json.Obj details() {
            return Json.object().build();
        }
    }

    /** The clock was moved: its readings before and after, ms. */
    record ClockStep(long old, long now) implements Event {
        @Override
        public String kind() {
            return "clk";
        }

        @Override
        public String state() {
            return "step";
        }

        @Override
        public Json.Obj details() {
            return Json.object().put("old", old).put("new", now).build();
        }
    }

    /** The clock's quality changed without a step: its reading before and after, ms; {@code q} of the entry is the new one. */
    record ClockQuality(long old, long now) implements Event {
        @Override
        public String kind() {
            return "clk";
        }

        @Override
        public String state() {
            return "qual";
        }

        @Override
        public Json.Obj details() {
            return Json.object().put("old", old).put("new", now).build();
        }
    }

    /** Entries fell out of their ring before they were acknowledged: {@code count} of those from lo to hi. */
    record Gap(long lo, long hi, long count) implements Event {
        @Override
        public String kind() {
            return "gap";
        }

        @Override
        public String state() {
            return "lost";
        }

        @Override
        public Json.Obj details() {
            return Json.object().put("lo", lo).put("hi", hi).put("c", count).build();
        }
    }

    /** Something this revision does not know; stored and acknowledged all the same. */
    record Other(String kind, String state, Json.Obj details) implements Event {}

    /** From the wire; {@link Other} for what is unknown or incomplete. */
    static Event of(String kind, String state, Json.Obj details) {
        try {
            return known(kind, state, new Fields(details)).orElseGet(() -> new Other(kind, state, details));
        } catch (Refusal incomplete) {
            return new Other(kind, state, details);
        }
    }

    private static Optional<Event> known(String kind, String state, Fields d) {
        return Optional.ofNullable(
                switch (kind) {
                    case "play" -> play(state, d);
                    case "doc" -> document(state, d);
                    case "asset" -> asset(state, d);
                    case "cmd" ->
                        new Command(
                                named(CommandResult.class, state),
                                d.string("cid"),
                                d.string("op"),
                                d.optionalString("why", 64));
                    case "fw" ->
                        new FirmwareChange(
                                named(FirmwareState.class, state), d.string("ver", 32), d.optionalString("why", 64));
                    case "fault" -> fault(state, d);
                    case "sec" ->
                        new Security(
                                ErrorCode.of(state).orElseThrow(() -> Refusal.sem("unknown code")),
                                d.moment("c"),
                                d.optionalString("typ", 16));
                    case "local" -> new Local(named(LocalAct.class, state));
                    case "clk" -> clock(state, d);
                    case "gap" -> state.equals("lost") ? new Gap(d.moment("lo"), d.moment("hi"), d.moment("c")) : null;
                    default -> null;
                });
    }

    private static @Nullable Event play(String state, Fields d) {
        PlayId oid = new PlayId(d.string("oid"));
        return switch (state) {
            case "started" ->
                new Started(oid, d.integer("err", -Limits.MAX_INTEGER, Limits.MAX_INTEGER), d.moment("pos"));
            case "completed" ->
                new Completed(oid, d.moment("ms"), Hello.Proof.read(d.string("proof")), d.small("vol", 0, 100));
            case "interrupted" ->
                new Interrupted(
                        oid,
                        d.moment("ms"),
                        Hello.Proof.read(d.string("proof")),
                        named(Interruption.class, d.string("why")));
            case "missed" -> new Missed(oid, named(Miss.class, d.string("why")));
            case "failed" -> new Failed(oid, named(Failure.class, d.string("why")));
            default -> null;
        };
    }

    private static Event document(String state, Fields d) {
        Row row = Row.parse(d.string("row"));
        long seq = d.moment("seq");
        if (state.equals("skipped")) {
            return new DocumentSkipped(
                    row,
                    seq,
                    d.smalls("i", 64, 0, Integer.MAX_VALUE),
                    ErrorCode.of(d.string("e")).orElseThrow(() -> Refusal.sem("unknown code")));
        }
        return new DocumentChange(named(DocumentFate.class, state), row, seq);
    }

    private static @Nullable Event asset(String state, Fields d) {
        Hash h = Hash.parse(d.string("h"));
        return switch (state) {
            case "ready" -> new AssetReady(h);
            case "failed" -> new AssetFailed(h, d.string("why", 64));
            default -> null;
        };
    }

    private static @Nullable Event fault(String state, Fields d) {
        Fault fault = Fault.of(d.string("f")).orElseThrow(() -> Refusal.sem("unknown fault"));
        return switch (state) {
            case "set" -> new FaultChange(true, fault);
            case "clr" -> new FaultChange(false, fault);
            default -> null;
        };
    }

    private static @Nullable Event clock(String state, Fields d) {
        return switch (state) {
            case "step" -> new ClockStep(d.moment("old"), d.moment("new"));
            case "qual" -> new ClockQuality(d.moment("old"), d.moment("new"));
            default -> null;
        };
    }
}
