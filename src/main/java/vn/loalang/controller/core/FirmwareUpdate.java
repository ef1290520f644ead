package vn.loalang.controller.core;

import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Event.FirmwareState;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Firmware;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Timers;

/**
 * New firmware (§12, profile {@code fw}): fetched like an asset, put into the other slot at a quiet moment, and kept only if it
 * reaches a server and passes the self-test within ten minutes; otherwise the box returns to what it had.
 */
final class FirmwareUpdate {
    private static final String KEY = "fw";
    static final String SECURITY = "fw-sec";

    private final Profile profile;
    private final Memory memory;
    private final TrustedTime time;
    private final Journal journal;
    private final Faults faults;
    private final Outputs out;
    private @Nullable Firmware order;
    private @Nullable Progress progress;
    private boolean welcomed;

    /**
     * How far one document has come.
     *
     * @param seq of the document
     * @param reached last state that was journalled; {@link FirmwareState#CONFIRMED} and the failures are ends
     */
    private record Progress(long seq, String ver, FirmwareState reached, long sec) {
        static Progress read(String text) {
            var f = text.split(" ");
            return new Progress(Long.parseLong(f[0]), f[1], FirmwareState.valueOf(f[2]), Long.parseLong(f[3]));
        }

        String text() {
            return seq + " " + ver + " " + reached + " " + sec;
        }

        boolean isOver() {
            return switch (reached) {
                case CONFIRMED, ROLLED_BACK, FAILED -> true;
                case DOWNLOADING, VERIFIED, STAGED, TRIAL -> false;
            };
        }
    }

    FirmwareUpdate(Profile profile, Memory memory, TrustedTime time, Journal journal, Faults faults, Outputs out) {
        this.profile = profile;
        this.memory = memory;
        this.time = time;
        this.journal = journal;
        this.faults = faults;
        this.out = out;
        this.progress = memory.get(KEY).map(Progress::read).orElse(null);
    }

    /** After a start: either the new firmware runs on trial, or the box went back to the old one. */
    void boot() {
        var now = progress;
        if (now != null && now.reached() == FirmwareState.ROLLED_BACK) faults.set(Fault.FW_ROLLBACK);
        if (now == null || now.isOver()) return;
        var runs = profile.firmware().equals(now.ver());
        if (now.reached() == FirmwareState.STAGED && runs) {
            reach(now, FirmwareState.TRIAL, null);
        } else if (now.reached() == FirmwareState.TRIAL || now.reached() == FirmwareState.STAGED) {
            if (runs) return;
            reach(now, FirmwareState.ROLLED_BACK, "boot");
            faults.set(Fault.FW_ROLLBACK);
        }
    }

    /** What the document in force orders; null for nothing. */
    void ordered(@Nullable Firmware document) {
        order = document;
        if (document == null) return;
        var now = progress;
        var seq = document.head().seq();
        if (now != null && (now.seq() == seq || now.reached() == FirmwareState.TRIAL)) return;
        if (document.ver().equals(profile.firmware())) return;
        var fresh = new Progress(seq, document.ver(), FirmwareState.DOWNLOADING, document.sec());
        var why = refusal(document);
        reach(fresh, why.isPresent() ? FirmwareState.FAILED : FirmwareState.DOWNLOADING, why.orElse(null));
    }

    private Optional<String> refusal(Firmware document) {
        if (!Firmware.fits(document.model(), profile.hardware())) {
            return Optional.of("model");
        }
        var known = memory.get(SECURITY).map(Long::parseLong).orElse(0L);
        return document.sec() < known ? Optional.of("sec") : Optional.empty();
    }

    /** The image, while it is wanted. */
    Optional<AssetRef> image() {
        var document = order;
        var now = progress;
        return document != null && now != null && now.seq() == document.head().seq() && !now.isOver()
                ? Optional.of(AssetRef.image(document.h(), document.sz()))
                : Optional.empty();
    }

    /** A server has welcomed this box. */
    void welcomed() {
        welcomed = true;
    }

    /**
     * At every step.
     *
     * @param ready whether the image is on the disk, whole
     * @param failure why it cannot be had, if that is so
     * @param sounding whether anything sounds
     * @param nextSound start of the next planned sound, Unix ms
     * @param minuteOfDay local; empty while the time is unknown
     */
    void tick(
            boolean ready,
            Optional<String> failure,
            boolean sounding,
            OptionalLong nextSound,
            OptionalLong minuteOfDay) {
        var now = progress;
        if (now == null || now.isOver()) return;
        if (now.reached() == FirmwareState.TRIAL) {
            trial(now);
            return;
        }
        var document = order;
        if (document == null || document.head().seq() != now.seq()) return;
        if (!ready) {
            // Not again before a newer document comes (FW-5).
            if (failure.isPresent()) reach(now, FirmwareState.FAILED, failure.get());
            return;
        }
        if (now.reached() == FirmwareState.DOWNLOADING) {
            now = reach(now, FirmwareState.VERIFIED, null);
        }
        if (now.reached() == FirmwareState.VERIFIED && isQuietMoment(document, sounding, nextSound, minuteOfDay)) {
            reach(now, FirmwareState.STAGED, null);
            out.add(new Output.Stage(document.h(), document.ver()));
        }
    }

    /** Never within half an hour before a planned sound, nor during one, and only in the window (FW-2). */
    private boolean isQuietMoment(
            Firmware document, boolean sounding, OptionalLong nextSound, OptionalLong minuteOfDay) {
        var now = time.now();
        if (sounding || now.isEmpty() || minuteOfDay.isEmpty()) return false;
        if (nextSound.isPresent() && nextSound.getAsLong() - now.getAsLong() < Limits.FIRMWARE_BEFORE_SOUND_MS) {
            return false;
        }
        return document.win().isEmpty() || document.win().get().contains((int) minuteOfDay.getAsLong());
    }

    private void trial(Progress now) {
        var sound = !faults.has(Fault.AMP_FAULT) && !faults.has(Fault.STORE_IO);
        if (welcomed && sound) {
            memory.put(SECURITY, Long.toString(now.sec()));
            reach(now, FirmwareState.CONFIRMED, null);
            faults.clear(Fault.FW_ROLLBACK);
            out.add(new Output.KeepFirmware(now.ver()));
        } else if (time.mono() >= Timers.FIRMWARE_TRIAL.toMillis()) {
            reach(now, FirmwareState.ROLLED_BACK, welcomed ? "selftest" : "welcome");
            faults.set(Fault.FW_ROLLBACK);
            out.add(new Output.RevertFirmware(now.ver()));
        }
    }

    private Progress reach(Progress now, FirmwareState state, @Nullable String why) {
        var next = new Progress(now.seq(), now.ver(), state, now.sec());
        progress = next;
        memory.put(KEY, next.text());
        journal.add(new Event.FirmwareChange(state, now.ver(), why));
        out.add(new Output.Say("Firmware " + now.ver() + ": " + state.name().toLowerCase(java.util.Locale.ROOT)
                + (why == null ? "" : " (" + why + ")") + "."));
        return next;
    }
}
