package vn.loalang.emergency;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import vn.loalang.area.Refusal;

/**
 * What the law wants an emergency bulletin to say (Civil Defence Law, article 6). Each text has at most 500 characters and is empty
 * while nobody has written it.
 *
 * @param incident what happens
 * @param time since or from when
 * @param place where it is
 * @param intensity how strong it is
 * @param level which level was declared
 * @param danger what it can do
 * @param area where it is expected
 * @param forecast how it will go on
 * @param response what people should do
 */
public record Bulletin(
        String incident,
        String time,
        String place,
        String intensity,
        String level,
        String danger,
        String area,
        String forecast,
        String response) {
    static final int LONGEST = 500;

    /** Nothing said. */
    public static final Bulletin EMPTY = new Bulletin("", "", "", "", "", "", "", "", "");

    /** The fields, in the order in which they are read. */
    public enum Field {
        INCIDENT,
        TIME,
        PLACE,
        INTENSITY,
        LEVEL,
        DANGER,
        AREA,
        FORECAST,
        RESPONSE
    }

    public Bulletin {
        incident = clean(incident, "incident");
        time = clean(time, "time");
        place = clean(place, "place");
        intensity = clean(intensity, "intensity");
        level = clean(level, "level");
        danger = clean(danger, "danger");
        area = clean(area, "area");
        forecast = clean(forecast, "forecast");
        response = clean(response, "response");
    }

    /** With these texts; fields that are not there say nothing. */
    public static Bulletin of(Map<Field, String> texts) {
        return new Bulletin(
                texts.getOrDefault(Field.INCIDENT, ""),
                texts.getOrDefault(Field.TIME, ""),
                texts.getOrDefault(Field.PLACE, ""),
                texts.getOrDefault(Field.INTENSITY, ""),
                texts.getOrDefault(Field.LEVEL, ""),
                texts.getOrDefault(Field.DANGER, ""),
                texts.getOrDefault(Field.AREA, ""),
                texts.getOrDefault(Field.FORECAST, ""),
                texts.getOrDefault(Field.RESPONSE, ""));
    }

    /** What the field says. */
    public String get(Field field) {
        return switch (field) {
            case INCIDENT -> incident;
            case TIME -> time;
            case PLACE -> place;
            case INTENSITY -> intensity;
            case LEVEL -> level;
            case DANGER -> danger;
            case AREA -> area;
            case FORECAST -> forecast;
            case RESPONSE -> response;
        };
    }

    /** Fields that say nothing yet; empty when the bulletin is complete. */
    public List<Field> missing() {
        var missing = new ArrayList<Field>();
        for (var field : Field.values()) {
            if (get(field).isEmpty()) {
                missing.add(field);
            }
        }
        return List.copyOf(missing);
    }

    private static String clean(String text, String field) {
        var clean = text.strip();
        if (clean.length() > LONGEST) {
            throw new Refusal(field, "emergency.refused.text", LONGEST);
        }
        return clean;
    }
}
