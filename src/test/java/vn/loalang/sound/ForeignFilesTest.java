package vn.loalang.sound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that nobody here made; skipped where the folder of them is absent. */
class ForeignFilesTest {

    private static final Path FOLDER = Stream.of("../shared/data/audio", "../../shared/data/audio")
            .map(Path::of)
            .filter(Files::isDirectory)
            .findFirst()
            .orElse(Path.of("absent"));

    @TempDir
    Path folder;

    private record Row(String file, String verdict, String codec, double seconds) {
        boolean ours() {
            return codec.equals("mp3") || (codec.startsWith("pcm_") && !file.endsWith(".aiff"));
        }
    }

    @Test
    void eachIsAcceptedWithItsTrueLengthOrRefusedForAReason() throws IOException {
        var soft = new SoftAssertions();
        int seen = 0;
        for (Row row : rows()) {
            Path file = FOLDER.resolve("files").resolve(row.file);
            if (!Files.exists(file)) {
                continue;
            }
            seen++;
            long began = cpuNanos();
            try {
                // Long ones are only walked; decoding them would take time and tell nothing new.
                double seconds = row.seconds > 200
                        ? SoundFile.inspect(file, Duration.ofHours(4))
                                        .duration()
                                        .toMillis()
                                / 1000.0
                        : master(file, row);
                soft.assertThat(row.verdict).as(row.file + " was accepted").doesNotStartWith("REJECT");
                // One MP3 stands behind such junk that the table took it for another format.
                if (row.ours() || !row.verdict.startsWith("MISMATCH")) {
                    soft.assertThat(row.ours())
                            .as(row.file + " is of a kind we read")
                            .isTrue();
                    soft.assertThat(seconds)
                            .as(row.file)
                            .isCloseTo(row.seconds, within(Math.max(0.15, row.seconds * 0.02)));
                }
            } catch (SoundException e) {
                soft.assertThat(row.verdict.equals("ACCEPT") && row.ours())
                        .as(row.file + " was refused: " + e.getMessage())
                        .isFalse();
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                soft.fail(row.file + " failed: " + e, e);
            }
            soft.assertThat(Duration.ofNanos(cpuNanos() - began)).as(row.file).isLessThan(Duration.ofSeconds(10));
        }
        assertThat(seen).isPositive();
        soft.assertAll();
    }

    /** This thread's own work: a busy machine is not the file's fault. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private double master(Path file, Row row) throws IOException {
        Path canonical = folder.resolve("canonical");
        var result = new Mastering(Mastering.Target.PROGRAMME, Duration.ofHours(4), part -> {})
                .master(file, canonical, folder.resolve("spool"));
        assertThat(result.duration().minus(result.source().duration()).abs())
                .as(row.file + " on the air")
                .isLessThan(Duration.ofMillis(200));
        return result.source().duration().toMillis() / 1000.0;
    }

    private static List<Row> rows() throws IOException {
        assumeTrue(Files.isDirectory(FOLDER.resolve("files")), "no foreign audio files here");
        var rows = new ArrayList<Row>();
        for (String line : Files.readAllLines(FOLDER.resolve("expected.tsv"))) {
            String[] cells = line.split("\t", -1);
            if (!cells[0].equals("file")) {
                rows.add(new Row(cells[0], cells[1], cells[3], Double.parseDouble(cells[6])));
            }
        }
        return rows;
    }
}
