package vn.loalang.protocol;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a device measures ({@code tel}), unsigned; a part it cannot measure is null. Fractions are allowed here alone.
 *
 * @param t when: Unix ms, or ms since boot at quality U
 * @param q quality of its clock
 * @param up uptime, s
 * @param pwr supply
 * @param net link
 * @param amp amplifier
 * @param line loudspeaker lines
 * @param sto storage
 * @param clk clock
 * @param flt faults that are set; names of later revisions are left out
 */
public record Telemetry(
        long t,
        Quality q,
        long up,
        @Nullable Power pwr,
        @Nullable Network net,
        @Nullable Amplifier amp,
        List<Line> line,
        @Nullable Storage sto,
        @Nullable ClockState clk,
        List<Fault> flt) {
    private static final int LONGEST_WORD = 32;
    private static final int MOST = 32;

    /** Supply: {@code mains}, {@code battery}, {@code solar}…, and its voltage in mV. */
    public record Power(String src, @Nullable Double mv) {}

    /** Link: technology, signal in dBm, KiB received and sent since boot. */
    public record Network(
            String rat,
            @Nullable Double rsrp,
            @Nullable Double rx,
            @Nullable Double tx) {}

    /** Amplifier: whether it is on, and its temperature in °C. */
    public record Amplifier(boolean on, @Nullable Double c) {}

    /** A loudspeaker line: impedance in Ω and a word, {@code ok}, {@code open}, {@code short}, {@code earth}. */
    public record Line(@Nullable Double z, String s) {}

    /** Storage: free KiB, and pinned sounds that are complete. */
    public record Storage(long free, int pins) {}

    /** Clock: drift in ppm and estimated error in ms. */
    public record ClockState(@Nullable Double ppm, @Nullable Double err) {}

    public Telemetry {
        Refusal.inRange("t", t, 0, Limits.MAX_INTEGER);
        Refusal.inRange("up", up, 0, Limits.MAX_INTEGER);
        line = List.copyOf(line);
        flt = List.copyOf(flt);
    }

    /** Reads the message; refuses with {@code E_JSON} or {@code E_SEM}. */
    public static Telemetry decode(byte[] message) {
        Fields fields = new Fields(StrictJson.parseWithFractions(message));
        Unsigned.check(fields, "tel");
        Fields pwr = fields.optionalFields("pwr");
        Fields net = fields.optionalFields("net");
        Fields amp = fields.optionalFields("amp");
        Fields sto = fields.optionalFields("sto");
        Fields clk = fields.optionalFields("clk");
        return new Telemetry(
                fields.moment("t"),
                Unsigned.quality(fields),
                fields.moment("up"),
                pwr == null ? null : new Power(pwr.string("src", LONGEST_WORD), pwr.optionalNumber("mv")),
                net == null
                        ? null
                        : new Network(
                                net.string("rat", LONGEST_WORD),
                                net.optionalNumber("rsrp"),
                                net.optionalNumber("rx"),
                                net.optionalNumber("tx")),
                amp == null ? null : new Amplifier(amp.bool("on"), amp.optionalNumber("c")),
                fields.objectsOrEmpty(
                        "line", MOST, item -> new Line(item.optionalNumber("z"), item.string("s", LONGEST_WORD))),
                sto == null ? null : new Storage(sto.moment("free"), sto.small("pins", 0, Integer.MAX_VALUE)),
                clk == null ? null : new ClockState(clk.optionalNumber("ppm"), clk.optionalNumber("err")),
                fields.stringsOrEmpty("flt", MOST, Fault::of).stream()
                        .flatMap(java.util.Optional::stream)
                        .toList());
    }

    /** The message. */
    public byte[] encode() {
        Json.Obj.Builder json = Json.object()
                .put("v", Head.VERSION)
                .put("typ", "tel")
                .put("t", t)
                .put("q", q.name())
                .put("up", up);
        if (pwr != null) {
            json.put(
                    "pwr",
                    Json.object()
                            .put("src", pwr.src())
                            .putIf("mv", number(pwr.mv()))
                            .build());
        }
        if (net != null) {
            json.put(
                    "net",
                    Json.object()
                            .put("rat", net.rat())
                            .putIf("rsrp", number(net.rsrp()))
                            .putIf("rx", number(net.rx()))
                            .putIf("tx", number(net.tx()))
                            .build());
        }
        if (amp != null) {
            json.put(
                    "amp",
                    Json.object()
                            .put("on", amp.on())
                            .putIf("c", number(amp.c()))
                            .build());
        }
        json.put(
                "line",
                Json.array(line.stream()
                        .map(item -> Json.object()
                                .putIf("z", number(item.z()))
                                .put("s", item.s())
                                .build())
                        .toList()));
        if (sto != null) {
            json.put(
                    "sto",
                    Json.object()
                            .put("free", sto.free())
                            .put("pins", sto.pins())
                            .build());
        }
        if (clk != null) {
            json.put(
                    "clk",
                    Json.object()
                            .putIf("ppm", number(clk.ppm()))
                            .putIf("err", number(clk.err()))
                            .build());
        }
        return json.put("flt", Json.strings(flt.stream().map(Fault::name).toList()))
                .build()
                .bytes();
    }

    private static @Nullable Json number(@Nullable Double value) {
        if (value == null) {
            return null;
        }
        Refusal.unless(!value.isNaN() && !value.isInfinite(), "a measurement must be a number");
        if (value == Math.rint(value) && Math.abs(value) <= Limits.MAX_INTEGER) {
            return Json.of(value.longValue());
        }
        return new Json.Dec(BigDecimal.valueOf(value));
    }
}
