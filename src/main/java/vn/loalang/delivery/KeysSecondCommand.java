package vn.loalang.delivery;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vn.loalang.area.DurableFile;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;

/**
 * The second half of a root ceremony whose roots lie in safes of several people (custody level L3): whoever holds another root
 * reads what the first one has signed, and signs it, too. Boxes and server judge both signatures [KEY-1].
 */
@Command(
        name = "keys-second",
        mixinStandardHelpOptions = true,
        description = "Chữ ký gốc thứ hai cho danh sách khoá. The second root signature for a list of keys.")
public final class KeysSecondCommand extends KeyCommand {
    @Mixin
    private SealedKeys sealed = new SealedKeys();

    @Parameters(paramLabel = "FILE", description = "keys-new.half.gb1")
    private Path half = Path.of("keys-new.half.gb1");

    @Option(names = "--current", required = true, description = "keys.gb1 hiện hành / the current one")
    private Path current = Path.of("keys.gb1");

    @Option(names = "--out", required = true, description = "Kết quả / the result")
    private Path out = Path.of("keys-new.gb1");

    @Option(names = "--kid", description = "Khoá gốc nào trong tệp / which root of the file")
    private String kid = "";

    @Option(names = "--yes", description = "Không hỏi lại, cho chương trình gọi / ask nothing, for scripts")
    private boolean yes;

    private final Function<String, Optional<String>> ask;

    public KeysSecondCommand() {
        this.ask = Consent::askOnConsole;
    }

    KeysSecondCommand(PrintWriter print, Function<String, Optional<String>> ask) {
        super(print);
        this.ask = ask;
    }

    /** Refuses what is no such list. */
    @Override
    boolean done() throws IOException {
        var envelope = Envelope.parse(KeyChanges.message(half));
        var before = KeyChanges.read(current);
        if (!(Document.decode(envelope.payload().toArray()) instanceof Keys wanted)
                || !(wanted.head().to() instanceof Scope.All)
                || envelope.lines().size() != 1) {
            throw new IllegalArgumentException(
                    half
                            + ": không phải danh sách khoá có một chữ ký gốc / not a list of keys with the signature of one root");
        }
        if (!wanted.head().sys().equals(before.head().sys())
                || (wanted.head().seq() <= before.head().seq() && newest(wanted) <= newest(before))) {
            throw new IllegalArgumentException(half + ": không phải bản kế tiếp của / does not follow " + current);
        }
        var words = new SigningWords(ToSign.nothing(), ZoneId.systemDefault());
        words.about(wanted).forEach(print::println);
        words.change(before, wanted).forEach(print::println);
        var opened = sealed.open(print);
        if (opened.isEmpty()) {
            return false;
        }
        var root = root(opened.get(), envelope.lines().get(0).header());
        if (!yes && !new Consent(print, ask).given()) {
            return false;
        }
        DurableFile.write(out, envelope.countersigned(root), DurableFile.READABLE);
        print.println(out);
        return true;
    }

    private static long newest(Keys keys) {
        var rst = keys.rst();
        return rst == null ? 0 : rst.n();
    }

    private SigningKey root(List<SigningKey> keys, String first) {
        var others = keys.stream()
                .filter(key -> key.kid().isRoot()
                        && !Envelope.header(key.kid()).equals(first)
                        && (kid.isEmpty() || key.kid().value().equals(kid)))
                .toList();
        if (others.isEmpty() || (kid.isEmpty() && others.size() > 1)) {
            throw new IllegalArgumentException(
                    "--sealed, --kid: cần một khoá gốc khác khoá đã ký, trong tệp có / another root than the one that has signed "
                            + "is needed, the file holds "
                            + keys.stream().map(key -> key.kid().value()).toList());
        }
        return others.get(0);
    }
}
