package vn.loalang.protocol;

import java.util.Optional;

/**
 * A topic of one deployment, taken apart. It only routes and proves nothing [CON-6].
 *
 * @param kind what travels on it
 * @param scope whom it is for, or for upward kinds the device it comes from
 * @param tail the last level of {@code now man live rep}: a kid, a hash prefix, a session, a command
 */
public record Topic(Kind kind, Scope scope, Optional<String> tail) {
    /** What travels on a topic. */
    public enum Kind {
        KEYS,
        SITE,
        CFG,
        PLAN,
        NOW,
        SES,
        FW,
        RSP,
        MAN,
        BLK,
        LIVE,
        ST,
        HELLO,
        EV,
        NEED,
        REP,
        TEL;

        /** Whether it goes from the device to the server. */
        public boolean isUpward() {
            return switch (this) {
                case ST, HELLO, EV, NEED, REP, TEL -> true;
                case KEYS, SITE, CFG, PLAN, NOW, SES, FW, RSP, MAN, BLK, LIVE -> false;
            };
        }

        /** Whether it has a last level of its own. */
        public boolean hasTail() {
            return switch (this) {
                case NOW, MAN, LIVE, REP -> true;
                case KEYS, SITE, CFG, PLAN, SES, FW, RSP, BLK, ST, HELLO, EV, NEED, TEL -> false;
            };
        }

        /** Quality of service it is published with (§3 of PROTOCOL.md). */
        public int qos() {
            return switch (this) {
                case BLK, LIVE, TEL -> 0;
                case KEYS, SITE, CFG, PLAN, NOW, SES, FW, RSP, MAN, ST, HELLO, EV, NEED, REP -> 1;
            };
        }

        /** Whether it is published retained (§3 of PROTOCOL.md). */
        public boolean isRetained() {
            return switch (this) {
                case KEYS, SITE, CFG, PLAN, NOW, SES, FW, MAN, ST -> true;
                case RSP, BLK, LIVE, HELLO, EV, NEED, REP, TEL -> false;
            };
        }
    }

    /** The device an upward topic comes from, or a {@code d/} topic is for. */
    public Optional<DeviceId> device() {
        return scope instanceof Scope.Device device ? Optional.of(device.id()) : Optional.empty();
    }
}
