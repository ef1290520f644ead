package vn.loalang.sound;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import vn.loalang.sound.SoundException.Reason;

/**
 * Walks an MP3 file from frame to frame and so knows its true length, which no header does. Steps over ID3v2 tags of any size, APE
 * and ID3v1 tags, junk before, between and behind the frames, and the Xing, Info or VBRI frame that holds no sound.
 *
 * <p>A frame counts as one only in a chain of frames of the same kind, since four bytes that look like a header turn up in any data.
 */
final class Mp3FrameWalker implements AutoCloseable {

    /**
     * One frame of sound.
     *
     * @param at offset of its first byte
     * @param bytes length including header
     * @param sampleRate samples per second
     * @param mono one channel instead of two
     * @param samples per channel
     */
    record Frame(long at, int bytes, int sampleRate, boolean mono, int samples) {}

    private static final int WINDOW = 1 << 17;
    /** Frames in a row that make us believe in a stream. */
    private static final int CHAIN = 3;
    /** Frames in a row of another kind that make us believe in a second stream rather than in junk. */
    private static final int FOREIGN_CHAIN = 8;

    private static final int MOST_FREE_FORMAT_BYTES = 4608;

    private static final int[] KBITS_1_LAYER_1 = {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448};
    private static final int[] KBITS_1_LAYER_2 = {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384};
    private static final int[] KBITS_1_LAYER_3 = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
    private static final int[] KBITS_2_LAYER_1 = {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256};
    private static final int[] KBITS_2_LAYER_23 = {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
    private static final int[] RATES = {44_100, 48_000, 32_000};

    /** What four bytes say as a header; {@code bytes} is 0 for a free-format frame. */
    private record Header(boolean version1, int layer, int sampleRate, boolean mono, int bytes, int samples) {
        boolean sameKind(@Nullable Header other) {
            return other != null
                    && version1 == other.version1
                    && layer == other.layer
                    && sampleRate == other.sampleRate;
        }
    }

    private final FileChannel file;
    private final long size;
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW).limit(0);
    private long windowAt;
    private long position;
    private @Nullable Header kind;
    private boolean firstOfChain = true;
    /** Junk since the last frame, which turns out to be inside when another frame follows. */
    private long junk;

    private long junkInside;
    private long promisedFrames = -1;
    private long frames;
    private boolean cutFrame;
    private boolean otherLayerSeen;
    private boolean freeFormatSeen;

    Mp3FrameWalker(Path path) throws IOException {
        this.file = FileChannel.open(path, StandardOpenOption.READ);
        this.size = file.size();
    }

    /**
     * Goes to the next frame.
     *
     * @return the frame, or null at the end
     * @throws SoundException if the sound turns into one of another rate, or there is only sound that we do not read
     * @throws IOException if reading fails
     */
    @Nullable
    Frame next() throws IOException {
        while (position < size) {
            Header header = header(position);
            Header known = kind;
            if (header != null && header.layer == 3 && header.bytes > 0 && (known == null || known.sameKind(header))) {
                if (position + header.bytes > size) {
                    if (known != null || isChain(position, header, 1)) {
                        cutFrame = known != null;
                        position = size;
                        break;
                    }
                } else if (!firstOfChain || isChain(position, header, known == null ? CHAIN : 2)) {
                    long at = position;
                    position += header.bytes;
                    boolean first = known == null;
                    kind = header;
                    firstOfChain = header(position) == null;
                    if (first && isInfoFrame(at, header)) {
                        continue;
                    }
                    frames++;
                    junkInside += junk;
                    junk = 0;
                    return new Frame(at, header.bytes, header.sampleRate, header.mono, header.samples);
                }
            }
            firstOfChain = true;
            long tag = tagLength(position);
            if (tag > 0) {
                position = Math.min(size, position + tag);
                continue;
            }
            if (header != null) {
                meetForeign(header);
            }
            if (kind != null) {
                junk++;
            }
            position++;
        }
        if (frames == 0) {
            if (otherLayerSeen) {
                throw new SoundException(Reason.NOT_LAYER_3, "MPEG sound of Layer I or II");
            }
            if (freeFormatSeen) {
                throw new SoundException(Reason.FREE_FORMAT, "MP3 in free format");
            }
        }
        return null;
    }

    /** Copies a frame's bytes. */
    void copy(Frame frame, byte[] into) throws IOException {
        for (int i = 0; i < frame.bytes; i++) {
            into[i] = (byte) at(frame.at + i);
        }
    }

    /** Returns how many bytes between frames were neither sound nor tag; what lies behind the last frame does not count. */
    long junkInside() {
        return junkInside;
    }

    /** Tells, at the end, whether the file stops inside a frame or holds fewer frames than its Xing header promised. */
    boolean truncated() {
        return cutFrame || (promisedFrames > 0 && frames < promisedFrames - Math.max(2, promisedFrames / 100));
    }

    private void meetForeign(Header header) throws IOException {
        if (header.layer == 3 && header.bytes == 0) {
            freeFormatSeen |= kind == null && isFreeFormatChain(position);
        } else if (header.layer != 3) {
            if (kind == null) {
                otherLayerSeen = otherLayerSeen || isChain(position, header, 4);
            }
        } else if (kind != null && !kind.sameKind(header) && isChain(position, header, FOREIGN_CHAIN)) {
            throw new SoundException(
                    Reason.MIXED_RATE,
                    kind.sampleRate + " Hz and then " + header.sampleRate + " Hz from byte " + position);
        }
    }

    /** Tells whether so many frames of one kind follow each other, or fewer (at least two) up to the end or a tag. */
    private boolean isChain(long from, Header first, int wanted) throws IOException {
        long at = from;
        Header header = first;
        for (int i = 1; i <= wanted; i++) {
            at += header.bytes;
            if (i == wanted) {
                return true;
            }
            if (at >= size || tagLength(at) > 0) {
                return i >= 2 || (at == size && from == 0) || (i >= 1 && kind != null);
            }
            Header next = header(at);
            if (!first.sameKind(next) || next == null || next.bytes == 0) {
                return false;
            }
            header = next;
        }
        return true;
    }

    private boolean isFreeFormatChain(long from) throws IOException {
        int word = word(from) & 0xFFFF_FDC0;
        for (int length = 24; length <= MOST_FREE_FORMAT_BYTES; length++) {
            if ((word(from + length) & 0xFFFF_FDC0) == word) {
                for (int padding = 0; padding <= 1; padding++) {
                    if ((word(from + 2L * length + padding) & 0xFFFF_FDC0) == word) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private boolean isInfoFrame(long at, Header header) throws IOException {
        int side = header.version1 ? (header.mono ? 17 : 32) : (header.mono ? 9 : 17);
        for (int crc = 0; crc <= 2; crc += 2) {
            long tag = at + 4 + side + crc;
            if (matches(tag, "Xing") || matches(tag, "Info")) {
                if ((word(tag + 4) & 1) != 0) {
                    promisedFrames = word(tag + 8) & 0xFFFF_FFFFL;
                }
                return true;
            }
        }
        return matches(at + 36, "VBRI");
    }

    /** Returns the length of a tag that starts here, or 0. */
    private long tagLength(long from) throws IOException {
        if (matches(from, "ID3") && at(from + 3) < 0xFF && at(from + 4) < 0xFF) {
            long length = 0;
            for (int i = 6; i < 10; i++) {
                int b = at(from + i);
                if (b < 0 || b > 0x7F) {
                    return 0;
                }
                length = (length << 7) | b;
            }
            length += (at(from + 5) & 0x10) != 0 ? 20 : 10;
            return from + length <= size ? length : 0;
        }
        if (size - from == 128 && matches(from, "TAG")) {
            return 128;
        }
        if (matches(from, "APETAGEX")) {
            long length = Integer.toUnsignedLong(Integer.reverseBytes(word(from + 12)));
            boolean isHeader = (word(from + 20) & 0x20) != 0; // bit 29 of a little-endian word
            long whole = isHeader ? 32 + length : 32;
            return from + whole <= size ? whole : 0;
        }
        return 0;
    }

    private @Nullable Header header(long from) throws IOException {
        if (at(from) != 0xFF || from + 4 > size) {
            return null;
        }
        int word = word(from);
        int version = (word >>> 19) & 3;
        int layerBits = (word >>> 17) & 3;
        int rateBits = (word >>> 12) & 15;
        int samplingBits = (word >>> 10) & 3;
        if ((word & 0xFFE0_0000) != 0xFFE0_0000
                || version == 1
                || layerBits == 0
                || rateBits == 15
                || samplingBits == 3
                || (word & 3) == 2) {
            return null;
        }
        boolean version1 = version == 3;
        int layer = 4 - layerBits;
        int sampleRate = RATES[samplingBits] >> (version1 ? 0 : version == 2 ? 1 : 2);
        int[] table = version1
                ? (layer == 1 ? KBITS_1_LAYER_1 : layer == 2 ? KBITS_1_LAYER_2 : KBITS_1_LAYER_3)
                : (layer == 1 ? KBITS_2_LAYER_1 : KBITS_2_LAYER_23);
        int bits = table[rateBits] * 1000;
        int padding = (word >>> 9) & 1;
        int samples = layer == 1 ? 384 : layer == 3 && !version1 ? 576 : 1152;
        int bytes;
        if (bits == 0) {
            bytes = 0;
        } else if (layer == 1) {
            bytes = (12 * bits / sampleRate + padding) * 4;
        } else {
            bytes = samples / 8 * bits / sampleRate + padding;
        }
        return new Header(version1, layer, sampleRate, ((word >>> 6) & 3) == 3, bytes, samples);
    }

    private boolean matches(long from, String ascii) throws IOException {
        byte[] wanted = ascii.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < wanted.length; i++) {
            if (at(from + i) != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    /** Four bytes, most significant first; 0 behind the end. */
    private int word(long from) throws IOException {
        if (from + 4 > size) {
            return 0;
        }
        return (at(from) << 24) | (at(from + 1) << 16) | (at(from + 2) << 8) | at(from + 3);
    }

    /** One byte, 0 … 255, or -1 behind the end. */
    private int at(long from) throws IOException {
        if (from < windowAt || from >= windowAt + window.limit()) {
            if (from >= size) {
                return -1;
            }
            // Look back a little too: chains are looked at ahead of the position.
            windowAt = Math.max(0, from - WINDOW / 4);
            window.clear();
            while (window.hasRemaining()) {
                if (file.read(window, windowAt + window.position()) < 0) {
                    break;
                }
            }
            window.flip();
            if (from >= windowAt + window.limit()) {
                return -1;
            }
        }
        return window.get((int) (from - windowAt)) & 0xFF;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
