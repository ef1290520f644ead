package vn.loalang.delivery;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The server's time, which an officer's clock is within 60 s of before he signs [SRV-5b]. */
final class ServerTime {
    @Option(
            names = "--server-time",
            description =
                    "Giờ máy chủ vừa đọc (đầu đề Date hoặc 2026-11-23T01:02:03Z), để so với máy này; khi ký văn bản, chỉ cần nếu "
                            + "văn bản đã cũ hơn một phút / the server's time just read (its Date header, or as shown), to "
                            + "compare this computer's with; for documents only if they are older than a minute")
    private @Nullable String text;

    /**
     * What the officer has read.
     *
     * @throws IllegalArgumentException when it is no time
     */
    Optional<Instant> told() {
        return text == null ? Optional.empty() : Optional.of(moment(text));
    }

    /** Whether a clock that far off may date signatures. */
    static boolean allows(Duration apart) {
        return apart.abs().compareTo(ClockCheck.WRONG) <= 0;
    }

    /** How far this computer's clock is off. */
    static String off(Duration apart) {
        var seconds = apart.toSeconds();
        return "đồng hồ máy này lệch " + seconds
                + " s so với máy chủ, cho phép 60 s; chỉnh đồng hồ / this computer's clock is " + seconds
                + " s off the server's, allowed are 60 s; set the clock [SRV-5b]";
    }

    private static Instant moment(String text) {
        for (var format : List.of(DateTimeFormatter.RFC_1123_DATE_TIME, DateTimeFormatter.ISO_OFFSET_DATE_TIME)) {
            try {
                return format.parse(text.strip(), Instant::from);
            } catch (DateTimeException other) {
                // Perhaps it is written in the next form.
            }
        }
        throw new IllegalArgumentException("--server-time: Mon, 23 Nov 2026 01:02:03 GMT, 2026-11-23T01:02:03Z");
    }
}
