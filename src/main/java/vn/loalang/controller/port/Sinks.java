package vn.loalang.controller.port;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import vn.loalang.protocol.Hello;

/** The sound sinks of this machine. */
public final class Sinks {
    private Sinks() {}

    /**
     * A sink that was found.
     *
     * @param name for people
     * @param proof what its "completed" is worth
     */
    public record Choice(String name, SoundDevices devices, Hello.Proof proof) {}

    /** The sound card, if there is one. */
    public static Optional<Choice> card() {
        return LineDevice.find().map(devices -> new Choice("the sound card", devices, Hello.Proof.DAC));
    }

    /** WAV files in a directory, at the pace of real time. */
    public static Choice wav(Path directory, Clock wall) {
        return new Choice("WAV files in " + directory, WavDevice.in(directory, wall), Hello.Proof.NONE);
    }
}
