package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import vn.loalang.access.TestPeople;
import vn.loalang.area.Authority;
import vn.loalang.area.QuietHours;
import vn.loalang.area.ServerSettings;
import vn.loalang.area.StationId;
import vn.loalang.audio.RecordingId;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.broadcast.NewBroadcast;
import vn.loalang.broadcast.Origin;
import vn.loalang.broadcast.Priority;
import vn.loalang.broadcast.Status;
import vn.loalang.controller.Deployment;
import vn.loalang.controller.port.UnitKey;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Hash;
import vn.loalang.system.Await;

/** The server, and the reference controller on a pole as a process of its own, claimed and not yet switched on. */
abstract class ControllerTestBase extends DeliveryTestBase {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Autowired
    Broadcasts broadcasts;

    @Autowired
    ServerSettings server;

    @Autowired
    TestPeople people;

    ControllerId pole;
    StationId station;
    DeviceId unit;
    Path wav;

    private final List<Process> lives = new ArrayList<>();

    @BeforeEach
    void aControllerOnItsPole() throws Exception {
        areas.setQuietHours(village, QuietHours.OFF);
        station = new StationId(stations.main().id());
        pole = aPole();
        wav = directory.resolve("wav");
        unit = UnitKey.in(Files.createDirectories(data())).id();
        fleet.registerUnit(new NewUnit(unit, "loalang-pc", "r1"));
        fleet.assign(unit, pole);
        Files.write(claim(), claims.forController(pole));
        settled(pole);
    }

    @AfterEach
    void switchedOff() throws Exception {
        for (var life : lives) {
            life.destroyForcibly().waitFor();
        }
        areas.inheritQuietHours(village);
    }

    private Path data() {
        return directory.resolve("data");
    }

    private Path claim() {
        return directory.resolve("claim.gbf");
    }

    private Path output() {
        return directory.resolve("controller.out");
    }

    /** It starts, and finds the broker at this port. */
    void powerOn(int port) throws IOException {
        lives.add(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "vn.loalang.LoaLang",
                        "controller",
                        "--data",
                        data().toString(),
                        "--claim",
                        claim().toString(),
                        "--broker",
                        "tcp://127.0.0.1:" + port,
                        "--hello-delay",
                        "1",
                        "--backoff-base",
                        "200",
                        "--sink",
                        "wav",
                        "--wav-dir",
                        wav.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output().toFile()))
                .start());
    }

    void cutPower() throws InterruptedException {
        lives.get(lives.size() - 1).destroyForcibly().waitFor();
    }

    /** Whether it has run without a break since it was switched on first. */
    boolean neverStopped() {
        return lives.get(0).isAlive();
    }

    void says(String line) throws Exception {
        try {
            Await.until(PATIENCE, () -> Files.readString(output()).contains(line));
        } catch (AssertionError late) {
            throw new AssertionError(Files.readString(output()), late);
        }
    }

    /** A canonical recording whose file lies in the store. */
    RecordingId sound(int seconds, long seed) throws IOException {
        var audio = Deployment.audio(seconds, seed);
        var hash = Hash.of(audio);
        var file = server.dataPath().resolve("audio/canonical").resolve(hash.hex());
        Files.createDirectories(file.getParent());
        Files.write(file, audio);
        return new RecordingId(aRecording(hash, audio.length));
    }

    Instant in(int seconds) {
        return Instant.ofEpochMilli(clock.instant().plusSeconds(seconds).toEpochMilli());
    }

    BroadcastId plan(Instant start, RecordingId sound) {
        return broadcasts.plan(new NewBroadcast(
                station,
                Priority.NORMAL,
                Authority.COMMUNE,
                Origin.SLOT,
                Status.ACTUAL,
                null,
                null,
                "Bản tin",
                null,
                List.of(sound),
                start,
                start.plusSeconds(60),
                70,
                Set.of(pole)));
    }

    void reaches(String state, BroadcastId broadcast) throws Exception {
        try {
            Await.until(PATIENCE, () -> stateOf(broadcast, pole).equals(state));
        } catch (AssertionError late) {
            throw new AssertionError(
                    state + " not reached but " + stateOf(broadcast, pole) + ":\n" + Files.readString(output()), late);
        }
    }

    /** Where it notes what it sounded into this file. */
    static Path notes(Path sounded) {
        return sounded.resolveSibling(sounded.getFileName().toString().replace(".wav", ".json"));
    }

    /** One of these notes. */
    static long note(Path sounded, String name) throws IOException {
        var notes = Files.readString(notes(sounded));
        var found = Pattern.compile("\"" + name + "\":(-?\\d+)").matcher(notes);
        assertThat(found.find()).as(notes).isTrue();
        return Long.parseLong(found.group(1));
    }
}
