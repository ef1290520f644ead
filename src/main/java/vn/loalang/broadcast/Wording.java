package vn.loalang.broadcast;

import java.util.List;

/**
 * What is to be said of one playback, before it is put in the reader's language.
 *
 * @param key message key of the sentence
 * @param arguments moments, lengths and reasons; {@link PlaybackWords} puts them in words
 * @param known how it is known that something was heard
 */
record Wording(Kind kind, String key, List<Object> arguments, Known known) {
    Wording {
        arguments = List.copyOf(arguments);
    }

    /** What the keys of sentences about an order end with. */
    static final String OF_ORDER = ".order";

    /** The same, said of an order instead of the timetable. */
    Wording ofOrder() {
        return new Wording(kind, key + OF_ORDER, arguments, known);
    }

    /** Kinds of outcome, the worst first: tiles and lists are in this order. */
    enum Kind {
        NOT_PLAYED("bad", "bad"),
        UNKNOWN("off", "unknown"),
        PARTIAL("warn", "warn"),
        LOST("off", "off"),
        WAITING("off", "unknown"),
        PLAYING("ok", "claimed"),
        CLAIMED("ok", "claimed"),
        PLAYED("ok", "ok"),
        READY("ok", "ok"),
        TAKEN_BACK("off", "off");

        private final String tone;
        private final String icon;

        Kind(String tone, String icon) {
            this.tone = tone;
            this.icon = icon;
        }

        /** Its colour's class. */
        public String tone() {
            return tone;
        }

        /** Its symbol's name. */
        public String icon() {
            return icon;
        }
    }

    /** Whether sound was proved, merely claimed by the controller, or none was reported. */
    enum Known {
        PROVED,
        CLAIMED,
        NOTHING;

        /** Message key of the words beside the outcome. */
        public String key() {
            return "broadcast.known." + name();
        }
    }
}
