package vn.loalang.protocol;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Firmware for one device (§12 of PROTOCOL.md).
 *
 * @param model for which hardware, 1 to 32 of a–z, 0–9 and -
 * @param ver version, 1 to 32 of letters, digits and {@code . + - _}
 * @param sec number against going back: never below that of the running firmware
 * @param sz bytes of the image
 * @param h hash of the image
 * @param win local time in which it may be installed; empty for any
 */
public record Firmware(Head head, String model, String ver, long sec, long sz, Hash h, Optional<QuietWindow> win)
        implements Document {
    private static final Pattern MODEL = Pattern.compile("[a-z0-9-]{1,32}");
    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9.+_-]{1,32}");

    public Firmware {
        head.device();
        Refusal.unless(isModel(model), "model must be 1 to 32 of a–z, 0–9 and -");
        Refusal.unless(isVersion(ver), "ver must be 1 to 32 of letters, digits and . + - _");
        Refusal.inRange("sec", sec, 0, Limits.MAX_INTEGER);
        Refusal.inRange("sz", sz, 1, Limits.MAX_INTEGER);
    }

    /** Whether this may be the name of a model. */
    public static boolean isModel(String name) {
        return MODEL.matcher(name).matches();
    }

    /** Whether this may be a version. */
    public static boolean isVersion(String name) {
        return VERSION.matcher(name).matches();
    }

    /** Whether firmware for a model is for this hardware, as {@code hello.hw} names it (§12). */
    public static boolean fits(String model, String hardware) {
        return hardware.equals(model) || hardware.startsWith(model + "-");
    }

    @Override
    public Typ typ() {
        return Typ.FW;
    }

    @Override
    public Optional<Row> row() {
        return Optional.of(Row.FW);
    }

    static Firmware read(Head head, Fields fields) {
        Json win = fields.raw().get("win");
        return new Firmware(
                head,
                fields.string("model"),
                fields.string("ver"),
                fields.moment("sec"),
                fields.integer("sz", 1, Limits.MAX_INTEGER),
                Hash.parse(fields.string("h")),
                win == null ? Optional.empty() : Optional.of(QuietWindow.read(win)));
    }

    @Override
    public Json.Obj json() {
        return head.json(Typ.FW)
                .put("model", model)
                .put("ver", ver)
                .put("sec", sec)
                .put("sz", sz)
                .put("h", h.b64u())
                .putIf("win", win.map(QuietWindow::json).orElse(null))
                .build();
    }
}
