package vn.loalang.sound;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javazoom.spi.mpeg.sampled.convert.MpegFormatConversionProvider;
import javazoom.spi.mpeg.sampled.file.MpegEncoding;

/**
 * Decoded canonical sound, 16-bit mono at 24 kHz, read bit by bit; holds a few frames in memory, never the file. Not for use by
 * several threads.
 *
 * <p>Decodes through mp3spi's JavaSound converter, which is named directly: asking {@link AudioSystem} would let every provider
 * on the class path look at the data, and mp3spi's own file reader buffers 2 MiB to guess what we know.
 */
public final class PcmStream implements AutoCloseable {

    private static final AudioFormat TARGET =
            new AudioFormat(CanonicalMp3.SAMPLE_RATE, Short.SIZE, 1, true, /* bigEndian= */ false);

    private final AudioInputStream decoded;
    private final long length;
    private final byte[] bytes = new byte[CanonicalMp3.FRAME_SAMPLES * 2 * 4];
    private long toDrop;
    private long position;
    private boolean ended;

    PcmStream(InputStream frames, long toDrop, long length) {
        this.toDrop = toDrop;
        this.length = length;
        if (length == 0) {
            this.decoded = new AudioInputStream(frames, TARGET, 0);
            this.ended = true;
            return;
        }
        var source = new AudioFormat(
                MpegEncoding.MPEG2L3,
                CanonicalMp3.SAMPLE_RATE,
                AudioSystem.NOT_SPECIFIED,
                1,
                AudioSystem.NOT_SPECIFIED,
                AudioSystem.NOT_SPECIFIED,
                false);
        this.decoded = new MpegFormatConversionProvider()
                .getAudioInputStream(TARGET, new AudioInputStream(frames, source, AudioSystem.NOT_SPECIFIED));
    }

    /** Returns the number of samples that this stream gives in all. */
    public long length() {
        return length;
    }

    /** Returns the number of samples read so far. */
    public long position() {
        return position;
    }

    /**
     * Reads samples.
     *
     * @param samples receives them
     * @param offset index of the first
     * @param count how many at most, at least 1
     * @return how many were read, at least 1, or -1 at the end
     * @throws IOException if reading fails or the content is damaged
     */
    public int read(short[] samples, int offset, int count) throws IOException {
        if (position >= length) {
            return -1;
        }
        int wanted = (int) Math.min(Math.min(count, length - position), bytes.length / 2);
        int got = ended ? 0 : decode(samples, offset, wanted);
        if (got == 0) {
            // The decoder's delay was cut from the start, so the end lacks as many samples.
            Arrays.fill(samples, offset, offset + wanted, (short) 0);
            got = wanted;
        }
        position += got;
        return got;
    }

    private int decode(short[] samples, int offset, int wanted) throws IOException {
        while (toDrop > 0) {
            int dropped = fill((int) Math.min(toDrop, bytes.length / 2));
            if (dropped == 0) {
                return 0;
            }
            toDrop -= dropped;
        }
        int got = fill(wanted);
        for (int i = 0; i < got; i++) {
            samples[offset + i] = (short) ((bytes[2 * i] & 0xFF) | (bytes[2 * i + 1] << 8));
        }
        return got;
    }

    /** Reads that many samples into {@link #bytes}; fewer only at the end. */
    private int fill(int samples) throws IOException {
        int wanted = samples * 2;
        int got = 0;
        try {
            while (got < wanted) {
                int n = decoded.read(bytes, got, wanted - got);
                if (n < 0) {
                    ended = true;
                    break;
                }
                got += n;
            }
        } catch (RuntimeException e) {
            // The decoder indexes tables with bits of the file.
            throw new IOException("Damaged sound after " + position + " samples", e);
        }
        return got / 2;
    }

    @Override
    public void close() throws IOException {
        decoded.close();
    }
}
