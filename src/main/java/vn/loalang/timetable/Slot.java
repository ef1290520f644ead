package vn.loalang.timetable;

import java.time.Instant;
import java.time.ZoneId;
import vn.loalang.area.StationId;

/**
 * A slot of the timetable as it stands now.
 *
 * @param id never reused
 * @param station whose timetable it is in
 * @param zone the station's
 * @param revision counts changes from 1; hand it back when changing the slot, so that two people do not overwrite each other
 * @param seniorSince when it, or the slot it was split from, was first made
 * @param content what the operator decided
 * @param change the change that made this revision
 * @param changedBy who made it, by name
 * @param changedAt when
 */
public record Slot(
        SlotId id,
        StationId station,
        ZoneId zone,
        int revision,
        Instant seniorSince,
        SlotContent content,
        long change,
        String changedBy,
        Instant changedAt) {}
