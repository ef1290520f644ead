package vn.loalang.controller.port;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import vn.loalang.controller.core.Output;
import vn.loalang.sound.CanonicalMp3;
import vn.loalang.sound.WavWriter;

/**
 * The loudspeaker of machines without a sound card: one WAV file per playback, written at the pace of the monotonic clock. A
 * sample is written when its time is over, never before, so the file never holds more than a listener would have heard.
 *
 * <p>The file is {@code <oid>-<start>.wav}, for a repetition of an emergency {@code <sid>.<rep>-<start>.wav}; beside it stands a
 * {@code .json} of that name with {@code oid} and {@code first} (observed wall
 * instant of the first sample, Unix ms), {@code offset} (its position in the content, ms), {@code at} (planned instant of
 * position 0, Unix ms) and {@code gain}.
 */
final class WavDevice implements SoundDevice {
    private final Path directory;
    private final String name;
    private final Clock wall;
    private final Output.Play play;
    private final long offsetMs;
    private final WavWriter file;
    private long epochNanos;
    private long written;
    private long refreshed;

    private WavDevice(Path directory, String name, Clock wall, Output.Play play, long offsetMs) throws IOException {
        this.directory = directory;
        this.name = name;
        this.wall = wall;
        this.play = play;
        this.offsetMs = offsetMs;
        this.file = WavWriter.create(directory.resolve(name + ".wav"), CanonicalMp3.SAMPLE_RATE, 1);
    }

    /** Files in a directory, which is made when absent. */
    static SoundDevices in(Path directory, Clock wall) {
        return new SoundDevices() {
            @Override
            public SoundDevice open(Output.Play play, long offsetMs) throws IOException {
                Files.createDirectories(directory);
                return new WavDevice(
                        directory, play.name().replace('#', '.') + "-" + play.start(), wall, play, offsetMs);
            }

            /** A file can be made here and takes a quarter of a second. */
            @Override
            public void check() throws IOException {
                Files.createDirectories(directory);
                var attempt = Files.createTempFile(directory, "check", ".tmp");
                try {
                    Files.write(attempt, new byte[CanonicalMp3.SAMPLE_RATE / 2]);
                } finally {
                    Files.deleteIfExists(attempt);
                }
            }
        };
    }

    @Override
    public void write(short[] samples, int count) throws IOException {
        if (written == 0) begin();
        var due = epochNanos + (written + count) * 1_000_000_000L / CanonicalMp3.SAMPLE_RATE;
        for (var left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            if (Thread.currentThread().isInterrupted()) throw new IOException("Stopped while sounding");
            LockSupport.parkNanos(left);
        }
        file.write(samples, 0, count);
        written += count;
    }

    @Override
    public long played() throws IOException {
        file.refresh();
        refreshed = written;
        return refreshed;
    }

    @Override
    public void drain() throws IOException {
        file.refresh();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private void begin() throws IOException {
        epochNanos = System.nanoTime();
        var text = String.format(
                Locale.ROOT,
                "{\"oid\":\"%s\",\"start\":%d,\"first\":%d,\"offset\":%d,\"at\":%d,\"gain\":%.4f}%n",
                play.name(),
                play.start(),
                wall.millis(),
                offsetMs,
                play.plannedAt(),
                play.gain());
        var beside = directory.resolve(name + ".json.new");
        Files.write(beside, text.getBytes(StandardCharsets.UTF_8));
        Files.move(
                beside,
                directory.resolve(name + ".json"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }
}
