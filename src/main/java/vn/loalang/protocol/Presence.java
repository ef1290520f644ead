package vn.loalang.protocol;

/**
 * Whether a device is connected ({@code st}): published retained after connecting, and as the will.
 *
 * @param on whether it is here
 * @param sn the connection it speaks of; {@code off} with one below the last hello's is ignored [PRE-1]
 */
public record Presence(boolean on, long sn) {
    public Presence {
        Refusal.inRange("sn", sn, 0, Limits.MAX_INTEGER);
    }

    /** Reads the message; refuses with {@code E_JSON} or {@code E_SEM}. */
    public static Presence decode(byte[] message) {
        Fields fields = new Fields(StrictJson.parse(message));
        String state = fields.string("s");
        Refusal.unless(state.equals("on") || state.equals("off"), "s must be on or off");
        return new Presence(state.equals("on"), fields.moment("sn"));
    }

    /** The message. */
    public byte[] encode() {
        return Json.object().put("s", on ? "on" : "off").put("sn", sn).build().bytes();
    }
}
