package vn.loalang.emergency;

/** Identity of a siren. */
public record SirenId(long value) {}
