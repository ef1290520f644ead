package vn.loalang.protocol;

import java.util.regex.Pattern;

/** Name of a deployment ({@code sys}): 1 to 16 small letters, digits or hyphens; second level of every topic. */
public record SystemId(String value) {
    private static final Pattern FORMAT = Pattern.compile("[a-z0-9-]{1,16}");

    public SystemId {
        Refusal.unless(FORMAT.matcher(value).matches(), "sys must be 1 to 16 of a–z, 0–9 and -");
    }

    @Override
    public String toString() {
        return value;
    }
}
