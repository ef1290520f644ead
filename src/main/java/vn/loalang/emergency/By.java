package vn.loalang.emergency;

import vn.loalang.access.AreaScope;

/**
 * Whoever does something to an alert.
 *
 * @param speaks where he is an operator
 * @param leads where he is a leader
 */
public record By(long personId, String name, AreaScope speaks, AreaScope leads) {}
