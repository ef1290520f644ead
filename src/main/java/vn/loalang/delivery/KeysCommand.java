package vn.loalang.delivery;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.PublicKey;
import vn.loalang.protocol.Quorum;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.RootKey;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.Use;

/**
 * The root ceremony, on a machine that need not be the server: opens the sealed root keys, changes the key document and signs
 * it with two of them. The result is taken in on the page Khoá.
 */
@Command(
        name = "keys",
        mixinStandardHelpOptions = true,
        description = "Ký danh sách khoá bằng khoá gốc. Signs a changed key document with the root keys.")
public final class KeysCommand implements Callable<Integer> {
    private static final Duration LIFE = Duration.ofDays(5 * 365);

    @Mixin
    private SealedKeys sealed = new SealedKeys();

    @Option(names = "--current", required = true, description = "keys.gb1 hiện hành / the current one")
    private Path current = Path.of("keys.gb1");

    @Option(names = "--out", required = true, description = "Kết quả / the result")
    private Path out = Path.of("keys-new.gb1");

    @Option(
            names = "--add",
            description =
                    "kid:use:area:pri:x, use = online | site | now | akeys | fw, area rỗng = tất cả / empty = all")
    private List<String> add = new ArrayList<>();

    @Option(names = "--drop", description = "kid: không dùng nữa / no longer used")
    private List<String> drop = new ArrayList<>();

    @Option(names = "--bad", description = "kid: bị lộ, mọi thứ nó đã ký bị bỏ / compromised, all it signed is dropped")
    private List<String> bad = new ArrayList<>();

    @Option(names = "--quorum", description = "depth,n")
    private @Nullable String quorum;

    @Option(names = "--new-roots", description = "Tạo ba khoá gốc mới vào tệp này / new roots, sealed into this file")
    private @Nullable Path newRoots;

    private final Clock clock;
    private final PrintWriter print;

    /** @param clock dates the document */
    public KeysCommand(Clock clock) {
        this(clock, new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    }

    KeysCommand(Clock clock, PrintWriter print) {
        this.clock = clock;
        this.print = print;
    }

    /** Exit code 0 when written, 1 when the passphrase is wrong or the change is not allowed. */
    @Override
    public Integer call() throws IOException {
        var opened = sealed.open(print);
        if (opened.isEmpty()) {
            return 1;
        }
        var roots = opened.get().stream().filter(key -> key.kid().isRoot()).toList();
        try {
            Files.write(out, Envelope.compose(List.of(roots.get(0), roots.get(1)), changed(roots, opened.get())));
        } catch (Refusal | IllegalArgumentException refusal) {
            print.println(refusal.getMessage());
            return 1;
        }
        print.println(out);
        return 0;
    }

    private Keys changed(List<SigningKey> roots, List<SigningKey> all) throws IOException {
        var before = (Keys) Document.inMessage(Files.readAllBytes(current));
        var now = clock.instant().toEpochMilli();
        var exp = clock.instant().plus(LIFE).toEpochMilli();
        var gone = new LinkedHashSet<>(drop);
        gone.addAll(bad);
        var keys = new ArrayList<>(before.keys().stream()
                .filter(key -> !gone.contains(key.kid().value()))
                .toList());
        for (var text : add) {
            keys.add(entry(text, now - Duration.ofDays(1).toMillis(), exp));
        }
        var compromised = new LinkedHashSet<>(before.bad());
        bad.forEach(kid -> compromised.add(new Kid(kid)));
        return new Keys(
                new Head(
                        before.head().sys(),
                        before.head().to(),
                        Math.max(now, before.head().seq() + 1),
                        now,
                        exp),
                keys,
                quorum == null ? before.quorum() : quorum(quorum),
                List.copyOf(compromised),
                newRoots == null ? null : freshRoots(newRoots, roots, all),
                null);
    }

    /** New roots in a new file, together with what else the old one holds: the firmware key must not be lost with it. */
    private List<RootKey> freshRoots(Path file, List<SigningKey> old, List<SigningKey> all) throws IOException {
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
        var passphrase = RootFile.passphrase(random);
        var sealing = new ArrayList<>(fresh);
        all.stream().filter(key -> !key.kid().isRoot()).forEach(sealing::add);
        Files.writeString(file, RootFile.seal(sealing, passphrase, random));
        print.println("Mật khẩu tệp / once: " + passphrase);
        return fresh.stream()
                .map(key -> new RootKey(key.kid(), key.publicKey()))
                .toList();
    }

    private static KeyEntry entry(String text, long nbf, long exp) {
        var parts = text.split(":", -1);
        if (parts.length != 5) {
            throw new IllegalArgumentException("--add kid:use:area:pri:x");
        }
        var kid = new Kid(parts[0]);
        var x = PublicKey.parse(parts[4]);
        var area = new AreaPath(parts[2]);
        var pri = Integer.parseInt(parts[3]);
        return switch (parts[1]) {
            case "online" -> KeyEntry.online(kid, x, nbf, exp);
            case "site" -> KeyEntry.site(kid, x, nbf, exp);
            case "now" -> KeyEntry.emergency(kid, x, area, pri, nbf, exp);
            case "fw" -> KeyEntry.firmware(kid, x, nbf, exp);
            case "akeys" -> new KeyEntry(kid, x, Set.copyOf(EnumSet.of(Use.AKEYS)), area, pri, nbf, exp, pri);
            default -> throw new IllegalArgumentException("use: online, site, now, akeys, fw");
        };
    }

    private static Quorum quorum(String text) {
        var parts = text.split(",", -1);
        return new Quorum(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }
}
