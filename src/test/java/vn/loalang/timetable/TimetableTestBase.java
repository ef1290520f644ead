package vn.loalang.timetable;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.MockMvc;
import vn.loalang.SettableClock;
import vn.loalang.access.TestPeople;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.NewArea;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.audio.RecordingId;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.broadcast.PlannedBroadcast;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.NewController;

/** The whole server on its own database, its clock standing still; a commune with two villages, three poles, two recordings. */
@SpringBootTest
@AutoConfigureMockMvc
@Import(TimetableTestBase.StandingClock.class)
abstract class TimetableTestBase {
    /** A Sunday, 15:00 in the village. */
    static final Instant NOW = SlotSamples.NOW;

    static final LocalDate SUNDAY = SlotSamples.SUNDAY;
    static final StationId STATION = new StationId(1);

    @Autowired
    MockMvc mvc;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    Timetable timetable;

    @Autowired
    RollOver rollOver;

    @Autowired
    Broadcasts broadcasts;

    @Autowired
    Areas areas;

    @Autowired
    Stations stations;

    @Autowired
    Fleet fleet;

    @Autowired
    TestPeople people;

    @Autowired
    SettableClock clock;

    AreaId commune;
    AreaId village;
    AreaPath communePath;
    ControllerId one;
    ControllerId two;
    ControllerId three;
    RecordingId bulletin;
    RecordingId relay;

    @BeforeEach
    void aCommune() {
        clock.set(NOW);
        if (areas.findByCode("37").isEmpty()) {
            var top = areas.add(new NewArea(
                    AreaPath.ROOT, "37", "Tân Lập", "Xã Tân Lập", "commune", Authority.COMMUNE, List.of("vi"), null));
            areas.add(new NewArea(
                    top.path(), "371", "Chùa", "Thôn Chùa", "village", Authority.VILLAGE, List.of("vi"), null));
            areas.add(new NewArea(
                    top.path(), "372", "Đằng", "Thôn Đằng", "village", Authority.VILLAGE, List.of("vi"), null));
            stations.serve(1, top.id());
            pole("371", "Cột 1");
            pole("372", "Cột 2");
            pole("372", "Cột 3");
            recording("Bản tin xã", Duration.ofMinutes(15), NOW.minusSeconds(60));
            recording("Tiếp sóng VOV", Duration.ofMinutes(30), NOW.minusSeconds(120));
        }
        var top = areas.findByCode("37").orElseThrow();
        commune = new AreaId(top.id());
        communePath = top.path();
        village = new AreaId(areas.findByCode("371").orElseThrow().id());
        var poles = fleet.all(STATION);
        one = poles.get(0).id();
        two = poles.get(1).id();
        three = poles.get(2).id();
        bulletin = find("Bản tin xã");
        relay = find("Tiếp sóng VOV");
    }

    @AfterEach
    void anEmptyTimetable() {
        clock.set(NOW);
        for (var table : List.of("idempotency", "occurrence", "target", "revision", "slot")) {
            jdbc.sql("delete from timetable_" + table).update();
        }
        jdbc.sql("update timetable_change set undone_by = null").update();
        jdbc.sql("delete from timetable_change").update();
        for (var table : List.of("playback_event", "playback", "asset", "broadcast")) {
            jdbc.sql("delete from broadcast_" + table).update();
        }
    }

    ControllerId pole(String areaCode, String name) {
        return fleet.addController(new NewController(
                STATION, new AreaId(areas.findByCode(areaCode).orElseThrow().id()), name, null, null, 80, Set.of()));
    }

    void recording(String title, Duration length, Instant at) {
        jdbc.sql("""
                        insert into audio_recording (station_id, title, search_key, language, original_hash, original_bytes,
                          original_name, canonical_hash, canonical_bytes, duration_ms, peaks, warnings, uploaded_by, uploaded_at)
                        values (1, :title, :title, 'vi', :hash, 1, 'a.mp3', :hash, 6000, :length, :peaks, '', 'Hoa', :at)""")
                .param("title", title)
                .param("hash", String.format("%064x", title.hashCode() & 0xffffffffL))
                .param("length", length.toMillis())
                .param("peaks", new byte[0])
                .param("at", SqlTime.of(at))
                .update();
    }

    RecordingId find(String title) {
        return new RecordingId(jdbc.sql("select id from audio_recording where title = :title")
                .param("title", title)
                .query(Long.class)
                .single());
    }

    NewSlot wanted(RecordingId recording, LocalDate date, String start, Recurrence recurrence, ControllerId... poles) {
        var targets = poles.length == 0 ? new Targets(Set.of(commune), Set.of()) : new Targets(Set.of(), Set.of(poles));
        return new NewSlot(recording, date, LocalTime.parse(start), recurrence, targets, 80, Duration.ofMinutes(5));
    }

    List<PlannedBroadcast> planned(SlotId slot) {
        return broadcasts.plannedBySlot(slot.value(), NOW.minus(Duration.ofDays(30)));
    }

    List<PlannedBroadcast> planned() {
        return timetable.live(STATION).stream()
                .flatMap(slot -> planned(slot.id()).stream())
                .sorted(java.util.Comparator.comparing(PlannedBroadcast::start))
                .toList();
    }

    static Instant at(LocalDate date, String time) {
        return date.atTime(LocalTime.parse(time)).atZone(SlotSamples.HANOI).toInstant();
    }

    @TestConfiguration
    static class StandingClock {
        @Bean
        @Primary
        SettableClock standingClock() {
            return new SettableClock(NOW);
        }
    }
}
