package vn.loalang.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.NewArea;
import vn.loalang.area.QuietHours;
import vn.loalang.area.ServerSettings;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.audio.Recording;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;
import vn.loalang.audio.Samples;
import vn.loalang.fleet.Controller;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.NewController;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.DeviceId;
import vn.loalang.timetable.NewSlot;
import vn.loalang.timetable.Recurrence;
import vn.loalang.timetable.SlotRefused;
import vn.loalang.timetable.Targets;
import vn.loalang.timetable.Timetable;

/** Fills an empty database with the demo commune, once, and adds a slot two minutes ahead at each start. */
@Component
@WithDemo
class DemoCommune {
    private static final Logger LOG = LoggerFactory.getLogger(DemoCommune.class);
    private static final String COMMUNE_CODE = "demo-tan-lap";
    /** Close enough to wait for, far enough for six controllers to start and fetch. */
    private static final int MINUTES_AHEAD = 2;

    private static final int TRIES = 30;

    private final Areas areas;
    private final Stations stations;
    private final Recordings recordings;
    private final Fleet fleet;
    private final Timetable timetable;
    private final ServerSettings settings;
    private final Clock clock;

    DemoCommune(
            Areas areas,
            Stations stations,
            Recordings recordings,
            Fleet fleet,
            Timetable timetable,
            ServerSettings settings,
            Clock clock) {
        this.areas = areas;
        this.stations = stations;
        this.recordings = recordings;
        this.fleet = fleet;
        this.timetable = timetable;
        this.settings = settings;
        this.clock = clock;
    }

    /** A recording shipped with the product and the name it gets. */
    private enum Sample {
        TEST_ANNOUNCEMENT("Bản tin thử nghiệm"),
        MORNING_BULLETIN("Bản tin sáng của xã"),
        WATER_CUT("Thông báo lịch cắt nước"),
        VACCINATION("Lịch tiêm vắc-xin tại trạm y tế"),
        VILLAGE_MEETING("Mời họp thôn");

        private final String title;

        Sample(String title) {
            this.title = title;
        }

        String file() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-') + ".mp3";
        }
    }

    /** Directory of everything the demo's controllers keep. */
    Path directory() {
        return settings.dataPath().resolve("demo");
    }

    /** Whether the commune of this database is the demo's. */
    boolean present() {
        return areas.findByCode(COMMUNE_CODE).isPresent();
    }

    /** Seeds an empty database; leaves any other alone. */
    void seedIfEmpty(java.util.function.Function<DemoPlace, DeviceId> units) throws IOException {
        if (!areas.none()) {
            return;
        }
        var station = new StationId(stations.main().id());
        var commune = commune();
        stations.rename(station.value(), "Đài truyền thanh xã Tân Lập");
        stations.serve(station.value(), commune.id());
        areas.setQuietHours(commune.path(), QuietHours.OFF);
        for (var village : DemoPlace.villages()) {
            areas.add(NewArea.village(commune.path(), village.code(), village.name()));
        }
        for (var place : DemoPlace.values()) {
            var village = areas.findByCode(place.villageCode()).orElseThrow();
            var controller = fleet.addController(new NewController(
                    station,
                    new AreaId(village.id()),
                    place.title(),
                    place.latitude(),
                    place.longitude(),
                    NewController.DEFAULT_VOLUME_LIMIT,
                    Set.of()));
            var unit = units.apply(place);
            fleet.registerUnit(new NewUnit(unit, "loalang-pc", "process"));
            fleet.assign(unit, controller);
        }
        var sounds = samples(station);
        var everyone = everyone(commune);
        slot(station, sounds, Sample.MORNING_BULLETIN, LocalTime.of(6, 0), Recurrence.daily(null), everyone);
        slot(station, sounds, Sample.WATER_CUT, LocalTime.of(11, 15), Recurrence.daily(null), everyone);
        slot(station, sounds, Sample.VACCINATION, LocalTime.of(17, 0), Recurrence.daily(null), everyone);
        var market = fleet.all(station).stream()
                .filter(controller -> controller.name().equals(DemoPlace.CAM_TRUNG_MARKET.title()))
                .map(Controller::id)
                .findFirst()
                .orElseThrow();
        slot(
                station,
                sounds,
                Sample.VILLAGE_MEETING,
                LocalTime.of(18, 30),
                Recurrence.weekly(Set.of(DayOfWeek.MONDAY, DayOfWeek.WEDNESDAY, DayOfWeek.FRIDAY), null),
                new Targets(Set.of(), Set.of(market)));
    }

    /** Puts the morning bulletin two minutes ahead on every pole; on the next free minute if something else is due then. */
    LocalTime slotSoon() {
        var station = stations.main();
        var stationId = new StationId(station.id());
        var bulletin = recordings.list(stationId).stream()
                .filter(recording -> recording.title().equals(Sample.MORNING_BULLETIN.title))
                .map(Recording::id)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("The demo's morning bulletin is gone from the library"));
        var commune = areas.findByCode(COMMUNE_CODE).orElseThrow();
        var when = clock.instant()
                .atZone(station.zone())
                .truncatedTo(ChronoUnit.MINUTES)
                .plusMinutes(MINUTES_AHEAD + 1L);
        SlotRefused last = null;
        for (var tries = 0; tries < TRIES; tries++) {
            try {
                timetable.create(
                        stationId, newSlot(bulletin, when.toLocalDate(), when.toLocalTime(), everyone(commune)));
                return when.toLocalTime();
            } catch (SlotRefused busy) {
                last = busy;
                when = when.plusMinutes(1);
            }
        }
        LOG.warn("No free minute for the demo's slot within {} minutes; the timetable is left as it is", TRIES);
        throw java.util.Objects.requireNonNull(last);
    }

    /** The poles of the demo with the boxes on them, by place; places that somebody has since removed are left out. */
    Map<DemoPlace, ControllerId> poles() {
        Map<DemoPlace, ControllerId> poles = new EnumMap<>(DemoPlace.class);
        for (var controller : fleet.all(new StationId(stations.main().id()))) {
            for (var place : DemoPlace.values()) {
                if (controller.name().equals(place.title())) {
                    poles.put(place, controller.id());
                }
            }
        }
        return poles;
    }

    private Area commune() {
        var province = areas.add(new NewArea(
                AreaPath.ROOT,
                "demo-tinh",
                "Bình Minh",
                "Tỉnh Bình Minh",
                "province",
                Authority.PROVINCE,
                List.of("vi"),
                null));
        return areas.add(new NewArea(
                province.path(),
                COMMUNE_CODE,
                "Tân Lập",
                "Xã Tân Lập",
                "commune",
                Authority.COMMUNE,
                List.of("vi"),
                null));
    }

    private static Targets everyone(Area commune) {
        return new Targets(Set.of(new AreaId(commune.id())), Set.of());
    }

    private Map<Sample, RecordingId> samples(StationId station) throws IOException {
        Map<Sample, RecordingId> made = new EnumMap<>(Sample.class);
        for (var sample : Sample.values()) {
            var recording = Samples.store(sample.file(), file -> recordings.add(station, file, sample.title, "vi"));
            made.put(sample, recording.id());
        }
        return made;
    }

    private void slot(
            StationId station,
            Map<Sample, RecordingId> sounds,
            Sample sample,
            LocalTime start,
            Recurrence recurrence,
            Targets targets) {
        var today = clock.instant().atZone(stations.main().zone()).toLocalDate();
        var recording = java.util.Objects.requireNonNull(sounds.get(sample));
        timetable.create(
                station,
                new NewSlot(
                        recording, today, start, recurrence, targets, NewSlot.USUAL_VOLUME, NewSlot.USUAL_LATENESS));
    }

    private static NewSlot newSlot(RecordingId recording, LocalDate date, LocalTime start, Targets targets) {
        return new NewSlot(
                recording, date, start, Recurrence.once(), targets, NewSlot.USUAL_VOLUME, NewSlot.USUAL_LATENESS);
    }
}
