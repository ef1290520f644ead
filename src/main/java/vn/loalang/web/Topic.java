package vn.loalang.web;

import java.util.regex.Pattern;

/**
 * What open pages can watch for changes: {@code playback}, {@code fleet}, {@code slot}.
 *
 * @param name {@code [a-z0-9-]}, 1 to 60 characters
 */
public record Topic(String name) {
    private static final Pattern FORMAT = Pattern.compile("[a-z0-9-]{1,60}");

    public Topic {
        if (!FORMAT.matcher(name).matches()) {
            throw new IllegalArgumentException("Not a topic: '" + name + "'");
        }
    }

    /** The topic of this name. */
    public static Topic of(String name) {
        return new Topic(name);
    }
}
