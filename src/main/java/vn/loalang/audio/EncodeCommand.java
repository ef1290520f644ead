package vn.loalang.audio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import vn.loalang.sound.Mastering;
import vn.loalang.sound.SoundException;

/** {@code encode IN OUT}: makes a canonical file of an MP3 or WAV without a server, exactly as an upload would. */
@Command(
        name = "encode",
        mixinStandardHelpOptions = true,
        description = "Turn an MP3 or WAV into the canonical MP3 that controllers play (24 kHz mono, 48 kbit/s).")
public final class EncodeCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "IN", description = "MP3 or WAV file")
    private Path in = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT", description = "canonical file to write; replaced if it exists")
    private Path out = Path.of("");

    @Option(names = "--alarm", description = "make it as loud as an alarm signal (-12 LUFS instead of -18)")
    private boolean alarm;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before calling
    private CommandSpec spec;

    public EncodeCommand() {}

    @Override
    public Integer call() throws IOException {
        Path target = out.toAbsolutePath();
        Path temporary = target.resolveSibling(target.getFileName() + ".part");
        Path spool = target.resolveSibling(target.getFileName() + ".spool");
        var loudness = alarm ? Mastering.Target.ALARM : Mastering.Target.PROGRAMME;
        try {
            var result = new Mastering(loudness, Duration.ofHours(4), part -> {}).master(in, temporary, spool);
            Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
            spec.commandLine()
                    .getOut()
                    .printf(
                            Locale.ROOT,
                            "%s: %.3f s, %.1f LUFS, true peak %.1f dB%n",
                            out,
                            result.duration().toMillis() / 1000.0,
                            result.lufs(),
                            result.truePeakDb());
            return 0;
        } catch (SoundException e) {
            spec.commandLine().getErr().println(in + ": " + e.getMessage());
            return 1;
        }
    }
}
