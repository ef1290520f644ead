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
    private static final int RATE = CanonicalMp3.SAMPLE_RATE;
    private static final int WARM_UP_BYTES = 2 * CanonicalMp3.FRAME_BYTES;
    private static final long NANOS = 1_000_000_000L;
    /** The loudspeaker's clock and ours may drift apart; beyond this a jump is better than waiting (PRI-4). */
    private static final long DRIFT_NANOS = 200_000_000;
    /** What nobody plays is thrown away. */
    private static final long STALE_NANOS = 30 * NANOS;

    private final Map<Sid, Channel> channels = new HashMap<>();

    private static final class Channel {
        final TreeMap<Long, short[]> chunks = new TreeMap<>();
        byte[] before = new byte[0];
        long lastNanos = Long.MAX_VALUE;
        /** Moment of the next sample to be read. */
        @Nullable
        Long cursor;
    }

    /** A chunk that is due so many milliseconds from now. */
    synchronized void take(Output.Chunk chunk, long nowNanos) {
        channels.values()
                .removeIf(channel -> !channel.chunks.isEmpty() && channel.chunks.lastKey() < nowNanos - STALE_NANOS);
        var channel = channels.computeIfAbsent(chunk.sid(), sid -> new Channel());
        var bytes = chunk.bytes().toArray();
        var due = nowNanos + chunk.inMs() * 1_000_000;
        if (bytes.length > 0) {
            channel.chunks.put(due, decoded(channel.before, bytes));
            channel.before = tail(channel.before, bytes);
        }
        if (chunk.last()) channel.lastNanos = due + bytes.length / CanonicalMp3.FRAME_BYTES * 24_000_000L;
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
        var cursor = channel.cursor;
        var at = cursor == null || Math.abs(cursor - nowNanos) > DRIFT_NANOS ? nowNanos : cursor;
        if (at >= channel.lastNanos) {
            channels.remove(sid);
            return -1;
        }
        for (int i = 0; i < count; i++) {
            var moment = at + i * NANOS / RATE;
            var chunk = channel.chunks.floorEntry(moment);
            if (chunk == null) continue;
            var index = (int) ((moment - chunk.getKey()) * RATE / NANOS);
            if (index < chunk.getValue().length) into[i] = chunk.getValue()[index];
        }
        channel.cursor = at + count * NANOS / RATE;
        channel.chunks.headMap(at - NANOS).clear();
        return count;
    }
}
