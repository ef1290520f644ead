package vn.loalang.emergency;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import vn.loalang.access.AreaScope;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;
import vn.loalang.area.StationId;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Status;

/**
 * One alert, as it was armed and as far as it has come.
 *
 * @param broadcast its order; its playbacks tell who received and sounded it
 * @param status ACTUAL or EXERCISE
 * @param said the text as people read it, in its first language
 * @param risk level of disaster risk of its message, null if none
 * @param defence level of civil defence of its message, null if none
 * @param siren name of the siren before it, null if none
 * @param sound how long it sounds in all where it is heard from the beginning
 * @param life from its release until no box may begin it any more
 * @param place where, in words
 * @param controllers how many poles it was armed for
 * @param online how many of them were connected then
 * @param wide whether a second person had to agree
 * @param answers the alert that this correction or all-clear answers
 * @param targets what was chosen
 * @param villages the poles' own areas
 * @param secondUntil until when somebody may agree; null when nobody has to
 * @param firesAt when it airs unless somebody cancels it; null while it waits for a second person
 * @param endsAt from when no box sounds or begins it any more
 * @param lapseKey key of the sentence with which delivery refused it; null where it lapsed for another reason
 * @param lapseValues what the placeholders of that sentence stand for
 * @param seenAt when somebody took note that it lapsed
 */
public record Alert(
        AlertId id,
        StationId station,
        BroadcastId broadcast,
        Kind kind,
        Status status,
        AlertState state,
        MessageId message,
        String title,
        String said,
        @Nullable DisasterRiskLevel risk,
        @Nullable CivilDefenceLevel defence,
        @Nullable String siren,
        int repetitions,
        Duration sound,
        Duration life,
        String place,
        int controllers,
        int online,
        Authority authority,
        boolean wide,
        @Nullable AlertId answers,
        List<Target> targets,
        List<Village> villages,
        long armedBy,
        String armedByName,
        Instant armedAt,
        @Nullable Instant secondUntil,
        @Nullable String secondByName,
        @Nullable Instant secondAt,
        @Nullable Instant firesAt,
        @Nullable Instant airedAt,
        @Nullable Instant endsAt,
        @Nullable String closedByName,
        @Nullable Instant closedAt,
        @Nullable String closeReason,
        @Nullable Lapse lapse,
        @Nullable String lapseKey,
        List<String> lapseValues,
        @Nullable Instant seenAt) {
    public Alert {
        targets = List.copyOf(targets);
        villages = List.copyOf(villages);
        lapseValues = List.copyOf(lapseValues);
    }

    /** What the audit log calls it. */
    String subject() {
        return id + " " + called() + " – " + place;
    }

    /** Its title in the audit log, whose verbs are the same for a drill; kept in the language of what it stands beside. */
    String called() {
        return drill() ? "DIỄN TẬP – " + title : title;
    }

    /** Whether it is a drill. */
    public boolean drill() {
        return status.drill();
    }

    /** Whether it is for a place in this part of the tree. */
    boolean in(AreaScope scope) {
        return villages.stream().anyMatch(village -> scope.covers(village.path()));
    }

    /** Key of the sentence that tells why it lapsed, and what to do. */
    public String lapseSentence() {
        return lapseKey == null ? "emergency.lapse." + lapse : lapseKey;
    }

    /** When it is over where it began at once. */
    public Instant soundsUntil() {
        return Objects.requireNonNullElse(airedAt, armedAt).plus(sound);
    }

    /** Poles of one area among those it was armed for. */
    public record Village(AreaId area, AreaPath path, String name, int controllers, int online) {}
}
