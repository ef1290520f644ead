package vn.loalang.controller.core;

import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Site;

/** How loud (rule PRI-1). */
final class Volume {
    private static final int LIMIT_WITHOUT_SITE = 80;

    private final @Nullable Site site;
    private final int trimDb;

    /**
     * @param percent what the journal says
     * @param gain linear factor for samples
     */
    record Level(int percent, double gain) {}

    /**
     * @param site safety settings, if there are any yet
     * @param trimDb {@code cfg.trim}, attenuation of routine sound
     */
    Volume(@Nullable Site site, int trimDb) {
        this.site = site;
        this.trimDb = trimDb;
    }

    /**
     * @param ordered percent
     * @param actual not an exercise or test
     */
    Level of(int ordered, int priority, boolean actual) {
        var free = priority >= Limits.EMERGENCY_PRI && actual;
        var percent = free ? ordered : Math.min(ordered, site == null ? LIMIT_WITHOUT_SITE : site.vmax());
        var decibels = (free ? 0 : trimDb) + (site == null ? 0 : site.gain());
        return new Level(percent, percent / 100.0 * Math.pow(10, decibels / 20.0));
    }
}
