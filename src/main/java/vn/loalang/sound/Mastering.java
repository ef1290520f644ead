package vn.loalang.sound;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.DoubleConsumer;

/**
 * Makes the canonical file of any sound that we read: one channel, 24 kHz, without the rumble that horn loudspeakers turn into heat,
 * at an even loudness, limited, encoded, and measured again as it will be heard. What is all that already is taken as it is. The same input always gives the same bytes. Works
 * through a spool file, so memory does not grow with length.
 */
public final class Mastering {

    /**
     * How loud the result shall be.
     *
     * @param lufs integrated loudness of the mono channel
     * @param truePeakDb highest true peak of the decoded result, dB of full scale
     * @param mostGainDb most that a quiet recording is raised
     */
    public record Target(double lufs, double truePeakDb, double mostGainDb) {
        /** Speech and music. */
        public static final Target PROGRAMME = new Target(-18, -2, 12);
        /** Alarm signals, which shall stand out. */
        public static final Target ALARM = new Target(-12, -2, 24);
    }

    /**
     * The canonical file as measured after decoding it.
     *
     * @param frames of 24 ms
     * @param source what the original holds
     * @param damagedFrames frames of the original that became silence
     * @param lufs integrated loudness, negative infinity if silent
     * @param truePeakDb true peak
     * @param gainDb gain that was applied before limiting
     * @param peaks highest absolute value in each of {@link #PEAKS} equal parts, 0 … 255
     */
    @SuppressWarnings("ArrayRecordComponent") // carried to storage, never compared
    public record Result(
            long frames,
            SoundFile.Facts source,
            long damagedFrames,
            double lufs,
            double truePeakDb,
            double gainDb,
            byte[] peaks) {

        /** Returns the exact duration on the air. */
        public Duration duration() {
            return Duration.ofMillis(frames * CanonicalMp3.FRAME_MILLIS);
        }

        /** Tells that nothing can be heard. */
        public boolean silent() {
            return lufs == Double.NEGATIVE_INFINITY;
        }
    }

    /** Number of peaks in a drawing of the wave. */
    public static final int PEAKS = 600;

    private static final double HIGH_PASS_HERTZ = 190;
    /** The limiter works this far below the permitted peak, since encoding adds a little. */
    private static final double CODEC_MARGIN_DB = 1;

    private static final double CLOSE_ENOUGH_LU = 0.3;
    private static final double TOLERANCE_LU = 0.9;
    private static final int MOST_ROUNDS = 4;
    private static final int PART = 4096;
    /** The spool holds half values, since filters may overshoot full scale. */
    private static final float SPOOL_SCALE = 0.5f;

    private final Target target;
    private final Duration longest;
    private final DoubleConsumer progress;

    /**
     * @param target loudness of the result
     * @param longest longest original to accept
     * @param progress receives the part done, 0 … 1; may throw to stop the work
     */
    public Mastering(Target target, Duration longest, DoubleConsumer progress) {
        this.target = target;
        this.longest = longest;
        this.progress = progress;
    }

    /**
     * Makes a canonical file.
     *
     * @param original file to read
     * @param canonical file to write; forced to disk when this returns, deleted when this throws
     * @param spool a path for an intermediate file of 48 kB per second, deleted at the end
     * @throws SoundException if the original is not sound that we read, or too long
     * @throws IOException if reading or writing fails
     */
    public Result master(Path original, Path canonical, Path spool) throws IOException {
        boolean done = false;
        try {
            SoundFile.Facts facts = SoundFile.inspect(original, longest);
            progress.accept(0.05);
            if (isCanonical(original)) {
                Result asItIs = measure(original, facts, 0, 0);
                if (fits(asItIs)) {
                    copy(original, canonical);
                    progress.accept(1);
                    done = true;
                    return asItIs;
                }
            }
            Measured flat = spool(original, facts, spool);
            Result result = encodeWithin(flat, facts, spool, canonical);
            done = true;
            return result;
        } finally {
            Files.deleteIfExists(spool);
            if (!done) {
                Files.deleteIfExists(canonical);
            }
        }
    }

    private boolean fits(Result result) {
        return Math.abs(result.lufs - target.lufs) <= 1 && result.truePeakDb <= target.truePeakDb;
    }

    private static boolean isCanonical(Path file) throws IOException {
        try {
            CanonicalMp3.check(file);
            return true;
        } catch (SoundException e) {
            return false;
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        try (var file = FileChannel.open(to, StandardOpenOption.WRITE)) {
            file.force(true);
        }
    }

    private record Measured(long samples, long damaged, double lufs, double truePeakDb) {}

    /** Decodes, mixes to one channel, resamples and filters into the spool, and measures what is there. */
    private Measured spool(Path original, SoundFile.Facts facts, Path spool) throws IOException {
        long expected = Math.max(1, facts.duration().toMillis() * CanonicalMp3.SAMPLE_RATE / 1000);
        var meter = new LoudnessMeter(CanonicalMp3.SAMPLE_RATE, 1);
        var peak = new TruePeak();
        var highPass = Biquad.highPass(HIGH_PASS_HERTZ, CanonicalMp3.SAMPLE_RATE);
        try (var in = SoundFile.open(original);
                var out = new Spool(spool, true)) {
            var resampler = new Resampler(in.sampleRate(), CanonicalMp3.SAMPLE_RATE);
            float[] part = new float[PART * in.channels()];
            float[] mono = new float[PART];
            float[] resampled = new float[resampler.mostOutput(PART)];
            while (true) {
                int got = in.read(part, PART);
                int made;
                if (got > 0) {
                    mix(part, in.channels(), mono, got);
                    made = resampler.process(mono, got, resampled);
                } else {
                    made = resampler.finish(resampled);
                }
                for (int i = 0; i < made; i++) {
                    resampled[i] = (float) highPass.next(resampled[i]);
                }
                meter.add(resampled, made);
                peak.add(resampled, made);
                out.write(resampled, made);
                progress.accept(0.05 + 0.45 * Math.min(1, (double) out.samples / expected));
                if (got < 0) {
                    break;
                }
            }
            if (out.samples == 0) {
                throw new SoundException(SoundException.Reason.NO_SOUND, "nothing could be decoded");
            }
            long damaged = in instanceof Mp3Reader mp3 ? mp3.damagedFrames() : 0;
            return new Measured(out.samples, damaged, meter.integrated(), TruePeak.decibels(peak.finish()));
        }
    }

    private Result encodeWithin(Measured flat, SoundFile.Facts facts, Path spool, Path canonical) throws IOException {
        double ceiling = target.truePeakDb - CODEC_MARGIN_DB;
        double gain = flat.lufs == Double.NEGATIVE_INFINITY ? 0 : gainFor(flat, spool, ceiling);
        for (int round = 1; ; round++) {
            progress.accept(0.7);
            encode(spool, gain, ceiling, canonical);
            progress.accept(0.9);
            Result heard = measure(canonical, facts, flat.damaged, gain);
            double excess = heard.truePeakDb - target.truePeakDb;
            double missing = target.lufs - heard.lufs;
            boolean tooLoud = excess > 0;
            boolean offTarget =
                    !heard.silent() && Math.abs(missing) > TOLERANCE_LU && (missing < 0 || gain < target.mostGainDb);
            if (round == MOST_ROUNDS || !(tooLoud || offTarget)) {
                progress.accept(1);
                return heard;
            }
            if (tooLoud) {
                ceiling -= excess + 0.1;
            }
            if (offTarget) {
                gain = Math.min(target.mostGainDb, gain + missing);
            }
        }
    }

    /** Finds the gain that reaches the loudness behind the limiter, which takes some of it away again. */
    private double gainFor(Measured flat, Path spool, double ceiling) throws IOException {
        double gain = Math.min(target.mostGainDb, target.lufs - flat.lufs);
        if (flat.truePeakDb + gain <= ceiling) {
            return gain;
        }
        for (int round = 1; round < MOST_ROUNDS; round++) {
            progress.accept(0.5 + 0.05 * round);
            var meter = new LoudnessMeter(CanonicalMp3.SAMPLE_RATE, 1);
            limited(spool, gain, ceiling, meter::add);
            double missing = target.lufs - meter.integrated();
            if (Math.abs(missing) < CLOSE_ENOUGH_LU || (missing > 0 && gain >= target.mostGainDb)) {
                break;
            }
            gain = Math.min(target.mostGainDb, gain + missing);
        }
        return gain;
    }

    private interface Samples {
        void take(float[] samples, int count) throws IOException;
    }

    private void encode(Path spool, double gain, double ceiling, Path canonical) throws IOException {
        try (var file = FileChannel.open(
                        canonical,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
                var out = new BufferedOutputStream(Channels.newOutputStream(file), 1 << 16)) {
            var encoder = new CanonicalEncoder(out);
            limited(spool, gain, ceiling, (samples, count) -> encoder.write(samples, 0, count));
            encoder.finish();
            out.flush();
            file.force(true);
        }
    }

    private void limited(Path spool, double gainDb, double ceilingDb, Samples to) throws IOException {
        float gain = (float) TruePeak.factor(gainDb);
        var limiter = new Limiter(ceilingDb);
        float[] part = new float[PART];
        int early = Limiter.DELAY;
        try (var in = new Spool(spool, false)) {
            while (true) {
                int got = in.read(part);
                boolean end = got < 0;
                if (end) {
                    got = Limiter.DELAY;
                    Arrays.fill(part, 0, got, 0f);
                }
                for (int i = 0; i < got; i++) {
                    part[i] = limiter.next(part[i] * gain);
                }
                int drop = Math.min(early, got);
                early -= drop;
                System.arraycopy(part, drop, part, 0, got - drop);
                to.take(part, got - drop);
                if (end) {
                    return;
                }
            }
        }
    }

    private Result measure(Path canonical, SoundFile.Facts facts, long damaged, double gain) throws IOException {
        var meter = new LoudnessMeter(CanonicalMp3.SAMPLE_RATE, 1);
        var peak = new TruePeak();
        byte[] peaks = new byte[PEAKS];
        try (var in = CanonicalMp3.decode(canonical)) {
            short[] pcm = new short[PART];
            float[] samples = new float[PART];
            for (int got = in.read(pcm, 0, PART); got > 0; got = in.read(pcm, 0, PART)) {
                long at = in.position() - got;
                for (int i = 0; i < got; i++) {
                    samples[i] = pcm[i] / 32768f;
                    int bucket = (int) ((at + i) * PEAKS / in.length());
                    int value = Math.min(255, Math.abs(pcm[i]) >> 7);
                    if (value > (peaks[bucket] & 0xFF)) {
                        peaks[bucket] = (byte) value;
                    }
                }
                meter.add(samples, got);
                peak.add(samples, got);
            }
            return new Result(
                    in.length() / CanonicalMp3.FRAME_SAMPLES,
                    facts,
                    damaged,
                    meter.integrated(),
                    TruePeak.decibels(peak.finish()),
                    gain,
                    peaks);
        }
    }

    private static void mix(float[] interleaved, int channels, float[] mono, int count) {
        for (int i = 0; i < count; i++) {
            float sum = 0;
            for (int c = 0; c < channels; c++) {
                sum += interleaved[i * channels + c];
            }
            mono[i] = sum / channels;
        }
    }

    /** Samples of one channel on disk, 16 bits each. */
    private static final class Spool implements AutoCloseable {

        private final FileChannel file;
        private final ByteBuffer buffer = ByteBuffer.allocate(PART * Short.BYTES);
        private long samples;

        Spool(Path path, boolean write) throws IOException {
            file = write
                    ? FileChannel.open(
                            path,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)
                    : FileChannel.open(path, StandardOpenOption.READ);
        }

        void write(float[] values, int count) throws IOException {
            for (int at = 0; at < count; at += PART) {
                buffer.clear();
                for (int i = at; i < Math.min(count, at + PART); i++) {
                    long value = Math.round(values[i] * SPOOL_SCALE * 32767.0);
                    buffer.putShort((short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, value)));
                }
                buffer.flip();
                while (buffer.hasRemaining()) {
                    file.write(buffer);
                }
            }
            samples += count;
        }

        int read(float[] values) throws IOException {
            buffer.clear();
            while (buffer.hasRemaining() && file.read(buffer) >= 0) {
                // until it is full or the file ends
            }
            buffer.flip();
            int got = buffer.limit() / Short.BYTES;
            for (int i = 0; i < got; i++) {
                values[i] = (float) (buffer.getShort() / (32767.0 * SPOOL_SCALE));
            }
            return got == 0 ? -1 : got;
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
