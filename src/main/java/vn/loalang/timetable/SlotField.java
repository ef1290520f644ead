package vn.loalang.timetable;

/** The inputs a refusal can be about, as named in the form and in JSON. */
public enum SlotField {
    RECORDING("recording"),
    DATE("date"),
    START("start"),
    REPEAT("repeat"),
    DAYS("days"),
    UNTIL("until"),
    TARGETS("targets"),
    VOLUME("volume"),
    LATENESS("lateness"),
    SCOPE("scope");

    private final String input;

    SlotField(String input) {
        this.input = input;
    }

    /** The name of the input. */
    public String input() {
        return input;
    }
}
