package vn.loalang.delivery;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Use;

/**
 * Who keeps the keys of an area lists them: a delegated list, signed with his own key and handed in like any signed document.
 * The roots need not come together for a new officer of a commune.
 */
@Command(
        name = "area-keys",
        mixinStandardHelpOptions = true,
        description =
                "Ký danh sách khoá của một địa bàn (khoá akeys). Signs the list of an area's keys with an akeys key.")
public final class AreaKeysCommand implements Callable<Integer> {
    private static final String REMEDY =
            "Lập danh sách riêng cho các địa bàn nhỏ hơn. / Make lists for the smaller areas. " + "[KEY-7b]";
    private static final Set<Use> LISTED = Set.of(Use.NOW, Use.SITE);

    @Mixin
    private SealedKeys sealed = new SealedKeys();

    @Mixin
    private KeyChanges changes = new KeyChanges();

    @Option(names = "--area", required = true, description = "Địa bàn, vd 37.14329 / the area")
    private String area = "";

    @Option(
            names = "--keys",
            required = true,
            description =
                    "keys.gb1 hiện hành, thêm danh sách của địa bàn lớn hơn nếu có / the current one, and lists of wider "
                            + "areas if there are any")
    private List<Path> lists = new ArrayList<>();

    @Option(
            names = "--current",
            description =
                    "Danh sách hiện hành của địa bàn; không có thì lập mới / the area's current list; without it a new one "
                            + "is begun")
    private @Nullable Path current;

    @Option(names = "--out", required = true, description = "Thư mục nhận kết quả / directory for the result")
    private Path out = Path.of("signed");

    @Option(names = "--kid", description = "Khoá nào trong tệp / which key of the file")
    private @Nullable String kid;

    @Option(
            names = "--server-time",
            description =
                    "Giờ máy chủ vừa đọc (đầu đề Date hoặc 2026-11-23T01:02:03Z), để so với máy này / the server's time "
                            + "just read (its Date header, or as shown), to compare this computer's with")
    private @Nullable String serverTime;

    private final Clock clock;
    private final PrintWriter print;

    /** @param clock dates the list */
    public AreaKeysCommand(Clock clock) {
        this(clock, new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    }

    AreaKeysCommand(Clock clock, PrintWriter print) {
        this.clock = clock;
        this.print = print;
    }

    /** Exit code 0 when written, 1 when boxes would refuse the list. */
    @Override
    public Integer call() {
        try {
            return sign() ? 0 : 1;
        } catch (IOException | Refusal | IllegalArgumentException wrong) {
            print.println(SmallFile.problem(wrong));
            return 1;
        }
    }

    private boolean sign() throws IOException {
        var to = area();
        checkClock();
        var judge = new BoxJudge(messages());
        var key = sealed.officers(kid, judge, print);
        if (key.isEmpty()) {
            return false;
        }
        var now = Instant.ofEpochMilli(clock.millis());
        var list = list(to, judge, now);
        var message = KeyChanges.fits(Envelope.compose(List.of(key.get()), list), REMEDY);
        var complete = judge.isComplete(message, now);
        var words = new SigningWords(ToSign.nothing(), ZoneId.systemDefault());
        words.about(list).forEach(print::println);
        print.println("  " + words.place(list));
        print.println("  " + SignCommand.signatures(key.get(), false, complete));
        Files.createDirectories(out);
        print.println(SignCommand.write(out, list, key.get(), message, complete));
        return true;
    }

    /** An officer's clock is within 60 s of the server's before he signs [SRV-5b]. */
    private void checkClock() {
        if (serverTime == null) {
            print.println(
                    "So giờ máy này với máy chủ / compare this computer's clock with the server's: " + clock.instant());
            return;
        }
        var apart = Duration.between(SignCommand.moment(serverTime), clock.instant());
        if (apart.abs().compareTo(ClockCheck.WRONG) > 0) {
            throw new IllegalArgumentException("--server-time: đồng hồ máy này lệch " + apart.toSeconds()
                    + " s so với máy chủ, cho phép 60 s / this computer's clock is " + apart.toSeconds()
                    + " s off the server's, allowed are 60 s [SRV-5b]");
        }
    }

    private AreaPath area() {
        try {
            var path = new AreaPath(area);
            if (!path.isRoot()) {
                return path;
            }
        } catch (Refusal other) {
            // Said below.
        }
        throw new IllegalArgumentException("--area: 37.14329");
    }

    private List<byte[]> messages() throws IOException {
        var messages = new ArrayList<byte[]>();
        for (var list : lists) {
            messages.add(KeyChanges.message(list));
        }
        return messages;
    }

    private Keys list(AreaPath to, BoxJudge judge, Instant now) throws IOException {
        var before = current == null ? null : KeyChanges.read(current);
        if (before != null && !before.head().to().equals(Scope.of(to))) {
            throw new IllegalArgumentException(
                    "--current: danh sách của / is the list of " + before.head().to() + ", --area " + to);
        }
        var forgotten = before != null && judge.forgotten(before.head().seq());
        var keys = changes.applied(before == null ? List.of() : before.keys(), List.of(), now);
        KeyChanges.fits(keys, REMEDY);
        keys.forEach(key -> mayBeListed(key, to, judge));
        return new Keys(
                new Head(
                        judge.sys(),
                        Scope.of(to),
                        before == null || forgotten ? now.toEpochMilli() : KeyChanges.seqAfter(before, now),
                        now.toEpochMilli(),
                        now.plus(KeyChanges.LIFE).toEpochMilli()),
                forgotten ? KeyChanges.begun(keys, now, print) : keys,
                null,
                List.of(),
                null,
                null);
    }

    /** Boxes would refuse the whole list, or pass over this key without a word. */
    private static void mayBeListed(KeyEntry key, AreaPath to, BoxJudge judge) {
        if (!LISTED.containsAll(key.use())) {
            throw new IllegalArgumentException(key.kid()
                    + " use: trong danh sách của địa bàn chỉ có now, site / an area lists now and site only [KEY-4c]");
        }
        if (!to.covers(key.area())) {
            throw new IllegalArgumentException(
                    key.kid() + " area: “" + key.area() + "” ngoài / is outside " + to + " [KEY-4c]");
        }
        if (judge.passesOver(key, to)) {
            throw new IllegalArgumentException(key.kid()
                    + ": tên hoặc khoá đã có trong danh sách rộng hơn hoặc đã bị lộ, loa sẽ bỏ qua / its name or key is "
                    + "listed nearer the root already, or compromised; boxes would ignore it [KEY-7]");
        }
    }
}
