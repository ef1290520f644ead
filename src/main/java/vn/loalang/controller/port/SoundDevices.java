package vn.loalang.controller.port;

import java.io.IOException;
import vn.loalang.controller.core.Output;

/** Opens a device for one playback. */
@FunctionalInterface
public interface SoundDevices {
    /**
     * @param play what is going to sound
     * @param offsetMs position in the content of the first sample that will be written
     * @throws IOException if there is no such device or its file cannot be made
     */
    SoundDevice open(Output.Play play, long offsetMs) throws IOException;
}
