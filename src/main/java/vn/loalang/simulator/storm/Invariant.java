package vn.loalang.simulator.storm;

/** What must never happen, whatever breaks. */
enum Invariant {
    ORDERED("nothing sounds without a valid signed order"),
    IN_TIME("nothing sounds after its latest start"),
    QUIET("nothing sounds in quiet hours unless exempt"),
    ONE_AT_A_TIME("two things never sound at once on one pole"),
    PRIORITY("a higher priority is never silent under a lower one"),
    CONFIRMED("no event confirmed to a controller is missing in the database"),
    HEARD("no playback is shown heard that was not"),
    REACHED("an emergency sounds on every pole that had power and a link for 60 s before its end"),
    CLEARED("after an all-clear nothing of it starts"),
    CLOCK("a synchronised clock is right"),
    ALIVE("no part fails");

    private final String sentence;

    Invariant(String sentence) {
        this.sentence = sentence;
    }

    String sentence() {
        return sentence;
    }
}
