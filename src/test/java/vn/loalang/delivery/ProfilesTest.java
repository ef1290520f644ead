package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import java.io.OutputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;
import vn.loalang.area.Authority;
import vn.loalang.area.Refusal;
import vn.loalang.area.ServerSettings;
import vn.loalang.area.StationId;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.BlockFrame;
import vn.loalang.protocol.Cmd;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Firmware;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.LiveFrame;
import vn.loalang.protocol.Manifest;
import vn.loalang.protocol.Need;
import vn.loalang.protocol.PublicKey;
import vn.loalang.protocol.Report;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Ses;
import vn.loalang.protocol.Typ;
import vn.loalang.protocol.Welcome;
import vn.loalang.system.Await;

/** Commands, live voice and transfers by blocks, over the embedded broker. */
@AutoConfigureMockMvc
@TestPropertySource(
        properties = {
            "loalang.delivery.ladder=500ms,1s,2s",
            "loalang.delivery.fan-rate=200000",
            "loalang.delivery.fan-collect=1s"
        })
class ProfilesTest extends DeliveryTestBase {
    private static final byte BLOCK_FRAME = (byte) 0xb1;

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

    @Autowired
    KeyStore keys;

    @Autowired
    UsbSticks sticks;

    @Autowired
    SignedDocuments signed;

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
        Await.until(
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
        Await.until(
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
        Await.until(Duration.ofSeconds(10), () -> !device.frames().isEmpty());
        var frame = LiveFrame.decode(device.frames().get(0));
        assertThat(frame.isSignedBy(live.pk())).isTrue();
        assertThat(frame.isOf(session.sid())).isTrue();

        sessions.close(session);
        device.await(Ses.class, document -> document.act().stream()
                .noneMatch(entry -> entry.sid().equals(session.sid())));
        assertThat(sessions.send(session, clock.instant(), new byte[0])).isFalse();
    }

    /** [LIV-3]: nor does who speaks twice to the same boxes, at once or one after the other. */
    @Test
    void noTwoSessionsHaveTheSameKey() {
        var scope = Scope.of(new AreaPath(village.value()));
        var opened = new java.util.ArrayList<LiveSessions.Session>();
        var keysSeen = new java.util.HashSet<PublicKey>();
        for (var i = 0; i < 4; i++) {
            opened.add(sessions.open(aSession(Set.of(scope))));
            if (i == 1) {
                sessions.close(opened.get(0));
            }
            var last = opened.get(i).sid();
            documents.current(scope, Row.ses(scope)).stream()
                    .map(document -> (Ses) document.document())
                    .flatMap(document -> document.act().stream())
                    .filter(entry -> entry.sid().equals(last))
                    .forEach(entry -> keysSeen.add(((Entry.Live) entry.content()).pk()));
        }
        opened.forEach(sessions::close);
        assertThat(keysSeen).hasSize(4);
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
        Await.until(Duration.ofSeconds(10), () -> device.frames().size() >= manifest.blocks());
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
        Await.until(
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
        Await.until(Duration.ofSeconds(20), () -> !free.frames().isEmpty());
        assertThat(device.frames()).isEmpty();
        sessions.close(session);
        Await.until(Duration.ofSeconds(20), () -> device.frames().size() >= manifest.blocks());
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
        Await.until(
                Duration.ofSeconds(20),
                () -> first.frames().stream().map(BlockFrame::decode).anyMatch(BlockFrame::isEnd));
        var blocks = first.all(Manifest.class).get(0).blocks();
        assertThat(first.frames()).hasSizeGreaterThanOrEqualTo(blocks);
        for (var device : boxes) {
            device.publish(
                    device.topics().need(device.id()),
                    new Need(sound, Transfers.BLOCK, List.of(new Need.Range(1, 1))).encode());
        }
        Await.until(
                Duration.ofSeconds(20),
                () -> first.frames().stream()
                                .map(BlockFrame::decode)
                                .filter(frame -> frame.index() == 1)
                                .count()
                        >= 2);
    }

    /** [PRO-3]: neither on its own topics, nor in answers, nor when all are asked again, nor because it asks for it. */
    @Test
    void aBoxGetsNothingOfProfilesThatItDoesNotList() throws Exception {
        var sound = aFile(10_000);
        var area = Scope.of(new AreaPath(village.value()));
        var poles = List.of(aPole(), aPole());
        var plain = aBoxOn(poles.get(0));
        var able = aBoxOn(poles.get(1));
        able.profiles(List.of("blk", "live", "fw", "usb"));
        for (var pole : poles) {
            aBroadcast(pole, soon(), Duration.ofSeconds(60), sound);
            settled(pole);
        }
        var both = List.of(plain, able);
        for (var device : both) {
            device.connect(broker.plainPort());
            device.await(Welcome.class);
            // Everything that is for it alone; of its area a box listens to nothing that it does not know.
            device.subscribe("gb1/" + keys.sys() + "/d/" + device.id() + "/#");
        }
        var toAll = sessions.open(aSession(Set.of(area)));
        var toEach = sessions.open(aSession(Set.of(Scope.of(plain.id()), Scope.of(able.id()))));
        // Neither says that it has taken the sessions over: who can is asked again, and told once more at its next
        // hello.
        able.await(Ses.class, names(toAll));
        able.await(Ses.class, names(toEach));
        sessions.send(toEach, clock.instant().plusSeconds(2), new byte[] {1, 2, 3});
        Await.until(Duration.ofSeconds(20), () -> !able.frames().isEmpty());
        assertThat(plain.frames()).isEmpty();
        assertThat(kinds(plain)).doesNotContain(Typ.SES, Typ.MAN);
        both.forEach(TestDevice::forget);
        for (var device : both) {
            device.hello();
            device.await(Welcome.class);
        }
        able.await(Ses.class, names(toAll));
        // Blocks give way to whoever speaks.
        sessions.close(toAll);
        sessions.close(toEach);
        able.await(
                Ses.class,
                document -> document.act().isEmpty() && document.head().to().equals(Scope.of(able.id())));
        // The last chunks have come to it on its own topic.
        assertThat(plain.frames()).isEmpty();

        for (var device : both) {
            device.publish(
                    device.topics().need(device.id()),
                    new Need(sound, Transfers.BLOCK, List.of(new Need.Range(0, 1))).encode());
        }
        Await.until(
                Duration.ofSeconds(20),
                () -> able.frames().stream()
                                .filter(frame -> frame[0] == BLOCK_FRAME)
                                .count()
                        == 2);
        assertThat(plain.frames()).isEmpty();
        assertThat(kinds(plain)).doesNotContain(Typ.SES, Typ.MAN);

        assertThatThrownBy(() -> sticks.write(poles.get(0), 1, OutputStream.nullOutputStream()))
                .isInstanceOfSatisfying(Refusal.class, refusal -> assertThat(refusal.messageKey())
                        .isEqualTo("delivery.refused.noSticks"));
        sticks.write(poles.get(1), 1, OutputStream.nullOutputStream());
        assertThatThrownBy(() -> signed.accept(anImage(plain)))
                .isInstanceOfSatisfying(Refusal.class, refusal -> assertThat(refusal.messageKey())
                        .isEqualTo("delivery.refused.signedProfile"));
        assertThatThrownBy(() -> signed.accept(anImage(able)))
                .isInstanceOfSatisfying(Refusal.class, refusal -> assertThat(refusal.messageKey())
                        .isEqualTo("delivery.refused.signed"));
    }

    private static Predicate<Ses> names(LiveSessions.Session session) {
        return document -> document.act().stream().anyMatch(entry -> entry.sid().equals(session.sid()));
    }

    private static List<Typ> kinds(TestDevice device) {
        return device.arrived().stream().map(each -> each.document().typ()).toList();
    }

    /** An order to install, under a key that may not give it. */
    private byte[] anImage(TestDevice device) {
        var iat = clock.millis();
        return Envelope.compose(
                List.of(keys.online()),
                new Firmware(
                        new Head(keys.sys(), Scope.of(device.id()), iat, iat, iat + 3_600_000),
                        "lc1",
                        "2.0",
                        1,
                        100,
                        Hash.of(new byte[100]),
                        Optional.empty()));
    }

    private LiveSessions.NewSession aSession(Set<Scope> scopes) {
        return new LiveSessions.NewSession(
                new StationId(stations.main().id()),
                Authority.COMMUNE,
                "Chủ tịch xã nói",
                scopes,
                65,
                90,
                Duration.ofMinutes(10),
                "mp3",
                Duration.ofMillis(480),
                Duration.ofSeconds(2),
                Optional.empty());
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
