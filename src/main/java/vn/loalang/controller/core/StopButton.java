package vn.loalang.controller.core;

import java.util.OptionalLong;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Event.LocalAct;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Timers;

/**
 * The STOP button at the box (PRI-2): it ends what sounds for good; pressed again soon it silences everything remote for a
 * quarter of an hour. A switched-off box comes back unmuted.
 */
final class StopButton {
    private static final long NEVER = Long.MIN_VALUE / 2;

    private final TrustedTime time;
    private final Journal journal;
    private final Faults faults;
    private final Outputs out;
    private long lastMono = NEVER;
    private long mutedUntilMono = NEVER;

    StopButton(TrustedTime time, Journal journal, Faults faults, Outputs out) {
        this.time = time;
        this.journal = journal;
        this.faults = faults;
        this.out = out;
    }

    /** It was held for three seconds. */
    void held() {
        var mono = time.mono();
        journal.add(new Event.Local(LocalAct.STOP));
        if (mono - lastMono <= Timers.STOP_REPEAT.toMillis()) {
            mutedUntilMono = mono + Timers.MUTE.toMillis();
            faults.set(Fault.MUTED);
            out.add(new Output.Say("STOP again: remote sound is muted for " + Timers.MUTE.toMinutes() + " minutes."));
        }
        lastMono = mono;
    }

    /** Ends the mute in its time. */
    void tick() {
        if (time.mono() >= mutedUntilMono) faults.clear(Fault.MUTED);
    }

    /** Uptime at which the mute ends. */
    OptionalLong nextChange() {
        return faults.has(Fault.MUTED) ? OptionalLong.of(mutedUntilMono) : OptionalLong.empty();
    }
}
