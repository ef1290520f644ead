package vn.loalang.controller.port;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import vn.loalang.controller.core.Sound;
import vn.loalang.protocol.Event.Failure;
import vn.loalang.sound.CanonicalMp3;
import vn.loalang.sound.PcmStream;
import vn.loalang.sound.Siren;
import vn.loalang.sound.SoundException;

/** The pieces of a playback, one after the other, as one stream of samples without a seam. For one thread. */
final class Samples implements AutoCloseable {
    private static final int RATE = CanonicalMp3.SAMPLE_RATE;
    private static final double MICROPHONE_HZ = 1_000;
    private static final double MICROPHONE_PEAK = 0.2 * Short.MAX_VALUE;

    private final List<Sound> pieces;
    private final Path assets;
    private final LocalInputs inputs;
    private final LiveFeed feed;
    private int index;
    /** Position in the present piece. */
    private long at;

    private @Nullable PcmStream stream;
    private LocalInputs.@Nullable Listening listening;

    /**
     * @param assets directory of files named by hash
     * @param inputs what can be listened to here
     * @param feed where live sound comes in
     * @param from sample to begin at
     */
    Samples(List<Sound> pieces, Path assets, LocalInputs inputs, LiveFeed feed, long from) throws SoundTrouble {
        this.pieces = pieces;
        this.assets = assets;
        this.inputs = inputs;
        this.feed = feed;
        var skip = from;
        while (index < pieces.size() && skip >= length(pieces.get(index))) skip -= length(pieces.get(index++));
        at = skip;
    }

    /** Reads on without listening. */
    void discard(long samples) throws SoundTrouble {
        var sink = new short[CanonicalMp3.FRAME_SAMPLES];
        for (var left = samples; left > 0; ) {
            var got = read(sink, (int) Math.min(left, sink.length));
            if (got < 0) return;
            left -= got;
        }
    }

    /** Reads up to {@code count} samples; −1 at the end of the last piece. */
    int read(short[] into, int count) throws SoundTrouble {
        while (index < pieces.size()) {
            var piece = pieces.get(index);
            var left = length(piece) - at;
            var got = left <= 0 ? -1 : fill(piece, into, (int) Math.min(left, count));
            if (got > 0) {
                at += got;
                return got;
            }
            closeStream();
            index++;
            at = 0;
        }
        return -1;
    }

    @Override
    public void close() throws IOException {
        if (stream != null) stream.close();
        if (listening != null) listening.close();
    }

    private static long length(Sound piece) {
        return piece.millis() * RATE / 1000;
    }

    private int fill(Sound piece, short[] into, int count) throws SoundTrouble {
        if (piece instanceof Sound.Live live) {
            if (at == 0) feed.begin(live.sid());
            return feed.read(live.sid(), into, count, System.nanoTime());
        }
        if (piece instanceof Sound.Recording recording) return recorded(recording, into, count);
        if (piece instanceof Sound.Relay relay) return heard(relay.input(), into, count);
        if (piece instanceof Sound.Microphone && inputs.has(LocalInputs.MICROPHONE)) {
            return heard(LocalInputs.MICROPHONE, into, count);
        }
        if (piece instanceof Sound.Tone tone) blasts(tone, into, count);
        else if (piece instanceof Sound.Chime) Siren.chime(at, into, 0, count);
        else microphone(into, count);
        return count;
    }

    private int recorded(Sound.Recording recording, short[] into, int count) throws SoundTrouble {
        try {
            var open = stream;
            if (open == null) {
                var file = assets.resolve(recording.asset().hash().hex());
                open = CanonicalMp3.decode(file, at / CanonicalMp3.FRAME_SAMPLES);
                stream = open;
                var odd = (int) (at % CanonicalMp3.FRAME_SAMPLES);
                var skipped = new short[CanonicalMp3.FRAME_SAMPLES];
                for (var left = odd; left > 0; ) {
                    var got = open.read(skipped, 0, left);
                    if (got < 0) break;
                    left -= got;
                }
            }
            return open.read(into, 0, count);
        } catch (NoSuchFileException e) {
            throw new SoundTrouble(Failure.STORAGE, e);
        } catch (SoundException | IllegalArgumentException e) {
            throw new SoundTrouble(Failure.CODEC, e);
        } catch (IOException e) {
            throw new SoundTrouble(stream == null ? Failure.STORAGE : Failure.CODEC, e);
        }
    }

    private int heard(String input, short[] into, int count) throws SoundTrouble {
        try {
            var open = listening;
            if (open == null) {
                open = inputs.open(input, at);
                listening = open;
            }
            open.read(into, count);
            return count;
        } catch (IOException e) {
            throw new SoundTrouble(Failure.LINE, e);
        }
    }

    private void blasts(Sound.Tone tone, short[] into, int count) {
        var on = tone.onMs() * RATE / 1000;
        var cycle = on + tone.offMs() * RATE / 1000;
        for (int done = 0; done < count; ) {
            var within = (at + done) % cycle;
            var silent = within >= on;
            var part = (int) Math.min(count - done, (silent ? cycle : on) - within);
            if (silent) Arrays.fill(into, done, done + part, (short) 0);
            else Siren.blast(tone.pattern(), on, within, into, done, part);
            done += part;
        }
    }

    /** Without a microphone a plain tone stands for the person who speaks. */
    private void microphone(short[] into, int count) {
        for (int i = 0; i < count; i++) {
            into[i] = (short) (MICROPHONE_PEAK * Math.sin(2 * Math.PI * MICROPHONE_HZ * (at + i) / RATE));
        }
    }

    private void closeStream() throws SoundTrouble {
        var open = stream;
        var heard = listening;
        stream = null;
        listening = null;
        try {
            if (open != null) open.close();
            if (heard != null) heard.close();
        } catch (IOException e) {
            throw new SoundTrouble(Failure.CODEC, e);
        }
    }
}
