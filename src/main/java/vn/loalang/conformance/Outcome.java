package vn.loalang.conformance;

import java.util.Locale;

/** What a test can end with; there is nothing in between. */
public enum Outcome {
    PASS,
    FAIL,
    /** The controller does not claim the profile. */
    NOT_SUPPORTED,
    /** The controller offers no hook or no capture of sound through which it could be seen. */
    NOT_OBSERVABLE;

    /** As in the reports. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
