package vn.loalang.fleet;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * What poles last played, for the pages of this module, which knows nothing of broadcasts: told by the module above that
 * does, since a call from here would be a circle.
 */
public interface PoleOutcomes {
    /** The newest outcome of each pole that has one. */
    Map<ControllerId, Line> newest(Collection<ControllerId> poles);

    /** The newest outcomes of one pole, newest first. */
    List<Line> recent(ControllerId pole, int limit);

    /**
     * One outcome in the reader's words.
     *
     * @param drill whether the title is marked as a drill's
     * @param at when the broadcast was to begin
     * @param link the broadcast's page
     * @param tone {@code ok}, {@code warn}, {@code bad} or {@code off}
     * @param sentence what was heard
     * @param proof how it is known; empty where nothing was heard
     */
    record Line(
            String title,
            boolean drill,
            Instant at,
            String link,
            String tone,
            String icon,
            String sentence,
            String proof) {}
}
