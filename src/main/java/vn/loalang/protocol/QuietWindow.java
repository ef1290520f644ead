package vn.loalang.protocol;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A window of local time without remote routine sound; it may cross midnight.
 *
 * @param from first minute of the day inside, 0–1439
 * @param to first minute of the day outside, 0–1439; never equal to {@code from}
 */
public record QuietWindow(int from, int to) {
    private static final Pattern CLOCK = Pattern.compile("([01][0-9]|2[0-3]):([0-5][0-9])");

    public QuietWindow {
        Refusal.inRange("quiet[][0]", from, 0, 1439);
        Refusal.inRange("quiet[][1]", to, 0, 1439);
        Refusal.unless(from != to, "a quiet window must not begin where it ends");
    }

    /** From two times of the form {@code HH:MM}. */
    public static QuietWindow parse(String from, String to) {
        return new QuietWindow(minutes(from), minutes(to));
    }

    /** Whether the minute of the day (0–1439) lies inside. */
    public boolean contains(int minuteOfDay) {
        return from < to ? minuteOfDay >= from && minuteOfDay < to : minuteOfDay >= from || minuteOfDay < to;
    }

    private static int minutes(String clock) {
        Matcher matcher = CLOCK.matcher(clock);
        Refusal.unless(matcher.matches(), "quiet[] needs times as HH:MM");
        return Integer.parseInt(clock.substring(0, 2)) * 60 + Integer.parseInt(clock.substring(3));
    }

    /** The first minute inside, as {@code HH:MM}. */
    public String fromText() {
        return clock(from);
    }

    /** The first minute outside, as {@code HH:MM}. */
    public String toText() {
        return clock(to);
    }

    private static String clock(int minutes) {
        return (minutes < 600 ? "0" : "") + minutes / 60 + (minutes % 60 < 10 ? ":0" : ":") + minutes % 60;
    }

    static QuietWindow read(Json json) {
        if (json instanceof Json.Arr pair
                && pair.items().size() == 2
                && pair.items().get(0) instanceof Json.Str from
                && pair.items().get(1) instanceof Json.Str to) {
            return parse(from.value(), to.value());
        }
        throw Refusal.sem("quiet[] must be pairs of times");
    }

    Json json() {
        return Json.strings(List.of(fromText(), toText()));
    }

    /** As {@code 21:30–04:45}. */
    @Override
    public String toString() {
        return fromText() + "–" + toText();
    }
}
