package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;
import static vn.loalang.conformance.Bench.number;

import java.util.HashMap;
import java.util.List;
import java.util.TreeSet;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.JournalEntry;

/** The journal and its acknowledgements. */
final class CoreJournal {
    private static final int RING = 1_000;

    private final Bench b;

    CoreJournal(Bench bench) {
        b = bench;
    }

    private List<Events> batches() {
        return b.heard("ev").stream().map(h -> Events.decode(h.message())).toList();
    }

    /** Makes the journal grow by one and returns without waiting for it. */
    private void provoke() {
        var draft = b.cfg();
        b.vec("cfg", draft.number("seq"));
        b.send(draft.by(b.auth.p1));
    }

    @Proves({"ACK-1"})
    void entriesAreNumberedWithoutHoles() {
        b.fence();
        var last = new HashMap<String, Long>();
        for (var batch : batches()) {
            for (var entry : batch.entries()) {
                // A new epoch begins at 1 or goes on counting.
                long before = last.getOrDefault(batch.jid().value(), entry.n() - 1);
                check(entry.n() <= before + 1, "n jumps from " + before + " to " + entry.n());
                last.merge(batch.jid().value(), entry.n(), Math::max);
            }
        }
        check(!last.isEmpty(), "There is no journal.");
    }

    @Proves({"ACK-4"})
    void onlyOneBatchIsOutstanding() {
        b.fence();
        b.routine(true, false);
        int before = batches().size();
        provoke();
        b.awaitTrue("a batch", 10, () -> batches().size() > before);
        provoke();
        provoke();
        b.never(
                "a second batch before the first is acknowledged",
                2,
                () -> batches().size() > before + 1);
        var open = batches().get(batches().size() - 1);
        b.routine(true, true);
        b.jack(open.jid().value(), open.entries().get(open.entries().size() - 1).n());
        b.awaitTrue("the next batch", 10, () -> batches().size() > before + 1);
        b.fence();
    }

    @Proves(
            value = {"ACK-4b"},
            seconds = 60)
    void anUnacknowledgedBatchIsSentAgainAfterThirtySeconds() {
        b.fence();
        b.routine(true, false);
        int before = batches().size();
        provoke();
        b.awaitTrue("a batch", 10, () -> batches().size() > before);
        long start = System.nanoTime();
        b.awaitTrue("the batch again", 40, () -> batches().size() > before + 1);
        double took = (System.nanoTime() - start) / 1e9;
        check(took > 25, "It came again after " + took + " s already.");
        long n = batches().get(before).entries().get(0).n();
        check(batches().get(before + 1).entries().get(0).n() == n, "It did not begin with the unacknowledged entry.");
        b.routine(true, true);
        var open = batches().get(before + 1);
        b.jack(open.jid().value(), open.entries().get(open.entries().size() - 1).n());
        b.fence();
    }

    @Proves(
            value = {"ACK-1", "ACK-5"},
            seconds = 60)
    void whatIsNotAcknowledgedOutlivesAPowerCut() {
        b.fence();
        b.routine(true, false);
        int before = batches().size();
        provoke();
        b.awaitTrue("a batch", 10, () -> batches().size() > before);
        var lost = batches().get(batches().size() - 1).entries().get(0);
        b.powerCycle();
        b.awaitTrue("the batch after the power cut", 15, () -> batches().size() > before + 1);
        var again = batches().get(before + 1).entries().get(0);
        check(again.equals(lost), "Instead of " + lost + " came " + again);
        b.routine(true, true);
        var open = batches().get(before + 1);
        b.jack(open.jid().value(), open.entries().get(open.entries().size() - 1).n());
        b.fence();
    }

    @Proves({"ACK-5", "ENV-9"})
    void aForgedAcknowledgementDeletesNothing() {
        b.fence();
        b.routine(true, false);
        int before = batches().size();
        provoke();
        b.awaitTrue("a batch", 10, () -> batches().size() > before);
        var open = batches().get(batches().size() - 1);
        var jid = open.jid().value();
        long n = open.entries().get(open.entries().size() - 1).n();
        // By a key that may not, and of another epoch.
        b.send(b.jackDraft(jid, n).by(b.auth.s1));
        b.send(b.jackDraft("another", n).by(b.auth.p1));
        int hellos = b.hellos().size();
        b.proxy.cut();
        b.awaitTrue("a hello", 20, () -> b.hellos().size() > hellos);
        var hello = b.hellos().get(b.hellos().size() - 1);
        check(hello.j().lo() <= n, "The entry is gone without an acknowledgement.");
        b.routine(true, true);
        b.awaitTrue("the batch again", 20, () -> batches().size() > before + 1);
    }

    @Proves({"ACK-5b"})
    void anAcknowledgementOfTheFutureBeginsANewEpoch() {
        b.fence();
        var open = batches().get(batches().size() - 1);
        long last = b.journal().stream().mapToLong(JournalEntry::n).max().orElse(0);
        int hellos = b.hellos().size();
        b.jack(open.jid().value(), last + 1_000);
        b.awaitTrue("a hello with a new jid", 15, () -> b.hellos().size() > hellos);
        var hello = b.hellos().get(b.hellos().size() - 1);
        check(!hello.j().jid().equals(open.jid()), "The epoch is still " + open.jid());
        b.fence();
        check(batches().get(batches().size() - 1).jid().equals(hello.j().jid()), "The journal keeps its old epoch.");
    }

    @Proves({"ACK-5c", "ACK-5d"})
    void theServerCanDemandANewEpoch() {
        b.fence();
        var open = batches().get(batches().size() - 1);
        int before = batches().size();
        b.send(b.jackDraft(open.jid().value(), 0)
                .put("new", vn.loalang.protocol.Json.of(true))
                .by(b.auth.p1));
        provoke();
        b.awaitTrue("a batch of a new epoch", 15, () -> {
            var all = batches();
            return all.size() > before && !all.get(all.size() - 1).jid().equals(open.jid());
        });
        b.fence();
    }

    @Proves({"ACK-4"})
    void batchesStayBelowEightThousandBytes() {
        b.fence();
        for (var ev : b.heard("ev"))
            check(ev.message().length <= 8_000, "A batch of " + ev.message().length + " bytes.");
    }

    @Proves(
            value = {"ACK-1b", "ACK-1c", "ACK-1d"},
            fresh = true,
            seconds = 300)
    void aJournalThatNobodyFetchesOverflowsIntoGaps() {
        b.open();
        int from = b.mark();
        b.proxy.faults(FaultProxy.Faults.refusing());
        b.proxy.cut();
        // What falls out of one ring lies between entries of the other that stay.
        for (int i = 0; i < RING + RING / 2; i++) {
            b.box.hook().say("STOP");
            if (i % 3 == 0) b.box.hook().say(i % 2 == 0 ? "MAINS off" : "MAINS on");
        }
        int before = b.welcomes();
        b.proxy.faults(FaultProxy.Faults.NONE);
        b.awaitTrue("a hello after the silence", 120, () -> b.welcomes() > before);
        b.event(from, 60, "gap", "lost", d -> number(d, "c") > 0);
        // What the box says now comes behind all the rest.
        int end = b.mark();
        var draft = b.cfg();
        b.state(draft, b.auth.p1);
        var last = b.event(end, 300, "doc", "applied", d -> number(d, "seq") == draft.number("seq"));
        var all = b.journal();
        var since = all.subList(from, all.size());
        var held = new TreeSet<Long>();
        var lost = new TreeSet<Long>();
        for (var entry : since) {
            var event = entry.event();
            if (!event.kind().equals("gap")) {
                held.add(entry.n());
                continue;
            }
            check(
                    number(event.details(), "hi") == entry.n(),
                    "Gap " + entry.n() + " ends elsewhere: " + event.details());
            for (long n = number(event.details(), "lo"); n <= entry.n(); n++) lost.add(n);
        }
        var both = new TreeSet<>(held);
        both.retainAll(lost);
        check(both.isEmpty(), "Told, and in a gap: " + both);
        long numbers = last.n() - Math.min(held.first(), lost.first()) + 1;
        check(
                held.size() + lost.size() == numbers,
                numbers + " numbers, of which " + held.size() + " were told and " + lost.size() + " are lost.");
        long evidence = since.stream()
                .filter(e ->
                        List.of("play", "local", "cmd", "fw").contains(e.event().kind()))
                .count();
        check(evidence >= RING, "Only " + evidence + " entries of evidence were kept.");
        long gaps = since.stream().filter(e -> e.event().kind().equals("gap")).count();
        b.measured(evidence + " entries of evidence kept, " + lost.size() + " numbers lost in " + gaps + " gaps");
    }
}
