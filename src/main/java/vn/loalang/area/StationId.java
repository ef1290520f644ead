package vn.loalang.area;

/** Surrogate key of a station. */
public record StationId(long value) {}
