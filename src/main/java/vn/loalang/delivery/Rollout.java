package vn.loalang.delivery;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.AreaPath;
import vn.loalang.delivery.rules.StagedRollout.Course;
import vn.loalang.delivery.rules.UpdateState;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.QuietWindow;

/**
 * A rollout.
 *
 * @param stage index of the stage under way
 * @param stageSince when it began; null before the first
 * @param kid that signed it; null before
 * @param halted why; null unless halted
 * @param accepted failures that a person has looked at
 */
record Rollout(
        long id,
        Firmwares.Image image,
        State state,
        AreaPath area,
        Course course,
        int stage,
        @Nullable Instant stageSince,
        Optional<QuietWindow> window,
        Instant issuedAt,
        Instant expiresAt,
        @Nullable Kid kid,
        @Nullable Halt halted,
        int accepted,
        String by,
        Instant createdAt) {
    /** When the next stage may begin; null before the first, and after the last. */
    public @Nullable Instant nextStageFrom() {
        var since = stageSince;
        return since == null || lastStage() ? null : since.plus(course.watch());
    }

    /** Whether all boxes have their turn. */
    public boolean lastStage() {
        return stage + 1 >= course.percents().size();
    }

    /** How the image is called to people. */
    String title() {
        return image.title();
    }

    /** Where a rollout stands. */
    enum State {
        /** Waits for its signed documents. */
        UNSIGNED("warn", "warn"),
        RUNNING("live", "live"),
        /** Nobody gets a document until somebody has looked. */
        HALTED("bad", "bad"),
        COMPLETED("ok", "ok"),
        WITHDRAWN("off", "off");

        private final String tone;
        private final String icon;

        State(String tone, String icon) {
            this.tone = tone;
            this.icon = icon;
        }

        /** Its colour's class. */
        public String tone() {
            return tone;
        }

        /** Its symbol's name. */
        public String icon() {
            return icon;
        }

        /** Whether it may still change. */
        public boolean open() {
            return this == UNSIGNED || this == RUNNING || this == HALTED;
        }
    }

    /** Why a rollout is halted. */
    enum Halt {
        FAILURES,
        /** The key that signed it is listed no more. */
        KEY,
        PERSON
    }

    /**
     * What somebody asks for.
     *
     * @param area boxes on poles in it and below
     * @param window local time in which boxes may install; empty for any
     */
    record Wanted(Hash image, AreaPath area, Course course, Optional<QuietWindow> window) {}

    /** How far a box has come. */
    record Line(ControllerId pole, DeviceId unit, int turn, UpdateState state, String why, Instant at) {}
}
