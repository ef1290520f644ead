package vn.loalang.web;

import vn.loalang.access.Role;

/**
 * One entry of the main navigation. A module adds a screen by declaring one as a bean.
 *
 * @param order place from the top: 10 today, 20 schedule, 30 library, 40 loudspeakers, 60 reports, 70 administration
 * @param path where it leads, {@code /today}; the screen's further pages begin with it
 * @param messageKey its name
 * @param role who sees it: whoever has this role in at least one area
 */
public record NavItem(int order, String path, String messageKey, Role role) {}
