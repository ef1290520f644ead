package vn.loalang.conformance;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** What the controller's loudspeaker gave, from a directory of WAV files and their index. */
final class Capture {
    private static final int HEAD = 44;
    /** Root mean square above which 20 ms count as sound: −50 dB of full scale. */
    private static final double AUDIBLE = 100;

    private final Path directory;

    Capture(Path directory) {
        this.directory = directory;
    }

    /**
     * One stretch of sound.
     *
     * @param oid of the item, or {@code sid#rep}
     * @param first wall instant of the first sample, Unix ms
     * @param offset its position in the content, ms
     */
    @SuppressWarnings("ArrayRecordComponent") // samples, never compared
    record Sound(String oid, long first, long offset, int rate, short[] samples) {
        long millis() {
            return samples.length * 1000L / rate;
        }

        long end() {
            return first + millis();
        }

        /** Root mean square between two positions in ms. */
        double level(long fromMs, long toMs) {
            int from = (int) Math.min(samples.length, fromMs * rate / 1000);
            int to = (int) Math.min(samples.length, toMs * rate / 1000);
            double sum = 0;
            for (int i = from; i < to; i++) sum += (double) samples[i] * samples[i];
            return to > from ? Math.sqrt(sum / (to - from)) : 0;
        }

        /** Stretches that can be heard, as positions in ms; pauses below 100 ms do not count. */
        List<long[]> audible() {
            var stretches = new ArrayList<long[]>();
            long start = -1;
            long lastLoud = -1;
            for (long at = 0; at < millis(); at += 20) {
                boolean loud = level(at, at + 20) > AUDIBLE;
                if (loud && start < 0) start = at;
                if (loud) lastLoud = at + 20;
                if (!loud && start >= 0 && at - lastLoud >= 100) {
                    stretches.add(new long[] {start, lastLoud});
                    start = -1;
                }
            }
            if (start >= 0) stretches.add(new long[] {start, lastLoud});
            return stretches;
        }

        /** Frequency of a stretch, Hz, by its zero crossings. */
        double pitch(long fromMs, long toMs) {
            int from = (int) Math.min(samples.length - 1L, fromMs * rate / 1000);
            int to = (int) Math.min(samples.length - 1L, toMs * rate / 1000);
            int crossings = 0;
            for (int i = from + 1; i < to; i++) if (samples[i - 1] < 0 && samples[i] >= 0) crossings++;
            return to > from ? crossings * (double) rate / (to - from) : 0;
        }
    }

    /** Everything heard so far, in the order of its first samples. */
    List<Sound> sounds() {
        var sounds = new ArrayList<Sound>();
        if (!Files.isDirectory(directory)) return sounds;
        try (var files = Files.list(directory)) {
            for (var index : (Iterable<Path>) files.filter(f -> f.toString().endsWith(".json"))::iterator) {
                var name = index.getFileName().toString();
                var wav = index.resolveSibling(name.substring(0, name.length() - ".json".length()) + ".wav");
                if (!Files.exists(wav)) continue;
                var text = Files.readString(index);
                var bytes = ByteBuffer.wrap(Files.readAllBytes(wav)).order(ByteOrder.LITTLE_ENDIAN);
                if (bytes.capacity() < HEAD) continue;
                int rate = bytes.getInt(24);
                // The length in the head is refreshed while it grows; a crash may leave either behind.
                int count = Math.min(bytes.getInt(40), bytes.capacity() - HEAD) / 2;
                var samples = new short[Math.max(0, count)];
                bytes.position(HEAD);
                bytes.asShortBuffer().get(samples);
                sounds.add(new Sound(word(text, "oid"), number(text, "first"), number(text, "offset"), rate, samples));
            }
        } catch (IOException | IllegalArgumentException e) {
            throw Verdict.fail("The captured sound in " + directory + " cannot be read: " + e);
        }
        sounds.sort(Comparator.comparingLong(Sound::first));
        return sounds;
    }

    /** What was heard of one item or entry repetition. */
    List<Sound> of(String oid) {
        return sounds().stream().filter(s -> s.oid().equals(oid)).toList();
    }

    /** What was heard of one repetition in one piece, files joined. */
    Sound whole(String oid) {
        var parts = of(oid);
        if (parts.isEmpty()) return new Sound(oid, 0, 0, Audio.RATE, new short[0]);
        var first = parts.get(0);
        var all = first.samples();
        for (var part : parts.subList(1, parts.size())) {
            int gap = (int) Math.max(0, (part.first() - first.first()) * first.rate() / 1000 - all.length);
            int at = all.length + gap;
            all = Arrays.copyOf(all, at + part.samples().length);
            System.arraycopy(part.samples(), 0, all, at, part.samples().length);
        }
        return new Sound(oid, first.first(), first.offset(), first.rate(), all);
    }

    private static String word(String json, String name) {
        var matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]*)\"").matcher(json);
        return matcher.find() ? matcher.group(1) : "";
    }

    private static long number(String json, String name) {
        var matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*(-?\\d+)").matcher(json);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }
}
