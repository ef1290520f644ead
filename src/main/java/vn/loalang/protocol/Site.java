package vn.loalang.protocol;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Safety settings of one device (§7 of PROTOCOL.md).
 *
 * @param areas the areas it belongs to, at most 6
 * @param pins sounds it always keeps, by name
 * @param tz minutes east of UTC, ±840
 * @param quiet windows of local time in which remote routine sound is silent, at most 4
 * @param vmax loudest routine volume, 10–100 %
 * @param gain dB, −12…+6
 * @param smax seconds of loud remote sound of one key in 6 h, 600–7200
 * @param failOpen whether emergencies sound without a welcome
 * @param in local inputs a plan may name, at most 4
 */
public record Site(
        Head head,
        List<AreaPath> areas,
        Map<String, Asset> pins,
        int tz,
        List<QuietWindow> quiet,
        int vmax,
        int gain,
        int smax,
        boolean failOpen,
        List<String> in)
        implements Document {
    /** The pin that boxes sound before and after every repetition of a drill [NOW-7]. */
    public static final String EXERCISE_PIN = "exercise";

    private static final Pattern PIN = Pattern.compile("[a-z0-9-]{1,16}");
    private static final List<QuietWindow> QUIET = List.of(QuietWindow.parse("21:30", "04:45"));
    static final List<String> INPUTS = List.of("fm", "line");

    public Site {
        head.device();
        areas = List.copyOf(areas);
        pins = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(pins));
        quiet = List.copyOf(quiet);
        in = List.copyOf(in);
        Refusal.atMost("areas", areas.size(), Limits.AREAS);
        Refusal.unless(areas.stream().noneMatch(AreaPath::isRoot), "areas[] must not be empty paths");
        Refusal.unless(new HashSet<>(areas).size() == areas.size(), "areas[] names an area twice");
        Refusal.atMost("pins", pins.size(), Limits.PINS);
        for (String name : pins.keySet()) {
            Refusal.unless(PIN.matcher(name).matches(), "a pin's name must be 1 to 16 of a–z, 0–9 and -");
        }
        Refusal.inRange("tz", tz, -840, 840);
        Refusal.atMost("quiet", quiet.size(), Limits.QUIET_WINDOWS);
        Refusal.inRange("vmax", vmax, 10, 100);
        Refusal.inRange("gain", gain, -12, 6);
        Refusal.inRange("smax", smax, 600, 7200);
        Refusal.atMost("in", in.size(), Limits.INPUTS);
        for (String input : in) {
            Refusal.unless(INPUTS.contains(input), "in[] must be fm or line");
        }
    }

    /** The settings that hold where a station says nothing: quiet 21:30–04:45, 80 %, UTC+7. */
    public static Site withDefaults(Head head, List<AreaPath> areas) {
        return new Site(head, areas, Map.of(), 420, QUIET, 80, 0, 3600, true, List.of());
    }

    /** Whether this moment lies in a quiet window of local time. */
    public boolean isQuietAt(long unixMs) {
        long minutes = Math.floorDiv(unixMs, 60_000L) + tz;
        int ofDay = (int) Math.floorMod(minutes, 1440L);
        return quiet.stream().anyMatch(window -> window.contains(ofDay));
    }

    @Override
    public Typ typ() {
        return Typ.SITE;
    }

    @Override
    public Optional<Row> row() {
        return Optional.of(Row.SITE);
    }

    static Site read(Head head, Fields fields) {
        Map<String, Asset> pins = new LinkedHashMap<>();
        Fields named = fields.optionalFields("pins");
        if (named != null) {
            for (String name : named.raw().members().keySet()) {
                pins.put(name, Asset.read(named.fields(name)));
            }
        }
        return new Site(
                head,
                fields.strings("areas", Limits.AREAS, AreaPath::new),
                pins,
                fields.small("tz", -840, 840, 420),
                fields.has("quiet") ? fields.list("quiet", Limits.QUIET_WINDOWS, QuietWindow::read) : QUIET,
                fields.small("vmax", 10, 100, 80),
                fields.small("gain", -12, 6, 0),
                fields.small("smax", 600, 7200, 3600),
                fields.bool("fail_open", true),
                fields.stringsOrEmpty("in", Limits.INPUTS, input -> input));
    }

    @Override
    public Json.Obj json() {
        Json.Obj.Builder named = Json.object();
        pins.forEach((name, asset) -> named.put(name, asset.json()));
        return head.json(Typ.SITE)
                .put("areas", Json.strings(areas.stream().map(AreaPath::value).toList()))
                .put("tz", tz)
                .put("quiet", Json.array(quiet.stream().map(QuietWindow::json).toList()))
                .put("vmax", vmax)
                .put("gain", gain)
                .put("smax", smax)
                .put("fail_open", failOpen)
                .put("pins", named.build())
                .putIf("in", in.isEmpty() ? null : Json.strings(in))
                .build();
    }
}
