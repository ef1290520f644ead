package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Plan;

/** What a controller does, told in virtual time: a commune at UTC+7 on the morning of 21 November 2026. */
class ControllerCoreTest {
    private static final long SECOND = 1_000;
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;
    /** 08:00 on the pole. */
    private static final long MORNING = Deployment.CLAIMED + 8 * HOUR;

    private static final Asset NEWS = Deployment.asset("news", 600);
    private static final Asset CHIME = Deployment.asset("chime", 12);

    private final Pole pole = new Pole(MORNING, 1);
    private final Deployment server = pole.deployment;

    @Test
    void itSubscribesInTheSafeOrderAndHoldsNothingBeforeTheWelcome() {
        claimedPole().powerOn().runFor(10 * SECOND);
        var topics = pole.subscriptions.stream()
                .map(s -> s.topics().stream().map(ControllerCoreTest::last).toList())
                .toList();
        assertThat(topics)
                .containsExactly(
                        List.of("keys", "rsp"),
                        List.of("+", "site", "cfg", "plan", "fw", "ses"),
                        List.of("keys"),
                        List.of("+", "ses"));
        assertThat(pole.events().stream()
                        .filter(e -> e.kind().equals("doc"))
                        .map(e -> e.details().get("row").toString()))
                .hasSize(4);
    }

    @Test
    void itPlaysOnTimeWithTheServerGone() {
        plan(item("a", 10 * MINUTE, 600, 30));
        claimedPole().powerOn().runFor(MINUTE);
        pole.link(false).runFor(30 * MINUTE);
        assertThat(pole.plays()).containsExactly("a started 0", "a completed 600");
        assertThat(pole.sounded.get(0).at - (MORNING + 10 * MINUTE)).isBetween(0L, 60L);
        assertThat(pole.kept())
                .as("kept for the server")
                .extracting(e -> e.event().kind())
                .contains("play");

        pole.link(true).runFor(10 * MINUTE);
        assertThat(pole.kept()).isEmpty();
        assertThat(pole.plays()).containsExactly("a started 0", "a completed 600");
    }

    @Test
    void aPlanRemovedBeforeAirIsNotPlayedAndOneRemovedOnAirEnds() {
        plan(item("a", 10 * MINUTE, 600, 30), item("b", 30 * MINUTE, 600, 30));
        claimedPole().powerOn().runFor(MINUTE);
        plan(item("b", 30 * MINUTE, 600, 30));
        pole.runFor(31 * MINUTE);
        plan();
        pole.runFor(MINUTE);
        assertThat(pole.plays()).containsExactly("b started 0", "b interrupted 120 cancelled");
    }

    @Test
    void afterFortyHoursOfflineItPlaysTheRightThing() {
        plan(item("old", 10 * MINUTE, 600, 30));
        claimedPole().powerOn().runFor(5 * SECOND);
        pole.link(false).runFor(40 * HOUR);
        plan(item("new", 48 * HOUR + 5 * MINUTE, 600, 30));
        pole.link(true).runFor(9 * HOUR);
        assertThat(pole.plays())
                .containsExactly("old started 0", "old completed 600", "new started 0", "new completed 600");
    }

    @Test
    void aHigherPriorityTakesOverAndTheOtherRejoinsWhereItsNeighboursAre() {
        plan(item("a", MINUTE, 600, 30), item("b", 3 * MINUTE, 60, 45));
        claimedPole().powerOn().runFor(20 * MINUTE);
        assertThat(pole.plays())
                .containsExactly(
                        "a started 0",
                        "a interrupted 120 preempted",
                        "b started 0",
                        "b completed 59",
                        "a started 180",
                        "a completed 540");
    }

    @Test
    void anItemThatWaitsBehindAnotherIsMissedWhenItIsTooLateToJoin() {
        plan(item("a", MINUTE, 600, 30), item("b", 2 * MINUTE, 120, 30));
        claimedPole().powerOn().runFor(20 * MINUTE);
        assertThat(pole.plays()).containsExactly("a started 0", "b missed preempted", "a completed 600");
    }

    @Test
    void quietHoursBindWhateverWasPlanned() {
        publishSite("09:00", "10:00");
        plan(item("a", 55 * MINUTE, 600, 30), item("b", 70 * MINUTE, 600, 30), item("c", 121 * MINUTE, 600, 30));
        claimedPole().powerOn().runFor(3 * HOUR);
        assertThat(pole.plays())
                .containsExactly(
                        "a started 0", "a interrupted 300 quiet", "b missed quiet", "c started 0", "c completed 600");
    }

    @Test
    void anItemThatEndsWhereQuietHoursBeginIsComplete() {
        publishSite("09:00", "10:00");
        plan(item("a", 50 * MINUTE, 600, 30));
        claimedPole().powerOn().runFor(2 * HOUR);
        assertThat(pole.plays()).hasSize(2).last().asString().startsWith("a completed");
    }

    @Test
    void whatPassedWhileThePowerWasOffIsMissedForThatReason() {
        plan(item("a", 10 * MINUTE, 600, 30), item("b", 60 * MINUTE, 600, 30));
        claimedPole().powerOn().runFor(MINUTE);
        pole.powerOff().runFor(30 * MINUTE);
        pole.powerOn().runFor(HOUR);
        assertThat(pole.plays()).containsExactly("a missed power_off", "b started 0", "b completed 600");
    }

    @Test
    void aPowerCutIsReportedWithTheTrueSecondsAndItRejoins() {
        plan(item("a", 10 * MINUTE, 600, 30));
        claimedPole().powerOn().runFor(13 * MINUTE + 500);
        pole.powerOff().runFor(20 * SECOND);
        pole.powerOn().runFor(20 * MINUTE);
        assertThat(pole.plays())
                .containsExactly("a started 0", "a interrupted 180 power_loss", "a started 200", "a completed 579");
    }

    @Test
    void itRejoinsTwiceAndNoMoreAfterPowerCuts() {
        plan(item("a", MINUTE, 600, 30));
        claimedPole().powerOn().runFor(2 * MINUTE);
        for (int i = 0; i < 4; i++) {
            pole.powerOff().runFor(10 * SECOND);
            pole.powerOn().runFor(MINUTE);
        }
        assertThat(pole.plays()).filteredOn(p -> p.startsWith("a started")).hasSize(3);
        assertThat(pole.plays()).filteredOn(p -> p.contains("power_loss")).hasSize(3);
    }

    @Test
    void withoutItsAudioAnItemIsMissedAndJoinsIfTheAudioComesInTime() {
        var song = Deployment.asset("song", 1_800);
        pole.publish("keys", server.keys()).publish("site", server.site(MORNING, "21:30", "04:45"));
        pole.publish("cfg", server.cfg(MORNING, "http://127.0.0.1/a/"));
        pole.publish(
                "plan",
                server.plan(
                        pole.now(),
                        List.of(song),
                        Deployment.item("a", MORNING + 10 * MINUTE, 600, 30, 300, 0),
                        Deployment.item("b", MORNING + 30 * MINUTE, 1_800, 30, 1_800, 0)));
        pole.powerOn().runFor(31 * MINUTE);
        pole.fetchable.add(song.h());
        pole.runFor(HOUR);
        assertThat(pole.plays().get(0)).isEqualTo("a missed asset");
        assertThat(pole.plays().get(1)).startsWith("b started ").isNotEqualTo("b started 0");
        assertThat(pole.plays().get(2)).startsWith("b completed ");
    }

    @Test
    void aServerThatComesBackIsAskedForTheAudioAtOnce() {
        var song = Deployment.asset("song", 60);
        pole.publish("keys", server.keys()).publish("site", server.site(MORNING, "21:30", "04:45"));
        pole.publish("cfg", server.cfg(MORNING, "http://127.0.0.1/a/"));
        pole.publish(
                "plan",
                server.plan(pole.now(), List.of(song), Deployment.item("a", MORNING + 20 * HOUR, 60, 30, 300, 0)));
        pole.powerOn().runFor(3 * HOUR);
        pole.link(false).runFor(2 * HOUR);
        pole.fetchable.add(song.h());
        pole.link(true);
        while (!pole.core().isWelcomed()) pole.runFor(SECOND);
        pole.runFor(20 * SECOND);
        assertThat(pole.events()).filteredOn(e -> e instanceof Event.AssetReady).hasSize(1);
    }

    @Test
    void aClockFrom1970WaitsForTheWelcome() {
        plan(item("a", 10 * MINUTE, 600, 30), item("b", 60 * MINUTE, 600, 30));
        claimedPole().powerOn().runFor(MINUTE);
        pole.powerOff();
        pole.rtcWrongBy(-MORNING).link(false).powerOn().runFor(40 * MINUTE);
        assertThat(pole.sounded).isEmpty();
        pole.link(true).runFor(HOUR);
        assertThat(pole.plays()).containsExactly("a missed clock", "b started 0", "b completed 600");
    }

    @Test
    void aClockThatWasHoursFastAtBootDeclaresNothingMissed() {
        plan(item("a", 30 * MINUTE, 600, 30));
        claimedPole().rtcWrongBy(3 * HOUR).powerOn().runFor(HOUR);
        assertThat(pole.plays()).containsExactly("a started 0", "a completed 600");
    }

    @Test
    void aServerSixHoursWrongWakesNobody() {
        plan(item("a", 2 * MINUTE, 600, 30));
        publishSite("07:00", "09:00");
        claimedPole().rtcWrongBy(0).powerOn().runFor(10 * MINUTE);
        assertThat(pole.plays()).containsExactly("a missed quiet");
    }

    @Test
    void forgedReplayedForeignAndExpiredDocumentsAreRefusedCountedAndReported() {
        claimedPole().powerOn().runFor(10 * SECOND);
        var good = server.plan(MORNING + 5_000, List.of(NEWS)).toArray();
        var forged = good.clone();
        forged[forged.length - 3] ^= 1;
        for (int i = 0; i < 5; i++) pole.deliver(Bytes.of(forged));
        pole.deliver(server.plan(MORNING - 4 * HOUR, List.of(NEWS)));
        var stranger = new Deployment(new vn.loalang.protocol.DeviceId("AAAAAAAAAAAAAAAA"), Deployment.CLAIMED);
        pole.deliver(stranger.plan(pole.now(), List.of(NEWS)));
        pole.deliver(server.signed(server.onlineKey(), siteByTheWrongKey()));
        assertThat(codes()).containsExactlyInAnyOrder("E_SIG×1", "E_OLD×1", "E_DST×1", "E_POL×1");
        pole.runFor(2 * HOUR);
        assertThat(codes()).contains("E_SIG×4");
    }

    @Test
    void moreThanTenWrongSignaturesInAnHourAreAFault() {
        claimedPole().powerOn().runFor(10 * SECOND);
        var forged = server.plan(MORNING + 5_000, List.of(NEWS)).toArray();
        forged[forged.length - 3] ^= 1;
        for (int i = 0; i < 10; i++) {
            pole.deliver(Bytes.of(forged));
            pole.runFor(MINUTE);
        }
        assertThat(faults()).isEmpty();
        pole.deliver(Bytes.of(forged));
        assertThat(faults()).containsExactly("SIG_REJECT set");
        pole.runFor(2 * HOUR);
        assertThat(faults()).containsExactly("SIG_REJECT set", "SIG_REJECT clr");
    }

    private List<String> faults() {
        return pole.events().stream()
                .filter(e -> e instanceof Event.FaultChange)
                .map(e -> (Event.FaultChange) e)
                .map(change -> change.fault() + (change.set() ? " set" : " clr"))
                .toList();
    }

    @Test
    void aNewEpochOfTheJournalGoesOnCountingSoThatReportsKeepTheirOrder() {
        plan(item("a", 10 * MINUTE, 600, 30));
        claimedPole().powerOn().runFor(12 * MINUTE);
        var old = pole.stored.keySet().iterator().next();
        var highest = pole.stored.get(old).lastKey();
        pole.deliver(server.jack(new vn.loalang.protocol.JournalId(old), highest + 1_000, pole.now()));
        pole.runFor(MINUTE);
        pole.powerOff().powerOn().runFor(20 * MINUTE);
        assertThat(pole.plays()).contains("a started 0").anySatisfy(play -> assertThat(play)
                .startsWith("a interrupted "));
        assertThat(pole.stored).hasSize(2);
        pole.stored.forEach((jid, entries) -> {
            if (!jid.equals(old)) assertThat(entries.firstKey()).isGreaterThan(highest);
        });
        assertThat(pole.kept()).isEmpty();
    }

    @Test
    void itsOwnRestartsSetThePlanAsideAtTheThird() {
        plan(item("a", HOUR, 600, 30));
        claimedPole().powerOn().runFor(3 * MINUTE);
        for (int i = 0; i < 3; i++) pole.powerOff().powerOn(Hello.Why.WATCHDOG).runFor(10 * SECOND);
        pole.runFor(3 * MINUTE);
        assertThat(pole.events())
                .anyMatch(e -> e instanceof Event.FaultChange f
                        && f.set()
                        && f.fault() == vn.loalang.protocol.Fault.BOOT_LOOP);
        pole.runFor(HOUR);
        assertThat(pole.sounded).isEmpty();
        plan(item("b", 2 * HOUR, 600, 30));
        pole.runFor(2 * HOUR);
        assertThat(pole.plays()).contains("b completed 600");
    }

    @Test
    void powerCutsDoNotCountAsABootLoop() {
        plan(item("a", HOUR, 600, 30));
        claimedPole().powerOn().runFor(10 * SECOND);
        for (int i = 0; i < 8; i++) pole.powerOff().powerOn().runFor(10 * SECOND);
        pole.runFor(2 * HOUR);
        assertThat(pole.plays()).containsExactly("a started 0", "a completed 600");
    }

    @Test
    void aMonthWithoutServerOwnsUpToWhatFellOutOfTheJournal() {
        claimedPole().powerOn().runFor(MINUTE);
        pole.server(false);
        for (int i = 0; i < 1_200; i++) pole.step(new Input.Verified(NEWS.h(), true));
        assertThat(pole.kept()).hasSizeLessThan(1_100);
        assertThat(pole.kept().stream().filter(e -> e.event() instanceof Event.Gap))
                .hasSize(1);
        pole.server(true);
        pole.link(false).runFor(MINUTE).link(true).runFor(10 * MINUTE);
        var gap = pole.events().stream()
                .filter(e -> e instanceof Event.Gap)
                .map(e -> (Event.Gap) e)
                .toList();
        assertThat(gap).hasSize(1);
        var received = pole.stored.values().iterator().next();
        for (long n = received.firstKey(); n <= received.lastKey(); n++) {
            if (!received.containsKey(n))
                assertThat(n).isBetween(gap.get(0).lo(), gap.get(0).hi());
        }
    }

    private List<String> codes() {
        return pole.events().stream()
                .filter(e -> e instanceof Event.Security)
                .map(e -> (Event.Security) e)
                .map(s -> s.code() + "×" + s.count())
                .toList();
    }

    private vn.loalang.protocol.Site siteByTheWrongKey() {
        return vn.loalang.protocol.Site.withDefaults(
                server.head(vn.loalang.protocol.Row.SITE, pole.now(), pole.now() + DAY),
                List.of(new vn.loalang.protocol.AreaPath("37.14329")));
    }

    private Pole claimedPole() {
        pole.publish("keys", server.keys());
        if (!published.contains("site")) publishSite("21:30", "04:45");
        pole.publish("cfg", server.cfg(MORNING));
        if (!published.contains("plan")) plan();
        return pole.asset(NEWS.h(), NEWS.sz()).asset(CHIME.h(), CHIME.sz());
    }

    private final java.util.Set<String> published = new java.util.HashSet<>();

    private void publishSite(String... quiet) {
        published.add("site");
        pole.publish("site", server.site(pole.now(), quiet));
    }

    private void plan(Plan.Item... items) {
        published.add("plan");
        pole.publish("plan", server.plan(pole.now(), List.of(NEWS, CHIME), items));
    }

    /** Item of the ten-minute news, planned so long after 08:00. */
    private static Plan.Item item(String oid, long after, int seconds, int priority) {
        return Deployment.item(oid, MORNING + after, seconds, priority, 300, 0);
    }

    private static String last(String topic) {
        return topic.substring(topic.lastIndexOf('/') + 1);
    }
}
