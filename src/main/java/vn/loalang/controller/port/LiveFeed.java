package vn.loalang.controller.port;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import vn.loalang.controller.core.Output;
import vn.loalang.protocol.Sid;
import vn.loalang.sound.CanonicalMp3;

/**
 * Chunks of live sound between the network and the loudspeaker: decoded when they come, played at their moment; where there is
 * none, silence. Safe for one thread that gives and one that plays.
 */
final class LiveFeed {
    private static final int WARM_UP_BYTES = 2 * CanonicalMp3.FRAME_BYTES;
    private static final long SAMPLES_PER_MS = CanonicalMp3.SAMPLE_RATE / 1_000;
    /** The loudspeaker's clock and ours may drift apart; beyond this a jump is better than waiting (PRI-4). */
    private static final long DRIFT = 200 * SAMPLES_PER_MS;
    /** Moments are told in whole ms: a chunk this close to the end of the one before it follows it without a seam. */
    private static final long SEAM = 40 * SAMPLES_PER_MS;
    /** What nobody plays is thrown away. */
    private static final long STALE = 30_000 * SAMPLES_PER_MS;

    private final Map<Sid, Channel> channels = new HashMap<>();

    /** Moments are sample numbers of the monotonic clock. */
    private static final class Channel {
        final TreeMap<Long, short[]> chunks = new TreeMap<>();
        byte[] before = new byte[0];
        long end = Long.MIN_VALUE / 2;
        long last = Long.MAX_VALUE;
        /** Moment of the next sample to be read. */
        @Nullable
        Long cursor;
    }

    private static long sample(long nanos) {
        return Math.floorDiv(nanos * SAMPLES_PER_MS, 1_000_000L);
    }

    /** A chunk that is due so many milliseconds from now. */
    synchronized void take(Output.Chunk chunk, long nowNanos) {
        var now = sample(nowNanos);
        channels.values().removeIf(channel -> channel.end > Long.MIN_VALUE / 2 && channel.end < now - STALE);
        var channel = channels.computeIfAbsent(chunk.sid(), sid -> new Channel());
        var bytes = chunk.bytes().toArray();
        var due = now + chunk.inMs() * SAMPLES_PER_MS;
        if (Math.abs(due - channel.end) < SEAM) due = channel.end;
        if (bytes.length > 0) {
            channel.chunks.put(due, decoded(channel.before, bytes));
            channel.before = tail(channel.before, bytes);
            channel.end = due + CanonicalMp3.frames(bytes.length) * CanonicalMp3.FRAME_SAMPLES;
        }
        if (chunk.last()) channel.last = Math.max(due, channel.end);
    }

    private static short[] decoded(byte[] before, byte[] bytes) {
        try {
            return CanonicalMp3.decodeNext(before, bytes);
        } catch (IOException damaged) {
            return new short[0];
        }
    }

    private static byte[] tail(byte[] before, byte[] bytes) {
        var all = new ByteArrayOutputStream();
        all.writeBytes(before);
        all.writeBytes(bytes);
        var joined = all.toByteArray();
        return Arrays.copyOfRange(joined, Math.max(0, joined.length - WARM_UP_BYTES), joined.length);
    }

    /** A new playback begins where time is now. */
    synchronized void begin(Sid sid) {
        var channel = channels.get(sid);
        if (channel != null) channel.cursor = null;
    }

    /**
     * Samples that are due now; −1 after the last chunk.
     *
     * @param nowNanos the moment at which the first of them will sound
     */
    synchronized int read(Sid sid, short[] into, int count, long nowNanos) {
        Arrays.fill(into, 0, count, (short) 0);
        var channel = channels.get(sid);
        if (channel == null) return count;
        var now = sample(nowNanos);
        var cursor = channel.cursor;
        var at = cursor == null || Math.abs(cursor - now) > DRIFT ? now : cursor;
        if (at >= channel.last) {
            channels.remove(sid);
            return -1;
        }
        for (int i = 0; i < count; i++) {
            var chunk = channel.chunks.floorEntry(at + i);
            if (chunk == null) continue;
            var index = at + i - chunk.getKey();
            if (index < chunk.getValue().length) into[i] = chunk.getValue()[(int) index];
        }
        channel.cursor = at + count;
        channel.chunks.headMap(at - CanonicalMp3.SAMPLE_RATE * 2L).clear();
        return count;
    }
}
