package vn.loalang.controller.core;

/**
 * What the box's two clocks say when an input arrives.
 *
 * @param mono milliseconds since the process started; never goes back, and is all that is trusted for durations
 * @param rtc Unix milliseconds of the real-time clock; may be wrong by decades
 */
public record Moment(long mono, long rtc) {}
