package vn.loalang.controller.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import vn.loalang.controller.ControllerCommand;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.JournalFile;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.SystemId;

/** A box that belongs to somebody: another claim, with and without the button, and power cuts in between. */
class ClaimedTest {
    private static final Map<String, String> STAYS = Map.of("boot", "7", "fw-sec", "3");

    @TempDir
    Path directory;

    private Path data;
    private UnitKey unit;
    private ClaimFile old;
    private ClaimFile next;
    private Map<String, String> memory;
    private Path audio;

    @BeforeEach
    void aBoxInUse() throws IOException {
        data = Files.createDirectories(directory.resolve("data"));
        unit = UnitKey.in(data);
        old = new Deployment(unit.id(), Deployment.CLAIMED).claim();
        next = new Deployment(unit.id(), Deployment.CLAIMED + 1).claim();
        Claimed.in(data).keep(old);
        var entry = new JournalEntry(4, Deployment.CLAIMED, Quality.T, null, new Event.Local(Event.LocalAct.USB));
        memory = new java.util.HashMap<>(STAYS);
        memory.put("journal", "0a1b2c3d 5");
        memory.put("j/0000000000000004", new String(entry.json().bytes(), StandardCharsets.UTF_8));
        memory.put("state", "{}");
        memory.put("doc/plan", "{}");
        memory.put("done/a", "done");
        try (var store = DiskStore.open(data)) {
            var batch = new java.util.HashMap<String, Optional<String>>();
            memory.forEach((key, value) -> batch.put(key, Optional.of(value)));
            store.persist(batch);
        }
        var sound = Files.write(
                directory.resolve(Deployment.asset(new byte[] {1}).h().hex()), new byte[] {1});
        new AssetFiles(data).bring(sound);
        audio = data.resolve("assets").resolve(sound.getFileName());
    }

    @Test
    void withoutTheButtonAnotherClaimIsRefusedWhoeverMadeIt() throws IOException {
        for (var other : List.of(next, of(new SystemId("vn38")))) {
            assertThat(start(other))
                    .startsWith("This box is claimed already (for vn37).")
                    .contains("start once with --claim-button");
            nothingHasChanged();
        }
    }

    @Test
    void theButtonNeedsAClaimFile() throws IOException {
        assertThat(run("--claim-button")).startsWith("--claim-button needs the new claim");
        nothingHasChanged();
    }

    @Test
    void aClaimForAnotherBoxIsRefusedEvenWithTheButton() throws IOException {
        var foreign = Deployment.ofADevice().claim();
        assertThat(start(foreign, "--claim-button")).startsWith("The claim file is for " + foreign.id());
        nothingHasChanged();
    }

    @Test
    void nothingIsErasedWhenTheJournalCannotBeWritten() throws IOException {
        var full = Files.write(directory.resolve("full"), new byte[0]);
        assertThat(start(next, "--claim-button", "--usb", full.toString())).startsWith("The journal cannot be written");
        nothingHasChanged();
    }

    @Test
    void nothingIsErasedWhenTheNewClaimCannotBeUsed() throws IOException {
        var elsewhere = new Deployment(unit.id(), Deployment.CLAIMED + 1).claim("192.0.2.1", 1883);
        assertThat(start(elsewhere, "--claim-button")).startsWith("Without TLS only a broker on this machine");
        nothingHasChanged();
    }

    @Test
    void theJournalOfTheOldClaimGoesToTheStickAndOnlyTheBoxsOwnNumbersStay() throws IOException {
        var stick = directory.resolve("stick");
        var claimed = Claimed.in(data);
        var journal = claimed.export(old, unit, stick).orElseThrow();
        claimed.replace(next);
        assertThat(journal).isEqualTo(stick.resolve("GB1/out/" + unit.id() + "-0a1b2c3d-4.gb1"));
        var read = JournalFile.read(old.sys(), Files.readAllBytes(journal));
        assertThat(read.id()).isEqualTo(unit.id());
        assertThat(read.events().entries()).hasSize(1);
        onlyTheNewClaimIsLeft();
    }

    @Test
    void whatAPowerCutInterruptedIsFinishedAtTheNextStart() throws IOException {
        Files.write(data.resolve("claim.gbf.next"), next.encode());
        Claimed.in(data);
        onlyTheNewClaimIsLeft();
    }

    @Test
    void aClaimCutOffWhileItWasWrittenWasNeverThere() throws IOException {
        Files.write(data.resolve("claim.gbf.new"), java.util.Arrays.copyOf(next.encode(), 100));
        nothingHasChanged();
        Claimed.in(data).replace(next);
        onlyTheNewClaimIsLeft();
    }

    private void nothingHasChanged() throws IOException {
        assertThat(Claimed.in(data).file()).contains(old);
        assertThat(remembered()).isEqualTo(memory);
        assertThat(audio).exists();
    }

    private void onlyTheNewClaimIsLeft() throws IOException {
        assertThat(Claimed.in(data).file()).contains(next);
        assertThat(remembered()).isEqualTo(STAYS);
        assertThat(Files.readString(data.resolve("memory.log"), StandardCharsets.ISO_8859_1))
                .doesNotContain("doc/plan");
        assertThat(audio).doesNotExist();
        assertThat(data.resolve("claim.gbf.next")).doesNotExist();
        assertThat(UnitKey.in(data).id()).as("the label").isEqualTo(unit.id());
    }

    private Map<String, String> remembered() throws IOException {
        try (var store = DiskStore.open(data)) {
            return store.content();
        }
    }

    private ClaimFile of(SystemId sys) {
        return new ClaimFile(sys, next.id(), next.t(), next.roots(), next.ca(), next.broker(), next.cred(), null, null);
    }

    /** What it says when it does not start with this claim file. */
    private String start(ClaimFile file, String... more) throws IOException {
        var medium = Files.write(directory.resolve("medium.gbf"), file.encode());
        var words = new ArrayList<>(List.of("--claim", medium.toString()));
        words.addAll(List.of(more));
        return run(words.toArray(String[]::new));
    }

    private String run(String... more) {
        var said = new StringWriter();
        var line = new CommandLine(new ControllerCommand(Clock.systemUTC())).setErr(new PrintWriter(said, true));
        var words = new ArrayList<>(List.of("--data", data.toString(), "--sink", "wav"));
        words.addAll(List.of(more));
        assertThat(line.execute(words.toArray(String[]::new))).isEqualTo(ControllerCommand.UNUSABLE);
        return said.toString();
    }
}
