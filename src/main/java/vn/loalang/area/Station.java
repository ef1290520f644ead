package vn.loalang.area;

import java.time.ZoneId;

/**
 * A commune radio station.
 *
 * @param id surrogate key
 * @param name as shown at the head of every page
 * @param zone in which all its times are meant and shown
 * @param approvalRequired whether a leader approves before air
 * @param countdownSeconds between arming an emergency and its sound, 5 to 15
 */
public record Station(long id, String name, ZoneId zone, boolean approvalRequired, int countdownSeconds) {}
