package vn.loalang.controller.core;

import vn.loalang.protocol.Sid;
import vn.loalang.sound.Siren;

/** A piece of what a loudspeaker is to make, in the order of a list. */
public sealed interface Sound {
    /** A piece that lasts until somebody ends it, or until its switch must be stuck. */
    long ENDLESS = 3_600_000;

    /** How long it lasts, ms. */
    long millis();

    /** A canonical recording on the disk. */
    record Recording(AssetRef asset) implements Sound {
        @Override
        public long millis() {
            return asset.millis();
        }
    }

    /**
     * Blasts of a siren, made by the device itself.
     *
     * @param count blasts
     * @param onMs length of each
     * @param offMs silence between two; none follows the last
     */
    record Tone(Siren.Pattern pattern, int count, long onMs, long offMs) implements Sound {
        /** What sounds in place of anything that cannot: ten seconds, steady (NOW-1). */
        static final Tone IN_PLACE = new Tone(Siren.Pattern.STEADY, 1, 10_000, 0);

        @Override
        public long millis() {
            return count * onMs + (count - 1) * offMs;
        }
    }

    /** The built-in introduction and end of an exercise (NOW-7). */
    record Chime() implements Sound {
        @Override
        public long millis() {
            return Siren.CHIME_MILLIS;
        }
    }

    /** Chunks of a live session, each at its moment; it ends with the last one. */
    record Live(Sid sid) implements Sound {
        @Override
        public long millis() {
            return ENDLESS;
        }
    }

    /** A local input that a plan item relays: {@code fm} or {@code line}. */
    record Relay(String input, long millis) implements Sound {}

    /** The microphone at the box, for as long as it is open. */
    record Microphone() implements Sound {
        @Override
        public long millis() {
            return ENDLESS;
        }
    }
}
