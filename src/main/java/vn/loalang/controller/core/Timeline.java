package vn.loalang.controller.core;

import vn.loalang.protocol.Limits;

/**
 * Where a plan item stands at a moment (rule POS-1). Position in the sound is position in time: an item that joins late joins
 * where its neighbours are, so ends are exact and nothing is heard twice.
 */
final class Timeline {
    /** How far sound may have gone beyond the last remembered position. */
    static final long POSITION_RESOLUTION_MS = 2_000;

    private Timeline() {}

    /** What an item may do. */
    sealed interface Place {
        /** Its time has not come (or comes again: a clock that stepped back never repeats sound). */
        record Ahead() implements Place {}

        /** It may sound now. */
        record Joins(long offsetMs, long limitMs) implements Place {}

        /** It can never sound again. */
        record Over() implements Place {}
    }

    /**
     * @param atMs planned start, Unix ms
     * @param durMs longest sound
     * @param lateMs how late a first start may be
     * @param audioMs true length of the audio
     */
    record Span(long atMs, long durMs, long lateMs, long audioMs) {
        /** The end: the shorter of the order and the audio. */
        long endMs() {
            return atMs + Math.min(durMs, audioMs);
        }
    }

    static Place place(Span item, DoneMemory.Done past, long now) {
        if (past.ended()) return new Place.Over();
        var late = now - item.atMs();
        if (late < 0) return new Place.Ahead();
        if (past.starts() == 0 && late <= Limits.ON_TIME_MS) {
            var limit = Math.min(item.durMs() - late, item.audioMs());
            return limit > 0 ? new Place.Joins(0, limit) : new Place.Over();
        }
        if (item.endMs() - now < Limits.JOIN_REMAINING_MS) return new Place.Over();
        if (past.starts() == 0) {
            if (late > item.lateMs()) return new Place.Over();
        } else {
            if (past.powerCuts() > Limits.POWER_REJOINS) return new Place.Over();
            if (late < past.positionMs() + POSITION_RESOLUTION_MS) return new Place.Ahead();
        }
        return new Place.Joins(late, item.endMs() - now);
    }
}
