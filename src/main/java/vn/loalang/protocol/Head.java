package vn.loalang.protocol;

/**
 * What every signed document begins with.
 *
 * @param sys deployment
 * @param to scope
 * @param seq rises with every document of a row; {@code iat ≤ seq ≤ iat + 25 h} [ENV-5]
 * @param iat issued, Unix ms
 * @param exp last moment of acceptance, Unix ms; not evaluated for {@code keys welcome jack}
 */
public record Head(SystemId sys, Scope to, long seq, long iat, long exp) {
    /** Version of the envelope and the documents ({@code v}). */
    public static final int VERSION = 1;

    public Head {
        Refusal.inRange("iat", iat, 0, Limits.MAX_INTEGER);
        Refusal.inRange("exp", exp, 0, Limits.MAX_INTEGER);
        Refusal.inRange("seq", seq, iat, Math.min(Limits.MAX_INTEGER, iat + Limits.SEQ_AHEAD_MS));
    }

    Json.Obj.Builder json(Typ typ) {
        return Json.object()
                .put("v", VERSION)
                .put("typ", typ.wire())
                .put("sys", sys.value())
                .put("to", to.wire())
                .put("seq", seq)
                .put("iat", iat)
                .put("exp", exp);
    }

    /** The device this is for; refuses other scopes as {@code E_DST}. */
    DeviceId device() {
        if (!(to instanceof Scope.Device device)) {
            throw new Refusal(ErrorCode.E_DST, "this type is for one device");
        }
        return device.id();
    }
}
