package vn.loalang.controller.port;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.DataLine;
import javax.sound.sampled.LineUnavailableException;
import javax.sound.sampled.TargetDataLine;
import vn.loalang.sound.CanonicalMp3;
import vn.loalang.sound.SoundFile;
import vn.loalang.sound.WavReader;

/**
 * What a plan item or the talk key may listen to: {@code line}, {@code fm} and {@code mic}, each either the sound card's input or
 * a WAV file, which stands for a receiver that repeats it for ever.
 */
public final class LocalInputs {
    /** The microphone at the box. */
    static final String MICROPHONE = "mic";

    private static final Set<String> NAMES = Set.of("line", "fm", MICROPHONE);
    private static final String CARD = "card";
    private static final Duration LONGEST = Duration.ofHours(12);
    private static final AudioFormat FORMAT = new AudioFormat(CanonicalMp3.SAMPLE_RATE, Short.SIZE, 1, true, false);
    private static final int CARD_BUFFER_BYTES = CanonicalMp3.SAMPLE_RATE * 2 / 5;
    private static final int CHUNK_FRAMES = 1_024;

    private final Map<String, String> sources;

    private LocalInputs(Map<String, String> sources) {
        this.sources = Map.copyOf(sources);
    }

    /** A box without any. */
    public static LocalInputs none() {
        return new LocalInputs(Map.of());
    }

    /**
     * Inputs by name.
     *
     * @param sources {@code card}, or the path of a WAV file of 24 kHz
     * @throws IllegalArgumentException if a name is none of line, fm and mic, or a file cannot be used
     */
    public static LocalInputs of(Map<String, String> sources) {
        var usable = new HashMap<String, String>();
        sources.forEach((name, source) -> {
            if (!NAMES.contains(name)) throw new IllegalArgumentException("An input is line, fm or mic, not " + name);
            if (!source.equals(CARD)) check(Path.of(source));
            usable.put(name, source);
        });
        return new LocalInputs(usable);
    }

    private static void check(Path file) {
        try {
            var facts = SoundFile.inspect(file, LONGEST);
            if (facts.kind() != SoundFile.Kind.WAV || facts.sampleRate() != CanonicalMp3.SAMPLE_RATE) {
                throw new IllegalArgumentException(file + " must be a WAV file of 24 kHz");
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Names of those that there are. */
    public Set<String> names() {
        return new TreeSet<>(sources.keySet());
    }

    boolean has(String name) {
        return sources.containsKey(name);
    }

    /** One input while somebody listens. For one thread. */
    interface Listening extends AutoCloseable {
        /** Fills the array up to {@code count}; waits for the input if need be. */
        void read(short[] into, int count) throws IOException;

        @Override
        void close() throws IOException;
    }

    /**
     * Begins to listen.
     *
     * @param atSample for a file: where its receiver would be now
     * @throws IOException if there is no such input, or it is taken
     */
    Listening open(String name, long atSample) throws IOException {
        var source = sources.get(name);
        if (source == null) throw new IOException("This box has no input " + name);
        return source.equals(CARD) ? new Card() : new Recording(Path.of(source), atSample);
    }

    /** The sound card's input through JavaSound. */
    private static final class Card implements Listening {
        private final TargetDataLine line;
        private final AudioInputStream stream;
        private final byte[] bytes = new byte[2 * CHUNK_FRAMES];

        Card() throws IOException {
            try {
                line = (TargetDataLine) AudioSystem.getLine(new DataLine.Info(TargetDataLine.class, FORMAT));
                line.open(FORMAT, CARD_BUFFER_BYTES);
                line.start();
                stream = new AudioInputStream(line);
            } catch (LineUnavailableException | IllegalArgumentException | SecurityException e) {
                throw new IOException("The sound card has no input: " + e.getMessage(), e);
            }
        }

        @Override
        public void read(short[] into, int count) throws IOException {
            for (int done = 0; done < count; ) {
                int wanted = Math.min(count - done, CHUNK_FRAMES);
                if (stream.readNBytes(bytes, 0, 2 * wanted) < 2 * wanted) {
                    throw new IOException("The input of the sound card fell silent");
                }
                for (int i = 0; i < wanted; i++) {
                    into[done + i] = (short) ((bytes[2 * i] & 0xFF) | (bytes[2 * i + 1] << 8));
                }
                done += wanted;
            }
        }

        @Override
        public void close() {
            line.close();
        }
    }

    /** A WAV file, again and again. */
    private static final class Recording implements Listening {
        private final Path file;
        private WavReader wav;

        Recording(Path file, long atSample) throws IOException {
            this.file = file;
            this.wav = WavReader.open(file);
            var skip = atSample % samples(file);
            var waste = new short[CHUNK_FRAMES];
            for (var left = skip; left > 0; left -= Math.min(left, waste.length)) {
                read(waste, (int) Math.min(left, waste.length));
            }
        }

        @Override
        public void read(short[] into, int count) throws IOException {
            var frames = new float[CHUNK_FRAMES * wav.channels()];
            for (int done = 0; done < count; ) {
                var got = wav.read(frames, Math.min(count - done, CHUNK_FRAMES));
                if (got <= 0) {
                    wav.close();
                    wav = WavReader.open(file);
                    continue;
                }
                for (int i = 0; i < got; i++) into[done + i] = mixed(frames, i);
                done += got;
            }
        }

        private static long samples(Path file) throws IOException {
            var length = SoundFile.inspect(file, LONGEST).duration().toNanos();
            return Math.max(1, length / (1_000_000_000 / CanonicalMp3.SAMPLE_RATE));
        }

        private short mixed(float[] frames, int index) {
            var sum = 0f;
            for (int c = 0; c < wav.channels(); c++) sum += frames[index * wav.channels() + c];
            return (short) Math.max(
                    Short.MIN_VALUE, Math.min(Short.MAX_VALUE, Math.round(sum / wav.channels() * Short.MAX_VALUE)));
        }

        @Override
        public void close() throws IOException {
            wav.close();
        }
    }
}
