package vn.loalang.programme;

/**
 * Names one unchangeable version of a programme; a slot names a version, so that later edits never alter what was planned.
 *
 * @param value the database's number, positive
 */
public record ProgrammeVersionId(long value) {}
