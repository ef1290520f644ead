package vn.loalang.web;

import java.util.List;
import java.util.Optional;
import vn.loalang.access.Role;

/** Something that everybody with a role should know on every page until it is dealt with. A module adds one by declaring a bean. */
public interface Notice {
    /** Who sees it: whoever has this role in at least one area. */
    Role role();

    /** What to say now; empty when there is nothing to say. */
    Optional<Shown> now();

    /**
     * A sentence at the head of the page.
     *
     * @param messageKey its message
     * @param arguments what the message names
     */
    record Shown(String messageKey, List<Object> arguments) {
        public Shown {
            arguments = List.copyOf(arguments);
        }

        /** The arguments as templates want them. */
        public Object[] values() {
            return arguments.toArray();
        }
    }
}
