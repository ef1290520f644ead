package vn.loalang.controller.port;

import java.io.IOException;
import java.util.Optional;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.DataLine;
import javax.sound.sampled.LineUnavailableException;
import javax.sound.sampled.SourceDataLine;
import vn.loalang.controller.core.Output;
import vn.loalang.sound.CanonicalMp3;

/** A real sound card through JavaSound. */
final class LineDevice implements SoundDevice {
    private static final AudioFormat FORMAT = new AudioFormat(CanonicalMp3.SAMPLE_RATE, 16, 1, true, false);
    /** 400 ms: shorter underruns on busy machines, longer makes fades late. */
    private static final int BUFFER_BYTES = CanonicalMp3.SAMPLE_RATE * 2 * 4 / 10;
    /** Closing a line may swallow its last moments, so silence goes last. */
    private static final int TAIL_SAMPLES = CanonicalMp3.SAMPLE_RATE / 4;

    private final SourceDataLine line;
    private final byte[] bytes = new byte[4096];
    private long written;

    private LineDevice(SourceDataLine line) {
        this.line = line;
    }

    /** The machine's default card, or nothing where there is none. */
    static Optional<SoundDevices> find() {
        try {
            open().close();
            return Optional.of(new Card());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static final class Card implements SoundDevices {
        @Override
        public SoundDevice open(Output.Play play, long offsetMs) throws IOException {
            return LineDevice.open();
        }

        /** A quarter of a second of silence: a card that is asleep or gone takes none of it. */
        @Override
        public void check() throws IOException {
            try (var device = LineDevice.open()) {
                device.drain();
                if (device.line.getLongFramePosition() == 0) throw new IOException("The sound card stands still");
            }
        }
    }

    private static LineDevice open() throws IOException {
        try {
            var line = (SourceDataLine) AudioSystem.getLine(new DataLine.Info(SourceDataLine.class, FORMAT));
            line.open(FORMAT, BUFFER_BYTES);
            line.start();
            return new LineDevice(line);
        } catch (LineUnavailableException | IllegalArgumentException | SecurityException e) {
            // Without any card JavaSound throws IllegalArgumentException; a busy card is LineUnavailable.
            throw new IOException("No sound card: " + e.getMessage(), e);
        }
    }

    @Override
    public void write(short[] samples, int count) throws IOException {
        int done = 0;
        while (done < count) {
            int now = Math.min(count - done, bytes.length / 2);
            for (int i = 0; i < now; i++) {
                bytes[2 * i] = (byte) samples[done + i];
                bytes[2 * i + 1] = (byte) (samples[done + i] >> 8);
            }
            if (line.write(bytes, 0, now * 2) < now * 2) throw new IOException("The sound card stopped taking samples");
            done += now;
        }
        written += count;
    }

    @Override
    public long played() {
        return Math.min(written, line.getLongFramePosition());
    }

    @Override
    public void drain() throws IOException {
        var real = written;
        write(new short[TAIL_SAMPLES], TAIL_SAMPLES);
        written = real;
        line.drain();
    }

    @Override
    public void close() {
        line.stop();
        line.close();
    }
}
