package vn.loalang.broadcast;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.when;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.event.ApplicationEvents;
import org.springframework.test.context.event.RecordApplicationEvents;
import vn.loalang.SettableClock;
import vn.loalang.area.AreaId;
import vn.loalang.area.Authority;
import vn.loalang.area.StationId;
import vn.loalang.audio.ContentHash;
import vn.loalang.audio.Recording;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.FleetSettings;
import vn.loalang.fleet.NewController;
import vn.loalang.fleet.NewUnit;
import vn.loalang.fleet.PresenceBook;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Quality;
import vn.loalang.web.LiveUpdates;

/** A database with the whole schema, one village with poles, and a recording of two minutes and ten seconds. */
@JdbcTest
@AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.NONE)
@TestPropertySource(
        properties =
                "spring.datasource.url=jdbc:h2:mem:playback;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH")
@Import({
    Broadcasts.class,
    Playbacks.class,
    Fleet.class,
    PresenceBook.class,
    LiveUpdates.class,
    vn.loalang.area.Stations.class,
    vn.loalang.web.Times.class,
    PlaybackTestBase.Wiring.class
})
@EnableConfigurationProperties({BroadcastSettings.class, FleetSettings.class})
@RecordApplicationEvents
abstract class PlaybackTestBase {
    static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
    static final Duration LENGTH = Duration.ofSeconds(130);
    static final DeviceId UNIT = new DeviceId("AAAAAAAAAAAAAAAA");
    static final StationId STATION = new StationId(1);

    @Autowired
    JdbcClient jdbc;

    @Autowired
    Broadcasts broadcasts;

    @Autowired
    Playbacks playbacks;

    @Autowired
    Fleet fleet;

    @Autowired
    PresenceBook presence;

    @Autowired
    SettableClock clock;

    @Autowired
    ApplicationEvents events;

    @MockitoBean
    Recordings recordings;

    AreaId village;

    @BeforeEach
    void aVillageAndARecording() {
        clock.set(START.minusSeconds(3600));
        when(recordings.find(any(RecordingId.class))).thenReturn(Optional.empty());
        knowRecording(7, LENGTH);
        jdbc.sql("""
                        insert into area_area (path, code, name, full_name, level, authority, search_key, created_at)
                        values ('37.1', '371', 'Cẩm Trung', 'Thôn Cẩm Trung', 'village', 'VILLAGE', 'cam trung', current_timestamp)""").update();
        village = new AreaId(jdbc.sql("select id from area_area where path = '37.1'")
                .query(Long.class)
                .single());
    }

    void knowRecording(long id, Duration length) {
        var known = aRecording(id, length);
        when(recordings.find(new RecordingId(id))).thenReturn(Optional.of(known));
        store(jdbc, known);
    }

    /** The row that a broadcast's sounds refer to; what a test sees of recordings is a mock. */
    static void store(JdbcClient jdbc, Recording known) {
        jdbc.sql("""
                        insert into audio_recording (id, station_id, title, search_key, language, original_hash, original_bytes,
                          original_name, canonical_hash, canonical_bytes, duration_ms, peaks, warnings, uploaded_by, uploaded_at)
                        values (:id, :station, 'Bản tin xã', 'ban tin xa', 'vi', :hash, 1, 'bulletin.mp3', :hash, :bytes, :length,
                          :peaks, '', 'Hoa', current_timestamp) on conflict do nothing""")
                .param("id", known.id().value())
                .param("station", STATION.value())
                .param("hash", known.canonicalHash().hex())
                .param("bytes", known.canonicalBytes())
                .param("length", known.duration().toMillis())
                .param("peaks", new byte[0])
                .update();
    }

    static Recording aRecording(long id, Duration length) {
        var hash = new ContentHash(Hash.of(new byte[] {(byte) id}).hex());
        return new Recording(
                new RecordingId(id),
                STATION,
                "Bản tin xã",
                "vi",
                hash,
                "bulletin.mp3",
                hash,
                length.toMillis() * 6,
                length,
                -18.0,
                Set.of(),
                "Hoa",
                START,
                null,
                0);
    }

    ControllerId aPole(String name) {
        return fleet.addController(new NewController(STATION, village, name, null, null, 80, Set.of()));
    }

    ControllerId aPoleWithBox(String name, DeviceId unit) {
        var pole = aPole(name);
        fleet.registerUnit(new NewUnit(unit, "LC1", "r1"));
        fleet.assign(unit, pole);
        return pole;
    }

    BroadcastId aBroadcast(Instant start, ControllerId... controllers) {
        return broadcasts.plan(new NewBroadcast(
                STATION,
                Priority.NORMAL,
                Authority.COMMUNE,
                Origin.SLOT,
                Status.ACTUAL,
                5L,
                1L,
                "Bản tin xã",
                null,
                List.of(new RecordingId(7)),
                start,
                start.plusSeconds(300),
                70,
                Set.of(controllers)));
    }

    static Evidence report(BroadcastId broadcast, ControllerId controller, long number, Instant at, Outcome outcome) {
        var unit = outcome instanceof Outcome.Sent ? null : UNIT;
        return new Evidence(
                controller, unit, broadcast.oid(), at, Quality.T, number, START.plusSeconds(1000 + number), outcome);
    }

    PlaybackState state(BroadcastId broadcast, ControllerId controller) {
        return PlaybackState.valueOf((String) row(broadcast, controller).get("state"));
    }

    java.util.Map<String, Object> row(BroadcastId broadcast, ControllerId controller) {
        return jdbc.sql("select * from broadcast_playback where broadcast_id = :b and controller_id = :c")
                .param("b", broadcast.value())
                .param("c", controller.value())
                .query()
                .singleRow();
    }

    @TestConfiguration
    static class Wiring {
        @Bean
        @Primary
        SettableClock settableClock() {
            return new SettableClock(START.minusSeconds(3600));
        }
    }
}
