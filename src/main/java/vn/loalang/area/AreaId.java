package vn.loalang.area;

/** Surrogate key of an area, for joins between tables; people use its code, the wire its path. */
public record AreaId(long value) {}
