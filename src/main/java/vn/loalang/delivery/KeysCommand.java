package vn.loalang.delivery;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.PublicKey;
import vn.loalang.protocol.Quorum;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.RootKey;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;

/**
 * The root ceremony, on a machine that need not be the server: opens the sealed root keys, changes the key document and signs
 * it with two of them. The result is taken in on the page Khoá.
 */
@Command(
        name = "keys",
        mixinStandardHelpOptions = true,
        description = "Ký danh sách khoá bằng khoá gốc. Signs a changed key document with the root keys.")
public final class KeysCommand extends KeyCommand {
    private static final String REMEDY =
            "Chuyển khoá của các xã vào danh sách riêng của địa bàn: --drop ở đây, rồi lệnh "
                    + "area-keys. / Move the communes' keys into a list of their area: --drop them here, then the command area-keys. "
                    + "[KEY-7b]";

    @Mixin
    private SealedKeys sealed = new SealedKeys();

    @Mixin
    private KeyChanges changes = new KeyChanges();

    @Option(names = "--current", required = true, description = "keys.gb1 hiện hành / the current one")
    private Path current = Path.of("keys.gb1");

    @Option(names = "--out", required = true, description = "Kết quả / the result")
    private Path out = Path.of("keys-new.gb1");

    @Option(names = "--bad", description = "kid: bị lộ, mọi thứ nó đã ký bị bỏ / compromised, all it signed is dropped")
    private List<String> bad = new ArrayList<>();

    @Option(names = "--quorum", description = "depth,n: depth 0–24, n 1–2")
    private @Nullable String quorum;

    @Option(names = "--new-roots", description = "Tạo ba khoá gốc mới vào tệp này / new roots, sealed into this file")
    private @Nullable Path newRoots;

    @Option(
            names = "--root",
            paramLabel = "kid:x",
            description =
                    "Ba lần: khoá gốc mới do từng người tạo (officer-key --use root) / three times: new roots that different "
                            + "people have made")
    private List<String> successors = new ArrayList<>();

    @Option(
            names = "--reset-to",
            description =
                    "Sau khi đồng hồ máy chủ chạy trước: lúc giờ còn đúng, vd 2026-11-23T01:02:03Z; loa bỏ mọi thứ phát "
                            + "sau lúc đó / after the server's clock was ahead: a moment when it was still right; boxes drop all "
                            + "that was issued after it")
    private @Nullable String resetTo;

    private final Clock clock;

    /** @param clock dates the document */
    public KeysCommand(Clock clock) {
        this.clock = clock;
    }

    KeysCommand(Clock clock, PrintWriter print) {
        super(print);
        this.clock = clock;
    }

    @Override
    boolean done() throws IOException {
        var opened = sealed.open(print);
        if (opened.isEmpty()) {
            return false;
        }
        sign(opened.get());
        return true;
    }

    private void sign(List<SigningKey> all) throws IOException {
        var roots = all.stream().filter(key -> key.kid().isRoot()).toList();
        if (roots.isEmpty()) {
            throw new IllegalArgumentException("--sealed: trong tệp không có khoá gốc / the file holds no root key");
        }
        if (newRoots != null && (roots.size() < 2 || !successors.isEmpty())) {
            throw new IllegalArgumentException(
                    "--new-roots: cần tệp có đủ khoá gốc; ai giữ riêng từng khoá thì mỗi người tạo khoá mới (officer-key --use "
                            + "root) và dùng --root ba lần / needs the file with all roots; where each is kept by itself everybody "
                            + "makes a new one (officer-key --use root), and --root names the three");
        }
        var fresh = newRoots == null ? null : freshRoots(newRoots, roots);
        var first = roots.subList(0, Math.min(2, roots.size()));
        var message = KeyChanges.fits(Envelope.compose(first, changed(rootsAfter(fresh))), REMEDY);
        if (newRoots != null && fresh != null) {
            RootFile.make(newRoots, withTheRest(fresh, all), print);
        }
        if (first.size() == 2) {
            Files.write(out, message);
            print.println(out);
            return;
        }
        var half =
                out.resolveSibling(String.valueOf(out.getFileName()).replaceFirst("(\\.half)?(\\.gb1)?$", ".half.gb1"));
        Files.write(half, message);
        print.println(half);
        print.println(
                "CẦN THÊM chữ ký của một khoá gốc khác: lệnh keys-second. / ANOTHER root has to sign as well: the command "
                        + "keys-second.");
    }

    private @Nullable List<RootKey> rootsAfter(@Nullable List<SigningKey> fresh) {
        if (fresh != null) {
            return fresh.stream()
                    .map(key -> new RootKey(key.kid(), key.publicKey()))
                    .toList();
        }
        return successors.isEmpty()
                ? null
                : successors.stream().map(KeysCommand::root).toList();
    }

    private static RootKey root(String text) {
        var parts = text.split(":", -1);
        try {
            if (parts.length == 2) {
                return new RootKey(new Kid(parts[0]), PublicKey.parse(parts[1]));
            }
        } catch (Refusal other) {
            // The same answer whatever is wrong.
        }
        throw new IllegalArgumentException("--root r4:x, “" + SigningWords.plain(text) + "”");
    }

    private Keys changed(@Nullable List<RootKey> roots) throws IOException {
        var before = KeyChanges.read(current);
        if (!(before.head().to() instanceof Scope.All)) {
            throw new IllegalArgumentException(
                    "--current: " + current + " là danh sách của một địa bàn / is the list of an area: "
                            + before.head().to());
        }
        var now = Instant.ofEpochMilli(clock.millis());
        var rst = resetTo == null ? before.rst() : reset(before, resetTo, now);
        var seq = resetTo == null ? KeyChanges.seqAfter(before, now) : now.toEpochMilli();
        var keys = changes.applied(before.keys(), bad, now);
        KeyChanges.fits(keys, REMEDY);
        var compromised = new LinkedHashSet<>(before.bad());
        bad.forEach(kid -> compromised.add(new Kid(kid)));
        return new Keys(
                new Head(
                        before.head().sys(),
                        before.head().to(),
                        seq,
                        now.toEpochMilli(),
                        now.plus(KeyChanges.LIFE).toEpochMilli()),
                resetTo == null ? keys : KeyChanges.begun(keys, now, print),
                quorum == null ? before.quorum() : quorum(quorum),
                List.copyOf(compromised),
                roots,
                rst);
    }

    /** The next recovery. Later documents carry it on: who is away while this one is sent sees only them [TIM-5]. */
    private static Keys.Rst reset(Keys before, String text, Instant now) {
        var moment = moment(text);
        if (moment.isAfter(now)) {
            throw new IllegalArgumentException(
                    "--reset-to: không được ở tương lai, bây giờ là / not in the future, it is " + now);
        }
        var last = before.rst();
        return new Keys.Rst(last == null ? 1 : last.n() + 1, moment.toEpochMilli());
    }

    private static Instant moment(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException other) {
            throw new IllegalArgumentException("--reset-to: 2026-11-23T01:02:03Z, 2026-11-23T08:02:03+07:00", other);
        }
    }

    private static List<SigningKey> freshRoots(Path file, List<SigningKey> old) throws IOException {
        RootFile.refuseExisting(file);
        var random = new SecureRandom();
        var fresh = new ArrayList<SigningKey>();
        var number = 1
                + old.stream()
                        .mapToInt(key -> Integer.parseInt(key.kid().value().substring(1)))
                        .max()
                        .orElse(0);
        for (var i = 0; i < old.size(); i++) {
            fresh.add(SigningKey.generate(new Kid("r" + (number + i)), random));
        }
        return fresh;
    }

    /** New roots, and what else the old file holds: the firmware key must not be lost with it. */
    private static List<SigningKey> withTheRest(List<SigningKey> fresh, List<SigningKey> all) {
        return Stream.concat(
                        fresh.stream(), all.stream().filter(key -> !key.kid().isRoot()))
                .toList();
    }

    private static Quorum quorum(String text) {
        var parts = text.split(",", -1);
        try {
            if (parts.length == 2) {
                return new Quorum(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
            }
        } catch (NumberFormatException | Refusal other) {
            // The same answer whatever is wrong.
        }
        throw new IllegalArgumentException("--quorum depth,n: depth 0–24, n 1–2");
    }
}
