package vn.loalang.delivery;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import vn.loalang.area.DurableFile;

/**
 * Puts every key of a sealed file into a file of its own with a passphrase of its own, so that three people can keep the roots in
 * safes of theirs and no ceremony is possible without two of them (custody level L3).
 */
@Command(
        name = "split-roots",
        mixinStandardHelpOptions = true,
        description = "Tách khoá gốc thành từng tệp cho từng người giữ. Puts each root key into a file of its own.")
public final class SplitRootsCommand implements Callable<Integer> {
    @Mixin
    private SealedKeys sealed = new SealedKeys();

    @Option(names = "--out", required = true, description = "Thư mục nhận các tệp / directory for the files")
    private Path out = Path.of("roots");

    private final PrintWriter print;

    public SplitRootsCommand() {
        this(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    }

    SplitRootsCommand(PrintWriter print) {
        this.print = print;
    }

    /** Exit code 0 when written, 1 when the passphrase is wrong or such files are there already; nothing is written then. */
    @Override
    public Integer call() {
        var opened = sealed.open(print);
        if (opened.isEmpty()) {
            return 1;
        }
        try {
            for (var key : opened.get()) {
                if (Files.exists(file(key.kid().value()))) {
                    throw new FileAlreadyExistsException(file(key.kid().value()).toString());
                }
            }
            Files.createDirectories(out);
            var random = new SecureRandom();
            for (var key : opened.get()) {
                var passphrase = RootFile.passphrase(random);
                DurableFile.write(
                        file(key.kid().value()),
                        Link.utf8(RootFile.seal(List.of(key), passphrase, random)),
                        DurableFile.SECRET);
                print.println(file(key.kid().value()) + "   Mật khẩu tệp / once: " + passphrase);
            }
        } catch (IOException unwritable) {
            print.println(SmallFile.problem(unwritable));
            return 1;
        }
        print.println(
                "Mỗi tệp và mật khẩu của nó giao cho một người; thử mở cả ba rồi mới xoá tệp cũ. / Give each file with its "
                        + "passphrase to one person; delete the old file only when all of them have been opened once.");
        return 0;
    }

    private Path file(String kid) {
        return out.resolve(kid + ".sealed");
    }
}
