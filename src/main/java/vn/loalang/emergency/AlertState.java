package vn.loalang.emergency;

/** How far an alert has come. The database repeats each step as {@code state in (…)}. */
public enum AlertState {
    /** So wide that a second person has to agree first. */
    WAITING_SECOND,
    /** The server counts down. */
    COUNTING,
    /** Signed and sent; it sounds or may still begin to. */
    AIRED,
    /** Taken back before anything of it left the server. */
    CANCELLED,
    /** Nothing of it left the server although nobody took it back: too late, not agreed to, or refused. */
    LAPSED,
    /** Stopped, or its time is over. */
    ENDED;

    /** Whether it may still air. */
    public boolean ahead() {
        return switch (this) {
            case WAITING_SECOND, COUNTING -> true;
            case AIRED, CANCELLED, LAPSED, ENDED -> false;
        };
    }
}
