package vn.loalang.broadcast;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.AreaPath;
import vn.loalang.fleet.Pole;

/**
 * Whom one broadcast has reached by now, as far as poles have reported. What was proved and what poles merely claim are
 * never one number.
 *
 * @param released when it left the server
 * @param until its end, whatever has sounded by then
 * @param ended when it was ended before its time; null while it was not
 * @param doubtful poles whose reports bear impossible times of their start, because their clocks are wrong; no pace counts them
 * @param communes where its poles stand in several communes: these, those with the most silent poles first; otherwise empty
 * @param villages the areas its poles stand in, those with the most silent poles first
 * @param silent poles of which no sound is known, the worst first
 */
public record Reach(
        BroadcastId broadcast,
        Instant released,
        Instant until,
        @Nullable Instant ended,
        Count all,
        Pace pace,
        int doubtful,
        List<Village> communes,
        List<Village> villages,
        List<Silent> silent) {
    public Reach {
        communes = List.copyOf(communes);
        villages = List.copyOf(villages);
        silent = List.copyOf(silent);
    }

    /**
     * So many poles.
     *
     * @param poles all it is for
     * @param received those that said they took the order over, or sounded
     * @param playing those that say they sound at this moment and are connected
     * @param proved those whose sound was measured (amplifier, line or microphone)
     * @param claimed those that say they sounded, without a measurement
     * @param waiting those that are connected and may still begin any moment
     */
    public record Count(int poles, int received, int playing, int proved, int claimed, int waiting) {
        /** Poles that sounded, proved or not. */
        public int sounded() {
            return proved + claimed;
        }

        /** Poles of which no sound is known and none is expected any moment. */
        public int silent() {
            return poles - sounded() - waiting;
        }

        /** This share of all poles, 0 to 1000 of a thousand, for drawing. */
        public int perMille(int some) {
            return poles == 0 ? 0 : (int) Math.round(1000.0 * some / poles);
        }
    }

    /**
     * How long after the release the first pole sounded, and how long until so many of all poles did. Null where that
     * has not happened.
     */
    public record Pace(
            @Nullable Duration first,
            @Nullable Duration half,
            @Nullable Duration ninety,
            @Nullable Duration all) {}

    /**
     * The poles of one area.
     *
     * @param name its full name, with its commune's where the poles stand in several
     */
    public record Village(AreaPath area, String name, Count count, Pace pace) {}

    /**
     * A pole of which no sound is known.
     *
     * @param place its village, as {@link Village#name} says it
     * @param tone class of its colour
     * @param icon its symbol's name
     * @param cause what is known of why, a sentence in the reader's language
     */
    public record Silent(Pole pole, String place, String tone, String icon, String cause) {}
}
