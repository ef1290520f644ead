package vn.loalang.controller.port;

import vn.loalang.protocol.Event.Failure;

/** A sound that cannot be made, or not to its end, and why. */
final class SoundTrouble extends Exception {
    private static final long serialVersionUID = 1L;

    final Failure failure;

    SoundTrouble(Failure failure, Exception cause) {
        super(cause);
        this.failure = failure;
    }
}
