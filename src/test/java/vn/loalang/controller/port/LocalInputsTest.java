package vn.loalang.controller.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.controller.core.Output;
import vn.loalang.controller.core.SinkEvent;
import vn.loalang.controller.core.Sound;
import vn.loalang.protocol.Event.Failure;
import vn.loalang.sound.WavReader;
import vn.loalang.sound.WavWriter;

/** A WAV file at the line input comes out of the loudspeaker; and what a look at the way to it finds. */
class LocalInputsTest {
    private static final int RATE = 24_000;

    @TempDir
    Path directory;

    private Path radio(int samples) throws Exception {
        var file = directory.resolve("radio.wav");
        try (var wav = WavWriter.create(file, RATE, 1)) {
            var chunk = new short[samples];
            for (int i = 0; i < samples; i++) chunk[i] = (short) (1_000 + i % 20_000);
            wav.write(chunk, 0, samples);
        }
        return file;
    }

    private List<SinkEvent> play(LocalInputs inputs, Sound sound, long offsetMs, long limitMs) throws Exception {
        var events = new LinkedBlockingQueue<SinkEvent>();
        var seen = new ArrayList<SinkEvent>();
        try (var player = player(inputs, events)) {
            player.play(new Output.Play(1, "relay", 1, List.of(sound), offsetMs, limitMs, 1.0, 0, false, 0));
            while (true) {
                var event = events.poll(20, TimeUnit.SECONDS);
                assertThat(event).isNotNull();
                seen.add(event);
                if (!(event instanceof SinkEvent.Progress)) return seen;
            }
        }
    }

    /** As of a box that was switched on just now. */
    private SoundPlayer player(LocalInputs inputs, LinkedBlockingQueue<SinkEvent> events) {
        var wav = WavDevice.in(directory.resolve("wav"), Clock.systemUTC());
        return new SoundPlayer(wav, directory, inputs, events::add, System.nanoTime());
    }

    private short[] heard(String name) throws Exception {
        try (var wav = WavReader.open(directory.resolve("wav").resolve(name))) {
            var floats = new float[RATE * 4];
            int got = 0;
            var block = new float[4_096];
            for (int n = wav.read(block, block.length); n > 0; n = wav.read(block, block.length)) {
                System.arraycopy(block, 0, floats, got, n);
                got += n;
            }
            var samples = new short[got];
            for (int i = 0; i < got; i++) samples[i] = (short) Math.round(floats[i] * 32_768);
            return samples;
        }
    }

    @Test
    void whatIsAtTheLineComesOutAndTheFileBeginsAgainAtItsEnd() throws Exception {
        var inputs = LocalInputs.of(Map.of("line", radio(12_000).toString()));
        var events = play(inputs, new Sound.Relay("line", 60_000), 0, 800);
        assertThat(events).last().isEqualTo(new SinkEvent.Ended(1, 800));
        var samples = heard("relay-1.wav");
        assertThat(samples).hasSize(19_200);
        for (int i = 0; i < samples.length; i += 97) {
            assertThat((int) samples[i]).isCloseTo(1_000 + i % 12_000, org.assertj.core.data.Offset.offset(2));
        }
    }

    @Test
    void whoJoinsLateHearsWhatComesNow() throws Exception {
        var inputs = LocalInputs.of(Map.of("fm", radio(12_000).toString()));
        play(inputs, new Sound.Relay("fm", 60_000), 10_250, 200);
        var samples = Arrays.copyOfRange(heard("relay-1.wav"), 480, 4_800);
        for (int i = 0; i < samples.length; i += 97) {
            // 10.25 s are twenty rounds of half a second and 6,000 samples; the first 10 ms are a ramp.
            assertThat((int) samples[i]).isCloseTo(1_000 + 6_480 + i, org.assertj.core.data.Offset.offset(8));
        }
    }

    @Test
    void anInputThatIsNotThereIsAFailureOfTheLine() throws Exception {
        var events = play(LocalInputs.none(), new Sound.Relay("line", 60_000), 0, 800);
        assertThat(events).containsExactly(new SinkEvent.Failed(1, 0, Failure.LINE));
    }

    @Test
    void onlyUsableInputsAreTaken() throws Exception {
        var text = Files.writeString(directory.resolve("text.wav"), "not a sound");
        assertThatThrownBy(() -> LocalInputs.of(Map.of("line", text.toString())))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LocalInputs.of(Map.of("tape", "card"))).hasMessageContaining("line, fm or mic");
        assertThat(LocalInputs.of(Map.of("mic", radio(100).toString())).names()).containsExactly("mic");
    }

    @Test
    void whatIsDueLaterLeavesNoSampleBefore() throws Exception {
        var events = new LinkedBlockingQueue<SinkEvent>();
        var due = System.currentTimeMillis() + 400;
        try (var player = player(line(), events)) {
            player.play(relay(400));
            assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(new SinkEvent.Ended(1, 200));
        }
        var beside = Files.readString(directory.resolve("wav").resolve("relay-1.json"));
        var first = Long.parseLong(beside.replaceAll("(?s).*\"first\":(\\d+).*", "$1"));
        // The two clocks of the machine may differ by the slewing of a moment.
        assertThat(first).isGreaterThanOrEqualTo(due - 5);
    }

    @Test
    void whatIsTakenBackBeforeItIsDueIsNeverHeard() throws Exception {
        var events = new LinkedBlockingQueue<SinkEvent>();
        try (var player = player(line(), events)) {
            player.play(relay(600_000));
            player.fade(new Output.Fade(1));
            assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(new SinkEvent.Ended(1, 0));
        }
    }

    @Test
    void whatIsDueLaterMayBecomeDueAtOnce() throws Exception {
        var events = new LinkedBlockingQueue<SinkEvent>();
        try (var player = player(line(), events)) {
            player.play(relay(600_000));
            player.adjust(new Output.Adjust(1, 200, 1.0, 0));
            assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(new SinkEvent.Ended(1, 200));
        }
    }

    private LocalInputs line() throws Exception {
        return LocalInputs.of(Map.of("line", radio(12_000).toString()));
    }

    private static Output.Play relay(long dueMono) {
        return new Output.Play(1, "relay", 1, List.of(new Sound.Relay("line", 60_000)), 0, 200, 1.0, 0, false, dueMono);
    }

    @Test
    void aLookAtTheWayToTheLoudspeakerMakesNoSoundAndFindsABrokenOne() throws Exception {
        var wav = directory.resolve("wav");
        try (var player =
                new SoundPlayer(WavDevice.in(wav, Clock.systemUTC()), directory, LocalInputs.none(), event -> {}, 0)) {
            assertThat(player.measure()).isEqualTo(Optional.of(true));
            try (var files = Files.list(wav)) {
                assertThat(files).isEmpty();
            }
        }
        var blocked = Files.writeString(directory.resolve("blocked"), "a file where a directory should be");
        try (var player = new SoundPlayer(
                WavDevice.in(blocked, Clock.systemUTC()), directory, LocalInputs.none(), event -> {}, 0)) {
            assertThat(player.measure()).isEqualTo(Optional.of(false));
        }
    }
}
