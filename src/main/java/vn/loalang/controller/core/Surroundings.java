package vn.loalang.controller.core;

import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Site;

/** What binds all sound alike: the settings in force, the hour, the amplifier, and a person's wish for silence. */
final class Surroundings {
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

    boolean isQuiet() {
        var bound = site;
        return bound != null && time.quiet(bound::isQuietAt);
    }

    Decision.Conditions conditions() {
        return new Decision.Conditions(
                faults.has(Fault.AMP_FAULT), faults.has(Fault.MUTED), time.now().isPresent(), isQuiet());
    }
}
