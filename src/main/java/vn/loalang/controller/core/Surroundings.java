package vn.loalang.controller.core;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Site;

/** What binds all sound alike: the settings in force, the hour, the amplifier, and a person's wish for silence. */
final class Surroundings {
    private static final int ZONE_WITHOUT_SITE = 420;

    private final TrustedTime time;
    private final Faults faults;
    private @Nullable Site site;
    private Volume volume = new Volume(null, 0);

    Surroundings(TrustedTime time, Faults faults) {
        this.time = time;
        this.faults = faults;
    }

    /**
     * @param now safety settings; without them no plan plays (SIT-1)
     * @param trimDb {@code cfg.trim}
     */
    void settings(@Nullable Site now, int trimDb) {
        site = now;
        volume = new Volume(now, trimDb);
    }

    @Nullable
    Site site() {
        return site;
    }

    Volume volume() {
        return volume;
    }

    /** Local minute of the day, 0–1439; empty while the time is unknown. */
    OptionalLong minuteOfDay() {
        var now = time.now();
        if (now.isEmpty()) return OptionalLong.empty();
        var zone = site == null ? ZONE_WITHOUT_SITE : site.tz();
        return OptionalLong.of(Math.floorMod(Math.floorDiv(now.getAsLong(), 60_000L) + zone, 1_440L));
    }

    boolean isQuiet() {
        return isQuietIn(0);
    }

    private boolean isQuietIn(long ms) {
        var bound = site;
        return bound != null && time.quiet(at -> bound.isQuietAt(at + ms));
    }

    /** As they will be after so many milliseconds, as far as hours decide. */
    Decision.Conditions conditionsIn(long ms) {
        return new Decision.Conditions(
                faults.has(Fault.AMP_FAULT),
                faults.has(Fault.MUTED),
                time.now().isPresent(),
                // Nobody has told this box its quiet hours yet: only what may break them sounds [SIT-1].
                site == null || isQuietIn(ms));
    }
}
