package vn.loalang.controller.core;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.Timers;

/**
 * What of each emergency or session has sounded (rule ACK-3), apart from the journal: which repetition is next, how long it has
 * sounded in all, and whether a person stopped it. Kept until a day after its end.
 */
final class OrderMemory {
    private static final String PREFIX = "sid/";

    /**
     * @param next repetition to sound next, from 1
     * @param starts how often anything of it began to sound
     * @param completed repetitions that reached their end
     * @param cuts how often the power failed during its last repetition and that was given back
     * @param heardMs sound of it so far, exercise announcements included
     * @param stopped a person ended it at the box
     * @param told it was reported that it never sounded
     * @param forgetAt Unix ms after which the memory may go
     */
    record Past(
            int next, int starts, int completed, int cuts, long heardMs, boolean stopped, boolean told, long forgetAt) {
        static final Past NOTHING = new Past(1, 0, 0, 0, 0, false, false, 0);

        /** A stretch begins; the repetition counts as used from now on, whatever happens. */
        Past begun(int repetition, long until) {
            return new Past(
                    repetition + 1,
                    starts + 1,
                    completed,
                    cuts,
                    heardMs,
                    stopped,
                    told,
                    Math.max(forgetAt, until + Timers.DONE_KEPT.toMillis()));
        }

        Past heard(long more) {
            return new Past(next, starts, completed, cuts, heardMs + more, stopped, told, forgetAt);
        }

        Past done() {
            return new Past(next, starts, completed + 1, cuts, heardMs, stopped, told, forgetAt);
        }

        /** That repetition sounds again from its beginning. */
        Past again(int repetition) {
            return new Past(repetition, starts, completed, cuts, heardMs, stopped, told, forgetAt);
        }

        Past againAfterCut(int repetition) {
            return new Past(repetition, starts, completed, cuts + 1, heardMs, stopped, told, forgetAt);
        }

        Past ended(long until) {
            return new Past(next, starts, completed, cuts, heardMs, true, told, until + Timers.DONE_KEPT.toMillis());
        }

        Past missed(long until) {
            return new Past(next, starts, completed, cuts, heardMs, stopped, true, until + Timers.DONE_KEPT.toMillis());
        }

        private String text() {
            return next + " " + starts + " " + completed + " " + cuts + " " + heardMs + " " + stopped + " " + told + " "
                    + forgetAt;
        }

        private static Past parse(String text) {
            var f = text.split(" ");
            return new Past(
                    Integer.parseInt(f[0]),
                    Integer.parseInt(f[1]),
                    Integer.parseInt(f[2]),
                    Integer.parseInt(f[3]),
                    Long.parseLong(f[4]),
                    Boolean.parseBoolean(f[5]),
                    Boolean.parseBoolean(f[6]),
                    Long.parseLong(f[7]));
        }
    }

    private final Memory memory;
    private final Map<Sid, Past> past = new HashMap<>();

    OrderMemory(Memory memory) {
        this.memory = memory;
        memory.under(PREFIX)
                .forEach((key, text) -> past.put(new Sid(key.substring(PREFIX.length())), Past.parse(text)));
    }

    Past of(Sid sid) {
        return past.getOrDefault(sid, Past.NOTHING);
    }

    void put(Sid sid, Past now) {
        past.put(sid, now);
        memory.put(PREFIX + sid, now.text());
    }

    /** Forgets what is a day past its end and in no document any more. */
    void purge(long now, Set<Sid> inForce) {
        var old = past.entrySet().stream()
                .filter(e -> e.getValue().forgetAt() < now && !inForce.contains(e.getKey()))
                .map(Map.Entry::getKey)
                .toList();
        for (var sid : old) {
            past.remove(sid);
            memory.remove(PREFIX + sid);
        }
    }
}
