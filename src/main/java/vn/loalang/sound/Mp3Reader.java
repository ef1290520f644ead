package vn.loalang.sound;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import javazoom.jl.decoder.Bitstream;
import javazoom.jl.decoder.BitstreamException;
import javazoom.jl.decoder.Decoder;
import javazoom.jl.decoder.DecoderException;
import javazoom.jl.decoder.Header;
import javazoom.jl.decoder.SampleBuffer;
import org.jspecify.annotations.Nullable;
import vn.loalang.sound.SoundException.Reason;

/**
 * Decodes any MP3 of one sample rate, to stereo or mono as the file begins. A frame that cannot be decoded becomes silence of its
 * length, so the time line holds.
 *
 * <p>Uses mp3spi's engine (jlayer) frame by frame, because its JavaSound stream ends at the first bad frame.
 */
final class Mp3Reader implements PcmSource {

    private final Mp3FrameWalker walker;
    private final Feed feed = new Feed();
    private final int sampleRate;
    private final int channels;
    private Mp3FrameWalker.@Nullable Frame coming;
    private @Nullable Bitstream bits;
    private @Nullable Decoder decoder;
    private final float[] ready;
    private int readyAt;
    private int readyEnd;
    private int frameSamples;
    private long damaged;

    /** Frames handed to the decoder and not yet come out. */
    private int inside;

    Mp3Reader(Path file) throws IOException {
        walker = new Mp3FrameWalker(file);
        try {
            coming = walker.next();
        } catch (IOException e) {
            walker.close();
            throw e;
        }
        if (coming == null) {
            walker.close();
            throw new SoundException(Reason.NO_SOUND, "no MP3 frame");
        }
        sampleRate = coming.sampleRate();
        channels = coming.mono() ? 1 : 2;
        frameSamples = coming.samples();
        ready = new float[1152 * 2];
    }

    @Override
    public int sampleRate() {
        return sampleRate;
    }

    @Override
    public int channels() {
        return channels;
    }

    /** Returns how many frames were replaced by silence so far. */
    long damagedFrames() {
        return damaged;
    }

    @Override
    public int read(float[] interleaved, int frames) throws IOException {
        if (readyAt == readyEnd && !decodeFrame()) {
            return -1;
        }
        int got = Math.min(frames, (readyEnd - readyAt) / channels);
        System.arraycopy(ready, readyAt, interleaved, 0, got * channels);
        readyAt += got * channels;
        return got;
    }

    private boolean decodeFrame() throws IOException {
        if (bits == null) {
            if (coming == null) {
                return false;
            }
            bits = new Bitstream(feed);
            decoder = new Decoder();
            feed.mono = coming.mono();
        }
        readyAt = 0;
        readyEnd = frameSamples * channels;
        Arrays.fill(ready, 0, readyEnd, 0f);
        Bitstream stream = bits;
        Decoder engine = decoder;
        if (engine == null) {
            throw new IllegalStateException("no decoder");
        }
        try {
            Header header = stream.readFrame();
            if (header == null) {
                bits = null;
                return drainLost() || decodeFrame();
            }
            inside--;
            var pcm = (SampleBuffer) engine.decodeFrame(header, stream);
            if (!take(pcm)) {
                damaged++;
            }
        } catch (BitstreamException e) {
            // The stream of frames confused the decoder: count what it swallowed and begin afresh with the next.
            bits = null;
            return drainLost() || decodeFrame();
        } catch (DecoderException | RuntimeException e) {
            damaged++; // the decoder indexes tables with bits of the file
        }
        stream.closeFrame();
        return true;
    }

    /** Gives silence for a frame that went into the decoder and did not come out. */
    private boolean drainLost() {
        if (inside > 0) {
            inside--;
            damaged++;
            return true;
        }
        return false;
    }

    private boolean take(SampleBuffer pcm) {
        short[] samples = pcm.getBuffer();
        int from = pcm.getChannelCount();
        if (pcm.getBufferLength() != frameSamples * from) {
            return false;
        }
        for (int i = 0; i < frameSamples; i++) {
            float left = samples[i * from] / 32768f;
            float right = from == 2 ? samples[i * 2 + 1] / 32768f : left;
            if (channels == 2) {
                ready[2 * i] = left;
                ready[2 * i + 1] = right;
            } else {
                ready[i] = from == 2 ? (left + right) / 2 : left;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        walker.close();
    }

    /** The clean elementary stream: frame after frame, up to a change between mono and stereo, where a new decoder must begin. */
    private final class Feed extends InputStream {

        private final byte[] frame = new byte[4096];
        private int at;
        private int end;
        private boolean mono;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (at == end) {
                var next = coming;
                if (next == null || next.mono() != mono) {
                    return -1;
                }
                walker.copy(next, frame);
                at = 0;
                end = next.bytes();
                inside++;
                coming = walker.next();
            }
            int got = Math.min(length, end - at);
            System.arraycopy(frame, at, into, offset, got);
            at += got;
            return got;
        }
    }
}
