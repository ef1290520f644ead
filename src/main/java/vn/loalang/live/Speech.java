package vn.loalang.live;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import vn.loalang.sound.CanonicalEncoder;
import vn.loalang.sound.CanonicalMp3;
import vn.loalang.sound.Siren;
import vn.loalang.sound.WavWriter;

/**
 * What one person says, on its way: into a WAV file as it comes, and as chunks of {@value #CHUNK_MILLIS} ms to the air, each
 * with the moment it is for. One chunk follows the other without a seam; where sound came too late for that, listeners hear
 * silence and then the rest with the usual delay. Not for use by several threads.
 */
final class Speech {
    /** Length of a chunk. */
    static final int CHUNK_MILLIS = 480;

    private static final int CHUNK_BYTES = CHUNK_MILLIS * CanonicalMp3.BYTES_PER_SECOND / 1000;
    private static final int CHIME_SAMPLES = Siren.CHIME_MILLIS * CanonicalMp3.SAMPLE_RATE / 1000;
    /** Silence behind a chime, so that no stroke is held back in the encoder. */
    private static final int TAIL_SAMPLES = CanonicalMp3.SAMPLE_RATE / 5;
    /** A chunk that would reach the loudspeakers with less time in hand than this starts a new line of time. */
    private static final Duration LEAST = Duration.ofMillis(300);
    /** Sound that would be heard so much later than usual is left out: somebody's network was away and came back. */
    private static final Duration MOST_BEHIND = Duration.ofMillis(600);

    private final Duration jitter;
    private final WavWriter record;
    private final BiConsumer<Instant, byte[]> air;
    private final ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    private final CanonicalEncoder encoder = new CanonicalEncoder(encoded);
    private @Nullable Instant next;
    private long spoken;

    /**
     * @param jitter how long controllers hold sound back
     * @param record receives everything that is said, not the chimes
     * @param air takes the moment a chunk is for, and the chunk
     */
    Speech(Duration jitter, WavWriter record, BiConsumer<Instant, byte[]> air) {
        this.jitter = jitter;
        this.record = record;
        this.air = air;
    }

    /** Samples said so far. */
    long spoken() {
        return spoken;
    }

    /**
     * Takes the next samples.
     *
     * @throws IOException if they cannot be recorded
     */
    void hear(short[] pcm, Instant now) throws IOException {
        record.write(pcm, 0, pcm.length);
        record.refresh();
        spoken += pcm.length;
        encoder.write(pcm, 0, pcm.length);
        send(now, true);
    }

    /**
     * Sends the chime, the whole of it at once.
     *
     * @return when it is over
     */
    Instant chime(Instant now) throws IOException {
        var samples = new short[CHIME_SAMPLES + TAIL_SAMPLES];
        Siren.chime(0, samples, 0, CHIME_SAMPLES);
        encoder.write(samples, 0, samples.length);
        send(now, false);
        return next == null ? now : next;
    }

    /**
     * Sends what is left, then a chime; nothing may be said afterwards.
     *
     * @return when the last sound is over
     */
    Instant end(Instant now) throws IOException {
        try (record) {
            var samples = new short[CHIME_SAMPLES];
            Siren.chime(0, samples, 0, CHIME_SAMPLES);
            encoder.write(samples, 0, samples.length);
            encoder.finish();
            send(now, false);
            var rest = encoded.toByteArray();
            if (rest.length > 0) {
                put(rest, now, false);
            }
            return next == null ? now : next;
        }
    }

    private void send(Instant now, boolean inTime) {
        if (encoded.size() < CHUNK_BYTES) {
            return;
        }
        var all = encoded.toByteArray();
        var at = 0;
        for (; all.length - at >= CHUNK_BYTES; at += CHUNK_BYTES) {
            put(Arrays.copyOfRange(all, at, at + CHUNK_BYTES), now, inTime);
        }
        encoded.reset();
        encoded.write(all, at, all.length - at);
    }

    private void put(byte[] chunk, Instant now, boolean inTime) {
        var due = next == null || Duration.between(now, next).compareTo(LEAST) < 0 ? now.plus(jitter) : next;
        if (inTime && Duration.between(now, due).compareTo(jitter.plus(MOST_BEHIND)) > 0) {
            return;
        }
        next = due.plusMillis(CanonicalMp3.durationMillis(chunk.length));
        air.accept(due, chunk);
    }
}
