package vn.loalang.controller.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.DeviceState.Order;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.ErrorCode;
import vn.loalang.protocol.LiveFrame;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.SignatureCheck;
import vn.loalang.protocol.Topics;
import vn.loalang.sound.CanonicalMp3;

/**
 * Live sound as it comes (§10, profile {@code live}): chunks signed by the session's own key, in rising order, each with the
 * moment it is for. What is late or wrong becomes silence; ten seconds without a good chunk are the end of it, until more come.
 */
final class LiveStreams {
    /** Without chunks for this long the link is lost (LIV-1). */
    static final long LOST_MS = 10_000;

    private static final int AHEAD = 64;
    /** How far apart sound and clock may be at the end of a stream. */
    private static final long DRIFT_MS = 500;

    private final Topics topics;
    private final SignatureCheck signatures;
    private final boolean able;
    private final TrustedTime time;
    private final SecurityCounters counters;
    private final Outputs out;
    private final Map<Sid, Stream> streams = new HashMap<>();

    private static final class Stream {
        final Entry entry;
        final Entry.Live content;
        final String topic;
        boolean subscribed;
        long lastNumber = -1;
        long heardMono = Long.MIN_VALUE;
        /** Moments of the chunks that are still to sound. */
        final TreeSet<Long> ahead = new TreeSet<>();

        @Nullable
        Long lastAt;

        Stream(Entry entry, Entry.Live content, String topic) {
            this.entry = entry;
            this.content = content;
            this.topic = topic;
        }
    }

    LiveStreams(Profile profile, TrustedTime time, SecurityCounters counters, Outputs out) {
        this.topics = new Topics(profile.claim().sys());
        this.signatures = profile.signatures();
        this.able = profile.live();
        this.time = time;
        this.counters = counters;
        this.out = out;
    }

    /** Whether this box takes such an entry's chunks; otherwise its {@code alt} sounds (PRO-6). */
    boolean takes(Entry entry) {
        return able && entry.content() instanceof Entry.Live live && Profile.CODECS.contains(live.codec());
    }

    /** What documents order now. */
    void inForce(List<Order> orders) {
        var gone = new HashMap<>(streams);
        for (var order : orders) {
            if (!(order.entry().content() instanceof Entry.Live live) || !takes(order.entry())) continue;
            var sid = order.entry().sid();
            var known = gone.remove(sid);
            var topic = topics.live(Objects.requireNonNull(order.row().to()), sid);
            if (known != null && known.content.equals(live)) {
                streams.put(sid, moved(known, order.entry(), topic));
                continue;
            }
            if (known != null) leave(known);
            streams.put(sid, new Stream(order.entry(), live, topic));
        }
        gone.forEach((sid, stream) -> {
            streams.remove(sid);
            leave(stream);
        });
    }

    /** The same session as another document has it; where that is another row's, its chunks come on that row's topic. */
    private Stream moved(Stream from, Entry entry, String topic) {
        var to = new Stream(entry, from.content, topic);
        if (from.topic.equals(topic)) to.subscribed = from.subscribed;
        else leave(from);
        to.lastNumber = from.lastNumber;
        to.heardMono = from.heardMono;
        to.ahead.addAll(from.ahead);
        to.lastAt = from.lastAt;
        return to;
    }

    private void leave(Stream stream) {
        if (stream.subscribed) out.add(new Output.Unsubscribe(List.of(stream.topic)));
    }

    /** The session is over, and its subscriptions with it. */
    void disconnected() {
        streams.values().forEach(stream -> stream.subscribed = false);
    }

    /** While welcomed: listens to what is not over. */
    void tick() {
        var now = time.now();
        if (now.isEmpty()) return;
        var fresh = new ArrayList<String>();
        for (var stream : streams.values()) {
            if (stream.subscribed || stream.entry.until() <= now.getAsLong()) continue;
            stream.subscribed = true;
            fresh.add(stream.topic);
        }
        if (!fresh.isEmpty()) out.add(new Output.Subscribe(fresh));
    }

    /** A chunk arrived. */
    void frame(LiveFrame frame) {
        var now = time.now();
        if (now.isEmpty()) return;
        for (var stream : streams.values()) {
            if (frame.isOf(stream.entry.sid())) take(stream, frame, now.getAsLong());
        }
    }

    private void take(Stream stream, LiveFrame frame, long now) {
        var entry = stream.entry;
        var millis = millis(frame);
        var fits = frame.n() > stream.lastNumber
                && millis >= 0
                && frame.playAt() >= entry.beg()
                && frame.playAt() < entry.until()
                && (frame.last() || frame.playAt() + millis > now)
                && stream.ahead.size() < AHEAD;
        if (!fits) return;
        if (!frame.isSignedBy(stream.content.pk(), signatures)) {
            counters.refused(ErrorCode.E_SIG, null, time.mono());
            return;
        }
        stream.lastNumber = frame.n();
        stream.heardMono = time.mono();
        if (frame.last()) stream.lastAt = frame.playAt() + millis;
        if (millis > 0) stream.ahead.add(frame.playAt());
        out.add(new Output.Chunk(entry.sid(), frame.playAt() - now, frame.last(), frame.payload()));
    }

    /** Length of a chunk; −1 for one that is no whole frames. */
    private static long millis(LiveFrame frame) {
        var bytes = frame.payload().size();
        return bytes % CanonicalMp3.FRAME_BYTES == 0
                ? (long) bytes / CanonicalMp3.FRAME_BYTES * CanonicalMp3.FRAME_MILLIS
                : -1;
    }

    /** Whether its sound is due: chunks come, and the first that is still to sound is for now. */
    boolean isDue(Sid sid) {
        var stream = streams.get(sid);
        var now = time.now();
        if (stream == null || now.isEmpty() || isOver(sid) || !flows(sid)) return false;
        forgetPast(stream, now.getAsLong());
        return !stream.ahead.isEmpty() && stream.ahead.first() <= now.getAsLong();
    }

    /** Whether chunks came within the last ten seconds. */
    boolean flows(Sid sid) {
        var stream = streams.get(sid);
        return stream != null && stream.heardMono != Long.MIN_VALUE && time.mono() - stream.heardMono < LOST_MS;
    }

    /** Whether its last chunk has sounded. */
    boolean isOver(Sid sid) {
        var stream = streams.get(sid);
        var now = time.now();
        return stream != null && stream.lastAt != null && now.isPresent() && stream.lastAt <= now.getAsLong();
    }

    /** Whether a loudspeaker that says it has come to the end is right: its clock may be a little ahead of ours (PRI-4). */
    boolean hasSounded(Sid sid) {
        var stream = streams.get(sid);
        var now = time.now();
        return stream != null
                && stream.lastAt != null
                && now.isPresent()
                && stream.lastAt <= now.getAsLong() + DRIFT_MS;
    }

    /** Uptime at which one of them becomes due, is over or is lost, as far as known now. */
    OptionalLong nextChange() {
        var now = time.now();
        if (now.isEmpty()) return OptionalLong.empty();
        var toMono = time.mono() - now.getAsLong();
        var wakes = new TreeSet<Long>();
        for (var stream : streams.values()) {
            var due = stream.ahead.higher(now.getAsLong());
            if (due != null) wakes.add(due + toMono);
            if (stream.lastAt != null) wakes.add(stream.lastAt + toMono);
            if (stream.heardMono != Long.MIN_VALUE) wakes.add(stream.heardMono + LOST_MS);
        }
        var next = wakes.higher(time.mono());
        return next == null ? OptionalLong.empty() : OptionalLong.of(next);
    }

    /** The chunk that sounds now stays: it says that the sound is due. */
    private static void forgetPast(Stream stream, long now) {
        stream.ahead.removeIf(at -> at + stream.content.ms() <= now);
    }
}
