package vn.loalang.protocol;

import java.util.List;
import java.util.Optional;

/**
 * A clear is a fact, kept apart from the documents for 7 days: a later document of the same key does not undo it [NOW-4].
 *
 * @param message hash of the message it came with
 * @param by kids of its signatures, the owner first
 * @param to scope
 * @param sid which order; empty for all of them
 * @param cpri rank: the lowest {@code cpri} of its signers; −1 ends nothing and only remembers the message
 * @param iat when it was issued, Unix ms; capped when it came early [TIM-4]
 */
public record Clear(Hash message, List<Kid> by, Scope to, Optional<Sid> sid, int cpri, long iat) {
    /** Rank of an all-clear without {@code clr}: it ends nothing of others. */
    static final int NOTHING = -1;

    public Clear {
        by = List.copyOf(by);
        Refusal.unless(!by.isEmpty(), "a clear has an owner");
        Refusal.inRange("cpri", cpri, NOTHING, 99);
    }

    public Kid owner() {
        return by.get(0);
    }

    /**
     * Whether it ends this entry of a document, also of one that arrives later.
     *
     * @param entryTo scope of that document
     * @param documentIat its moment of issue
     */
    public boolean ends(Entry entry, Scope entryTo, long documentIat) {
        return covers(entryTo)
                && entry.pri() <= cpri
                && documentIat <= iat
                && (sid.isEmpty() || sid.get().equals(entry.sid()));
    }

    /** Equal or narrower; a device's own scope lies within each area it has. */
    private boolean covers(Scope other) {
        if (to instanceof Scope.Area wide) {
            return other instanceof Scope.Device
                    || (other instanceof Scope.Area area && wide.area().covers(area.area()));
        }
        return to.equals(other);
    }

    /** Whether it may be forgotten at this moment. */
    boolean isOver(long t) {
        return t > iat + Limits.CLEAR_KEPT_MS;
    }

    static Clear read(Fields fields) {
        return new Clear(
                Hash.parse(fields.string("h")),
                fields.strings("by", 2, Kid::new),
                Scope.parse(fields.string("to")),
                fields.has("sid") ? Optional.of(new Sid(fields.string("sid"))) : Optional.empty(),
                fields.small("cpri", NOTHING, 99),
                fields.moment("iat"));
    }

    Json.Obj json() {
        return Json.object()
                .put("h", message.b64u())
                .put("by", Json.strings(by.stream().map(Kid::value).toList()))
                .put("to", to.wire())
                .putIf("sid", sid.map(name -> Json.of(name.value())).orElse(null))
                .put("cpri", cpri)
                .put("iat", iat)
                .build();
    }
}
