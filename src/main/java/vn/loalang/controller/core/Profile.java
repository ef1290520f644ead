package vn.loalang.controller.core;

import java.util.List;
import java.util.Set;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.SignatureCheck;
import vn.loalang.protocol.Timers;
import vn.loalang.protocol.Typ;

/**
 * What a controller is, for as long as it runs.
 *
 * @param id its name, from its own key
 * @param claim which deployment it belongs to
 * @param builtAt build time of its software, Unix ms; nothing older is believed
 * @param firmware version
 * @param hardware model and revision
 * @param proof best evidence of sound this hardware gives
 * @param packetBytes largest MQTT payload it takes
 * @param storeBytes room for audio
 * @param why reason of this start
 * @param bench works from files: the clock is right without a welcome, and it connects nowhere
 * @param pace how it connects
 * @param signatures who judges signatures
 * @param inputs names of the local inputs that a plan may relay: FM, or a line from elsewhere
 * @param live whether it takes live sound (profile {@code live})
 * @param leadMs how long before its start an item of the plan is written down and its sound made ready, so that neither the disk
 *     nor the decoder delays the first sample [POS-2b]; 0–1,000
 */
public record Profile(
        DeviceId id,
        ClaimFile claim,
        long builtAt,
        String firmware,
        String hardware,
        Hello.Proof proof,
        int packetBytes,
        long storeBytes,
        Hello.Why why,
        boolean bench,
        Pace pace,
        SignatureCheck signatures,
        Set<String> inputs,
        boolean live,
        long leadMs) {
    private static final long LONGEST_LEAD_MS = 1_000;

    public Profile {
        inputs = Set.copyOf(inputs);
        if (leadMs < 0 || leadMs > LONGEST_LEAD_MS) {
            throw new IllegalArgumentException("leadMs is " + leadMs + ", not 0 to " + LONGEST_LEAD_MS);
        }
    }

    /**
     * Pace of connecting (CON-4).
     *
     * @param firstMs largest random delay before the first connection
     * @param pauseMs first pause between attempts
     * @param longestMs up to which it doubles
     */
    public record Pace(long firstMs, long pauseMs, long longestMs) {
        /** The protocol's own. */
        public static final Pace STANDARD = new Pace(15_000, 5_000);

        /** Doubling up to 300 s. */
        public Pace(long firstMs, long pauseMs) {
            this(firstMs, pauseMs, Timers.RECONNECT_MAX.toMillis());
        }
    }

    private static final List<String> PROFILES = List.of("blk", "fan", "live", "fw", "usb");

    /** What it decodes. */
    public static final List<String> CODECS = List.of("mp3");

    /** A controller of our own make with the protocol's timing. */
    public static Profile of(DeviceId id, ClaimFile claim) {
        return new Profile(
                id,
                claim,
                0,
                "0.1.0",
                "loalang-pc",
                Hello.Proof.NONE,
                16_384,
                512L << 20,
                Hello.Why.POWER,
                false,
                Pace.STANDARD,
                SignatureCheck.EXACT,
                Set.of(),
                true,
                0);
    }

    /** The same with another version running. */
    public Profile running(String version) {
        return changed(version, proof, storeBytes, why, bench, pace, signatures, inputs, live, leadMs);
    }

    /** The same with this proof of sound, reason of start, place and pace. */
    public Profile with(Hello.Proof sound, Hello.Why reason, boolean onBench, Pace connecting) {
        return changed(firmware, sound, storeBytes, reason, onBench, connecting, signatures, inputs, live, leadMs);
    }

    /** The same with its signatures judged by somebody else. */
    public Profile judgedBy(SignatureCheck check) {
        return changed(firmware, proof, storeBytes, why, bench, pace, check, inputs, live, leadMs);
    }

    /** The same with these local inputs, and room for so many bytes of sound. */
    public Profile equipped(Set<String> heard, long room) {
        return changed(firmware, proof, room, why, bench, pace, signatures, heard, live, leadMs);
    }

    /** The same as a box that takes no live sound. */
    public Profile withoutLive() {
        return changed(firmware, proof, storeBytes, why, bench, pace, signatures, inputs, false, leadMs);
    }

    /** The same, deciding so long ahead of an item's start. */
    public Profile leading(long ms) {
        return changed(firmware, proof, storeBytes, why, bench, pace, signatures, inputs, live, ms);
    }

    /** The same box in the parts that may differ from one start or one test to the next. */
    private Profile changed(
            String version,
            Hello.Proof sound,
            long room,
            Hello.Why reason,
            boolean onBench,
            Pace connecting,
            SignatureCheck check,
            Set<String> heard,
            boolean takesLive,
            long lead) {
        return new Profile(
                id,
                claim,
                builtAt,
                version,
                hardware,
                sound,
                packetBytes,
                room,
                reason,
                onBench,
                connecting,
                check,
                heard,
                takesLive,
                lead);
    }

    /** What it knows beyond the core profile, as it says in its hello (PRO-2). */
    public List<String> profiles() {
        return PROFILES.stream().filter(name -> live || !name.equals("live")).toList();
    }

    /** Types of documents that are for others (PRO-5). */
    public Set<Typ> foreign() {
        return live ? Set.of() : Set.of(Typ.SES);
    }
}
