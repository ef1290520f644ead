package vn.loalang.broadcast;

import java.util.Optional;

/** What is known to have happened to one broadcast on one controller. */
public sealed interface Outcome {
    /** The state it leads to. */
    PlaybackState state();

    /** Why, where there is a why. */
    default Optional<Reason> reason() {
        return Optional.empty();
    }

    /** Milliseconds heard of this broadcast so far, all parts together; 0 where the report does not say. */
    default long heardMs() {
        return 0;
    }

    /** How the controller knows, where it says. */
    default Optional<Proof> proof() {
        return Optional.empty();
    }

    /** The plan that holds it was published by us. */
    record Sent() implements Outcome {
        @Override
        public PlaybackState state() {
            return PlaybackState.SENT;
        }
    }

    /** The controller applied the plan that holds it. */
    record Received() implements Outcome {
        @Override
        public PlaybackState state() {
            return PlaybackState.RECEIVED;
        }
    }

    /** The controller has its sound on disk. */
    record Prepared() implements Outcome {
        @Override
        public PlaybackState state() {
            return PlaybackState.PREPARED;
        }
    }

    /**
     * The controller sounds.
     *
     * @param errorMs how much later than planned, negative if earlier
     * @param positionMs where on the broadcast's timeline; above 0 when it joins in late or again
     */
    record Started(long errorMs, long positionMs) implements Outcome {
        @Override
        public PlaybackState state() {
            return PlaybackState.STARTED;
        }
    }

    /**
     * It came to its end.
     *
     * @param ms heard in all
     * @param volume percent
     */
    record Completed(long ms, Proof how, int volume) implements Outcome {
        @Override
        public PlaybackState state() {
            return PlaybackState.COMPLETED;
        }

        @Override
        public long heardMs() {
            return Math.max(0, ms);
        }

        @Override
        public Optional<Proof> proof() {
            return Optional.of(how);
        }
    }

    /**
     * It was broken off.
     *
     * @param ms heard in all so far
     */
    record Interrupted(long ms, Proof how, Reason why) implements Outcome {
        @Override
        public PlaybackState state() {
            return PlaybackState.INTERRUPTED;
        }

        @Override
        public Optional<Reason> reason() {
            return Optional.of(why);
        }

        @Override
        public long heardMs() {
            return Math.max(0, ms);
        }

        @Override
        public Optional<Proof> proof() {
            return Optional.of(how);
        }
    }

    /** It did not sound at all. */
    record Missed(Reason why) implements Outcome {
        @Override
        public PlaybackState state() {
            return PlaybackState.MISSED;
        }

        @Override
        public Optional<Reason> reason() {
            return Optional.of(why);
        }
    }

    /** It could not sound. */
    record Failed(Reason why) implements Outcome {
        @Override
        public PlaybackState state() {
            return PlaybackState.FAILED;
        }

        @Override
        public Optional<Reason> reason() {
            return Optional.of(why);
        }
    }
}
