package vn.loalang.delivery;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Firmware;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.SigningKey;

/**
 * Signs the documents of a firmware rollout on a machine that need not be the server, with the firmware key out of the safe.
 * Whoever signs brings the image along: only its bytes, not what the server says about them, are signed for. The result is
 * taken in on the rollout's page.
 */
@Command(
        name = "sign-firmware",
        mixinStandardHelpOptions = true,
        description = "Ký đợt cập nhật phần mềm thiết bị. Signs the documents of a firmware rollout.")
public final class SignFirmwareCommand implements Callable<Integer> {
    @Mixin
    private SealedKeys sealed = new SealedKeys();

    @Option(names = "--request", required = true, description = "Tệp tải từ trang cập nhật / the file from the page")
    private Path request = Path.of("request.txt");

    @Option(names = "--image", required = true, description = "Tệp phần mềm của hãng / the vendor's image")
    private Path image = Path.of("image.bin");

    @Option(names = "--out", required = true, description = "Kết quả / the result")
    private Path out = Path.of("signed.txt");

    @Option(names = "--kid", description = "Khoá f… nào, mặc định mới nhất / which f… key, by default the newest")
    private @Nullable String kid;

    private final PrintWriter print;

    public SignFirmwareCommand() {
        this(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    }

    SignFirmwareCommand(PrintWriter print) {
        this.print = print;
    }

    /** Exit code 0 when written, 1 when the passphrase is wrong or the request does not speak of this image alone. */
    @Override
    public Integer call() throws IOException {
        var opened = sealed.open(print);
        if (opened.isEmpty()) {
            return 1;
        }
        var key = opened.get().stream()
                .filter(each -> each.kid().value().startsWith("f"))
                .filter(each -> kid == null || each.kid().value().equals(kid))
                .max(Comparator.comparing(
                                (SigningKey each) -> each.kid().value().length())
                        .thenComparing(each -> each.kid().value()));
        if (key.isEmpty()) {
            print.println("Tệp không có khoá phần mềm / no firmware key in the file");
            return 1;
        }
        try {
            var signed = signed(Files.readAllLines(request), key.get());
            Files.write(out, signed);
        } catch (Refusal | IllegalArgumentException refusal) {
            print.println(refusal.getMessage());
            return 1;
        }
        print.println(out);
        return 0;
    }

    private List<String> signed(List<String> lines, SigningKey key) throws IOException {
        if (lines.size() < 2 || !lines.get(0).equals(RolloutSigning.UNSIGNED)) {
            throw new IllegalArgumentException(request + " is no request of this program");
        }
        var bytes = Files.readAllBytes(image);
        var hash = Hash.of(bytes);
        var kinds = new HashSet<String>();
        var signed = new ArrayList<String>();
        signed.add(RolloutSigning.SIGNED);
        for (var line : lines.subList(1, lines.size())) {
            var payload = line.getBytes(StandardCharsets.UTF_8);
            if (!(Document.decode(payload) instanceof Firmware firmware)) {
                throw new IllegalArgumentException("The request holds something that is no firmware document");
            }
            if (!firmware.h().equals(hash) || firmware.sz() != bytes.length) {
                throw new IllegalArgumentException("The request speaks of another image than " + image);
            }
            kinds.add(firmware.model() + " " + firmware.ver() + " (sec " + firmware.sec() + ")");
            signed.add(Base64.getEncoder().encodeToString(Envelope.compose(List.of(key), payload)));
        }
        if (kinds.size() != 1) {
            throw new IllegalArgumentException("The request speaks of several versions: " + kinds);
        }
        print.println(kinds.iterator().next() + ": " + (signed.size() - 1) + " thiết bị / boxes, " + key.kid());
        return signed;
    }
}
