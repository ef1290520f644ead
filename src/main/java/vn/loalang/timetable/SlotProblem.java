package vn.loalang.timetable;

import java.time.LocalDate;
import java.time.LocalTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a slot cannot be as wanted: one sentence about one input, with corrections known to help.
 *
 * @param field the input it is about
 * @param reason the sentence, as the tail of the message key {@code timetable.refused.}
 * @param arguments what its placeholders stand for; times, dates and durations are still values and are put into words when shown
 * @param corrections ready to apply, best first; may be empty
 */
public record SlotProblem(SlotField field, String reason, List<Object> arguments, List<Correction> corrections) {
    public SlotProblem {
        arguments = List.copyOf(arguments);
        corrections = List.copyOf(corrections);
    }

    static SlotProblem of(SlotField field, String reason, Object... arguments) {
        return new SlotProblem(field, reason, List.of(arguments), List.of());
    }

    SlotProblem correctedBy(List<Correction> ready) {
        return new SlotProblem(field, reason, arguments, ready);
    }

    /**
     * A way out: other values for some inputs, everything else as it was.
     *
     * @param date another date, null to keep it
     * @param start another start, null to keep it
     * @param scope another reach of the edit, null to keep it
     * @param everywhere whether to aim at the whole station
     */
    public record Correction(
            @Nullable LocalDate date,
            @Nullable LocalTime start,
            @Nullable Scope scope,
            boolean everywhere) {
        static Correction startAt(LocalTime start) {
            return new Correction(null, start, null, false);
        }

        static Correction moveTo(LocalDate date, LocalTime start) {
            return new Correction(date, start, null, false);
        }

        static Correction from(LocalDate date, Scope scope) {
            return new Correction(date, null, scope, false);
        }

        static Correction all() {
            return new Correction(null, null, null, true);
        }
    }
}
