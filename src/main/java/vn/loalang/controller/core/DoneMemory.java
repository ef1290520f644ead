package vn.loalang.controller.core;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.Timers;

/**
 * What of each item has sounded (rule ACK-3): apart from the journal, untouched by acknowledgements, so that neither a repeated
 * plan nor a stepped clock nor a power cut makes a village hear the same minute twice.
 */
final class DoneMemory {
    private static final String PREFIX = "done/";

    /**
     * @param starts how often it began to sound
     * @param ended it will never sound again
     * @param positionMs furthest position in the sound that is known to have been reached
     * @param heardMs sound made of it so far, every stretch together
     * @param missed it was reported missed; should a corrected clock bring its time again, it may still sound
     * @param powerCuts how often the power failed while it sounded
     * @param forgetAt Unix ms after which the memory may go
     */
    record Done(
            int starts, boolean ended, boolean missed, long positionMs, long heardMs, int powerCuts, long forgetAt) {
        static final Done NOTHING = new Done(0, false, false, 0, 0, 0, 0);

        Done started(long forget) {
            return new Done(starts + 1, ended, missed, positionMs, heardMs, powerCuts, Math.max(forgetAt, forget));
        }

        /** What had begun was not heard after all and may begin as if it never had. */
        Done takenBack() {
            return new Done(starts - 1, ended, missed, positionMs, heardMs, powerCuts, forgetAt);
        }

        Done reached(long position, long heard) {
            return new Done(
                    starts,
                    ended,
                    missed,
                    Math.max(positionMs, position),
                    Math.max(heardMs, heard),
                    powerCuts,
                    forgetAt);
        }

        Done cut() {
            return new Done(starts, ended, missed, positionMs, heardMs, powerCuts + 1, forgetAt);
        }

        Done finished(long forget) {
            return new Done(starts, true, missed, positionMs, heardMs, powerCuts, Math.max(forgetAt, forget));
        }

        Done missing(long forget) {
            return new Done(starts, ended, true, positionMs, heardMs, powerCuts, Math.max(forgetAt, forget));
        }

        String text() {
            return starts + " " + ended + " " + missed + " " + positionMs + " " + heardMs + " " + powerCuts + " "
                    + forgetAt;
        }

        static Done parse(String text) {
            var f = text.split(" ");
            return new Done(
                    Integer.parseInt(f[0]),
                    Boolean.parseBoolean(f[1]),
                    Boolean.parseBoolean(f[2]),
                    Long.parseLong(f[3]),
                    Long.parseLong(f[4]),
                    Integer.parseInt(f[5]),
                    Long.parseLong(f[6]));
        }
    }

    private final Memory memory;
    private final Map<Oid, Done> done = new HashMap<>();

    DoneMemory(Memory memory) {
        this.memory = memory;
        memory.under(PREFIX)
                .forEach((key, text) -> done.put(new Oid(key.substring(PREFIX.length())), Done.parse(text)));
    }

    Done of(Oid oid) {
        return done.getOrDefault(oid, Done.NOTHING);
    }

    void put(Oid oid, Done now) {
        done.put(oid, now);
        memory.put(PREFIX + oid, now.text());
    }

    /** When an item that ends at {@code endMs} may be forgotten. */
    static long forgetAfter(long endMs) {
        return endMs + Timers.DONE_KEPT.toMillis();
    }

    /** Forgets what is a day past its end and no longer planned. */
    void purge(long now, Set<Oid> planned) {
        var old = done.entrySet().stream()
                .filter(e -> e.getValue().forgetAt() < now && !planned.contains(e.getKey()))
                .map(Map.Entry::getKey)
                .toList();
        for (var oid : old) {
            done.remove(oid);
            memory.remove(PREFIX + oid);
        }
    }
}
