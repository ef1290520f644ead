package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import vn.loalang.area.Refusal;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.Bundle;
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
import vn.loalang.protocol.SigningKey;

/** Sticks for villages without coverage, and the journals that come back on them. */
class UsbSticksTest extends DeliveryTestBase {
    @Autowired
    UsbSticks sticks;

    @Autowired
    KeyStore keys;

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

        var out = new ByteArrayOutputStream();
        sticks.write(pole, out);
        var files = new LinkedHashMap<String, byte[]>();
        try (var zip = new ZipInputStream(new ByteArrayInputStream(out.toByteArray()))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.put(entry.getName(), zip.readAllBytes());
            }
        }
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

    private static Document document(byte[] message) {
        return Document.decode(Envelope.parse(message).payload().toArray());
    }
}
