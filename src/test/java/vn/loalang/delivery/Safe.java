package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.test.context.DynamicPropertyRegistry;
import picocli.CommandLine;
import vn.loalang.protocol.SystemId;

/** What belongs into the safe, for tests that open it. */
public final class Safe {
    private Safe() {}

    /**
     * Makes a deployment's keys before its server starts, in a data directory of its own.
     *
     * @param name of the deployment
     * @return the passphrase of the sealed keys, which nobody is told again
     */
    public static String keysMadeBefore(DynamicPropertyRegistry registry, String name) throws IOException {
        var data = Files.createTempDirectory(Files.createDirectories(Path.of("target", "test-data")), name)
                .toAbsolutePath();
        var passphrase = new AtomicReference<String>();
        KeyStore.create(data.resolve("keys"), new SystemId(name), Instant.now(), passphrase::set);
        registry.add("loalang.data-path", data::toString);
        return passphrase.get();
    }

    /**
     * The roots sign a changed list of keys.
     *
     * @param out where the changed list goes
     * @return what the command says
     */
    public static String ceremony(
            Clock clock, Path sealed, String passphrase, Path current, Path out, String... options) throws IOException {
        var said = asked(clock, sealed, passphrase, current, out, options);
        assertThat(said.code()).as(said.text()).isZero();
        return said.text();
    }

    /** What the command says, and its exit code. */
    public record Said(int code, String text) {}

    /** The same, where the roots may refuse. */
    public static Said asked(Clock clock, Path sealed, String passphrase, Path current, Path out, String... options)
            throws IOException {
        var word = Files.writeString(out.resolveSibling("passphrase"), passphrase);
        var arguments = new ArrayList<>(List.of(
                "--sealed", sealed.toString(),
                "--passphrase-file", word.toString(),
                "--current", current.toString(),
                "--out", out.toString()));
        arguments.addAll(List.of(options));
        var text = new StringWriter();
        var code = new CommandLine(new KeysCommand(clock, new PrintWriter(text)))
                .execute(arguments.toArray(new String[0]));
        return new Said(code, text.toString());
    }
}
