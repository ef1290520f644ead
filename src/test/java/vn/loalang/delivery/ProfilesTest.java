package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;
import vn.loalang.area.Authority;
import vn.loalang.area.ServerSettings;
import vn.loalang.area.StationId;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.BlockFrame;
import vn.loalang.protocol.Cmd;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.LiveFrame;
import vn.loalang.protocol.Manifest;
import vn.loalang.protocol.Need;
import vn.loalang.protocol.Report;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Ses;
import vn.loalang.protocol.Welcome;

/** Commands, live voice and transfers by blocks, over the embedded broker. */
@AutoConfigureMockMvc
@TestPropertySource(
        properties = {
            "loalang.delivery.ladder=500ms,1s,2s",
            "loalang.delivery.fan-rate=200000",
            "loalang.delivery.fan-collect=1s"
        })
class ProfilesTest extends DeliveryTestBase {
    @Autowired
    Documents documents;

    @Autowired
    MockMvc mvc;

    @Autowired
    TestPeople people;

    @Autowired
    Commands commands;

    @Autowired
    LiveSessions sessions;

    @Autowired
    ServerSettings server;

    @Test
    void aTechnicianSendsACommandAndSeesWhatBecameOfIt() throws Exception {
        var technician = people.everywhere(Role.TECHNICIAN);
        var pole = aPole();
        var device = aBoxOn(pole).connect(broker.plainPort());
        device.await(Welcome.class);
        mvc.perform(post("/fleet/" + pole + "/command").param("op", "tone").with(by(technician)))
                .andExpect(status().is3xxRedirection());
        var cmd = device.await(Cmd.class);
        assertThat(cmd.op().wire()).isEqualTo("tone");
        assertThat(cmd.head().exp() - cmd.head().iat()).isEqualTo(120_000);

        device.send(device.entry(
                clock.millis(),
                new Event.Command(Event.CommandResult.REFUSED, cmd.cid().value(), "tone", "quiet")));
        Eventually.eventually(
                Duration.ofSeconds(10),
                () -> commands.recent(device.id()).get(0).state() == Commands.State.REFUSED);
        mvc.perform(get("/fleet/" + pole + "/commands").with(by(technician)))
                .andExpect(status().isOk())
                .andExpect(content().string(containsString("giờ yên tĩnh")));
        mvc.perform(get("/fleet/" + pole).with(by(technician)))
                .andExpect(status().isOk())
                .andExpect(content().string(containsString("id=\"commands\"")));
        mvc.perform(post("/fleet/" + pole + "/command").param("op", "tone").with(by(people.everywhere(Role.VIEWER))))
                .andExpect(status().isForbidden());
    }

    @Test
    void aReportIsShownAndACommandWithoutAnAnswerExpires() throws Exception {
        var pole = aPole();
        var device = aBoxOn(pole).connect(broker.plainPort());
        device.await(Welcome.class);
        var cid = commands.send(
                device.id(),
                new vn.loalang.protocol.Op.Report(vn.loalang.protocol.Op.Report.What.LOG, Optional.empty()),
                "Hoa");
        device.await(Cmd.class);
        device.publish(
                device.topics().rep(device.id(), cid),
                new Report(cid, new Report.Log(List.of("started", "welcomed"))).encode());
        Eventually.eventually(
                Duration.ofSeconds(10),
                () -> commands.recent(device.id()).get(0).answer().equals("started\nwelcomed"));
        assertThat(commands.recent(device.id()).get(0).state()).isEqualTo(Commands.State.WAITING);
        clock.shift(Duration.ofMinutes(3));
        assertThat(commands.recent(device.id()).get(0).state()).isEqualTo(Commands.State.UNANSWERED);
    }

    @Test
    void aLiveSessionIsOpenedSpokenAndClosed() throws Exception {
        var pole = aPole();
        var device = aBoxOn(pole).connect(broker.plainPort());
        device.await(Welcome.class);
        var scope = Scope.of(new AreaPath(village.value()));
        device.subscribe(device.topics().ses(scope));
        var session = sessions.open(new LiveSessions.NewSession(
                new StationId(stations.main().id()),
                Authority.COMMUNE,
                "Chủ tịch xã nói",
                Set.of(scope),
                65,
                90,
                Duration.ofMinutes(10),
                "mp3",
                Duration.ofMillis(480),
                Duration.ofSeconds(2),
                Optional.empty()));
        var ses = device.await(Ses.class, document -> document.act().stream()
                .anyMatch(entry -> entry.sid().equals(session.sid())));
        var live = (Entry.Live) ses.act().get(0).content();
        device.subscribe(device.topics().live(scope, session.sid()));
        assertThat(sessions.send(session, clock.instant().plusSeconds(2), new byte[] {1, 2, 3}))
                .isTrue();
        Eventually.eventually(Duration.ofSeconds(10), () -> !device.frames().isEmpty());
        var frame = LiveFrame.decode(device.frames().get(0));
        assertThat(frame.isSignedBy(live.pk())).isTrue();
        assertThat(frame.isOf(session.sid())).isTrue();

        sessions.close(session);
        device.await(Ses.class, document -> document.act().stream()
                .noneMatch(entry -> entry.sid().equals(session.sid())));
        assertThat(sessions.send(session, clock.instant(), new byte[0])).isFalse();
    }

    @Test
    void aBoxFetchesARecordingBlockByBlock() throws Exception {
        var sound = aFile(10_000);
        var pole = aPole();
        var device = aBoxOn(pole);
        device.profiles(List.of("blk"));
        aBroadcast(pole, soon(), Duration.ofSeconds(60), sound);
        settled(pole);
        var scope = Scope.of(new AreaPath(village.value()));
        device.connect(broker.plainPort());
        device.await(Welcome.class);
        device.subscribe(device.topics().man(scope, sound), device.topics().blk(Scope.of(device.id())));
        var manifest = device.await(Manifest.class);
        assertThat(manifest.a().sz()).isEqualTo(10_000);

        device.publish(
                device.topics().need(device.id()),
                new Need(sound, manifest.blk(), List.of(new Need.Range(0, manifest.blocks() - 1))).encode());
        Eventually.eventually(Duration.ofSeconds(10), () -> device.frames().size() >= manifest.blocks());
        var whole = new java.io.ByteArrayOutputStream();
        device.frames().stream()
                .map(BlockFrame::decode)
                .sorted(java.util.Comparator.comparingLong(BlockFrame::index))
                .forEach(frame -> whole.writeBytes(frame.payload().toArray()));
        assertThat(Hash.of(whole.toByteArray())).isEqualTo(sound);
    }

    /** [BLK-6b]. */
    @Test
    void blocksWaitWhileSomebodySpeaksLive() throws Exception {
        var sound = aFile(10_000);
        var pole = aPole();
        var device = aBoxOn(pole);
        device.profiles(List.of("blk", "live"));
        aBroadcast(pole, soon(), Duration.ofSeconds(60), sound);
        settled(pole);
        var scope = Scope.of(new AreaPath(village.value()));
        device.connect(broker.plainPort());
        device.await(Welcome.class);
        device.subscribe(
                device.topics().man(scope, sound),
                device.topics().blk(Scope.of(device.id())),
                device.topics().ses(scope));
        var manifest = device.await(Manifest.class);
        var session = sessions.open(new LiveSessions.NewSession(
                new StationId(stations.main().id()),
                Authority.COMMUNE,
                "Chủ tịch xã nói",
                Set.of(scope),
                60,
                90,
                Duration.ofMinutes(10),
                "mp3",
                Duration.ofMillis(480),
                Duration.ofSeconds(2),
                Optional.empty()));
        var ses = device.await(Ses.class, document -> !document.act().isEmpty());
        var begun = ses.act().get(0).beg();
        Eventually.eventually(
                Duration.ofSeconds(20),
                () -> documents.sounding(clock.instant()).contains(scope));
        assertThat(documents.sounding(java.time.Instant.ofEpochMilli(begun - 1)))
                .doesNotContain(scope);
        device.publish(
                device.topics().need(device.id()),
                new Need(sound, manifest.blk(), List.of(new Need.Range(0, manifest.blocks() - 1))).encode());
        // A second need, of a box elsewhere, shows that the sender has looked at the first.
        var other = areas.findByCode("371432902").orElseThrow().path();
        var elsewhere = aPole(other);
        var free = aBoxOn(elsewhere);
        free.profiles(List.of("blk"));
        aBroadcast(elsewhere, soon(), Duration.ofSeconds(60), sound);
        settled(elsewhere);
        free.connect(broker.plainPort());
        free.await(Welcome.class);
        free.subscribe(free.topics().blk(Scope.of(free.id())));
        free.publish(
                free.topics().need(free.id()), new Need(sound, manifest.blk(), List.of(new Need.Range(0, 0))).encode());
        Eventually.eventually(Duration.ofSeconds(20), () -> !free.frames().isEmpty());
        assertThat(device.frames()).isEmpty();
        sessions.close(session);
        Eventually.eventually(Duration.ofSeconds(20), () -> device.frames().size() >= manifest.blocks());
    }

    @Test
    void whatThreeWantIsSentOnceToAllAndRepaired() throws Exception {
        var sound = aFile(20_000);
        var other = areas.findByCode("371432902").orElseThrow().path();
        var scope = Scope.of(new AreaPath(other.value()));
        var boxes = new java.util.ArrayList<TestDevice>();
        for (var i = 0; i < 3; i++) {
            var pole = aPole(other);
            var device = aBoxOn(pole);
            device.profiles(List.of("blk", "fan"));
            aBroadcast(pole, soon(), Duration.ofSeconds(60), sound);
            settled(pole);
            boxes.add(device);
        }
        for (var device : boxes) {
            device.connect(broker.plainPort());
            device.await(Welcome.class);
            device.subscribe(
                    device.topics().man(scope, sound),
                    device.topics().blk(scope),
                    device.topics().blk(Scope.of(device.id())));
        }
        // The last hello makes three: its plan says so once more.
        for (var device : boxes) {
            device.hello();
        }
        var first = boxes.get(0);
        Eventually.eventually(
                Duration.ofSeconds(20),
                () -> first.frames().stream().map(BlockFrame::decode).anyMatch(BlockFrame::isEnd));
        var blocks = first.all(Manifest.class).get(0).blocks();
        assertThat(first.frames()).hasSizeGreaterThanOrEqualTo(blocks);
        for (var device : boxes) {
            device.publish(
                    device.topics().need(device.id()),
                    new Need(sound, Transfers.BLOCK, List.of(new Need.Range(1, 1))).encode());
        }
        Eventually.eventually(
                Duration.ofSeconds(20),
                () -> first.frames().stream()
                                .map(BlockFrame::decode)
                                .filter(frame -> frame.index() == 1)
                                .count()
                        >= 2);
    }

    private Hash aFile(int length) throws Exception {
        var bytes = new byte[length];
        Arrays.fill(bytes, (byte) (length % 251));
        bytes[0] = (byte) ++nextName;
        var hash = Hash.of(bytes);
        var directory = server.dataPath().resolve("audio").resolve("canonical");
        Files.createDirectories(directory);
        Files.write(directory.resolve(hash.hex()), bytes);
        return hash;
    }
}
