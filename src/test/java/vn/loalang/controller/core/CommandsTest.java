package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;
import static vn.loalang.controller.Deployment.order;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.Op;
import vn.loalang.protocol.Step;
import vn.loalang.protocol.Telemetry;

/** Commands, troubles of the box, restarts that do not last, and what gives way to an emergency. */
class CommandsTest {
    private static final long SECOND = 1_000;
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long MORNING = Deployment.CLAIMED + 8 * HOUR;
    private static final Asset NEWS = Deployment.asset("news", 600);

    private final Pole pole = new Pole(MORNING, 1);
    private final Deployment server = pole.deployment;

    @Test
    void aCommandIsCarriedOutOnceAndItsResultSentAgainWithTheSameNumber() {
        running();
        var beep = server.command(pole.now(), "c1", new Op.Tone(2));
        pole.deliver(beep);
        pole.runFor(10 * SECOND);
        pole.deliver(beep);
        pole.powerOff().powerOn().runFor(10 * SECOND);
        pole.deliver(beep);
        pole.runFor(10 * SECOND);
        assertThat(pole.sounded.stream().map(s -> s.oid + " " + s.ms).toList()).containsExactly("beep 2000");
        assertThat(commands()).containsExactly("ok c1 tone null");
        assertThat(pole.resent).as("the event of the result, of one number").hasSize(2);
        assertThat(pole.resent.stream().map(JournalEntry::n).distinct()).hasSize(1);
    }

    @Test
    void aRebootIsJournalledFirstAndRefusedWhileAnEmergencySounds() {
        running();
        pole.publish("now/x1", server.orders(pole.now(), siren(pole.now(), 1)));
        pole.runFor(SECOND);
        pole.deliver(server.command(pole.now(), "r1", new Op.Reboot()));
        pole.runFor(MINUTE);
        var before = pole.lives;
        pole.deliver(server.command(pole.now(), "r2", new Op.Reboot()));
        pole.runFor(MINUTE);
        assertThat(pole.lives).isEqualTo(before + 1);
        assertThat(commands()).containsExactly("refused r1 reboot busy", "ok r2 reboot null");
    }

    @Test
    void aBeepIsRefusedInQuietHoursAndUnknownCommandsAreUnsupported() {
        running();
        pole.runUntil(MORNING + 14 * HOUR);
        pole.deliver(server.command(pole.now(), "b1", new Op.Tone(1)));
        pole.deliver(server.command(pole.now(), "b2", new Op.Unknown("dance")));
        pole.deliver(server.command(pole.now(), "b3", new Op.Measure()));
        pole.step(new Input.Hardware(Fault.AMP_FAULT, true));
        pole.deliver(server.command(pole.now(), "b4", new Op.Measure()));
        pole.runFor(SECOND);
        assertThat(commands())
                .containsExactly(
                        "refused b1 tone quiet",
                        "unsupported b2 dance null",
                        "ok b3 measure null",
                        "ok b4 measure null");
        assertThat(pole.sounded).isEmpty();
    }

    /** The table of commands: a beep is remote sound below the siren's rank, at 80 % here [PRI-1]. */
    @Test
    void aBeepIsAsLoudAsRoutineSoundMayBe() {
        running();
        pole.deliver(server.command(pole.now(), "b1", new Op.Tone(1)));
        pole.runFor(SECOND);
        assertThat(pole.gains).containsExactly(0.8);
    }

    /** [SIT-1]. */
    @Test
    void aBeepIsRefusedByABoxThatHasNotBeenToldItsQuietHours() {
        pole.publish("keys", server.keys());
        pole.powerOn().runFor(SECOND);
        pole.deliver(server.command(pole.now(), "b1", new Op.Tone(1)));
        pole.runFor(SECOND);
        assertThat(commands()).containsExactly("refused b1 tone quiet");
        assertThat(pole.sounded).isEmpty();
    }

    /** The table of commands: a silent check, then telemetry; what it finds are faults. */
    @Test
    void measuringLooksAtAmplifierAndLinesAndTellsWhatItFinds() {
        running();
        pole.truth = new Input.Measured(Optional.of(false), List.of(new Telemetry.Line(3.5, "short")));
        pole.deliver(server.command(pole.now(), "m1", new Op.Measure()));
        pole.runFor(SECOND);
        assertThat(commands()).containsExactly("ok m1 measure null");
        assertThat(pole.telemetry.flt()).containsExactlyInAnyOrder(Fault.AMP_FAULT, Fault.LINE_SHORT);
        assertThat(pole.telemetry.line()).containsExactly(new Telemetry.Line(3.5, "short"));
        pole.truth = new Input.Measured(Optional.of(true), List.of(new Telemetry.Line(8.0, "ok")));
        pole.deliver(server.command(pole.now(), "m2", new Op.Measure()));
        pole.runFor(SECOND);
        assertThat(pole.telemetry.flt()).isEmpty();
        assertThat(pole.telemetry.line()).containsExactly(new Telemetry.Line(8.0, "ok"));
        assertThat(pole.sounded).as("without a sound").isEmpty();
        assertThat(pole.events().stream()
                        .filter(e -> e instanceof Event.FaultChange change && change.fault() != Fault.MUTED)
                        .map(e -> (Event.FaultChange) e)
                        .map(c -> (c.set() ? "set " : "clr ") + c.fault())
                        .toList())
                .containsExactlyInAnyOrder("set AMP_FAULT", "set LINE_SHORT", "clr AMP_FAULT", "clr LINE_SHORT");
    }

    /** A fault that stands is not the answer: what is looked at now is. */
    @Test
    void measuringWhileItSoundsLeavesTheAmplifierAlone() {
        running();
        pole.step(new Input.Hardware(Fault.LINE_OPEN, true));
        pole.truth = new Input.Measured(Optional.empty(), List.of());
        pole.deliver(server.command(pole.now(), "m1", new Op.Measure()));
        pole.runFor(SECOND);
        assertThat(commands()).containsExactly("ok m1 measure null");
        assertThat(pole.telemetry.flt()).containsExactly(Fault.LINE_OPEN);
        assertThat(pole.telemetry.line()).as("this box has no eye for lines").isEmpty();
    }

    @Test
    void onlyTheLastThirtyTwoResultsAreKept() {
        running();
        for (int i = 0; i < 40; i++) {
            pole.deliver(server.command(pole.now(), "i" + i, new Op.Identify(1)));
            pole.runFor(SECOND);
        }
        var kept =
                pole.disk().keySet().stream().filter(k -> k.startsWith("cid/")).toList();
        assertThat(kept).hasSize(32).doesNotContain("cid/i7").contains("cid/i8", "cid/i39");
    }

    @Test
    void aReportTellsTheStoredDocumentByteForByte() {
        running();
        var row = vn.loalang.protocol.Row.SITE;
        pole.deliver(server.command(pole.now(), "d1", new Op.Report(Op.Report.What.DOC, Optional.of(row))));
        pole.deliver(server.command(pole.now(), "d2", new Op.Report(Op.Report.What.STATE, Optional.empty())));
        pole.deliver(server.command(pole.now(), "d3", new Op.Report(Op.Report.What.LOG, Optional.empty())));
        pole.runFor(SECOND);
        assertThat(pole.reports.keySet()).containsExactlyInAnyOrder("d1", "d2", "d3");
        assertThat(new String(pole.reports.get("d2").toArray(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("\"rows\"");
    }

    @Test
    void aBrokenAmplifierSilencesEverythingAndTheOrderSoundsWhenItIsRepaired() {
        running();
        pole.publish("now/x1", server.orders(pole.now(), siren(pole.now(), 1)));
        pole.runFor(5 * SECOND);
        pole.step(new Input.Hardware(Fault.AMP_FAULT, true));
        pole.runFor(MINUTE);
        pole.step(new Input.Hardware(Fault.AMP_FAULT, false));
        pole.runFor(MINUTE);
        assertThat(pole.plays())
                .containsExactly(
                        "flood#1 started 0",
                        "flood#1 interrupted 5 fault",
                        "flood#1 started 0",
                        "flood#1 completed 16");
    }

    @Test
    void aFaultThatEndedInThePowerCutIsReportedAsEnded() {
        running();
        pole.step(new Input.Hardware(Fault.MAINS_LOST, true));
        pole.runFor(MINUTE).powerOff().powerOn().runFor(MINUTE);
        assertThat(pole.events().stream()
                        .filter(e -> e instanceof Event.FaultChange)
                        .map(Object::toString))
                .containsExactly("FaultChange[set=true, fault=MAINS_LOST]", "FaultChange[set=false, fault=MAINS_LOST]");
    }

    @Test
    void theThirdStartThatDoesNotLastPutsOrdersAndPlanAside() {
        running();
        pole.publish("now/x1", server.orders(pole.now(), siren(pole.now(), 20)));
        pole.runFor(5 * SECOND).link(false);
        for (int i = 0; i < 3; i++) pole.powerOff().powerOn(Hello.Why.WATCHDOG).runFor(5 * SECOND);
        pole.runFor(5 * MINUTE);
        assertThat(pole.sounded).hasSizeLessThanOrEqualTo(3);
        assertThat(pole.kept().stream().map(e -> e.event().toString()).toList().toString())
                .contains("SETASIDE")
                .contains("row=now@a/37.14329@x1")
                .contains("fault=BOOT_LOOP");
        pole.step(new Input.Siren(true));
        pole.runFor(SECOND);
        assertThat(pole.core().isSounding()).isTrue();
    }

    @Test
    void withoutSettingsAnOrderForTheDeviceByANationalKeySoundsAndNoPlanDoes() {
        pole.publish("keys", server.keys());
        pole.publish(
                "plan", server.plan(MORNING, List.of(NEWS), Deployment.item("a", MORNING + MINUTE, 600, 30, 300, 0)));
        pole.asset(NEWS.h(), NEWS.sz()).powerOn().runFor(10 * SECOND);
        pole.deliver(server.deviceOrders(pole.now(), siren(pole.now(), 1)));
        pole.runFor(10 * MINUTE);
        assertThat(pole.sounded.stream().map(s -> s.oid).toList()).containsExactly("flood#1");
    }

    @Test
    void anEmergencyStartsWhileAudioComesAndTheTransferGivesWay() {
        var big = Deployment.asset("big", 600);
        pole.publish("keys", server.keys());
        pole.publish("site", server.site(MORNING, "21:30", "04:45"));
        pole.publish("cfg", server.cfg(MORNING, "http://127.0.0.1:1/"));
        pole.publish("plan", server.plan(MORNING, List.of(big), Deployment.item("a", MORNING + HOUR, 600, 30, 300, 0)));
        pole.fetchable.add(big.h());
        pole.powerOn().runFor(3 * SECOND);
        var fetches = pole.fetches;
        assertThat(fetches).isPositive();
        var ordered = pole.now();
        pole.publish("now/x1", server.orders(ordered, siren(ordered, 1)));
        pole.runFor(10 * SECOND);
        assertThat(pole.sounded.get(0).at - ordered).isLessThan(1_000);
        assertThat(pole.aborts).isEqualTo(1);
        assertThat(pole.fetches).as("no transfer while it sounds").isEqualTo(fetches);
        pole.runFor(10 * MINUTE);
        assertThat(pole.events()).anyMatch(e -> e instanceof Event.AssetReady);
    }

    private static vn.loalang.protocol.Entry siren(long beg, int repetitions) {
        return order("flood", 85, beg, 1_800, repetitions, 0, new Step.Tone(Step.Pattern.WAIL, 3, 4, 2));
    }

    private void running() {
        pole.publish("keys", server.keys());
        pole.publish("site", server.site(pole.now(), "21:30", "04:45"));
        pole.publish("cfg", server.cfg(MORNING));
        pole.publish("plan", server.plan(pole.now(), List.of()));
        pole.powerOn().runFor(SECOND);
    }

    private List<String> commands() {
        return pole.events().stream()
                .filter(e -> e instanceof Event.Command)
                .map(e -> (Event.Command) e)
                .map(c -> c.state() + " " + c.cid() + " " + c.op() + " " + c.why())
                .toList();
    }
}
