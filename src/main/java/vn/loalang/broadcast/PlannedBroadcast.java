package vn.loalang.broadcast;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import vn.loalang.audio.RecordingId;
import vn.loalang.fleet.ControllerId;

/**
 * A broadcast that a slot has brought forth and that is not cancelled.
 *
 * @param end when it will be over if it starts in time
 * @param controllers where it is wanted now
 */
public record PlannedBroadcast(
        BroadcastId id,
        long slotRevision,
        String title,
        Instant start,
        Instant latestStart,
        Instant end,
        int volume,
        List<RecordingId> recordings,
        Set<ControllerId> controllers) {}
