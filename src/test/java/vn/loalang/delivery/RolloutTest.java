package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.multipart;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.mock.web.MockMultipartFile;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import picocli.CommandLine;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.AreaPath;
import vn.loalang.area.QuietHours;
import vn.loalang.area.Refusal;
import vn.loalang.area.StationId;
import vn.loalang.controller.core.Profile;
import vn.loalang.controller.port.ControllerRunner;
import vn.loalang.controller.port.Sinks;
import vn.loalang.controller.port.UnitKey;
import vn.loalang.delivery.rules.UpdateState;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Firmware;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Welcome;
import vn.loalang.system.Await;

/** Staged rollouts of firmware, with reference controllers that run the real core, and with boxes that say what they like. */
@AutoConfigureMockMvc
@TestPropertySource(
        properties =
                "spring.datasource.url=jdbc:h2:mem:rollout;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH")
@DirtiesContext
class RolloutTest extends DeliveryTestBase {
    private static String passphrase;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @DynamicPropertySource
    static void keysMadeBefore(DynamicPropertyRegistry registry) throws IOException {
        passphrase = Safe.keysMadeBefore(registry, "rollout");
    }

    @Autowired
    MockMvc mvc;

    @Autowired
    TestPeople people;

    @Autowired
    Rollouts rollouts;

    @Autowired
    RolloutProgress progress;

    @Autowired
    Firmwares firmwares;

    @Autowired
    KeyStore keys;

    @Autowired
    AutowireCapableBeanFactory beans;

    @TempDir
    Path directory;

    private final List<AutoCloseable> running = new ArrayList<>();
    private final List<String> said = new CopyOnWriteArrayList<>();
    private SignedIn administrator;

    @AfterEach
    void switchOff() throws Exception {
        for (var each : running) {
            each.close();
        }
        rollouts.all().stream().filter(each -> each.state().open()).forEach(each -> progress.withdraw(each.id()));
        // Boxes of one test are nothing to the next.
        fleet.all(new StationId(stations.main().id())).forEach(pole -> fleet.archive(pole.id()));
    }

    @Test
    void threeControllersAreUpdatedInStagesAndABadImageHaltsAtTheFirst() throws Exception {
        administrator = people.everywhere(Role.ADMINISTRATOR);
        areas.setQuietHours(village, QuietHours.OFF);
        var boxes = List.of(aRealController(), aRealController(), aRealController());
        Await.until(PATIENCE, () -> connectedWithProfile() == 3);

        // 300 KB: more than one range of HTTP.
        var good = image("image of 0.2.0", 300_000);
        var goodId = prepared(bring("loalang-pc", "0.2.0", 2, good), "1 50 100");
        assertThat(counts(goodId)).isEqualTo(Map.of(UpdateState.WAITING, 3));
        begin(goodId, good);
        try {
            Await.until(PATIENCE, () -> state(goodId) == Rollout.State.COMPLETED);
        } catch (AssertionError late) {
            throw new AssertionError(counts(goodId) + "\n" + String.join("\n", said), late);
        }
        assertThat(counts(goodId)).isEqualTo(Map.of(UpdateState.CONFIRMED, 3));
        for (var box : boxes) {
            assertThat(Files.readString(box.resolve("firmware").resolve("kept")))
                    .isEqualTo("0.2.0");
            assertThat(Files.readAllBytes(box.resolve("firmware").resolve("image-0.2.0")))
                    .isEqualTo(good);
        }
        // One after the other: each was confirmed before the next began.
        var lines = rollouts.lines(goodId, 10).stream()
                .sorted(java.util.Comparator.comparingInt(Rollout.Line::turn))
                .toList();
        for (var turn = 1; turn < 3; turn++) {
            assertThat(told(lines.get(turn).unit().value(), "downloading"))
                    .isAfterOrEqualTo(told(lines.get(turn - 1).unit().value(), "confirmed"));
        }
        assertThat(fleet.units().stream()
                        .filter(unit -> unit.firmware().equals("0.2.0"))
                        .count())
                .isEqualTo(3);

        // A bad image: the first box goes back to the old one, and nobody else is told.
        var bad = image("does not boot", 20_000);
        for (var box : boxes) {
            Files.createFile(box.resolve("firmware").resolve("broken-0.3.0"));
        }
        var badId = prepared(bring("loalang-pc", "0.3.0", 3, bad), "1 50 100");
        begin(badId, bad);
        Await.until(PATIENCE, () -> state(badId) == Rollout.State.HALTED);
        assertThat(counts(badId)).isEqualTo(Map.of(UpdateState.ROLLED_BACK, 1, UpdateState.WAITING, 2));
        assertThat(rollouts.lines(badId, 1).get(0).why()).isEqualTo("boot");
        assertThat(rollouts.find(badId).orElseThrow().halted()).isEqualTo(Rollout.Halt.FAILURES);
        mvc.perform(get("/admin/firmware/rollouts/" + badId).with(by(administrator)))
                .andExpect(status().isOk())
                .andExpect(content().string(containsString("Tự dừng: 1 trong 1 cụm loa")))
                .andExpect(content().string(containsString("không khởi động được")))
                .andExpect(content().string(not(containsString("??"))));

        // Somebody goes on all the same; the next failure halts it again, and then it is withdrawn.
        act(badId, "continue");
        Await.until(
                PATIENCE,
                () -> counts(badId).getOrDefault(UpdateState.ROLLED_BACK, 0) == 1
                        && rollouts.find(badId).orElseThrow().accepted() == 1);
        act(badId, "continue");
        Await.until(PATIENCE, () -> counts(badId).getOrDefault(UpdateState.ROLLED_BACK, 0) == 2);
        Await.until(PATIENCE, () -> state(badId) == Rollout.State.HALTED);
        act(badId, "withdraw");
        assertThat(state(badId)).isEqualTo(Rollout.State.WITHDRAWN);
        assertThat(counts(badId)).isEqualTo(Map.of(UpdateState.ROLLED_BACK, 2, UpdateState.SKIPPED, 1));
        assertThat(audited("delivery.rolloutHalted")).isEqualTo(2);
        assertThat(fleet.units().stream()
                        .filter(unit -> unit.firmware().equals("0.2.0"))
                        .count())
                .isEqualTo(3);
    }

    @Test
    void theWatchOutlivesTheServerAndOldNewsCountsForNothing() throws Exception {
        administrator = people.everywhere(Role.ADMINISTRATOR);
        var first = aTalkingBox();
        var second = aTalkingBox();
        var without = aBoxOn(aPole()).connect(broker.plainPort());
        without.await(Welcome.class);
        var bytes = image("for test boxes", 5000);
        var id = prepared(bring("test", "2.0.0", 1, bytes), "1 100", "24");
        assertThat(rollouts.lines(id, 10))
                .as("a box without the profile, or that has not said hello with it, is left out")
                .hasSize(2)
                .noneMatch(line -> line.unit().equals(without.id()));
        begin(id, bytes);
        Await.until(PATIENCE, () -> counts(id).equals(Map.of(UpdateState.OFFERED, 1, UpdateState.WAITING, 1)));
        var chosen = rollouts.lines(id, 1).get(0).unit().equals(first.id()) ? first : second;
        var other = chosen == first ? second : first;
        var document = chosen.await(Firmware.class);
        assertThat(document.ver()).isEqualTo("2.0.0");
        assertThat(other.latest(Firmware.class)).isEmpty();

        // What it tells of an earlier try, before it has this document, is not about this one.
        chosen.send(chosen.entry(1, new Event.FirmwareChange(Event.FirmwareState.FAILED, "2.0.0", "hash")));
        tells(chosen, document, Event.FirmwareState.DOWNLOADING);
        Await.until(PATIENCE, () -> counts(id).getOrDefault(UpdateState.DOWNLOADING, 0) == 1);
        // Entries may be lost: it leaps.
        tells(chosen, null, Event.FirmwareState.CONFIRMED);
        Await.until(PATIENCE, () -> counts(id).getOrDefault(UpdateState.CONFIRMED, 0) == 1);
        tells(chosen, null, Event.FirmwareState.FAILED);

        // The watch: another server process finds it in the database, a day later and not before.
        var restarted = (RolloutProgress) beans.createBean(RolloutProgress.class);
        clock.shift(Duration.ofHours(23));
        restarted.lookAtDue();
        assertThat(counts(id)).isEqualTo(Map.of(UpdateState.CONFIRMED, 1, UpdateState.WAITING, 1));
        clock.shift(Duration.ofHours(24).plusMinutes(1));
        restarted.lookAtDue();
        assertThat(counts(id)).isEqualTo(Map.of(UpdateState.CONFIRMED, 1, UpdateState.OFFERED, 1));
        other.await(Firmware.class);

        // Paused, the document nobody has taken over is taken back; who took it over all the same is believed.
        act(id, "pause");
        assertThat(counts(id)).isEqualTo(Map.of(UpdateState.CONFIRMED, 1, UpdateState.WAITING, 1));
        assertThat(jdbc.sql("select count(*) from delivery_document where row_name = 'fw' and unit_id = :unit")
                        .param("unit", other.id().value())
                        .query(Long.class)
                        .single())
                .isZero();
        tells(other, other.latest(Firmware.class).orElseThrow(), Event.FirmwareState.TRIAL);
        Await.until(PATIENCE, () -> counts(id).getOrDefault(UpdateState.TRIAL, 0) == 1);
        act(id, "continue");
        tells(other, null, Event.FirmwareState.CONFIRMED);
        Await.until(PATIENCE, () -> state(id) == Rollout.State.COMPLETED);
        mvc.perform(post("/admin/firmware/rollouts/" + id + "/continue").with(by(administrator)))
                .andExpect(status().isUnprocessableContent());
    }

    @Test
    void onlyTheFirmwareKeySignsAndOnlyWhatWasAskedFor() throws Exception {
        administrator = people.everywhere(Role.ADMINISTRATOR);
        aTalkingBox();
        var bytes = image("to be signed", 1000);
        var id = prepared(bring("test", "3.0.0", 1, bytes), "100");
        var request = request(id);
        var payload = request.lines().skip(1).findFirst().orElseThrow().getBytes(StandardCharsets.UTF_8);
        var byServer = RolloutSigning.SIGNED + "\n"
                + Base64.getEncoder()
                        .encodeToString(vn.loalang.protocol.Envelope.compose(List.of(keys.online()), payload));
        refused(id, byServer, "delivery.refused.rolloutKey");
        refused(id, "hello", "delivery.refused.rolloutFile");
        refused(id, RolloutSigning.SIGNED + "\nAAAA", "delivery.refused.rolloutFile");
        refused(id, RolloutSigning.SIGNED, "delivery.refused.rolloutMissing");
        assertThat(sign(request, image("another", 1000)).getKey())
                .as("whoever signs brings the image along")
                .isOne();
        var signed = sign(request.replace("\"sec\":1", "\"sec\":9"), bytes).getValue();
        refused(id, signed, "delivery.refused.rolloutOther");
        assertThat(state(id)).isEqualTo(Rollout.State.UNSIGNED);
        assertThatThrownBy(() -> progress.goOn(id)).isInstanceOf(Refusal.class);
        var found = firmwares.all().get(0);
        assertThatThrownBy(() -> firmwares.remove(found.hash()))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("firmwareUsed");
        for (var path : List.of("/admin/firmware", "/admin/firmware/rollouts/" + id)) {
            mvc.perform(get(path).with(by(people.everywhere(Role.TECHNICIAN))))
                    .andExpect(status().isOk())
                    .andExpect(content().string(not(containsString("multipart"))));
            mvc.perform(get(path).with(by(people.everywhere(Role.VIEWER)))).andExpect(status().isForbidden());
        }
        mvc.perform(post("/admin/firmware/rollouts/" + id + "/withdraw").with(by(people.everywhere(Role.TECHNICIAN))))
                .andExpect(status().isForbidden());
    }

    @Test
    void anImageIsTakenOnceAndItsFieldsAreChecked() throws Exception {
        var bytes = image("once", 700);
        firmwares.add("acme-lc1", "1.0", 1, stream(bytes), "Hoa");
        for (var wrong : List.of(
                new Object[] {"ACME", "1.1", 1L, "model"},
                new Object[] {"acme-lc1", "1 1", 1L, "version"},
                new Object[] {"acme-lc1", "1.1", -1L, "sec"},
                new Object[] {"acme-lc1", "1.1", 1L, "file"},
                new Object[] {"acme-lc1", "1.0", 1L, "version"})) {
            assertThatThrownBy(() ->
                            firmwares.add((String) wrong[0], (String) wrong[1], (long) wrong[2], stream(bytes), "Hoa"))
                    .isInstanceOfSatisfying(Refusal.class, refusal -> assertThat(refusal.field())
                            .isEqualTo(wrong[3]));
        }
        assertThatThrownBy(() -> firmwares.add("acme-lc1", "1.2", 1, stream(new byte[0]), "Hoa"))
                .isInstanceOf(Refusal.class);
        var image = firmwares.all().stream()
                .filter(each -> each.model().equals("acme-lc1"))
                .findFirst()
                .orElseThrow();
        assertThat(firmwares.file(image.hash())).isPresent();
        assertThatThrownBy(() -> rollouts.create(
                        new Rollout.Wanted(
                                image.hash(),
                                AreaPath.ROOT,
                                new vn.loalang.delivery.rules.StagedRollout.Course(List.of(100), Duration.ZERO, 90),
                                java.util.Optional.empty()),
                        "Hoa"))
                .hasMessageContaining("rolloutEmpty");
        firmwares.remove(image.hash());
        assertThat(firmwares.file(image.hash())).isEmpty();
        firmwares.add("acme-lc1", "1.1", 1, stream(bytes), "Hoa");
    }

    private static java.io.InputStream stream(byte[] bytes) {
        return new java.io.ByteArrayInputStream(bytes);
    }

    private static byte[] image(String begins, int length) {
        var bytes = new byte[length];
        new Random(begins.hashCode()).nextBytes(bytes);
        var head = begins.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(head, 0, bytes, 0, head.length);
        return bytes;
    }

    /** A reference controller in this process: real core, real disk, real MQTT and HTTPS. Returns its directory. */
    private Path aRealController() throws Exception {
        var data = Files.createDirectories(directory.resolve("box-" + running.size()));
        var unit = UnitKey.in(data).id();
        var pole = aPole();
        fleet.registerUnit(new NewUnit(unit, "loalang-pc", "r1"));
        fleet.assign(unit, pole);
        var claim = ClaimFile.decode(claims.forController(pole));
        settled(pole);
        var runner = new ControllerRunner(
                new ControllerRunner.Settings(
                        data,
                        Profile.of(unit, claim)
                                .with(Hello.Proof.NONE, Hello.Why.POWER, false, new Profile.Pace(0, 200)),
                        "tcp://127.0.0.1:" + broker.plainPort(),
                        new ControllerRunner.Tls(claim.ca(), Clock.systemUTC()),
                        (ClaimFile.Credential.Password) claim.cred(),
                        Sinks.wav(data.resolve("wav"), Clock.systemUTC()).devices(),
                        null,
                        0,
                        600_000,
                        data.resolve("firmware"),
                        null,
                        vn.loalang.controller.port.LocalInputs.none(),
                        null,
                        Clock.systemUTC()),
                line -> said.add(unit + " " + line));
        var thread = new Thread(runner::run, "controller");
        thread.start();
        running.add(() -> {
            runner.stop();
            thread.join(10_000);
        });
        return data;
    }

    private TestDevice aTalkingBox() throws Exception {
        var box = aBoxOn(aPole());
        box.profiles(List.of("fw"));
        box.connect(broker.plainPort());
        box.await(Welcome.class);
        box.subscribeRest();
        return box;
    }

    private void tells(TestDevice box, Firmware taken, Event.FirmwareState state) throws Exception {
        if (taken != null) {
            box.send(box.entry(
                    2,
                    new Event.DocumentChange(
                            Event.DocumentFate.APPLIED, Row.FW, taken.head().seq())));
        }
        box.send(box.entry(3, new Event.FirmwareChange(state, "2.0.0", null)));
    }

    private long connectedWithProfile() {
        return jdbc.sql("select count(*) from delivery_unit d join fleet_unit u on u.id = d.unit_id "
                        + "where d.profiles like '%fw%' and u.hardware = 'loalang-pc'")
                .query(Long.class)
                .single();
    }

    private Instant told(String unit, String state) {
        return jdbc.sql("select received_at from delivery_journal "
                        + "where unit_id = :unit and kind = 'fw' and state = :state order by n limit 1")
                .param("unit", unit)
                .param("state", state)
                .query((row, number) -> vn.loalang.area.SqlTime.get(row, "received_at"))
                .single();
    }

    private long audited(String action) {
        return jdbc.sql("select count(*) from access_audit where action = :action")
                .param("action", action)
                .query(Long.class)
                .single();
    }

    private Rollout.State state(long id) {
        return rollouts.find(id).orElseThrow().state();
    }

    private Map<UpdateState, Integer> counts(long id) {
        return rollouts.counts(id);
    }

    private Firmwares.Image bring(String model, String version, long sec, byte[] bytes) throws Exception {
        mvc.perform(multipart("/admin/firmware/images")
                        .file(new MockMultipartFile("file", "image.bin", "application/octet-stream", bytes))
                        .param("model", model)
                        .param("version", version)
                        .param("sec", Long.toString(sec))
                        .with(by(administrator)))
                .andExpect(status().is3xxRedirection());
        return firmwares.all().stream()
                .filter(each -> each.model().equals(model) && each.version().equals(version))
                .findFirst()
                .orElseThrow();
    }

    private long prepared(Firmwares.Image image, String stages) throws Exception {
        return prepared(image, stages, "0");
    }

    private long prepared(Firmwares.Image image, String stages, String watch) throws Exception {
        var to = mvc.perform(post("/admin/firmware/rollouts")
                        .param("image", image.hash().hex())
                        .param("area", "37")
                        .param("stages", stages)
                        .param("watch", watch)
                        .param("share", "90")
                        .param("from", "")
                        .param("until", "")
                        .with(by(administrator)))
                .andExpect(status().is3xxRedirection())
                .andReturn()
                .getResponse()
                .getRedirectedUrl();
        return Long.parseLong(to.substring(to.lastIndexOf('/') + 1));
    }

    private String request(long id) throws Exception {
        return mvc.perform(get("/admin/firmware/rollouts/" + id + "/request").with(by(administrator)))
                .andExpect(status().isOk())
                .andReturn()
                .getResponse()
                .getContentAsString(StandardCharsets.UTF_8);
    }

    /** What the command in the safe's room does: its exit code and its result. */
    private Map.Entry<Integer, String> sign(String request, byte[] image) throws Exception {
        var home = directory.resolve("safe");
        Files.createDirectories(home);
        Files.writeString(home.resolve("passphrase"), passphrase);
        Files.writeString(home.resolve("request.txt"), request);
        Files.write(home.resolve("image.bin"), image);
        var out = home.resolve("signed.txt");
        Files.deleteIfExists(out);
        var code = new CommandLine(new SignFirmwareCommand(new PrintWriter(new StringWriter())))
                .execute(
                        "--sealed", keys.sealedRootsStillHere().orElseThrow().toString(),
                        "--passphrase-file", home.resolve("passphrase").toString(),
                        "--request", home.resolve("request.txt").toString(),
                        "--image", home.resolve("image.bin").toString(),
                        "--out", out.toString());
        return Map.entry(code, Files.exists(out) ? Files.readString(out) : "");
    }

    private void begin(long id, byte[] image) throws Exception {
        var signed = sign(request(id), image);
        assertThat(signed.getKey()).isZero();
        mvc.perform(multipart("/admin/firmware/rollouts/" + id + "/signed")
                        .file(new MockMultipartFile(
                                "signed",
                                "signed.txt",
                                "text/plain",
                                signed.getValue().getBytes(StandardCharsets.UTF_8)))
                        .with(by(administrator)))
                .andExpect(status().is3xxRedirection());
    }

    private void refused(long id, String file, String key) {
        assertThatThrownBy(() -> progress.start(id, file.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(Refusal.class, refusal -> assertThat(refusal.messageKey())
                        .isEqualTo(key));
    }

    private void act(long id, String what) throws Exception {
        mvc.perform(post("/admin/firmware/rollouts/" + id + "/" + what).with(by(administrator)))
                .andExpect(status().is3xxRedirection());
    }
}
