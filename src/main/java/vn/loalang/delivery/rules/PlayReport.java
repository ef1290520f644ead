package vn.loalang.delivery.rules;

import java.util.Optional;
import vn.loalang.broadcast.Outcome;
import vn.loalang.broadcast.Proof;
import vn.loalang.broadcast.Reason;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.PlayId;

/** What a journal entry says about a playback. */
public record PlayReport(PlayId id, Outcome outcome) {
    /** Reads an entry; empty for those that are not about playing. */
    public static Optional<PlayReport> of(Event event) {
        if (event instanceof Event.Started started) {
            return of(started.oid(), new Outcome.Started(started.err(), started.pos()));
        }
        if (event instanceof Event.Completed completed) {
            return of(
                    completed.oid(), new Outcome.Completed(completed.ms(), proof(completed.proof()), completed.vol()));
        }
        if (event instanceof Event.Interrupted interrupted) {
            return of(
                    interrupted.oid(),
                    new Outcome.Interrupted(
                            interrupted.ms(),
                            proof(interrupted.proof()),
                            Reason.of(interrupted.why().wire())));
        }
        if (event instanceof Event.Missed missed) {
            return of(missed.oid(), new Outcome.Missed(Reason.of(missed.why().wire())));
        }
        if (event instanceof Event.Failed failed) {
            return of(failed.oid(), new Outcome.Failed(Reason.of(failed.why().wire())));
        }
        return Optional.empty();
    }

    private static Optional<PlayReport> of(PlayId id, Outcome outcome) {
        return Optional.of(new PlayReport(id, outcome));
    }

    private static Proof proof(Hello.Proof proof) {
        return switch (proof) {
            case NONE -> Proof.NONE;
            case DAC -> Proof.DAC;
            case AMP -> Proof.AMP;
            case LINE -> Proof.LINE;
            case MIC -> Proof.MIC;
        };
    }
}
