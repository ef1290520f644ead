package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Hello;

/** When a controller connects, greets and asks again, in virtual time and with the protocol's own pace. */
class PaceTest {
    private static final long SECOND = 1_000;
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long WALL = Deployment.CLAIMED + 8 * HOUR;

    private final Deployment deployment = Deployment.ofADevice();
    private final Map<String, String> disk = new HashMap<>();
    private final List<Said> said = new ArrayList<>();
    private long mono;
    private ControllerCore core = start(1);

    private record Said(long mono, Output output) {}

    private ControllerCore start(long seed) {
        mono = 0;
        said.clear();
        core = new ControllerCore(
                Profile.of(deployment.id(), deployment.claim()), disk, Map.of(), Map.of(), new Random(seed));
        step(new Input.Tick());
        return core;
    }

    private void step(Input input) {
        for (var output : core.step(new Moment(mono, WALL + mono), input)) {
            said.add(new Said(mono, output));
            if (output instanceof Output.Persist persist) {
                persist.changes().forEach((k, v) -> v.ifPresentOrElse(t -> disk.put(k, t), () -> disk.remove(k)));
            }
        }
    }

    private void runUntil(long end) {
        while (mono < end) {
            mono = Math.min(end, Math.max(mono + 1, core.nextWake()));
            step(new Input.Tick());
        }
    }

    /** Runs to the next attempt to connect and says when it came. */
    private long nextConnect() {
        var before = connects().size();
        var limit = mono + HOUR;
        while (connects().size() == before && mono < limit)
            runUntil(Math.min(limit, Math.max(mono + 1, core.nextWake())));
        return connects().get(before).mono();
    }

    private List<Said> connects() {
        return said.stream().filter(s -> s.output() instanceof Output.Connect).toList();
    }

    private List<Said> subscribes() {
        return said.stream().filter(s -> s.output() instanceof Output.Subscribe).toList();
    }

    private long journalled(String state) {
        return disk.values().stream()
                .filter(text -> text.contains("\"s\":\"" + state + "\"") && text.contains(Fault.ACL.name()))
                .count();
    }

    private List<Said> hellos() {
        return said.stream()
                .filter(s -> s.output() instanceof Output.Publish p && p.topic().endsWith("/hello"))
                .toList();
    }

    private static Hello hello(Said said) {
        return Hello.decode(((Output.Publish) said.output()).payload().toArray());
    }

    private void welcome() {
        mono += 40;
        var last = hellos().get(hellos().size() - 1);
        step(new Input.Received("rsp", deployment.welcome(hello(last), WALL + mono, 0)));
    }

    private void connected() {
        nextConnect();
        step(new Input.Link(true));
        step(new Input.Received("keys", deployment.keys()));
    }

    /** [CON-4b]: a village whose power returns does not knock all at once. */
    @Test
    void theFirstConnectionComesAtARandomMomentOfTheFirstFifteenSeconds() {
        Set<Long> moments = new HashSet<>();
        for (int seed = 0; seed < 60; seed++) {
            start(seed);
            var first = nextConnect();
            assertThat(first).isBetween(0L, 15 * SECOND);
            moments.add(first / (3 * SECOND));
        }
        assertThat(moments).as("spread over the fifteen seconds").hasSizeGreaterThanOrEqualTo(5);
    }

    /** [CON-4]. */
    @Test
    void pausesDoubleUpToFiveMinutesAndVaryByHalf() {
        nextConnect();
        for (int n = 0; n < 12; n++) {
            step(new Input.Link(false));
            var failed = mono;
            var pause = nextConnect() - failed;
            var planned = Math.min(300.0, 5 * Math.pow(2, n)) * SECOND;
            assertThat((double) pause).isBetween(planned * 0.5 - 1, planned * 1.5 + 1);
        }
    }

    /** [CON-4c]. */
    @Test
    void onlyTwoMinutesOfWelcomedSessionMakeThePausesShortAgain() {
        nextConnect();
        for (int n = 0; n < 5; n++) {
            step(new Input.Link(false));
            nextConnect();
        }
        step(new Input.Link(true));
        step(new Input.Received("keys", deployment.keys()));
        welcome();
        runUntil(mono + 100 * SECOND);
        step(new Input.Link(false));
        var afterShort = mono;
        assertThat(nextConnect() - afterShort).isGreaterThan(70 * SECOND);
        step(new Input.Link(true));
        runUntil(mono + 10 * MINUTE);
        step(new Input.Link(false));
        var afterUnwelcomed = mono;
        assertThat(nextConnect() - afterUnwelcomed).isGreaterThan(70 * SECOND);
        step(new Input.Link(true));
        welcome();
        runUntil(mono + 121 * SECOND);
        step(new Input.Link(false));
        var afterProven = mono;
        assertThat(nextConnect() - afterProven).isLessThanOrEqualTo(7_500);
    }

    /** [SES-1c]. */
    @Test
    void unansweredHellosAreRepeatedWithFreshNonces() {
        connected();
        var begin = mono;
        runUntil(begin + 20 * MINUTE);
        var hellos = hellos();
        assertThat(hellos.stream().limit(5).map(h -> (h.mono() - begin) / SECOND))
                .containsExactly(0L, 20L, 80L, 380L, 680L);
        assertThat(hellos.stream().map(h -> hello(h).bn()).distinct()).hasSameSizeAs(hellos);
    }

    /** [SES-6]. */
    @Test
    void everySixHoursThreeHellosTenSecondsApartSynchroniseAnew() {
        connected();
        welcome();
        var sn = hello(hellos().get(0)).sn();
        var welcomed = mono;
        said.clear();
        for (int i = 0; i < 3; i++) {
            var before = hellos().size();
            while (hellos().size() == before && mono < welcomed + 7 * HOUR)
                runUntil(Math.max(mono + 1, core.nextWake()));
            welcome();
        }
        runUntil(mono + 5 * HOUR);
        var hellos = hellos();
        assertThat(hellos).hasSize(3);
        assertThat(hellos.get(0).mono() - welcomed).isBetween(6 * HOUR, 6 * HOUR + SECOND);
        assertThat(hellos.get(1).mono() - hellos.get(0).mono()).isBetween(10 * SECOND, 10 * SECOND + 100);
        assertThat(hellos.get(2).mono() - hellos.get(1).mono()).isBetween(10 * SECOND, 10 * SECOND + 100);
        assertThat(hellos).allMatch(h -> hello(h).sn() == sn);
    }

    /** [SES-6b]. */
    @Test
    void afterASlowFirstWelcomeASecondHelloSetsTheClockCloser() {
        connected();
        mono += 11;
        welcome();
        assertThat(untilHello(HOUR)).isBetween(20 * SECOND, 80 * SECOND);
        mono += 1_000;
        welcome();
        assertThat(untilHello(5 * HOUR)).as("however slow that was").isEqualTo(5 * HOUR);
        assertThat(hellos().stream().map(h -> hello(h).sn()).distinct()).hasSize(1);
        assertThat(hellos().stream().map(h -> hello(h).bn()).distinct()).hasSize(2);
    }

    /** [SES-6b], [SES-7]: a new box gets its areas with its first documents, and says hello again at once. */
    @Test
    void aSlowAnswerToAnotherHelloPutsTheSecondOneNotOff() {
        connected();
        mono += 500;
        welcome();
        var welcomed = mono;
        step(new Input.Received("rsp", deployment.site(WALL + mono)));
        assertThat(hellos()).as("its areas are new").hasSize(2);
        mono += 500;
        welcome();
        untilHello(HOUR);
        assertThat(mono - welcomed).isBetween(20 * SECOND, 80 * SECOND);
    }

    /** [SES-6b]. */
    @Test
    void aQuickFirstWelcomeIsEnough() {
        connected();
        mono += 10;
        welcome();
        assertThat(untilHello(5 * HOUR)).isEqualTo(5 * HOUR);
    }

    /** Lets time pass until it says hello again, at most so long; returns how long that was. */
    private long untilHello(long atMost) {
        var begin = mono;
        var before = hellos().size();
        while (hellos().size() == before && mono < begin + atMost)
            runUntil(Math.min(begin + atMost, Math.max(mono + 1, core.nextWake())));
        return mono - begin;
    }

    /** [CON-9], [CON-9b]. */
    @Test
    void aRefusedSubscriptionIsAFaultAndTriedAgainSoonThenEverMoreRarely() {
        connected();
        welcome();
        var refused = List.of("gb1/x/a/37/now/+", "gb1/x/a/37/ses");
        refused.forEach(topic -> step(new Input.SubscriptionRefused(topic)));
        assertThat(disk.values()).anyMatch(text -> text.contains(Fault.ACL.name()));
        var pause = 5 * SECOND;
        for (var round = 0; round < 14; round++) {
            said.clear();
            var begin = mono;
            while (subscribes().isEmpty() && mono < begin + 2 * HOUR) runUntil(Math.max(mono + 1, core.nextWake()));
            assertThat(subscribes()).singleElement().satisfies(again -> assertThat(
                            ((Output.Subscribe) again.output()).topics())
                    .containsExactlyInAnyOrderElementsOf(refused));
            assertThat(mono - begin).as("pause " + round).isBetween(pause / 2, pause * 3 / 2 + 100);
            pause = Math.min(HOUR, 2 * pause);
            refused.forEach(topic -> step(new Input.SubscriptionRefused(topic)));
        }
        assertThat(journalled("set")).isOne();
        assertThat(connects()).isEmpty();
    }

    /** [CON-9b]. */
    @Test
    void aSubscriptionThatIsGrantedAtLastEndsTheFault() {
        connected();
        welcome();
        step(new Input.SubscriptionRefused("gb1/x/a/37/ses"));
        runUntil(mono + 40 * SECOND);
        assertThat(subscribes()).isNotEmpty();
        assertThat(journalled("clr")).isOne();
        said.clear();
        runUntil(mono + 3 * HOUR);
        assertThat(subscribes()).isEmpty();
    }

    /** [CFG-1]. */
    @Test
    void withoutCfgTheDefaultsHold() {
        connected();
        welcome();
        assertThat(((Output.Connect) connects().get(0).output()).keepAliveSeconds())
                .isEqualTo(60);
        said.clear();
        var begin = mono;
        runUntil(begin + 12 * MINUTE);
        var telemetry = said.stream()
                .filter(s -> s.output() instanceof Output.Publish p && p.topic().endsWith("/tel"))
                .map(Said::mono)
                .toList();
        assertThat(telemetry).hasSizeBetween(2, 3);
        assertThat(telemetry.get(telemetry.size() - 1) - telemetry.get(telemetry.size() - 2))
                .as("every five minutes")
                .isBetween(300 * SECOND, 301 * SECOND);
    }
}
