package vn.loalang.controller.core;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Cid;
import vn.loalang.protocol.Cmd;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Event.CommandResult;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Op;
import vn.loalang.protocol.Report;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Topics;

/**
 * Commands, each carried out once however often it comes (CMD-1): the result is remembered and journalled before the effect, and
 * a command that comes again gets the same journal entry again.
 */
final class Commands {
    private static final String PREFIX = "cid/";

    private final Profile profile;
    private final Topics topics;
    private final Memory memory;
    private final TrustedTime time;
    private final Journal journal;
    private final Faults faults;
    private final Documents documents;
    private final Surroundings surroundings;
    private final Player player;
    private final LocalSources local;
    private final Outputs out;

    /** What is to be said of a command, and then done. */
    private record Answer(CommandResult result, @Nullable String why, Optional<Runnable> effect) {
        static Answer ok(Runnable effect) {
            return new Answer(CommandResult.OK, null, Optional.of(effect));
        }

        static Answer no(CommandResult result, @Nullable String why) {
            return new Answer(result, why, Optional.empty());
        }
    }

    Commands(
            Profile profile,
            Memory memory,
            TrustedTime time,
            Journal journal,
            Faults faults,
            Documents documents,
            Surroundings surroundings,
            Player player,
            LocalSources local,
            Outputs out) {
        this.profile = profile;
        this.topics = new Topics(profile.claim().sys());
        this.memory = memory;
        this.time = time;
        this.journal = journal;
        this.faults = faults;
        this.documents = documents;
        this.surroundings = surroundings;
        this.player = player;
        this.local = local;
        this.out = out;
    }

    void receive(Cmd command) {
        var cid = command.cid();
        var known = memory.get(PREFIX + cid);
        if (known.isPresent()) {
            again(known.get());
            return;
        }
        var answer = answer(command);
        var entry = journal.add(
                new Event.Command(answer.result(), cid.value(), command.op().wire(), answer.why()));
        remember(cid, entry);
        out.add(new Output.Say("Command " + command.op().wire() + " (" + cid + "): " + answer.result()
                + (answer.why() == null ? "" : ", " + answer.why()) + "."));
        answer.effect().ifPresent(Runnable::run);
    }

    private Answer answer(Cmd command) {
        var op = command.op();
        if (op instanceof Op.Reboot) {
            return player.sounds(Limits.FIRST_PRI)
                    ? Answer.no(CommandResult.REFUSED, "busy")
                    : Answer.ok(() -> out.add(new Output.Restart()));
        }
        if (op instanceof Op.Tone tone) return tone(tone);
        if (op instanceof Op.Identify identify) {
            return Answer.ok(() -> out.add(new Output.Blink(identify.s())));
        }
        // What is found comes afterwards, as faults and telemetry: the result stands before the effect (CMD-1).
        if (op instanceof Op.Measure) return Answer.ok(() -> out.add(new Output.Measure()));
        if (op instanceof Op.Report report) return Answer.ok(() -> report(command.cid(), report));
        return Answer.no(CommandResult.UNSUPPORTED, null);
    }

    private Answer tone(Op.Tone tone) {
        if (surroundings.conditionsIn(0).quiet()) return Answer.no(CommandResult.REFUSED, "quiet");
        if (player.sounding().isPresent()) return Answer.no(CommandResult.REFUSED, "busy");
        if (faults.has(Fault.MUTED)) return Answer.no(CommandResult.REFUSED, "muted");
        if (faults.has(Fault.AMP_FAULT)) return Answer.no(CommandResult.FAILED, "amp");
        return Answer.ok(() -> local.beep(tone.s()));
    }

    private void report(Cid cid, Op.Report asked) {
        var body =
                switch (asked.what()) {
                    case STATE ->
                        new Report.State(
                                time.reading(),
                                documents.marks(),
                                player.playing().stream().toList(),
                                faults.present().stream().sorted().toList(),
                                Map.of("fw", profile.firmware(), "up", Long.toString(time.mono() / 1000)));
                    case LOG -> Report.Log.of(out.recent());
                    case DOC -> document(asked.row().orElseThrow());
                };
        out.add(new Output.Publish(topics.rep(profile.id(), cid), 1, false, Bytes.of(new Report(cid, body).encode())));
    }

    private Report.Body document(Row row) {
        return documents.stored(row).<Report.Body>map(Report.Doc::new).orElseGet(() -> new Report.Absent(row));
    }

    private void again(String known) {
        var entry = JournalEntry.decode(known.substring(known.indexOf('{')).getBytes(StandardCharsets.UTF_8));
        out.add(new Output.Publish(
                topics.ev(profile.id()), 1, false, Bytes.of(new Events(journal.jid(), List.of(entry)).encode())));
    }

    private void remember(Cid cid, JournalEntry entry) {
        var all = memory.under(PREFIX);
        if (all.size() >= Limits.COMMANDS) {
            all.entrySet().stream()
                    .min(Comparator.comparingLong(e -> order(e.getValue())))
                    .ifPresent(oldest -> memory.remove(oldest.getKey()));
        }
        memory.put(PREFIX + cid, entry.n() + " " + new String(entry.json().bytes(), StandardCharsets.UTF_8));
    }

    private static long order(String kept) {
        return Long.parseLong(kept.substring(0, kept.indexOf(' ')));
    }
}
