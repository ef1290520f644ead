package vn.loalang.delivery;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.QuietWindow;
import vn.loalang.protocol.Site;

/**
 * What this server wants to stand in a box's safety settings; what it has no opinion about is as the protocol has it by default.
 *
 * @param areas the pole's area and those above it, deepest first
 * @param pins by name
 * @param tz minutes east of UTC
 * @param vmax loudest routine volume, 10–100 %
 */
record SiteDraft(List<AreaPath> areas, Map<String, Asset> pins, int tz, List<QuietWindow> quiet, int vmax) {
    private static final int GAIN = 0;
    private static final int SMAX = 3600;

    SiteDraft {
        areas = List.copyOf(areas);
        quiet = List.copyOf(quiet);
    }

    /** What stands in settings that were signed elsewhere; empty when they say what we would not. */
    static Optional<SiteDraft> in(Site site) {
        var draft = new SiteDraft(site.areas(), site.pins(), site.tz(), site.quiet(), site.vmax());
        return draft.site(site.head()).equals(site) ? Optional.of(draft) : Optional.empty();
    }

    /** Of what it says, without numbers and moments of issue. */
    String contentHash() {
        return Hash.of(Link.utf8("site " + areas + tz + quiet + vmax + (pins.isEmpty() ? "" : pins)))
                .hex();
    }

    Site site(Head head) {
        return new Site(head, areas, pins, tz, quiet, vmax, GAIN, SMAX, true, List.of());
    }
}
