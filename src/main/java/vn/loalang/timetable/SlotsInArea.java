package vn.loalang.timetable;

import java.time.Clock;
import org.springframework.stereotype.Component;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaUse;
import vn.loalang.area.Refusal;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;

/** An area that slots will still speak to is not archived: they would speak to nobody, and nobody would be told. */
@Component
class SlotsInArea implements AreaUse {
    private final Slots slots;
    private final Stations stations;
    private final Clock clock;

    SlotsInArea(Slots slots, Stations stations, Clock clock) {
        this.slots = slots;
        this.stations = stations;
        this.clock = clock;
    }

    @Override
    public void checkUnused(Area area) {
        var id = new AreaId(area.id());
        var speaking = stations.all().stream()
                .flatMap(station -> slots.live(new StationId(station.id())).stream())
                .filter(slot -> slot.content().targets().areas().contains(id))
                .filter(this::lasts)
                .count();
        if (speaking > 0) {
            throw new Refusal("path", "timetable.refused.areaInUse", area.fullName(), speaking);
        }
    }

    private boolean lasts(Slot slot) {
        var today = clock.instant().atZone(slot.zone()).toLocalDate();
        return !slot.content()
                .occurrences(slot.zone(), today, today.plusDays(SlotChecks.HORIZON_DAYS))
                .isEmpty();
    }
}
