package vn.loalang.sound;

import java.io.IOException;

/** Decoded sound of any rate and number of channels, read piece by piece. Not for use by several threads. */
public interface PcmSource extends AutoCloseable {

    /** Returns samples per second and channel. */
    int sampleRate();

    /** Returns the number of channels, at least 1. */
    int channels();

    /**
     * Reads the next moments.
     *
     * @param interleaved receives samples, full scale ±1; room for at least {@code frames} × {@link #channels()}
     * @param frames most moments to read, at least 1
     * @return how many moments were read, at least 1, or -1 at the end
     * @throws IOException if reading fails
     */
    int read(float[] interleaved, int frames) throws IOException;

    @Override
    void close() throws IOException;
}
