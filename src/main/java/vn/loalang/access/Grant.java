package vn.loalang.access;

import vn.loalang.area.AreaPath;

/**
 * A role in an area and in everything below it.
 *
 * @param role what may be done
 * @param area where, {@link AreaPath#ROOT} for everywhere
 */
public record Grant(Role role, AreaPath area) {
    /** Whether it allows the role there: every role includes looking. */
    boolean allows(Role wanted, AreaPath where) {
        return (role == wanted || wanted == Role.VIEWER) && area.covers(where);
    }
}
