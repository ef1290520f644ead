package vn.loalang.emergency;

/** Identity of a ready-made message. */
public record MessageId(long value) {}
