package vn.loalang.protocol;

import java.util.regex.Pattern;

/** The tagged requirements of PROTOCOL.md. */
final class Rules {
    static final String TAG = "[A-Z]{2,4}-[0-9]{1,2}[a-z]?";
    /** A line that states a requirement. */
    static final Pattern DEFINITION = Pattern.compile("- \\*\\*\\[(" + TAG + ")]\\*\\* (.*)");
    /** A tag anywhere. */
    static final Pattern REFERENCE = Pattern.compile("\\b" + TAG + "\\b");

    private Rules() {}
}
