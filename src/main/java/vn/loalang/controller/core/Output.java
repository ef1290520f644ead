package vn.loalang.controller.core;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.JournalFile;
import vn.loalang.protocol.Sid;

/**
 * What the core wants done. Outputs of one step are performed in order; {@link Persist} is atomic and on the disk before the
 * next one begins.
 */
public sealed interface Output {
    /**
     * Remember across power cuts.
     *
     * @param changes new text of a key, or empty to forget it
     */
    record Persist(Map<String, Optional<String>> changes) implements Output {}

    /**
     * Open the MQTT session; answered by {@link Input.Link}.
     *
     * @param will content of the last will on {@code u/{id}/st}
     * @param willTopic its topic
     * @param keepAliveSeconds {@code cfg.ka}
     */
    record Connect(String willTopic, Bytes will, int keepAliveSeconds) implements Output {}

    /** Subscribe at QoS 1, in this order; refusals come back as {@link Input.SubscriptionRefused}. */
    record Subscribe(List<String> topics) implements Output {}

    /** End subscriptions. */
    record Unsubscribe(List<String> topics) implements Output {}

    /** Publish one message. */
    record Publish(String topic, int qos, boolean retained, Bytes payload) implements Output {}

    /**
     * Fetch bytes {@code from} inclusive … {@code to} exclusive of an asset and append them to its part; answered by {@link
     * Input.Fetched}.
     *
     * @param url tried as it is
     * @param hash the asset
     */
    record Fetch(Hash hash, String url, long from, long to) implements Output {}

    /** Write a verified segment of an asset into its part, which grows as needed. */
    record Place(Hash hash, long offset, Bytes bytes) implements Output {}

    /** Copy an asset from the memory stick into its part; answered by {@link Input.Verified}. */
    record Bring(Hash hash, long size) implements Output {}

    /** Sign the journal with the box's own key and write it to the memory stick. */
    record Export(JournalFile journal) implements Output {}

    /** Put this image into the other slot and start again with it, on trial. */
    record Stage(Hash image, String version) implements Output {}

    /** The firmware on trial has proved itself. */
    record KeepFirmware(String version) implements Output {}

    /** The firmware on trial has not: start again with the old one. */
    record RevertFirmware(String version) implements Output {}

    /**
     * A chunk of live sound for {@link Sound.Live}.
     *
     * @param inMs when it is due, from now; negative for one that has begun
     * @param last nothing follows
     */
    record Chunk(Sid sid, long inMs, boolean last, Bytes bytes) implements Output {}

    /** Hash the whole part and make it a ready asset if it is right; answered by {@link Input.Verified}. */
    record Verify(Hash hash, long size) implements Output {}

    /** Throw away an asset, whole or in part. */
    record Discard(Hash hash) implements Output {}

    /**
     * Make ready, and sound from a moment on: now, or soon.
     *
     * @param play number of this playback, repeated in {@link SinkEvent}s
     * @param name what it is called: {@code oid}, {@code sid#rep}, or {@code siren}, {@code mic}, {@code beep}
     * @param start which start of this name it is, from 1
     * @param content in order
     * @param offsetMs position in the content to begin at
     * @param limitMs sound at most this long
     * @param gain linear factor for the samples
     * @param plannedAt Unix ms at which position 0 was planned
     * @param joining the position must keep up with time: whatever the sink loses until its first sample is skipped
     * @param dueMono uptime in ms at which the first sample is due
     */
    record Play(
            long play,
            String name,
            int start,
            List<Sound> content,
            long offsetMs,
            long limitMs,
            double gain,
            long plannedAt,
            boolean joining,
            long dueMono)
            implements Output {
        public Play {
            content = List.copyOf(content);
        }
    }

    /**
     * Change a running playback.
     *
     * @param limitMs from its beginning
     * @param dueMono as in {@link Play}; of no effect once the first sample has left
     */
    record Adjust(long play, long limitMs, double gain, long dueMono) implements Output {}

    /** Fade a running playback out within 300 ms; it reports {@link SinkEvent.Ended}. */
    record Fade(long play) implements Output {}

    /** Break off the {@link Fetch} that is on its way; it is answered all the same, with what has come. */
    record Abort() implements Output {}

    /** Start the box anew; nothing of this life follows. */
    record Restart() implements Output {}

    /** Look at amplifier and loudspeaker lines without a sound; answered by {@link Input.Measured}. */
    record Measure() implements Output {}

    /** Blink the lamp so that somebody on the road can see which box it is. */
    record Blink(int seconds) implements Output {}

    /** A calm line for a person: what happened and what happens next. */
    record Say(String line) implements Output {}
}
