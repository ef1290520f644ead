package vn.loalang.emergency;

import java.time.Duration;
import vn.loalang.area.Refusal;
import vn.loalang.protocol.Step;

/**
 * A siren as data: some blasts with silence between them.
 *
 * @param name 1 to 80 characters, as people call it
 * @param blasts 1 to 20
 * @param on length of one blast, 1 to 60 s
 * @param gap silence between two blasts, 0 to 60 s
 * @param repeats how often it may sound in one alert, 1 to 20: a message with this siren is repeated no more often
 * @param tone how a blast sounds
 */
public record Siren(SirenId id, String name, int blasts, Duration on, Duration gap, int repeats, Step.Pattern tone) {
    static final int LONGEST_NAME = 80;

    /** Longest siren: a pinned sound stays on every box for good. */
    static final Duration LONGEST = Duration.ofMinutes(5);

    public Siren {
        name = name.strip();
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            throw new Refusal("name", "emergency.refused.name", LONGEST_NAME);
        }
        within("blasts", blasts, 1, 20);
        within("on", on.toSeconds(), 1, 60);
        within("gap", gap.toSeconds(), 0, 60);
        within("repeats", repeats, 1, 20);
        if (length(blasts, on, gap).compareTo(LONGEST) > 0) {
            throw new Refusal("blasts", "emergency.refused.sirenLength", LONGEST.toMinutes());
        }
    }

    /** How long it sounds once. */
    public Duration length() {
        return length(blasts, on, gap);
    }

    /** The tone that every controller makes by itself, just like this siren. */
    public Step.Tone step() {
        return new Step.Tone(tone, blasts, (int) on.toSeconds(), (int) gap.toSeconds());
    }

    private static Duration length(int blasts, Duration on, Duration gap) {
        return on.multipliedBy(blasts).plus(gap.multipliedBy(blasts - 1L));
    }

    static void within(String field, long value, long least, long most) {
        if (value < least || value > most) {
            throw new Refusal(field, "emergency.refused." + field, least, most);
        }
    }
}
