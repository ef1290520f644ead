package vn.loalang.sound;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes 16-bit PCM into a WAV file that is valid after every {@link #refresh()}, whatever happens to the process afterwards: the
 * header never promises more than has been written. Not for use by several threads.
 */
public final class WavWriter implements AutoCloseable {

    private static final int HEADER_BYTES = 44;
    private static final long MOST_DATA_BYTES = 0xFFFF_FFFFL - HEADER_BYTES;

    private final FileChannel file;
    private final int channels;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN);
    private long dataBytes;

    private WavWriter(FileChannel file, int sampleRate, int channels) throws IOException {
        this.file = file;
        this.channels = channels;
        buffer.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(HEADER_BYTES - 8);
        buffer.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
        buffer.putShort((short) 1).putShort((short) channels).putInt(sampleRate);
        buffer.putInt(sampleRate * channels * 2)
                .putShort((short) (channels * 2))
                .putShort((short) 16);
        buffer.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(0);
        drain();
    }

    /**
     * Creates a file, or empties an existing one, and writes a valid header of no samples.
     *
     * @param sampleRate samples per second, at least 1
     * @param channels 1 or 2
     * @throws IOException if the file cannot be written
     */
    public static WavWriter create(Path path, int sampleRate, int channels) throws IOException {
        if (sampleRate < 1 || channels < 1 || channels > 2) {
            throw new IllegalArgumentException("WAV of " + sampleRate + " Hz and " + channels + " channels");
        }
        var file = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        try {
            return new WavWriter(file, sampleRate, channels);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Appends samples (interleaved when there are two channels).
     *
     * @throws IOException if writing fails or the file would exceed 4 GB
     */
    public void write(short[] samples, int offset, int count) throws IOException {
        if (dataBytes + 2L * count > MOST_DATA_BYTES) {
            throw new IOException("A WAV file cannot hold more than 4 GB");
        }
        for (int i = 0; i < count; i++) {
            if (buffer.remaining() < 2) {
                drain();
            }
            buffer.putShort(samples[offset + i]);
        }
        dataBytes += 2L * count;
    }

    /** Returns the number of samples written per channel. */
    public long frames() {
        return dataBytes / 2 / channels;
    }

    /**
     * Hands everything to the operating system and lets the header say so: from now on a killed process leaves at least this much.
     * Does not force it to the disk.
     *
     * @throws IOException if writing fails
     */
    public void refresh() throws IOException {
        drain();
        put(4, dataBytes + HEADER_BYTES - 8);
        put(HEADER_BYTES - 4, dataBytes);
    }

    /** Refreshes and closes; may be called twice. */
    @Override
    public void close() throws IOException {
        if (file.isOpen()) {
            try (file) {
                refresh();
            }
        }
    }

    private void put(long at, long unsigned) throws IOException {
        var four = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        four.putInt((int) unsigned).flip();
        while (four.hasRemaining()) {
            file.write(four, at + four.position());
        }
    }

    private void drain() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            file.write(buffer);
        }
        buffer.clear();
    }
}
