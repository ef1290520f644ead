package vn.loalang.sound;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import vn.loalang.sound.SoundException.Reason;

/**
 * The only form of sound that is on the air: MPEG-2 Layer III, 24 kHz, mono, constant 48 kbit/s, without bit reservoir, CRC, tags
 * or Xing frame. Every frame is 144 bytes and 24 ms, so time and bytes convert by arithmetic and any frame may start a cut.
 *
 * <p>A file of <i>n</i> frames lasts exactly <i>n</i> × 24 ms and decodes to exactly <i>n</i> × 576 samples: the
 * {@value #DELAY_SAMPLES} samples of encoder and decoder delay are cut from the start, and as many samples of silence stand at the end.
 */
public final class CanonicalMp3 {

    /** Samples per second. */
    public static final int SAMPLE_RATE = 24_000;
    /** Samples in one frame. */
    public static final int FRAME_SAMPLES = 576;
    /** Bytes of one frame. */
    public static final int FRAME_BYTES = 144;
    /** Milliseconds of one frame. */
    public static final int FRAME_MILLIS = 24;
    /** Bytes per second of sound. */
    public static final int BYTES_PER_SECOND = 6_000;
    /** Delay of encoder (576) and decoder (529), in samples, that decoding removes. */
    public static final int DELAY_SAMPLES = 1105;

    /** Frames decoded and thrown away so that a start in the middle sounds exactly as in a decode from the start. */
    private static final int WARM_UP_FRAMES = 2;

    private CanonicalMp3() {}

    /**
     * Returns how long a canonical file lasts.
     *
     * @param bytes file length, a multiple of {@value #FRAME_BYTES}
     * @return milliseconds
     * @throws IllegalArgumentException if the length is negative or not whole frames
     */
    public static long durationMillis(long bytes) {
        return frames(bytes) * FRAME_MILLIS;
    }

    /**
     * Returns the number of frames in so many bytes.
     *
     * @throws IllegalArgumentException if the length is negative or not whole frames
     */
    public static long frames(long bytes) {
        if (bytes < 0 || bytes % FRAME_BYTES != 0) {
            throw new IllegalArgumentException("Not whole canonical frames: " + bytes + " bytes");
        }
        return bytes / FRAME_BYTES;
    }

    /**
     * Returns the frame that sounds at an instant of the file.
     *
     * @param fromStart time since the file's start; negative counts as zero
     */
    public static long frameAt(Duration fromStart) {
        return Math.max(0, fromStart.toMillis()) / FRAME_MILLIS;
    }

    /**
     * Returns the offset in bytes of the frame that sounds at an instant of the file.
     *
     * @param fromStart time since the file's start; negative counts as zero
     */
    public static long byteOffset(Duration fromStart) {
        return frameAt(fromStart) * FRAME_BYTES;
    }

    /**
     * Tells whether four bytes are the header of a canonical frame (private, copyright and original bits are free).
     *
     * @param bytes array holding the header
     * @param at index of its first byte
     */
    static boolean isFrameHeader(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) == 0xFF
                && (bytes[at + 1] & 0xFF) == 0xF3
                && (bytes[at + 2] & 0xFE) == 0x64
                && (bytes[at + 3] & 0xF3) == 0xC0;
    }

    /**
     * Decodes frames that follow others, as a live stream brings them; without a seam, and late by the decoder's delay.
     *
     * @param before the frames just before these, at least two, or fewer at the beginning
     * @param frames whole frames, at least one
     * @return {@value #FRAME_SAMPLES} samples for each of {@code frames}
     * @throws IOException if they are damaged
     * @throws IllegalArgumentException if the lengths are not whole frames
     */
    public static short[] decodeNext(byte[] before, byte[] frames) throws IOException {
        long skipped = frames(before.length) * FRAME_SAMPLES;
        int count = (int) frames(frames.length) * FRAME_SAMPLES;
        byte[] all = Arrays.copyOf(before, before.length + frames.length);
        System.arraycopy(frames, 0, all, before.length, frames.length);
        short[] samples = new short[count];
        try (var stream = new PcmStream(new ByteArrayInputStream(all), skipped, count)) {
            int got = 0;
            while (got < count) {
                int n = stream.read(samples, got, count - got);
                if (n < 0) {
                    break;
                }
                got += n;
            }
        }
        return samples;
    }

    /**
     * Reads a whole file and makes sure that it is canonical.
     *
     * @return its number of frames, at least 1
     * @throws SoundException with {@link Reason#NOT_CANONICAL} naming the first fault, or {@link Reason#EMPTY}
     * @throws IOException if reading fails
     */
    public static long check(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return check(in);
        }
    }

    /**
     * Reads a stream to its end and makes sure that it is canonical.
     *
     * @param in read to the end, not closed
     * @return number of frames, at least 1
     * @throws SoundException with {@link Reason#NOT_CANONICAL} naming the first fault, or {@link Reason#EMPTY}
     * @throws IOException if reading fails
     */
    public static long check(InputStream in) throws IOException {
        byte[] buffer = new byte[FRAME_BYTES * 256];
        long frames = 0;
        while (true) {
            int got = in.readNBytes(buffer, 0, buffer.length);
            for (int at = 0; at < got; at += FRAME_BYTES) {
                if (got - at < FRAME_BYTES) {
                    throw new SoundException(Reason.NOT_CANONICAL, "ends inside frame " + frames);
                }
                if (!isFrameHeader(buffer, at)) {
                    throw new SoundException(Reason.NOT_CANONICAL, "frame " + frames + " has another header");
                }
                if (buffer[at + 4] != 0) {
                    throw new SoundException(Reason.NOT_CANONICAL, "frame " + frames + " uses the bit reservoir");
                }
                frames++;
            }
            if (got < buffer.length) {
                break;
            }
        }
        if (frames == 0) {
            throw new SoundException(Reason.EMPTY, "no frame");
        }
        return frames;
    }

    /**
     * Opens a canonical file for decoding from its start.
     *
     * @throws IOException if the file cannot be read
     */
    public static PcmStream decode(Path file) throws IOException {
        return decode(file, 0);
    }

    /**
     * Opens a canonical file for decoding from any frame: the samples are the same as those that a decode from the start
     * gives from sample {@code fromFrame} × {@value #FRAME_SAMPLES} on.
     *
     * @param fromFrame 0 … number of frames (then nothing is left to read)
     * @throws SoundException if the length is not whole frames
     * @throws IOException if the file cannot be read
     */
    public static PcmStream decode(Path file, long fromFrame) throws IOException {
        long bytes = Files.size(file);
        if (bytes % FRAME_BYTES != 0) {
            throw new SoundException(Reason.NOT_CANONICAL, bytes + " bytes are not whole frames");
        }
        long frames = bytes / FRAME_BYTES;
        if (fromFrame < 0 || fromFrame > frames) {
            throw new IllegalArgumentException("Frame " + fromFrame + " of " + frames);
        }
        // The sound of frame f comes out of the decoder DELAY_SAMPLES later, which is one frame and 529 samples.
        long firstFed = Math.max(0, fromFrame + 1 - WARM_UP_FRAMES);
        long drop = fromFrame * FRAME_SAMPLES + DELAY_SAMPLES - firstFed * FRAME_SAMPLES;
        var in = new BufferedInputStream(Files.newInputStream(file), 1 << 14);
        try {
            in.skipNBytes(firstFed * FRAME_BYTES);
            return new PcmStream(in, drop, (frames - fromFrame) * FRAME_SAMPLES);
        } catch (EOFException e) {
            in.close();
            throw new SoundException(Reason.NOT_CANONICAL, "the file became shorter while it was opened");
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }
}
