package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;
import static vn.loalang.controller.Deployment.order;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.Plan;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.Step;

/** Emergencies and sessions on one pole in virtual time, on the morning of 21 November 2026 at UTC+7. */
class EmergencyTest {
    private static final long SECOND = 1_000;
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    /** 08:00 on the pole. */
    private static final long MORNING = Deployment.CLAIMED + 8 * HOUR;

    private static final Asset NEWS = Deployment.asset("news", 600);
    private static final Asset WARNING = Deployment.asset("warning", 20);
    private static final Asset PIN = Deployment.asset("flood-pin", 8);
    private static final Step BLASTS = new Step.Tone(Step.Pattern.WAIL, 3, 4, 2);

    private final Pole pole = new Pole(MORNING, 1);
    private final Deployment server = pole.deployment;

    /** 16 s of siren. */
    private static Entry siren(String sid, int priority, long beg, int repetitions, int gap) {
        return order(sid, priority, beg, 1_800, repetitions, gap, BLASTS);
    }

    /** [SIT-1]: a box that knows no quiet hours holds back what they would bind, and nothing else. */
    @Test
    void withoutSafetySettingsAnEmergencySoundsAndADrillWaitsForThem() {
        var actual = siren("flood", 80, MORNING, 1, 0);
        var drill = new Entry(
                new Sid("drill"),
                OrderStatus.EXERCISE,
                90,
                MORNING,
                MORNING + 1_800_000,
                600,
                1,
                0,
                100,
                List.of(),
                actual.content());
        pole.publish("keys", server.keys());
        pole.publish("now/n", server.deviceOrders(MORNING, drill, actual));
        pole.powerOn().runFor(60 * SECOND);
        assertThat(pole.plays()).containsExactly("flood#1 started 0", "flood#1 completed 16");
        pole.publish("site", server.site(pole.now())).runFor(5 * SECOND);
        assertThat(pole.plays()).contains("drill#1 started 0");
    }

    @Test
    void anOrderSoundsAtOnceAndThePlanRejoinsWhereItsNeighboursAre() {
        running(item("news", 0, 600));
        pole.runFor(60 * SECOND);
        var ordered = pole.now();
        pole.publish("now/x1", server.orders(ordered, siren("flood", 85, ordered, 2, 5)));
        pole.runFor(15 * MINUTE);
        assertThat(pole.plays())
                .containsExactly(
                        "news started 0",
                        "news interrupted 60 preempted",
                        "flood#1 started 0",
                        "flood#1 completed 16",
                        "flood#2 started 0",
                        "flood#2 completed 16",
                        "news started 97",
                        "news completed 562");
        assertThat(pole.sounded.get(1).at - ordered).as("latency").isBetween(0L, 1_000L);
        assertThat(pole.sounded.get(2).at - pole.sounded.get(1).end())
                .as("the gap")
                .isBetween(5_000L, 5_100L);
        assertThat(pole.sounded.get(3).at - pole.sounded.get(2).end())
                .as("back at once")
                .isLessThan(100);
        assertThat(pole.sounded.get(3).offset).isEqualTo(pole.sounded.get(3).at - MORNING);
    }

    @Test
    void theAllClearStopsItWithinASecondAndItNeverComesBack() {
        running();
        var order = server.orders(pole.now(), siren("flood", 85, pole.now(), 3, 0));
        pole.publish("now/x1", order);
        pole.runFor(5 * SECOND);
        var cleared = pole.now();
        pole.publish("now/x1", server.allClear(cleared));
        pole.runFor(30 * MINUTE);
        assertThat(pole.sounded.get(0).end() - cleared).isLessThan(1_000);
        pole.deliver(order);
        pole.powerOff().powerOn();
        pole.runFor(10 * MINUTE);
        assertThat(pole.plays()).containsExactly("flood#1 started 0", "flood#1 interrupted 5 cleared");
    }

    @Test
    void anOrderClearedAfterASecondCostsTheProgrammeLittleMore() {
        running(item("news", 0, 600));
        pole.runFor(5 * SECOND);
        pole.publish("now/x1", server.orders(pole.now(), siren("flood", 85, pole.now(), 1, 0)));
        pole.runFor(SECOND);
        pole.publish("now/x1", server.allClear(pole.now()));
        pole.runFor(5 * SECOND);
        assertThat(started()).containsExactly("news", "flood#1", "news");
        assertThat(pole.sounded.get(2).at - pole.sounded.get(0).end()).isLessThan(2_500);
    }

    @Test
    void aHigherOrderPreemptsALowerOneWhichSoundsAgainFromItsBeginning() {
        running();
        pole.publish("now/x1", server.orders(pole.now(), siren("low", 85, pole.now(), 1, 0)));
        pole.runFor(6 * SECOND);
        pole.publish("now/x2", server.higherOrders(pole.now(), siren("high", 95, pole.now(), 1, 0)));
        pole.runFor(5 * MINUTE);
        assertThat(pole.plays())
                .containsExactly(
                        "low#1 started 0",
                        "low#1 interrupted 6 preempted",
                        "high#1 started 0",
                        "high#1 completed 16",
                        "low#1 started 0",
                        "low#1 completed 16");
    }

    @Test
    void equalsTakeTurnsAfterEachRepetition() {
        running();
        pole.publish(
                "now/x1",
                server.orders(pole.now(), siren("a", 85, pole.now(), 2, 0), siren("b", 85, pole.now(), 2, 0)));
        pole.runFor(5 * MINUTE);
        assertThat(started()).containsExactly("a#1", "b#1", "a#2", "b#2");
    }

    @Test
    void whoWaitsInItsGapKeepsTheLowerOnesSilent() {
        running(item("news", 30 * SECOND, 600));
        pole.publish("now/x1", server.orders(pole.now(), siren("flood", 85, pole.now(), 2, 60)));
        pole.runFor(3 * MINUTE);
        assertThat(started()).containsExactly("flood#1", "flood#2", "news");
    }

    @Test
    void whatIsNotHereIsReplacedByItsPinOrByASteadyTone() {
        server.pins(Map.of("flood-vi", PIN));
        pole.asset(PIN.h(), PIN.sz());
        running();
        pole.publish(
                "now/x1",
                server.orders(
                        pole.now(),
                        order(
                                "mixed",
                                85,
                                pole.now(),
                                600,
                                1,
                                0,
                                new Step.Sound(WARNING, java.util.Optional.of("flood-vi")),
                                new Step.Sound(WARNING, java.util.Optional.empty()),
                                new Step.Pin("nowhere"),
                                new Step.Unknown())));
        pole.runFor(2 * MINUTE);
        assertThat(pole.plays()).containsExactly("mixed#1 started 0", "mixed#1 completed 37");
    }

    @Test
    void itContinuesWithTheNextRepetitionAfterAPowerCut() {
        running();
        pole.publish("now/x1", server.orders(pole.now(), siren("flood", 85, pole.now(), 3, 0)));
        pole.runFor(20 * SECOND);
        pole.powerOff().runFor(30 * SECOND).powerOn().link(false);
        pole.runFor(5 * MINUTE);
        assertThat(started()).containsExactly("flood#1", "flood#2", "flood#3");
    }

    @Test
    void theOnlyRepetitionIsHeardOnceEvenIfThePowerFailsButNotForEver() {
        running();
        pole.publish("now/x1", server.orders(pole.now(), siren("flood", 85, pole.now(), 1, 0)));
        for (int i = 0; i < 5; i++) {
            pole.runFor(8 * SECOND);
            pole.powerOff().runFor(10 * SECOND).powerOn();
        }
        pole.runFor(5 * MINUTE);
        assertThat(started()).containsExactly("flood#1", "flood#1", "flood#1");
    }

    @Test
    void anExerciseIsAnnouncedBeforeAndAfterAndBoundByQuietHoursAndVmax() {
        running();
        pole.publish("now/x1", server.orders(pole.now(), exercise("drill", pole.now())));
        pole.runFor(2 * MINUTE);
        assertThat(pole.plays()).containsExactly("drill#1 started 0", "drill#1 completed 21");
        assertThat(pole.events().toString()).contains("vol=80");

        pole.runUntil(MORNING + 14 * HOUR);
        pole.publish("now/x1", server.orders(pole.now(), exercise("night", pole.now())));
        pole.runFor(2 * HOUR);
        assertThat(pole.plays()).last().isEqualTo("night#1 missed quiet");
    }

    @Test
    void aRealEmergencySoundsInQuietHours() {
        running();
        pole.runUntil(MORNING + 14 * HOUR);
        pole.publish("now/x1", server.orders(pole.now(), siren("flood", 85, pole.now(), 1, 0)));
        pole.runFor(MINUTE);
        assertThat(started()).containsExactly("flood#1");
        assertThat(pole.events().toString()).contains("vol=100");
    }

    @Test
    void stopEndsItForGoodAndTwiceMutesEverythingRemote() {
        running(item("news", 5 * MINUTE, 600));
        pole.publish("now/x1", server.orders(pole.now(), siren("flood", 85, pole.now(), 9, 0)));
        pole.runFor(10 * SECOND);
        pole.step(new Input.Stop());
        pole.runFor(MINUTE);
        pole.powerOff().powerOn().runFor(MINUTE);
        assertThat(pole.plays()).containsExactly("flood#1 started 0", "flood#1 interrupted 10 local_stop");
        pole.step(new Input.Stop());
        pole.step(new Input.Stop());
        pole.runUntil(MORNING + 10 * MINUTE);
        assertThat(pole.sounded).hasSize(1);
        pole.runUntil(MORNING + 30 * MINUTE);
        assertThat(pole.plays()).last().isEqualTo("news missed muted");
        assertThat(pole.events().stream().map(e -> e.kind() + "/" + e.state()).toList())
                .contains("local/stop", "fault/set", "fault/clr");
    }

    @Test
    void oneKeyMaySoundNoLongerThanItsCeilingInSixHours() {
        server.smax(600);
        running();
        for (int i = 0; i < 4; i++) {
            pole.publish(
                    "now/x1",
                    server.orders(
                            pole.now(),
                            order(
                                    "s" + i,
                                    85,
                                    pole.now(),
                                    3_600,
                                    20,
                                    0,
                                    new Step.Tone(Step.Pattern.STEADY, 1, 60, 0))));
            pole.runFor(20 * MINUTE);
            pole.powerOff().powerOn();
        }
        var heard = pole.sounded.stream().mapToLong(s -> s.ms).sum();
        assertThat(heard).isBetween(599_000L, 602_000L);
        assertThat(pole.plays()).contains("s0#10 completed 60");
    }

    /** [NOW-11]: what its ceiling has stopped does not stutter on with every ten seconds that become free. */
    @Test
    void whatItsCeilingHasStoppedWaitsUntilHalfAMinuteIsFree() {
        server.smax(600);
        running();
        var begin = pole.now();
        var shortOnes = new Step.Tone(Step.Pattern.STEADY, 1, 10, 0);
        pole.publish("now/x1", server.orders(begin, lasting("x", begin, 10, 110, shortOnes)));
        pole.runUntil(begin + 25 * MINUTE);
        var first = pole.sounded.size();
        assertThat(first).isEqualTo(10);
        var longer = new Step.Tone(Step.Pattern.STEADY, 1, 58, 0);
        pole.publish("now/x1", server.orders(pole.now(), lasting("a", pole.now(), 20, 0, longer)));
        pole.runUntil(begin + HOUR);
        assertThat(pole.plays()).last().isEqualTo("a#9 interrupted 36 ceiling");
        var stopped = pole.sounded.size();
        pole.runUntil(begin + 6 * HOUR + 20 * MINUTE);
        assertThat(pole.sounded).hasSizeGreaterThan(stopped);
        assertThat(pole.sounded.get(stopped).at - begin)
                .as("three times ten seconds are free six hours after they sounded")
                .isBetween(6 * HOUR + 4 * MINUTE, 6 * HOUR + 5 * MINUTE);
    }

    /** For six hours, as loud and as often as it may. */
    private static Entry lasting(String sid, long beg, int repetitions, int gap, Step step) {
        return new Entry(
                new vn.loalang.protocol.Sid(sid),
                OrderStatus.ACTUAL,
                85,
                beg,
                beg + 6 * HOUR,
                3_600,
                repetitions,
                gap,
                100,
                List.of(),
                new Entry.Steps(List.of(step)));
    }

    /** [PRI-3d]. */
    @Test
    void withoutASiteAnHourIsTheCeiling() {
        pole.publish("keys", server.keys());
        pole.publish("cfg", server.cfg(MORNING));
        pole.powerOn().runFor(SECOND);
        var long20 = new Step.Tone(Step.Pattern.STEADY, 20, 60, 0);
        pole.publish("now/n", server.deviceOrders(pole.now(), lasting("one", pole.now(), 3, 0, long20)));
        pole.runFor(61 * MINUTE);
        pole.publish("now/n", server.deviceOrders(pole.now(), lasting("two", pole.now(), 3, 0, long20)));
        pole.runFor(4 * HOUR);
        assertThat(pole.sounded.stream().mapToLong(s -> s.ms).sum()).isBetween(3_599_000L, 3_602_000L);
        assertThat(pole.plays()).noneMatch(line -> line.startsWith("two"));
    }

    @Test
    void maxCutsARepetitionAndEndsTheOrder() {
        running();
        var long5 = new Step.Tone(Step.Pattern.STEADY, 5, 60, 0);
        pole.publish(
                "now/x1",
                server.orders(
                        pole.now(),
                        new Entry(
                                new vn.loalang.protocol.Sid("m"),
                                OrderStatus.ACTUAL,
                                85,
                                pole.now(),
                                pole.now() + HOUR,
                                90,
                                3,
                                0,
                                100,
                                List.of(),
                                new Entry.Steps(List.of(long5)))));
        pole.runFor(30 * MINUTE);
        assertThat(pole.plays()).containsExactly("m#1 started 0", "m#1 interrupted 90 ceiling");
    }

    @Test
    void anUpdateLetsTheRunningStepFinishAndGoesOnWithWhatIsOrderedNow() {
        running();
        var two = new Step.Tone(Step.Pattern.STEADY, 1, 20, 0);
        var other = new Step.Tone(Step.Pattern.YELP, 1, 5, 0);
        pole.publish("now/x1", server.orders(pole.now(), order("u", 85, pole.now(), 600, 1, 0, two, two, two)));
        pole.runFor(10 * SECOND);
        pole.publish("now/x1", server.orders(pole.now(), order("u", 85, pole.now() - 10_000, 600, 1, 0, two, other)));
        pole.runFor(2 * MINUTE);
        assertThat(pole.plays()).containsExactly("u#1 started 0", "u#1 completed 25");
    }

    @Test
    void anEntryItsIssuerNoLongerListsIsStopped() {
        running();
        pole.publish(
                "now/x1",
                server.orders(pole.now(), siren("a", 85, pole.now(), 3, 0), siren("b", 82, pole.now(), 3, 0)));
        pole.runFor(5 * SECOND);
        pole.publish("now/x1", server.orders(pole.now(), siren("b", 82, pole.now() - 5_000, 1, 0)));
        pole.runFor(MINUTE);
        assertThat(pole.plays())
                .containsExactly("a#1 started 0", "a#1 interrupted 5 stopped", "b#1 started 0", "b#1 completed 16");
    }

    @Test
    void theSirenSwitchSoundsWithoutClockAndTheMicrophoneInQuietHours() {
        pole.rtcWrongBy(-50L * 365 * 24 * HOUR).link(false).powerOn();
        pole.runFor(MINUTE);
        pole.step(new Input.Siren(true));
        pole.runFor(20 * SECOND);
        pole.step(new Input.Microphone(true));
        pole.runFor(5 * SECOND);
        pole.step(new Input.Siren(false));
        pole.runFor(5 * SECOND);
        pole.step(new Input.Microphone(false));
        pole.runFor(5 * SECOND);
        assertThat(pole.sounded.stream().map(s -> s.oid + " " + s.ms / 1000).toList())
                .containsExactly("siren 25", "mic 5");
        assertThat(pole.events().stream().map(e -> e.kind() + "/" + e.state()).toList())
                .contains("local/siren", "local/mic");
    }

    @Test
    void withoutAWelcomeEmergenciesAreTakenAfterAMinuteAndAllClearsToo() {
        running();
        pole.server(false);
        pole.link(false).runFor(MINUTE).link(true);
        pole.runFor(MINUTE);
        pole.publish("now/x1", server.orders(pole.now(), siren("flood", 85, pole.now(), 5, 0)));
        pole.runFor(3 * MINUTE);
        assertThat(started()).isNotEmpty().allMatch(p -> p.startsWith("flood#"));
    }

    /** The welcome brings the time before any order is taken over: a day wrong is a matter of a second. */
    @Test
    void aClockWrongByADayDelaysNoEmergency() {
        for (var wrong : List.of(-24 * HOUR, 24 * HOUR)) {
            var other = new Pole(MORNING, 1);
            var sender = other.deployment;
            other.rtcWrongBy(wrong);
            other.publish("keys", sender.keys()).publish("site", sender.site(other.now(), "21:30", "04:45"));
            other.publish("cfg", sender.cfg(MORNING)).powerOn().runFor(SECOND);
            var ordered = other.now();
            other.publish("now/x1", sender.orders(ordered, siren("flood", 85, ordered, 2, 0)));
            other.runFor(5 * MINUTE);
            assertThat(other.plays())
                    .as("%d ms wrong", wrong)
                    .containsExactly(
                            "flood#1 started 0", "flood#1 completed 16", "flood#2 started 0", "flood#2 completed 16");
            assertThat(other.sounded.get(0).at - ordered).as("latency").isBetween(0L, 1_000L);
        }
    }

    @Test
    void whoIsAwayDuringTheOrderAndItsAllClearNeverSoundsIt() {
        running();
        pole.link(false).runFor(SECOND);
        pole.publish("now/x1", server.orders(pole.now(), siren("flood", 85, pole.now(), 20, 0)));
        pole.runFor(MINUTE);
        pole.publish("now/x1", server.allClear(pole.now()));
        pole.link(true).runFor(30 * MINUTE);
        assertThat(pole.plays()).isEmpty();
    }

    @Test
    void whoIsCutOffWhileItSoundsStopsAtItsReturnWhenItWasClearedMeanwhile() {
        running();
        pole.publish("now/x1", server.orders(pole.now(), siren("flood", 85, pole.now(), 20, 0)));
        pole.runFor(5 * SECOND);
        pole.link(false).runFor(MINUTE);
        pole.publish("now/x1", server.allClear(pole.now()));
        pole.link(true).runFor(2 * MINUTE);
        assertThat(pole.plays()).last().asString().endsWith("cleared");
        var heard = pole.sounded.size();
        pole.runFor(30 * MINUTE);
        assertThat(pole.sounded).hasSize(heard);
    }

    /** Without a server it would have to go on [NOW-8b]; with one it learns within a second that it must not. */
    @Test
    void whosePowerFailedWhileItSoundedLearnsAtOnceThatItWasClearedMeanwhile() {
        running();
        pole.publish("now/x1", server.orders(pole.now(), siren("flood", 85, pole.now(), 20, 0)));
        pole.runFor(5 * SECOND);
        pole.powerOff();
        pole.runFor(20 * SECOND);
        pole.publish("now/x1", server.allClear(pole.now()));
        pole.powerOn().runFor(30 * MINUTE);
        assertThat(pole.sounded.stream().skip(1).mapToLong(sound -> sound.ms).sum())
                .as("milliseconds of sound after its return")
                .isLessThan(1_000);
        pole.powerOff().powerOn().runFor(10 * MINUTE);
        assertThat(pole.sounded).hasSizeLessThanOrEqualTo(2);
    }

    private Pole running(Plan.Item... items) {
        pole.publish("keys", server.keys());
        pole.publish("site", server.site(pole.now(), "21:30", "04:45"));
        pole.publish("cfg", server.cfg(MORNING));
        pole.publish("plan", server.plan(pole.now(), List.of(NEWS), items));
        pole.asset(NEWS.h(), NEWS.sz()).powerOn().runFor(SECOND / 2);
        return pole;
    }

    private static Plan.Item item(String oid, long after, int seconds) {
        return Deployment.item(oid, MORNING + after, seconds, 30, 300, 0);
    }

    private static Entry exercise(String sid, long beg) {
        var real = siren(sid, 85, beg, 1, 0);
        return new Entry(
                real.sid(), OrderStatus.EXERCISE, 85, beg, beg + HOUR, 600, 1, 0, 100, List.of(), real.content());
    }

    private List<String> started() {
        return pole.plays().stream()
                .filter(p -> p.contains(" started "))
                .map(p -> p.substring(0, p.indexOf(' ')))
                .toList();
    }
}
