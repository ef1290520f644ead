package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Firmware;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.QuietWindow;
import vn.loalang.protocol.Scope;

/** An update from the order to its confirmation, and every way back. */
class FirmwareUpdateTest {
    private static final Hash IMAGE = Hash.of(new byte[] {1, 2, 3});
    private static final long NOON = Deployment.CLAIMED + 12 * 3_600_000L;

    private final Deployment deployment = Deployment.ofADevice();
    private final Map<String, String> disk = new HashMap<>();
    private final List<Output> done = new ArrayList<>();
    private String running = "0.1.0";
    private TrustedTime time = new TrustedTime(true);
    private Outputs out = new Outputs(new Memory(disk));
    private Faults faults;
    private FirmwareUpdate update;
    private Memory memory;

    private void start() {
        memory = new Memory(disk);
        out = new Outputs(memory);
        time = new TrustedTime(true);
        time.floor(Deployment.CLAIMED);
        at(0);
        var journal = new Journal(memory, time, 1, new Random(1));
        faults = new Faults(memory, journal);
        var base = Profile.of(deployment.id(), deployment.claim());
        var profile = new Profile(
                base.id(),
                base.claim(),
                0,
                running,
                base.hardware(),
                base.proof(),
                base.packetBytes(),
                base.storeBytes(),
                Hello.Why.FW,
                true,
                base.pace(),
                base.signatures(),
                java.util.Set.of(),
                true,
                0);
        update = new FirmwareUpdate(profile, memory, time, journal, faults, out);
        update.boot();
        perform();
    }

    private void at(long mono) {
        time.at(new Moment(mono, NOON + mono));
    }

    private void perform() {
        for (var output : out.take()) {
            if (output instanceof Output.Persist persist) {
                persist.changes().forEach((k, v) -> v.ifPresentOrElse(t -> disk.put(k, t), () -> disk.remove(k)));
            } else if (!(output instanceof Output.Say)) {
                done.add(output);
            }
        }
    }

    /** What the journal says of firmware. */
    private List<String> told() {
        return disk.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("j/"))
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> JournalEntry.decode(entry.getValue().getBytes(StandardCharsets.UTF_8))
                        .event())
                .filter(event -> event instanceof Event.FirmwareChange)
                .map(event -> (Event.FirmwareChange) event)
                .map(change -> change.state() + (change.why() == null ? "" : " " + change.why()))
                .toList();
    }

    private Firmware order(String model, String ver, long sec, long seq) {
        return new Firmware(
                new Head(deployment.claim().sys(), Scope.of(deployment.id()), seq, seq, seq + 86_400_000L),
                model,
                ver,
                sec,
                3,
                IMAGE,
                Optional.of(QuietWindow.parse("00:30", "04:00")));
    }

    private void tick(boolean ready, boolean sounding, long nextSound, int minute) {
        update.tick(
                ready,
                Optional.empty(),
                sounding,
                nextSound == 0 ? OptionalLong.empty() : OptionalLong.of(nextSound),
                OptionalLong.of(minute));
        perform();
    }

    private void staged() {
        start();
        update.ordered(order("loalang-pc", "0.2.0", 1, NOON));
        perform();
        tick(true, false, 0, 60);
        assertThat(done).hasExactlyElementsOfTypes(Output.Stage.class);
        done.clear();
    }

    @Test
    void waitsForTheImageTheWindowAndAQuietMoment() {
        start();
        update.ordered(order("loalang-pc", "0.2.0", 1, NOON));
        perform();
        assertThat(update.image()).contains(AssetRef.image(IMAGE, 3));
        tick(false, false, 0, 60);
        assertThat(told()).containsExactly("downloading");
        tick(true, false, 0, 29);
        tick(true, true, 0, 60);
        tick(true, false, NOON + 1_799_000, 60);
        assertThat(told()).containsExactly("downloading", "verified");
        assertThat(done).isEmpty();
        tick(true, false, NOON + 1_800_000, 60);
        assertThat(told()).containsExactly("downloading", "verified", "staged");
        assertThat(done).hasExactlyElementsOfTypes(Output.Stage.class);
    }

    @Test
    void aTrialIsConfirmedByAWelcomeAndASoundAmplifier() {
        staged();
        running = "0.2.0";
        start();
        tick(true, false, 0, 60);
        assertThat(told()).endsWith("trial");
        faults.set(Fault.AMP_FAULT);
        update.welcomed();
        tick(true, false, 0, 60);
        assertThat(told()).endsWith("trial");
        faults.clear(Fault.AMP_FAULT);
        tick(true, false, 0, 60);
        assertThat(told()).endsWith("confirmed");
        assertThat(done).containsExactly(new Output.KeepFirmware("0.2.0"));
        start();
        update.ordered(order("loalang-pc", "0.2.0", 1, NOON));
        update.ordered(order("loalang-pc", "0.1.9", 0, NOON + 1));
        perform();
        assertThat(told()).endsWith("confirmed", "failed sec");
    }

    @Test
    void aTrialWithoutAWelcomeGoesBackAfterTenMinutes() {
        staged();
        running = "0.2.0";
        start();
        at(599_999);
        tick(true, false, 0, 60);
        assertThat(told()).endsWith("trial");
        at(600_000);
        tick(true, false, 0, 60);
        assertThat(told()).endsWith("rolled_back welcome");
        assertThat(done).hasExactlyElementsOfTypes(Output.RevertFirmware.class);
        assertThat(faults.has(Fault.FW_ROLLBACK)).isTrue();
        running = "0.1.0";
        start();
        update.ordered(order("loalang-pc", "0.2.0", 1, NOON));
        perform();
        assertThat(told()).endsWith("rolled_back welcome");
    }

    @Test
    void aBoxThatTheBootloaderTookBackSaysSo() {
        staged();
        start();
        assertThat(told()).endsWith("rolled_back boot");
        assertThat(faults.has(Fault.FW_ROLLBACK)).isTrue();
    }

    @Test
    void anImageThatCannotBeHadFailsUntilANewerOrderComes() {
        start();
        update.ordered(order("loalang-pc", "0.2.0", 1, NOON));
        update.tick(false, Optional.of("hash"), false, OptionalLong.empty(), OptionalLong.of(60));
        perform();
        assertThat(told()).containsExactly("downloading", "failed hash");
        assertThat(update.image()).isEmpty();
        update.ordered(order("loalang-pc", "0.2.0", 1, NOON));
        assertThat(update.image()).isEmpty();
        update.ordered(order("loalang-pc", "0.2.0", 1, NOON + 1));
        assertThat(update.image()).isPresent();
    }

    @Test
    void firmwareForAnotherModelIsNotFetched() {
        start();
        update.ordered(order("acme-lc1", "0.2.0", 1, NOON));
        perform();
        assertThat(told()).containsExactly("failed model");
        assertThat(update.image()).isEmpty();
    }
}
