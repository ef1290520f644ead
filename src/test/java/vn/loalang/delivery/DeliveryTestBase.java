package vn.loalang.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.ShiftedClock;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.NewArea;
import vn.loalang.area.QuietHours;
import vn.loalang.area.SqlTime;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Status;
import vn.loalang.broadcast.TimelinesChanged;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.NewController;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Step;
import vn.loalang.system.Await;

/** A whole server with its embedded broker on free ports, and boxes that connect to it. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {"loalang.broker.start=true", "loalang.delivery.linger=2ms", "loalang.public-host=localhost"})
@Import(ShiftedClock.class)
abstract class DeliveryTestBase {
    @Autowired
    JdbcClient jdbc;

    @Autowired
    TransactionTemplate transaction;

    @Autowired
    ApplicationEventPublisher events;

    @Autowired
    ShiftedClock clock;

    @Autowired
    Areas areas;

    @Autowired
    Stations stations;

    @Autowired
    Fleet fleet;

    @Autowired
    Broker broker;

    @Autowired
    ClaimFiles claims;

    @Autowired
    Compiler compiler;

    final List<TestDevice> devices = new ArrayList<>();
    static long nextBroadcast = 1_000_000_007L;
    static int nextName;
    AreaPath village;

    @BeforeEach
    void aVillage() throws Exception {
        clock.shift(Duration.ZERO);
        broker.up().get(60, TimeUnit.SECONDS);
        if (areas.findByCode("37").isEmpty()) {
            var province = areas.add(area("37", AreaPath.ROOT, "province", Authority.PROVINCE));
            var commune = areas.add(area("3714329", province.path(), "commune", Authority.COMMUNE));
            areas.add(area("371432901", commune.path(), "village", Authority.VILLAGE));
            areas.add(area("371432902", commune.path(), "village", Authority.VILLAGE));
        }
        village = areas.findByCode("371432901").orElseThrow().path();
    }

    @AfterEach
    void closeDevices() throws Exception {
        clock.shift(Duration.ZERO);
        for (var device : devices) {
            device.close();
        }
    }

    private static NewArea area(String code, AreaPath parent, String level, Authority authority) {
        return new NewArea(parent, code, "Thử " + code, "Thử " + code, level, authority, List.of("vi"), null);
    }

    /** Another commune of the same province, without quiet hours. */
    AreaPath anotherCommune() {
        return areas.findByCode("3714330")
                .orElseGet(() -> {
                    var added = areas.add(area("3714330", village.parent().parent(), "commune", Authority.COMMUNE));
                    areas.setQuietHours(added.path(), QuietHours.OFF);
                    return added;
                })
                .path();
    }

    ControllerId aPole() {
        return aPole(village);
    }

    ControllerId aPole(AreaPath where) {
        return fleet.addController(new NewController(
                new StationId(stations.main().id()),
                new AreaId(areas.find(where).orElseThrow().id()),
                "Cụm " + ++nextName,
                null,
                null,
                75,
                Set.of()));
    }

    /** A registered, claimed box on this pole, not connected yet. */
    TestDevice aBoxOn(ControllerId pole) throws Exception {
        var device = new TestDevice();
        devices.add(device);
        fleet.registerUnit(new NewUnit(device.id(), "LC1", "r1"));
        fleet.assign(device.id(), pole);
        device.claim(claims.forController(pole));
        // A change of rights ends the session; real boxes come back, tests would rather not be interrupted.
        settled(pole);
        return device;
    }

    /** Waits until nothing is due for the pole. */
    void settled(ControllerId pole) throws Exception {
        Await.until(
                Duration.ofSeconds(60),
                () -> jdbc.sql("select count(*) from delivery_due where controller_id = :pole")
                                .param("pole", pole.value())
                                .query(Long.class)
                                .single()
                        == 0);
    }

    /** A broadcast for this pole, as the other modules would have planned it. */
    BroadcastId aBroadcast(ControllerId pole, Instant start, Duration length, Hash... sounds) {
        var id = new BroadcastId(nextBroadcast += 1_000_003);
        transaction.executeWithoutResult(status -> {
            jdbc.sql("""
                            insert into broadcast_broadcast (id, station_id, priority, authority, origin, status, title,
                              starts_at, latest_start, ends_at, volume, planned_at)
                            values (:id, :station, 'NORMAL', 'COMMUNE', 'SLOT', 'ACTUAL', 'Bản tin', :start, :latest, :end, 70, :start)""")
                    .param("id", id.value())
                    .param("station", stations.main().id())
                    .param("start", SqlTime.of(start))
                    .param("latest", SqlTime.of(start.plusSeconds(300)))
                    .param("end", SqlTime.of(start.plus(length)))
                    .update();
            var position = 0;
            for (var sound : sounds) {
                jdbc.sql("""
                                insert into broadcast_asset (broadcast_id, position, language, recording_id, asset_hash,
                                  asset_bytes, duration_ms) values (:id, :position, 'vi', :recording, :hash, 6000, 1000)""")
                        .param("id", id.value())
                        .param("recording", aRecording(sound, 6000))
                        .param("position", ++position)
                        .param("hash", sound.hex())
                        .update();
            }
            jdbc.sql("""
                            insert into broadcast_playback (broadcast_id, controller_id, starts_at, ends_at, state,
                              asset_hash, language) values (:id, :pole, :start, :end, 'PLANNED', :hash, 'vi')""")
                    .param("id", id.value())
                    .param("pole", pole.value())
                    .param("start", SqlTime.of(start))
                    .param("end", SqlTime.of(start.plus(length)))
                    .param("hash", sounds[0].hex())
                    .update();
            events.publishEvent(new TimelinesChanged(Set.of(pole)));
        });
        return id;
    }

    /** A recording by name only; its file is somebody else's business. */
    long aRecording(Hash sound, long bytes) {
        var known = jdbc.sql("select min(id) from audio_recording where canonical_hash = :hash")
                .param("hash", sound.hex())
                .query(Long.class)
                .optional();
        if (known.isPresent()) {
            return known.get();
        }
        var keys = new org.springframework.jdbc.support.GeneratedKeyHolder();
        jdbc.sql("""
                        insert into audio_recording (station_id, title, search_key, language, original_hash, original_bytes,
                          original_name, canonical_hash, canonical_bytes, duration_ms, peaks, warnings, uploaded_by, uploaded_at)
                        values (:station, 'Bản tin', 'ban tin', 'vi', :hash, :bytes, 'x.mp3', :hash, :bytes, :duration, :peaks,
                          '', '-', :now)""")
                .param("station", stations.main().id())
                .param("hash", sound.hex())
                .param("bytes", bytes)
                .param("duration", bytes / 6)
                .param("peaks", new byte[0])
                .param("now", SqlTime.of(clock.instant()))
                .update(keys, "id");
        return java.util.Objects.requireNonNull(keys.getKey()).longValue();
    }

    void cancel(BroadcastId id, ControllerId pole) {
        transaction.executeWithoutResult(status -> {
            jdbc.sql("update broadcast_broadcast set cancelled_at = current_timestamp where id = :id")
                    .param("id", id.value())
                    .update();
            events.publishEvent(new TimelinesChanged(Set.of(pole)));
        });
    }

    String stateOf(BroadcastId id, ControllerId pole) {
        return jdbc.sql("select state from broadcast_playback where broadcast_id = :id and controller_id = :pole")
                .param("id", id.value())
                .param("pole", pole.value())
                .query(String.class)
                .single();
    }

    /** A wail for these areas or boxes, as somebody in the commune would arm it. */
    NewOrder anOrder(Status status, Scope... scopes) {
        return new NewOrder(
                new StationId(stations.main().id()),
                Authority.COMMUNE,
                status,
                "Lũ quét",
                Set.of(scopes),
                List.of(new Step.Tone(Step.Pattern.WAIL, 3, 8, 3)),
                List.of(),
                Duration.ofSeconds(30),
                2,
                Duration.ofSeconds(1),
                100,
                Duration.ofMinutes(10),
                Duration.ofMinutes(5),
                List.of(),
                Map.of());
    }

    /** Whether the order is among those that shall sound. */
    static boolean names(Now now, ArmedOrder order) {
        return now.act().stream().anyMatch(entry -> entry.sid().equals(order.sid()));
    }

    Instant soon() {
        return Instant.ofEpochMilli(clock.instant().plusSeconds(7200).toEpochMilli());
    }
}
