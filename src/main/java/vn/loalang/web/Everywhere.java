package vn.loalang.web;

import vn.loalang.access.Role;

/** A part that stands on every page and is kept true by the live stream. A module adds one by declaring a bean. */
public interface Everywhere {
    /** Who sees it: whoever has this role in at least one area. */
    Role role();

    /** Topics on which it is read anew, with spaces between. */
    String topics();

    /** Where its content is read from. */
    String source();

    /** The template whose fragment {@code now} is its content; it finds {@link #now()} as {@code shown}. */
    String template();

    /** What it shows now. */
    Object now();
}
