package vn.loalang.sound;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import vn.loalang.sound.SoundException.Reason;

/**
 * Reads WAV: RIFF and RF64 with any chunks before the data, PCM of 8 to 32 bits, float of 32 or 64 bits, A-law and µ-law, also
 * inside WAVE_FORMAT_EXTENSIBLE. A data chunk that promises more than the file holds is read as far as it goes.
 */
public final class WavReader implements PcmSource {

    private static final int MOST_CHANNELS = 64;
    private static final int LEAST_RATE = 100;
    private static final int MOST_RATE = 768_000;
    private static final long UNKNOWN = 0xFFFF_FFFFL;

    private enum Coding {
        UNSIGNED_8,
        SIGNED,
        FLOAT,
        A_LAW,
        MU_LAW
    }

    private final InputStream in;
    private final Coding coding;
    private final int sampleRate;
    private final int channels;
    private final int sampleBytes;
    private final long promisedBytes;
    private final long dataAt;
    private long leftBytes;
    private byte[] bytes = new byte[0];

    private WavReader(InputStream in, Format format, long dataAt, long dataBytes) {
        this.dataAt = dataAt;
        this.in = in;
        this.coding = format.coding;
        this.sampleRate = format.sampleRate;
        this.channels = format.channels;
        this.sampleBytes = format.sampleBytes;
        this.promisedBytes = dataBytes;
        this.leftBytes = dataBytes;
    }

    private record Format(Coding coding, int sampleRate, int channels, int sampleBytes) {}

    /**
     * Opens a WAV file and reads up to its first sample.
     *
     * @throws SoundException if it is not a WAV that this class reads
     * @throws IOException if reading fails
     */
    public static WavReader open(Path file) throws IOException {
        var in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        try {
            return open(in);
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    /** Tells whether the first twelve bytes of a file are those of a WAV. */
    static boolean looksLikeWav(byte[] head, int length) {
        if (length < 12) {
            return false;
        }
        String id = ascii(head, 0);
        return (id.equals("RIFF") || id.equals("RF64") || id.equals("BW64"))
                && ascii(head, 8).equals("WAVE");
    }

    private static WavReader open(InputStream in) throws IOException {
        byte[] head = in.readNBytes(12);
        if (!looksLikeWav(head, head.length)) {
            throw new SoundException(Reason.UNKNOWN_FORMAT, "no RIFF/WAVE signature");
        }
        Format format = null;
        long bigDataBytes = -1;
        long at = 12;
        while (true) {
            byte[] chunk = in.readNBytes(8);
            if (chunk.length < 8) {
                throw new SoundException(
                        format == null ? Reason.BROKEN_HEADER : Reason.NO_SOUND, "the file ends before a data chunk");
            }
            at += 8;
            String id = ascii(chunk, 0);
            long size = little(chunk).getInt(4) & 0xFFFF_FFFFL;
            if (id.equals("data")) {
                if (format == null) {
                    throw new SoundException(Reason.BROKEN_HEADER, "data before fmt");
                }
                long bytes = size == UNKNOWN && bigDataBytes >= 0 ? bigDataBytes : size;
                if (size == UNKNOWN && bigDataBytes < 0) {
                    bytes = Long.MAX_VALUE;
                }
                return new WavReader(in, format, at, bytes);
            }
            if (id.equals("fmt ")) {
                format = format(readChunk(in, size));
            } else if (id.equals("ds64")) {
                byte[] ds64 = readChunk(in, size);
                if (ds64.length >= 16) {
                    bigDataBytes = Math.max(0, little(ds64).getLong(8));
                }
            } else {
                skip(in, size);
            }
            if (size % 2 == 1) {
                skip(in, 1);
            }
            at += size + size % 2;
        }
    }

    private static byte[] readChunk(InputStream in, long size) throws IOException {
        int take = (int) Math.min(size, 4096);
        byte[] content = in.readNBytes(take);
        if (content.length < take) {
            throw new SoundException(Reason.BROKEN_HEADER, "the file ends inside a chunk");
        }
        skip(in, size - take);
        return content;
    }

    private static void skip(InputStream in, long bytes) throws IOException {
        long left = bytes;
        while (left > 0) {
            long skipped = in.skip(left);
            if (skipped <= 0) {
                if (in.read() < 0) {
                    return; // the next chunk header will not be there, and that is reported
                }
                skipped = 1;
            }
            left -= skipped;
        }
    }

    private static Format format(byte[] chunk) throws SoundException {
        if (chunk.length < 16) {
            throw new SoundException(Reason.BROKEN_HEADER, "fmt chunk of " + chunk.length + " bytes");
        }
        ByteBuffer fmt = little(chunk);
        int code = fmt.getShort(0) & 0xFFFF;
        int channels = fmt.getShort(2) & 0xFFFF;
        long rate = fmt.getInt(4) & 0xFFFF_FFFFL;
        int blockBytes = fmt.getShort(12) & 0xFFFF;
        int bits = fmt.getShort(14) & 0xFFFF;
        if (code == 0xFFFE && chunk.length >= 26) {
            code = fmt.getShort(24) & 0xFFFF;
        }
        if (channels < 1 || channels > MOST_CHANNELS) {
            throw new SoundException(Reason.BROKEN_HEADER, channels + " channels");
        }
        if (rate < LEAST_RATE || rate > MOST_RATE) {
            throw new SoundException(Reason.BROKEN_HEADER, "sample rate " + rate + " Hz");
        }
        int sampleBytes = (bits + 7) / 8;
        if (blockBytes != 0 && blockBytes % channels == 0 && blockBytes / channels >= sampleBytes) {
            sampleBytes = blockBytes / channels;
        }
        Coding coding =
                switch (code) {
                    case 1 -> sampleBytes == 1 ? Coding.UNSIGNED_8 : Coding.SIGNED;
                    case 3 -> Coding.FLOAT;
                    case 6 -> Coding.A_LAW;
                    case 7 -> Coding.MU_LAW;
                    default ->
                        throw new SoundException(
                                Reason.UNSUPPORTED_CODING, "WAV coding 0x" + Integer.toHexString(code));
                };
        boolean possible =
                switch (coding) {
                    case UNSIGNED_8, A_LAW, MU_LAW -> sampleBytes == 1;
                    case SIGNED -> sampleBytes >= 2 && sampleBytes <= 4;
                    case FLOAT -> sampleBytes == 4 || sampleBytes == 8;
                };
        if (!possible) {
            throw new SoundException(Reason.UNSUPPORTED_CODING, coding + " of " + bits + " bits");
        }
        return new Format(coding, (int) rate, channels, sampleBytes);
    }

    @Override
    public int sampleRate() {
        return sampleRate;
    }

    @Override
    public int channels() {
        return channels;
    }

    /**
     * Returns how many moments a file of that length holds, whatever its header promises.
     *
     * @param fileBytes length of the file
     */
    long framesIn(long fileBytes) {
        return Math.max(0, Math.min(promisedBytes, fileBytes - dataAt)) / ((long) sampleBytes * channels);
    }

    /**
     * Tells whether the header promises more than a file of that length holds.
     *
     * @param fileBytes length of the file
     */
    boolean promisesMoreThan(long fileBytes) {
        return promisedBytes != Long.MAX_VALUE && promisedBytes > fileBytes - dataAt;
    }

    @Override
    public int read(float[] interleaved, int frames) throws IOException {
        int block = sampleBytes * channels;
        int wanted = (int) Math.min((long) frames, leftBytes / block);
        if (wanted == 0) {
            return -1;
        }
        if (bytes.length < wanted * block) {
            bytes = new byte[wanted * block];
        }
        int got = in.readNBytes(bytes, 0, wanted * block) / block;
        if (got == 0) {
            return -1;
        }
        leftBytes -= (long) got * block;
        ByteBuffer data = little(bytes);
        for (int i = 0, at = 0; i < got * channels; i++, at += sampleBytes) {
            interleaved[i] = sample(data, at);
        }
        return got;
    }

    private float sample(ByteBuffer data, int at) {
        return switch (coding) {
            case UNSIGNED_8 -> ((data.get(at) & 0xFF) - 128) / 128f;
            case SIGNED -> signed(data, at);
            case FLOAT -> finite(sampleBytes == 4 ? data.getFloat(at) : (float) data.getDouble(at));
            case A_LAW -> aLaw(data.get(at)) / 32768f;
            case MU_LAW -> muLaw(data.get(at)) / 32768f;
        };
    }

    private float signed(ByteBuffer data, int at) {
        int value = data.get(at + sampleBytes - 1);
        for (int i = sampleBytes - 2; i >= 0; i--) {
            value = (value << 8) | (data.get(at + i) & 0xFF);
        }
        return (float) value / (1L << (8 * sampleBytes - 1));
    }

    /** A file may hold infinities; one of them would poison every filter behind. */
    private static float finite(float value) {
        return Float.isFinite(value) ? Math.max(-16f, Math.min(16f, value)) : 0f;
    }

    /** ITU-T G.711, to 16 bits. */
    private static int aLaw(byte coded) {
        int a = coded ^ 0x55;
        int exponent = (a >> 4) & 7;
        int mantissa = (a & 0x0F) << 4;
        int magnitude = exponent == 0 ? mantissa + 8 : (mantissa + 0x108) << (exponent - 1);
        return (a & 0x80) != 0 ? magnitude : -magnitude;
    }

    /** ITU-T G.711, to 16 bits. */
    private static int muLaw(byte coded) {
        int u = ~coded;
        int magnitude = ((((u & 0x0F) << 3) + 0x84) << ((u >> 4) & 7)) - 0x84;
        return (u & 0x80) != 0 ? -magnitude : magnitude;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String ascii(byte[] bytes, int at) {
        return new String(bytes, at, 4, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
