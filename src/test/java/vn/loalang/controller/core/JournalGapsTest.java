package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.JournalAck;
import vn.loalang.protocol.JournalEntry;

/** What fell out of the journal's rings, and what the server may take for lost. */
class JournalGapsTest {
    private final Memory memory = new Memory(new TreeMap<>());
    private final TrustedTime time = new TrustedTime(true);
    private final Journal journal;

    JournalGapsTest() {
        time.at(new Moment(0, 1_767_570_000_000L));
        journal = new Journal(memory, time, 1, new Random(1));
    }

    private void add(boolean evidence) {
        journal.add(evidence ? new Event.Local(Event.LocalAct.STOP) : new Event.FaultChange(true, Fault.MAINS_LOST));
    }

    private Map<Long, JournalEntry> kept() {
        var kept = new TreeMap<Long, JournalEntry>();
        for (var text : memory.under("j/").values()) {
            var entry = JournalEntry.decode(text.getBytes(StandardCharsets.UTF_8));
            kept.put(entry.n(), entry);
        }
        return kept;
    }

    /** [ACK-1e]. */
    @Test
    void whatAGapSaysUnderItsNumberNeverChanges() {
        var random = new Random(20261122);
        var said = new HashMap<Long, Event>();
        for (int i = 0; i < 4_000; i++) {
            // Long stretches of one ring, then of the other.
            add(random.nextInt(100) < ((i / 600) % 2 == 0 ? 90 : 10));
            if (i % 97 != 0) continue;
            for (var entry : kept().values()) {
                if (!(entry.event() instanceof Event.Gap)) continue;
                var before = said.putIfAbsent(entry.n(), entry.event());
                if (before != null) assertThat(entry.event()).isEqualTo(before);
            }
        }
        assertThat(said).isNotEmpty();
    }

    /** [ACK-1d]: a server that has every gap and no entry knows of nothing beyond the first entry. */
    @Test
    void gapsAloneAcknowledgeNothingThatIsHeld() {
        for (int i = 0; i < 1_300; i++) {
            add(true);
            add(true);
            add(false);
        }
        var entries = kept();
        long upto = 0;
        for (var entry : entries.values()) {
            if (!(entry.event() instanceof Event.Gap gap)) break;
            assertThat(gap.lo()).isEqualTo(upto + 1);
            upto = gap.hi();
        }
        assertThat(entries.values().stream().filter(e -> e.event() instanceof Event.Gap))
                .hasSizeGreaterThan(300);
        assertThat(entries).containsKey(upto + 1);
        // The largest such jack, though all was sent, lets no entry go.
        journal.sessionBegins();
        for (long mono = 0; journal.due(mono).isPresent(); mono += 3_600_000) {
            journal.acknowledged(new JournalAck(journal.jid(), upto, false));
            if (mono > 200 * 3_600_000L) break;
        }
        assertThat(kept().values().stream().filter(e -> !(e.event() instanceof Event.Gap)))
                .hasSize(2_000);
    }

    /** [ACK-5d]: in a new epoch the count of what was lost is told behind the rest. */
    @Test
    void aNewEpochKeepsTheCountOfWhatWasLost() {
        for (int i = 0; i < 1_500; i++) add(true);
        long highest = journal.summary().hi();
        journal.acknowledged(new JournalAck(journal.jid(), 0, true));
        var entries = kept();
        var last = entries.get(journal.summary().hi());
        assertThat(last.event()).isEqualTo(new Event.Gap(last.n(), last.n(), 500));
        assertThat(entries).hasSize(1_001);
        assertThat(journal.summary().lo()).isEqualTo(highest + 1);
    }
}
