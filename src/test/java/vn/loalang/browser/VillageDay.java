package vn.loalang.browser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import vn.loalang.SettableClock;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.NewArea;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.broadcast.Evidence;
import vn.loalang.broadcast.Outcome;
import vn.loalang.broadcast.PlannedBroadcast;
import vn.loalang.broadcast.Playbacks;
import vn.loalang.broadcast.Proof;
import vn.loalang.broadcast.Reason;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.NewController;
import vn.loalang.fleet.NewUnit;
import vn.loalang.fleet.PresenceBook;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Quality;
import vn.loalang.timetable.NewSlot;
import vn.loalang.timetable.Recurrence;
import vn.loalang.timetable.SlotId;
import vn.loalang.timetable.Targets;
import vn.loalang.timetable.Timetable;

/**
 * A Sunday afternoon in the commune Tân Lập, made through the modules' own interfaces: nine poles in four villages, a week
 * of slots, a bulletin on the air of which seven poles say that they sound; one has a broken amplifier, one has been
 * silent since 16:41.
 */
final class VillageDay {
    static final ZoneId HANOI = ZoneId.of("Asia/Ho_Chi_Minh");
    private static final LocalDate SUNDAY = LocalDate.of(2026, 11, 22);
    private static final Instant BULLETIN_STARTS = at(SUNDAY, "17:00:00");
    private static final StationId STATION = new StationId(1);
    private static final List<String> POLES = List.of(
            "Cẩm Trung/Nhà văn hoá Cẩm Trung",
            "Cẩm Trung/Chợ Hôm",
            "Đằng Xá/Ngã ba đình",
            "Đằng Xá/Cổng chùa Đằng Xá",
            "Hạ Vũ/Ngã ba Hạ Vũ",
            "Hạ Vũ/Trạm y tế xã",
            "Luyện Phú/Đê Luyện Phú",
            "Luyện Phú/Xóm Tây",
            "Luyện Phú/Trường tiểu học");
    /** Its amplifier is broken. */
    static final String BROKEN = "Ngã ba đình";
    /** Silent since 16:41. */
    static final String LOST = "Xóm Tây";
    /** Connected, has its plan, has not said yet that it sounds. */
    static final String QUIET = "Trường tiểu học";

    private final Areas areas;
    private final Stations stations;
    private final Recordings recordings;
    private final Fleet fleet;
    private final PresenceBook presence;
    private final Timetable timetable;
    private final Broadcasts broadcasts;
    private final Playbacks playbacks;
    private final SettableClock clock;
    private final Map<String, ControllerId> poles = new LinkedHashMap<>();
    private final Map<String, RecordingId> sounds = new LinkedHashMap<>();
    private boolean made;
    private PlannedBroadcast bulletin;
    private long journal = 100;

    VillageDay(
            Areas areas,
            Stations stations,
            Recordings recordings,
            Fleet fleet,
            PresenceBook presence,
            Timetable timetable,
            Broadcasts broadcasts,
            Playbacks playbacks,
            SettableClock clock) {
        this.areas = areas;
        this.stations = stations;
        this.recordings = recordings;
        this.fleet = fleet;
        this.presence = presence;
        this.timetable = timetable;
        this.broadcasts = broadcasts;
        this.playbacks = playbacks;
        this.clock = clock;
    }

    /** Makes it all at the first call; the clock then stands within the bulletin. */
    VillageDay made() throws IOException {
        if (!made) {
            made = true;
            clock.set(at(SUNDAY.minusDays(1), "16:00:00"));
            commune();
            recordings();
            timetable();
            evidence();
        }
        return this;
    }

    /** The broadcast on the air. */
    BroadcastId onAir() {
        return bulletin.id();
    }

    /** Lets the silent pole come back. */
    void comesBack(String pole) {
        presence.heard(unit(pole), 2, clock.instant());
    }

    ControllerId pole(String name) {
        return poles.get(name);
    }

    RecordingId recording() {
        return sounds.get("Bản tin xã: lịch tiêm vắc-xin và lịch cắt nước");
    }

    /** A report of this pole about the bulletin, as the broker's inbox would hand it on. */
    void says(String pole, Outcome outcome) {
        says(pole, bulletin, outcome, clock.instant());
    }

    private void says(String pole, PlannedBroadcast broadcast, Outcome outcome, Instant moment) {
        playbacks.record(List.of(new Evidence(
                poles.get(pole),
                outcome instanceof Outcome.Sent ? null : unit(pole),
                broadcast.id().oid(),
                moment,
                Quality.T,
                outcome instanceof Outcome.Sent ? 0 : journal++,
                moment,
                outcome)));
    }

    private void commune() {
        var commune = areas.add(new NewArea(
                AreaPath.ROOT, "14560", "Tân Lập", "Xã Tân Lập", "commune", Authority.COMMUNE, List.of("vi"), null));
        stations.serve(STATION.value(), commune.id());
        stations.rename(STATION.value(), "Đài truyền thanh xã Tân Lập");
        var villages = new LinkedHashMap<String, AreaId>();
        for (var pole : POLES) {
            var village = pole.substring(0, pole.indexOf('/'));
            villages.computeIfAbsent(
                    village,
                    it -> new AreaId(
                            areas.add(NewArea.village(commune.path(), "14560-" + (villages.size() + 1), "Thôn " + it))
                                    .id()));
            var name = pole.substring(pole.indexOf('/') + 1);
            var id = fleet.addController(new NewController(
                    STATION,
                    villages.get(village),
                    name,
                    20.3 + poles.size() * 0.004,
                    105.97 + poles.size() * 0.003,
                    80,
                    Set.of()));
            poles.put(name, id);
            var unit = unit(name);
            fleet.registerUnit(new NewUnit(unit, "LC1", "r2"));
            fleet.assign(unit, id);
            presence.hello(List.of(new PresenceBook.Greeted(unit, 1, 1, "1.4.2", "r2", clock.instant())));
        }
    }

    private void recordings() throws IOException {
        // Long slots are for people to look at; tests are quicker without them.
        var quarters = System.getProperty("pictures") == null ? 4 : 10;
        add("Tiếp sóng thời sự Đài tỉnh (ghi lại)", "morning-bulletin.mp3", quarters * 2);
        add("Phổ biến Luật Phòng thủ dân sự – kỳ 3", "vaccination.mp3", quarters);
        add("Mời họp thôn Luyện Phú", "village-meeting.mp3", 3);
        add("Thông báo lịch cắt nước", "water-cut.mp3", 2);
        add("Bản tin xã: lịch tiêm vắc-xin và lịch cắt nước", "morning-bulletin.mp3", quarters);
    }

    private void add(String title, String sample, int times) throws IOException {
        var folder = Files.createDirectories(Path.of("target", "village-day"));
        var one = Files.readAllBytes(Path.of("audio-samples", sample));
        var file = folder.resolve(sample.replace(".mp3", "-" + times + ".mp3"));
        try (var out = Files.newOutputStream(file)) {
            for (var i = 0; i < times; i++) {
                out.write(one);
            }
        }
        clock.set(clock.instant().plusSeconds(60));
        sounds.put(title, recordings.add(STATION, file, title, "vi").id());
    }

    private void timetable() {
        var saturday = SUNDAY.minusDays(1);
        var everywhere = new Targets(
                Set.of(new AreaId(areas.findByCode("14560").orElseThrow().id())), Set.of());
        var titles = new ArrayList<>(sounds.keySet());
        slot(titles.get(0), saturday.plusDays(1), "05:00", Recurrence.daily(null), everywhere);
        slot(titles.get(3), saturday.plusDays(1), "05:45", Recurrence.daily(null), everywhere);
        var seventeen = slot(titles.get(4), saturday, "17:00", Recurrence.daily(null), everywhere);
        slot(
                titles.get(1),
                saturday,
                "17:30",
                Recurrence.weekly(
                        Set.of(DayOfWeek.MONDAY, DayOfWeek.WEDNESDAY, DayOfWeek.SATURDAY, DayOfWeek.SUNDAY), null),
                everywhere);
        slot(
                titles.get(2),
                SUNDAY,
                "18:15",
                Recurrence.weekly(Set.of(DayOfWeek.TUESDAY, DayOfWeek.SUNDAY), null),
                new Targets(Set.of(), Set.of(poles.get("Đê Luyện Phú"), poles.get(LOST), poles.get(QUIET))));
        bulletin = broadcasts.plannedBySlot(seventeen.value(), at(SUNDAY, "00:00:00")).stream()
                .filter(it -> it.start().equals(BULLETIN_STARTS))
                .findFirst()
                .orElseThrow();
    }

    private SlotId slot(String title, LocalDate first, String start, Recurrence recurrence, Targets targets) {
        return timetable
                .create(
                        STATION,
                        new NewSlot(
                                sounds.get(title),
                                first,
                                LocalTime.parse(start),
                                recurrence,
                                targets,
                                NewSlot.USUAL_VOLUME,
                                NewSlot.USUAL_LATENESS))
                .slot();
    }

    private void evidence() {
        var lostAt = at(SUNDAY, "16:41:20");
        var planned = timetable.live(STATION).stream()
                .flatMap(slot -> broadcasts.plannedBySlot(slot.id().value(), at(SUNDAY, "00:00:00")).stream())
                .toList();
        clock.set(at(SUNDAY, "04:50:00"));
        for (var broadcast : planned) {
            poles.forEach((name, id) -> {
                if (broadcast.controllers().contains(id)) {
                    says(name, broadcast, new Outcome.Sent(), clock.instant());
                    says(name, broadcast, new Outcome.Received(), clock.instant());
                    says(name, broadcast, new Outcome.Prepared(), clock.instant());
                    if (broadcast.start().isBefore(at(SUNDAY, "12:00:00"))) {
                        var length = Duration.between(broadcast.start(), broadcast.end())
                                .toMillis();
                        says(name, broadcast, new Outcome.Started(12, 0), broadcast.start());
                        says(name, broadcast, new Outcome.Completed(length, Proof.AMP, 80), broadcast.end());
                    }
                }
            });
        }
        var now = BULLETIN_STARTS.plusMillis(
                Duration.between(BULLETIN_STARTS, bulletin.end()).toMillis() * 57 / 100);
        clock.set(now);
        presence.fault(unit(BROKEN), Fault.AMP_FAULT, true, BULLETIN_STARTS);
        poles.keySet().forEach(name -> {
            if (name.equals(LOST)) {
                presence.heard(unit(name), 1, lostAt);
                presence.left(unit(name), 1, lostAt);
            } else {
                presence.heard(unit(name), 1, now);
                if (name.equals(BROKEN)) {
                    says(name, bulletin, new Outcome.Failed(Reason.AMP), BULLETIN_STARTS);
                } else if (!name.equals(QUIET)) {
                    says(name, bulletin, new Outcome.Started(4, 0), BULLETIN_STARTS);
                }
            }
        });
    }

    private DeviceId unit(String pole) {
        return new DeviceId(("TANLAP" + new ArrayList<>(poles.keySet()).indexOf(pole) + "AAAAAAAAAA")
                .replace('0', 'X')
                .replace('1', 'Y')
                .replace('8', 'Z')
                .substring(0, 16));
    }

    static Instant at(LocalDate date, String time) {
        return date.atTime(LocalTime.parse(time)).atZone(HANOI).toInstant();
    }

    /** The day and its clock, which stands still. */
    @TestConfiguration
    static class Calendar {
        @Bean
        @Primary
        SettableClock standingClock() {
            return new SettableClock(at(SUNDAY.minusDays(1), "16:00:00"));
        }

        @Bean
        VillageDay villageDay(
                Areas areas,
                Stations stations,
                Recordings recordings,
                Fleet fleet,
                PresenceBook presence,
                Timetable timetable,
                Broadcasts broadcasts,
                Playbacks playbacks,
                SettableClock clock) {
            return new VillageDay(
                    areas, stations, recordings, fleet, presence, timetable, broadcasts, playbacks, clock);
        }
    }
}
