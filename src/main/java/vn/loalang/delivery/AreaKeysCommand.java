package vn.loalang.delivery;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
public final class AreaKeysCommand extends KeyCommand {
    private static final String REMEDY =
            "Lập danh sách riêng cho các địa bàn nhỏ hơn. / Make lists for the smaller areas. " + "[KEY-7b]";
    private static final Set<Use> LISTED = Set.of(Use.NOW, Use.SITE);

    @Mixin
    private SealedKeys sealed = new SealedKeys();

    @Mixin
    private KeyChanges changes = new KeyChanges();

    @Mixin
    private ServerTime serverTime = new ServerTime();

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

    private final Clock clock;

    /** @param clock dates the list */
    public AreaKeysCommand(Clock clock) {
        this.clock = clock;
    }

    AreaKeysCommand(Clock clock, PrintWriter print) {
        super(print);
        this.clock = clock;
    }

    /** Refuses a list that boxes would refuse. */
    @Override
    boolean done() throws IOException {
        var to = area();
        checkClock();
        var judge = new BoxJudge(KeyChanges.messages(lists));
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

    /** Somebody who has told no time looks for himself. */
    private void checkClock() {
        var told = serverTime.told();
        if (told.isEmpty()) {
            print.println(
                    "So giờ máy này với máy chủ / compare this computer's clock with the server's: " + clock.instant());
            return;
        }
        var apart = Duration.between(told.get(), clock.instant());
        if (!ServerTime.allows(apart)) {
            throw new IllegalArgumentException("--server-time: " + ServerTime.off(apart));
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
