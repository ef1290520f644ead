package vn.loalang.timetable;

import java.util.List;

/** A slot cannot be as wanted; nothing was changed. */
public class SlotRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<SlotProblem> problems;

    SlotRefused(List<SlotProblem> problems) {
        super(problems.toString());
        this.problems = List.copyOf(problems);
    }

    SlotRefused(SlotProblem problem) {
        this(List.of(problem));
    }

    /** At least one. */
    public List<SlotProblem> problems() {
        return problems;
    }
}
