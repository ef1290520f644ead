package vn.loalang.delivery;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import vn.loalang.protocol.SigningKey;

/**
 * Puts every key of a sealed file into a file of its own with a passphrase of its own, so that three people can keep the roots in
 * safes of theirs and no ceremony is possible without two of them (custody level L3).
 */
@Command(
        name = "split-roots",
        mixinStandardHelpOptions = true,
        description = "Tách khoá gốc thành từng tệp cho từng người giữ. Puts each root key into a file of its own.")
public final class SplitRootsCommand extends KeyCommand {
    @Mixin
    private SealedKeys sealed = new SealedKeys();

    @Option(names = "--out", required = true, description = "Thư mục nhận các tệp / directory for the files")
    private Path out = Path.of("roots");

    public SplitRootsCommand() {}

    SplitRootsCommand(PrintWriter print) {
        super(print);
    }

    /** Writes either all files or, when one of them is there already, none. */
    @Override
    boolean done() throws IOException {
        var opened = sealed.open(print);
        if (opened.isEmpty()) {
            return false;
        }
        for (var key : opened.get()) {
            RootFile.refuseExisting(file(key));
        }
        Files.createDirectories(out);
        for (var key : opened.get()) {
            RootFile.make(file(key), List.of(key), print);
        }
        print.println(
                "Mỗi tệp và mật khẩu của nó giao cho một người; thử mở cả ba rồi mới xoá tệp cũ. / Give each file with its "
                        + "passphrase to one person; delete the old file only when all of them have been opened once.");
        return true;
    }

    private Path file(SigningKey key) {
        return out.resolve(key.kid() + ".sealed");
    }
}
