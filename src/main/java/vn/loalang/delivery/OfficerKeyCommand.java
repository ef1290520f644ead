package vn.loalang.delivery;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.Use;

/**
 * Makes a key that an officer keeps (custody levels L2 and L3), on his own machine: the secret half sealed into a file, the
 * public half as the option that the ceremony of the roots takes.
 */
@Command(
        name = "officer-key",
        mixinStandardHelpOptions = true,
        description = "Tạo khoá của cán bộ, trên máy của cán bộ. Makes an officer's key, on the officer's own machine.")
public final class OfficerKeyCommand extends KeyCommand {
    /** What an officer's key may be for; online keys live on the server and the firmware key in the safe. */
    private static final Set<Use> PURPOSES = Set.of(Use.NOW, Use.SITE, Use.AKEYS);

    private static final String ROOT = "root";

    @Option(names = "--kid", required = true, description = "Tên khoá, vd x1 / its name, such as x1")
    private String kid = "x1";

    @Option(names = "--sealed", required = true, description = "Tệp mới / the new file")
    private Path file = Path.of("x1.sealed");

    @Option(
            names = "--use",
            defaultValue = "now",
            description = "now: lệnh khẩn cấp / emergencies, site: cài đặt an toàn / safety settings, "
                    + "akeys: khoá của một địa bàn / keys of an area (now), root: khoá gốc r… / a root key r…")
    private String use = "now";

    @Option(
            names = "--area",
            defaultValue = "",
            description = "Địa bàn, vd 37.14329; rỗng = tất cả / area; empty = all")
    private String area = "";

    @Option(
            names = "--pri",
            defaultValue = "0",
            description =
                    "Mức ưu tiên cao nhất / highest priority, 0–99; 82/89: ra lệnh đến 82, báo yên đến 89 / orders up to "
                            + "82, clears up to 89 (now, akeys)")
    private String pri = "0";

    public OfficerKeyCommand() {}

    OfficerKeyCommand(PrintWriter print) {
        super(print);
    }

    /** Refuses a file that is there already and a name or number outside the protocol's range. */
    @Override
    boolean done() throws IOException {
        var name = new Kid(kid);
        var isRoot = use.equals(ROOT);
        if (name.isRoot() != isRoot || name.isDevice()) {
            throw new IllegalArgumentException(
                    "--kid: r… dành cho khoá gốc (--use root), d… dành riêng / r… is for roots (--use root), d… is reserved");
        }
        if (isRoot) {
            var key = make(name);
            print.println("Gửi cho buổi ký khoá gốc / for the ceremony of the roots (keys):");
            print.println("--root " + name + ":" + key.publicKey().b64u());
            return true;
        }
        var rank = KeyOption.Rank.parse("--pri", pri);
        var purpose = Use.of(use)
                .filter(PURPOSES::contains)
                .orElseThrow(() -> new IllegalArgumentException("--use: now, site, akeys, root"));
        if (purpose == Use.NOW && rank.pri() < Limits.EMERGENCY_PRI && rank.cpri() < Limits.EMERGENCY_PRI) {
            throw new IllegalArgumentException("--pri: 80–99, khoá now / for a now key");
        }
        var where = new AreaPath(area);
        var key = make(name);
        var listed = new KeyOption(name, purpose.wire(), where, rank, key.publicKey());
        print.println(
                "Gửi người giữ khoá gốc (keys), hoặc người giữ khoá của địa bàn (area-keys) / for the ceremony of the roots "
                        + "(keys), or for whoever keeps the list of the area (area-keys):");
        print.println("--add " + listed);
        return true;
    }

    /** A new key, sealed into its file. */
    private SigningKey make(Kid name) throws IOException {
        var key = SigningKey.generate(name, new SecureRandom());
        RootFile.make(file, List.of(key), print);
        print.println("Ghi lại mật khẩu, cất riêng khỏi tệp. Write the passphrase down, keep it apart from the file.");
        return key;
    }
}
