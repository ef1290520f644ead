package vn.loalang.delivery;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

/** Somebody with a key of his own on a machine of his own, who knows the commands and nothing else. */
public final class Officer {
    /** Whoever runs a command reads this, and finds these files. */
    public record Said(int code, String text, List<Path> files) {
        public byte[] only() throws IOException {
            if (files.size() != 1) {
                throw new AssertionError(files + "\n" + text);
            }
            return Files.readAllBytes(files.get(0));
        }
    }

    private final Path desk;
    private final String kid;
    private final Path passphrase;
    /** What the ceremony takes. */
    private final String add;

    /** Makes his key. */
    public Officer(Path home, String kid, String... options) throws IOException {
        this.kid = kid;
        this.desk = Files.createDirectories(home.resolve(kid));
        var arguments = new ArrayList<>(List.of("--kid", kid, "--sealed", sealed().toString()));
        arguments.addAll(List.of(options));
        var text = new StringWriter();
        var code =
                new CommandLine(new OfficerKeyCommand(new PrintWriter(text))).execute(arguments.toArray(new String[0]));
        if (code != 0) {
            throw new AssertionError(text.toString());
        }
        this.passphrase = Files.writeString(desk.resolve("passphrase"), after(text.toString(), "once: "));
        this.add = after(text.toString(), kid.startsWith("r") ? "--root " : "--add ");
    }

    public String add() {
        return add;
    }

    /** Where it is a root: what the ceremony takes. */
    String root() {
        return add;
    }

    Path sealed() {
        return desk.resolve(kid + ".sealed");
    }

    Path passphrase() {
        return passphrase;
    }

    /** Signs without being asked. */
    public Said signs(Clock clock, Path keys, String... rest) throws IOException {
        var arguments = new ArrayList<>(List.of(rest));
        arguments.add("--yes");
        return reads(clock, keys, "", Optional.empty(), arguments.toArray(new String[0]));
    }

    /**
     * Reads what he is shown, and answers.
     *
     * @param typed what comes by the pipe
     */
    Said reads(Clock clock, Path keys, String typed, Optional<String> answer, String... rest) throws IOException {
        var out = Files.createTempDirectory(desk, "out");
        var arguments = new ArrayList<>(List.of(
                "--sealed", sealed().toString(),
                "--passphrase-file", passphrase.toString(),
                "--keys", keys.toString(),
                "--out", out.toString()));
        arguments.addAll(List.of(rest));
        var text = new StringWriter();
        var code = new CommandLine(new SignCommand(
                        clock,
                        new PrintWriter(text),
                        new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)),
                        question -> answer))
                .execute(arguments.toArray(new String[0]));
        try (var files = Files.list(out)) {
            return new Said(
                    code,
                    text.toString(),
                    files.sorted(Comparator.naturalOrder()).toList());
        }
    }

    /** Lists the keys of his area. */
    Said lists(Clock clock, Path keys, String... rest) throws IOException {
        var out = Files.createTempDirectory(desk, "out");
        var arguments = new ArrayList<>(List.of(
                "--sealed", sealed().toString(),
                "--passphrase-file", passphrase.toString(),
                "--keys", keys.toString(),
                "--out", out.toString()));
        arguments.addAll(List.of(rest));
        var text = new StringWriter();
        var code = new CommandLine(new AreaKeysCommand(clock, new PrintWriter(text)))
                .execute(arguments.toArray(new String[0]));
        try (var files = Files.list(out)) {
            return new Said(code, text.toString(), files.toList());
        }
    }

    private static String after(String text, String mark) {
        return text.lines()
                .filter(line -> line.contains(mark))
                .map(line -> line.substring(line.indexOf(mark) + mark.length()).strip())
                .findFirst()
                .orElseThrow(() -> new AssertionError(text));
    }
}
