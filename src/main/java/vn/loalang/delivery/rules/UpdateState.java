package vn.loalang.delivery.rules;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import vn.loalang.protocol.Event.FirmwareState;

/** How far one box of a rollout has come; the order is that of the way. */
public enum UpdateState {
    /** Its stage has not begun. */
    WAITING,
    /** Its document has gone to the broker. */
    OFFERED,
    /** It has taken the document over. */
    RECEIVED,
    DOWNLOADING,
    VERIFIED,
    STAGED,
    TRIAL,
    CONFIRMED,
    ROLLED_BACK,
    FAILED,
    /** It will not be updated by this rollout: withdrawn, expired, or overtaken by a newer document. */
    SKIPPED;

    /** What a box's journal says. */
    public static UpdateState of(FirmwareState said) {
        return switch (said) {
            case DOWNLOADING -> DOWNLOADING;
            case VERIFIED -> VERIFIED;
            case STAGED -> STAGED;
            case TRIAL -> TRIAL;
            case CONFIRMED -> CONFIRMED;
            case ROLLED_BACK -> ROLLED_BACK;
            case FAILED -> FAILED;
        };
    }

    /** Whether nothing more is expected. */
    public boolean ended() {
        return switch (this) {
            case CONFIRMED, ROLLED_BACK, FAILED, SKIPPED -> true;
            case WAITING, OFFERED, RECEIVED, DOWNLOADING, VERIFIED, STAGED, TRIAL -> false;
        };
    }

    /** Whether it went wrong [FW-6]. */
    public boolean failed() {
        return this == ROLLED_BACK || this == FAILED;
    }

    /** Whether the box has begun: one of those tried. */
    public boolean begun() {
        return switch (this) {
            case DOWNLOADING, VERIFIED, STAGED, TRIAL, CONFIRMED, ROLLED_BACK, FAILED -> true;
            case WAITING, OFFERED, RECEIVED, SKIPPED -> false;
        };
    }

    /**
     * States from which this one may be reached by what a box says. It may leap forward, because entries may be lost; never
     * back. Only a box that says it has the document itself comes out of waiting or skipping: it got it before we took it back.
     */
    public Set<UpdateState> from() {
        return switch (this) {
            case WAITING, OFFERED, SKIPPED -> Set.of();
            case RECEIVED -> EnumSet.of(WAITING, OFFERED, SKIPPED);
            case DOWNLOADING -> EnumSet.of(RECEIVED);
            case VERIFIED -> EnumSet.of(RECEIVED, DOWNLOADING);
            case STAGED -> EnumSet.of(RECEIVED, DOWNLOADING, VERIFIED);
            case TRIAL -> EnumSet.of(RECEIVED, DOWNLOADING, VERIFIED, STAGED);
            case CONFIRMED, FAILED -> EnumSet.of(RECEIVED, DOWNLOADING, VERIFIED, STAGED, TRIAL);
            // A box taken for confirmed by its hello alone may still say that it went back.
            case ROLLED_BACK -> EnumSet.of(RECEIVED, DOWNLOADING, VERIFIED, STAGED, TRIAL, CONFIRMED);
        };
    }

    /** Names for a list in SQL. */
    public static List<String> names(Set<UpdateState> states) {
        return Arrays.stream(values()).filter(states::contains).map(Enum::name).toList();
    }
}
