package vn.loalang.delivery;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import vn.loalang.protocol.SigningKey;

/** The options with which a command is shown the sealed keys from the safe, and their opening. */
final class SealedKeys {
    @Option(names = "--sealed", required = true, description = "roots.sealed")
    private Path file = Path.of("roots.sealed");

    @Option(
            names = "--passphrase-file",
            required = true,
            description = "Tệp chứa mật khẩu, xoá sau khi ký / a file with its passphrase, to be deleted afterwards")
    private Path passphraseFile = Path.of("passphrase");

    /**
     * The keys in the file; empty when the passphrase or the file is wrong, and then that was said.
     *
     * @param print where it is said
     */
    Optional<List<SigningKey>> open(PrintWriter print) throws IOException {
        var opened = RootFile.open(file, Files.readString(passphraseFile).strip());
        if (opened.isEmpty()) {
            print.println("Sai mật khẩu tệp / wrong passphrase");
        }
        return opened;
    }
}
