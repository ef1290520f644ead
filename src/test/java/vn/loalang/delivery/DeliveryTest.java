package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Cfg;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Jack;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Plan;
import vn.loalang.protocol.PlayId;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.Welcome;
import vn.loalang.system.Await;

/** The way of a document down and of evidence up, through a real broker. */
class DeliveryTest extends DeliveryTestBase {
    private static final Hash SOUND = Hash.of(new byte[] {1});

    @Autowired
    private Accounts accounts;

    @Autowired
    private Credentials credentials;

    @Test
    void aBoxIsWelcomedAndGetsItsDocuments() throws Exception {
        var pole = aPole();
        var box = aBoxOn(pole).connect(broker.plainPort());

        var keys = box.await(Keys.class);
        assertThat(keys.effectiveQuorum().n()).isEqualTo(1);
        box.await(Welcome.class);
        box.subscribeRest();
        var site = box.await(Site.class);
        assertThat(site.areas())
                .containsExactly(
                        new AreaPath(village.value()),
                        new AreaPath(village.parent().value()),
                        new AreaPath("37"));
        assertThat(site.vmax()).isEqualTo(75);
        assertThat(site.tz()).isEqualTo(420);
        assertThat(site.quiet()).hasSize(1);
        assertThat(box.await(Cfg.class).http()).hasSize(1).allSatisfy(base -> assertThat(base)
                .startsWith("https://localhost:")
                .endsWith("/gb1/a/"));
        var plan = box.await(Plan.class);
        assertThat(plan.items()).isEmpty();
        assertThat(plan.till() - plan.from()).isEqualTo(Duration.ofDays(2).toMillis());

        box.forget();
        box.hello();
        var welcome = box.await(Welcome.class, each -> each.vec().size() == 4);
        assertThat(welcome.vec())
                .containsEntry(Row.KEYS, keys.head().seq())
                .containsEntry(Row.SITE, site.head().seq())
                .containsEntry(Row.PLAN, plan.head().seq());
    }

    @Test
    void newQuietHoursTravelAtOnce() throws Exception {
        var box = aBoxOn(aPole()).connect(broker.plainPort());
        box.await(Welcome.class);
        box.subscribeRest();
        box.await(Site.class);
        var commune = village.parent();
        areas.setQuietHours(
                commune, new vn.loalang.area.QuietHours(java.time.LocalTime.of(23, 59), java.time.LocalTime.of(6, 0)));
        try {
            var night = vn.loalang.protocol.QuietWindow.parse("23:59", "06:00");
            box.await(Site.class, site -> site.quiet().contains(night));
        } finally {
            areas.inheritQuietHours(commune);
        }
    }

    @Test
    void aPlannedBroadcastReachesTheBoxAndItsOutcomeComesBack() throws Exception {
        var pole = aPole();
        var box = aBoxOn(pole).connect(broker.plainPort());
        box.await(Welcome.class);
        box.subscribeRest();
        var start = soon();
        var broadcast = aBroadcast(pole, start, Duration.ofMinutes(5), SOUND);
        var plan = box.await(Plan.class, each -> !each.items().isEmpty());
        var item = plan.items().get(0);
        assertThat(item.oid()).isEqualTo(broadcast.oid());
        assertThat(item.at()).isEqualTo(start.toEpochMilli());
        assertThat(item.dur()).isEqualTo(300);
        assertThat(plan.assetsOf(item)).extracting(asset -> asset.h()).containsExactly(SOUND);
        Await.until(Duration.ofSeconds(10), () -> stateOf(broadcast, pole).equals("SENT"));

        var t = start.toEpochMilli();
        box.send(box.entry(
                t,
                new Event.DocumentChange(
                        Event.DocumentFate.APPLIED, Row.PLAN, plan.head().seq())));
        box.await(Jack.class, jack -> jack.ack().upto() == 1);
        assertThat(stateOf(broadcast, pole)).isEqualTo("RECEIVED");
        box.send(box.entry(t, new Event.AssetReady(SOUND)));
        box.await(Jack.class, jack -> jack.ack().upto() == 2);
        assertThat(stateOf(broadcast, pole)).isEqualTo("PREPARED");
        var play = PlayId.of(broadcast.oid());
        box.send(box.entry(t, new Event.Started(play, 12, 0)));
        box.await(Jack.class, jack -> jack.ack().upto() == 3);
        assertThat(stateOf(broadcast, pole)).isEqualTo("STARTED");
        box.send(box.entry(t + 300_000, new Event.Completed(play, 300_000, Hello.Proof.AMP, 70)));
        box.await(Jack.class, jack -> jack.ack().upto() == 4);
        assertThat(stateOf(broadcast, pole)).isEqualTo("COMPLETED");
    }

    @Test
    void aCancelledBroadcastLeavesThePlan() throws Exception {
        var pole = aPole();
        var box = aBoxOn(pole).connect(broker.plainPort());
        box.await(Welcome.class);
        box.subscribeRest();
        var broadcast = aBroadcast(pole, soon(), Duration.ofMinutes(5), SOUND);
        var full = box.await(Plan.class, each -> !each.items().isEmpty());
        cancel(broadcast, pole);
        var empty =
                box.await(Plan.class, each -> each.head().seq() > full.head().seq());
        assertThat(empty.items()).isEmpty();
    }

    @Test
    void nothingIsIssuedAgainWithoutNews() throws Exception {
        var pole = aPole();
        var box = aBoxOn(pole).connect(broker.plainPort());
        box.await(Welcome.class);
        box.subscribeRest();
        box.await(Plan.class);
        var before = seqs(box);
        transaction.executeWithoutResult(status -> compiler.due(List.of(pole)));
        settled(pole);
        assertThat(seqs(box)).isEqualTo(before);
        clock.shift(Duration.ofMinutes(100));
        transaction.executeWithoutResult(status -> compiler.due(List.of(pole)));
        Await.until(Duration.ofSeconds(30), () -> seqs(box).get("plan") > before.get("plan"));
        assertThat(seqs(box)).containsEntry("site", before.get("site")).containsEntry("cfg", before.get("cfg"));
    }

    /** [CON-9c]: a site reaches the box as soon as its transaction commits, so the broker must know better before that. */
    @Test
    void rightsToAnAreaAreInForceBeforeTheSiteThatNamesItIsCommitted() throws Exception {
        var pole = aPole();
        var box = aBoxOn(pole).connect(broker.plainPort());
        box.await(Welcome.class);
        var elsewhere = new AreaPath("37.14329.02");
        var all = List.of(elsewhere, new AreaPath(village.parent().value()), new AreaPath("37"));
        var before = accounts.rightsOf(box.id().value());
        transaction.executeWithoutResult(status -> {
            credentials.hang(box.id(), pole, all);
            assertThat(accounts.rightsOf(box.id().value()).orElseThrow())
                    .isInstanceOfSatisfying(Accounts.Rights.Device.class, rights -> assertThat(rights.areas())
                            .contains(elsewhere.value(), village.value()));
            status.setRollbackOnly();
        });
        assertThat(accounts.rightsOf(box.id().value())).isEqualTo(before);
    }

    private java.util.Map<String, Long> seqs(TestDevice box) {
        var seqs = new java.util.TreeMap<String, Long>();
        jdbc.sql("select row_name, seq from delivery_document where unit_id = :unit and superseded_at is null")
                .param("unit", box.id().value())
                .query(row -> {
                    seqs.put(row.getString(1), row.getLong(2));
                });
        return seqs;
    }
}
