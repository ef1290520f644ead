package vn.loalang.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vn.loalang.area.DurableFile;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.SigningKey;

/**
 * An officer signs what the server has written and cannot sign (custody levels L2 and L3), on a machine of his own: he reads in
 * words what it is, and the machine puts his key to it only when boxes would take it. The results go to {@code /api/v1/signed}.
 */
@Command(
        name = "sign",
        mixinStandardHelpOptions = true,
        description =
                "Cán bộ ký lệnh, cài đặt bằng khoá của mình. An officer signs orders and settings with a key of their own.")
public final class SignCommand extends KeyCommand {
    @Mixin
    private SealedKeys sealed = new SealedKeys();

    @Mixin
    private ServerTime serverTime = new ServerTime();

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE|DIR|-",
            description =
                    "Văn bản lấy từ máy chủ hoặc đã có chữ ký thứ nhất / documents from the server, or with a first signature")
    private List<Path> from = new ArrayList<>();

    @Option(
            names = "--keys",
            required = true,
            description =
                    "keys.gb1 hiện hành, thêm danh sách của địa bàn nếu có / the current one, and an area's list if there is one")
    private List<Path> lists = new ArrayList<>();

    @Option(names = "--out", required = true, description = "Thư mục nhận kết quả / directory for the results")
    private Path out = Path.of("signed");

    @Option(names = "--kid", description = "Khoá nào trong tệp / which key of the file")
    private @Nullable String kid;

    @Option(names = "--yes", description = "Không hỏi lại, cho chương trình gọi / ask nothing, for scripts")
    private boolean yes;

    private final Clock clock;
    private final InputStream in;
    private final Function<String, Optional<String>> ask;

    /** @param clock the machine's own, which is compared with the server's */
    public SignCommand(Clock clock) {
        this.clock = clock;
        this.in = System.in;
        this.ask = Consent::askOnConsole;
    }

    SignCommand(Clock clock, PrintWriter print, InputStream in, Function<String, Optional<String>> ask) {
        super(print);
        this.clock = clock;
        this.in = in;
        this.ask = ask;
    }

    /** One document with this officer's signature, and whether boxes want another one. */
    private record Result(ToSign.Sheet sheet, Bytes message, boolean complete) {}

    /** Signs nothing unless boxes would take it and the officer agrees. */
    @Override
    boolean done() throws IOException {
        var asked = clock.instant();
        var wanted = ToSign.read(from, in);
        checkClock(wanted, asked);
        var judge = new BoxJudge(KeyChanges.messages(lists));
        var key = sealed.officers(kid, judge, print);
        if (key.isEmpty()) {
            return false;
        }
        var results = new ArrayList<Result>();
        for (var sheet : wanted.sheets()) {
            signed(sheet, key.get(), judge).ifPresent(results::add);
        }
        if (results.isEmpty()) {
            print.println("Không còn gì để ký / nothing left to sign");
            return false;
        }
        show(results, new SigningWords(wanted, ZoneId.systemDefault()), key.get());
        if (!yes && !new Consent(print, ask).given()) {
            return false;
        }
        write(results, key.get());
        return true;
    }

    /**
     * An officer's clock is within 60 s of the server's before he signs [SRV-5b]. An all-clear waits for no clock: nothing in it
     * comes from this one.
     */
    private void checkClock(ToSign wanted, Instant asked) {
        var told = serverTime.told();
        for (var sheet : wanted.sheets()) {
            var issued = Instant.ofEpochMilli(sheet.document().head().iat());
            var apart = Duration.between(told.orElse(issued), asked);
            var early = issued.isAfter(asked.plus(ClockCheck.WRONG));
            if (ServerTime.allows(apart) && !early) {
                continue;
            }
            var text = "iat: " + ServerTime.off(told.isPresent() && early ? Duration.between(issued, asked) : apart)
                    + ". Nếu văn bản đã cũ, lấy lại hoặc dùng --server-time. / If the document is old, fetch it again or use "
                    + "--server-time.";
            if (!isAllClear(sheet.document())) {
                throw new IllegalArgumentException(text);
            }
            print.println(text);
        }
    }

    private static boolean isAllClear(Document document) {
        return document instanceof Now order && order.isAllClear();
    }

    /** With this key's signature; empty when it needs none. */
    private Optional<Result> signed(ToSign.Sheet sheet, SigningKey key, BoxJudge judge) {
        var document = sheet.document();
        var now = clock.instant();
        if (document instanceof Now order
                && !order.isAllClear()
                && order.act().stream().map(Entry::until).allMatch(until -> until <= now.toEpochMilli())) {
            throw new IllegalArgumentException(document.head().to()
                    + " act[].until: lệnh đã hết hiệu lực, lấy lại / the order is over, fetch it again");
        }
        var first = sheet.signed();
        if (first.isPresent() && judge.isComplete(first.get().message().toArray(), now)) {
            print.println(document.head().to() + ": đã đủ chữ ký / has all signatures it needs");
            return Optional.empty();
        }
        if (first.isEmpty() && document instanceof Now order && !order.by().equals(key.kid())) {
            throw new IllegalArgumentException(document.head().to() + " by: " + order.by()
                    + " phải ký trước; muốn ký trước, lấy văn bản với by=" + key.kid()
                    + " / must sign first; to sign first "
                    + "yourself, fetch the documents with by=" + key.kid());
        }
        var message = first.isPresent()
                ? first.get().countersigned(key)
                : Envelope.compose(List.of(key), sheet.payload().toArray());
        try {
            return Optional.of(new Result(sheet, Bytes.of(message), judge.isComplete(message, now)));
        } catch (Refusal refusal) {
            throw new IllegalArgumentException(
                    document.head().to() + ": khoá " + key.kid() + " không được ký, loa sẽ từ chối / key " + key.kid()
                            + " may not sign this, boxes would refuse it: " + refusal.getMessage(),
                    refusal);
        }
    }

    private void show(List<Result> results, SigningWords words, SigningKey key) {
        var alike = new LinkedHashMap<List<String>, List<Result>>();
        for (var result : results) {
            var lines = new ArrayList<>(words.about(result.sheet().document()));
            lines.add("  " + signatures(key, result.sheet().signed().isPresent(), result.complete()));
            alike.computeIfAbsent(lines, none -> new ArrayList<>()).add(result);
        }
        alike.forEach((lines, same) -> {
            lines.forEach(print::println);
            print.println("  Nơi nhận / places (" + same.size() + "):");
            same.forEach(
                    result -> print.println("    " + words.place(result.sheet().document())));
            print.println();
        });
        print.println(
                "Tên và tiêu đề trong ngoặc là lời máy chủ, chữ ký không bảo vệ. / Names and titles in brackets and quotes are "
                        + "the server's words and not signed.");
    }

    /**
     * Whose signature it carries, and whether boxes want another one.
     *
     * @param second whether somebody has signed before
     */
    static String signatures(SigningKey key, boolean second, boolean complete) {
        return "Chữ ký / signature: " + key.kid()
                + (second ? ", chữ ký thứ hai / the second one" : "")
                + (complete ? "" : ", CẦN THÊM một cán bộ ký / ANOTHER officer has to sign as well");
    }

    private void write(List<Result> results, SigningKey key) throws IOException {
        Files.createDirectories(out);
        for (var result : results) {
            print.println(
                    write(out, result.sheet().document(), key, result.message().toArray(), result.complete()));
        }
    }

    /** Writes a signed message under a name that says what it is, whose, and whether another signature is wanted. */
    static Path write(Path out, Document document, SigningKey key, byte[] message, boolean complete)
            throws IOException {
        var head = document.head();
        var file = out.resolve(document.typ().wire() + "-" + head.to().wire().replace('/', '_') + "-" + head.seq() + "-"
                + key.kid() + (complete ? ".gb1" : ".half.gb1"));
        DurableFile.write(file, message, DurableFile.READABLE);
        return file;
    }
}
