import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Says how far apart the same sound left several WAV sinks. Arguments: their index files, beside each of which lies the WAV of the
 * same name. The moment of the first sample is the sink's own observation; the shift of the content is found by correlating the
 * samples, so a sink that skipped something at its start is found out.
 */
final class Apart {
    private static final int RATE = 24_000;
    private static final int LENGTH = 10 * RATE;
    private static final int MOST = RATE / 2;
    private static final Pattern OID = Pattern.compile("\"oid\":\"([^\"]+)\"");
    private static final Pattern FIRST = Pattern.compile("\"first\":(\\d+)");

    private record Take(Path file, String oid, long first, double[] samples) {}

    public static void main(String[] args) throws IOException {
        List<Take> takes = new ArrayList<>();
        for (String arg : args) takes.add(read(Path.of(arg)));
        double worst = 0;
        for (int i = 0; i < takes.size(); i++) {
            for (int j = i + 1; j < takes.size(); j++) {
                Take a = takes.get(i);
                Take b = takes.get(j);
                if (!a.oid().equals(b.oid())) continue;
                double apart = b.first() - a.first() - shift(a.samples(), b.samples()) * 1000.0 / RATE;
                worst = Math.max(worst, Math.abs(apart));
                System.out.printf("%s: %s and %s, %.2f ms apart%n", a.oid(), name(a), name(b), apart);
            }
        }
        System.out.printf("WAV sinks at the pace of the monotonic clock, %d of them: at most %.2f ms apart%n", takes.size(), worst);
    }

    private static String name(Take take) {
        return take.file().getParent().getParent().getFileName().toString();
    }

    /** By how many samples the content of b is ahead of that of a, by the largest correlation, coarse then fine. */
    private static int shift(double[] a, double[] b) {
        int best = 0;
        double highest = Double.NEGATIVE_INFINITY;
        for (int lag = -MOST; lag <= MOST; lag += 4) {
            double sum = correlate(a, b, lag, 8);
            if (sum > highest) {
                highest = sum;
                best = lag;
            }
        }
        int fine = best;
        highest = Double.NEGATIVE_INFINITY;
        for (int lag = best - 8; lag <= best + 8; lag++) {
            double sum = correlate(a, b, lag, 1);
            if (sum > highest) {
                highest = sum;
                fine = lag;
            }
        }
        return fine;
    }

    /** Sum over a[k + lag] * b[k]: positive lag means that b began further in the content. */
    private static double correlate(double[] a, double[] b, int lag, int step) {
        double sum = 0;
        for (int k = Math.max(0, -lag); k < Math.min(b.length, a.length - lag); k += step) sum += a[k + lag] * b[k];
        return sum;
    }

    private static Take read(Path index) throws IOException {
        String text = Files.readString(index);
        var oid = OID.matcher(text);
        var first = FIRST.matcher(text);
        if (!oid.find() || !first.find()) throw new IOException(index + " names no oid or first");
        Path wav = index.resolveSibling(index.getFileName().toString().replace(".json", ".wav"));
        byte[] bytes = Files.readAllBytes(wav);
        int count = Math.min(LENGTH, (bytes.length - 44) / 2);
        var pcm = ByteBuffer.wrap(bytes, 44, 2 * count).order(ByteOrder.LITTLE_ENDIAN);
        double[] samples = new double[count];
        for (int i = 0; i < count; i++) samples[i] = pcm.getShort();
        if (Arrays.stream(samples).allMatch(sample -> sample == 0)) throw new IOException(wav + " is silent");
        return new Take(index, oid.group(1), Long.parseLong(first.group(1)), samples);
    }
}
