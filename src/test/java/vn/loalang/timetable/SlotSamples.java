package vn.loalang.timetable;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Set;
import vn.loalang.area.Authority;
import vn.loalang.area.StationId;
import vn.loalang.broadcast.Priority;
import vn.loalang.fleet.ControllerId;
import vn.loalang.programme.ProgrammeVersionId;

/** Slots that differ from the harmless one only in what a test is about. */
final class SlotSamples {
    static final ZoneId HANOI = ZoneId.of("Asia/Ho_Chi_Minh");
    /** A Sunday, 15:00 in the village. */
    static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");

    static final LocalDate SUNDAY = LocalDate.of(2026, 11, 22);

    private SlotSamples() {}

    static SlotContent slot(LocalDate date, String start, Recurrence recurrence, Duration length) {
        return new SlotContent(
                new ProgrammeVersionId(1),
                length,
                date,
                LocalTime.parse(start),
                recurrence,
                Set.of(),
                new Targets(Set.of(), Set.of(new ControllerId(1))),
                80,
                Duration.ofMinutes(5),
                Priority.NORMAL,
                Authority.COMMUNE);
    }

    static SlotContent quarterHour(LocalDate date, String start, Recurrence recurrence) {
        return slot(date, start, recurrence, Duration.ofMinutes(15));
    }

    static Slot kept(long id, SlotContent content) {
        return new Slot(new SlotId(id), new StationId(1), HANOI, 1, NOW.plusSeconds(id), content, id, "Hoa", NOW);
    }
}
