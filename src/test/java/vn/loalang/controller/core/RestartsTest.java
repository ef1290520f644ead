package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Op;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.Step;

/** A box that restarts itself again and again, and orders that never get their turn. */
class RestartsTest {
    private static final long SECOND = 1_000;
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long MORNING = Deployment.CLAIMED + 8 * HOUR;
    private static final Asset NEWS = Deployment.asset("news", 600);

    private final Pole pole = new Pole(MORNING, 1);
    private final Deployment server = pole.deployment;

    private void running(String... quiet) {
        pole.publish("keys", server.keys());
        pole.publish("site", server.site(MORNING, quiet));
        pole.publish("cfg", server.cfg(MORNING));
        pole.publish("plan", server.plan(MORNING, List.of(NEWS)));
        pole.powerOn().runFor(3 * MINUTE);
    }

    private List<Row> setAside() {
        return pole.events().stream()
                .filter(event ->
                        event instanceof Event.DocumentChange change && change.fate() == Event.DocumentFate.SETASIDE)
                .map(event -> ((Event.DocumentChange) event).row())
                .distinct()
                .sorted()
                .toList();
    }

    /** [TIM-1c]; [TIM-1] over a power cut: it follows from the documents in force and one value. */
    @Test
    void theFloorIsWrittenAtMostOnceAnHourAndSurvivesAPowerCut() {
        running();
        for (int i = 0; i < 50; i++) {
            pole.runFor(10 * MINUTE);
            if (i % 7 == 0) pole.publish("cfg", server.cfg(pole.now()));
            pole.deliver(server.command(pole.now(), "i" + i, new Op.Identify(1)));
        }
        var last = pole.now();
        pole.runFor(2 * HOUR);
        assertThat(pole.floorWrites).hasSizeBetween(6, 10);
        for (int i = 1; i < pole.floorWrites.size(); i++)
            assertThat(pole.floorWrites.get(i) - pole.floorWrites.get(i - 1)).isGreaterThanOrEqualTo(HOUR);
        pole.powerOff().powerOn().runFor(MINUTE);
        assertThat(pole.hello.floor()).as("an hour at most is forgotten").isBetween(last - HOUR, last);

        pole.publish("cfg", server.cfg(pole.now()));
        var newest = pole.now();
        pole.runFor(MINUTE);
        pole.powerOff().powerOn().runFor(MINUTE);
        assertThat(pole.hello.floor()).as("of the cfg in force").isEqualTo(newest);
    }

    private void restart(int times) {
        for (int i = 0; i < times; i++)
            pole.powerOff().powerOn(Hello.Why.WATCHDOG).runFor(5 * SECOND);
    }

    /** [BOOT-1b] [BOOT-1c] [BOOT-1d]. */
    @Test
    void theThirdOwnRestartSetsThePlanAsideAndTheSixthTheSettingsToo() {
        running("21:30", "04:45");
        pole.link(false);
        restart(2);
        assertThat(setAside()).isEmpty();
        restart(1);
        assertThat(setAside()).containsExactly(Row.PLAN);
        assertThat(pole.events())
                .anyMatch(event ->
                        event instanceof Event.FaultChange change && change.set() && change.fault() == Fault.BOOT_LOOP);
        restart(3);
        assertThat(setAside()).containsExactly(Row.CFG, Row.PLAN, Row.SITE);
    }

    /** [BOOT-1e]. */
    @Test
    void theSirenSwitchWorksInABootLoop() {
        running("21:30", "04:45");
        restart(7);
        pole.step(new Input.Siren(true));
        pole.runFor(10 * SECOND);
        pole.step(new Input.Siren(false));
        pole.runFor(SECOND);
        assertThat(pole.sounded).singleElement().satisfies(sound -> {
            assertThat(sound.oid).isEqualTo("siren");
            assertThat(sound.ms).isBetween(9_500L, 10_500L);
        });
    }

    /** [NOW-12]. */
    @Test
    void anOrderThatNeverGotItsTurnIsMissed() {
        running("07:00", "20:00");
        var drill = new Entry(
                new Sid("drill"),
                OrderStatus.EXERCISE,
                85,
                pole.now(),
                pole.now() + 10 * MINUTE,
                600,
                1,
                0,
                100,
                List.of(),
                new Entry.Steps(List.of(Step.Tone.STEADY)));
        pole.publish("now/x1", server.orders(pole.now(), drill));
        pole.runFor(15 * MINUTE);
        assertThat(pole.plays()).containsExactly("drill#1 missed quiet");
        assertThat(pole.sounded).isEmpty();
    }
}
