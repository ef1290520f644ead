package vn.loalang.controller.port;

import java.io.IOException;

/** Where samples go, in real time: 16-bit mono at 24 kHz. Used by one thread, for one playback. */
public interface SoundDevice extends AutoCloseable {
    /**
     * Gives samples away; waits so that they leave in real time.
     *
     * @throws IOException if the device or its file fails
     */
    void write(short[] samples, int count) throws IOException;

    /** Samples that have truly left so far and would be found after a power cut. */
    long played() throws IOException;

    /** Lets what was written sound to its end. */
    void drain() throws IOException;

    @Override
    void close() throws IOException;
}
