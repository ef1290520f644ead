package vn.loalang.controller.port;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import vn.loalang.controller.core.Output;
import vn.loalang.controller.core.SinkEvent;
import vn.loalang.protocol.Event.Failure;
import vn.loalang.sound.CanonicalMp3;

/** Plays canonical files into a device: decoding, volume and fades, one thread per playback, one playback at a time. */
public final class SoundPlayer implements AutoCloseable {
    private static final int RATE = CanonicalMp3.SAMPLE_RATE;
    private static final long PROGRESS_SAMPLES = RATE;
    private static final int FADE_SAMPLES = RATE / 5;
    /** A start in the middle of a sound would click. */
    private static final int FADE_IN_SAMPLES = RATE / 100;

    private final SoundDevices devices;
    private final Path assets;
    private final LocalInputs inputs;
    private final Consumer<SinkEvent> events;
    private final long bootNanos;
    private final LiveFeed feed = new LiveFeed();
    private @Nullable Playback running;

    /**
     * @param devices where samples go
     * @param assets directory of files named by hash
     * @param inputs what can be listened to here
     * @param events hears from the playing threads; must only enqueue
     * @param bootNanos {@link System#nanoTime} of uptime 0
     */
    public SoundPlayer(
            SoundDevices devices, Path assets, LocalInputs inputs, Consumer<SinkEvent> events, long bootNanos) {
        this.devices = devices;
        this.assets = assets;
        this.inputs = inputs;
        this.events = events;
        this.bootNanos = bootNanos;
    }

    /** Begins to sound when it is due; what still sounded is cut off. */
    public void play(Output.Play order) {
        if (running != null) running.thread.interrupt();
        running = new Playback(order);
        running.thread.start();
    }

    /** Keeps a chunk of live sound for its moment; one that cannot be decoded is silence. */
    public void chunk(Output.Chunk chunk) {
        feed.take(chunk, System.nanoTime());
    }

    /** Changes the volume and end of a running playback. */
    public void adjust(Output.Adjust order) {
        if (running != null && running.order.play() == order.play()) {
            running.limitSamples = samples(order.limitMs());
            running.gain = order.gain();
            running.due(order.dueMono());
        }
    }

    /** Whether the way to the loudspeaker is whole, found out without a sound; empty while it is in use. */
    Optional<Boolean> measure() {
        if (running != null && running.thread.isAlive()) return Optional.empty();
        try {
            devices.check();
            return Optional.of(true);
        } catch (IOException broken) {
            return Optional.of(false);
        }
    }

    /** Fades a running playback out. */
    public void fade(Output.Fade order) {
        if (running != null && running.order.play() == order.play()) running.fade();
    }

    /** Fades out what sounds and waits at most a second for it. */
    @Override
    public void close() {
        if (running == null) return;
        running.fade();
        try {
            running.thread.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        running.thread.interrupt();
    }

    private static long samples(long ms) {
        // A microphone has no end: more milliseconds than there are samples for.
        if (ms > Long.MAX_VALUE / RATE) return Long.MAX_VALUE;
        return ms * RATE / 1000;
    }

    private static long millis(long samples) {
        return samples * 1000 / RATE;
    }

    private final class Playback implements Runnable {
        final Output.Play order;
        volatile long dueNanos;
        final Thread thread;
        volatile long limitSamples;
        volatile double gain;
        volatile boolean fading;
        private long played;

        @SuppressWarnings("ThreadPriorityCheck") // a hint on a loaded machine; nothing relies on it
        Playback(Output.Play order) {
            this.order = order;
            this.dueNanos = nanos(order.dueMono());
            this.limitSamples = samples(order.limitMs());
            this.gain = order.gain();
            this.thread = new Thread(this, "sound");
            thread.setDaemon(true);
            thread.setPriority(Thread.MAX_PRIORITY);
        }

        private long nanos(long uptimeMs) {
            return bootNanos + TimeUnit.MILLISECONDS.toNanos(uptimeMs);
        }

        void due(long uptimeMs) {
            dueNanos = nanos(uptimeMs);
            LockSupport.unpark(thread);
        }

        void fade() {
            fading = true;
            LockSupport.unpark(thread);
        }

        @Override
        public void run() {
            try {
                sound();
                events.accept(new SinkEvent.Ended(order.play(), millis(played)));
            } catch (SoundTrouble e) {
                events.accept(new SinkEvent.Failed(order.play(), millis(played), e.failure));
            }
        }

        private void sound() throws SoundTrouble {
            try (var content = new Samples(order.content(), assets, inputs, feed, samples(order.offsetMs()))) {
                // Writing it down and opening took a moment in which the neighbours went on.
                var lostMs = order.joining() ? TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - dueNanos) : 0;
                content.discard(samples(lostMs));
                try (var device = open(order.offsetMs() + lostMs)) {
                    copy(content, device, samples(lostMs));
                }
            } catch (IOException e) {
                throw new SoundTrouble(Failure.STORAGE, e);
            }
        }

        private SoundDevice open(long offsetMs) throws SoundTrouble {
            try {
                return devices.open(order, offsetMs);
            } catch (IOException e) {
                throw new SoundTrouble(Failure.AMP, e);
            }
        }

        private void copy(Samples content, SoundDevice device, long skipped) throws IOException, SoundTrouble {
            var chunk = new short[CanonicalMp3.FRAME_SAMPLES];
            long given = 0;
            long told = 0;
            int faded = 0;
            while (faded < FADE_SAMPLES) {
                var room = limitSamples - skipped - given;
                if (room <= 0) break;
                var got = content.read(chunk, (int) Math.min(room, chunk.length));
                if (got < 0) break;
                // All is open and decoded by now: nothing stands between the moment and the first sample.
                if (given == 0 && !waitUntilDue()) break;
                var factor = gain;
                for (int i = 0; i < got; i++) {
                    var f = factor;
                    if (order.offsetMs() > 0 && given + i < FADE_IN_SAMPLES)
                        f *= (double) (given + i) / FADE_IN_SAMPLES;
                    if (fading) f *= Math.max(0, FADE_SAMPLES - faded++) / (double) FADE_SAMPLES;
                    chunk[i] = (short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, Math.round(chunk[i] * f)));
                }
                device.write(chunk, got);
                given += got;
                if (given - told >= PROGRESS_SAMPLES) {
                    told = given;
                    played = device.played();
                    events.accept(new SinkEvent.Progress(order.play(), millis(played)));
                }
            }
            if (!fading) device.drain();
            played = device.played();
        }

        /** Whether it is to sound at all. */
        private boolean waitUntilDue() {
            for (var left = dueNanos - System.nanoTime(); left > 0; left = dueNanos - System.nanoTime()) {
                if (fading || thread.isInterrupted()) return false;
                LockSupport.parkNanos(left);
            }
            return true;
        }
    }
}
