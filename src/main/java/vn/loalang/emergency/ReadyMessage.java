package vn.loalang.emergency;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.Authority;
import vn.loalang.area.Refusal;

/**
 * A message that is ready to be aired at once.
 *
 * @param id identity; {@link #NEW} before it is stored
 * @param name 1 to 80 characters, as it stands on its button
 * @param bulletin what the law wants said
 * @param risk level of disaster risk, null when it is none
 * @param defence level of civil defence, null when none is declared
 * @param spoken the text in up to {@value #MOST_LANGUAGES} languages, in the order in which they sound
 * @param siren what sounds before the words, null for none
 * @param repetitions how often all of it sounds, 1 to 20
 * @param gap silence between repetitions, 0 to 120 s
 * @param volume percent, 10 to 100
 * @param life from its start to its end whatever has sounded, 1 min to 6 h
 * @param archivedAt since when it is out of the list, null while it is in
 * @param version raised by every change
 */
public record ReadyMessage(
        MessageId id,
        Kind kind,
        String name,
        Bulletin bulletin,
        @Nullable DisasterRiskLevel risk,
        @Nullable CivilDefenceLevel defence,
        List<Spoken> spoken,
        @Nullable SirenId siren,
        int repetitions,
        Duration gap,
        int volume,
        Duration life,
        @Nullable Instant archivedAt,
        int version) {
    /** Identity of a message that is not stored yet. */
    public static final MessageId NEW = new MessageId(0);

    static final int MOST_LANGUAGES = 6;

    public ReadyMessage {
        name = name.strip();
        spoken = List.copyOf(spoken);
        if (name.isEmpty() || name.length() > Siren.LONGEST_NAME) {
            throw new Refusal("name", "emergency.refused.name", Siren.LONGEST_NAME);
        }
        if (spoken.size() > MOST_LANGUAGES) {
            throw new Refusal("spoken", "emergency.refused.languages", MOST_LANGUAGES);
        }
        if (spoken.stream().map(Spoken::language).distinct().count() < spoken.size()) {
            throw new Refusal("spoken", "emergency.refused.languageTwice");
        }
        Siren.within("repetitions", repetitions, 1, 20);
        Siren.within("pause", gap.toSeconds(), 0, 120);
        Siren.within("volume", volume, 10, 100);
        Siren.within("life", life.toMinutes(), 1, 360);
    }

    /** The same message with these words. */
    ReadyMessage saying(List<Spoken> words) {
        return new ReadyMessage(
                id,
                kind,
                name,
                bulletin,
                risk,
                defence,
                words,
                siren,
                repetitions,
                gap,
                volume,
                life,
                archivedAt,
                version);
    }

    /** The same message without its siren, as it sounds in a drill. */
    ReadyMessage withoutSiren() {
        return new ReadyMessage(
                id,
                kind,
                name,
                bulletin,
                risk,
                defence,
                spoken,
                null,
                repetitions,
                gap,
                volume,
                life,
                archivedAt,
                version);
    }

    /**
     * Why whoever speaks with this authority may not air it for real: its level of civil defence is for others to announce. Empty
     * when he may. Corrections and all-clears announce none.
     */
    Optional<Refusal> barredTo(Authority authority) {
        return kind != Kind.ALERT || defence == null || defence.announcedBy(authority)
                ? Optional.empty()
                : Optional.of(new Refusal("message", defence.refusalKey()));
    }

    /** The languages it is written in, each with whether it has a sound, too. */
    Map<String, Boolean> said() {
        return spoken.stream().collect(Collectors.toMap(Spoken::language, it -> it.recording() != null));
    }

    /** Fields that an alert must have by law and this message does not say; other kinds only need what is to be done. */
    public List<Bulletin.Field> missing() {
        return kind == Kind.ALERT
                ? bulletin.missing()
                : bulletin.missing().stream()
                        .filter(field -> field == Bulletin.Field.INCIDENT || field == Bulletin.Field.RESPONSE)
                        .toList();
    }
}
