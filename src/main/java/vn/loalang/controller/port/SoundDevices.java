package vn.loalang.controller.port;

import java.io.IOException;
import vn.loalang.controller.core.Output;

/** The way to the loudspeaker: a device for each playback. */
public interface SoundDevices {
    /**
     * @param play what is going to sound
     * @param offsetMs position in the content of the first sample that will be written
     * @throws IOException if there is no such device or its file cannot be made
     */
    SoundDevice open(Output.Play play, long offsetMs) throws IOException;

    /**
     * Goes the way to the loudspeaker without a sound.
     *
     * @throws IOException if it is broken
     */
    void check() throws IOException;
}
