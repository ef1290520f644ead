package vn.loalang.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.TypeExcludeFilter;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.type.classreading.MetadataReader;
import org.springframework.core.type.classreading.MetadataReaderFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import vn.loalang.LoaLang;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.NewArea;
import vn.loalang.area.QuietHours;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.broadcast.NewBroadcast;
import vn.loalang.broadcast.Origin;
import vn.loalang.broadcast.Priority;
import vn.loalang.broadcast.Status;
import vn.loalang.delivery.ClaimFiles;
import vn.loalang.delivery.Pins;
import vn.loalang.delivery.TestDevice;
import vn.loalang.emergency.Bulletin;
import vn.loalang.emergency.Kind;
import vn.loalang.emergency.Messages;
import vn.loalang.emergency.ReadyMessage;
import vn.loalang.emergency.Spoken;
import vn.loalang.emergency.Target;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.NewController;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.Scope;

/** What a commune has before a test begins: written by the product itself, run inside the test on the same data directory. */
final class Seed implements AutoCloseable {
    /** Signs in with {@link TestPeople#PASSWORD}; may do everything. */
    static final String LOGIN = "t-operator-administrator-viewer";

    private final ConfigurableApplicationContext server;
    private final StationId station;
    private final Area commune;
    private int poles;

    Seed(Path data) {
        server = new SpringApplicationBuilder(LoaLang.class)
                .initializers(context ->
                        context.getBeanFactory().registerSingleton("noTestConfigurations", new NoTestConfigurations()))
                .run(
                        "--loalang.data-dir=" + data,
                        "--loalang.broker.start=true",
                        "--loalang.public-host=127.0.0.1",
                        "--server.port=0");
        server.getBean(TestPeople.class).everywhere(Role.OPERATOR, Role.ADMINISTRATOR, Role.VIEWER);
        var areas = server.getBean(Areas.class);
        var stations = server.getBean(Stations.class);
        station = new StationId(stations.main().id());
        var province = areas.add(area("37", AreaPath.ROOT, Authority.PROVINCE));
        commune = areas.add(area("3714329", province.path(), Authority.COMMUNE));
        stations.serve(station.value(), commune.id());
        areas.setQuietHours(commune.path(), QuietHours.OFF);
    }

    /** Boxes on poles of their own, with claim files, not connected. */
    List<TestDevice> devices(int count) {
        var fleet = server.getBean(Fleet.class);
        var devices = new ArrayList<TestDevice>();
        for (var i = 0; i < count; i++) {
            var pole = fleet.addController(
                    new NewController(station, new AreaId(commune.id()), "Cụm " + ++poles, null, null, 75, Set.of()));
            var device = new TestDevice();
            fleet.registerUnit(new NewUnit(device.id(), "LC1", "r1"));
            fleet.assign(device.id(), pole);
            device.claim(server.getBean(ClaimFiles.class).forController(pole));
            devices.add(device);
        }
        return devices;
    }

    /** A pole with a controller process on it, which has its claim file and was not switched on yet. */
    void pole(String name, RunningController box) {
        pole(commune, name, box);
    }

    private ControllerId pole(Area where, String name, RunningController box) {
        var fleet = server.getBean(Fleet.class);
        var pole =
                fleet.addController(new NewController(station, new AreaId(where.id()), name, null, null, 75, Set.of()));
        fleet.registerUnit(new NewUnit(box.id(), "loalang-pc", "r1"));
        fleet.assign(box.id(), pole);
        try {
            Files.write(box.claimFile(), server.getBean(ClaimFiles.class).forController(pole));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return pole;
    }

    /**
     * A programme that sounds on the only pole of a neighbouring commune.
     *
     * @param oid its order on the wire
     * @param area the commune's path
     */
    record Programme(String oid, Instant start, String area) {}

    /** A neighbouring commune with one pole, on which a programme sounds from now on, for more than ten minutes. */
    Programme programme(String poleName, RunningController box) {
        var areas = server.getBean(Areas.class);
        var neighbour = areas.add(area("3714330", commune.path().parent(), Authority.COMMUNE));
        areas.setQuietHours(neighbour.path(), QuietHours.OFF);
        var pole = pole(neighbour, poleName, box);
        var start = Instant.ofEpochMilli(server.getBean(Clock.class).millis());
        var id = server.getBean(Broadcasts.class)
                .plan(new NewBroadcast(
                        station,
                        Priority.NORMAL,
                        Authority.COMMUNE,
                        Origin.SLOT,
                        Status.ACTUAL,
                        null,
                        null,
                        "Bản tin sáng",
                        null,
                        Collections.nCopies(16, sample("morning-bulletin", "Bản tin sáng")),
                        start,
                        start.plus(Duration.ofHours(1)),
                        70,
                        Set.of(pole)));
        return new Programme(id.oid().value(), start, neighbour.path().value());
    }

    /** A message without words of its own: ten seconds of an even tone, so many times; returns its number. */
    long alarm(String name, int repetitions) {
        return alarm(name, null, repetitions);
    }

    /** A message said once with this sound, MP3 or WAV, which all boxes are to keep. */
    long alarm(String name, Path sound) throws IOException {
        return alarm(
                name,
                server.getBean(Recordings.class)
                        .add(station, sound, "Lời báo lũ", "vi")
                        .id(),
                1);
    }

    private long alarm(String name, @Nullable RecordingId words, int repetitions) {
        return server.getBean(Messages.class)
                .save(new ReadyMessage(
                        ReadyMessage.NEW,
                        Kind.ALERT,
                        name,
                        Bulletin.EMPTY,
                        null,
                        null,
                        List.of(new Spoken("vi", "Nước sông đang lên nhanh.", words)),
                        null,
                        repetitions,
                        Duration.ofSeconds(1),
                        100,
                        Duration.ofMinutes(10),
                        null,
                        0))
                .id()
                .value();
    }

    /** Boxes are to speak the product's own words around drills; says how long these are. */
    Duration drillWords() throws IOException {
        var words = server.getBean(Recordings.class)
                .addAlarm(station, Path.of("audio-samples", "exercise.mp3"), "Đây là diễn tập");
        server.getBean(Pins.class).put("exercise", words);
        return words.duration();
    }

    /** Everybody, as alerts name them. */
    Target.InArea everybody() {
        return new Target.InArea(new AreaId(commune.id()));
    }

    /** Where alerts for everybody are heard. */
    Scope scope() {
        return Scope.of(new vn.loalang.protocol.AreaPath(commune.path().value()));
    }

    /** How long alerts are counted down from now on. */
    void countdown(int seconds) {
        server.getBean(JdbcClient.class)
                .sql("update area_station set countdown_seconds = :seconds")
                .param("seconds", seconds)
                .update();
    }

    /** A short recording in the library. */
    long recording() {
        return sample("chime", "Nhạc hiệu").value();
    }

    private RecordingId sample(String name, String title) {
        try {
            var file = Files.createTempFile(Path.of("target"), name, ".mp3");
            Files.copy(Path.of("audio-samples", name + ".mp3"), file, StandardCopyOption.REPLACE_EXISTING);
            return server.getBean(Recordings.class)
                    .add(station, file, title, "vi")
                    .id();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }

    private static NewArea area(String code, AreaPath parent, Authority authority) {
        var level = authority.name().toLowerCase(java.util.Locale.ROOT);
        return new NewArea(parent, code, "Thử " + code, "Thử " + code, level, authority, List.of("vi"), null);
    }

    /** The tests' class path holds clocks that stand still; they are for others. */
    private static final class NoTestConfigurations extends TypeExcludeFilter {
        @Override
        public boolean match(MetadataReader reader, MetadataReaderFactory factory) {
            return reader.getAnnotationMetadata().hasAnnotation(TestConfiguration.class.getName());
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof NoTestConfigurations;
        }

        @Override
        public int hashCode() {
            return NoTestConfigurations.class.hashCode();
        }
    }
}
