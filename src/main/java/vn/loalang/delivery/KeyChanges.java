package vn.loalang.delivery;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Limits;

/** What a ceremony changes in a list of keys, the deployment's or an area's, and what such a list can hold. */
final class KeyChanges {
    /** Keys live as long as a commune's computer; a ceremony may replace them any day. */
    static final Duration LIFE = Duration.ofDays(5 * 365);

    private static final Duration BEFORE = Duration.ofDays(1);
    private static final int LONGEST = 20_000;
    private static final int MOST_LISTS = 32;

    @Option(names = "--add", description = KeyOption.HELP)
    private List<String> add = new ArrayList<>();

    @Option(names = "--drop", description = "kid: không dùng nữa / no longer used")
    private List<String> drop = new ArrayList<>();

    /** The keys that are listed from now on. */
    List<KeyEntry> applied(List<KeyEntry> before, Collection<String> bad, Instant now) {
        var listed = before.stream().map(key -> key.kid().value()).toList();
        drop.stream().filter(kid -> !listed.contains(kid)).findFirst().ifPresent(kid -> {
            throw new IllegalArgumentException("--drop " + SigningWords.plain(kid)
                    + ": không có trong danh sách, đang có / is not listed, these are: " + String.join(" ", listed));
        });
        var added = add.stream()
                .map(KeyOption::parse)
                .map(key -> key.entry(begin(now), now.plus(LIFE).toEpochMilli()));
        return Stream.concat(
                        before.stream()
                                .filter(key -> !drop.contains(key.kid().value())
                                        && !bad.contains(key.kid().value())),
                        added)
                .toList();
    }

    /** Keys that were listed under a clock that was ahead may not sign yet: they begin now, and that is said. */
    static List<KeyEntry> begun(List<KeyEntry> keys, Instant now, PrintWriter print) {
        return keys.stream()
                .map(key -> {
                    if (key.nbf() <= now.toEpochMilli()) {
                        return key;
                    }
                    print.println(key.kid() + " nbf: " + Instant.ofEpochMilli(key.nbf())
                            + " còn ở tương lai, nay có hiệu lực ngay / was in the future, begins now");
                    return new KeyEntry(
                            key.kid(), key.x(), key.use(), key.area(), key.pri(), begin(now), key.exp(), key.cpri());
                })
                .toList();
    }

    private static long begin(Instant now) {
        return now.minus(BEFORE).toEpochMilli();
    }

    /**
     * Reads a signed list of keys.
     *
     * @throws IllegalArgumentException when it is something else
     */
    static Keys read(Path file) throws IOException {
        if (Document.inMessage(message(file)) instanceof Keys keys) {
            return keys;
        }
        throw new IllegalArgumentException(file + ": không phải danh sách khoá / not a list of keys");
    }

    /** The bytes of a file that may be a signed list of keys. */
    static byte[] message(Path file) throws IOException {
        return SmallFile.read(file, LONGEST);
    }

    /**
     * The same of the deployment's and the areas' lists under which somebody signs.
     *
     * @throws IllegalArgumentException when they are too many
     */
    static List<byte[]> messages(List<Path> lists) throws IOException {
        if (lists.size() > MOST_LISTS) {
            throw new IllegalArgumentException("--keys: nhiều nhất / at most " + MOST_LISTS);
        }
        var messages = new ArrayList<byte[]>();
        for (var list : lists) {
            messages.add(message(list));
        }
        return messages;
    }

    /**
     * The number of the list that follows this one.
     *
     * @throws IllegalArgumentException when boxes would refuse it, because it were more than 25 h ahead of now
     */
    static long seqAfter(Keys before, Instant now) {
        var seq = Math.max(now.toEpochMilli(), before.head().seq() + 1);
        if (seq > now.toEpochMilli() + Limits.SEQ_AHEAD_MS) {
            throw new IllegalArgumentException("--current seq: "
                    + Instant.ofEpochMilli(before.head().seq()) + ", hơn 25 giờ sau giờ máy này, " + now
                    + ". Chỉnh đồng hồ; nếu lần ký trước sai giờ, dùng keys --reset-to. / more than 25 h after this "
                    + "computer's clock. Set the clock; if the list before was signed under a wrong one, use keys --reset-to. "
                    + "[TIM-5]");
        }
        return seq;
    }

    /**
     * Refuses a list of more keys than boxes take.
     *
     * @param remedy what else to do
     */
    static void fits(List<KeyEntry> keys, String remedy) {
        if (keys.size() > Limits.KEYS) {
            throw new IllegalArgumentException(
                    "keys: " + keys.size() + " khoá, nhiều nhất / keys, at most " + Limits.KEYS + ". " + remedy);
        }
    }

    /** The same of a message that is longer than boxes take. */
    static byte[] fits(byte[] message, String remedy) {
        if (message.length > Limits.AREA_MESSAGE) {
            throw new IllegalArgumentException("keys: " + message.length + " byte, nhiều nhất / bytes, at most "
                    + Limits.AREA_MESSAGE + ". " + remedy);
        }
        return message;
    }
}
