package vn.loalang.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The first message of a session, from the device, unsigned (§6 of PROTOCOL.md).
 *
 * @param bn fresh random nonce
 * @param sn {@code boot}·4096 + connects since boot [SES-8]
 * @param boot boots so far
 * @param why of the last boot
 * @param fw firmware version
 * @param hw hardware model and revision
 * @param proto major versions it speaks
 * @param prof profiles beyond the core
 * @param crit member names it understands as critical
 * @param cap what it can do
 * @param clk its clock
 * @param floor its floor, Unix ms [TIM-1]
 * @param hwm its mark of every row
 * @param j its journal
 */
public record Hello(
        Nonce bn,
        long sn,
        long boot,
        Why why,
        String fw,
        String hw,
        List<Integer> proto,
        List<String> prof,
        List<String> crit,
        Capabilities cap,
        DeviceTime clk,
        long floor,
        Map<Row, Long> hwm,
        Journal j) {
    private static final int LONGEST_NAME = 64;
    private static final int MOST_NAMES = 32;

    /** Why the device booted. */
    public enum Why {
        POWER,
        WATCHDOG,
        CMD,
        FW;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How the device proves that it sounded [ACK-7]. */
    public enum Proof {
        NONE,
        DAC,
        AMP,
        LINE,
        MIC;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Proof read(String wire) {
            for (Proof proof : values()) {
                if (proof.wire().equals(wire)) {
                    return proof;
                }
            }
            throw Refusal.sem("proof must be none, dac, amp, line or mic");
        }
    }

    /**
     * What a device can do.
     *
     * @param codec codecs it decodes
     * @param pkt largest MQTT payload it takes, at least 8,192 bytes
     * @param store room for assets, KiB
     * @param proof best proof of sound
     * @param rtc whether it has a battery clock
     */
    public record Capabilities(List<String> codec, int pkt, long store, Proof proof, boolean rtc) {
        public Capabilities {
            codec = List.copyOf(codec);
            Refusal.inRange("cap.pkt", pkt, Limits.MIN_PACKET, Integer.MAX_VALUE);
            Refusal.inRange("cap.store", store, 0, Limits.MAX_INTEGER);
        }
    }

    /** The journal it still holds: epoch, lowest and highest number; an empty one has {@code hi} = {@code lo} − 1. */
    public record Journal(JournalId jid, long lo, long hi) {
        public Journal {
            Refusal.inRange("j.lo", lo, 1, Limits.MAX_INTEGER);
            Refusal.inRange("j.hi", hi, lo - 1, Limits.MAX_INTEGER);
        }
    }

    public Hello {
        Refusal.inRange("sn", sn, 0, Limits.MAX_INTEGER);
        Refusal.inRange("boot", boot, 0, Limits.MAX_INTEGER);
        Refusal.inRange("floor", floor, 0, Limits.MAX_INTEGER);
        proto = List.copyOf(proto);
        prof = List.copyOf(prof);
        crit = List.copyOf(crit);
        hwm = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(hwm));
    }

    /** Reads the message; refuses with {@code E_JSON} or {@code E_SEM}. */
    public static Hello decode(byte[] message) {
        Fields fields = new Fields(StrictJson.parse(message));
        Unsigned.check(fields, "hello");
        Fields cap = fields.fields("cap");
        Fields clk = fields.fields("clk");
        Fields j = fields.fields("j");
        return new Hello(
                Nonce.parse(fields.string("bn")),
                fields.moment("sn"),
                fields.moment("boot"),
                why(fields.string("why")),
                fields.string("fw", LONGEST_NAME),
                fields.string("hw", LONGEST_NAME),
                fields.smalls("proto", MOST_NAMES, 0, Integer.MAX_VALUE),
                fields.strings("prof", MOST_NAMES, name -> name),
                fields.strings("crit", MOST_NAMES, name -> name),
                new Capabilities(
                        cap.strings("codec", MOST_NAMES, name -> name),
                        cap.small("pkt", Limits.MIN_PACKET, Integer.MAX_VALUE),
                        cap.moment("store"),
                        Proof.read(cap.string("proof")),
                        cap.bool("rtc")),
                new DeviceTime(clk.moment("t"), Unsigned.quality(clk)),
                fields.moment("floor"),
                fields.moments("hwm", Row::of),
                new Journal(new JournalId(j.string("jid")), j.moment("lo"), j.moment("hi")));
    }

    private static Why why(String wire) {
        for (Why why : Why.values()) {
            if (why.wire().equals(wire)) {
                return why;
            }
        }
        throw Refusal.sem("why must be power, watchdog, cmd or fw");
    }

    /** The message. */
    public byte[] encode() {
        Json.Obj.Builder marks = Json.object();
        hwm.forEach((row, seq) -> marks.put(row.wire(), seq));
        return Json.object()
                .put("v", Head.VERSION)
                .put("typ", "hello")
                .put("bn", bn.b64u())
                .put("sn", sn)
                .put("boot", boot)
                .put("why", why.wire())
                .put("fw", fw)
                .put("hw", hw)
                .put("proto", Json.integers(proto))
                .put("prof", Json.strings(prof))
                .put("crit", Json.strings(crit))
                .put(
                        "cap",
                        Json.object()
                                .put("codec", Json.strings(cap.codec()))
                                .put("pkt", cap.pkt())
                                .put("store", cap.store())
                                .put("proof", cap.proof().wire())
                                .put("rtc", cap.rtc())
                                .build())
                .put(
                        "clk",
                        Json.object().put("t", clk.t()).put("q", clk.q().name()).build())
                .put("floor", floor)
                .put("hwm", marks.build())
                .put(
                        "j",
                        Json.object()
                                .put("jid", j.jid().value())
                                .put("lo", j.lo())
                                .put("hi", j.hi())
                                .build())
                .build()
                .bytes();
    }
}
