package vn.loalang.broadcast;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.Quality;

/**
 * One report about one broadcast on one controller.
 *
 * @param unit the box that reports; null for {@link Outcome.Sent}, which is our own doing
 * @param deviceTime when it happened by the box's clock; what {@code Sent} says is the server's time. A box that did not
 *     know the time (U) reports milliseconds since boot: pass them as an instant after 1970, they are kept but not shown
 * @param quality how far the box trusted its clock
 * @param number {@code n} of the journal entry, 0 for {@code Sent}. It puts starts and interruptions in order when they
 *     arrive in another one
 * @param receivedAt when the server heard of it
 * @param repetition which repetition of an emergency it is about, from 1; 0 for what sounds once
 */
public record Evidence(
        ControllerId controller,
        @Nullable DeviceId unit,
        Oid oid,
        Instant deviceTime,
        Quality quality,
        long number,
        Instant receivedAt,
        Outcome outcome,
        int repetition) {
    /** A report about what sounds once. */
    public Evidence(
            ControllerId controller,
            @Nullable DeviceId unit,
            Oid oid,
            Instant deviceTime,
            Quality quality,
            long number,
            Instant receivedAt,
            Outcome outcome) {
        this(controller, unit, oid, deviceTime, quality, number, receivedAt, outcome, 0);
    }
}
