package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Jack;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Plan;
import vn.loalang.protocol.PlayId;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.Topics;
import vn.loalang.protocol.Welcome;
import vn.loalang.system.Await;

/** What must hold when things go wrong on the way. */
class DeliveryFaultsTest extends DeliveryTestBase {
    private static final Hash SOUND = Hash.of(new byte[] {2});

    private static final Pattern UPWARD = Pattern.compile("bad-(hello|ev|need|rep|st|tel)-.*");

    @Autowired
    Inbox inbox;

    @Autowired
    Topics topics;

    @Test
    void aRevokedBoxIsCutOffAtOnce() throws Exception {
        var pole = aPole();
        var box = aBoxOn(pole).connect(broker.plainPort());
        box.await(Welcome.class);
        claims.revoke(pole);
        Await.until(Duration.ofSeconds(30), () -> !box.connected());
        assertThatThrownBy(() -> box.open(broker.plainPort())).isInstanceOf(MqttException.class);
        box.claim(claims.forController(pole)).connect(broker.plainPort());
        assertThat(box.connected()).isTrue();
    }

    @Test
    void aBoxThatMovesLosesItsSessionAndItsOldArea() throws Exception {
        var pole = aPole();
        var box = aBoxOn(pole).connect(broker.plainPort());
        box.await(Welcome.class);
        var other = areas.findByCode("371432902").orElseThrow().path();
        assertThat(box.subscribe(topics.root() + "a/" + village + "/keys")).containsExactly(1);
        var newPole = aPole(other);
        fleet.assign(box.id(), newPole);
        Await.until(Duration.ofSeconds(30), () -> !box.connected());
        settled(newPole);
        box.connect(broker.plainPort());
        assertThat(box.subscribe(topics.root() + "a/" + village + "/keys")).containsExactly(128);
        assertThat(box.subscribe(topics.root() + "a/" + other + "/keys")).containsExactly(1);
        box.subscribeRest();
        box.await(Site.class, site -> site.areas().get(0).value().equals(other.value()));
    }

    @Test
    void aBoxThatIsReplacedGetsAnEmptyPlan() throws Exception {
        var pole = aPole();
        var old = aBoxOn(pole).connect(broker.plainPort());
        old.await(Welcome.class);
        old.subscribeRest();
        aBroadcast(pole, soon(), Duration.ofMinutes(5), SOUND);
        old.await(Plan.class, plan -> !plan.items().isEmpty());
        var fresh = aBoxOn(pole).connect(broker.plainPort());
        fresh.await(Welcome.class);
        fresh.subscribeRest();
        fresh.await(Plan.class, plan -> !plan.items().isEmpty());
        Await.until(Duration.ofSeconds(30), () -> !old.connected());
        old.forget();
        old.connect(broker.plainPort());
        old.await(Welcome.class);
        old.subscribeRest();
        old.await(Plan.class, plan -> plan.items().isEmpty());
    }

    @Test
    void aBrokerThatForgotEverythingIsToldEverythingAgain() throws Exception {
        var pole = aPole();
        var box = aBoxOn(pole).connect(broker.plainPort());
        box.await(Welcome.class);
        box.subscribeRest();
        var before = box.await(Plan.class).head().seq();
        broker.stop();
        // Committed while nothing can leave: as after a crash between commit and publish.
        var broadcast = aBroadcast(pole, soon(), Duration.ofMinutes(5), SOUND);
        broker.start();
        broker.up().get(60, TimeUnit.SECONDS);
        box.forget();
        box.connect(broker.plainPort());
        box.await(Keys.class);
        box.await(Welcome.class);
        box.subscribeRest();
        var after = box.await(Plan.class, plan -> plan.head().seq() > before);
        assertThat(after.items()).extracting(Plan.Item::oid).containsExactly(broadcast.oid());
        Await.until(
                Duration.ofSeconds(10),
                () -> box.arrived().stream().anyMatch(each -> each.retained() && each.document() instanceof Plan)
                        || resubscribed(box));
    }

    private static boolean resubscribed(TestDevice box) throws MqttException {
        box.subscribeRest();
        return false;
    }

    @Test
    void seqOnlyRisesWhateverTheClockDoes() throws Exception {
        var pole = aPole();
        var box = aBoxOn(pole).connect(broker.plainPort());
        box.await(Welcome.class);
        box.subscribeRest();
        var last = box.await(Plan.class).head().seq();
        for (var hours : new int[] {3, -2, -20, 1}) {
            clock.shift(Duration.ofHours(hours));
            var broadcast = aBroadcast(pole, soon(), Duration.ofMinutes(1), SOUND);
            var plan = box.await(Plan.class, each -> each.items().stream()
                    .anyMatch(item -> item.oid().equals(broadcast.oid())));
            assertThat(plan.head().seq()).isGreaterThan(last);
            assertThat(plan.head().iat()).isLessThanOrEqualTo(plan.head().seq());
            last = plan.head().seq();
            cancel(broadcast, pole);
            settled(pole);
        }
        clock.shift(Duration.ofHours(-30));
        var tooEarly = aBroadcast(pole, soon(), Duration.ofMinutes(1), SOUND);
        compiler.compileDue();
        assertThat(box.all(Plan.class)).noneMatch(plan -> names(plan, tooEarly));
    }

    private static boolean names(Plan plan, BroadcastId broadcast) {
        return plan.items().stream().anyMatch(item -> item.oid().equals(broadcast.oid()));
    }

    @Test
    void aMarkFromBeforeARestoredBackupIsPassed() throws Exception {
        var pole = aPole();
        var box = aBoxOn(pole);
        var seen = clock.instant().plusSeconds(3600).toEpochMilli();
        box.mark(Row.PLAN, seen);
        box.connect(broker.plainPort());
        box.await(Welcome.class);
        box.subscribeRest();
        assertThat(box.await(Plan.class, plan -> plan.head().seq() > seen)
                        .head()
                        .seq())
                .isEqualTo(seen + 1);
    }

    @Test
    void whatIsToldTwiceCountsOnceAndHolesHoldTheAcknowledgementBack() throws Exception {
        var pole = aPole();
        var box = aBoxOn(pole).connect(broker.plainPort());
        box.await(Welcome.class);
        var t = clock.millis();
        var first = entry(1, t);
        box.send(first);
        assertThat(box.await(Jack.class).ack().upto()).isEqualTo(1);
        box.forget();
        box.send(first, entry(2, t), entry(4, t), entry(5, t));
        assertThat(box.await(Jack.class).ack().upto()).isEqualTo(2);
        assertThat(stored(box)).isEqualTo(4);
        box.forget();
        // A gap may bear the number of an entry that is stored: the box has lost it since, the server has not.
        box.send(JournalEntry.at(4, t, Quality.T, new Event.Gap(3, 4, 2)));
        var jack = box.await(Jack.class).ack();
        assertThat(jack.upto()).isEqualTo(5);
        assertThat(jack.fresh()).isFalse();
        assertThat(stored(box)).isEqualTo(4);
        box.forget();
        box.send(JournalEntry.at(7, t, Quality.T, new Event.Gap(6, 7, 2)));
        assertThat(box.await(Jack.class).ack().upto()).isEqualTo(7);
        box.forget();
        box.send(JournalEntry.at(5, t + 1, Quality.T, new Event.Local(Event.LocalAct.STOP)));
        assertThat(box.await(Jack.class).ack().fresh()).isTrue();
        assertThat(stored(box)).isEqualTo(5);
        box.forget();
        box.jid(new JournalId("another"), 8, 8);
        box.hello();
        assertThat(box.await(Welcome.class).jack()).satisfies(ack -> {
            assertThat(ack.upto()).isEqualTo(7);
            assertThat(ack.fresh()).isFalse();
        });
        box.forget();
        box.boot(0);
        box.hello();
        assertThat(box.await(Welcome.class).jack().fresh()).isTrue();
    }

    @Test
    void rubbishIsCountedAndStopsNobody() throws Exception {
        var pole = aPole();
        var bad = aBoxOn(pole).connect(broker.plainPort());
        var goodPole = aPole();
        var good = aBoxOn(goodPole).connect(broker.plainPort());
        good.await(Welcome.class);
        bad.await(Welcome.class);
        var unit = bad.id();
        for (var rubbish :
                List.of("", "{", "[]", "null", "{\"v\":1,\"typ\":\"ev\",\"jid\":\"x\",\"e\":[{}]}", "\u0000\uffff")) {
            bad.publish(topics.ev(unit), rubbish.getBytes(StandardCharsets.UTF_8));
            bad.publish(topics.hello(unit), rubbish.getBytes(StandardCharsets.UTF_8));
        }
        bad.publish(topics.ev(unit), new byte[20_000]);
        bad.publish(topics.ev(unit), new byte[9_000]);
        bad.publish(topics.root() + "u/" + unit + "/what", new byte[3]);
        good.send(good.entry(clock.millis(), new Event.Local(Event.LocalAct.USB)));
        good.await(Jack.class);
        Await.until(Duration.ofSeconds(30), () -> rejected(unit) >= 13);
        assertThat(bad.connected()).isTrue();
        bad.send(bad.entry(clock.millis(), new Event.Local(Event.LocalAct.USB)));
        bad.await(Jack.class);
    }

    /** [DOC-3]: each of them for itself, and the box goes on as before. */
    @Test
    void whatTheVectorsCallWrongIsRefusedAndStopsNobody() throws Exception {
        var pole = aPole();
        var box = aBoxOn(pole).connect(broker.plainPort());
        box.await(Welcome.class);
        for (var what : List.of("state", "log", "doc")) {
            jdbc.sql("""
                            insert into delivery_command (cid, unit_id, op, asked_by, asked_at, expires_at)
                            values (:cid, :unit, 'report', 'vectors', now(), now())""")
                    .param("cid", "c-report-" + what)
                    .param("unit", box.id().value())
                    .update();
        }
        var wrong = new ArrayList<Path>();
        try (var vectors = Files.list(Path.of("firmware-protocol", "vectors"))) {
            vectors.filter(file -> UPWARD.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .forEach(wrong::add);
        }
        assertThat(wrong).hasSizeGreaterThan(100);
        var before = rejected(box.id());
        for (var i = 0; i < wrong.size(); i++) {
            inbox.accept(topic(box.id(), wrong.get(i).getFileName().toString()), Files.readAllBytes(wrong.get(i)));
            // Few enough at a time that none is let fall for want of room.
            var due = before + i + 1;
            if (i % 20 == 19 || i == wrong.size() - 1) {
                var last = wrong.get(i);
                Await.until(Duration.ofSeconds(30), () -> rejected(box.id()) >= due);
                assertThat(rejected(box.id())).as("up to " + last).isEqualTo(due);
            }
        }
        assertThat(jdbc.sql("select count(*) from delivery_command where unit_id = :unit and answer is not null")
                        .param("unit", box.id().value())
                        .query(Long.class)
                        .single())
                .as("reports taken for right")
                .isZero();
        box.send(box.entry(clock.millis(), new Event.Local(Event.LocalAct.USB)));
        box.await(Jack.class);
    }

    private String topic(DeviceId unit, String vector) {
        var kind = UPWARD.matcher(vector).replaceFirst("$1");
        var cid = vector.startsWith("bad-rep-log")
                ? "/c-report-log"
                : vector.startsWith("bad-rep-doc") ? "/c-report-doc" : "/c-report-state";
        return topics.root() + "u/" + unit + "/" + kind + (kind.equals("rep") ? cid : "");
    }

    @Test
    void aFloodOfOneDelaysNoOther() throws Exception {
        var pole = aPole();
        var good = aBoxOn(pole).connect(broker.plainPort());
        good.await(Welcome.class);
        var flooder = new DeviceId("FFFFFFFFFFFFFFFF");
        for (var i = 0; i < 20_000; i++) {
            inbox.accept(topics.ev(flooder), new byte[100]);
        }
        good.send(good.entry(clock.millis(), new Event.Local(Event.LocalAct.USB)));
        good.await(Jack.class);
    }

    @Test
    void aThousandJournalsAtOnceAreAllStored() throws Exception {
        var units = IntStream.range(0, 1000)
                .mapToObj(i -> new DeviceId("GGGGGGGGGGGGG" + letter(i / 100) + letter(i / 10 % 10) + letter(i % 10)))
                .toList();
        var t = clock.millis();
        var batch = new ArrayList<JournalEntry>();
        for (var n = 1; n <= 5; n++) {
            batch.add(JournalEntry.at(n, t, Quality.T, new Event.Started(new PlayId("p" + n), 3, 0)));
        }
        var message = new Events(new JournalId("storm"), batch).encode();
        var began = System.nanoTime();
        units.forEach(unit -> inbox.accept(topics.ev(unit), message));
        Await.until(
                Duration.ofSeconds(60),
                () -> jdbc.sql("select count(*) from delivery_journal where jid = 'storm'")
                                .query(Long.class)
                                .single()
                        == 5000);
        System.out.printf("1,000 journals of 5 entries stored in %d ms%n", (System.nanoTime() - began) / 1_000_000);
    }

    private static char letter(int digit) {
        return (char) ('A' + digit);
    }

    private static JournalEntry entry(long n, long t) {
        return JournalEntry.at(n, t, Quality.T, new Event.Local(Event.LocalAct.USB));
    }

    private long stored(TestDevice box) {
        return jdbc.sql("select count(*) from delivery_journal where unit_id = :unit")
                .param("unit", box.id().value())
                .query(Long.class)
                .single();
    }

    private long rejected(DeviceId unit) {
        return jdbc.sql("select rejected from delivery_unit where unit_id = :unit")
                .param("unit", unit.value())
                .query(Long.class)
                .single();
    }
}
