package vn.loalang.audio;

/** What an operator should know about a recording that was accepted all the same. */
public enum RecordingWarning {
    /** The file ended before the end that it promised; the recording is what was there. */
    TRUNCATED,
    /** Parts could not be read and became silence. */
    DAMAGED,
    /** Nothing can be heard. */
    SILENT,
    /** So quiet that even the most gain did not reach the usual loudness. */
    QUIET
}
