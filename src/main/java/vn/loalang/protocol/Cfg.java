package vn.loalang.protocol;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Harmless settings of one device (§7 of PROTOCOL.md).
 *
 * @param ka MQTT keepalive, 30–240 s
 * @param telS telemetry interval, 60–3600 s
 * @param ntp names of time servers, at most 4
 * @param http asset base URLs, at most 3, each used as {@code GET {base}{h}}
 * @param quota KiB a day, 0 is none
 * @param trim dB for sound below priority 80, −20…0
 */
public record Cfg(Head head, int ka, int telS, List<String> ntp, List<String> http, long quota, int trim)
        implements Document {
    private static final int LONGEST_NAME = 253;
    private static final int LONGEST_URL = 512;
    private static final int MOST_NTP = 4;
    private static final int MOST_HTTP = 3;

    public Cfg {
        head.device();
        ntp = List.copyOf(ntp);
        http = List.copyOf(http);
        Refusal.inRange("ka", ka, 30, 240);
        Refusal.inRange("tel_s", telS, 60, 3600);
        Refusal.atMost("ntp", ntp.size(), MOST_NTP);
        for (String name : ntp) {
            Refusal.unless(
                    !name.isEmpty() && name.length() <= LONGEST_NAME, "ntp[] must be names of 1 to 253 characters");
        }
        Refusal.atMost("http", http.size(), MOST_HTTP);
        for (String base : http) {
            Refusal.unless(isBase(base), "http[] must be http or https URLs of at most 512 characters");
        }
        Refusal.inRange("quota", quota, 0, Limits.MAX_INTEGER);
        Refusal.inRange("trim", trim, -20, 0);
    }

    /** What holds on a device without {@code cfg}, with these asset bases. */
    public static Cfg withDefaults(Head head, List<String> http) {
        return new Cfg(head, 60, 300, List.of(), http, 0, 0);
    }

    private static boolean isBase(String base) {
        if (base.length() > LONGEST_URL) {
            return false;
        }
        try {
            URI uri = URI.create(base);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public Typ typ() {
        return Typ.CFG;
    }

    @Override
    public Optional<Row> row() {
        return Optional.of(Row.CFG);
    }

    static Cfg read(Head head, Fields fields) {
        return new Cfg(
                head,
                fields.small("ka", 30, 240, 60),
                fields.small("tel_s", 60, 3600, 300),
                fields.stringsOrEmpty("ntp", MOST_NTP, name -> name),
                fields.stringsOrEmpty("http", MOST_HTTP, base -> base),
                fields.integer("quota", 0, Limits.MAX_INTEGER, 0),
                fields.small("trim", -20, 0, 0));
    }

    @Override
    public Json.Obj json() {
        return head.json(Typ.CFG)
                .put("ka", ka)
                .put("tel_s", telS)
                .put("ntp", Json.strings(ntp))
                .put("http", Json.strings(http))
                .put("quota", quota)
                .put("trim", trim)
                .build();
    }
}
