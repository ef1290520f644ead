package vn.loalang.audio;

/** Identity of a recording. */
public record RecordingId(long value) {}
