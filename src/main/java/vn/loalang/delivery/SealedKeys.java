package vn.loalang.delivery;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import vn.loalang.protocol.SigningKey;

/** The options with which a command is shown sealed keys, of the roots or of an officer, and their opening. */
final class SealedKeys {
    private static final int LONGEST_PASSPHRASE = 1_000;

    @Option(
            names = "--sealed",
            required = true,
            description =
                    "Tệp khoá niêm phong, roots.sealed hoặc của cán bộ / the sealed keys, roots.sealed or an officer's")
    private Path file = Path.of("roots.sealed");

    @Option(
            names = "--passphrase-file",
            description =
                    "Tệp chứa mật khẩu, xoá sau khi ký; không có thì hỏi trên màn hình / a file with its passphrase, "
                            + "to be deleted afterwards, or /dev/fd/N; without it the screen asks")
    private @Nullable Path passphraseFile;

    /**
     * The keys in the file; empty when the passphrase or the file is wrong, and then that was said.
     *
     * @param print where it is said
     */
    Optional<List<SigningKey>> open(PrintWriter print) {
        try {
            var passphrase = passphrase();
            if (passphrase.isEmpty()) {
                print.println("Không có màn hình để hỏi mật khẩu: dùng --passphrase-file / "
                        + "there is no screen to ask for the passphrase: use --passphrase-file");
                return Optional.empty();
            }
            var opened = RootFile.open(file, passphrase.get());
            if (opened.isEmpty()) {
                print.println("Sai mật khẩu tệp / wrong passphrase");
            }
            return opened;
        } catch (IOException | IllegalArgumentException unreadable) {
            print.println(SmallFile.problem(unreadable));
            return Optional.empty();
        }
    }

    /**
     * The one key of an officer, if the lists know it by this name.
     *
     * @param kid which of several in the file; null if there is but one
     * @throws IllegalArgumentException when the lists do not know it, or know another by its name
     */
    Optional<SigningKey> officers(@Nullable String kid, BoxJudge judge, PrintWriter print) {
        var opened = open(print);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        var candidates = opened.get().stream()
                .filter(key ->
                        kid == null ? !key.kid().isRoot() : key.kid().value().equals(kid))
                .toList();
        if (candidates.size() != 1) {
            throw new IllegalArgumentException("--kid: trong tệp có / the file holds "
                    + opened.get().stream().map(key -> key.kid().value()).toList());
        }
        var key = candidates.get(0);
        var listed = judge.listed(key.kid())
                .orElseThrow(() -> new IllegalArgumentException("--keys: không có khoá / does not list " + key.kid()));
        if (!listed.x().equals(key.publicKey())) {
            throw new IllegalArgumentException("--keys: " + key.kid() + " là khoá khác / is another key there");
        }
        return Optional.of(key);
    }

    @SuppressWarnings("SystemConsoleNull") // up to JDK 21 it is null without a screen; later ones answer nothing
    private Optional<String> passphrase() throws IOException {
        if (passphraseFile != null) {
            return Optional.of(
                    SmallFile.text(passphraseFile, LONGEST_PASSPHRASE).strip());
        }
        var console = System.console();
        return console == null
                ? Optional.empty()
                : Optional.ofNullable(console.readPassword("Mật khẩu / passphrase %s: ", file))
                        .map(typed -> new String(typed).strip());
    }
}
