package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import vn.loalang.area.Refusal;
import vn.loalang.area.ServerSettings;
import vn.loalang.area.StationId;
import vn.loalang.audio.RecordingId;
import vn.loalang.controller.Deployment;
import vn.loalang.controller.core.ControllerCore;
import vn.loalang.controller.core.Input;
import vn.loalang.controller.core.Moment;
import vn.loalang.controller.core.Output;
import vn.loalang.controller.core.Profile;
import vn.loalang.controller.core.SinkEvent;
import vn.loalang.controller.core.Sound;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Bundle;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Plan;
import vn.loalang.protocol.PlayId;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;
import vn.loalang.timetable.NewSlot;
import vn.loalang.timetable.Recurrence;
import vn.loalang.timetable.Targets;
import vn.loalang.timetable.Timetable;

/** Sticks for villages without coverage, and the journals that come back on them. */
class UsbSticksTest extends DeliveryTestBase {
    @Autowired
    UsbSticks sticks;

    @Autowired
    KeyStore keys;

    @Autowired
    Documents documents;

    @Autowired
    Firmwares firmwares;

    @Autowired
    Timetable timetable;

    @Autowired
    ServerSettings server;

    @Test
    void aStickHoldsWhatTheBundleNamesAndItsJournalComesBack() throws Exception {
        var key = SigningKey.generate(new Kid("d1"), new SecureRandom());
        var unit = DeviceId.of(key.publicKey());
        var pole = aPole();
        fleet.registerUnit(new NewUnit(unit, "LC1", "r1"));
        fleet.assign(unit, pole);
        var start = clock.instant().plusSeconds(40 * 3600).truncatedTo(java.time.temporal.ChronoUnit.MILLIS);
        var broadcast = aBroadcast(pole, start, Duration.ofSeconds(60), Hash.of(new byte[] {9}));
        settled(pole);

        var files = stick(pole, 35);
        var bundle = (Bundle) document(files.get("GB1/bundle.gb1"));
        assertThat(bundle.files()).allSatisfy(file -> {
            var content = files.get("GB1/" + file.name());
            assertThat(Hash.of(content)).isEqualTo(file.h());
            assertThat((long) content.length).isEqualTo(file.sz());
        });
        assertThat(files).containsKeys("GB1/doc/keys-1.gb1", "GB1/doc/site.gb1", "GB1/doc/plan.gb1");
        var plan = (Plan) document(files.get("GB1/doc/plan.gb1"));
        assertThat(Duration.ofMillis(plan.till() - plan.from())).isEqualTo(Duration.ofDays(35));
        assertThat(plan.items()).extracting(Plan.Item::oid).contains(broadcast.oid());

        var events = new Events(
                new JournalId("stick"),
                List.of(JournalEntry.at(
                        1, start.toEpochMilli(), Quality.C, new Event.Started(PlayId.of(broadcast.oid()), 0, 0))));
        var payload = new String(events.encode(), StandardCharsets.UTF_8)
                .replaceFirst(
                        "\\{",
                        "{\"sys\":\"" + keys.sys() + "\",\"id\":\"" + unit + "\",\"x\":\""
                                + key.publicKey().b64u() + "\",");
        var journal = Envelope.compose(List.of(key), payload.getBytes(StandardCharsets.UTF_8));
        assertThat(sticks.read(journal)).isEqualTo(unit);
        assertThat(stateOf(broadcast, pole)).isEqualTo("STARTED");
        assertThat(fleet.online()).doesNotContain(unit);

        var forger = SigningKey.generate(new Kid("d1"), new SecureRandom());
        var forged = Envelope.compose(List.of(forger), payload.getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> sticks.read(forged)).isInstanceOf(Refusal.class);
    }

    /** [USB-1c]: a village that nobody calls is told who else may give orders there, and gets its firmware. */
    @Test
    void aStickHoldsTheKeysOfItsAreasAndTheFirmwareThatIsInForce() throws Exception {
        var unit = new DeviceId("AAAABBBBCCCCDDDD");
        var pole = aPole();
        fleet.registerUnit(new NewUnit(unit, "LC1", "r1"));
        fleet.assign(unit, pole);
        settled(pole);
        var here = Scope.of(new AreaPath(village.value()));
        var above = Scope.of(
                new AreaPath(areas.findByCode("37").orElseThrow().path().value()));
        var image = firmwares.add("lc1", "9.9", 1, new ByteArrayInputStream(new byte[] {7, 7, 7}), "hoa");
        inForce(here, Row.keys(here), null, "keys of the village");
        inForce(above, Row.keys(above), null, "keys of the province");
        inForce(Scope.of(unit), Row.FW, unit, "firmware", image.hash());

        var files = stick(pole, 1);
        assertThat(files.get("GB1/doc/akeys-1.gb1")).asString().isEqualTo("keys of the province");
        assertThat(files.get("GB1/doc/akeys-2.gb1")).asString().isEqualTo("keys of the village");
        assertThat(files.get("GB1/doc/fw.gb1")).asString().isEqualTo("firmware");
        assertThat(files.get("GB1/asset/" + image.hash().b64u())).containsExactly(7, 7, 7);
        assertThat(((Bundle) document(files.get("GB1/bundle.gb1"))).files())
                .extracting(Bundle.File::name)
                .containsSubsequence(
                        "doc/site.gb1", "doc/akeys-1.gb1", "doc/akeys-2.gb1", "doc/plan.gb1", "doc/fw.gb1");
        jdbc.sql("delete from delivery_outbox").update();
        jdbc.sql("delete from delivery_document where topic = 'gb1/none'").update();
    }

    private void inForce(Scope to, Row row, DeviceId unit, String message, Hash... assets) {
        transaction.executeWithoutResult(status -> {
            var seq = documents.nextSeq(to, row, clock.instant());
            documents.issue(
                    new Documents.Fresh(
                            to,
                            row,
                            "gb1/none",
                            unit,
                            null,
                            seq,
                            clock.instant(),
                            "",
                            "",
                            List.of(assets),
                            Bytes.of(message.getBytes(StandardCharsets.US_ASCII))),
                    Documents.ROUTINE);
        });
    }

    /** [USB-2b] [ENV-4]: another maker may order its members otherwise and leave spaces between them. */
    @Test
    void aJournalIsReadAsTheJsonItIs() throws Exception {
        var key = SigningKey.generate(new Kid("d1"), new SecureRandom());
        var unit = DeviceId.of(key.publicKey());
        fleet.registerUnit(new NewUnit(unit, "LC1", "r1"));
        var payload =
                "{ \"e\": [{\"n\": 1, \"t\": 5, \"q\": \"C\", \"k\": \"local\", \"s\": \"stop\", \"d\": {\"id\":\"none\"}}], \"v\": 1,"
                        + " \"typ\": \"ev\", \"jid\": \"stick\", \"sys\": \"" + keys.sys() + "\", \"id\": \"" + unit
                        + "\", \"x\": \""
                        + key.publicKey().b64u() + "\" }";
        assertThat(sticks.read(Envelope.compose(List.of(key), payload.getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(unit);
        var elsewhere = payload.replace("\"" + keys.sys() + "\"", "\"elsewhere\"");
        assertThatThrownBy(
                        () -> sticks.read(Envelope.compose(List.of(key), elsewhere.getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(Refusal.class);
    }

    /** Five weeks in a village that nobody calls: the server's own stick, the controller's own core, and a clock that hurries. */
    @Test
    void aStickCarriesFiveWeeksOfTheTimetable() throws Exception {
        var key = SigningKey.generate(new Kid("d1"), new SecureRandom());
        var unit = DeviceId.of(key.publicKey());
        var pole = aPole();
        fleet.registerUnit(new NewUnit(unit, "LC1", "r1"));
        fleet.assign(unit, pole);
        settled(pole);
        var audio = Deployment.audio(60, 7);
        var file = server.dataPath()
                .resolve("audio/canonical")
                .resolve(Hash.of(audio).hex());
        Files.createDirectories(file.getParent());
        Files.write(file, audio);
        timetable.create(
                new StationId(stations.main().id()),
                new NewSlot(
                        new RecordingId(aRecording(Hash.of(audio), audio.length)),
                        LocalDate.ofInstant(clock.instant(), ZoneId.of("Asia/Ho_Chi_Minh")),
                        LocalTime.of(17, 0),
                        Recurrence.daily(null),
                        new Targets(Set.of(), Set.of(pole)),
                        70,
                        Duration.ofMinutes(5)));

        var files = stick(pole, 35);
        var plan = (Plan) document(files.get("GB1/doc/plan.gb1"));
        assertThat(plan.items()).hasSizeBetween(34, 36);
        var heard = played(unit, pole, files, Duration.ofDays(35));
        assertThat(heard)
                .containsExactlyElementsOf(
                        plan.items().stream().map(item -> item.oid().value()).toList());
        assertThatThrownBy(() -> sticks.write(pole, 36, new ByteArrayOutputStream()))
                .isInstanceOf(Refusal.class);
        // Home again before its time: the days of the network are as they were.
        assertThat(fleet.online()).doesNotContain(unit);
    }

    private Map<String, byte[]> stick(ControllerId pole, int days) throws Exception {
        var out = new ByteArrayOutputStream();
        sticks.write(pole, days, out);
        var files = new LinkedHashMap<String, byte[]>();
        try (var zip = new ZipInputStream(new ByteArrayInputStream(out.toByteArray()))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.put(entry.getName(), zip.readAllBytes());
            }
        }
        return files;
    }

    /** Names of what sounded whole, in order, on a box that has nothing but this stick and its battery clock. */
    private List<String> played(DeviceId unit, ControllerId pole, Map<String, byte[]> files, Duration time) {
        var heard = new ArrayList<String>();
        var profile = Profile.of(unit, ClaimFile.decode(claims.forController(pole)));
        var core = new ControllerCore(profile, Map.of(), Map.of(), Map.of(), new java.util.Random(1));
        var start = clock.instant().toEpochMilli();
        var documents = new LinkedHashMap<String, Bytes>();
        files.forEach((name, content) -> documents.put(name.substring("GB1/".length()), Bytes.of(content)));
        var todo = new ArrayDeque<Input>();
        todo.add(new Input.Tick());
        todo.add(new Input.Stick(Bytes.of(files.get("GB1/bundle.gb1")), documents));
        Output.Play sounding = null;
        var mono = 0L;
        var end = 0L;
        while (mono < time.toMillis()) {
            if (todo.isEmpty()) {
                mono = Math.min(core.nextWake(60_000), sounding == null ? Long.MAX_VALUE : Math.max(end, mono));
                if (sounding != null && mono >= end) {
                    todo.add(new Input.Sink(new SinkEvent.Ended(sounding.play(), sounding.limitMs())));
                    heard.add(sounding.name());
                    sounding = null;
                } else {
                    todo.add(new Input.Tick());
                }
            }
            for (var output : core.step(new Moment(mono, start + mono), todo.remove())) {
                if (output instanceof Output.Connect) {
                    todo.add(new Input.Link(false));
                } else if (output instanceof Output.Bring bring) {
                    var there = files.containsKey("GB1/asset/" + bring.hash().b64u());
                    todo.add(new Input.Verified(bring.hash(), there));
                } else if (output instanceof Output.Play play) {
                    var length =
                            play.content().stream().mapToLong(Sound::millis).sum() - play.offsetMs();
                    sounding = play;
                    end = mono + Math.min(length, play.limitMs());
                }
            }
        }
        return heard;
    }

    private static Document document(byte[] message) {
        return Document.inMessage(message);
    }
}
