package vn.loalang.controller.core;

import vn.loalang.protocol.Event;

/**
 * What a sound sink reports of one playback. {@code play} is the number the core gave with {@link Output.Play};
 * {@code ms} is sound that truly left the sink so far in this playback, never an estimate ahead.
 */
public sealed interface SinkEvent {
    /** The playback this is about. */
    long play();

    /** About once a second while sounding. */
    record Progress(long play, long ms) implements SinkEvent {}

    /** The last sample has left: by itself, or after a {@link Output.Fade}. */
    record Ended(long play, long ms) implements SinkEvent {}

    /** The sink gave up. */
    record Failed(long play, long ms, Event.Failure failure) implements SinkEvent {}
}
