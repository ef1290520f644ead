package vn.loalang.simulator.storm;

/** What must never happen, whatever breaks. */
enum Invariant {
    ORDERED("nothing sounds without a valid signed order"),
    IN_TIME("nothing sounds after its latest start"),
    QUIET("nothing sounds in quiet hours unless exempt"),
    ONE_AT_A_TIME("two things never sound at once on one pole"),
    PRIORITY("a higher priority is never silent under a lower one, nor anybody under silence"),
    STOPPED("what STOP ended stays ended, and remote sound is silent while the box is mute"),
    CONFIRMED("no event confirmed to a controller is missing in the database"),
    HEARD("no playback is shown heard that was not"),
    REACHED("an emergency sounds on every pole that had power and a link for 60 s before its end"),
    CLEARED("after an all-clear nothing of it starts"),
    LISTED("nothing sounds that no document in force lists"),
    REVOKED("nothing sounds by a key that the box knows as compromised"),
    AUTHENTIC("no live sound but what the session's own key has signed"),
    ONCE("a command is carried out only if it was given, once, and in its time"),
    FIRMWARE("no firmware is put in that was not ordered, nor while anything sounds"),
    WHOLE("nothing is written or used of a file but its own bytes"),
    YIELDS("no blocks are asked for while something of priority 60 or more sounds"),
    MODEST("blocks are asked for a few at a time, and ever more rarely while none come"),
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
